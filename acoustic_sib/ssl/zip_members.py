"""Zip archives from strangers: what their members may be called, and that they open at all."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.files import checked_members, shown
from acoustic_sib.ssl.state_dumps import MAX_DECLARED_BYTES


def opened_zip(source: Path, *, expected: str) -> zipfile.ZipFile:
    """The archive, its members' names checked; it closes itself when nothing refers to it.

    Raises StatesError where it is none, is cut short or names a member twice, RunError where names
    lead out of it or it declares too much.
    """
    try:
        found = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise StatesError(f"{source}: not readable as a zip archive ({error}); expected "
                          f"{expected}: is it complete?") from None  # fmt: skip
    names = [member.filename for member in checked_members(found, source, limit=MAX_DECLARED_BYTES)]
    twice = next((name for name, n in Counter(names).items() if n > 1), None)
    if twice is not None:
        raise StatesError(f"{source}: its member '{shown(twice)}' stands twice; expected each once")
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
