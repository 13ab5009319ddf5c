"""Measure, evaluate, test and judge."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from acoustic_sib.check.imported import Given, imported_evidence, onto_rungs
from acoustic_sib.check.result import Heard, result_of
from acoustic_sib.check.shown import clip_map
from acoustic_sib.check.usable import (
    audited,
    cache_folder,
    silent_stage,
    usable_clips,
)
from acoustic_sib.config import Config, ModelSettings, overlaid, to_yaml
from acoustic_sib.corpus import Corpus
from acoustic_sib.errors import ConfigError, nearest
from acoustic_sib.evaluate import Evaluation, evaluate
from acoustic_sib.extract import Work, average_spectra, extract, resolved_recipe
from acoustic_sib.features import Recipe, columns_of_set
from acoustic_sib.folds import FoldPlan, plan_folds
from acoustic_sib.ladder.controls import controls_of
from acoustic_sib.ladder.registry import Climb, Stage, check_rung_names, climb_ladder
from acoustic_sib.ladder.shortcuts import nuisance_table
from acoustic_sib.ladder.suspects import suspects_of
from acoustic_sib.models import model, normalized
from acoustic_sib.report import spectra as report_spectra
from acoustic_sib.report.clip_map import ClipMap
from acoustic_sib.significance import PermutationTest, permutation_test
from acoustic_sib.tables import MANIFEST_COLUMNS


@dataclass(frozen=True, kw_only=True)
class Check:
    """Everything a check found: the contract's `result`, and the tables behind it."""

    result: dict[str, Any]
    config: Config
    manifest: pd.DataFrame
    folds: pd.DataFrame
    predictions: pd.DataFrame
    features: pd.DataFrame
    spectra: report_spectra.AverageSpectra
    clip_map: ClipMap
    recipe: Recipe
    rung_tables: dict[str, pd.DataFrame]

    @property
    def config_yaml(self) -> str:
        return to_yaml(self.config)


@dataclass(kw_only=True)
class _Timings:
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun

    def total(self) -> float:
        return time.perf_counter() - self.started


def run_check(
    corpus: Corpus, config: Config, *, jobs: int, stage: Stage = silent_stage,
    finished_rungs: Callable[[list[dict[str, Any]]], None] | None = None,
    given: Sequence[Given] = (),
) -> Check:  # fmt: skip
    """Measure, evaluate, test, judge and climb the ladder; nothing is written.

    `finished_rungs` is called with the ladder so far after each rung; `given` are imported runs and
    hidden states, which get their place on each rung. Raises UserError kinds for
    what the user can mend (too many broken files, one class, one speaker, an unknown name); the
    same seed gives the same numbers for any `jobs`.
    """
    timings = _Timings()
    _check_names(config)
    _check_columns(config, corpus.manifest)
    with timings.of("extract"):
        heard = _hear(corpus, config, jobs, stage)
    manifest = heard.manifest
    plan = plan_folds(manifest, heard.config.folds, seed=config.seed)
    classes = tuple(sorted(set(manifest["label"])))
    features, normalize_note = normalized(heard.features, manifest, config.models.normalize)
    sets = _column_sets(features, config)
    with timings.of("evaluate"):
        nuisance = nuisance_table(heard.quality, manifest, config.corpus.nuisance)
        runs = _evaluations(features, sets, nuisance, manifest, plan, heard.config, jobs, stage)
    with timings.of("permutation"), stage("permuting labels"):
        tests = {
            name: _permuted(table, manifest, plan, classes, config)
            for name, table in (("baseline", features), ("nuisance", nuisance))
            if name in runs
        }
    with timings.of("audit"), stage("auditing the corpus"):
        findings = audited(corpus, manifest, heard.quality, plan.table, config)
    notes = [*corpus.notes, *plan.notes, *normalize_note]
    result = result_of(corpus, heard, plan, classes, runs, tests, findings, nuisance, notes)
    climb = Climb(
        features=features, quality=heard.quality, manifest=manifest, folds=plan.table,
        column_sets=sets, baseline=runs["baseline"], result=result, config=heard.config,
        recipe=heard.recipe, cache=cache_folder(config), jobs=jobs, stage=stage,
    )  # fmt: skip
    with timings.of("suspects"):
        suspects = suspects_of(climb)
        result |= suspects.in_result()
    with timings.of("controls"):
        result |= controls_of(climb)
    with timings.of("ladder"):
        ladder = climb_ladder(climb, finished=finished_rungs)
    result["ladder"] = ladder.rungs
    if given:
        with timings.of("ssl"):
            result["ssl"] = imported_evidence(
                given, manifest, heard.quality, plan.table, runs["baseline"].predictions, config,
                jobs=jobs, stage=stage,
            )  # fmt: skip
        onto_rungs(ladder.rungs, result["ssl"])
    with timings.of("map"), stage("mapping the clips"):
        mapped = clip_map(features, manifest, plan.table, classes,
                          columns=sets[climb.chosen.feature_set], seed=config.seed)  # fmt: skip
    result["timings_s"] = {**timings.seconds, "total": timings.total()}
    return Check(
        result=result, config=heard.config, manifest=manifest, folds=plan.table,
        predictions=runs["baseline"].predictions, features=heard.features, spectra=heard.spectra,
        clip_map=mapped, recipe=heard.recipe, rung_tables=ladder.tables | suspects.tables(),
    )  # fmt: skip


def _hear(corpus: Corpus, config: Config, jobs: int, stage: Stage) -> Heard:
    manifest, quality, excluded, _ = usable_clips(corpus, config, jobs=jobs, stage=stage)
    recipe = resolved_recipe(config.features, config.audio, quality)
    cache = cache_folder(config)
    with stage("measuring the clips") as progress:
        work = Work(jobs=jobs, cache=cache, progress=progress)
        measured = extract(manifest, recipe, config.audio, work)
    with stage("averaging spectra") as progress:
        work = Work(jobs=jobs, cache=cache, progress=progress)
        averaged = average_spectra(manifest, recipe, config.audio, work).table
    spectra = report_spectra.average_spectra(
        averaged.columns.to_numpy(dtype=float),
        averaged.to_numpy(dtype=float),
        manifest["label"].tolist(),
        manifest["speaker"].tolist() if "speaker" in manifest else None,
        sorted(set(manifest["label"])),
    )
    return Heard(
        manifest=manifest, quality=quality, features=measured.table, spectra=spectra,
        excluded=excluded, n_cached=measured.n_cached, recipe=recipe,
        config=overlaid(config, features={"high_hz": recipe.high_hz}),
    )  # fmt: skip


def _check_names(config: Config) -> None:
    """Refuse unknown models, feature sets and rungs before anything slow begins."""
    check_rung_names(config.ladder.rungs)
    for name in config.models.candidates:
        model(name)
    for name in config.models.feature_sets:
        columns_of_set(name, [])


def _check_columns(config: Config, manifest: pd.DataFrame) -> None:
    """Refuse nuisance columns that the corpus has not: a slip would hide a shortcut."""
    extras = [name for name in manifest.columns if name not in MANIFEST_COLUMNS]
    for name in config.corpus.nuisance:
        if name not in manifest.columns:
            raise ConfigError(f"corpus.nuisance: the corpus has no column '{name}'; "
                              f"{nearest(name, extras)}")  # fmt: skip


def _column_sets(features: pd.DataFrame, config: Config) -> dict[str, list[str]]:
    """The feature sets of the settings that have measured columns. Raises ConfigError if none."""
    columns = list(features.columns)
    sets = {name: columns_of_set(name, columns) for name in config.models.feature_sets}
    sets = {name: members for name, members in sets.items() if members}
    if not sets:
        raise ConfigError(
            f"models.feature_sets: {', '.join(config.models.feature_sets)} hold none of the "
            f"measured columns (families {', '.join(config.features.families)}); add 'all'"
        )
    return sets


def _evaluations(
    features: pd.DataFrame, sets: dict[str, list[str]], nuisance: pd.DataFrame,
    manifest: pd.DataFrame, plan: FoldPlan, config: Config, jobs: int, stage: Stage,
) -> dict[str, Evaluation]:  # fmt: skip
    """The baseline, the nuisance-only model and the dummies on the same folds."""
    chosen = config.models.model_copy(update={"feature_sets": tuple(sets)})

    def run(
        name: str, table: pd.DataFrame, members: dict[str, list[str]], settings: ModelSettings
    ) -> Evaluation:
        with stage(name) as progress:
            return evaluate(table, manifest, plan.table, column_sets=members, settings=settings,
                            seed=config.seed, jobs=jobs, progress=progress)  # fmt: skip

    runs = {"baseline": run("evaluating the baseline", features, sets, chosen)}
    if nuisance.shape[1]:
        plain = ModelSettings(candidates=("logistic", "svm_rbf"), feature_sets=("nuisance",),
                              class_weight=config.models.class_weight)  # fmt: skip
        runs["nuisance"] = run("evaluating the nuisance-only model", nuisance,
                               {"nuisance": list(nuisance.columns)}, plain)  # fmt: skip
    for dummy in ("majority", "prior", "uniform"):
        only = ModelSettings(candidates=(dummy,), feature_sets=("none",))
        runs[dummy] = evaluate(features, manifest, plan.table, settings=only,
                               column_sets={"none": list(features.columns[:1])},
                               seed=config.seed, jobs=1)  # fmt: skip
    return runs


def _permuted(
    features: pd.DataFrame, manifest: pd.DataFrame, plan: FoldPlan, classes: tuple[str, ...],
    config: Config,
) -> PermutationTest:  # fmt: skip
    first = plan.table[plan.table["repeat"] == plan.table["repeat"].min()].set_index("clip_id")
    codes = manifest["label"].map({name: k for k, name in enumerate(classes)})
    # One numerical thread, as in the folds: the same sums on any number of cores.
    with threadpool_limits(limits=1):
        return permutation_test(
            features.loc[manifest["clip_id"]].to_numpy(dtype=float),
            np.asarray(codes, dtype=np.int64),
            manifest["speaker"].to_numpy(dtype=str) if "speaker" in manifest else None,
            np.asarray(first.loc[manifest["clip_id"], "fold"], dtype=np.int64),
            n=config.evaluation.permutations,
            seed=config.seed,
        )
