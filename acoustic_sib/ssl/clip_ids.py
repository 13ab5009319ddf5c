"""Lists of clip ids that stand beside a dump which names no clips."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from acoustic_sib.errors import StatesError

FACTS = ("n_samples", "n_valid_frames")
MAX_BYTES = 64 * 2**20


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
    """The ids in a JSON list, a CSV or TSV with a column `clip_id`, or a text of one id a line.

    Columns `n_samples` (at the model's sampling rate) and `n_valid_frames` are taken along. Raises
    StatesError on another shape, an empty id, or one that stands twice.
    """
    if not path.is_file():
        raise StatesError(f"{path}: no such file; expected a list of clip ids")
    if path.stat().st_size > MAX_BYTES:
        raise StatesError(f"{path}: {path.stat().st_size / 2**20:.0f} MB; expected a list of ids")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise StatesError(f"{path}: no text; expected a list of clip ids as JSON, CSV or one id a "
                          "line") from None  # fmt: skip
    rows = _rows(path, text)
    found = _checked([row["clip_id"].strip() for row in rows], path)
    facts = {
        clip_id: {name: _whole(path, clip_id, name, row[name]) for name in FACTS if row.get(name)}
        for clip_id, row in zip(found, rows, strict=True)
    }
    return IdList(place=str(path), ids=found,
                  facts={key: one for key, one in facts.items() if one})  # fmt: skip


def _rows(path: Path, text: str) -> list[dict[str, str]]:
    ending = path.suffix.lower()
    if ending == ".json":
        return [{"clip_id": one} for one in _json_list(path, text)]
    lines = text.splitlines()
    separator = "\t" if ending == ".tsv" else ","
    if ending in (".csv", ".tsv") or (lines and "clip_id" in lines[0].split(separator)):
        rows = list(csv.DictReader(lines, delimiter=separator))
        if rows and "clip_id" not in rows[0]:
            raise StatesError(f"{path}: no column 'clip_id'; found {', '.join(map(str, rows[0]))}")
        return [{str(key): value or "" for key, value in row.items()} for row in rows]
    return [{"clip_id": line} for line in lines if line.strip()]


def _json_list(path: Path, text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StatesError(f"{path}: not readable as JSON ({error}); expected a list of clip "
                          "ids") from None  # fmt: skip
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
