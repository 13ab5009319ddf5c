"""Permutation importance of feature families on held-out speakers.

The baseline's most chosen candidate is fitted once a fold. All columns of a family are then
exchanged together among the tested clips, so that they keep what they say of one another and lose
what they say of the label; what UAR falls by is what the fitted model drew from that family alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib import metrics
from acoustic_sib.evaluate import Candidate, FoldTask, fold_tasks
from acoustic_sib.ladder.over_folds import Clips, over_folds, predicted
from acoustic_sib.ladder.registry import Climb, Rows

PERMUTATIONS = 10

Codes = NDArray[np.int64]

_NONE = ""


@dataclass(frozen=True, kw_only=True)
class Importance:
    """A row a family, the largest drop first; `exchanged` says among which clips."""

    rows: Rows
    exchanged: str


def family_importance(climb: Climb) -> Importance:
    """Each family's drop in UAR with its paired interval, permutations averaged; first repeat.

    Clips are exchanged within a fold's tested clips. Where a fold tests not every class (one
    speaker with one label) that would leave the classes' distribution as it is and find nothing:
    then the values come from all tested clips of the repeat. Families that say the same share
    their importance, or have none, as each can stand in for the other.
    """
    plan = climb.folds[climb.folds["repeat"] == climb.folds["repeat"].min()]
    tasks = fold_tasks(plan, climb.manifest)
    labels = climb.manifest["label"].to_numpy(dtype=str)
    within = all(len(set(labels[task.test])) == len(climb.classes) for task in tasks)
    donors = None if within else np.concatenate([task.test for task in tasks])
    families = families_of(climb.column_sets[climb.chosen.feature_set])
    worker = partial(
        _fold_of_permutations, candidate=climb.chosen, families=list(families), donors=donors
    )
    rows = over_folds(climb, tasks, "permuting families", worker)
    level = climb.config.evaluation.level
    atoms = {
        str(family): metrics.confusions(part, climb.manifest, climb.classes)
        for family, part in rows.groupby("family", sort=False)
    }  # fmt: skip
    drops = []
    for family, n_columns in families.items():
        value, low, high = metrics.difference_interval(
            atoms[_NONE], atoms[family], metrics.uar, level=level
        )
        drop = {"value": value, "low": low, "high": high, "level": level}
        drops.append({"family": family, "n_columns": n_columns, "drop": drop})
    drops.sort(key=lambda row: -_value(row))
    among = "each fold's tested clips" if within else "all tested clips"
    return Importance(rows=drops, exchanged=f"{among}, {PERMUTATIONS} times")


def families_of(columns: Sequence[str]) -> dict[str, int]:
    """Family -> number of its columns, in their order."""
    names = [column.split(".", 1)[0] for column in columns]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def _value(row: dict[str, Any]) -> float:
    return float(row["drop"]["value"])


def _fold_of_permutations(
    task: FoldTask, clips: Clips, *, candidate: Candidate, families: Sequence[str],
    donors: Codes | None,
) -> pd.DataFrame:  # fmt: skip
    """All permutations of a family are predicted at once; `donors` None: the fold's own clips."""
    model = clips.fitted(candidate, task.train)
    own = clips.seen_by(candidate, task.test)
    source = own if donors is None else clips.seen_by(candidate, donors)
    names = np.array([clips.columns[column].split(".", 1)[0]
                      for column in clips.sets[candidate.feature_set]])  # fmt: skip
    rng = np.random.default_rng([clips.seed, 23, task.repeat, task.fold])
    # The same exchanges for every family: they differ by what is exchanged alone.
    taken = [rng.permutation(len(source))[: len(own)] for _ in range(PERMUTATIONS)]
    parts = [predicted(task, model.predict(own), family=_NONE)]
    for family in families:
        moved = np.tile(own, (PERMUTATIONS, 1))
        moved[:, names == family] = np.concatenate(
            [source[rows][:, names == family] for rows in taken]
        )
        guesses = model.predict(moved).reshape(PERMUTATIONS, -1)
        parts += [predicted(task, guess, family=family) for guess in guesses]
    return pd.concat(parts, ignore_index=True)
