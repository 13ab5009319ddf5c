"""Spectral moments over the frames of a clip."""

from math import nan

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra
from acoustic_sib.features.statistics import over_frames

Floats = NDArray[np.float64]

MOMENTS = ("cog_hz", "sd_hz", "skewness", "kurtosis")


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
    columns: dict[str, float] = {}
    for prefix, lower in (("", low), ("highpassed_", highpass_hz)):
        if spectra.reaches_high:
            band = frames.bins(lower, high)
            values = spectral_moments(frames.power[:, band], frames.freqs[band])
        else:
            values = np.full((0, 4), nan)
        columns |= over_frames(tuple(prefix + name for name in MOMENTS), values)
        if not prefix:
            times = frames.times_s[: len(values)]
            columns["cog_hz.frames_slope"] = over_frames(("cog",), values[:, :1], times_s=times)[
                "cog.frames_slope"
            ]
    return columns


def spectral_moments(power: Floats, freqs: Floats) -> Floats:
    """Centre of gravity, SD, skewness and excess kurtosis of power spectra: (n, bins) -> (n, 4), or
    (bins,) -> (4,). NaN where the power is 0 everywhere, or the spectrum a single line.

    Powers are taken about the common centre of all rows and then moved to each row's own: one
    matrix product for all rows, without the digits that raw fourth powers lose.
    """
    rows = np.atleast_2d(power)
    total = rows.sum(axis=0)
    mass = total.sum()
    if mass == 0:
        return np.full((*power.shape[:-1], 4), nan)
    centre = float(total @ freqs / mass)
    raw = rows @ _powers_about(freqs, centre)
    m0, r1, r2, r3, r4 = raw.T
    d, a2, a3, a4 = r1 / m0, r2 / m0, r3 / m0, r4 / m0
    m2 = a2 - d**2
    m3 = a3 - 3 * d * a2 + 2 * d**3
    m4 = a4 - 4 * d * a3 + 6 * d**2 * a2 - 3 * d**4
    result = np.empty((len(rows), 4))
    result[:, 0] = centre + d * SCALE_HZ
    result[:, 1] = np.sqrt(m2) * SCALE_HZ
    result[:, 2] = m3 / (m2 * np.sqrt(m2))
    result[:, 3] = m4 / m2**2 - 3
    return result.reshape((*power.shape[:-1], 4))


SCALE_HZ = 1000.0
"""Powers are taken of kHz, so that the five columns of the product are of like size."""


def _powers_about(freqs: Floats, centre: float) -> Floats:
    deviation = (freqs - centre) / SCALE_HZ
    powers = np.empty((len(freqs), 5))
    powers[:, 0] = 1
    for order in range(1, 5):
        np.multiply(powers[:, order - 1], deviation, out=powers[:, order])
    return powers
