"""safetensors: a JSON header of names, types and places, then plain numbers.

Read here without the package: the format is a length (8 bytes, little-endian), that many bytes of
JSON, and a block of bytes (huggingface/safetensors, README, 'Format').
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.clip_ids import IdList
from acoustic_sib.ssl.npy_format import Array
from acoustic_sib.ssl.state_dumps import Dump, Entry, StateReader, dump_of_arrays

MAX_HEADER_BYTES = 100_000_000
"""The format's own limit."""

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
          "I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?", "U16": "<u2", "U32": "<u4",
          "U64": "<u8"}  # fmt: skip


def _sniff(source: Path) -> bool:
    return source.is_file() and source.suffix.lower() == ".safetensors"


def _read(source: Path, ids: IdList | None) -> Dump:
    begin, header = _header(source)
    header.pop("__metadata__", None)
    size = source.stat().st_size
    entries = {name: _entry(source, name, one, begin, size) for name, one in header.items()}
    return dump_of_arrays(str(source), entries, ids)


def _header(source: Path) -> tuple[int, dict[str, Any]]:
    """Where the numbers begin, and the header."""
    with source.open("rb") as stream:
        n = int.from_bytes(stream.read(8), "little")
        if n > min(MAX_HEADER_BYTES, source.stat().st_size):
            raise StatesError(f"{source}: says that its header takes {n} bytes; expected a "
                              "safetensors file: is it damaged or of another format?")  # fmt: skip
        try:
            found = json.loads(stream.read(n))
        except (ValueError, RecursionError) as error:
            raise StatesError(f"{source}: its header is no JSON ({str(error)[:80]}); expected a "
                              "safetensors file") from None  # fmt: skip
    if not isinstance(found, dict):
        raise StatesError(f"{source}: its header is no JSON object; expected a safetensors file")
    return 8 + n, found


def _entry(source: Path, name: str, one: Any, begin: int, size: int) -> Entry:
    place = f"{source}: '{name}'"
    try:
        kind, shape = one["dtype"], tuple(one["shape"])
        first, last = one["data_offsets"]
        whole = all(isinstance(n, int) and n >= 0 for n in (*shape, first, last))
    except (TypeError, KeyError, ValueError):
        whole = False
    if not whole:
        raise StatesError(f"{place} has no type, shape and place in the header; expected a "
                          "safetensors file: is it damaged?")  # fmt: skip
    if kind not in DTYPES:
        raise StatesError(f"{place} is of type {kind}; expected F16, BF16, F32 or F64")
    stored = np.dtype(DTYPES[kind])
    n_bytes = stored.itemsize
    for n in shape:
        n_bytes *= n
    if first + n_bytes != last or begin + last > size:
        raise StatesError(f"{place} should take bytes {first} to {last} of {size - begin}, and its "
                          f"shape needs {n_bytes}; is the file cut short?")  # fmt: skip
    is_brain = kind == "BF16"

    def mapped() -> Array:
        if not n_bytes:
            return np.zeros(shape, dtype=stored)
        return np.memmap(source, dtype=stored, mode="r", offset=begin + first, shape=shape)

    def read() -> Array:
        return from_bfloat16(mapped()) if is_brain else mapped()

    def rows() -> Iterator[Array]:
        for row in mapped():
            yield from_bfloat16(row) if is_brain else row

    return Entry(shape=shape, dtype=np.dtype("<f4") if is_brain else stored, whole=read, rows=rows)


def from_bfloat16(bits: Array) -> Array:
    """bfloat16 bits as float32: its upper half."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


READER = StateReader(kind="safetensors", accepts="a .safetensors file", rank=40, sniff=_sniff,
                     read=_read)  # fmt: skip
