"""What a checkpoint's files alone reveal, held against the corpus's own durations and classes.

Each check answers found, not found, or cannot tell: nothing here has seen the model run. Facts of
the architectures are those of transformers 4.57 and 5.23.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.checkpoint import Checkpoint, are_default, class_names, setting
from acoustic_sib.ssl.findings import Finding, cannot_tell, found, not_found
from acoustic_sib.ssl.frame_rate import SAMPLE_RATE
from acoustic_sib.ssl.trainable import head_size

MUCH_MASKED = 0.25
"""SpecAugment that can hide more of a clip than this counts as found: its defaults were made for
utterances of hundreds of frames, of which they hide a twentieth."""
LITTLE_VALID = 0.5
BACKBONE_RATE = 1e-4
"""Fine-tuning of whole encoders is published at 1e-5 to 1e-4 (Baevski et al. 2020, arXiv
2006.11477: 1e-4 and below)."""


@dataclass(frozen=True, kw_only=True)
class Sounds:
    """What the corpus says: durations in s and sampling rates in Hz of its clips, its classes."""

    durations_s: NDArray[np.float64]
    rates_hz: tuple[int, ...]
    classes: tuple[str, ...]


def sounds_of(manifest: pd.DataFrame, quality: pd.DataFrame) -> Sounds:
    return Sounds(
        durations_s=quality["duration_s"].to_numpy(dtype=float),
        rates_hz=tuple(sorted({int(rate) for rate in quality["sr_hz"]})),
        classes=tuple(sorted(set(manifest["label"].to_numpy(dtype=str).tolist()))),
    )


def lint(checkpoint: Checkpoint, sounds: Sounds | None = None) -> list[Finding]:
    """Every check on one checkpoint; without `sounds` those that need durations cannot tell."""
    return [check(checkpoint, sounds) for check in _CHECKS]


def _class_names(checkpoint: Checkpoint, sounds: Sounds | None) -> Finding:
    cause = "label_names"
    try:
        names = list(class_names(checkpoint.config, checkpoint.place))
    except RunError as error:
        return found(cause, str(error), "number the classes 0, 1, 2... in id2label")
    if not names:
        return cannot_tell(cause, "config.json names no classes (id2label)")
    if are_default(names):
        return found(
            cause, f"the classes are called {', '.join(names)}, the default: which is which rests "
            "on the order in a script",
            "set id2label and label2id before training, and read the order of the labels in your "
            "data set", classes=names,
        )  # fmt: skip
    back = checkpoint.config.get("label2id")
    if isinstance(back, dict) and any(str(back.get(name)) != str(number)
                                      for number, name in enumerate(names)):  # fmt: skip
        return found(cause, "label2id is not the inverse of id2label: names are exchanged in one "
                     "of them", "make both from one list", classes=names,
                     label2id=dict(back))  # fmt: skip
    if sounds is not None and set(names) != set(sounds.classes):
        return found(
            cause, f"the model's classes are {', '.join(names)}; those of the corpus are "
            f"{', '.join(sounds.classes)}", "train and test on the same class names",
            classes=names, corpus=list(sounds.classes),
        )  # fmt: skip
    return not_found(cause, f"classes in the order of the outputs: {', '.join(names)}",
                     classes=names)  # fmt: skip


def _sampling_rate(checkpoint: Checkpoint, sounds: Sounds | None) -> Finding:
    cause = "sampling_rate"
    rate = checkpoint.preprocessor.get("sampling_rate")
    if not isinstance(rate, int) or rate <= 0:
        return cannot_tell(cause, "no preprocessor_config.json with a sampling rate")
    if sounds is None:
        return cannot_tell(cause, f"the model expects {rate} Hz; no corpus was given to compare",
                           model_hz=rate)  # fmt: skip
    others = [one for one in sounds.rates_hz if one != rate]
    if not others:
        return not_found(cause, f"clips and model are both at {rate} Hz", model_hz=rate,
                         corpus_hz=list(sounds.rates_hz))  # fmt: skip
    times = max(others) / rate
    return cannot_tell(
        cause, f"clips are stored at {', '.join(f'{one} Hz' for one in others)}, the model expects "
        f"{rate} Hz: files do not say whether they were resampled; if not, the model heard them "
        f"{times:.2f} times too slow",
        f"resample when loading (in datasets: cast_column with Audio(sampling_rate={rate})) and "
        f"count frames: a clip has {times:.2f} times too many without",
        model_hz=rate, corpus_hz=list(sounds.rates_hz), frames_ratio=times,
    )  # fmt: skip


def _norm_and_mask(checkpoint: Checkpoint, sounds: Sounds | None) -> Finding:
    cause = "norm_mask_mismatch"
    norm = checkpoint.config.get("feat_extract_norm")
    mask = checkpoint.preprocessor.get("return_attention_mask")
    if norm not in ("group", "layer") or not isinstance(mask, bool):
        return cannot_tell(cause, "config.json or preprocessor_config.json does not say which "
                           "norm and whether a mask is made")  # fmt: skip
    facts = {"feat_extract_norm": norm, "return_attention_mask": mask}
    if norm == "group" and mask:
        return found(
            cause, "a group-norm encoder was trained without attention mask, and the preprocessor "
            "makes one: padding still enters the norm of the convolutions (WavLM base-plus is "
            "published in this way)",
            "leave the mask out for the encoder, and pool the valid frames yourself", **facts,
        )  # fmt: skip
    if norm == "layer" and not mask:
        return found(
            cause, "a layer-norm encoder wants an attention mask, and the preprocessor makes none: "
            "padding is heard as sound", "set return_attention_mask: true and pass the mask on",
            **facts,
        )  # fmt: skip
    return not_found(cause, f"{norm} norm and {'a' if mask else 'no'} mask, as published", **facts)


def valid_shares(checkpoint: Checkpoint, sounds: Sounds, padded_s: float) -> NDArray[np.float64]:
    """For each clip the share of frames that hold sound when all are padded to `padded_s`."""
    frames = clip_frames(checkpoint, sounds)
    whole = max(checkpoint.n_frames(round(padded_s * _rate(checkpoint))), 1)
    return np.minimum(frames / whole, 1.0)


def clip_frames(checkpoint: Checkpoint, sounds: Sounds) -> NDArray[np.int64]:
    """Frames of each clip unpadded; 0 for clips shorter than the receptive field."""
    rate = _rate(checkpoint)
    return np.array([checkpoint.n_frames(round(one * rate)) for one in sounds.durations_s])


def _padding(checkpoint: Checkpoint, sounds: Sounds | None) -> Finding:
    cause = "padding_dominated"
    if sounds is None:
        return cannot_tell(cause, "no corpus was given: how much padding there is depends on the "
                           "clips' durations")  # fmt: skip
    share = float(np.median(valid_shares(checkpoint, sounds, 1.0)))
    facts = {"median_valid_share_of_1_s": share,
             "median_duration_s": float(np.median(sounds.durations_s)),
             "too_short_clips": int((clip_frames(checkpoint, sounds) == 0).sum())}  # fmt: skip
    said = (f"padded to 1.0 s, half of the clips have sound in at most {share:.0%} of their "
            "frames, and a stock head averages all frames where no mask is passed")  # fmt: skip
    if share >= LITTLE_VALID:
        return not_found(cause, f"half of the clips fill at least {share:.0%} of 1.0 s", **facts)
    return cannot_tell(
        cause, f"{said}; files do not say how the clips were padded",
        "pool valid frames only, or repeat the clip instead of padding it; states of the padded "
        "clips (ssl states) show it for certain", **facts,
    )  # fmt: skip


def _batch_padding(checkpoint: Checkpoint, sounds: Sounds | None) -> Finding:
    cause = "batch_padding"
    if checkpoint.preprocessor.get("return_attention_mask") is True and (
        checkpoint.config.get("feat_extract_norm") == "layer"
    ):
        return not_found(cause, "a layer-norm encoder with a mask does not hear the padding")
    if sounds is None:
        return cannot_tell(cause, "no corpus was given: it depends on how durations differ")
    low, high = np.percentile(sounds.durations_s, (5, 95))
    if high <= 1.1 * low:
        return not_found(cause, "the clips are of nearly one length", p5_s=low, p95_s=high)
    return cannot_tell(
        cause, f"clips last {low:.2f} to {high:.2f} s (5 to 95 %) and no mask keeps padding out: "
        "padded to the longest of a batch, a clip gets other logits in another batch; files do "
        "not say how batches were padded",
        "evaluate one clip a time, or pad all to one length, and compare the logits",
        p5_s=low, p95_s=high, eval_batch_size=checkpoint.card.get("eval_batch_size"),
    )  # fmt: skip


def masked_share(n_frames: int, config: Mapping[str, Any]) -> float:
    """The largest share of a clip's frames that SpecAugment in train mode may hide; infinite where
    it raises an error (Park et al. 2019, arXiv 1904.08779, as transformers builds it: at least
    `mask_time_min_masks` spans of `mask_time_length` frames, as many as fit)."""
    length = max(int(setting(config, "mask_time_length", 10)), 1)
    if n_frames < length:
        return float("inf")
    # The number of spans is rounded up or down at random: the larger.
    spans = int(setting(config, "mask_time_prob", 0.05) * n_frames / length + 1)
    spans = max(spans, int(setting(config, "mask_time_min_masks", 2)))
    spans = min(spans, n_frames // length, n_frames - length + 1)
    return spans * length / n_frames


def _specaugment(checkpoint: Checkpoint, sounds: Sounds | None) -> Finding:
    cause = "specaugment_short"
    config = checkpoint.config
    if "apply_spec_augment" not in config:
        return cannot_tell(cause, "config.json does not say whether SpecAugment is on")
    if not config["apply_spec_augment"] or not setting(config, "mask_time_prob", 0.05):
        return not_found(cause, "SpecAugment in time is off")
    if sounds is None:
        return cannot_tell(cause, "SpecAugment is on; without the corpus the frames of its clips "
                           "are not known")  # fmt: skip
    frames = clip_frames(checkpoint, sounds)
    shares = np.array([masked_share(int(n), config) for n in frames])
    n_padded = checkpoint.n_frames(_rate(checkpoint))
    padded = masked_share(n_padded, config)
    hidden = padded * n_padded
    facts = {
        "median_frames": float(np.median(frames)),
        "clips_too_short": int(np.isinf(shares).sum()), "n_clips": len(frames),
        "largest_masked_share_padded_to_1_s": padded,
        "clips_hidden_whole_padded_to_1_s": int((frames <= hidden).sum()),
    }  # fmt: skip
    if not np.isinf(shares).any() and float(np.max(shares)) < MUCH_MASKED:
        return not_found(cause, "SpecAugment hides at most "
                         f"{float(np.max(shares)):.0%} of any clip", **facts)  # fmt: skip
    n_short, n_whole = facts["clips_too_short"], facts["clips_hidden_whole_padded_to_1_s"]
    return found(
        cause, f"SpecAugment is on (also where the encoder is frozen, as long as it is in train "
        f"mode): {n_short} of {len(frames)} clips have fewer frames than one masked span, which "
        f"raises an error where they stand alone; padded to 1.0 s, it may hide {hidden:.0f} of "
        f"{n_padded} frames, which is all of {n_whole} clips",
        "set apply_spec_augment: false for clips this short", **facts,
    )  # fmt: skip


def _layers(checkpoint: Checkpoint, sounds: Sounds | None) -> Finding:
    cause, config = "layer_choice", checkpoint.config
    if not config:
        return cannot_tell(cause, "no config.json")
    summed, drop = config.get("use_weighted_layer_sum"), setting(config, "layerdrop", 0.0)
    if summed and drop:
        return found(
            cause, f"a weighted sum of layers with LayerDrop {drop:g}: in train mode dropped "
            "layers are missing from the sum (transformers 5.23 stops with an error)",
            "set layerdrop: 0.0", use_weighted_layer_sum=True, layerdrop=drop,
        )  # fmt: skip
    if config.get("do_stable_layer_norm"):
        version = checkpoint.version
        known = "is not" if version >= (5,) else "is" if version else "may be"
        return cannot_tell(
            cause, f"in this large model the last of hidden_states {known} the same as "
            f"last_hidden_state (it was up to transformers 4.57, and is not in 5.x; the config was "
            f"written by {config.get('transformers_version', 'an unknown version')})",
            "say which one was taken, and probe both", do_stable_layer_norm=True,
        )  # fmt: skip
    return not_found(cause, "no weighted sum with LayerDrop, and one meaning of the last layer",
                     use_weighted_layer_sum=bool(summed), layerdrop=drop)  # fmt: skip


def _trained(checkpoint: Checkpoint, sounds: Sounds | None) -> Finding:
    cause = "nothing_trains"
    trained, parts = checkpoint.trained, checkpoint.parts
    if trained is None:
        return cannot_tell(cause, "no optimizer.pt of Adam or AdamW, which alone tells how many "
                           "parameters trained")  # fmt: skip
    head = parts.head if parts is not None else head_size(checkpoint.config)
    freeze = checkpoint.freeze
    facts = {"trained_parameters": trained, "head_parameters": head,
             "total_parameters": None if parts is None else parts.total,
             "freeze": freeze}  # fmt: skip
    if trained == 0 and "adam" not in checkpoint.card.get("optimizer", "").lower():
        return cannot_tell(
            cause, "the optimizer keeps no numbers: plain SGD never does, Adam does of what it "
            "updates, and the card does not say which it was", **facts,
        )  # fmt: skip
    if trained == 0:
        return found(cause, "the optimizer updated no parameter at all", "unfreeze the head at "
                     "least: check requires_grad before training", **facts)  # fmt: skip
    if head is not None and trained < head:
        return found(cause, f"{trained} parameters trained, fewer than the {head} of the head: "
                     "part of the head is frozen", "unfreeze the whole head", **facts)  # fmt: skip
    said = {
        "head_only": f"the head alone trained: {trained} parameters; the encoder is frozen",
        "feature_encoder": f"{trained} parameters trained: all but the convolutions",
        "none": f"all {trained} parameters trained",
    }.get(freeze or "", f"{trained} parameters trained")
    return not_found(cause, said, **facts)


def _backbone_rate(checkpoint: Checkpoint, sounds: Sounds | None) -> Finding:
    cause = "backbone_lr"
    rate, freeze = checkpoint.learning_rate, checkpoint.freeze
    if rate is None:
        return cannot_tell(cause, "neither the model card nor a log tells the learning rate")
    facts: dict[str, Any] = {"learning_rate": rate, "freeze": freeze}
    if freeze == "head_only":
        return not_found(cause, f"learning rate {rate:g}, for the head alone", **facts)
    if rate <= BACKBONE_RATE:
        return not_found(cause, f"learning rate {rate:g}, usual for an encoder", **facts)
    if freeze is None:
        return cannot_tell(cause, f"learning rate {rate:g}: usual for a head, too high for an "
                           "encoder, and the files do not tell what trained", **facts)  # fmt: skip
    return found(cause, f"the encoder trained at {rate:g}; {BACKBONE_RATE:g} and below are usual, "
                 "and above it pretrained layers are soon destroyed",
                 "use 1e-5 to 5e-5 for the encoder, and a larger rate for the head alone",
                 **facts)  # fmt: skip


def _rate(checkpoint: Checkpoint) -> int:
    rate = checkpoint.preprocessor.get("sampling_rate")
    return rate if isinstance(rate, int) and rate > 0 else SAMPLE_RATE


_CHECKS: Sequence[Callable[[Checkpoint, Sounds | None], Finding]] = (
    _class_names, _sampling_rate, _padding, _batch_padding, _norm_and_mask, _specaugment, _layers,
    _trained, _backbone_rate,
)  # fmt: skip
