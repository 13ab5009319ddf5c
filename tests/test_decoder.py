"""What libmpg123 says of a broken MP3 on stderr by itself: kept away, and nothing else is."""

import io
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile

from acoustic_sib import lengths
from acoustic_sib.audio import duration_s, embedded_path, read_blocks, read_sound
from acoustic_sib.decoder import is_mpeg, silent_decoder
from acoustic_sib.errors import AudioError
from acoustic_sib.lengths import frames_s, tells_its_length
from acoustic_sib.screen.retold import retold
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
    """Of four seconds the first 30 or 90 %."""
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


def mp3(path: Path, samples: np.ndarray, sr: int, **form: Any) -> bytes:
    soundfile.write(path, samples, sr, format="MP3", **form)
    return path.read_bytes()


def without_table(content: bytes) -> bytes:
    """An MP3 without its first frame: LAME's tables are of 72 bytes or more, all zeros after."""
    assert tells_its_length(io.BytesIO(content))
    return content[content.index(content[:2], 72) :]


def softer(sr: int) -> np.ndarray:
    """6 s: 2 of noise, and 4 of silence, which take fewer bits."""
    return np.repeat([1.0, 0.0], [2 * sr, 4 * sr]) * white_noise(6.0, sr)


@pytest.mark.parametrize("sr", [8000, 16000, 44100, 48000])
def test_an_mp3_whose_end_would_be_lost_in_silence_is_refused(tmp_path: Path, sr: int) -> None:
    """Frames are whole: their number is a rounding, 6 s and the encoder's delay."""
    whole = mp3(tmp_path / "whole.mp3", softer(sr), sr, bitrate_mode="VARIABLE")
    assert read_sound(tmp_path / "whole.mp3").duration_s == 6.0
    path = cut(tmp_path / "a.mp3", without_table(whole))
    told = set()
    for read in (read_sound, duration_s, lambda it: [*read_blocks(it)],
                 lambda it: read_sound(it, start=0.5, end=1.0)):  # fmt: skip
        with pytest.raises(AudioError, match=r"a\.mp3: an MP3 without a table of its") as refused:
            read(path)
        told.add(str(refused.value))
    (sentence,) = told
    read_s, held_s = (float(one) for one in re.findall(r"\d+\.\d\d", sentence))
    assert read_s == pytest.approx(len(soundfile.read(path)[0]) / sr, abs=0.006)
    n_samples = 1152 if sr >= 32000 else 576
    assert 6.0 < held_s < 6.0 + 3.5 * n_samples / sr
    german = retold("de", sentence)
    assert f"nur {read_s:.2f} von {held_s:.2f} s".replace(".", ",") in german


@pytest.mark.parametrize("sr", [8000, 11025, 16000, 22050, 44100, 48000])
def test_an_mp3_of_one_bitrate_is_read_without_a_table(tmp_path: Path, sr: int) -> None:
    """Also with a tag at its head or end, whose bytes look like a frame's."""
    whole = mp3(tmp_path / "a.mp3", softer(sr), sr, bitrate_mode="CONSTANT", compression_level=0.5)
    content = without_table(whole)
    like_a_frame = content[:3] + bytes(125)
    for kind in (content, b"ID3\x04\x00\x00\x00\x00\x01\x00" + like_a_frame + content,
                 content + b"TAG" + bytes(100) + content[:3] + bytes(22)):  # fmt: skip
        assert read_sound(cut(tmp_path / "b.mp3", kind)).duration_s == pytest.approx(6.1, abs=0.15)
    cut_off = read_sound(cut(tmp_path / "c.mp3", content[: len(content) // 2]))
    assert cut_off.duration_s == pytest.approx(3.05, abs=0.15)


def test_frames_are_counted_in_pieces_and_past_what_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in the frames that soundfile, with the table, decodes: 6 s, its delay, its rest."""
    whole = mp3(tmp_path / "a.mp3", softer(44100), 44100)
    content = without_table(whole)
    held_s = frames_s(io.BytesIO(content))
    assert held_s * 44100 / 1152 == pytest.approx(round(held_s * 44100 / 1152), abs=1e-6)
    monkeypatch.setattr(lengths, "PIECE_BYTES", 5000)
    assert frames_s(io.BytesIO(content)) == held_s
    for junk in (bytes(9000), b"\xff" * 9000, content[:3] + bytes(9000)):
        assert frames_s(io.BytesIO(junk + content)) == held_s
        assert frames_s(io.BytesIO(content + junk)) == pytest.approx(held_s, abs=0.03)
        assert frames_s(io.BytesIO(junk + whole)) == 0.0
    for none in (b"", b"\xff", b"\xff\xfb\x00" * 999, b"\xff\xfd\x90" * 999, content[:100]):
        assert frames_s(io.BytesIO(none)) == 0.0


def test_a_table_with_embedded_sounds_is_read_the_same_way(tmp_path: Path) -> None:
    whole = mp3(tmp_path / "a.mp3", softer(16000), 16000)
    values = [{"bytes": one, "path": None} for one in (whole, without_table(whole))]
    pq.write_table(pa.table({"audio": values}), tmp_path / "a.parquet")
    assert read_sound(embedded_path(tmp_path / "a.parquet", "audio", 0)).duration_s == 6.0
    with pytest.raises(AudioError, match=r"#audio:1: an MP3 without a table of its length"):
        read_sound(embedded_path(tmp_path / "a.parquet", "audio", 1))
