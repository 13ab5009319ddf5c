"""Who speaks in each clip: a column filled in every row, or a pattern in the files' names."""

import re
from collections.abc import Sequence

from acoustic_sib.errors import ConfigError, CorpusError


def speakers_in_cells(
    cells: Sequence[str | None], *, column: str, places: Sequence[str]
) -> list[str] | None:
    """The speakers of a column; None when it is empty throughout.

    Raises CorpusError when only some rows have one: those without could not be held out.
    """
    empty = [place for cell, place in zip(cells, places, strict=True) if cell is None]
    if len(empty) == len(cells):
        return None
    if empty:
        raise CorpusError(
            f"{empty[0]}: '{column}' is empty ({len(empty)} of {len(cells)} rows); expected a "
            "speaker in every row or in none: clips without one cannot be held out"
        )
    return [str(cell).strip() for cell in cells]


def spelling_twins(speakers: Sequence[str]) -> str:
    """A sentence about speakers whose names differ only by case or blanks: if they are one person,
    that person's clips are trained on and tested at once. Empty where there are none."""
    spellings: dict[str, set[str]] = {}
    for speaker in speakers:
        spellings.setdefault("".join(speaker.split()).casefold(), set()).add(speaker)
    twins = [sorted(alike) for alike in spellings.values() if len(alike) > 1]
    if not twins:
        return ""
    example = " and ".join(f"'{name}'" for name in twins[0])
    return f"speakers taken for different people though only case or blanks differ: {example}"


def speakers_in_names(
    pattern: str, names: Sequence[str], *, setting: str, places: Sequence[str]
) -> list[str]:
    """The first group of a regular expression searched in each name.

    Raises ConfigError when the expression is none or has no group, CorpusError with the place of
    the first name in which it finds nothing.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ConfigError(f"{setting} '{pattern}' is no regular expression: {error}") from None
    if compiled.groups < 1:
        raise ConfigError(
            f"{setting} '{pattern}' has no group; expected the speaker in parentheses, as in "
            "'^(spk[0-9]+)_'"
        )
    speakers = []
    for name, place in zip(names, places, strict=True):
        found = compiled.search(name)
        if found is None or not found[1]:
            raise CorpusError(
                f"{place}: {setting} '{pattern}' finds no speaker in '{name}'; expected one in "
                "every name"
            )
        speakers.append(found[1])
    return speakers
