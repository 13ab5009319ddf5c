"""TextGrids in Praat's long text format, for found and judged sibilants."""

from collections.abc import Sequence
from pathlib import Path

from acoustic_sib.tables import write_text

Place = tuple[float, float, str]
"""Start and end in seconds, and the text between them."""


def write_textgrid(path: Path, duration_s: float, tiers: Sequence[tuple[str, list[Place]]]) -> None:
    """Write interval tiers (name, places in order and not overlapping) that Praat opens.

    What lies between places becomes an empty interval, as Praat has it; a place is cut at the end
    of the recording, and one without length is left out. Written beside and renamed.
    """
    write_text(path, textgrid_text(duration_s, tiers))


def textgrid_text(duration_s: float, tiers: Sequence[tuple[str, list[Place]]]) -> str:
    """What `write_textgrid` writes."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0"]
    lines += [f"xmax = {duration_s:.6f}", "tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, (name, places) in enumerate(tiers, 1):
        intervals = _without_gaps(places, duration_s)
        lines += [f"    item [{number}]:", '        class = "IntervalTier"',
                  f"        name = {_quoted(name)}", "        xmin = 0",
                  f"        xmax = {duration_s:.6f}",
                  f"        intervals: size = {len(intervals)}"]  # fmt: skip
        for at, (start, end, text) in enumerate(intervals, 1):
            lines += [f"        intervals [{at}]:", f"            xmin = {start:.6f}"]
            lines += [f"            xmax = {end:.6f}", f"            text = {_quoted(text)}"]
    return "\n".join(lines) + "\n"


def _without_gaps(places: Sequence[Place], duration_s: float) -> list[Place]:
    full: list[Place] = []
    reached = 0.0
    for start, end, text in places:
        first, last = round(max(start, reached), 6), round(min(end, duration_s), 6)
        if last <= first:
            continue
        if first > reached:
            full.append((reached, first, ""))
        full.append((first, last, text))
        reached = last
    if reached < round(duration_s, 6) or not full:
        full.append((reached, duration_s, ""))
    return full


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""').replace("\n", " ") + '"'
