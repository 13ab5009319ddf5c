"""`predict` as a user meets it: every output, what fails, what it must never overwrite."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from acoustic_sib.cli import predict, run
from acoustic_sib.corpus.textgrid import read_textgrid
from acoustic_sib.screen.records import Found, Segment
from acoustic_sib.screen.wording import say
from tests.conftest import white_noise
from tests.screen.stand_in import written

SR = 44100
NOTICE = (
    "Research and measurement aid. Not a diagnosis. A qualified speech-language pathologist must "
    "listen and decide."
)


@pytest.fixture
def place(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bundle, and `talk.wav`: a quiet room with three synthetic sibilants at 0.5, 1.5, 2.5 s,
    which the search finds."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.sib").symlink_to(demo / "logistic.sib")
    clips = sorted((demo / "clips").rglob("*.wav"))[:3]
    samples = 1e-4 * white_noise(3.5) / 0.05
    segments = []
    for start, clip in zip((0.5, 1.5, 2.5), clips, strict=True):
        sound = soundfile.read(clip)[0]
        samples[round(start * SR) :][: len(sound)] += sound
        segments.append(Segment(start=start, end=start + len(sound) / SR, score=0.9))
    written(tmp_path / "talk.wav", samples)

    def find(path: Path) -> Found:
        sound, sr = soundfile.read(path)
        return Found(file=path, sr=sr, duration_s=len(sound) / sr, bandwidth_hz=sr / 2,
                     segments=tuple(segments), notes=("channel 1 is dead",))  # fmt: skip

    monkeypatch.setattr(predict, "finder", lambda **_: find)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(["predict", *arguments])
    return code, *capsys.readouterr()


def test_the_table_says_each_sibilant_the_counts_and_the_notice(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, "m.sib", "talk.wav")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("DEMONSTRATION, NO SCREENING")
    assert lines[1] == "talk.wav"
    assert [line.split()[0] for line in lines[2:5]] == ["0.500", "1.500", "2.500"]
    assert lines[5].startswith("  3 of 3 assessable; Interdental ")
    assert lines[-1] == NOTICE
    assert "note: talk.wav: channel 1 is dead" in err


def test_json_is_one_line_a_sibilant_and_nothing_else(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, "m.sib", "talk.wav", "--json", "--level", "0.8")
    records = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [record["start"] for record in records] == [0.5, 1.5, 2.5]
    for record in records:
        assert sum(record["probabilities"].values()) == pytest.approx(1)
        assert record["predicted"] in record["set"] or len(record["set"]) > 1
        assert "NO SCREENING" in record["demonstration"]
        assert record["notice"] == NOTICE
    assert NOTICE in err


def test_csv_and_textgrid_are_written_and_say_demonstration(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, "m.sib", "talk.wav", "--csv", "o/a.csv", "--textgrid", "grids")
    assert err.splitlines()[-2:] == ["CSV: o/a.csv", "TextGrids: grids"]
    rows = list(csv.DictReader(io.StringIO(Path("o/a.csv").read_text(), newline="")))
    tiers = {tier.name: tier.intervals for tier in read_textgrid(Path("grids/talk.TextGrid"))}
    assert code == 0
    assert [row["assessable"] for row in rows] == ["yes"] * 3
    assert "NO SCREENING" in rows[0]["demonstration"]
    assert [one.text for one in tiers["sibilant"] if one.text] == ["sibilant"] * 3
    assert "NO SCREENING" in tiers["demonstration"][0].text
    # Written again over its own file; never over a hand-made one.
    assert said(capsys, "m.sib", "talk.wav", "--textgrid", "grids")[0] == 0
    corrected = Path("grids/talk.TextGrid").read_text().replace("2.5", "2.4")
    Path("grids/talk.TextGrid").write_text(corrected)
    code, out, err = said(capsys, "m.sib", "talk.wav", "--textgrid", "grids")
    assert (code, Path("grids/talk.TextGrid").read_text()) == (3, corrected)
    assert "perhaps corrected by hand; it is left as it is" in err
    assert "3 of 3 assessable" in out
    Path("grids/talk.TextGrid").write_text("a morning's work")
    code, _, err = said(capsys, "m.sib", "talk.wav", "--textgrid", "grids")
    assert (code, Path("grids/talk.TextGrid").read_text()) == (2, "a morning's work")
    assert "was not written by predict" in err


def test_the_csv_is_as_spreadsheets_of_the_language_want_it(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(*arguments: str) -> tuple[bool, pd.DataFrame]:
        assert said(capsys, "m.sib", "talk.wav", "--csv", "a.csv", *arguments)[0] == 0
        marked = Path("a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        sep, decimal = (";", ",") if marked else (",", ".")
        return marked, pd.read_csv("a.csv", sep=sep, decimal=decimal, encoding="utf-8-sig")

    plain, english = read()
    assert not plain
    for language in ("de", "pt"):
        marked, table = read("--language", language)
        assert marked
        assert list(table.columns) == list(english.columns)
        assert list(table["start"]) == [0.5, 1.5, 2.5]
        assert list(table["p_Normal"]) == list(english["p_Normal"])
        assert set(table["notice"]) == {say(language, "notice")}
    assert not read("--language", "de", "--decimal", "point")[0]
    marked, table = read("--decimal", "comma")
    assert marked
    pd.testing.assert_frame_equal(table, english)
    assert set(english["notes"]) == {"channel 1 is dead"}
    assert list(english["origin"]) == ["found"] * 3
    code, out, err = said(capsys, "m.sib", "talk.wav", "--decimal", "comma")
    assert (code, out) == (2, "")
    assert "expected --csv FILE" in err


def test_three_broken_files_of_many_are_told_and_the_rest_goes_on(
    place: Path, demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = sorted((demo / "clips").rglob("*.wav"))
    many = place / "many"
    many.mkdir()
    for number, clip in enumerate(clips[:37]):
        (many / f"{number:02d}.wav").write_bytes(clip.read_bytes())
    (many / "empty.wav").write_bytes(b"")
    (many / "text.wav").write_text("not audio")
    (many / "cut.wav").write_bytes(clips[0].read_bytes()[:30])
    code, out, err = said(capsys, "m.sib", "many", "--whole")
    assert code == 3
    failed = [line for line in err.splitlines() if line.startswith("failed: ")]
    assert [Path(line.split(": ")[1]).name for line in failed] == [
        "cut.wav", "empty.wav", "text.wav",
    ]  # fmt: skip
    assert "all 37 recordings read: 37 of 37 assessable" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("absent.sib", "talk.wav"), "absent.sib: cannot be read"),
        (("talk.wav", "talk.wav"), "expected a model bundle"),
        (("m.sib", "absent.wav", "--whole"), "nothing could be judged"),
        (("m.sib", "a.wav", "b.wav", "--whole"), "none of 2 recordings could be read"),
        (("m.sib", "."), "no sound files"),
        (("m.sib", "talk.wav", "--json", "--csv", "a.csv"), "expected one of them"),
        (("m.sib", "talk.wav", "--whole", "--expect", "3"), "neither --phones nor --expect"),
        (("m.sib", "talk.wav", "--speaker", "K7", "--by-folder"), "expected one of them"),
        (("m.sib", "talk.wav", "--csv", "a.xlsx"), "expected a name ending in .csv"),
        (("m.sib", "talk.wav", "--level", "90"), "0.5<=x<=0.999"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: tuple[str, ...], says: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "." in arguments:
        (place / "talk.wav").unlink()
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "")
    assert says in err.splitlines()[-1]
    assert "Traceback" not in err


def test_sounds_and_speakers_are_counted_apart(
    place: Path, demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("anna", "bert"):
        (place / folder).mkdir()
        (place / folder / "talk.wav").write_bytes((place / "talk.wav").read_bytes())
    code, out, _ = said(capsys, "m.sib", "anna", "bert", "--by-folder")
    lines = out.splitlines()
    assert code == 0
    assert lines[-5].startswith("all 2 recordings read: 6 of 6 assessable")
    assert lines[-4].startswith("anna: 3 of 3 assessable")
    assert lines[-3].startswith("bert: 3 of 3 assessable")
    code, out, _ = said(capsys, "m.sib", "anna", "bert", "--by-folder", "--json")
    assert [json.loads(line)["speaker"] for line in out.splitlines()] == ["anna"] * 3 + ["bert"] * 3
    code, _, _ = said(capsys, "m.sib", "anna", "--speaker", "K7", "--csv", "a.csv")
    assert set(pd.read_csv("a.csv")["speaker"]) == {"K7"}


def test_sibilants_in_a_noisy_room_are_not_assessable(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Noise of twice their amplitude: they rise 10 log10 (1 + 1/4) = 1 dB above it."""
    sound = soundfile.read("talk.wav")[0]
    level = np.sqrt(np.mean(sound[round(0.55 * SR) : round(0.6 * SR)] ** 2))
    written(place / "talk.wav", sound + 2 * level * white_noise(len(sound) / SR, seed=1) / 0.05)
    _, out, _ = said(capsys, "m.sib", "talk.wav", "--json")
    first = json.loads(out.splitlines()[0])
    assert (first["assessable"], first["predicted"]) == (False, None)
    assert "too noisy: 1 dB above the noise" in first["reason"]


def test_judging_loads_nothing_heavy(demo: Path, tmp_path: Path) -> None:
    """The search, the measures, every output but the report: what a cold start must not pay for."""
    path = written(tmp_path / "a.wav", np.concatenate([np.zeros(SR), white_noise(), np.zeros(SR)]))
    program = (
        "import sys; from acoustic_sib.cli import run; "
        f"code = run(['predict', {str(demo / 'logistic.sib')!r}, {str(path)!r}, '--textgrid', "
        f"{str(tmp_path / 'grids')!r}, '--csv', {str(tmp_path / 'a.csv')!r}]); "
        "heavy = {'pandas', 'sklearn', 'skops', 'librosa', 'parselmouth', 'pydantic', 'joblib', "
        "'matplotlib', 'jinja2', 'scipy.signal', 'scipy.stats'} & set(sys.modules); "
        "sys.exit(f'code {code}, loaded {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "grids" / "a.TextGrid").exists()
