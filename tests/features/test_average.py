"""The average spectrum as a shape: levels known from theory, the same for every loudness."""

from itertools import pairwise

import numpy as np
import pytest

from acoustic_sib.features import Recipe, Spectra
from acoustic_sib.features.average import STEP_HZ, average_levels_db, band_centres_hz
from tests.conftest import white_noise

RECIPE = Recipe(high_hz=11025.0, families=("multitaper",))


def levels(samples: np.ndarray, sr: int = 44100, recipe: Recipe = RECIPE) -> np.ndarray:
    return average_levels_db(Spectra(samples, sr, recipe))


def test_the_grid_lies_between_the_ends_of_the_measured_band() -> None:
    centres = band_centres_hz(RECIPE)
    assert (centres[0], centres[-1]) == (650.0, 10850.0)
    assert np.diff(centres) == pytest.approx(STEP_HZ)
    assert len(band_centres_hz(Recipe(high_hz=1000.0, low_hz=900.0))) == 0


def test_white_noise_is_flat_and_a_filtered_half_lies_20_db_lower() -> None:
    noise = white_noise(2.0)
    flat = levels(noise)
    assert flat.mean() == pytest.approx(0, abs=1e-9)
    assert np.abs(flat).max() < 2
    spectrum = np.fft.rfft(noise)
    above = np.fft.rfftfreq(len(noise), 1 / 44100) >= 5750
    tilted = levels(np.fft.irfft(np.where(above, 0.1, 1) * spectrum, len(noise)))
    half = band_centres_hz(RECIPE) > 5750
    assert tilted[~half].mean() - tilted[half].mean() == pytest.approx(20, abs=0.5)


def test_a_tone_is_highest_in_its_own_band() -> None:
    tone = np.sin(2 * np.pi * 5100 * np.arange(8820) / 44100)
    found = levels(tone + 1e-4 * white_noise())
    assert abs(band_centres_hz(RECIPE)[found.argmax()] - 5100) <= STEP_HZ / 2


def test_loudness_changes_nothing() -> None:
    assert levels(10 * white_noise()) == pytest.approx(levels(white_noise()), abs=1e-9)


def test_the_levels_are_the_multitaper_s_own() -> None:
    """Counted again bin by bin, from the spectrum that the families measure."""
    spectra = Spectra(white_noise(), 44100, RECIPE)
    spectrum = spectra.multitaper
    assert spectrum is not None
    below = [spectrum.freqs < edge for edge in (*(band_centres_hz(RECIPE) - 100), 10950)]
    band_db = [
        10 * np.log10(spectrum.power[upper & ~lower].mean())
        for lower, upper in pairwise(below)
    ]  # fmt: skip
    assert average_levels_db(spectra) == pytest.approx(band_db - np.mean(band_db), abs=1e-9)


def test_what_cannot_be_measured_is_nan() -> None:
    narrow = levels(white_noise(sr=16000), 16000)
    reached = band_centres_hz(RECIPE) + STEP_HZ / 2 <= 8000
    assert np.isfinite(narrow[reached]).all()
    assert np.isnan(narrow[~reached]).all()
    assert np.isnan(levels(white_noise(0.010))).all()
    assert np.isnan(levels(np.zeros(8820))).all()
