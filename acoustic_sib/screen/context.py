"""What a recording holds of its speaker beside sibilants: pitch, tract length, level, noise.

A woman's /ʃ/ has the centre of gravity of a man's /s/; who speaks can be heard in the vowels, which
no lisp touches. Everything is measured around each sibilant, with all sibilants left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.audio import Channel, read_blocks
from acoustic_sib.screen import noise
from acoustic_sib.screen.records import Segment
from acoustic_sib.screen.voice import WINDOW_S, Voice, measure_voice, step

Floats = NDArray[np.float64]

AROUND_S = 15.0
EDGE_S = 0.030
"""Left out on both sides of each sibilant."""
BLOCK_S = 0.005
LOUDEST_PERCENTILE = 95
VOWEL_WITHIN_DB = 20.0
"""Voiced frames so far below the loud ones of their surroundings count as vowels."""
FEWEST_FRAMES, FEWEST_SHARE = 5, 0.01
"""Vowel frames: a tenth of a second, and a hundredth of the surroundings. Noise by chance repeats
itself more seldom."""
SOUND_CM_PER_S = 35_000.0
QUIET_PERCENTILE = 10


@dataclass(frozen=True, kw_only=True)
class Context:
    """Of the recording within AROUND_S of a sibilant; NaN where it is not measurable.

    `f0_hz`, `formant_spacing_hz`, `vowel_level_db` (RMS, dB re full scale): medians over vowels.
    `tract_length_cm`: c / (2 spacing), c = 35000 cm/s, a uniform tube's. `noise_floor_db`: RMS
    of the quiet parts in the band of `noise.BAND_HZ`, dB re full scale. `level_re_vowel_db`: RMS of
    the sibilant's middle half over that of the vowels.
    """

    f0_hz: float = float("nan")
    formant_spacing_hz: float = float("nan")
    tract_length_cm: float = float("nan")
    vowel_level_db: float = float("nan")
    noise_floor_db: float = float("nan")
    level_re_vowel_db: float = float("nan")

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """A whole recording: `voice` frames `step_s` apart, `power` of blocks of `block_s` (variance:
    no DC, no rumble), `course` of the band that sibilants live in, `band_hz` wide."""

    voice: Voice
    step_s: float
    power: Floats
    block_s: float
    course: noise.Course
    band_hz: float


class Listener:
    """Takes a recording that comes in pieces, and tells what lies in it."""

    def __init__(self) -> None:
        self._course = noise.BandCourse()
        self._voices: list[Voice] = []
        self._powers: list[Floats] = []
        self._pending, self._blocked, self._sr = np.zeros(0), np.zeros(0), 0

    def take(self, samples: Floats, sr: int) -> None:
        self._sr = sr
        self._course.take(samples, sr)
        pending = np.concatenate([self._pending, samples])
        self._voices.append(measure_voice(pending, sr))
        self._pending = pending[len(self._voices[-1].level_db) * step(sr) :].copy()
        length = _block(sr)
        blocked = np.concatenate([self._blocked, samples])
        whole = len(blocked) // length * length
        self._powers.append(np.var(blocked[:whole].reshape(-1, length), axis=1))
        self._blocked = blocked[whole:].copy()

    def surroundings(self) -> Surroundings:
        """Everything that was taken; expects at least one piece."""
        return Surroundings(
            voice=_joined(self._voices), step_s=step(self._sr) / self._sr,
            power=np.concatenate(self._powers), block_s=_block(self._sr) / self._sr,
            course=self._course.course(), band_hz=noise.band_width_hz(self._sr),
        )  # fmt: skip


def read_surroundings(path: Path, *, channel: Channel = "auto") -> Surroundings:
    """A recording, read once and in pieces. Raises AudioError when it cannot be read."""
    listener = Listener()
    for sound, _ in read_blocks(path, channel=channel):
        listener.take(sound.samples, sound.sr)
    return listener.surroundings()


def contexts(heard: Surroundings, segments: Sequence[Segment]) -> Iterator[Context]:
    """The context of each segment, of a recording whose only sibilants are `segments`."""
    vowel_like = np.isfinite(heard.voice.f0_hz)
    free_noise = heard.course.levels_db > noise.DIGITAL_SILENCE_DB
    for one in segments:
        # A frame is left out where its window touches the sibilant.
        reach = EDGE_S + WINDOW_S
        vowel_like[_within(one.start - reach, one.end + EDGE_S, heard.step_s)] = False
        step_s = heard.course.step_s
        free_noise[_within(one.start - EDGE_S - step_s, one.end + EDGE_S, step_s)] = False
    for one in segments:
        yield _context(heard, one, vowel_like, free_noise)


def _context(
    heard: Surroundings, one: Segment, vowel_like: NDArray[np.bool_], free_noise: NDArray[np.bool_]
) -> Context:
    voice, levels_db = heard.voice, heard.course.levels_db
    around = _within(one.start - AROUND_S, one.end + AROUND_S, heard.course.step_s)
    quiet = levels_db[around][free_noise[around]]
    vowels = _vowels(heard, one, vowel_like)
    spacing = _percentile(voice.spacing_hz[vowels], 50)
    vowel_level = _percentile(voice.level_db[vowels], 50)
    return Context(
        f0_hz=_percentile(voice.f0_hz[vowels], 50), formant_spacing_hz=spacing,
        tract_length_cm=SOUND_CM_PER_S / (2 * spacing), vowel_level_db=vowel_level,
        noise_floor_db=_percentile(quiet, QUIET_PERCENTILE, fewest=noise.FEWEST_FRAMES)
        + 10 * float(np.log10(2 * heard.band_hz * heard.course.step_s)),
        level_re_vowel_db=_level_db(heard, one) - vowel_level,
    )  # fmt: skip


def _vowels(heard: Surroundings, one: Segment, vowel_like: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Numbers of the loud ones of the voiced frames around a segment; none of too few."""
    around = _within(one.start - AROUND_S, one.end + AROUND_S, heard.step_s)
    voiced: NDArray[np.int64] = np.flatnonzero(vowel_like[around]) + around.start
    level = heard.voice.level_db[voiced]
    loud = voiced[level >= _percentile(level, LOUDEST_PERCENTILE) - VOWEL_WITHIN_DB]
    return loud if len(loud) >= FEWEST_SHARE * len(vowel_like[around]) else loud[:0]


def _percentile(values: Floats, percent: float, *, fewest: int = FEWEST_FRAMES) -> float:
    """Percentile of the values that are known, the nearest one there is; NaN of too few."""
    known = values[np.isfinite(values)]
    if len(known) < fewest:
        return float("nan")
    place = round(percent / 100 * (len(known) - 1))
    return float(np.partition(known, place)[place])


def _level_db(heard: Surroundings, one: Segment) -> float:
    """RMS level of the middle half of a sibilant, dB re full scale; NaN for digital silence."""
    quarter = (one.end - one.start) / 4
    own = heard.power[_within(one.start + quarter, one.end - quarter, heard.block_s)]
    power = float(own.mean()) if len(own) else 0.0
    return 10 * float(np.log10(power)) if power > 0 else float("nan")


def _within(start_s: float, end_s: float, step_s: float) -> slice:
    """Frames that begin in a stretch of time; at least one where it lies in the recording."""
    first = max(int(np.ceil(start_s / step_s - 1e-9)), 0)
    return slice(first, max(int(np.ceil(end_s / step_s - 1e-9)), first + 1))


def _block(sr: int) -> int:
    return max(round(BLOCK_S * sr), 1)


def _joined(pieces: Sequence[Voice]) -> Voice:
    return Voice(
        level_db=np.concatenate([one.level_db for one in pieces]),
        f0_hz=np.concatenate([one.f0_hz for one in pieces]),
        spacing_hz=np.concatenate([one.spacing_hz for one in pieces]),
    )
