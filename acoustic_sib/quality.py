"""What a clip is like before anything is asked of it: level, noise, bandwidth, clipping, silence.

These are nuisance measures. They say how a sound was cut, levelled, recorded and stored; where they
differ by class, a model may learn them instead of the articulation.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FRAME_S = 0.005
WINDOW_S = 0.020
FLOOR_DB = -120.0
SILENT_FRAME_DB = -70.0
CLIPPED = 0.999
SMOOTHING_HZ = 200.0
CLIFF_DB = 20.0
CLIFF_WIDTH_HZ = 500.0
LOWEST_WALL_HZ = 2000.0


def measure_quality(samples: Floats, sr: int) -> dict[str, float]:
    """Nuisance measures of mono samples (full scale 1.0) at `sr` Hz.

    - `duration_s`
    - `level_db`: RMS level without DC, dB re full scale; `peak_db`: largest absolute sample.
      Both are NaN for digital silence, as is the next.
    - `noise_floor_db`: 10th percentile of the RMS level of 5 ms frames, at least -120 dB.
    - `bandwidth_hz`: effective bandwidth, see `effective_bandwidth`.
    - `silence_share`: share of 5 ms frames below -70 dB re full scale.
    - `clipped_share`: share of samples at full scale or at a flat top.
    - `dc`: mean of the samples.
    """
    dc = float(samples.mean())
    centred = samples - dc
    frame = max(round(FRAME_S * sr), 1)
    n_frames = max(len(samples) // frame, 1)
    rows = centred[: n_frames * frame].reshape(n_frames, -1)
    levels = _db(np.mean(rows**2, axis=1))
    rms, peak = float(np.mean(centred**2)), float(np.max(np.abs(samples)))
    silent = rms == 0
    return {
        "duration_s": len(samples) / sr,
        "level_db": float("nan") if silent else float(10 * np.log10(rms)),
        "peak_db": float("nan") if peak == 0 else float(20 * np.log10(peak)),
        "noise_floor_db": float("nan") if silent else float(np.percentile(levels, 10)),
        "bandwidth_hz": effective_bandwidth(samples, sr),
        "silence_share": float(np.mean(levels < SILENT_FRAME_DB)),
        "clipped_share": clipped_share(samples),
        "dc": dc,
    }


def clipped_share(samples: Floats) -> float:
    """Share of samples that were cut off: at full scale, or in a run of three or more equal samples
    at the clip's own largest absolute value (a recording clipped before it was turned down)."""
    magnitude = np.abs(samples)
    peak = magnitude.max()
    if peak == 0:
        return 0.0
    clipped = magnitude >= CLIPPED
    if len(samples) >= 3:
        top = magnitude >= peak * (1 - 1e-9)
        runs = sliding_window_view(top, 3).all(axis=1)
        for shift in range(3):
            clipped[shift : shift + len(runs)] |= runs
    return float(clipped.mean())


def effective_bandwidth(samples: Floats, sr: int) -> float:
    """The frequency in Hz where a brick wall ends the spectrum; the Nyquist frequency without one.

    A wall is a fall of at least 20 dB within 500 Hz above which the level never recovers, as an
    upsampled file, an MP3 or a Bluetooth headset leaves it. Natural spectra fall slowly and noise
    floors are flat, so neither makes one; a sound without energy just below the wall hides it.
    """
    nyquist = sr / 2
    length = min(round(WINDOW_S * sr), len(samples))
    if length < 32 or not samples.any():
        return nyquist
    frames = sliding_window_view(samples - samples.mean(), length)[:: max(length // 2, 1)]
    # Blackman's side lobes fall fast enough to keep a strong low band out of an empty high one.
    power = np.mean(np.abs(np.fft.rfft(frames * np.blackman(length), axis=1)) ** 2, axis=0)
    step = sr / length
    width = max(round(SMOOTHING_HZ / step), 1)
    level = _db(np.convolve(power, np.full(width, 1 / width), mode="same") / length)
    freqs = np.arange(len(power)) * step
    gap = max(round(CLIFF_WIDTH_HZ / step), 1)
    # The highest level anywhere above each bin: after a wall it stays low to the end.
    above = np.maximum.accumulate(level[::-1])[::-1]
    drop = level[:-gap] - above[gap:]
    inside = (freqs[:-gap] >= LOWEST_WALL_HZ) & (freqs[:-gap] < nyquist - 2 * CLIFF_WIDTH_HZ)
    walls = np.flatnonzero(inside & (drop >= CLIFF_DB))
    if not len(walls):
        return nyquist
    last = int(walls[-1])
    # The wall's edge is where the level has fallen by 3 dB: below it all energy is there.
    edge = last + int(np.argmax(level[last : last + gap + 1] <= level[last] - 3))
    return float(freqs[edge])


def _db(power: Floats) -> Floats:
    return 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))
