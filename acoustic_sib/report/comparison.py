"""What `compare` and `benchmark` found, as tables and sentences."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acoustic_sib.report.paper_tables import (
    NOTHING,
    PaperTable,
    as_page_tables,
    interval_text,
    p_text,
)
from acoustic_sib.report.wording import DISCLAIMER, percent, plural

Found = Mapping[str, Any]

SYNTHETIC = "SYNTHETIC corpus: no human speech."
HELD_OUT = "UAR, speakers held out"
MIXED = "UAR, clips mixed across speakers"


def figure_name(found: Found) -> str:
    """What the UAR must be called: it holds for new speakers only where they were held out."""
    return HELD_OUT if found["corpus"]["speaker_mode"] == "held_out" else MIXED


def comparison_tables(found: Found) -> list[PaperTable]:
    """The systems, and every pair of them, of a `compare.json`."""
    return [_systems_table(found), _pairs_table(found)]


def _systems_table(found: Found) -> PaperTable:
    corpus = found["corpus"]
    level = percent(found["systems"][0]["uar"]["level"])
    rows = tuple(
        (
            one["name"], one["system"], interval_text(one["uar"]), interval_text(one["macro_f1"]),
            _count(one["uar"]["n_clips"]), _count(one["uar"]["n_speakers"]),
            "yes" if one["paired"] else "no",
        )
        for one in found["systems"]
    )  # fmt: skip
    notes = [f"Chance {corpus['chance']:.3f}. Brackets: {level} interval, {_left_out(found)}."]
    if corpus["synthetic"]:
        notes.append(SYNTHETIC)
    if not all(one["paired"] for one in found["systems"]):
        notes.append("Not paired: known by its score alone, without predictions of single clips; "
                     "no interval and no test.")  # fmt: skip
    return PaperTable(
        key="systems",
        caption=f"Systems on {corpus['name']}: {_sample(corpus)}",
        columns=("System", "Kind", figure_name(found), "Macro-F1", "Clips", "Speakers", "Paired"),
        rows=rows,
        numeric=frozenset({"Clips", "Speakers"}),
        notes=tuple(notes),
    )


def _pairs_table(found: Found) -> PaperTable:
    pairs = found["pairs"]
    tested = [pair for pair in pairs if pair["paired"]]
    columns = ["First", "Second", "UAR difference", "p"]
    with_holm = any("p_holm" in pair for pair in tested)
    with_t = any(pair["corrected_t"] for pair in tested)
    columns += (["p (Holm)"] if with_holm else []) + ["McNemar p"] + (
        ["Corrected t p"] if with_t else [])  # fmt: skip
    rows = []
    for pair in pairs:
        row = [pair["a"], pair["b"], interval_text(pair["delta_uar"], signed=True),
               p_text(pair["p_value"])]  # fmt: skip
        row += [p_text(pair.get("p_holm"))] if with_holm else []
        row += [p_text(pair["mcnemar"]["p_value"]) if pair["paired"] else NOTHING]
        if with_t:
            corrected = pair.get("corrected_t")
            row += [p_text(corrected["p_value"]) if corrected else NOTHING]
        rows.append(tuple(row))
    return PaperTable(
        key="pairs", caption="Pairs on the same clips: first minus second",
        columns=tuple(columns), rows=tuple(rows), numeric=frozenset(columns[3:]),
        notes=_pair_notes(tested, with_holm, with_t),
    )  # fmt: skip


def _pair_notes(tested: list[Any], with_holm: bool, with_t: bool) -> tuple[str, ...]:
    if not tested:
        return ("No pair could be tested: a system without predictions of single clips has no "
                "partner.",)  # fmt: skip
    unit = tested[0]["swap"]["unit"]
    notes = [f"p: the two systems' predictions exchanged {unit} by {unit} "
             f"({_swaps([pair['swap'] for pair in tested])}), two-sided."]  # fmt: skip
    # Between copies nothing differs and p is 1 whatever the number of speakers.
    reachable = [pair["swap"]["smallest_p"] for pair in tested]
    smallest = max((p_value for p_value in reachable if p_value < 1), default=0.0)
    if smallest > 0.01:
        notes.append(f"A p below {smallest:.2g} is out of reach where two systems differ on so few "
                     f"{unit}s as one pair here.")  # fmt: skip
    if with_holm:
        notes.append(f"Holm: adjusted for {plural(len(tested), 'pair')}.")
    notes.append("McNemar: exact, first repeat, takes clips as independent, which clips of one "
                 "speaker are not.")  # fmt: skip
    if with_t:
        notes.append("Corrected t: Nadeau and Bengio (2003), over the folds of all repeats.")
    return tuple(notes)


def _swaps(swaps: list[Any]) -> str:
    drawn = [swap["n"] for swap in swaps if not swap["exact"]]
    if not drawn:
        return "in all ways there are"
    return f"{drawn[0]} random draws" + (", or all ways there are where fewer" if
                                         len(drawn) < len(swaps) else "")  # fmt: skip


def _sample(corpus: Found) -> str:
    clips = plural(corpus.get("n_used", corpus["n_clips"]), "clip")
    speakers = corpus["n_speakers"]
    return f"{clips}, speakers unknown" if speakers is None else (
        f"{clips} of {plural(speakers, 'speaker')}")  # fmt: skip


def _left_out(found: Found) -> str:
    units = [one["uar"]["unit"] for one in (found.get("systems") or found["cells"])
             if one.get("paired", True)]  # fmt: skip
    unit = units[0] if units else "clip"
    return f"one {unit} left out at a time"


def _count(n: int | None) -> str:
    return NOTHING if n is None else str(n)


def benchmark_tables(found: Found) -> list[PaperTable]:
    """Every cell of a `benchmark.json`, best first, then the nested choice among them."""
    corpus, nested = found["corpus"], found["nested"]
    cells = sorted(found["cells"], key=lambda cell: -cell["uar"]["value"])
    rows = [
        (cell["feature_set"], cell["model"], str(cell["n_columns"]), interval_text(cell["uar"]),
         interval_text(cell["macro_f1"]), _count(cell["uar"]["n_clips"]),
         _count(cell["uar"]["n_speakers"]))
        for cell in cells
    ]  # fmt: skip
    rows.append(("chosen inside folds", "(nested)", NOTHING, interval_text(nested["uar"]),
                 interval_text(nested["macro_f1"]), _count(nested["uar"]["n_clips"]),
                 _count(nested["uar"]["n_speakers"])))  # fmt: skip
    level = percent(nested["uar"]["level"])
    standardized = ", standardised within speakers" if found["normalize"] == "speaker" else ""
    return [PaperTable(
        key="benchmark", caption=f"Feature sets and models on {corpus['name']}: {_sample(corpus)}"
        f"{standardized}",
        columns=("Features", "Model", "Columns", figure_name(found), "Macro-F1", "Clips",
                 "Speakers"),
        rows=tuple(rows), numeric=frozenset({"Columns", "Clips", "Speakers"}),
        notes=(f"Chance {found['chance']['uar']:.3f}. Brackets: {level} interval, "
               f"{_left_out(found)}.", optimism(found),
               *([SYNTHETIC] if corpus["synthetic"] else [])),
    )]  # fmt: skip


def optimism(found: Found) -> str:
    """Why the best cell is not the figure to report, and which one is."""
    best, nested = found["best"], found["nested"]
    return (
        f"The best cell ({best['name']}, {interval_text(best['uar'])}) was chosen after the fact "
        f"among {len(found['cells'])} and is therefore optimistic; with the cell chosen inside the "
        f"training folds the figure is {interval_text(nested['uar'])}."
    )


def benchmark_frame(found: Found) -> pd.DataFrame:
    """One row a cell with plain numbers, for a spreadsheet or R."""
    named = [*found["cells"], {**found["nested"], "name": "nested", "feature_set": "", "model": "",
                               "n_columns": None, "timings_s": {"evaluate": None}}]  # fmt: skip
    rows = []
    for cell in named:
        row = {key: cell[key] for key in ("name", "feature_set", "model", "n_columns")}
        for figure in ("uar", "macro_f1", "accuracy"):
            row[figure] = cell[figure]["value"]
            row[f"{figure}_low"], row[f"{figure}_high"] = cell[figure]["low"], cell[figure]["high"]
        row |= {key: cell["uar"][key] for key in ("level", "unit", "n_clips", "n_speakers")}
        row["evaluate_s"] = cell["timings_s"]["evaluate"]
        rows.append(row)
    table = pd.DataFrame(rows)
    whole = dict.fromkeys(("n_columns", "n_clips", "n_speakers"), "Int64")
    return table.astype(whole)


def comparison_page(found: Found) -> dict[str, Any]:
    """The page of `compare`."""
    names = " and ".join(one["name"] for one in found["systems"][:2])
    more = len(found["systems"]) - 2
    return _page(
        found, kind="compare", title="Which system is better?",
        subject=f"{names}{f' and {more} more' if more > 0 else ''}, on {found['corpus']['name']}",
        sentences=_verdicts(found), tables=comparison_tables(found),
    )  # fmt: skip


def benchmark_page(found: Found) -> dict[str, Any]:
    """The page of `benchmark`."""
    return _page(
        found, kind="benchmark", title="Which measures, under which model?",
        subject=found["corpus"]["name"], sentences=[optimism(found)],
        tables=benchmark_tables(found),
    )  # fmt: skip


def _page(
    found: Found, *, kind: str, title: str, subject: str, sentences: list[str],
    tables: list[PaperTable],
) -> dict[str, Any]:  # fmt: skip
    return {
        "kind": kind, "title": title, "subject": subject, "sentences": sentences,
        "speakers_known": found["corpus"]["speaker_mode"] == "held_out",
        "synthetic": found["corpus"]["synthetic"], "tables": as_page_tables(tables),
        "notes": list(found.get("notes", ())), "heat": [], "drawings": [], "disclaimer": DISCLAIMER,
    }  # fmt: skip


def _verdicts(found: Found) -> list[str]:
    """One sentence a pair, for the top of the page: at most ten, the smallest p first."""
    tested = sorted((pair for pair in found["pairs"] if pair["paired"]),
                    key=lambda pair: pair["p_value"])  # fmt: skip
    said = [_said(pair) for pair in tested[:10]]
    if len(tested) > 10:
        said.append(f"The other {len(tested) - 10} pairs stand in the table.")
    return said or ["No two systems have predictions of the same clips: nothing was tested."]


def _said(pair: Found) -> str:
    delta = pair["delta_uar"]
    p_value = pair.get("p_holm", pair["p_value"])
    adjusted = ", adjusted for the number of pairs" if "p_holm" in pair else ""
    if p_value >= 1 - delta["level"]:
        return (f"No difference is shown between {pair['a']} and {pair['b']}: UAR difference "
                f"{interval_text(delta, signed=True)}, p {p_text(p_value)}{adjusted}.")  # fmt: skip
    better, worse = pair["a"], pair["b"]
    if delta["value"] < 0:
        better, worse = worse, better
        low, high = (None if end is None else -end for end in (delta["high"], delta["low"]))
        delta = {**delta, "value": -delta["value"], "low": low, "high": high}
    return (f"{better} is better than {worse} on these clips: UAR difference "
            f"{interval_text(delta, signed=True)}, p {p_text(p_value)}{adjusted}.")  # fmt: skip
