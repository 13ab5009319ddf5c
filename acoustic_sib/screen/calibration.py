"""How far stated probabilities may be believed, and one number that mends them."""

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.screen.affine import Floats, softmax

Codes = NDArray[np.int64]

COLDEST, HOTTEST = 0.05, 20.0
N_BINS = 10


def fitted_temperature(scores: Floats, codes: Codes, weights: Floats) -> float:
    """The temperature with the least weighted log loss of out-of-fold class scores (n, classes).

    The loss is convex in 1 / temperature, so there is one (Guo et al. 2017, arXiv 1706.04599).
    Between COLDEST and HOTTEST: without one wrong clip the loss has no minimum.
    """
    from scipy.optimize import minimize_scalar

    def loss(coldness: float) -> float:
        return log_loss(softmax(coldness * scores), codes, weights)

    found = minimize_scalar(loss, bounds=(1 / HOTTEST, 1 / COLDEST), method="bounded",
                            options={"xatol": 1e-6})  # fmt: skip
    return float(1 / found.x)


def log_loss(probabilities: Floats, codes: Codes, weights: Floats) -> float:
    """Weighted mean of -ln p(true class)."""
    own = np.maximum(probabilities[np.arange(len(codes)), codes], 1e-300)
    return float(-np.average(np.log(own), weights=weights))


def calibration_error(probabilities: Floats, codes: Codes, weights: Floats) -> float:
    """Expected calibration error: of ten groups of clips, equal in weight and ordered by their
    largest probability, the mean distance between that and the share predicted right.

    Biased upwards where groups are small: even perfect probabilities give about
    0.8 sqrt(p (1 - p) / n) for groups of n.
    """
    stated = probabilities.max(axis=1)
    right = (np.argmax(probabilities, axis=1) == codes).astype(float)
    # By the middle of equal probabilities' rank: ties stay together, in whatever order they come.
    distinct, own = np.unique(stated, return_inverse=True)
    held = np.bincount(own, weights=weights, minlength=len(distinct))
    middle = (np.cumsum(held) - held / 2) / weights.sum()
    bins = np.minimum((N_BINS * middle).astype(int), N_BINS - 1)[own]
    apart = np.bincount(bins, weights=weights * (stated - right), minlength=N_BINS)
    return float(np.abs(apart).sum() / weights.sum())
