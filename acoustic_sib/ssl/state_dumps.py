"""What a dump of hidden states offers before it is checked, and how its arrays are told apart."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.clip_ids import ID_NAMES, IdList
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.npy_format import Array

MAX_DECLARED_BYTES = 16 * 2**30
"""What a file may say that it unpacks to: 1057 clips of 25 layers x 49 frames x 1024 take 2.5 GiB
in float16, and half of the rest of the limit is there for float32."""
MAX_CLIP_BYTES = 2**30
"""What one clip may take in memory: an hour of one layer of 768 numbers in float32 takes 0.5."""

STATE_NAMES = ("hidden_states", "states", "embeddings", "embedding", "features", "feats",
               "last_hidden_state", "x")  # fmt: skip
"""Names of the array or column to read where several could be meant."""
_NUMBERED = re.compile(r"arr_(\d+)")


@dataclass(frozen=True, kw_only=True)
class Dump:
    """A dump of one array a clip. `clips` may be called more than once; it yields id and array,
    (layers, frames, dim), (frames, dim), (layers, dim) or (dim,), one clip in memory at a time.
    `facts`: what stands beside them, clip id -> n_samples, n_valid_frames."""

    place: str
    clips: Callable[[], Iterator[tuple[str, Array]]]
    meta: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StateReader:
    """One format: `sniff` says from name and first bytes whether it may be; `read` opens it.

    The lower the rank, the sooner a reader is asked.
    """

    kind: str
    accepts: str
    rank: int
    sniff: Callable[[Path], bool]
    read: Callable[[Path, IdList | None], Dump]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A named array of a container: `rows` yields it along its first axis, one at a time."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    whole: Callable[[], Array]
    rows: Callable[[], Iterator[Array]]

    @property
    def n_bytes(self) -> int:
        # Python's integers: a declared shape may be larger than any machine's.
        n = int(self.dtype.itemsize)
        for size in self.shape:
            n *= int(size)
        return n


def dump_of_arrays(place: str, entries: Mapping[str, Entry], ids: IdList | None) -> Dump:
    """The clips of a container of named arrays (npz, safetensors, HDF5).

    Either each array is a clip and its name the clip's id, or one array holds all clips along its
    first axis and their ids stand in a text array beside it or in `ids`. Raises StatesError where
    the file does not say which clip is which.
    """
    refuse_too_large(place, sum(entry.n_bytes for entry in entries.values()))
    _refuse_other_things(place, entries)
    floats = {name: entry for name, entry in entries.items() if entry.dtype.kind == "f"}
    if not floats:
        found = ", ".join(f"{name} ({entry.dtype})" for name, entry in list(entries.items())[:3])
        raise StatesError(f"{place}: no array of floating point numbers; expected hidden states, "
                          f"found {found or 'nothing'}")  # fmt: skip
    beside = next((name for name in ID_NAMES
                   if name in entries and entries[name].dtype.kind in "US"), None)  # fmt: skip
    if beside is not None:
        own = [_as_text(one) for one in entries[beside].whole().ravel()]
        return _stacked(place, _one_of(place, floats), own, ids)
    numbered = _in_order(floats)
    if numbered is not None or (len(floats) == 1 and next(iter(floats)) in STATE_NAMES):
        if ids is None:
            raise StatesError(
                f"{place}: its arrays ({', '.join(list(floats)[:3])}) name no clips; expected "
                "--ids FILE with the clips' ids in the order of the rows"
            )
        if numbered is not None and len(numbered) > 1:
            ids.refuse_other_length(place, len(numbered), "arrays")
            return _of_each(place, dict(zip(ids.ids, numbered, strict=True)), ids)
        return _stacked(place, next(iter(floats.values())), list(ids.ids), ids)
    only = next(iter(floats.values()))
    if ids is not None and len(floats) == 1 and only.shape[:1] == (len(ids.ids),):
        return _stacked(place, only, list(ids.ids), ids)
    return _of_each(place, floats, ids)


def _refuse_other_things(place: str, entries: Mapping[str, Entry]) -> None:
    """Raise StatesError where the names say that these are predictions or a model's weights."""
    scores = [name for name in ("predictions", "logits", "label_ids") if name in entries]
    if scores:
        raise StatesError(f"{place}: holds '{scores[0]}', which are a run's results and no hidden "
                          "states; expected states: import it with `acoustic-sib ssl "
                          "import`")  # fmt: skip
    weights = [name for name in entries if name.endswith((".weight", ".bias"))]
    if weights:
        raise StatesError(f"{place}: holds '{shown(weights[0])}': the weights of a model; expected "
                          "what it says of each clip (output_hidden_states=True)")  # fmt: skip


def _of_each(place: str, entries: Mapping[str, Entry], ids: IdList | None) -> Dump:
    for name, entry in entries.items():
        refuse_large_clip(place, name, entry.n_bytes)

    def clips() -> Iterator[tuple[str, Array]]:
        for name, entry in entries.items():
            yield name, entry.whole()

    return Dump(place=place, clips=clips, facts={} if ids is None else ids.facts)


def _stacked(place: str, entry: Entry, own: list[str], ids: IdList | None) -> Dump:
    n = entry.shape[0] if entry.shape else 0
    if n != len(own):
        raise StatesError(f"{place}: an array of {n} rows and {len(own)} ids; expected one id a "
                          "row: is the list of ids that of this file?")  # fmt: skip
    refuse_large_clip(place, own[0] if own else "", entry.n_bytes // max(n, 1))

    def clips() -> Iterator[tuple[str, Array]]:
        yield from zip(own, entry.rows(), strict=True)

    return Dump(place=place, clips=clips, facts={} if ids is None else ids.facts)


def _one_of(place: str, floats: Mapping[str, Entry]) -> Entry:
    if len(floats) == 1:
        return next(iter(floats.values()))
    named = [name for name in STATE_NAMES if name in floats]
    if not named:
        raise StatesError(f"{place}: {len(floats)} arrays beside the ids "
                          f"({', '.join(list(floats)[:4])}); expected one, or one named "
                          "'hidden_states'")  # fmt: skip
    return floats[named[0]]


def _in_order(entries: Mapping[str, Entry]) -> list[Entry] | None:
    """The arrays by number where numpy has named them arr_0, arr_1...; None otherwise."""
    numbers = [_NUMBERED.fullmatch(name) for name in entries]
    if not all(numbers):
        return None
    ordered = sorted(entries, key=lambda name: int(name.removeprefix("arr_")))
    return [entries[name] for name in ordered]


def refuse_too_large(place: str, n_bytes: int) -> None:
    if n_bytes > MAX_DECLARED_BYTES:
        raise StatesError(
            f"{place}: says that it unpacks to {n_bytes / 2**30:.3g} GiB; expected at most "
            f"{MAX_DECLARED_BYTES / 2**30:.0f}: is it damaged, or made to fill a disk? Keep "
            "float16 and fewer layers, or save it in parts"
        )


def refuse_large_clip(place: str, clip_id: str, n_bytes: int) -> None:
    if n_bytes > MAX_CLIP_BYTES:
        raise StatesError(
            f"{place}: clip '{shown(clip_id)}' takes {n_bytes / 2**30:.3g} GiB; expected at most "
            f"{MAX_CLIP_BYTES / 2**30:.0f}, as for a clip of seconds: is a whole corpus one array?"
        )


def _as_text(value: Any) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
