"""What a clip is like before anything is asked of it: level, noise, bandwidth, clipping, silence.

These are nuisance measures. They say how a sound was cut, levelled, recorded and stored; where they
differ by class, a model may learn them instead of the articulation.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FRAME_S = 0.005
LEVEL_FLOOR_DB = -150.0
"""Reported instead of anything lower: below the quantisation noise of 24 bits."""
NOISE_PERCENTILE = 10
FRAMES_FOR_NOISE = 4
QUIET_BELOW_LOUDEST_DB = 40.0
LOUD_ENOUGH_TO_CLIP = 0.1

WINDOW_S = 0.020
MOST_WINDOWS = 4000
SHORTEST_FOR_BANDWIDTH_S = 0.010
SIDE_HZ, GAP_HZ = 500.0, 300.0
"""A wall is looked for between two bands of SIDE_HZ that lie GAP_HZ apart."""
LOWEST_WALL_HZ, TELEPHONE_HZ = 3000.0, 5000.0
WALL_DB, TELEPHONE_WALL_DB = 18.0, 28.0
"""Smallest fall at a wall. Where vowels and weak dentals end steeply, more is asked."""
STEEPER_DB = 12.0
HIGHEST_WALL = 0.88
"""Share of the Nyquist frequency. Walls above it are any recorder's anti-alias filter."""
EDGE_DB = 6.0
EMPTY_DB = 60.0
"""So far below the wall, only the window's own leakage is left to go on falling."""


def measure_quality(samples: Floats, sr: int) -> dict[str, float]:
    """Nuisance measures of mono samples (full scale 1.0) at `sr` Hz.

    - `duration_s`
    - `level_db`: RMS level without DC; `peak_db`: largest absolute sample. dB re full scale, so a
      full-scale square wave has 0 and a sine -3 and 0; never below -150, which is also silence.
    - `noise_floor_db`: 10th percentile of the RMS levels of 5 ms frames, dB re full scale, at
      least -150. NaN below 20 ms: too few frames.
    - `bandwidth_hz`: see `effective_bandwidth`. NaN for digital silence and below 10 ms.
    - `silence_share`: share of 5 ms frames that lie more than 40 dB below the loudest one, 0..1;
      1 for digital silence.
    - `clipped_share`: see `clipped_share`, 0..1.
    - `dc`: mean of the samples, -1..1.

    Every measure but the duration is NaN when there are no samples.
    """
    if len(samples) == 0:
        names = ("level_db", "peak_db", "noise_floor_db", "bandwidth_hz", "silence_share",
                 "clipped_share", "dc")  # fmt: skip
        return {"duration_s": 0.0, **dict.fromkeys(names, float("nan"))}
    dc = float(samples.mean())
    centred = samples - dc
    frames = frame_levels_db(samples, sr)
    quiet = (frames <= LEVEL_FLOOR_DB) | (frames < frames.max() - QUIET_BELOW_LOUDEST_DB)
    enough = len(frames) >= FRAMES_FOR_NOISE
    return {
        "duration_s": len(samples) / sr,
        "level_db": float(_db(np.mean(centred**2))),
        "peak_db": float(_db(np.max(samples**2))),
        "noise_floor_db": float(np.percentile(frames, NOISE_PERCENTILE)) if enough else np.nan,
        "bandwidth_hz": effective_bandwidth(samples, sr),
        "silence_share": float(np.mean(quiet)),
        "clipped_share": clipped_share(samples),
        "dc": dc,
    }


def frame_levels_db(samples: Floats, sr: int, frame_s: float = FRAME_S) -> Floats:
    """RMS level of successive frames, each without its own mean, dB re full scale; a shorter clip
    is one frame. (The mean of a whole clip is noise too, and would fill its pauses.)"""
    length = min(max(round(frame_s * sr), 1), len(samples))
    whole = samples[: len(samples) // length * length].reshape(-1, length)
    return _db(np.var(whole, axis=1))


def clipped_share(samples: Floats) -> float:
    """Share of samples in flat tops: two or more equal neighbours at the clip's own maximum or
    minimum. A recording that was turned down after it had clipped is found too; clips that peak
    below -20 dB re full scale, where a few quantisation steps make flat tops, count as 0."""
    if np.max(np.abs(samples)) < LOUD_ENOUGH_TO_CLIP:
        return 0.0
    flat = np.zeros(len(samples), dtype=bool)
    for extreme in (samples.max(), samples.min()):
        top = samples == extreme
        pairs = top[1:] & top[:-1]
        flat[1:] |= pairs
        flat[:-1] |= pairs
    return float(flat.mean())


def effective_bandwidth(samples: Floats, sr: int) -> float:
    """Frequency in Hz where a brick wall ends the spectrum; the Nyquist frequency without one.

    A wall, as an upsampled file, an MP3 or a Bluetooth headset leaves it, is a fall of at least
    18 dB (28 dB below 5 kHz) within 300 Hz, much steeper than the spectrum before it, above which
    the level neither recovers nor goes on falling. Natural tilt goes on falling and a noise floor
    is flat, so neither makes a wall; a sound without energy just below a wall hides it. The edge
    is where the level is last within 6 dB of the level before the fall. Walls below 3 kHz are not
    looked for, and those above 0.88 of the Nyquist frequency are a recorder's anti-alias filter.
    NaN for digital silence and for clips below 10 ms.
    """
    centred = samples - samples.mean()
    if len(samples) < SHORTEST_FOR_BANDWIDTH_S * sr or not centred.any():
        return float("nan")
    level, step_hz = _average_spectrum_db(centred, sr)
    side, gap = round(SIDE_HZ / step_hz), round(GAP_HZ / step_hz)
    means = _running_mean(level, side)
    # means[k] averages the bins k .. k+side-1: the side below a wall at bin k+side begins at k.
    starts = np.arange(side + gap, len(level) - 2 * side - gap + 1)
    before, below = means[starts - side - gap], means[starts]
    after = means[starts + side + gap]
    highest = np.maximum.accumulate(means[::-1])[::-1][starts + side + gap]
    to_the_end = _mean_to_the_end(level)[starts + side + gap]
    walls_hz = (starts + side) * step_hz
    fall = below - highest
    needed = np.where(walls_hz < TELEPHONE_HZ, TELEPHONE_WALL_DB, WALL_DB)
    wall = (
        (walls_hz >= LOWEST_WALL_HZ)
        & (fall >= needed)
        & (fall - (before - below) >= STEEPER_DB)
        & (after - np.maximum(to_the_end, below - EMPTY_DB) <= fall / 2)
    )
    if not wall.any():
        return sr / 2
    at = int(starts[np.argmax(np.where(wall, fall, -np.inf))])
    edge_hz = _edge(level, at, side, gap) * step_hz
    return float(edge_hz) if LOWEST_WALL_HZ <= edge_hz <= HIGHEST_WALL * sr / 2 else sr / 2


def _average_spectrum_db(samples: Floats, sr: int) -> tuple[Floats, float]:
    """Mean power spectrum of 20 ms windows in dB re its own peak, and the step of its bins."""
    length = min(round(WINDOW_S * sr), len(samples))
    n_windows = min(max(2 * (len(samples) // length), 1), MOST_WINDOWS)
    firsts = np.linspace(0, len(samples) - length, n_windows).astype(int)
    # Hann's side lobes fall fast enough to keep a strong low band out of an empty high one.
    window = np.hanning(length + 2)[1:-1]
    windows = sliding_window_view(samples, length)[firsts] * window
    power = np.mean(np.abs(np.fft.rfft(windows, axis=1)) ** 2, axis=0)
    return _db(power / power.max()), sr / length


def _edge(level: Floats, at: int, side: int, gap: int) -> int:
    """The last bin, near the wall, whose neighbourhood is within 6 dB of the side below it."""
    smooth = np.convolve(level, np.full(3, 1 / 3), mode="same")
    near = smooth[at : at + side + 2 * gap]
    return at + int(np.flatnonzero(near >= level[at : at + side].mean() - EDGE_DB)[-1])


def _running_mean(values: Floats, width: int) -> Floats:
    sums = np.concatenate([[0.0], np.cumsum(values)])
    means: Floats = (sums[width:] - sums[:-width]) / width
    return means


def _mean_to_the_end(values: Floats) -> Floats:
    return np.cumsum(values[::-1])[::-1] / np.arange(len(values), 0, -1)


def _db(power: Floats | np.floating) -> Floats:
    return 10 * np.log10(np.maximum(power, 10 ** (LEVEL_FLOOR_DB / 10)))
