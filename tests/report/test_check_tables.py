"""The tables for papers: the same figures as result.json, each with interval and n."""

from acoustic_sib.report.check_tables import check_tables
from acoustic_sib.report.paper_tables import as_latex, as_markdown
from tests.report.example import example_result, interval
from tests.report.example_rungs import full_result


def test_every_climbed_rung_has_its_table() -> None:
    made = {table.key: table for table in check_tables(full_result())}
    assert list(made) == ["figures", "confusion", "models", "families", "padding", "weighting"]
    assert made["figures"].rows[0] == (
        "UAR, speakers held out", "0.853 [0.813, 0.893]", "0.333", "1057", "42")  # fmt: skip
    assert made["figures"].rows[3][0] == "Recall, Normal"
    assert made["models"].rows[1][:3] == ("all", "lda", "0.860 [0.820, 0.900]")
    assert "Chosen inside the training folds: 0.853 [0.813, 0.893]" in made["models"].notes[1]
    assert made["families"].rows[1][3] == "-0.010 [-0.030, +0.010]"
    assert made["padding"].rows[1][:4] == (
        "as is", "mean sd", "0.420 [0.380, 0.460]", "-0.010 [-0.030, +0.010]")  # fmt: skip
    assert made["weighting"].columns == ("Way", "UAR", "Macro-F1", "Minority recall")
    for table in made.values():
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_counts_of_the_confusion_matrix_add_up() -> None:
    confusion = check_tables(example_result())[1]
    assert [row[-1] for row in confusion.rows] == ["243", "580", "234"]
    assert confusion.rows[0][1] == "208 (0.86)"


def test_a_skipped_ladder_leaves_the_main_figures() -> None:
    result = example_result("not_shown", speakers_known=False, synthetic=True)
    result["ladder"] = [{**one, "status": "skipped", "evidence": {}} for one in result["ladder"]]
    result["shortcuts"] = {"uar": None, "columns": []}
    result["baseline"]["macro_f1"] = interval(None)
    figures, confusion = check_tables(result)
    assert figures.rows[0][0] == "UAR, clips mixed across speakers"
    assert figures.rows[0][-1] == "–"
    assert figures.rows[1][1] == "–"
    assert "SYNTHETIC" in figures.notes[-1]
    assert "over clips and so too narrow" in figures.notes[0]
    assert confusion.key == "confusion"


def test_they_are_markdown_and_latex() -> None:
    for table in check_tables(full_result()):
        assert as_markdown(table).count("\n| ") >= len(table.rows)
        assert as_latex(table).count(r" \\") == len(table.rows) + 1
