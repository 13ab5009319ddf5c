"""The spans of a manifest, from text to seconds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.errors import CorpusError

# No corpus of single sounds has spans like these; read as milliseconds they are plausible.
LONGEST_MEDIAN_S = 20.0


def spans_in_seconds(
    starts: Sequence[str | None],
    ends: Sequence[str | None],
    *,
    names: tuple[str, str],
    per_second: float,
    places: Sequence[str],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Start and end of each row in seconds, NaN in both where both cells are empty (whole file).

    `names` are the columns' names, `per_second` their unit (1, or 1000 for milliseconds).
    Raises CorpusError with the line when a cell is not a number, one end is missing, a span is
    negative or empty, or the spans must be milliseconds.
    """
    begin = np.array([_number(*cell, names[0]) for cell in zip(starts, places, strict=True)])
    finish = np.array([_number(*cell, names[1]) for cell in zip(ends, places, strict=True)])
    for row, (first, last) in enumerate(zip(begin, finish, strict=True)):
        if not (np.isnan(first) and np.isnan(last)):
            _refuse_impossible(first, last, names, places[row])
    lengths = (finish - begin)[~np.isnan(begin)] / per_second
    if len(lengths) and np.median(lengths) > LONGEST_MEDIAN_S:
        row = int(np.flatnonzero(~np.isnan(begin))[0])
        raise CorpusError(
            f"{places[row]}: the span '{names[0]}' {begin[row]:g} to '{names[1]}' {finish[row]:g} "
            f"would last {(finish[row] - begin[row]) / per_second:g} s; expected seconds: are they "
            "in milliseconds (then: columns: "
            f"{{start_ms: {names[0]}, end_ms: {names[1]}}})?"
        )
    return begin / per_second, finish / per_second


def _refuse_impossible(first: float, last: float, names: tuple[str, str], place: str) -> None:
    if np.isnan(first) or np.isnan(last):
        empty, given = names if np.isnan(first) else names[::-1]
        raise CorpusError(
            f"{place}: '{empty}' is empty though '{given}' is given; expected both, or neither "
            "for a whole file"
        )
    if first < 0:
        raise CorpusError(
            f"{place}: '{names[0]}' {first:g} is negative; expected time from the beginning of "
            "the file"
        )
    if first >= last:
        raise CorpusError(
            f"{place}: '{names[0]}' {first:g} is not before '{names[1]}' {last:g}; are they "
            "swapped, or in milliseconds?"
        )


def _number(cell: str | None, place: str, name: str) -> float:
    if cell is None:
        return float("nan")
    try:
        number = float(cell)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        likely = "is the decimal sign a comma" if "," in cell else "is it the right column"
        raise CorpusError(f"{place}: '{name}' is '{cell}'; expected a number of seconds: {likely}?")
    return number
