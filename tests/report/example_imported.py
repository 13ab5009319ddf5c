"""What a check knows of one imported model, made up by hand."""

from typing import Any

UAR = {"value": 0.333, "low": 0.333, "high": 0.333, "level": 0.95, "unit": "speaker",
       "n_clips": 252, "n_speakers": 12}  # fmt: skip
GOOD = {**UAR, "value": 0.75, "low": 0.58, "high": 0.87}
AGAINST = {"n_clips": 252, "uar": {"run": UAR, "baseline": {**UAR, "value": 0.82}},
           "difference": {"value": -0.48, "low": -0.56, "high": -0.41}, "p_value": 0.0005,
           "same_folds": False, "both_wrong": 7, "only_run_wrong": 9, "only_baseline_wrong": 2,
           "label_suspects": ["c1", "c2"], "only_run_wrong_clips": ["c3"]}  # fmt: skip
FINDINGS = [
    {"cause": "padding_dominated", "status": "found", "says": "86 % is padding", "next": "mask it"},
    {"cause": "batch_padding", "status": "not_found", "says": "one length", "next": "nothing"},
    {"cause": "sampling_rate", "status": "cannot_tell", "says": "no rate", "next": "tell it"},
]


def entry(**how: object) -> dict[str, Any]:
    return {"name": "wavlm", "run": {"paired": True, "uar": UAR}, "against": AGAINST,
            "probe": {"best": {"uar": GOOD}}, "says": "one class always", "findings": FINDINGS,
            **how}  # fmt: skip


def with_models(result: dict[str, Any]) -> dict[str, Any]:
    """The result of a check with one model on each of its rungs."""
    evidence = {
        "layer": 2, "final_loss": 1.088, "against_baseline": AGAINST,
        "heard_above_8_kHz_alone": ["c3"], "recall": {"Normal": UAR},
        "probe_cells": [{"pooling": pooling, "frames": frames, "uar": GOOD}
                        for pooling in ("mean", "mean_sd") for frames in ("valid", "all")],
        "layer_curve": [{"layer": layer, "uar": GOOD} for layer in range(13)],
    }  # fmt: skip
    ladder = [{**rung, "ssl": [{"name": "wavlm", "findings": FINDINGS, "evidence": evidence}]}
              for rung in result["ladder"]]  # fmt: skip
    return {**result, "ladder": ladder, "ssl": [entry()]}
