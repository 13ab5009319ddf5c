"""The methods paragraph and its references follow the settings and the rungs climbed."""

import pytest

from tests.report.example import example_result
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
