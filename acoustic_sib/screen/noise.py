"""How far a sibilant rises above the quiet parts of the recording around it.

A clip of frication is noise itself: what the room adds can only be told from what lies around it.
Levels are those of the band that sibilants live in, so that neither hum nor vowels decide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.screen.records import Segment

Floats = NDArray[np.float64]

BAND_HZ = (2500.0, 11025.0)
FRAME_S = 0.020
AROUND_S = 10.0
QUIET_PERCENTILE = 10
FEWEST_FRAMES = 10
EDGE_S = 0.030
"""Left out on both sides of each sibilant: its edges are no quiet part."""
DIGITAL_SILENCE_DB = -120.0
"""Below it lies no room but padding, which says nothing of the noise under a sibilant."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """Level of successive frames of `step_s` seconds in BAND_HZ, dB (n,): mean power of the bins
    1 / `step_s` Hz apart, of which white noise has as much on the negative side."""

    levels_db: Floats
    step_s: float


class Levels:
    """The course of a recording that comes in pieces."""

    def __init__(self) -> None:
        self._rest, self._levels = np.zeros(0), [np.zeros(0)]
        self._step_s = FRAME_S

    def take(self, samples: Floats, sr: int) -> None:
        length = round(FRAME_S * sr)
        self._step_s = length / sr
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // length * length
        self._levels.append(_levels_db(samples[:whole].reshape(-1, length), sr))
        self._rest = samples[whole:]

    def course(self) -> Course:
        return Course(levels_db=np.concatenate(self._levels), step_s=self._step_s)


def band_width_hz(sr: int) -> float:
    """How much of BAND_HZ a sampling rate holds."""
    return min(BAND_HZ[1], sr / 2) - min(BAND_HZ[0], sr / 4)


def above_quiet_db(course: Course, segments: Sequence[Segment]) -> Iterator[float]:
    """For each segment its mean level over that of the quiet frames within AROUND_S of it, dB.

    NaN where too little of the recording lies around it to know, as for a clip on its own.
    """
    starts = np.arange(len(course.levels_db)) * course.step_s
    free = course.levels_db > DIGITAL_SILENCE_DB
    for one in segments:
        free &= (starts + course.step_s <= one.start - EDGE_S) | (starts >= one.end + EDGE_S)
    for one in segments:
        near = (starts >= one.start - AROUND_S) & (starts <= one.end + AROUND_S)
        around = course.levels_db[free & near]
        own = course.levels_db[(starts + course.step_s > one.start) & (starts < one.end)]
        if len(around) < FEWEST_FRAMES or not len(own):
            yield float("nan")
            continue
        level = 10 * np.log10(np.mean(10 ** (own / 10)))
        yield float(level - np.percentile(around, QUIET_PERCENTILE))


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
