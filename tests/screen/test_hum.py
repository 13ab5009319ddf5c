"""Mains hum, clipping and steady noise, told from voices and frication: sounds known by
construction."""

import numpy as np
import pytest

from acoustic_sib.screen import gate
from acoustic_sib.screen.hum import hum_share
from acoustic_sib.screen.steady import SHORTEST_S, unsteadiness
from acoustic_sib.screen.wording import TABLES
from tests.conftest import white_noise
from tests.screen.bad_sounds import hum, seconds, tone


def fricative(duration_s: float, sr: int, seed: int = 0) -> np.ndarray:
    """Noise that rises by 12 dB an octave up to 3 kHz and is flat above, waxing and waning."""
    n = round(duration_s * sr)
    spectrum = np.fft.rfft(white_noise(duration_s, sr, seed))
    freqs = np.fft.rfftfreq(n, 1 / sr)
    made = np.fft.irfft(spectrum * np.minimum(freqs / 3000, 1) ** 2, n)
    return made * (0.1 + np.sin(np.pi * np.arange(n) / n))


def at_level(sound: np.ndarray, above_db: float, reference: np.ndarray) -> np.ndarray:
    return sound * np.sqrt(np.mean(reference**2) / np.mean(sound**2)) * 10 ** (above_db / 20)


def voice(hz: float, duration_s: float, sr: int) -> np.ndarray:
    t = seconds(duration_s, sr)
    return np.sum([np.cos(2 * np.pi * hz * k * t + k) / k for k in range(1, int(3000 / hz) + 1)], 0)


def refused(clip: np.ndarray, sr: int) -> str:
    share, _ = gate.frication(clip, sr)
    return "hum" if gate.hum_db(clip, sr, share) > gate.MOST_HUM_DB else ""


@pytest.mark.parametrize("sr", [16000, 44100])
@pytest.mark.parametrize("n", [1, 5, 60])
@pytest.mark.parametrize("mains", [49.9, 50.0, 60.0, 60.1])
def test_hum_is_heard_and_its_level_told(mains: float, n: int, sr: int) -> None:
    for duration_s in (0.06, 0.1, 0.3):
        clip = fricative(duration_s, sr)
        mixed = clip + at_level(hum(mains, duration_s, sr, n), 10, clip)
        share, _ = gate.frication(mixed, sr)
        assert 3 < gate.hum_db(mixed, sr, share) < 11
        assert not refused(clip + at_level(hum(mains, duration_s, sr, n), -10, clip), sr)


@pytest.mark.parametrize("duration_s", [0.05, 0.08, 0.12, 0.3])
@pytest.mark.parametrize("hz", [75, 80, 90, 100, 110, 120, 125, 150, 180, 200, 240, 250, 300, 350,
                                360, 400])  # fmt: skip
def test_a_voice_is_no_hum_not_even_one_on_its_harmonics(hz: float, duration_s: float) -> None:
    for sr in (16000, 44100):
        clip = fricative(duration_s, sr)
        for above_db in (0, 10, 20):
            mixed = clip + at_level(voice(hz, duration_s, sr), above_db, clip)
            assert hum_share(mixed - mixed.mean(), sr) == 0.0


def test_a_clip_of_less_than_a_period_and_a_half_tells_no_hum() -> None:
    assert hum_share(hum(50, 0.028, 16000), 16000) == 0.0
    assert hum_share(np.zeros(4410), 44100) == 0.0


@pytest.mark.parametrize("sr", [16000, 44100])
@pytest.mark.parametrize("hz", [500.0, 6500.0])
def test_clipping_is_found_as_well_in_high_sounds_as_in_low_ones(hz: float, sr: int) -> None:
    """A twentieth of the samples cut down: in a high sound no two of them are neighbours."""
    n = round(0.2 * sr)
    freqs = np.fft.rfftfreq(n, 1 / sr)
    spectrum = np.fft.rfft(white_noise(0.2, sr)) * np.exp(-(((freqs - hz) / 400) ** 2))
    sound = np.fft.irfft(spectrum, n)
    assert gate.extreme_share(sound / np.abs(sound).max()) < 0.005
    limit = np.quantile(np.abs(sound), 0.95)
    assert gate.extreme_share(np.clip(sound / limit, -1, 1)) == pytest.approx(0.05, abs=0.003)
    assert gate.extreme_share(0.09 * np.clip(sound / limit, -1, 1)) == 0.0


def test_extremes_of_one_side_and_of_nothing() -> None:
    sound = white_noise(0.2)
    top = np.quantile(sound, 0.9)
    assert gate.extreme_share(np.minimum(sound / top, 1.0)) == pytest.approx(0.1, abs=0.002)
    assert gate.extreme_share(np.full(100, 0.5)) == 0.0


@pytest.mark.parametrize("sr", [16000, 44100])
def test_steady_noise_is_as_unsteady_as_theory_says(sr: int) -> None:
    """On the average over seeds the variance of levels is that of Gaussian noise; the variance of
    the logarithm exceeds it by a few hundredths."""
    found = [unsteadiness(white_noise(0.35, sr, seed), sr) for seed in range(60)]
    assert np.mean(found) == pytest.approx(1.0, abs=0.1)
    waxing = [unsteadiness(fricative(0.35, sr, seed), sr) for seed in range(20)]
    assert min(waxing) > 10


def test_too_short_or_silent_a_clip_is_not_called_steady() -> None:
    assert np.isnan(unsteadiness(white_noise(SHORTEST_S - 0.01), 44100))
    assert np.isnan(unsteadiness(np.zeros(44100), 44100))
    assert gate.steady_refusal(white_noise(SHORTEST_S - 0.01), 44100, "en") == ""
    assert np.isnan(unsteadiness(tone(100, 0.2, 900), 900))


@pytest.mark.parametrize("language", TABLES)
def test_the_reasons_in_each_language(language: str) -> None:
    assert gate.steady_refusal(white_noise(0.3), 44100, language)
    clip = fricative(0.2, 44100)
    mixed = 0.2 * (clip + at_level(hum(50, 0.2, n=3), 10, clip))
    quality = {"duration_s": 0.2, "level_db": -30.0, "peak_db": -10.0}
    assert "+" in gate.refusal(quality, mixed, 44100, language)
