"""The four tables everything is computed from: their columns, checks, reading and writing.

Plain pandas frames keyed by `clip_id` (text), checked once at the door and trusted inside.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # the commands that only write text must start without pandas
    import pandas as pd

from acoustic_sib.errors import ConfigError, CorpusError

MANIFEST_COLUMNS = ("clip_id", "path", "label")
FOLD_COLUMNS = ("clip_id", "repeat", "fold")
PREDICTION_COLUMNS = ("clip_id", "repeat", "fold", "predicted")
PROBABILITY = "prob_"
ONLY_TRAINED_ON = -1


def _require(table: "pd.DataFrame", columns: tuple[str, ...], what: str) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise CorpusError(
            f"{what}: no column {', '.join(map(repr, missing))}; found {', '.join(table.columns)}"
        )


def check_manifest(manifest: "pd.DataFrame", *, place: str = "manifest") -> "pd.DataFrame":
    """The manifest with `clip_id`, `path`, `label` (and `speaker`, if any) as filled-in text.

    Optional columns: `speaker`, `start`, `end` (seconds), `fold`; any other column is kept and
    becomes a stratum. Raises CorpusError on missing columns, empty or duplicate ids, no rows.
    """
    _require(manifest, MANIFEST_COLUMNS, place)
    if manifest.empty:
        raise CorpusError(f"{place}: no clips; expected one row a clip")
    checked = manifest.reset_index(drop=True).copy()
    for column in [*MANIFEST_COLUMNS, *(["speaker"] if "speaker" in checked else [])]:
        empty = checked[column].isna() | (checked[column].astype(str).str.strip() == "")
        if empty.any():
            row = int(np.argmax(empty)) + 1
            raise CorpusError(
                f"{place} row {row}: '{column}' is empty; expected a value in every row "
                f"({int(empty.sum())} of {len(checked)} are empty)"
            )
        checked[column] = checked[column].astype(str)
    repeated = checked.loc[checked["clip_id"].duplicated(), "clip_id"]
    if len(repeated):
        raise CorpusError(
            f"{place}: clip id '{repeated.iloc[0]}' stands in more than one row ({len(repeated)} "
            "repeated ids); expected one row a clip: is a file listed twice, or is 'start' missing?"
        )
    return checked


def check_folds(folds: "pd.DataFrame", manifest: "pd.DataFrame") -> "pd.DataFrame":
    """The fold plan, complete for the manifest: each clip once in each repeat.

    `fold` counts from 0; -1 marks a clip that is only ever trained on. Raises CorpusError when a
    clip is missing, unknown or repeated. Speakers across folds are the audit's business.
    """
    _require(folds, FOLD_COLUMNS, "folds")
    unknown = set(folds["clip_id"]) - set(manifest["clip_id"])
    if unknown:
        raise CorpusError(f"folds: {len(unknown)} clips are not in the manifest, such as "
                          f"'{min(unknown)}'; was the plan made for another corpus?")  # fmt: skip
    for repeat, rows in folds.groupby("repeat"):
        if len(rows) != len(manifest) or rows["clip_id"].duplicated().any():
            raise CorpusError(
                f"folds, repeat {repeat}: {len(rows)} rows for {len(manifest)} clips; expected "
                "each clip exactly once"
            )
    return folds.reset_index(drop=True)


def check_features(features: "pd.DataFrame") -> "pd.DataFrame":
    """The feature table, indexed by `clip_id`: float columns `family.measure[.statistic]`.

    NaN where not measurable, never infinite; raises CorpusError otherwise.
    """
    table = features.set_index("clip_id") if "clip_id" in features.columns else features
    if table.index.has_duplicates:
        raise CorpusError("features: a clip id stands in more than one row")
    values = table.to_numpy(dtype=float)
    if np.isinf(values).any():
        column = table.columns[np.isinf(values).any(axis=0)][0]
        raise CorpusError(f"features: column '{column}' holds infinite values; expected NaN where "
                          "a measure cannot be taken")  # fmt: skip
    return table.astype(float)


def probability_columns(classes: list[str]) -> list[str]:
    return [f"{PROBABILITY}{name}" for name in classes]


def check_predictions(predictions: "pd.DataFrame", classes: list[str]) -> "pd.DataFrame":
    """Out-of-fold predictions: each (clip, repeat) at most once; probabilities absent or summing
    to 1 (within 1e-3). Raises CorpusError otherwise."""
    _require(predictions, PREDICTION_COLUMNS, "predictions")
    if predictions.duplicated(["clip_id", "repeat"]).any():
        raise CorpusError("predictions: a clip is predicted twice in one repeat")
    unknown = set(predictions["predicted"]) - set(classes)
    if unknown:
        raise CorpusError(f"predictions: class '{min(unknown)}' is not one of {', '.join(classes)}")
    present = [column for column in probability_columns(classes) if column in predictions.columns]
    if present:
        _require(predictions, tuple(probability_columns(classes)), "predictions")
        sums = predictions[present].to_numpy(dtype=float).sum(axis=1)
        wrong = ~(np.abs(sums - 1) <= 1e-3)  # NaN is wrong as well
        if wrong.any():
            raise CorpusError(
                f"predictions: probabilities of a row sum to {sums[wrong][0]:.3f}; expected 1: are "
                "they logits?"
            )
    return predictions.reset_index(drop=True)


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, renamed onto it when the block ends well, else removed.

    Raises ConfigError when nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            # mkstemp makes private files; a report should be as readable as any of the user's.
            beside.chmod(0o666 & ~_current_umask())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(
            f"{path}: cannot be written ({reason}); expected a place for a file: is the folder "
            "read-only, or the disk full?"
        ) from None


@contextmanager
def folder_written_beside(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder` that takes its place when the block ends well, else goes.

    What stood there before is removed only when the new one is complete.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as place:
        beside, before = Path(place) / "new", Path(place) / "old"
        beside.mkdir()
        yield beside
        if folder.exists():
            folder.rename(before)
        beside.rename(folder)


def _current_umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def write_text(path: Path, text: str) -> None:
    with written_beside(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def write_csv(table: "pd.DataFrame", path: Path) -> None:
    with written_beside(path) as beside:
        table.to_csv(beside, index=False, lineterminator="\n")


def write_parquet(table: "pd.DataFrame", path: Path) -> None:
    with written_beside(path) as beside:
        table.to_parquet(beside, index=False)


def write_json(value: Any, path: Path) -> None:
    """JSON that any parser reads: NaN and infinity become null."""
    write_text(path, json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def plain(value: Any) -> Any:
    """`value` as plain JSON types; NaN and infinite floats as None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, Path):
        return value.as_posix()
    return value


def table_hash(table: "pd.DataFrame") -> str:
    """A short hash of a table's content, the same for the same rows in any row or column order."""
    ordered = table[sorted(table.columns)]
    ordered = ordered.sort_values(list(ordered.columns), ignore_index=True)
    text = ordered.to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
