"""What a run's clips, folds, log and probe say of it, each held against the others."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from acoustic_sib import metrics
from acoustic_sib.ssl.answers import NO_INTERVAL
from acoustic_sib.ssl.findings import Finding, cannot_tell, found, not_found
from acoustic_sib.ssl.training_log import stuck

SURE = 0.001
"""p below which tested clips count as drawn with other class shares than the others."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """One system's predictions on clips of `manifest` and, where known, the plan they were made
    on. `matching` are the counts of an import (import.json)."""

    manifest: pd.DataFrame
    predictions: pd.DataFrame
    folds: pd.DataFrame | None
    matching: dict[str, Any] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.manifest["label"])))

    def atoms(self, clips: set[str] | None = None) -> metrics.Confusions:
        table = self.predictions
        if clips is not None:
            table = table[table["clip_id"].isin(clips)]
        return metrics.confusions(table, self.manifest, self.classes)


def split(answers: Answers) -> Finding:
    """Do speakers cross the split, are clips missing, are the tested ones of another kind?"""
    cause, manifest, folds = "split", answers.manifest, answers.folds
    n_missing = int(answers.matching.get("n_missing", 0))
    facts: dict[str, Any] = {name: int(answers.matching.get(name, 0)) for name in
                             ("n_missing", "n_extra", "n_duplicates")}  # fmt: skip
    if folds is None:
        return cannot_tell(cause, "nothing tells which clips it was trained on",
                           "import it with its fold plan (--folds)", **facts)  # fmt: skip
    tested = folds[folds["fold"] >= 0]
    facts |= {"n_tested": int(tested["clip_id"].nunique()), "n_clips": len(manifest)}
    if "speaker" in manifest:
        crossing = _crossing(folds, manifest)
        facts["crossing_speakers"] = len(crossing)
        if crossing:
            return found(
                cause, f"{len(crossing)} of {manifest['speaker'].nunique()} speakers stand in its "
                "training and its tested part: it may know them by their voices",
                "hold whole speakers out: train on the folds.csv of check", **facts,
                such_as=crossing[:5],
            )  # fmt: skip
    p_value = _other_shares(tested, manifest)
    facts["p_class_shares"] = p_value
    if p_value is not None and p_value < SURE:
        return found(
            cause, "the tested clips have other class shares than the corpus (p = "
            f"{p_value:.1g})", "draw the split by speaker and stratified by label, or use the "
            "folds.csv of check", **facts,
        )  # fmt: skip
    if facts["n_duplicates"]:
        return found(cause, f"{facts['n_duplicates']} clips were predicted more than once",
                     "predict each tested clip once a fold", **facts)  # fmt: skip
    if "speaker" not in manifest:
        return cannot_tell(cause, "the corpus names no speakers: whether they cross the split "
                           "cannot be seen", **facts)  # fmt: skip
    rest = "" if not n_missing else f"; {n_missing} clips of the corpus have no prediction"
    return not_found(cause, f"no speaker stands in both parts{rest}", **facts)


def _crossing(folds: pd.DataFrame, manifest: pd.DataFrame) -> list[str]:
    """Speakers with tested clips and clips in another fold of the same repeat."""
    placed = folds.merge(manifest[["clip_id", "speaker"]], on="clip_id", validate="many_to_one")
    n_folds = placed.groupby(["repeat", "speaker"])["fold"].nunique()
    return sorted({str(speaker) for _, speaker in n_folds[n_folds > 1].index})


def _other_shares(tested: pd.DataFrame, manifest: pd.DataFrame) -> float | None:
    """Chi-squared p of class counts, tested against untested clips; None where all are tested."""
    inside = manifest["clip_id"].isin(set(tested["clip_id"]))
    if inside.all() or not inside.any():
        return None
    table = pd.crosstab(manifest["label"], inside).to_numpy(dtype=float)
    return float(stats.chi2_contingency(table).pvalue)


def clip_ids(answers: Answers, history: pd.DataFrame | None, scores: dict[str, float]) -> Finding:
    """Is the accuracy that the run reported of itself that of its predictions on these clips?"""
    cause = "clip_ids"
    atoms = answers.atoms()
    measured = metrics.interval(atoms, metrics.accuracy)
    told = scores.get("accuracy")
    if told is None and history is not None and "eval_accuracy" in history:
        values = history["eval_accuracy"].dropna().to_numpy(dtype=float)
        told = float(values[-1]) if len(values) else None
    facts = {"accuracy": measured.as_dict(), "reported_accuracy": told}
    if told is None:
        return cannot_tell(cause, "the run reports no accuracy of its own to hold its predictions "
                           "against", **facts)  # fmt: skip
    said = f"{measured.value:.3f} [{measured.low:.3f}, {measured.high:.3f}]"
    if not np.isfinite(measured.high):
        return cannot_tell(cause, f"accuracy {measured.value:.3f}, reported {told:.3f}; "
                           f"{NO_INTERVAL}", **facts)  # fmt: skip
    if told > measured.high + 0.1:
        return found(
            cause, f"the run reported an accuracy of {told:.3f}; its predictions have {said} on "
            "these clips: they stand beside the wrong ones, or were tested on others",
            "write the clip's id beside each prediction (ssl snippet), and import again", **facts,
        )  # fmt: skip
    return not_found(cause, f"accuracy {said}, reported {told:.3f}", **facts)


def head_underfit(
    answers: Answers, probed: pd.DataFrame | None, history: pd.DataFrame | None,
    losses: dict[str, float], *, level: float = 0.95,
) -> Finding:  # fmt: skip
    """Does a standardised probe of the same states tell what the head does not?

    `probed`: out-of-fold predictions of the nested probe; compared on the clips that both tested.
    """
    cause = "head_underfit"
    facts: dict[str, Any] = {**losses, **stuck(history, uniform=losses["uniform"],
                                               prior=losses["prior"])}  # fmt: skip
    hint = _loss_words(facts)
    if probed is None:
        return cannot_tell(
            cause, f"{hint or 'nothing tells what the features hold'}: without hidden states it "
            "cannot be told from features that carry nothing",
            "save the hidden states and give them with --states", **facts,
        )  # fmt: skip
    common = set(answers.predictions["clip_id"]) & set(probed["clip_id"])
    own = answers.atoms(common)
    probe = Answers(manifest=answers.manifest, predictions=probed, folds=None).atoms(common)
    value, low, high = metrics.difference_interval(probe, own, metrics.uar, level=level)
    uars = {name: metrics.interval(one, metrics.uar, level=level) for name, one in
            (("probe", probe), ("run", own))}  # fmt: skip
    facts |= {"probe_uar": uars["probe"].as_dict(), "run_uar": uars["run"].as_dict(),
              "gain": {"value": value, "low": low, "high": high, "level": level}}  # fmt: skip
    chance = 1 / len(answers.classes)
    if not (np.isfinite(low) and np.isfinite(uars["probe"].low)):
        return cannot_tell(cause, f"a probe of the states reaches UAR {uars['probe'].value:.3f}, "
                           f"the run {uars['run'].value:.3f}; {NO_INTERVAL}", **facts)  # fmt: skip
    both = (f"a standardised linear probe of the states reaches UAR {uars['probe'].value:.3f} "
            f"[{uars['probe'].low:.3f}, {uars['probe'].high:.3f}], the run "
            f"{uars['run'].value:.3f} [{uars['run'].low:.3f}, {uars['run'].high:.3f}]")  # fmt: skip
    if low > 0 and uars["probe"].low > chance:
        return found(
            cause, f"{both} on the same clips: {value:+.3f} [{low:+.3f}, {high:+.3f}]"
            + (f"; {hint}" if hint else ""),
            "standardise the pooled features before the head (or add a LayerNorm), raise the "
            "head's learning rate, train longer, and pool valid frames", **facts,
        )  # fmt: skip
    if not uars["probe"].low > chance:
        return not_found(cause, f"{both}, with chance at {chance:.3f}: nothing is shown in the "
                         "states themselves, so the head cannot be blamed", **facts)  # fmt: skip
    return not_found(cause, f"{both}: no more than the head", **facts)


def _loss_words(facts: dict[str, Any]) -> str:
    loss = facts.get("final_eval_loss", facts.get("final_loss", facts.get("loss")))
    if loss is None or np.isnan(loss):
        return ""
    near = facts.get("stuck_at")
    known = {"prior": f"that of guessing by the class counts, {facts['prior']:.3f}",
             "uniform": f"that of a uniform guess, ln C = {facts['uniform']:.3f}"}  # fmt: skip
    return f"the loss ends at {loss:.3f}, {'near ' + known[near] if near else 'below a guess'}"
