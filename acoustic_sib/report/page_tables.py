"""Tables of the page as plain data: caption, columns, rows of text; the template lays them out."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from acoustic_sib.report.paper_tables import p_text
from acoustic_sib.report.wording import (
    STATUS,
    as_sentence,
    change_with_range,
    decimal,
    heading,
    is_change,
    is_interval,
    percent,
    range_text,
    value_text,
    words,
)

Table = dict[str, Any]
# The files beside the page hold every row; a page of thousands is read by nobody.
MAX_ROWS = 100
MAX_EVIDENCE_CHARS = 400


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    note: str = "",
    most_rows: int = MAX_ROWS,
) -> Table:
    """A table whose numeric columns are marked (to be set flush right) and whose first cells head
    their rows. Beyond `most_rows` the rest is counted only."""
    shown = [list(row) for row in rows[:most_rows]]
    numeric = [_is_numeric([row[index] for row in shown]) for index in range(len(columns))]
    for index in range(len(columns)):
        if numeric[index]:
            _align_decimals(shown, index)
    left = len(rows) - len(shown)
    if left:
        note = f"{note} The first {len(shown)} of {len(rows)} rows; all stand in result.json."
    return {
        "caption": caption,
        "columns": [
            {"name": name, "numeric": is_numeric}
            for name, is_numeric in zip(columns, numeric, strict=True)
        ],
        "rows": [[value_text(cell) for cell in row] for row in shown],
        "note": note.strip(),
    }


def _is_numeric(column: list[Any]) -> bool:
    """Numbers only, some of which may be missing."""
    known = [cell for cell in column if cell is not None]
    return bool(known) and all(
        isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in known
    )


def _align_decimals(rows: list[list[Any]], index: int) -> None:
    """Writes a column of numbers with the same decimals: three digits of the largest, more where
    a value other than zero would be written as zero, four decimals at most."""
    sizes = [abs(row[index]) for row in rows if isinstance(row[index], float) and row[index]]
    largest, smallest = max(sizes, default=1.0), min(sizes, default=1.0)
    wanted = 2 - math.floor(math.log10(largest))
    needed = -math.floor(math.log10(smallest))
    decimals = min(max(wanted, needed, 0), 4)
    for row in rows:
        if isinstance(row[index], float):
            row[index] = f"{row[index]:.{decimals}f}"


def records_table(caption: str, records: Sequence[Mapping[str, Any]], **options: Any) -> Table:
    """A table of row dicts, their keys in the order of first appearance as columns."""
    columns = list(dict.fromkeys(key for record in records for key in record))
    rows = [[_changed(str(column), record.get(column, "")) for column in columns]
            for record in records]  # fmt: skip
    return table(caption, [heading(str(column)) for column in columns], rows, **options)


def _changed(key: str, value: Any) -> Any:
    """A difference as text with its sign, a p as p values are written, anything else as it is."""
    if is_change(key) and is_interval(value):
        return change_with_range(value)
    if key in ("p", "p_value", "p_holm") and isinstance(value, float):
        return p_text(value)
    return value


def pairs_table(caption: str, pairs: Mapping[str, Any], columns: tuple[str, str]) -> Table:
    return table(caption, columns, list(pairs.items()))


def figures_table(result: Mapping[str, Any], uar_name: str) -> Table:
    """UAR, macro-F1, accuracy and recalls, each with interval, chance and n."""
    baseline, chance = result["baseline"], result["chance"]
    rows = [
        _figure_row(uar_name, baseline["uar"], decimal(chance["uar"])),
        _figure_row("Macro-F1", baseline["macro_f1"], "–"),
        _figure_row(
            "Accuracy", baseline["accuracy"], f"{decimal(chance['majority_accuracy'])} (majority)"
        ),
        *(
            _figure_row(f"Recall of {name}", interval, decimal(chance["uar"]))
            for name, interval in baseline["recall"].items()
        ),
    ]
    level = percent(baseline["uar"]["level"])
    made = table(
        "The baseline's figures",
        ("Figure", "Value", f"{level} interval", "Chance", "Clips", "Speakers", "Unit"),
        rows,
        note="The unit is what the interval leaves out one at a time.",
    )
    for column in made["columns"][1:6]:
        column["numeric"] = True
    return made


def _figure_row(name: str, interval: Mapping[str, Any], chance: str) -> list[Any]:
    speakers = interval["n_speakers"] or "unknown"
    return [name, decimal(interval["value"]), range_text(interval), chance, interval["n_clips"],
            speakers, interval["unit"]]  # fmt: skip


def models_table(models: Sequence[Mapping[str, Any]]) -> Table:
    """Models that do not listen, with intervals and n."""
    made = table(
        "Other models on the same folds",
        ("Model", "UAR", "Interval", "Clips", "Speakers"),
        [
            [one["model"], decimal(one["uar"]["value"]), range_text(one["uar"]),
             one["uar"]["n_clips"], one["uar"]["n_speakers"] or "unknown"]
            for one in models
        ],
    )  # fmt: skip
    for column in made["columns"][1:]:
        column["numeric"] = True
    return made


def confusion_matrix(result: Mapping[str, Any]) -> dict[str, Any]:
    """Counts and row percent of each cell; a row without clips has no percent.

    Counts are averages over repeats and so may have a fraction.
    """
    confusion = result["baseline"]["confusion"]
    labels, counts = confusion["labels"], confusion["counts"]
    rows: list[dict[str, Any]] = []
    for name, row in zip(labels, counts, strict=True):
        total = sum(row)
        shares = [count / total if total else None for count in row]
        cells = [
            {
                "count": _count(count),
                "percent": "–" if share is None else f"{share * 100:.0f} %",
                "shade": round((share or 0) * 100),
                "own": index == len(rows),
            }
            for index, (count, share) in enumerate(zip(row, shares, strict=True))
        ]
        rows.append({"name": name, "cells": cells, "total": _count(total)})
    note = "Rows: the label given; columns: the label predicted. Percentages are of the row."
    if result["corpus"].get("n_repeats", 1) > 1:
        note += " Counts are averages over the repeats of the folds."
    return {"labels": labels, "rows": rows, "note": note}


def _count(count: float) -> str:
    return f"{count:.1f}".removesuffix(".0")


def candidates_table(candidates: Sequence[Mapping[str, Any]]) -> Table:
    """What was tried inside the training folds, the most often chosen first."""
    ordered = sorted(candidates, key=lambda one: -one["chosen"])
    made = table(
        "Candidates tried inside the training folds",
        ("Model", "Feature set", "Settings", "Times chosen", "Mean inner UAR"),
        [
            [one["model"], one["feature_set"],
             _params(one["params"]), one["chosen"],
             decimal(one["inner_uar"], 3)]
            for one in ordered
        ],
        note="Inner UARs steer the choice and are no estimate of performance.",
    )  # fmt: skip
    made["columns"][4]["numeric"] = True
    return made


def _params(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {value_text(one)}" for key, one in params.items()) or "defaults"


def findings(
    items: Sequence[Mapping[str, Any]], name_key: str, *, without: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Rungs or audit checks: name, question if they have one, status as sign and word, what they
    say, evidence as pairs and as tables but for the keys `without`, what next. What rungs.py adds
    is left empty."""
    return [_finding(item, name_key, without) for item in items]


def _finding(item: Mapping[str, Any], name_key: str, without: Collection[str]) -> dict[str, Any]:
    evidence = {
        key: value for key, value in (item.get("evidence") or {}).items() if key not in without
    }
    return {
        "name": heading(str(item[name_key])),
        "status": status(item["status"]),
        "says": as_sentence(item["says"]),
        "next": as_sentence(item["next"] or ""),
        "question": item.get("question", ""),
        "id": "",
        "reading": "",
        "rule": "",
        "drawings": [],
        "heat": [],
        "models": [],
        "evidence": _evidence(evidence),
        "tables": [
            records_table(heading(str(key)), value)
            for key, value in evidence.items()
            if _is_records(value)
        ],
    }


def status(name: str) -> dict[str, str]:
    sign, word, tone = STATUS.get(name, ("·", words(name), "none"))
    return {"sign": sign, "word": word, "tone": tone, "is": name}


def _is_records(value: Any) -> bool:
    """A list of row dicts, which is a table."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, Mapping) and not is_interval(one) for one in value)
    )


def _evidence(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """All evidence but tables, as name and text."""
    pairs = []
    for key, value in evidence.items():
        if _is_records(value):
            continue
        text = value_text(value, str(key))
        if len(text) > MAX_EVIDENCE_CHARS:
            text = f"{text[: MAX_EVIDENCE_CHARS - 1]}…"
        pairs.append((words(str(key)), text))
    return pairs
