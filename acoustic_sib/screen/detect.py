"""Find sibilants in a recording: a frame network, hysteresis, duration limits, a network over the
candidates, refined edges."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.audio import Channel
from acoustic_sib.screen.channel_wording import channel_words
from acoustic_sib.screen.events import SHORTEST_S, Event, segment_of
from acoustic_sib.screen.evidence import references
from acoustic_sib.screen.expected import Expected, guided, seeming_lisped, worth
from acoustic_sib.screen.frames import Frames, Progress, read_frames
from acoustic_sib.screen.records import Found, Segment
from acoustic_sib.screen.search import Band, shipped, sibilance
from acoustic_sib.screen.wording import decimal, say

Floats = NDArray[np.float64]

FULL_FROM_HZ = 7000.0
NARROW_FROM_HZ = 3300.0
SILENT_DB = -85.0
NOISY_DB = 15.0
ABOVE_FLOOR_DB, BELOW_SPEECH_DB = 10.0, 40.0


def find_sibilants(
    path: Path, *, expect: Expected | None = None, channel: Channel = "auto",
    progress: Progress | None = None, language: str = "en",
) -> Found:  # fmt: skip
    """The sibilants of a recording of speech, lateral fricatives among them.

    `expect`: what the prompt holds; then weaker frication and dental frication are taken into
    account, and the most sibilant-like that fit are given, at most so many. Dental fricatives are
    no sibilants otherwise; where they are more than the sibilants found, a note asks for the
    prompt. Raises AudioError when the recording cannot be read.
    """
    frames = read_frames(path, channel=channel, progress=progress)
    notes = [channel_words(language, note) for note in frames.channel_notes]

    def nothing(why: str) -> Found:
        return _found(path, frames, (), [*notes, say(language, why), *unmet(0)])

    def unmet(n_found: int) -> list[str]:
        if expect is None or n_found >= expect.count:
            return []
        return [say(language, "fewer_found", found=n_found, expected=expect.count)]

    if not frames.bands_db.max() > SILENT_DB:
        return nothing("nothing_to_find")
    if frames.duration_s < SHORTEST_S:
        return nothing("too_short_to_search")
    band: Band = "full" if frames.bandwidth_hz >= FULL_FROM_HZ else "narrow"
    if band == "narrow":
        khz = decimal(language, frames.bandwidth_hz / 1000, 1)
        notes.append(say(language, "heard_to", khz=khz))
    if frames.bandwidth_hz < NARROW_FROM_HZ:
        return nothing("too_narrow")
    speech, floor, _ = references(frames.bands_db)
    if np.median(speech - floor[:, :5].mean(axis=1)) < NOISY_DB:
        notes.append(say(language, "speech_in_noise"))
    probabilities = sibilance(frames, band, shipped(band).frames)
    sure = shipped(band).events(probabilities)
    segments = segments_of(sure, probabilities, expect=expect,
                           spoken=spoken_stretch(frames.bands_db, speech, floor))  # fmt: skip
    if expect is None and (lisped := seeming_lisped(sure, probabilities)):
        notes.append(say(language, "perhaps_lisped", dental=lisped, found=len(sure)))
    left_out = len(sure) - sum(one.origin == "found" for one in segments)
    notes += [say(language, "left_out", n=left_out)] if left_out else []
    return _found(path, frames, segments, [*notes, *unmet(len(segments))])


def _found(
    path: Path, frames: Frames, segments: Sequence[Segment], notes: Sequence[str]
) -> Found:  # fmt: skip
    inside = [replace(one, start=max(one.start, 0.0), end=min(one.end, frames.duration_s))
              for one in segments]  # fmt: skip
    return Found(file=path, sr=frames.sr, duration_s=frames.duration_s,
                 bandwidth_hz=frames.bandwidth_hz, segments=tuple(inside),
                 notes=tuple(notes))  # fmt: skip


def segments_of(
    sure: Sequence[Event], probabilities: Floats, *, expect: Expected | None = None,
    spoken: tuple[int, int] | None = None,
) -> tuple[Segment, ...]:  # fmt: skip
    """Sibilants in order, from the events that the search is sure of and, where a prompt is known,
    from each frame's probabilities (n, 3) of other, sibilant, dental.

    `spoken`: first and last frame of the word whose places are expected; all of it by default.
    """
    course = probabilities[:, 1]
    weak: list[Event] = []
    if expect is not None:
        sure, weak = guided(sure, probabilities, expect, spoken or (0, len(course) - 1))
    found = [segment_of(event, course) for event in sure]
    found += [replace(segment_of(event, worth(probabilities)), origin="expected")
              for event in weak]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.start))


def spoken_stretch(bands_db: Floats, speech_db: Floats, floor_db: Floats) -> tuple[int, int]:
    """First and last frame that any band rises in: of a word, with its frication."""
    level = np.maximum(floor_db + ABOVE_FLOOR_DB, speech_db[:, None] - BELOW_SPEECH_DB)
    active = np.flatnonzero((bands_db >= level).any(axis=1))
    return (int(active[0]), int(active[-1])) if len(active) else (0, len(bands_db) - 1)
