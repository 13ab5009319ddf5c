"""Quality measures against theory, hand counts, and walls made by resampling and coding."""

import io

import numpy as np
import pandas as pd
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from acoustic_sib.quality import clipped_share, effective_bandwidth, measure_quality
from tests.conftest import shared_folder, white_noise

Floats = NDArray[np.float64]
SR = 44_100
LENGTHS_S = (0.03, 0.08, 0.16, 0.3)


def sixteen_bits(samples: Floats) -> Floats:
    return np.round(samples * 32767) / 32768


def through(samples: Floats, sr: int, inner_sr: int) -> Floats:
    """What is left of a sound that was stored at `inner_sr` and brought back, in 16 bits."""
    return sixteen_bits(soxr.resample(soxr.resample(samples, sr, inner_sr), inner_sr, sr))


def mp3(samples: Floats, sr: int) -> Floats:
    coded = io.BytesIO()
    soundfile.write(coded, samples, sr, format="MP3")
    coded.seek(0)
    return soundfile.read(coded)[0]


def tilted(duration_s: float, sr: int, db_per_octave: float, seed: int = 0) -> Floats:
    """Noise whose level falls evenly above 1 kHz, over a room 50 dB below."""
    noise = white_noise(duration_s, sr, seed)
    freqs = np.fft.rfftfreq(len(noise), 1 / sr)
    gain = 10 ** (db_per_octave * np.log2(np.maximum(freqs, 1000) / 1000) / 20)
    room = white_noise(duration_s, sr, seed + 1000) * 10 ** (-50 / 20)
    return sixteen_bits(np.fft.irfft(np.fft.rfft(noise) * gain, len(noise)) + room)


def fricative(duration_s: float, sr: int, seed: int, *, peak_hz: float = 6500.0) -> Floats:
    """One resonance 35 dB above its skirts, falling on both sides."""
    noise = white_noise(duration_s, sr, seed)
    freqs = np.fft.rfftfreq(len(noise), 1 / sr)
    gain = 10 ** (35 / (1 + ((freqs - peak_hz) / 1200) ** 2) / 20)
    return sixteen_bits(0.03 * np.fft.irfft(np.fft.rfft(noise) * gain, len(noise)))


def voiced_murmur(duration_s: float, sr: int) -> Floats:
    """A weak voiced dental: harmonics of 150 Hz that end at 2.9 kHz, over a quiet room."""
    time = np.arange(round(duration_s * sr)) / sr
    voice = sum(np.sin(2 * np.pi * 150 * k * time + k) / k for k in range(1, 20))
    return sixteen_bits(0.05 * voice + 0.001 * white_noise(duration_s, sr))


def test_levels_of_a_sine_of_half_scale_with_an_offset() -> None:
    time = np.arange(SR) / SR
    found = measure_quality(0.5 * np.sin(2 * np.pi * 1000 * time) + 0.1, SR)
    assert found["duration_s"] == 1.0
    assert found["level_db"] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=1e-6)
    assert found["peak_db"] == pytest.approx(20 * np.log10(0.6), abs=1e-3)
    assert found["dc"] == pytest.approx(0.1, abs=1e-9)
    assert found["silence_share"] == 0
    assert found["clipped_share"] == 0


def test_a_full_scale_square_wave_has_0_db() -> None:
    square = np.where(np.arange(4410) % 10 < 5, 1.0, -1.0)
    assert measure_quality(square, SR)["level_db"] == pytest.approx(0, abs=1e-9)


def test_the_noise_floor_is_that_of_the_pause() -> None:
    pause, sound = 0.001 * white_noise(0.1, seed=1), white_noise(0.3, seed=2)
    found = measure_quality(np.concatenate([pause, sound]), SR)
    # White noise of 0.05 and, in the pause, 60 dB less.
    assert found["noise_floor_db"] == pytest.approx(20 * np.log10(0.05) - 60, abs=1.0)
    assert found["silence_share"] == pytest.approx(0.25, abs=0.02)


def test_digital_silence_is_a_floor_in_level_and_not_measurable_in_bandwidth() -> None:
    found = measure_quality(np.zeros(8000), 16_000)
    assert np.isnan(found.pop("bandwidth_hz"))
    assert found == {
        "duration_s": 0.5, "level_db": -150, "peak_db": -150, "noise_floor_db": -150,
        "silence_share": 1, "clipped_share": 0, "dc": 0,
    }  # fmt: skip


def test_a_constant_offset_is_silence_at_a_peak() -> None:
    found = measure_quality(np.full(8000, 0.25), 16_000)
    assert found["level_db"] == -150
    assert found["peak_db"] == pytest.approx(20 * np.log10(0.25))
    assert found["silence_share"] == 1


@pytest.mark.parametrize("n_samples", [0, 1, 2, 50, 441, 881, 882])
def test_the_same_names_for_any_length(n_samples: int) -> None:
    found = measure_quality(white_noise(1.0)[:n_samples], SR)
    assert list(found) == list(measure_quality(white_noise(0.2), SR))
    assert found["duration_s"] == n_samples / SR
    assert np.isnan(found["noise_floor_db"]) == (n_samples < 880)
    assert np.isnan(found["bandwidth_hz"]) == (n_samples < 441)
    assert all(type(value) is float for value in found.values())


def test_clipped_samples_are_counted_at_any_gain() -> None:
    # Four samples are cut off at the top, two at the bottom; a single extreme is none.
    wave = np.array([0, 0.9, 0.9, 0.9, 0.1, -0.9, -0.9, 0.3, 0.9, 0.2, 0.0, 0.5])
    assert clipped_share(wave) == pytest.approx(5 / 12)
    assert clipped_share(wave / 3) == pytest.approx(5 / 12)
    assert clipped_share(wave / 30) == 0


def test_clipping_a_sine_at_half_its_height_cuts_two_thirds_of_it() -> None:
    sine = np.sin(2 * np.pi * 97.3 * np.arange(SR) / SR)
    assert clipped_share(np.clip(sine, -0.5, 0.5)) == pytest.approx(2 / 3, abs=0.01)
    assert clipped_share(sixteen_bits(sine)) < 0.001


@pytest.mark.parametrize("duration_s", LENGTHS_S)
@pytest.mark.parametrize("sr", [16_000, 24_000, 44_100, 48_000, 96_000])
def test_native_noise_has_no_wall(sr: int, duration_s: float) -> None:
    for seed in range(5):
        assert effective_bandwidth(sixteen_bits(white_noise(duration_s, sr, seed)), sr) == sr / 2


@pytest.mark.parametrize("duration_s", LENGTHS_S)
@pytest.mark.parametrize("sr", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("db_per_octave", [-6, -12, -18, -30])
def test_natural_tilt_is_no_wall(sr: int, duration_s: float, db_per_octave: float) -> None:
    for seed in range(5):
        assert effective_bandwidth(tilted(duration_s, sr, db_per_octave, seed), sr) == sr / 2


@pytest.mark.parametrize("duration_s", LENGTHS_S)
@pytest.mark.parametrize("peak_hz", [3200, 4500, 6500, 9000])
def test_a_native_fricative_has_no_wall(peak_hz: float, duration_s: float) -> None:
    for seed in range(5):
        clip = fricative(duration_s, SR, seed, peak_hz=peak_hz)
        assert effective_bandwidth(clip, SR) == SR / 2


@pytest.mark.parametrize("duration_s", LENGTHS_S)
def test_a_voice_that_ends_below_3_khz_is_no_wall(duration_s: float) -> None:
    assert effective_bandwidth(voiced_murmur(duration_s, SR), SR) == SR / 2


@pytest.mark.parametrize("duration_s", LENGTHS_S)
@pytest.mark.parametrize("inner_sr", [8000, 16_000, 22_050, 24_000, 32_000])
@pytest.mark.parametrize("make", [white_noise, fricative])
def test_an_upsampled_file_ends_below_its_first_nyquist(make, inner_sr, duration_s) -> None:  # type: ignore[no-untyped-def]
    for seed in range(5):
        found = effective_bandwidth(through(make(duration_s, SR, seed), SR, inner_sr), SR)
        # The resampler's pass band ends at 0.91 of the Nyquist frequency.
        assert 0.88 * inner_sr / 2 <= found <= 1.01 * inner_sr / 2


@pytest.mark.parametrize("sr", [SR, 48_000])
@pytest.mark.parametrize("inner_sr", [8000, 16_000, 32_000])
@pytest.mark.parametrize("duration_s", [0.05, 0.2])
def test_an_upsampled_file_of_floats_ends_there_too(
    sr: int, inner_sr: int, duration_s: float
) -> None:
    # Nothing fills the empty band but the window's leakage, which goes on falling to the end.
    for seed in range(5):
        floats = soxr.resample(white_noise(duration_s, inner_sr, seed), inner_sr, sr)
        assert effective_bandwidth(floats, sr) == pytest.approx(inner_sr / 2, rel=0.051)


@pytest.mark.parametrize("sr", [16_000, SR, 48_000])
@pytest.mark.parametrize("db_per_octave", [0, -3, -6, -12])
def test_floats_without_any_room_have_no_wall(sr: int, db_per_octave: float) -> None:
    for seed in range(25):
        noise = white_noise(LENGTHS_S[seed % 4], sr, seed)
        octaves = np.log2(np.maximum(np.fft.rfftfreq(len(noise), 1 / sr), 100) / 100)
        tilt = 10 ** (db_per_octave * octaves / 20)
        assert effective_bandwidth(np.fft.irfft(np.fft.rfft(noise) * tilt, len(noise)), sr) == (
            sr / 2
        )


@pytest.mark.parametrize(("sr", "inner_sr"), [(16_000, 8000), (48_000, 16_000), (96_000, 44_100)])
def test_a_wall_is_found_at_other_rates(sr: int, inner_sr: int) -> None:
    found = effective_bandwidth(through(white_noise(0.16, sr), sr, inner_sr), sr)
    assert 0.88 * inner_sr / 2 <= found <= 1.01 * inner_sr / 2


def test_an_interfering_tone_above_it_does_not_hide_a_wall() -> None:
    clip = through(white_noise(0.2), SR, 16_000)
    whine = 1e-4 * np.sin(2 * np.pi * 15_625 * np.arange(len(clip)) / SR)
    assert 7000 <= effective_bandwidth(clip + whine, SR) <= 8000


def test_an_mp3_ends_where_its_coder_cuts() -> None:
    clip = white_noise(0.5)
    coded = mp3(clip, SR)
    found = effective_bandwidth(coded, SR)
    power = np.abs(np.fft.rfft(coded)) ** 2
    hertz = np.fft.rfftfreq(len(coded), 1 / SR)
    # 99.9 % of the energy of what was white lies below the wall.
    below = float(hertz[np.searchsorted(np.cumsum(power), 0.999 * power.sum())])
    assert 12_000 < found < 20_000
    assert found == pytest.approx(below, abs=400)


def test_a_wall_stays_at_its_place_for_any_gain_and_offset() -> None:
    clip = through(fricative(0.16, SR, 3), SR, 16_000)
    assert effective_bandwidth(0.05 * clip + 0.01, SR) == effective_bandwidth(clip, SR)


def recorded(corpus: str) -> pd.DataFrame:
    folder = shared_folder(f"corpora/{corpus}")
    table = pd.read_csv(folder / "metadata.csv")
    sounds = [soundfile.read(folder / name) for name in table["file_name"]]
    table["rate"] = [sr for _, sr in sounds]
    table["bandwidth_hz"] = [effective_bandwidth(samples, sr) for samples, sr in sounds]
    table["wall"] = table["bandwidth_hz"] < table["rate"] / 2
    table["up_hz"] = [
        effective_bandwidth(through(samples, sr, 16_000 if sr > 16_000 else 8000), sr)
        for samples, sr in sounds
    ]
    return table


def test_walls_of_voxangeles() -> None:
    table = recorded("voxangeles")
    assert table["bandwidth_hz"].notna().all()
    # One language was digitised at 22.05 kHz and upsampled: all its clips show it.
    upsampled = table["speaker"] == "njm"
    assert table.loc[upsampled, "bandwidth_hz"].between(10_800, 11_500).all()
    assert table.loc[~upsampled, "wall"].mean() < 0.01
    assert table.loc[~upsampled, "up_hz"].between(7000, 8000).mean() > 0.97


def test_speechocean_reaches_its_nyquist_frequency() -> None:
    table = recorded("speechocean")
    assert np.percentile(table["bandwidth_hz"], 5) == 8000
    assert table["wall"].mean() < 0.015
    assert (table["bandwidth_hz"] < 6500).mean() < 0.01
    assert table["up_hz"].between(3300, 4000).mean() > 0.97
