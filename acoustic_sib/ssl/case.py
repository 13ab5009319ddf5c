"""A case for diagnosis, put together from a run, a corpus, hidden states and a check."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib.config import Config
from acoustic_sib.corpus import Corpus
from acoustic_sib.errors import CorpusError, RunError
from acoustic_sib.folds import plan_folds
from acoustic_sib.metrics import difference_interval, uar
from acoustic_sib.runs import read_run
from acoustic_sib.ssl import state_signs
from acoustic_sib.ssl.checkpoint import Checkpoint, checkpoint_in, has_configs
from acoustic_sib.ssl.diagnose import Case
from acoustic_sib.ssl.files import read_json
from acoustic_sib.ssl.import_run import FACTS, HISTORY, SOURCE_COPIES, Asked, import_results
from acoustic_sib.ssl.lint import sounds_of
from acoustic_sib.ssl.probe import Progress, probe
from acoustic_sib.ssl.probe_clips import ProbeClips, probe_clips
from acoustic_sib.ssl.probe_task import ProbeSettings
from acoustic_sib.ssl.run_signs import Answers
from acoustic_sib.ssl.state_signs import Heard
from acoustic_sib.ssl.states import States, read_states
from acoustic_sib.tables import check_predictions


@dataclass(frozen=True, kw_only=True)
class Told:
    """A run as its files tell of it, whether saved here or foreign."""

    name: str
    manifest: pd.DataFrame
    predictions: pd.DataFrame | None
    folds: pd.DataFrame | None
    scores: dict[str, float]
    settings: dict[str, Any]
    history: pd.DataFrame | None
    matching: dict[str, Any]
    checkpoint: Checkpoint | None


def read_told(source: Path, corpus: Corpus, config: Config) -> Told:
    """A saved run, or foreign results read as `ssl import` reads them.

    Raises RunError where it is neither, or not of this corpus.
    """
    if (source / "run.json").is_file():
        told = read_saved(source, corpus)
    else:
        imported = import_results(source, corpus, config, Asked())
        told = Told(
            name=source.stem, manifest=imported.manifest, predictions=imported.predictions,
            folds=imported.folds, scores=imported.scores, settings=imported.settings,
            history=imported.history, matching=imported.facts, checkpoint=_checkpoint(source),
        )  # fmt: skip
    checkpoint = told.checkpoint
    trained = told.settings.get("trained_parameters")
    if checkpoint is not None and checkpoint.trained is None and isinstance(trained, int):
        told = replace(told, checkpoint=replace(checkpoint, trained=trained))
    return told


def read_saved(folder: Path, corpus: Corpus) -> Told:
    """A saved run on the clips of the corpus.

    Raises RunError where it is none, or its clips or classes are not the corpus's.
    """
    run = read_run(folder)
    manifest = corpus.manifest
    if run.predictions is not None:
        plan = run.predictions if run.folds is None else run.folds
        clips = set(plan["clip_id"])
        manifest = manifest[manifest["clip_id"].isin(clips)].reset_index(drop=True)
        if len(manifest) < len(clips):
            raise RunError(
                f"{folder}: {len(clips) - len(manifest)} of its {len(clips)} clips are not in "
                f"{corpus.place}; expected the corpus that the run was made on"
            )
        try:
            check_predictions(run.predictions, sorted(set(manifest["label"])))
        except CorpusError as error:
            raise RunError(f"{folder}: {error}") from None
    history = folder / HISTORY
    facts = folder / FACTS
    matching = read_json(facts) if facts.is_file() else {}
    return Told(
        name=run.name, manifest=manifest, predictions=run.predictions, folds=run.folds,
        scores=run.scores, settings=run.settings,
        history=pd.read_csv(history) if history.is_file() else None,
        matching=matching if isinstance(matching, dict) else {},
        checkpoint=_checkpoint(folder / SOURCE_COPIES),
    )  # fmt: skip


def _checkpoint(source: Path) -> Checkpoint | None:
    folder = source.parent if source.is_file() else source
    return checkpoint_in(folder) if has_configs(folder) else None


def states_alone(name: str, manifest: pd.DataFrame, folds: pd.DataFrame) -> Told:
    """States without a run: nothing was predicted, and a probe uses the folds given."""
    return Told(name=name, manifest=manifest, predictions=None, folds=folds, scores={}, settings={},
                history=None, matching={}, checkpoint=None)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Probed:
    """The states of the run's clips, and their probe: on the run's own folds where it has some."""

    heard: Heard
    nested: pd.DataFrame
    facts: dict[str, Any]
    padding_cost: dict[str, float] | None


def probe_states(
    folder: Path, told: Told, quality: pd.DataFrame, config: Config, *, jobs: int,
    progress: Progress | None = None,
) -> Probed | Heard:  # fmt: skip
    """Probe the states on the run's folds; what was heard alone where the frames show that they
    are not of these clips as they sound (another rate, other ids): figures would mean nothing."""
    states = read_states(folder)
    usable = told.manifest[told.manifest["clip_id"].isin(quality.index)].reset_index(drop=True)
    durations = {str(clip_id): float(one) for clip_id, one in quality["duration_s"].items()}
    plain = probe_clips(states, usable)
    heard = Heard(
        states=states, numbers=plain.numbers,
        durations_s=quality["duration_s"].loc[plain.manifest["clip_id"]].to_numpy(dtype=float),
    )  # fmt: skip
    if not _fits(heard):
        return heard
    clips = probe_clips(states, usable, durations)
    folds = told.folds
    if folds is None:
        folds = plan_folds(usable, config.folds, seed=config.seed).table
    folds = folds[folds["clip_id"].isin(clips.manifest["clip_id"])].reset_index(drop=True)
    settings = ProbeSettings(
        # The other poolings are for `ssl probe`, which is given the time.
        poolings=None if states.is_pooled else ("mean", "mean_sd"),
        class_weight=config.models.class_weight, inner_splits=config.models.inner_splits,
        permutations=config.evaluation.permutations, level=config.evaluation.level,
    )  # fmt: skip
    made = probe(states, clips, folds, settings=settings, seed=config.seed, jobs=jobs,
                 progress=progress)  # fmt: skip
    return Probed(
        heard=heard, nested=made.predictions["nested"],
        facts={key: made.result[key] for key in ("best", "layer_curve", "cells", "notes")},
        padding_cost=_padding_cost(states, clips, folds, made.result["best"], settings, config),
    )  # fmt: skip


def _fits(heard: Heard) -> bool:
    signs = (state_signs.sampling_rate(heard), state_signs.clip_ids(heard))
    return not any(one.status == "found" for one in signs)


def _padding_cost(
    states: States, clips: ProbeClips, folds: pd.DataFrame, best: dict[str, Any],
    settings: ProbeSettings, config: Config,
) -> dict[str, float] | None:  # fmt: skip
    """UAR of a probe of the mean over valid frames minus that over all, on the layer that most
    folds chose; None where the two are the same frames."""
    frames = states.n_frames[clips.numbers]
    if clips.n_valid is None or (clips.n_valid == frames).all():
        return None
    atoms = []
    for window in ("valid", "all"):
        only = replace(settings, layers=(str(best["layer"]),), poolings=("mean",),
                       frames=(window,), permutations=100)  # fmt: skip
        made = probe(states, clips, folds, settings=only, seed=config.seed, jobs=1)
        answers = Answers(manifest=clips.manifest, predictions=made.predictions["nested"],
                          folds=None)  # fmt: skip
        atoms.append(answers.atoms())
    valid, every = atoms
    value, low, high = difference_interval(valid, every, uar, level=settings.level)
    return {"value": value, "low": low, "high": high, "level": settings.level}


def case_of(
    told: Told, quality: pd.DataFrame, *, states: Probed | Heard | None = None,
    baseline: pd.DataFrame | None = None, level: float = 0.95,
) -> Case:  # fmt: skip
    """`quality` is that of the usable clips; `baseline` an acoustic run's predictions."""
    answers = None
    if told.predictions is not None:
        answers = Answers(manifest=told.manifest, predictions=told.predictions, folds=told.folds,
                          matching=told.matching)  # fmt: skip
    probed = states if isinstance(states, Probed) else None
    return Case(
        sounds=sounds_of(told.manifest, quality), manifest=told.manifest, answers=answers,
        scores=told.scores, history=told.history, checkpoint=told.checkpoint,
        heard=states.heard if isinstance(states, Probed) else states,
        probed=None if probed is None else probed.nested,
        padding_cost=None if probed is None else probed.padding_cost,
        baseline=baseline, level=level,
    )  # fmt: skip
