"""The check: from labelled clips to "are these labels learnable?", and everything behind it."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from acoustic_sib import metrics
from acoustic_sib.audio import read_sound
from acoustic_sib.config import Config, ModelSettings, overlaid, to_yaml
from acoustic_sib.corpus import Corpus
from acoustic_sib.corpus.audit import audit
from acoustic_sib.errors import ConfigError, CorpusError, nearest
from acoustic_sib.evaluate import Evaluation, evaluate
from acoustic_sib.extract import (
    Problem,
    Progress,
    Work,
    average_spectra,
    extract,
    inspect,
    refuse_broken,
    resolved_recipe,
    unusable,
)
from acoustic_sib.features import columns_of_set
from acoustic_sib.folds import FoldPlan, plan_folds
from acoustic_sib.ladder.rungs import climb
from acoustic_sib.ladder.shortcuts import nuisance_table
from acoustic_sib.ladder.verdict import decide
from acoustic_sib.models import MODELS, standardized_by_speaker
from acoustic_sib.report import spectra as report_spectra
from acoustic_sib.significance import PermutationTest, permutation_test
from acoustic_sib.tables import PROBABILITY

SCHEMA = "acoustic-sib/check@1"
MOST_SUSPECTS = 40
Stage = Callable[[str], AbstractContextManager[Progress | None]]


def silent_stage(_: str) -> AbstractContextManager[Progress | None]:
    return nullcontext(None)


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


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """The usable clips and what was measured of them."""

    manifest: pd.DataFrame
    quality: pd.DataFrame
    features: pd.DataFrame
    spectra: report_spectra.AverageSpectra
    excluded: list[Problem]
    config: Config
    n_cached: int


def run_check(corpus: Corpus, config: Config, *, jobs: int, stage: Stage = silent_stage) -> Check:
    """Measure, evaluate, test and judge; nothing is written.

    Raises UserError kinds for what the user can mend (too many broken files, one class, one
    speaker, an unknown name); the same seed gives the same numbers for any `jobs`.
    """
    timings = _Timings()
    _check_names(config)
    with timings.of("extract"):
        heard = _hear(corpus, config, jobs, stage)
    manifest = heard.manifest
    plan = plan_folds(manifest, heard.config.folds, seed=config.seed)
    classes = tuple(sorted(set(manifest["label"])))
    features, normalize_note = _normalized(heard.features, manifest, config.models.normalize)
    with timings.of("evaluate"):
        nuisance = nuisance_table(heard.quality, manifest, config.corpus.nuisance)
        runs = _evaluations(features, nuisance, manifest, plan, heard.config, jobs, stage)
    with timings.of("permutation"), stage("permuting labels"):
        test = _permuted(features, manifest, plan, classes, config)
    with timings.of("audit"), stage("auditing the corpus"):
        findings = _audited(corpus, manifest, heard.quality, plan.table, config)
    notes = [*corpus.notes, *plan.notes, *normalize_note]
    result = _result(corpus, heard, plan, classes, runs, test, findings, nuisance, notes)
    result["timings_s"] = {**timings.seconds, "total": timings.total()}
    return Check(
        result=result, config=heard.config, manifest=manifest, folds=plan.table,
        predictions=runs["baseline"].predictions, features=heard.features, spectra=heard.spectra,
    )  # fmt: skip


def worker_count(config: Config) -> int:
    import joblib

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
        raise CorpusError(
            f"{corpus.place}: {found} is left after {len(excluded)} of {len(corpus.manifest)} "
            f"clips were excluded; expected at least two classes; the first: {excluded[0].reason}"
        )
    return manifest, heard.table.loc[manifest["clip_id"]], excluded, heard.n_cached


def _hear(corpus: Corpus, config: Config, jobs: int, stage: Stage) -> _Heard:
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
    return _Heard(
        manifest=manifest, quality=quality, features=measured.table, spectra=spectra,
        excluded=excluded, n_cached=measured.n_cached,
        config=overlaid(config, features={"high_hz": recipe.high_hz}),
    )  # fmt: skip


def _check_names(config: Config) -> None:
    """Refuse unknown models and feature sets before anything slow begins."""
    for name in config.models.candidates:
        if name not in MODELS:
            raise ConfigError(f"models.candidates: unknown model '{name}'; {nearest(name, MODELS)}")
    for name in config.models.feature_sets:
        columns_of_set(name, [])


def _normalized(
    features: pd.DataFrame, manifest: pd.DataFrame, normalize: str
) -> tuple[pd.DataFrame, list[str]]:
    if normalize == "none":
        return features, []
    if "speaker" not in manifest:
        raise ConfigError("normalize 'speaker': the corpus names no speakers; expected a speaker "
                          "column: use 'none'")  # fmt: skip
    speakers, labels = manifest["speaker"], manifest["label"]
    table = standardized_by_speaker(features.loc[manifest["clip_id"]], speakers, labels)
    several = labels.groupby(speakers).nunique() > 1
    note = ("features are standardised within each speaker, without labels: the figure holds for a "
            "new speaker of whom several clips of several classes are at hand")  # fmt: skip
    notes = [note]
    if not several.all():
        notes.append(f"{int((~several).sum())} of {len(several)} speakers bear one label; "
                     "standardising takes part of the answer away from them")  # fmt: skip
    return table, notes


def _evaluations(
    features: pd.DataFrame, nuisance: pd.DataFrame, manifest: pd.DataFrame, plan: FoldPlan,
    config: Config, jobs: int, stage: Stage,
) -> dict[str, Evaluation]:  # fmt: skip
    """The baseline, the nuisance-only model and the dummies on the same folds."""
    columns = list(features.columns)
    sets = {name: columns_of_set(name, columns) for name in config.models.feature_sets}
    sets = {name: members for name, members in sets.items() if members}
    if not sets:
        raise ConfigError(
            f"models.feature_sets: {', '.join(config.models.feature_sets)} hold none of the "
            f"measured columns (families {', '.join(config.features.families)}); add 'all'"
        )
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
        runs[dummy] = evaluate(features, manifest, plan.table, column_sets={"none": columns[:1]},
                               settings=only, seed=config.seed, jobs=1)  # fmt: skip
    return runs


def _permuted(
    features: pd.DataFrame, manifest: pd.DataFrame, plan: FoldPlan, classes: tuple[str, ...],
    config: Config,
) -> PermutationTest:  # fmt: skip
    first = plan.table[plan.table["repeat"] == plan.table["repeat"].min()].set_index("clip_id")
    codes = manifest["label"].map({name: k for k, name in enumerate(classes)})
    return permutation_test(
        features.loc[manifest["clip_id"]].to_numpy(dtype=float),
        codes.to_numpy(dtype=int),
        manifest["speaker"].to_numpy(dtype=str) if "speaker" in manifest else None,
        first.loc[manifest["clip_id"], "fold"].to_numpy(dtype=int),
        n=config.evaluation.permutations, seed=config.seed,
    )  # fmt: skip


def audited_corpus(
    corpus: Corpus, config: Config, *, jobs: int, stage: Stage = silent_stage
) -> dict[str, Any]:
    """The audit alone, with the clips that a check would exclude under `excluded`."""
    manifest, quality, excluded, _ = usable_clips(corpus, config, jobs=jobs, stage=stage)
    folds = None
    if "fold" in manifest.columns and config.folds.plan in ("auto", "corpus"):
        folds = plan_folds(manifest, config.folds, seed=config.seed).table
    with stage("auditing the corpus"):
        findings = _audited(corpus, manifest, quality, folds, config)
    return {**findings, "excluded": _listed(excluded)}


def _audited(
    corpus: Corpus, manifest: pd.DataFrame, quality: pd.DataFrame, folds: pd.DataFrame | None,
    config: Config,
) -> dict[str, Any]:  # fmt: skip
    by_id = manifest.set_index("clip_id")

    def read(clip_id: str) -> tuple[Any, int]:
        row = by_id.loc[clip_id]
        sound = read_sound(row["path"], start=row.get("start"), end=row.get("end"),
                           channel=config.audio.channel)  # fmt: skip
        return sound.samples, sound.sr

    return audit(manifest, quality, folds, left_out=corpus.left_out, read=read)


def _listed(problems: list[Problem]) -> list[dict[str, str]]:
    return [{"clip_id": problem.clip_id, "reason": problem.reason} for problem in problems]


def _result(
    corpus: Corpus, heard: _Heard, plan: FoldPlan, classes: tuple[str, ...],
    runs: dict[str, Evaluation], test: PermutationTest, findings: dict[str, Any],
    nuisance: pd.DataFrame, notes: list[str],
) -> dict[str, Any]:  # fmt: skip
    manifest, config = heard.manifest, heard.config
    level = config.evaluation.level
    atoms = {name: metrics.confusions(run.predictions, manifest, classes)
             for name, run in runs.items()}  # fmt: skip
    uars = {name: metrics.interval(one, metrics.uar, level=level) for name, one in atoms.items()}
    chance = 1 / len(classes)
    verdict = decide(uar=uars["baseline"], chance=chance, test=test, nuisance=uars.get("nuisance"),
                     speaker_mode=plan.speaker_mode, settings=config.evaluation)  # fmt: skip
    baseline = _baseline(runs["baseline"], atoms["baseline"], manifest, config)
    counts = manifest["label"].value_counts()
    nuisance_uar = uars.get("nuisance")
    return {
        "schema": SCHEMA, "verdict": verdict.verdict, "reason": verdict.reason,
        "corpus": _corpus_facts(corpus, heard, plan, counts),
        "baseline": baseline,
        "models": [{"model": name, "uar": uars[name].as_dict()}
                   for name in ("majority", "prior", "uniform")],
        "chance": {
            "uar": chance, "majority_accuracy": float(counts.max() / counts.sum()),
            "permutation": {
                "p_value": test.p_value, "n": test.n, "unit": test.unit,
                "smallest_p": test.smallest_p, "statistic": test.statistic,
                "null_mean": test.null_mean, "null_sd": test.null_sd,
            },
        },
        "shortcuts": {"uar": None if nuisance_uar is None else nuisance_uar.as_dict(),
                      "columns": list(nuisance.columns)},
        "ladder": climb(findings, baseline, verdict),
        "suspects": _suspects(runs["baseline"].predictions, manifest),
        "excluded": _listed(heard.excluded),
        "audit": findings,
        "notes": notes,
    }  # fmt: skip


def _corpus_facts(
    corpus: Corpus, heard: _Heard, plan: FoldPlan, counts: pd.Series
) -> dict[str, Any]:
    manifest = heard.manifest
    return {
        "name": corpus.place, "kind": corpus.kind, "synthetic": corpus.synthetic,
        "n_clips": len(corpus.manifest), "n_used": len(manifest),
        "n_excluded": len(heard.excluded), "left_out": dict(corpus.left_out),
        "n_speakers": int(manifest["speaker"].nunique()) if "speaker" in manifest else None,
        "classes": {str(name): int(count) for name, count in counts.sort_index().items()},
        "speaker_mode": plan.speaker_mode, "fold_plan": plan.kind,
        "n_repeats": int(plan.table["repeat"].nunique()),
        "n_folds": int(plan.table.loc[plan.table["fold"] >= 0, "fold"].nunique()),
        "n_from_cache": heard.n_cached,
    }  # fmt: skip


def _baseline(
    run: Evaluation, atoms: metrics.Confusions, manifest: pd.DataFrame, config: Config
) -> dict[str, Any]:
    level = config.evaluation.level
    most = run.candidates[0]
    return {
        "families": list(config.features.families),
        # What the folds chose most often; `candidates` tells how often each was chosen.
        "model": most["model"], "feature_set": most["feature_set"],
        "normalize": config.models.normalize,
        "uar": metrics.interval(atoms, metrics.uar, level=level).as_dict(),
        "macro_f1": metrics.interval(atoms, metrics.macro_f1, level=level).as_dict(),
        "accuracy": metrics.interval(atoms, metrics.accuracy, level=level).as_dict(),
        "recall": {
            name: metrics.recall_interval(atoms, position, level=level).as_dict()
            for position, name in enumerate(atoms.classes)
        },
        "confusion": {"labels": list(atoms.classes), "counts": atoms.total.tolist()},
        "candidates": run.candidates,
        "speakers": _by_speaker(atoms),
    }  # fmt: skip


def _by_speaker(atoms: metrics.Confusions) -> list[dict[str, Any]]:
    if atoms.unit != "speaker":
        return []
    correct = np.trace(atoms.counts, axis1=1, axis2=2)
    n_clips = atoms.counts.sum(axis=(1, 2))
    rows = [
        {"speaker": name, "n_clips": round(float(n)), "accuracy": float(right / n)}
        for name, right, n in zip(atoms.units, correct, n_clips, strict=True)
    ]
    return sorted(rows, key=lambda row: row["accuracy"])


def _suspects(predictions: pd.DataFrame, manifest: pd.DataFrame) -> list[dict[str, Any]]:
    """Clips whose out-of-fold probability of their own label is lowest and below one half."""
    columns = [name for name in predictions.columns if name.startswith(PROBABILITY)]
    mean = predictions.groupby("clip_id")[columns].mean()
    labels = manifest.set_index("clip_id")["label"].loc[mean.index]
    positions = mean.columns.get_indexer(pd.Index(PROBABILITY + labels.to_numpy(dtype=object)))
    own = mean.to_numpy()[np.arange(len(mean)), positions]
    best = mean.columns[mean.to_numpy().argmax(axis=1)].str.removeprefix(PROBABILITY)
    table = pd.DataFrame({"clip_id": mean.index, "label": labels.to_numpy(dtype=str),
                          "predicted": best, "p_own": own})  # fmt: skip
    table = table[(table["predicted"] != table["label"]) & (table["p_own"] < 0.5)]
    table = table.sort_values(["p_own", "clip_id"]).head(MOST_SUSPECTS)
    rows: list[dict[str, Any]] = table.to_dict("records")
    return rows
