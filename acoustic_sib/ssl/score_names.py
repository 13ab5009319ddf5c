"""Aggregate scores under the names that a saved run knows."""

import math
from collections.abc import Mapping
from typing import Any

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import shown

FIGURES: dict[str, tuple[str, ...]] = {
    "uar": ("uar", "unweighted_average_recall", "macro_recall", "recall_macro",
            "balanced_accuracy", "balanced_acc"),
    "macro_f1": ("macro_f1", "f1_macro"),
    "accuracy": ("accuracy", "acc", "wa"),
    "loss": ("loss",),
    "n_clips": ("n_clips", "samples", "n_samples", "num_samples"),
}  # fmt: skip
_SHARES = ("uar", "macro_f1", "accuracy")


def scores_in(found: Mapping[str, Any], place: str, *, prefix: str = "") -> dict[str, float]:
    """The figures of `FIGURES` among `prefix`ed names, whatever their case.

    How many clips there were is worked out from the Trainer's runtime and rate where it is not
    written. Raises RunError for a share outside 0 to 1.
    """
    plain = {
        str(name).lower().removeprefix(prefix): float(value)
        for name, value in found.items()
        if str(name).lower().startswith(prefix)
        and isinstance(value, (int, float)) and not isinstance(value, bool)
        and math.isfinite(value)
    }  # fmt: skip
    scores: dict[str, float] = {}
    for figure, names in FIGURES.items():
        name = next((name for name in names if name in plain), None)
        if name is None:
            continue
        scores[figure] = plain[name]
        if figure in _SHARES and not 0 <= plain[name] <= 1:
            raise RunError(f"{place}: '{shown(prefix + name)}' is {plain[name]:g}; expected "
                           "a share between 0 and 1: is it in percent?")  # fmt: skip
    if "n_clips" not in scores and {"runtime", "samples_per_second"} <= plain.keys():
        n_clips = round(plain["runtime"] * plain["samples_per_second"])
        if n_clips > 0:
            scores["n_clips"] = float(n_clips)
    return scores


def tell_a_figure(scores: Mapping[str, float]) -> bool:
    return any(name in scores for name in _SHARES)
