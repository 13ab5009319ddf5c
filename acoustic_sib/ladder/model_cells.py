"""Models x feature sets on the folds of the check, each beside the nested choice among them."""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from acoustic_sib import metrics, paired
from acoustic_sib.compare import fold_wise_t
from acoustic_sib.evaluate import Candidate, FoldTask, best_inner, fold_tasks
from acoustic_sib.ladder.over_folds import Clips, over_folds, predicted
from acoustic_sib.ladder.registry import Climb, Rows

ALONGSIDE: dict[str, dict[str, Any]] = {
    "lda": {"estimator__shrinkage": "auto"},
    "random_forest": {"n_estimators": 100, "min_samples_leaf": 2},
}
"""Models shown beside those of the settings, with fixed settings: nothing is chosen for them, so
that a third fit in each inner fold is saved. `benchmark` chooses theirs as well."""

NESTED = "nested choice"
FEWEST_FOLDS = 3
"""A t-test over fewer folds says nothing."""

_Choice = dict[tuple[int, int], Candidate]


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Rows of the table and of the comparisons, and the figures of the nested choice."""

    cells: Rows
    comparisons: Rows
    nested: dict[str, Any]


def measured_cells(climb: Climb) -> Cells:
    """Out-of-fold figures of each cell, and each cell minus the nested choice.

    The baseline of the check is the nested choice: in each training part the candidate with the
    best inner UAR. A cell takes the best of its own settings by the same inner figures, so nothing
    inside is measured twice. Comparisons are Nadeau and Bengio's corrected t over all folds, with
    `p_holm` adjusted for their number; empty with fewer than three folds.
    """
    choices = chosen_settings(climb)
    tasks = fold_tasks(climb.folds, climb.manifest)
    worker = partial(_fold_of_cells, choices=choices)
    rows = over_folds(climb, tasks, f"comparing {len(choices)} models", worker)
    of_cell = {str(name): part.drop(columns=["cell", "position"])
               for name, part in rows.groupby("cell", sort=False)}  # fmt: skip
    truth = climb.manifest[["clip_id", "label"]]
    nested = climb.baseline.predictions.merge(truth, on="clip_id", validate="many_to_one")
    cells = []
    for name, choice in choices.items():
        first = next(iter(choice.values()))
        cells.append({
            "feature_set": first.feature_set, "model": first.model,
            "uar": _uar(climb, of_cell[name].drop(columns="label")),
            "settings": "chosen inside" if _is_candidate(climb, first) else "fixed",
        })  # fmt: skip
    return Cells(
        cells=cells,
        comparisons=_comparisons(of_cell, nested, climb) if len(tasks) >= FEWEST_FOLDS else [],
        nested={"uar": _uar(climb, climb.baseline.predictions), "folds": len(tasks),
                "times_chosen": _times_chosen(climb)},
    )  # fmt: skip


def chosen_settings(climb: Climb) -> dict[str, _Choice]:
    """For each cell, by name, the candidate of each (repeat, fold)."""
    inner = climb.baseline.inner
    found: dict[str, _Choice] = {}
    for (feature_set, model), rows in inner.groupby(["feature_set", "model"], sort=False):
        found[f"{model} on {feature_set}"] = {
            (int(row["repeat"]), int(row["fold"])): Candidate(
                model=str(model), feature_set=str(feature_set),
                settings=json.loads(str(row["params"])),
            )
            for row in best_inner(rows).to_dict("records")
        }  # fmt: skip
    folds = list(next(iter(found.values())))
    for feature_set in climb.column_sets:
        for model, settings in ALONGSIDE.items():
            fixed = Candidate(model=model, feature_set=feature_set, settings=settings)
            found.setdefault(f"{model} on {feature_set}", dict.fromkeys(folds, fixed))
    order = list(climb.column_sets)
    return dict(sorted(
        found.items(), key=lambda one: order.index(next(iter(one[1].values())).feature_set)
    ))  # fmt: skip


def _fold_of_cells(task: FoldTask, clips: Clips, *, choices: dict[str, _Choice]) -> pd.DataFrame:
    parts = []
    for name, choice in choices.items():
        candidate = choice[task.repeat, task.fold]
        model = clips.fitted(candidate, task.train)
        parts.append(predicted(task, model.predict(clips.seen_by(candidate, task.test)), cell=name))
    return pd.concat(parts, ignore_index=True)


def _uar(climb: Climb, predictions: pd.DataFrame) -> dict[str, Any]:
    atoms = metrics.confusions(predictions, climb.manifest, climb.classes)
    return metrics.interval(atoms, metrics.uar, level=climb.config.evaluation.level).as_dict()


def _is_candidate(climb: Climb, one: Candidate) -> bool:
    inner = climb.baseline.inner
    return bool(((inner["model"] == one.model) & (inner["feature_set"] == one.feature_set)).any())


def _times_chosen(climb: Climb) -> dict[str, int]:
    choices = climb.baseline.choices
    times = (choices["model"] + " on " + choices["feature_set"]).value_counts()
    return {str(name): int(count) for name, count in times.items()}


def _comparisons(of_cell: dict[str, pd.DataFrame], nested: pd.DataFrame, climb: Climb) -> Rows:
    level = climb.config.evaluation.level
    rows: Rows = []
    for name, predictions in of_cell.items():
        test = fold_wise_t(predictions, nested, n_clips=len(climb.manifest), level=level)
        rows.append({"a": name, "b": NESTED, "difference": test["mean"], "low": test["low"],
                     "high": test["high"], "level": level, "t": test["t"], "df": test["df"],
                     "p_value": test["p_value"], "p_holm": float("nan")})  # fmt: skip
    # Folds that all differ by the same amount have no p-value: nothing to adjust.
    tested = [row for row in rows if row["p_value"] == row["p_value"]]
    for row, p_value in zip(tested, paired.holm([row["p_value"] for row in tested]), strict=True):
        row["p_holm"] = p_value
    return rows
