"""Each family against a number known from theory."""

from math import log10, nan

import numpy as np
import pytest

from acoustic_sib import features
from acoustic_sib.features.bands import band_measures
from acoustic_sib.features.erb import erb_frequency, erb_number
from acoustic_sib.features.mfcc import dct_matrix
from acoustic_sib.features.peaks import peak_measures
from acoustic_sib.features.shape import bark
from acoustic_sib.features.spectra import Spectrum
from acoustic_sib.features.temporal import COURSE
from tests.conftest import white_noise
from tests.features.sounds import Samples, impulse, tone

STEP_HZ = 10.0


def measure(family: str, samples: Samples, sr: int = 44100, **recipe: object) -> dict[str, float]:
    """The family's columns, without its name."""
    settings = {"high_hz": 11025.0} | recipe
    columns = features.measure(samples, sr, features.Recipe(families=(family,), **settings))
    return {name.removeprefix(f"{family}."): value for name, value in columns.items()}


def spectrum_of(level_db: np.ndarray) -> tuple[features.Spectra, Spectrum]:
    """A spectrum drawn by hand, in a recording that reaches 11025 Hz."""
    spectra = features.Spectra(np.ones(10), 44100, features.Recipe(high_hz=11025.0))
    return spectra, Spectrum(power=10 ** (level_db / 10), step_hz=STEP_HZ, density=1.0)


def sibilant_spectrum() -> np.ndarray:
    """-30 dB up to 3 kHz with a trough of -40 dB at 1 kHz, a peak of 0 dB at 6 kHz, -5 dB/kHz from
    there."""
    hz = np.arange(0, 11030, STEP_HZ)
    level = np.where(hz < 3000, -30.0, -30 + (hz - 3000) / 100)
    level = np.where(hz > 6000, -5 * (hz - 6000) / 1000, level)
    level[hz == 1000] = -40
    return level


# peaks


def test_peaks_of_a_spectrum_drawn_by_hand():
    values = peak_measures(*spectrum_of(sibilant_spectrum()), 3000.0, 9000.0)
    assert values == pytest.approx(
        {"peak_hz": 6000, "fm_hz": 6000, "ampd_db": 40, "slope_db_per_khz": -5}
    )


def test_fm_is_sought_in_its_own_range_and_the_peak_in_all():
    level = sibilant_spectrum()
    level[np.arange(0, 11030, STEP_HZ) == 2000] = 10
    values = peak_measures(*spectrum_of(level), 3000.0, 5000.0)
    assert values["peak_hz"] == 2000
    assert values["fm_hz"] == 4990
    # FM lies on the flank, 0.1 dB a bin: -30 + 19.9 = -10.1 dB there, 29.9 dB above the trough.
    assert values["ampd_db"] == pytest.approx(29.9)


def test_the_slope_needs_500_hz_beyond_fm():
    level = np.linspace(-50, 0, 1103)
    values = peak_measures(*spectrum_of(level), 3000.0, 11000.0)
    assert values["fm_hz"] == 10990
    assert np.isnan(values["slope_db_per_khz"])


@pytest.mark.parametrize("hz", [1500.0, 4321.0, 8000.0])
def test_the_peak_of_a_tone_is_its_frequency(hz):
    columns = measure("peaks", tone(hz))
    assert columns["peak_hz.frames_mean"] == pytest.approx(hz, abs=44100 / 1024 / 2)


def test_fm_is_not_measurable_where_its_range_lies_above_high_hz():
    columns = measure("peaks", tone(1500.0), high_hz=3000.0, low_hz=200.0)
    assert np.isnan(columns["fm_hz.frames_mean"])


def test_three_bands_of_noise_have_three_peaks():
    rng = np.random.default_rng(1)
    spectrum = np.zeros(11026, dtype=complex)  # half a second, 2 Hz a bin
    for centre in (2500, 5000, 8000):
        hz = 2 * np.arange(11026)
        spectrum += np.exp(-(((hz - centre) / 400) ** 2)) * np.exp(2j * np.pi * rng.random(11026))
    samples = np.fft.irfft(spectrum) + 1e-6 * white_noise(0.5)[:22050]
    assert measure("peaks", samples)["n_peaks.multitaper"] == 3
    assert measure("peaks", white_noise(0.5))["n_peaks.multitaper"] == 0


# multitaper


def test_multitaper_levels_of_white_noise_are_its_density():
    columns = measure("multitaper", white_noise(1.0))
    expected = 10 * log10(0.05**2 / 22050)
    for band in ("low", "mid", "high"):
        assert columns[f"level_{band}_db.multitaper"] == pytest.approx(expected, abs=0.3)
    assert columns["level_d_db.multitaper"] == pytest.approx(0, abs=0.4)


def test_multitaper_fm_of_a_tone_is_its_frequency():
    columns = measure("multitaper", tone(6400.0, duration_s=0.4) + 1e-3 * white_noise(0.4))
    # The top of a DPSS average is flat: half its width is NW / duration, some 22 Hz here.
    assert columns["fm_hz.multitaper"] == pytest.approx(6400, abs=25)
    assert columns["peak_hz.multitaper"] == columns["fm_hz.multitaper"]


def test_multitaper_flatness_of_a_flat_spectrum_is_one():
    assert measure("multitaper", impulse())["flatness.multitaper"] == pytest.approx(1, abs=1e-6)
    # The geometric mean of averages of 16 squared normals is exp(digamma(8)) / 8 of their mean.
    noise = measure("multitaper", white_noise(1.0))["flatness.multitaper"]
    assert noise == pytest.approx(0.939, abs=0.01)


# bands


def test_bands_of_a_spectrum_drawn_by_hand():
    """1 in 550-3000, 4 in 3000-7000, 2 above, in bins of 10 Hz."""
    hz = np.arange(0, 11030, STEP_HZ)
    power = np.select([hz < 550, hz < 3000, hz < 7000], [0.0, 1.0, 4.0], 2.0)
    spectra, _ = spectrum_of(np.zeros(1))
    values = band_measures(spectra, Spectrum(power=power, step_hz=STEP_HZ, density=1.0))
    n_above = len(hz[(hz >= 7000) & (hz < 11025)])
    whole = 245 + 4 * 400 + 2 * n_above
    assert values == pytest.approx(
        {
            "level_low_db": 0,
            "level_mid_db": 10 * log10(4),
            "level_high_db": 10 * log10(2),
            "level_d_db": 10 * log10(2),
            "share_above_4000": (4 * 300 + 2 * n_above) / whole,
            "share_above_6000": (4 * 100 + 2 * n_above) / whole,
            "share_above_8000": 2 * (n_above - 100) / whole,
            "share_2500_4500": (50 + 4 * 150) / (245 + 4 * 400 + 2 * 100),
            "ratio_4_8_to_1_4_db": 10 * log10((4 * 300 + 2 * 100) / (200 + 4 * 100)),
        }
    )


def test_shares_of_a_flat_clip_are_shares_of_the_band():
    columns = measure("bands", impulse())
    for edge in (4000, 6000, 8000):
        expected = (11025 - edge) / (11025 - 550)
        assert columns[f"share_above_{edge}.frames_mean"] == pytest.approx(expected, abs=0.005)
    assert columns["share_2500_4500.frames_mean"] == pytest.approx(2000 / 7500, abs=0.005)


def test_bands_beyond_high_hz_are_not_measurable():
    columns = measure("bands", white_noise(0.2, sr=16000), sr=16000, high_hz=7840.0)
    absent = {name for name, value in columns.items() if np.isnan(value)}
    assert absent == {
        "level_high_db.frames_mean",
        "level_d_db.frames_mean",
        "share_above_8000.frames_mean",
    }


def test_lateral_modulation_is_the_spread_of_the_level_of_its_band():
    """A 3.5 kHz tone whose amplitude is 1 + 0.8 sin(2 pi 5 t), over two whole periods."""
    times = np.arange(round(0.4 * 44100)) / 44100
    envelope = 1 + 0.8 * np.sin(2 * np.pi * 5 * times)
    samples = envelope * tone(3500.0, duration_s=0.4) + tone(8000.0, duration_s=0.4)
    modulation = measure("bands", samples)["lateral_modulation_db.frames_sd"]
    # A window of 20 ms is a tenth of the period and smooths the trough by a few percent.
    assert modulation == pytest.approx(np.std(20 * np.log10(envelope)), rel=0.08)
    steady = tone(3500.0, duration_s=0.4)
    assert measure("bands", steady)["lateral_modulation_db.frames_sd"] == pytest.approx(0, abs=1e-3)


# shape


def test_shape_of_a_flat_spectrum():
    columns = measure("shape", impulse())
    assert columns["flatness.frames_mean"] == pytest.approx(1, abs=1e-9)
    assert columns["entropy.frames_mean"] == pytest.approx(1, abs=1e-9)
    assert columns["slope_db_per_khz.frames_mean"] == pytest.approx(0, abs=1e-9)
    for percent in (85, 95):
        expected = 550 + percent / 100 * (11025 - 550)
        assert columns[f"rolloff_{percent}_hz.frames_mean"] == pytest.approx(expected, abs=44)
    # A constant level has no other coefficient than the zeroth.
    for order in range(1, 5):
        assert columns[f"bark_dct_{order}.frames_mean"] == pytest.approx(0, abs=1e-9)


def test_shape_of_white_noise():
    """Bins are exponentially distributed: flatness exp(-0.5772), entropy (log n - 1 + 0.5772)."""
    columns = measure("shape", white_noise(1.0))
    assert columns["flatness.frames_mean"] == pytest.approx(np.exp(-0.5772), abs=0.01)
    n_bins = 243
    expected = (np.log(n_bins) - 1 + 0.5772) / np.log(n_bins)
    assert columns["entropy.frames_mean"] == pytest.approx(expected, abs=0.005)


def test_slope_of_an_integrator():
    """A running sum has a spectrum of 1 / (2 sin(w / 2))²: -20 dB a decade at low frequencies.

    Between 500 and 5000 Hz its level is fitted exactly as the family fits the frames'.
    """
    hz = np.arange(np.ceil(500 / 43.0664), np.ceil(5000 / 43.0664)) * 44100 / 1024
    level = -20 * np.log10(2 * np.sin(np.pi * hz / 44100))
    expected = np.polyfit(hz / 1000, level, 1)[0]
    samples = np.cumsum(white_noise(1.0))
    slope = measure("shape", samples, low_hz=500.0, high_hz=5000.0)["slope_db_per_khz.frames_mean"]
    assert slope == pytest.approx(expected, rel=0.05)


def test_bark_of_known_frequencies():
    """Zwicker's critical-band edges, which the formula meets within 0.05 Bark."""
    edges_hz = np.array([510.0, 1080.0, 2000.0, 3150.0, 4400.0])
    np.testing.assert_allclose(bark(edges_hz), [5, 9, 13, 16, 18], atol=0.06)


def test_dct_matrix_is_orthonormal():
    matrix = dct_matrix(40, 40)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(40), atol=1e-12)


# erb


def test_erb_numbers_of_glasberg_and_moore():
    assert float(erb_number(1000.0)) == pytest.approx(15.62, abs=0.01)
    assert float(erb_number(0.0)) == 0
    numbers = np.array([3.0, 20.0, 39.0])
    np.testing.assert_allclose(erb_number(erb_frequency(numbers)), numbers)


@pytest.mark.parametrize("hz", [2000.0, 4000.0, 8000.0])
def test_the_excitation_of_a_tone_peaks_at_its_erb_number(hz):
    columns = measure("erb", tone(hz, duration_s=0.4))
    assert columns["peak_erb.multitaper"] == pytest.approx(float(erb_number(hz)), abs=0.11)
    # On an axis of x = distance / 1.019 ERB the pattern is (1 + x²)^-4, of integral 5 pi / 16; with
    # x = tan u, within 1.5 ERB lie 2 / (5 pi / 16) times the integral of cos(u)^6.
    u = np.linspace(0, np.arctan(1.5 / 1.019), 10001)
    within = 2 * np.trapezoid(np.cos(u) ** 6, u) / (5 * np.pi / 16)
    assert columns["compactness.multitaper"] == pytest.approx(within, abs=0.02)


def test_white_noise_is_less_compact_than_a_tone_and_peaks_where_filters_are_widest():
    columns = measure("erb", white_noise(0.9))
    assert columns["peak_erb.multitaper"] > 33
    # Excitation grows with the filter's width, b = 24.7 (1 + 0.00437 f): with E the ERB number,
    # b is proportional to 10^(E / 21.4). Channels run from 11.4 to 36.0; 3 ERB below the top:
    top, bottom = float(erb_number(11025.0)), float(erb_number(550.0))
    width = 10 ** (np.array([bottom, top - 1.5 - 1.5, top]) / 21.4)
    share = (width[2] - width[1]) / (width[2] - width[0])
    assert columns["compactness.multitaper"] == pytest.approx(share, abs=0.08)


# temporal


def test_temporal_of_a_sine():
    columns = measure("temporal", tone(1000.0, amplitude=1.0))
    assert columns["duration_s"] == pytest.approx(0.2)
    assert columns["zero_crossings_per_s"] == pytest.approx(2000, rel=0.01)
    assert columns["rms_level_db"] == pytest.approx(10 * log10(0.5), abs=0.01)
    assert np.isnan(columns["level_re_vowel_db"])


def test_zero_crossings_ignore_a_constant_offset_and_what_lies_above_the_band():
    samples = tone(1000.0) + 0.3 + tone(15000.0, amplitude=0.9)
    columns = measure("temporal", samples)
    assert columns["zero_crossings_per_s"] == pytest.approx(2000, rel=0.02)


@pytest.mark.parametrize("ramp_s", [0.1103, 0.1236, 0.1409])
def test_rise_time_of_a_ramp(ramp_s):
    """Linear rise, then held: 80 % of the ramp, but for what the window adds to the mean square of
    a ramp, its own variance (Hann: 1/12 - 1/(2 pi^2) of its length squared). Finer than the 1 ms
    at which the course is read."""
    variance = 0.02**2 * (1 / 12 - 1 / (2 * np.pi**2))
    expected = np.diff(np.sqrt((np.array([0.1, 0.9]) * ramp_s) ** 2 - variance))[0]
    samples = tone(3000.0, duration_s=0.3) * np.minimum(np.arange(13230) / 44100 / ramp_s, 1)
    assert expected == pytest.approx(0.8 * ramp_s, abs=0.001)
    assert measure("temporal", samples)["rise_time_s"] == pytest.approx(expected, abs=0.0001)


def past(at_s: np.ndarray) -> np.ndarray:
    """Share of a 20 ms Hann window that lies after a step, at `at_s` from the window's middle."""
    x = np.clip(at_s / 0.02 + 0.5, 0, 1)
    return x - np.sin(2 * np.pi * x) / (2 * np.pi)


def test_rise_time_of_a_step_is_that_of_the_window():
    """The amplitude is the root of the window's share after the step."""
    at = np.linspace(-0.01, 0.01, 100001)
    expected = np.diff(np.interp([0.1, 0.9], np.sqrt(past(at)), at))[0]
    samples = tone(3000.0) * (np.arange(8820) >= 4410)
    assert measure("temporal", samples)["rise_time_s"] == pytest.approx(expected, abs=0.0002)


def test_attack_and_decay_of_an_exponential():
    """Up by 200 dB/s for 100 ms, then down by 100 dB/s."""
    times = np.arange(8820) / 44100
    level = np.where(times < 0.1, 200 * (times - 0.1), -100 * (times - 0.1))
    columns = measure("temporal", tone(3000.0) * 10 ** (level / 20))
    assert columns["attack_db_per_s"] == pytest.approx(200, rel=0.03)
    assert columns["decay_db_per_s"] == pytest.approx(-100, rel=0.03)


@pytest.mark.parametrize(("up", "down"), [(250.0, -250.0), (150.0, -300.0), (-100.0, -100.0)])
def test_attack_and_decay_of_shaped_noise(up, down):
    """Over 60 drawings the mean is the slope of the envelope, within four standard errors and 3 %
    for the bend, which the window rounds."""
    times = np.arange(6615) / 44100 - 0.075
    envelope = 10 ** (np.where(times < 0, up * times, down * times) / 20)
    drawn = np.array([
        [columns["attack_db_per_s"], columns["decay_db_per_s"]]
        for seed in range(60)
        for columns in [measure("temporal", envelope * white_noise(0.15, seed=seed))]
    ])  # fmt: skip
    error = drawn.std(axis=0, ddof=1) / np.sqrt(len(drawn))
    assert (error < 2.5).all()
    assert (np.abs(drawn.mean(axis=0) - (up, down)) < 4 * error + 0.03 * abs(up - down) / 2).all()


def test_the_course_scales_out_and_turns_round():
    """A tenth of the amplitude has the same course; played backwards, attack and decay change
    places and signs. At 16 kHz no resampling stands between the samples and their mirror image."""
    samples = white_noise(0.1501, sr=16000, seed=3) * np.linspace(0.2, 1, 2402) ** 2
    forth, back, weak = (measure("temporal", one, sr=16000, high_hz=8000.0)
                         for one in (samples, samples[::-1], 0.1 * samples))  # fmt: skip
    assert back["attack_db_per_s"] == pytest.approx(-forth["decay_db_per_s"])
    assert back["decay_db_per_s"] == pytest.approx(-forth["attack_db_per_s"])
    for name in COURSE:
        assert weak[name] == pytest.approx(forth[name])


def test_a_shift_of_the_edges_by_1_ms_moves_attack_and_decay_of_noise_little():
    """Steady noise has no maximum to start from; RMS change over the SD between clips."""
    clips = [white_noise(0.121, seed=seed) for seed in range(40)]
    before, after = ([measure("temporal", clip[start : start + 5292]) for clip in clips]
                     for start in (0, 44))  # fmt: skip
    for name in ("attack_db_per_s", "decay_db_per_s"):
        values = np.array([[one[name] for one in both] for both in (before, after)])
        change = np.sqrt(np.mean((values[1] - values[0]) ** 2))
        assert change < 0.25 * values[0].std()


def test_digital_silence_in_a_clip_counts_as_60_db_down():
    """100 ms of tone after 100 ms of nothing: a line with a bend in the middle, fitted to -60 dB,
    the window's passing over the step, and 0 dB."""
    samples = np.concatenate([np.zeros(4410), tone(3000.0, duration_s=0.1)])
    columns = measure("temporal", samples)
    at = np.linspace(-0.09, 0.09, 181)
    level = 10 * np.log10(np.maximum(past(at), 1e-6))
    line = np.column_stack([np.ones(181), np.minimum(at, 0), np.maximum(at, 0)])
    expected = np.linalg.lstsq(line, level, rcond=None)[0][1:]
    found = [columns["attack_db_per_s"], columns["decay_db_per_s"]]
    np.testing.assert_allclose(found, expected, rtol=0.02)


def test_the_course_of_a_very_short_clip_is_not_measurable():
    columns = measure("temporal", tone(3000.0, duration_s=0.0195))
    assert all(np.isnan(columns[name]) for name in COURSE)
    assert columns["duration_s"] == pytest.approx(0.0195, abs=1e-4)
    columns = measure("temporal", tone(3000.0, duration_s=0.02))
    assert all(np.isfinite(columns[name]) for name in COURSE)


# logmel and mfcc: see test_librosa.py; over time:


def test_the_slope_of_a_mel_level_is_that_of_a_fading_tone():
    """-100 dB/s, in the band that holds 5 kHz."""
    times = np.arange(8820) / 44100
    columns = measure("logmel", tone(5000.0) * 10 ** (-100 * times / 20))
    loudest = max(range(40), key=lambda band: columns[f"band{band:02d}_db.frames_mean"])
    assert columns[f"band{loudest:02d}_db.frames_slope"] == pytest.approx(-100, rel=0.01)


def test_a_mel_band_too_narrow_for_the_window_is_not_measurable():
    columns = measure("logmel", white_noise(0.1), window_s=0.003, hop_s=0.001)
    assert np.isnan(columns["band00_db.frames_mean"]) or np.isnan(columns["band01_db.frames_mean"])
    assert np.isfinite(columns["band39_db.frames_mean"])


def test_nan_is_not_zero_in_a_spectrum_without_energy():
    spectra, _ = spectrum_of(np.zeros(1))
    empty = Spectrum(power=np.zeros(1103), step_hz=STEP_HZ, density=1.0)
    values = band_measures(spectra, empty)
    assert all(np.isnan(value) for value in values.values())
    assert values.keys() == dict.fromkeys(band_measures(spectra, None), nan).keys()
