"""Rung 1: can tiny balanced subsets be memorised, and if not, which clips contradict one another?

A pipeline that cannot reach 100 % on a dozen clips has a fault, or was given the same sound under
two labels. That it can says nothing of the labels: random ones are memorised as well.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from acoustic_sib.ladder.registry import Climb, Found, Rows, rung, skipped
from acoustic_sib.models import classifier, preparation
from acoustic_sib.tables import plain

DRAWS = 5
CLIPS_A_CLASS = (4, 8, 16)
MOST_LISTED = 20
MOST_CONTRADICTING = 60
SUBSETS = "overfit_subsets"

# Regularisation off: any set of clips with distinct measures can be told apart by this one.
_FREE_C = 1e4

Floats = NDArray[np.float64]
Labels = NDArray[np.str_]


@rung("overfit", question="Can the pipeline reach 100 % on tiny balanced subsets?")
def overfit(climb: Climb) -> Found:
    subsets = tiny_subsets(climb.manifest, seed=climb.config.seed)
    if subsets.empty:
        counts = climb.manifest["label"].value_counts()
        return skipped(f"class '{counts.index[-1]}' has {counts.iloc[-1]} clips; "
                       f"{CLIPS_A_CLASS[0]} of each class are needed")  # fmt: skip
    # One numerical thread, as in the folds: the same sums on any number of cores.
    with climb.stage("overfitting tiny subsets"), threadpool_limits(limits=1):
        trials = [_trial(climb, rows) for _, rows in subsets.groupby(["draw", "size"], sort=True)]
        pairs = _contradicting_pairs(climb)
        reached_on_pairs = _reached_on_pairs(climb, pairs)
    wrong = _wrong(climb.manifest, subsets, trials)
    evidence = {
        "subsets": _by_size(trials, climb.classes),
        "as_chosen": climb.chosen.name,
        "contradicting_pairs": len(pairs),
        **({} if not pairs else {
            "share_reached_on_contradicting_clips": reached_on_pairs,
            "contradicting_clips": pairs[:MOST_LISTED],
        }),
        **({} if not wrong else {"wrong_clips": wrong[:MOST_LISTED]}),
        "file": f"{SUBSETS}.csv",
    }  # fmt: skip
    return _judged(trials, pairs, wrong, reached_on_pairs, evidence, subsets)


def tiny_subsets(manifest: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Balanced random subsets: `draw size clip_id label`, `size` clips of each class.

    The subsets of one draw are nested: the 4 a class are among the 8, those among the 16. Sizes
    that the smallest class does not reach are left out; empty where it has fewer than four clips.
    """
    rng = np.random.default_rng([seed, 8])
    clips = {
        str(label): np.sort(rows["clip_id"].to_numpy(dtype=str))
        for label, rows in manifest.groupby("label", sort=True)
    }
    sizes = [size for size in CLIPS_A_CLASS if size <= min(map(len, clips.values()))]
    rows = []
    for draw in range(DRAWS):
        shuffled = {label: rng.permutation(names) for label, names in clips.items()}
        rows += [
            {"draw": draw, "size": size, "clip_id": str(name), "label": label}
            for size in sizes
            for label, names in shuffled.items()
            for name in names[:size]
        ]
    return pd.DataFrame(rows, columns=["draw", "size", "clip_id", "label"])


def _trial(climb: Climb, rows: pd.DataFrame) -> dict[str, Any]:
    """Training accuracy of a free model under true and under random labels, and of the chosen."""
    draw, size = (int(rows[name].iloc[0]) for name in ("draw", "size"))
    names, labels = rows["clip_id"], rows["label"].to_numpy(dtype=str)
    table = climb.features.loc[names]
    everything = table.to_numpy(dtype=float)
    seed = climb.config.seed
    rng = np.random.default_rng([seed, 9, draw, size])
    shuffled = rng.permutation(labels)
    free = memorised(everything, labels, seed=seed)
    own = table[climb.column_sets[climb.chosen.feature_set]].to_numpy(dtype=float)
    return {
        "size": size,
        "true": float(np.mean(free == labels)),
        "random": float(np.mean(memorised(everything, shuffled, seed=seed) == shuffled)),
        "chosen": float(np.mean(_as_chosen(climb, own, labels) == labels)),
        "taken_for": {
            str(name): str(guess)
            for name, guess, label in zip(names, free, labels, strict=True)
            if guess != label
        },
    }


def memorised(table: Floats, labels: Labels, *, seed: int) -> Labels:
    """What the usual preparation and a support vector machine without regularisation say of the
    very clips that they were fitted on."""
    return _fitted_on_itself("svm_rbf", {"C": _FREE_C}, table, labels, seed)


def _as_chosen(climb: Climb, table: Floats, labels: Labels) -> Labels:
    chosen = climb.chosen
    return _fitted_on_itself(chosen.model, chosen.settings, table, labels, climb.config.seed)


def _fitted_on_itself(
    model: str, settings: dict[str, Any], table: Floats, labels: Labels, seed: int
) -> Labels:
    prepared = preparation().fit_transform(table)
    fitted = classifier(model, settings, weighting="none", seed=seed).fit(prepared, labels)
    guesses: Labels = np.asarray(fitted.predict(prepared), dtype=str)
    return guesses


def _contradicting_pairs(climb: Climb) -> Rows:
    """The audit's pairs of clips that hold the same sound under different labels."""
    copies = climb.result["audit"]["tables"].get("duplicates", [])
    known = set(climb.manifest["clip_id"])
    return [
        {key: row[key] for key in ("clip", "label", "copy", "copy_label", "kind")}
        for row in plain(copies)
        if row["label"] != row["copy_label"] and {row["clip"], row["copy"]} <= known
    ]


def _reached_on_pairs(climb: Climb, pairs: Rows) -> float:
    """Training accuracy on the contradicting clips alone; NaN where there are none."""
    if not pairs:
        return float("nan")
    names = [name for pair in pairs for name in (pair["clip"], pair["copy"])]
    names = list(dict.fromkeys(names))[:MOST_CONTRADICTING]
    labels = climb.manifest.set_index("clip_id")["label"].loc[names].to_numpy(dtype=str)
    if len(set(labels)) < 2:
        return float("nan")
    table = climb.features.loc[names].to_numpy(dtype=float)
    return float(np.mean(memorised(table, labels, seed=climb.config.seed) == labels))


def _wrong(manifest: pd.DataFrame, subsets: pd.DataFrame, trials: Sequence[dict[str, Any]]) -> Rows:
    """Clips that the free model could not memorise, those wrong in most of their subsets first."""
    held = Counter(subsets["clip_id"])
    wrong = Counter(name for trial in trials for name in trial["taken_for"])
    guesses = {name: guess for trial in trials for name, guess in trial["taken_for"].items()}
    label = manifest.set_index("clip_id")["label"]
    return [
        {"clip": name, "label": label[name], "taken_for": guesses[name],
         "wrong_in_subsets": wrong[name], "of_subsets": held[name]}
        for name in sorted(wrong, key=lambda name: (-wrong[name] / held[name], name))
    ]  # fmt: skip


def _by_size(trials: Sequence[dict[str, Any]], classes: Sequence[str]) -> Rows:
    """One row a subset size: how many draws reached 100 %, and the lowest share among them."""
    rows = []
    for size in sorted({trial["size"] for trial in trials}):
        alike = [trial for trial in trials if trial["size"] == size]
        row: dict[str, Any] = {"clips": size * len(classes), "a_class": size, "draws": len(alike)}
        for key, name in (("true", "own_labels"), ("random", "random_labels"),
                          ("chosen", "chosen_model")):  # fmt: skip
            row[f"{name}_at_100_percent"] = sum(trial[key] == 1 for trial in alike)
            row[f"{name}_lowest"] = min(trial[key] for trial in alike)
        rows.append(row)
    return rows


def _judged(
    trials: Sequence[dict[str, Any]], pairs: Rows, wrong: Rows, reached_on_pairs: float,
    evidence: dict[str, Any], subsets: pd.DataFrame,
) -> Found:  # fmt: skip
    tables = {SUBSETS: subsets}
    n = len(trials)
    reached, random = (sum(trial[key] == 1 for trial in trials) for key in ("true", "random"))
    if pairs:
        first = pairs[0]
        says = (f"{_pairs(len(pairs))} of clips hold the same sound under two labels "
                f"({first['clip']} is {first['label']}, {first['copy']} is {first['copy_label']}): "
                f"no model can learn both")  # fmt: skip
        if np.isfinite(reached_on_pairs):
            says += f", and one that may memorise reaches {reached_on_pairs:.0%} of them"
        then = "listen to each pair, decide on one label and keep one clip; then overfit again"
        return Found(status="fail", says=says, next=then, evidence=evidence, tables=tables)
    if reached < n:
        first = wrong[0]
        says = (f"only {reached} of {n} tiny subsets reach 100 %; most often wrong is "
                f"{first['clip']}, labelled {first['label']} and taken for {first['taken_for']} in "
                f"{first['wrong_in_subsets']} of {first['of_subsets']} subsets")  # fmt: skip
        then = ("look at these clips first: nothing measured tells them from a clip of another "
                "label (are they empty, or copies?)")  # fmt: skip
        return Found(status="fail", says=says, next=then, evidence=evidence, tables=tables)
    sizes = " to ".join(dict.fromkeys(
        str(evidence["subsets"][position]["clips"]) for position in (0, -1)))  # fmt: skip
    says = (
        f"all {n} tiny subsets of {sizes} clips reach 100 % once regularisation is off; so do "
        f"{random} of {n} under random labels: this proves the pipeline, not the labels"
    )
    then = (f"overfit another model on the same clips ({SUBSETS}.csv), with dropout, augmentation "
            "and weight decay off: below 100 % its training has a fault")  # fmt: skip
    return Found(status="pass", says=says, next=then, evidence=evidence, tables=tables)


def _pairs(number: int) -> str:
    return "1 pair" if number == 1 else f"{number} pairs"
