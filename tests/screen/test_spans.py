"""Segments cut while reading once are those that are read one by one."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from acoustic_sib.audio import Sound, read_sound
from acoustic_sib.errors import AudioError
from acoustic_sib.screen.records import Segment
from acoustic_sib.screen.spans import read_spans
from tests.screen.bad_sounds import white

SR = 16000
DURATION_S = 95.0
PLACES = ((0.0, 0.1), (29.9, 30.2), (30.2, 30.3), (31.0, 62.5), (89.999, 90.0), (94.9, 95.0))
"""At the ends, and across the pieces of 30 s that a recording is read in."""


def segments(*places: tuple[float, float]) -> list[Segment]:
    return [Segment(start=start, end=end, score=1.0) for start, end in places]


@pytest.mark.parametrize("ending", [".wav", ".flac", ".ogg"])
def test_the_spans_and_all_that_is_heard_are_the_samples_of_the_file(
    ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a{ending}"
    soundfile.write(path, white(DURATION_S, SR), SR)
    heard: list[np.ndarray] = []
    spans = list(read_spans(path, segments(*PLACES), heard=lambda part, sr: heard.append(part)))
    for (one, sound), (start, end) in zip(spans, PLACES, strict=True):
        assert isinstance(sound, Sound)
        assert (one.start, one.end, sound.sr) == (start, end, SR)
        alone = read_sound(path, start=start, end=end).samples
        np.testing.assert_array_equal(sound.samples, alone)
    np.testing.assert_array_equal(np.concatenate(heard), read_sound(path).samples)


def test_a_span_that_touches_the_one_before_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, white(1.0, SR), SR, subtype="DOUBLE")
    spans = [sound for _, sound in read_spans(path, segments((0.1, 0.5), (0.3, 0.6)))]
    assert [len(sound.samples) for sound in spans if isinstance(sound, Sound)] == [6400, 4800]


@pytest.mark.parametrize(
    ("place", "says"),
    [((5.0, 5.1), "5.000 to 5.100 s lies outside the recording, which lasts 1.000 s"),
     ((0.9, 1.1), "lies outside the recording"),
     ((0.5, 0.5), "shorter than one sample")],
)  # fmt: skip
def test_a_span_that_is_none_is_told(place: tuple[float, float], says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, white(1.0, SR), SR)
    (before, told) = [sound for _, sound in read_spans(path, segments((0.1, 0.2), place))]
    assert isinstance(before, Sound)
    assert isinstance(told, AudioError)
    assert says in str(told)


def test_an_end_that_overshoots_by_rounding_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, white(1.0, SR), SR)
    ((_, sound),) = read_spans(path, segments((0.9, 1.004)))
    assert isinstance(sound, Sound)
    assert len(sound.samples) == 1600
