"""A saved run: the folder that holds a system's out-of-fold predictions and how they came about."""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib.errors import CorpusError, RunError
from acoustic_sib.tables import (
    FOLD_COLUMNS,
    PREDICTION_COLUMNS,
    PROBABILITY,
    check_predictions,
    table_hash,
    write_csv,
    write_json,
    write_parquet,
    write_text,
)
from acoustic_sib.version import __version__

SCHEMA = "acoustic-sib/run@1"

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
    manifest: pd.DataFrame, folds: pd.DataFrame | None, predictions: pd.DataFrame | None,
    features: pd.DataFrame | None, timings_s: Mapping[str, float] | None = None,
    scores: Mapping[str, float] | None = None,
) -> list[Path]:  # fmt: skip
    """Write `run.json`, `predictions.csv`, `folds.csv`, `config.yaml` and, where the run keeps its
    own, `features.parquet`.

    A system known by its `scores` alone has neither predictions nor folds. Each file is written
    beside and renamed; `run.json` comes last and vouches for the others.
    """
    names = ["run.json", "config.yaml"]
    for table, file in ((predictions, "predictions.csv"), (folds, "folds.csv")):
        if table is None:
            (folder / file).unlink(missing_ok=True)
            continue
        names.append(file)
        write_csv(table, folder / file)
    if features is not None:
        names.append("features.parquet")
        write_parquet(features.rename_axis("clip_id").reset_index(), folder / "features.parquet")
    write_text(folder / "config.yaml", config_yaml)
    run = {
        "schema": SCHEMA, "name": name, "system": system, "settings": settings,
        "versions": versions(), "hashes": {} if folds is None else hashes(manifest, folds),
        "timings_s": timings_s or {}, "scores": scores or {},
    }  # fmt: skip
    write_json(run, folder / "run.json")
    return [folder / file for file in names]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A saved run as read. `predictions` is None for a system known only by its `scores` (figure
    name -> value); `folds` is None where the run keeps no plan of its own."""

    folder: Path
    name: str
    system: str
    settings: dict[str, Any]
    hashes: dict[str, str]
    predictions: pd.DataFrame | None
    folds: pd.DataFrame | None
    scores: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    timings_s: dict[str, float] = field(default_factory=dict)


def read_run(folder: Path) -> Run:
    """The run saved in `folder`.

    `predictions.csv` may be absent where `run.json` holds `scores`: such a run can be shown, not
    tested. Raises RunError when the folder is no run, a file is missing or damaged, the schema is
    another, or the predictions are not those of the fold plan.
    """
    known = _run_json(folder)
    scores = known["scores"]
    folds, predictions = None, None
    if (folder / "folds.csv").exists():
        folds = _read_folds(folder / "folds.csv", known["hashes"])
    if (folder / "predictions.csv").exists():
        predictions = _read_predictions(folder / "predictions.csv", folds)
    elif not scores:
        raise RunError(f"{folder}: predictions.csv is missing; expected it beside run.json: was "
                       "the folder copied in part?")  # fmt: skip
    return Run(folder=folder, predictions=predictions, folds=folds, **known)


_FIELDS: dict[str, tuple[type, type]] = {
    "settings": (dict, object), "hashes": (dict, str), "versions": (dict, str),
    "scores": (dict, float), "timings_s": (dict, float),
}  # fmt: skip


def _run_json(folder: Path) -> dict[str, Any]:
    """The fields of `run.json`, checked; optional ones are filled in."""
    path = folder / "run.json"
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        raise RunError(f"{folder}: {found}; expected the folder of a saved run")
    if not path.is_file():
        cells = sorted(cell.parent for cell in folder.glob("runs/*/run.json"))
        meant = f" (did you mean {cells[0].as_posix()}?)" if cells else ""
        raise RunError(f"{folder}: no run.json in it; expected the folder of a saved run, as check "
                       f"and benchmark write it{meant}")  # fmt: skip
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise RunError(f"{path}: not readable as JSON ({' '.join(str(error).split())}); expected "
                       "what a check wrote: is the file damaged?") from None  # fmt: skip
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA:
        raise RunError(f"{path}: its schema is {schema!r}; expected '{SCHEMA}': was it written by "
                       "another version of acoustic-sib, or by another program?")  # fmt: skip
    for key in ("name", "system"):
        if not isinstance(found.get(key), str) or not found[key].strip():
            raise RunError(f"{path}: '{key}' is {found.get(key)!r}; expected a text")
    for key, kind in _FIELDS.items():
        value = found.get(key, {} if key not in ("settings", "hashes") else None)
        if not _is_mapping_of(value, kind[1]):
            raise RunError(f"{path}: '{key}' is {value!r:.80}; expected names and values")
        found[key] = value
    return {key: found[key] for key in ("name", "system", *_FIELDS)}


def _is_mapping_of(value: Any, kind: type) -> bool:
    kinds = (int, float) if kind is float else (kind,)
    return isinstance(value, dict) and all(isinstance(one, kinds) for one in value.values())


def _read_table(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    """A table of ours with text as text ('NA' may be a class) and `repeat`, `fold` as integers."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        missing = [column for column in needed if column not in table.columns]
        if missing:
            raise ValueError(f"no column '{missing[0]}'")
        for column in table.columns:
            if column in ("repeat", "fold"):
                table[column] = table[column].map(int)
            elif column.startswith(PROBABILITY):
                table[column] = table[column].map(float)
    except (ValueError, TypeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise RunError(f"{path}: damaged ({reason}); expected the table as it was "
                       "written") from None  # fmt: skip
    return table


def _read_folds(path: Path, known: Mapping[str, str]) -> pd.DataFrame:
    folds = _read_table(path, FOLD_COLUMNS)
    if table_hash(folds) != known.get("folds"):
        raise RunError(f"{path}: not the fold plan that run.json vouches for; expected its hash to "
                       f"be {known.get('folds')}: was the file edited?")  # fmt: skip
    return folds


def _read_predictions(path: Path, folds: pd.DataFrame | None) -> pd.DataFrame:
    table = _read_table(path, PREDICTION_COLUMNS)
    named = [name for name in table.columns if name.startswith(PROBABILITY)]
    classes = [name.removeprefix(PROBABILITY) for name in named] or sorted(set(table["predicted"]))
    try:
        table = check_predictions(table, classes)
    except CorpusError as error:
        raise RunError(f"{path}: {error}") from None
    if table.empty:
        raise RunError(f"{path}: no rows; expected one for each tested clip")
    if folds is not None:
        tested = folds.loc[folds["fold"] >= 0, list(FOLD_COLUMNS)]
        matched = len(table.merge(tested, on=list(FOLD_COLUMNS), validate="one_to_one"))
        if matched < max(len(tested), len(table)):
            raise RunError(
                f"{path}: {matched} of its {len(table)} rows stand in the run's fold plan, which "
                f"tests {len(tested)}; expected each tested clip once in each repeat: is the file "
                "cut short?"
            )
    return table
