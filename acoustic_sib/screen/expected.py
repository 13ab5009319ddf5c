"""What a known prompt tells the search: how many sibilants, and where in the word they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.errors import ConfigError, nearest
from acoustic_sib.screen.events import Event, events_of

Floats = NDArray[np.float64]
Place = Literal["initial", "medial", "final"]

GUIDED = 0.30
"""What must be reached at least; chosen on the training voices, held out: of the levels from .1 to
.5 it has the best mean F1 where the prompt is right, and where the prompt holds two too many it
finds about half as many false ones as .1. Levels up to .4 had been tried on espeak's test voices
before, where they find the same sibilants."""
DENTAL_WORTH = 0.7
"""When a known number of sibilants is looked for, dental frication counts as a lisped one, but a
sibilant goes before it."""
LISPED = 0.50
"""P(dental) that makes a stretch sound like [θ ð]; of .3, .4, .5, .6 and .7 the lowest by which, on
training voices held out, no more than two in a hundred recordings without [θ ð] are told of
(reports/detection.md)."""
REGIONS: dict[Place, tuple[float, float]] = {
    "initial": (0.0, 0.4), "medial": (0.15, 0.85), "final": (0.6, 1.0),
}  # fmt: skip
"""Where in the spoken stretch the middle of such a sibilant lies, 0..1."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """How many sibilants a prompt holds; `places`: where each stands in the one word, or ()."""

    count: int
    places: tuple[Place, ...] = ()


def expected_from(text: str) -> Expected:
    """`3`, or places joined by commas, as `initial,final`. Raises ConfigError for anything else."""
    if text.strip().isdecimal():
        return Expected(count=int(text))
    known = get_args(Place)
    places = [part.strip().lower() for part in text.split(",")]
    for place in places:
        if place not in known:
            raise ConfigError(f"--expect: unknown place '{place}'; expected a number, or places "
                              f"joined by commas; {nearest(place, known)}")  # fmt: skip
    return Expected(count=len(places), places=cast("tuple[Place, ...]", tuple(places)))


def guided(
    sure: Sequence[Event], probabilities: Floats, expected: Expected, spoken: tuple[int, int]
) -> tuple[list[Event], list[Event]]:
    """Of the events found without a prompt, and of weaker ones of `worth`, those that fit it."""
    weak = _besides(sure, worth(probabilities), level=GUIDED)
    ranked = [*sorted(sure, key=_rank), *sorted(weak, key=_rank)]
    chosen = (_placed(sure, weak, expected.places, spoken) if expected.places
              else ranked[: expected.count])  # fmt: skip
    return [one for one in sure if one in chosen], [one for one in weak if one in chosen]


def seeming_lisped(sure: Sequence[Event], probabilities: Floats) -> int:
    """How many stretches sound like [θ ð], where they are more than the sibilants found without a
    prompt; else 0. Speech hardly has more [θ ð] than sibilants, unless it lisps."""
    dental = _besides(sure, probabilities[:, 2], level=LISPED)
    return len(dental) if len(dental) > len(sure) else 0


def _besides(sure: Sequence[Event], course: Floats, *, level: float) -> list[Event]:
    """Events of a course that reach `level` and touch none of `sure`."""
    taken = np.zeros(len(course), dtype=bool)
    for event in sure:
        taken[event.first : event.last + 1] = True
    return [event for event in events_of(course, high=level, low=level / 2)
            if not taken[event.first : event.last + 1].any()]  # fmt: skip


def worth(probabilities: Floats) -> Floats:
    """(n,) how much a frame is worth where a lisped sibilant is looked for."""
    course: Floats = probabilities[:, 1] + DENTAL_WORTH * probabilities[:, 2]
    return course


@dataclass(frozen=True, order=True)
class _Filled:
    """How good a choice is: most places filled, then most events found without a prompt, then the
    most evidence."""

    places: int = 0
    sure: int = 0
    evidence: float = 0.0

    def beside(self, event: Event, *, sure: bool) -> "_Filled":
        return _Filled(self.places + 1, self.sure + sure, self.evidence + event.score)


def _placed(
    sure: Sequence[Event], weak: Sequence[Event], places: Sequence[Place], spoken: tuple[int, int]
) -> list[Event]:
    """The events that together fill the places of a word best, in the order of the word: what
    stands at its beginning comes before what stands in its middle.

    Place after place and event after event, the best choice among the first of each is kept
    (dynamic programming, as in aligning two sequences).
    """
    events = sorted([*sure, *weak], key=lambda event: event.first)
    nothing: tuple[_Filled, list[Event]] = (_Filled(), [])
    best = [nothing] * (len(events) + 1)
    for place in sorted(places, key=list(REGIONS).index):
        above, best = best, [nothing]
        for number, event in enumerate(events):
            options = [above[number + 1], best[number]]
            if _stands(event, place, spoken):
                filled, chosen = above[number]
                options.append((filled.beside(event, sure=event in sure), [*chosen, event]))
            best.append(max(options, key=lambda option: option[0]))
    return best[-1][1]


def _rank(event: Event) -> float:
    return -event.score


def _stands(event: Event, place: Place, spoken: tuple[int, int]) -> bool:
    """Whether an event stands there in the spoken stretch (first and last frame)."""
    low, high = REGIONS[place]
    first, last = min(spoken[0], event.first), max(spoken[1], event.last)
    share = ((event.first + event.last) / 2 - first) / max(last - first, 1)
    return low <= share <= high
