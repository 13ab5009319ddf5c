"""Mains hum in a clip, told from the voice of a voiced fricative.

Both are combs of harmonics. Hum repeats after one period of the mains and after no fraction of it;
a voice repeats after its own period, so that one whose harmonics lie among those of the mains (100,
150, 200 Hz ...) repeats after a half, third, fifth or seventh of it as well.
"""

import numpy as np
from numpy.typing import NDArray

MAINS_HZ = (50.0, 60.0)
FRACTIONS = (2, 3, 5, 7)
"""Of the period: voices up to 500 Hz whose harmonics are harmonics of the mains repeat after one of
these."""
STRAY = 0.004
"""The mains keep closer to their frequency than that, as a share of it."""
BELOW_HZ = 2500.0
LEAST_OVERLAP_S = 0.012
LIKE, MORE_LIKE = 0.6, 0.3
"""Of 1441 sibilants and dentals of speechocean none, of 290 of voxangeles 4 pass both and
gate.MOST_HUM_DB: four of one recording, whose strongest line lies at 48 to 49 Hz."""


def hum_share(samples: NDArray[np.float64], sr: int) -> float:
    """How much of a clip's energy below BELOW_HZ is mains hum, 0..1, for a clip without its mean.

    Where the correlation of that part with itself one period of the mains later exceeds LIKE, and
    the largest after any fraction of the period by MORE_LIKE: their difference, else 0. A lower
    bound: the overtones of hum are like themselves after fractions, too. 0 in clips under 28 ms,
    which hold too little of a second period.
    """
    low, rate = _low_part(samples, sr)
    energy = np.concatenate([[0.0], np.cumsum(low**2)])
    found = 0.0
    for hz in MAINS_HZ:
        whole = _likeness(low, energy, rate / hz, round(LEAST_OVERLAP_S * rate))
        if whole > LIKE:
            parts = [_likeness(low, energy, rate / hz / part) for part in FRACTIONS]
            found = max(found, whole - max(parts))
    return min(float(found), 1.0) if found > MORE_LIKE else 0.0


def _low_part(samples: NDArray[np.float64], sr: int) -> tuple[NDArray[np.float64], float]:
    """What lies below BELOW_HZ, at a rate of at least four times that; and that rate, Hz."""
    n = 1 << (len(samples) - 1).bit_length()
    spectrum = np.fft.rfft(samples, n)[: int(BELOW_HZ * n / sr) + 1]
    n_low = 4 << (len(spectrum) - 1).bit_length()
    rate = n_low / n * sr
    return np.fft.irfft(spectrum, n_low)[: int(len(samples) * n_low / n)], rate


def _likeness(
    part: NDArray[np.float64], energy: NDArray[np.float64], lag: float, overlap: int = 1
) -> float:
    """The largest correlation of `part` with itself, about `lag` samples later; -1 where fewer than
    `overlap` samples overlap. `energy`: of the samples before each."""
    length, best = len(part), -1.0
    for k in range(round((1 - STRAY) * lag), round((1 + STRAY) * lag) + 1):
        if length - k < overlap:
            break
        both = energy[length - k] * (energy[length] - energy[k])
        best = max(best, float(part[k:] @ part[: length - k]) / max(both, 1e-300) ** 0.5)
    return best
