"""The sounds of a recording's segments, cut while it is read once from beginning to end.

Looking for each span anew would decode an MP3 or Ogg file up to it every time.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.audio import Channel, Sound, read_blocks
from acoustic_sib.errors import AudioError
from acoustic_sib.screen.records import Segment
from acoustic_sib.screen.wording import decimal, say

Samples = NDArray[np.float64]
Heard = Callable[[Samples, int], None]

OVERSHOOT_S = 0.005
"""Of the end of a segment over that of the recording: rounding."""


def read_spans(
    path: Path, segments: Sequence[Segment], *, channel: Channel = "auto",
    heard: Heard | None = None, language: str = "en",
) -> Iterator[tuple[Segment, Sound | AudioError]]:  # fmt: skip
    """Each of `segments` (in order of their starts) with its sound, or with what is wrong with it.

    `heard` is given every sample of the recording, mono, in order. Memory: one piece of the
    recording and its longest segment. `language`: of what is wrong with a segment. Raises
    AudioError when the recording cannot be read.
    """
    waiting = list(segments)
    kept, first, sr = np.zeros(0), 0, 0
    for sound, _ in read_blocks(path, channel=channel):
        sr = sound.sr
        if heard is not None:
            heard(sound.samples, sr)
        kept = np.concatenate([kept, sound.samples])
        while waiting and round(waiting[0].end * sr) <= first + len(kept):
            one = waiting.pop(0)
            yield one, _cut(one, kept, first, sr, language)
        needed = round(waiting[0].start * sr) if waiting else first + len(kept)
        dropped = min(max(needed - first, 0), len(kept))
        kept, first = kept[dropped:].copy(), first + dropped
    for one in waiting:
        yield one, _cut(one, kept, first, sr, language)


def _cut(
    one: Segment, kept: Samples, first: int, sr: int, language: str
) -> Sound | AudioError:  # fmt: skip
    """A segment from the samples `kept`, of which number `first` of the recording is the first."""
    end_s = (first + len(kept)) / sr
    place = {"start": decimal(language, one.start, 3), "end": decimal(language, one.end, 3)}
    begin, after = round(one.start * sr) - first, round(one.end * sr) - first
    if begin < 0 or one.end > end_s + OVERSHOOT_S:
        return AudioError(say(language, "outside", duration=decimal(language, end_s, 3), **place))
    samples = kept[begin:after].copy()
    if not len(samples):
        return AudioError(say(language, "no_sample", sr=sr, **place))
    return Sound(samples=samples, sr=sr, n_channels=1, format="")
