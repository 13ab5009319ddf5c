"""What every corpus reader hands over, what a reader is, and what reading a corpus gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from acoustic_sib.config import CorpusSettings


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The rows of a corpus as they stand there, before columns, labels and paths are understood.

    `table` holds text, None where a cell is empty, under the corpus's own column names; `places`
    says for each row where it stands, for messages; relative paths start at `folder`. `ids` are
    the clip ids to use when the corpus has no id column (default: path and span).
    """

    table: pd.DataFrame
    places: list[str]
    folder: Path
    place: str
    kind: str
    ids: list[str] | None = None
    notes: tuple[str, ...] = ()
    # Phone symbols that differ only by case are different sounds (X-SAMPA s and S).
    labels_as_written: bool = False


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One way in which labelled clips are kept. Readers are asked in the order of `rank`."""

    kind: str
    accepts: str
    rank: int
    sniff: Callable[[Path], bool]
    read: Callable[[Path, CorpusSettings], Listing]


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Labelled clips, ready to be audited and measured.

    `manifest` is checked by `tables.check_manifest`; `left_out` counts the rows that `leave_out`
    took away, by its labels; `synthetic` is true when the folder says so in a SYNTHETIC.txt;
    `made_of`: class -> the labels of its clips, where these are other words.
    """

    manifest: pd.DataFrame
    left_out: dict[str, int]
    place: str
    kind: str
    synthetic: bool = False
    notes: tuple[str, ...] = ()
    made_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
