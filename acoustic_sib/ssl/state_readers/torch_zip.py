"""`.pt` as torch.save writes it: a zip of raw numbers and a small program that says what they are.

That program is a pickle. It is not run and never given to `pickle`: `torch_program` walks its
opcodes, knows the few that lists, dicts and tensors need, and refuses the file at any other.
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.clip_ids import IdList
from acoustic_sib.ssl.npy_format import Array
from acoustic_sib.ssl.state_dumps import (
    MAX_DECLARED_BYTES,
    Dump,
    Entry,
    StateReader,
    dump_of_arrays,
)
from acoustic_sib.ssl.state_readers.safetensors import from_bfloat16
from acoustic_sib.ssl.torch_program import STORAGES, Tensor, values_of
from acoustic_sib.ssl.zip_members import opened_member, opened_zip

_MAX_PROGRAM_BYTES = 64 * 2**20
_INSTEAD = ("save {clip_id: tensor of layers x frames x dimensions} with "
            "safetensors.torch.save_file")  # fmt: skip


def _sniff(source: Path) -> bool:
    return source.is_file() and source.suffix.lower() in (".pt", ".pth")


def _read(source: Path, ids: IdList | None) -> Dump:
    if not zipfile.is_zipfile(source):
        raise StatesError(f"{source}: a bare pickle (torch before 1.6, or no torch at all), which "
                          "may run any program when it is read, so it is not read; "
                          f"{_INSTEAD}")  # fmt: skip
    found = opened_zip(source, limit=MAX_DECLARED_BYTES,
                       expected="a file that torch.save wrote")  # fmt: skip
    members = found.infolist()
    sizes = {member.filename: member.file_size for member in members}
    program = [name for name in sizes if name.endswith("/data.pkl")]
    if len(program) != 1 or sizes[program[0]] > _MAX_PROGRAM_BYTES:
        raise StatesError(f"{source}: no readable data.pkl in the archive; expected what "
                          f"torch.save writes: {_INSTEAD}")  # fmt: skip
    folder = program[0].removesuffix("data.pkl")
    if _content(found, f"{folder}byteorder", sizes).strip() not in (b"little", b""):
        raise StatesError(f"{source}: its numbers are big-endian; {_INSTEAD}")
    value = values_of(_content(found, program[0], sizes), place=str(source), instead=_INSTEAD)
    if not isinstance(value, dict):
        value = {"states": value}
    entries = {str(name): _entry(found, str(name), one, folder, sizes)
               for name, one in value.items()
               if not isinstance(one, (str, int, float))}  # fmt: skip
    return dump_of_arrays(str(source), entries, ids)


def _content(found: zipfile.ZipFile, name: str, sizes: Mapping[str, int]) -> bytes:
    """A member's bytes, none where there is no such member."""
    if name not in sizes:
        return b""
    with opened_member(found, name) as stream:
        return stream.read()


def _entry(
    found: zipfile.ZipFile, name: str, value: Any, folder: str, sizes: Mapping[str, int]
) -> Entry:
    """A tensor, or a list of tensors of one shape (a layer each), as one array."""
    source = found.filename
    parts = value if isinstance(value, (list, tuple)) else [value]
    if not parts or not all(isinstance(part, Tensor) for part in parts):
        raise StatesError(f"{source}: '{name}' holds {type(value).__name__} and no tensors; "
                          f"expected tensors: {_INSTEAD}")  # fmt: skip
    for part in parts:
        _refuse_outside(str(source), name, part, folder, sizes)
    shapes = sorted({part.shape for part in parts})
    if len(shapes) > 1:
        raise StatesError(f"{source}: clip '{name}' has layers of different shapes ({shapes[0]} "
                          f"and {shapes[1]}); expected the same frames and dimension in "
                          "each")  # fmt: skip
    is_list = isinstance(value, (list, tuple))

    def whole() -> Array:
        arrays = [_array(found, part, folder) for part in parts]
        return np.stack(arrays) if is_list else arrays[0]

    def rows() -> Iterator[Array]:
        yield from whole()

    shape = (len(parts), *shapes[0]) if is_list else shapes[0]
    return Entry(shape=shape, dtype=np.dtype(np.float32), whole=whole, rows=rows)


def _refuse_outside(
    source: str, name: str, part: Tensor, folder: str, sizes: Mapping[str, int]
) -> None:
    """Raise StatesError where a tensor reaches beyond its numbers, or repeats them by strides."""
    dtype = np.dtype(STORAGES[part.storage])
    held = sizes.get(f"{folder}data/{part.key}", -1) // dtype.itemsize
    steps = zip(part.shape, part.strides, strict=True)
    reach = part.offset + 1 + sum((n - 1) * step for n, step in steps)
    n = int(np.prod(part.shape, dtype=object)) if part.shape else 1
    if n and not (reach <= held and n <= held):
        raise StatesError(f"{source}: '{name}' is said to hold {n} numbers and {max(held, 0)} are "
                          "there; expected the file as torch.save wrote it: is it cut "
                          "short?")  # fmt: skip


def _array(found: zipfile.ZipFile, part: Tensor, folder: str) -> Array:
    with opened_member(found, f"{folder}data/{part.key}") as stream:
        content = stream.read()
    dtype = np.dtype(STORAGES[part.storage])
    flat = np.frombuffer(content, dtype=dtype)
    if part.storage == "BFloat16Storage":
        flat = from_bfloat16(flat)
    strides = tuple(step * flat.itemsize for step in part.strides)
    return np.lib.stride_tricks.as_strided(flat[part.offset :], part.shape, strides,
                                           writeable=False)  # fmt: skip


READER = StateReader(kind="torch", accepts="a .pt file of tensors by clip id", rank=45,
                     sniff=_sniff, read=_read)  # fmt: skip
