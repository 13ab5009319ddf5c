"""From a measured corpus to a bundle: a linear model, calibrated for speakers it has not heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Literal

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from acoustic_sib.config import Config
from acoustic_sib.errors import BundleError, ConfigError
from acoustic_sib.evaluate import fold_tasks
from acoustic_sib.features.recipe import Recipe
from acoustic_sib.folds import FoldPlan, plan_folds
from acoustic_sib.runs import versions
from acoustic_sib.screen.affine import softmax
from acoustic_sib.screen.bundle import Bundle
from acoustic_sib.screen.card import card_text, prevalence
from acoustic_sib.screen.conformal import fewest_speakers
from acoustic_sib.screen.held_out import Progress, figures, held_out
from acoustic_sib.screen.judge import SETTINGS, Clips, Judge, fitted_judge
from acoustic_sib.screen.limits import Ranges
from acoustic_sib.screen.norms import norms_of, spectrum_norms_of
from acoustic_sib.tables import plain, table_hash

FAMILIES = ("moments", "multitaper", "bands", "peaks", "shape", "erb", "temporal")
"""Measured by default: what NumPy and SciPy alone can measure, so that judging starts at once."""
FEWEST_TRAINED_ON = 5
"""Speakers; with fewer the sets hold every class at any level worth stating."""
MOST_MISSING = 0.5
ANY_EDGE_HZ = 11025.0
USUAL_LEVEL = 0.9
"""Of the sets, in `predict`."""
SAME = 1e-9
Kind = Literal["lda", "logistic"]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A corpus after listening and measuring: tables of the same clips, in the same order.

    `groups`: control (sex, age_group) -> each clip's group, missing where not known. `n_excluded`:
    clips that could not be read or judged. `synthetic`: no human speech. `shapes`: average spectra
    (`extract.spectrum_shapes`), by clip_id; without them the bundle has no reference band.
    `made_of`: class -> the corpus's own labels, where these are other words. `note`: what the maker
    wants to be told with every answer.
    """

    manifest: pd.DataFrame
    quality: pd.DataFrame
    features: pd.DataFrame
    recipe: Recipe
    groups: Mapping[str, "pd.Series[str]"] = field(default_factory=dict)
    n_excluded: int = 0
    synthetic: bool = False
    shapes: pd.DataFrame | None = None
    made_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""


def train(
    measured: Measured,
    config: Config,
    *,
    model: Kind = "logistic",
    progress: Progress | None = None,
) -> Bundle:
    """A bundle, and in its card what it is worth on held-out speakers.

    The same corpus and seed give the same numbers. Raises BundleError or CorpusError where nothing
    could be learnt or calibrated: one class, one or a few speakers, no measure.
    """
    manifest = measured.manifest
    refuse_early(manifest, config)
    clips, columns, dropped = clips_of(manifest, measured.features)
    plan = plan_folds(manifest, config.folds, seed=config.seed)
    weighting = config.models.class_weight
    with threadpool_limits(limits=1):
        answers = held_out(clips, fold_tasks(plan.table, manifest), model=model,
                           weighting=weighting, seed=config.seed, progress=progress)  # fmt: skip
        judge = fitted_judge(clips, model=model, weighting=weighting, seed=config.seed)
    found = figures(answers, manifest, weighting=weighting)
    card = _card(measured, config, plan, found, judge, model=model, columns=columns,
                 dropped=dropped)  # fmt: skip
    from skops.io import dumps

    bundle = Bundle(
        classes=judge.classes, columns=tuple(columns), recipe=measured.recipe, affine=judge.affine,
        conformal=judge.conformal, familiar=judge.familiar,
        limits=_ranges(measured), card=card, skops=dumps(judge.pipeline),
        norms=norms_of(manifest, measured.features, measured.groups),
        spectra={} if measured.shapes is None
        else spectrum_norms_of(manifest, measured.shapes, measured.groups),
    )  # fmt: skip
    _check_same(bundle, clips)
    return bundle


def refuse_early(manifest: pd.DataFrame, config: Config) -> None:
    """Raise what `train` would, before an hour of measuring."""
    if config.models.normalize != "none":
        raise ConfigError("train: normalize 'speaker' cannot be kept in a bundle, which judges one "
                          "clip at a time; expected 'none'")  # fmt: skip
    # Whatever the audio will say of its upper edge, it raises for unknown families and settings.
    Recipe(high_hz=ANY_EDGE_HZ, families=config.features.families,
           settings=config.features.settings)  # fmt: skip
    names = sorted(set(manifest["label"]))
    if len(names) < 2:
        raise BundleError(f"train: one class only ('{names[0]}'); expected at least two: were the "
                          "others left out?")  # fmt: skip
    if "speaker" not in manifest.columns:
        return
    n_speakers = manifest["speaker"].nunique()
    if n_speakers < FEWEST_TRAINED_ON:
        raise BundleError(
            f"train: {n_speakers} speaker{'s' * (n_speakers != 1)}; expected at least "
            f"{FEWEST_TRAINED_ON}: with fewer nobody can say what the model is worth on another"
        )


def _speakers(manifest: pd.DataFrame) -> Any:
    """Each clip's speaker as a number; without speakers each clip stands for itself."""
    if "speaker" not in manifest.columns:
        return np.arange(len(manifest))
    return pd.factorize(manifest["speaker"], sort=True)[0]


def clips_of(manifest: pd.DataFrame, features: pd.DataFrame) -> tuple[Clips, list[str], list[str]]:
    """The clips in the manifest's order, the columns that they are told by, and those left out."""
    table = features.loc[manifest["clip_id"]]
    columns, dropped = _columns(table)
    clips = Clips(
        measures=table[columns].to_numpy(dtype=float),
        labels=manifest["label"].to_numpy(dtype=str),
        groups=_speakers(manifest),
        speakers_known="speaker" in manifest.columns,
    )
    return clips, columns, dropped


def _columns(features: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Columns to use, and those that most clips lack: imputed, they would say nothing."""
    missing = features.isna().mean()
    used = [str(name) for name in features.columns if missing[name] <= MOST_MISSING]
    if not used:
        raise BundleError("train: no measure could be taken in most clips; expected some: are the "
                          "clips long enough?")  # fmt: skip
    return used, [str(name) for name in features.columns if missing[name] > MOST_MISSING]


def _ranges(measured: Measured) -> Ranges:
    quality = measured.quality.loc[measured.manifest["clip_id"]]
    return Ranges(
        shortest_s=float(quality["duration_s"].min()), longest_s=float(quality["duration_s"].max()),
        quietest_db=float(quality["level_db"].min()), high_hz=measured.recipe.high_hz,
    )  # fmt: skip


def _card(
    measured: Measured, config: Config, plan: FoldPlan, found: dict[str, Any], judge: Judge, *,
    model: str, columns: Sequence[str], dropped: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    manifest = measured.manifest
    known = "speaker" in manifest.columns
    counts = manifest["label"].value_counts()
    bearers = manifest.groupby("label")["speaker"].nunique() if known else counts
    notes = list(plan.notes)
    if not known:
        notes.append("no speakers are known: clips of one speaker were trained on and tested, and "
                     "nothing here holds for a new speaker")  # fmt: skip
        notes.append("speakers that are not known may be one: the sets rule out no class, and "
                     "every answer is uncertain; name them in a column 'speaker'")  # fmt: skip
    elif few := {name: int(bearers[name]) for name in judge.classes
                 if bearers[name] < fewest_speakers(USUAL_LEVEL)}:  # fmt: skip
        listed = ", ".join(f"{name} ({n})" for name, n in few.items())
        notes.append(f"too few speakers bear {listed} for any set at {USUAL_LEVEL:.0%} to rule "
                     f"that out; at least {fewest_speakers(USUAL_LEVEL)} are needed")  # fmt: skip
    weighting = config.models.class_weight
    card: dict[str, Any] = {
        "demonstration": measured.synthetic, "note": measured.note,
        "made_of": {name: list(labels) for name, labels in measured.made_of.items()},
        "classes": {name: {"n_clips": int(counts[name]),
                           "n_speakers": int(bearers[name]) if known else None}
                    for name in judge.classes},
        "n_clips": len(manifest),
        "n_speakers": int(manifest["speaker"].nunique()) if known else None,
        "n_excluded": measured.n_excluded,
        "speaker_mode": plan.speaker_mode,
        **found,
        "temperature": judge.affine.temperature,
        "prevalence": prevalence(weighting),
        "model": {"name": model, "settings": SETTINGS[model], "class_weight": weighting},
        "high_hz": measured.recipe.high_hz,
        "n_columns": len(columns), "columns_dropped": list(dropped),
        "seed": config.seed, "folds": config.folds.model_dump(mode="json"),
        "manifest_sha256": table_hash(manifest[[name for name in ("clip_id", "label", "speaker")
                                                if name in manifest.columns]]),
        "versions": versions() | {"skops": metadata.version("skops")}, "notes": notes,
    }  # fmt: skip
    plained: dict[str, Any] = plain(card)
    return {**plained, "text": card_text(plained)}


def _check_same(bundle: Bundle, clips: Clips) -> None:
    """The plain numbers must say what the sealed pipeline says; anything else is a bug here."""
    pipeline = bundle.pipeline()
    apart = softmax(bundle.affine.scores(clips.measures)) - pipeline.predict_proba(clips.measures)
    if tuple(map(str, pipeline.classes_)) != bundle.classes or np.abs(apart).max() > SAME:
        raise AssertionError("the plain numbers of a bundle and its pipeline disagree by "
                             f"{np.abs(apart).max():.2g}")  # fmt: skip
