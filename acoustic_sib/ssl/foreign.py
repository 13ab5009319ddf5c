"""What an importer is, and what it hands over: a system's outcome in the words of its own files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from numpy.typing import NDArray

Outputs = Literal["logits", "probabilities", "either"]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a system said, one item a row of its file; what the file does not tell is None.

    `clips` and `paths` name the clip; `predicted` and `true` are class names or class numbers as
    text; `outputs` (rows, classes) are `kind`, and their columns bear the names `classes`, None
    where they bear none. `places` say where a row stands, for messages.
    """

    places: list[str]
    clips: list[str | None] | None = None
    paths: list[str | None] | None = None
    predicted: list[str | None] | None = None
    true: list[str | None] | None = None
    repeats: list[str | None] | None = None
    folds: list[str | None] | None = None
    splits: list[str | None] | None = None
    outputs: NDArray[Any] | None = None
    classes: tuple[str, ...] | None = None
    kind: Outputs = "either"


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """One system as its files tell of it: what it said, or its scores alone, and how it was made.

    `order` names the classes by their numbers, for outputs and predictions that bear none;
    `scores` are figure name -> value for a system without predictions; `settings` are what was
    found of how it was made; `history` is its training log, numbers only, one row a line of it;
    `kept` are the settings files to copy; `notes` tell the user what was assumed.
    """

    said: Said | None = None
    order: tuple[str, ...] | None = None
    scores: dict[str, float] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    history: pd.DataFrame | None = None
    kept: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Importer:
    """One way in which results are kept. Importers are asked in the order of `rank`.

    `sniff` says whether a file or folder is of this format, reading as little as it can and
    raising nothing; `read` raises RunError or CorpusError with what is wrong or missing.
    """

    format: str
    accepts: str
    rank: int
    sniff: Callable[[Path], bool]
    read: Callable[[Path], Foreign]


def texts(values: Sequence[Any]) -> list[str | None]:
    """Foreign cells as text without blanks around them, None where empty."""
    found = [None if value is None else str(value).strip() for value in values]
    return [text or None for text in found]
