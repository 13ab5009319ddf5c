"""A map of the clips: out-of-fold log-odds between classes, one point a clip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.report.figures import axes_with_margins
from acoustic_sib.report.svg import MARKERS, MUTED, class_colour, draw, label

MOST_POINTS = 1500
# Beyond this share of the clips an axis ends: a few sure clips would squeeze all others.
_WITHIN = 0.98


@dataclass(frozen=True, kw_only=True)
class ClipMap:
    """`log10_odds[clip, k]`: log10 of the odds of class `others[k]` against `reference`, from a
    model that was not fitted on the clip (nor, where `held_out`, on its speaker)."""

    clip_ids: tuple[str, ...]
    labels: tuple[str, ...]
    reference: str
    others: tuple[str, ...]
    log10_odds: NDArray[np.float64]
    held_out: bool

    @property
    def table(self) -> pd.DataFrame:
        """One row a clip: `clip_id label log10_odds_<class>_to_<reference>`..."""
        odds = {f"log10_odds_{name}_to_{self.reference}": self.log10_odds[:, k]
                for k, name in enumerate(self.others)}  # fmt: skip
        return pd.DataFrame({"clip_id": self.clip_ids, "label": self.labels, **odds})


def drawn_axes(found: ClipMap) -> list[int]:
    """Columns of the log-odds that the map shows: those of the (at most) two commonest classes."""
    count = {name: found.labels.count(name) for name in found.others}
    common = sorted(range(len(found.others)), key=lambda k: -count[found.others[k]])
    return sorted(common[:2])


def map_plot(found: ClipMap, classes: Sequence[str], *, key: str) -> str:
    """The clips over their log-odds; with two classes over one axis, a row for each class."""
    shown = thinned(found)
    columns = drawn_axes(found)
    labels = np.asarray(found.labels, dtype=object)[shown]
    x = found.log10_odds[shown, columns[0]]
    if len(columns) == 2:
        y = found.log10_odds[shown, columns[1]]
    else:
        scatter = np.random.default_rng(0).uniform(-0.35, 0.35, len(labels))
        y = np.array([list(classes).index(name) for name in labels]) + scatter
    legend_in = 0.23 * len(classes) + 0.15

    def paint(figure: Any) -> None:
        axes = axes_with_margins(figure, left_in=0.75, right_in=0.15, bottom_in=0.55,
                                 top_in=legend_in)  # fmt: skip
        axes.axvline(0, color=MUTED, linestyle="--", linewidth=1.0)
        axes.set(xlim=_limits(x), xlabel=_axis_name(found, columns[0]))
        if len(columns) == 2:
            axes.axhline(0, color=MUTED, linestyle="--", linewidth=1.0)
            axes.set(ylim=_limits(y), ylabel=_axis_name(found, columns[1]))
        else:
            axes.set(ylim=(-0.6, len(classes) - 0.4))
            axes.set_yticks([])
        for index, name in enumerate(classes):
            own = labels == name
            axes.plot(
                np.clip(x[own], *axes.get_xlim()), np.clip(y[own], *axes.get_ylim()),
                linestyle="", marker=MARKERS[index % len(MARKERS)], markersize=4.2, alpha=0.6,
                color=class_colour(index), markeredgewidth=0, clip_on=False,
                label=f"{label(name, 30)} ({int(own.sum())} clips)",
            )  # fmt: skip
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.02), frameon=False,
                    borderaxespad=0.2, borderpad=0.0)  # fmt: skip

    return draw(paint, key=key, height_in=(3.9 if len(columns) == 2 else 2.2) + legend_in,
                title="Map of the clips", description=_told(found, classes))  # fmt: skip


def thinned(found: ClipMap) -> NDArray[np.int64]:
    """Positions of at most MOST_POINTS clips, every so many of the table's order within a class."""
    n = len(found.labels)
    if n <= MOST_POINTS:
        return np.arange(n)
    by_class = np.argsort(np.asarray(found.labels, dtype=str), kind="stable")
    return np.sort(by_class[np.linspace(0, n - 1, MOST_POINTS).astype(int)])


def map_caption(found: ClipMap) -> str:
    """How to read the map, and what it may be trusted for."""
    whose = "nor heard its speaker" if found.held_out else "but may know its speaker"
    return (
        "Each point is a clip, placed by a linear discriminant analysis that had not seen the "
        f"clip {whose}: log10 of the odds between two classes, 1 is ten to one. Dashed: even odds. "
        "Clips beyond an edge are drawn on it."
        + ("" if len(found.others) <= 2 else " Clips of further classes are placed by these odds "
           "alone.")
        + ("" if len(found.labels) <= MOST_POINTS else f" {MOST_POINTS} of {len(found.labels)} "
           "clips, evenly chosen.")
    )  # fmt: skip


def _axis_name(found: ClipMap, column: int) -> str:
    return f"log10 odds, {label(found.others[column], 18)} : {label(found.reference, 18)}"


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """A little more than the middle of the values, and the even odds."""
    if not len(values):
        return -1.0, 1.0
    edge = (1 - _WITHIN) / 2
    low, high = np.quantile(values, [edge, 1 - edge])
    low, high = min(float(low), -1.0), max(float(high), 1.0)
    margin = 0.05 * (high - low)
    return low - margin, high + margin


def _told(found: ClipMap, classes: Sequence[str]) -> str:
    """Medians of each class, for those who cannot see the map."""
    labels = np.asarray(found.labels, dtype=object)
    sentences = []
    for name in classes:
        own = found.log10_odds[labels == name]
        if len(own):
            medians = "; ".join(
                f"median log10 odds {found.others[k]} to {found.reference} "
                f"{np.median(own[:, k]):.1f}" for k in drawn_axes(found)
            )  # fmt: skip
            sentences.append(f"{name}: {len(own)} clips, {medians}.")
    return " ".join(sentences)
