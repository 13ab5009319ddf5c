"""Small dumps of hidden states in every format, and their way into a states folder."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from acoustic_sib.ssl.clip_ids import read_ids
from acoustic_sib.ssl.import_states import write_states
from acoustic_sib.ssl.state_dumps import Dump
from acoustic_sib.ssl.state_readers import open_dump
from acoustic_sib.ssl.states import States

SHAPES = {"a": (2, 3, 4), "b": (2, 5, 4)}


def made() -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    return {name: rng.standard_normal(shape).astype(np.float16).astype(np.float32)
            for name, shape in SHAPES.items()}  # fmt: skip


def imported(source: Path, out: Path, ids: Path | None = None, **options: Any) -> States:
    listed = None if ids is None else read_ids(ids)
    return write_states(open_dump(source, listed), out, **options)


def clip_of(states: States, clip_id: str) -> NDArray[Any]:
    number = states.clip_ids.index(clip_id)
    begin, end = states.offsets[number], states.offsets[number + 1]
    return np.stack([states.layer(k)[begin:end] for k in range(states.n_layers)])


def same(states: States, found: dict[str, NDArray[np.float32]]) -> bool:
    return sorted(states.clip_ids) == sorted(found) and all(
        np.array_equal(clip_of(states, name), array) for name, array in found.items()
    )


def as_npz(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    np.savez(folder / "x.npz", **found)  # type: ignore[arg-type]
    return folder / "x.npz"


def as_compressed_npz(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    np.savez_compressed(folder / "x.npz", **found)  # type: ignore[arg-type]
    return folder / "x.npz"


def as_npy_folder(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    (folder / "clips").mkdir()
    for name, array in found.items():
        np.save(folder / "clips" / f"{name}.npy", np.asfortranarray(array))
    return folder / "clips"


def as_safetensors(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    header, block = {}, b""
    for name, array in found.items():
        content = array.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape),
                        "data_offsets": [len(block), len(block) + len(content)]}  # fmt: skip
        block += content
    text = json.dumps(header).encode()
    (folder / "x.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + block)
    return folder / "x.safetensors"


def nested_table(found: dict[str, NDArray[np.float32]]) -> pa.Table:
    return pa.table({"clip_id": list(found), "label": ["x"] * len(found),
                     "hidden_states": [array.tolist() for array in found.values()]})  # fmt: skip


def as_parquet(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    pq.write_table(nested_table(found), folder / "x.parquet")
    return folder / "x.parquet"


def as_arrow_folder(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    (folder / "saved").mkdir()
    table = nested_table(found)
    with (
        pa.OSFile(str(folder / "saved" / "data-0.arrow"), "wb") as sink,
        pa.ipc.new_stream(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    (folder / "saved" / "state.json").write_text("{}")
    return folder / "saved"


def as_canonical(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    write_states(Dump(place="x", clips=lambda: iter(found.items())), folder / "canonical")
    return folder / "canonical"


FORMATS = (as_npz, as_compressed_npz, as_npy_folder, as_safetensors, as_parquet, as_arrow_folder,
           as_canonical)  # fmt: skip
