"""Features x folds x models -> out-of-fold predictions, everything chosen inside training folds."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from acoustic_sib.config import ModelSettings
from acoustic_sib.folds import grouped_folds, stratified_folds
from acoustic_sib.models import classifier, model, pipeline, preparation
from acoustic_sib.tables import check_predictions, probability_columns

Floats = NDArray[np.float64]
Labels = NDArray[np.str_]
Codes = NDArray[np.int64]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One thing to choose: a model with its settings on a named set of columns."""

    model: str
    feature_set: str
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        given = ", ".join(f"{key.split('__')[-1]}={value}" for key, value in self.settings.items())
        return f"{self.model}({given}) on {self.feature_set}"


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Out-of-fold predictions, and for each candidate how often it was chosen and its mean UAR
    inside the training folds (an inner figure: never the one to report). `choices`: what each
    fold chose, columns `repeat fold model feature_set params inner_uar` (NaN: nothing to choose
    from); `inner`: the same of every candidate, chosen or not."""

    predictions: pd.DataFrame
    candidates: list[dict[str, Any]]
    choices: pd.DataFrame
    inner: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class FoldTask:
    """One fold of one repeat: positions in the manifest of its training and its tested clips."""

    repeat: int
    fold: int
    train: Codes
    test: Codes


def candidates_of(settings: ModelSettings) -> list[Candidate]:
    return [
        Candidate(model=name, feature_set=columns, settings=values)
        for columns in settings.feature_sets
        for name in settings.candidates
        for values in model(name).settings()
    ]


def evaluate(
    features: pd.DataFrame,
    manifest: pd.DataFrame,
    folds: pd.DataFrame,
    *,
    column_sets: dict[str, list[str]],
    settings: ModelSettings,
    seed: int,
    jobs: int,
    progress: Progress | None = None,
) -> Evaluation:
    """Predict each clip in each repeat by a candidate that was chosen without its fold.

    `features` is indexed by clip id and holds every clip of `manifest`; `folds` as in tables.py.
    The choice is by UAR in inner folds that hold speakers out where speakers are known; of equals
    the first wins, so list the simpler first. The same seed gives the same predictions for any
    number of jobs: each fold has its own random numbers and one numerical thread.
    """
    candidates = candidates_of(settings)
    columns = features.columns
    table = features.loc[manifest["clip_id"]].to_numpy(dtype=float)
    sets = {name: columns.get_indexer(pd.Index(members)) for name, members in column_sets.items()}
    labels = manifest["label"].to_numpy(dtype=str)
    groups = speaker_codes(manifest)
    tasks = fold_tasks(folds, manifest)
    results = joblib.Parallel(n_jobs=min(jobs, len(tasks)), return_as="generator")(
        joblib.delayed(_evaluate_fold)(
            task, table, labels, groups, sets, candidates, settings, seed
        )
        for task in tasks
    )
    parts, inner, chosen = [], [], []
    for done, (part, scores, best) in enumerate(results, start=1):
        parts.append(part.assign(clip_id=manifest["clip_id"].to_numpy(dtype=str)[part["position"]]))
        inner.append(scores)
        chosen.append(best)
        if progress is not None:
            progress(done, len(tasks))
    return Evaluation(
        predictions=_assembled(parts, sorted(set(labels))),
        candidates=_summary(candidates, np.array(inner), chosen),
        choices=_choices(tasks, candidates, inner, [[best] for best in chosen]),
        inner=_choices(tasks, candidates, inner, [list(range(len(candidates)))] * len(tasks)),
    )


def best_inner(inner: pd.DataFrame) -> pd.DataFrame:
    """Of each repeat and fold the row with the best `inner_uar`: of equals the first, and one
    without an inner figure last."""
    ordered = inner.sort_values("inner_uar", ascending=False, na_position="last", kind="stable")
    return ordered.drop_duplicates(["repeat", "fold"]).sort_values(["repeat", "fold"])


def _evaluate_fold(
    task: FoldTask, table: Floats, labels: Labels, groups: Codes | None, sets: dict[str, Codes],
    candidates: Sequence[Candidate], settings: ModelSettings, seed: int,
) -> tuple[pd.DataFrame, Floats, int]:  # fmt: skip
    with threadpool_limits(limits=1):
        train, test = task.train, task.test
        rng = np.random.default_rng([seed, 2, task.repeat, task.fold])
        scores = np.full(len(candidates), np.nan)
        if len(candidates) > 1:
            scores = _inner_scores(
                table[train], labels[train], None if groups is None else groups[train], sets,
                candidates, settings, seed, rng,
            )  # fmt: skip
        best = int(np.argmax(np.nan_to_num(scores, nan=-1.0)))
        winner = candidates[best]
        fitted = pipeline(
            winner.model, winner.settings, weighting=settings.class_weight, seed=seed
        ).fit(table[np.ix_(train, sets[winner.feature_set])], labels[train])
        unseen = table[np.ix_(test, sets[winner.feature_set])]
        part = pd.DataFrame({
            "position": test, "repeat": task.repeat, "fold": task.fold,
            "predicted": fitted.predict(unseen),
        })  # fmt: skip
        for column, values in zip(
            probability_columns([str(name) for name in fitted.classes_]),
            fitted.predict_proba(unseen).T, strict=True,
        ):  # fmt: skip
            part[column] = values
        return part, scores, best


def _inner_scores(
    table: Floats, labels: Labels, groups: Codes | None, sets: dict[str, Codes],
    candidates: Sequence[Candidate], settings: ModelSettings, seed: int, rng: np.random.Generator,
) -> Floats:  # fmt: skip
    """Pooled UAR of each candidate in folds inside the training part."""
    classes, codes = np.unique(labels, return_inverse=True)
    folds = inner_folds(codes, groups, settings.inner_splits, rng)
    predicted = np.empty((len(candidates), len(labels)), dtype=labels.dtype)
    for fold in np.unique(folds):
        test, train = folds == fold, folds != fold
        for name, columns in sets.items():
            prepare = preparation().fit(table[np.ix_(train, columns)])
            seen = prepare.transform(table[np.ix_(train, columns)])
            unseen = prepare.transform(table[np.ix_(test, columns)])
            for position, candidate in enumerate(candidates):
                if candidate.feature_set == name:
                    fitted = classifier(
                        candidate.model, candidate.settings, weighting=settings.class_weight,
                        seed=seed,
                    ).fit(seen, labels[train])  # fmt: skip
                    predicted[position, test] = fitted.predict(unseen)
    correct = predicted == labels
    scores: Floats = np.mean([correct[:, labels == name].mean(axis=1) for name in classes], axis=0)
    return scores


def inner_folds(
    codes: Codes, groups: Codes | None, n_splits: int, rng: np.random.Generator
) -> Codes:
    """Folds inside a training part, speakers held out where `groups` names them; codes from 0."""
    if groups is not None:
        _, dense = np.unique(groups, return_inverse=True)
        n_splits = min(n_splits, int(dense.max()) + 1)
        folds = grouped_folds(codes, dense, n_splits, rng) if n_splits > 1 else None
        if folds is not None:
            return folds
        # A class with one training speaker cannot be held out by speaker inside the training part.
    return stratified_folds(codes, n_splits if n_splits > 1 else 2, rng)


def speaker_codes(manifest: pd.DataFrame) -> Codes | None:
    """Each clip's speaker as a number; None where the manifest names no speakers."""
    if "speaker" not in manifest.columns:
        return None
    codes: Codes = pd.factorize(manifest["speaker"], sort=True)[0]
    return codes


def fold_tasks(folds: pd.DataFrame, manifest: pd.DataFrame) -> list[FoldTask]:
    """The tested folds of a plan, repeat by repeat; clips of fold -1 are only trained on."""
    position = pd.Series(np.arange(len(manifest)), index=manifest["clip_id"])
    tasks = []
    for repeat in sorted(set(folds["repeat"].astype(int))):
        rows = folds[folds["repeat"] == repeat]
        numbers = np.empty(len(manifest), dtype=int)
        numbers[position.loc[rows["clip_id"]].to_numpy()] = rows["fold"].to_numpy()
        tasks += [
            FoldTask(repeat=repeat, fold=int(fold), train=np.flatnonzero(numbers != fold),
                  test=np.flatnonzero(numbers == fold))
            for fold in np.unique(numbers[numbers >= 0])
        ]  # fmt: skip
    return tasks


def _assembled(parts: list[pd.DataFrame], classes: list[str]) -> pd.DataFrame:
    table = pd.concat(parts, ignore_index=True).sort_values(
        ["repeat", "position"], ignore_index=True
    )
    columns = probability_columns(classes)
    # A class that a training part lacks has probability 0 there.
    table[columns] = table.reindex(columns=columns).fillna(0.0)
    return check_predictions(table[["clip_id", "repeat", "fold", "predicted", *columns]], classes)


def _summary(
    candidates: Sequence[Candidate], inner: Floats, chosen: list[int]
) -> list[dict[str, Any]]:
    mean = inner.mean(axis=0)
    rows = [
        {"model": candidate.model, "feature_set": candidate.feature_set,
         "params": candidate.settings, "chosen": chosen.count(position),
         "inner_uar": float(mean[position])}
        for position, candidate in enumerate(candidates)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row["chosen"])


def _choices(
    tasks: Sequence[FoldTask], candidates: Sequence[Candidate], inner: Sequence[Floats],
    listed: Sequence[Sequence[int]],
) -> pd.DataFrame:  # fmt: skip
    """A row for each task and each of the candidates that are listed for it."""
    return pd.DataFrame([
        {"repeat": task.repeat, "fold": task.fold, "model": candidates[position].model,
         "feature_set": candidates[position].feature_set,
         "params": json.dumps(candidates[position].settings), "inner_uar": float(scores[position])}
        for task, scores, positions in zip(tasks, inner, listed, strict=True)
        for position in positions
    ])  # fmt: skip
