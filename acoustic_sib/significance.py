"""Is a score above chance? A permutation test over the unit that is exchangeable.

The predictions of a ridge (least-squares) classifier are linear in the label indicators, so one
factorisation a fold serves all permutations as matrix products (evaluation.md; Ojala & Garriga
2010, JMLR 11:1833). The statistic is the same for the true and for the permuted labels: the
pooled out-of-fold UAR of that classifier.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Exchange = Literal["speaker", "within_speaker", "mixed", "clip"]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

RIDGE_SHARE = 0.1
"""Ridge penalty as a share of the training clips; fixed, since a choice by labels would be part of
the statistic and would have to be made anew in each permutation."""


@dataclass(frozen=True, kw_only=True)
class Exchangeable:
    """Which labels may be exchanged: each block is a list of groups of clips with equal size one
    label a group; labels move among the groups of a block."""

    unit: Exchange
    blocks: tuple[tuple[Codes, ...], ...]


@dataclass(frozen=True, kw_only=True)
class PermutationTest:
    p_value: float
    n: int
    unit: Exchange
    smallest_p: float
    statistic: float
    null_mean: float
    null_sd: float


def exchangeable(labels: Codes, speakers: NDArray[np.str_] | None) -> Exchangeable:
    """The blocks of exchangeable labels of a design.

    Whole speakers where a speaker bears one label, clips within speakers where each bears several;
    both at once in a mix, which keeps the design; clips where no speaker is known.
    """
    if speakers is None:
        return Exchangeable(unit="clip", blocks=(tuple(np.arange(len(labels))[:, None]),))
    within: list[tuple[Codes, ...]] = []
    whole: list[Codes] = []
    codes, names = pd.factorize(speakers, sort=True)
    for code in range(len(names)):
        clips = np.flatnonzero(codes == code)
        if len(np.unique(labels[clips])) > 1:
            within.append(tuple(clips[:, None]))
        else:
            whole.append(clips)
    blocks = [*within, *([tuple(whole)] if whole else [])]
    unit: Exchange = "mixed" if within and whole else "within_speaker" if within else "speaker"
    return Exchangeable(unit=unit, blocks=tuple(blocks))


def permuted(design: Exchangeable, labels: Codes, n: int, rng: np.random.Generator) -> Codes:
    """`n` relabellings (n, clips) drawn uniformly from those that keep the design."""
    drawn = np.tile(labels, (n, 1))
    for groups in design.blocks:
        first = np.array([group[0] for group in groups])
        orders = rng.permuted(np.tile(np.arange(len(groups)), (n, 1)), axis=1)
        moved = labels[first][orders]
        sizes = [len(group) for group in groups]
        drawn[:, np.concatenate(groups)] = np.repeat(moved, sizes, axis=1)
    return drawn


def smallest_p(design: Exchangeable, labels: Codes, n: int) -> float:
    """The smallest p that this design and number of permutations can reach.

    A renaming of the classes that keeps every block's counts gives the same score as the true
    labels, so the exact test cannot go below (such renamings) / (distinct relabellings).
    """
    n_classes = int(labels.max()) + 1
    counts = np.array([
        np.bincount(labels[[group[0] for group in groups]], minlength=n_classes)
        for groups in design.blocks
    ])  # fmt: skip
    log_distinct = sum(
        math.lgamma(row.sum() + 1) - sum(math.lgamma(count + 1) for count in row) for row in counts
    )
    if n_classes > 6:
        renamings = 1
    else:
        renamings = sum(
            bool((counts[:, list(order)] == counts).all())
            for order in itertools.permutations(range(n_classes))
        )
    exact = math.exp(min(math.log(renamings) - log_distinct, 0.0))
    return max(exact, 1 / (1 + n))


def permutation_test(
    features: Floats,
    labels: Codes,
    speakers: NDArray[np.str_] | None,
    folds: Codes,
    *,
    n: int = 1000,
    seed: int = 0,
) -> PermutationTest:
    """p = (1 + b) / (1 + n) for b relabellings that score at least as well as the labels.

    `features` (clips, columns) may hold NaN (set to the training mean); `folds` (clips,) names the
    fold that tests a clip, -1 for clips only ever trained on.
    """
    design = exchangeable(labels, speakers)
    rng = np.random.default_rng([seed, 1])
    operators = _fold_operators(features, folds)
    statistic = float(_uar_of_relabellings(labels[None, :], operators)[0])
    null = np.concatenate([
        _uar_of_relabellings(permuted(design, labels, min(250, n - done), rng), operators)
        for done in range(0, n, 250)
    ])  # fmt: skip
    reached = int(np.sum(null >= statistic - 1e-12))
    return PermutationTest(
        p_value=(1 + reached) / (1 + n), n=n, unit=design.unit,
        smallest_p=smallest_p(design, labels, n), statistic=statistic,
        null_mean=float(null.mean()), null_sd=float(null.std(ddof=1)),
    )  # fmt: skip


def best_of_tables(
    tables: Sequence[Floats], labels: Codes, speakers: NDArray[np.str_] | None, folds: Codes, *,
    n: int = 1000, seed: int = 0,
) -> float:  # fmt: skip
    """p of the best of several tables of the same clips: what the largest true score has to beat
    is the largest score of each relabelling (Westfall & Young 1993). Tables as the features of
    `permutation_test`, which this is with one table."""
    design = exchangeable(labels, speakers)
    drawn = permuted(design, labels, n, np.random.default_rng([seed, 1]))
    relabelled = np.concatenate([labels[None], drawn])
    best = np.max([scores_of_relabellings(one, relabelled, folds) for one in tables], axis=0)
    return (1 + int(np.sum(best[1:] >= best[0] - 1e-12))) / (1 + n)


def scores_of_relabellings(
    features: Floats, relabelled: NDArray[np.integer[Any]], folds: Codes
) -> Floats:
    """The statistic of `permutation_test` for each relabelling (n, clips) of the same clips."""
    operators = _fold_operators(features, folds)
    parts = [relabelled[done : done + 250].astype(int) for done in range(0, len(relabelled), 250)]
    return np.concatenate([_uar_of_relabellings(part, operators) for part in parts])


def _fold_operators(features: Floats, folds: Codes) -> list[tuple[Codes, Codes, Floats]]:
    """For each fold its test clips, training clips, and the matrix from indicators to scores."""
    operators = []
    for fold in np.unique(folds[folds >= 0]):
        test, train = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        seen, unseen = _standardized(features[train], features[test])
        penalty = RIDGE_SHARE * len(train)
        if seen.shape[1] <= len(train):
            gram = seen.T @ seen + penalty * np.eye(seen.shape[1])
            operator = unseen @ np.linalg.solve(gram, seen.T)
        else:
            gram = seen @ seen.T + penalty * np.eye(len(train))
            operator = np.linalg.solve(gram, seen @ unseen.T).T
        operators.append((test, train, operator))
    return operators


def _standardized(train: Floats, test: Floats) -> tuple[Floats, Floats]:
    """Both parts in z-scores of the training part; NaN becomes its mean, 0."""
    measured = np.isfinite(train)
    n = np.maximum(measured.sum(axis=0), 1)
    mean = np.where(measured, train, 0).sum(axis=0) / n
    centred = np.where(measured, train - mean, 0)
    spread = np.sqrt((centred**2).sum(axis=0) / n)
    scale = np.where(spread > 1e-12 * (1 + np.abs(mean)), spread, np.inf)
    unseen = np.where(np.isfinite(test), test - mean, 0) / scale
    return centred / scale, unseen


def _uar_of_relabellings(relabelled: Codes, operators: list[tuple[Codes, Codes, Floats]]) -> Floats:
    """Out-of-fold UAR of each relabelling (n, clips) of the same clips."""
    n, n_classes = len(relabelled), int(relabelled.max()) + 1
    correct = np.zeros((n, n_classes))
    support = np.zeros((n, n_classes))
    for test, train, operator in operators:
        best = np.full((n, len(test)), -np.inf)
        chosen = np.zeros((n, len(test)), dtype=int)
        truth = relabelled[:, test]
        for code in range(n_classes):
            indicator = (relabelled[:, train] == code).astype(float)
            share = indicator.mean(axis=1, keepdims=True)
            # Least-squares estimates of P(class | x) over the class's share: Bayes' rule with
            # equal priors, so that a frequent class does not win by its frequency.
            lift = np.full((n, len(test)), -np.inf)
            np.divide(indicator @ operator.T, share, out=lift, where=share > 0)
            better = lift > best
            chosen[better] = code
            best = np.maximum(best, lift)
        for code in range(n_classes):
            here = truth == code
            support[:, code] += here.sum(axis=1)
            correct[:, code] += (here & (chosen == code)).sum(axis=1)
    recalls = np.divide(correct, support, out=np.full_like(correct, np.nan), where=support > 0)
    mean: Floats = np.nanmean(recalls, axis=1)
    return mean
