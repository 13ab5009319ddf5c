"""Several channels become one: their mean without what is dead, or one of them where a mean would
comb, and what was noticed of them."""

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
APART_S = 0.001
"""Microphones .34 m apart at most."""
NEARER_ITSELF = 0.1
"""A mean loses 3 dB at 8 kHz where the one is 31 us later, and so much later sound of 2.3 kHz or
more is less like itself by .1: 1 - cos(2 pi 2300 31e-6)."""
ALIKE = 1 / 3
"""The mean of equally loud channels this much alike combs by 3 dB: 10 lg ((1 + r) / (1 - r))."""
ALIKE_LOUD_DB = -6.0
FINER = 4
"""Between two samples at 16 kHz a sibilant turns by most of a period."""
PADDED_TO = 128
"""A length that transforms fast."""


def average_of_live(samples: Samples, sr: int) -> tuple[Samples, str]:
    """The mean (n,) of the channels of `samples` (n, channels) that are alive, an inverted one
    turned round, and in English which are dead, inverted, or hold different sound; else "".

    Where one is the loudest a little later or earlier, as of two microphones side by side, their
    mean would be a comb filter: the first channel within 6 dB of the loudest is taken, and noted.
    Not where people have a channel each: to take one would lose somebody.
    """
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
    different = [index for index in different_channels(samples, sr) if alive[index]]
    apart = [] if different else [
        index for index in channels_apart(samples, sr, loudest) if alive[index]
    ]  # fmt: skip
    inverted[apart] = False  # half a period later is no fault
    signs = np.where(inverted, -1.0, 1.0)
    notes = [f"channel {index} is dead" for index in np.flatnonzero(~alive)]
    notes += [f"channel {index} is inverted" for index in np.flatnonzero(inverted)]
    if apart:
        taken = int(np.argmax(energy >= energy[loudest] * 10 ** (ALIKE_LOUD_DB / 10)))
        notes.append(apart_words(sorted([loudest, *apart]), taken))
        return signs[taken] * samples[:, taken], "; ".join(notes)
    if different:
        notes.append(different_words(different))
    mono: Samples = samples[:, alive] @ (signs[alive] / np.count_nonzero(alive))
    return mono, "; ".join(notes)


def different_words(channels: list[int]) -> str:
    """The note on two channels or more that hold different sound."""
    return (f"channels {_listed(channels)} hold different sound and were averaged: extract the "
            "speaker's own channel")  # fmt: skip


def apart_words(channels: list[int], taken: int) -> str:
    """The note on two channels or more of which one is the other a little later."""
    return (f"channels {_listed(channels)} hold the same sound up to 1 ms apart: channel {taken} "
            "was taken")  # fmt: skip


def _listed(channels: list[int]) -> str:
    *first, last = map(str, channels)
    return f"{', '.join(first)} and {last}"


def channels_apart(samples: Samples, sr: int, loudest: int) -> list[int]:
    """Channels of `samples` (n, channels) that are `loudest` up to 1 ms later or earlier: so
    much later they match it better than at once, by NEARER_ITSELF of a correlation, and by ALIKE at
    all; both by two deviations of a correlation of noise more.

    The correlation is that of the first differences, in which highs weigh more, over the ten tenths
    of a second in which they are loudest in `loudest`, at every quarter of a sample. One that
    matches best turned round is compared turned round.
    """
    if samples.shape[1] < 2:
        return []
    step = min(round(FRAME_S * sr), len(samples))
    most = min(round(APART_S * sr), step // 2)
    frames = samples[: len(samples) // step * step].reshape(-1, step, samples.shape[1])
    stride = max(4 * sr // ENOUGH_RATE_HZ, 1)
    change = frames[:, 1::stride, loudest] - frames[:, : step - 1 : stride, loudest]
    power = np.einsum("ij,ij->i", change, change)
    loud = frames[np.argsort(-power)[: round(LONG_ENOUGH_S / FRAME_S)]]
    highs = np.diff(np.ascontiguousarray(loud.transpose(2, 0, 1)))
    n_padded = PADDED_TO * -(-(step + most) // PADDED_TO)
    spectra = np.fft.rfft(highs, n_padded)
    crossed = np.einsum("cfk,fk->ck", spectra, spectra[loudest].conj())
    correlation = FINER * np.fft.irfft(crossed, FINER * n_padded)
    near = correlation[:, np.arange(-FINER * most, FINER * most + 1)]
    energy = np.einsum("cfk,cfk->c", highs, highs)
    scale = np.sqrt(energy * energy[loudest])
    sign = np.where(near.max(axis=1) >= -near.min(axis=1), 1.0, -1.0)
    at_best, at_once = np.abs(near).max(axis=1), sign * correlation[:, 0]
    chance = 2 / np.sqrt(max(highs[loudest].size, 1))
    found = (at_best > at_once + (NEARER_ITSELF + chance) * scale) & (
        at_best > (ALIKE + chance) * scale
    )  # fmt: skip
    return [int(index) for index in np.flatnonzero(found)]


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
