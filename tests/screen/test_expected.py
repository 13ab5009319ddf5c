"""What a prompt tells: counts and places against courses made by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from acoustic_sib.errors import ConfigError
from acoustic_sib.screen.detect import segments_of
from acoustic_sib.screen.expected import Expected, expected_from
from acoustic_sib.screen.frames import HOP_S
from acoustic_sib.screen.search import Thresholds

THRESHOLDS = Thresholds(high=0.7, low=0.2)


def course(
    *bumps: tuple[int, int, float, float], n: int = 100
) -> NDArray[np.float64]:  # fmt: skip
    """Frames of other sounds, but for bumps: first frame, last, P(sibilant), P(dental)."""
    made = np.zeros((n, 3))
    for first, last, sibilant, dental in bumps:
        made[first : last + 1, 1:] = sibilant, dental
    made[:, 0] = 1 - made[:, 1] - made[:, 2]
    return made


WORD = course((10, 19, 0.05, 0.6), (45, 54, 0.9, 0.0), (80, 89, 0.3, 0.0))
"""A dental at the beginning, a sibilant in the middle, a weak one at the end."""


def starts(expect: Expected | None, frames: NDArray[np.float64] = WORD) -> list[int]:
    found = segments_of(frames, THRESHOLDS, expect=expect, spoken=(10, 89))
    return [round(one.start / HOP_S + 0.25) for one in found]


@pytest.mark.parametrize(
    ("expect", "first_frames"),
    [
        (None, [45]),
        (Expected(count=0), []),
        (Expected(count=1), [45]),
        (Expected(count=2), [10, 45]),
        (Expected(count=3), [10, 45, 80]),
        (Expected(count=9), [10, 45, 80]),
        (Expected(count=1, places=("initial",)), [10]),
        (Expected(count=1, places=("final",)), [80]),
        (Expected(count=2, places=("initial", "final")), [10, 80]),
        (Expected(count=2, places=("medial", "final")), [45, 80]),
        (Expected(count=2, places=("final", "final")), [80]),
    ],
)
def test_a_prompt_says_how_many_and_where(expect: Expected | None, first_frames: list[int]) -> None:
    assert starts(expect) == first_frames


def test_what_is_found_only_because_it_is_expected_says_so() -> None:
    found = segments_of(WORD, THRESHOLDS, expect=Expected(count=3))
    assert [one.origin for one in found] == ["expected", "found", "expected"]


def test_edges_lie_at_half_of_the_height() -> None:
    """A ramp from 0 to .8 over eight frames crosses .4 at its middle; it falls within one."""
    frames = course((0, 99, 0.0, 0.0))
    frames[20:29, 1] = np.linspace(0, 0.8, 9)
    frames[29:40, 1] = 0.8
    (found,) = segments_of(frames, THRESHOLDS)
    assert found.start == pytest.approx(24 * HOP_S)
    assert found.end == pytest.approx(39.5 * HOP_S)
    assert found.score == 0.8


@pytest.mark.parametrize(
    ("text", "count", "places"),
    [("4", 4, ()), ("initial", 1, ("initial",)), (" Medial, final", 2, ("medial", "final"))],
)
def test_a_prompt_is_read(text: str, count: int, places: tuple[str, ...]) -> None:
    assert expected_from(text) == Expected(count=count, places=places)


@pytest.mark.parametrize("text", ["-1", "2.5", "", "initial;final", "start"])
def test_a_prompt_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--expect: unknown place '.*'; expected a number"):
        expected_from(text)


def test_a_misspelt_place_is_told_the_right_one() -> None:
    with pytest.raises(ConfigError, match="initial"):
        expected_from("inital")
