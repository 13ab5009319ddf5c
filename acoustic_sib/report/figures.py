"""The drawings of the page: each a function that returns an SVG element with a text alternative."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from acoustic_sib.report.spectra import AverageSpectra, Curve
from acoustic_sib.report.svg import (
    GRID,
    INK,
    LINE_STYLES,
    MARKERS,
    MUTED,
    class_colour,
    draw,
    label,
)
from acoustic_sib.report.wording import decimal, share_with_range

# More bins than this cannot be told apart at the width of a page.
MAX_POINTS = 320


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One row of a dot plot: a figure between 0 and 1 with its interval (see cli.md)."""

    name: str
    interval: Mapping[str, Any]
    colour: str = INK
    marker: str = "o"


def interval_plot(dots: Sequence[Dot], *, key: str, chance: float, title: str, axis: str) -> str:
    """Figures with their intervals, one a row, beside the line of chance.

    A figure that is None is a row without a dot; an interval of None is a dot without a whisker.
    """
    rows = len(dots)
    names = [label(dot.name, 22) for dot in dots]
    left_in = 0.2 + 0.082 * max(map(len, names), default=0)

    def paint(figure: Any) -> None:
        axes = axes_with_margins(figure, left_in=left_in, right_in=1.6, bottom_in=0.52, top_in=0.3)
        axes.axvline(chance, color=MUTED, linestyle="--", linewidth=1.2)
        axes.text(chance, -0.75, f"chance {decimal(chance)}", color=MUTED, ha="center", va="bottom")
        for row, dot in enumerate(dots):
            _paint_dot(axes, row, dot)
        axes.set(xlim=(0, 1), ylim=(rows - 0.45, -0.6), xlabel=axis)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
        axes.set_yticks(range(rows), names)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(visible=True, axis="x")

    told = "; ".join(f"{dot.name}: {share_with_range(dot.interval)}" for dot in dots)
    return draw(
        paint, key=key, height_in=0.82 + 0.36 * rows, title=title,
        description=f"{axis}. {told}. Chance is {decimal(chance)}.",
    )  # fmt: skip


def axes_with_margins(
    figure: Any, *, left_in: float, right_in: float, bottom_in: float, top_in: float
) -> Any:
    """Axes with these margins: fixed, as the browser's font is not the one measured here."""
    width, height = figure.get_size_inches()
    return figure.add_axes(
        (
            left_in / width,
            bottom_in / height,
            1 - (left_in + right_in) / width,
            1 - (bottom_in + top_in) / height,
        )
    )


def _paint_dot(axes: Any, row: int, dot: Dot) -> None:
    value, low, high = (dot.interval[part] for part in ("value", "low", "high"))
    if value is not None:
        if low is not None and high is not None:
            axes.plot([low, high], [row, row], color=dot.colour, linewidth=2.4)
        axes.plot([value], [row], marker=dot.marker, markersize=8, color=dot.colour, linestyle="")
    axes.text(1.05, row, share_with_range(dot.interval), va="center", color=INK)


def class_dots(intervals: Mapping[str, Mapping[str, Any]]) -> list[Dot]:
    """A row for each class, in its colour and with its marker."""
    return [
        Dot(name=name, interval=interval, colour=class_colour(index),
            marker=MARKERS[index % len(MARKERS)])
        for index, (name, interval) in enumerate(intervals.items())
    ]  # fmt: skip


def spectra_plot(spectra: AverageSpectra, *, key: str) -> str:
    """Average spectrum of each class over frequency, its spread as a band around it."""
    legend_in = 0.23 * len(spectra.by_class) + 0.1

    def paint(figure: Any) -> None:
        axes = axes_with_margins(
            figure, left_in=0.65, right_in=0.1, bottom_in=0.52, top_in=legend_in
        )
        for index, (name, curves) in enumerate(spectra.by_class.items()):
            _paint_curve(axes, index, _legend(spectra, name), spectra.freqs_hz / 1000, curves)
        axes.set(xlabel="Frequency (kHz)", ylabel=spectra.level_name)
        axes.margins(x=0)
        axes.grid(visible=True)
        axes.legend(
            loc="lower left", bbox_to_anchor=(0.0, 1.0), frameon=False,
            handlelength=3.2, borderaxespad=0.2, borderpad=0.0,
        )  # fmt: skip

    unit = "speaker means" if spectra.unit == "speaker" else "clips"
    return draw(
        paint, key=key, height_in=3.4 + legend_in, title="Average spectrum of each class",
        description=f"{_peaks(spectra)} Bands: {spectra.spread} of the {unit}.",
    )  # fmt: skip


def _legend(spectra: AverageSpectra, name: str) -> str:
    counts = f"{spectra.n_clips[name]} clips"
    if spectra.unit == "speaker":
        counts = f"{spectra.n_speakers[name]} speakers, {counts}"
    return f"{label(name, 30)} ({counts})"


def _paint_curve(
    axes: Any, index: int, name: str, freqs_khz: Curve, curves: tuple[Curve, Curve, Curve]
) -> None:
    frequency, mean, low, high = (_thinned(values) for values in (freqs_khz, *curves))
    colour = class_colour(index)
    axes.fill_between(frequency, low, high, color=colour, alpha=0.16, linewidth=0)
    axes.plot(
        frequency, mean, color=colour, linewidth=1.8, label=name,
        linestyle=LINE_STYLES[index % len(LINE_STYLES)], marker=MARKERS[index % len(MARKERS)],
        markersize=5, markevery=(index * 3, max(len(frequency) // 9, 1)),
    )  # fmt: skip


def _thinned(values: Curve) -> Curve:
    """At most MAX_POINTS values: means over neighbours; the last, incomplete group is left out."""
    step = -(-len(values) // MAX_POINTS)
    whole = len(values) // step * step
    return np.asarray(values[:whole].reshape(-1, step).mean(axis=1))


def _peaks(spectra: AverageSpectra) -> str:
    """Where each class has its highest average level, for those who cannot see the drawing."""
    sentences = []
    for name, (mean, _, _) in spectra.by_class.items():
        if np.isfinite(mean).any():
            peak_khz = spectra.freqs_hz[np.nanargmax(mean)] / 1000
            sentences.append(f"{name}: highest at {peak_khz:.1f} kHz.")
        else:
            sentences.append(f"{name}: not measurable.")
    return " ".join(sentences)


def speaker_plot(speakers: Sequence[Mapping[str, Any]], *, key: str, level: float | None) -> str:
    """Accuracy of each speaker, sorted, dots as large as their clips are many.

    `level` draws a line at the accuracy over all clips.
    """
    ordered = sorted(
        (one for one in speakers if one["accuracy"] is not None),
        key=lambda one: (one["accuracy"], str(one["speaker"])),
    )
    accuracy = [one["accuracy"] for one in ordered]
    sizes = np.array([one["n_clips"] for one in ordered], dtype=float)

    def paint(figure: Any) -> None:
        axes = axes_with_margins(figure, left_in=0.6, right_in=0.1, bottom_in=0.52, top_in=0.1)
        if level is not None:
            axes.axhline(level, color=MUTED, linestyle="--", linewidth=1.2)
        # Dots of many speakers would hide one another.
        area = (14 + 70 * sizes / max(sizes.max(initial=1), 1)) * min(1, 45 / max(len(ordered), 1))
        axes.scatter(range(1, len(ordered) + 1), accuracy, s=area, color=class_colour(0),
                     edgecolors=GRID, linewidths=0.6)  # fmt: skip
        axes.set(xlim=(0, len(ordered) + 1), ylim=(-0.04, 1.04), ylabel="Accuracy",
                 xlabel="Speakers, from the hardest to the easiest")  # fmt: skip
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(visible=True, axis="y")

    return draw(
        paint, key=key, height_in=2.5, title="Accuracy of each speaker",
        description=f"{len(ordered)} speakers: lowest {decimal(min(accuracy, default=None))}, "
        f"median {decimal(float(np.median(accuracy)) if accuracy else None)}, "
        f"highest {decimal(max(accuracy, default=None))}.",
    )  # fmt: skip
