"""What screening hands from room to room: a found sibilant, a judged one, a recording of them.

Plain records without heavy imports: `predict` must start fast.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Origin = Literal["found", "expected", "textgrid", "whole"]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A sibilant's place in a recording, seconds; `score` 0..1 says how sure the search is.

    `origin`: found by the search, found only because a prompt holds it, taken from a TextGrid
    (score 1), or the whole file (score 1).
    `label`: what the TextGrid calls it, else "".
    """

    start: float
    end: float
    score: float
    origin: Origin = "found"
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The sibilants of one recording, in order, not overlapping.

    `bandwidth_hz`: effective bandwidth. `notes`: whole sentences on what limits the search (narrow
    band, noise, a dead channel, fewer than expected).
    """

    file: Path
    sr: int
    duration_s: float
    bandwidth_hz: float
    segments: tuple[Segment, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """Average level in bands `step_hz` wide, the first centred at `first_hz`, dB relative to their
    mean; NaN where a band is not measurable."""

    first_hz: float
    step_hz: float
    level_db: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One sibilant after quality control and classification.

    `context`: what the recording tells of its speaker (`context.Context`), assessable or not.
    Not assessable: `reason` says why, `predicted` is None, `classes` and `probabilities` are empty.
    `classes`: the conformal set, every class that the data do not rule out; more than one, or none,
    means "uncertain". `unlike`: why the clip is unlike any that the model was trained on, else "".
    `z`: measure -> distance from the Normal reference in SD of single sibilants; a measure is
    absent where it or its reference is not known. `why`: one plain sentence. `spectrum`: for
    figures.
    """

    segment: Segment
    assessable: bool
    reason: str
    predicted: str | None = None
    classes: tuple[str, ...] = ()
    probabilities: Mapping[str, float] = field(default_factory=dict)
    unlike: str = ""
    context: Mapping[str, float] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    z: Mapping[str, float] = field(default_factory=dict)
    why: str = ""
    spectrum: Spectrum | None = None


@dataclass(frozen=True, kw_only=True)
class Screened:
    """What was judged in a recording; `failure`: why it could not be read, else ""."""

    file: Path
    found: Found | None
    sibilants: tuple[Judged, ...] = ()
    failure: str = ""
