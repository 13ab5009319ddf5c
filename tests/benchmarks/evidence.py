"""Many simulated studies a cell, and the shares counted from them with binomial intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from scipy.stats import binomtest

from acoustic_sib.config import ModelSettings
from acoustic_sib.tables import write_csv
from tests.benchmarks.simulated import (
    QUICK,
    Labelling,
    Population,
    class_means,
    clip_covariance,
    draw_study,
    judged,
    linear_recalls,
    true_uar,
)

BUILD = Path(__file__).resolve().parents[2] / "build" / "evidence"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Studies of one kind; `seed` is that of its table."""

    population: Population
    n_speakers: int
    labelling: Labelling
    seed: int
    settings: ModelSettings = QUICK
    with_nuisance: bool = False
    with_truth: bool = False
    only_if_below_alpha: bool = False
    permutations: int = 1000


def studied(cell: Cell, number: int) -> dict[str, object]:
    """What the check says of one study of the cell, and the truth."""
    # Every cell has draws of its own, so that a lucky set does not show in several rows.
    kind = [cell.n_speakers, int(cell.labelling == "crossed"),
            *(round(100 * side) for side in (cell.population.separation, cell.population.habit_sd,
                                             cell.population.nuisance))]  # fmt: skip
    rng = np.random.default_rng([cell.seed, *kind, number])
    study = draw_study(cell.population, cell.n_speakers, cell.labelling, rng)
    found = judged(
        study, settings=cell.settings, seed=number, permutations=cell.permutations,
        with_nuisance=cell.with_nuisance, only_if_below_alpha=cell.only_if_below_alpha,
    )  # fmt: skip
    row: dict[str, object] = {
        "number": number, "verdict": found.verdict.verdict, "p_value": found.test.p_value,
        "smallest_p": found.test.smallest_p,
    }  # fmt: skip
    for name, interval in (("uar", found.uar), ("strict", found.strict_uar)):
        # Without an evaluation: NaN, the same columns in every row.
        ends = (np.nan,) * 3 if interval is None else (interval.value, interval.low, interval.high)
        row |= dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))
    if found.nuisance is not None:
        row["nuisance_uar"] = found.nuisance.value
    if cell.with_truth:
        row["truth"] = true_uar(
            study.features, study.manifest, found.plan, class_means(cell.population),
            clip_covariance(cell.population),
        )  # fmt: skip
    return row


def studies(cell: Cell, n: int, *, jobs: int, name: str | None = None) -> pd.DataFrame:
    """`n` studies of the cell, one a row; also written to build/evidence/ under `name`."""
    run = joblib.Parallel(n_jobs=jobs, batch_size=5)
    table = pd.DataFrame(run(joblib.delayed(studied)(cell, number) for number in range(n)))
    if name is not None:
        write_csv(table, BUILD / f"{name}.csv")
    return table


def share(hits: Sequence[bool] | pd.Series) -> str:
    """`2.5 % [1.4, 4.1]`, the exact (Clopper-Pearson) 95 % interval."""
    hits = np.asarray(hits, dtype=bool)
    low, high = share_interval(hits)
    return (
        f"{hits.sum()}/{len(hits)} = {100 * hits.mean():.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
    )


def share_interval(hits: Sequence[bool] | pd.Series) -> tuple[float, float]:
    hits = np.asarray(hits, dtype=bool)
    found = binomtest(int(hits.sum()), len(hits)).proportion_ci(0.95, method="exact")
    return float(found.low), float(found.high)


def best_uar(population: Population) -> float:
    """The UAR that endless training speakers would give: equal covariances, so a linear rule."""
    means, covariance = class_means(population), clip_covariance(population)
    slopes = np.linalg.solve(covariance, means.T).T
    offsets = -0.5 * np.sum(slopes * means, axis=1)
    return float(linear_recalls(slopes, offsets, means, covariance).mean())
