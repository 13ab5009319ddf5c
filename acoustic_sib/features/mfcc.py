"""Mel-frequency cepstral coefficients over the frames of a clip."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.errors import ConfigError
from acoustic_sib.features.logmel import mel_levels
from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra
from acoustic_sib.features.statistics import over_frames

Floats = NDArray[np.float64]


@extractor
def mfcc(
    spectra: Spectra, *, n_mfcc: int = 13, n_mels: int = 40, per_hz: bool = True
) -> dict[str, float]:
    """Coefficients 0..`n_mfcc`-1 of the orthonormal DCT-II of the mel levels in dB (see `logmel`):
    mean, SD and slope per second over frames, as librosa defines them (McFee et al. 2015,
    doi:10.25080/Majora-7b98e3ed-003; Davis & Mermelstein 1980).

    With `per_hz` only coefficient 0 differs from librosa's default, by a constant of the sampling
    rate. NaN as `logmel`. Raises ConfigError with more coefficients than mel bands.
    """
    if not 1 <= n_mfcc <= n_mels:
        raise ConfigError(
            f"features.settings.mfcc: n_mfcc is {n_mfcc}; expected 1 to n_mels = {n_mels}"
        )
    levels, times_s = mel_levels(spectra, n_mels, per_hz)
    names = tuple(f"c{index}" for index in range(n_mfcc))
    return over_frames(names, levels @ dct_matrix(n_mels, n_mfcc), times_s=times_s)


@lru_cache(maxsize=16)
def dct_matrix(n_points: int, n_coefficients: int) -> Floats:
    """The orthonormal DCT-II as a matrix: points x coefficients."""
    point, order = np.arange(n_points)[:, None], np.arange(n_coefficients)[None, :]
    matrix: Floats = np.cos(np.pi * order * (2 * point + 1) / (2 * n_points), dtype=np.float64)
    matrix *= np.sqrt(2 / n_points)
    matrix[:, 0] /= np.sqrt(2)
    return matrix
