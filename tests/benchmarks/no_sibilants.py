"""Clips that are no sibilants, each as somebody might hand it over on its own: noise, music, speech
without frication. All synthetic but the phones of speechocean."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.audio import read_sound
from acoustic_sib.corpus.textgrid import read_textgrid
from tests.conftest import shared_folder
from tests.screen.bad_sounds import SR, drum, hi_hat, music, pink, plucked, seconds, white

Samples = NDArray[np.float64]
Clip = tuple[Samples, int]

DURATIONS_S = (0.06, 0.1, 0.2, 0.35)
N_EACH = 20
"""Clips of each duration."""
N_SPOKEN = 80
LOUD = 0.1
"""Level (root mean square) that every clip is brought to: that of a recording well set."""


def brown(duration_s: float, sr: int, rng: np.random.Generator) -> Samples:
    """Noise that falls by 6 dB an octave."""
    n = round(duration_s * sr)
    spectrum = np.fft.rfft(rng.standard_normal(n))
    return np.fft.irfft(spectrum / np.maximum(np.fft.rfftfreq(n, 1 / sr), 20.0), n)


def applause(duration_s: float, sr: int, rng: np.random.Generator) -> Samples:
    """Claps at 300 a second: noise bursts about 1 to 3 kHz that die away in 3 to 8 ms."""
    made = np.zeros(round((duration_s + 0.1) * sr))
    for first in rng.integers(0, len(made), round(300 * (duration_s + 0.1))):
        t = seconds(0.04, sr)[: len(made) - first]
        clap = rng.standard_normal(len(t)) * np.sin(2 * np.pi * rng.uniform(1000, 3000) * t)
        made[first : first + len(t)] += clap * np.exp(-t / rng.uniform(0.003, 0.008))
    return made[-round(duration_s * sr) :]


def sweep(duration_s: float, sr: int, rng: np.random.Generator) -> Samples:
    """A tone that glides between two frequencies of 0.2 to 10 kHz."""
    low, high = np.exp(rng.uniform(np.log(200), np.log(10000), 2))
    hz = np.linspace(low, high, round(duration_s * sr))
    return np.sin(2 * np.pi * np.cumsum(hz) / sr)


def chord(duration_s: float, sr: int, rng: np.random.Generator) -> Samples:
    root = rng.uniform(110, 440)
    return np.sum([plucked(root * ratio, duration_s, sr, rng) for ratio in (1, 1.26, 1.498)], 0)


def band_noise(duration_s: float, sr: int, rng: np.random.Generator) -> Samples:
    """Noise of a fan or a hiss: one octave, centred between 0.5 and 8 kHz."""
    n, centre = round(duration_s * sr), rng.uniform(500, 8000)
    freqs = np.fft.rfftfreq(n, 1 / sr)
    spectrum = np.fft.rfft(rng.standard_normal(n))
    return np.fft.irfft(spectrum * ((freqs > centre / 1.41) & (freqs < centre * 1.41)), n)


def knock(duration_s: float, sr: int, rng: np.random.Generator) -> Samples:
    """A blow on a table: three resonances that die away, and a click."""
    t = seconds(duration_s, sr)
    made = 0.3 * rng.standard_normal(len(t)) * np.exp(-t / 0.004)
    for hz in rng.uniform(150, 2500, 3):
        made += np.sin(2 * np.pi * hz * t) * np.exp(-t / rng.uniform(0.01, 0.05))
    return made


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _band_music(duration_s: float, sr: int, rng: np.random.Generator) -> Samples:
    """A piece out of four seconds of chords, drums and hi-hats."""
    made, n = music(4.0, sr, seed=_seed(rng)), round(duration_s * sr)
    first = int(rng.integers(0, len(made) - n))
    return made[first : first + n]


DRAWN: dict[str, Callable[[float, int, np.random.Generator], Samples]] = {
    "white noise": lambda s, sr, rng: white(s, sr, _seed(rng)),
    "pink noise": lambda s, sr, rng: pink(s, sr, _seed(rng)),
    "brown noise": brown,
    "an octave of noise": band_noise,
    "applause": applause,
    "hi-hats": lambda s, sr, rng: hi_hat(s, sr, rng, 0.04),
    "drums": drum,
    "knocks": knock,
    "sweeps": sweep,
    "chords": chord,
    "music": _band_music,
}


def drawn(name: str) -> Iterator[Clip]:
    """N_EACH clips of each of DURATIONS_S of a synthetic sound, at 44.1 kHz."""
    rng = np.random.default_rng([29, list(DRAWN).index(name)])
    for duration_s in DURATIONS_S:
        for _ in range(N_EACH):
            made = DRAWN[name](duration_s, SR, rng)
            yield LOUD * made / np.sqrt(np.mean(made**2)), SR


VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")
SONORANTS = ("M", "N", "NG", "L", "R", "W", "Y")
STOPS = ("P", "T", "K", "B", "D", "G")


def spoken() -> dict[str, list[Clip]]:
    """Phones of speechocean's utterances (vowels, sonorants, stops; from 50 ms on), pieces of
    350 ms out of espeak's sentences, and babble of eight of those; N_SPOKEN of each."""
    rng = np.random.default_rng(31)
    found: dict[str, list[Clip]] = {"vowels": [], "sonorants": [], "stops": []}
    for path in sorted(shared_folder("corpora/speechocean/utterances").glob("*.flac")):
        sound = read_sound(path)
        for start, end, phone in _phones(path, "phone"):
            kind = next((name for name, phones in (("vowels", VOWELS), ("sonorants", SONORANTS),
                                                   ("stops", STOPS))
                         if phone.rstrip("012") in phones), "")  # fmt: skip
            if kind and end - start >= 0.05:
                piece = sound.samples[round(start * sound.sr) : round(end * sound.sr)]
                if len(piece) and np.any(piece):
                    found[kind].append((piece, sound.sr))
    voices = [read_sound(path) for path in
              sorted(shared_folder("corpora/espeak/utterances").glob("*_Normal.flac"))]  # fmt: skip
    found["pieces of sentences"] = [
        (piece, one.sr) for one in voices for at in rng.uniform(0.1, 0.6, 4)
        for piece in [one.samples[round(at * len(one.samples)) :][: round(0.35 * one.sr)]]
    ]  # fmt: skip
    found["babble"] = []
    for _ in range(N_SPOKEN):
        n = round(rng.choice(DURATIONS_S) * voices[0].sr)
        made = np.zeros(n)
        for one in rng.choice(len(voices), 8, replace=False):
            first = int(rng.integers(0, len(voices[one].samples) - n))
            made += voices[one].samples[first : first + n]
        found["babble"].append((made, voices[0].sr))
    return {name: [clips[i] for i in rng.permutation(len(clips))[:N_SPOKEN]]
            for name, clips in found.items()}  # fmt: skip


def _phones(path: Path, tier: str) -> list[tuple[float, float, str]]:
    tiers = {one.name: one for one in read_textgrid(path.with_suffix(".TextGrid"))}
    return [(one.start_s, one.end_s, one.text) for one in tiers[tier].intervals]
