"""From foreign results to a saved run: matched to the corpus, named in its classes, on a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib.compare import speaker_mode
from acoustic_sib.config import Config, to_yaml
from acoustic_sib.corpus import Corpus
from acoustic_sib.errors import ConfigError, RunError
from acoustic_sib.runs import write_run
from acoustic_sib.ssl.clip_ids import read_ids
from acoustic_sib.ssl.fixed_plan import FixedPlan, fixed_plan
from acoustic_sib.ssl.foreign import Foreign, Said
from acoustic_sib.ssl.importers import importer_for
from acoustic_sib.ssl.matching import Matches, match_by_order, match_clips
from acoustic_sib.ssl.outcome import Outcome, outcome_of, refuse_other_count
from acoustic_sib.ssl.settings import tells_settings, trainer_files, with_settings
from acoustic_sib.ssl.table_text import read_plan
from acoustic_sib.tables import (
    ONLY_TRAINED_ON,
    check_predictions,
    probability_columns,
    write_csv,
    write_json,
)

SCHEMA = "acoustic-sib/ssl-import@1"
SYSTEM = "ssl"
HISTORY = "history.csv"
FACTS = "import.json"
SOURCE_COPIES = "source"
AXES = ("model", "freeze", "layer", "pooling", "padding", "learning_rate", "epochs", "seed")
"""The settings by which runs are told apart; each is found in the files or else named missing."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the user says of a source beyond its files: each wins over what the files tell."""

    format_name: str | None = None
    ids: Path | None = None
    by_order: bool = False
    classes: tuple[str, ...] | None = None
    folds: Path | None = None
    settings_folder: Path | None = None
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A foreign system as a run. `predictions` and `folds` are None for one known by its `scores`;
    `facts` are the JSON of `import.json`; `manifest` holds the clips of the plan."""

    manifest: pd.DataFrame
    predictions: pd.DataFrame | None
    folds: pd.DataFrame | None
    scores: dict[str, float]
    settings: dict[str, Any]
    history: pd.DataFrame | None
    kept: tuple[Path, ...]
    facts: dict[str, Any]


def import_results(source: Path, corpus: Corpus, config: Config, asked: Asked) -> Imported:
    """Read `source` and hold it against the corpus.

    Raises RunError, CorpusError or ConfigError with the one thing to mend.
    """
    importer = importer_for(source, format_name=asked.format_name)
    found = importer.read(source)
    folder = asked.settings_folder
    if folder is not None and not folder.is_dir():
        raise ConfigError(f"--settings {folder}: no such folder; expected one with config.json or "
                          "trainer_state.json")  # fmt: skip
    if folder is None and source.is_file() and tells_settings(source.parent):
        folder = source.parent
    if folder is not None:
        found = with_settings(found, trainer_files(folder))
    found = replace(found, settings={**found.settings, **asked.settings})
    facts = {"schema": SCHEMA, "source": source.as_posix(), "format": importer.format,
             "missing_settings": [name for name in AXES if name not in found.settings]}  # fmt: skip
    if found.said is None:
        return _scores_alone(found, facts, corpus.manifest)
    return _predicted(found, found.said, facts, corpus, config, asked)


def _scores_alone(found: Foreign, facts: dict[str, Any], manifest: pd.DataFrame) -> Imported:
    return Imported(
        manifest=manifest, predictions=None, folds=None, scores=found.scores,
        settings=found.settings, history=found.history, kept=found.kept,
        facts={**facts, "paired": False, "notes": list(found.notes)},
    )  # fmt: skip


def _predicted(
    found: Foreign, said: Said, facts: dict[str, Any], corpus: Corpus, config: Config, asked: Asked
) -> Imported:
    manifest = corpus.manifest
    plan_given = None if asked.folds is None else read_plan(asked.folds)
    if plan_given is not None:
        manifest = _clips_of_plan(plan_given, manifest, asked)
    classes = sorted(set(manifest["label"]))
    refuse_other_count(said, classes)
    matches = _matched(said, manifest, plan_given, asked)
    label_of = dict(zip(manifest["clip_id"], manifest["label"], strict=True))
    labels = [None if clip_id is None else label_of[clip_id] for clip_id in matches.clip_ids]
    said, labels, clip_ids = _known_rows(said, labels, matches.clip_ids)
    outcome = outcome_of(said, labels, classes, order=asked.classes or found.order,
                         rename=config.corpus.labels)  # fmt: skip
    table = _outcome_table(outcome)
    plan = fixed_plan(said, clip_ids, table, manifest, given=plan_given)
    keys = plan.tested[["clip_id", "repeat", "fold"]]
    rows = table.iloc[plan.tested["row"].to_numpy()].reset_index(drop=True)
    predictions = check_predictions(pd.concat([keys, rows], axis=1), list(outcome.classes))
    facts |= _matching_facts(matches, outcome, plan, manifest)
    facts["notes"] = [*found.notes, *outcome.notes, *plan.notes]
    return Imported(
        manifest=manifest, predictions=predictions, folds=plan.folds, scores=found.scores,
        settings=found.settings, history=found.history, kept=found.kept, facts=facts,
    )  # fmt: skip


def _clips_of_plan(plan: pd.DataFrame, manifest: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """The clips that the plan knows: a check leaves unusable ones out of its plan."""
    known = manifest[manifest["clip_id"].isin(set(plan["clip_id"]))].reset_index(drop=True)
    n_plan = plan["clip_id"].nunique()
    if len(known) < n_plan:
        raise RunError(f"{asked.folds}: {n_plan - len(known)} of its {n_plan} clips are not in the "
                       "corpus; expected a plan made for it")  # fmt: skip
    return known


def _matched(
    said: Said, manifest: pd.DataFrame, plan: pd.DataFrame | None, asked: Asked
) -> Matches:
    if asked.by_order:
        if asked.ids is not None:
            raise ConfigError("--by-order with --ids; expected one of them")
        return match_by_order(said, _in_order(len(said.places), manifest, plan))
    ids = None if asked.ids is None else list(read_ids(asked.ids).ids)
    return match_clips(said, manifest, ids=ids)


def _in_order(n_rows: int, manifest: pd.DataFrame, plan: pd.DataFrame | None) -> list[str]:
    """All clips of the corpus or, where their number fits instead, those tested."""
    clip_ids = [str(clip_id) for clip_id in manifest["clip_id"]]
    if plan is None and "fold" in manifest.columns:
        plan = manifest
    if n_rows == len(clip_ids) or plan is None:
        return clip_ids
    tested = set(plan.loc[plan["fold"].astype(int) != ONLY_TRAINED_ON, "clip_id"])
    chosen = [clip_id for clip_id in clip_ids if clip_id in tested]
    return chosen if len(chosen) == n_rows else clip_ids


def _known_rows(
    said: Said, labels: Sequence[str | None], clip_ids: Sequence[str | None]
) -> tuple[Said, list[str | None], list[str | None]]:
    """Only the rows of clips in the corpus: what was said of others is nobody's business here."""
    kept = [row for row, clip_id in enumerate(clip_ids) if clip_id is not None]
    if len(kept) == len(clip_ids):
        return said, list(labels), list(clip_ids)
    chosen: dict[str, Any] = {
        name: [column[row] for row in kept]
        for name in ("places", "clips", "paths", "predicted", "true", "repeats", "folds", "splits")
        if (column := getattr(said, name)) is not None
    }
    if said.outputs is not None:
        chosen["outputs"] = said.outputs[kept]
    return replace(said, **chosen), [labels[row] for row in kept], [clip_ids[row] for row in kept]


def _outcome_table(outcome: Outcome) -> pd.DataFrame:
    table = pd.DataFrame({"predicted": outcome.predicted})
    if outcome.probabilities is None:
        return table
    columns = probability_columns(list(outcome.classes))
    return pd.concat([table, pd.DataFrame(outcome.probabilities, columns=columns)], axis=1)


def _matching_facts(
    matches: Matches, outcome: Outcome, plan: FixedPlan, manifest: pd.DataFrame
) -> dict[str, Any]:
    """How rows became predictions; `missing` are the corpus's clips without one."""
    predicted = set(plan.tested["clip_id"])
    missing = [clip_id for clip_id in manifest["clip_id"] if clip_id not in predicted]
    return {
        "paired": True,
        "n_rows": len(matches.clip_ids),
        "matched_by": matches.by,
        "n_tested": len(plan.tested),
        "n_missing": len(missing), "missing": missing,
        "n_extra": len(matches.extra), "extra": matches.extra,
        "n_duplicates": len(plan.duplicates), "duplicates": plan.duplicates,
        "labels": outcome.labels,
        "folds_from": plan.source,
        "n_folds": int(plan.tested["fold"].nunique()),
        "n_repeats": int(plan.tested["repeat"].nunique()),
        "speaker_mode": speaker_mode(manifest, plan.folds),
    }  # fmt: skip


def refuse_other_folder(folder: Path) -> None:
    """Raise ConfigError where `folder` holds anything but an earlier import: it is written over."""
    if folder.is_file():
        raise ConfigError(f"--out {folder}: a file; expected a folder for the run")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FACTS).is_file():
        raise ConfigError(f"--out {folder}: holds something else than an imported run; expected a "
                          "new folder, or an earlier import to replace")  # fmt: skip


def write_imported(
    imported: Imported, folder: Path, *, name: str, config: Config, seconds: float
) -> None:
    """Write the run, `import.json`, `history.csv` and copies of the settings files in `source/`."""
    refuse_other_folder(folder)
    write_json(imported.facts, folder / FACTS)
    for stale in (folder / HISTORY, *(folder / SOURCE_COPIES).glob("*")):
        stale.unlink(missing_ok=True)
    for path in imported.kept:
        copy = folder / SOURCE_COPIES / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    if imported.history is not None:
        write_csv(imported.history, folder / HISTORY)
    write_run(
        folder, name=name, system=SYSTEM, settings=imported.settings, config_yaml=to_yaml(config),
        manifest=imported.manifest, folds=imported.folds, predictions=imported.predictions,
        features=None, scores=imported.scores, timings_s={"import": seconds},
    )  # fmt: skip
