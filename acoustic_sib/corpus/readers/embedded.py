"""Hugging Face Parquet or Arrow data with the sound embedded: `audio: {bytes, path}`."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from acoustic_sib.audio import arrow_table, embedded_path
from acoustic_sib.config import CorpusSettings
from acoustic_sib.corpus.columns import USUAL_NAMES
from acoustic_sib.corpus.files import files_below
from acoustic_sib.corpus.listing import Listing, Reader
from acoustic_sib.corpus.splits import split_name
from acoustic_sib.corpus.table_files import as_table, text_or_none
from acoustic_sib.errors import CorpusError, UserError

SUFFIXES = (".parquet", ".arrow")
UNLABELLED = -1
_SHARD = re.compile(r"^(?P<name>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})$")


def sniff(source: Path) -> bool:
    return any(_audio_columns(_schema(shard)) for shard in _shards(source))


def read(source: Path, settings: CorpusSettings) -> Listing:
    """The rows of every shard, without the sounds themselves; class numbers become their names."""
    folder = source if source.is_dir() else source.parent
    notes: list[str] = []
    _refuse_missing_shards(source, notes)
    tables, places, ids = [], [], []
    for shard in _shards(source):
        inside = shard.relative_to(folder)
        rows, names = _read_shard(shard, inside, settings, notes)
        tables.append(rows)
        ids += names
        places += [f"{inside.as_posix()} row {row + 1}" for row in range(len(rows))]
    table = pd.concat(tables, ignore_index=True)
    return Listing(
        table=table.astype(object).where(table.notna(), None),
        places=places,
        folder=folder,
        place=source.as_posix(),
        kind=_shards(source)[0].suffix.lower().lstrip("."),
        ids=_ids(ids, places),
        notes=tuple(dict.fromkeys(notes)),
    )


def _shards(source: Path) -> list[Path]:
    if source.is_file():
        return [source] if source.suffix.lower() in SUFFIXES else []
    # `datasets` keeps results of its map() beside the data, as cache-<hash>.arrow.
    found = [path for path in files_below(source, SUFFIXES) if not path.name.startswith("cache-")]
    with_sound = [path for path in found if _audio_columns(_schema(path))]
    endings = {path.suffix.lower() for path in with_sound}
    if len(endings) > 1:
        raise CorpusError(f"{source}: both Parquet and Arrow files hold sounds; expected one kind: "
                          "is the same data there twice?")  # fmt: skip
    return with_sound


def _schema(file: Path) -> Any:
    """The schema of a Parquet or Arrow file; None when it is neither."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if file.suffix.lower() == ".parquet":
            return pq.read_schema(file)
        return arrow_table(file).schema
    except (OSError, pa.ArrowException, UserError):
        return None


def _audio_columns(schema: Any) -> list[str]:
    """Columns of type {bytes, path}, or plain bytes under a usual name of a sound column."""
    import pyarrow as pa

    found = []
    for field in schema if schema is not None else ():
        kind = field.type
        if pa.types.is_struct(kind):
            if "bytes" in {part.name for part in kind}:
                found.append(field.name)
        elif (
            pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
        ) and field.name.lower() in USUAL_NAMES["path"]:
            found.append(field.name)
    return found


def _audio_column(columns: list[str], settings: CorpusSettings, place: str) -> str:
    chosen = settings.columns.get("path")
    if chosen in columns:
        return str(chosen)
    if len(columns) > 1:
        raise CorpusError(
            f"{place}: {len(columns)} columns hold sounds: {', '.join(columns)}; expected to be "
            f"told which one: columns: {{path: {columns[0]}}}"
        )
    return columns[0]


def _read_shard(
    shard: Path, inside: Path, settings: CorpusSettings, notes: list[str]
) -> tuple[pd.DataFrame, list[str | None]]:
    """The rows of one shard as text, and the name that each embedded sound brings along."""
    import pyarrow as pa

    schema = _schema(shard)
    audio = _audio_column(_audio_columns(schema), settings, inside.as_posix())
    plain = [field.name for field in schema if not pa.types.is_nested(field.type)
             and not pa.types.is_binary(field.type) and field.name != audio]  # fmt: skip
    dropped = [name for name in schema.names if name not in plain and name != audio]
    if dropped:
        notes.append(f"columns that hold no single value are not read: {', '.join(dropped)}")
    table, names, outside = _values(shard, audio, plain, schema)
    # The audio column plays the path; what else is called path keeps another name.
    own = settings.columns.get("path", "path")
    columns: dict[str, list[str | None]] = {
        own: [
            name if apart else embedded_path(inside, audio, row)
            for row, (name, apart) in enumerate(zip(names, outside, strict=True))
        ]
    }
    class_names = _class_names(schema)
    for column in plain:
        cells = table[column]
        if column in class_names:
            cells = [_class_of(cell, class_names[column], inside, column) for cell in cells]
        columns[f"{column}_in_corpus" if column == own else column] = list(map(text_or_none, cells))
    split = _split_of(inside)
    if split is not None and "split" not in columns:
        columns["split"] = [split] * len(names)
    rows = [[columns[name][row] for name in columns] for row in range(len(names))]
    return as_table(list(columns), rows), names


def _values(
    shard: Path, audio: str, plain: list[str], schema: Any
) -> tuple[dict[str, list[Any]], list[str | None], list[bool]]:
    """Plain columns, the sounds' names, and whether a sound is only named, not embedded."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    kind = schema.field(audio).type
    parts = [part.name for part in kind] if hasattr(kind, "num_fields") and kind.num_fields else []
    if shard.suffix.lower() == ".parquet":
        # Sounds are looked at for their presence only, one group of rows after another.
        named = [f"{audio}.path"] if "path" in parts else []
        with pq.ParquetFile(shard) as file:
            table = file.read(columns=[*plain, *named])
        missing = _missing_sounds(shard, f"{audio}.bytes" if parts else audio)
    else:
        table = arrow_table(shard)
        sounds = table.column(audio)
        missing = pc.is_null(pc.struct_field(sounds, "bytes") if parts else sounds).to_pylist()
    names: list[str | None] = [None] * table.num_rows
    if "path" in parts:
        names = pc.struct_field(table.column(audio), "path").to_pylist()
    outside = [absent and name is not None for absent, name in zip(missing, names, strict=True)]
    return {name: table.column(name).to_pylist() for name in plain}, names, outside


def _missing_sounds(shard: Path, column: str) -> list[bool]:
    """For each row of a Parquet file, whether its sound is null; unread where statistics say so."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.ParquetFile(shard)
    missing: list[bool] = []
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        chunks = [group.column(index) for index in range(group.num_columns)]
        chunk = next(one for one in chunks if one.path_in_schema == column)
        known = chunk.statistics is not None and chunk.statistics.has_null_count
        if known and chunk.statistics.null_count == 0:
            missing += [False] * group.num_rows
            continue
        sounds = file.read_row_group(number, columns=[column]).column(0)
        if "." in column:
            sounds = pc.struct_field(sounds, column.rsplit(".", 1)[1])
        missing += pc.is_null(sounds).to_pylist()
    return missing


def _class_names(schema: Any) -> dict[str, list[str]]:
    """Column -> its class names, from the `huggingface` entry of the schema's metadata."""
    entry = (schema.metadata or {}).get(b"huggingface")
    try:
        features = json.loads(entry)["info"]["features"] if entry else {}
    except (ValueError, KeyError, TypeError):
        return {}
    return {
        column: [str(name) for name in feature["names"]]
        for column, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        and isinstance(feature.get("names"), list)
    }  # fmt: skip


def _class_of(cell: Any, names: list[str], inside: Path, column: str) -> str | None:
    if cell is None or cell == UNLABELLED:
        return None
    if isinstance(cell, int):
        if cell >= len(names):
            raise CorpusError(
                f"{inside.as_posix()}: '{column}' is {cell}, but the schema names only "
                f"{len(names)} classes: {', '.join(names)}; expected 0 to {len(names) - 1}"
            )
        return names[cell]
    return str(cell)


def _split_of(inside: Path) -> str | None:
    """The split that a shard's path names: `data/train-00000-of-00002`, `test/0000`..."""
    words = re.split(r"[^a-z]+", inside.with_suffix("").as_posix().lower())
    return next(filter(None, map(split_name, reversed(words))), None)


def _refuse_missing_shards(source: Path, notes: list[str]) -> None:
    found: Counter[tuple[Path, str, int]] = Counter()
    for shard in _shards(source):
        if match := _SHARD.match(shard.stem):
            found[shard.parent, match["name"], int(match["count"])] += 1
    for (_, name, expected), count in found.items():
        if count == expected:
            continue
        if source.is_file():
            notes.append(f"{source.name} is one of {expected} shards; name the folder to read all")
            continue
        raise CorpusError(
            f"{source}: {count} of {expected} shards of '{name}'; expected all: was the download "
            "interrupted?"
        )


def _ids(names: list[str | None], places: Iterable[str]) -> list[str]:
    """The sounds' own names where they are all there and differ, else file and row."""
    if all(names):
        texts = [PurePosixPath(str(name).replace("\\", "/")) for name in names]
        if any(text.is_absolute() for text in texts):
            # A path on the machine where the data were made says nothing here.
            texts = [PurePosixPath(text.name) for text in texts]
        if len(set(texts)) == len(texts):
            return [text.as_posix() for text in texts]
    return [place.replace(" row ", ":") for place in places]


READER = Reader(
    kind="embedded",
    accepts="Hugging Face Parquet or Arrow files with a column audio: {bytes, path}",
    rank=20,
    sniff=sniff,
    read=read,
)
