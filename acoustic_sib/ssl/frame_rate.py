"""How many frames a clip should have, and what it means when it has others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.errors import StatesError

Counts = NDArray[np.int64]
SAMPLE_RATE, HOP, RECEPTIVE_FIELD = 16_000, 320, 400
"""Of wav2vec2, HuBERT and WavLM: a frame sees 25 ms and moves by 20 ms."""
TOLERANCE = 1
"""Models that pad at the edges (Whisper) round to another side."""


@dataclass(frozen=True, kw_only=True)
class FrameRate:
    """A model's sampling rate (Hz), and the step and reach of a frame in its samples."""

    sample_rate: int = SAMPLE_RATE
    hop: int = HOP
    receptive_field: int = RECEPTIVE_FIELD

    def expected(self, n_samples: Counts) -> Counts:
        """floor((n - reach) / step) + 1 frames, at least 1, of clips of n samples."""
        return np.maximum((n_samples - self.receptive_field) // self.hop + 1, 1)

    def samples(self, durations_s: NDArray[np.float64]) -> Counts:
        return np.round(durations_s * self.sample_rate).astype(np.int64)

    def frames_within(self, seconds: float) -> int:
        """Frames that end within the first `seconds`."""
        return int(self.expected(np.array([round(seconds * self.sample_rate)]))[0])


def frame_rate_of(meta: Mapping[str, Any]) -> FrameRate:
    """What the folder's meta.json says, wav2vec2's where it says nothing."""

    def known(names: Sequence[str], default: int) -> int:
        values = [meta[name] for name in names if isinstance(meta.get(name), (int, float))]
        return int(values[0]) if values and values[0] > 0 else default

    return FrameRate(
        sample_rate=known(("sample_rate", "sampling_rate"), SAMPLE_RATE),
        hop=known(("hop",), HOP), receptive_field=known(("receptive_field",), RECEPTIVE_FIELD),
    )  # fmt: skip


def refuse_wrong_rate(
    place: str, clip_ids: Sequence[str], n_frames: Counts, n_valid: Counts, n_samples: Counts,
    rate: FrameRate,
) -> None:  # fmt: skip
    """Raise StatesError naming the first clip whose frames do not fit its length.

    Unknown lengths and valid counts are -1. More frames than a clip fills are padding, and fine;
    but where no padded length explains them and they exceed the expected ones by about the same
    factor in each clip, the model was fed another sampling rate.
    """
    known = n_samples >= 0
    if not known.any() or (n_frames == 1).all():
        return
    expected = rate.expected(n_samples)
    for wrong, frames, what in (
        (known & (n_frames < expected - TOLERANCE), n_frames, "frames"),
        (known & (n_valid >= 0) & (np.abs(n_valid - expected) > TOLERANCE), n_valid,
         "valid frames"),
    ):  # fmt: skip
        if wrong.any():
            _refuse(place, clip_ids, int(np.argmax(wrong)), frames, expected, n_samples, rate, what)
    factor = n_frames[known] / expected[known]
    no_common_length = len(np.unique(n_frames[known])) > 1
    if no_common_length and factor.min() > 1.5 and np.ptp(factor) < 0.4 * factor.mean():
        first = int(np.argmax(known))
        _refuse(place, clip_ids, first, n_frames, expected, n_samples, rate, "frames")


def _refuse(
    place: str, clip_ids: Sequence[str], first: int, frames: Counts, expected: Counts,
    n_samples: Counts, rate: FrameRate, what: str,
) -> None:  # fmt: skip
    seconds = n_samples[first] / rate.sample_rate
    factor = frames[first] / expected[first]
    raise StatesError(
        f"{place}: clip '{clip_ids[first]}' of {seconds:.3f} s has {frames[first]} {what}; "
        f"expected {expected[first]}, one every {1000 * rate.hop / rate.sample_rate:g} ms (factor "
        f"{factor:.2f}): was sound of another sampling rate given to a model of "
        f"{rate.sample_rate} Hz (44100 gives 2.76, 48000 gives 3.0), or the clip cut? A model of "
        "other frames has them said when its states are imported: ssl states --hop N "
        "--receptive-field N"
    )
