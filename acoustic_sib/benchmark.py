"""Feature sets x models on the same folds, each cell a saved run; finished cells are kept."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib import metrics
from acoustic_sib.check import cache_folder, silent_stage, usable_clips
from acoustic_sib.check.usable import listed
from acoustic_sib.config import Config, overlaid, to_yaml
from acoustic_sib.corpus import Corpus
from acoustic_sib.errors import ConfigError, RunError, nearest
from acoustic_sib.evaluate import best_inner, evaluate
from acoustic_sib.extract import Problem, Work, extract, resolved_recipe
from acoustic_sib.features import columns_of_set
from acoustic_sib.features.registry import FEATURE_SETS, families
from acoustic_sib.folds import FoldPlan, plan_folds
from acoustic_sib.ladder.registry import Stage
from acoustic_sib.models import model, normalized
from acoustic_sib.runs import hashes, read_run, versions, write_run
from acoustic_sib.tables import (
    FOLD_COLUMNS,
    check_predictions,
    folder_written_beside,
    write_csv,
    write_parquet,
)

SCHEMA = "acoustic-sib/benchmark@1"
MODELS = ("logistic", "svm_rbf", "random_forest")
NESTED = "nested"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One feature set under one model."""

    feature_set: str
    model: str
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.feature_set}-{self.model}"

    @property
    def families(self) -> list[str]:
        return list(dict.fromkeys(column.split(".", 1)[0] for column in self.columns))


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """What every cell shares: clips, features, folds and settings, fixed before the first cell."""

    manifest: pd.DataFrame
    raw: pd.DataFrame
    features: pd.DataFrame
    plan: FoldPlan
    config: Config
    excluded: list[Problem]
    notes: tuple[str, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Finished:
    cell: Cell
    predictions: pd.DataFrame
    choices: pd.DataFrame
    seconds: float
    kept: bool


@dataclass(kw_only=True)
class _Timings:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begun


def run_benchmark(
    corpus: Corpus, config: Config, out: Path, *, jobs: int, stage: Stage = silent_stage
) -> dict[str, Any]:
    """Evaluate every feature set (each family alone, `compact`, `all`) under every model.

    Writes `out/runs/<feature set>-<model>/` as each cell ends, a run that `compare` reads, and
    `out/features.parquet`; a cell that stands there with the same clips, folds, features, settings
    and package versions is kept. Model settings are chosen inside the training folds of each cell.
    `nested` chooses the cell itself there too: for each fold the cell with the best inner UAR, its
    predictions of that fold; the same as one evaluation with every cell as a candidate.

    Returns the content of `benchmark.json`. Models are `config.models.candidates` where a
    configuration names them, else MODELS. Raises UserError kinds before anything is written.
    """
    timings = _Timings()
    names = models_of(config)
    _refuse_unknown_families(config.features.families)
    with timings.of("extract"):
        config = overlaid(config, models={"candidates": list(names)})
        measured = _measured(corpus, config, jobs, stage)
    cells, left_out = cells_of(list(measured.features.columns), config, names)
    write_parquet(measured.raw.rename_axis("clip_id").reset_index(), out / "features.parquet")
    with timings.of("evaluate"), stage(f"evaluating {len(cells)} cells") as progress:
        finished = []
        for done, cell in enumerate(cells):
            if progress is not None:
                progress(done, len(cells))
            finished.append(_finished(cell, measured, out / "runs" / cell.name, jobs))
    nested, chosen = _nested(finished, measured, out / "runs" / NESTED)
    return {
        "schema": SCHEMA, "corpus": _corpus_facts(corpus, measured), **_figures(measured, nested),
        **_results(finished, measured), "nested_choice": chosen, "models": list(names),
        "feature_sets": list(dict.fromkeys(cell.feature_set for cell in cells)),
        "left_out": left_out, "normalize": config.models.normalize, "seed": config.seed,
        "notes": [*corpus.notes, *measured.notes], "excluded": listed(measured.excluded),
        "timings_s": timings.seconds,
    }  # fmt: skip


def models_of(config: Config) -> tuple[str, ...]:
    """The models of the table: what a configuration names, else MODELS; unknown ones refused."""
    named = "candidates" in config.models.model_fields_set
    names = tuple(dict.fromkeys(config.models.candidates)) if named else MODELS
    for name in names:
        model(name)
    return names


def _refuse_unknown_families(names: Sequence[str]) -> None:
    """Before the clips are listened to, which takes a while."""
    unknown = next((name for name in names if name not in families()), None)
    if unknown is not None:
        raise ConfigError(f"features: unknown family '{unknown}'; {nearest(unknown, families())}")


def cells_of(
    columns: list[str], config: Config, models: Sequence[str]
) -> tuple[list[Cell], list[dict[str, str]]]:
    """The cells of the table, and the feature sets that are left out with their reason."""
    sets: dict[str, tuple[str, ...]] = {}
    left_out = []
    for name in (*config.features.families, *FEATURE_SETS):
        members = tuple(columns_of_set(name, columns))
        twin = next((other for other, known in sets.items() if known == members), None)
        if not members:
            left_out.append({"feature_set": name, "reason": "none of its columns was measured"})
        elif twin is not None:
            left_out.append({"feature_set": name, "reason": f"the same columns as '{twin}'"})
        else:
            sets[name] = members
    cells = [Cell(feature_set=name, model=one, columns=members)
             for name, members in sets.items() for one in models]  # fmt: skip
    return cells, left_out


def _measured(corpus: Corpus, config: Config, jobs: int, stage: Stage) -> _Measured:
    manifest, quality, excluded, _ = usable_clips(corpus, config, jobs=jobs, stage=stage)
    plan = plan_folds(manifest, config.folds, seed=config.seed)
    recipe = resolved_recipe(config.features, config.audio, quality)
    with stage("measuring the clips") as progress:
        work = Work(jobs=jobs, cache=cache_folder(config), progress=progress)
        raw = extract(manifest, recipe, config.audio, work).table.loc[manifest["clip_id"]]
    features, notes = normalized(raw, manifest, config.models.normalize)
    return _Measured(
        manifest=manifest, raw=raw, features=features, plan=plan,
        config=overlaid(config, features={"high_hz": recipe.high_hz}), excluded=excluded,
        notes=(*plan.notes, *notes), classes=tuple(sorted(set(manifest["label"]))),
    )  # fmt: skip


def _finished(cell: Cell, measured: _Measured, folder: Path, jobs: int) -> _Finished:
    """The cell as it stands in `folder`, or evaluated and written there as a whole."""
    table = measured.features[list(cell.columns)]
    settings = _cell_settings(cell, table, measured.config)
    kept = _kept(cell, folder, settings, measured)
    if kept is not None:
        return kept
    begun = time.perf_counter()
    chosen = measured.config.models.model_copy(
        update={"candidates": (cell.model,), "feature_sets": (cell.feature_set,)}
    )
    found = evaluate(
        table, measured.manifest, measured.plan.table,
        column_sets={cell.feature_set: list(cell.columns)}, settings=chosen,
        seed=measured.config.seed, jobs=jobs,
    )  # fmt: skip
    seconds = time.perf_counter() - begun
    _write(folder, cell.name, settings, measured, found.predictions, found.choices, seconds)
    return _Finished(cell=cell, predictions=found.predictions, choices=found.choices,
                     seconds=seconds, kept=False)  # fmt: skip


def _cell_settings(cell: Cell, table: pd.DataFrame, config: Config) -> dict[str, Any]:
    """Everything but clips and folds that a cell's numbers depend on."""
    digest = hashlib.sha256("\n".join(cell.columns).encode("utf-8"))
    digest.update(table.to_numpy(dtype=float).tobytes())
    weighting = config.models.class_weight
    return {
        "families": cell.families, "feature_set": cell.feature_set, "model": cell.model,
        "normalize": config.models.normalize, "n_columns": len(cell.columns),
        "class_weight": weighting if isinstance(weighting, str) else dict(weighting),
        "inner_splits": config.models.inner_splits, "seed": config.seed,
        "grid": model(cell.model).settings(), "features_sha256": digest.hexdigest()[:16],
    }  # fmt: skip


def _write(
    folder: Path, name: str, settings: dict[str, Any], measured: _Measured,
    predictions: pd.DataFrame, choices: pd.DataFrame, seconds: float,
) -> None:  # fmt: skip
    with folder_written_beside(folder) as beside:
        write_csv(choices, beside / "choices.csv")
        write_run(
            beside, name=name, system="acoustic", settings=settings, features=None,
            config_yaml=to_yaml(measured.config), manifest=measured.manifest,
            folds=measured.plan.table, predictions=predictions, timings_s={"evaluate": seconds},
        )  # fmt: skip


def _kept(
    cell: Cell, folder: Path, settings: dict[str, Any], measured: _Measured
) -> _Finished | None:
    """The cell saved in `folder`, if it was made of the very same; a damaged one is made anew."""
    if not folder.exists():
        return None
    try:
        run = read_run(folder)
        choices = _read_choices(folder / "choices.csv")
    except (RunError, OSError, ValueError, KeyError):
        return None
    same = (
        run.settings == settings
        and run.hashes == hashes(measured.manifest, measured.plan.table)
        and run.versions == versions()
        and len(choices) == measured.plan.table.query("fold >= 0")[["repeat", "fold"]]
        .drop_duplicates().shape[0]
    )  # fmt: skip
    if not same or run.predictions is None:
        return None
    return _Finished(cell=cell, predictions=run.predictions, choices=choices,
                     seconds=run.timings_s.get("evaluate", float("nan")), kept=True)  # fmt: skip


def _read_choices(path: Path) -> pd.DataFrame:
    """As written, to the last digit: a choice between cells may hang on it."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in ("repeat", "fold"):
        table[column] = table[column].map(int)
    table["inner_uar"] = table["inner_uar"].map(lambda text: float(text or "nan"))
    return table


def _nested(
    finished: list[_Finished], measured: _Measured, folder: Path
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Predictions of the cell that each fold would have chosen, and how often each was."""
    inner = pd.concat([one.choices.assign(cell=position)
                       for position, one in enumerate(finished)])  # fmt: skip
    # Cells without an inner figure (one setting only: the dummies) are chosen last; of equals the
    # first, so in the order of the table.
    best = best_inner(inner.sort_values("cell", kind="stable"))
    parts = []
    for position, rows in best.groupby("cell"):
        predictions = finished[int(str(position))].predictions
        wanted = rows[["repeat", "fold"]]
        parts.append(predictions.merge(wanted, on=["repeat", "fold"], validate="many_to_one"))
    predictions = pd.concat(parts, ignore_index=True)
    predictions = predictions.sort_values(["repeat", "clip_id"], ignore_index=True)
    predictions = check_predictions(predictions, list(measured.classes))
    times = best["cell"].value_counts()
    chosen = [{"cell": finished[int(str(position))].cell.name, "chosen": int(count)}
              for position, count in times.items()]  # fmt: skip
    settings = {"choice": "the cell with the best inner UAR in each training part",
                "cells": [one.cell.name for one in finished]}  # fmt: skip
    best = best[[*FOLD_COLUMNS[1:], "model", "feature_set", "params", "inner_uar"]]
    _write(folder, NESTED, settings, measured, predictions, best,
           sum(one.seconds for one in finished))  # fmt: skip
    return predictions, chosen


def _three(predictions: pd.DataFrame, measured: _Measured) -> dict[str, Any]:
    atoms = metrics.confusions(predictions, measured.manifest, measured.classes)
    level = measured.config.evaluation.level
    return {
        "uar": metrics.interval(atoms, metrics.uar, level=level).as_dict(),
        "macro_f1": metrics.interval(atoms, metrics.macro_f1, level=level).as_dict(),
        "accuracy": metrics.interval(atoms, metrics.accuracy, level=level).as_dict(),
    }


def _figures(measured: _Measured, nested: pd.DataFrame) -> dict[str, Any]:
    tested = measured.manifest[measured.manifest["clip_id"].isin(nested["clip_id"])]
    shares = tested["label"].value_counts(normalize=True)
    return {
        "chance": {"uar": 1 / len(measured.classes), "majority_accuracy": float(shares.max())},
        "nested": {"run": f"runs/{NESTED}", **_three(nested, measured)},
    }


def _results(finished: list[_Finished], measured: _Measured) -> dict[str, Any]:
    cells = [
        {
            "name": one.cell.name, "feature_set": one.cell.feature_set,
            "families": one.cell.families, "model": one.cell.model,
            "n_columns": len(one.cell.columns), "run": f"runs/{one.cell.name}",
            **_three(one.predictions, measured),
            "params": _params(one.choices),
            "timings_s": {"evaluate": one.seconds}, "kept": one.kept,
        }
        for one in finished
    ]  # fmt: skip
    best = max(cells, key=lambda cell: cell["uar"]["value"])
    return {"cells": cells, "best": {"name": best["name"], "uar": best["uar"],
                                     "chosen_after_the_fact": True}}  # fmt: skip


def _params(choices: pd.DataFrame) -> list[dict[str, Any]]:
    """The settings chosen inside the training folds, the most frequent first."""
    return [{"params": json.loads(str(text)), "chosen": int(count)}
            for text, count in choices["params"].value_counts().items()]  # fmt: skip


def _corpus_facts(corpus: Corpus, measured: _Measured) -> dict[str, Any]:
    manifest, plan = measured.manifest, measured.plan
    counts = manifest["label"].value_counts()
    return {
        "name": corpus.place, "kind": corpus.kind, "synthetic": corpus.synthetic,
        "n_clips": len(corpus.manifest), "n_used": len(manifest),
        "n_excluded": len(measured.excluded), "left_out": dict(corpus.left_out),
        "n_speakers": int(manifest["speaker"].nunique()) if "speaker" in manifest else None,
        "classes": {name: int(counts[name]) for name in measured.classes},
        "speaker_mode": plan.speaker_mode, "fold_plan": plan.kind,
        "n_repeats": int(plan.table["repeat"].nunique()),
        "n_folds": int(plan.table.loc[plan.table["fold"] >= 0, "fold"].nunique()),
        "hashes": hashes(manifest, plan.table),
    }  # fmt: skip
