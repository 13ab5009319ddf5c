"""Stretches of a recording where the search's course is high: candidates for sibilants."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.screen.frames import HOP_S
from acoustic_sib.screen.records import Segment

Floats = NDArray[np.float64]

SHORTEST_S, LONGEST_S = 0.035, 15.0
BRIDGED_S = 0.040
BRIDGED_FROM = 0.1
"""A dip of P(sibilant) no deeper and no longer than this does not end a sibilant."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """First and last frame, and the highest value in between.

    `score`: how sure the search is of it, 0..1; the height, until something better is known.
    """

    first: int
    last: int
    height: float
    score: float


def events_of(course: Floats, *, high: float, low: float) -> list[Event]:
    """Stretches where `course` stays above `low` and somewhere reaches `high`."""
    above = _bridged(course >= low, course)
    edges = np.diff(np.concatenate([[0], above.astype(int), [0]]))
    stretches = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    found = [(int(first), int(after), float(course[first:after].max()))
             for first, after in stretches]  # fmt: skip
    return [
        Event(first=first, last=after - 1, height=height, score=min(height, 1.0))
        for first, after, height in found
        if height >= high and SHORTEST_S <= (after - first) * HOP_S <= LONGEST_S
    ]


def _bridged(above: NDArray[np.bool_], course: Floats) -> NDArray[np.bool_]:
    """`above` with short, shallow dips between two stretches filled."""
    filled = above.copy()
    edges = np.diff(np.concatenate([[1], above.astype(int), [1]]))
    for first, after in zip(np.flatnonzero(edges == -1), np.flatnonzero(edges == 1), strict=True):
        inner = first > 0 and after < len(above)
        if (
            inner
            and (after - first) * HOP_S <= BRIDGED_S
            and course[first:after].min() >= BRIDGED_FROM
        ):
            filled[first:after] = True
    return filled


def segment_of(event: Event, course: Floats) -> Segment:
    """Edges where the straight line between two frames crosses half of the event's height."""
    half = event.height / 2
    inside = np.flatnonzero(course[event.first : event.last + 1] >= half)
    first, last = event.first + int(inside[0]), event.first + int(inside[-1])
    return Segment(
        start=HOP_S * (first - _beyond(course, first, -1, half)),
        end=HOP_S * (last + _beyond(course, last, 1, half)),
        score=round(event.score, 3),
    )


def _beyond(course: Floats, at: int, step: int, level: float) -> float:
    """Share of a hop from frame `at` to the crossing of `level` on its way to the next frame."""
    if not 0 <= at + step < len(course):
        return 0.5
    inside, outside = course[at], course[at + step]
    return float((inside - level) / (inside - outside)) if inside > outside else 0.5
