"""Foreign files read with care: sizes before contents, no pickle ever, one sentence where refused.

A pickle (`.pt`, `.bin`, `training_args.bin`, NumPy object arrays) is a program that runs when it is
opened; nothing here opens one.
"""

import json
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from acoustic_sib.corpus.table_files import decoded
from acoustic_sib.errors import RunError

TEXT_LIMIT = 256 * 2**20
ARRAY_LIMIT = 4 * 2**30
MEMBER_LIMIT = 200_000
PICKLES = (".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle", ".joblib")

_MAGIC = (
    (b"PK\x03\x04", "a zip archive"), (b"\x93NUMPY", "a NumPy array"), (b"\x89HDF", "HDF5"),
    (b"PAR1", "Parquet"), (b"ARROW1", "an Arrow file"), (b"\x80", "a pickle"),
    (b"\x1f\x8b", "gzip"), (b"RIFF", "a sound file"), (b"fLaC", "a sound file"),
)  # fmt: skip


def shown(value: object, width: int = 60) -> str:
    """A foreign value for a message: no control characters (they steer terminals), cut short."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(value)[: width + 1])
    return text if len(text) <= width else text[: width - 3] + "..."


def refuse_pickle(path: Path) -> None:
    """Raise RunError when the name says that the file is a pickle."""
    if path.suffix.lower() in PICKLES:
        raise RunError(
            f"{path}: a pickle, which runs as a program when opened and is never opened here; "
            "expected predictions as CSV, JSONL, Parquet or npz: 'acoustic-sib ssl snippet' prints "
            "how to write them"
        )


def read_text(path: Path, *, limit: int = TEXT_LIMIT) -> str:
    """The text of a file. Raises RunError where it is too large or binary, CorpusError where it
    is not UTF-8."""
    refuse_pickle(path)
    start = _start(path, limit)
    if start[:2] not in (b"\xff\xfe", b"\xfe\xff") and (
        (kind := _kind(start)) is not None or b"\0" in start
    ):
        raise RunError(f"{path}: {kind or 'binary data'}, whatever its name says; expected text")
    return decoded(path)


def read_json(path: Path, *, limit: int = TEXT_LIMIT) -> Any:
    """The JSON value in a file. Raises RunError where there is none."""
    text = read_text(path, limit=limit)
    try:
        return json.loads(text)
    except RecursionError:
        raise RunError(f"{path}: JSON nested too deeply; expected a list or an object") from None
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise RunError(f"{path}: not readable as JSON ({shown(reason, 120)}); expected JSON: is "
                       "the file cut short?") from None  # fmt: skip


def _start(path: Path, limit: int) -> bytes:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()})") from (
            None
        )
    if size > limit:
        raise RunError(f"{path}: {_mb(size)}; expected at most {_mb(limit)}: is it the right file?")
    return start


def _kind(start: bytes) -> str | None:
    return next((name for magic, name in _MAGIC if start.startswith(magic)), None)


def _mb(size: int) -> str:
    return f"{size / 2**20:.1f} MB"


def checked_members(archive: zipfile.ZipFile, path: Path, *, limit: int) -> list[zipfile.ZipInfo]:
    """The members of a zip archive. Raises RunError where a name leads out of it, or where what
    they declare to unpack to is more than `limit` bytes."""
    members = archive.infolist()
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in PurePosixPath(name).parts or name[1:2] == ":":
            raise RunError(f"{path}: its member '{shown(member.filename)}' points outside of the "
                           "archive; expected plain names: was it tampered with?")  # fmt: skip
    declared = sum(member.file_size for member in members)
    if declared > limit or len(members) > MEMBER_LIMIT:
        raise RunError(f"{path}: would unpack to {_mb(declared)} in {len(members)} members; "
                       f"expected at most {_mb(limit)}: is it a zip bomb?")  # fmt: skip
    return members


def read_npz(path: Path, *, limit: int = ARRAY_LIMIT) -> dict[str, NDArray[Any]]:
    """Every array of an npz. Raises RunError for object arrays, names that lead out, declared
    sizes above `limit`, and whatever is damaged."""
    _start(path, limit)
    arrays = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in checked_members(archive, path, limit=limit):
                name = member.filename.removesuffix(".npy")
                with archive.open(member) as file:
                    arrays[name] = _array(file, member.file_size, f"{path}: array '{shown(name)}'")
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError) as error:
        # RuntimeError: a member behind a password, or packed in a way that zipfile does not know.
        reason = shown(" ".join(str(error).split()), 120)
        raise RunError(f"{path}: not readable as npz ({reason}); expected what numpy.savez wrote: "
                       "is the file damaged?") from None  # fmt: skip
    return arrays


def read_npy(path: Path, *, limit: int = ARRAY_LIMIT) -> NDArray[Any]:
    """The array of an npy file; raises RunError as `read_npz` does."""
    _start(path, limit)
    with path.open("rb") as file:
        return _array(file, path.stat().st_size, str(path))


def _array(file: BinaryIO | Any, size: int, place: str) -> NDArray[Any]:
    try:
        version = npy.read_magic(file)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran_order, dtype = header(file)
    except (ValueError, TypeError, RecursionError, MemoryError) as error:
        reason = shown(" ".join(str(error).split()), 120)
        raise RunError(f"{place}: no NumPy array ({reason}); expected one as numpy.save writes "
                       "it") from None  # fmt: skip
    if dtype.hasobject:
        raise RunError(f"{place}: holds Python objects, which is a pickle and is never opened; "
                       "expected numbers or text of fixed width (.astype(str)): is it a ragged "
                       "list?")  # fmt: skip
    # Plain integers: a declared shape may be larger than any machine's.
    count = 1
    for length in shape:
        count *= int(length)
    if min(shape, default=0) < 0 or count * dtype.itemsize > size:
        raise RunError(f"{place}: declares {'x'.join(map(str, shape))} values of {dtype}, more "
                       "than the file holds: is it damaged?")  # fmt: skip
    content = file.read(count * dtype.itemsize)
    if len(content) != count * dtype.itemsize:
        raise RunError(f"{place}: cut short; expected {count} values of {dtype}")
    values = np.frombuffer(content, dtype=dtype)
    return values.reshape(shape, order="F" if fortran_order else "C")
