"""Counts of judged sibilants by class, with their shares and intervals."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from acoustic_sib.screen.records import Judged, Screened

Z_95 = 1.959963984540054
UNNAMED = frozenset({"", "sibilant"})
"""Labels that name no sound: none, and what is written for want of one."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A count of n with its share and Wilson's 95 % interval, 0..1 (NaN where n is 0).

    The sibilants are taken as independent: the interval is of this recording's or speaker's
    sibilants, and says nothing of other speakers.
    """

    count: int
    n: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Counts of one recording or speaker. `by_class` counts the certain, of the assessable;
    `uncertain` are those with none or several classes in their set, and those that are unlike any
    clip that the model was trained on."""

    name: str
    n_sibilants: int
    n_assessable: int
    uncertain: Share
    by_class: dict[str, Share]


def share(count: int, n: int) -> Share:
    """`count` of `n` with Wilson's interval (1927, doi 10.1080/01621459.1927.10502953)."""
    if n == 0:
        nan = float("nan")
        return Share(count=0, n=0, value=nan, low=nan, high=nan)
    value = count / n
    scale = 1 + Z_95**2 / n
    middle = (value + Z_95**2 / (2 * n)) / scale
    half = Z_95 * sqrt(value * (1 - value) / n + Z_95**2 / (4 * n**2)) / scale
    low = 0.0 if count == 0 else middle - half
    high = 1.0 if count == n else middle + half
    return Share(count=count, n=n, value=value, low=low, high=high)


def tally(name: str, sibilants: Iterable[Judged], classes: Sequence[str]) -> Tally:
    """The counts of a recording's or a speaker's sibilants."""
    judged = list(sibilants)
    assessable = [one for one in judged if one.assessable]
    sure = [one.predicted for one in assessable if certain(one)]
    n = len(assessable)
    return Tally(
        name=name, n_sibilants=len(judged), n_assessable=n,
        uncertain=share(n - len(sure), n),
        by_class={label: share(sure.count(label), n) for label in classes},
    )  # fmt: skip


def certain(judged: Judged) -> bool:
    """Whether the data rule out every class but the predicted one, of a clip like those that the
    model was trained on."""
    return judged.classes == (judged.predicted,) and not judged.unlike


def searched(screened: Iterable[Screened]) -> bool:
    """Whether any sibilant was searched for: then sounds that the model does not know may be
    among them."""
    return any(judged.segment.origin in ("found", "expected")
               for one in screened for judged in one.sibilants)  # fmt: skip


def speakers_of(files: Iterable[Path], *, name: str, by_folder: bool) -> dict[Path, str]:
    """Recording -> its speaker, called as `tallies` calls it: `name` where one is of all, else with
    `by_folder` the folder; "" where nothing tells."""
    known = list(files)
    folders = _folder_names(known) if by_folder else {}
    return {file: name or folders.get(file.parent, "") for file in known}


def _folder_names(files: Iterable[Path]) -> dict[Path, str]:
    """Folder of recordings -> its name within what holds them all; a folder that does by its own.
    No path: it may name people, and joins with no table of speakers."""
    folders = {file.parent for file in files}
    shared = os.path.commonpath([folder.resolve() for folder in folders]) if folders else ""
    names = {folder: os.path.relpath(folder.resolve(), shared) for folder in folders}
    return {folder: folder.name or name if name == os.curdir else name
            for folder, name in names.items()}  # fmt: skip


def tallies(
    screened: Sequence[Screened], classes: Sequence[str], *, name: str, by_folder: bool = False
) -> list[Tally]:
    """The counts over several recordings: of all under `name`, of each sound that a TextGrid names
    (/s/ and /z/ apart), and, with `by_folder`, of each folder, as of one speaker.

    Nothing is counted twice: a recording that stands alone adds nothing up, a sound that all are of
    is none apart, and a folder that holds all is their sum.
    """
    read = [one for one in screened if not one.failure]
    judged = [sibilant for one in read for sibilant in one.sibilants]
    labels = {sibilant.segment.label for sibilant in judged}
    sounds = sorted(labels - UNNAMED) if len(labels) > 1 else []
    found = [tally(name, judged, classes)] if len(read) > 1 else []
    found += [
        tally(f"{name}, '{sound}'", [one for one in judged if one.segment.label == sound], classes)
        for sound in sounds
    ]
    folders = sorted({one.file.parent for one in read})
    if by_folder and len(folders) > 1:
        called = _folder_names(one.file for one in screened)
        found += [
            tally(called[folder], [one for part in read if part.file.parent == folder
                                for one in part.sibilants], classes)
            for folder in folders
        ]  # fmt: skip
    return found
