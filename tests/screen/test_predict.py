"""Judging: what is no frication gets no class, the rest gets the model's answer."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from acoustic_sib.screen import predict
from acoustic_sib.screen.predict import screen_file, whole_file
from acoustic_sib.screen.records import Found, Judged, Screened, Segment
from tests.conftest import waxing_noise, white_noise
from tests.screen.stand_in import NoLimits, StandIn, written

SR = 44100


def screened(path: Path, model: StandIn | None = None) -> Screened:
    return screen_file(path, model or StandIn(), find=whole_file)


def judged(path: Path, model: StandIn | None = None) -> Judged:
    (only,) = screened(path, model).sibilants
    return only


def harmonics(f0: float, n: int, duration_s: float = 0.2) -> np.ndarray:
    t = np.arange(round(duration_s * SR)) / SR
    return 0.2 * sum(np.sin(2 * np.pi * f0 * k * t) / k for k in range(1, n + 1))


NOT_FRICATION = {
    "silence": (np.zeros(SR // 5), "silent"),
    "faint dither": (1e-6 * white_noise() / 0.05, "silent"),
    "5 ms": (white_noise(0.005), "5 ms long"),
    "tone of 1 kHz": (harmonics(1000, 1), "periodic"),
    "tone of 7.9 kHz": (harmonics(7919, 1), "periodic"),
    "short tone": (harmonics(3000, 1, 0.03), "periodic"),
    "pure hum": (harmonics(50, 1), "hardly any energy above"),
    "hum of 50 Hz with overtones": (harmonics(50, 60), "periodic"),
    "hum of 60 Hz with overtones": (harmonics(60, 60), "periodic"),
    "hum over noise": (white_noise() * np.linspace(0, 1, SR // 5) + harmonics(50, 9), "mains hum"),
    "steady noise": (white_noise(), "as steady as noise"),
    "clipped noise": (np.clip(10 * white_noise(), -0.5, 0.5), "clipped"),
}


@pytest.mark.parametrize("name", NOT_FRICATION)
def test_what_is_no_frication_gets_no_class_but_a_reason(name: str, tmp_path: Path) -> None:
    samples, reason = NOT_FRICATION[name]
    found = judged(written(tmp_path / "clip.wav", samples))
    assert not found.assessable
    assert reason in found.reason
    assert found.predicted is None
    assert found.classes == ()
    assert found.probabilities == {}


@pytest.mark.parametrize("duration_s", [0.03, 0.2, 2.0])
def test_noise_gets_the_answer_of_the_model(duration_s: float, tmp_path: Path) -> None:
    found = judged(written(tmp_path / "clip.wav", waxing_noise(duration_s)))
    assert found.assessable
    assert found.predicted == "Lateral"
    assert found.classes == ("Lateral",)
    assert found.probabilities == {"Interdental": 0.1, "Lateral": 0.8, "Normal": 0.1}
    # White noise has a quarter of 0.5-8 kHz in the 2.5-4.5 kHz: 2000 / 7500.
    assert found.measures["multitaper.share_2500_4500.multitaper"] == pytest.approx(4 / 15, abs=0.1)
    assert found.why.startswith("More energy at 2.5-4.5 kHz than the Normal speakers")


def test_steady_noise_of_a_recording_is_asked_of_the_model(tmp_path: Path) -> None:
    """What lies around tells there whether it is noise: as a sibilant in silence it is none."""
    path = written(tmp_path / "a.wav", np.concatenate([np.zeros(SR), white_noise(), np.zeros(SR)]))
    segment = Segment(start=1.0, end=1.2, score=1.0, origin="textgrid")
    found = Found(file=path, sr=SR, duration_s=2.2, bandwidth_hz=2e4, segments=(segment,))
    (only,) = screen_file(path, StandIn(), find=lambda _: found).sibilants
    assert only.assessable


def test_the_gate_lets_the_synthetic_sibilants_through(tmp_path: Path) -> None:
    from acoustic_sib.corpus.synth import make_demo_corpus

    counts = {"Normal": 20, "Lateral": 20, "Interdental": 20}
    make_demo_corpus(tmp_path, counts=counts, n_speakers=12)
    files = sorted(tmp_path.rglob("*.wav"))
    refused = [one.reason for one in map(judged, files) if not one.assessable]
    assert len(files) == 60
    assert refused == []


def test_the_limits_of_the_model_refuse_too(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.wav", white_noise())
    found = judged(path, StandIn(limits=NoLimits(reason="band-limited to 3 kHz")))
    assert (found.assessable, found.reason) == (False, "band-limited to 3 kHz")


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg"])
def test_what_is_too_long_is_refused_by_its_header(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 s, of which the first piece of 30 s alone is read; 10 s are read whole, and judged."""
    limits = NoLimits(longest_s=20.0)
    for duration_s in (100.0, 10.0):
        with soundfile.SoundFile(tmp_path / f"{duration_s:.0f}.{ending}", "w", SR, 1) as file:
            # In pieces: libsndfile crashes on a long Vorbis file that is written at once.
            for piece in np.split(waxing_noise(duration_s), round(duration_s)):
                file.write(piece)

    def find(path: Path) -> Found:
        return whole_file(path, limits=limits)

    model = StandIn(limits=limits)
    (short,) = screen_file(tmp_path / f"10.{ending}", model, find=find).sibilants
    assert short.assessable
    monkeypatch.setattr(predict, "read_sound", lambda *_, **__: pytest.fail("read whole"))
    (long,) = screen_file(tmp_path / f"100.{ending}", model, find=find).sibilants
    assert (long.assessable, long.reason) == (False, "100 s")
    assert long.segment.end == pytest.approx(100.0, abs=0.2)


def test_missing_measures_are_no_evidence(tmp_path: Path) -> None:
    """Nothing above 4 kHz at 8 kHz sampling: of these measures none can be taken."""
    columns = ("multitaper.share_above_6000.multitaper", "multitaper.share_above_8000.multitaper")
    path = written(tmp_path / "clip.wav", white_noise(sr=8000), 8000)
    found = judged(path, StandIn(columns=columns))
    assert not found.assessable
    assert found.reason == "2 of 2 measures cannot be taken"


def test_each_segment_is_read_on_its_own(tmp_path: Path) -> None:
    """Noise stands at 0.2-0.4 s between silences; a span beyond the end is told, not raised."""
    path = written(tmp_path / "a.wav", np.concatenate([np.zeros(8820), white_noise(), np.zeros(9)]))
    spans = ((0.0, 0.2), (0.2, 0.4), (5.0, 5.1))
    segments = tuple(Segment(start=a, end=b, score=1.0) for a, b in spans)
    found = Found(file=path, sr=SR, duration_s=0.4, bandwidth_hz=2e4, segments=segments)
    result = screen_file(path, StandIn(), find=lambda _: found)
    assert [one.assessable for one in result.sibilants] == [False, True, False]
    assert [one.segment for one in result.sibilants] == list(segments)


def test_what_only_a_prompt_brought_says_so_before_its_class(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", white_noise())
    forced = Segment(start=0.0, end=0.2, score=0.4, origin="expected")
    found = Found(file=path, sr=SR, duration_s=0.2, bandwidth_hz=2e4, segments=(forced,))
    (only,) = screen_file(path, StandIn(), find=lambda _: found).sibilants
    assert only.predicted == "Lateral"
    assert only.why.startswith("Found only because the prompt is said to hold it. More energy")


def test_a_clip_unlike_those_trained_on_is_said_to_be_uncertain(tmp_path: Path) -> None:
    class Strange(StandIn):
        def unlike(self, values: np.ndarray, language: str = "en") -> list[str]:
            return ["twice the limit"] * len(values)

    found = judged(written(tmp_path / "clip.wav", waxing_noise()), Strange())
    assert found.classes == ("Lateral",)
    assert found.why.startswith("Uncertain: the sound is unlike those")
    assert found.why.endswith("that speaks most for Lateral.")


@pytest.mark.parametrize(("content", "says"), [(b"", "empty file"), (b"no sound", "not readable")])
def test_what_is_no_sound_file_is_a_failure(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    result = screened(path)
    assert says in result.failure
    assert result.sibilants == ()


def test_a_recording_without_sibilants_is_not_read_again(tmp_path: Path) -> None:
    gone = tmp_path / "gone.wav"
    found = Found(file=gone, sr=SR, duration_s=3600.0, bandwidth_hz=2e4, segments=())
    result = screen_file(gone, StandIn(), find=lambda _: found)
    assert (result.failure, result.sibilants) == ("", ())
