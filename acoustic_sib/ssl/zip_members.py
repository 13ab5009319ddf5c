"""Zip archives from strangers: what their members may be called, and that they open at all."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import megabytes, shown

MEMBER_LIMIT = 200_000
# ValueError: a name that is no UTF-8. RuntimeError: a member behind a password, or packed in a way
# that zipfile does not know.
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError)


def opened_zip(source: Path, *, limit: int, expected: str) -> zipfile.ZipFile:
    """The archive, its members checked; it closes itself when nothing refers to it.

    Raises RunError where it is none or is cut short, where a name leads out of it or stands twice,
    or where what its members declare to unpack to is more than `limit` bytes in all.
    """
    try:
        found = zipfile.ZipFile(source)
    except _DAMAGED as error:
        raise RunError(f"{source}: not readable as a zip archive ({_reason(error)}); expected "
                       f"{expected}: is the file damaged or cut short?") from None  # fmt: skip
    members = found.infolist()
    names = Counter(member.filename for member in members)
    for name, n in names.items():
        plain = name.replace("\\", "/")
        if plain.startswith("/") or ".." in PurePosixPath(plain).parts or plain[1:2] == ":":
            raise RunError(f"{source}: its member '{shown(name)}' points outside of the archive; "
                           "expected plain names: was it tampered with?")  # fmt: skip
        if n > 1:
            raise RunError(f"{source}: its member '{shown(name)}' stands twice; expected each once")
    declared = sum(member.file_size for member in members)
    if declared > limit or len(members) > MEMBER_LIMIT:
        raise RunError(f"{source}: would unpack to {megabytes(declared)} in {len(members)} "
                       f"members; expected at most {megabytes(limit)}: is it a zip "
                       "bomb?")  # fmt: skip
    return found


@contextmanager
def opened_member(found: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """One member's bytes; raises RunError where it is damaged or encrypted."""
    try:
        with found.open(name) as stream:
            yield stream
    except _DAMAGED as error:
        raise RunError(f"{found.filename}: '{shown(name)}' is damaged ({_reason(error)}); expected "
                       "the file as it was written: was the copy cut short?") from None  # fmt: skip


def _reason(error: BaseException) -> str:
    return shown(" ".join(str(error).split()), 120)
