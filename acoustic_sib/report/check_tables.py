"""The figures of a check as tables for a paper: Markdown and LaTeX beside the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from acoustic_sib.report.paper_tables import NOTHING, PaperTable, interval_text, p_text
from acoustic_sib.report.sentences import figure_name, interval_kind
from acoustic_sib.report.wording import has_range, percent, sample_size, words

Result = Mapping[str, Any]
SYNTHETIC = "SYNTHETIC corpus: no human speech."


def check_tables(result: dict[str, Any]) -> list[PaperTable]:
    """Main figures, confusions, and those of models, families, padding, weighting and suspects
    that the check has; `result` as result.json, NaN already None."""
    evidence = {rung["rung"]: rung.get("evidence") or {} for rung in result["ladder"]}
    made = [
        _figures(result),
        _confusions(result),
        _cells(result, evidence.get("baseline", {}), "models", "Feature sets and models",
               ("feature_set", "model")),
        _families(result, evidence.get("layers_unfreezing", {})),
        _cells(result, evidence.get("padding_pooling", {}), "padding", "Padding and pooling",
               ("padding", "pooling")),
        _ways(result, evidence.get("weighting", {})),
    ]  # fmt: skip
    return [table for table in made if table is not None and table.rows]


def _figures(result: Result) -> PaperTable:
    baseline, shortcuts, chance = result["baseline"], result["shortcuts"], result["chance"]
    figures = {
        figure_name(result): (baseline["uar"], f"{chance['uar']:.3f}"),
        "Macro-F1": (baseline["macro_f1"], NOTHING),
        "Accuracy": (baseline["accuracy"], f"{chance['majority_accuracy']:.3f} (majority)"),
        **{f"Recall, {name}": (one, f"{chance['uar']:.3f}")
           for name, one in baseline["recall"].items()},
    }  # fmt: skip
    if shortcuts["uar"] is not None:
        figures["UAR, recording properties alone"] = (shortcuts["uar"], f"{chance['uar']:.3f}")
    rows = tuple(
        (name, interval_text(one), level, str(one["n_clips"]), _speakers(one))
        for name, (one, level) in figures.items()
    )
    test = chance["permutation"]
    return PaperTable(
        key="figures", caption=f"Baseline ({baseline['model']}): {sample_size(baseline['uar'])}",
        columns=("Figure", "Value", "Chance", "Clips", "Speakers"), rows=rows,
        numeric=frozenset({"Chance", "Clips", "Speakers"}),
        notes=_notes(result, f"Permutation test: p = {p_text(test['p_value'])}, {test['n']} "
                             "permutations."),
    )  # fmt: skip


def _speakers(interval: Mapping[str, Any]) -> str:
    return NOTHING if interval.get("n_speakers") is None else str(interval["n_speakers"])


def _notes(result: Result, *more: str) -> tuple[str, ...]:
    uar = result["baseline"]["uar"]
    brackets = (f"Brackets: {percent(uar['level'])} interval; {interval_kind(uar)}."
                if has_range(uar) else "The intervals could not be measured.")  # fmt: skip
    return (brackets, *more, *([SYNTHETIC] if result["corpus"]["synthetic"] else []))


def _confusions(result: Result) -> PaperTable:
    confusion = result["baseline"]["confusion"]
    labels = confusion["labels"]
    columns = ("Label", *(f"as {name}" for name in labels), "All")
    rows = tuple(
        (name, *(_counted(count, sum(row)) for count in row), f"{sum(row):g}")
        for name, row in zip(labels, confusion["counts"], strict=True)
    )
    return PaperTable(
        key="confusion", caption="Confusion matrix: clips (share of the label)", columns=columns,
        rows=rows, numeric=frozenset(columns[1:]),
        notes=("Counts are averages over repeats.",)
        if result["corpus"].get("n_repeats", 1) > 1 else (),
    )  # fmt: skip


def _counted(count: float, total: float) -> str:
    number = f"{count:.1f}".removesuffix(".0")
    return f"{number} ({count / total:.2f})" if total else number


def _cells(
    result: Result, evidence: Result, key: str, caption: str, names: Sequence[str]
) -> PaperTable | None:
    cells = evidence.get("cells")
    if not cells:
        return None
    changes = any(cell.get("change") for cell in cells)
    heads = [words(name).capitalize() for name in names]
    columns = (*heads, "UAR", *(["Change"] if changes else []), "Clips", "Speakers")
    rows = [
        (*(words(str(cell[name])) for name in names), interval_text(cell["uar"]),
         *([interval_text(cell["change"], signed=True) if cell.get("change") else NOTHING]
           if changes else []),
         str(cell["uar"]["n_clips"]), _speakers(cell["uar"]))
        for cell in cells
    ]  # fmt: skip
    notes: list[str] = []
    if nested := evidence.get("nested"):
        notes.append(f"Chosen inside the training folds: {interval_text(nested['uar'])}; the best "
                     "cell of the table is optimistic.")  # fmt: skip
    return PaperTable(
        key=key, caption=caption, columns=columns, rows=tuple(rows),
        numeric=frozenset({"Clips", "Speakers"}), notes=_notes(result, *notes),
    )  # fmt: skip


def _families(result: Result, evidence: Result) -> PaperTable | None:
    families = evidence.get("families")
    if not families:
        return None
    rows = tuple(
        (str(one["family"]), interval_text(one["alone"]),
         interval_text(one["left_out"]) if one.get("left_out") else NOTHING,
         interval_text(one["left_out_change"], signed=True) if one.get("left_out_change")
         else NOTHING)
        for one in families
    )  # fmt: skip
    return PaperTable(
        key="families", caption="Families of measures", rows=rows,
        columns=("Family", "UAR alone", "UAR of all but this", "Change when left out"),
        notes=_notes(result, f"All on {sample_size(result['baseline']['uar'])}."),
    )  # fmt: skip


def _ways(result: Result, evidence: Result) -> PaperTable | None:
    ways = evidence.get("ways")
    if not ways:
        return None
    keys = [key for key in ("uar", "macro_f1", "minority_recall") if key in ways[0]]
    rows = tuple((str(one["way"]), *(interval_text(one[key]) for key in keys)) for one in ways)
    heads = {"uar": "UAR", "macro_f1": "Macro-F1", "minority_recall": "Minority recall"}
    return PaperTable(
        key="weighting", caption="Treatment of unequal classes", rows=rows,
        columns=("Way", *(heads[key] for key in keys)),
        notes=_notes(result, f"All on {sample_size(result['baseline']['uar'])}."),
    )  # fmt: skip
