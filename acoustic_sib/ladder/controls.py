"""Controls: the figure by phone, voicing, sex and age, and what a random split would report.

They are no rung: they answer no question of their own, but say for whom the baseline's figure
holds, and how far it would rise if the folds mixed speakers.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from acoustic_sib import metrics
from acoustic_sib.evaluate import Candidate, FoldTask, fold_tasks, speaker_codes
from acoustic_sib.folds import grouped_folds, stratified_folds
from acoustic_sib.ladder.groups import CHILD_BELOW_YEARS, Grouping, groupings, not_measurable
from acoustic_sib.ladder.over_folds import Clips, over_folds, predicted
from acoustic_sib.ladder.registry import Climb, Rows
from acoustic_sib.metrics import Confusions
from acoustic_sib.tables import ONLY_TRAINED_ON

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_GAIN = 0.03
"""The alarm of the random split: its UAR is higher by at least this, and surely higher."""

_STREAM = 31
_ALONE = ("phone", "voicing")
_GROUPED, _RANDOM = "grouped", "random"


def controls_of(climb: Climb) -> dict[str, Any]:
    """`controls` and `random_split` of result.json.

    A row of `controls` is one group: `uar` is the baseline's, tested on that group alone;
    `difference` that to the largest group of the control. For phone and voicing `alone` is a UAR
    trained and tested within the group, and `alone_change` its difference to the same model
    trained on everything. One model, the baseline's most chosen candidate, in folds that hold
    speakers out. A group that cannot be measured has a `reason` and no figures.
    """
    found = groupings(climb.manifest)
    tested = _tested(climb)
    apart = {
        (one.control, group): rows
        for one in found if one.of_clip is not None and one.control in _ALONE
        for group, rows in _members(climb, one, tested).items()
        if not not_measurable(climb.manifest.iloc[rows], climb.classes)
    }  # fmt: skip
    said = _refitted(climb, apart, tested)
    rows = [row for one in found for row in _rows(climb, one, tested, said)]
    return {"controls": rows, "random_split": _random_split(climb, tested, said)}


def _tested(climb: Climb) -> Codes:
    names = climb.folds.loc[climb.folds["fold"] != ONLY_TRAINED_ON, "clip_id"].unique()
    return np.flatnonzero(climb.manifest["clip_id"].isin(names))


def _members(climb: Climb, one: Grouping, tested: Codes) -> dict[str, Codes]:
    """Positions of the tested clips of each group, in the groups' order."""
    assert one.of_clip is not None
    groups = one.of_clip.iloc[tested]
    return {str(name): tested[(groups == name).to_numpy()] for name in sorted(set(groups.dropna()))}


def _refitted(
    climb: Climb, apart: Mapping[tuple[str, str], Codes], tested: Codes
) -> dict[Any, pd.DataFrame]:
    """What the fixed model says in folds that hold speakers out, in folds that mix them, and
    within each of the groups; all in one go."""
    tasks = _speaker_tasks(climb)
    if not tasks:
        return {}
    splits: dict[Any, list[FoldTask]] = {_GROUPED: tasks, _RANDOM: _random_tasks(climb, len(tasks))}
    for name, rows in apart.items():
        within = [
            FoldTask(repeat=0, fold=task.fold, train=np.intersect1d(task.train, rows),
                     test=np.intersect1d(task.test, rows))
            for task in tasks
        ]  # fmt: skip
        labels = climb.manifest["label"].to_numpy(dtype=str)
        if all(len(set(labels[one.train])) == len(climb.classes) for one in within):
            splits[name] = [one for one in within if len(one.test)]
    numbered = [
        FoldTask(repeat=number, fold=task.fold, train=task.train, test=task.test)
        for number, members in enumerate(splits.values()) for task in members
    ]  # fmt: skip
    worker = partial(_predict, candidate=climb.chosen)
    found = over_folds(climb, numbered, "controls and a random split", worker)
    found = found[found["position"].isin(tested)]
    return {name: found[found["repeat"] == number].drop(columns=["repeat", "label"])
            for number, name in enumerate(splits)}  # fmt: skip


def _predict(task: FoldTask, clips: Clips, candidate: Candidate) -> pd.DataFrame:
    fitted = clips.fitted(candidate, task.train)
    return predicted(task, fitted.predict(clips.seen_by(candidate, task.test)))


def _speaker_tasks(climb: Climb) -> list[FoldTask]:
    """The plan's first repeat where it holds speakers out, else folds that do; none without
    speakers, or where they cannot be dealt so that each training part has every class."""
    speakers = speaker_codes(climb.manifest)
    if speakers is None:
        return []
    tasks = fold_tasks(climb.folds[climb.folds["repeat"] == climb.folds["repeat"].min()],
                       climb.manifest)  # fmt: skip
    if not any(np.isin(speakers[task.test], speakers[task.train]).any() for task in tasks):
        return tasks
    n_splits = min(max(len(tasks), 2), int(speakers.max()) + 1)
    codes = np.unique(climb.manifest["label"], return_inverse=True)[1]
    rng = np.random.default_rng([climb.config.seed, _STREAM, 0])
    folds = grouped_folds(codes, speakers, n_splits, rng) if n_splits > 1 else None
    return [] if folds is None else _tasks(folds)


def _random_tasks(climb: Climb, n_splits: int) -> list[FoldTask]:
    codes = np.unique(climb.manifest["label"], return_inverse=True)[1]
    rng = np.random.default_rng([climb.config.seed, _STREAM, 1])
    return _tasks(stratified_folds(codes, max(n_splits, 2), rng))


def _tasks(folds: Codes) -> list[FoldTask]:
    return [
        FoldTask(repeat=0, fold=int(fold), train=np.flatnonzero(folds != fold),
                 test=np.flatnonzero(folds == fold))
        for fold in np.unique(folds)
    ]  # fmt: skip


def _rows(climb: Climb, one: Grouping, tested: Codes, said: Mapping[Any, pd.DataFrame]) -> Rows:
    if one.of_clip is None:
        return [{"control": one.control, "column": one.column, "group": None, "uar": None,
                 "reason": one.reason}]  # fmt: skip
    level = climb.config.evaluation.level
    rows, atoms = [], {}
    members = _members(climb, one, tested)
    for group, positions in members.items():
        clips = climb.manifest.iloc[positions]
        row: dict[str, Any] = {
            "control": one.control, "column": one.column, "group": group, "n_clips": len(clips),
            "n_speakers": clips["speaker"].nunique() if "speaker" in clips else None, "uar": None,
            "reason": not_measurable(clips, climb.classes),
        }  # fmt: skip
        if one.column is not None and one.column.casefold() == "age":
            row["says"] = f"'child' is below {CHILD_BELOW_YEARS} years"
        if not row["reason"]:
            atoms[group] = _counted(climb.baseline.predictions, clips, climb.classes)
            row["uar"] = metrics.interval(atoms[group], metrics.uar, level=level).as_dict()
            if (one.control, group) in said:
                row |= _alone(climb, clips, said[one.control, group], said[_GROUPED])
        rows.append(row)
    if len(atoms) > 1:
        largest = max(atoms, key=lambda group: len(members[group]))
        for row in rows:
            if row["group"] in atoms and row["group"] != largest:
                row["difference"] = {
                    "to": largest, **difference(atoms[row["group"]], atoms[largest], level),
                }  # fmt: skip
    return rows


def _counted(
    predictions: pd.DataFrame, clips: pd.DataFrame, classes: tuple[str, ...]
) -> Confusions:
    of_these = predictions[predictions["clip_id"].isin(clips["clip_id"])]
    # A group may be tested in few of the folds that trained its models.
    return replace(metrics.confusions(of_these, clips, classes),
                   tested_per_trained=metrics.tested_per_trained(predictions))  # fmt: skip


def _alone(
    climb: Climb, clips: pd.DataFrame, within: pd.DataFrame, everything: pd.DataFrame
) -> dict[str, Any]:
    level = climb.config.evaluation.level
    alone, among = (_counted(table, clips, climb.classes) for table in (within, everything))
    return {"alone": metrics.interval(alone, metrics.uar, level=level).as_dict(),
            "alone_change": difference(alone, among, level)}  # fmt: skip


def difference(a: Confusions, b: Confusions, level: float) -> dict[str, Any]:
    """UAR of `a` minus that of `b` with its jackknife interval, whoever was tested in them.

    Where they share speakers (or clips) these are left out of both at once; where they share none
    the variances add, with Welch's degrees of freedom.
    """
    units = tuple(sorted(set(a.units) | set(b.units)))
    paired = len(units) < len(a.units) + len(b.units)
    if paired:
        value, low, high = metrics.difference_interval(
            _aligned(a, units), _aligned(b, units), metrics.uar, level=level
        )
    else:
        parts = [_variance(one) for one in (a, b)]
        total = sum(variance for variance, _ in parts)
        freedom = total**2 / max(sum(v**2 / df for v, df in parts), 1e-300)
        value = float(metrics.uar(a.total) - metrics.uar(b.total))
        margin = float(stats.t.ppf(0.5 + level / 2, max(freedom, 1.0)) * np.sqrt(total))
        low, high = value - margin, value + margin
    return {"value": value, "low": low, "high": high, "level": level, "paired": paired}


def _aligned(atoms: Confusions, units: tuple[str, ...]) -> Confusions:
    counts = np.zeros((len(units), *atoms.counts.shape[1:]))
    counts[np.searchsorted(np.array(units), np.array(atoms.units))] = atoms.counts
    return replace(atoms, counts=counts, units=units)


def _variance(atoms: Confusions) -> tuple[float, float]:
    """Jackknife variance of the UAR and its degrees of freedom."""
    left_out = metrics.uar(atoms.total - atoms.counts)
    error = metrics.jackknife_error(left_out, atoms.tested_per_trained)
    return error**2, metrics.degrees_of_freedom(atoms)


def _random_split(climb: Climb, tested: Codes, said: Mapping[Any, pd.DataFrame]) -> dict[str, Any]:
    """The fixed model where folds mix speakers beside the same where they do not."""
    nothing = {"uar": None, "grouped_uar": None, "difference": None, "alarm": False}
    if _GROUPED not in said:
        missing = ("the corpus has no speaker column, so it cannot be told how much a split that "
                   "mixes speakers gains")  # fmt: skip
        if "speaker" in climb.manifest:
            missing = ("too few speakers to hold them out with every class in every training "
                       "part")  # fmt: skip
        return {**nothing, "says": missing}
    clips, level = climb.manifest.iloc[tested], climb.config.evaluation.level
    mixed, grouped = (_counted(said[name], clips, climb.classes) for name in (_RANDOM, _GROUPED))
    uars = [metrics.interval(one, metrics.uar, level=level) for one in (mixed, grouped)]
    change = difference(mixed, grouped, level)
    surely = change["low"] > 0
    alarm = surely and change["value"] >= LEAST_GAIN
    by = f"{change['value']:+.3f} [{change['low']:+.3f}, {change['high']:+.3f}]"
    says = (
        f"a split that mixes speakers would report a UAR of {uars[0].value:.3f} where new speakers "
        f"get {uars[1].value:.3f} ({by})"
    )
    if alarm:
        says = f"speakers can be recognised: {says}"
    else:
        says += ", a small difference" if surely else ", no sure difference"
    return {"uar": uars[0].as_dict(), "grouped_uar": uars[1].as_dict(), "difference": change,
            "alarm": alarm, "model": climb.chosen.name, "says": says}  # fmt: skip
