"""Pitch and formant spacing of successive frames of a recording, from one spectrum a frame.

NumPy alone: `predict` must start fast. What is asked of a frame's neighbours is asked elsewhere.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]

STEP_S = 0.020
WINDOW_S = 0.040
"""Three periods of the lowest pitch looked for (Boersma 1993)."""
PITCH_HZ = (75.0, 500.0)
LOWEST_HZ = 60.0
VOICED_FROM = 0.55
OCTAVE_COST = 0.02
STEADY = 0.15
"""A voiced frame has a neighbour whose pitch differs by no larger share: chance peaks have none."""
SPEECH_HZ = 5000.0
"""Formants are looked for below it, or below 0.95 of the Nyquist frequency: at 8 kHz a child's
third one lies at the edge, and the spacing is not to be trusted."""
EMPHASIS_HZ = 50.0
EDGE_HZ = 50.0
"""Poles nearer to the ends of the band tell its tilt, not a formant."""
WIDEST_HZ = 1000.0
"""Wider poles are spare ones, which a short tract leaves. Of the limits and bands looked at, this
one agreed well with pitch (r .80 over 60 speakers of speechocean; without a limit .27)."""
N_FORMANTS = 3
MOST_FORMANT_FRAMES = 200
"""Of one call: where more are voiced, formants are looked for in every second, third... of them."""
SILENT_DB = -90.0
LOUD_PERCENTILE, FAINT_DB = 95, 25.0


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Frames STEP_S apart: `level_db` RMS re full scale without DC, `f0_hz`, `spacing_hz`, all
    (n,). NaN: f0 of frames that are not voiced, spacing of those and of frames without three
    formants or not looked at."""

    level_db: Floats
    f0_hz: Floats
    spacing_hz: Floats


def measure_voice(samples: Floats, sr: int) -> Voice:
    """The frames of mono samples that fit wholly; frame i begins at sample i x `step(sr)`.

    Frames more than FAINT_DB below the loud ones of these samples are taken for no voice.
    """
    length = window(sr)
    if len(samples) < length:
        return Voice(level_db=np.zeros(0), f0_hz=np.zeros(0), spacing_hz=np.zeros(0))
    frames = sliding_window_view(samples, length)[:: step(sr)]
    frames = frames - frames.mean(axis=1, keepdims=True)
    level = 10 * np.log10(np.maximum(np.mean(frames**2, axis=1), 1e-20))
    loud = level > max(SILENT_DB, np.percentile(level, LOUD_PERCENTILE) - FAINT_DB)
    f0, spacing = np.full((2, len(level)), np.nan)
    if loud.any():
        spectra = np.fft.rfft(frames[loud] * np.hanning(length + 1)[:-1], axis=1)[:, : _n_bins(sr)]
        f0[loud] = _pitch(spectra, sr)
        f0[~_steady(f0)] = np.nan
        voiced = np.flatnonzero(np.isfinite(f0[loud]))
        chosen = voiced[:: 1 + len(voiced) // MOST_FORMANT_FRAMES]
        power = spectra.real[chosen] ** 2 + spectra.imag[chosen] ** 2
        spacing[np.flatnonzero(loud)[chosen]] = formant_spacing(formants(power, _top_hz(sr)))
    return Voice(level_db=level, f0_hz=f0, spacing_hz=spacing)


def _steady(f0: Floats) -> NDArray[np.bool_]:
    """Frames that a frame before or after them agrees with."""
    alike = np.abs(np.diff(np.log(f0))) < STEADY
    steady: NDArray[np.bool_] = np.append(False, alike) | np.append(alike, False)
    return steady


def step(sr: int) -> int:
    return round(STEP_S * sr)


def window(sr: int) -> int:
    return round(WINDOW_S * sr)


def _n_bins(sr: int) -> int:
    """Bins of a frame's spectrum up to SPEECH_HZ, or nearly up to the Nyquist frequency."""
    return int(min(SPEECH_HZ, 0.95 * sr / 2) * window(sr) / sr) + 1


def _top_hz(sr: int) -> float:
    return (_n_bins(sr) - 1) * sr / window(sr)


def _pitch(spectra: Spectra, sr: int) -> Floats:
    """f0 of each frame in Hz by the autocorrelation of the part between 60 Hz and 5 kHz, divided
    by that of the window (Boersma 1993, Proc. Inst. Phonetic Sciences 17:97); NaN where its best
    peak stays below VOICED_FROM."""
    n_samples = 2 * (spectra.shape[1] - 1)
    n_fft = 4 * n_samples
    hz = np.arange(spectra.shape[1]) * sr / window(sr)
    # Raised by 3 dB an octave, the rumble of a room does not repeat itself.
    raised = spectra * np.where(hz >= LOWEST_HZ, np.sqrt(hz), 0)
    # Up to 5 kHz a frame is as good with a few hundred samples, and its transforms are shorter.
    padded = np.fft.rfft(np.fft.irfft(raised, n_samples, axis=1), 2 * n_samples, axis=1)
    products = np.fft.irfft(padded.real**2 + padded.imag**2, n_fft, axis=1)
    rate = 2 * 2 * _top_hz(sr)
    faded = _window_products(n_samples)
    lags = np.arange(int(rate / PITCH_HZ[1]), int(rate / PITCH_HZ[0]) + 2)
    likeness = products[:, lags] / np.maximum(products[:, :1], 1e-20) / faded[lags]
    left, middle, right = likeness[:, :-2], likeness[:, 1:-1], likeness[:, 2:]
    peak = (middle >= left) & (middle > right)
    bend = np.where(peak, left - 2 * middle + right, -1.0)
    height = middle - (left - right) ** 2 / (8 * bend)
    # Of two peaks as high the one of the higher pitch: every multiple of a period is one too.
    worth = np.where(peak, height, -1.0) - OCTAVE_COST * np.log2(lags[1:-1] * PITCH_HZ[0] / rate)
    best = worth.argmax(axis=1)
    rows = np.arange(len(spectra))
    lag = lags[1 + best] + ((left - right) / (2 * bend))[rows, best]
    voiced = peak[rows, best] & (height[rows, best] >= VOICED_FROM)
    f0: Floats = np.where(voiced, rate / lag, np.nan)
    return f0


@lru_cache(maxsize=8)
def _window_products(n_samples: int) -> Floats:
    """Autocorrelation of the window at each lag in half samples, 1 at lag 0."""
    spectrum = np.abs(np.fft.rfft(np.hanning(n_samples + 1)[:-1], 2 * n_samples)) ** 2
    products = np.fft.irfft(spectrum, 4 * n_samples)[: 2 * n_samples]
    relative: Floats = np.maximum(products / products[0], 1e-3)
    return relative


def formants(power: Floats, top_hz: float) -> Floats:
    """(n, 3) the lowest three formants of frames in Hz, NaN where fewer are found.

    `power`: (n, bins) power spectra from 0 to `top_hz`. Selective linear prediction (Makhoul 1975,
    Proc. IEEE 63:561): the autocorrelation of this part of the spectrum alone, raised by 6 dB an
    octave above 50 Hz, two poles a kHz; formants are poles narrower than WIDEST_HZ.
    """
    n, n_bins = power.shape
    order = 2 * round(top_hz / 1000)
    angles = np.pi * np.arange(n_bins) / (n_bins - 1)
    pole = np.exp(-np.pi * EMPHASIS_HZ / top_hz)
    raised = power * (1 - 2 * pole * np.cos(angles) + pole**2)
    products = raised @ np.cos(np.outer(angles, np.arange(order + 1)))
    products[:, 0] *= 1 + 1e-9
    companions = np.zeros((n, order, order))
    companions[:, 0] = -_prediction(products)[:, 1:]
    companions[:, np.arange(1, order), np.arange(order - 1)] = 1
    poles = np.linalg.eigvals(companions)
    hz = np.angle(poles) * top_hz / np.pi
    width_hz = -2 * np.log(np.maximum(np.abs(poles), 1e-12)) * top_hz / np.pi
    taken = (hz > EDGE_HZ) & (hz < top_hz - EDGE_HZ) & (width_hz < WIDEST_HZ)
    return np.sort(np.where(taken, hz, np.nan), axis=1)[:, :N_FORMANTS]


def _prediction(products: Floats) -> Floats:
    """(n, order + 1) prediction polynomials from autocorrelations (n, order + 1), Levinson 1947."""
    n, order = len(products), products.shape[1] - 1
    polynomial = np.zeros((n, order + 1))
    polynomial[:, 0] = 1
    error = np.maximum(products[:, 0], 1e-300)
    for k in range(1, order + 1):
        left = np.einsum("ij,ij->i", polynomial[:, :k], products[:, k:0:-1])
        reflection = -left / error
        polynomial[:, 1 : k + 1] += reflection[:, None] * polynomial[:, k - 1 :: -1][:, :k]
        error = np.maximum(error * (1 - reflection**2), 1e-300)
    return polynomial


def formant_spacing(formants_hz: Floats) -> Floats:
    """(n,) spacing in Hz of the formants (n, 3): the slope of F_i = spacing x (2i - 1) / 2, which a
    tube closed at the glottis obeys, by least squares (Reby & McComb 2003, doi:10.1006/
    anbe.2003.2078): higher formants, which articulation moves less, weigh more."""
    places = np.arange(N_FORMANTS) + 0.5
    return formants_hz @ places / (places @ places)
