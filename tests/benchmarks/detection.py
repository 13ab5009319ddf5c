"""Scores found sibilants against true ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from acoustic_sib.screen.records import Segment

Span = tuple[float, float]
RESAMPLED = 2000
TOUCHING_S = 1e-3


@dataclass(frozen=True, kw_only=True)
class Score:
    """Counts of events, the `false_at` spans, and `edges_s`: errors of both edges of each hit."""

    hits: int
    misses: int
    false_at: tuple[Span, ...]
    edges_s: tuple[float, ...]

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(2 * self.hits + self.misses + len(self.false_at), 1)

    @property
    def recall(self) -> float:
        return self.hits / max(self.hits + self.misses, 1)


def score(found: Sequence[Segment], true: Sequence[Span], ignored: Sequence[Span]) -> Score:
    """A true sibilant is hit where one segment covers at least half of it; each segment hits one,
    or several that touch each other (as in "this seat": one [s] or two, either is right).
    A segment that hits none is false, unless half of it or more lies in an `ignored` span."""
    hit: set[int] = set()
    false_at, edges = [], []
    for one in found:
        own = (one.start, one.end)
        open_ones = [
            number for number, span in enumerate(true)
            if number not in hit and _shared(own, span) >= (span[1] - span[0]) / 2
        ]  # fmt: skip
        if open_ones:
            start, end = true[open_ones[0]]
            for number in open_ones:
                if true[number][0] - end < TOUCHING_S:
                    hit.add(number)
                    end = true[number][1]
            edges += [abs(one.start - start), abs(one.end - end)]
        elif not any(_shared(own, span) >= (one.end - one.start) / 2 for span in ignored):
            false_at.append(own)
    return Score(hits=len(hit), misses=len(true) - len(hit), false_at=tuple(false_at),
                 edges_s=tuple(edges))  # fmt: skip


def total(scores: Sequence[Score]) -> Score:
    return Score(
        hits=sum(one.hits for one in scores), misses=sum(one.misses for one in scores),
        false_at=tuple(span for one in scores for span in one.false_at),
        edges_s=tuple(edge for one in scores for edge in one.edges_s),
    )  # fmt: skip


def with_interval(scores: Sequence[Score], units: Sequence[str], measure: str) -> str:
    """`f1` or `recall` of all, and its 95 % interval from resampling whole units (percentiles)."""
    names = sorted(set(units))
    of_unit = [total([one for one, unit in zip(scores, units, strict=True) if unit == name])
               for name in names]  # fmt: skip
    counts = np.array([(one.hits, one.misses, len(one.false_at)) for one in of_unit])
    drawn = np.random.default_rng(5).integers(len(names), size=(RESAMPLED, len(names)))
    hits, misses, false = counts[drawn].sum(axis=1).T
    values = 2 * hits / (2 * hits + misses + false) if measure == "f1" else hits / (hits + misses)
    low, high = np.percentile(values, [2.5, 97.5])
    return f"{getattr(total(scores), measure):.3f} [{low:.3f}, {high:.3f}]"


def _shared(one: Span, other: Span) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])
