"""Why does a model not learn? Every cause that its files, predictions and states can show: found,
not found, or cannot tell, in the order of the ladder, each with its evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from acoustic_sib import metrics, paired
from acoustic_sib.compare import SWAPS, contributions
from acoustic_sib.ssl import answers as said
from acoustic_sib.ssl import run_signs, state_signs
from acoustic_sib.ssl.checkpoint import Checkpoint
from acoustic_sib.ssl.findings import CAUSES, Finding, cannot_tell, found
from acoustic_sib.ssl.lint import Sounds, lint
from acoustic_sib.ssl.run_signs import Answers
from acoustic_sib.ssl.state_signs import Heard
from acoustic_sib.ssl.training_log import destroyed, guessers, stuck
from acoustic_sib.tables import FOLD_COLUMNS

MOST_LISTED = 40


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that is at hand about one run; what is not is None.

    `answers` is None for a run known by its `scores`. `probed` are the nested probe's out-of-fold
    predictions and `padding_cost` what pooling valid frames gains a probe over pooling all.
    `baseline` are an acoustic baseline's out-of-fold predictions.
    """

    sounds: Sounds
    manifest: pd.DataFrame
    answers: Answers | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    history: pd.DataFrame | None = None
    checkpoint: Checkpoint | None = None
    heard: Heard | None = None
    probed: pd.DataFrame | None = None
    padding_cost: dict[str, float] | None = None
    baseline: pd.DataFrame | None = None
    level: float = 0.95


def diagnose(case: Case) -> list[Finding]:
    """One finding for each of CAUSES, in their order."""
    of_files = {one.cause: one for one in (
        [] if case.checkpoint is None else lint(case.checkpoint, case.sounds))}  # fmt: skip
    by_cause = {
        cause: of_files.get(cause, cannot_tell(cause, "its config files are not at hand"))
        for cause in CAUSES
    }
    for one in (*_of_answers(case), *_of_states(case, of_files), _of_training(case, of_files)):
        by_cause[one.cause] = one
    if (trains := _nothing_moved(case)) is not None:
        by_cause["nothing_trains"] = trains
    return [by_cause[cause] for cause in CAUSES]


def _of_answers(case: Case) -> list[Finding]:
    if case.answers is None:
        reason = "only its scores are known, not what it said of each clip"
        return [
            cannot_tell(cause, reason, "save the predictions of each clip (ssl snippet)")
            for cause in ("clip_ids", "split", "label_permutation", "head_underfit",
                          "prior_guessing")
        ] + [_collapse_of_scores(case)]  # fmt: skip
    own = case.answers
    atoms = own.atoms()
    labels = own.manifest.set_index("clip_id")["label"]
    return [
        run_signs.clip_ids(own, case.history, dict(case.scores)),
        run_signs.split(own),
        said.exchanged_names(atoms, level=case.level),
        run_signs.head_underfit(own, case.probed, case.history,
                                said.losses(own.predictions, labels), level=case.level),
        said.collapse(atoms),
        said.prior_guessing(atoms, level=case.level),
    ]  # fmt: skip


def _collapse_of_scores(case: Case) -> Finding:
    """One class always has a UAR of 1/C and the accuracy of that class's share: both can be told
    from scores, though not for certain."""
    counts = case.manifest["label"].value_counts()
    chance, uar = 1 / len(counts), case.scores.get("uar")
    shares = counts / counts.sum()
    facts: dict[str, Any] = {"scores": dict(case.scores), "chance": chance}
    if uar is not None and abs(uar - chance) < 5e-4:
        accuracy = case.scores.get("accuracy")
        fits = [str(name) for name, share in shares.items()
                if accuracy is not None and abs(accuracy - share) < 0.01]  # fmt: skip
        always = f", and its accuracy is the share of {fits[0]}" if fits else ""
        return cannot_tell(
            "collapse", f"a macro recall of {uar:.3f} is exactly that of one class always{always}; "
            "without predictions it could be chance", "save the predictions of each clip (ssl "
            "snippet)", **facts,
        )  # fmt: skip
    return cannot_tell("collapse", "only its scores are known, not what it said of each clip",
                       "save the predictions of each clip (ssl snippet)", **facts)  # fmt: skip


def _of_states(case: Case, of_files: Mapping[str, Finding]) -> list[Finding]:
    """What states show wins over what files suggest, unless it cannot tell."""
    if case.heard is None:
        return []
    heard = case.heard
    findings = [state_signs.sampling_rate(heard), state_signs.padding(heard, case.padding_cost),
                state_signs.batches(heard)]  # fmt: skip
    of_ids = state_signs.clip_ids(heard)
    if of_ids.status == "found":
        findings.append(of_ids)
    return [one if one.status != "cannot_tell" else of_files.get(one.cause, one)
            for one in findings]  # fmt: skip


def _of_training(case: Case, of_files: Mapping[str, Finding]) -> Finding:
    """A log that shows broken training, else the rate in the files, else the log's all-clear."""
    logged = destroyed(case.history, uniform=guessers(case.manifest["label"])["uniform"])
    of_rate = of_files.get("backbone_lr", logged)
    if logged.status == "found" or of_rate.status == "cannot_tell":
        return logged
    return of_rate


def _nothing_moved(case: Case) -> Finding | None:
    """A training loss that is the same from first to last: nothing was updated."""
    if case.history is None or "loss" not in case.history:
        return None
    loss = case.history["loss"].dropna().to_numpy(dtype=float)
    if len(loss) < 3 or np.ptp(loss) > 1e-6:
        return None
    return found("nothing_trains", f"all {len(loss)} logged training losses are {loss[0]:.4f}: "
                 "nothing was updated", "check requires_grad, the optimizer's parameters and the "
                 "learning rate", loss=float(loss[0]), n_logged=len(loss))  # fmt: skip


def overlap(case: Case) -> dict[str, Any] | None:
    """The run beside the acoustic baseline on the clips that both tested: paired difference, and
    whose errors they are. Clips that both get wrong are label suspects; clips that only the run
    gets wrong point at its own pipeline. None without both."""
    if case.answers is None or case.baseline is None:
        return None
    own = case.answers
    common = set(own.predictions["clip_id"]) & set(case.baseline["clip_id"])
    if not common:
        return None
    other = Answers(manifest=own.manifest, predictions=case.baseline, folds=None)
    atoms = {"run": own.atoms(common), "baseline": other.atoms(common)}
    value, low, high = metrics.difference_interval(
        atoms["run"], atoms["baseline"], metrics.uar, level=case.level
    )
    swap = paired.swap_test(contributions(atoms["run"], atoms["baseline"]), n=SWAPS)
    right = {name: _share_right(one, common) for name, one in
             (("run", own), ("baseline", other))}  # fmt: skip
    wrong = {name: set(one.index[one < 0.5]) for name, one in right.items()}
    both = sorted(wrong["run"] & wrong["baseline"])
    return {
        "n_clips": len(common),
        "uar": {name: metrics.interval(one, metrics.uar, level=case.level).as_dict()
                for name, one in atoms.items()},
        "difference": {"value": value, "low": low, "high": high, "level": case.level},
        "p_value": swap.p_value, "smallest_p": swap.smallest_p,
        "same_folds": _same_folds(own.predictions, case.baseline, common),
        "both_wrong": len(both), "only_run_wrong": len(wrong["run"] - wrong["baseline"]),
        "only_baseline_wrong": len(wrong["baseline"] - wrong["run"]),
        "label_suspects": both[:MOST_LISTED],
        "only_run_wrong_clips": sorted(wrong["run"] - wrong["baseline"])[:MOST_LISTED],
    }  # fmt: skip


def _same_folds(one: pd.DataFrame, other: pd.DataFrame, clips: set[str]) -> bool:
    """Whether `one` tested the clips in folds of `other`: else it was trained on other clips."""
    columns = list(FOLD_COLUMNS)
    other = other[other["repeat"].isin(set(one["repeat"]))]
    left, right = (
        table.loc[table["clip_id"].isin(clips), columns].sort_values(columns, ignore_index=True)
        for table in (one, other)
    )
    return left.equals(right)


def _share_right(answers: Answers, clips: set[str]) -> "pd.Series[float]":
    """Of each clip the share of repeats in which it was predicted right."""
    table = answers.predictions[answers.predictions["clip_id"].isin(clips)]
    joined = table.merge(answers.manifest[["clip_id", "label"]], on="clip_id",
                         validate="many_to_one")  # fmt: skip
    right = (joined["predicted"] == joined["label"]).astype(float)
    return right.groupby(joined["clip_id"]).mean()


def in_short(findings: Sequence[Finding]) -> str:
    """What was found, in one sentence; the last link of the chain is told with the first."""
    by_cause = {one.cause: one for one in findings}
    wrong = [one for one in findings if one.status == "found"]
    if not wrong:
        unknown = sum(one.status == "cannot_tell" for one in findings)
        return (f"none of {len(findings)} known causes was found; of {unknown} nothing at hand "
                "could tell")  # fmt: skip
    parts = []
    if by_cause["collapse"].status == "found":
        top = max(by_cause["collapse"].evidence["said"].items(), key=lambda pair: pair[1])[0]
        parts.append(f"one class always ({top})")
    elif by_cause["prior_guessing"].status == "found":
        parts.append("answers no better than guesses")
    if by_cause["head_underfit"].status == "found":
        reached = by_cause["head_underfit"].evidence["probe_uar"]["value"]
        parts += [f"the features carry {reached:.3f}", "the head never learned"]
    told = {"collapse", "prior_guessing", "head_underfit"}
    parts += [CAUSES[one.cause] for one in wrong if one.cause not in told]
    return "; ".join(parts)


def log_facts(case: Case) -> dict[str, Any]:
    """Losses beside ln C and the prior's entropy, for whoever reads on."""
    return stuck(case.history, **guessers(case.manifest["label"]))
