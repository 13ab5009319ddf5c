"""The gate's own measures, on sounds whose answer is known: noise floors and tones."""

import numpy as np
import pytest

from acoustic_sib.screen.gate import (
    LEAST_ABOVE_FLOOR_DB,
    MOST_IN_LINES,
    in_lines,
    noise_refusal,
)
from acoustic_sib.screen.noise import (
    AROUND_S,
    FEWEST_FRAMES,
    BandCourse,
    Course,
    above_floor_db,
)
from acoustic_sib.screen.records import Segment
from tests.conftest import white_noise
from tests.screen.bad_sounds import SR, music, tone

STEP_S = 0.02


def segment(start: float, end: float) -> Segment:
    return Segment(start=start, end=end, score=1.0)


def rise(levels_db: np.ndarray, *segments: Segment) -> list[float]:
    return list(above_floor_db(Course(levels_db=levels_db, step_s=STEP_S), segments))


def test_the_rise_over_steady_noise_is_that_of_the_levels() -> None:
    levels = np.full(200, -60.0)
    levels[100:105] = -48.0
    assert rise(levels, segment(2.0, 2.1)) == pytest.approx([12.0])


def test_frames_at_the_edges_of_a_sibilant_are_neither_its_own_nor_the_floor() -> None:
    levels = np.full(200, -60.0)
    levels[100:105] = -48.0
    levels[99] = -90.0
    assert rise(levels, segment(2.0, 2.1)) == pytest.approx([12.0])


def test_speech_without_pauses_has_no_floor() -> None:
    """Levels that roam between -70 and -40 dB: a weak sibilant at -66 dB is no noise."""
    levels = np.linspace(-70, -40, 200)
    levels[100:105] = -66.0
    assert np.isnan(rise(levels, segment(2.0, 2.1))).all()
    assert noise_refusal(float("nan"), "en") == ""


def test_padding_and_other_sibilants_are_no_floor() -> None:
    levels = np.full(200, -150.0)
    levels[100:105] = -50.0
    assert np.isnan(rise(levels, segment(2.0, 2.1))).all()
    levels[120 : 120 + FEWEST_FRAMES] = -60.0
    assert rise(levels, segment(2.0, 2.1)) == pytest.approx([10.0])
    other = segment(2.4, 2.4 + FEWEST_FRAMES * STEP_S)
    assert np.isnan(rise(levels, segment(2.0, 2.1), other)[0])


def test_the_floor_is_that_of_the_seconds_around() -> None:
    """A fan that is switched off: noise at -50 dB, then at -70 dB."""
    n = round(2 * AROUND_S / STEP_S)
    levels = np.concatenate([np.full(2 * n, -50.0), np.full(2 * n, -70.0)])
    early, late = round(0.5 * n), round(3.5 * n)
    for at in (early, late):
        levels[at : at + 5] = -40.0
    spans = [segment(at * STEP_S, (at + 5) * STEP_S) for at in (early, late)]
    assert rise(levels, *spans) == pytest.approx([10.0, 30.0])


@pytest.mark.parametrize("snr_db", [0.0, 3.0, 10.0, 20.0])
@pytest.mark.parametrize("sr", [8000, 16000, 44100, 96000])
def test_noise_of_known_level_under_a_sibilant(snr_db: float, sr: int) -> None:
    """10 log10 (1 + SNR); the second percentile of noise levels lies up to 2.5 dB below their mean,
    most at 8 kHz, where the band is narrowest."""
    noise = white_noise(4.0, sr, seed=1)
    first, last = round(2 * sr), round(2.2 * sr)
    noise[first:last] += 10 ** (snr_db / 20) * white_noise(4.0, sr, seed=2)[first:last]
    course = BandCourse()
    for piece in np.array_split(noise, [5000, 5001, 30000]):
        course.take(piece, sr)
    (found,) = above_floor_db(course.course(), [segment(2.0, 2.2)])
    expected = 10 * np.log10(1 + 10 ** (snr_db / 10))
    assert expected - 0.3 <= found <= expected + 2.5
    assert bool(noise_refusal(found, "en")) == (snr_db <= 3.0)


def test_the_number_told_is_below_the_one_asked_for() -> None:
    assert noise_refusal(LEAST_ABOVE_FLOOR_DB - 0.01, "en").startswith("too noisy: 6 dB above")
    assert noise_refusal(LEAST_ABOVE_FLOOR_DB, "en") == ""


@pytest.mark.parametrize("duration_s", [0.03, 0.1, 0.3, 2.0])
@pytest.mark.parametrize("sr", [16000, 44100])
def test_noise_has_no_lines_and_a_tone_is_one(duration_s: float, sr: int) -> None:
    assert in_lines(white_noise(duration_s, sr), sr) < 0.01
    assert in_lines(tone(5317, max(duration_s, 0.1), sr), sr) > 0.99


def test_a_tone_in_noise_of_its_own_strength_is_half_in_lines() -> None:
    tones, noise = tone(5317, 0.4), white_noise(0.4)
    # A tone of amplitude 0.2 has a power of 0.02; the noise shall have as much above 2 kHz.
    wanted = np.sqrt(0.02 / (1 - 2000 / (SR / 2)))
    assert in_lines(tones + wanted * noise / 0.05, SR) == pytest.approx(0.5, abs=0.03)


def test_a_chord_is_no_frication() -> None:
    """One chord held for 0.4 s: its partials are not harmonics of one another."""
    assert in_lines(music(0.5, drums=False)[round(0.05 * SR) :], SR) > MOST_IN_LINES


def test_too_few_bins_tell_nothing() -> None:
    assert in_lines(tone(3000, 0.1, 4000), 4000) == 0.0
    assert in_lines(np.zeros(4410), SR) == 0.0
