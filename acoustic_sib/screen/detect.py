"""Find sibilants in a recording: a frame network, hysteresis, duration limits, refined edges."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.audio import Channel
from acoustic_sib.screen.evidence import references
from acoustic_sib.screen.frames import HOP_S, Frames, Progress, read_frames
from acoustic_sib.screen.records import Found, Segment
from acoustic_sib.screen.search import Band, Thresholds, shipped, sibilance
from acoustic_sib.screen.wording import channel_words, decimal, say

Floats = NDArray[np.float64]

SHORTEST_S, LONGEST_S = 0.035, 15.0
BRIDGED_S = 0.040
BRIDGED_FROM = 0.1
"""A dip of P(sibilant) no deeper and no longer than this does not end a sibilant."""
FULL_FROM_HZ = 7000.0
NARROW_FROM_HZ = 3300.0
SILENT_DB = -85.0
NOISY_DB = 15.0
GUIDED = 0.10
DENTAL_WORTH = 0.7
"""When a known number of sibilants is looked for, dental frication counts as a lisped one, but a
sibilant goes before it."""


@dataclass(frozen=True, kw_only=True)
class _Event:
    first: int
    last: int
    score: float


def find_sibilants(
    path: Path, *, expect: int | None = None, channel: Channel = "auto",
    progress: Progress | None = None, language: str = "en",
) -> Found:  # fmt: skip
    """The sibilants of a recording of speech, lateral fricatives among them.

    `expect`: how many the prompt holds; then weaker frication and dental frication are taken into
    account, and the most sibilant-like are given, at most so many. Dental fricatives are no
    sibilants otherwise. Raises AudioError when the recording cannot be read.
    """
    frames = read_frames(path, channel=channel, progress=progress)
    notes = [channel_words(language, note) for note in frames.channel_notes]
    if not frames.bands_db.max() > SILENT_DB:
        return _found(path, frames, (), [*notes, say(language, "nothing_to_find")])
    if frames.duration_s < SHORTEST_S:
        return _found(path, frames, (), notes)
    band: Band = "full" if frames.bandwidth_hz >= FULL_FROM_HZ else "narrow"
    if band == "narrow":
        khz = decimal(language, frames.bandwidth_hz / 1000, 1)
        notes.append(say(language, "heard_to", khz=khz))
    if frames.bandwidth_hz < NARROW_FROM_HZ:
        return _found(path, frames, (), [*notes, say(language, "too_narrow")])
    speech, floor, _ = references(frames.bands_db)
    if np.median(speech - floor[:, :5].mean(axis=1)) < NOISY_DB:
        notes.append(say(language, "speech_in_noise"))
    segments = segments_of(
        sibilance(frames, band, shipped(band)), shipped(band).thresholds, expect=expect
    )
    if expect is not None and len(segments) < expect:
        notes.append(say(language, "fewer_found", found=len(segments), expected=expect))
    return _found(path, frames, segments, notes)


def _found(
    path: Path, frames: Frames, segments: Sequence[Segment], notes: Sequence[str]
) -> Found:  # fmt: skip
    inside = [
        Segment(start=max(one.start, 0.0), end=min(one.end, frames.duration_s), score=one.score)
        for one in segments
    ]
    return Found(file=path, sr=frames.sr, duration_s=frames.duration_s,
                 bandwidth_hz=frames.bandwidth_hz, segments=tuple(inside),
                 notes=tuple(notes))  # fmt: skip


def segments_of(
    probabilities: Floats, thresholds: Thresholds, *, expect: int | None = None
) -> tuple[Segment, ...]:
    """Sibilants from each frame's probabilities (n, 3) of other, sibilant, dental, in order."""
    high, low = thresholds.high, thresholds.low
    course = probabilities[:, 1]
    events = _events(course, high=high, low=low)
    if expect is not None:
        worth = course + DENTAL_WORTH * probabilities[:, 2]
        taken = np.zeros(len(course), dtype=bool)
        for event in events:
            taken[event.first : event.last + 1] = True
        weak = [event for event in _events(worth, high=GUIDED, low=GUIDED / 2)
                if not taken[event.first : event.last + 1].any()]  # fmt: skip
        sure = sorted(events, key=lambda event: -event.score)[:expect]
        more = sorted(weak, key=lambda event: -event.score)[: expect - len(sure)]
        weak_ones = {id(event) for event in more}
        return tuple(
            _segment(event, worth if id(event) in weak_ones else course)
            for event in sorted([*sure, *more], key=lambda event: event.first)
        )
    return tuple(_segment(event, course) for event in events)


def _events(course: Floats, *, high: float, low: float) -> list[_Event]:
    """Stretches where `course` stays above `low` and somewhere reaches `high`."""
    above = _bridged(course >= low, course)
    edges = np.diff(np.concatenate([[0], above.astype(int), [0]]))
    stretches = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    return [
        _Event(first=int(first), last=int(after) - 1, score=float(course[first:after].max()))
        for first, after in stretches
        if course[first:after].max() >= high and SHORTEST_S <= (after - first) * HOP_S <= LONGEST_S
    ]


def _bridged(above: NDArray[np.bool_], course: Floats) -> NDArray[np.bool_]:
    """`above` with short, shallow dips between two stretches filled."""
    filled = above.copy()
    edges = np.diff(np.concatenate([[1], above.astype(int), [1]]))
    for first, after in zip(np.flatnonzero(edges == -1), np.flatnonzero(edges == 1), strict=True):
        inner = first > 0 and after < len(above)
        if (
            inner
            and (after - first) * HOP_S <= BRIDGED_S
            and course[first:after].min() >= BRIDGED_FROM
        ):
            filled[first:after] = True
    return filled


def _segment(event: _Event, course: Floats) -> Segment:
    """Edges where the straight line between two frames crosses half of the event's height."""
    half = event.score / 2
    inside = np.flatnonzero(course[event.first : event.last + 1] >= half)
    first, last = event.first + int(inside[0]), event.first + int(inside[-1])
    return Segment(
        start=HOP_S * (first - _beyond(course, first, -1, half)),
        end=HOP_S * (last + _beyond(course, last, 1, half)),
        score=round(min(event.score, 1.0), 3),
    )


def _beyond(course: Floats, at: int, step: int, level: float) -> float:
    """Share of a hop from frame `at` to the crossing of `level` on its way to the next frame."""
    if not 0 <= at + step < len(course):
        return 0.5
    inside, outside = course[at], course[at + step]
    return float((inside - level) / (inside - outside)) if inside > outside else 0.5
