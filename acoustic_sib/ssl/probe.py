"""Do hidden states carry the labels, and where? Standardised linear probes of every layer, pooling
and choice of frames, on the folds of the acoustic baseline.

The best cell of a table is chosen after the fact and is therefore optimistic; the figure to report
is the nested one: in each fold the cell that was best inside its training part predicts the fold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from acoustic_sib import metrics
from acoustic_sib.evaluate import fold_tasks, speaker_codes
from acoustic_sib.significance import exchangeable, permuted, scores_of_relabellings, smallest_p
from acoustic_sib.ssl.linear_probe import FoldSplit, Probed, splits_of
from acoustic_sib.ssl.probe_cells import Cell, Grid, grid_of
from acoustic_sib.ssl.probe_clips import ProbeClips
from acoustic_sib.ssl.probe_joined import beside_features, chosen_cells
from acoustic_sib.ssl.probe_task import Codes, Energies, Floats, ProbeSettings, Task, vectors
from acoustic_sib.ssl.states import States

SCHEMA = "acoustic-sib/probe@1"
_RNG = 41

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """The content of `probe.json`, and out-of-fold predictions by name: `nested` always, `with
    acoustic` and `acoustic` where features were given."""

    result: dict[str, Any]
    predictions: dict[str, pd.DataFrame]
    choices: pd.DataFrame


def probe(
    states: States, clips: ProbeClips, folds: pd.DataFrame, *, energies: Energies | None = None,
    features: pd.DataFrame | None = None, settings: ProbeSettings | None = None, seed: int = 0,
    jobs: int = 1, progress: Progress | None = None,
) -> Probe:  # fmt: skip
    """Probe every cell of layer x pooling x frames on the clips of `clips`.

    `folds` is the plan of the acoustic baseline for the same clips. `energies`: frame energies by
    a clip's number in the states, where the sound is at hand. `features`: the acoustic table,
    indexed by clip id, to be set beside the states. The same seed gives the same numbers for any
    `jobs`. Raises StatesError where a clip's states are not finite.
    """
    settings = settings or ProbeSettings()
    manifest = clips.manifest
    classes = tuple(sorted(set(manifest["label"])))
    codes = np.searchsorted(np.array(classes), manifest["label"].to_numpy(dtype=str))
    splits = splits_of(fold_tasks(folds, manifest), codes, speaker_codes(manifest),
                       n_splits=settings.inner_splits, seed=seed)  # fmt: skip
    grid = grid_of(
        states, clips.numbers, clips.n_valid, with_energies=energies is not None,
        layers=settings.layers, poolings=settings.poolings, frames=settings.frames,
    )  # fmt: skip
    task = Task(clips=clips, classes=classes, codes=codes, splits=splits, settings=settings)
    relabelled = _relabellings(task, seed)
    first_folds = _first_repeat(splits, len(manifest))
    results = joblib.Parallel(n_jobs=min(jobs, len(grid.cells)), return_as="generator")(
        joblib.delayed(_probe_cell)(states, cell, grid, task, energies, relabelled, first_folds)
        for cell in grid.cells
    )
    found: list[Probed] = []
    scores: list[Floats] = []
    for done, (one, relabelled_uars) in enumerate(results, start=1):
        found.append(one)
        scores.append(relabelled_uars)
        if progress is not None:
            progress(done, len(grid.cells))
    made = _probe_of(states, grid, task, found, np.array(scores))
    if features is None:
        return made
    joined = beside_features(states, grid, task, found, features, energies)
    return Probe(
        result={**made.result, "with_acoustic": joined.facts}, choices=made.choices,
        predictions={**made.predictions, **joined.predictions},
    )  # fmt: skip


def _relabellings(task: Task, seed: int) -> NDArray[np.int8]:
    """The true labels, then permuted ones that keep the design: (1 + n, clips)."""
    manifest = task.clips.manifest
    speakers = manifest["speaker"].to_numpy(dtype=str) if "speaker" in manifest else None
    design = exchangeable(task.codes, speakers)
    drawn = permuted(design, task.codes, task.settings.permutations,
                     np.random.default_rng([seed, _RNG]))  # fmt: skip
    return np.concatenate([task.codes[None], drawn]).astype(np.int8)


def _first_repeat(splits: Sequence[FoldSplit], n_clips: int) -> Codes:
    folds = np.full(n_clips, -1, dtype=np.int64)
    for split in splits:
        if split.task.repeat == splits[0].task.repeat:
            folds[split.task.test] = split.task.fold
    return folds


def _probe_cell(
    states: States, cell: Cell, grid: Grid, task: Task, energies: Energies | None,
    relabelled: NDArray[np.int8], folds: Codes,
) -> tuple[Probed, Floats]:  # fmt: skip
    table = vectors(states, task.clips, cell, grid, energies)
    with threadpool_limits(limits=1):
        scores = scores_of_relabellings(table.astype(np.float64), relabelled, folds)
    return task.probed(table), scores


def _probe_of(states: States, grid: Grid, task: Task, found: list[Probed], scores: Floats) -> Probe:
    inner = np.array([one.inner_uar for one in found])
    best = chosen_cells(found)
    predictions = {"nested": task.predictions(
        [found[cell].probabilities[fold] for fold, cell in enumerate(best)])}  # fmt: skip
    times = np.bincount(best, minlength=len(found))
    cells = [
        {**cell.facts(), "n_columns": states.dim * (2 if cell.pooling == "mean_sd" else 1),
         "uar": task.uar(task.predictions(one.probabilities)).as_dict(),
         "chosen": int(n), "inner_uar": float(one.inner_uar.mean()),
         "strengths": sorted(set(one.strengths.tolist()))}
        for cell, one, n in zip(grid.cells, found, times, strict=True)
    ]  # fmt: skip
    result = {
        "schema": SCHEMA, "model": states.meta.get("model"),
        "chance": 1 / len(task.classes),
        "cells": cells,
        "best": _best(grid, cells, best, task, predictions["nested"], scores),
        "layer_curve": _layer_curve(grid, task, found, inner),
        "grid": {"layers": list(dict.fromkeys(cell.layer for cell in grid.cells)),
                 "poolings": list(dict.fromkeys(cell.pooling for cell in grid.cells)),
                 "frames": list(grid.counts), "left_out": list(grid.left_out)},
        "states": _states_facts(states, task.clips),
        "with_acoustic": None,
        "probe": {"model": "logistic", "strengths": list(task.settings.strengths),
                  "penalty": "C = strength / columns, chosen inside the training folds",
                  "class_weight": task.settings.class_weight,
                  "inner_splits": task.settings.inner_splits},
        "notes": list(task.clips.notes),
    }  # fmt: skip
    return Probe(result=result, predictions=predictions,
                 choices=_choices(grid, task, found, best))  # fmt: skip


def _best(
    grid: Grid, cells: list[dict[str, Any]], best: Codes, task: Task, nested: pd.DataFrame,
    scores: Floats,
) -> dict[str, Any]:  # fmt: skip
    """The nested choice: its figures, how often each cell was chosen, and the test of the best."""
    times = np.bincount(best, minlength=len(cells))
    most = int(times.argmax())
    after = max(range(len(cells)), key=lambda k: cells[k]["uar"]["value"])
    atoms = task.atoms(nested)
    level = task.settings.level
    return {
        **grid.cells[most].facts(),
        "uar": metrics.interval(atoms, metrics.uar, level=level).as_dict(),
        "macro_f1": metrics.interval(atoms, metrics.macro_f1, level=level).as_dict(),
        "accuracy": metrics.interval(atoms, metrics.accuracy, level=level).as_dict(),
        "recall": {name: metrics.recall_interval(atoms, k, level=level).as_dict()
                   for k, name in enumerate(task.classes)},
        "confusion": {"labels": list(task.classes), "counts": atoms.total.tolist()},
        "n_folds": len(best),
        "chosen": [{**grid.cells[k].facts(), "times": int(times[k])}
                   for k in np.argsort(-times, kind="stable") if times[k]],
        "after_the_fact": {**grid.cells[after].facts(), "uar": cells[after]["uar"]},
        "permutation": _permutation(task, scores),
    }  # fmt: skip


def _permutation(task: Task, scores: Floats) -> dict[str, Any]:
    """The best cell under the true labels against the best cell under each relabelling."""
    manifest = task.clips.manifest
    speakers = manifest["speaker"].to_numpy(dtype=str) if "speaker" in manifest else None
    design = exchangeable(task.codes, speakers)
    largest = scores.max(axis=0)
    statistic, null = float(largest[0]), largest[1:]
    reached = int(np.sum(null >= statistic - 1e-12))
    return {
        "p_value": (1 + reached) / (1 + len(null)), "n": len(null), "unit": design.unit,
        "smallest_p": smallest_p(design, task.codes, len(null)), "statistic": statistic,
        "null_mean": float(null.mean()), "null_sd": float(null.std(ddof=1)),
        "n_cells": len(scores),
    }  # fmt: skip


def _layer_curve(
    grid: Grid, task: Task, found: list[Probed], inner: Floats
) -> list[dict[str, Any]]:
    """Each layer's UAR with pooling and frames chosen inside the training folds."""
    curve = []
    for layer in dict.fromkeys(cell.layer for cell in grid.cells):
        own = [k for k, cell in enumerate(grid.cells) if cell.layer == layer]
        best = inner[own].argmax(axis=0)
        table = task.predictions(
            [found[own[cell]].probabilities[fold] for fold, cell in enumerate(best)]
        )
        curve.append({"layer": layer, "uar": task.uar(table).as_dict()})
    return curve


def _states_facts(states: States, clips: ProbeClips) -> dict[str, Any]:
    frames = states.n_frames[clips.numbers]
    valid = clips.n_valid
    return {
        "folder": states.folder.as_posix(), "n_layers": states.n_layers, "dim": states.dim,
        "pooled": states.is_pooled, "frames": [int(frames.min()), int(frames.max())],
        "valid_share": None if valid is None else float(np.mean(valid / frames)),
        "missing": list(clips.missing), "extra": list(clips.extra),
    }  # fmt: skip


def _choices(grid: Grid, task: Task, found: list[Probed], best: Codes) -> pd.DataFrame:
    return pd.DataFrame([
        {"repeat": split.task.repeat, "fold": split.task.fold, **grid.cells[cell].facts(),
         "strength": found[cell].strengths[fold], "inner_uar": found[cell].inner_uar[fold]}
        for fold, (split, cell) in enumerate(zip(task.splits, best, strict=True))
    ])  # fmt: skip
