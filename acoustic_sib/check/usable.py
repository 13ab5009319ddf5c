"""Which clips can be judged, and what the audit says of them: before any model."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.audio import read_sound
from acoustic_sib.config import Config
from acoustic_sib.corpus import Corpus
from acoustic_sib.corpus.audit import audit
from acoustic_sib.errors import CorpusError
from acoustic_sib.extract import Problem, Progress, Work, inspect, refuse_broken, unusable
from acoustic_sib.folds import plan_folds
from acoustic_sib.ladder.registry import Stage as Stage


def silent_stage(_: str) -> AbstractContextManager[Progress | None]:
    return nullcontext(None)


def worker_count(config: Config) -> int:
    return config.jobs if config.jobs is not None else int(joblib.cpu_count())


def cache_folder(config: Config) -> Path | None:
    return None if config.extraction.cache is None else Path(config.extraction.cache)


def usable_clips(
    corpus: Corpus, config: Config, *, jobs: int, stage: Stage
) -> tuple[pd.DataFrame, pd.DataFrame, list[Problem], int]:
    """Manifest and quality table of the clips that can be judged, and the others with reasons.

    Raises CorpusError when too many are broken or fewer than two classes remain.
    """
    with stage("listening to the clips") as progress:
        work = Work(jobs=jobs, cache=cache_folder(config), progress=progress)
        heard = inspect(corpus.manifest, config.audio, work)
    refuse_broken(heard.problems, len(corpus.manifest), config.extraction)
    excluded = [*heard.problems, *unusable(heard.table, config.audio)]
    gone = {problem.clip_id for problem in excluded}
    manifest = corpus.manifest[~corpus.manifest["clip_id"].isin(gone)].reset_index(drop=True)
    classes = sorted(set(manifest["label"]))
    if len(classes) < 2:
        found = f"one class ('{classes[0]}')" if classes else "no clip"
        first = f"; the first: {excluded[0].reason}" if excluded else ""
        raise CorpusError(
            f"{corpus.place}: {found} is left after {len(excluded)} of {len(corpus.manifest)} "
            f"clips were excluded; expected at least two classes{first}"
        )
    return manifest, heard.table.loc[manifest["clip_id"]], excluded, heard.n_cached


def audited_corpus(
    corpus: Corpus, config: Config, *, jobs: int, stage: Stage = silent_stage
) -> dict[str, Any]:
    """The audit alone, with the clips that a check would exclude under `excluded`."""
    manifest, quality, excluded, _ = usable_clips(corpus, config, jobs=jobs, stage=stage)
    folds = None
    if "fold" in manifest.columns and config.folds.plan in ("auto", "corpus"):
        folds = plan_folds(manifest, config.folds, seed=config.seed).table
    with stage("auditing the corpus"):
        findings = audited(corpus, manifest, quality, folds, config)
    return {**findings, "excluded": listed(excluded)}


def audited(
    corpus: Corpus, manifest: pd.DataFrame, quality: pd.DataFrame, folds: pd.DataFrame | None,
    config: Config,
) -> dict[str, Any]:  # fmt: skip
    rows = {str(row["clip_id"]): row for row in manifest.to_dict("records")}

    def read(clip_id: str) -> tuple[NDArray[np.float64], int]:
        row: dict[Any, Any] = rows[clip_id]
        sound = read_sound(row["path"], start=row.get("start"), end=row.get("end"),
                           channel=config.audio.channel)  # fmt: skip
        return sound.samples, sound.sr

    found: dict[str, Any] = audit(manifest, quality, folds, left_out=corpus.left_out, read=read)
    return found


def listed(problems: list[Problem]) -> list[dict[str, str]]:
    return [{"clip_id": problem.clip_id, "reason": problem.reason} for problem in problems]
