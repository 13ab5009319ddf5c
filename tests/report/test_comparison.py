"""Tables for terminal, Markdown, LaTeX and page; sentences that say no more than was tested."""

from pathlib import Path
from typing import Any

import pytest

from acoustic_sib.compare import compare_runs
from acoustic_sib.report.comparison import (
    benchmark_frame,
    benchmark_page,
    benchmark_tables,
    comparison_page,
    comparison_tables,
)
from acoustic_sib.report.paper_tables import (
    PaperTable,
    as_latex,
    as_markdown,
    as_text,
    interval_text,
    p_text,
)
from acoustic_sib.report.render import TABLES, render
from acoustic_sib.runs import Run, hashes
from tests.report.example import interval
from tests.report.reading import Reader
from tests.report.test_page import HOSTILE
from tests.saved import clips, corpus_of, plan, predictions

TABLE = PaperTable(
    key="pairs", caption="50 % of a_b", columns=("Name", "p"),
    rows=(("a|b & <c>", "0.5"), ("long_{name}^2", "< 0.0001")), numeric=frozenset({"p"}),
    notes=("Brackets: [x] \\ y #1 – $5 ~ z.",),
)  # fmt: skip


def test_a_terminal_gets_columns_in_line() -> None:
    assert as_text(TABLE).splitlines() == [
        "50 % of a_b",
        "Name                  p",
        "a|b & <c>           0.5",
        "long_{name}^2  < 0.0001",
        "Brackets: [x] \\ y #1 – $5 ~ z.",
    ]


def test_markdown_escapes_what_would_be_markup() -> None:
    assert as_markdown(TABLE).splitlines() == [
        r"**50 % of a\_b**", "", "| Name | p |", "| --- | ---: |", r"| a\|b & \<c> | 0.5 |",
        r"| long\_{name}^2 | \< 0.0001 |", "", "Brackets: [x] \\\\ y #1 – $5 ~ z.",
    ]  # fmt: skip


def test_latex_escapes_what_would_be_commands() -> None:
    lines = as_latex(TABLE).splitlines()
    assert r"\caption{50 \% of a\_b}" in lines
    assert r"\begin{tabular}{lr}" in lines
    assert r"a\textbar{}b \& \textless{}c\textgreater{} & 0.5 \\" in lines
    assert r"long\_\{name\}\textasciicircum{}2 & \textless{} 0.0001 \\" in lines
    assert lines[-2].endswith(r"\textbackslash{} y \#1 -- \$5 \textasciitilde{} z.")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (float("nan"), "–"), (1.0, "1.00"), (0.0432, "0.043"), (0.25, "0.25"),
     (0.000998, "0.001"), (0.00002, "< 0.0001")],
)  # fmt: skip
def test_p_values_have_two_digits_and_no_power(value: float | None, text: str) -> None:
    assert p_text(value) == text


def test_intervals_are_shown_as_far_as_known() -> None:
    known = {"value": 0.8, "low": 0.75, "high": 0.841}
    assert interval_text(known) == "0.800 [0.750, 0.841]"
    assert interval_text({**known, "low": -0.1}, signed=True) == "+0.800 [-0.100, +0.841]"
    assert interval_text({**known, "low": None, "high": None}) == "0.800"
    assert interval_text({**known, "low": float("nan")}) == "0.800"
    assert interval_text({"value": None, "low": None, "high": None}) == "–"


def compared(*skills: float | None, speakers: bool = True, repeats: int = 2) -> dict[str, Any]:
    """Systems of these skills; None is one known by its score alone."""
    manifest = clips(n_speakers=16, speakers=speakers)
    folds = plan(manifest, repeats=repeats)
    runs = [
        Run(folder=Path(f"r{k}"), name=f"r{k}", system="acoustic", settings={},
            hashes=hashes(manifest, folds), folds=folds, scores={"uar": 0.5},
            predictions=None if skill is None else
            predictions(manifest, folds, skill=skill, seed=k))
        for k, skill in enumerate(skills)
    ]  # fmt: skip
    return compare_runs(runs, corpus_of(manifest), swaps=500)


def test_a_difference_that_was_shown_is_said() -> None:
    page = comparison_page(compared(0.6, 0.85))
    assert page["sentences"][0].startswith("r1 is better than r0 on these clips: UAR difference +0")
    assert page["sentences"][0].endswith("p 0.002.")
    text = as_text(comparison_tables(compared(0.6, 0.85))[1])
    assert "500 random draws" in text
    assert "Nadeau and Bengio" in text


def test_a_difference_that_was_not_shown_is_not_said() -> None:
    (sentence,) = comparison_page(compared(0.7, 0.7))["sentences"]
    assert sentence.startswith("No difference is shown between r0 and r1")


def test_columns_follow_what_was_tested() -> None:
    _, three = comparison_tables(compared(0.7, 0.7, None))
    assert three.columns == ("First", "Second", "UAR difference", "p", "p (Holm)", "McNemar p",
                             "Corrected t p")  # fmt: skip
    assert [row[3] for row in three.rows].count("–") == 2
    _, two = comparison_tables(compared(0.7, 0.7, repeats=1))
    assert two.columns == ("First", "Second", "UAR difference", "p", "McNemar p")
    systems, none = comparison_tables(compared(None, None))
    assert "No pair could be tested" in as_text(none)
    assert "Not paired: known by its score alone" in as_text(systems)
    assert "nothing was tested" in comparison_page(compared(None, None))["sentences"][0]


def test_figures_without_speakers_are_called_that() -> None:
    found = compared(0.7, 0.6, speakers=False)
    assert "UAR, clips mixed across speakers" in comparison_tables(found)[0].columns
    assert "speakers unknown" in comparison_tables(found)[0].caption
    assert "Clips mixed across speakers." in Reader(render(comparison_page(found), TABLES)).text


def test_the_page_is_whole_and_hostile_names_stay_text() -> None:
    found = compared(0.7, 0.6)
    found["systems"][0]["name"] = found["pairs"][0]["a"] = HOSTILE
    found["corpus"]["synthetic"] = True
    html = render(comparison_page(found), TABLES)
    reader = Reader(html)
    assert reader.open == []
    assert "<script" not in html
    assert HOSTILE.replace("  ", " ") in reader.text
    assert "Synthetic: no human speech." in reader.text
    links = [str(attributes[name]) for _, attributes in reader.tags for name in ("src", "href")
             if name in attributes]  # fmt: skip
    assert all(link.startswith(("#", "data:")) for link in links)


def benchmarked() -> dict[str, Any]:
    figures = {name: interval(0.7) for name in ("uar", "macro_f1", "accuracy")}
    cell = {"feature_set": "mfcc", "model": "lda", "n_columns": 26, "families": ["mfcc"],
            "timings_s": {"evaluate": 1.5}}  # fmt: skip
    return {
        "corpus": {"name": "clips", "n_clips": 1060, "n_used": 1057, "n_speakers": 42,
                   "speaker_mode": "held_out", "synthetic": True},
        "cells": [{**cell, "name": "mfcc-lda", **figures},
                  {**cell, "name": "best-lda", "feature_set": "best", **figures,
                   "uar": interval(0.8)}],
        "best": {"name": "best-lda", "uar": interval(0.8)}, "normalize": "none", "notes": ["n."],
        "nested": figures, "chance": {"uar": 1 / 3},
    }  # fmt: skip


def test_the_best_cell_is_called_optimistic_and_the_nested_figure_stands_beside() -> None:
    (table,) = benchmark_tables(benchmarked())
    assert [row[0] for row in table.rows] == ["best", "mfcc", "chosen inside folds"]
    text = as_text(table)
    assert "1057 clips of 42 speakers" in text
    assert "chosen after the fact among 2 and is therefore optimistic" in text
    assert "with the cell chosen inside the training folds the figure is 0.700 [" in text
    assert "SYNTHETIC" in text
    reader = Reader(render(benchmark_page(benchmarked()), TABLES))
    assert reader.open == []
    assert "therefore optimistic" in reader.text
    frame = benchmark_frame(benchmarked())
    assert list(frame["name"]) == ["mfcc-lda", "best-lda", "nested"]
    assert list(frame["uar"]) == [0.7, 0.8, 0.7]
    assert frame["n_columns"].isna().tolist() == [False, False, True]
