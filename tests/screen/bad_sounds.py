"""Sounds that are no sibilants, for tests and benchmarks: known by construction, all synthetic."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

Samples = NDArray[np.float64]

SR = 44100


def seconds(duration_s: float, sr: int = SR) -> Samples:
    return np.arange(round(duration_s * sr)) / sr


def silence(duration_s: float, sr: int = SR) -> Samples:
    return np.zeros(round(duration_s * sr))


def dither(duration_s: float, sr: int = SR, seed: int = 0) -> Samples:
    """White noise at -120 dB re full scale."""
    return 1e-6 * np.random.default_rng(seed).standard_normal(round(duration_s * sr))


def white(duration_s: float, sr: int = SR, seed: int = 0) -> Samples:
    return 0.05 * np.random.default_rng(seed).standard_normal(round(duration_s * sr))


def pink(duration_s: float, sr: int = SR, seed: int = 0) -> Samples:
    """Noise that falls by 3 dB an octave."""
    n = round(duration_s * sr)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(n, 1 / sr), 20.0))
    noise = np.fft.irfft(spectrum, n)
    return 0.05 * noise / noise.std()


def tone(hz: float, duration_s: float, sr: int = SR) -> Samples:
    return 0.2 * np.sin(2 * np.pi * hz * seconds(duration_s, sr))


def hum(f0: float, duration_s: float, sr: int = SR, n: int = 60) -> Samples:
    """`n` harmonics of a mains frequency, as far as the rate holds them, falling by 6 dB an
    octave."""
    t = seconds(duration_s, sr)
    numbers = [k for k in range(1, n + 1) if k * f0 < 0.45 * sr]
    return 0.2 * np.sum([np.sin(2 * np.pi * f0 * k * t + k) / k for k in numbers], axis=0)


def clipped(duration_s: float, sr: int = SR, seed: int = 0) -> Samples:
    """A third of the samples are flat tops."""
    return np.clip(white(duration_s, sr, seed) / 0.05, -1.0, 1.0) * 0.99


def offset(duration_s: float, sr: int = SR) -> Samples:
    """Nothing but a constant."""
    return np.full(round(duration_s * sr), 0.3)


def plucked(hz: float, duration_s: float, sr: int, rng: np.random.Generator) -> Samples:
    """A decaying string with slightly stretched overtones."""
    t = seconds(duration_s, sr)
    numbers = [k for k in range(1, 25) if k * hz < 0.45 * sr]
    return np.sum(
        [np.exp(-t * (2 + 0.6 * k)) / k
         * np.sin(2 * np.pi * hz * k * (1 + 2e-4 * k * k) * t + rng.uniform(0, 6.28))
         for k in numbers], axis=0,
    )  # fmt: skip


def hi_hat(duration_s: float, sr: int, rng: np.random.Generator, decay_s: float) -> Samples:
    """A burst of high-passed noise that dies away: the drum that is most like a sibilant."""
    noise = rng.standard_normal(round(duration_s * sr))
    sos = butter(4, min(6000, 0.4 * sr), "high", fs=sr, output="sos")
    return sosfilt(sos, noise) * np.exp(-seconds(duration_s, sr) / decay_s)


def drum(duration_s: float, sr: int, rng: np.random.Generator) -> Samples:
    """A falling tone, and the wires under it."""
    t = seconds(duration_s, sr)
    skin = np.sin(2 * np.pi * (180 * t - 120 * t * t)) * np.exp(-t / 0.08)
    return skin + 0.5 * rng.standard_normal(len(t)) * np.exp(-t / 0.06)


def music(duration_s: float, sr: int = SR, seed: int = 0, drums: bool = True) -> Samples:
    """Plucked chords at 120 to the minute; with `drums` a bass drum and a hi-hat."""
    rng = np.random.default_rng(seed)
    made = np.zeros(round(duration_s * sr))

    def add(at_s: float, sound: Samples, gain: float) -> None:
        first = round(at_s * sr)
        part = sound[: max(len(made) - first, 0)]
        made[first : first + len(part)] += gain * part

    roots = (220.0, 174.6, 130.8, 196.0)
    for number, at_s in enumerate(np.arange(0, duration_s, 0.5)):
        for ratio in (1.0, 1.26, 1.498, 2.0):
            add(at_s, plucked(roots[number // 4 % 4] * ratio, 1.5, sr, rng), 0.08)
        if drums:
            if number % 2:
                add(at_s, drum(0.3, sr, rng), 0.15)
            for late in (0.0, 0.25):
                add(at_s + late, hi_hat(0.2, sr, rng, 0.04), 0.05)
    return 0.5 * made / max(np.abs(made).max(), 1e-9)


NO_SIBILANT: dict[str, Callable[..., Samples]] = {
    "silence": silence,
    "dither": dither,
    "white noise": white,
    "pink noise": pink,
    "tone of 1 kHz": lambda s, sr=SR: tone(1000, s, sr),
    "tone of 5.3 kHz": lambda s, sr=SR: tone(5317, s, sr),
    "hum of 50 Hz": lambda s, sr=SR: hum(50, s, sr),
    "hum of 60 Hz": lambda s, sr=SR: hum(60, s, sr),
    "clipped": clipped,
    "offset": offset,
    "music": music,
    "music without drums": lambda s, sr=SR: music(s, sr, drums=False),
}
"""Sounds of a duration in seconds and a rate."""
