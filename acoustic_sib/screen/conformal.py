"""Sets of classes that hold the true one with a stated probability, for a speaker not heard before.

A clip's score is 1 - p(its true class), from a model that has not heard its speaker. A new clip's
set holds each class whose own score is no larger than the level's quantile of the scores of that
class's clips. Class by class, since a rare class would else be ruled out too often and the common
ones make up for it (Vovk 2012, label-conditional prediction, arXiv 1209.2673).

The clips of one speaker are alike, so it is speakers that are exchangeable, not clips: of K
speakers who bear the class each has the weight 1 / (K + 1), shared by the speaker's clips, and the
last 1 / (K + 1) stands for the new speaker and lies at infinity (Lee, Barber & Willett 2023,
Distribution-free inference with hierarchical data, arXiv 2306.06342). With speakers held out, the
set of a random clip of a class, said by a random new speaker, then holds that class with at least
the stated probability; here the scores come from several models, one a fold, for which this is
measured rather than proved (reports/conformal_coverage.md).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_TIE = 1e-9
"""Two ways of computing one probability may differ in the last digits."""


@dataclass(frozen=True, kw_only=True)
class ClassScores:
    """One class's `scores` in rising order with their `weights`, which sum to K / (K + 1)."""

    scores: Floats
    weights: Floats

    def threshold(self, level: float) -> float:
        """The largest score that a set at `level` admits; infinite where the speakers are too few
        for that level, and then the class is in every set."""
        reached = np.cumsum(self.weights) >= level - _TIE
        return float(self.scores[np.argmax(reached)]) if reached.any() else float("inf")


@dataclass(frozen=True, kw_only=True)
class Conformal:
    """The scores of each class, in the order of the classes."""

    of_class: tuple[ClassScores, ...]

    def members(self, probabilities: Floats, level: float) -> NDArray[np.bool_]:
        """Whether each class is in each clip's set, (n, classes), at least one in each row.

        Where a model is right more often than the level asks, no class reaches its threshold in
        the least sure clips. Such a clip is not of no class: its set holds the two likeliest. And
        as thresholds are class by class, the likeliest class can miss its own where another reaches
        it: such a set holds the likeliest too, and is uncertain.
        """
        thresholds = np.array([one.threshold(level) for one in self.of_class])
        inside: NDArray[np.bool_] = 1 - probabilities <= thresholds + _TIE
        empty = ~inside.any(axis=1)
        likeliest = np.argsort(-probabilities[empty], axis=1, kind="stable")[:, :2]
        inside[np.flatnonzero(empty)[:, None], likeliest] = True
        inside[np.arange(len(inside)), probabilities.argmax(axis=1)] = True
        return inside


def calibrated(probabilities: Floats, codes: Codes, groups: Codes) -> Conformal:
    """From out-of-fold probabilities (n, classes), true classes and speakers as numbers (n,)."""
    scores = 1 - probabilities[np.arange(len(codes)), codes]
    return Conformal(of_class=tuple(
        _weighted(scores[codes == code], groups[codes == code])
        for code in range(probabilities.shape[1])
    ))  # fmt: skip


def nothing_ruled_out(n_classes: int) -> Conformal:
    """Where nobody knows whose clips they were: one speaker's, taken to be the worst there can be.
    Each class is in every set at any level."""
    worst = ClassScores(scores=np.ones(1), weights=np.full(1, 0.5))
    return Conformal(of_class=(worst,) * n_classes)


def fewest_speakers(level: float) -> int:
    """Speakers who must bear a class before a set at `level` can rule it out."""
    return int(np.ceil(level / (1 - level) - _TIE))


def _weighted(scores: Floats, groups: Codes) -> ClassScores:
    _, dense, counts = np.unique(groups, return_inverse=True, return_counts=True)
    weights = 1 / (counts[dense] * (len(counts) + 1))
    order = np.argsort(scores, kind="stable")
    return ClassScores(scores=scores[order], weights=weights[order])
