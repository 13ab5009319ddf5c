"""Two systems on the same clips: is one better than the other by more than chance?

Plain statistics of what the two got right; who said what, and on which clips, is counted elsewhere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

_CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class SwapTest:
    """`n`: assignments looked at; `exact`: all there are, the true one among them."""

    p_value: float
    n: int
    exact: bool
    smallest_p: float


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """`only_a`, `only_b`: clips that one system alone got right."""

    p_value: float
    only_a: int
    only_b: int


@dataclass(frozen=True, kw_only=True)
class CorrectedT:
    """Mean difference over the folds with its t statistic, two-sided p and interval.

    NaN where the folds do not differ at all from one another yet their mean is not zero.
    """

    p_value: float
    t: float
    df: int
    mean: float
    low: float
    high: float


def swap_test(contributions: Floats, *, n: int = 10_000, seed: int = 0) -> SwapTest:
    """Two-sided test that two systems are exchangeable, unit by unit (a speaker, or a clip).

    `contributions[k]` is what unit k adds to the difference of the two figures. UAR is a weighted
    sum over clips whose weights depend on the truth alone, so exchanging the two systems'
    predictions for a unit just turns the sign of its contribution, and the statistic is
    |sum of signed contributions|. Units that add nothing are left out: a swap changes nothing.
    With K units left, all 2^K swaps are looked at when that is at most `n`, and
    p = (those that reach the statistic) / 2^K; otherwise n random ones, p = (1 + b) / (1 + n).
    """
    moving = contributions[np.abs(contributions) > 1e-15]
    k = len(moving)
    reached_at = abs(float(moving.sum())) - 1e-12
    if k == 0:
        return SwapTest(p_value=1.0, n=1, exact=True, smallest_p=1.0)
    if 2**k <= n:
        sums = np.zeros(1)
        for contribution in moving:
            sums = np.concatenate([sums + contribution, sums - contribution])
        share = float(np.mean(np.abs(sums) >= reached_at))
        return SwapTest(p_value=share, n=2**k, exact=True, smallest_p=2.0 ** (1 - k))
    rng = np.random.default_rng([seed, 6])
    reached = 0
    for done in range(0, n, _CHUNK):
        signs = rng.choice([-1.0, 1.0], size=(min(_CHUNK, n - done), k))
        reached += int(np.sum(np.abs(signs @ moving) >= reached_at))
    p_value = (1 + reached) / (1 + n)
    return SwapTest(p_value=p_value, n=n, exact=False, smallest_p=max(1 / (1 + n), 2.0 ** (1 - k)))


def mcnemar(right_a: NDArray[np.bool_], right_b: NDArray[np.bool_]) -> McNemar:
    """McNemar's exact test on the clips that one system alone got right (Dietterich 1998,
    doi:10.1162/089976698300017197).

    Under the null each such clip is a coin toss. It takes clips as independent, which clips of one
    speaker are not: read it second to a test that swaps whole speakers. 1 without such clips.
    """
    only_a, only_b = int(np.sum(right_a & ~right_b)), int(np.sum(right_b & ~right_a))
    tail = float(stats.binom.cdf(min(only_a, only_b), only_a + only_b, 0.5))
    return McNemar(p_value=min(1.0, 2 * tail), only_a=only_a, only_b=only_b)


def corrected_t(differences: Floats, test_train_ratio: float, *, level: float = 0.95) -> CorrectedT:
    """Corrected resampled t-test on the J fold-wise differences of repeated cross-validation.

    t = mean / sqrt((1/J + n_test/n_train) * variance) with J - 1 degrees of freedom: training
    parts overlap, so folds are no independent samples and 1/J alone is far too sure (Nadeau and
    Bengio 2003, doi:10.1023/A:1024068626366; for repeats Bouckaert and Frank 2004).
    """
    j = len(differences)
    mean = float(differences.mean())
    spread = float(differences.std(ddof=1))
    if spread <= 1e-12:
        nothing = abs(mean) <= 1e-12
        alike = 0.0 if nothing else math.nan
        return CorrectedT(p_value=1.0 if nothing else math.nan, t=alike, df=j - 1, mean=mean,
                          low=alike, high=alike)  # fmt: skip
    error = math.sqrt(1 / j + test_train_ratio) * spread
    t = mean / error
    margin = float(stats.t.ppf(0.5 + level / 2, j - 1)) * error
    return CorrectedT(
        p_value=float(2 * stats.t.sf(abs(t), j - 1)), t=t, df=j - 1, mean=mean,
        low=mean - margin, high=mean + margin,
    )  # fmt: skip


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number, in their own order (Holm 1979): the r-th smallest of m
    times m - r + 1, never below a smaller one's, at most 1."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(p_values))
    so_far = 0.0
    for rank, position in enumerate(order):
        so_far = max(so_far, min(1.0, (len(p_values) - rank) * p_values[position]))
        adjusted[position] = so_far
    return [float(value) for value in adjusted]
