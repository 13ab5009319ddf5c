"""What `ssl lint` and `ssl diagnose` say of each cause: found, not found, or cannot tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from acoustic_sib.tables import plain

SCHEMA = "acoustic-sib/diagnosis@1"

Status = Literal["found", "not_found", "cannot_tell"]

CAUSES: dict[str, str] = {
    # In the order of the ladder: what is wrong with the data and folds, with what the model hears,
    # with what it trains, with what it answers.
    "clip_ids": "results or states under the wrong clips",
    "split": "a wrong or leaking split",
    "label_permutation": "class names exchanged",
    "label_names": "class names left at their defaults, or not those of the corpus",
    "sampling_rate": "audio at another rate than the model's",
    "padding_dominated": "pooling over padding",
    "batch_padding": "results that depend on the batch's padding",
    "norm_mask_mismatch": "an attention mask that the checkpoint does not want, or lacks",
    "specaugment_short": "SpecAugment on clips too short for it",
    "layer_choice": "layer settings that do not go together",
    "nothing_trains": "nothing, or the wrong part, trains",
    "backbone_lr": "a learning rate too high for the backbone",
    "head_underfit": "a head that has not learnt what the features hold",
    "collapse": "one class for everything",
    "prior_guessing": "guesses that follow the class counts and not the sound",
}
"""Cause -> what it is in a few words; `clip_ids`, `label_names`, `layer_choice` and
`prior_guessing` go beyond the contract's list."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One cause looked at. `evidence` holds plain values that carry the status; `next` what to do
    about it, empty where there is nothing to do."""

    cause: str
    status: Status
    says: str
    next: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.cause not in CAUSES:
            raise ValueError(f"unknown cause {self.cause!r}")


def found(cause: str, says: str, then: str = "", /, **evidence: Any) -> Finding:
    return Finding(cause=cause, status="found", says=says, next=then, evidence=evidence)


def not_found(cause: str, says: str, **evidence: Any) -> Finding:
    return Finding(cause=cause, status="not_found", says=says, evidence=evidence)


def cannot_tell(cause: str, says: str, then: str = "", /, **evidence: Any) -> Finding:
    return Finding(cause=cause, status="cannot_tell", says=says, next=then, evidence=evidence)


def diagnosis(findings: Sequence[Finding], **facts: Any) -> dict[str, Any]:
    """The contract's JSON, causes in the order of CAUSES."""
    order = list(CAUSES)
    rows = sorted(findings, key=lambda one: order.index(one.cause))
    return {
        "schema": SCHEMA,
        **facts,
        "findings": [
            {"cause": one.cause, "status": one.status, "evidence": plain(dict(one.evidence)),
             "says": one.says, "next": one.next}
            for one in rows
        ],
    }  # fmt: skip
