"""Names of files that hold what a terminal, a progress bar or a spreadsheet would obey."""

import csv
import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich import console as rich_console

from acoustic_sib.cli import progress, run
from tests.conftest import white_noise

STEERING = "a\x1b[2J\x07b.wav"
SHOWN = "a�[2J�b.wav"


@pytest.mark.parametrize("command", [("predict", "m.sib"), ("segment",)])
def test_no_line_steers_the_terminal(
    command: tuple[str, ...], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A note (a dead channel), a failure, results, and a mistake in the command."""
    noise = white_noise(1.0)
    soundfile.write(STEERING, np.column_stack([noise, 0 * noise]), 44100)
    Path(f"not{STEERING}").write_text("no sound")
    capsys.readouterr()
    assert run([*command, STEERING, f"not{STEERING}"]) == 3
    out, err = capsys.readouterr()
    assert f"{SHOWN}: channel 1 is dead" in err
    assert f"failed: not{SHOWN}: not readable as audio" in err
    assert SHOWN in out
    assert (out + err).replace("\n", "").isprintable()
    Path("\x1b[2J").mkdir()
    assert run([*command, "\x1b[2J"]) == 2
    assert capsys.readouterr().err == (
        "acoustic-sib: �[2J: no sound files in or below this folder; expected .wav, .flac, .ogg, "
        ".mp3, .aiff, .aif, .aifc, .opus\n"
    )


def test_brackets_in_a_name_are_no_markup_of_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    terminal = rich_console.Console(file=written, force_terminal=True, width=120, color_system=None)
    monkeypatch.setattr(rich_console, "Console", lambda **_: terminal)
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    with progress.stage("searching a[/b].wav") as told:
        assert told is not None
        told(1, 2)
    assert "searching a[/b].wav" in written.getvalue()


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_gets_its_row(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy("good.wav", os.fsdecode(b"a\xff.wav"))
    assert run(["predict", "m.sib", ".", "--whole", "--csv", "o.csv"]) == 3
    assert "\ngood.wav\n" in capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(Path("o.csv").read_text(encoding="utf-8"))))
    assert [row["file"] for row in rows] == ["a\\udcff.wav", "good.wav"]
    assert "no valid UTF-8" in rows[0]["failure"]
