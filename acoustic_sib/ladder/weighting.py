"""Rung 6: what class weights, resampling and moved thresholds change, so that imbalance is neither
blamed first nor forgotten.

Five ways of treating the classes, on the same folds and with one model: the baseline's most chosen
candidate. Everything that a way learns (weights, which clips are repeated or dropped, thresholds)
it learns inside the training part; nothing is chosen by the figures that are shown.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from acoustic_sib import metrics
from acoustic_sib.evaluate import Candidate, FoldTask, fold_tasks, inner_folds
from acoustic_sib.ladder.over_folds import Clips, over_folds
from acoustic_sib.ladder.registry import Climb, Found, Rows, rung, skipped
from acoustic_sib.metrics import Confusions, Figure
from acoustic_sib.models import WeightedSVM, Weighting, classifier, preparation

Floats = NDArray[np.float64]
Labels = NDArray[np.str_]
Codes = NDArray[np.int64]

WAYS = ("none", "balanced", "oversampled", "undersampled", "thresholds")
FEWEST_CLIPS = 5
"""A training part with fewer clips of a class says nothing of weights and resampling."""

LARGE_SHARE = 0.25
"""The rule of this rung: balanced weights explain a large part when their paired interval excludes
0 and the change is at least this share of the gain over chance of the better of the two."""

# Factors on a class's probability that threshold moving may choose from, the mildest first: of
# equals the first wins, so that a threshold stays where it is unless moving it helps.
_FACTORS = np.exp2(np.array(sorted(np.linspace(-4, 4, 33), key=abs)))
_PASSES = 3


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A fold's training and test part, prepared, and how to fit the one model on it."""

    seen: Floats
    labels: Labels
    unseen: Floats
    groups: Codes | None
    chosen: Candidate
    inner_splits: int
    seed: int
    rng: np.random.Generator

    def fit(self, rows: Codes | None = None, *, weighting: Weighting = "none") -> Any:
        rows = np.arange(len(self.labels)) if rows is None else rows
        model = classifier(
            self.chosen.model, self.chosen.settings, weighting=weighting, seed=self.seed
        )
        return model.fit(self.seen[rows], self.labels[rows])


@rung("weighting", question="How much of the result is due to unequal class sizes?")
def weighting(climb: Climb) -> Found:
    tasks = _first_repeat(climb)
    labels = climb.manifest["label"].to_numpy(dtype=str)
    for task in tasks:
        trained = dict.fromkeys(climb.classes, 0) | dict(
            zip(*np.unique(labels[task.train], return_counts=True), strict=True)
        )
        fewest = min(trained, key=lambda name: trained[name])
        if trained[fewest] < FEWEST_CLIPS:
            return skipped(
                f"class '{fewest}' has {trained[fewest]} clips in a training part; weights and "
                f"resampling on fewer than {FEWEST_CLIPS} say nothing"
            )
    atoms = _tried(climb, tasks)
    counts = climb.manifest["label"].value_counts()
    minority = str(counts.sort_index().idxmin())
    rows = _compared(atoms, minority, climb.config.evaluation.level)
    evidence = {
        "ways": rows,
        "minority_class": minority,
        "largest_to_smallest": float(counts.max() / counts.min()),
        "model": climb.chosen.name,
        "settings_chosen_with_class_weight": climb.config.models.class_weight,
        "folds": "those of the first repeat",
        "rule": f"a large part: the interval of balanced minus none excludes 0, and the change is "
        f"at least {LARGE_SHARE:.0%} of the larger gain over chance",
    }
    return _judged({row["way"]: row for row in rows}, 1 / len(climb.classes), minority, evidence,
                   weighted=climb.config.models.class_weight != "none")  # fmt: skip


def _first_repeat(climb: Climb) -> list[FoldTask]:
    """More repeats would not narrow an interval whose unit is the speaker."""
    folds = climb.folds
    return fold_tasks(folds[folds["repeat"] == folds["repeat"].min()], climb.manifest)


def _tried(climb: Climb, tasks: list[FoldTask]) -> dict[str, Confusions]:
    """Each way's out-of-fold confusions, by name."""
    found = over_folds(
        climb, tasks, "weighting and resampling",
        partial(_try_fold, chosen=climb.chosen, inner_splits=climb.config.models.inner_splits),
    )  # fmt: skip
    return {
        way: metrics.confusions(
            found.assign(predicted=found[way]), climb.manifest, climb.classes
        )
        for way in WAYS
    }  # fmt: skip


def _try_fold(
    task: FoldTask, clips: Clips, *, chosen: Candidate, inner_splits: int
) -> pd.DataFrame:
    table = clips.table[:, clips.sets[chosen.feature_set]]
    prepare = preparation().fit(table[task.train])
    part = _Part(
        seen=prepare.transform(table[task.train]), labels=clips.labels[task.train],
        unseen=prepare.transform(table[task.test]),
        groups=None if clips.speakers is None else clips.speakers[task.train],
        chosen=chosen, inner_splits=inner_splits, seed=clips.seed,
        rng=np.random.default_rng([clips.seed, 10, task.repeat, task.fold]),
    )  # fmt: skip
    ways: dict[str, Callable[[], Labels]] = {
        "none": lambda: part.fit().predict(part.unseen),
        "balanced": lambda: part.fit(weighting="balanced").predict(part.unseen),
        "oversampled": lambda: part.fit(oversampled(part.labels, part.rng)).predict(part.unseen),
        "undersampled": lambda: part.fit(undersampled(part.labels, part.rng)).predict(part.unseen),
        "thresholds": lambda: _by_thresholds(part),
    }
    return pd.DataFrame({"position": task.test} | {way: ways[way]() for way in WAYS})


def oversampled(labels: Labels, rng: np.random.Generator) -> Codes:
    """Positions with clips of the smaller classes drawn again until all are as large as the
    largest; every clip stays at least once."""
    classes, counts = np.unique(labels, return_counts=True)
    parts = [np.arange(len(labels))]
    for name, count in zip(classes, counts, strict=True):
        parts.append(rng.choice(np.flatnonzero(labels == name), counts.max() - count))
    return np.concatenate(parts)


def undersampled(labels: Labels, rng: np.random.Generator) -> Codes:
    """Positions of as many random clips of each class as the smallest class has."""
    classes, counts = np.unique(labels, return_counts=True)
    parts = [
        rng.choice(np.flatnonzero(labels == name), counts.min(), replace=False) for name in classes
    ]
    return np.sort(np.concatenate(parts))


def _by_thresholds(part: _Part) -> Labels:
    """The unweighted model with thresholds that were best for its own unseen training clips."""
    _, codes = np.unique(part.labels, return_inverse=True)
    folds = inner_folds(codes, part.groups, part.inner_splits, part.rng)
    inside = np.zeros((len(codes), int(codes.max()) + 1))
    for fold in np.unique(folds):
        model = part.fit(np.flatnonzero(folds != fold))
        known = np.isin(np.unique(part.labels), model.classes_)
        inside[np.ix_(folds == fold, known)] = _scores(model, part.seen[folds == fold])
    factors = thresholds(inside, codes)
    model = part.fit()
    chosen: Labels = model.classes_[np.argmax(_scores(model, part.unseen) * factors, axis=1)]
    return chosen


def _scores(model: Any, table: Floats) -> Floats:
    """Probabilities, or what stands for them in a support vector machine: the softmax of its
    margins. Its scaled probabilities leap with its votes, and a factor would move too many."""
    if not isinstance(model, WeightedSVM):
        probabilities: Floats = model.predict_proba(table)
        return probabilities
    stands_for: Floats = softmax(model.class_margins(table), axis=1)
    return stands_for


def thresholds(probabilities: Floats, codes: Codes) -> Floats:
    """A factor for each class's probability with the best UAR on these clips, one class at a time.

    Of equal UARs the factor nearest 1 is kept. `codes` are the true classes, 0 to C-1, all there.
    """
    n_classes = probabilities.shape[1]
    factors = np.ones(n_classes)
    weight = 1 / np.bincount(codes, minlength=n_classes)[codes] / n_classes

    def uar(tried: Floats) -> float:
        return float(weight[np.argmax(probabilities * tried, axis=1) == codes].sum())

    best = uar(factors)
    for _ in range(_PASSES):
        before = best
        for code in range(n_classes):
            for factor in _FACTORS:
                tried = factors.copy()
                tried[code] = factor
                reached = uar(tried)
                if reached > best + 1e-12:
                    best, factors = reached, tried
        if best == before:
            break
    return factors


def _compared(atoms: dict[str, Confusions], minority: str, level: float) -> Rows:
    """A row a way: its figures with intervals, and its paired differences to `none`."""
    rows = []
    position = atoms["none"].classes.index(minority)
    for way in WAYS:
        own, plain = atoms[way], atoms["none"]
        row: dict[str, Any] = {
            "way": way,
            "uar": metrics.interval(own, metrics.uar, level=level).as_dict(),
            "macro_f1": metrics.interval(own, metrics.macro_f1, level=level).as_dict(),
            "minority_recall": metrics.recall_interval(own, position, level=level).as_dict(),
        }
        if way != "none":
            row["uar_change"] = _difference(own, plain, metrics.uar, level)
            row["macro_f1_change"] = _difference(own, plain, metrics.macro_f1, level)
            row["minority_recall_change"] = _difference(
                _bearing(own, position), _bearing(plain, position), metrics.recall_of(position),
                level,
            )  # fmt: skip
        rows.append(row)
    return rows


def _bearing(atoms: Confusions, position: int) -> Confusions:
    """The units that bear a class: others have no part in its recall."""
    bears = atoms.counts[:, position].sum(axis=-1) > 0
    units = tuple(np.array(atoms.units)[bears].tolist())
    return replace(atoms, counts=atoms.counts[bears], units=units)


def _difference(a: Confusions, b: Confusions, figure: Figure, level: float) -> dict[str, float]:
    value, low, high = metrics.difference_interval(a, b, figure, level=level)
    return {"value": value, "low": low, "high": high, "level": level}


def _judged(
    rows: dict[str, dict[str, Any]], chance: float, minority: str, evidence: dict[str, Any], *,
    weighted: bool,
) -> Found:  # fmt: skip
    plain, balanced = rows["none"]["uar"], rows["balanced"]["uar"]
    change = rows["balanced"]["uar_change"]
    recall = [rows[way]["minority_recall"]["value"] for way in ("none", "balanced")]
    compared = (
        f"balanced weights change the UAR from {plain['value']:.3f} to {balanced['value']:.3f} "
        f"({change['value']:+.3f} [{change['low']:+.3f}, {change['high']:+.3f}]) and the recall of "
        f"{minority}, the smallest class, from {recall[0]:.2f} to {recall[1]:.2f}"
    )
    if not (plain["low"] > chance or balanced["low"] > chance):
        return Found(
            status="pass",
            says=f"{compared}; neither is shown to be above chance, so class sizes are not what "
            "keeps the labels from being learnt",
            evidence=evidence,
        )
    gain = max(plain["value"], balanced["value"]) - chance
    share = min(abs(change["value"]) / gain, 1.0)
    sure = change["low"] > 0 or change["high"] < 0
    evidence = {**evidence, "share_of_gain": share}
    if not sure or share < LARGE_SHARE:
        helps = "help, as expected, but " if sure and change["value"] > 0 else ""
        return Found(
            status="pass",
            says=f"{compared}: weights {helps}matter little here, so a model at chance is not "
            "there for its class sizes",
            evidence=evidence,
        )
    if change["value"] < 0:
        return Found(
            status="warn",
            says=f"{compared}: weights take {share:.0%} of the gain over chance away",
            next="check again with models.class_weight: none, which chooses its settings without "
            "weights",
            evidence=evidence,
        )
    then = "train any other model with class weights or balanced sampling before looking further"
    if not weighted:
        then += ", and set models.class_weight: balanced here"
    return Found(
        status="warn", next=then, evidence=evidence,
        says=f"{compared}: {share:.0%} of the gain over chance is lost without them, so class "
        "sizes alone can make a model look as if it did not learn",
    )  # fmt: skip
