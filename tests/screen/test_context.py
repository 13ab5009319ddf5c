"""What surrounds a sibilant, against vowels of known pitch and tube, Praat, and noise."""

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import lfilter

from acoustic_sib.audio import read_sound
from acoustic_sib.screen.context import Context, contexts, read_surroundings
from acoustic_sib.screen.noise import BandCourse
from acoustic_sib.screen.phones import sibilants_of_textgrid
from acoustic_sib.screen.records import Segment
from acoustic_sib.screen.voice import WIDEST_HZ, formant_spacing, formants, measure_voice
from tests.conftest import shared_folder, white_noise

SR = 44100
KEYS = ("f0_hz", "formant_spacing_hz", "tract_length_cm", "vowel_level_db", "noise_floor_db",
        "level_re_vowel_db")  # fmt: skip


def tube_vowel(
    f0_hz: int, spacing_hz: float, duration_s: float, sr: int = SR
) -> NDArray[np.float64]:
    """Synthetic: harmonics that fall by 6 dB an octave, through the resonances of a uniform tube,
    80 Hz wide, RMS -20 dB. One second of it, exactly periodic, is repeated."""
    hz = np.arange(sr // 2 + 1)
    source = np.where((hz % f0_hz == 0) & (hz > 0) & (hz < 0.45 * sr), 1 / np.maximum(hz, 1), 0.0)
    at = np.exp(2j * np.pi * hz / sr)
    for formant in spacing_hz * (np.arange(int(0.45 * sr / spacing_hz)) + 0.5):
        pole = np.exp((-np.pi * 80 + 2j * np.pi * formant) / sr)
        source = source / ((1 - pole / at) * (1 - pole.conj() / at))
    second = np.fft.irfft(source, sr)
    return np.resize(0.1 * second / np.sqrt(np.mean(second**2)), round(duration_s * sr))


def around(path: Path, samples: NDArray[np.float64], *spans: tuple[float, float],
           sr: int = SR) -> list[Context]:  # fmt: skip
    """The contexts of the spans as the only sibilants of a recording."""
    soundfile.write(path, samples, sr, subtype="FLOAT")
    heard = read_surroundings(path)
    return list(contexts(heard, [Segment(start=a, end=b, score=1.0) for a, b in spans]))


def known(context: Context) -> dict[str, float]:
    return {name: value for name, value in context.as_dict().items() if np.isfinite(value)}


@pytest.mark.parametrize(
    ("f0_hz", "spacing_hz", "sr"),
    [
        *((110, 1000.0, sr) for sr in (8000, 16000, 44100, 48000)),
        *((210, 1180.0, sr) for sr in (8000, 16000, 44100, 48000)),
        *((280, 1300.0, sr) for sr in (16000, 44100, 48000)),
    ],
)
def test_a_synthetic_vowel_tells_its_pitch_and_tube(
    f0_hz: int, spacing_hz: float, sr: int, tmp_path: Path
) -> None:
    vowel = tube_vowel(f0_hz, spacing_hz, 1.0, sr)
    (found,) = around(tmp_path / "a.wav", np.concatenate([vowel, white_noise(0.2, sr)]),
                      (1.0, 1.2), sr=sr)  # fmt: skip
    assert found.f0_hz == pytest.approx(f0_hz, rel=0.005)
    assert found.formant_spacing_hz == pytest.approx(spacing_hz, rel=0.04)
    assert found.tract_length_cm == pytest.approx(35_000 / (2 * spacing_hz), rel=0.04)
    assert found.vowel_level_db == pytest.approx(-20, abs=0.3)
    assert found.level_re_vowel_db == pytest.approx(20 * np.log10(0.05) + 20, abs=0.5)


def test_the_spacing_of_a_uniform_tube_is_c_over_twice_its_length() -> None:
    """17.5 cm: 500, 1500, 2500 Hz; a formant that was not found leaves it unknown."""
    rows = np.array([[500.0, 1500.0, 2500.0], [500.0, 1500.0, np.nan]])
    np.testing.assert_allclose(formant_spacing(rows), [1000.0, np.nan])


def test_formants_of_an_all_pole_spectrum_are_its_poles() -> None:
    """Five resonances below 5 kHz, lowered by the 6 dB an octave that the analysis adds."""
    hz, wide, top = np.array([400.0, 1700.0, 2400.0, 3300.0, 4200.0]), 60.0, 5000.0
    at = np.exp(1j * np.pi * np.arange(400) / 399)
    poles = np.exp((-np.pi * wide + 2j * np.pi * hz) / (2 * top))
    level = np.prod(
        np.abs(1 - poles[:, None] / at) * np.abs(1 - poles.conj()[:, None] / at), axis=0
    )
    emphasis = np.abs(1 - np.exp(-np.pi * 50 / top) / at)
    power = (1 / (level * emphasis)) ** 2
    np.testing.assert_allclose(formants(power[None], top)[0], hz[:3], rtol=0.005)


@pytest.mark.parametrize("kind", ["silence", "white", "brown"])
def test_without_vowels_nothing_is_told_of_a_speaker(kind: str, tmp_path: Path) -> None:
    samples = white_noise(20.0)
    if kind == "silence":
        samples *= 0
    if kind == "brown":
        samples = lfilter([0.02], [1.0, -0.995], samples)
    (found,) = around(tmp_path / "a.wav", samples, (10.0, 10.2))
    assert set(known(found)) == (set() if kind == "silence" else {"noise_floor_db"})


def test_the_noise_floor_is_that_of_the_quiet_parts(tmp_path: Path) -> None:
    """White noise of RMS 0.0025 beside a louder sibilant: its share in 2.5 to 11.025 kHz. The 10th
    percentile of frames of some hundred independent values lies within 1 dB of the mean."""
    samples = white_noise(10.0)
    samples[: 5 * SR] /= 20
    (found,) = around(tmp_path / "a.wav", samples, (5.0, 10.0))
    in_band_db = 20 * np.log10(0.0025) + 10 * np.log10((11025 - 2500) / (SR / 2))
    assert found.noise_floor_db == pytest.approx(in_band_db, abs=1.0)


def test_a_sibilant_is_told_alike_wherever_it_stands(tmp_path: Path) -> None:
    vowel, frication = tube_vowel(200, 1100, 0.6), white_noise(0.2)
    at_the_start = around(tmp_path / "a.wav", np.concatenate([frication, vowel]), (0.0, 0.2))
    at_the_end = around(tmp_path / "b.wav", np.concatenate([vowel, frication]), (0.6, 0.8))
    alone = around(tmp_path / "c.wav", frication, (0.0, 0.2))
    for one, other in zip(astuple(at_the_start[0])[:4], astuple(at_the_end[0])[:4], strict=True):
        assert one == pytest.approx(other, rel=0.02)
    assert known(alone[0]) == {}


def test_a_span_beyond_the_recording_is_unknown_in_level_only(tmp_path: Path) -> None:
    (found,) = around(tmp_path / "a.wav", tube_vowel(120, 1000, 1.0), (5.0, 5.1))
    assert found.f0_hz == pytest.approx(120, rel=0.005)
    assert np.isnan(found.level_re_vowel_db)


def test_only_the_surroundings_count(tmp_path: Path) -> None:
    """A man's vowels for a minute, then a child's: each sibilant has its own speaker's."""
    man, child, frication = tube_vowel(100, 980, 60.0), tube_vowel(280, 1300, 60.0), white_noise()
    samples = np.concatenate([frication, man, child, frication])
    first, last = around(tmp_path / "a.wav", samples, (0.0, 0.2), (120.2, 120.4))
    assert (first.f0_hz, last.f0_hz) == pytest.approx((100, 280), rel=0.005)


def test_sibilants_are_no_part_of_their_surroundings(tmp_path: Path) -> None:
    """What lies inside other sibilants, a strong voice here, is left out."""
    samples = np.concatenate(
        [tube_vowel(120, 1000, 1.0), white_noise(), 5 * tube_vowel(250, 1300, 1)]
    )
    (found, _) = around(tmp_path / "a.wav", samples, (1.0, 1.2), (1.2, 2.2))
    assert found.f0_hz == pytest.approx(120, rel=0.005)
    assert found.vowel_level_db == pytest.approx(-20, abs=0.3)


def test_a_dead_channel_changes_nothing(tmp_path: Path) -> None:
    samples = np.concatenate([tube_vowel(120, 1000, 1.0), white_noise()])
    one = around(tmp_path / "a.wav", samples, (1.0, 1.2))
    two = around(tmp_path / "b.wav", np.column_stack([samples, 0 * samples]), (1.0, 1.2))
    assert astuple(one[0]) == pytest.approx(astuple(two[0]), nan_ok=True)


def test_pieces_make_a_whole(tmp_path: Path) -> None:
    """70 s are read in three pieces: no frame is lost or moved where they meet."""
    samples = np.tile(tube_vowel(150, 1000, 7.0), 10) * np.linspace(0.3, 1, 70 * SR)
    soundfile.write(tmp_path / "a.wav", samples, SR, subtype="DOUBLE")
    heard, whole, levels = (
        read_surroundings(tmp_path / "a.wav"),
        measure_voice(samples, SR),
        BandCourse(),
    )
    levels.take(samples, SR)
    np.testing.assert_allclose(heard.voice.level_db, whole.level_db)
    np.testing.assert_allclose(heard.voice.f0_hz, whole.f0_hz)
    np.testing.assert_allclose(heard.course.levels_db, levels.course().levels_db)


def praat(path: Path, spans: tuple[Segment, ...]) -> tuple[float, float]:
    """Median pitch and formant spacing of Praat's voiced frames within 20 dB of the loud ones,
    sibilants left out; of five formants below 5 kHz the lowest three of those narrow enough."""
    import parselmouth

    sound = read_sound(path)
    heard = parselmouth.Sound(sound.samples, sampling_frequency=sound.sr)
    pitch = heard.to_pitch_ac(time_step=0.01, pitch_floor=75, pitch_ceiling=500)
    f0, times = pitch.selected_array["frequency"], pitch.xs()
    free = np.all([(times < one.start - 0.03) | (times > one.end + 0.03) for one in spans]
                  or [np.full(len(times), True)], axis=0)  # fmt: skip
    loudness = heard.to_intensity(100, 0.01)
    level = np.array([loudness.get_value(time) for time in times])
    vowels = (f0 > 0) & free & np.isfinite(level)
    if vowels.sum() < 10:
        return float("nan"), float("nan")
    vowels &= level >= np.percentile(level[vowels], 95) - 20
    tracks = heard.to_formant_burg(0.01, 5, 5000, 0.025, 50)
    spacing = []
    for time in times[vowels]:
        found = [tracks.get_value_at_time(number, time) for number in range(1, 6)
                 if tracks.get_bandwidth_at_time(number, time) < WIDEST_HZ]  # fmt: skip
        if len(found) >= 3:
            spacing.append(found[:3])
    return float(np.median(f0[vowels])), float(np.median(formant_spacing(np.array(spacing))))


@pytest.mark.parametrize(
    ("folder", "every"), [("speechocean/utterances", 3), ("voxangeles/words", 5)]
)
def test_pitch_and_spacing_are_those_of_praat(folder: str, every: int) -> None:
    """Medians of a recording: half of them within 1.5 %, 85 in 100 within 6 % (octaves apart
    included)."""
    apart = []
    for path in sorted(shared_folder(f"corpora/{folder}").glob("*.flac"))[::every]:
        spans = sibilants_of_textgrid(path, path.with_suffix(".TextGrid")).segments
        heard = read_surroundings(path)
        end = len(heard.power) * heard.block_s
        found = next(contexts(heard, spans or [Segment(start=end, end=end + 0.1, score=1.0)]))
        apart.append(np.array([found.f0_hz, found.formant_spacing_hz]) / praat(path, spans) - 1)
    measured = np.abs(np.array(apart))
    measured = measured[np.isfinite(measured).all(axis=1)]
    assert len(measured) >= 0.8 * len(apart)
    assert (np.median(measured, axis=0) < 0.015).all()
    assert (np.percentile(measured, 85, axis=0) < 0.06).all()


def test_predict_tells_the_context_of_each_sibilant(tmp_path: Path) -> None:
    import json

    from acoustic_sib.screen.outputs import json_lines
    from acoustic_sib.screen.predict import screen_file, whole_file
    from acoustic_sib.screen.records import Found
    from tests.screen.stand_in import StandIn, written

    samples = np.concatenate([tube_vowel(120, 1000, 1.0), 0.5 * white_noise(), np.zeros(SR)])
    path = written(tmp_path / "a.wav", samples)
    spans = ((1.0, 1.2), (1.5, 1.7))
    segments = tuple(Segment(start=start, end=end, score=1.0) for start, end in spans)
    found = Found(file=path, sr=SR, duration_s=2.2, bandwidth_hz=22050.0, segments=segments)
    lines = json_lines([screen_file(path, StandIn(), find=lambda _: found)]).splitlines()
    assessed, silent = map(json.loads, lines)
    assert tuple(assessed["context"]) == tuple(silent["context"]) == KEYS
    assert assessed["context"]["f0_hz"] == pytest.approx(120, rel=0.005)
    assert assessed["context"]["level_re_vowel_db"] == pytest.approx(-12, abs=0.5)
    assert not silent["assessable"]
    assert silent["context"]["tract_length_cm"] == pytest.approx(17.5, rel=0.04)
    assert silent["context"]["level_re_vowel_db"] is None
    (whole,) = json_lines([screen_file(path, StandIn(), find=whole_file)]).splitlines()
    assert json.loads(whole)["context"] == dict.fromkeys(KEYS)
