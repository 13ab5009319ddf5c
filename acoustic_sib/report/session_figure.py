"""A sibilant's average spectrum against the band of the Normal speakers.

Axes, band and legend are drawn once for a page and referred to by each figure, which adds its own
line: a page of a hundred sibilants stays small, and all its figures have the same axes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.report.figures import axes_with_margins
from acoustic_sib.report.svg import INK, MUTED, WIDTH_IN, class_colour, draw
from acoustic_sib.screen.records import Spectrum
from acoustic_sib.screen.reference import SpectrumNorm
from acoustic_sib.screen.wording import decimal

Floats = NDArray[np.float64]

BAND_SD = 2.0
HEIGHT_IN = 3.1
LEFT_IN, RIGHT_IN, BOTTOM_IN, TOP_IN = 0.65, 0.1, 0.52, 0.56
POINTS_PER_IN = 72.0
ROUND_DB = 10.0
FRAME = "spectrum-frame"
_OPENING = re.compile(r"^<svg[^>]*>")
_ALTERNATIVE = re.compile(r"<(title|desc)\b[^>]*>.*?</\1>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class SpectrumFigures:
    """The shared drawing and where a line goes in it. `frame`: an SVG symbol of id FRAME; `box`:
    the viewBox; axes from `low_khz` to `high_khz` and `low_db` to `high_db`."""

    frame: str
    box: str
    low_khz: float
    high_khz: float
    low_db: float
    high_db: float

    def path(self, spectrum: Spectrum) -> str:
        """The line of a spectrum as SVG path data; interrupted where a band is not measurable."""
        khz = _khz(spectrum)
        left, width = LEFT_IN * POINTS_PER_IN, (WIDTH_IN - LEFT_IN - RIGHT_IN) * POINTS_PER_IN
        top, height = TOP_IN * POINTS_PER_IN, (HEIGHT_IN - TOP_IN - BOTTOM_IN) * POINTS_PER_IN
        x = left + width * (khz - self.low_khz) / (self.high_khz - self.low_khz)
        levels = np.array(spectrum.level_db)
        y = top + height * (self.high_db - levels) / (self.high_db - self.low_db)
        known = np.isfinite(levels)
        return "".join(
            f"{'L' if i and known[i - 1] else 'M'}{x[i]:.1f} {y[i]:.1f}"
            for i in np.flatnonzero(known)
        )


def spectrum_figures(
    spectra: Sequence[Spectrum], norm: SpectrumNorm | None, words: Mapping[str, str]
) -> SpectrumFigures | None:
    """The frame for these spectra, all of one grid; None where there is none to draw."""
    levels = np.array([one.level_db for one in spectra], dtype=float)
    if not np.isfinite(levels).any():
        return None
    khz = _khz(spectra[0])
    centre, half = _band(norm)
    shown = np.concatenate([levels[np.isfinite(levels)], centre - half, centre + half])
    low_db = ROUND_DB * float(np.floor(shown.min() / ROUND_DB))
    high_db = ROUND_DB * float(np.ceil(shown.max() / ROUND_DB))
    low_khz, high_khz = float(khz[0]), float(max(khz[-1], khz[0] + 0.1))

    def paint(figure: Any) -> None:
        axes = axes_with_margins(figure, left_in=LEFT_IN, right_in=RIGHT_IN, bottom_in=BOTTOM_IN,
                                 top_in=TOP_IN)  # fmt: skip
        legend = {words["this_one"]: axes.plot([], [], color=class_colour(0), linewidth=2.2)[0]}
        if norm is not None:
            band = axes.fill_between(khz, centre - half, centre + half, color=MUTED, alpha=0.25,
                                     linewidth=0)  # fmt: skip
            (middle,) = axes.plot(khz, centre, color=MUTED, linewidth=1.4, linestyle="--")
            name = words["band" if norm.n_speakers else "band_clips"].format(n=norm.n_speakers)
            legend[name] = (band, middle)
        axes.set(xlim=(low_khz, high_khz), ylim=(low_db, max(high_db, low_db + ROUND_DB)),
                 xlabel=words["frequency"], ylabel=words["level_axis"])  # fmt: skip
        axes.tick_params(labelcolor=INK)
        axes.grid(visible=True)
        axes.legend(
            legend.values(), legend.keys(), loc="lower left", bbox_to_anchor=(0.0, 1.0),
            frameon=False, handlelength=3.2, borderaxespad=0.2, borderpad=0.0,
        )  # fmt: skip

    drawn = draw(paint, key=FRAME, height_in=HEIGHT_IN, title="", description="")
    box = f"0 0 {WIDTH_IN * POINTS_PER_IN:g} {HEIGHT_IN * POINTS_PER_IN:g}"
    inner = _ALTERNATIVE.sub("", _OPENING.sub("", drawn)).removesuffix("</svg>")
    return SpectrumFigures(
        frame=f'<symbol id="{FRAME}" viewBox="{box}">{inner}</symbol>', box=box, low_khz=low_khz,
        high_khz=high_khz, low_db=low_db, high_db=max(high_db, low_db + ROUND_DB),
    )  # fmt: skip


def told(
    spectrum: Spectrum, norm: SpectrumNorm | None, words: Mapping[str, str], language: str
) -> str:
    """What the figure shows, in words: the highest band, and where it leaves the reference band."""
    khz, levels = _khz(spectrum), np.array(spectrum.level_db)
    if not np.isfinite(levels).any():
        return words["no_spectrum"]
    highest = words["highest"].format(khz=_tenths(language, khz[int(np.nanargmax(levels))]))
    if norm is None:
        return f"{highest} {words['no_band']}"
    centre, half = _band(norm)
    sentences = [
        words[key].format(spans=_spans(khz, outside, spectrum.step_hz / 2000, language))
        for key, outside in (("above", levels > centre + half), ("below", levels < centre - half))
        if outside.any()
    ]
    return " ".join([highest, *(sentences or [words["inside"]])])


def _band(norm: SpectrumNorm | None) -> tuple[Floats, Floats]:
    """Centre and half the width of the reference band, dB (n_bands,); empty without one."""
    if norm is None:
        return np.zeros(0), np.zeros(0)
    return np.array(norm.centre), BAND_SD * np.array(norm.single)


def _spans(khz: Floats, chosen: NDArray[np.bool_], half_khz: float, language: str) -> str:
    """Runs of chosen bands from edge to edge: `2,4-3,2, 5,6-6,0`."""
    steps = np.diff(np.concatenate([[0], chosen.astype(int), [0]]))
    runs = zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1, strict=True)
    return ", ".join(
        f"{_tenths(language, khz[first] - half_khz)}-{_tenths(language, khz[last] + half_khz)}"
        for first, last in runs
    )


def _tenths(language: str, khz: float) -> str:
    """Edges of bands lie halfway between tenths of a kHz: all are rounded up."""
    return decimal(language, khz + 1e-9, 1)


def _khz(spectrum: Spectrum) -> Floats:
    hertz = spectrum.first_hz + spectrum.step_hz * np.arange(len(spectrum.level_db))
    return np.asarray(hertz / 1000, dtype=np.float64)
