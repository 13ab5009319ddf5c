"""A heat map that is a table: the figure stands in each cell, its shade only repeats it."""

from collections.abc import Mapping, Sequence
from typing import Any

from acoustic_sib.report.wording import decimal, has_range, range_text, sample_size, words

Cell = Mapping[str, Any]

NAMES = {
    "as_is": "as it is", "zeros_end": "zeros at the end", "mean_sd": "mean and SD",
    "energy_weighted": "weighted by energy", "max": "maximum",
}  # fmt: skip

HIGHEST = {"sign": "★", "word": "highest"}
BELOW = {"sign": "▾", "word": "below"}
ABOVE = {"sign": "▴", "word": "above"}


def heat_table(
    caption: str, cells: Sequence[Cell], *, row: str, column: str, chance: float,
    rows: Sequence[str] | None = None, columns: Sequence[str] | None = None, note: str = "",
) -> dict[str, Any]:  # fmt: skip
    """`cells` with their UAR laid out by the values under `row` and `column`.

    Rows and columns stand in the order given, else in that of the cells; a pair without a cell is
    a dash. The shade goes from 0 at chance to 100 at a UAR of 1.
    """
    placed = {(str(cell[row]), str(cell[column])): cell for cell in cells}
    row_names = list(rows or dict.fromkeys(name for name, _ in placed))
    column_names = list(columns or dict.fromkeys(name for _, name in placed))
    best = max(
        (key for key, cell in placed.items() if cell["uar"]["value"] is not None),
        key=lambda key: placed[key]["uar"]["value"], default=None,
    )  # fmt: skip
    sample = sample_size(cells[0]["uar"]) if "n_clips" in cells[0]["uar"] else ""
    said = f"{sample}. Brackets: interval; ★ highest. {note}" if sample else note
    return {
        "caption": caption,
        "corner": words(row),
        "columns": [NAMES.get(name, words(name)) for name in column_names],
        "rows": [
            {"name": NAMES.get(name, words(name)), "cells": [
                _cell(placed.get((name, other)), chance, is_best=(name, other) == best)
                for other in column_names
            ]}
            for name in row_names
        ],
        "note": said,
    }  # fmt: skip


def _cell(cell: Cell | None, chance: float, *, is_best: bool) -> dict[str, Any]:
    if cell is None:
        return {"value": "–", "range": "", "shade": 0, "marks": []}
    uar = cell["uar"]
    value = uar["value"]
    above = 0.0 if value is None else max((value - chance) / (1 - chance), 0.0)
    marks = [HIGHEST] if is_best else []
    change = cell.get("change")
    if change and has_range(change):
        marks += [BELOW] if change["high"] < 0 else [ABOVE] if change["low"] > 0 else []
    return {"value": decimal(value), "range": f"({range_text(uar)})",
            "shade": round(100 * above), "marks": marks}  # fmt: skip
