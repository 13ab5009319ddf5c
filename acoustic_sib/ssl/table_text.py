"""Foreign tables as text cells: their sizes looked at first, their numbers checked by row."""

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.corpus.splits import fold_numbers
from acoustic_sib.corpus.table_files import JSON_LINES, PARQUET, TextTable, read_table
from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import TEXT_LIMIT, read_text, shown
from acoustic_sib.ssl.npy_format import ARRAY_LIMIT

_HEADER_BYTES = 65_536


def plain_name(column: str) -> str:
    """A column's name for looking it up: `Pred Label` -> `pred_label`."""
    return re.sub(r"[\s\-]+", "_", column.strip().lower())


def read_foreign_table(path: Path) -> TextTable:
    """The table at `path` as text cells.

    Raises RunError where the file is too large, or not what its name says, and CorpusError, with
    the line, where its rows do not fit together.
    """
    if path.suffix.lower() in PARQUET:
        _refuse_large_parquet(path)
    else:
        read_text(path, limit=TEXT_LIMIT)
    return read_table(path)


def _refuse_large_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(path)
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"{path}: not readable as Parquet ({shown(error, 120)}); expected Parquet: "
                       "is the file damaged?") from None  # fmt: skip
    size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    if size > ARRAY_LIMIT:
        raise RunError(f"{path}: would unpack to {size / 2**20:.0f} MB; expected at most "
                       f"{ARRAY_LIMIT / 2**20:.0f} MB: is it the right file?")  # fmt: skip


def column_names(path: Path) -> list[str]:
    """The names of a table's columns, reading only its beginning; empty where there are none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    suffix = path.suffix.lower()
    try:
        if suffix in PARQUET:
            return list(pq.read_schema(path).names)
        with path.open("rb") as file:
            start = file.read(_HEADER_BYTES)
    except (OSError, pa.ArrowException):
        return []
    wide = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = start.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    line = next((line for line in text.splitlines() if line.strip()), "")
    if suffix in JSON_LINES:
        return re.findall(r'"([^"\\]{1,200})"\s*:', line)
    try:
        fields = (next(csv.reader([line], delimiter=mark), []) for mark in ",;\t")
        return [name.strip() for name in max(fields, key=len)]
    except csv.Error:
        return []


def numbers(cells: Sequence[str | None], places: Sequence[str], column: str) -> NDArray[np.float64]:
    """A column's cells as floats; raises RunError at the first that is no finite number."""
    found = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        with suppress(ValueError):
            found[row] = float(cell or "nan")
        if not np.isfinite(found[row]):
            raise RunError(f"{places[row]}: '{shown(column)}' is '{shown(cell)}'; expected a "
                           "finite number, with a point for its decimals")  # fmt: skip
    return found


def read_plan(source: Path) -> pd.DataFrame:
    """The fold plan in a table with `clip_id` and `fold`, or in the folder of a run.

    Raises RunError where a column is absent, CorpusError where a fold is no number.
    """
    path = source / "folds.csv" if source.is_dir() else source
    if not path.is_file():
        raise RunError(f"{source}: no such fold plan; expected a folds.csv, or the folder of a run "
                       "that holds one")  # fmt: skip
    found = read_foreign_table(path)
    absent = {"clip_id", "fold"} - set(found.table.columns)
    if absent:
        raise RunError(f"{path}: no column '{min(absent)}'; expected clip_id, repeat and fold")
    repeats = found.table.get("repeat", pd.Series("0", index=found.table.index))
    plan = pd.DataFrame({
        "clip_id": found.table["clip_id"].astype(str),
        "repeat": numbers(list(repeats), found.places, "repeat").astype(int),
        "fold": fold_numbers(list(found.table["fold"]), found.places),
    })  # fmt: skip
    again = plan.loc[plan.duplicated(["clip_id", "repeat"]), "clip_id"]
    if len(again):
        raise RunError(f"{path}: clip '{shown(again.iloc[0])}' stands twice in a repeat; expected "
                       "each once")  # fmt: skip
    return plan
