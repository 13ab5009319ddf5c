"""What stands in a folder: sound files, companions, and what looks like sound but is not read."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# Sound that libsndfile does not decode; a class of it must not vanish without a word.
UNREAD_SUFFIXES = (".m4a", ".mp4", ".aac", ".wma", ".amr", ".3gp", ".webm", ".caf")


def files_below(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Files with these endings at any depth, sorted by path; hidden files and folders, such as
    the `._x.wav` that macOS leaves beside each file, are passed over."""
    return sorted(_walk(folder, suffixes), key=lambda path: path.as_posix())


def any_file_below(folder: Path, suffixes: tuple[str, ...]) -> bool:
    return next(_walk(folder, suffixes), None) is not None


def unread_sounds(folder: Path) -> str:
    """A sentence about sound files in formats nothing here reads; empty where there are none."""
    endings = Counter(path.suffix.lower() for path in _walk(folder, UNREAD_SUFFIXES))
    if not endings:
        return ""
    listed = ", ".join(f"{count} {ending}" for ending, count in sorted(endings.items()))
    return f"not read: {listed} files; expected WAV, FLAC, OGG, MP3 or AIFF: convert them"


def _walk(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True, onerror=_raise):
        # A link to a folder further up would lead round and round.
        seen.add(os.path.realpath(place))
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name != "__MACOSX"
            and os.path.realpath(Path(place) / name) not in seen
        )
        for name in names:
            if not name.startswith(".") and name.lower().endswith(suffixes):
                yield Path(place) / name


def _raise(error: OSError) -> None:
    raise error
