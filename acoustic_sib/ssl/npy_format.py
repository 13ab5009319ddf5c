"""Arrays in numpy's own format, without its pickles: headers first, then rows as they are asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.state_dumps import Array

_READ_HEADER = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True, kw_only=True)
class NpyHeader:
    """Shape and type as declared, and where the numbers begin."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    offset: int


def read_npy_header(stream: IO[bytes], *, place: str, n_bytes: int) -> NpyHeader:
    """The header at the start of `stream`, whose file has `n_bytes` in all.

    Raises StatesError where it is none, where it holds Python objects (which are pickles and are
    never read), or where it declares another size than there is.
    """
    try:
        version = npy.read_magic(stream)
        if version not in _READ_HEADER:
            raise ValueError(f"version {version[0]}.{version[1]}")
        shape, fortran, dtype = _READ_HEADER[version](stream)
    except (ValueError, EOFError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        reason = " ".join(str(error).split())[:120]
        raise StatesError(f"{place}: no array in numpy's format ({reason}); expected what np.save "
                          "writes") from None  # fmt: skip
    if dtype.hasobject:
        raise StatesError(
            f"{place}: an array of Python objects, which is a pickle and may run any program when "
            "it is read, so it is not read; expected numbers: do the clips differ in frames? Then "
            "save each by its id, np.savez('states.npz', **{clip_id: array, ...})"
        )
    header = NpyHeader(shape=tuple(map(int, shape)), dtype=dtype, fortran=bool(fortran),
                       offset=stream.tell())  # fmt: skip
    declared = dtype.itemsize
    for size in header.shape:
        declared *= size
    if declared != n_bytes - header.offset:
        raise StatesError(f"{place}: says that it holds {declared} bytes of numbers and holds "
                          f"{n_bytes - header.offset}; expected the same: was the copy cut "
                          "short?")  # fmt: skip
    return header


def whole_array(stream: IO[bytes], header: NpyHeader) -> Array:
    """The array, from a stream that stands where the numbers begin."""
    content = stream.read()
    order: Any = "F" if header.fortran else "C"
    return np.frombuffer(content, dtype=header.dtype).reshape(header.shape, order=order)


def row_stream(stream: IO[bytes], header: NpyHeader) -> Iterator[Array]:
    """The array along its first axis, row by row; only a transposed one is read as a whole."""
    if header.fortran and len(header.shape) > 1:
        yield from whole_array(stream, header)
        return
    row_shape = header.shape[1:]
    n_bytes = header.dtype.itemsize * int(np.prod(row_shape, dtype=np.int64))
    for _ in range(header.shape[0]):
        content = stream.read(n_bytes)
        if len(content) != n_bytes:
            raise EOFError("it ends too soon")
        yield np.frombuffer(content, dtype=header.dtype).reshape(row_shape)


def mapped_npy(path: Path) -> Array:
    """A `.npy` file, memory-mapped and read-only."""
    with path.open("rb") as stream:
        header = read_npy_header(stream, place=str(path), n_bytes=path.stat().st_size)
    if not np.prod(header.shape, dtype=np.int64):
        return np.zeros(header.shape, dtype=header.dtype)
    return np.memmap(path, dtype=header.dtype, mode="r", shape=header.shape, offset=header.offset,
                     order="F" if header.fortran else "C")  # fmt: skip
