"""What libmpg123 says of a broken MP3 on stderr by itself: kept away, and nothing else is."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
import soundfile

from acoustic_sib.audio import duration_s, read_blocks, read_sound
from acoustic_sib.decoder import is_mpeg, silent_decoder
from acoustic_sib.errors import AudioError
from tests.conftest import white_noise

OWN_WORDS = (b"libmpg123", b"Note: ", b"Warning: ", b"resync")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Four seconds with 400 spoilt bytes: frames out of step, others that say what cannot be."""
    path = tmp_path / "broken.mp3"
    soundfile.write(path, np.tile(white_noise(1.0, 16000), 4), 16000, format="MP3")
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    for place in rng.integers(2000, 9000, 400):
        content[place] = rng.integers(256)
    path.write_bytes(content)
    return path


def stderr_of(*program: str) -> bytes:
    return subprocess.run([sys.executable, *program], capture_output=True, check=True).stderr


def test_the_command_line_keeps_its_stderr_to_itself(broken: Path) -> None:
    """A folder with good ones: without the package the decoder is heard, with it never."""
    for name in ("a.wav", "z.mp3"):
        soundfile.write(broken.parent / name, white_noise(1.0, 16000), 16000)
    raw = stderr_of("-c", f"import soundfile; soundfile.read({str(broken)!r})")
    assert any(word in raw for word in OWN_WORDS)
    done = subprocess.run(
        [sys.executable, "-m", "acoustic_sib", "segment", str(broken.parent)],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 3)
    assert not any(word in done.stderr for word in OWN_WORDS)
    begins = (b"searching ", b"note: ", b"failed: ")
    assert all(line.startswith(begins) for line in done.stderr.splitlines())
    assert {line.split()[1].rstrip(b":") for line in done.stderr.splitlines()
            if line.startswith(b"searching ")} == {b"a.wav", b"broken.mp3", b"z.mp3"}  # fmt: skip


def test_every_way_to_read_is_silent_and_gives_stderr_back(
    broken: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    spoilt = broken.with_suffix(".wav")
    spoilt.write_bytes(broken.read_bytes())
    for path in (broken, spoilt):
        for read in (read_sound, duration_s, lambda it: list(read_blocks(it, block_s=0.5)),
                     lambda it: read_sound(it, start=0.5, end=3.9)):  # fmt: skip
            with suppress(AudioError):
                read(path)
        print("mine", file=sys.stderr)
        os.write(2, b"C's\n")
    assert capfd.readouterr().err == "mine\nC's\n" * 2
    broken.write_bytes(broken.read_bytes()[:100])
    with pytest.raises(AudioError):
        read_sound(broken)
    os.write(2, b"back\n")
    assert capfd.readouterr().err == "back\n"


def test_the_last_of_several_threads_gives_stderr_back(capfd: pytest.CaptureFixture[str]) -> None:
    inside, told = Barrier(2), Barrier(2)

    def first() -> None:
        with silent_decoder(True):
            inside.wait()
        told.wait()

    def second() -> None:
        with silent_decoder(True):
            inside.wait()
            told.wait()
            os.write(2, b"lost: one is out, one is in\n")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_an_error_within_gives_stderr_back_and_no_file_stays_open(
    capfd: pytest.CaptureFixture[str],
) -> None:
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    for _ in range(20):
        with pytest.raises(ValueError, match="broken"), silent_decoder(True):
            raise ValueError("broken")
    if before:
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    with silent_decoder(False):
        os.write(2, b"no MPEG\n")
    assert capfd.readouterr().err == "no MPEG\n"


@pytest.mark.skipif(os.name != "posix", reason="closes stderr by the shell")
def test_a_process_without_stderr_reads_all_the_same(broken: Path) -> None:
    """Its number 2 is then that of the next file: the sound itself."""
    program = (
        "from acoustic_sib.audio import read_sound\n"
        f"try: read_sound({str(broken)!r})\n"
        "except Exception as error: print(type(error).__name__)"
    )
    done = subprocess.run(["sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, program],
                          stdout=subprocess.PIPE, check=True)  # fmt: skip
    assert done.stdout.strip() == b"AudioError"


@pytest.mark.parametrize(
    ("name", "head", "mpeg"),
    [("a.MP3", b"hello", True), ("a.wav", b"\xff\xfb\x90", True), ("a.wav", b"ID3\x04", True),
     ("a.wav", b"RIFF\x00\x00", False), ("a.flac", b"fLaC", False), ("a.wav", b"", False)],
)  # fmt: skip
def test_what_is_decoded_as_mpeg(name: str, head: bytes, mpeg: bool) -> None:
    assert is_mpeg(name, head) is mpeg


def cut(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_an_mp3_that_holds_less_than_its_table_says_is_refused(tmp_path: Path, kept: float) -> None:
    """Of four seconds the first 30 or 90 %; with the table's frame taken out nothing tells how
    long it was."""
    path = tmp_path / "a.mp3"
    soundfile.write(path, np.tile(white_noise(1.0, 16000), 4), 16000, format="MP3")
    content = path.read_bytes()
    assert read_sound(path).duration_s == pytest.approx(4.0, abs=0.1)
    assert sum(sound.duration_s for sound, _ in read_blocks(path)) == pytest.approx(4.0, abs=0.1)
    short = cut(tmp_path / "short.mp3", content[: round(kept * len(content))])
    told = set()
    for read in (read_sound, lambda path: [*read_blocks(path, block_s=0.5)],
                 lambda path: [*read_blocks(path)]):  # fmt: skip
        with pytest.raises(
            AudioError, match="samples as the header says: is the file cut off"
        ) as e:
            read(short)
        told.add(str(e.value))
    (sentence,) = told
    missing_s = float(sentence.split("decoding stops ")[1].split(" s before")[0])
    assert missing_s == pytest.approx(4 * (1 - kept), abs=0.3)
    tagged = b"ID3\x04\x00\x00\x00\x00\x02\x01" + bytes(257) + content
    whole = cut(tmp_path / "tagged.mp3", tagged)
    assert read_sound(whole).duration_s == pytest.approx(4.0, abs=0.1)
    with pytest.raises(AudioError, match="cut off"):
        read_sound(cut(whole, tagged[: round(kept * len(tagged))]))
    second = content.index(b"\xff", 100)
    untold = cut(tmp_path / "untold.mp3", content[second : round(kept * len(content))])
    assert 0.3 < read_sound(untold).duration_s < 4 * kept + 0.1
