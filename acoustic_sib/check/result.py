"""The contract's `result.json` of a check, from its tables."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from acoustic_sib import metrics
from acoustic_sib.check.leaks import leaked_share
from acoustic_sib.check.shown import band_energies, speaker_errors
from acoustic_sib.check.usable import listed
from acoustic_sib.config import Config
from acoustic_sib.corpus import Corpus
from acoustic_sib.evaluate import Evaluation
from acoustic_sib.extract import Problem
from acoustic_sib.features import Recipe
from acoustic_sib.folds import FoldPlan
from acoustic_sib.ladder.verdict import decide
from acoustic_sib.report.spectra import AverageSpectra
from acoustic_sib.significance import PermutationTest

SCHEMA = "acoustic-sib/check@1"


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The usable clips and what was measured of them."""

    manifest: pd.DataFrame
    quality: pd.DataFrame
    features: pd.DataFrame
    spectra: AverageSpectra
    excluded: list[Problem]
    config: Config
    recipe: Recipe
    n_cached: int


def result_of(
    corpus: Corpus, heard: Heard, plan: FoldPlan, classes: tuple[str, ...],
    runs: dict[str, Evaluation], tests: dict[str, PermutationTest],
    findings: dict[str, Any], nuisance: pd.DataFrame, notes: list[str],
) -> dict[str, Any]:  # fmt: skip
    """All of result.json but what is made from it: suspects, controls, ladder, timings."""
    manifest, config = heard.manifest, heard.config
    level = config.evaluation.level
    atoms = {name: metrics.confusions(run.predictions, manifest, classes)
             for name, run in runs.items()}  # fmt: skip
    uars = {name: metrics.interval(one, metrics.uar, level=level) for name, one in atoms.items()}
    chance = 1 / len(classes)
    verdict = decide(
        uar=uars["baseline"], chance=chance, test=tests["baseline"], nuisance=uars.get("nuisance"),
        nuisance_test=tests.get("nuisance"), speaker_mode=plan.speaker_mode,
        settings=config.evaluation,
        leaked=leaked_share(findings["tables"]["duplicates"], plan.table, manifest),
    )  # fmt: skip
    counts = manifest["label"].value_counts()
    tested = atoms["baseline"].total.sum(axis=1)
    nuisance_uar = uars.get("nuisance")
    return {
        "schema": SCHEMA, "verdict": verdict.verdict, "reason": verdict.reason,
        "corpus": _corpus_facts(corpus, heard, plan, counts),
        "baseline": _baseline(runs["baseline"], atoms["baseline"], manifest, config),
        "models": [{"model": name, "uar": uars[name].as_dict()}
                   for name in ("majority", "prior", "uniform")],
        "chance": {
            "uar": chance, "majority_accuracy": float(tested.max() / tested.sum()),
            "permutation": _test_facts(tests["baseline"]),
        },
        "shortcuts": {"uar": None if nuisance_uar is None else nuisance_uar.as_dict(),
                      "columns": list(nuisance.columns),
                      "permutation": _test_facts(tests["nuisance"]) if "nuisance" in tests
                      else None,
                      "difference": _difference(atoms, level)},
        "bands": band_energies(heard.features, manifest, classes),
        "ladder": [],
        "excluded": listed(heard.excluded),
        "audit": findings,
        "notes": notes,
    }  # fmt: skip


def _difference(atoms: dict[str, metrics.Confusions], level: float) -> dict[str, float] | None:
    """How much UAR the sound adds to the nuisance columns, on the same clips."""
    if "nuisance" not in atoms:
        return None
    value, low, high = metrics.difference_interval(
        atoms["baseline"], atoms["nuisance"], metrics.uar, level=level
    )
    return {"value": value, "low": low, "high": high, "level": level}


def _test_facts(test: PermutationTest) -> dict[str, Any]:
    return {
        "p_value": test.p_value, "n": test.n, "unit": test.unit, "smallest_p": test.smallest_p,
        "statistic": test.statistic, "null_mean": test.null_mean, "null_sd": test.null_sd,
    }  # fmt: skip


def _corpus_facts(
    corpus: Corpus, heard: Heard, plan: FoldPlan, counts: pd.Series
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
        "speakers": speaker_errors(atoms),
    }  # fmt: skip
