"""Copies are found however they were changed, and different takes are not copies."""

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from acoustic_sib.corpus import duplicates
from acoustic_sib.corpus.duplicates import Copies, correlation, find_copies, fingerprint
from tests.conftest import shared_folder, white_noise
from tests.corpus.heard import Heard

Floats = NDArray[np.float64]
SR = 44_100


def fricative(seed: int, duration_s: float = 0.16, sr: int = SR, voice_hz: float = 0.0) -> Floats:
    """Noise around 6.5 kHz that rises and falls, with or without a voice below it."""
    noise = white_noise(duration_s, sr, seed)
    freqs = np.fft.rfftfreq(len(noise), 1 / sr)
    gain = 10 ** (35 / (1 + ((freqs - 6500) / 1200) ** 2) / 20)
    shaped = np.fft.irfft(np.fft.rfft(noise) * gain, len(noise)) * np.hanning(len(noise)) ** 0.5
    time = np.arange(len(noise)) / sr
    voice = sum(np.sin(2 * np.pi * voice_hz * k * time) / k for k in range(1, 15))
    return 0.02 * (shaped / shaped.std() + 3 * voice * (voice_hz > 0))


def vowel(seed: int, pitch_hz: float = 200.0, sr: int = SR) -> Floats:
    """A sustained vowel of one speaker: the same formants, a pitch that hardly moves, breath."""
    rng = np.random.default_rng(seed)
    n = round(0.16 * sr)
    drift = np.cumsum(rng.standard_normal(n)) * 2e-5
    phase = 2 * np.pi * (np.cumsum(pitch_hz * (1 + drift)) / sr + rng.random())
    formants = [(700, 80), (1200, 90), (2600, 120)]
    voice = np.zeros(n)
    for k in range(1, int(6000 / pitch_hz)):
        gain = sum(1 / (1 + ((k * pitch_hz - centre) / width) ** 2) for centre, width in formants)
        voice += gain / k * np.cos(k * phase)
    return 0.1 * voice / voice.std() + 0.003 * rng.standard_normal(n)


def coded(samples: Floats, form: str, subtype: str, compression: float) -> Floats:
    written = io.BytesIO()
    soundfile.write(written, samples, SR, format=form, subtype=subtype,
                    compression_level=compression)  # fmt: skip
    written.seek(0)
    return soundfile.read(written)[0]


def searched(sounds: dict[str, Floats], sr: int | dict[str, int] = SR) -> Copies:
    made = Heard()
    for name, samples in sounds.items():
        made.add(name, "Normal", "s0", samples, sr[name] if isinstance(sr, dict) else sr)
    return find_copies(made.quality.reset_index(), made.read)


def pairs(copies: Copies) -> set[tuple[str, str]]:
    return {(copy.first, copy.second) for copy in copies.found}


CHANGES: dict[str, Callable[[Floats], Floats]] = {
    "quieter": lambda samples: 0.1 * samples,
    "inverted": lambda samples: -samples,
    "in 16 bits after a fade down": lambda samples: np.round(0.1 * samples * 32768) / 32768,
    "with an offset": lambda samples: samples + 0.01,
    "trimmed at the front": lambda samples: samples[len(samples) * 3 // 10 :],
    "trimmed on both sides": lambda samples: samples[1000:-1000],
    "trimmed to 60 % and quieter": lambda samples: 0.5 * samples[: len(samples) * 6 // 10],
    "padded": lambda samples: np.pad(samples, (700, 4000)),
    "as Vorbis": lambda samples: coded(samples, "OGG", "VORBIS", 0.5),
    "as MP3": lambda samples: coded(samples, "MP3", "MPEG_LAYER_III", 0.5),
    "through 22.05 kHz": lambda samples: soxr.resample(soxr.resample(samples, SR, 22_050),
                                                       22_050, SR),
}  # fmt: skip


@pytest.mark.parametrize("voice_hz", [0.0, 130.0])
@pytest.mark.parametrize("change", list(CHANGES.values()), ids=list(CHANGES))
def test_changed_copies_are_found(change: Callable[[Floats], Floats], voice_hz: float) -> None:
    sounds = {f"c{seed}": fricative(seed, voice_hz=voice_hz) for seed in range(8)}
    sounds |= {f"d{seed}": change(sounds[f"c{seed}"]) for seed in range(3)}
    found = searched(sounds)
    assert pairs(found) == {(f"c{seed}", f"d{seed}") for seed in range(3)}
    assert {copy.kind for copy in found.found} == {"near-identical"}


def test_takes_of_one_noise_are_no_copies() -> None:
    lengths = [0.02, 0.03, 0.05, 0.1, 0.16, 0.3]
    sounds = {f"c{seed}": fricative(seed, lengths[seed % 6]) for seed in range(240)}
    assert searched(sounds).found == ()


def test_sustained_vowels_of_one_speaker_are_no_copies() -> None:
    sounds = {f"v{seed}": vowel(seed) for seed in range(40)}
    found = searched(sounds)
    assert found.found == ()
    # They do have fine spectra in common, so that only their correlation tells them apart.
    assert found.n_compared > 40
    sounds["copy"] = 0.5 * sounds["v7"][1000:]
    assert pairs(searched(sounds)) == {("v7", "copy")}


def test_identical_clips_are_told_once_each_and_without_reading() -> None:
    made = Heard()
    for number, seed in enumerate([1, 2, 1, 3, 1, 2]):
        made.add(f"c{number}", "Normal", "s0", fricative(seed))
    found = find_copies(made.quality.reset_index(), None)
    assert pairs(found) == {("c0", "c2"), ("c0", "c4"), ("c1", "c5")}
    assert {copy.kind for copy in found.found} == {"identical"}
    assert pairs(find_copies(made.quality.reset_index(), made.read)) == pairs(found)


def test_silent_clips_are_no_copies_of_one_another() -> None:
    assert searched({name: np.zeros(4000) for name in "abc"}).found == ()


def test_known_pairs_are_not_told_again() -> None:
    made = Heard()
    made.add("a", "Normal", "s0", fricative(1), SR)
    made.add("b", "Normal", "s0", 0.5 * fricative(1), SR)
    table = made.quality.reset_index()
    assert len(find_copies(table, made.read).found) == 1
    assert find_copies(table, made.read, known={frozenset("ab")}).found == ()


def test_clips_of_different_rates_are_not_compared() -> None:
    sounds = {"a": fricative(1), "b": soxr.resample(fricative(1), SR, 16_000)}
    assert searched(sounds, {"a": SR, "b": 16_000}).n_compared == 0


@pytest.mark.parametrize("n", [1, 2, 5, 100, 441])
def test_clips_of_a_few_samples_do_no_harm(n: int) -> None:
    sounds = {f"c{seed}": white_noise(n / SR, SR, seed)[:n] for seed in range(4)}
    assert 0 <= searched({**sounds, "long": fricative(1)}).n_compared <= 10


def test_pairs_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MOST_COMPARED", 2)
    sounds = {f"c{seed}": fricative(seed) for seed in range(5)}
    sounds |= {f"d{seed}": 0.5 * sounds[f"c{seed}"] for seed in range(5)}
    found = searched(sounds)
    assert (len(found.found), found.n_compared, found.n_uncompared) == (2, 2, 3)


def test_pairs_are_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "BLOCK", 3)
    sounds = {f"c{seed}": fricative(seed) for seed in range(10)}
    sounds |= {"d1": -sounds["c1"], "d8": -sounds["c8"]}
    assert pairs(searched(sounds)) == {("c1", "d1"), ("c8", "d8")}


def test_the_fingerprint_is_blind_to_level_polarity_and_time() -> None:
    sound = fricative(1)
    for faded in (False, True):
        own = fingerprint(sound, SR, faded=faded)
        assert np.linalg.norm(own) == pytest.approx(1, abs=1e-5)
        assert own @ fingerprint(-0.2 * sound, SR, faded=faded) == pytest.approx(1, abs=1e-5)
        assert abs(own @ fingerprint(fricative(2), SR, faded=faded)) < 0.2
    padded = np.concatenate([np.zeros(501), sound - sound.mean(), np.zeros(90)])
    own = fingerprint(sound, SR, faded=False)
    assert own @ fingerprint(padded, SR, faded=False) == pytest.approx(1, abs=1e-3)


def test_the_correlation_of_a_sound_with_itself_is_1_and_with_another_small() -> None:
    sound, other = white_noise(0.1, SR, 1), white_noise(0.1, SR, 2)
    assert correlation(sound, -3 * sound, SR, SR / 2) == pytest.approx(1, abs=1e-5)
    # The largest of some 4000 shifts of about 1000 independent values: 5 / sqrt(1000) at most.
    assert correlation(sound, other, SR, SR / 2) < 0.16


def test_an_equal_mixture_correlates_by_its_share_of_energy() -> None:
    first, second = white_noise(0.5, SR, 1), white_noise(0.5, SR, 2)
    assert correlation(first, first + second, SR, SR / 2) == pytest.approx(0.5**0.5, abs=0.03)


def test_real_speech_has_no_copies_but_the_planted_ones() -> None:
    folder = shared_folder("corpora/speechocean")
    names = pd.read_csv(folder / "metadata.csv")["file_name"][:500]
    sounds = {name: soundfile.read(folder / name)[0] for name in names}
    assert searched(sounds, 16_000).found == ()
    planted = {f"copy of {name}": 0.3 * sounds[name][len(sounds[name]) // 5 :]
               for name in names[::50]}  # fmt: skip
    found = pairs(searched({**sounds, **planted}, 16_000))
    assert found <= {(name, f"copy of {name}") for name in names}
    assert len(found) >= 9
