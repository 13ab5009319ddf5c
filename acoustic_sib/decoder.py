"""The decoder of MP3s writes what it meets in a broken one on stderr by itself; here it does not.

libsndfile reads MP3s by libmpg123 and has no switch for its lines. They go past Python, so that the
process's own stderr must be turned away while the decoder runs, and only then.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

STDERR = 2


class _Stderr:
    """The process's own: how many decoders run, and where it leads while it is turned away."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running = 0
        self._kept = -1

    def turn_away(self) -> None:
        with self._lock:
            self._running += 1
            if self._running > 1:
                return
            # Of a process that was started without a stderr, its number is the next file's.
            if sys.__stderr__ is None:
                return
            with suppress(AttributeError, ValueError, OSError):
                sys.stderr.flush()
            # Where no file can be opened, the lines may come.
            with suppress(OSError):
                self._kept = os.dup(STDERR)
                with Path(os.devnull).open("wb") as nowhere:
                    os.dup2(nowhere.fileno(), STDERR)

    def give_back(self) -> None:
        with self._lock:
            self._running -= 1
            if self._running == 0 and self._kept >= 0:
                os.dup2(self._kept, STDERR)
                os.close(self._kept)
                self._kept = -1


_STDERR = _Stderr()


def is_mpeg(name: str, head: bytes) -> bool:
    """Whether a sound of this name that begins so is decoded by libmpg123, or tried by it."""
    synchronised = len(head) > 1 and head[0] == 0xFF and head[1] >= 0xE0
    return name.lower().endswith(".mp3") or head.startswith(b"ID3") or synchronised


@contextmanager
def silent_decoder(mpeg: bool) -> Iterator[None]:
    """Within it nothing reaches stderr, of any thread, where `mpeg` is true. Threads may be in it
    at once: the last to leave gives stderr back. Keep it around single calls of the decoder."""
    if not mpeg:
        yield
        return
    _STDERR.turn_away()
    try:
        yield
    finally:
        _STDERR.give_back()
