"""Lists of clip ids that stand beside a dump which names no clips."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from acoustic_sib.corpus.table_files import TABLE_SUFFIXES
from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.files import read_json, read_text, shown
from acoustic_sib.ssl.table_text import column_names, read_foreign_table

FACTS = ("n_samples", "n_valid_frames")
LIMIT = 64 * 2**20
ID_NAMES = ("clip_id", "clip_ids", "id", "ids", "file", "files", "filename", "file_name", "path",
            "paths", "name", "names", "utt_id", "key", "keys")  # fmt: skip
"""Names under which ids stand beside an array or in a table, the surest first."""


@dataclass(frozen=True, kw_only=True)
class IdList:
    """Ids in the order of the rows, and what else the list tells of each clip."""

    place: str
    ids: tuple[str, ...]
    facts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def refuse_other_length(self, place: str, n: int, what: str) -> None:
        if n != len(self.ids):
            raise StatesError(f"{place}: {n} {what}, but {self.place} holds {len(self.ids)} ids; "
                              "expected one id each, in the same order")  # fmt: skip


def read_ids(path: Path) -> IdList:
    """The ids in a JSON list, a table with a column of ID_NAMES (as metadata.csv has `file_name`),
    or a text of one id a line.

    Columns `n_samples` (at the model's sampling rate) and `n_valid_frames` are taken along. Raises
    StatesError on another shape, an empty id, or one that stands twice; RunError or CorpusError
    where the file cannot be read at all.
    """
    rows = _rows(path)
    found = _checked([(row["clip_id"] or "").strip() for row in rows], path)
    facts = {
        clip_id: {name: _whole(path, clip_id, name, text) for name in FACTS
                  if (text := row.get(name))}
        for clip_id, row in zip(found, rows, strict=True)
    }  # fmt: skip
    return IdList(place=str(path), ids=found,
                  facts={key: one for key, one in facts.items() if one})  # fmt: skip


def _rows(path: Path) -> list[dict[str, str | None]]:
    """A row a clip, its id under `clip_id`."""
    ending = path.suffix.lower()
    if ending == ".json":
        return [{"clip_id": one} for one in _json_list(path)]
    if ending in TABLE_SUFFIXES and (ending != ".txt" or "clip_id" in column_names(path)):
        table = read_foreign_table(path).table
        column = next((name for name in ID_NAMES if name in table.columns), None)
        if column is None:
            raise StatesError(f"{path}: no column 'clip_id' or 'file_name'; found "
                              f"{shown(', '.join(table.columns))}")  # fmt: skip
        kept = {"clip_id": table[column], **{name: table[name] for name in FACTS if name in table}}
        return [dict(zip(kept, cells, strict=True)) for cells in zip(*kept.values(), strict=True)]
    lines = read_text(path, limit=LIMIT).splitlines()
    return [{"clip_id": line} for line in lines if line.strip()]


def _json_list(path: Path) -> list[str]:
    found = read_json(path, limit=LIMIT)
    if not isinstance(found, list) or not all(isinstance(one, (str, int)) for one in found):
        raise StatesError(f'{path}: expected a JSON list of clip ids, such as ["a1", "a2"]')
    return [str(one) for one in found]


def _checked(ids: list[str], path: Path) -> tuple[str, ...]:
    if not ids:
        raise StatesError(f"{path}: no ids; expected one a clip")
    if not all(ids):
        raise StatesError(f"{path}: id {ids.index('') + 1} is empty; expected one a clip")
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise StatesError(f"{path}: id '{one}' stands twice; expected each clip once")
        seen.add(one)
    return tuple(ids)


def _whole(path: Path, clip_id: str, name: str, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise StatesError(f"{path}: clip '{clip_id}': {name} is '{text}'; expected a whole number")
    return value
