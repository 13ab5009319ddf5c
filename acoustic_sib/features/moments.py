"""Spectral moments over the frames of a clip."""

from math import nan

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra
from acoustic_sib.features.statistics import over_frames, slope

Floats = NDArray[np.float64]

MOMENTS = ("cog_hz", "sd_hz", "skewness", "kurtosis")
NAMES = (*MOMENTS, *(f"highpassed_{name}" for name in MOMENTS))
SCALE_HZ = 1000.0
"""Powers are taken of kHz, so that the five columns of the product are of like size."""


@extractor
def moments(spectra: Spectra, *, highpass_hz: float = 1000.0) -> dict[str, float]:
    """Centre of gravity (Hz), SD (Hz), skewness and excess kurtosis of each frame's power spectrum,
    `low_hz`..`high_hz`; mean and SD over frames, slope of the centre of gravity (Hz/s).

    `highpassed_*`: the same from `highpass_hz`, for /z/ and clips with low-frequency noise.
    Weights are abs(S)², as in Praat with power 2 (Forrest et al. 1988, doi:10.1121/1.396977);
    white noise has excess kurtosis -1.2. NaN: silent clips, a rate that does not carry `high_hz`.
    """
    low, high = spectra.recipe.low_hz, spectra.recipe.high_hz
    frames = spectra.frames
    values = np.empty((0, 8))
    if spectra.reaches_high:
        band = frames.bins(low, high)
        above = max(frames.bins(highpass_hz, high).start - band.start, 0)
        values = _moments_of_bands(frames.power[:, band], frames.freqs[band], (0, above))
    columns = over_frames(NAMES, values)
    return columns | {"cog_hz.frames_slope": slope(frames.times_s[: len(values)], values[:, 0])}


def spectral_moments(power: Floats, freqs: Floats) -> Floats:
    """Centre of gravity, SD, skewness and excess kurtosis of power spectra: (n, bins) -> (n, 4), or
    (bins,) -> (4,). NaN where the power is 0 everywhere, or the spectrum a single line."""
    rows = power if power.ndim == 2 else power[None, :]
    return _moments_of_bands(rows, freqs, (0,)).reshape((*power.shape[:-1], 4))


def _moments_of_bands(power: Floats, freqs: Floats, firsts: tuple[int, ...]) -> Floats:
    """The four moments of each row from each first bin on: (n, bins) -> (n, 4 * bands).

    Powers are taken about the common centre of all rows and then moved to each row's own: one
    matrix product for all of it, without the digits that raw fourth powers lose.
    """
    total = power.sum(axis=0)
    mass = float(total.sum())
    if mass == 0:
        return np.full((len(power), 4 * len(firsts)), nan)
    centre = float(total @ freqs) / mass
    sums = (power @ _powers_about(freqs, centre, firsts)).T.reshape(5, len(firsts), len(power))
    offset, a2, a3, a4 = sums[1:] / sums[0]
    m2 = a2 - offset**2
    m3 = a3 - offset * (3 * a2 - 2 * offset**2)
    m4 = a4 - offset * (4 * a3 - offset * (6 * a2 - 3 * offset**2))
    sd = np.sqrt(m2)
    four = (centre + offset * SCALE_HZ, sd * SCALE_HZ, m3 / (m2 * sd), m4 / m2**2 - 3)
    return np.stack(four, axis=1).reshape(4 * len(firsts), len(power)).T


def _powers_about(freqs: Floats, centre: float, firsts: tuple[int, ...]) -> Floats:
    """For each power 0..4 of the deviation from the centre one column a band, 0 below its first
    bin: bins x (5 * bands)."""
    powers = np.empty((5, len(firsts), len(freqs)))
    powers[0] = 1
    powers[1] = (freqs - centre) / SCALE_HZ
    for order in range(2, 5):
        np.multiply(powers[order - 1], powers[1], out=powers[order])
    for band, first in enumerate(firsts):
        powers[:, band, :first] = 0
    return powers.reshape(5 * len(firsts), len(freqs)).T
