"""Mel-band levels over the frames of a clip."""

import warnings
from functools import cache, lru_cache
from math import floor, nan

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.errors import ConfigError
from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra
from acoustic_sib.features.statistics import over_frames

Floats = NDArray[np.float64]

SMALLEST_POWER = 1e-10
DYNAMIC_RANGE_DB = 80.0


@extractor
def logmel(spectra: Spectra, *, n_mels: int = 40, per_hz: bool = True) -> dict[str, float]:
    """Levels in dB of `n_mels` mel bands, 0 Hz to `high_hz`: mean, SD and slope per second over
    frames. librosa's definitions: Slaney mel scale and area, `power_to_db` with its floor of 1e-10
    and range of 80 dB (McFee et al. 2015, doi:10.25080/Majora-7b98e3ed-003).

    `per_hz`: levels re a density of 1 per Hz (librosa's `ref` set to the window's energy times
    n_fft), so that recordings at several rates agree; without it, re a power of 1.
    NaN: silent clips, a rate that does not carry `high_hz`, a band too narrow for the window.
    """
    levels, times_s = mel_levels(spectra, n_mels, per_hz)
    return over_frames(band_names(n_mels), levels, times_s=times_s)


@cache
def band_names(n_mels: int) -> tuple[str, ...]:
    return tuple(f"band{index:02d}_db" for index in range(n_mels))


def mel_levels(spectra: Spectra, n_mels: int, per_hz: bool) -> tuple[Floats, Floats]:
    """Mel levels in dB, frames x bands, and the frames' times; no frames where not measurable."""
    if n_mels < 1:
        raise ConfigError(f"features.settings: n_mels is {n_mels}; expected at least 1")
    key = ("mel_levels", n_mels, per_hz)
    if key not in spectra.kept:
        spectra.kept[key] = _mel_levels(spectra, n_mels, per_hz)
    levels, times_s = spectra.kept[key]
    return levels, times_s


def _mel_levels(spectra: Spectra, n_mels: int, per_hz: bool) -> tuple[Floats, Floats]:
    frames = spectra.frames
    if not spectra.reaches_high or len(frames.power) == 0:
        return np.empty((0, n_mels)), np.empty(0)
    bank = mel_bank(spectra.sr, frames.n_fft, n_mels, spectra.recipe.high_hz)
    level = np.log10(np.maximum(frames.power @ bank, SMALLEST_POWER))
    level *= 10
    if per_hz:
        level -= 10 * np.log10(frames.window_energy * frames.n_fft)
    return np.maximum(level, np.nanmax(level) - DYNAMIC_RANGE_DB), frames.times_s


@lru_cache(maxsize=32)
def mel_bank(sr: int, n_fft: int, n_mels: int, high_hz: float) -> Floats:
    """librosa's mel filters, bins up to `high_hz` x bands; NaN in a band that holds no bin."""
    from librosa.filters import mel

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Empty filters detected")
        bank = mel(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=0, fmax=high_hz, dtype=np.float64)
    kept: Floats = np.ascontiguousarray(
        bank[:, : min(n_fft // 2, floor(high_hz * n_fft / sr)) + 1].T
    )
    kept[:, ~kept.any(axis=0)] = nan
    return kept
