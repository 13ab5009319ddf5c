"""Praat's own measures, by praat-parselmouth (Boersma & Weenink; Jadoul et al. 2018)."""

from math import nan
from typing import Any

import numpy as np

from acoustic_sib.features.moments import MOMENTS
from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra
from acoustic_sib.features.statistics import share

PITCH_PERIODS = 3.0
INTENSITY_FLOOR_HZ = 330.0
"""Praat smooths intensity over 3.2 periods and needs 6.4 of them: a clip of 20 ms is long enough at
this floor. A fricative has no period to follow."""
INTENSITY_PERIODS = 6.4
LTAS_STEP_HZ = 100.0
LTAS_BANDS_HZ = ((500, 2000), (2000, 4000), (4000, 6000), (6000, 8000), (8000, 11000))
SILENT_DB = -200.0
"""What Praat writes where there is nothing to measure, or less."""
STRONGEST = 1 - 1e-9
"""Praat's pitch strengths may exceed 1 by rounding."""


@extractor
def praat(
    spectra: Spectra, *, pitch_floor_hz: float = 75.0, pitch_ceiling_hz: float = 600.0
) -> dict[str, float]:
    """Measures of the samples limited to `high_hz`, by Praat's own algorithms:

    `cog_hz sd_hz skewness kurtosis`: of the spectrum of the whole clip, from `low_hz`, power 2;
    `voiced_share`: share of pitch frames that are voiced, 0..1; `hnr_db`: mean over voiced frames
    of 10 log10(r / (1 - r)) with r the pitch strength (Boersma 1993), which is Praat's harmonicity
    at the price of the pitch; unvoiced frames, which Praat writes as -200 dB, do not count;
    `intensity_db`: mean, re 20 µPa where full scale is 1 Pa; `intensity_sd_db`: SD over time;
    `ltas_slope_db`: mean level of 4-8 minus that of 1-4 kHz in the long-term average spectrum;
    `ltas_*_db`: its mean level in 0.5-2, 2-4, 4-6, 6-8 and 8-11 kHz, dB/Hz.
    `f2_onset_hz` needs the vowel that follows: always NaN without it. `pitch_floor_hz`: 75 for
    adults, 150 for children.
    NaN: silent clips; voicing in clips under three periods of the floor (40 ms at 75 Hz); harmonics
    where nothing is voiced; intensity SD under 20 ms; bands that `high_hz` does not carry.
    """
    import parselmouth
    from parselmouth.praat import call

    recipe = spectra.recipe
    limited = spectra.band_limited
    silent = not limited.samples.any()
    sound = parselmouth.Sound(limited.samples, sampling_frequency=limited.sr)
    spectrum = None if silent else sound.to_spectrum()
    columns = dict.fromkeys(MOMENTS, nan)
    if spectrum is not None and spectra.reaches_high:
        columns = _moments(spectrum, recipe.low_hz, recipe.high_hz)
    columns |= _voicing(sound, silent, pitch_floor_hz, pitch_ceiling_hz)
    columns |= _intensity(sound, silent)
    # Praat refuses bands that are narrower than the spectrum's own bins.
    wide_enough = spectrum is not None and spectrum.df < LTAS_STEP_HZ
    average = call(sound, "To Ltas", LTAS_STEP_HZ) if wide_enough else None
    columns |= _long_term(spectra, average)
    return columns | {"f2_onset_hz": nan}


def _moments(spectrum: Any, low_hz: float, high_hz: float) -> dict[str, float]:
    """Praat's spectrum queries, on a copy without the bins outside the band."""
    inside = spectrum.copy()
    freqs = np.asarray(spectrum.xs())
    inside.values[:, (freqs < low_hz) | (freqs > high_hz)] = 0
    return {
        "cog_hz": inside.get_center_of_gravity(2.0),
        "sd_hz": inside.get_standard_deviation(2.0),
        "skewness": inside.get_skewness(2.0),
        "kurtosis": inside.get_kurtosis(2.0),
    }


def _voicing(sound: Any, silent: bool, floor_hz: float, ceiling_hz: float) -> dict[str, float]:
    # One sample more than Praat asks for: its own comparison may round the other way.
    if silent or sound.duration - sound.dx < PITCH_PERIODS / floor_hz:
        return {"voiced_share": nan, "hnr_db": nan}
    pitch = sound.to_pitch_ac(pitch_floor=floor_hz, pitch_ceiling=ceiling_hz)
    chosen = pitch.selected_array
    strength = chosen["strength"][chosen["frequency"] > 0]
    strength = np.clip(strength, 1 - STRONGEST, STRONGEST)
    harmonicity = 10 * np.log10(strength / (1 - strength))
    return {
        "voiced_share": share(len(strength), len(chosen)),
        "hnr_db": float(harmonicity.mean()) if len(harmonicity) else nan,
    }


def _intensity(sound: Any, silent: bool) -> dict[str, float]:
    columns = {"intensity_db": nan, "intensity_sd_db": nan}
    if silent:
        return columns
    columns["intensity_db"] = sound.get_intensity()
    if sound.duration > INTENSITY_PERIODS / INTENSITY_FLOOR_HZ:
        course = sound.to_intensity(minimum_pitch=INTENSITY_FLOOR_HZ).values
        course = course[course > SILENT_DB]
        if len(course) > 1:
            columns["intensity_sd_db"] = float(course.std(ddof=1))
    return columns


def _long_term(spectra: Spectra, average: Any) -> dict[str, float]:
    """Level difference and band levels of Praat's long-term average spectrum, taken of the sound:
    taken of its spectrum they would fall with the zeros that pad the transform."""
    from parselmouth.praat import call

    columns = {"ltas_slope_db": nan}
    top = spectra.band_top(8000)
    if average is not None and top is not None:
        columns["ltas_slope_db"] = call(average, "Get slope...", 1000, 4000, 4000, top, "energy")
    for low, high in LTAS_BANDS_HZ:
        top = spectra.band_top(high)
        level = nan
        if average is not None and top is not None:
            level = call(average, "Get mean...", low, top, "energy")
        columns[f"ltas_{low}_{high}_db"] = level
    return columns
