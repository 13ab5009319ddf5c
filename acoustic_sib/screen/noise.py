"""How far a sibilant rises above the noise floor of the recording around it.

A clip of frication is noise itself: what the room adds can only be told from what lies around it.
Levels are those of the band that sibilants live in, so that neither hum nor vowels decide. Speech
without pauses has quiet parts too, and they are no noise: a floor is a level that the recording
falls to and keeps to (compare the minimum statistics of Martin 2001, doi 10.1109/89.928915).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.screen.records import Segment

Floats = NDArray[np.float64]

BAND_HZ = (2500.0, 11025.0)
FRAME_S = 0.020
AROUND_S = 10.0
FLOOR_PERCENTILE = 2
FLOOR_WIDTH_DB = 2.0
LEAST_ON_FLOOR = 0.2
"""Share of the frames around that lie no more than FLOOR_WIDTH_DB above the floor, where it is one:
the level of a frame of noise has a standard deviation below 1 dB; that of speech roams."""
FEWEST_FRAMES = 10
EDGE_S = 0.030
"""Left out on both sides of each sibilant: its edges are no quiet part."""
ROUNDING = 1e-6
"""Of a frame: where a stretch begins at a frame's edge, floating point may put it a little off."""
DIGITAL_SILENCE_DB = -120.0
"""Below it lies no room but padding, which says nothing of the noise under a sibilant."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """Level of successive frames of `step_s` seconds in BAND_HZ, dB (n,): mean power of the bins
    1 / `step_s` Hz apart, of which white noise has as much on the negative side."""

    levels_db: Floats
    step_s: float


class BandCourse:
    """The course of a recording that comes in pieces."""

    def __init__(self) -> None:
        self._levels: list[Floats] = []
        self._rest = np.zeros(0)
        self._step_s = FRAME_S

    def take(self, samples: Floats, sr: int) -> None:
        length = round(FRAME_S * sr)
        self._step_s = length / sr
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // length * length
        self._levels.append(_levels_db(samples[:whole].reshape(-1, length), sr))
        self._rest = samples[whole:].copy()

    def course(self) -> Course:
        return Course(levels_db=np.concatenate([np.zeros(0), *self._levels]), step_s=self._step_s)


def band_width_hz(sr: int) -> float:
    """How much of BAND_HZ a sampling rate holds."""
    return min(BAND_HZ[1], sr / 2) - min(BAND_HZ[0], sr / 4)


def above_floor_db(course: Course, segments: Sequence[Segment]) -> Iterator[float]:
    """For each segment its mean level over the noise floor within AROUND_S of it, dB.

    NaN where no floor is known: where the recording keeps to none, or too little of it lies around,
    as with a clip on its own.
    """
    levels, step_s = course.levels_db, course.step_s
    free = levels > DIGITAL_SILENCE_DB
    for one in segments:
        free[_touched(one.start - EDGE_S, one.end + EDGE_S, step_s)] = False
    for one in segments:
        near = _touched(one.start - AROUND_S, one.end + AROUND_S, step_s)
        floor = _floor_db(levels[near][free[near]])
        own = levels[_inside(one.start, one.end, step_s)]
        if not len(own):
            own = levels[_touched(one.start, one.end, step_s)]
        level = 10 * np.log10(np.mean(10 ** (own / 10))) if len(own) else np.nan
        yield float(level - floor)


def _touched(start: float, end: float, step_s: float) -> slice:
    """The frames that a stretch touches; one that ends where it begins is not touched."""
    return slice(max(math.floor(start / step_s + ROUNDING), 0),
                 max(math.ceil(end / step_s - ROUNDING), 0))  # fmt: skip


def _inside(start: float, end: float, step_s: float) -> slice:
    """The frames that lie within a stretch."""
    return slice(max(math.ceil(start / step_s - ROUNDING), 0),
                 max(math.floor(end / step_s + ROUNDING), 0))  # fmt: skip


def _floor_db(levels_db: Floats) -> float:
    """The level that these frames keep to at their quietest; NaN where they keep to none."""
    if len(levels_db) < FEWEST_FRAMES:
        return float("nan")
    floor = float(np.percentile(levels_db, FLOOR_PERCENTILE))
    kept = np.mean(levels_db < floor + FLOOR_WIDTH_DB) >= LEAST_ON_FLOOR
    return floor if kept else float("nan")


def _levels_db(frames: Floats, sr: int) -> Floats:
    """Mean power density of each frame in BAND_HZ, dB."""
    length = frames.shape[1]
    # Hann's side lobes keep the low end of a vowel out of the band.
    window = np.hanning(length + 1)[:-1]
    freqs = np.fft.rfftfreq(length, 1 / sr)
    inside = (freqs >= min(BAND_HZ[0], sr / 4)) & (freqs < BAND_HZ[1])
    power = np.abs(np.fft.rfft(frames * window, axis=1)[:, inside]) ** 2 / np.sum(window**2)
    level: Floats = 10 * np.log10(np.maximum(power.mean(axis=1) / length, 1e-20))
    return level
