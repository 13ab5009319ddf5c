"""What an audit finds, as plain dicts, and the words that its sentences share."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import pandas as pd

Status = Literal["ok", "note", "warn", "fail"]
Finding = dict[str, Any]
Row = dict[str, Any]

MOST_NAMED = 5


def finding(check: str, status: Status, says: str, then: str = "", **evidence: Any) -> Finding:
    """One check's outcome: what it says, what to do `then`, and the numbers behind it.

    `ok`: nothing found; `note`: worth knowing; `warn`: can mislead; `fail`: figures would be wrong.
    """
    return {"check": check, "status": status, "says": says, "next": then, "evidence": evidence}


def counted(number: int, noun: str) -> str:
    """`1 clip`, `3 clips`, `2 classes`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}es" if noun.endswith("s") else f"{number} {noun}s"


def listed(names: Iterable[object], most: int = MOST_NAMED) -> str:
    """`a, b and c`; beyond `most` the rest is only counted."""
    texts = [str(name) for name in names]
    if len(texts) > most:
        return f"{', '.join(texts[:most])} and {len(texts) - most} more"
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)


def some(names: Sequence[object]) -> list[str]:
    """The first few names, for evidence."""
    return [str(name) for name in list(names)[:MOST_NAMED]]


def quartiles(values: pd.Series) -> Row:
    """n, median and quartiles of what could be measured (None-able NaN where nothing could)."""
    known = values.astype(float).dropna()
    low, median, high = known.quantile([0.25, 0.5, 0.75]) if len(known) else [float("nan")] * 3
    return {"n": len(known), "q1": float(low), "median": float(median), "q3": float(high)}


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"
