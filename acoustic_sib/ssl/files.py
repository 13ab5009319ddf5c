"""Foreign files read with care: sizes before contents, no pickle ever, one sentence where refused.

A pickle (`.pt`, `.bin`, `training_args.bin`, NumPy object arrays) is a program that runs when it is
opened; nothing here opens one. Arrays are read by `npy_format`, archives by `zip_members`.
"""

import json
from pathlib import Path
from typing import Any

from acoustic_sib.corpus.table_files import decoded
from acoustic_sib.errors import RunError

TEXT_LIMIT = 256 * 2**20
SETTINGS_LIMIT = 32 * 2**20
PICKLES = (".bin", ".ckpt", ".pkl", ".pickle", ".joblib", ".dill", ".pth.tar")
TORCH = (".pt", ".pth")
"""Zips since torch 1.6: the numbers in them can be read without running the pickle beside them."""

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
    if path.name.lower().endswith((*PICKLES, *TORCH)):
        raise RunError(
            f"{path}: a pickle, which runs as a program when opened and is never opened here; "
            "expected predictions as CSV, JSONL, Parquet or npz: 'acoustic-sib ssl snippet' prints "
            "how to write them"
        )


def read_text(path: Path, *, limit: int = TEXT_LIMIT) -> str:
    """The text of a file. Raises RunError where it is too large or binary, CorpusError where it
    is not UTF-8."""
    refuse_pickle(path)
    refuse_unreadable(path, limit=limit)
    with path.open("rb") as file:
        start = file.read(4096)
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


def refuse_unreadable(path: Path, *, limit: int) -> None:
    """Raise RunError where the file cannot be opened or has more than `limit` bytes."""
    try:
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()})") from (
            None
        )
    if size > limit:
        raise RunError(f"{path}: {megabytes(size)}; expected at most {megabytes(limit)}: is it "
                       "the right file?")  # fmt: skip


def _kind(start: bytes) -> str | None:
    return next((name for magic, name in _MAGIC if start.startswith(magic)), None)


def megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB"
