"""Padded and pooled frame measures against the long way: pad the samples, then measure."""

import numpy as np
import pytest
from librosa.filters import mel
from numpy.typing import NDArray

from acoustic_sib.corpus import window
from acoustic_sib.features import Recipe
from acoustic_sib.features.padded import (
    MEASURES,
    N_MELS,
    PADDINGS,
    POOLINGS,
    WINDOW_S,
    columns_of_cell,
    padded_pools,
)
from tests.conftest import white_noise
from tests.features.sounds import tone

Floats = NDArray[np.float64]
HIGH_HZ = 7000.0
RECIPE = Recipe(high_hz=HIGH_HZ)
FLOOR = 2.0**-30 / 12 / 22050


def pooled(samples: Floats, sr: int, padding: str, pooling: str) -> Floats:
    columns = padded_pools(samples, sr, RECIPE)
    return np.array([columns[name] for name in columns_of_cell(padding, pooling)])


def framed(samples: Floats, sr: int) -> tuple[Floats, Floats]:
    """Measures and energy of each frame of samples, by formula and one frame at a time."""
    length, hop = round(0.02 * sr), round(0.005 * sr)
    n_fft = 2 ** int(np.ceil(np.log2(length)))
    hann = np.hanning(length + 1)[:-1]
    freqs = np.arange(n_fft // 2 + 1) * sr / n_fft
    bank = mel(sr=sr, n_fft=n_fft, n_mels=N_MELS, fmin=0, fmax=HIGH_HZ, dtype=np.float64)
    bank /= bank.sum(axis=1, keepdims=True)
    measures, energies = [], []
    for start in range(0, len(samples) - length + 1, hop):
        spectrum = np.fft.rfft(samples[start : start + length] * hann, n_fft)
        density = 2 * np.abs(spectrum) ** 2 / (sr * np.sum(hann**2))
        noisy, band = density + FLOOR, (freqs >= 550) & (freqs < HIGH_HZ)
        weight, hz = noisy[band] / noisy[band].sum(), freqs[band]
        centre = weight @ hz
        sd = np.sqrt(weight @ (hz - centre) ** 2)
        z = (hz - centre) / sd
        shape = [centre, sd, weight @ z**3, weight @ z**4 - 3]
        measures.append([*10 * np.log10(bank @ noisy), *shape])
        energies.append(density[band].sum())
    return np.array(measures), np.array(energies)


def long_way(samples: Floats, sr: int, padding: str) -> tuple[Floats, Floats]:
    """The frames of samples that were padded first; a copy begins on a hop, as documented."""
    room, hop = sr - len(samples), round(0.005 * sr)
    if padding == "zeros_end":
        return framed(np.pad(samples, (0, room)), sr)
    if padding == "centred":
        before = room // 2 // hop * hop
        return framed(np.pad(samples, (before, room - before)), sr)
    if padding == "repeated":
        return framed(np.resize(samples[: len(samples) // hop * hop], sr), sr)
    return framed(samples, sr)


@pytest.mark.parametrize("sr", [16000, 44100])
@pytest.mark.parametrize("padding", ["as_is", "zeros_end", "centred", "repeated"])
def test_pools_are_those_of_samples_that_were_padded_first(padding: str, sr: int) -> None:
    samples = white_noise(0.1234, sr=sr) * np.linspace(0.2, 1, round(0.1234 * sr))
    values, energy = long_way(samples, sr, padding)
    # A silent frame's moments are those of a uniform density, not of the bins it is sampled at.
    values[energy == 0, N_MELS:] = [3775, 6450 / 12**0.5, 0, -1.2]
    third = len(values) // 3
    expected = {
        "mean": values.mean(axis=0),
        "mean_sd": np.concatenate([values.mean(axis=0), values.std(axis=0)]),
        "middle_third": values[third : len(values) - third].mean(axis=0),
        "max": values.max(axis=0),
        "energy_weighted": np.average(values, axis=0, weights=energy),
    }
    for pooling, wanted in expected.items():
        np.testing.assert_allclose(pooled(samples, sr, padding, pooling), wanted,
                                   rtol=1e-9, atol=1e-7, err_msg=pooling)  # fmt: skip


@pytest.mark.parametrize("n_samples", [882, 5000, 7056, 43000])
def test_valid_frames_are_the_clips_own(n_samples: int) -> None:
    samples = white_noise(1.0)[:n_samples]
    own = pooled(samples, 44100, "as_is", "mean")
    for padding in ("as_is", "zeros_end", "centred"):
        np.testing.assert_array_equal(pooled(samples, 44100, padding, "valid_frames"), own)
    # Of a clip that fills a fraction of the window, the middle third of it is silence.
    if n_samples < 44100 // 3:
        silence = pooled(samples, 44100, "zeros_end", "middle_third")
        assert silence[0] == pytest.approx(10 * np.log10(FLOOR))
        np.testing.assert_allclose(silence[:N_MELS], silence[0])
        # Whatever the rate, silence is silence to the last digit.
        slower = pooled(white_noise(0.1, sr=16000), 16000, "zeros_end", "middle_third")
        np.testing.assert_array_equal(silence, slower)


def test_a_repeated_clip_of_whole_hops_keeps_its_mean_over_frames_without_a_seam() -> None:
    samples = white_noise(1.0)[: 30 * 220]
    frames, _ = framed(samples, 44100)
    # 194 frames fit into the window: six turns of 30, of which the first 26 cross no seam, and 14.
    counts = np.where(np.arange(26) < (1 + (44100 - 882) // 220) % 30, 7, 6)
    expected = np.average(frames[:26], axis=0, weights=counts)
    np.testing.assert_allclose(pooled(samples, 44100, "repeated", "valid_frames"), expected,
                               rtol=1e-9)  # fmt: skip


def test_energy_weights_make_padding_vanish() -> None:
    """Only the frames at the clip's edge are added to those of the clip as it is."""
    samples = white_noise(0.3)
    own, padded = (pooled(samples, 44100, padding, "energy_weighted")[:N_MELS]
                   for padding in ("as_is", "zeros_end"))  # fmt: skip
    assert np.abs(own - padded).max() < 0.5
    plain = pooled(samples, 44100, "zeros_end", "mean")[:N_MELS]
    assert (own - plain).min() > 40


def test_trimming_keeps_the_frication_and_drops_a_louder_voice() -> None:
    hiss = white_noise(0.1)
    faint, voice = 0.05 * white_noise(0.1, seed=1), tone(200.0, duration_s=0.1)
    clip = np.concatenate([faint, hiss, faint + voice])
    core = pooled(clip, 44100, "trimmed", "mean")
    np.testing.assert_allclose(core[4:N_MELS], pooled(hiss, 44100, "as_is", "mean")[4:N_MELS],
                               atol=2)  # fmt: skip
    assert pooled(clip, 44100, "as_is", "mean")[N_MELS - 1] < core[N_MELS - 1] - 10
    # An even clip is kept as it is.
    np.testing.assert_array_equal(pooled(hiss, 44100, "trimmed", "mean"),
                                  pooled(hiss, 44100, "as_is", "mean"))  # fmt: skip


def test_a_longer_clip_is_cut_to_the_window() -> None:
    clip = np.concatenate([white_noise(1.0), 0.01 * white_noise(0.5)])
    cut = pooled(clip[:44100], 44100, "as_is", "mean")
    for padding in ("zeros_end", "centred", "repeated"):
        np.testing.assert_allclose(pooled(clip, 44100, padding, "mean"), cut, rtol=1e-12)
    assert (pooled(clip, 44100, "as_is", "mean")[:N_MELS] < cut[:N_MELS] - 10).all()


def test_every_clip_has_the_same_columns() -> None:
    names = [f"{padding}.{statistic}.{measure}" for padding in PADDINGS
             for statistic in ("mean", "sd", *POOLINGS[2:]) for measure in MEASURES]  # fmt: skip
    clips = {
        "one window": white_noise(0.02), "1 ms": white_noise(0.001), "silence": np.zeros(4410),
        "half silent": np.concatenate([np.zeros(4410), white_noise(0.1)]),
    }  # fmt: skip
    for name, samples in clips.items():
        columns = padded_pools(samples, 44100, RECIPE)
        assert list(columns) == names
        missing = {column.split(".")[1] for column, value in columns.items() if np.isnan(value)}
        assert missing == ({"energy_weighted"} if name == "silence" else set())
    blind = padded_pools(white_noise(0.1, sr=8000), 8000, RECIPE)
    assert list(blind) == names
    assert np.isnan(list(blind.values())).all()


def test_cells_take_every_column_once() -> None:
    taken = [name for padding in PADDINGS for pooling in POOLINGS if pooling != "mean"
             for name in columns_of_cell(padding, pooling)]  # fmt: skip
    assert sorted(taken) == sorted(padded_pools(white_noise(0.1), 44100, RECIPE))
    assert columns_of_cell("as_is", "mean_sd")[: len(MEASURES)] == columns_of_cell("as_is", "mean")


def test_the_window_is_the_audits() -> None:
    assert WINDOW_S == window.WINDOW_S
