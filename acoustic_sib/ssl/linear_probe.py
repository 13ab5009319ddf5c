"""A standardised linear probe on one table of vectors: every fold, its penalty chosen inside.

Logistic regression with an L2 penalty and balanced classes, on z-scores of the training part. The
penalty is stated by the columns: C = strength / columns, so that a strength means as much on 768
as on 1536 columns (the squared length of a standardised vector is its number of columns).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from acoustic_sib.evaluate import FoldTask, inner_folds
from acoustic_sib.models import Weighting, classifier

Floats = NDArray[np.float64]
Single = NDArray[np.float32]
Codes = NDArray[np.int64]
Labels = NDArray[np.str_]

STRENGTHS = (1.0, 8.0)
"""Strengths to choose from inside the training folds, the simpler probe first."""
TOLERANCE, INNER_TOLERANCE = 1e-3, 1e-2
"""Of the solver's gradient: what is reported is fitted well; what only steers the choice, half as
long."""
_RNG = 40


@dataclass(frozen=True, kw_only=True)
class FoldSplit:
    """One outer fold with the folds inside its training part (a number for each training clip)."""

    task: FoldTask
    inner: Codes


@dataclass(frozen=True, kw_only=True)
class Probed:
    """`inner_uar` (folds,): of the strength chosen, inside each training part; `strengths` (folds,)
    as chosen; `probabilities`: of each fold's tested clips (clips, classes)."""

    inner_uar: Floats
    strengths: Floats
    probabilities: list[Floats]


def splits_of(
    tasks: Sequence[FoldTask], codes: Codes, groups: Codes | None, *, n_splits: int, seed: int
) -> list[FoldSplit]:
    """The folds inside each training part, speakers held out; the same for every cell."""
    return [
        FoldSplit(task=task, inner=inner_folds(
            codes[task.train], None if groups is None else groups[task.train], n_splits,
            np.random.default_rng([seed, _RNG, task.repeat, task.fold])))
        for task in tasks
    ]  # fmt: skip


def probe_table(
    table: Floats | Single, codes: Codes, splits: Sequence[FoldSplit], *, weighting: Weighting,
    names: Sequence[str], strengths: Sequence[float] = STRENGTHS,
) -> Probed:  # fmt: skip
    """Probe `table` (clips, columns; NaN is set to the training mean) in every fold.

    The strength is the one with the best pooled UAR in the folds inside the training part, of
    equals the first. A class that a training part lacks has probability 0.
    """
    labels = np.asarray(names, dtype=str)[codes]
    inner, chosen, probabilities = [], [], []
    with threadpool_limits(limits=1):
        for split in splits:
            train, test = split.task.train, split.task.test
            seen, unseen = standardized(table[train], table[test])
            penalties = [strength / table.shape[1] for strength in strengths]
            scores = [_inner_uar(seen, labels[train], split.inner, penalty, weighting)
                      for penalty in penalties]  # fmt: skip
            best = int(np.argmax(scores))
            fitted = _fitted(seen, labels[train], penalties[best], weighting, TOLERANCE)
            found = np.zeros((len(test), len(names)))
            places = [list(names).index(str(name)) for name in fitted.classes_]
            found[:, places] = fitted.predict_proba(unseen)
            inner.append(scores[best])
            chosen.append(strengths[best])
            probabilities.append(found / found.sum(axis=1, keepdims=True))
    return Probed(inner_uar=np.array(inner), strengths=np.array(chosen),
                  probabilities=probabilities)  # fmt: skip


def standardized(train: Floats | Single, test: Floats | Single) -> tuple[Single, Single]:
    """Both parts as z-scores of the training part, in single precision; constant columns and NaN
    become 0."""
    whole = bool(np.isfinite(train).all())
    mean = (np.mean if whole else np.nanmean)(train, axis=0, dtype=np.float64)
    spread = (np.std if whole else np.nanstd)(train, axis=0, dtype=np.float64)
    scale = np.where(spread > 1e-9 * (1 + np.abs(mean)), spread, np.inf)
    seen, unseen = (np.nan_to_num((part - mean) / scale).astype(np.float32)
                    for part in (train, test))  # fmt: skip
    return seen, unseen


def _fitted(
    seen: Single, labels: Labels, penalty: float, weighting: Weighting, tolerance: float
) -> Any:
    settings = {"C": penalty, "tol": tolerance}
    return classifier("logistic", settings, weighting=weighting, seed=0).fit(seen, labels)


def _inner_uar(
    seen: Single, labels: Labels, folds: Codes, penalty: float, weighting: Weighting
) -> float:
    predicted = np.empty_like(labels)
    for fold in np.unique(folds):
        train, test = folds != fold, folds == fold
        fitted = _fitted(seen[train], labels[train], penalty, weighting, INNER_TOLERANCE)
        predicted[test] = fitted.predict(seen[test])
    return float(np.mean([(predicted == name)[labels == name].mean()
                          for name in np.unique(labels)]))  # fmt: skip
