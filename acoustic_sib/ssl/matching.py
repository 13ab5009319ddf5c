"""Which clip of the corpus a foreign row means: by id, path or stem, never by order unasked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import pandas as pd

from acoustic_sib.audio import AUDIO_SUFFIXES
from acoustic_sib.corpus.labels import composed
from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.foreign import Said

_AMBIGUOUS = ""
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, kw_only=True)
class Matches:
    """The clip id of each row, None where the corpus has no such clip; `by` counts how they were
    found: `id`, `path`, `stem`, `listed` (in --ids) or `order`; `extra` are names that fit none."""

    clip_ids: list[str | None]
    by: dict[str, int]
    extra: list[str] = field(default_factory=list)


def match_clips(said: Said, manifest: pd.DataFrame, *, ids: Sequence[str] | None = None) -> Matches:
    """Find the clip of each row, from the file's own names or from `ids`, one a row in its order.

    Raises RunError where there are no names, a name fits several clips, or none fits any.
    """
    if said.clips is None and said.paths is None:
        names = [[name] for name in _given(said, ids)]
    elif ids is not None:
        raise RunError("--ids: the file names its clips itself; expected --ids only for files "
                       "without names: leave it out")  # fmt: skip
    else:
        columns = [column for column in (said.clips, said.paths) if column is not None]
        names = [[name for name in row if name] for row in zip(*columns, strict=True)]
    empty = next((row for row, found in enumerate(names) if not found), None)
    if empty is not None:
        raise RunError(f"{said.places[empty]}: names no clip; expected an id in every row")
    known = _Known.of(manifest)
    counts: Counter[str] = Counter()
    found: list[str | None] = []
    extra = []
    for place, row in zip(said.places, names, strict=True):
        how, clip_id = known.find(row, place)
        found.append(clip_id)
        if clip_id is None:
            _refuse_formula(row[0], place)
            extra.append(row[0])
        else:
            counts[how] += 1
    if not counts:
        raise RunError(
            f"{said.places[0]}: none of {len(names)} rows names a clip of the corpus; the first is "
            f"'{shown(names[0][0])}', the corpus has '{shown(manifest['clip_id'].iloc[0])}'; "
            "expected ids, paths or file names in common: is it another corpus?"
        )
    return Matches(clip_ids=found, by=dict(counts), extra=extra)


def match_by_order(said: Said, clip_ids: Sequence[str]) -> Matches:
    """Row k is clip k of `clip_ids`; raises RunError where their numbers differ."""
    n_rows = len(said.places)
    if n_rows != len(clip_ids):
        raise RunError(f"--by-order: {n_rows} rows for {len(clip_ids)} clips; expected as many: "
                       "give the tested ones in their order with --ids")  # fmt: skip
    return Matches(clip_ids=list(clip_ids), by={"order": n_rows})


def _given(said: Said, ids: Sequence[str] | None) -> Sequence[str]:
    n_rows = len(said.places)
    if ids is None:
        raise RunError(
            f"{said.places[0]}: no clip is named in any of {n_rows} rows; expected --ids FILE with "
            "their ids in the same order, or, if they stand in the order of the corpus, --by-order"
        )
    if len(ids) != n_rows:
        raise RunError(f"--ids: {len(ids)} ids for {n_rows} rows; expected one a row, in the same "
                       "order")  # fmt: skip
    return ids


def _refuse_formula(name: str, place: str) -> None:
    if name.startswith(_FORMULA):
        raise RunError(f"{place}: '{shown(name)}' is no clip of the corpus and begins as a "
                       "spreadsheet's formula does; expected a plain id")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Known:
    """The corpus's clips by id, by each end of their path, by stem; `_AMBIGUOUS` for several."""

    ids: frozenset[str]
    plain: dict[str, str]
    ends: dict[tuple[str, ...], str]
    stems: dict[str, str]

    @classmethod
    def of(cls, manifest: pd.DataFrame) -> "_Known":
        ends: dict[tuple[str, ...], str] = {}
        stems: dict[str, str] = {}
        ids = [str(clip_id) for clip_id in manifest["clip_id"]]
        for clip_id, path in zip(ids, manifest["path"], strict=True):
            parts = _parts(str(path))
            for length in range(1, len(parts) + 1):
                _add(ends, parts[-length:], clip_id)
            _add(stems, _stem(parts), clip_id)
        plain = {composed(clip_id): clip_id for clip_id in ids}
        return cls(ids=frozenset(ids), plain=plain, ends=ends, stems=stems)

    def find(self, names: list[str], place: str) -> tuple[str, str | None]:
        """How and as which clip the first of `names` that fits any is known."""
        for name in names:
            if name in self.ids:
                return "id", name
            if composed(name) in self.plain:
                return "id", self.plain[composed(name)]
        for how in ("path", "stem"):
            for name in names:
                clip_id = self._by_path(name) if how == "path" else self.stems.get(
                    _stem(_parts(name)))  # fmt: skip
                if clip_id == _AMBIGUOUS:
                    raise RunError(
                        f"{place}: '{shown(name)}' fits several clips of the corpus by its {how}; "
                        "expected a name that fits one: use the corpus's clip ids"
                    )
                if clip_id is not None:
                    return how, clip_id
        return "", None

    def _by_path(self, name: str) -> str | None:
        """The clip whose path shares the longest end with this one: a folder at least, or all."""
        parts = _parts(name)
        for length in range(len(parts), min(1, len(parts) - 1), -1):
            found = self.ends.get(parts[-length:])
            if found is not None:
                return found
        return None


def _add(known: "dict[tuple[str, ...], str] | dict[str, str]", key: object, clip_id: str) -> None:
    # The type of key does not matter here, and dict is invariant in it.
    table: dict[object, str] = known  # type: ignore[assignment]
    table[key] = clip_id if table.get(key, clip_id) == clip_id else _AMBIGUOUS


def _parts(name: str) -> tuple[str, ...]:
    path = composed(name).replace("\\", "/")
    return tuple(part for part in PurePosixPath(path).parts if part not in ("/", "."))


def _stem(parts: tuple[str, ...]) -> str:
    last = parts[-1] if parts else ""
    stem, dot, ending = last.rpartition(".")
    return stem if dot and f".{ending.lower()}" in AUDIO_SUFFIXES else last
