"""What a prompt tells: counts and places against courses made by hand."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from acoustic_sib.errors import ConfigError
from acoustic_sib.screen.detect import segments_of
from acoustic_sib.screen.events import Event, events_of
from acoustic_sib.screen.expected import Expected, Place, expected_from, seeming_lisped
from acoustic_sib.screen.frames import HOP_S


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


def sure(frames: NDArray[np.float64]) -> list[Event]:
    return events_of(frames[:, 1], high=0.7, low=0.2)


def starts(expect: Expected | None, frames: NDArray[np.float64] = WORD) -> list[int]:
    found = segments_of(sure(frames), frames, expect=expect, spoken=(10, 89))
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


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        (WORD, 0),  # as many as sibilants
        (course((10, 19, 0.05, 0.6), (60, 69, 0.1, 0.5)), 2),
        (course((10, 19, 0.05, 0.6), (60, 69, 0.1, 0.5), (80, 89, 0.9, 0.0)), 2),
        (course((10, 19, 0.05, 0.2)), 0),  # too faint
        (course((10, 19, 0.75, 0.2)), 0),  # a sibilant
        (course(), 0),
    ],
)
def test_more_dentals_than_sibilants_seem_a_lisp(frames: NDArray[np.float64], told: int) -> None:
    assert seeming_lisped(sure(frames), frames) == told


def by_hand(
    places: tuple[Place, ...], sure: list[tuple[int, float]], weak: list[tuple[int, float]]
) -> tuple[int, int, float]:
    """The best of all choices, tried one by one: places filled, sure events, evidence."""
    events = sorted([(at, score, True) for at, score in sure]
                    + [(at, score, False) for at, score in weak])  # fmt: skip
    ordered = sorted(places, key=("initial", "medial", "final").index)
    regions = {"initial": (0.0, 0.4), "medial": (0.15, 0.85), "final": (0.6, 1.0)}
    tried = [(0, 0, 0.0)]
    for n in range(1, min(len(events), len(ordered)) + 1):
        for chosen in combinations(events, n):
            for wanted in combinations(ordered, n):
                if all(regions[place][0] <= at / 100 <= regions[place][1]
                       for (at, _, _), place in zip(chosen, wanted, strict=True)):  # fmt: skip
                    tried.append((n, sum(one[2] for one in chosen), sum(one[1] for one in chosen)))
    return max(tried)


@pytest.mark.parametrize("seed", range(40))
def test_places_are_filled_as_well_as_any_choice_could(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at = rng.choice(np.arange(3, 98, 8), size=rng.integers(1, 8), replace=False)
    levels = rng.choice([0.35, 0.45, 0.55, 0.75, 0.85, 0.95], size=len(at))
    frames = course(*((int(a) - 2, int(a) + 2, float(p), 0.0)
                      for a, p in zip(at, levels, strict=True)), n=101)  # fmt: skip
    kinds: tuple[Place, ...] = ("initial", "medial", "final")
    places = tuple(kinds[number] for number in rng.integers(3, size=rng.integers(1, 5)))
    found = segments_of(sure(frames), frames, expect=Expected(count=len(places), places=places),
                        spoken=(0, 100))  # fmt: skip
    told = (len(found), sum(one.origin == "found" for one in found), sum(o.score for o in found))
    both = [(int(a), float(p)) for a, p in zip(at, levels, strict=True)]
    best = by_hand(places, [one for one in both if one[1] >= 0.7],
                   [one for one in both if one[1] < 0.7])  # fmt: skip
    assert told[:2] == best[:2]
    assert told[2] == pytest.approx(best[2])


def test_no_place_is_lost_to_a_louder_neighbour() -> None:
    """Both stand where an initial and a medial one may: the first is initial, however weak."""
    frames = course((20, 26, 0.4, 0.0), (32, 38, 0.9, 0.0))
    for places in (("initial", "medial"), ("medial", "initial")):
        expect = Expected(count=2, places=places)
        found = segments_of(sure(frames), frames, expect=expect, spoken=(0, 99))
        assert [one.origin for one in found] == ["expected", "found"]


def test_what_is_found_only_because_it_is_expected_says_so() -> None:
    found = segments_of(sure(WORD), WORD, expect=Expected(count=3))
    assert [one.origin for one in found] == ["expected", "found", "expected"]


def test_edges_lie_at_half_of_the_height() -> None:
    """A ramp from 0 to .8 over eight frames crosses .4 at its middle; it falls within one."""
    frames = course((0, 99, 0.0, 0.0))
    frames[20:29, 1] = np.linspace(0, 0.8, 9)
    frames[29:40, 1] = 0.8
    (found,) = segments_of(sure(frames), frames)
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
