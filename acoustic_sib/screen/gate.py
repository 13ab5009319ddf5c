"""What no model may be asked about: silence, scraps, clipping, tones, hum and a machine's noise.

A bundle's own limits come on top: they know what its model was trained on.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.quality import LOUD_ENOUGH_TO_CLIP
from acoustic_sib.screen.hum import hum_share
from acoustic_sib.screen.steady import unsteadiness
from acoustic_sib.screen.wording import say

SHORTEST_S = 0.020
SILENT_DB = -75.0
LOUDEST_PEAK_DB = 20.0
"""A recorder of floating point samples may pass full scale; 16-bit integers taken for such samples
pass it by 60 to 90 dB, and every measure of level is then beyond any training clip."""
MOST_CLIPPED = 0.02
"""Share of the samples at the clip's own extremes; clean clips have .005 at most, and as many as
this cost .003 of UAR at most in any training part of speechocean: see reports/gate.md."""
AT_EXTREME = 0.0001
"""Of the clip's range: rounding. A sine has 1.3 % of its samples so near."""
FRICATION_FROM_HZ = 550.0
LEAST_FRICATION = 1e-3
"""Share of the energy that lies above FRICATION_FROM_HZ; a strong voice bar leaves more."""
MOST_HUM_DB = -3.0
"""Mains hum relative to what lies above FRICATION_FROM_HZ."""
LEAST_UNSTEADY = 1.5
"""Of a whole file, see `steady.unsteadiness`: chosen on white noise and octaves of noise and on
every other speaker of speechocean and language of voxangeles, see reports/gate.md."""
PERIODIC_FROM = 0.9
LAGS_S = (0.002, 0.022)
"""Within 2 ms noise of 250 Hz bandwidth, the narrowest whistle, has lost its likeness to itself;
22 ms holds a period of 50 Hz hum."""
LEAST_OVERLAP_S = 0.012
FILTER_S = 0.008
EASY_LENGTH = 64
"""Clips that may not be padded are cut to a multiple: a prime length takes several times as long to
transform."""
LONGEST_LOOKED_AT_S = 0.5
LINES_FROM_HZ = 2000.0
"""Below it a voiced fricative has the harmonics of its voice."""
LINE_TIMES = 20.0
LINE_NEIGHBOURS = 31
MOST_IN_LINES = 0.6
"""Share of the energy from 2 kHz on that lies in bins of LINE_TIMES the median of LINE_NEIGHBOURS
around them: no more than .05 in 95 of 100 sibilants, most of it in a chord. The energy of noise in
a bin is exponential, and exceeds 20 medians once in a million bins."""
LEAST_ABOVE_FLOOR_DB = 7.0
"""White noise 3 dB below a sibilant (4.8 dB of rise over its mean, which lies a little above the
floor) is refused, 10 dB below is not: see reports/gate.md."""


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
    if (clipped := extreme_share(samples)) > MOST_CLIPPED:
        return say(language, "clipped", percent=100 * clipped)
    share, likeness = frication(samples, sr)
    if share < LEAST_FRICATION:
        return say(language, "low_only", hz=FRICATION_FROM_HZ)
    if likeness > PERIODIC_FROM:
        return say(language, "periodic", hz=FRICATION_FROM_HZ)
    if in_lines(samples, sr) > MOST_IN_LINES:
        return say(language, "tonal", hz=LINES_FROM_HZ)
    if (hum := hum_db(samples, sr, share)) > MOST_HUM_DB:
        return say(language, "hum", db=hum, hz=FRICATION_FROM_HZ, most=MOST_HUM_DB)
    return ""


def noise_refusal(above_floor_db: float, language: str) -> str:
    """Why a sibilant that rises so far above its recording's noise floor is not assessable, else
    ""; NaN, where no floor is known, refuses nothing."""
    if above_floor_db < LEAST_ABOVE_FLOOR_DB:
        return say(language, "too_noisy", db=np.floor(above_floor_db), least=LEAST_ABOVE_FLOOR_DB)
    return ""


def steady_refusal(samples: NDArray[np.float64], sr: int, language: str) -> str:
    """Why a clip without a recording around it is not assessable: as steady as noise; else ""."""
    return say(language, "steady") if unsteadiness(samples, sr) < LEAST_UNSTEADY else ""


def extreme_share(samples: NDArray[np.float64]) -> float:
    """Share of samples at the clip's highest or lowest value, 0..1. Flat tops of several samples
    would be asked too much: where a sound is high, each of its peaks is one sample wide. 0 for
    clips that peak below -20 dB re full scale, where a few quantisation steps make extremes."""
    high, low = samples.max(), samples.min()
    if max(high, -low) < LOUD_ENOUGH_TO_CLIP or high == low:
        return 0.0
    near = AT_EXTREME * (high - low)
    return float(np.mean((samples >= high - near) | (samples <= low + near)))


def hum_db(samples: NDArray[np.float64], sr: int, share: float) -> float:
    """Level of mains hum re what lies above FRICATION_FROM_HZ, a `share` of the energy, dB; -inf
    where there is none, or where even all that lies below would be less than MOST_HUM_DB."""
    below = (1 - share) / share
    if below <= 10 ** (MOST_HUM_DB / 10):
        return -np.inf
    hum = hum_share(_middle(samples, sr), sr) * below
    return float(10 * np.log10(hum)) if hum > 0 else -np.inf


def frication(samples: NDArray[np.float64], sr: int) -> tuple[float, float]:
    """Share of energy above 550 Hz, and how much that part repeats itself (largest correlation
    with itself LAGS_S later, -1..1; -1 where the clip is too short for any), in the middle half
    second."""
    clip = _middle(samples, sr)
    n = _fast(2 * len(clip))
    power = np.abs(np.fft.rfft(clip * np.hanning(len(clip)), n)) ** 2
    above = np.fft.rfftfreq(n, 1 / sr) >= FRICATION_FROM_HZ
    if power[above].sum() == 0:
        return 0.0, 0.0
    return float(power[above].sum() / power.sum()), _likeness(_high_part(clip, sr), sr)


def _likeness(part: NDArray[np.float64], sr: int) -> float:
    length = len(part)
    n = _fast(2 * length)
    products = np.fft.irfft(np.abs(np.fft.rfft(part, n)) ** 2, n)[:length]
    energy = np.concatenate([[0.0], np.cumsum(part**2)])
    # Each lag by the energy of the two stretches that overlap: what repeats has 1 at its period.
    longest = min(round(LAGS_S[1] * sr), length - round(LEAST_OVERLAP_S * sr))
    lags = np.arange(round(LAGS_S[0] * sr), max(longest, 0))
    overlapping = np.sqrt(energy[length - lags] * (energy[length] - energy[lags]))
    return float((products[lags] / np.maximum(overlapping, 1e-300)).max(initial=-1.0))


def _high_part(clip: NDArray[np.float64], sr: int) -> NDArray[np.float64]:
    """What lies above 550 Hz, where the whole filter lies inside the clip: no window, whose rise
    and fall would hide a period that is half as long as the clip."""
    taps = min(round(FILTER_S * sr), len(clip) // 3) // 2
    at = np.arange(-taps, taps + 1)
    low = np.sinc(2 * FRICATION_FROM_HZ / sr * at) * np.hanning(2 * taps + 3)[1:-1]
    high = (at == 0) - low / low.sum()
    n = _fast(len(clip) + 2 * taps)
    part = np.fft.irfft(np.fft.rfft(clip, n) * np.fft.rfft(high, n), n)
    inside: NDArray[np.float64] = part[2 * taps : len(clip)]
    return inside


def in_lines(samples: NDArray[np.float64], sr: int) -> float:
    """Share of the energy above 2 kHz, in the middle half second, that lies in narrow lines, 0..1:
    the partials of music or of a signal. 0 where too few bins are left to tell."""
    clip = _middle(samples, sr)
    clip = clip[: max(len(clip) // EASY_LENGTH, 1) * EASY_LENGTH]
    above = np.fft.rfftfreq(len(clip), 1 / sr) >= LINES_FROM_HZ
    power = np.abs(np.fft.rfft(clip * np.hanning(len(clip)))[above]) ** 2
    whole = len(power) // LINE_NEIGHBOURS * LINE_NEIGHBOURS
    near = power[:whole].reshape(-1, LINE_NEIGHBOURS)
    if not near.any():
        return 0.0
    lines = near > LINE_TIMES * np.median(near, axis=1, keepdims=True)
    return float(near[lines].sum() / near.sum())


def _middle(samples: NDArray[np.float64], sr: int) -> NDArray[np.float64]:
    """The middle LONGEST_LOOKED_AT_S, without its mean."""
    length = min(len(samples), round(LONGEST_LOOKED_AT_S * sr))
    first = (len(samples) - length) // 2
    clip = samples[first : first + length]
    centred: NDArray[np.float64] = clip - clip.mean()
    return centred


def _fast(length: int) -> int:
    """The next power of two."""
    return 1 << (length - 1).bit_length()
