"""Is a clip as steady as noise from a machine? No breath is, from a sound's beginning to its end.

Short of what lies around it, nothing else tells a clip of noise from frication, which is noise.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BAND_HZ = (550.0, 11025.0)
FRAME_S = 0.010
SMOOTH_HZ = 200.0
SHORTEST_S = 0.150
"""Below it too few frames tell: more than one in a hundred sibilants is as steady."""
DECIBELS = 10 / np.log(10)


def unsteadiness(samples: Floats, sr: int) -> float:
    """Variance of the level in BAND_HZ (dB) of successive 10 ms, over that of steady Gaussian noise
    of the same spectrum: about 1 for noise. NaN below SHORTEST_S and where the band is empty.

    The mean power of such noise over T seconds has a relative variance of 1 / (B T), its level in
    dB one of (10 / ln 10)^2 / (B T), with B = (integral of the spectrum)^2 / integral of its square
    (Bendat & Piersol, Random Data).
    """
    if len(samples) < SHORTEST_S * sr:
        return float("nan")
    n = 1 << (len(samples) - 1).bit_length()
    step_hz = sr / n
    spectrum = np.fft.rfft(samples - samples.mean(), n)
    spectrum[: round(BAND_HZ[0] / step_hz)] = 0
    spectrum[round(BAND_HZ[1] / step_hz) :] = 0
    width = max(round(SMOOTH_HZ / step_hz), 1)
    power = np.add.reduceat(np.abs(spectrum) ** 2, np.arange(0, len(spectrum), width))
    length = round(FRAME_S * sr)
    whole = len(samples) // length * length
    frames = np.fft.irfft(spectrum, n)[:whole].reshape(-1, length)
    energy = np.einsum("ij,ij->i", frames, frames)
    if not energy.all():
        return float("nan")
    bandwidth_hz = power.sum() ** 2 / (power @ power) * width * step_hz
    of_noise = DECIBELS**2 / (bandwidth_hz * length / sr)
    return float(np.var(10 * np.log10(energy), ddof=1) / of_noise)
