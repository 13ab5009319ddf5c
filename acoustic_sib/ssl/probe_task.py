"""What every cell of a probe shares, and how a cell becomes vectors, probabilities and a UAR."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib import metrics
from acoustic_sib.errors import StatesError
from acoustic_sib.models import Weighting
from acoustic_sib.ssl.linear_probe import STRENGTHS, FoldSplit, Probed, probe_table
from acoustic_sib.ssl.pooling import pooled
from acoustic_sib.ssl.probe_cells import Cell, Grid
from acoustic_sib.ssl.probe_clips import ProbeClips
from acoustic_sib.ssl.states import States
from acoustic_sib.tables import check_predictions, probability_columns

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Energies = Mapping[int, NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class ProbeSettings:
    """What to try (None: everything that can be had) and how; strengths as in linear_probe."""

    layers: Sequence[str] | None = None
    poolings: Sequence[str] | None = None
    frames: Sequence[str] | None = None
    strengths: tuple[float, ...] = STRENGTHS
    class_weight: Weighting = "balanced"
    inner_splits: int = 3
    permutations: int = 1000
    level: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is the same for every cell."""

    clips: ProbeClips
    classes: tuple[str, ...]
    codes: Codes
    splits: list[FoldSplit]
    settings: ProbeSettings

    def predictions(self, parts: Sequence[Floats]) -> pd.DataFrame:
        """Probabilities of each fold's tested clips as a prediction table."""
        tables = []
        for split, part in zip(self.splits, parts, strict=True):
            table = pd.DataFrame(part, columns=probability_columns(list(self.classes)))
            table.insert(0, "predicted", np.array(self.classes)[part.argmax(axis=1)])
            table.insert(0, "fold", split.task.fold)
            table.insert(0, "repeat", split.task.repeat)
            table.insert(0, "position", split.task.test)
            tables.append(table)
        joined = pd.concat(tables, ignore_index=True).sort_values(
            ["repeat", "position"], ignore_index=True
        )
        ids = self.clips.manifest["clip_id"].to_numpy(dtype=str)[joined["position"]]
        joined.insert(0, "clip_id", ids)
        return check_predictions(joined.drop(columns="position"), list(self.classes))

    def uar(self, predictions: pd.DataFrame) -> metrics.Interval:
        return metrics.interval(self.atoms(predictions), metrics.uar, level=self.settings.level)

    def atoms(self, predictions: pd.DataFrame) -> metrics.Confusions:
        return metrics.confusions(predictions, self.clips.manifest, self.classes)

    def probed(self, table: NDArray[Any]) -> Probed:
        return probe_table(table, self.codes, self.splits, names=self.classes,
                           weighting=self.settings.class_weight,
                           strengths=self.settings.strengths)  # fmt: skip


def vectors(
    states: States, clips: ProbeClips, cell: Cell, grid: Grid, energies: Energies | None = None
) -> NDArray[np.float32]:
    """The cell's vectors (clips, columns); raises StatesError naming a clip that is not finite."""
    table = pooled(
        states.layer(cell.position), states.offsets[:-1][clips.numbers], grid.counts[cell.frames],
        cell.pooling,
        None if energies is None else [energies[int(number)] for number in clips.numbers],
    )  # fmt: skip
    broken = ~np.isfinite(table).all(axis=1)
    if broken.any():
        clip_id = clips.manifest["clip_id"].iloc[int(np.argmax(broken))]
        raise StatesError(f"{states.folder}: clip '{clip_id}' holds NaN or infinite numbers in "
                          f"layer {cell.layer}; expected finite states: import the dump "
                          "anew")  # fmt: skip
    return table
