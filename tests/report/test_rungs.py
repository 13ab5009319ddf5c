"""The rungs on the page: cells as a table, drawings with their texts, nothing where nothing is."""

import re

import pytest

from acoustic_sib.report.heat_table import heat_table
from acoustic_sib.report.rung_figures import change_plot, curve_plot, scores_plot
from acoustic_sib.report.rungs import ladder_parts
from tests.report.example import interval
from tests.report.example_rungs import (
    EVIDENCE,
    PADDINGS,
    POOLINGS,
    change,
    full_page,
    full_result,
)
from tests.report.reading import Reader, read


@pytest.fixture(scope="module")
def parts() -> dict[str, dict]:
    made = ladder_parts(full_result()["ladder"], 1 / 3, "UAR, speakers held out")
    return {part["id"]: part for part in made}


def test_cells_stand_in_a_table_in_the_order_of_the_rung(parts: dict[str, dict]) -> None:
    (heat,) = parts["rung-padding-pooling"]["heat"]
    assert [row["name"] for row in heat["rows"]][:2] == ["as it is", "zeros at the end"]
    assert len(heat["rows"]) == len(PADDINGS)
    assert len(heat["columns"]) == len(POOLINGS)
    first, second = heat["rows"][0]["cells"][:2]
    assert (first["value"], first["range"], first["marks"]) == ("0.40", "(0.36 to 0.44)", [])
    assert first["shade"] == 10  # (0.40 - 0.33) / (1 - 0.33)
    assert heat["rows"][-1]["cells"][-1]["value"] == "–"
    assert second["marks"] == []  # -0.01 [-0.03, 0.01] excludes nothing
    surely = heat["rows"][0]["cells"][3]["marks"]
    assert [mark["word"] for mark in surely] == ["below"]
    highest = [cell for row in heat["rows"] for cell in row["cells"]
               if any(mark["word"] == "highest" for mark in cell["marks"])]  # fmt: skip
    assert [cell["value"] for cell in highest] == ["0.76"]


def test_a_cell_below_chance_has_no_shade_and_one_without_a_figure_says_so() -> None:
    cells = [{"a": "x", "b": "y", "uar": interval(0.2)},
             {"a": "z", "b": "y", "uar": interval(None)}]  # fmt: skip
    made = heat_table("c", cells, row="a", column="b", chance=0.5)
    assert [row["cells"][0]["shade"] for row in made["rows"]] == [0, 0]
    assert made["rows"][1]["cells"][0]["value"] == "not measurable"


def test_every_climbed_rung_is_drawn_and_a_skipped_one_is_not(parts: dict[str, dict]) -> None:
    drawn = {name: len(part["drawings"]) for name, part in parts.items()}
    assert list(drawn) == [f"rung-{name.replace('_', '-')}" for name in EVIDENCE]
    assert list(drawn.values()) == [1, 1, 0, 2, 2, 1]  # padding and pooling: a table instead
    bare = [{**rung, "evidence": {}} for rung in full_result()["ladder"]]
    assert all(not part["drawings"] and not part["heat"] for part in ladder_parts(bare, 0.5, "UAR"))


@pytest.mark.parametrize("rung", EVIDENCE)
def test_each_key_of_the_evidence_may_be_absent(rung: str) -> None:
    whole = next(one for one in full_result()["ladder"] if one["rung"] == rung)
    for key in whole["evidence"]:
        less = {name: value for name, value in whole["evidence"].items() if name != key}
        (part,) = ladder_parts([{**whole, "evidence": less}], 0.5, "UAR")
        assert part["says"]


def test_the_table_of_the_ladder_leads_to_every_rung() -> None:
    page = Reader(_html())
    targets = [one["href"] for one in page.all("a")]
    for name in EVIDENCE:
        assert f"#rung-{name.replace('_', '-')}" in targets
    start = page.text.index("Six rungs for a model")
    assert "3. Padding and pooling ! warning Rung padding_pooling says" in page.text[start:]


def _html() -> str:
    from acoustic_sib.report.render import render

    return render(full_page())


def test_differences_are_told_with_their_sign() -> None:
    text = Reader(_html()).text
    assert "left out change" in text.casefold()
    assert "−0.01 (−0.03 to +0.01)" in text
    assert "cost −0.06 (−0.08 to −0.04)" in text
    assert "lda on all nested choice +0.01 (−0.02 to +0.04) 0.40" in text


def test_a_curve_tells_what_is_only_extrapolated() -> None:
    svg = curve_plot([(3, interval(0.6)), (20, interval(0.8))], key="k", chance=0.33, title="t",
                     across="Speakers", axis="UAR", ahead=[(40, interval(0.84))])  # fmt: skip
    told = re.search(r"<desc[^>]*>(.*?)</desc>", svg)
    assert told is not None
    assert told[1].endswith("Chance is 0.33. Extrapolated: 40: 0.84 (0.80 to 0.88).")
    assert "stroke-dasharray: 1.6" in svg  # dotted
    only = curve_plot([(3, interval(None)), (20, interval(0.8, None))], key="k", chance=0.33,
                      title="t", across="Speakers", axis="UAR")  # fmt: skip
    assert "Extrapolated" not in only


def test_changes_lie_about_zero_and_scores_by_series() -> None:
    from acoustic_sib.report.figures import Dot

    svg = change_plot([Dot(name="mfcc", interval=change(-0.2)),
                       Dot(name="none", interval={"value": None, "low": None, "high": None})],
                      key="k", title="t", axis="UAR")  # fmt: skip
    assert "mfcc: −0.20 (−0.22 to −0.18); none: not measurable." in svg
    svg = scores_plot(["x"], {"a": [interval(0.5)], "b": [interval(0.7)]}, key="k", title="t",
                      axis="Score", chance=0.4)  # fmt: skip
    assert "x: a 0.50 (0.46 to 0.54), b 0.70 (0.66 to 0.74). Chance is 0.40." in svg


def test_a_page_with_nothing_but_the_contract_has_no_rung_drawings() -> None:
    from tests.report.example import example_result

    result = example_result()
    result["ladder"] = [{**one, "status": "skipped", "evidence": {}} for one in result["ladder"]]
    assert "Evidence in figures" not in read(result).text
