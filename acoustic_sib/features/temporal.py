"""Duration, zero crossings, level and its course."""

from functools import lru_cache
from math import nan

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from acoustic_sib.features.peaks import hann_kernel
from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra
from acoustic_sib.features.statistics import absent, decibels

Floats = NDArray[np.float64]

READ_EVERY_S = 0.001
FEWEST_POINTS = 5
"""Of the course: two on either side of its middle."""
LEAST_SHARE = 1e-6
"""Of the course's largest power: what is weaker counts as this much, -60 dB, so that digital
silence in a clip does not make the slopes infinite."""
COURSE = ("rise_time_s", "attack_db_per_s", "decay_db_per_s")


@extractor
def temporal(spectra: Spectra) -> dict[str, float]:
    """Duration (s), zero crossings per second, RMS level (dB re full scale), rise time (s) from 10
    to 90 % of the largest amplitude, attack and decay (dB/s): slopes of the level over the first
    and the second half of the clip.

    All but the duration from the samples limited to `high_hz`, less their mean; the course from the
    RMS under a Hann window of `window_s`, at most half the clip, read every ms wherever the whole
    window fits. Attack and decay are the least-squares line of the level with one bend, in the
    middle: a bend at the maximum, which in noise is a matter of chance, would move with it. The
    rise begins where the course last leaves 10 % before its maximum, or at its beginning, and ends
    where it first reaches 90 % after that, both interpolated. `level_re_vowel_db` needs the
    neighbouring vowel, which a clip cut to its sibilant does not hold: always NaN without it.
    NaN: level and crossings of silence; the course of silence and of clips under one `window_s` or
    too short for five points of it.
    """
    sound = spectra.band_limited
    samples = sound.samples - sound.samples.sum() / len(sound.samples)
    energy = float(samples @ samples)
    level = decibels(energy / len(samples))
    crossings = nan
    if energy > 0 and len(samples) > 1:
        negative = np.signbit(samples)
        crossings = np.count_nonzero(negative[1:] != negative[:-1]) * sound.sr / (len(samples) - 1)
    return {
        "duration_s": spectra.duration_s,
        "zero_crossings_per_s": float(crossings),
        "rms_level_db": level,
        **_course(samples, sound.sr, spectra.recipe.window_s),
        "level_re_vowel_db": nan,
    }


def _course(samples: Floats, sr: float, window_s: float) -> dict[str, float]:
    """Rise time, attack and decay of samples (n,) without offset."""
    n_samples, step = len(samples), max(round(READ_EVERY_S * sr), 1)
    width = max(min(round(window_s * sr), n_samples // 2), 1)
    n_points = 1 + (n_samples - width) // step
    if n_samples < round(window_s * sr) or n_points < FEWEST_POINTS:
        return absent(COURSE)
    power = _smoothed_power(samples, width, step, n_points)
    largest = power.max()
    if not largest > 0:
        return absent(COURSE)
    share = np.maximum(power / largest, LEAST_SHARE)
    attack, decay = (_bent_line(n_points) @ (10 * np.log10(share)) * sr / step).tolist()
    return {
        "rise_time_s": _rise(np.sqrt(share)) * step / sr,
        "attack_db_per_s": attack,
        "decay_db_per_s": decay,
    }


def _smoothed_power(samples: Floats, width: int, step: int, n_points: int) -> Floats:
    """Mean square under a Hann window of `width` samples every `step`, as much left out before the
    first window as after the last."""
    left_out = len(samples) - width - (n_points - 1) * step
    square = np.square(samples[left_out // 2 :])
    stride = square.strides[0]
    windows = as_strided(square, (n_points, width), (step * stride, stride), writeable=False)
    power: Floats = np.einsum("ij,j->i", windows, hann_kernel(width))
    return power


@lru_cache(maxsize=256)
def _bent_line(n_points: int) -> Floats:
    """What `n_points` evenly spaced values are multiplied with (2, n_points) for the slopes, per
    step, of the least-squares line with a bend in the middle."""
    at = np.arange(n_points) - (n_points - 1) / 2
    line = np.column_stack([np.ones(n_points), np.minimum(at, 0), np.maximum(at, 0)])
    slopes: Floats = np.linalg.pinv(line)[1:]
    slopes.flags.writeable = False
    return slopes


def _rise(amplitude: Floats) -> float:
    """Points from 10 to 90 % of the largest amplitude, which is 1."""
    before = amplitude[: int(amplitude.argmax()) + 1]
    under = np.flatnonzero(before < 0.1)
    after = int(under[-1]) + 1 if under.size else 0
    reach = after + int((before[after:] >= 0.9).argmax())
    return _crossing(before, reach, 0.9) - _crossing(before, after, 0.1)


def _crossing(amplitude: Floats, reached: int, threshold: float) -> float:
    """Where, in points, the straight line to the point `reached` from the one before it crosses
    the threshold; 0 for the first point."""
    if reached == 0:
        return 0.0
    below, above = amplitude[reached - 1 : reached + 1].tolist()
    return reached - float((above - threshold) / (above - below))
