"""A wide CSV or TSV of pooled embeddings: a row a clip, a column a dimension."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.clip_ids import ID_NAMES, IdList
from acoustic_sib.ssl.npy_format import Array
from acoustic_sib.ssl.state_dumps import Dump, StateReader
from acoustic_sib.ssl.state_tables import dimension_columns

_ROWS = 256


def _sniff(source: Path) -> bool:
    return source.is_file() and source.suffix.lower() in (".csv", ".tsv")


def _read(source: Path, ids: IdList | None) -> Dump:
    columns = list(next(_chunks(source)).columns)
    dimensions = dimension_columns(columns)
    id_column = next((name for name in ID_NAMES if name in columns), None)
    if id_column is None or not dimensions:
        missing = "ids (clip_id)" if id_column is None else "numbers (dim_0, dim_1...)"
        raise StatesError(f"{source}: no column of {missing}; found {', '.join(columns[:5])}; "
                          "expected a row a clip")  # fmt: skip

    def clips() -> Iterator[tuple[str, Array]]:
        first = 2  # the line below the header
        for chunk in _chunks(source):
            for number, (clip_id, texts) in enumerate(
                zip(chunk[id_column], chunk[dimensions].to_numpy(dtype=object), strict=True)
            ):
                yield str(clip_id), _numbers(source, first + number, texts, dimensions)
            first += len(chunk)

    return Dump(place=str(source), clips=clips, facts={} if ids is None else ids.facts)


def _chunks(source: Path) -> Iterator[pd.DataFrame]:
    separator = "\t" if source.suffix.lower() == ".tsv" else ","
    try:
        with pd.read_csv(source, dtype=str, keep_default_na=False, encoding="utf-8-sig",
                         sep=separator, chunksize=_ROWS) as chunks:  # fmt: skip
            yield from chunks
    except (ValueError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:100]
        raise StatesError(f"{source}: not readable as a table of text ({reason}); expected a row a "
                          "clip: is it another format with this ending?") from None  # fmt: skip


def _numbers(source: Path, line: int, texts: Array, columns: list[str]) -> Array:
    try:
        return np.array([float(text) for text in texts])
    except ValueError:
        wrong = next(k for k, text in enumerate(texts) if not _is_number(text))
        kind = "a formula" if str(texts[wrong]).startswith("=") else "no number"
        raise StatesError(f"{source} line {line}: '{columns[wrong]}' is '{texts[wrong][:40]}', "
                          f"{kind}; expected a number in every cell") from None  # fmt: skip


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


READER = StateReader(kind="csv", accepts="a CSV with clip_id and a column a dimension", rank=70,
                     sniff=_sniff, read=_read)  # fmt: skip
