"""What a system's predictions alone betray: collapse, guessing, exchanged class names."""

from dataclasses import replace
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from acoustic_sib import metrics
from acoustic_sib.metrics import Confusions
from acoustic_sib.ssl.findings import Finding, cannot_tell, found, not_found
from acoustic_sib.ssl.training_log import guessers
from acoustic_sib.tables import PROBABILITY

Floats = NDArray[np.float64]

ONE_CLASS = 0.99
NEARLY_ONE_CLASS = 0.9
NO_INTERVAL = ("the interval cannot be measured: too few speakers (leaving one out removes a "
               "class), so chance cannot be ruled out")  # fmt: skip
ALIKE = 0.1
"""Shares of classes that differ by less (total variation) count as the same."""


def collapse(atoms: Confusions) -> Finding:
    """Is one class, or nearly one, said of every clip, whatever is heard?"""
    said, true = _shares(atoms)
    top = int(said.argmax())
    name, share = atoms.classes[top], float(said[top])
    facts: dict[str, Any] = {
        "said": dict(zip(atoms.classes, said.tolist(), strict=True)),
        "true": dict(zip(atoms.classes, true.tolist(), strict=True)),
        "uar": _uar(atoms), "chance": 1 / len(atoms.classes),
        "constant_accuracy": float(true[top]),
    }  # fmt: skip
    if share >= ONE_CLASS or (share >= NEARLY_ONE_CLASS and true[top] < share - ALIKE):
        how = "every clip" if share >= ONE_CLASS else f"{share:.0%} of the clips"
        return found(
            "collapse", f"{how} is called {name}: UAR {facts['uar']:.3f}, where one class always "
            f"has {facts['chance']:.3f}; its accuracy, {true[top]:.0%}, is the share of {name}",
            "see whether the features or the head fail: a probe of the hidden states (ssl probe) "
            "tells", **facts,
        )  # fmt: skip
    return not_found("collapse", f"the commonest answer, {name}, is given to {share:.0%} of the "
                     "clips", **facts)  # fmt: skip


def prior_guessing(atoms: Confusions, *, level: float = 0.95) -> Finding:
    """Are several classes said, as often as they are true, but of the wrong clips?"""
    said, true = _shares(atoms)
    uar = metrics.interval(atoms, metrics.uar, level=level)
    chance = 1 / len(atoms.classes)
    apart = float(np.abs(said - true).sum() / 2)
    facts = {"uar": uar.as_dict(), "chance": chance, "shares_differ_by": apart}
    if not np.isfinite(uar.low):
        return cannot_tell("prior_guessing", NO_INTERVAL, **facts)
    shown = f"UAR {uar.value:.3f} [{uar.low:.3f}, {uar.high:.3f}]"
    if not uar.low <= chance <= uar.high or collapse(atoms).status == "found":
        return not_found("prior_guessing", f"{shown} with chance at {chance:.3f}: the answers are "
                         "no guesses by the class counts", **facts)  # fmt: skip
    how = ("as often as they are true" if apart <= ALIKE
           else f"in shares that differ by {apart:.0%} from the true ones")  # fmt: skip
    return found(
        "prior_guessing", f"all classes are said {how}, but of clips at random: {shown} with "
        f"chance at {chance:.3f}",
        "check that predictions stand beside the right clips, then probe the hidden states",
        **facts,
    )  # fmt: skip


def exchanged_names(atoms: Confusions, *, level: float = 0.95) -> Finding:
    """Would another naming of the outputs be far better, and by more than the best of all namings
    must be by chance?

    The best naming is found by the Hungarian method on the shares of each class
    that are given each name; its interval is widened for
    the C! - 1 namings that could have been best (Bonferroni).
    """
    rates = atoms.total / atoms.total.sum(axis=1, keepdims=True)
    _, columns = linear_sum_assignment(rates, maximize=True)
    own = metrics.interval(atoms, metrics.uar, level=level)
    chance = 1 / len(atoms.classes)
    facts: dict[str, Any] = {"uar": own.as_dict()}
    if np.array_equal(columns, np.arange(len(columns))):
        return not_found("label_permutation", "no other naming of the classes fits better "
                         f"(UAR {own.value:.3f})", **facts)  # fmt: skip
    # counts[:, :, columns[k]] are the clips said to be what stands for class k.
    renamed = replace(atoms, counts=atoms.counts[:, :, columns])
    others = factorial(min(len(columns), 20)) - 1
    corrected = 1 - (1 - level) / others
    best = metrics.interval(renamed, metrics.uar, level=corrected)
    value, low, high = metrics.difference_interval(renamed, atoms, metrics.uar, level=corrected)
    naming = {atoms.classes[int(column)]: atoms.classes[position]
              for position, column in enumerate(columns) if column != position}  # fmt: skip
    facts |= {"best_uar": best.as_dict(), "naming": naming, "namings_tried": others + 1,
              "change": {"value": value, "low": low, "high": high, "level": corrected}}  # fmt: skip
    if not (np.isfinite(best.low) and np.isfinite(low)):
        return cannot_tell("label_permutation", f"another naming has a UAR higher by {value:.3f}; "
                           f"{NO_INTERVAL}", **facts)  # fmt: skip
    if best.low > chance and low > 0:
        listed = ", ".join(f"{said} means {meant}" for said, meant in naming.items())
        return found(
            "label_permutation", f"the answers fit far better under other names ({listed}): UAR "
            f"{best.value:.3f} instead of {own.value:.3f}, +{value:.3f} [{low:+.3f}, {high:+.3f}]",
            "compare id2label with the order in which the labels were encoded", **facts,
        )  # fmt: skip
    return not_found("label_permutation", f"the best other naming changes the UAR by {value:+.3f} "
                     f"[{low:+.3f}, {high:+.3f}]: no more than chance may", **facts)  # fmt: skip


def losses(predictions: pd.DataFrame, labels: "pd.Series[str]") -> dict[str, float]:
    """Mean cross-entropy of the predicted probabilities in nats, beside that of a uniform guess
    (ln C) and of guessing by the class counts; these alone without probabilities."""
    known = guessers(labels)
    columns = [name for name in predictions.columns if name.startswith(PROBABILITY)]
    if not columns:
        return known
    true = labels.loc[predictions["clip_id"]].to_numpy(dtype=object)
    position = pd.Index(columns).get_indexer(pd.Index(PROBABILITY + true))
    own = predictions[columns].to_numpy(dtype=float)[np.arange(len(predictions)), position]
    return {"loss": float(-np.log(np.clip(own, 1e-15, 1.0)).mean()), **known}


def _shares(atoms: Confusions) -> tuple[Floats, Floats]:
    """Shares of the classes among what is said and what is true."""
    total = atoms.total
    return total.sum(axis=0) / total.sum(), total.sum(axis=1) / total.sum()


def _uar(atoms: Confusions) -> float:
    return float(metrics.uar(atoms.total))
