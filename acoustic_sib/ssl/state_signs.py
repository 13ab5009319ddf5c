"""What hidden states betray before any label is looked at: padding, another sampling rate, states
under other clips' names."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.ssl.findings import Finding, cannot_tell, found, not_found
from acoustic_sib.ssl.frame_rate import TOLERANCE, FrameRate, frame_rate_of
from acoustic_sib.ssl.pooling import pooled
from acoustic_sib.ssl.states import States

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

LITTLE_VALID = 0.5
SHRUNK = 0.6
"""A spread between clips below this share of the valid frames' own counts as drowned. On a real
encoder, 0.16 s padded to 1.0 s left .44 of it (0.36 to 0.16)."""
OTHER_RATE = 1.5
ELSEWHERE = 0.2
"""Share of clips whose frames do not fit their durations above which ids are suspected."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The states of the corpus's clips: each one's number in the states and duration in s."""

    states: States
    numbers: Counts
    durations_s: Floats

    @property
    def rate(self) -> FrameRate:
        return frame_rate_of(self.states.meta)

    @property
    def n_frames(self) -> Counts:
        return self.states.n_frames[self.numbers]

    @property
    def expected(self) -> Counts:
        return self.rate.expected(self.rate.samples(self.durations_s))

    @property
    def n_valid(self) -> Counts:
        """As the states tell, else as the durations do; never more than there are. All frames of a
        repeated clip."""
        if self.states.is_repeated:
            return self.n_frames
        told = self.states.n_valid_frames[self.numbers]
        return np.minimum(np.where(told >= 1, told, self.expected), self.n_frames)


def sampling_rate(heard: Heard) -> Finding:
    """Are there as many frames as the durations ask for?"""
    cause = "sampling_rate"
    if heard.states.is_pooled or heard.states.is_repeated:
        how = "one vector a clip" if heard.states.is_pooled else "of repeated clips"
        return cannot_tell(cause, f"the states are {how}: their frames do not tell the rate")
    told = heard.states.n_valid_frames[heard.numbers]
    counted = np.where(told >= 1, told, heard.n_frames)
    if len(np.unique(counted)) == 1:
        return cannot_tell(cause, "every clip has as many frames, padded or cut: they do not tell "
                           "the rate", frames=int(counted[0]))  # fmt: skip
    factor = float(np.median(counted / heard.expected))
    facts = {"frames_to_expected": factor, "model_hz": heard.rate.sample_rate}
    if factor > OTHER_RATE or factor < 1 / OTHER_RATE:
        hertz = factor * heard.rate.sample_rate
        return found(
            cause, f"clips have {factor:.2f} times the frames of their duration, as sound of "
            f"{hertz / 1000:.1f} kHz has when it is given to a model of "
            f"{heard.rate.sample_rate / 1000:g} kHz without resampling",
            f"resample to {heard.rate.sample_rate} Hz before the feature extractor", **facts,
        )  # fmt: skip
    return not_found(cause, f"clips have {factor:.2f} times the frames of their duration", **facts)


def clip_ids(heard: Heard) -> Finding:
    """Do frame counts follow the clips' own durations, or those of other clips?"""
    cause = "clip_ids"
    told = heard.states.n_valid_frames[heard.numbers]
    counted = np.where(told >= 1, told, heard.n_frames)
    alike = min(len(np.unique(one)) for one in (counted, heard.expected)) == 1
    if heard.states.is_pooled or heard.states.is_repeated or alike:
        return cannot_tell(cause, "frame counts do not differ between clips, so they do not tell "
                           "whose states these are")  # fmt: skip
    expected = heard.expected * float(np.median(counted / heard.expected))
    wrong = np.abs(counted - expected) > TOLERANCE + 0.1 * expected
    in_order = np.abs(np.sort(counted) - np.sort(expected)) > TOLERANCE + 0.1 * expected.max()
    facts = {"n_wrong": int(wrong.sum()), "n_clips": len(counted)}
    if wrong.mean() > ELSEWHERE and in_order.mean() < ELSEWHERE / 2:
        return found(
            cause, f"{wrong.sum()} of {len(counted)} states have frame counts that fit other "
            "clips' durations and not their own: they stand under the wrong ids",
            "write the id beside each clip's states when they are made, and import them again",
            **facts,
        )  # fmt: skip
    if wrong.mean() > ELSEWHERE:
        return cannot_tell(cause, f"{wrong.sum()} of {len(counted)} states have other frame "
                           "counts than their durations ask for", **facts)  # fmt: skip
    fitting = int((~wrong).sum())
    return not_found(cause, f"{fitting} of {len(counted)} states have the frames that their "
                     "clips' durations ask for", **facts)  # fmt: skip


def padding(heard: Heard, cost: dict[str, float] | None) -> Finding:
    """Does padding drown the clips where all frames are pooled?

    `cost`: what pooling the valid frames gains a probe in UAR (value, low, high), where it was
    measured.
    """
    cause = "padding_dominated"
    if heard.states.is_pooled:
        return cannot_tell(cause, "the states were pooled before they were saved")
    share = float(np.median(heard.n_valid / heard.n_frames))
    facts: dict[str, Any] = {
        "median_valid_share": share, "same_frames": len(np.unique(heard.n_frames)) == 1,
        "frames": [int(heard.n_frames.min()), int(heard.n_frames.max())],
    }  # fmt: skip
    if share >= LITTLE_VALID:
        return not_found(cause, f"half of the clips have sound in at least {share:.0%} of their "
                         "frames", **facts)  # fmt: skip
    whole, valid = (_spread(heard, counts) for counts in (heard.n_frames, heard.n_valid))
    facts |= {"spread_all_to_valid": whole / valid if valid > 0 else None, "probe_gain": cost}
    gains = cost is not None and cost["low"] > 0
    if (valid > 0 and whole / valid < SHRUNK) or gains:
        lost = "" if cost is None else (
            f"; pooling the valid frames changes a probe's UAR by {cost['value']:+.3f} "
            f"[{cost['low']:+.3f}, {cost['high']:+.3f}]")  # fmt: skip
        return found(
            cause, f"{1 - share:.0%} of the frames of a clip are padding, and pooling all of them "
            f"leaves {whole / valid:.0%} of the spread between clips{lost}",
            "pool valid frames only (pass the mask, or pool by n_valid_frames), or repeat the clip "
            "instead of padding it", **facts,
        )  # fmt: skip
    return not_found(cause, f"{1 - share:.0%} of the frames are padding, yet pooling all of them "
                     f"keeps {whole / valid:.0%} of the spread between clips", **facts)  # fmt: skip


def batches(heard: Heard) -> Finding:
    """Were clips padded to the longest of their batch?"""
    cause = "batch_padding"
    if heard.states.is_pooled:
        return cannot_tell(cause, "the states were pooled before they were saved")
    padded = heard.n_frames > heard.n_valid + TOLERANCE
    lengths = np.unique(heard.n_frames[padded])
    facts = {"padded_clips": int(padded.sum()), "padded_lengths": len(lengths)}
    if not padded.any():
        return not_found(cause, "no clip is padded", **facts)
    if len(lengths) == 1:
        return not_found(cause, f"all padded clips have {lengths[0]} frames: they were padded to "
                         "one length", **facts)  # fmt: skip
    masked = heard.states.meta.get("attention_mask_used") is True and (
        heard.states.meta.get("feat_extract_norm") == "layer"
    )
    if masked:
        return not_found(cause, "clips were padded by batch, to a layer-norm encoder with a mask: "
                         "it does not hear the padding", **facts)  # fmt: skip
    return found(
        cause, f"{padded.sum()} clips are padded to {len(lengths)} lengths, as batches are: the "
        "same clip would have other states in another batch",
        "extract states one clip a time, or pad all to one length", **facts,
    )  # fmt: skip


def _spread(heard: Heard, counts: Counts) -> float:
    """Mean over columns of the SD over clips of the last layer's mean over so many frames."""
    states = heard.states
    table = pooled(states.layer(states.n_layers - 1), states.offsets[:-1][heard.numbers], counts,
                   "mean")  # fmt: skip
    return float(table.astype(np.float64).std(axis=0).mean())
