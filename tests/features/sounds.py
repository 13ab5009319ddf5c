"""Small sounds whose measures are known."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]


def tone(hz: float, *, duration_s: float = 0.2, sr: int = 44100, amplitude: float = 0.5) -> Samples:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(duration_s * sr)) / sr)


def impulse(*, duration_s: float = 0.1, sr: int = 44100) -> Samples:
    """One sample in the middle: every spectrum that holds it is perfectly flat."""
    samples = np.zeros(round(duration_s * sr))
    samples[len(samples) // 2] = 1.0
    return samples


def sines_below(
    high_hz: float, *, sr: int, duration_s: float = 0.3, n_sines: int = 400, seed: int = 0
) -> Samples:
    """Many sines of random phase: the same sound at any sampling rate above 2 * high_hz."""
    rng = np.random.default_rng(seed)
    hz = rng.uniform(100, high_hz, n_sines)
    phase = rng.uniform(0, 2 * np.pi, n_sines)
    times = np.arange(round(duration_s * sr)) / sr
    return 0.01 * np.sin(2 * np.pi * hz[:, None] * times + phase[:, None]).sum(axis=0)
