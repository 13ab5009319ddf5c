"""Several channels become one: their mean without what is dead, and what was noticed of them."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

DEAD_CHANNEL_DB = -60.0
INVERTED_CORRELATION = -0.9
FRAME_S = 0.1
LAG_S = 0.00025
"""A sound less itself so much later: 50 Hz lies 20 dB lower beside 500 Hz, an offset is gone."""
ENOUGH_RATE_HZ = 4000
"""400 values a frame give its level to within .3 dB."""
LOUD_DB = -10.0
APART_DB = 9.0
LONG_ENOUGH_S = 1.0


def average_of_live(samples: Samples, sr: int) -> tuple[Samples, str]:
    """The mean (n,) of the channels of `samples` (n, channels) that are alive, an inverted one
    turned round, and in English which are dead, inverted, or hold different sound; else ""."""
    centred = samples - samples.mean(axis=0)
    energy = np.sum(centred**2, axis=0)
    loudest = int(np.argmax(energy))
    if energy[loudest] == 0:
        return samples.mean(axis=1), "all channels are silent"
    alive = energy > energy[loudest] * 10 ** (DEAD_CHANNEL_DB / 10)
    # Correlation with the loudest channel: an inverted copy would cancel in the mean.
    scale = np.sqrt(energy * energy[loudest])
    correlation = (centred.T @ centred[:, loudest]) / np.where(scale > 0, scale, 1)
    inverted = alive & (correlation < INVERTED_CORRELATION)
    signs = np.where(inverted, -1.0, 1.0)
    notes = [f"channel {index} is dead" for index in np.flatnonzero(~alive)]
    notes += [f"channel {index} is inverted" for index in np.flatnonzero(inverted)]
    if different := [index for index in different_channels(samples, sr) if alive[index]]:
        notes.append(different_words(different))
    mono: Samples = samples[:, alive] @ (signs[alive] / np.count_nonzero(alive))
    return mono, "; ".join(notes)


def different_words(channels: list[int]) -> str:
    """The note on two channels or more that hold different sound."""
    *first, last = map(str, channels)
    return (f"channels {', '.join(first)} and {last} hold different sound and were averaged: "
            "extract the speaker's own channel")  # fmt: skip


def different_channels(samples: Samples, sr: int) -> list[int]:
    """Channels of `samples` (n, channels) that another one differs from, as where two people have
    a microphone each: for a second in all the one is loud and the other is not, and the other way
    round for a second too. None in less than two seconds.

    Each channel is told against its own loud level, reached for a second in all, which leaves out
    how far a microphone is turned up. Loud is down to LOUD_DB of it, and "is not" APART_DB lower
    than the other. Microphones of one room hear the same people: twice as near is 6 dB in the open
    and less among walls, and noise or reverberation make a channel differ one way only. A
    microphone on one's own chest is six times as near as the other's: 16 dB in the open, some 12 in
    a living room, and more at the mouth. 9 dB lie between.
    """
    step, lag = round(FRAME_S * sr), max(round(LAG_S * sr), 1)
    n_frames, fewest = len(samples) // step, round(LONG_ENOUGH_S / FRAME_S)
    if samples.shape[1] < 2 or n_frames < 2 * fewest:
        return []
    frames = samples[: n_frames * step].reshape(n_frames, step, -1)
    # To leave out samples folds the spectrum and leaves the power what it is.
    stride = max(sr // ENOUGH_RATE_HZ, 1)
    power = np.empty((n_frames, samples.shape[1]))
    for channel in range(samples.shape[1]):
        later = frames[:, lag::stride, channel] - frames[:, : step - lag : stride, channel]
        power[:, channel] = np.einsum("ij,ij->i", later, later)
    level = 10 * np.log10(np.maximum(power, power.max() * 1e-9 + 1e-300))
    own = np.partition(level, n_frames - fewest, axis=0)[n_frames - fewest]
    heard = np.flatnonzero(own > level.min() + 1e-9)
    relative = level[:, heard] - own[heard]
    louder = relative[:, :, None] - relative[:, None, :] >= APART_DB
    alone = np.sum(louder & (relative >= LOUD_DB)[:, :, None], axis=0) >= fewest
    found: list[int] = heard[(alone & alone.T).any(axis=1)].tolist()
    return found
