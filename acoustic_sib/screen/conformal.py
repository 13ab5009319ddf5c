"""Sets of classes that hold the true one with a stated probability, for a speaker not heard before.

A clip's score is 1 - p(its true class), from a model that has not heard its speaker. A new clip's
set holds each class whose own score is no larger than the level's quantile of those. The clips of
one speaker are alike, so it is speakers that are exchangeable, not clips: each speaker's scores
share a weight of 1 / (K + 1), and the last 1 / (K + 1) stands for the new speaker and lies at
infinity (Lee, Barber & Willett 2023, hierarchical conformal prediction, arXiv 2306.06342). With
speakers held out, a set then holds the true class of a random clip of a random new speaker with at
least the stated probability; here the scores come from several models, one a fold, for which this
is measured rather than proved.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_TIE = 1e-9
"""Two ways of computing one probability may differ in the last digits."""


@dataclass(frozen=True, kw_only=True)
class Conformal:
    """`scores` in rising order with their `weights`, which sum to K / (K + 1)."""

    scores: Floats
    weights: Floats

    def threshold(self, level: float) -> float:
        """The largest score that a set at `level` admits; infinite where the speakers are too few
        for that level, and then every class is in every set."""
        reached = np.cumsum(self.weights) >= level - _TIE
        return float(self.scores[np.argmax(reached)]) if reached.any() else float("inf")

    def members(self, probabilities: Floats, level: float) -> NDArray[np.bool_]:
        """Whether each class is in each clip's set, (n, classes); rows may be empty."""
        inside: NDArray[np.bool_] = 1 - probabilities <= self.threshold(level) + _TIE
        return inside


def calibrated(probabilities: Floats, codes: Codes, groups: Codes) -> Conformal:
    """From out-of-fold probabilities (n, classes), true classes and speakers as numbers (n,).

    A clip may stand in several rows (repeats): a speaker's rows share the speaker's weight.
    """
    scores = 1 - probabilities[np.arange(len(codes)), codes]
    _, dense, counts = np.unique(groups, return_inverse=True, return_counts=True)
    weights = 1 / (counts[dense] * (len(counts) + 1))
    order = np.argsort(scores, kind="stable")
    return Conformal(scores=scores[order], weights=weights[order])
