"""Drawings of the ladder's evidence: changes about zero, several scores side by side, a curve."""

from collections.abc import Mapping, Sequence
from typing import Any

from acoustic_sib.report.figures import Dot, axes_with_margins
from acoustic_sib.report.svg import INK, MARKERS, MUTED, class_colour, draw, label
from acoustic_sib.report.wording import (
    change_with_range,
    decimal,
    has_range,
    plural,
    share_with_range,
)

Interval = Mapping[str, Any]


def bare(value: float | None) -> Interval:
    """A figure without an interval, to be drawn as a dot."""
    return {"value": value, "low": None, "high": None}


def change_plot(dots: Sequence[Dot], *, key: str, title: str, axis: str) -> str:
    """Differences with their intervals, one a row, about the line of no difference."""
    names = [label(dot.name, 26) for dot in dots]
    left_in = 0.2 + 0.082 * max(map(len, names), default=0)
    ends = [dot.interval[part] for dot in dots for part in ("value", "low", "high")
            if dot.interval[part] is not None]  # fmt: skip
    low, high = min([*ends, -0.01]), max([*ends, 0.01])
    margin = 0.06 * (high - low)

    def paint(figure: Any) -> None:
        axes = axes_with_margins(figure, left_in=left_in, right_in=1.75, bottom_in=0.52, top_in=0.1)
        axes.axvline(0, color=MUTED, linestyle="--", linewidth=1.2)
        for row, dot in enumerate(dots):
            _whisker(axes, row, dot.interval, dot.colour, dot.marker)
            axes.text(1.04, row, change_with_range(dot.interval), va="center", color=INK,
                      transform=axes.get_yaxis_transform())  # fmt: skip
        axes.set(xlim=(low - margin, high + margin), ylim=(len(dots) - 0.45, -0.6), xlabel=axis)
        axes.locator_params(axis="x", nbins=5)
        axes.set_yticks(range(len(dots)), names)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(visible=True, axis="x")

    told = "; ".join(f"{dot.name}: {change_with_range(dot.interval)}" for dot in dots)
    return draw(paint, key=key, height_in=0.66 + 0.36 * len(dots), title=title,
                description=f"{axis}. {told}.")  # fmt: skip


def _whisker(axes: Any, row: float, interval: Interval, colour: str, marker: str) -> None:
    if interval["value"] is None:
        return
    if has_range(interval):
        axes.plot([interval["low"], interval["high"]], [row, row], color=colour, linewidth=2.2)
    axes.plot([interval["value"]], [row], marker=marker, markersize=7, color=colour, linestyle="")


def scores_plot(
    rows: Sequence[str], series: Mapping[str, Sequence[Interval]], *, key: str, title: str,
    axis: str, chance: float | None = None,
) -> str:  # fmt: skip
    """Several figures between 0 and 1 for each row, each in its colour and with its marker."""
    names = [label(name, 30) for name in rows]
    left_in = 0.2 + 0.082 * max(map(len, names), default=0)
    # In one line where the names leave room for it.
    ncols = len(series) if sum(map(len, series)) + 3 * len(series) < 48 else 1
    legend_in = 0.1 if len(series) < 2 else 0.08 + 0.22 * len(series) / ncols
    step = 0.24 if len(series) > 1 else 0.0

    def paint(figure: Any) -> None:
        axes = axes_with_margins(figure, left_in=left_in, right_in=0.3, bottom_in=0.52,
                                 top_in=legend_in)  # fmt: skip
        if chance is not None:
            axes.axvline(chance, color=MUTED, linestyle="--", linewidth=1.2)
        for index, (name, intervals) in enumerate(series.items()):
            colour, marker = class_colour(index), MARKERS[index % len(MARKERS)]
            for row, interval in enumerate(intervals):
                _whisker(axes, row + step * (index - (len(series) - 1) / 2), interval, colour,
                         marker)  # fmt: skip
            axes.plot([], [], marker=marker, color=colour, linestyle="",
                      label=label(name, 40))  # fmt: skip
        axes.set(xlim=(-0.02, 1.02), ylim=(len(rows) - 0.4, -0.6), xlabel=axis)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
        axes.set_yticks(range(len(rows)), names)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(visible=True, axis="x")
        if len(series) > 1:
            axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False,
                        ncols=ncols, borderaxespad=0.1, borderpad=0.0, columnspacing=1.4,
                        handletextpad=0.2)  # fmt: skip

    told = "; ".join(
        f"{row}: " + ", ".join(f"{name} {share_with_range(found[k])}"
                               for name, found in series.items())
        for k, row in enumerate(rows)
    )  # fmt: skip
    where = "" if chance is None else f" Chance is {decimal(chance)}."
    return draw(
        paint, key=key, height_in=0.62 + legend_in + max(0.36, 0.25 * len(series)) * len(rows),
        title=title, description=f"{axis}. {told}.{where}",
    )  # fmt: skip


def curve_plot(
    points: Sequence[tuple[float, Interval]], *, key: str, chance: float, title: str,
    across: str, axis: str, ahead: Sequence[tuple[float, Interval]] = (),
) -> str:  # fmt: skip
    """A figure over a number of `across`, its interval as a band; `ahead` is drawn dashed and
    open: not measured but extrapolated."""
    known = [(x, one) for x, one in points if one["value"] is not None]
    onwards = [*known[-1:], *((x, one) for x, one in ahead if one["value"] is not None)]

    def paint(figure: Any) -> None:
        axes = axes_with_margins(figure, left_in=0.65, right_in=0.35, bottom_in=0.52, top_in=0.1)
        axes.axhline(chance, color=MUTED, linestyle="--", linewidth=1.2)
        axes.text(1.0, chance, f"chance {decimal(chance)}", color=MUTED, ha="right", va="bottom",
                  transform=axes.get_yaxis_transform())  # fmt: skip
        _band(axes, known, alpha=0.18)
        axes.plot([x for x, _ in known], [one["value"] for _, one in known], marker="o",
                  color=class_colour(0), linewidth=1.8, markersize=5.5)  # fmt: skip
        if len(onwards) > 1:
            _band(axes, onwards, alpha=0.08)
            axes.plot([x for x, _ in onwards], [one["value"] for _, one in onwards], marker="o",
                      color=class_colour(0), linewidth=1.6, linestyle=":", markersize=6,
                      markerfacecolor="none", markevery=slice(1, None))  # fmt: skip
        lows = [one["low"] for _, one in (*known, *onwards) if has_range(one)]
        bottom = max(min([chance, *lows]) - 0.08, 0.0)
        axes.set(ylim=(bottom, 1.02), xlabel=across, ylabel=axis)
        axes.set_xlim(left=0)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(visible=True)

    told = "; ".join(f"{x:g}: {share_with_range(one)}" for x, one in known)
    beyond = "; ".join(f"{x:g}: {share_with_range(one)}" for x, one in onwards[1:])
    return draw(
        paint, key=key, height_in=2.9, title=title,
        description=f"{axis} over {across}, {plural(len(known), 'point')}. {told}. Chance is "
        f"{decimal(chance)}." + (f" Extrapolated: {beyond}." if beyond else ""),
    )  # fmt: skip


def _band(axes: Any, points: Sequence[tuple[float, Interval]], *, alpha: float) -> None:
    ranged = [(x, one) for x, one in points if has_range(one)]
    if len(ranged) > 1:
        axes.fill_between(
            [x for x, _ in ranged], [one["low"] for _, one in ranged],
            [one["high"] for _, one in ranged], color=class_colour(0), alpha=alpha, linewidth=0,
        )  # fmt: skip
