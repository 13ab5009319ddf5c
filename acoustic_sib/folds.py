"""Fold plans: who is tested when. Speakers are held out wherever speakers are known."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.config import FoldSettings
from acoustic_sib.errors import CorpusError
from acoustic_sib.tables import ONLY_TRAINED_ON, check_folds

SpeakerMode = Literal["held_out", "unknown"]
Codes = NDArray[np.int64]
_DRAWS = 12


@dataclass(frozen=True, kw_only=True)
class FoldPlan:
    """The fold table, how it was made, and whether every tested speaker was unheard in training."""

    table: pd.DataFrame
    kind: Literal["speaker", "stratified", "corpus"]
    speaker_mode: SpeakerMode
    notes: tuple[str, ...] = ()


def plan_folds(manifest: pd.DataFrame, settings: FoldSettings, *, seed: int) -> FoldPlan:
    """The plan that the settings ask for; 'auto' takes the corpus's own, else speakers, else clips.

    Raises CorpusError when a class has fewer clips than folds, a class has one speaker only, or
    there is one speaker.
    """
    has_speaker = "speaker" in manifest.columns
    kind = settings.plan
    if kind == "auto":
        kind = "corpus" if "fold" in manifest else "speaker" if has_speaker else "stratified"
    if kind == "corpus":
        return _own_plan(manifest)
    labels = pd.factorize(manifest["label"], sort=True)[0]
    _refuse_small_classes(manifest, settings.n_splits)
    rng = np.random.default_rng([seed, 0])
    if kind == "stratified":
        plans = [stratified_folds(labels, settings.n_splits, rng) for _ in range(settings.repeats)]
        notes = ("folds mix the clips of a speaker: the figures do not say how a new speaker would "
                 "fare",)  # fmt: skip
        return FoldPlan(table=_table(manifest, plans), kind="stratified", speaker_mode="unknown",
                        notes=notes)  # fmt: skip
    if not has_speaker:
        raise CorpusError("folds: plan 'speaker' needs a speaker column; found none: name it under "
                          "corpus.columns, or use plan 'stratified'")  # fmt: skip
    return _speaker_plan(manifest, labels, settings, rng)


def stratified_folds(labels: Codes, n_splits: int, rng: np.random.Generator) -> Codes:
    """Fold of each clip, each class dealt out evenly in random order."""
    folds = np.zeros(len(labels), dtype=int)
    for code in np.unique(labels):
        clips = rng.permutation(np.flatnonzero(labels == code))
        folds[clips] = (np.arange(len(clips)) + rng.integers(n_splits)) % n_splits
    return folds


def grouped_folds(
    labels: Codes, groups: Codes, n_splits: int, rng: np.random.Generator
) -> Codes | None:
    """Fold of each clip: no group in two folds, classes spread as evenly as the groups allow.

    Groups are dealt in random order, large ones sooner, each to the fold that it unbalances least;
    the best of several draws is taken. None when no draw leaves every class in every training part.
    """
    n_groups, n_classes = int(groups.max()) + 1, int(labels.max()) + 1
    counts = np.zeros((n_groups, n_classes))
    np.add.at(counts, (groups, labels), 1)
    shares = counts / counts.sum(axis=0)
    best, best_cost = None, np.inf
    for _ in range(_DRAWS):
        fold_of = _dealt(shares, n_splits, rng)
        filled = np.zeros((n_splits, n_classes))
        np.add.at(filled, fold_of, shares)
        if (filled > 1 - 1e-9).any() or (filled.sum(axis=1) == 0).any():
            continue
        cost = float(((filled - 1 / n_splits) ** 2).sum())
        if cost < best_cost:
            best, best_cost = fold_of, cost
    return None if best is None else best[groups]


def _dealt(shares: NDArray[np.float64], n_splits: int, rng: np.random.Generator) -> Codes:
    size = shares.max(axis=1) * rng.uniform(0.5, 1.5, len(shares))
    fold_of = np.zeros(len(shares), dtype=int)
    filled = np.zeros((n_splits, shares.shape[1]))
    for group in np.argsort(-size):
        # Adding shares s to a fold that holds f changes the sum of squares by 2 f.s + s.s.
        cost = filled @ shares[group]
        fold = int(rng.choice(np.flatnonzero(cost <= cost.min() + 1e-12)))
        fold_of[group] = fold
        filled[fold] += shares[group]
    return fold_of


def _speaker_plan(
    manifest: pd.DataFrame, labels: Codes, settings: FoldSettings, rng: np.random.Generator
) -> FoldPlan:
    speakers, names = pd.factorize(manifest["speaker"], sort=True)
    if len(names) < 2:
        raise CorpusError(
            f"folds: one speaker only ('{names[0]}'), so no speaker can be held out; expected at "
            "least two: is the speaker column right? (plan 'stratified' tests within this voice)"
        )
    bearers = manifest.groupby("label")["speaker"].nunique()
    alone = bearers[bearers < 2]
    if len(alone):
        raise CorpusError(
            f"folds: class '{alone.index[0]}' has one speaker only, so it cannot be trained on and "
            "tested with speakers held out; expected at least two speakers a class"
        )
    n_splits = min(settings.n_splits, len(names))
    notes = []
    if n_splits < settings.n_splits:
        notes.append(f"{len(names)} speakers allow {n_splits} folds, one speaker each")
    plans: list[Codes] = []
    seen: set[frozenset[frozenset[int]]] = set()
    for _ in range(20 * settings.repeats):
        folds = grouped_folds(labels, speakers, n_splits, rng)
        if folds is not None and (partition := _partition(folds, speakers)) not in seen:
            seen.add(partition)
            plans.append(folds)
        if len(plans) == settings.repeats:
            break
    if not plans:
        raise CorpusError(
            f"folds: no way found to deal {len(names)} speakers into {n_splits} folds with every "
            "class in every training part; try fewer folds (folds.n_splits)"
        )
    if len(plans) < settings.repeats:
        notes.append(f"the speakers allow {len(plans)} different fold plans; "
                     f"{settings.repeats} were asked for")  # fmt: skip
    return FoldPlan(table=_table(manifest, plans), kind="speaker", speaker_mode="held_out",
                    notes=tuple(notes))  # fmt: skip


def _partition(folds: Codes, speakers: Codes) -> frozenset[frozenset[int]]:
    return frozenset(frozenset(speakers[folds == fold].tolist()) for fold in np.unique(folds))


def _own_plan(manifest: pd.DataFrame) -> FoldPlan:
    if "fold" not in manifest.columns:
        raise CorpusError("folds: plan 'corpus' needs a 'fold' column; found none")
    numbers = pd.to_numeric(manifest["fold"], errors="coerce")
    if numbers.isna().any():
        names = sorted(set(manifest["fold"].astype(str)))
        numbers = manifest["fold"].astype(str).map({name: k for k, name in enumerate(names)})
    folds = numbers.to_numpy(dtype=int)
    if not (folds != ONLY_TRAINED_ON).any() or len(np.unique(folds)) < 2:
        raise CorpusError("folds: the corpus's own 'fold' column holds one fold; expected at least "
                          "two, or a training part (-1) and a tested one")  # fmt: skip
    _refuse_classes_never_trained(manifest["label"], folds)
    crossing = 0
    if "speaker" in manifest.columns:
        crossing = int((manifest.assign(fold=folds).groupby("speaker")["fold"].nunique() > 1).sum())
    held_out = "speaker" in manifest.columns and crossing == 0
    who = "1 speaker stands" if crossing == 1 else f"{crossing} speakers stand"
    notes = () if crossing == 0 else (
        f"{who} in more than one of the corpus's own folds: the figures do not say how a new "
        "speaker would fare",)  # fmt: skip
    return FoldPlan(table=_table(manifest, [folds]), kind="corpus",
                    speaker_mode="held_out" if held_out else "unknown", notes=notes)  # fmt: skip


def _refuse_classes_never_trained(labels: pd.Series, folds: Codes) -> None:
    for name in sorted(set(labels)):
        tested = {int(fold) for fold in folds[labels == name]}
        if len(tested) == 1 and tested != {ONLY_TRAINED_ON}:
            raise CorpusError(
                f"folds: every clip of class '{name}' stands in fold {min(tested)} of the corpus's "
                "own folds, so it is never trained on when it is tested; expected each class in "
                "several folds: does 'fold' follow the label?"
            )


def _refuse_small_classes(manifest: pd.DataFrame, n_splits: int) -> None:
    counts = manifest["label"].value_counts()
    small = counts[counts < n_splits]
    if len(small):
        raise CorpusError(
            f"folds: class '{small.index[0]}' has {small.iloc[0]} "
            f"clip{'' if small.iloc[0] == 1 else 's'} for {n_splits} folds; "
            "expected at least one clip a fold: use fewer folds (folds.n_splits), or leave the "
            "class out (corpus.leave_out)"
        )


def _table(manifest: pd.DataFrame, plans: list[Codes]) -> pd.DataFrame:
    table = pd.concat(
        [
            pd.DataFrame({"clip_id": manifest["clip_id"], "repeat": repeat, "fold": folds})
            for repeat, folds in enumerate(plans)
        ],
        ignore_index=True,
    )
    return check_folds(table, manifest)
