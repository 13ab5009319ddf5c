"""Fricatives by noise of random spectra, put in the place of those in a recording.

SYNTHETIC. Few voices are too few mouths: a search that has heard one /s/ of each takes their
resonances for what /s/ is. Peaks, slopes, levels and durations are drawn from wider ranges than
the literature gives for each place of articulation, so that only what tells the places apart is
left to learn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

Floats = NDArray[np.float64]
Kind = Literal["sibilant", "dental", "labial", "back", "affricate", "other"]
Clip = tuple[Floats, int]

LEVELS_DB: dict[str, tuple[float, float]] = {
    "sibilant": (-32, -6), "dental": (-46, -18), "labial": (-46, -18), "back": (-38, -12),
}  # fmt: skip
"""Re the loud parts of the recording."""
VOICED_DB = -4.0
REPLACED, BY_CLIP, SUSTAINED = 0.75, 0.35, 0.06
FADE_S = 0.008


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A phone's place in seconds, its kind, whether it is voiced, and its own name."""

    start: float
    end: float
    kind: Kind
    voiced: bool = False
    name: str = ""


def replaced(
    samples: Floats, sr: int, phones: Sequence[Phone], clips: Sequence[Clip],
    rng: np.random.Generator,
) -> tuple[Floats, list[Phone]]:  # fmt: skip
    """The recording with three in four of its fricatives replaced, sibilants also by `clips`, and
    the phones where they are then."""
    loud = _loudness(samples, sr)
    parts: list[Floats] = []
    moved: list[Phone] = []
    at, now_s = 0, 0.0
    for phone in phones:
        first, after = int(phone.start * sr), min(int(phone.end * sr), len(samples))
        if after <= first:
            continue
        parts.append(samples[at:first])
        now_s += max(first - at, 0) / sr
        sound = samples[first:after]
        if phone.kind in LEVELS_DB and rng.random() < REPLACED:
            if phone.kind == "sibilant" and rng.random() < BY_CLIP:
                sound = _of_clip(*clips[rng.integers(len(clips))], sr, loud, rng)
            else:
                sound = _noise(phone, sr, loud, rng)
        parts.append(sound)
        length_s = len(sound) / sr
        moved.append(replace(phone, start=now_s, end=now_s + length_s))
        now_s, at = now_s + length_s, after
    return np.concatenate([*parts, samples[at:]]), moved


def _loudness(samples: Floats, sr: int) -> float:
    """RMS of the loud 20 ms frames."""
    length = round(0.020 * sr)
    n = len(samples) // length
    power = (samples[: n * length].reshape(n, length) ** 2).mean(axis=1)
    return float(np.sqrt(np.percentile(power, 92))) + 1e-9


def _of_clip(clip: Floats, clip_sr: int, sr: int, loud: float, rng: np.random.Generator) -> Floats:
    sound = resample_poly(clip, sr, clip_sr) if clip_sr != sr else clip.copy()
    sound *= loud * 10 ** (rng.uniform(-28, -6) / 20) / max(_rms(sound), 1e-9)
    fade = min(round(FADE_S * sr), len(sound) // 3)
    sound[:fade] *= np.linspace(0, 1, fade)
    sound[len(sound) - fade :] *= np.linspace(1, 0, fade)
    return sound


def _noise(phone: Phone, sr: int, loud: float, rng: np.random.Generator) -> Floats:
    """Shaped noise with soft edges and a slowly moving level; voiced ones pulse and hum."""
    duration_s = (phone.end - phone.start) * rng.uniform(0.7, 1.8)
    if rng.random() < SUSTAINED:
        duration_s = rng.uniform(0.4, 1.5)
    n = max(round(max(duration_s, 0.04) * sr), 40)
    freqs = np.fft.rfftfreq(2 * n, 1 / sr)
    gain = 10 ** (_curve(phone.kind, freqs, rng) / 20)
    sound = np.fft.irfft(np.fft.rfft(rng.standard_normal(2 * n)) * gain, 2 * n)[:n]
    level = rng.uniform(*LEVELS_DB[phone.kind]) + VOICED_DB * phone.voiced
    sound *= loud * 10 ** (level / 20) / max(_rms(sound), 1e-12)
    shape = _edges(n, sr, rng)
    knots = max(n // round(0.04 * sr), 2)
    course_db = np.interp(np.arange(n), np.linspace(0, n, knots), rng.normal(0, 1.5, knots))
    sound *= shape * 10 ** (course_db / 20)
    if not phone.voiced:
        return sound
    f0 = rng.uniform(90, 320)
    time = np.arange(n) / sr
    hum = sum(np.sin(2 * np.pi * f0 * k * time + rng.uniform(0, 6)) / k**1.5 for k in (1, 2, 3))
    pulsing: Floats = sound * (1 + 0.6 * np.sin(2 * np.pi * f0 * time))
    return pulsing + hum * loud * 10 ** (-rng.uniform(8, 30) / 20) * shape


def _edges(n: int, sr: int, rng: np.random.Generator) -> Floats:
    shape = np.ones(n)
    rise, fall = (min(max(round(rng.uniform(0.005, 0.04) * sr), 2), n // 3) for _ in range(2))
    shape[:rise] = 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    shape[n - fall :] = 0.5 + 0.5 * np.cos(np.pi * np.arange(fall) / fall)
    return shape


def _curve(kind: Kind, freqs: Floats, rng: np.random.Generator) -> Floats:
    """A spectrum in dB for the place of articulation, with ripples of up to a few dB."""
    octaves = np.log2(np.maximum(freqs, 50))
    if kind == "sibilant":
        curve = _sibilant(octaves, rng)
    elif kind in ("dental", "labial"):
        curve = rng.uniform(-3, 3.5) * (octaves - 12)
        if rng.random() < 0.4:
            curve = np.maximum(curve, _peak(octaves, rng.uniform(5500, 9000), 12, 12)
                               + rng.uniform(0, 8))  # fmt: skip
        if rng.random() < 0.4:
            curve = np.maximum(curve, _peak(octaves, rng.uniform(900, 2500), 12, 12)
                               + rng.uniform(0, 8))  # fmt: skip
    else:
        curve = _peak(octaves, rng.uniform(500, 2400), rng.uniform(6, 25), rng.uniform(8, 26))
        curve = np.maximum(curve, _peak(octaves, rng.uniform(2300, 4800), 25, 25)
                           - rng.uniform(4, 25))  # fmt: skip
        curve = np.maximum(curve, -rng.uniform(25, 45))
    walk = np.cumsum(rng.standard_normal(24))
    ripples = 2.0 * (walk - walk.mean()) / max(walk.std(), 0.1) * rng.uniform(0, 1)
    found: Floats = curve + np.interp(freqs, np.linspace(50, freqs[-1], 24), ripples)
    return found


def _sibilant(octaves: Floats, rng: np.random.Generator) -> Floats:
    """Half alveolar, a quarter postalveolar, a quarter lateral: broad, of several peaks."""
    which = rng.random()
    if which < 0.5:
        curve = np.maximum(_peak(octaves, rng.uniform(3300, 9000), rng.uniform(10, 40),
                                 rng.uniform(2, 15)), -rng.uniform(22, 50))  # fmt: skip
    elif which < 0.75:
        curve = np.maximum(_peak(octaves, rng.uniform(1800, 4600), rng.uniform(15, 40),
                                 rng.uniform(4, 16)), -rng.uniform(22, 50))  # fmt: skip
    else:
        curve = np.full(len(octaves), -rng.uniform(20, 45))
        for _ in range(rng.integers(2, 5)):
            peak = _peak(octaves, rng.uniform(1600, 7000), rng.uniform(8, 30), rng.uniform(6, 20))
            curve = 4 * np.logaddexp(curve / 4, (peak - rng.uniform(0, 9)) / 4)
    for _ in range(rng.integers(0, 3)):
        curve = np.maximum(curve, _peak(octaves, rng.uniform(1200, 9000), 40, 40)
                           - rng.uniform(3, 20))  # fmt: skip
    return curve


def _peak(octaves: Floats, at_hz: float, below: float, above: float) -> Floats:
    """0 dB at a frequency, falling by so many dB an octave on each side, to -60 dB."""
    apart = octaves - np.log2(at_hz)
    found: Floats = np.maximum(np.where(apart < 0, below * apart, -above * apart), -60)
    return found


def _rms(sound: Floats) -> float:
    return float(np.sqrt(np.mean(sound**2)))
