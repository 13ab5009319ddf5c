"""From frames to the inputs of the sibilant search: levels relative to the recording itself.

Levels are told against the recording's own speech, its own floor and the loudest of each band,
within 30 s around each frame, so that neither gain nor a noisy room decides, nor a microphone or
tape that lets through little of the high bands: what fills them best is a sibilant there too. Each
frame is told with what lies around it.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.screen.frames import EDGES_HZ, HOP_S

Floats = NDArray[np.float64]

SECTION_S = 30.0
SPEECH_PERCENTILE, FLOOR_PERCENTILE, PEAK_PERCENTILE = 95, 8, 97
RANGE_DB = (-60.0, 20.0)
PEAK_RANGE_DB = (-40.0, 6.0)
LEAST_PEAK_DB = 6.0
"""Re the floor of its band: what rises less is no peak but the room."""
LEAST_FLOOR_DB = -65.0
"""Re speech: digital silence counts as a floor this far below it."""
MOST_SNR_DB = 45.0
CONTEXTS = ((-15, -8), (-7, -4), (-3, -2), (-1, -1), (1, 1), (2, 3), (4, 7), (8, 15))
"""Neighbours in frames, first and last, whose mean is told beside the frame's own values."""
VOWEL_HZ = (300, 3500)
N_SHAPE = 6


def evidence(bands_db: Floats, periodicity: Floats, n_bands: int) -> Floats:
    """(n, d) inputs from the lowest `n_bands` of the bands of `Frames`; finite."""
    now = own_values(bands_db[:, :n_bands], periodicity)
    return with_neighbours(now, 0, len(now))


def own_values(bands: Floats, periodicity: Floats) -> Floats:
    """(n, 3 bands + 6) values of each frame by itself, scaled to a few units: those of LEVELS, of
    PEAKS and of SHAPE, see `kinds_of_values`.

    Levels re speech and re floor; levels re the band's own peak; centroid, spread, zero-crossing
    rate that the spectrum implies (Rice 1945), flatness, tilt, periodicity.
    """
    speech, floor, peak = references(bands)
    floor = np.maximum(floor, speech[:, None] + LEAST_FLOOR_DB)
    heard = np.maximum(bands, floor)
    level = np.clip(heard - speech[:, None], *RANGE_DB)
    snr = np.clip(bands - floor, 0.0, MOST_SNR_DB)
    below_peak = np.clip(heard - np.maximum(peak, floor + LEAST_PEAK_DB), *PEAK_RANGE_DB)
    rest = _shape(heard, periodicity)
    return np.hstack([level / 10, snr / 10, below_peak / 10, rest])


def kinds_of_values(n_bands: int) -> NDArray[np.str_]:
    """Which of 'levels', 'peaks', 'shape' each value of `own_values` is."""
    return np.repeat(["levels", "peaks", "shape"], [2 * n_bands, n_bands, N_SHAPE])


def _shape(bands: Floats, periodicity: Floats) -> Floats:
    power = 10 ** (bands / 10)
    widths = np.diff(EDGES_HZ[: bands.shape[1] + 1])
    centres = (np.array(EDGES_HZ[: bands.shape[1]]) + EDGES_HZ[1 : bands.shape[1] + 1]) / 2
    energy = power * widths
    above = centres > 600
    share = energy[:, above] / energy[:, above].sum(axis=1, keepdims=True)
    centroid = share @ centres[above]
    spread = np.sqrt(np.maximum(share @ centres[above] ** 2 - centroid**2, 0))
    crossings = np.sqrt((energy @ centres**2) / energy.sum(axis=1))
    flatness = np.log10(power[:, above]).mean(axis=1) - np.log10(power[:, above].mean(axis=1))
    high = centres > (3500 if bands.shape[1] > 9 else 2000)
    tilt = np.log10(energy[:, high].sum(axis=1) / energy[:, ~high].sum(axis=1))
    return np.column_stack([centroid / 1000, spread / 1000, crossings / 1000, 5 * flatness,
                            5 * tilt, 3 * periodicity])  # fmt: skip


def references(bands: Floats) -> tuple[Floats, Floats, Floats]:
    """Level of speech (n,), from its loud frames, each band's floor and each band's peak
    (n, bands), dB, from the 30 s around each frame."""
    n, length = len(bands), round(SECTION_S / HOP_S)
    vowel = [low >= VOWEL_HZ[0] and high <= VOWEL_HZ[1]
             for low, high in pairwise(EDGES_HZ)]  # fmt: skip
    loudness = bands[:, np.array(vowel)[: bands.shape[1]]].max(axis=1)
    starts = np.arange(0, max(n - length // 2, 1), length // 2)
    speech, found = [], []
    for start in starts:
        here = slice(start, start + length)
        speech.append(np.percentile(loudness[here], SPEECH_PERCENTILE))
        found.append(np.percentile(bands[here], (FLOOR_PERCENTILE, PEAK_PERCENTILE), axis=0))
    middles = np.minimum(starts + length / 2, n)
    at = np.arange(n)
    floor, peak = (
        np.column_stack([np.interp(at, middles, column) for column in np.array(found)[:, which].T])
        for which in (0, 1)
    )
    return np.interp(at, middles, speech), floor, peak


def with_neighbours(now: Floats, start: int, stop: int) -> Floats:
    """Inputs of the frames `start`..`stop` - 1: their own values and the means of CONTEXTS, in
    which the recording's first and last frames are held."""
    reach = max(abs(edge) for context in CONTEXTS for edge in context)
    near = now[np.clip(np.arange(start - reach, stop + reach), 0, len(now) - 1)]
    sums = np.concatenate([np.zeros((1, now.shape[1])), np.cumsum(near, axis=0)])
    n = stop - start
    around = [
        (sums[reach + last + 1 : reach + last + 1 + n] - sums[reach + first : reach + first + n])
        / (last - first + 1)
        for first, last in CONTEXTS
    ]
    return np.hstack([now[start:stop], *around])
