"""Parquet, Arrow files and Hugging Face's `save_to_disk`: a row a clip, states as nested lists or
as one column a dimension."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.clip_ids import ID_NAMES, IdList
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.npy_format import Array
from acoustic_sib.ssl.state_dumps import (
    MAX_CLIP_BYTES,
    STATE_NAMES,
    Dump,
    StateReader,
)
from acoustic_sib.ssl.state_tables import dimension_columns

_BATCH = 16
_ARROW = (".arrow", ".feather", ".ipc")
_PARQUET = (".parquet", ".pq")


def _sniff(source: Path) -> bool:
    return bool(_files(source))


def _files(source: Path) -> list[Path]:
    endings = (*_ARROW, *_PARQUET)
    if source.is_file():
        return [source] if source.suffix.lower() in endings else []
    return sorted(path for path in source.iterdir() if path.suffix.lower() in endings)


def _read(source: Path, ids: IdList | None) -> Dump:
    files = _files(source)
    schema = _schema(files[0])
    id_column = next((name for name in ID_NAMES if name in schema.names), None)
    if id_column is None and ids is None:
        raise StatesError(f"{source}: no column of ids (such as clip_id); found "
                          f"{', '.join(schema.names[:6])}; expected it, or --ids FILE with one id "
                          "a row")  # fmt: skip
    columns = _state_columns(source, schema)

    def clips() -> Iterator[tuple[str, Array]]:
        number = 0
        for path in files:
            for batch in _batches(path, [*([id_column] if id_column else []), *columns]):
                for row in range(batch.num_rows):
                    if id_column is not None:
                        clip_id = str(batch.column(id_column)[row].as_py() or "")
                    else:
                        assert ids is not None
                        clip_id = ids.ids[number] if number < len(ids.ids) else ""
                    number += 1
                    yield clip_id, _row(path, clip_id, batch, columns, row)
        if id_column is None and ids is not None:
            ids.refuse_other_length(str(source), number, "rows")

    return Dump(place=str(source), clips=clips, facts={} if ids is None else ids.facts)


def _state_columns(source: Path, schema: Any) -> list[str]:
    """The one column of nested lists, or the numeric columns dim_0, dim_1..."""
    import pyarrow as pa

    lists = [name for name in schema.names if _is_list(pa, schema.field(name).type)]
    if len(lists) > 1:
        lists = [name for name in STATE_NAMES if name in lists][:1] or lists
    if len(lists) > 1:
        raise StatesError(f"{source}: several columns of lists ({', '.join(lists[:4])}); expected "
                          "one, or one named 'hidden_states'")  # fmt: skip
    if lists:
        return lists
    columns = dimension_columns(
        [name for name in schema.names if pa.types.is_floating(schema.field(name).type)]
    )
    if not columns:
        raise StatesError(f"{source}: no column of lists and none named dim_0, dim_1...; found "
                          f"{', '.join(schema.names[:6])}")  # fmt: skip
    return columns


def _is_list(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind)
                or pa.types.is_fixed_size_list(kind))  # fmt: skip


def _row(path: Path, clip_id: str, batch: Any, columns: list[str], row: int) -> Array:
    import pyarrow as pa

    if len(columns) > 1 or not _is_list(pa, batch.schema.field(columns[0]).type):
        return np.array([batch.column(name)[row].as_py() for name in columns], dtype=np.float64)
    values = batch.column(columns[0])[row].values
    shape = [] if values is None or not _is_list(pa, values.type) else [len(values)]
    while values is not None and _is_list(pa, values.type):
        lengths = set(values.value_lengths().to_pylist())
        if len(lengths) > 1:
            raise StatesError(f"{path}: clip '{shown(clip_id)}' has rows of different lengths "
                              f"({', '.join(map(str, list(lengths)[:4]))}); expected layers of the "
                              "same frames, and frames of the same dimension")  # fmt: skip
        values = values.flatten()
        shape.append(max(lengths, default=0))
    if values is None or values.null_count or not pa.types.is_floating(values.type):
        kind = "nothing" if values is None else "gaps" if values.null_count else str(values.type)
        raise StatesError(
            f"{path}: clip '{shown(clip_id)}' holds {kind}; expected lists of numbers"
        )
    if values.nbytes > MAX_CLIP_BYTES:
        raise StatesError(f"{path}: clip '{shown(clip_id)}' takes {values.nbytes} bytes; expected "
                          "a clip of seconds")  # fmt: skip
    array: Array = values.to_numpy(zero_copy_only=False)
    if len(array) == 0:
        raise StatesError(
            f"{path}: clip '{shown(clip_id)}' holds no numbers; expected at least one frame"
        )
    return array.reshape(shape or -1)


def _schema(path: Path) -> Any:
    for batch in _batches(path, None):
        return batch.schema
    raise StatesError(f"{path}: no rows; expected one a clip")


def _batches(path: Path, columns: list[str] | None) -> Iterator[Any]:
    """The rows, a few at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if path.suffix.lower() in _PARQUET:
            with pq.ParquetFile(path) as table:
                yield from table.iter_batches(batch_size=_BATCH, columns=columns)
            return
        with pa.memory_map(str(path)) as mapped:
            yield from _arrow_batches(pa, mapped)
    except (pa.ArrowException, OSError) as error:
        raise StatesError(f"{path}: not readable as {path.suffix[1:]} ({str(error)[:100]}); is it "
                          "complete?") from None  # fmt: skip


def _arrow_batches(pa: Any, mapped: Any) -> Iterator[Any]:
    try:
        found = pa.ipc.open_file(mapped)
        yield from (found.get_batch(k) for k in range(found.num_record_batches))
    except pa.ArrowInvalid:
        mapped.seek(0)
        yield from pa.ipc.open_stream(mapped)


READER = StateReader(
    kind="arrow", accepts="a Parquet or Arrow file, or a folder that save_to_disk wrote", rank=60,
    sniff=_sniff, read=_read,
)  # fmt: skip
