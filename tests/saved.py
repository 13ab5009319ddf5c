"""Saved runs of made-up systems: predictions of known skill on a made-up corpus."""

from pathlib import Path

import numpy as np
import pandas as pd

from acoustic_sib.config import FoldSettings, load_config, to_yaml
from acoustic_sib.corpus import Corpus
from acoustic_sib.folds import plan_folds
from acoustic_sib.runs import write_run

CLASSES = ("I", "L", "N")


def clips(n_speakers: int = 12, n_each: int = 12, *, speakers: bool = True) -> pd.DataFrame:
    """Each speaker says every class equally often."""
    n = n_speakers * n_each
    ids = [f"{i:04d}" for i in range(n)]  # text that reads like a number
    table = pd.DataFrame({"clip_id": ids, "path": ids, "label": np.tile(CLASSES, n // 3)})
    return table.assign(speaker=np.repeat([f"s{i}" for i in range(n_speakers)], n_each)) if (
        speakers) else table  # fmt: skip


def corpus_of(manifest: pd.DataFrame) -> Corpus:
    return Corpus(manifest=manifest, left_out={}, place="clips", kind="manifest", synthetic=False,
                  notes=())  # fmt: skip


def plan(manifest: pd.DataFrame, *, repeats: int = 2, seed: int = 0) -> pd.DataFrame:
    return plan_folds(manifest, FoldSettings(n_splits=4, repeats=repeats), seed=seed).table


def predictions(
    manifest: pd.DataFrame, folds: pd.DataFrame, *, skill: float, seed: int
) -> pd.DataFrame:
    """Right with probability `skill`, else one of the other classes."""
    rng = np.random.default_rng(seed)
    truth = folds.merge(manifest[["clip_id", "label"]], on="clip_id")["label"].map(CLASSES.index)
    wrong = (truth + rng.integers(1, 3, len(truth))) % 3
    said = np.where(rng.random(len(truth)) < skill, truth, wrong).astype(int)
    table = folds.assign(predicted=np.array(CLASSES)[said])
    for code, name in enumerate(CLASSES):
        table[f"prob_{name}"] = np.where(said == code, 0.7, 0.15)
    return table


def save(
    folder: Path, manifest: pd.DataFrame, *, name: str = "", skill: float = 0.7, seed: int = 0,
    folds: pd.DataFrame | None = None,
) -> Path:  # fmt: skip
    folds = plan(manifest) if folds is None else folds
    write_run(
        folder, name=name or folder.name, system="acoustic", settings={"model": "made up"},
        config_yaml=to_yaml(load_config()), manifest=manifest, folds=folds, features=None,
        predictions=predictions(manifest, folds, skill=skill, seed=seed),
    )  # fmt: skip
    return folder
