"""A linear classifier as plain numbers: fill in, standardise, weigh, soften, normalise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Affine:
    """`fill`, `mean`, `scale` (columns,), `weights` (classes, columns), `bias` (classes,).

    Class scores are weights @ z + bias of the standardised columns; their softmax is what the
    scikit-learn pipeline gives. `temperature` divides them first: above 1 it takes back what the
    pipeline claims too surely of speakers it has not heard.
    """

    fill: Floats
    mean: Floats
    scale: Floats
    weights: Floats
    bias: Floats
    temperature: float = 1.0

    def standardized(self, values: Floats) -> Floats:
        """Columns of (n, columns) in SD of the training clips; missing ones at their median."""
        filled = np.where(np.isfinite(values), values, self.fill)
        standard: Floats = (filled - self.mean) / self.scale
        return standard

    def scores(self, values: Floats) -> Floats:
        """Class scores (n, classes), before the temperature."""
        found: Floats = self.standardized(values) @ self.weights.T + self.bias
        return found

    def probabilities(self, values: Floats) -> Floats:
        """Calibrated probabilities (n, classes), rows summing to 1."""
        return softmax(self.scores(values) / self.temperature)


def softmax(scores: Floats) -> Floats:
    """exp(scores) over their sum, row by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
