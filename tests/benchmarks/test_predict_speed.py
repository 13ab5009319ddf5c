"""How long does `predict` take from a cold start, for each second of sound, an hour, 500 files?"""

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly
from threadpoolctl import threadpool_limits

from acoustic_sib.audio import read_sound
from acoustic_sib.cli import run
from acoustic_sib.corpus.synth import make_demo_corpus
from acoustic_sib.screen.bundle import read_bundle
from acoustic_sib.screen.detect import find_sibilants
from acoustic_sib.screen.predict import screen_file
from tests.benchmarks.tables import write_report_table
from tests.conftest import shared_folder

SR = 44100
ROUNDS = 7
COUNTS = {"Lateral": 60, "Normal": 60, "Interdental": 60}
REFERENCE = "import sklearn.linear_model, scipy.signal, soundfile"
TIMES, PLUS_S = 1.2, 0.5
MOST_MS, MOST_MB = 30.0, 2000.0


@dataclass(frozen=True, kw_only=True)
class Run:
    """A process: `wall_s`, `cpu_s` of user and system, `peak_mb` of memory, what it said on
    stderr."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    stderr: str


def process(arguments: Sequence[str], *, terminal: bool = False) -> Run:
    """Run Python with `arguments`; with `terminal`, its stderr is one."""
    ours, its = pty.openpty() if terminal else os.pipe()
    begun = time.perf_counter()
    child = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=its)
    os.close(its)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how a terminal ends
            break
        if not part:
            break
        said += part
    _, status, usage = os.wait4(child.pid, 0)
    wall_s = time.perf_counter() - begun
    os.close(ours)
    child.returncode = os.waitstatus_to_exitcode(status)
    text = said.decode(errors="replace")
    assert child.returncode == 0, text
    return Run(wall_s=wall_s, cpu_s=usage.ru_utime + usage.ru_stime,
               peak_mb=usage.ru_maxrss / 1024, stderr=text)  # fmt: skip


def predict(bundle: Path, sound: Path, *options: str, terminal: bool = False) -> Run:
    return process(["-m", "acoustic_sib", "predict", str(bundle), str(sound), *options],
                   terminal=terminal)  # fmt: skip


def words() -> np.ndarray:
    """voxangeles' recordings of 44.1 kHz, one after the other."""
    folder = shared_folder("corpora/voxangeles/words")
    sounds = [read_sound(path) for path in sorted(folder.glob("*.flac"))]
    return np.concatenate([one.samples for one in sounds if one.sr == SR])


def sentences() -> np.ndarray:
    """espeak's sentences said Normal, resampled to 44.1 kHz, one after the other."""
    folder = shared_folder("corpora/espeak/utterances")
    sounds = [read_sound(path) for path in sorted(folder.glob("*_Normal.flac"))]
    return np.concatenate([resample_poly(one.samples, SR, one.sr) for one in sounds])


def cold_starts(bundle: Path, sound: Path) -> tuple[list[str], float, float]:
    """Row; best time of `predict`, and the best that it is allowed to take."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(predict(bundle, sound))
        theirs.append(process(["-c", REFERENCE]))
    allowed = [TIMES * one.wall_s + PLUS_S for one in theirs]
    best, median = min(one.wall_s for one in ours), np.median([one.wall_s for one in ours])
    row = ["one recording of 5 s, cold start, s",
           f"best {best:.2f}, median {median:.2f} (CPU {min(one.cpu_s for one in ours):.2f})",
           f"1.2 x reference + 0.5: best {min(allowed):.2f}, "
           f"median {np.median(allowed):.2f}"]  # fmt: skip
    return row, best, min(allowed)


def in_process(bundle: Path, name: str, path: Path) -> tuple[list[str], float]:
    """Row; best ms of CPU for each second of sound, search included, in one thread."""
    model = read_bundle(bundle)
    took = []
    with threadpool_limits(limits=1):
        for _ in range(4):
            begun = time.process_time()
            found = screen_file(path, model, find=find_sibilants)
            took.append(1000 * (time.process_time() - begun))
    duration_s = soundfile.info(path).duration
    ms = [one / duration_s for one in took]
    row = [f"{name}, {duration_s:.0f} s, {len(found.sibilants)} sibilants, in process, ms a second",
           f"best {min(ms):.1f}, median {np.median(ms):.1f} (CPU)", f"{MOST_MS:.0f}"]  # fmt: skip
    return row, min(ms)


def hour(folder: Path, speech: np.ndarray) -> Path:
    path = folder / "hour.wav"
    with soundfile.SoundFile(path, "w", SR, 1) as file:
        while file.tell() < 3600 * SR:
            file.write(speech)
    return path


def many(folder: Path, clips: Path, n: int) -> Path:
    folder.mkdir()
    known = sorted(clips.rglob("*.wav"))
    for number in range(n):
        (folder / f"{number:03d}.wav").symlink_to(known[number % len(known)])
    return folder


@pytest.mark.bench
def test_predict_is_fast(tmp_path: Path) -> None:
    make_demo_corpus(tmp_path / "clips", n_speakers=12, counts=COUNTS)
    bundle = tmp_path / "m.sib"
    assert run(["train", str(tmp_path / "clips"), "-o", str(bundle), "--no-cache"]) == 0
    talk, dense = words(), sentences()
    for name, samples in (("words", talk), ("sentences", dense), ("five", dense[: 5 * SR])):
        soundfile.write(tmp_path / f"{name}.wav", np.clip(samples, -1, 1), SR)
    started, best_s, allowed_s = cold_starts(bundle, tmp_path / "five.wav")
    rows = [started]
    slowest = 0.0
    for name, path in (("words of 13 languages (voxangeles)", "words.wav"),
                       ("English sentences (espeak, SYNTHETIC)", "sentences.wav")):  # fmt: skip
        row, ms = in_process(bundle, name, tmp_path / path)
        slowest = max(slowest, ms)
        rows.append(row)
    for name, options in (("found in", ()), ("as", ("--whole",))):
        folder = tmp_path / "many"
        took = predict(bundle, folder if folder.exists() else many(folder, tmp_path / "clips", 500),
                       *options)  # fmt: skip
        rows.append([f"500 short files, sibilants {name} each, s", f"{took.wall_s:.1f} (CPU "
                     f"{took.cpu_s:.1f})", "-"])  # fmt: skip
    path = hour(tmp_path, np.concatenate([talk, dense]))
    plain = predict(bundle, path, "--csv", str(tmp_path / "a.csv"))
    lines = [line for line in plain.stderr.splitlines() if re.search(r": \d+ of \d+$", line)]
    bar = predict(bundle, path, terminal=True)
    n = len((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()) - 1
    peak_mb = max(plain.peak_mb, bar.peak_mb)
    rows += [
        [f"an hour of both, {n} sibilants, peak memory, MB", f"{peak_mb:.0f}", f"{MOST_MB:.0f}"],
        ["an hour, s", f"{min(plain.wall_s, bar.wall_s):.0f} (CPU "
         f"{min(plain.cpu_s, bar.cpu_s):.0f})", "-"],
    ]  # fmt: skip
    write_report_table(
        "predict_speed", "How long `predict` takes, and how much memory",
        "python -m pytest -m bench -s tests/benchmarks/test_predict_speed.py",
        ["of", "measured", "asked: at most"], rows,
        [f"Reference: a new process of `python -c \"{REFERENCE}\"`, {ROUNDS} times each, taking "
         "turns. Best and median of wall time; CPU is user and system time.",
         "In process: CPU time of one thread, best and median of 4; search, quality, measures, "
         "answers and sentences, without loading Python. Bundle: logistic regression, 7 families.",
         f"Told while the hour ran: {len(lines)} plain lines to a pipe; on a terminal a bar.",
         f"Machine: {os.cpu_count()} cores, shared with other work while this was measured."],
    )  # fmt: skip
    assert lines, plain.stderr
    assert "\x1b[" in bar.stderr
    assert "\x1b[" not in plain.stderr
    assert best_s <= allowed_s
    assert slowest <= MOST_MS
    assert peak_mb < MOST_MB
