"""Which columns of a table are the dimensions of a vector."""

import re
from collections.abc import Sequence

_NUMBERED = re.compile(r"(?P<stem>.*?)[_.\-]?(?P<number>\d+)")


def dimension_columns(names: Sequence[str]) -> list[str]:
    """The columns of the most common numbered stem (dim_0, dim_1... or 0, 1...), in their order.

    Other numbered columns (a fold, a `layer_norm_1`) are of a rarer stem and stay out.
    """
    stems: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        found = _NUMBERED.fullmatch(name)
        if found:
            stems.setdefault(found["stem"], []).append((int(found["number"]), name))
    if not stems:
        return []
    largest = max(stems.values(), key=len)
    return [name for _, name in sorted(largest)]
