"""Spectral peaks of the mean frame, and how many there are."""

from functools import lru_cache
from math import nan

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra, Spectrum
from acoustic_sib.features.statistics import absent, slope

LOWEST_PEAK_HZ = 500.0
TROUGH_HZ = (550.0, 3000.0)
SMALLEST_SLOPE_SPAN_HZ = 500.0
LEAST_PROMINENCE = 1e-12
"""Any peak at all."""
NAMES = ("peak_hz", "fm_hz", "ampd_db", "slope_db_per_khz")


@extractor
def peaks(
    spectra: Spectra,
    *,
    fm_low_hz: float = 3000.0,
    fm_high_hz: float = 9000.0,
    smoothing_hz: float = 500.0,
    prominence_db: float = 3.0,
) -> dict[str, float]:
    """Peak frequency (Hz, from 500 Hz), mid-frequency peak FM (Hz), AmpD (dB), slope from FM to
    `high_hz` (dB/kHz), all of the mean frame power; `n_peaks`: peaks of `prominence_db` or more
    of the multitaper spectrum smoothed by a Hann kernel of `smoothing_hz`.

    FM: the highest point between `fm_low_hz` and `fm_high_hz`, capped at `high_hz` (3-8 kHz for
    women, 3-7 men, 3-9 children: Koenig et al. 2013, doi:10.1044/1092-4388(2012/12-0038)). AmpD:
    the level at FM minus the lowest level in 550-3000 Hz. The multitaper spectrum serves the
    count because its variance does not depend on the number of frames.
    NaN: silent clips, a rate that does not carry `high_hz`; the slope where FM lies within 500 Hz
    of `high_hz`; the count in clips under 20 ms.
    """
    values = peak_measures(spectra, spectra.mean_frame, fm_low_hz, fm_high_hz)
    columns = {f"{name}.frames_mean": value for name, value in values.items()}
    columns["n_peaks.multitaper"] = count_peaks(spectra, smoothing_hz, prominence_db)
    return columns


def peak_measures(
    spectra: Spectra, spectrum: Spectrum | None, fm_low_hz: float, fm_high_hz: float
) -> dict[str, float]:
    """Peak, FM, AmpD and slope of one spectrum; see `peaks`."""
    high = spectra.recipe.high_hz
    if spectrum is None or not spectra.reaches_high or fm_low_hz >= min(fm_high_hz, high):
        return absent(NAMES)
    level, step = spectrum.level_db, spectrum.step_hz
    peak = _highest(spectrum, LOWEST_PEAK_HZ, high)
    fm = _highest(spectrum, fm_low_hz, min(fm_high_hz, high))
    if peak is None or fm is None:
        return absent(NAMES)
    trough = level[spectrum.bins(*TROUGH_HZ)] if high >= TROUGH_HZ[1] else level[:0]
    beyond = slice(fm, spectrum.bins(fm_low_hz, high).stop)
    return {
        "peak_hz": peak * step,
        "fm_hz": fm * step,
        "ampd_db": float(level[fm] - trough.min()) if trough.size else nan,
        "slope_db_per_khz": (
            slope(spectrum.freqs[beyond] / 1000, level[beyond])
            if high - fm * step >= SMALLEST_SLOPE_SPAN_HZ
            else nan
        ),
    }


def _highest(spectrum: Spectrum, low_hz: float, high_hz: float) -> int | None:
    """The bin of the highest power in a band; None where the band holds no bin."""
    band = spectrum.bins(low_hz, high_hz)
    inside = spectrum.power[band]
    return band.start + int(inside.argmax()) if inside.size else None


def count_peaks(spectra: Spectra, smoothing_hz: float, prominence_db: float) -> float:
    """Peaks of the smoothed multitaper spectrum between `low_hz` and `high_hz`."""
    spectrum = spectra.multitaper
    if spectrum is None or not spectra.reaches_high:
        return nan
    band = spectrum.power[spectrum.bins(spectra.recipe.low_hz, spectra.recipe.high_hz)]
    width = max(round(smoothing_hz / spectrum.step_hz), 1)
    if len(band) < width:
        return nan
    smoothed = 10 * np.log10(np.convolve(band, hann_kernel(width), mode="valid"))
    return float(prominent_peaks(smoothed, prominence_db))


def prominent_peaks(values: NDArray[np.float64], prominence: float) -> int:
    """How many peaks stand at least `prominence` above what lies between them and anything higher,
    or the end, on either side: as many as scipy.signal.find_peaks finds, whose loading takes a
    second."""
    least = max(prominence, LEAST_PROMINENCE)
    count, lowest, highest, climbing = 0, np.inf, -np.inf, False
    for value in values.tolist():
        if climbing:
            highest = max(highest, value)
            if highest - value >= least:
                count, lowest, climbing = count + 1, value, False
        else:
            lowest = min(lowest, value)
            if value - lowest >= least:
                highest, climbing = value, True
    return count


@lru_cache(maxsize=64)
def hann_kernel(width: int) -> NDArray[np.float64]:
    """A Hann-shaped kernel of unit sum, without its zeros at both ends."""
    kernel: NDArray[np.float64] = np.hanning(width + 2)[1:-1]
    kernel /= kernel.sum()
    return kernel
