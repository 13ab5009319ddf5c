"""What the rungs and the rooms beside them leave in result.json, with made-up figures to draw."""

from typing import Any

import numpy as np

from acoustic_sib.report.clip_map import ClipMap
from acoustic_sib.report.pictures import ClipPicture
from tests.report.example import CLASSES, example_page, example_result, interval

PADDINGS = ("as_is", "zeros_end", "centred", "repeated", "trimmed")
POOLINGS = ("mean", "mean_sd", "middle_third", "max", "energy_weighted", "valid_frames")
FAMILIES = ("mfcc", "moments", "multitaper", "bands")


def change(value: float, half: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half, "level": 0.95}


def full_result(**options: Any) -> dict[str, Any]:
    """The result of a check that climbed every rung and looked into every group."""
    result = example_result(**options)
    for rung in result["ladder"]:
        rung |= {"status": "warn", "evidence": EVIDENCE[rung["rung"]]}
    classes = list(result["corpus"]["classes"])
    result["bands"] = [
        {"measure": measure, "label": name, "mean": mean - 0.1 * k, "q25": mean - 0.1 * k - 0.05,
         "q75": mean - 0.1 * k + 0.05, "n_clips": 240, "n_speakers": 40, "unit": "speaker"}
        for measure, mean in (("level_low_db", -11.0), ("share_2500_4500", 0.3),
                              ("share_above_4000", 0.6))
        for k, name in enumerate(classes)
    ]  # fmt: skip
    for one in result["baseline"]["speakers"]:
        one["by_class"] = {classes[0]: {"n_clips": 4, "recall": 0.25}}
        one["mostly"] = {"label": classes[0], "predicted": classes[1], "n": 2.5}
    for one in result["suspects"]:
        one |= {"speaker": one["clip_id"][:3], "phone": "s"}
    result["suspect_speakers"] = [{"speaker": "S03", "n_clips": 20, "n_suspect": 17}]
    result["controls"] = [
        {"control": "phone", "group": "s", "uar": interval(0.84, n_clips=600),
         "alone": interval(0.83, n_clips=600)},
        {"control": "phone", "group": "z", "uar": interval(0.79, n_clips=457),
         "difference": {"to": "s", **change(-0.05)}},
        {"control": "sex", "group": "f", "n_clips": 4, "n_speakers": 2, "uar": None,
         "reason": "class 'Normal' has no clip"},
        {"control": "age", "group": None, "uar": None, "reason": "the corpus has no age column"},
    ]  # fmt: skip
    result["random_split"] = {
        "uar": interval(0.91), "difference": change(0.06), "alarm": True,
        "says": "a split that mixes speakers would report a UAR of 0.910",
    }  # fmt: skip
    return result


EVIDENCE: dict[str, dict[str, Any]] = {
    "overfit": {
        "subsets": [
            {"clips": 12, "own_labels_lowest": 1.0, "random_labels_lowest": 1.0,
             "chosen_model_lowest": 0.9},
        ],
    },
    "sanity": {
        "scores_without_listening": [
            {"guess": "any class, all alike", "accuracy": 0.33, "uar": 0.33, "macro_f1": 0.32},
        ],
        "reading": "an accuracy of 33% is a uniform guess",
    },
    "padding_pooling": {
        "paddings": list(PADDINGS), "poolings": list(POOLINGS),
        "cells": [
            {"padding": padding, "pooling": pooling, "uar": interval(0.4 + 0.07 * row + 0.02 * k),
             "change": None if row + k == 0 else change(-0.01 * k)}
            for row, padding in enumerate(PADDINGS)
            for k, pooling in enumerate(POOLINGS)
            if (padding, pooling) != ("trimmed", "valid_frames")
        ],
        "cost": change(-0.056), "model": "logistic(C=1)",
        "reading": "the best of 29 cells is the best partly by chance", "rule": "warn: below 0",
    },
    "layers_unfreezing": {
        "families": [
            {"family": name, "alone": interval(0.7 + 0.02 * k), "left_out": interval(0.84),
             "left_out_change": change(-0.01 * k)}
            for k, name in enumerate(FAMILIES)
        ],
        "cumulative": [
            {"families": list(FAMILIES[: k + 1]), "added": name, "uar": interval(0.7 + 0.04 * k)}
            for k, name in enumerate(FAMILIES)
        ],
        "band_limited": {"high_hz": 7840.0, "uar": interval(0.8), "change": change(-0.05)},
    },
    "baseline": {
        "cells": [
            {"feature_set": features, "model": model, "uar": interval(value)}
            for features, model, value in (("all", "logistic", 0.84), ("all", "lda", 0.86),
                                           ("compact", "logistic", 0.79))
        ],
        "nested": {"uar": interval(0.853), "folds": 10},
        "comparisons": [
            {"a": "lda on all", "b": "nested choice", "difference": 0.01, "low": -0.02,
             "high": 0.04, "p_value": 0.4},
        ],
        "learning_curve": [
            {"n_speakers": n, "n_clips": 25 * n, "uar": interval(0.86 - 0.6 / n)}
            for n in (3, 5, 8, 12, 20, 34)
        ],
        "extrapolated": {"n_speakers": 67, "uar": {"value": 0.88, "low": 0.83, "high": 0.93},
                         "gain": change(0.03), "told": True},
        "importance": [
            {"family": name, "drop": change(0.2 - 0.06 * k)} for k, name in enumerate(FAMILIES)
        ],
    },
    "weighting": {
        "ways": [
            {"way": way, "uar": interval(value), "macro_f1": interval(value - 0.01),
             "minority_recall": interval(value - 0.05, n_clips=234)}
            for way, value in (("none", 0.83), ("balanced", 0.85), ("thresholds", 0.84))
        ],
        "model": "logistic(C=0.1) on all",
    },
}  # fmt: skip


def example_map(
    n: int = 90, classes: dict[str, int] | None = None, *, held_out: bool = True
) -> ClipMap:
    """Clips whose odds for their own class are about a hundred to one."""
    names = list(classes or CLASSES)
    rng = np.random.default_rng(4)
    labels = tuple(names[k % len(names)] for k in range(n))
    own = np.array([[2.0 if name == label else -1.0 for name in names[1:]] for label in labels])
    return ClipMap(
        clip_ids=tuple(f"c{k}" for k in range(n)), labels=labels, reference=names[0],
        others=tuple(names[1:]), log10_odds=own + rng.normal(0, 0.7, own.shape),
        held_out=held_out,
    )  # fmt: skip


def example_picture(n_frames: int = 29) -> ClipPicture:
    """A ridge at 6.25 kHz."""
    rows = np.arange(64)[:, None]
    level_db = np.tile(-0.5 * np.abs(rows - 36.0), (1, n_frames))
    return ClipPicture(level_db=level_db, top_hz=11025.0, duration_s=0.16, shown_s=0.16)


def full_page(result: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    result = result or full_result()
    pictures = {one["clip_id"]: example_picture() for one in result["suspects"]}
    found = {"clip_map": example_map(classes=result["corpus"]["classes"]), "pictures": pictures}
    return example_page(result, **{**found, **options})
