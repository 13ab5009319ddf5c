"""Names on the command line: endings that are added, files meant as folders, things swapped."""

import re
from pathlib import Path

import pytest

from acoustic_sib.cli import run
from acoustic_sib.cli.options import output_file, refuse_file_name
from acoustic_sib.corpus.textgrid import read_textgrid
from acoustic_sib.errors import ConfigError
from acoustic_sib.screen.bundle import write_bundle
from tests.conftest import white_noise
from tests.screen.asked import said
from tests.screen.bundles import bundle
from tests.screen.stand_in import written


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`m.sib`, two clips of noise, a TextGrid and a table."""
    monkeypatch.chdir(tmp_path)
    write_bundle(bundle(), tmp_path / "m.sib")
    for name in ("a.wav", "b.wav"):
        written(tmp_path / name, white_noise())
    (tmp_path / "a.TextGrid").write_text('File type = "ooTextFile"\n')
    (tmp_path / "a.csv").write_text("file,label\n")
    (tmp_path / "sounds").mkdir()
    return tmp_path


@pytest.mark.parametrize("ending", [".sib", ".html", ".csv", ".parquet"])
def test_an_ending_is_added_where_there_is_none(ending: str, place: Path) -> None:
    assert output_file(Path("new/clinic"), ending=ending) == Path(f"new/clinic{ending}")
    assert output_file(Path(f"clinic{ending.upper()}"), ending=ending).suffix == ending.upper()
    with pytest.raises(ConfigError, match=r"ends in '\.v2'; expected a name ending in"):
        output_file(Path("clinic.v2"), ending=ending)
    with pytest.raises(ConfigError, match=rf"a folder; expected .* such as sounds/\w+\{ending}$"):
        output_file(Path("sounds"), ending=ending)
    Path(f"clinic{ending}").mkdir()
    with pytest.raises(ConfigError, match=rf"clinic: clinic\{ending} is a folder"):
        output_file(Path("clinic"), ending=ending)


def test_predict_tells_the_names_that_it_wrote(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, "predict", "m.sib", "--whole", "a.wav", "--csv", "found",
                        "--report", "page")  # fmt: skip
    assert (code, err) == (0, ["CSV: found.csv", "report: page.html"])
    assert Path("found.csv").is_file()
    assert Path("page.html").is_file()
    assert not Path("found").exists()
    assert not Path("page").exists()


@pytest.mark.parametrize("name", ["demo.sib", "out.html", "out/x.CSV", "x.TextGrid"])
def test_a_new_folder_is_not_called_as_a_file_is(name: str, place: Path) -> None:
    with pytest.raises(ConfigError, match=r"called as a file is .* it takes a folder, such as"):
        refuse_file_name(Path(name))
    Path(name).mkdir(parents=True)
    refuse_file_name(Path(name))


def test_commands_refuse_such_folders(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ("demo", "--out", "demo.sib"), ("check", "clips", "--out", "page.html"),
        ("segment", "a.wav", "--textgrid", "found.csv"),
    ):  # fmt: skip
        code, out, err = said(capsys, *command)
        assert (code, out, len(err)) == (2, "", 1)
        assert "it takes a folder, such as" in err[0]


COMMANDS = {"segment": ("segment",), "predict": ("predict", "m.sib", "--whole")}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_textgrid_of_one_recording_may_be_named(
    command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, *COMMANDS[command], "a.wav", "--textgrid", "new/Found.textgrid")
    assert (code, err[-1]) == (0, "TextGrids: new/Found.textgrid")
    assert read_textgrid(Path("new/Found.textgrid"))[0].name == "sibilant"
    # Never over a hand-made one, nor one file for several recordings.
    before = Path("a.TextGrid").read_text()
    code, _, err = said(capsys, *COMMANDS[command], "a.wav", "--textgrid", "a.TextGrid")
    assert (code, Path("a.TextGrid").read_text()) == (2, before)
    assert "there already" in err[0]
    code, out, err = said(capsys, *COMMANDS[command], "a.wav", "b.wav", "--textgrid", "x.TextGrid")
    assert (code, out) == (2, "")
    assert "one file for 2 recordings; expected a folder, such as x" in err[0]
    # What is a folder already is one, whatever it is called.
    Path("x.TextGrid").mkdir()
    assert said(capsys, *COMMANDS[command], "a.wav", "b.wav", "--textgrid", "x.TextGrid")[0] == 0
    assert {path.name for path in Path("x.TextGrid").iterdir()} == {"a.TextGrid", "b.TextGrid"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("a.wav", "m.sib"), "a.wav: a sound file, and the model m.sib stands after.*swapped?"),
        (("a.wav", "b.wav", "m.sib"), "and the model m.sib stands after it"),
        (("sounds", "m.sib"), "sounds: a folder, and the model m.sib stands after it"),
        (("a.wav", "b.wav"), "a.wav: a sound file; expected a model.*was the model forgotten?"),
        (("sounds", "a.wav"), "sounds: a folder; expected a model bundle"),
        (("a.TextGrid", "a.wav"), "a.TextGrid: a TextGrid; expected a model.*with --phones"),
        (("a.csv", "a.wav"), "a.csv: a table or report; expected a model.*acoustic-sib train"),
        (("a.csv", "m.sib"), "a.csv: a table or report, and the model m.sib stands after it"),
    ],
)
def test_what_is_given_for_the_model_is_named(
    arguments: tuple[str, ...], says: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, "predict", *arguments)
    assert (code, out, len(err)) == (2, "", 1)
    assert re.search(says, err[0])
    assert "acoustic-sib predict clinic.sib session.wav" in err[0]


def test_a_recording_without_its_ending_is_known_by_its_first_bytes(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("take1").write_bytes(Path("a.wav").read_bytes())
    _, _, err = said(capsys, "predict", "take1", "m.sib")
    assert err[0].startswith("acoustic-sib: take1: a sound file, and the model m.sib")


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_recording_is_named_and_the_rest_goes_on(
    command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, *COMMANDS[command], "a.wav", "m.sib", "a.TextGrid")
    assert code == 3
    assert "a.wav" in out
    assert [line for line in err if line.startswith("failed: ")] == [
        "failed: m.sib: a model bundle, no recording; expected sound: `predict` takes one model, "
        "first",
        "failed: a.TextGrid: a TextGrid, no recording; expected sound: a folder of TextGrids is "
        "given with --phones",
    ]


def test_the_right_order_needs_no_ending(place: Path) -> None:
    """A bundle is known by what it holds, whatever it is called."""
    Path("m.sib").rename("clinic")
    assert run(["predict", "clinic", "--whole", "a.wav"]) == 0
