"""UAR on held-out speakers against the number of speakers trained on, and what twice as many would
bring.

One model, the baseline's most chosen candidate; smaller training parts are drawn speaker by
speaker from the training part of each fold, so a tested speaker is never among them. All folds had
a part in that choice, which may flatter the level of the curve a little: read its slope.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from acoustic_sib import metrics
from acoustic_sib.compare import speaker_mode
from acoustic_sib.evaluate import Candidate, FoldTask, fold_tasks, speaker_codes
from acoustic_sib.ladder.forecast import Forecast, forecast
from acoustic_sib.ladder.over_folds import Clips, over_folds, predicted
from acoustic_sib.ladder.registry import Climb, Rows
from acoustic_sib.metrics import Confusions

Labels = NDArray[np.str_]
Codes = NDArray[np.int64]

SIZES = 6
DRAWS = 6
"""Random draws of each number of speakers, spread over the repeats of the folds."""

FEWEST_SIZES = 3
FEWEST_CLIPS = 2
"""Every class keeps at least as many clips in each training part, where it has them."""

_SMALLEST_SHARE = 1 / 12


@dataclass(frozen=True, kw_only=True)
class LearningCurve:
    """`rows`: a row a size; `ahead`: None where nothing can be said of more speakers, with the
    reason in `unknown`. Without rows, `unknown` says why there is no curve at all."""

    rows: Rows
    ahead: Forecast | None
    unknown: str = ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """The speakers of a training part in a random order, as codes; a part of it is its first n.
    `fewest`: how many of the first hold every class."""

    draw: int
    speakers: Codes
    fewest: int


_Orders = dict[tuple[int, int], list[Order]]


def learning_curve(climb: Climb) -> LearningCurve:
    """The curve of a climb, with the forecast where it can be told.

    The interval of a size leaves out one tested speaker at a time, draws and repeats averaged.
    """
    if "speaker" not in climb.manifest.columns:
        return LearningCurve(rows=[], ahead=None, unknown="no speakers are known")
    if speaker_mode(climb.manifest, climb.folds) != "held_out":
        return LearningCurve(rows=[], ahead=None, unknown="speakers stand in several folds")
    tasks = fold_tasks(climb.folds, climb.manifest)
    orders = _all_orders(climb, tasks)
    whole = [len(one[0].speakers) for one in orders.values()]
    fewest = max(order.fewest for one in orders.values() for order in one)
    sizes = training_sizes(fewest, min(whole), len(climb.classes))
    if len(sizes) < FEWEST_SIZES:
        reason = (f"too few speakers: the training parts hold {min(whole)}, and every class is in "
                  f"all draws of {fewest} or more only")  # fmt: skip
        return LearningCurve(rows=[], ahead=None, unknown=reason)
    worker = partial(_fold_of_curve, orders=orders, sizes=sizes, candidate=climb.chosen)
    rows = over_folds(climb, tasks, "training on fewer speakers", worker)
    return _curve(climb, rows, sizes, float(np.mean(whole)))


def training_sizes(fewest: int, most: int, n_classes: int) -> list[int]:
    """Numbers of speakers to train on, evenly spread on a log scale up to `most`."""
    lowest = max(fewest, n_classes, int(np.ceil(most * _SMALLEST_SHARE)))
    if lowest >= most:
        return [most]
    return sorted({round(size) for size in np.geomspace(lowest, most, SIZES)})


def _all_orders(climb: Climb, tasks: Sequence[FoldTask]) -> _Orders:
    """Draw d belongs to repeat d modulo the number of repeats."""
    labels = climb.manifest["label"].to_numpy(dtype=str)
    speakers = speaker_codes(climb.manifest)
    assert speakers is not None
    repeats = sorted({task.repeat for task in tasks})
    orders: _Orders = {}
    for task in tasks:
        draws = range(max(DRAWS, len(repeats)))[repeats.index(task.repeat) :: len(repeats)]
        orders[task.repeat, task.fold] = [
            speaker_order(
                labels[task.train], speakers[task.train], draw,
                np.random.default_rng([climb.config.seed, 21, task.repeat, task.fold, draw]),
            )
            for draw in draws
        ]  # fmt: skip
    return orders


def speaker_order(labels: Labels, speakers: Codes, draw: int, rng: np.random.Generator) -> Order:
    """A random order in which speakers with the same set of classes are spread evenly, but those
    who first give each class its two clips come first."""
    names, dense = np.unique(speakers, return_inverse=True)
    classes, codes = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(names), len(classes)), dtype=int)
    np.add.at(counts, (dense, codes), 1)
    _, kinds = np.unique(counts > 0, axis=0, return_inverse=True)
    place = np.empty(len(names))
    for kind in np.unique(kinds):
        alike = rng.permutation(np.flatnonzero(kinds == kind))
        place[alike] = (np.arange(len(alike)) + rng.uniform()) / len(alike)
    order = np.argsort(place, kind="stable")
    first, held = [], np.zeros(len(classes), dtype=int)
    for speaker in order:
        if ((held < FEWEST_CLIPS) & (counts[speaker] > 0)).any():
            first.append(speaker)
            held += counts[speaker]
    rest = order[~np.isin(order, first)]
    return Order(draw=draw, speakers=names[np.concatenate([first, rest]).astype(int)],
                 fewest=len(first))  # fmt: skip


def training_rows(task: FoldTask, clips: Clips, order: Order, size: int) -> Codes:
    """Positions of the fold's training clips that the first `size` speakers said."""
    assert clips.speakers is not None
    rows: Codes = task.train[np.isin(clips.speakers[task.train], order.speakers[:size])]
    return rows


def _fold_of_curve(
    task: FoldTask, clips: Clips, *, orders: _Orders, sizes: Sequence[int], candidate: Candidate
) -> pd.DataFrame:
    """`most` is trained on once a fold: all draws of it are the same."""
    unseen = clips.seen_by(candidate, task.test)
    mine = orders[task.repeat, task.fold]
    parts = []
    for size in sizes:
        everyone = size == sizes[-1]
        for order in mine[:1] if everyone else mine:
            rows = task.train if everyone else training_rows(task, clips, order, size)
            guesses = clips.fitted(candidate, rows).predict(unseen)
            for draw in [one.draw for one in mine] if everyone else [order.draw]:
                parts.append(predicted(task, guesses, size=size, draw=draw, n_clips=len(rows)))
    return pd.concat(parts, ignore_index=True)


def _curve(climb: Climb, rows: pd.DataFrame, sizes: Sequence[int], whole: float) -> LearningCurve:
    level = climb.config.evaluation.level
    atoms = {
        size: [metrics.confusions(part, climb.manifest, climb.classes)
               for _, part in rows[rows["size"] == size].groupby("draw", sort=True)]
        for size in sizes
    }  # fmt: skip
    # All but the last are exact; the folds' whole training parts may differ by a speaker.
    n_speakers = np.array([*sizes[:-1], whole], dtype=float)
    table = []
    for size, n in zip(sizes, n_speakers, strict=True):
        by_draw = [float(metrics.uar(one.total)) for one in atoms[size]]
        fits = rows[rows["size"] == size].drop_duplicates(["repeat", "fold", "draw"])
        table.append({
            "n_speakers": round(float(n)), "n_clips": round(float(fits["n_clips"].mean())),
            "uar": metrics.interval(_averaged(atoms[size]), metrics.uar, level=level).as_dict(),
            "lowest_draw": min(by_draw), "highest_draw": max(by_draw),
        })  # fmt: skip
    counts = np.array([[one.counts for one in atoms[size]] for size in sizes])
    rng = np.random.default_rng([climb.config.seed, 22])
    # One numerical thread, as in the folds: the same sums on any number of cores.
    with threadpool_limits(limits=1):
        ahead, unknown = forecast(n_speakers, counts, rng, level=level)
    return LearningCurve(rows=table, ahead=ahead, unknown=unknown)


def _averaged(draws: Sequence[Confusions]) -> Confusions:
    """Mean counts. Intervals are stretched as for the folds' whole training parts."""
    return replace(draws[0], counts=np.mean([one.counts for one in draws], axis=0))
