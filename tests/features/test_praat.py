"""Praat's measures against Praat asked directly, and against theory."""

from math import log10

import numpy as np
import pandas as pd
import parselmouth
import pytest
from parselmouth.praat import call

from acoustic_sib import features
from acoustic_sib.audio import read_sound
from acoustic_sib.features.moments import spectral_moments
from tests.conftest import shared_folder, white_noise
from tests.features.sounds import Samples, tone

GOLD = ("altamimi/01_F_sakat.wav", "altamimi/05_M_sakat.wav", "phonlab_fricatives/clips/s.wav")


def measure(samples: Samples, sr: int = 44100, **recipe: object) -> dict[str, float]:
    settings = {"high_hz": 11025.0} | recipe
    columns = features.measure(samples, sr, features.Recipe(families=("praat",), **settings))
    return {name.removeprefix("praat."): value for name, value in columns.items()}


def voiced(f0_hz: float, *, noise: float, duration_s: float = 0.3) -> Samples:
    """Ten equal harmonics with white noise, of a given share of the power."""
    harmonics = sum(tone(f0_hz * n, duration_s=duration_s, amplitude=0.1) for n in range(1, 11))
    rng = np.random.default_rng(3)
    hiss = rng.standard_normal(len(harmonics))
    hiss *= np.sqrt(noise / (1 - noise) * np.mean(harmonics**2) / np.mean(hiss**2))
    return harmonics + hiss


@pytest.mark.parametrize("name", GOLD)
def test_in_the_whole_band_the_columns_are_praats_own(name):
    sound = read_sound(shared_folder(f"gold/{name}"))
    praats = parselmouth.Sound(sound.samples, sampling_frequency=sound.sr)
    spectrum = praats.to_spectrum()
    average = call(praats, "To Ltas", 100)
    columns = measure(sound.samples, sound.sr, high_hz=sound.sr / 2, low_hz=1e-6)
    # The lower edge takes nothing but the constant part, which Praat's queries count in.
    spectrum.set_real_value_in_bin(1, 0.0)
    expected = {
        "cog_hz": spectrum.get_centre_of_gravity(2.0),
        "sd_hz": spectrum.get_standard_deviation(2.0),
        "skewness": spectrum.get_skewness(2.0),
        "kurtosis": spectrum.get_kurtosis(2.0),
        "intensity_db": praats.get_intensity(),
        "ltas_4000_6000_db": call(average, "Get mean...", 4000, 6000, "energy"),
    }
    for column, value in expected.items():
        assert columns[column] == pytest.approx(value, rel=1e-9), column


def test_moments_are_those_of_the_band_in_the_long_spectrum():
    samples = white_noise(0.2)
    columns = measure(samples, high_hz=22050.0)
    spectrum = parselmouth.Sound(samples, sampling_frequency=44100).to_spectrum()
    freqs = np.asarray(spectrum.xs())
    band = freqs >= 550
    power = (spectrum.as_array() ** 2).sum(axis=0)
    expected = spectral_moments(power[band], freqs[band])
    found = [columns[name] for name in ("cog_hz", "sd_hz", "skewness", "kurtosis")]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("hnr_db", [5.0, 15.0])
def test_hnr_of_harmonics_in_noise(hnr_db):
    """A share p of noise in the power leaves a periodicity of 1 - p: 10 log10((1 - p) / p)."""
    noise = 1 / (1 + 10 ** (hnr_db / 10))
    columns = measure(voiced(200.0, noise=noise), high_hz=22050.0)
    assert columns["voiced_share"] == 1
    assert columns["hnr_db"] == pytest.approx(hnr_db, abs=0.7)


def test_hnr_agrees_with_praats_harmonicity():
    """The same autocorrelation, with three periods in a window instead of four and a half."""
    samples = voiced(200.0, noise=0.05)
    harmonicity = parselmouth.Sound(samples, sampling_frequency=44100).to_harmonicity_ac(
        minimum_pitch=75.0, periods_per_window=4.5
    )
    values = harmonicity.as_array()
    theirs = values[values > -200].mean()
    assert measure(samples, high_hz=22050.0)["hnr_db"] == pytest.approx(theirs, abs=0.1)


def test_noise_is_unvoiced_and_has_no_harmonicity():
    columns = measure(white_noise(0.3))
    assert columns["voiced_share"] == 0
    assert np.isnan(columns["hnr_db"])


def test_the_voiced_share_counts_frames():
    samples = np.concatenate([voiced(200.0, noise=0.01), 0.2 * white_noise(0.3)])
    assert measure(samples)["voiced_share"] == pytest.approx(0.5, abs=0.08)


def test_the_pitch_floor_is_a_setting():
    """At 75 Hz three periods last 40 ms, at 150 Hz 20 ms."""
    samples = voiced(250.0, noise=0.01, duration_s=0.03)
    assert np.isnan(measure(samples)["voiced_share"])
    children = measure(samples, settings={"praat": {"pitch_floor_hz": 150.0}})
    assert children["voiced_share"] == 1


def test_intensity_is_the_level_re_20_micropascal():
    columns = measure(tone(1000.0, amplitude=0.1), high_hz=22050.0)
    assert columns["intensity_db"] == pytest.approx(10 * log10(0.005 / 4e-10), abs=1e-3)


def test_intensity_spreads_as_the_level_does():
    """A tone that fades by 100 dB/s for 0.2 s: a uniform spread of 20 dB less the ends, which the
    window of 10 ms on either side leaves out."""
    times = np.arange(8820) / 44100
    columns = measure(tone(3000.0) * 10 ** (-100 * times / 20))
    assert columns["intensity_sd_db"] == pytest.approx(18 / np.sqrt(12), rel=0.05)


def test_band_levels_of_white_noise_are_its_density():
    columns = measure(white_noise(0.7))
    expected = 10 * log10(0.05**2 / 22050 / 4e-10)
    # 0.7 s of 1.5 kHz hold some 1000 independent values: three standard errors are 0.4 dB.
    for band in ("500_2000", "2000_4000", "4000_6000", "6000_8000", "8000_11000"):
        assert columns[f"ltas_{band}_db"] == pytest.approx(expected, abs=0.4)
    assert columns["ltas_slope_db"] == pytest.approx(0, abs=0.4)


def test_phonlabs_multitaper_measures_are_met_as_far_as_the_definitions_agree():
    """phonlab measures the central 20 ms with seven tapers on a grid of 43 Hz, and weighs its
    moments with levels above the lowest, 300-11000 Hz. With those weights our multitaper spectrum
    gives its centre of gravity within 1 % and its SD within 3 %: seven tapers weighted by their
    concentration, not eight alike, and a grid of 49 Hz. Its Fm is the lowest major peak, ours the
    highest point of a range: asked in a range around it, ours lies within a bin of each grid.
    """
    folder = shared_folder("gold/phonlab_fricatives")
    for row in pd.read_csv(folder / "praat_reference.csv").itertuples():
        sound = read_sound(folder / row.file_name)
        middle, half = len(sound.samples) // 2, round(0.01 * sound.sr)
        samples = sound.samples[middle - half : middle + half]
        recipe = features.Recipe(
            high_hz=11025.0, families=("multitaper",), tapers=7,
            settings={"multitaper": {"fm_low_hz": row.phonlab_Fm - 400.0,
                                     "fm_high_hz": row.phonlab_Fm + 400.0}},
        )  # fmt: skip
        spectrum = features.Spectra(samples, sound.sr, recipe).multitaper
        band = spectrum.bins(300, 11000)
        above = spectrum.level_db[band] - spectrum.level_db[band].min()
        cog, sd, _, _ = spectral_moments(above, spectrum.freqs[band])
        assert cog == pytest.approx(row.phonlab_COG, rel=0.01)
        assert sd == pytest.approx(row.phonlab_SD, rel=0.03)
        columns = features.measure(samples, sound.sr, recipe)
        assert columns["multitaper.fm_hz.multitaper"] == pytest.approx(row.phonlab_Fm, abs=92)


def test_phonlabs_ampd_of_s_is_met():
    """Where the lowest major peak is the highest and the lowest level lies in 550-3000 Hz, as in
    this [s], both definitions of AmpD are one; the tapers differ."""
    folder = shared_folder("gold/phonlab_fricatives")
    table = pd.read_csv(folder / "praat_reference.csv").set_index("file_name")
    sound = read_sound(folder / "clips/s.wav")
    middle, half = len(sound.samples) // 2, round(0.01 * sound.sr)
    recipe = features.Recipe(high_hz=11025.0, families=("multitaper",))
    columns = features.measure(sound.samples[middle - half : middle + half], sound.sr, recipe)
    assert columns["multitaper.ampd_db.multitaper"] == pytest.approx(
        table.loc["clips/s.wav", "phonlab_AmpD"], abs=0.7
    )
    assert columns["multitaper.fm_hz.multitaper"] == pytest.approx(
        table.loc["clips/s.wav", "phonlab_Fm"], abs=50
    )
