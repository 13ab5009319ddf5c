"""What the context of sibilants costs: the time of its pass beside that of reading, an hour's
memory."""

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from threadpoolctl import threadpool_limits

from acoustic_sib.audio import read_blocks, read_sound
from acoustic_sib.screen.context import contexts, read_surroundings
from acoustic_sib.screen.noise import BandCourse
from acoustic_sib.screen.records import Segment
from tests.benchmarks.tables import write_report_table
from tests.conftest import shared_folder

pytestmark = pytest.mark.bench

SR = 44100
ROUNDS = 15
MOST_MS_PER_S = 5.0


def processor_ms(*calls: Callable[[], object]) -> list[float]:
    """The shortest processor time of each call, taken in turns."""
    times = []
    for _ in range(ROUNDS):
        row = []
        for call in calls:
            begin = time.process_time()
            call()
            row.append(time.process_time() - begin)
        times.append(row)
    return [1000 * float(best) for best in np.min(times, axis=0)]


def test_the_context_costs_little(tmp_path: Path) -> None:
    """A minute of words with little silence between them, two sibilants a second."""
    words = sorted(shared_folder("corpora/voxangeles/words").glob("*.flac"))
    sounds = [sound.samples for sound in map(read_sound, words) if sound.sr == SR]
    speech = np.concatenate(sounds)[: 60 * SR]
    path = tmp_path / "speech.wav"
    soundfile.write(path, speech, SR, subtype="PCM_16")
    seconds = len(speech) / SR
    segments = [Segment(start=at, end=at + 0.1, score=1.0) for at in np.arange(0, seconds - 1, 0.5)]

    def quiet_parts() -> None:
        levels = BandCourse()
        for sound, _ in read_blocks(path):
            levels.take(sound.samples, SR)

    with threadpool_limits(1):
        heard = read_surroundings(path)
        read, quiet, whole, told = processor_ms(
            lambda: list(read_blocks(path)), quiet_parts, lambda: read_surroundings(path),
            lambda: list(contexts(heard, segments)),
        )  # fmt: skip
    cost = (whole + told - quiet) / seconds
    per_second = [f"{value / seconds:.2f}" for value in (read, quiet, whole, told)]
    print(per_second, cost)
    write_report_table(
        "context_speed", "What the context of sibilants costs",
        "python -m pytest -m bench -s tests/benchmarks/test_context_speed.py",
        ["for each second of 44.1 kHz speech", "ms of processor", "times reading"],
        [[name, value, f"{float(value) * seconds / read:.1f}"] for name, value in zip(
            ("reading", "reading and the levels of quiet parts, as before",
             "reading, levels, pitch, formants: one pass", "asking for two sibilants a second"),
            per_second, strict=True)],
        [f"{seconds:.0f} s of words (voxangeles), {np.isfinite(heard.voice.f0_hz).mean():.0%} of "
         f"the frames voiced; one thread, the shortest of {ROUNDS} turns.",
         f"Added by the context: {cost:.2f} ms a second (at most {MOST_MS_PER_S:g})."],
    )  # fmt: skip
    assert cost <= MOST_MS_PER_S


def test_an_hour_stays_small_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "hour.flac"
    minute = 0.05 * np.random.default_rng(0).standard_normal(60 * SR // 2)
    with soundfile.SoundFile(path, "w", SR // 2, 1, subtype="PCM_16") as file:
        for _ in range(60):
            file.write(minute)
    tracemalloc.start()
    heard = read_surroundings(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{most / 1e6:.0f} MB")
    assert len(heard.voice.f0_hz) == pytest.approx(3600 / 0.02, abs=2)
    assert most < 250e6
