"""Small climbs: feature tables with known signal, and what a check would add. Their clips are
spans of one file of noise, for rungs that measure sounds again."""

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import soundfile

from acoustic_sib import metrics
from acoustic_sib.check import silent_stage
from acoustic_sib.config import load_config
from acoustic_sib.evaluate import evaluate
from acoustic_sib.features import Recipe
from acoustic_sib.folds import plan_folds
from acoustic_sib.ladder.registry import Climb

COLUMNS = ["x.a", "x.b", "x.c", "x.d"]
CLASSES = ("Interdental", "Lateral", "Normal")
MOST_CLIPS = 400


def climb(
    counts: Sequence[int] = (40, 40, 40), *, signal: float = 2.0, n_speakers: int = 10,
    model: str = "logistic", jobs: int = 1, findings: Sequence[dict[str, Any]] = (),
    duplicates: Sequence[dict[str, Any]] = (), features: pd.DataFrame | None = None,
    speakers_known: bool = True, **sections: dict[str, Any],
) -> Climb:  # fmt: skip
    """A climb over clips whose first two columns move by `signal` SD with the label."""
    rng = np.random.default_rng(1)
    labels = np.repeat(CLASSES[: len(counts)], counts)
    ids = [f"c{number:03d}" for number in range(len(labels))]
    start = 0.05 * np.arange(len(labels))
    duration_s = 0.03 + 0.01 * (np.arange(len(labels)) % 3)
    manifest = pd.DataFrame({"clip_id": ids, "path": str(noise_file()), "label": labels,
                             "start": start, "end": start + duration_s})  # fmt: skip
    if speakers_known:
        manifest["speaker"] = [f"s{number % n_speakers}" for number in range(len(labels))]
    values = rng.standard_normal((len(labels), len(COLUMNS)))
    values[:, 0] += signal * (labels == "Interdental")
    values[:, 1] += signal * (labels == "Normal")
    table = pd.DataFrame(values, index=ids, columns=COLUMNS) if features is None else features
    models = {"candidates": [model], "feature_sets": ["all"], **sections.pop("models", {})}
    config = load_config(models=models, folds={"repeats": 1, "n_splits": 4}, **sections)
    plan = plan_folds(manifest, config.folds, seed=0)
    run = evaluate(table, manifest, plan.table, column_sets={"all": COLUMNS},
                   settings=config.models, seed=0, jobs=1)  # fmt: skip
    atoms = metrics.confusions(run.predictions, manifest, CLASSES[: len(counts)])
    result = {
        "verdict": "learnable", "reason": "the labels can be told", "audit": {
            "findings": list(findings) or [finding("ok")], "tables": {"duplicates": duplicates}},
        "baseline": {"uar": metrics.interval(atoms, metrics.uar).as_dict(), "model": model,
                     "confusion": {"labels": list(atoms.classes), "counts": atoms.total.tolist()}},
    }  # fmt: skip
    return Climb(
        features=table, quality=pd.DataFrame({"duration_s": duration_s}, index=ids),
        manifest=manifest, folds=plan.table, column_sets={"all": COLUMNS}, baseline=run,
        result=result, config=config, recipe=Recipe(high_hz=11025.0), cache=None,
        jobs=jobs, stage=silent_stage,
    )  # fmt: skip


@cache
def noise_file() -> Path:
    """White noise at 44.1 kHz, long enough for every climb; removed when the tests end."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    samples = 0.05 * np.random.default_rng(2).standard_normal(round(0.05 * MOST_CLIPS * 44100))
    soundfile.write(folder / "noise.wav", samples, 44100)
    return folder / "noise.wav"


def finding(status: str, check: str = "x") -> dict[str, Any]:
    return {"check": check, "status": status, "says": f"{check} says", "next": "mend it",
            "evidence": {}}  # fmt: skip
