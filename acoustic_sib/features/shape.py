"""The shape of each frame's spectrum: how flat, how steep, where its energy ends."""

from functools import lru_cache
from math import nan

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.errors import ConfigError
from acoustic_sib.features.mfcc import dct_matrix
from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Frames, Spectra
from acoustic_sib.features.statistics import over_frames

Floats = NDArray[np.float64]

OF_ALL_BINS = ("flatness", "entropy", "rolloff_85_hz", "rolloff_95_hz", "slope_db_per_khz")
FLOOR = 1e-12
"""Bins more than 120 dB under the frame's highest count as that low: the log of a digital zero
would outweigh all other bins."""


@extractor
def shape(spectra: Spectra, *, bark_step: float = 1.0, n_dct: int = 5) -> dict[str, float]:
    """Of each frame's power spectrum between `low_hz` and `high_hz`, mean and SD over frames:

    `flatness`: geometric over arithmetic mean, 0..1 (white noise exp(-0.577) = 0.56);
    `entropy`: Shannon entropy of the power as shares, over its maximum, 0..1; `rolloff_85_hz`,
    `rolloff_95_hz`: the lowest bin under which 85 or 95 % of the energy lie; `slope_db_per_khz`:
    least squares of the level; `bark_dct_*`: orthonormal DCT-II coefficients of the level in bands
    of `bark_step` Bark (Traunmüller 1990, doi:10.1121/1.399849), the use of Watson & Harrington
    1999 (doi:10.1121/1.427069): 0 level, 1 slope, 2 curvature.
    Frames, not their mean, are measured: the flatness of a mean grows with the number of frames.
    NaN: silent clips, a rate that does not carry `high_hz`.
    """
    names = (*OF_ALL_BINS, *(f"bark_dct_{index}" for index in range(n_dct)))
    frames, recipe = spectra.frames, spectra.recipe
    if not spectra.reaches_high or len(frames.power) == 0:
        return over_frames(names, np.empty((0, len(names))))
    band = frames.bins(recipe.low_hz, recipe.high_hz)
    power, freqs = frames.power[:, band], frames.freqs[band]
    total = power.sum(axis=1)
    logs = np.log(np.maximum(power, FLOOR * power.max(axis=1, keepdims=True)))
    values = np.empty((len(power), len(names)))
    # The mean log level and its slope over kHz from one product.
    mean_log, log_slope = (logs @ _mean_and_slope(len(freqs), frames.step_hz)).T
    values[:, 0] = np.exp(mean_log) * len(freqs) / total
    values[:, 1] = (np.log(total) - np.einsum("ij,ij->i", power, logs) / total) / np.log(len(freqs))
    running = power.cumsum(axis=1)
    for column, reached in ((2, 0.85), (3, 0.95)):
        values[:, column] = freqs[(running >= reached * running[:, -1:]).argmax(axis=1)]
    values[:, 4] = log_slope * (10 / np.log(10))
    values[:, 5:] = _bark_dct(frames, band, bark_step, n_dct)
    return over_frames(names, values)


def _bark_dct(frames: Frames, band: slice, bark_step: float, n_dct: int) -> Floats:
    pooling = bark_pooling(band.start, band.stop, frames.step_hz, bark_step)
    n_bands = pooling.shape[1]
    if not 1 <= n_dct <= n_bands:
        raise ConfigError(f"features.settings.shape: n_dct is {n_dct} for {n_bands} Bark bands; "
                          f"expected 1 to {n_bands}")  # fmt: skip
    level = 10 * np.log10((frames.power[:, band] @ pooling) * frames.density)
    coefficients: Floats = level @ dct_matrix(n_bands, n_dct)
    return coefficients


def bark(freqs_hz: Floats) -> Floats:
    """Critical-band rate, Traunmüller's formula without its corrections at the ends."""
    rate: Floats = 26.81 * freqs_hz / (1960 + freqs_hz) - 0.53
    return rate


@lru_cache(maxsize=16)
def bark_pooling(first: int, past: int, step_hz: float, bark_step: float) -> Floats:
    """Bins x bands of about `bark_step` Bark, equally wide: the mean power in each."""
    rate = bark(np.arange(first, past, dtype=np.float64) * step_hz)
    lowest, highest = rate[0], rate[-1]
    n_bands = max(round(float(highest - lowest) / bark_step), 1)
    index = np.minimum(((rate - lowest) / (highest - lowest) * n_bands).astype(int), n_bands - 1)
    pooling = np.zeros((past - first, n_bands))
    pooling[np.arange(past - first), index] = 1
    filled = pooling.sum(axis=0)
    # A window too short for the Bark bands leaves some empty.
    pooling[:, filled == 0] = nan
    return pooling / np.where(filled > 0, filled, 1)


@lru_cache(maxsize=16)
def _mean_and_slope(n_bins: int, step_hz: float) -> Floats:
    """Bins x 2: weights of the mean, and of the least-squares slope per kHz."""
    khz = (np.arange(n_bins) - (n_bins - 1) / 2) * step_hz / 1000
    return np.column_stack((np.full(n_bins, 1 / n_bins), khz / (khz @ khz)))
