"""Hidden states and acoustic features side by side: does either know what the other does not?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from acoustic_sib import metrics
from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.linear_probe import Probed
from acoustic_sib.ssl.probe_cells import Grid
from acoustic_sib.ssl.probe_task import Codes, Energies, Task, vectors
from acoustic_sib.ssl.states import States

NESTED, ACOUSTIC, JOINED = "nested", "acoustic", "with_acoustic"


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Figures of the acoustic columns alone and of both together, and their predictions."""

    facts: dict[str, Any]
    predictions: dict[str, pd.DataFrame]


def chosen_cells(found: Sequence[Probed]) -> Codes:
    """For each fold the cell with the best UAR inside its training part, of equals the first."""
    best: Codes = np.array([one.inner_uar for one in found]).argmax(axis=0)
    return best


def beside_features(
    states: States, grid: Grid, task: Task, found: Sequence[Probed], features: pd.DataFrame,
    energies: Energies | None,
) -> Joined:  # fmt: skip
    """The same probe on the acoustic columns, and on them beside the nested choice's vectors.

    Each fold joins the cell that was chosen inside its training part. Raises StatesError where a
    clip has no features.
    """
    ids = task.clips.manifest["clip_id"]
    lacking = ids[~ids.isin(features.index)]
    if len(lacking):
        raise StatesError(f"features: {len(lacking)} of {len(ids)} clips have none, such as "
                          f"'{lacking.iloc[0]}'; expected that corpus's table")  # fmt: skip
    acoustic = features.loc[ids].to_numpy(dtype=np.float32)
    best = chosen_cells(found)
    alone = task.probed(acoustic)
    parts = {}
    for number in np.unique(best):
        table = np.hstack([vectors(states, task.clips, grid.cells[number], grid, energies),
                           acoustic])  # fmt: skip
        parts[number] = task.probed(table).probabilities
    tables = {
        NESTED: task.predictions([found[cell].probabilities[fold]
                                  for fold, cell in enumerate(best)]),
        ACOUSTIC: task.predictions(alone.probabilities),
        JOINED: task.predictions([parts[cell][fold] for fold, cell in enumerate(best)]),
    }  # fmt: skip
    return Joined(facts=_facts(task, tables, acoustic.shape[1]),
                  predictions={name: tables[name] for name in (ACOUSTIC, JOINED)})  # fmt: skip


def _facts(task: Task, tables: dict[str, pd.DataFrame], n_columns: int) -> dict[str, Any]:
    level = task.settings.level
    atoms = {name: task.atoms(table) for name, table in tables.items()}
    differences = {}
    for than in (NESTED, ACOUSTIC):
        value, low, high = metrics.difference_interval(
            atoms[JOINED], atoms[than], metrics.uar, level=level
        )
        differences[than] = {"value": value, "low": low, "high": high, "level": level}
    return {
        "n_columns": n_columns,
        "acoustic": metrics.interval(atoms[ACOUSTIC], metrics.uar, level=level).as_dict(),
        "joined": metrics.interval(atoms[JOINED], metrics.uar, level=level).as_dict(),
        "joined_minus_states": differences[NESTED],
        "joined_minus_acoustic": differences[ACOUSTIC],
    }
