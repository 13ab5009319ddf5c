"""Rung 5: what plain acoustic models reach, which of them, from what, and whether more speakers
would bring more.

The verdict alone decides the status. Everything is measured on the folds of the check, with
speakers held out wherever they are known.
"""

from typing import Any, cast

import pandas as pd

from acoustic_sib.ladder.forecast import as_evidence
from acoustic_sib.ladder.importance import Importance, family_importance
from acoustic_sib.ladder.learning_curve import LearningCurve, learning_curve
from acoustic_sib.ladder.model_cells import NESTED, Cells, measured_cells
from acoustic_sib.ladder.registry import Climb, Found, Rows, Status, rung

MODELS = "models"
LEARNING_CURVE = "learning_curve"

_STATUS: dict[str, Status] = {"learnable": "pass", "shortcut": "warn", "not_shown": "fail"}
_NEXT = {
    "learnable": "a model that stays at chance on these clips has a fault of its own: look at "
    "its head, padding and folds before its labels",
    "shortcut": "balance or remove the nuisance (trim to one duration, set one level, record "
    "alike), then check again",
    "not_shown": "listen to the label suspects, check who labelled them and how, and add "
    "speakers before adding models",
}


@rung("baseline", question="Can a plain acoustic model tell the labels on speakers it never heard?")
def baseline(climb: Climb) -> Found:
    return judged(climb, measured_cells(climb), learning_curve(climb), family_importance(climb))


def judged(climb: Climb, cells: Cells, curve: LearningCurve, importance: Importance) -> Found:
    """The verdict's own answer, with a clause on the models and one on more speakers."""
    verdict = str(climb.result["verdict"])
    facts = cast(dict[str, Any], climb.result["baseline"])
    clauses = [climb.result["reason"], _models_clause(cells, climb), _curve_clause(curve)]
    rising = curve.ahead is not None and curve.ahead.rises and verdict != "shortcut"
    more = "; more speakers would help: the learning curve still rises" if rising else ""
    return Found(
        status=_STATUS[verdict], says="; ".join(clause for clause in clauses if clause),
        next=_NEXT[verdict] + more,
        evidence={"uar": facts["uar"], "model": facts["model"],
                  **_evidence(cells, curve, importance, climb)},
        tables={MODELS: _flat(cells.cells),
                **({LEARNING_CURVE: _flat(curve.rows)} if curve.rows else {})},
    )  # fmt: skip


def _evidence(
    cells: Cells, curve: LearningCurve, importance: Importance, climb: Climb
) -> dict[str, Any]:
    left_out = {}
    if not cells.comparisons:
        left_out["comparisons"] = "fewer than three folds"
    if not curve.rows:
        left_out["learning_curve"] = curve.unknown
    return {
        "cells": cells.cells, "nested": cells.nested, "comparisons": cells.comparisons,
        "learning_curve": curve.rows,
        **({"extrapolated": as_evidence(curve.ahead, curve.unknown)} if curve.rows else {}),
        "importance": importance.rows,
        "importance_exchanged": importance.exchanged,
        "curve_and_importance_of": climb.chosen.name,
        **({"left_out": left_out} if left_out else {}),
    }  # fmt: skip


def _models_clause(cells: Cells, climb: Climb) -> str:
    """Which cells differ from the nested choice, adjusted for their number."""
    if not cells.comparisons:
        return ""
    alpha = 1 - climb.config.evaluation.level
    apart = [row for row in cells.comparisons if row["p_holm"] < alpha]
    better = [row["a"] for row in apart if row["difference"] > 0]
    worse = [row["a"] for row in apart if row["difference"] < 0]
    if better:
        return f"above the {NESTED}: {', '.join(better)}"
    count = f"none of {len(cells.cells)} models and feature sets is above the {NESTED}"
    return f"{count}, {len(worse)} below it" if worse else f"{count} or below it"


def _curve_clause(curve: LearningCurve) -> str:
    if not curve.rows:
        return ""
    last, ahead = curve.rows[-1]["n_speakers"], curve.ahead
    if ahead is None or not ahead.told:
        return "whether more speakers would help cannot be told"
    gain = f"{ahead.gain['value']:+.3f} [{ahead.gain['low']:+.3f}, {ahead.gain['high']:+.3f}]"
    return (f"training on {ahead.n_speakers} speakers instead of {last} would change the UAR by "
            f"about {gain}")  # fmt: skip


def _flat(rows: Rows) -> pd.DataFrame:
    """Rows with their interval as columns, for a file."""
    flat = []
    for row in rows:
        uar = {f"uar_{key}" if key in ("low", "high", "level") else f"tested_{key}": value
               for key, value in row["uar"].items() if key not in ("value", "unit")}  # fmt: skip
        rest = {key: value for key, value in row.items() if key != "uar"}
        flat.append({**rest, "uar": row["uar"]["value"], **uar})
    return pd.DataFrame(flat).dropna(axis="columns", how="all")
