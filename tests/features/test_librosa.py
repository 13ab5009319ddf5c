"""MFCC, log-Mel and frame measures against librosa, from the waveform."""

import librosa
import numpy as np
import pytest

from acoustic_sib import features
from acoustic_sib.audio import read_sound
from tests.conftest import shared_folder, white_noise
from tests.features.sounds import tone

SOUNDS = {
    "noise": (white_noise(0.25), 44100),
    "tone": (tone(4000.0) + 0.01 * white_noise(0.2), 44100),
    "8 kHz": (white_noise(0.2, sr=8000), 8000),
    "16 kHz": (white_noise(0.2, sr=16000), 16000),
    "48 kHz": (white_noise(0.2, sr=48000), 48000),
}
GOLD = ("altamimi/01_F_sakat.wav", "altamimi/05_M_sakat.wav", "phonlab_fricatives/clips/s.wav",
        "phonlab_fricatives/clips/esh.wav", "phonlab_fricatives/clips/TH.wav")  # fmt: skip


def sound_named(name: str) -> tuple[np.ndarray, int]:
    if name in SOUNDS:
        return SOUNDS[name]
    sound = read_sound(shared_folder(f"gold/{name}"))
    return sound.samples, sound.sr


def librosa_settings(samples: np.ndarray, sr: int) -> dict[str, object]:
    """librosa puts a window of 20 ms in the middle of each n_fft samples; padded by the difference
    its frames hold the samples that ours do."""
    length, hop = round(0.020 * sr), round(0.005 * sr)
    n_fft = 1 << (length - 1).bit_length()
    before = (n_fft - length) // 2
    padded = np.concatenate([np.zeros(before), samples, np.zeros(n_fft - length - before)])
    return {
        "y": padded, "sr": sr, "n_fft": n_fft, "win_length": length, "hop_length": hop,
        "center": False, "n_mels": 40, "fmin": 0.0, "fmax": high_hz(sr),
    }  # fmt: skip


def high_hz(sr: int) -> float:
    return min(11025.0, 0.98 * sr / 2)


def assert_statistics_equal(
    columns: dict[str, float], stem: str, by_librosa: np.ndarray, sr: int
) -> None:
    """Rows of `by_librosa` are measures, columns frames."""
    times_s = np.arange(by_librosa.shape[1]) * round(0.005 * sr) / sr
    for index, row in enumerate(by_librosa):
        scale = np.abs(row).max()
        for statistic, expected, tolerance in (
            ("mean", row.mean(), 1e-6 * scale),
            ("sd", row.std(ddof=1), 1e-6 * scale),
            ("slope", np.polyfit(times_s, row, 1)[0], 1e-6 * scale / times_s[-1]),
        ):
            found = columns[f"{stem.format(index)}.frames_{statistic}"]
            assert found == pytest.approx(expected, rel=1e-6, abs=tolerance)


@pytest.mark.parametrize("name", [*SOUNDS, *GOLD])
def test_mfcc_and_log_mel_equal_librosas_defaults(name):
    samples, sr = sound_named(name)
    settings = librosa_settings(samples, sr)
    recipe = features.Recipe(
        high_hz=high_hz(sr), families=("mfcc", "logmel"),
        settings={"mfcc": {"per_hz": False, "n_mfcc": 20}, "logmel": {"per_hz": False}},
    )  # fmt: skip
    columns = features.measure(samples, sr, recipe)
    mel = librosa.power_to_db(librosa.feature.melspectrogram(**settings))
    assert_statistics_equal(columns, "logmel.band{:02d}_db", mel, sr)
    assert_statistics_equal(columns, "mfcc.c{}", librosa.feature.mfcc(n_mfcc=20, **settings), sr)


@pytest.mark.parametrize("name", [*SOUNDS, *GOLD])
def test_levels_per_hz_are_librosas_with_its_reference_set(name):
    samples, sr = sound_named(name)
    settings = librosa_settings(samples, sr)
    window = np.hanning(settings["win_length"] + 1)[:-1]
    reference = settings["n_fft"] * np.sum(window**2)
    mel = librosa.power_to_db(librosa.feature.melspectrogram(**settings), ref=reference)
    recipe = features.Recipe(high_hz=high_hz(sr), families=("mfcc", "logmel"))
    columns = features.measure(samples, sr, recipe)
    assert_statistics_equal(columns, "logmel.band{:02d}_db", mel, sr)
    assert_statistics_equal(columns, "mfcc.c{}", librosa.feature.mfcc(S=mel, n_mfcc=13), sr)


def test_the_level_per_hz_of_white_noise_is_its_two_sided_density():
    """Mel filters have unit area: the mean power in a band is the density, whatever the rate."""
    for sr in (16000, 48000):
        columns = features.measure(
            white_noise(2.0, sr=sr), sr, features.Recipe(high_hz=7840.0, families=("logmel",))
        )
        levels = [columns[f"logmel.band{band:02d}_db.frames_mean"] for band in range(5, 40)]
        # A mean of levels lies under the level of the mean, by up to 2.5 dB in a band of one bin.
        assert np.mean(levels) == pytest.approx(10 * np.log10(0.05**2 / sr) - 1, abs=1)


# Not the tone: its weakest bins lie under our floor, 120 dB below the frame's highest.
@pytest.mark.parametrize("name", ["noise", *GOLD])
def test_flatness_and_roll_off_equal_librosas(name):
    samples, sr = sound_named(name)
    recipe = features.Recipe(high_hz=11025.0, families=("shape",))
    spectra = features.Spectra(samples, sr, recipe)
    band = spectra.frames.bins(550, 11025)
    power, freqs = spectra.frames.power[:, band].T, spectra.frames.freqs[band]
    columns = features.measure(samples, sr, recipe)
    # amin keeps librosa's own floor out of the way.
    flatness = librosa.feature.spectral_flatness(S=power, power=1.0, amin=1e-30)
    assert columns["shape.flatness.frames_mean"] == pytest.approx(flatness.mean(), rel=1e-6)
    for percent in (85, 95):
        rolloff = librosa.feature.spectral_rolloff(
            S=power, freq=freqs, roll_percent=percent / 100
        )  # fmt: skip
        assert columns[f"shape.rolloff_{percent}_hz.frames_mean"] == pytest.approx(rolloff.mean())
        assert columns[f"shape.rolloff_{percent}_hz.frames_sd"] == pytest.approx(
            rolloff.std(ddof=1)
        )


@pytest.mark.parametrize("name", ["noise", *GOLD])
def test_first_two_moments_equal_librosas_centroid_and_bandwidth_of_powers(name):
    samples, sr = sound_named(name)
    recipe = features.Recipe(high_hz=11025.0, families=("moments",))
    frames = features.Spectra(samples, sr, recipe).frames
    band = frames.bins(550, 11025)
    power, freqs = frames.power[:, band].T, frames.freqs[band]
    centroid = librosa.feature.spectral_centroid(S=power, freq=freqs)
    bandwidth = librosa.feature.spectral_bandwidth(S=power, freq=freqs)
    columns = features.measure(samples, sr, recipe)
    assert columns["moments.cog_hz.frames_mean"] == pytest.approx(centroid.mean(), rel=1e-9)
    assert columns["moments.sd_hz.frames_mean"] == pytest.approx(bandwidth.mean(), rel=1e-9)
    assert columns["moments.sd_hz.frames_sd"] == pytest.approx(bandwidth.std(ddof=1), rel=1e-6)
