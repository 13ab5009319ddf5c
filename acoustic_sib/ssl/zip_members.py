"""Zip archives from strangers: what their members may be called, and that they open at all."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from acoustic_sib.errors import StatesError

_MOST_MEMBERS = 200_000


def opened_zip(source: Path, *, expected: str) -> zipfile.ZipFile:
    """The archive, its members' names checked; it closes itself when nothing refers to it.

    Raises StatesError where it is none, is cut short, or has names that `refuse_unsafe_members`
    refuses.
    """
    try:
        found = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise StatesError(f"{source}: not readable as a zip archive ({error}); expected "
                          f"{expected}: is it complete?") from None  # fmt: skip
    refuse_unsafe_members(source, found.infolist())
    return found


@contextmanager
def opened_member(found: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """One member's bytes; raises StatesError where it is damaged or encrypted."""
    try:
        with found.open(name) as stream:
            yield stream
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise StatesError(f"{found.filename}: '{name}' is damaged ({error}); expected the file as "
                          "it was written: was the copy cut short?") from None  # fmt: skip


def refuse_unsafe_members(source: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    """Raise StatesError on members that point out of the archive, stand twice, or are too many.

    Nothing is ever unpacked to a name from the archive; such a name still says that the file was
    not made by numpy or torch.
    """
    if len(members) > _MOST_MEMBERS:
        raise StatesError(f"{source}: {len(members)} members; expected at most {_MOST_MEMBERS}")
    seen: set[str] = set()
    for member in members:
        name = member.filename
        parts = re.split(r"[/\\]", name)
        if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name):
            raise StatesError(f"{source}: its member '{name}' points out of the archive; expected "
                              "plain names: do not trust this file")  # fmt: skip
        if name in seen:
            raise StatesError(f"{source}: its member '{name}' stands twice; expected each once")
        seen.add(name)
