"""The shared transforms against theory and SciPy."""

import numpy as np
import pytest
import scipy.signal

from acoustic_sib.features import Recipe, Spectra
from acoustic_sib.features.peaks import prominent_peaks
from acoustic_sib.features.spectra import dpss_tapers, multitaper_length
from tests.conftest import white_noise
from tests.features.sounds import impulse, tone

RECIPE = Recipe(high_hz=11025.0)
TO_NYQUIST = Recipe(high_hz=22050.0)


def test_frames_are_hann_windowed_20_ms_every_5_ms():
    samples = white_noise(0.1)
    frames = Spectra(samples, 44100, RECIPE).frames
    window = scipy.signal.windows.hann(882, sym=False)
    # 44.1 kHz: windows of 882 samples every 220, transformed with 1024 points.
    assert frames.n_fft == 1024
    assert len(frames.power) == 1 + (4410 - 882) // 220
    third = np.abs(np.fft.rfft(samples[440 : 440 + 882] * window, 1024)) ** 2
    np.testing.assert_allclose(frames.power[2], third[: frames.power.shape[1]], rtol=1e-9)
    assert frames.times_s[2] == pytest.approx((440 + 441) / 44100)


def test_no_bin_above_high_hz_is_kept():
    spectra = Spectra(white_noise(0.1), 44100, Recipe(high_hz=8000.0))
    assert spectra.frames.freqs[-1] <= 8000 < spectra.frames.freqs[-1] + spectra.frames.step_hz
    assert spectra.multitaper.freqs[-1] <= 8000
    assert Spectra(white_noise(0.1), 44100, TO_NYQUIST).frames.freqs[-1] == 22050


def test_a_clip_shorter_than_a_window_is_one_frame_of_its_own_length():
    samples = white_noise(0.1)[:500]
    frames = Spectra(samples, 44100, RECIPE).frames
    window = scipy.signal.windows.hann(500, sym=False)
    expected = np.abs(np.fft.rfft(samples * window, 1024)) ** 2
    np.testing.assert_allclose(frames.power, expected[None, : frames.power.shape[1]], rtol=1e-9)


def test_frames_of_digital_silence_are_left_out():
    samples = np.concatenate([white_noise(0.05), np.zeros(4410)])
    frames = Spectra(samples, 44100, RECIPE).frames
    # The last frame that begins inside the noise (2205 samples) begins at 220 * 10.
    assert len(frames.power) == 11
    assert frames.times_s[-1] == pytest.approx((2200 + 441) / 44100)


@pytest.mark.parametrize("sr", [16000, 44100, 48000])
def test_density_of_white_noise_is_its_variance_over_the_nyquist_band(sr):
    samples = white_noise(2.0, sr=sr)
    spectra = Spectra(samples, sr, Recipe(high_hz=sr / 2))
    expected = 0.05**2 / (sr / 2)
    # 2 s of noise: some 20 000 independent values in the frames, 8 * 8000 under the tapers.
    for spectrum in (spectra.mean_frame, spectra.multitaper):
        inside = spectrum.power[spectrum.bins(500, sr / 2 - 500)] * spectrum.density
        assert inside.mean() == pytest.approx(expected, rel=0.05)


def test_multitaper_is_the_mean_of_the_eigenspectra():
    samples = white_noise(0.1)
    spectra = Spectra(samples, 44100, TO_NYQUIST)
    length = multitaper_length(4410, 44100)
    start = (4410 - length) // 2
    tapers = scipy.signal.windows.dpss(length, 4, 8)
    _, by_scipy = scipy.signal.periodogram(
        samples[start : start + length] * tapers, 44100, "boxcar", nfft=len(tapers.T),
        detrend=False,
    )  # fmt: skip
    # A boxcar periodogram divides by the length, where the tapers have unit energy.
    ours = spectra.multitaper.power * spectra.multitaper.density
    np.testing.assert_allclose(ours[1:-1], by_scipy.mean(axis=0)[1:-1] * length, rtol=1e-9)


def test_tapers_are_orthonormal():
    tapers = dpss_tapers(882, 8, 4.0)
    np.testing.assert_allclose(tapers @ tapers.T, np.eye(8), atol=1e-9)


def test_the_variance_under_eight_tapers_is_that_of_sixteen_degrees_of_freedom():
    spectrum = Spectra(white_noise(1.9), 44100, TO_NYQUIST).multitaper
    apart = round(10 / (spectrum.step_hz * 0.95))  # more than 2 * NW bins: independent
    values = spectrum.power[apart:-apart:apart]
    assert np.var(values) / np.mean(values) ** 2 == pytest.approx(2 / 16, rel=0.15)


def test_multitaper_lengths_are_few_and_never_longer_than_the_middle_half():
    lengths = [multitaper_length(n, 44100) for n in range(882, 44100, 7)]
    for n_samples, length in zip(range(882, 44100, 7), lengths, strict=True):
        assert length <= max(n_samples // 2, 882)
        # A step of the series, and up to 6 % more to a length that transforms quickly.
        assert length >= max(n_samples // 2, 882) * 6 / 7
    assert len(set(lengths)) <= 35
    assert multitaper_length(881, 44100) is None
    assert multitaper_length(882, 44100) == 882
    assert multitaper_length(10 * 44100, 44100) <= 44100


def test_a_clip_under_20_ms_has_no_multitaper_spectrum_and_silence_has_none_at_all():
    assert Spectra(white_noise(0.0199), 44100, RECIPE).multitaper is None
    silent = Spectra(np.zeros(4410), 44100, RECIPE)
    assert silent.multitaper is None
    assert silent.mean_frame is None


@pytest.mark.parametrize("sr", [24000, 44100, 48000])
def test_band_limited_keeps_what_lies_in_the_band_and_nothing_above(sr):
    low, high = tone(3000.0, sr=sr), tone(11500.0, sr=sr)
    limited = Spectra(low + high, sr, RECIPE).band_limited
    assert limited.sr == pytest.approx(22050, rel=0.03)
    assert len(limited.samples) / limited.sr == pytest.approx(0.2, abs=1e-4)
    expected = 0.5 * np.sin(2 * np.pi * 3000 * np.arange(len(limited.samples)) / limited.sr)
    # The clip's abrupt ends ring; its middle does not.
    middle = slice(len(expected) // 4, 3 * len(expected) // 4)
    np.testing.assert_allclose(limited.samples[middle], expected[middle], atol=0.005)


def test_band_limited_leaves_a_lower_rate_as_it_is():
    samples = white_noise(0.1, sr=16000)
    limited = Spectra(samples, 16000, RECIPE).band_limited
    assert limited.sr == 16000
    np.testing.assert_array_equal(limited.samples, samples)


def test_a_band_may_be_cut_by_a_twentieth_and_no_more():
    at_16_khz = Spectra(white_noise(0.1, sr=16000), 16000, Recipe(high_hz=7840.0))
    assert at_16_khz.band_top(8000) == 7840
    assert at_16_khz.band_top(7000) == 7000
    assert at_16_khz.band_top(11025) is None
    assert at_16_khz.reaches_high
    beyond = Spectra(white_noise(0.1, sr=16000), 16000, RECIPE)
    assert beyond.band_top(11025) is None
    assert beyond.band_top(8000) == 8000
    assert not beyond.reaches_high


def test_bins_take_the_lower_edge_and_leave_the_upper():
    spectrum = Spectra(impulse(), 51200, RECIPE).frames  # 1024 samples: 50 Hz a bin
    assert spectrum.step_hz == 50
    assert spectrum.bins(500, 1000) == slice(10, 20)
    assert spectrum.bins(501, 1001) == slice(11, 21)


@pytest.mark.parametrize("length", [20, 441, 882, 5000])
@pytest.mark.parametrize(("n_tapers", "time_bandwidth"), [(8, 4.0), (5, 3.0), (1, 2.0)])
def test_the_tapers_are_those_of_scipy(length: int, n_tapers: int, time_bandwidth: float) -> None:
    ours = dpss_tapers(length, n_tapers, time_bandwidth)
    theirs = scipy.signal.windows.dpss(length, time_bandwidth, n_tapers)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("prominence", [0.0, 0.5, 3.0, 6.0])
def test_peaks_are_counted_as_scipy_does(prominence: float) -> None:
    rng = np.random.default_rng(4)
    for length in (1, 2, 3, 10, 500):
        for width in (1, 7):
            values = np.convolve(6 * rng.standard_normal(length + width - 1), np.ones(width) / 2,
                                 mode="valid")  # fmt: skip
            for one in (values, np.cumsum(values), np.sort(values)):
                expected = len(scipy.signal.find_peaks(one, prominence=prominence)[0])
                assert prominent_peaks(one, prominence) == expected
