"""Hidden states of a corpus in one memory-mapped folder, and how a foreign dump becomes one.

`states.npy` (layers, frames of all clips, dimension) in float16; `offsets.npy` (clips + 1), where
each clip's frames begin; `clips.csv` (`clip_id n_samples n_frames n_valid_frames`, the second and
the last empty where unknown); `meta.json` (model, layers, sampling rate, padding...). Labels never
live here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.npy_format import Array, read_npy, read_npy_header

SCHEMA = "acoustic-sib/states@1"
REPEATED = "repeat"
"""The mode of padding in meta.json where clips were repeated instead of padded."""
_MAX_TEXT_BYTES = 256 * 2**20


@dataclass(frozen=True, kw_only=True)
class States:
    """A states folder as read. `n_samples` and `n_valid_frames` are -1 where they are unknown."""

    folder: Path
    clip_ids: tuple[str, ...]
    offsets: NDArray[np.int64]
    n_samples: NDArray[np.int64]
    n_valid_frames: NDArray[np.int64]
    shape: tuple[int, int, int]
    dtype: str
    data_offset: int
    meta: Mapping[str, Any]

    @property
    def n_layers(self) -> int:
        return self.shape[0]

    @property
    def dim(self) -> int:
        return self.shape[2]

    @property
    def layer_names(self) -> tuple[int | str, ...]:
        """The layers' names, numbers from 0 where the folder does not say."""
        names = self.meta.get("layers")
        if isinstance(names, list) and len(names) == self.n_layers:
            return tuple(names)
        return tuple(range(self.n_layers))

    @cached_property
    def n_frames(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)

    @property
    def is_repeated(self) -> bool:
        """Clips were repeated up to one length: every frame hears the clip, and their number says
        nothing of its duration."""
        padding = self.meta.get("padding")
        return isinstance(padding, dict) and padding.get("mode") == REPEATED

    @property
    def is_pooled(self) -> bool:
        """Every clip is one vector: frames were pooled before the states were saved."""
        return bool((self.n_frames == 1).all())

    def layer(self, position: int) -> Array:
        """One layer (frames of all clips, dimension), memory-mapped alone so that the pages of
        the others are never this process's."""
        _, frames, dim = self.shape
        dtype = np.dtype(self.dtype)
        begin = self.data_offset + position * frames * dim * dtype.itemsize
        return np.memmap(self.folder / "states.npy", dtype=dtype, mode="r", shape=(frames, dim),
                         offset=begin)  # fmt: skip

    def facts(self) -> dict[str, dict[str, int]]:
        """What is known of each clip, as a dump tells it."""
        return {
            clip_id: {name: int(value) for name, value in
                      (("n_samples", samples), ("n_valid_frames", valid)) if value >= 0}
            for clip_id, samples, valid in zip(
                self.clip_ids, self.n_samples, self.n_valid_frames, strict=True)
        }  # fmt: skip


def read_states(folder: Path) -> States:
    """The states in `folder`; the numbers themselves stay on the disk.

    Raises StatesError where a file is missing or damaged, or the four do not fit together.
    """
    for name in ("states.npy", "offsets.npy", "clips.csv", "meta.json"):
        if not (folder / name).is_file():
            raise StatesError(f"{folder}: no {name} in it; expected a states folder, as "
                              "`acoustic-sib ssl states` writes it")  # fmt: skip
    meta = _meta(folder / "meta.json")
    path = folder / "states.npy"
    with path.open("rb") as stream:
        header = read_npy_header(stream, place=str(path), n_bytes=path.stat().st_size)
    if len(header.shape) != 3 or header.fortran or header.dtype.kind != "f" or 0 in header.shape:
        raise StatesError(f"{path}: {header.dtype} of shape {header.shape}; expected float16 of "
                          "(layers, frames of all clips, dimension)")  # fmt: skip
    offsets = np.asarray(read_npy(folder / "offsets.npy"))
    clips = _clips(folder / "clips.csv")
    _refuse_misfit(folder, header.shape, offsets, clips)
    layers, frames, dim = header.shape
    return States(
        folder=folder, clip_ids=tuple(clips["clip_id"]), offsets=offsets.astype(np.int64),
        n_samples=clips["n_samples"].to_numpy(dtype=np.int64),
        n_valid_frames=clips["n_valid_frames"].to_numpy(dtype=np.int64),
        shape=(layers, frames, dim), dtype=header.dtype.str, data_offset=header.offset, meta=meta,
    )  # fmt: skip


def _meta(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_TEXT_BYTES:
            raise ValueError(f"{path.stat().st_size} bytes")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise StatesError(f"{path}: not readable as JSON ({str(error)[:80]}); expected what "
                          "`acoustic-sib ssl states` wrote") from None  # fmt: skip
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA:
        raise StatesError(f"{path}: its schema is {schema!r}; expected '{SCHEMA}'")
    return dict(found)


def _clips(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (ValueError, UnicodeDecodeError) as error:
        raise StatesError(f"{path}: damaged ({' '.join(str(error).split())[:80]}); expected the "
                          "table as it was written") from None  # fmt: skip
    for name in ("clip_id", "n_frames"):
        if name not in table.columns:
            raise StatesError(f"{path}: no column '{name}'; found {', '.join(table.columns)}")
    for name in ("n_samples", "n_frames", "n_valid_frames"):
        texts = table[name] if name in table.columns else pd.Series([""] * len(table))
        table[name] = pd.to_numeric(texts.replace("", "-1"), errors="coerce").fillna(-2).astype(int)
        wrong = table[name] < (0 if name == "n_frames" else -1)
        if wrong.any():
            clip_id = table["clip_id"][wrong].iloc[0]
            raise StatesError(f"{path}: clip '{clip_id}' has no whole number under '{name}'")
    return table


def _refuse_misfit(
    folder: Path, shape: tuple[int, ...], offsets: Array, clips: pd.DataFrame
) -> None:
    """Raise StatesError unless the offsets, the clips and the frames tell the same story."""
    if offsets.ndim != 1 or offsets.dtype.kind not in "iu" or len(offsets) != len(clips) + 1:
        raise StatesError(f"{folder}: {offsets.size} offsets for {len(clips)} clips; expected one "
                          "more than clips: is clips.csv cut short?")  # fmt: skip
    counts = np.diff(offsets.astype(np.int64))
    if offsets[0] != 0 or int(offsets[-1]) != shape[1] or (counts < 1).any():
        raise StatesError(f"{folder}: offsets from {offsets[0]} to {offsets[-1]} for {shape[1]} "
                          "frames; expected them to rise from 0 to their number")  # fmt: skip
    repeated = clips["clip_id"][clips["clip_id"].duplicated()]
    if len(repeated):
        raise StatesError(f"{folder}: clip '{repeated.iloc[0]}' stands twice in clips.csv")
    wrong = clips["n_frames"].to_numpy() != counts
    if wrong.any():
        first = clips.iloc[int(np.argmax(wrong))]
        raise StatesError(f"{folder}: clip '{first['clip_id']}' has {first['n_frames']} frames in "
                          "clips.csv and others by the offsets; expected the same")  # fmt: skip
    beyond = clips["n_valid_frames"].to_numpy() > counts
    if beyond.any():
        first = clips.iloc[int(np.argmax(beyond))]
        raise StatesError(f"{folder}: clip '{first['clip_id']}' has {first['n_valid_frames']} "
                          f"valid of {first['n_frames']} frames; expected no more than there "
                          "are")  # fmt: skip
