"""What no model may be asked about: silence, scraps, clipping, tones and hum.

A bundle's own limits come on top: they know what its model was trained on.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.screen.wording import say

SHORTEST_S = 0.020
SILENT_DB = -75.0
LOUDEST_PEAK_DB = 20.0
"""A recorder of floating point samples may pass full scale; 16-bit integers taken for such samples
pass it by 60 to 90 dB, and every measure of level is then beyond any training clip."""
MOST_CLIPPED = 0.01
FRICATION_FROM_HZ = 550.0
LEAST_FRICATION = 1e-3
"""Share of the energy that lies above FRICATION_FROM_HZ; a strong voice bar leaves more."""
PERIODIC_FROM = 0.9
LAGS_S = (0.002, 0.022)
"""Within 2 ms noise of 250 Hz bandwidth, the narrowest whistle, has lost its likeness to itself;
22 ms holds a period of 50 Hz hum."""
LONGEST_LOOKED_AT_S = 0.5
LEAST_ABOVE_QUIET_DB = 6.0
"""99 in 100 sibilants of real recordings rise at least 10 dB. With white noise up to 6 dB below
them, a model of speechocean still found .75 of the classes but called 9 % more of Normal a lisp."""


def refusal(
    quality: Mapping[str, float], samples: NDArray[np.float64], sr: int, language: str
) -> str:
    """Why a clip of mono samples is not assessable by any model, else ""."""
    duration = quality["duration_s"]
    if duration < SHORTEST_S:
        return say(language, "too_short", ms=1000 * duration, least=1000 * SHORTEST_S)
    if not quality["level_db"] > SILENT_DB:
        return say(language, "silent")
    if quality["peak_db"] > LOUDEST_PEAK_DB:
        return say(language, "too_loud", db=quality["peak_db"])
    if quality["clipped_share"] > MOST_CLIPPED:
        return say(language, "clipped", percent=100 * quality["clipped_share"])
    share, likeness = frication(samples, sr)
    if share < LEAST_FRICATION:
        return say(language, "low_only", hz=FRICATION_FROM_HZ)
    if likeness > PERIODIC_FROM:
        return say(language, "periodic", hz=FRICATION_FROM_HZ)
    return ""


def noise_refusal(above_quiet_db: float, language: str) -> str:
    """Why a sibilant that rises so far above its recording's quiet parts is not assessable, else
    ""; NaN, where that is not known, refuses nothing."""
    if above_quiet_db < LEAST_ABOVE_QUIET_DB:
        return say(language, "too_noisy", db=above_quiet_db, least=LEAST_ABOVE_QUIET_DB)
    return ""


def frication(samples: NDArray[np.float64], sr: int) -> tuple[float, float]:
    """Share of energy above 550 Hz, and how much that part repeats itself (largest correlation
    with itself LAGS_S later, -1..1), in the middle half second."""
    length = min(len(samples), round(LONGEST_LOOKED_AT_S * sr))
    first = (len(samples) - length) // 2
    clip = samples[first : first + length]
    clip = (clip - clip.mean()) * np.hanning(length)
    spectrum = np.fft.rfft(clip, 2 * length)
    above = np.fft.rfftfreq(2 * length, 1 / sr) >= FRICATION_FROM_HZ
    power = np.abs(spectrum) ** 2
    if power[above].sum() == 0:
        return 0.0, 0.0
    part = np.fft.irfft(np.where(above, spectrum, 0), 2 * length)[:length]
    products = np.fft.irfft(np.abs(np.fft.rfft(part, 2 * length)) ** 2)[:length]
    energy = np.concatenate([[0.0], np.cumsum(part**2)])
    # Each lag by the energy of the two stretches that overlap: a window alone is no decay.
    lags = np.arange(round(LAGS_S[0] * sr), min(round(LAGS_S[1] * sr), length // 2))
    overlapping = np.sqrt(energy[length - lags] * (energy[length] - energy[lags]))
    likeness = products[lags] / np.maximum(overlapping, 1e-300)
    return float(power[above].sum() / power.sum()), float(likeness.max(initial=-1.0))
