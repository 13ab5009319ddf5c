"""`predict --report` and whose voice it is compared with, as a user meets them."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from acoustic_sib.cli import run
from acoustic_sib.screen.bundle import write_bundle
from tests.conftest import waxing_noise
from tests.report.reading import Reader
from tests.screen.bundles import bundle
from tests.screen.stand_in import written


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`m.sib`, whose Normal speakers are known by sex, and a clip of noise, `a.wav`."""
    monkeypatch.chdir(tmp_path)
    write_bundle(bundle(), tmp_path / "m.sib")
    written(tmp_path / "a.wav", waxing_noise())
    return tmp_path


def predicted(*arguments: str) -> int:
    return run(["predict", "m.sib", "--whole", *arguments])


def test_a_report_is_written_beside_the_table(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(place / "<b>.wav", waxing_noise(seed=1))
    (place / "broken.wav").write_bytes(b"")
    code = predicted("a.wav", "<b>.wav", "broken.wav", "--report", "out/session.html")
    assert code == 3
    assert "2 of 2 assessable" in capsys.readouterr().out
    found = Reader((place / "out" / "session.html").read_text())
    assert "<b>.wav" in found.text
    assert "broken.wav" in found.text
    assert len([one for one in found.all("svg") if one.get("role") == "img"]) == 2
    assert sorted(file.name for file in (place / "out").iterdir()) == ["session.html"]


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Session report"), ("de", "Bericht der Sitzung"), ("pt", "Relatório da sessão")],
)
def test_the_report_speaks_the_language(place: Path, language: str, title: str) -> None:
    assert predicted("a.wav", "--report", "a.html", "--language", language) == 0
    found = Reader(Path("a.html").read_text())
    assert found.all("html")[0]["lang"] == language
    assert title in found.text


def test_json_and_report_go_together(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert predicted("a.wav", "--json", "--report", "a.html", "--sex", "f") == 0
    (record,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert record["reference"] == "sex=f"
    spectrum = record["spectrum"]
    assert (spectrum["first_hz"], spectrum["step_hz"]) == (650.0, 200.0)
    assert len(spectrum["level_db"]) == 52
    assert sum(spectrum["level_db"]) == pytest.approx(0, abs=52 * 0.05)
    assert "Normal speakers of the training: female (8)" in Reader(Path("a.html").read_text()).text


def test_distances_are_from_the_group_that_was_asked_for(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for sex in ("f", "m"):
        assert predicted("a.wav", "--json", "--sex", sex) == 0
        found[sex] = json.loads(capsys.readouterr().out)
    assert found["f"]["measures"] == found["m"]["measures"]
    norm = bundle().norms["sex=m"]["temporal.duration_s"]
    expected = (0.2 - norm.centre) / (norm.spread**2 + norm.within**2) ** 0.5
    assert found["m"]["z"]["temporal.duration_s"] == pytest.approx(expected)
    assert found["f"]["z"] != found["m"]["z"]
    assert "(male)" in found["m"]["why"] or "No single measure" in found["m"]["why"]


def test_a_group_that_the_model_does_not_know_is_told(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predicted("a.wav", "--age-group", "child", "--report", "a.html") == 0
    assert capsys.readouterr().err.splitlines()[0] == (
        "note: the model has no reference for children: compared with all Normal speakers"
    )
    assert "the training has no reference for children" in Reader(Path("a.html").read_text()).text
    assert predicted("a.wav", "--age-group", "child", "--sex", "f") == 0
    assert "for children, female: compared with Normal speakers (female)" in capsys.readouterr().err
    assert predicted("a.wav", "--age-group", "child", "--sex", "f", "--language", "de") == 0
    assert capsys.readouterr().err.splitlines()[0] == (
        "Hinweis: das Modell hat keine Referenz für Kinder, weiblich: verglichen mit "
        "Normal-Sprechern (weiblich)"
    )


def test_an_age_group_of_the_corpus_s_own_is_taken(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its norms are those of the women moved by a tenth of a second, and so are the distances."""
    column = "temporal.duration_s"
    women = bundle().norms["sex=f"]
    moved = replace(women[column], centre=women[column].centre + 0.1)
    own = {**bundle().norms, "age_group=4-6": {**women, column: moved}}
    write_bundle(replace(bundle(), norms=own), Path("m.sib"))
    assert predicted("a.wav", "--age-group", "4-6", "--json", "--report", "a.html") == 0
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert record["reference"] == "age_group=4-6"
    assert record["z"][column] == pytest.approx(
        (0.2 - moved.centre) / (moved.spread**2 + moved.within**2) ** 0.5
    )
    assert "no reference for" not in err
    assert "Normal speakers of the training: 4-6 (8)" in Reader(Path("a.html").read_text()).text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--report", "a.pdf"), "expected a name ending in .html"),
        (("--report", "folder"), "a folder; expected the name of a file"),
        (("--report", "a.wav/x.html"), "a.wav is a file"),
        (("--report", "b.html"), "would overwrite a file that is read"),
        (("--age-group", "chidl"), "unknown group 'chidl'.*child"),
        (("--sex", "x"), "'x' is not one of"),
        (("--prevalence", "23"), "0.001<=x<=0.999"),
        (("--language", "fr"), "'fr' is not one of"),
    ],
)
def test_a_mistake_is_told_before_anything_is_judged(
    arguments: tuple[str, ...], says: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "folder").mkdir()
    (place / "b.html").write_bytes((place / "a.wav").read_bytes())
    assert predicted("a.wav", "b.html", *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "judging" not in err
    assert re.search(says, err.splitlines()[-1])


def test_the_prevalence_given_is_the_one_told(place: Path) -> None:
    assert predicted("a.wav", "--report", "a.html", "--prevalence", "0.05") == 0
    assert "Were 5 % of people to lisp" in Reader(Path("a.html").read_text()).text
