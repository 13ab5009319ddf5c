"""Whatever `segment` and `predict` are given: an answer or one sentence, and the rest goes on."""

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.screen.asked import said
from tests.screen.bad_sounds import (
    SR,
    Samples,
    hum,
    white,
)

OURS = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
DROP_FROM_BOUNDS = 24
ROOTS_RIGHTS_OVER_FILES = (1, 2)
"""prctl(2) and capabilities(7): PR_CAPBSET_DROP of CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""


def talk(sr: int = SR, seed: int = 0) -> Samples:
    """Three seconds of a quiet room with a buzz and a burst of high noise, four times."""
    made = 1e-4 * white(3.0, sr, seed) / 0.05
    for at_s in (0.3, 0.9, 1.5, 2.1):
        first = round(at_s * sr)
        buzz, hiss = 0.3 * hum(120, 0.2, sr, n=25), white(0.15, sr, seed + 1)
        made[first:][: len(buzz)] += buzz
        made[first + len(buzz) :][: len(hiss)] += np.diff(hiss, prepend=0.0)
    return made


COMMANDS: dict[str, tuple[str, ...]] = {
    "segment": ("segment",),
    "predict": ("predict", "m.sib"),
    "predict --whole": ("predict", "m.sib", "--whole"),
}


def made_text(path: Path) -> None:
    path.write_text("Dear colleague, the recording is attached.\n" * 50)


def made_cut_header(path: Path) -> None:
    path.write_bytes(Path("good.wav").read_bytes()[:30])


def made_nan(path: Path) -> None:
    sound = talk()
    sound[5000] = np.nan
    soundfile.write(path, sound, SR, subtype="FLOAT")


def made_link(path: Path) -> None:
    path.symlink_to("nowhere.wav")


def made_loop(path: Path) -> None:
    path.symlink_to(path)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "not audio": (made_text, "not readable as audio"),
    "zeros": (lambda path: path.write_bytes(bytes(4096)), "not readable as audio"),
    "0 bytes": (lambda path: path.write_bytes(b""), "an empty file of 0 bytes"),
    "no samples": (lambda path: soundfile.write(path, np.zeros(0), SR), "holds no samples"),
    "header cut off": (made_cut_header, "not readable as audio"),
    "NaN samples": (made_nan, "NaN or infinite sample at 0.113 s"),
    "2 kHz": (lambda path: soundfile.write(path, talk(), 2000), "sampling rate 2000 Hz"),
    "500 kHz": (lambda path: soundfile.write(path, talk(), 500_000), "sampling rate 500000 Hz"),
    "a pipe": (os.mkfifo, "no such file"),
    "link to nothing": (made_link, "no such file"),
    "link to itself": (made_loop, "no such file"),
    "absent": (lambda path: None, "no such file"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", BROKEN)
def test_what_cannot_be_read_is_one_sentence_and_the_rest_goes_on(
    kind: str, command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, says = BROKEN[kind]
    make(place / "bad.wav")
    code, out, err = said(capsys, *COMMANDS[command], "bad.wav", "good.wav")
    assert code == 3
    assert [line.split(":")[1].strip() for line in err if line.startswith("failed")] == ["bad.wav"]
    assert says in err[0]
    assert "good.wav" in out
    assert "bad.wav" not in out
    code, out, err = said(capsys, *COMMANDS[command], "bad.wav")
    assert (code, out) == (2, "")
    assert says in err[0]


@pytest.mark.no_cover
@pytest.mark.parametrize("command", COMMANDS)
def test_500_files_of_which_3_are_broken(
    command: str, place: Path, demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = place / "many"
    many.mkdir()
    clips = sorted((demo / "clips").rglob("*.wav"))
    for number in range(497):
        (many / f"{number:03d}.wav").symlink_to(clips[number % len(clips)])
    made_text(many / "100_text.wav")
    (many / "200_empty.wav").write_bytes(b"")
    made_nan(many / "300_nan.wav")
    code, out, err = said(capsys, *COMMANDS[command], "many")
    failed = [Path(line.split(": ")[1]).name for line in err if line.startswith("failed: ")]
    assert (code, failed) == (3, ["100_text.wav", "200_empty.wav", "300_nan.wav"])
    named = {line.split(":")[0] for line in out.splitlines() if line.startswith("many")}
    assert len(named) == 497


ODD_NAMES = ["a b.wav", "ß日本.wav", "-x.wav", "=cmd|calc.wav", "a;b,c.wav", 'q"uote.wav',
             "new\nline.wav", "back\\slash.wav", "UPPER.WAV", ".hidden.wav",
             "%s{}.wav"]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_names(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.move("good.wav", name)
    for command in (("segment", "--json"), ("predict", "m.sib", "--whole", "--json")):
        code, out, _ = said(capsys, *command, "--", name)
        assert code == 0
        assert [json.loads(line)["file"] for line in out.splitlines()] == [name]
    # Found in its folder too, and written beside the others.
    code, _, _ = said(capsys, "predict", "m.sib", "--whole", ".", "--textgrid", "grids",
                      "--csv", "all.csv")  # fmt: skip
    assert code == 0
    assert [path.name for path in Path("grids").iterdir()] == [f"{Path(name).stem}.TextGrid"]
    # No cell of the sheet begins as a formula does.
    cells = Path("all.csv").read_text(encoding="utf-8").replace('"', "").split(",")
    assert not [cell for cell in cells if cell.lstrip("\n").startswith(("=", "@", "+"))]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.skipif(sys.platform != "linux", reason="names of bytes are Linux's")
def test_names_that_no_text_can_hold_are_one_sentence(command: str, place: Path) -> None:
    shutil.copy("good.wav", os.fsdecode(b"caf\xe9.wav"))
    done = command_line(*COMMANDS[command], os.fsdecode(b"caf\xe9.wav"), "a" * 300, "good.wav")
    failed = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
    assert done.returncode == 3
    assert [line.split(": ", 2)[2].split(";")[0] for line in failed] == [
        "a name that is no valid UTF-8", "file name too long",
    ]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_is_its_sounds_even_when_it_is_called_a_sound(
    command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "folder.wav").mkdir()
    shutil.move("good.wav", "folder.wav/good.wav")
    code, out, _ = said(capsys, *COMMANDS[command], "folder.wav")
    assert code == 0
    assert "folder.wav/good.wav" in out
    (place / "folder.wav" / "good.wav").unlink()
    code, out, err = said(capsys, *COMMANDS[command], "folder.wav")
    assert (code, out) == (2, "")
    assert "no sound files in or below this folder" in err[-1]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_every_sample_format_is_read(
    subtype: str, command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, sr = soundfile.read("good.wav")
    soundfile.write("as.wav", sound, sr, subtype=subtype)
    code, out, err = said(capsys, *COMMANDS[command], "as.wav")
    assert (code, err) == (0, [])
    assert "as.wav" in out


def test_telephone_speech_is_searched_and_not_judged(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundfile.write("call.wav", talk(8000), 8000, subtype="ULAW")
    code, _, err = said(capsys, "segment", "call.wav")
    assert code == 0
    assert "frication is only heard up to 4.0 kHz" in err[0]
    soundfile.write("hiss.wav", white(0.2, 8000), 8000, subtype="ULAW")
    code, out, _ = said(capsys, "predict", "m.sib", "hiss.wav", "--whole", "--json")
    (only,) = [json.loads(line) for line in out.splitlines()]
    assert (code, only["assessable"], only["predicted"]) == (0, False, None)
    assert only["reason"].startswith("sampled at 8000 Hz, it holds nothing above 4000 Hz")


def test_a_dead_channel_at_96_khz_is_told_and_changes_nothing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = talk(96000)
    soundfile.write("mono.wav", sound, 96000, subtype="PCM_24")
    soundfile.write("half.wav", np.column_stack([np.zeros(len(sound)), sound]), 96000,
                    subtype="PCM_24")  # fmt: skip
    for command in COMMANDS.values():
        _, alone, _ = said(capsys, *command, "mono.wav")
        code, beside, err = said(capsys, *command, "half.wav")
        assert code == 0
        assert beside == alone.replace("mono.wav", "half.wav")
        assert [line.rsplit(": ", 1)[1] for line in err] == ["channel 0 is dead"]


def test_integers_stored_as_floating_point_get_no_class(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """16-bit numbers, of which the loudest is 10 000: 20 log10 10000 = 80 dB above full scale."""
    sound, sr = soundfile.read("good.wav")
    soundfile.write("int.wav", sound / np.abs(sound).max() * 10_000, sr, subtype="FLOAT")
    _, out, _ = said(capsys, "predict", "m.sib", "--whole", "int.wav", "--json")
    (only,) = [json.loads(line) for line in out.splitlines()]
    assert (only["assessable"], only["predicted"]) == (False, None)
    assert only["reason"].startswith("80 dB above full scale")


def test_a_file_that_goes_while_it_is_judged_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from acoustic_sib.cli import predict
    from acoustic_sib.cli.recordings import finder

    soundfile.write("going.wav", talk(), SR)

    def gone(**asked: object) -> Callable[[Path], object]:
        find = finder(phones=None, expect=None)

        def found(path: Path) -> object:
            answer = find(path)
            if path.name == "going.wav":
                path.unlink()
            return answer

        return found

    monkeypatch.setattr(predict, "finder", gone)
    code, out, err = said(capsys, "predict", "m.sib", "going.wav", "good.wav")
    assert code == 3
    assert err == ["failed: going.wav: no such file; expected a sound file"]
    assert "good.wav" in out


def command_line(*arguments: str, room: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, whose files may hold `room` bytes at most and which
    has no right that an ordinary user lacks."""

    def before() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        if os.getuid() == 0:
            for right in ROOTS_RIGHTS_OVER_FILES:
                ctypes.CDLL(None).prctl(DROP_FROM_BOUNDS, right, 0, 0, 0)

    program = [sys.executable, "-B", "-m", "acoustic_sib", *arguments]
    return subprocess.run(program, text=True, capture_output=True, preexec_fn=before, check=False,
                          env=OURS)  # fmt: skip


@pytest.fixture
def locked(place: Path) -> Path:
    """`place` with a file and a folder that may not be read."""
    shutil.copy("good.wav", "locked.wav")
    Path("locked.wav").chmod(0)
    Path("locked").mkdir()
    shutil.copy("good.wav", "locked/good.wav")
    Path("locked").chmod(0)
    return place


@pytest.mark.skipif(sys.platform != "linux", reason="rights as Linux has them")
def test_what_may_not_be_read_is_told_and_the_rest_goes_on(locked: Path) -> None:
    for command in (("segment",), ("predict", "m.sib", "--whole")):
        done = command_line(*command, "locked.wav", "locked/good.wav", "good.wav")
        failed = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
        assert done.returncode == 3
        assert failed == [
            f"failed: {name}: permission denied; expected a sound file that you may read"
            for name in ("locked.wav", "locked/good.wav")
        ]
        assert "good.wav" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="rights as Linux has them")
@pytest.mark.parametrize(
    "option", [("--csv", "shut/a.csv"), ("--textgrid", "shut"), ("--textgrid", "shut/new")]
)
def test_where_nothing_may_be_written_is_told_before_judging(
    option: tuple[str, str], place: Path
) -> None:
    Path("shut").mkdir(mode=0o555)
    commands = [("predict", "m.sib", "--whole")]
    commands += [("segment",)] if option[0] == "--textgrid" else []
    for command in commands:
        done = command_line(*command, "good.wav", *option)
        assert (done.returncode, done.stdout) == (2, "")
        assert "may not be written to" in done.stderr.splitlines()[-1]
        assert "judging" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_target_is_one_sentence(place: Path) -> None:
    for option in (("--csv", "a.csv"), ("--textgrid", "grids")):
        done = command_line("predict", "m.sib", "good.wav", "--whole", *option, room=64)
        assert done.returncode == 2
        assert "cannot be written (file too large); expected" in done.stderr.splitlines()[-1]
    with Path("/dev/full").open("w") as full:
        program = [sys.executable, "-m", "acoustic_sib", "segment", "good.wav"]
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                              env=OURS)  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("no space left on the device")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "an empty file"), (b"RIFF....WAVE", "expected a model bundle"), (None, "cannot be")],
)
def test_what_is_no_bundle_is_one_sentence(
    content: bytes | None, says: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        Path("other.sib").write_bytes(content)
    code, out, err = said(capsys, "predict", "other.sib", "good.wav", "--whole")
    assert (code, out, len(err)) == (2, "", 1)
    assert says in err[0]


@pytest.mark.parametrize("command", ["segment", "predict"])
@pytest.mark.parametrize("n_samples", [1, 220, 800])
def test_scraps_hold_no_sibilant(
    n_samples: int, command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundfile.write("scrap.wav", white(1.0)[:n_samples], SR)
    code, out, err = said(capsys, *COMMANDS[command], "scrap.wav", "good.wav")
    assert (code, err) == (0, ["note: scrap.wav: too short to find a sibilant in it"])
    assert "scrap.wav" in out
