"""Table files (CSV, TSV, JSON lines, Parquet) as text cells that remember their line."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib.errors import CorpusError

DELIMITED = (".csv", ".tsv", ".txt")
JSON_LINES = (".jsonl", ".ndjson")
PARQUET = (".parquet",)
TABLE_SUFFIXES = (*DELIMITED, *JSON_LINES, *PARQUET)


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """Cells as text (None where empty) and, for each row, where it stands in its file.

    Everything is text: an id such as 0001 is not the number 1.
    """

    table: pd.DataFrame
    places: list[str]


def read_table(path: Path) -> TextTable:
    """Read a table file by its suffix. Raises CorpusError with file and line where it cannot be."""
    suffix = path.suffix.lower()
    if suffix in PARQUET:
        return _read_parquet(path)
    lines = decoded(path)
    table = _read_json_lines(path, lines) if suffix in JSON_LINES else _read_delimited(path, lines)
    if table.table.empty:
        raise CorpusError(f"{path.name}: no rows; expected one row a clip")
    return table


def decoded(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 with a byte order mark, which is removed."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise CorpusError(f"{path}: cannot be read: {reason}") from None
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x} is not UTF-{'16' if wide else '8'}"
        raise CorpusError(
            f"{path.name} line {line}: {found}; expected a UTF-8 text: is it saved in a Windows "
            "or Mac encoding (in Excel: save as 'CSV UTF-8')?"
        ) from None


def text_or_none(value: Any) -> str | None:
    """A cell as text; None when it is empty or missing."""
    if value is None or value != value:
        return None
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        # A column of whole numbers with a gap comes as floats: 7.0 is speaker 7.
        value = int(value)
    text = str(value)
    return text if text.strip() else None


def as_table(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> pd.DataFrame:
    cells = {
        column: pd.Series([row[number] for row in rows], dtype=object)
        for number, column in enumerate(columns)
    }
    return pd.DataFrame(cells)


def _read_delimited(path: Path, text: str) -> TextTable:
    if not text.strip():
        raise CorpusError(f"{path.name}: the file is empty; expected a header line and rows")
    delimiter = _delimiter(path, text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[list[str | None]] = []
    places: list[str] = []
    line = 1
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                pass
            elif not header:
                header = _checked_header(path, fields)
            elif len(fields) != len(header):
                raise CorpusError(
                    f"{path.name} line {line}: {len(fields)} fields; expected {len(header)} as in "
                    f"the header: does an unquoted value hold a {_NAMES[delimiter]}?"
                )
            else:
                rows.append([text_or_none(field) for field in fields])
                places.append(f"{path.name} line {line}")
            line = reader.line_num + 1
    except csv.Error as error:
        raise CorpusError(
            f"{path.name} line {line}: {error}; expected fields separated by "
            f"{_NAMES[delimiter]}s: is a quotation mark unpaired?"
        ) from None
    return TextTable(table=as_table(header, rows), places=places)


_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}


def _delimiter(path: Path, text: str) -> str:
    header = next(line for line in text.splitlines() if line.strip())
    fields = {d: len(next(csv.reader([header], delimiter=d))) for d in _NAMES}
    preferred = "\t" if path.suffix.lower() == ".tsv" else ","
    return max(fields, key=lambda delimiter: (fields[delimiter], delimiter == preferred))


def _checked_header(path: Path, fields: list[str]) -> list[str]:
    header = [field.strip() for field in fields]
    if "" in header:
        # The row numbers that spreadsheets and pandas write first have no name.
        header = [name or f"column_{number}" for number, name in enumerate(header, start=1)]
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise CorpusError(f"{path.name}: two columns are called '{twice}'; expected one of each")
    return header


def _read_json_lines(path: Path, text: str) -> TextTable:
    records: list[dict[str, Any]] = []
    places: list[str] = []
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.strip():
            continue
        try:
            record = json.loads(content)
        except json.JSONDecodeError as error:
            raise CorpusError(
                f"{path.name} line {line}: not JSON ({error.msg}); expected one "
                "object a line: is it one list over many lines?"
            ) from None
        if not isinstance(record, dict):
            raise CorpusError(
                f"{path.name} line {line}: holds a {type(record).__name__}; expected one object "
                "with the names of the columns a line"
            )
        records.append(record)
        places.append(f"{path.name} line {line}")
    columns = list(dict.fromkeys(name for record in records for name in record))
    rows = [[text_or_none(record.get(name)) for name in columns] for record in records]
    return TextTable(table=as_table(columns, rows), places=places)


def _read_parquet(path: Path) -> TextTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise CorpusError(f"{path.name}: not readable as Parquet ({_one_line(error)})") from None
    if table.num_rows == 0:
        raise CorpusError(f"{path.name}: no rows; expected one row a clip")
    cells = {name: table.column(name).to_pylist() for name in table.column_names}
    rows = [[text_or_none(cells[name][row]) for name in cells] for row in range(table.num_rows)]
    places = [f"{path.name} row {row + 1}" for row in range(table.num_rows)]
    return TextTable(table=as_table(list(cells), rows), places=places)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
