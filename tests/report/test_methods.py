"""The methods paragraph and its references follow the settings and the rungs climbed."""

import re

import pytest

from acoustic_sib.report.methods import REFERENCES, references
from acoustic_sib.report.render import render
from tests.report.example import example_result, interval
from tests.report.example_rungs import full_page, full_result
from tests.report.reading import Reader, read


@pytest.fixture(scope="module")
def page() -> Reader:
    return read()


def test_methods_paragraph(page: Reader) -> None:
    methods = page.text[page.text.index("Methods, settings, provenance 1057 clips") :]
    for part in (
        "1057 clips of 42 speakers (243 Normal, 580 Lateral and 234 Interdental) were analysed "
        "with acoustic_sib 0.1.0.",
        "Hann frames of 20 ms every 5 ms and in multitaper spectra (8 DPSS tapers, NW = 4)",
        "5 folds, drawn 2 times, and no speaker stood in both",
        "95 % leave-one-speaker-out jackknife intervals",
        "Command: acoustic-sib check clips/ --out reports/mine",
        "manifest 0123456789abcdef",
        "extract 21.4",
    ):
        assert part in methods


def test_methods_follow_the_settings() -> None:
    result = example_result(speakers_known=False)
    result["baseline"] |= {"normalize": "speaker", "families": ["bands"]}
    result["corpus"]["fold_plan"] = "corpus"
    text = read(result).text
    assert "standardised within each speaker, without use of labels" in text
    assert "the folds were the corpus's own, and clips of one speaker may stand on both" in text
    assert "intervals over clips" in text
    assert "DPSS" not in text


def test_each_climbed_rung_is_a_sentence_with_its_settings() -> None:
    text = Reader(render(full_page())).text
    for part in (
        "Balanced subsets of 12 clips were overfitted",
        "5 ways of padding were crossed with 6 ways of pooling over frames on the same folds, "
        "with the model logistic(C=1).",
        "All measures were taken once more from the sound below 7840 Hz.",
        "Models were compared over folds by the corrected resampled t test.",
        "with 3, 5, 8, 12, 20 and 34 training speakers and extrapolated by an inverse power law.",
        "(none, balanced and thresholds) were learnt inside the training parts",
        "the map shows out-of-fold log-odds",
    ):
        assert part in text


def test_references_are_those_of_what_was_done() -> None:
    result = full_result()
    cited = references(result, mapped=True)
    assert cited == sorted(cited, key=str.casefold)
    for part in ("Nadeau", "Breiman", "Figueroa", "Ledoit", "Koenig", "Thomson", "Miller", "Ojala"):
        assert any(one.startswith(part) for one in cited), part
    for rung in result["ladder"]:
        rung["status"] = "skipped"
    result["baseline"] |= {"families": ["temporal"], "uar": interval(0.8, unit="clip")}
    few = references(result, mapped=False)
    assert [one.split(" ")[0] for one in few] == ["Nadeau", "Ojala", "Pedregosa", "Varoquaux"]


def test_one_draw_of_the_folds_is_not_counted() -> None:
    result = full_result()
    result["corpus"]["n_repeats"] = 1
    assert "there were 5 folds, and no speaker stood" in Reader(render(full_page(result))).text


def test_every_doi_is_written_as_one() -> None:
    for one in REFERENCES.values():
        for doi in re.findall(r"doi:(\S+)", one):
            assert re.fullmatch(r"10\.\d{4,9}/\S+[^.,;]", doi)
