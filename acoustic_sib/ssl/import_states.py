"""A foreign dump becomes a states folder: checked as a whole first, then written clip by clip."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.frame_rate import frame_rate_of, refuse_wrong_rate
from acoustic_sib.ssl.npy_format import Array
from acoustic_sib.ssl.state_dumps import Dump
from acoustic_sib.ssl.states import SCHEMA, States, read_states
from acoustic_sib.tables import folder_written_beside, write_csv, write_json

FLOAT16_MAX = float(np.finfo(np.float16).max)
Layout = Literal["frames", "layers"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What the first pass over a dump found."""

    clip_ids: list[str]
    shapes: list[tuple[int, ...]]


def write_states(
    dump: Dump, out: Path, *, layout: Layout | None = None, meta: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> States:  # fmt: skip
    """Write the dump as a states folder at `out` and read it back.

    `layout` says what the first axis of a clip's two-dimensional array is, where its size does not
    tell: 'frames' of one layer, or 'layers' of pooled vectors. Two passes are made over the dump:
    the first refuses, naming the clip, NaN and infinite values, values beyond float16, clips of
    other layers or dimension than the first, repeated and empty ids, and frame counts that do not
    fit the clips' lengths; the second writes through a memory map. Raises StatesError, and leaves
    nothing behind.
    """
    _refuse_foreign_folder(out)
    seen = _first_pass(dump)
    layout = _layout(dump.place, seen, layout)
    shapes = [_as_states(shape, layout) for shape in seen.shapes]
    layers, dim = _common(dump.place, seen, shapes)
    offsets = np.concatenate([[0], np.cumsum([frames for _, frames, _ in shapes])]).astype(np.int64)
    facts = {**dump.meta, **(meta or {})}
    clips = _clips_table(dump, seen, shapes)
    known = clips.fillna({"n_samples": -1, "n_valid_frames": -1})
    refuse_wrong_rate(
        dump.place, seen.clip_ids, known["n_frames"].to_numpy(dtype=np.int64),
        known["n_valid_frames"].to_numpy(dtype=np.int64),
        known["n_samples"].to_numpy(dtype=np.int64), frame_rate_of(facts),
    )  # fmt: skip
    with folder_written_beside(out) as beside:
        target = np.lib.format.open_memmap(
            beside / "states.npy", mode="w+", dtype=np.float16,
            shape=(layers, int(offsets[-1]), dim),
        )  # fmt: skip
        for number, (_, array) in enumerate(dump.clips()):
            begin, end = offsets[number], offsets[number + 1]
            target[:, begin:end] = array.reshape(shapes[number])
            if progress is not None:
                progress(number + 1, len(shapes))
        target.flush()
        del target
        np.save(beside / "offsets.npy", offsets)
        write_csv(clips, beside / "clips.csv")
        write_json(_meta_of(facts, layers, dim, shapes), beside / "meta.json")
    return read_states(out)


def _refuse_foreign_folder(out: Path) -> None:
    """`out` is replaced as a whole, so only a states folder or nothing may stand there."""
    if out.is_file():
        raise StatesError(f"{out}: a file; expected the name of a folder to write")
    if out.is_dir() and any(out.iterdir()):
        try:
            own = json.loads((out / "meta.json").read_text(encoding="utf-8"))["schema"] == SCHEMA
        except (OSError, ValueError, KeyError, TypeError):
            own = False
        if not own:
            raise StatesError(f"{out}: a folder with other things in it, which would be replaced; "
                              "expected a new folder, or a states folder")  # fmt: skip


def _first_pass(dump: Dump) -> _Seen:
    ids: list[str] = []
    shapes = []
    known: set[str] = set()
    for clip_id, array in dump.clips():
        if not clip_id.strip():
            raise StatesError(f"{dump.place}: clip {len(ids) + 1} has no id; expected one a clip")
        if not clip_id.isprintable():
            raise StatesError(f"{dump.place}: the id of clip {len(ids) + 1}, '{shown(clip_id)}', "
                              "has control characters; expected plain text")  # fmt: skip
        if clip_id in known:
            raise StatesError(f"{dump.place}: clip '{clip_id}' stands twice; expected each once")
        _refuse_numbers(dump.place, clip_id, array)
        known.add(clip_id)
        ids.append(clip_id)
        shapes.append(_without_batch_axis(array.shape))
    if not ids:
        raise StatesError(f"{dump.place}: no clips; expected at least one")
    return _Seen(clip_ids=ids, shapes=shapes)


def _refuse_numbers(place: str, clip_id: str, array: Array) -> None:
    if array.dtype.kind != "f" or array.size == 0:
        raise StatesError(f"{place}: clip '{clip_id}' is {array.dtype} of shape {array.shape}; "
                          "expected floating point numbers, at least one frame")  # fmt: skip
    largest, smallest = float(np.max(array)), float(np.min(array))
    if np.isnan(largest):
        raise StatesError(f"{place}: clip '{clip_id}' holds NaN in {int(np.isnan(array).sum())} of "
                          f"{array.size} numbers; expected finite states: did the model diverge, "
                          "or was an empty slice averaged?")  # fmt: skip
    beyond = max(abs(largest), abs(smallest))
    if np.isinf(beyond):
        raise StatesError(f"{place}: clip '{clip_id}' holds infinite numbers; expected finite "
                          "states: did float16 overflow when they were saved?")  # fmt: skip
    if beyond > FLOAT16_MAX:
        raise StatesError(f"{place}: clip '{clip_id}' holds {beyond:.6g}, beyond float16's "
                          f"{FLOAT16_MAX:g}; expected hidden states, of a few hundred at most: are "
                          "these samples or a spectrogram?")  # fmt: skip


def _without_batch_axis(shape: tuple[int, ...]) -> tuple[int, ...]:
    """(layers, frames, dim) of (layers, 1, frames, dim) or (1, layers, frames, dim)."""
    if len(shape) == 4 and 1 in shape[:2]:
        where = shape[:2].index(1) if shape[1] != 1 else 1
        return (*shape[:where], *shape[where + 1 :])
    return shape


def _layout(place: str, seen: _Seen, layout: Layout | None) -> Layout:
    """What the first axis of two-dimensional arrays is; frames where it differs among clips."""
    counts = {shape[0] for shape in seen.shapes if len(shape) == 2}
    if layout is not None or counts <= {1} or len(counts) > 1:
        return layout or "frames"
    raise StatesError(
        f"{place}: each clip is {counts.pop()} x {seen.shapes[0][-1]} numbers, which may be frames "
        "of one layer or layers of pooled vectors; expected --layout frames or --layout layers"
    )


def _as_states(shape: tuple[int, ...], layout: Layout) -> tuple[int, int, int]:
    """(layers, frames, dim) of a clip's array; zeros where it has another number of axes."""
    if len(shape) == 1:
        return 1, 1, shape[0]
    if len(shape) == 2:
        return (1, *shape) if layout == "frames" else (shape[0], 1, shape[1])
    return shape if len(shape) == 3 else (0, 0, 0)


def _common(place: str, seen: _Seen, shapes: list[tuple[int, int, int]]) -> tuple[int, int]:
    """Layers and dimension of all clips; raises StatesError at the first clip that has others."""
    layers, _, dim = shapes[0]
    for clip_id, raw, (own_layers, _, own_dim) in zip(
        seen.clip_ids, seen.shapes, shapes, strict=True
    ):
        if own_dim == 0:
            raise StatesError(f"{place}: clip '{clip_id}' has shape {raw}; expected (layers, "
                              "frames, dimension), (frames, dimension) or "
                              "(dimension,)")  # fmt: skip
        if own_layers != layers:
            raise StatesError(f"{place}: clip '{clip_id}' has {own_layers} layers and "
                              f"'{seen.clip_ids[0]}' {layers}; expected the same in each "
                              "clip")  # fmt: skip
        if own_dim != dim:
            raise StatesError(f"{place}: clip '{clip_id}' has dimension {own_dim} and "
                              f"'{seen.clip_ids[0]}' {dim}; expected one: are these of two "
                              "models?")  # fmt: skip
    return layers, dim


def _clips_table(dump: Dump, seen: _Seen, shapes: list[tuple[int, int, int]]) -> pd.DataFrame:
    facts = [dump.facts.get(clip_id, {}) for clip_id in seen.clip_ids]
    frames = [shape[1] for shape in shapes]
    valid = [one.get("n_valid_frames") for one in facts]
    for clip_id, count, held in zip(seen.clip_ids, valid, frames, strict=True):
        if count is not None and not 0 < count <= held:
            raise StatesError(f"{dump.place}: clip '{clip_id}' is said to have {count} valid of "
                              f"{held} frames; expected 1 to {held}")  # fmt: skip
    return pd.DataFrame({
        "clip_id": seen.clip_ids,
        "n_samples": pd.array([one.get("n_samples") for one in facts], dtype="Int64"),
        "n_frames": pd.array(frames, dtype="Int64"),
        "n_valid_frames": pd.array(valid, dtype="Int64"),
    })  # fmt: skip


def _meta_of(
    facts: Mapping[str, Any], layers: int, dim: int, shapes: list[tuple[int, int, int]]
) -> dict[str, Any]:
    frames = {shape[1] for shape in shapes}
    stored = "pooled" if frames == {1} else "as given"
    made = {"layers": list(range(layers)), "frames_stored": stored, **facts}
    names = made["layers"]
    if not isinstance(names, list) or len(names) != layers:
        made["layers"] = list(range(layers))
    return {**made, "schema": SCHEMA, "dim": dim, "dtype": "float16"}
