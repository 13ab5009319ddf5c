"""A saved run: the folder that holds a system's out-of-fold predictions and how they came about."""

import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib.tables import table_hash, write_csv, write_json, write_parquet, write_text
from acoustic_sib.version import __version__

_PACKAGES = ("numpy", "scipy", "pandas", "scikit-learn", "librosa", "praat-parselmouth",
             "soundfile", "xgboost-cpu", "xgboost", "joblib", "matplotlib")  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of ourselves, Python and every package that makes or fits a number."""
    found = {"acoustic_sib": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def hashes(manifest: pd.DataFrame, folds: pd.DataFrame) -> dict[str, str]:
    """Hashes of the labelled clips and of the fold plan: what two runs must share.

    Paths are not part of it: a corpus that moved is the same corpus.
    """
    identity = [name for name in ("clip_id", "label", "speaker") if name in manifest.columns]
    return {"manifest": table_hash(manifest[identity]), "folds": table_hash(folds)}


def write_run(
    folder: Path, *, name: str, system: str, settings: dict[str, Any], config_yaml: str,
    manifest: pd.DataFrame, folds: pd.DataFrame, predictions: pd.DataFrame,
    features: pd.DataFrame,
) -> list[Path]:  # fmt: skip
    """Write `run.json`, `predictions.csv`, `folds.csv`, `features.parquet`, `config.yaml`.

    Each file is written beside and renamed; `run.json` comes last and vouches for the others.
    """
    write_csv(predictions, folder / "predictions.csv")
    write_csv(folds, folder / "folds.csv")
    write_parquet(features.rename_axis("clip_id").reset_index(), folder / "features.parquet")
    write_text(folder / "config.yaml", config_yaml)
    run = {
        "schema": "acoustic-sib/run@1", "name": name, "system": system, "settings": settings,
        "versions": versions(), "hashes": hashes(manifest, folds),
    }  # fmt: skip
    write_json(run, folder / "run.json")
    names = ("run.json", "predictions.csv", "folds.csv", "features.parquet", "config.yaml")
    return [folder / file for file in names]
