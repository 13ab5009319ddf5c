"""Imported SSL runs and hidden states on the ladder: each rung's part of their diagnosis."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib import metrics
from acoustic_sib.config import Config
from acoustic_sib.corpus import Corpus
from acoustic_sib.errors import ConfigError
from acoustic_sib.ladder.registry import Stage
from acoustic_sib.ssl.case import Probed, Told, case_of, probe_states, read_told, states_alone
from acoustic_sib.ssl.diagnose import Case, diagnose, in_short, log_facts, overlap
from acoustic_sib.ssl.findings import diagnosis
from acoustic_sib.ssl.probe_clips import probe_clips
from acoustic_sib.ssl.run_signs import Answers
from acoustic_sib.ssl.states import read_states
from acoustic_sib.tables import plain

RUNG_OF = {
    "clip_ids": "sanity", "split": "sanity", "label_permutation": "sanity",
    "label_names": "sanity", "nothing_trains": "sanity", "sampling_rate": "padding_pooling",
    "padding_dominated": "padding_pooling", "batch_padding": "padding_pooling",
    "norm_mask_mismatch": "padding_pooling", "specaugment_short": "padding_pooling",
    "layer_choice": "layers_unfreezing", "backbone_lr": "layers_unfreezing",
    "head_underfit": "overfit", "collapse": "baseline", "prior_guessing": "baseline",
}  # fmt: skip
"""The rung on which each cause stands."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """A run, states, or both of one model, as named on the command line and read."""

    name: str
    told: Told | None
    states: Path | None


def read_given(
    runs: Sequence[Path], states: Sequence[Path], corpus: Corpus, config: Config
) -> list[Given]:
    """Runs with their states: as many of one as of the other belong together in their order; one
    folder of states serves all runs; states without runs stand alone.

    Raises ConfigError for other numbers, and RunError, StatesError or CorpusError for what cannot
    be read or is not of this corpus: now, and not after the ladder has been climbed.
    """
    for folder in states:
        probe_clips(read_states(folder), corpus.manifest)
    told = [read_told(run, corpus, config) for run in runs]
    for one in told:
        if one.predictions is not None:
            Answers(manifest=one.manifest, predictions=one.predictions, folds=one.folds).atoms()
    if not told:
        return [Given(name=folder.name, told=None, states=folder) for folder in states]
    if len(states) not in (0, 1, len(told)):
        raise ConfigError(f"--states: {len(states)} folders beside {len(told)} runs (--ssl); "
                          "expected none, one for all, or one for each in their order")  # fmt: skip
    folders = list(states) if len(states) == len(told) else [*states, None][:1] * len(told)
    return [Given(name=one.name, told=one, states=folder)
            for one, folder in zip(told, folders, strict=True)]  # fmt: skip


def imported_evidence(
    given: Sequence[Given], manifest: pd.DataFrame, quality: pd.DataFrame, folds: pd.DataFrame,
    baseline: pd.DataFrame, config: Config, *, jobs: int, stage: Stage,
) -> list[dict[str, Any]]:  # fmt: skip
    """What is known of each: `name findings says losses against probe run`."""
    told = []
    for one in given:
        run = one.told or states_alone(one.name, manifest, folds)
        states = None
        if one.states is not None:
            with stage(f"probing the states of {one.name}") as progress:
                states = probe_states(one.states, run, quality, config, jobs=jobs,
                                      progress=progress)  # fmt: skip
        case = case_of(run, quality, states=states, baseline=baseline,
                       level=config.evaluation.level)  # fmt: skip
        findings = diagnose(case)
        told.append({
            "name": one.name, "settings": run.settings, "run": _figures(case),
            "findings": diagnosis(findings)["findings"], "says": in_short(findings),
            "losses": log_facts(case), "against": plain(overlap(case)),
            "probe": plain(states.facts) if isinstance(states, Probed) else None,
        })  # fmt: skip
    return told


def _figures(case: Case) -> dict[str, Any] | None:
    """The run's own UAR and recalls, or its scores alone, marked unpaired."""
    if case.answers is None:
        return {"paired": False, **case.scores} if case.scores else None
    atoms = case.answers.atoms()
    recalls = {
        name: metrics.recall_interval(atoms, position, level=case.level).as_dict()
        for position, name in enumerate(atoms.classes)
    }
    return {"paired": True, "recall": recalls,
            "uar": metrics.interval(atoms, metrics.uar, level=case.level).as_dict()}  # fmt: skip


def onto_rungs(rungs: list[dict[str, Any]], evidence: Sequence[dict[str, Any]]) -> None:
    """Give each rung its part: under `ssl`, an entry a model with findings and figures."""
    by_name = {rung["rung"]: rung for rung in rungs}
    beyond_8k = {
        clip["clip_id"]
        for clip in by_name["layers_unfreezing"]["evidence"].get("above_8k_clips", ())
    }
    for rung in rungs:
        rung["ssl"] = [
            {"name": one["name"],
             "findings": [found for found in one["findings"]
                          if RUNG_OF[found["cause"]] == rung["rung"]],
             "evidence": _evidence(rung["rung"], one, beyond_8k)}
            for one in evidence
        ]  # fmt: skip


def _evidence(rung: str, one: dict[str, Any], beyond_8k: set[str]) -> dict[str, Any]:
    probe, run, against = one["probe"], one["run"], one["against"]
    found: dict[str, Any] = {}
    if rung == "overfit":
        found = dict(one["losses"])
    elif rung == "sanity":
        found = {key: one["settings"][key] for key in ("trained_parameters", "freeze")
                 if key in one["settings"]}  # fmt: skip
    elif rung == "padding_pooling" and probe is not None:
        layer = probe["best"]["layer"]
        found = {"layer": layer, "probe_cells": [
            {key: cell[key] for key in ("pooling", "frames", "uar")}
            for cell in probe["cells"] if cell["layer"] == layer]}  # fmt: skip
    elif rung == "layers_unfreezing":
        found = {} if probe is None else {"layer_curve": probe["layer_curve"]}
        found |= {key: one["settings"][key] for key in ("freeze", "layer", "learning_rate")
                  if key in one["settings"]}  # fmt: skip
    elif rung == "baseline":
        found = {"run": run, "against_baseline": against}
        if probe is not None:
            found["probe_uar"] = probe["best"]["uar"]
        if against is not None:
            found["heard_above_8_kHz_alone"] = sorted(
                beyond_8k & set(against["only_run_wrong_clips"])
            )
    elif rung == "weighting" and run is not None and run["paired"]:
        found = {"recall": run["recall"]}
    return found
