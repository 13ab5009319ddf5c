"""One worker for each fold of the check's plan: what its fits say of the fold's tested clips."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from acoustic_sib.evaluate import Candidate, FoldTask, speaker_codes
from acoustic_sib.ladder.registry import Climb
from acoustic_sib.models import Weighting, pipeline

Floats = NDArray[np.float64]
Labels = NDArray[np.str_]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Clips:
    """All clips as arrays in the manifest's order, and how a model is fitted on some of them."""

    table: Floats
    columns: tuple[str, ...]
    sets: dict[str, Codes]
    labels: Labels
    speakers: Codes | None
    weighting: Weighting
    seed: int

    def fitted(self, candidate: Candidate, rows: Codes) -> Pipeline:
        made = pipeline(
            candidate.model, candidate.settings, weighting=self.weighting, seed=self.seed,
            probabilities=False,
        )  # fmt: skip
        return made.fit(self.seen_by(candidate, rows), self.labels[rows])

    def seen_by(self, candidate: Candidate, rows: Codes) -> Floats:
        seen: Floats = self.table[np.ix_(rows, self.sets[candidate.feature_set])]
        return seen


Worker = Callable[[FoldTask, Clips], pd.DataFrame]


def clips_of(climb: Climb) -> Clips:
    names, columns = climb.manifest["clip_id"], climb.features.columns
    return Clips(
        table=climb.features.loc[names].to_numpy(dtype=float), columns=tuple(columns),
        sets={name: columns.get_indexer(pd.Index(members))
              for name, members in climb.column_sets.items()},
        labels=climb.manifest["label"].to_numpy(dtype=str), speakers=speaker_codes(climb.manifest),
        weighting=climb.config.models.class_weight, seed=climb.config.seed,
    )  # fmt: skip


def over_folds(climb: Climb, tasks: Sequence[FoldTask], stage: str, worker: Worker) -> pd.DataFrame:
    """The rows of `worker(task, clips)` of all tasks, with repeat, fold, clip_id and label.

    A worker's rows hold the `position` of a tested clip in the manifest. Each has one numerical
    thread and should draw random numbers of its own, so that jobs do not change the numbers.
    """
    clips = clips_of(climb)
    parts: list[pd.DataFrame] = []
    with climb.stage(stage) as progress:
        results = joblib.Parallel(n_jobs=min(climb.jobs, len(tasks)), return_as="generator")(
            joblib.delayed(partial(_alone, worker))(task, clips) for task in tasks
        )
        for done, part in enumerate(results, start=1):
            parts.append(part)
            if progress is not None:
                progress(done, len(tasks))
    rows = pd.concat(parts, ignore_index=True)
    rows["clip_id"] = climb.manifest["clip_id"].to_numpy(dtype=str)[rows["position"]]
    rows["label"] = clips.labels[rows["position"]]
    return rows


def _alone(worker: Worker, task: FoldTask, clips: Clips) -> pd.DataFrame:
    with threadpool_limits(limits=1):
        return worker(task, clips).assign(repeat=task.repeat, fold=task.fold)


def predicted(task: FoldTask, guesses: Any, **marks: Any) -> pd.DataFrame:
    """The rows of a worker: what was said of each tested clip, marked with what said it."""
    return pd.DataFrame({"position": task.test, "predicted": np.asarray(guesses, dtype=str)}
                        | marks)  # fmt: skip
