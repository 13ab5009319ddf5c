"""One model on many sets of measures, on the same folds and the same inner folds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib import metrics
from acoustic_sib.evaluate import Candidate, FoldTask, inner_folds
from acoustic_sib.ladder.over_folds import Clips, over_folds, predicted
from acoustic_sib.ladder.registry import Climb
from acoustic_sib.metrics import Confusions
from acoustic_sib.models import classifier, model, preparation

Floats = NDArray[np.float64]
Labels = NDArray[np.str_]

P_OWN = "p_own"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the model made of one set of measures: its confusions, and for each tested clip (index
    `clip_id`) the class predicted and `p_own`, the probability of the clip's own label (NaN where
    probabilities were not asked for)."""

    atoms: Confusions
    clips: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Inner:
    """The training part of an inner fold, and the clips that it holds out, both prepared."""

    seen: Floats
    seen_labels: Labels
    unseen: Floats
    unseen_labels: Labels


def told_by_sets(
    climb: Climb, table: pd.DataFrame, sets: Mapping[str, Sequence[str]], *, name: str,
    scored: Collection[str], tasks: Sequence[FoldTask], stage: str,
) -> dict[str, Told]:  # fmt: skip
    """Out-of-fold predictions by the model `name` on each set of columns of `table`.

    Settings are chosen from the model's grid for each set and fold, by UAR in folds inside the
    training part, the same ones for all sets. `scored`: sets whose probabilities are wanted.
    """
    seeing = replace(climb, features=table,
                     column_sets={one: list(columns) for one, columns in sets.items()})  # fmt: skip
    worker = partial(_fold, name=name, scored=frozenset(scored),
                     inner_splits=climb.config.models.inner_splits)  # fmt: skip
    rows = over_folds(seeing, tasks, stage, worker)
    told = {}
    for one, part in rows.groupby("set", sort=False):
        clips = part[["clip_id", "predicted", P_OWN]]
        told[str(one)] = Told(
            atoms=metrics.confusions(part, climb.manifest, climb.classes),
            clips=clips.set_index("clip_id"),
        )
    return told


def _fold(
    task: FoldTask, clips: Clips, *, name: str, scored: frozenset[str], inner_splits: int
) -> pd.DataFrame:
    labels = clips.labels[task.train]
    # Every step of the preparation works on single columns, so all sets can share it.
    prepare = preparation().fit(clips.table[task.train])
    seen, unseen = (prepare.transform(clips.table[rows]) for rows in (task.train, task.test))
    inner = _inner_parts(task, clips, inner_splits)
    parts = []
    for one, columns in clips.sets.items():
        best = _best(inner, columns, name, clips)
        fitted = classifier(
            best.model, best.settings, weighting=clips.weighting, seed=clips.seed,
            probabilities=one in scored,
        ).fit(seen[:, columns], labels)  # fmt: skip
        guesses = fitted.predict(unseen[:, columns])
        own = np.full(len(task.test), np.nan)
        if one in scored:
            own = _of_own_label(fitted, unseen[:, columns], clips.labels[task.test])
        parts.append(predicted(task, guesses, set=one, **{P_OWN: own}))
    return pd.concat(parts, ignore_index=True)


def _inner_parts(task: FoldTask, clips: Clips, inner_splits: int) -> list[_Inner]:
    table, labels = clips.table[task.train], clips.labels[task.train]
    speakers = None if clips.speakers is None else clips.speakers[task.train]
    _, codes = np.unique(labels, return_inverse=True)
    rng = np.random.default_rng([clips.seed, 14, task.repeat, task.fold])
    folds = inner_folds(codes, speakers, inner_splits, rng)
    parts = []
    for fold in np.unique(folds):
        prepare = preparation().fit(table[folds != fold])
        parts.append(_Inner(
            seen=prepare.transform(table[folds != fold]), seen_labels=labels[folds != fold],
            unseen=prepare.transform(table[folds == fold]), unseen_labels=labels[folds == fold],
        ))  # fmt: skip
    return parts


def _best(inner: list[_Inner], columns: NDArray[np.int64], name: str, clips: Clips) -> Candidate:
    """The settings of the best UAR over the inner folds; of equals the first, the simplest."""
    truth = np.concatenate([part.unseen_labels for part in inner])
    found, best = -1.0, Candidate(model=name, feature_set="", settings={})
    for settings in model(name).settings():
        guesses = np.concatenate([
            classifier(name, settings, weighting=clips.weighting, seed=clips.seed)
            .fit(part.seen[:, columns], part.seen_labels)
            .predict(part.unseen[:, columns])
            for part in inner
        ])  # fmt: skip
        right = guesses == truth
        reached = float(np.mean([right[truth == label].mean() for label in np.unique(truth)]))
        if reached > found:
            found, best = reached, replace(best, settings=settings)
    return best


def _of_own_label(fitted: Any, table: Floats, labels: Labels) -> Floats:
    """Probability of each clip's own label; 0 for a label that the training part lacks."""
    probabilities = fitted.predict_proba(table)
    own: Floats = np.where(fitted.classes_ == labels[:, None], probabilities, 0.0).sum(axis=1)
    return own
