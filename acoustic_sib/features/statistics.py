"""Statistics of a measure over frames, levels in dB, least-squares slopes."""

from functools import lru_cache
from math import log10, nan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_FOR_SLOPE = 3


def over_frames(
    names: tuple[str, ...], values: Floats, *, times_s: Floats | None = None
) -> dict[str, float]:
    """Mean and SD (n - 1) over frames of each column of `values` (frames x names), and with
    `times_s` the least-squares slope per second.

    NaN: the mean without frames, the SD with fewer than two, the slope with fewer than three.
    """
    # Sums, not np.mean: this runs for every clip, on tables so small that the call is the cost.
    n_frames, n_names = values.shape
    rows = np.full((2 if times_s is None else 3, n_names), nan)
    if n_frames:
        rows[0] = values.sum(axis=0) / n_frames
        centred = values - rows[0]
        if n_frames > 1:
            rows[1] = np.sqrt(np.einsum("ij,ij->j", centred, centred) / (n_frames - 1))
        if times_s is not None and n_frames >= FEWEST_FOR_SLOPE:
            time = times_s - times_s.sum() / n_frames
            rows[2] = time @ centred / (time @ time)
    return dict(zip(_keys(names, len(rows)), rows.ravel().tolist(), strict=True))


@lru_cache(maxsize=64)
def _keys(names: tuple[str, ...], n_statistics: int) -> tuple[str, ...]:
    statistics = ("frames_mean", "frames_sd", "frames_slope")[:n_statistics]
    return tuple(f"{name}.{statistic}" for statistic in statistics for name in names)


def absent(names: tuple[str, ...]) -> dict[str, float]:
    """All of `names` as not measurable."""
    return dict.fromkeys(names, nan)


def decibels(power: float) -> float:
    """10 log10 of a power; NaN for none at all."""
    return 10 * log10(power) if power > 0 else nan


def share(part: float, whole: float) -> float:
    """part / whole; NaN where the whole is nothing."""
    return part / whole if whole > 0 else nan


def slope(x: Floats, y: Floats) -> float:
    """The least-squares slope of y over x; NaN with fewer than three points."""
    if len(x) < FEWEST_FOR_SLOPE:
        return nan
    centred = x - x.sum() / len(x)
    return float(centred @ y / (centred @ centred))
