"""The ladder: one file a rung in this package, found by scanning it, climbed in one order.

A rung is a function `rung(climb: Climb) -> Found` under `@rung("name", question="...?")`. It looks
at what the check has measured, measures what else it needs on the same folds, and answers its
question with pass, warn, fail or skipped. Whatever it raises is a mistake of the user's
(`UserError`) or a bug: neither is turned into an answer.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

import acoustic_sib.ladder as package
from acoustic_sib.config import Config
from acoustic_sib.errors import ConfigError, nearest
from acoustic_sib.evaluate import Candidate, Evaluation, Progress
from acoustic_sib.extract import Work
from acoustic_sib.features import Recipe
from acoustic_sib.tables import plain

RUNGS = ("overfit", "sanity", "padding_pooling", "layers_unfreezing", "baseline", "weighting")
"""The order in which a model that does not learn is to be debugged."""

NO_RUNGS = frozenset({
    "controls", "exchanged", "forecast", "groups", "importance", "learning_curve",
    "measure_sets", "model_cells", "over_folds", "registry", "shortcuts", "suspects", "verdict",
})  # fmt: skip
"""Modules of this package that the scan leaves out: they hold no rung."""

Status = Literal["pass", "warn", "fail", "skipped"]
Stage = Callable[[str], AbstractContextManager[Progress | None]]
Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Climb:
    """What every rung is given: the check so far.

    `features` are the usable clips' as the baseline saw them, indexed by clip id; `quality` what
    each sound is like, likewise; `manifest` and `folds` as in tables.py; `column_sets` the feature
    sets that the baseline could choose from; `baseline` its predictions and candidates; `result`
    what stands in result.json apart from the ladder (corpus facts, baseline, chance, shortcuts,
    audit, verdict). `recipe` says how the features were measured and `cache` where measured clips
    are kept, for rungs that measure the clips once more.
    """

    features: pd.DataFrame
    quality: pd.DataFrame
    manifest: pd.DataFrame
    folds: pd.DataFrame
    column_sets: Mapping[str, list[str]]
    baseline: Evaluation
    result: Mapping[str, Any]
    config: Config
    recipe: Recipe
    cache: Path | None
    jobs: int
    stage: Stage

    def work(self, progress: Progress | None) -> Work:
        """How clips are measured on a rung."""
        return Work(jobs=self.jobs, cache=self.cache, progress=progress)

    @property
    def chosen(self) -> Candidate:
        """The candidate that most training folds chose for the baseline."""
        most = self.baseline.candidates[0]
        return Candidate(
            model=most["model"], feature_set=most["feature_set"], settings=most["params"]
        )

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.manifest["label"])))


@dataclass(frozen=True, kw_only=True)
class Found:
    """A rung's answer. `evidence` holds plain values, intervals as dicts and tables as lists of
    row dicts; `tables` are written beside the report as `<name>.csv`."""

    status: Status
    says: str
    next: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


Climber = Callable[[Climb], Found]


@dataclass(frozen=True, kw_only=True)
class Rung:
    name: str
    question: str
    climb: Climber


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The rungs in their order as in result.json, and the tables that they leave."""

    rungs: list[dict[str, Any]]
    tables: dict[str, pd.DataFrame]


_found: dict[str, Rung] = {}


def rung(name: str, *, question: str) -> Callable[[Climber], Climber]:
    """Register a function as the rung `name`; returns the function unchanged."""
    if name not in RUNGS:
        raise TypeError(f"rung '{name}' is none of the ladder's: {', '.join(RUNGS)}")

    def register(function: Climber) -> Climber:
        _found[name] = Rung(name=name, question=question, climb=function)
        return function

    return register


def skipped(reason: str) -> Found:
    """The answer of a rung that cannot be climbed on this corpus."""
    return Found(status="skipped", says=reason)


@cache
def rungs() -> dict[str, Rung]:
    """All built rungs by name, in the ladder's order."""
    for module in pkgutil.iter_modules(package.__path__):
        if module.name not in NO_RUNGS:
            importlib.import_module(f"{package.__name__}.{module.name}")
    return {name: _found[name] for name in RUNGS if name in _found}


def check_rung_names(names: Sequence[str]) -> None:
    """Raises ConfigError for a name that is no rung."""
    for name in names:
        if name not in RUNGS:
            raise ConfigError(f"ladder.rungs: unknown rung '{name}'; {nearest(name, RUNGS)}")


def climb_ladder(
    climb: Climb, *, finished: Callable[[list[dict[str, Any]]], None] | None = None
) -> Ladder:
    """Climb the rungs that the settings name; the others are skipped and say so.

    `finished` is called after each rung with all answers so far, so that they outlive an
    exception in a later rung.
    """
    wanted = climb.config.ladder.rungs
    check_rung_names(wanted)
    answers: list[dict[str, Any]] = []
    tables: dict[str, pd.DataFrame] = {}
    for name in RUNGS:
        question, found = _answer(name, climb, name in wanted)
        answers.append({
            "rung": name, "question": question, "status": found.status, "says": found.says,
            "next": found.next, "evidence": plain(found.evidence),
        })  # fmt: skip
        tables |= found.tables
        if finished is not None:
            finished(answers)
    return Ladder(rungs=answers, tables=tables)


def _answer(name: str, climb: Climb, wanted: bool) -> tuple[str, Found]:
    built = rungs()[name]
    if not wanted:
        return built.question, skipped("not among the rungs asked for (ladder.rungs)")
    return built.question, built.climb(climb)
