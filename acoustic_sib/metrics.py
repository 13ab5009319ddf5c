"""Figures of merit with their intervals, all computed from one array of confusion counts.

The atoms are one confusion matrix a unit (a speaker, or a clip where no speaker is known), averaged
over repeats; every figure and every leave-one-unit-out value is a function of their sums.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from acoustic_sib.errors import CorpusError

Unit = Literal["speaker", "clip"]
Figure = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure between 0 and 1 with its confidence interval; `low`, `high` NaN = not measurable."""

    value: float
    low: float
    high: float
    level: float
    unit: Unit
    n_clips: int
    n_speakers: int | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Confusions:
    """Confusion counts by unit: `counts[unit, truth, predicted]`, each clip weighing 1 in all.

    `tested_per_trained`: clips tested for each one trained on, 1/4 in five folds; 0 where the
    tested clips trained no model that tests another (a fixed split), or where no fold is known.
    """

    classes: tuple[str, ...]
    counts: NDArray[np.float64]
    units: tuple[str, ...]
    unit: Unit
    tested_per_trained: float = 0.0

    @property
    def total(self) -> NDArray[np.float64]:
        """The confusion matrix of all clips (C, C): rows truth, columns predicted."""
        summed: NDArray[np.float64] = self.counts.sum(axis=0)
        return summed


def confusions(
    predictions: pd.DataFrame, manifest: pd.DataFrame, classes: tuple[str, ...]
) -> Confusions:
    """Join predictions with their truth and count by speaker, or by clip without speakers.

    A clip predicted in R repeats adds 1/R to each of its R cells: repeats are averaged before a
    unit is left out. Raises CorpusError when a class has no predicted clip.
    """
    has_speaker = "speaker" in manifest.columns
    truth_columns = ["clip_id", "label", *(["speaker"] if has_speaker else [])]
    own = [name for name in ("clip_id", "repeat", "fold", "predicted") if name in predictions]
    joined = predictions[own].merge(manifest[truth_columns], on="clip_id", validate="many_to_one")
    weight = 1.0 / joined.groupby("clip_id")["clip_id"].transform("size").to_numpy(dtype=float)
    unit: Unit = "speaker" if has_speaker else "clip"
    codes, names = pd.factorize(joined["speaker" if has_speaker else "clip_id"], sort=True)
    index = {name: position for position, name in enumerate(classes)}
    truth = joined["label"].map(index).to_numpy(dtype=int)
    predicted = joined["predicted"].map(index).to_numpy(dtype=int)
    counts = np.zeros((len(names), len(classes), len(classes)))
    np.add.at(counts, (codes, truth, predicted), weight)
    empty = counts.sum(axis=(0, 2)) == 0
    if empty.any():
        raise CorpusError(
            f"predictions: no tested clip of class '{classes[int(np.argmax(empty))]}'; expected "
            "each class in the tested part: does the fold plan only train on it?"
        )
    return Confusions(classes=classes, counts=counts, units=tuple(map(str, names)), unit=unit,
                      tested_per_trained=tested_per_trained(predictions))  # fmt: skip


def tested_per_trained(predictions: pd.DataFrame) -> float:
    """Clips tested for each trained on: 1/(k-1) for k folds that train on one another's clips, mean
    over repeats; 0 with one fold, or where `predictions` hold no repeat and fold."""
    if not {"repeat", "fold"} <= set(predictions.columns):
        return 0.0
    n_folds = predictions.groupby("repeat")["fold"].nunique()
    return float(np.mean([1 / (k - 1) if k > 1 else 0.0 for k in n_folds]))


def recalls(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Recall of each class, (..., C) from confusions (..., C, C); NaN for a class without clips."""
    support = confusion.sum(axis=-1)
    correct = np.diagonal(confusion, axis1=-2, axis2=-1)
    share: NDArray[np.float64] = np.divide(
        correct, support, out=np.full(support.shape, np.nan), where=support > 0
    )
    return share


def uar(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unweighted average recall, chance 1/C; NaN when a class has no clips."""
    mean: NDArray[np.float64] = recalls(confusion).mean(axis=-1)
    return mean


def macro_f1(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over classes of F1 = 2 TP / (2 TP + FP + FN); NaN when a class has no clips."""
    correct = np.diagonal(confusion, axis1=-2, axis2=-1)
    support, claimed = confusion.sum(axis=-1), confusion.sum(axis=-2)
    f1 = np.divide(2 * correct, support + claimed, out=np.zeros(support.shape),
                   where=support + claimed > 0)  # fmt: skip
    mean: NDArray[np.float64] = np.where((support > 0).all(axis=-1), f1.mean(axis=-1), np.nan)
    return mean


def accuracy(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of clips predicted right; say it only beside the majority's share."""
    correct = np.diagonal(confusion, axis1=-2, axis2=-1).sum(axis=-1)
    share: NDArray[np.float64] = correct / confusion.sum(axis=(-2, -1))
    return share


def recall_of(index: int) -> Figure:
    def recall(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
        one: NDArray[np.float64] = recalls(confusion)[..., index]
        return one

    return recall


def interval(atoms: Confusions, figure: Figure, *, level: float = 0.95) -> Interval:
    """`figure` with its leave-one-unit-out jackknife interval, Student's t on the logit scale.

    The degrees of freedom are those of the classes' recalls by Welch and Satterthwaite, K-1 at
    most: where each speaker bears one label, two speakers a class know little of their own spread.
    Folds train on one another's speakers, so their errors go together, which leaving out one
    speaker at a time cannot see: the margin is stretched by sqrt(1 + tested/trained). The ratio is
    that of Nadeau & Bengio's (2003, doi:10.1023/A:1024068626366) corrected test, borrowed here on
    the evidence of simulated coverage. K counts the units that bear on the figure.
    A figure that is exactly 0 or 1 has no logit: its interval is then the exact (Clopper-Pearson)
    one of K units that all succeeded or all failed.
    A left-out value counts as at most half the figure's distance from 0 or 1 nearer to it.
    `low` and `high` are NaN with fewer than two units, or when leaving out one unit removes a
    class (its only speaker). Coverage was measured by simulation: see reports/evidence/.
    """
    total = atoms.total
    value = float(figure(total))
    left_out = figure(total - atoms.counts)
    low, high = _logit_jackknife(value, left_out, _quantile(level, degrees_of_freedom(atoms)),
                                 level, atoms.tested_per_trained)  # fmt: skip
    return Interval(value=value, low=low, high=high, level=level, unit=atoms.unit,
                    n_clips=round(float(total.sum())),
                    n_speakers=len(atoms.units) if atoms.unit == "speaker" else None)  # fmt: skip


def recall_interval(atoms: Confusions, index: int, *, level: float = 0.95) -> Interval:
    """Recall of one class; K and n are those of the units and clips that bear the class."""
    bearing = atoms.counts[:, index].sum(axis=-1) > 0
    total = atoms.counts.sum(axis=0)
    figure = recall_of(index)
    left_out = figure(total - atoms.counts[bearing])
    low, high = _logit_jackknife(float(figure(total)), left_out,
                                 _quantile(level, max(len(left_out) - 1, 1)), level,
                                 atoms.tested_per_trained)  # fmt: skip
    return Interval(value=float(figure(total)), low=low, high=high, level=level, unit=atoms.unit,
                    n_clips=round(float(total[index].sum())),
                    n_speakers=int(bearing.sum()) if atoms.unit == "speaker" else None)  # fmt: skip


def difference_interval(
    a: Confusions, b: Confusions, figure: Figure, *, level: float = 0.95
) -> tuple[float, float, float]:
    """`figure(a) - figure(b)` on the same units with its paired jackknife interval.

    Student's t and the stretched margin are those of `interval`. Returns difference, low, high.
    Raises CorpusError when the units are not the same.
    """
    if a.units != b.units:
        raise CorpusError("difference: the two systems were not tested on the same speakers or "
                          "clips; expected the same folds")  # fmt: skip
    difference = float(figure(a.total) - figure(b.total))
    left_out = figure(a.total - a.counts) - figure(b.total - b.counts)
    k = len(left_out)
    if k < 2 or not np.isfinite(left_out).all():
        return difference, float("nan"), float("nan")
    stretch = max(a.tested_per_trained, b.tested_per_trained)
    margin = _quantile(level, degrees_of_freedom(a, b)) * jackknife_error(left_out, stretch)
    return difference, difference - margin, difference + margin


def degrees_of_freedom(atoms: Confusions, other: Confusions | None = None) -> float:
    """Welch-Satterthwaite: each class's recall (or its change to `other`) has a jackknife variance
    v over the n units that bear the class; (sum v)^2 / sum(v^2 / (n - 1)), between 1 and K-1."""
    most = max(len(atoms.units) - 1, 1)
    variances, freedoms = [], []
    for code in range(len(atoms.classes)):
        bearing = atoms.counts[:, code].sum(axis=-1) > 0
        left_out = _recall_left_out(atoms, bearing, code)
        if other is not None:
            left_out = left_out - _recall_left_out(other, bearing, code)
        if len(left_out) > 1 and np.isfinite(left_out).all():
            variances.append(jackknife_error(left_out) ** 2)
            freedoms.append(len(left_out) - 1)
    spread, known = np.array(variances), np.array(freedoms)
    if not spread.any():
        return float(most)
    found = spread.sum() ** 2 / np.sum(spread**2 / known)
    return float(np.clip(found, 1, most))


def _recall_left_out(
    atoms: Confusions, bearing: NDArray[np.bool_], code: int
) -> NDArray[np.float64]:
    """Recall of one class without each of the units that bear it."""
    found: NDArray[np.float64] = recalls(atoms.total - atoms.counts[bearing])[:, code]
    return found


def _logit_jackknife(
    value: float, left_out: NDArray[np.float64], quantile: float, level: float, stretch: float
) -> tuple[float, float]:
    k = len(left_out)
    if k < 2 or not np.isfinite(left_out).all():
        return float("nan"), float("nan")
    alpha = 1 - level
    edge = 1e-12
    if value >= 1 - edge:
        return float((alpha / 2) ** (1 / k)), 1.0
    if value <= edge:
        return 0.0, float(1 - (alpha / 2) ** (1 / k))
    # Where one unit holds most of the errors, leaving it out gives 1 or nearly so, whose logit has
    # no bound: such values are taken half the figure's own way from 1 (and from 0 alike).
    inside = np.clip(left_out, value / 2, 1 - (1 - value) / 2)
    logits = np.log(inside / (1 - inside))
    centre = np.log(value / (1 - value))
    margin = quantile * jackknife_error(logits, stretch)
    low, high = (1 / (1 + np.exp(-(centre + sign * margin))) for sign in (-1, 1))
    return float(low), float(high)


def jackknife_error(left_out: NDArray[np.float64], stretch: float = 0.0) -> float:
    """Standard error from leave-one-unit-out values, its variance times 1 + tested/trained."""
    k = len(left_out)
    variance = (k - 1) / k * np.sum((left_out - left_out.mean()) ** 2)
    return float(np.sqrt((1 + stretch) * variance))


def _quantile(level: float, freedom: float) -> float:
    return float(stats.t.ppf(0.5 + level / 2, freedom))
