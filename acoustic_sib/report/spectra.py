"""Averages per class, of spectra and of any other measure, with the spread between speakers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class AverageSpectra:
    """Mean level per class over frequency, and the edges of its spread.

    `by_class` holds (mean_db, low_db, high_db), each (n_bins,); NaN where nothing was measured,
    and edges of NaN where the spread cannot be told (one speaker). `unit` says what the mean and
    the spread are taken over: 'speaker' (each speaker's own mean counts once) or 'clip'.
    """

    freqs_hz: Curve
    by_class: dict[str, tuple[Curve, Curve, Curve]]
    n_speakers: dict[str, int]
    n_clips: dict[str, int]
    unit: str
    spread: str = "quartiles"
    level_name: str = "Level (dB)"


def average_spectra(
    freqs_hz: Curve,
    levels_db: Curve,
    labels: Sequence[str],
    speakers: Sequence[str] | None,
    classes: Sequence[str],
) -> AverageSpectra:
    """The mean level of each class and its quartiles over speaker means.

    `levels_db` is (n_clips, n_bins), NaN where a clip has no such frequency. Levels are taken
    relative to each clip's own mean over frequency first, so that loudness is no spread. Without
    speakers the clips are the unit. A class without clips has NaN throughout.
    """
    relative = levels_db - np.array([_mean(row[:, None]) for row in levels_db])
    averages = class_averages(relative, labels, speakers, classes)
    return AverageSpectra(
        freqs_hz=freqs_hz, by_class={name: one.curves for name, one in averages.items()},
        n_speakers={name: one.n_speakers for name, one in averages.items()},
        n_clips={name: one.n_clips for name, one in averages.items()},
        unit="clip" if speakers is None else "speaker",
        level_name="Level relative to the clip's mean (dB)",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ClassAverage:
    """Mean and quartiles of several measures over the speakers (or clips) of one class.

    `curves`: (mean, lower quartile, upper quartile), each (n_measures,); quartiles are NaN with
    fewer than three speakers. `n_speakers` is 0 where no speaker is known.
    """

    curves: tuple[Curve, Curve, Curve]
    n_speakers: int
    n_clips: int


def class_averages(
    values: Curve, labels: Sequence[str], speakers: Sequence[str] | None, classes: Sequence[str]
) -> dict[str, ClassAverage]:
    """Each class's mean of `values` (n_clips, n_measures) over its speakers' own means.

    A clip without a value (NaN) is left out of its column. Without speakers the clips are the
    unit. A class without clips has NaN throughout.
    """
    label_of = np.asarray(labels, dtype=object)
    speaker_of = None if speakers is None else np.asarray(speakers, dtype=object)
    averages = {}
    for name in classes:
        chosen = label_of == name
        units = values[chosen]
        n_speakers = 0
        if speaker_of is not None:
            said_by = speaker_of[chosen]
            distinct = sorted(set(said_by))
            n_speakers = len(distinct)
            units = np.array([_mean(units[said_by == one]) for one in distinct])
        averages[name] = ClassAverage(
            curves=_mean_and_quartiles(units.reshape(-1, values.shape[1])),
            n_speakers=n_speakers, n_clips=int(chosen.sum()),
        )  # fmt: skip
    return averages


def _mean(rows: Curve) -> Curve:
    """Mean down the rows without NaN; NaN where a column has nothing (nanmean would warn)."""
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    total = np.where(known, rows, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _mean_and_quartiles(units: Curve) -> tuple[Curve, Curve, Curve]:
    mean = _mean(units)
    edges = np.full((2, units.shape[1]), np.nan)
    # Two points have no quartiles worth drawing.
    enough = np.isfinite(units).sum(axis=0) >= 3
    if enough.any():
        edges[:, enough] = np.nanquantile(units[:, enough], [0.25, 0.75], axis=0)
    return mean, edges[0], edges[1]
