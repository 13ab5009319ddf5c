"""Arrays in numpy's own format, without its pickles: headers first, then rows as they are asked."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import refuse_unreadable, shown
from acoustic_sib.ssl.zip_members import opened_member, opened_zip

Array = NDArray[Any]

ARRAY_LIMIT = 4 * 2**30
# 3.0 is 2.0 with other letters in the names of a record's fields.
_READ_HEADER = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0,
                (3, 0): npy.read_array_header_2_0}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NpyHeader:
    """Shape and type as declared, and where the numbers begin."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    offset: int


def read_npy_header(stream: IO[bytes], *, place: str, n_bytes: int) -> NpyHeader:
    """The header at the start of `stream`, whose file has `n_bytes` in all.

    Raises RunError where it is none, where it holds Python objects (which are pickles and are
    never read), or where it declares another size than there is.
    """
    try:
        version = npy.read_magic(stream)
        if version not in _READ_HEADER:
            raise ValueError(f"version {version[0]}.{version[1]}")
        shape, fortran, dtype = _READ_HEADER[version](stream)
        _refuse_odd_shape(shape, dtype)
    except (ValueError, EOFError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        reason = shown(" ".join(str(error).split()), 120)
        raise RunError(f"{place}: no array in numpy's format ({reason}); expected what numpy.save "
                       "writes") from None  # fmt: skip
    if dtype.hasobject:
        raise RunError(
            f"{place}: holds Python objects, which is a pickle and may run any program when it is "
            "read, so it is not read; expected numbers, or text of fixed width (.astype(str)): do "
            "the clips differ in length? Then save each by its id, "
            "np.savez('states.npz', **{clip_id: array, ...})"
        )
    header = NpyHeader(shape=tuple(map(int, shape)), dtype=dtype, fortran=bool(fortran),
                       offset=stream.tell())  # fmt: skip
    declared, held = _size(header.shape) * dtype.itemsize, n_bytes - header.offset
    if declared != held:
        raise RunError(f"{place}: says that it holds {'x'.join(map(str, shape))} values of {dtype} "
                       f"({declared} bytes), and {held} bytes are there; expected the same: is "
                       "the file damaged or cut short?")  # fmt: skip
    return header


def _refuse_odd_shape(shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Raise ValueError for what no array has: axes below 0, more of them than memory has addresses
    (even where another is 0), values without a width."""
    if min(shape, default=0) < 0:
        raise ValueError(f"shape {shape}")
    if not dtype.itemsize:
        raise ValueError(f"values of {dtype}, which has no width")
    if 0 in shape and _size(tuple(max(n, 1) for n in shape)) * dtype.itemsize > sys.maxsize:
        raise ValueError(f"shape {shape}")


def _size(shape: tuple[int, ...]) -> int:
    # Python's integers: a declared shape may be larger than any machine's.
    n = 1
    for length in shape:
        n *= int(length)
    return n


def whole_array(stream: IO[bytes], header: NpyHeader) -> Array:
    """The array, from a stream that stands where the numbers begin."""
    order: Any = "F" if header.fortran else "C"
    return _values(stream, header, _size(header.shape)).reshape(header.shape, order=order)


def row_stream(stream: IO[bytes], header: NpyHeader) -> Iterator[Array]:
    """The array along its first axis, row by row; only a transposed one is read as a whole."""
    if header.fortran and len(header.shape) > 1:
        yield from whole_array(stream, header)
        return
    row_shape = header.shape[1:]
    for _ in range(header.shape[0]):
        yield _values(stream, header, _size(row_shape)).reshape(row_shape)


def _values(stream: IO[bytes], header: NpyHeader, n: int) -> Array:
    """The next n values; raises EOFError where there are fewer."""
    content = stream.read(n * header.dtype.itemsize)
    if len(content) != n * header.dtype.itemsize:
        raise EOFError("it ends too soon")
    return np.frombuffer(content, dtype=header.dtype)


def read_npy(path: Path, *, limit: int = sys.maxsize) -> Array:
    """The array of a `.npy` file, memory-mapped and read-only.

    Raises RunError as `read_npy_header` does, and for a file of more than `limit` bytes.
    """
    refuse_unreadable(path, limit=limit)
    with path.open("rb") as stream:
        header = read_npy_header(stream, place=str(path), n_bytes=path.stat().st_size)
    if not _size(header.shape):
        return np.zeros(header.shape, dtype=header.dtype)
    return np.memmap(path, dtype=header.dtype, mode="r", shape=header.shape, offset=header.offset,
                     order="F" if header.fortran else "C")  # fmt: skip


def read_npz(path: Path, *, limit: int = ARRAY_LIMIT) -> dict[str, Array]:
    """Every array of an npz. Raises RunError for objects, names that lead out or stand twice,
    declared sizes above `limit` in all, and whatever is damaged."""
    refuse_unreadable(path, limit=limit)
    arrays = {}
    with opened_zip(path, limit=limit, expected="an npz file as numpy.savez writes it") as archive:
        for member in archive.infolist():
            name = member.filename.removesuffix(".npy")
            with opened_member(archive, member.filename) as stream:
                header = read_npy_header(stream, place=f"{path}: array '{shown(name)}'",
                                         n_bytes=member.file_size)  # fmt: skip
                arrays[name] = whole_array(stream, header)
    return arrays
