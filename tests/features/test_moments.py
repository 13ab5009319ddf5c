"""Spectral moments against Praat, the published gold tables, and theory."""

import numpy as np
import pandas as pd
import parselmouth
import pytest

from acoustic_sib import features
from acoustic_sib.audio import read_sound
from acoustic_sib.features.moments import spectral_moments
from tests.conftest import shared_folder, white_noise
from tests.features.sounds import impulse, tone

GOLD_CLIPS = ("phonlab_fricatives/clips", "altamimi")


def praats_moments(spectrum: parselmouth.Spectrum) -> list[float]:
    return [
        spectrum.get_centre_of_gravity(2.0),
        spectrum.get_standard_deviation(2.0),
        spectrum.get_skewness(2.0),
        spectrum.get_kurtosis(2.0),
    ]


def as_praat_spectrum(power: np.ndarray, highest_hz: float) -> parselmouth.Spectrum:
    """A Praat Spectrum object with these powers, all in its real parts."""
    spectrum = parselmouth.Sound(
        np.ones(2 * (len(power) - 1)), sampling_frequency=2 * highest_hz
    ).to_spectrum(fast=False)
    assert spectrum.n_bins == len(power)
    for number, value in enumerate(np.sqrt(power), start=1):
        spectrum.set_real_value_in_bin(number, value)
        spectrum.set_imaginary_value_in_bin(number, 0.0)
    return spectrum


def sounds() -> dict[str, tuple[np.ndarray, int]]:
    return {
        "noise": (white_noise(0.2), 44100),
        "low noise": (np.cumsum(white_noise(0.2)), 44100),
        "tone": (tone(5000.0), 44100),
        "tones": (tone(3000.0) + 0.1 * tone(9000.0), 44100),
        "16 kHz": (white_noise(0.2, sr=16000), 16000),
    }


@pytest.mark.parametrize("name", sounds())
def test_moments_equal_praats_on_the_same_spectrum(name):
    samples, sr = sounds()[name]
    spectra = features.Spectra(samples, sr, features.Recipe(high_hz=sr / 2))
    frame = spectra.frames
    ours = spectral_moments(frame.power, frame.freqs)
    for row in range(0, len(frame.power), 5):
        theirs = praats_moments(as_praat_spectrum(frame.power[row], sr / 2))
        # The skewness of a symmetric spectrum is a difference that nears 0: hence the small term.
        np.testing.assert_allclose(ours[row], theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("folder", GOLD_CLIPS)
def test_moments_equal_praats_on_the_gold_recordings(folder):
    for file in sorted(shared_folder(f"gold/{folder}").glob("*.wav")):
        sound = read_sound(file)
        frames = features.Spectra(
            sound.samples, sound.sr, features.Recipe(high_hz=sound.sr / 2)
        ).frames
        ours = spectral_moments(frames.power, frames.freqs)
        for row in range(0, len(frames.power), 8):
            theirs = praats_moments(as_praat_spectrum(frames.power[row], sound.sr / 2))
            np.testing.assert_allclose(ours[row], theirs, rtol=1e-9, atol=1e-12)


def moments_of_praat_spectrum(spectrum: parselmouth.Spectrum) -> np.ndarray:
    return spectral_moments((spectrum.as_array() ** 2).sum(axis=0), np.asarray(spectrum.xs()))


def kaiser_span(file: object, start: float, end: float) -> parselmouth.Spectrum:
    shape = parselmouth.WindowShape.KAISER1
    return parselmouth.Sound(str(file)).extract_part(start, end, shape, 1.0, False).to_spectrum()


def test_the_moments_published_by_altamimi_are_reproduced():
    folder = shared_folder("gold/altamimi")
    for row in pd.read_csv(folder / "gold_moments.csv").itertuples():
        spectrum = kaiser_span(folder / row.file_name, row.start, row.end).cepstral_smoothing(
            1000.0
        )
        published = [row.cog, row.sdev, row.skew, row.kurt]
        np.testing.assert_allclose(moments_of_praat_spectrum(spectrum), published, rtol=1e-9)


@pytest.mark.parametrize("span", ["mid", "whole80"])
def test_the_moments_phonlab_measured_with_praat_are_reproduced(span):
    folder = shared_folder("gold/phonlab_fricatives")
    for row in pd.read_csv(folder / "praat_reference.csv").itertuples():
        file = folder / row.file_name
        duration = parselmouth.Sound(str(file)).duration
        edges = {
            "mid": (duration / 2 - 0.0128, duration / 2 + 0.0128),
            "whole80": (0.1 * duration, 0.9 * duration),
        }
        spectrum = kaiser_span(file, *edges[span])
        measured = [getattr(row, f"praat_{span}_{name}") for name in ("cog", "sd", "skew", "kurt")]
        np.testing.assert_allclose(moments_of_praat_spectrum(spectrum), measured, rtol=1e-9)


def test_a_flat_spectrum_has_its_moments_in_the_middle_of_the_band():
    """Discrete uniform distribution of n points: SD step * sqrt((n² - 1) / 12), excess kurtosis
    -1.2 (n² + 1) / (n² - 1)."""
    freqs = 550 + 50.0 * np.arange(200)
    n = len(freqs)
    expected = [freqs.mean(), 50 * np.sqrt((n**2 - 1) / 12), 0, -1.2 * (n**2 + 1) / (n**2 - 1)]
    np.testing.assert_allclose(spectral_moments(np.full(n, 3.0), freqs), expected, atol=1e-9)


def test_a_flat_clip_has_the_band_centres():
    columns = features.measure(
        impulse(), 44100, features.Recipe(high_hz=11025.0, families=("moments", "multitaper"))
    )
    step_hz = 44100 / 1024
    assert columns["moments.cog_hz.frames_mean"] == pytest.approx((550 + 11025) / 2, abs=step_hz)
    assert columns["moments.highpassed_cog_hz.frames_mean"] == pytest.approx(
        (1000 + 11025) / 2, abs=step_hz
    )
    assert columns["multitaper.cog_hz.multitaper"] == pytest.approx((550 + 11025) / 2, abs=50)
    for name in ("moments.kurtosis.frames_mean", "multitaper.kurtosis.multitaper"):
        assert columns[name] == pytest.approx(-1.2, abs=0.001)
    assert columns["moments.cog_hz.frames_sd"] == pytest.approx(0, abs=1e-6)


def test_white_noise_has_excess_kurtosis_minus_1_2():
    columns = features.measure(
        white_noise(0.9), 44100, features.Recipe(high_hz=11025.0, families=("multitaper",))
    )
    # 0.4 s of a 10.5 kHz band hold some 4000 independent values: two standard errors.
    assert columns["multitaper.kurtosis.multitaper"] == pytest.approx(-1.2, abs=0.07)
    assert columns["multitaper.skewness.multitaper"] == pytest.approx(0, abs=0.06)


def test_the_highpassed_moments_are_those_of_the_band_above():
    samples = white_noise(0.1)
    with_highpass = features.measure(
        samples, 44100, features.Recipe(high_hz=11025.0, families=("moments",))
    )
    from_1000 = features.measure(
        samples, 44100, features.Recipe(high_hz=11025.0, low_hz=1000.0, families=("moments",))
    )
    for name in ("cog_hz", "sd_hz", "skewness", "kurtosis"):
        assert with_highpass[f"moments.highpassed_{name}.frames_mean"] == pytest.approx(
            from_1000[f"moments.{name}.frames_mean"], rel=1e-9
        )


def test_the_centre_of_gravity_of_a_glide_rises_at_its_rate():
    """A linear sweep from 3 to 7 kHz in 0.4 s: 10 kHz/s."""
    times = np.arange(round(0.4 * 44100)) / 44100
    sweep = np.sin(2 * np.pi * (3000 * times + 0.5 * 10000 * times**2))
    columns = features.measure(
        sweep, 44100, features.Recipe(high_hz=11025.0, families=("moments",))
    )
    assert columns["moments.cog_hz.frames_slope"] == pytest.approx(10000, rel=0.01)
    assert columns["moments.cog_hz.frames_mean"] == pytest.approx(5000, rel=0.01)


def test_no_power_has_no_moments():
    assert np.isnan(spectral_moments(np.zeros(10), np.arange(10.0))).all()
