"""Climbs over Gaussian classes whose best possible figures are known from theory."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.check import silent_stage
from acoustic_sib.config import load_config
from acoustic_sib.evaluate import Evaluation, evaluate
from acoustic_sib.features import Recipe
from acoustic_sib.folds import plan_folds
from acoustic_sib.ladder.registry import Climb


def gaussian_climb(
    values: NDArray[np.float64], labels: Sequence[str], speakers: Sequence[int] | None, *,
    columns: Sequence[str] | None = None, shrinkage: str | None = "auto",
    folds: dict[str, object] | None = None, models: dict[str, object] | None = None, jobs: int = 1,
) -> Climb:  # fmt: skip
    """A climb over a table of values (clips, columns). Without `models` nothing is evaluated:
    the baseline stands there as having chosen LDA with that `shrinkage` on all columns."""
    ids = [f"c{number:05d}" for number in range(len(labels))]
    manifest = pd.DataFrame({"clip_id": ids, "path": ids, "label": list(labels)})
    if speakers is not None:
        manifest["speaker"] = [f"s{number:03d}" for number in speakers]
    names = list(columns or (f"x.{number}" for number in range(values.shape[1])))
    table = pd.DataFrame(values, index=ids, columns=names)
    config = load_config(models=models or {}, folds={"repeats": 1, "n_splits": 5, **(folds or {})})
    plan = plan_folds(manifest, config.folds, seed=0)
    sets = {"all": names, "compact": names[:2]}
    sets = {name: sets[name] for name in config.models.feature_sets}
    if models is None:
        settings = {"estimator__shrinkage": shrinkage}
        only = {"model": "lda", "feature_set": "all", "params": settings}
        run = Evaluation(predictions=pd.DataFrame(), candidates=[only], choices=pd.DataFrame(),
                         inner=pd.DataFrame())  # fmt: skip
    else:
        run = evaluate(table, manifest, plan.table, column_sets=sets, settings=config.models,
                       seed=0, jobs=1)  # fmt: skip
    return Climb(
        features=table, quality=pd.DataFrame(index=ids), manifest=manifest, folds=plan.table,
        column_sets=sets, baseline=run, result={}, config=config, recipe=Recipe(high_hz=11025.0),
        cache=None, jobs=jobs, stage=silent_stage,
    )  # fmt: skip


def two_classes(
    n_speakers: int, clips: int, *, distances: Sequence[float], offset: float = 0.0,
    one_label: bool = False, seed: int = 0,
) -> tuple[NDArray[np.float64], list[str], list[int]]:  # fmt: skip
    """Values, labels and speakers: unit Gaussians whose means lie `distances` apart, a column
    each, plus each speaker's own offset with that standard deviation."""
    rng = np.random.default_rng(seed)
    speakers = np.repeat(np.arange(n_speakers), clips)
    is_b = speakers % 2 if one_label else np.arange(len(speakers)) % 2
    values = rng.standard_normal((len(speakers), len(distances)))
    values += offset * rng.standard_normal((n_speakers, len(distances)))[speakers]
    values += np.outer(is_b - 0.5, distances)
    return values, ["ab"[code] for code in is_b], speakers.tolist()
