"""Saved runs of the same clips side by side: figures with intervals, and tests of every pair."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib import metrics, paired
from acoustic_sib.corpus import Corpus
from acoustic_sib.errors import CorpusError, RunError
from acoustic_sib.runs import Run, hashes
from acoustic_sib.tables import FOLD_COLUMNS, check_predictions, table_hash

SCHEMA = "acoustic-sib/compare@1"
SWAPS = 10_000


@dataclass(frozen=True, kw_only=True)
class _System:
    """A run with its name among the others and, where it has predictions, their confusions."""

    name: str
    run: Run
    atoms: metrics.Confusions | None
    joined: pd.DataFrame | None


def compare_runs(
    runs: Sequence[Run], corpus: Corpus, *, level: float = 0.95, swaps: int = SWAPS, seed: int = 0
) -> dict[str, Any]:
    """The contract's `compare.json` of at least two runs on the clips of `corpus`.

    Each pair gets the difference in UAR (first minus second) with a paired interval: the
    leave-one-speaker-out jackknife, widened for the folds, which keeps its level down to six
    speakers where the percentile bootstrap of speakers falls to .82 (see reports/), and needs no
    random numbers.
    `p_value` is that of the speaker-wise swap test; McNemar's test and, for repeated folds,
    Nadeau and Bengio's corrected t stand beside it. A run known only by its scores is shown,
    `paired` false, and not tested. Where runs have different numbers of repeats, those that all of
    them have are compared.

    Raises RunError where runs with predictions differ in clips or folds, or are not of this
    corpus.
    """
    if len(runs) < 2:
        raise RunError(f"compare: {len(runs)} run; expected at least two")
    names = unique_names(runs)
    runs = _on_common_repeats(runs)
    known = [(name, run) for name, run in zip(names, runs, strict=True)
             if run.predictions is not None]  # fmt: skip
    for name, run in known[1:]:
        _refuse_other_clips(known[0], (name, run))
    clips = _clips_of(known[0], corpus) if known else corpus.manifest
    classes = tuple(sorted(set(clips["label"])))
    systems = [_system(name, run, clips, classes) for name, run in zip(names, runs, strict=True)]
    pairs = [_pair(a, b, level, swaps, seed) for a, b in combinations(systems, 2)]
    tested = [pair for pair in pairs if pair["paired"]]
    if len(systems) > 2:
        adjusted = paired.holm([pair["p_value"] for pair in tested])
        for pair, p_value in zip(tested, adjusted, strict=True):
            pair["p_holm"] = p_value
    return {
        "schema": SCHEMA,
        "corpus": _corpus_facts(corpus, clips, classes, known[0][1] if known else None),
        "systems": [_system_facts(system, level) for system in systems],
        "pairs": pairs,
    }  # fmt: skip


def _on_common_repeats(runs: Sequence[Run]) -> list[Run]:
    """The runs on the repeats that all of them have, where some have more: a network is seldom
    trained as often as a baseline is drawn. Whether the plans then agree is still to be checked."""
    known = [run for run in runs if run.predictions is not None and run.folds is not None]
    repeats = [set(run.folds["repeat"]) for run in known if run.folds is not None]
    common = set.intersection(*repeats) if repeats else set()
    if not common or all(one == common for one in repeats):
        return list(runs)
    return [
        _restricted(run, common) if run.predictions is not None and run.folds is not None else run
        for run in runs
    ]


def _restricted(run: Run, repeats: set[int]) -> Run:
    assert run.predictions is not None
    assert run.folds is not None
    folds, predictions = (table[table["repeat"].isin(repeats)].reset_index(drop=True)
                          for table in (run.folds, run.predictions))  # fmt: skip
    return replace(run, folds=folds, predictions=predictions,
                   hashes={**run.hashes, "folds": table_hash(folds)})  # fmt: skip


def unique_names(runs: Sequence[Run]) -> list[str]:
    """Each run's name, with its folder where several have the same, and a number where the same
    folder is given twice."""
    names = [run.name for run in runs]
    wide = [name if names.count(name) == 1 else f"{name} ({run.folder.as_posix()})"
            for name, run in zip(names, runs, strict=True)]  # fmt: skip
    return [name if wide.count(name) == 1 else f"{name} #{wide[: k + 1].count(name)}"
            for k, name in enumerate(wide)]  # fmt: skip


def _refuse_other_clips(first: tuple[str, Run], second: tuple[str, Run]) -> None:
    """Raise RunError, saying what differs, unless both were tested on the same clips and folds."""
    (a, one), (b, two) = first, second
    for key, expected in (
        ("manifest", "the same clips, labels and speakers: run both on one corpus with one "
         "configuration"),
        ("folds", "one fold plan: run both with the same folds and seed, or train on the other's "
         "folds.csv"),
    ):  # fmt: skip
        left, right = one.hashes.get(key), two.hashes.get(key)
        if left is None or right is None:
            lacking = a if left is None else b
            raise RunError(f"compare: '{lacking}' does not say which {key} it was tested on (no "
                           f"hash in run.json); expected {expected}")  # fmt: skip
        if left != right:
            what = "corpus" if key == "manifest" else "fold plan"
            raise RunError(f"compare: '{a}' and '{b}' differ in their {what} "
                           f"({_what_differs(one, two, key)}); expected {expected}")  # fmt: skip
    if not _tested(one).equals(_tested(two)):
        raise RunError(f"compare: '{a}' and '{b}' predict different clips ({len(_tested(one))} and "
                       f"{len(_tested(two))} rows); expected the same ones")  # fmt: skip


def _tested(run: Run) -> pd.DataFrame:
    assert run.predictions is not None
    columns = list(FOLD_COLUMNS)
    return run.predictions[columns].sort_values(columns, ignore_index=True)


def _what_differs(one: Run, two: Run, key: str) -> str:
    left, right = (_plan(run) for run in (one, two))
    only = set(left["clip_id"]) ^ set(right["clip_id"])
    if only:
        return f"{len(only)} clips stand in one of them only, such as '{min(only)}'"
    if key == "manifest":
        return "the same clip ids, but other labels or speakers"
    repeats = left["repeat"].nunique(), right["repeat"].nunique()
    if repeats[0] != repeats[1]:
        return f"{repeats[0]} and {repeats[1]} repeats"
    both = left.merge(right, on=["clip_id", "repeat"], suffixes=("_a", "_b"))
    moved = int((both["fold_a"] != both["fold_b"]).sum())
    return f"{moved} of {len(both)} clips lie in another fold"


def _plan(run: Run) -> pd.DataFrame:
    """The run's fold plan, or that of the clips it predicted."""
    if run.folds is not None:
        return run.folds
    assert run.predictions is not None
    return run.predictions[list(FOLD_COLUMNS)]


def _clips_of(named: tuple[str, Run], corpus: Corpus) -> pd.DataFrame:
    """The rows of the manifest that the run was made on; raises RunError when they changed."""
    name, run = named
    manifest, place = corpus.manifest, corpus.place
    ids = set(_plan(run)["clip_id"])
    clips = manifest[manifest["clip_id"].isin(ids)].reset_index(drop=True)
    missing = ids - set(clips["clip_id"])
    if missing:
        raise RunError(
            f"{place}: {len(missing)} of the {len(ids)} clips of '{name}' are not in it, such as "
            f"'{min(missing)}'; expected the corpus that the run was made on"
        )
    if hashes(clips, _plan(run))["manifest"] != run.hashes.get("manifest"):
        raise RunError(
            f"{place}: it holds the clips of '{name}', but other labels or speakers; expected the "
            "corpus as it was when the run was made: were labels renamed in a configuration? "
            "(--config)"
        )
    return clips


def _system(name: str, run: Run, clips: pd.DataFrame, classes: tuple[str, ...]) -> _System:
    if run.predictions is None:
        return _System(name=name, run=run, atoms=None, joined=None)
    try:
        predictions = check_predictions(run.predictions, list(classes))
        atoms = metrics.confusions(predictions, clips, classes)
    except CorpusError as error:
        raise RunError(f"'{name}' ({run.folder}): {error}") from None
    truth = clips[["clip_id", "label"]]
    joined = predictions.merge(truth, on="clip_id", validate="many_to_one")
    joined = joined.sort_values(["repeat", "fold", "clip_id"], ignore_index=True)
    return _System(name=name, run=run, atoms=atoms, joined=joined)


def _system_facts(system: _System, level: float) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": system.name, "system": system.run.system,
                             "settings": system.run.settings,
                             "paired": system.atoms is not None}  # fmt: skip
    figures = (("uar", metrics.uar), ("macro_f1", metrics.macro_f1), ("accuracy", metrics.accuracy))
    for key, figure in figures:
        if system.atoms is not None:
            facts[key] = metrics.interval(system.atoms, figure, level=level).as_dict()
        else:
            facts[key] = _point(system.run.scores.get(key), level, system.run.scores)
    return facts


def _point(value: float | None, level: float, scores: dict[str, float]) -> dict[str, Any]:
    """A figure without its clips: no interval can be made."""
    n_clips = scores.get("n_clips")
    return {"value": value, "low": None, "high": None, "level": level, "unit": "clip",
            "n_clips": None if n_clips is None else round(n_clips), "n_speakers": None}  # fmt: skip


def _pair(a: _System, b: _System, level: float, swaps: int, seed: int) -> dict[str, Any]:
    names: dict[str, Any] = {"a": a.name, "b": b.name}
    if a.atoms is None or b.atoms is None or a.joined is None or b.joined is None:
        one, two = (_system_facts(system, level)["uar"]["value"] for system in (a, b))
        apart = None if one is None or two is None else one - two
        return {**names, "delta_uar": _point(apart, level, {}), "p_value": None, "paired": False}
    value, low, high = metrics.difference_interval(a.atoms, b.atoms, metrics.uar, level=level)
    known = metrics.interval(a.atoms, metrics.uar, level=level)
    swap = paired.swap_test(contributions(a.atoms, b.atoms), n=swaps, seed=seed)
    return {
        **names,
        "delta_uar": {**known.as_dict(), "value": value, "low": low, "high": high},
        "p_value": swap.p_value, "paired": True,
        "swap": {"n": swap.n, "exact": swap.exact, "smallest_p": swap.smallest_p,
                 "unit": a.atoms.unit},
        "mcnemar": _mcnemar(a.joined, b.joined),
        "corrected_t": _corrected_t(a.joined, b.joined, a.run, level),
    }  # fmt: skip


def contributions(a: metrics.Confusions, b: metrics.Confusions) -> NDArray[np.float64]:
    """What each unit adds to UAR(a) - UAR(b): its right clips over the class's clips, averaged."""
    support = a.total.sum(axis=1)
    right = [np.diagonal(one.counts, axis1=1, axis2=2) for one in (a, b)]
    added: NDArray[np.float64] = ((right[0] - right[1]) / support).mean(axis=1)
    return added


def _mcnemar(a: pd.DataFrame, b: pd.DataFrame) -> dict[str, Any]:
    """On the first repeat: the test knows one prediction a clip."""
    first = a["repeat"].min()
    one, two = (table[table["repeat"] == first] for table in (a, b))
    right = [(table["predicted"] == table["label"]).to_numpy(dtype=bool) for table in (one, two)]
    return {**asdict(paired.mcnemar(*right)), "n_clips": len(one), "repeat": int(first)}


def _corrected_t(a: pd.DataFrame, b: pd.DataFrame, run: Run, level: float) -> dict[str, Any] | None:
    """Over the folds of all repeats; None with one repeat, or without a plan that tells how many
    clips each fold was trained on."""
    if a["repeat"].nunique() < 2 or run.folds is None:
        return None
    return fold_wise_t(a, b, n_clips=run.folds["clip_id"].nunique(), level=level)


def fold_wise_t(
    a: pd.DataFrame, b: pd.DataFrame, *, n_clips: int, level: float = 0.95
) -> dict[str, Any]:
    """Nadeau and Bengio's corrected t on UAR(a) - UAR(b) over the folds of all repeats.

    `a`, `b`: predictions of the same clips with their `label`; `n_clips` those of a fold plan, of
    which each fold trains on all that it does not test.
    """
    apart: NDArray[np.float64] = np.asarray(_fold_uars(a) - _fold_uars(b), dtype=np.float64)
    n_test = a.groupby(["repeat", "fold"]).size().to_numpy(dtype=float)
    ratio = float(np.mean(n_test / (n_clips - n_test)))
    test = paired.corrected_t(apart, ratio, level=level)
    return {**asdict(test), "n_folds": len(apart), "n_repeats": int(a["repeat"].nunique()),
            "test_train_ratio": ratio}  # fmt: skip


def _fold_uars(joined: pd.DataFrame) -> "pd.Series[float]":
    """Mean recall of each fold over the classes that it tests."""
    right = (joined["predicted"] == joined["label"]).astype(float)
    recalls = right.groupby([joined["repeat"], joined["fold"], joined["label"]]).mean()
    return recalls.groupby(level=["repeat", "fold"]).mean()


def _corpus_facts(
    corpus: Corpus, clips: pd.DataFrame, classes: tuple[str, ...], run: Run | None
) -> dict[str, Any]:
    counts = clips["label"].value_counts()
    return {
        "name": corpus.place, "synthetic": corpus.synthetic, "n_clips": len(clips),
        "n_speakers": int(clips["speaker"].nunique()) if "speaker" in clips else None,
        "classes": {name: int(counts[name]) for name in classes},
        "speaker_mode": speaker_mode(clips, None if run is None else _plan(run)),
        "chance": 1 / len(classes),
    }  # fmt: skip


def speaker_mode(clips: pd.DataFrame, folds: pd.DataFrame | None) -> str:
    """'held_out' when no speaker stands in two folds of a repeat, else 'unknown'."""
    if "speaker" not in clips.columns or folds is None:
        return "unknown"
    placed = folds.merge(clips[["clip_id", "speaker"]], on="clip_id", validate="many_to_one")
    crossing = placed.groupby(["repeat", "speaker"])["fold"].nunique() > 1
    return "unknown" if crossing.any() else "held_out"
