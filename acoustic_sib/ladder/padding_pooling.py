"""Rung 3: what padding a short clip and pooling over time cost, before any network is trained.

The same frame measures, padded in five ways and pooled in six, each cell judged on the same folds
by the same model. The comparisons that decide the rung were named before anything was measured;
the best of thirty cells is the best partly by chance, and nothing is chosen by it.
"""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib import metrics
from acoustic_sib.errors import CorpusError
from acoustic_sib.evaluate import FoldTask, fold_tasks
from acoustic_sib.extract import pooled
from acoustic_sib.features.padded import MEASURES, PADDINGS, POOLINGS, WINDOW_S, columns_of_cell
from acoustic_sib.ladder.over_folds import Clips, over_folds
from acoustic_sib.ladder.registry import Climb, Found, Rows, rung, skipped
from acoustic_sib.metrics import Confusions
from acoustic_sib.models import classifier, preparation

Floats = NDArray[np.float64]
Labels = NDArray[np.str_]
Codes = NDArray[np.int64]
Cell = tuple[str, str]

MODEL, SETTINGS = "logistic", {"C": 1.0}
"""The one model of all cells: scikit-learn's default strength, tuned on nothing."""

AS_IS, PADDED = ("as_is", "mean"), ("zeros_end", "mean")
REMEDIES: dict[str, Cell] = {
    "valid_frames": ("zeros_end", "valid_frames"),
    "energy_weighted": ("zeros_end", "energy_weighted"),
    "repeated": ("repeated", "mean"),
}
"""What could be done instead of a plain mean over zero-padded frames."""

MOSTLY_LENGTH = 0.5
"""Share of the padded mean's variance from which a head that is not standardised is warned of."""

LENGTH = "log_duration"
_LENGTH_ALONE, _AND_LENGTH = ("length", "alone"), ("as_is", "mean and length")

RULE = (
    "warn: the paired interval of zeros_end x mean minus as_is x mean excludes 0; fail: it lies "
    "below 0, and zeros_end x mean is not shown to be above chance though as_is x mean is. Only "
    "this comparison decides; the other cells are shown"
)
READING = (
    "the best of 30 cells is the best partly by chance. Valid frames are here the clip's own, to "
    "the last digit; in a network each frame hears its neighbours, so padding reaches some of "
    "them. The mean over a padded window tells the clip's length as well (length: a model that "
    "knows nothing else, and what length adds to the mean as it is)"
)


@rung("padding_pooling", question="What do padding and pooling alone cost on these clips?")
def padding_pooling(climb: Climb) -> Found:
    names = climb.manifest["clip_id"]
    duration_s = climb.quality.loc[names, "duration_s"].to_numpy(dtype=float)
    if not (duration_s < WINDOW_S).any():
        return skipped(f"every clip lasts {WINDOW_S:.1f} s or more: nothing is padded")
    table = _measured(climb).assign(**{LENGTH: np.log(duration_s)})
    sets = {(padding, pooling): columns_of_cell(padding, pooling)
            for padding in PADDINGS for pooling in POOLINGS}  # fmt: skip
    extra = {_LENGTH_ALONE: [LENGTH], _AND_LENGTH: [*sets[AS_IS], LENGTH]}
    atoms = _tried(climb, table, {**sets, **extra})
    level = climb.config.evaluation.level
    filled = np.minimum(duration_s, WINDOW_S)
    cells = [
        {"padding": padding, "pooling": pooling,
         "uar": _uar(atoms[padding, pooling], level),
         "change": None if (padding, pooling) == AS_IS
         else _change(atoms[padding, pooling], atoms[AS_IS], level),
         "explained_by_length": explained(table[columns].to_numpy(dtype=float), filled)}
        for (padding, pooling), columns in sets.items()
    ]  # fmt: skip
    evidence = {
        "paddings": list(PADDINGS), "poolings": list(POOLINGS), "cells": cells,
        "cost": _change(atoms[PADDED], atoms[AS_IS], level),
        "given_back": {name: _change(atoms[cell], atoms[PADDED], level)
                       for name, cell in REMEDIES.items()},
        "length": {"alone": _uar(atoms[_LENGTH_ALONE], level),
                   "with_as_is_mean": _uar(atoms[_AND_LENGTH], level),
                   "adds": _change(atoms[_AND_LENGTH], atoms[AS_IS], level)},
        "window_s": WINDOW_S, "median_share_of_window": float(np.median(filled)) / WINDOW_S,
        "n_cut": int((duration_s > WINDOW_S).sum()),
        "model": f"{MODEL}(C={SETTINGS['C']:g}) on {len(MEASURES)} measures of each frame, pooled",
        "folds": "those of the first repeat", "rule": RULE, "reading": READING,
    }  # fmt: skip
    return _judged(evidence, 1 / len(climb.classes))


def _measured(climb: Climb) -> pd.DataFrame:
    """The pooled measures of every clip, in the manifest's order."""
    with climb.stage("padding and pooling the clips") as progress:
        measured = pooled(climb.manifest, climb.recipe, climb.config.audio, climb.work(progress))
    if measured.problems:
        raise CorpusError(
            f"{len(measured.problems)} of {len(climb.manifest)} clips can no longer be read; the "
            f"first: {measured.problems[0].reason}; expected the files that the check began with: "
            "were they moved while it ran?"
        )
    return measured.table.loc[climb.manifest["clip_id"]]


def explained(pooled: Floats, filled_s: Floats) -> float:
    """Share of the variance between clips that a straight line in the part of the window which the
    clip fills explains: R², mean over the columns; NaN where no column or no length varies."""
    varying = pooled[:, np.ptp(pooled, axis=0) > 1e-9 * np.abs(pooled).max(axis=0)]
    if varying.shape[1] == 0 or np.ptp(filled_s) == 0:
        return float("nan")
    standard = (varying - varying.mean(axis=0)) / varying.std(axis=0)
    length = (filled_s - filled_s.mean()) / filled_s.std()
    return float(np.mean((length @ standard / len(length)) ** 2))


def _tried(
    climb: Climb, table: pd.DataFrame, sets: dict[Cell, list[str]]
) -> dict[Cell, Confusions]:
    """Each cell's out-of-fold confusions, on the folds of the first repeat."""
    values = table.to_numpy(dtype=float)
    positions = {cell: table.columns.get_indexer(pd.Index(names)) for cell, names in sets.items()}
    # More repeats would not narrow an interval whose unit is the speaker.
    first = climb.folds[climb.folds["repeat"] == climb.folds["repeat"].min()]
    found = over_folds(
        climb, fold_tasks(first, climb.manifest), "comparing paddings and poolings",
        partial(_try_fold, values=values, positions=positions),
    )  # fmt: skip
    return {
        cell: metrics.confusions(
            found.assign(predicted=found[name]), climb.manifest, climb.classes
        )
        for cell, name in zip(sets, map(" x ".join, sets), strict=True)
    }  # fmt: skip


def _try_fold(
    task: FoldTask, clips: Clips, *, values: Floats, positions: dict[Cell, Codes]
) -> pd.DataFrame:
    predicted: dict[str, Any] = {"position": task.test}
    for cell, columns in positions.items():
        prepare = preparation().fit(values[np.ix_(task.train, columns)])
        seen = prepare.transform(values[np.ix_(task.train, columns)])
        fitted = classifier(MODEL, SETTINGS, weighting=clips.weighting, seed=clips.seed).fit(
            seen, clips.labels[task.train]
        )
        unseen = prepare.transform(values[np.ix_(task.test, columns)])
        predicted[" x ".join(cell)] = fitted.predict(unseen)
    return pd.DataFrame(predicted)


def _uar(atoms: Confusions, level: float) -> dict[str, Any]:
    return metrics.interval(atoms, metrics.uar, level=level).as_dict()


def _change(a: Confusions, b: Confusions, level: float) -> dict[str, float]:
    value, low, high = metrics.difference_interval(a, b, metrics.uar, level=level)
    return {"value": value, "low": low, "high": high, "level": level}


def _judged(evidence: dict[str, Any], chance: float) -> Found:
    uars = {(cell["padding"], cell["pooling"]): cell["uar"] for cell in evidence["cells"]}
    plain, padded, cost = uars[AS_IS], uars[PADDED], evidence["cost"]
    explained_share = _of(evidence["cells"], PADDED)["explained_by_length"]
    says = (
        f"zeros to {WINDOW_S:.1f} s change the UAR of a mean over frames from {plain['value']:.3f} "
        f"to {padded['value']:.3f} ({_signed(cost)})"
    )
    others = {name: uars[cell]["value"] for name, cell in REMEDIES.items()}
    instead = (
        f"a mean over valid frames reaches {others['valid_frames']:.3f}, one weighted by energy "
        f"{others['energy_weighted']:.3f}, clips repeated instead of padded "
        f"{others['repeated']:.3f}"
    )
    if not np.isfinite(cost["low"]):
        return Found(
            status="skipped", evidence=evidence,
            says=f"{says}, without an interval: leaving out one {plain['unit']} removes a class",
        )  # fmt: skip
    heard = [uar["low"] > chance for uar in (plain, padded)]
    if cost["high"] < 0:
        back = evidence["given_back"]
        lost = heard == [True, False]
        return Found(
            status="fail" if lost else "warn",
            says=f"{says}{', not shown to be above chance' if lost else ''}; {instead}",
            next="in a network, pool over each clip's valid frames (pass the attention mask and "
            "see that the pooling uses it; where the checkpoint takes none, slice the frames by "
            f"the clip's length: {back['valid_frames']['value']:+.3f} here), or weight frames by "
            f"energy ({back['energy_weighted']['value']:+.3f}), or repeat the clip "
            f"({back['repeated']['value']:+.3f})",
            evidence=evidence,
        )
    if cost["low"] > 0:
        alone = evidence["length"]["alone"]
        return Found(
            status="warn",
            says=f"{says}: padding adds what the sound has not. The clip's length explains "
            f"{explained_share:.0%} of the padded mean's variance, and alone reaches "
            f"{alone['value']:.3f}",
            next="see the shortcut check: a network on padded windows can learn the length of the "
            "clip; pool over valid frames, or cut all clips to one length",
            evidence=evidence,
        )
    shown = "no loss is shown" if any(heard) else "neither is shown to be above chance"
    then = ""
    if all(heard) and explained_share >= MOSTLY_LENGTH:
        then = (
            f"a network at chance on padded windows has another fault: {explained_share:.0%} of "
            "the padded mean's variance between clips is their length, which this model, "
            "standardised and trained to the end, looks past; standardise the pooled vectors "
            "before the head, or train it longer"
        )
    return Found(status="pass", says=f"{says}: {shown}; {instead}", next=then, evidence=evidence)


def _of(cells: Rows, cell: Cell) -> dict[str, Any]:
    return next(row for row in cells if (row["padding"], row["pooling"]) == cell)


def _signed(change: dict[str, float]) -> str:
    return f"{change['value']:+.3f} [{change['low']:+.3f}, {change['high']:+.3f}]"
