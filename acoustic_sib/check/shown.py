"""What the page shows beyond the verdict: energy by band, a map of the clips, errors by speaker.

Nothing here bears on the verdict.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from acoustic_sib import metrics
from acoustic_sib.evaluate import fold_tasks
from acoustic_sib.models import classifier, preparation
from acoustic_sib.report.clip_map import ClipMap
from acoustic_sib.report.spectra import class_averages

Floats = NDArray[np.float64]

REFERENCE = "Normal"
LEVELS = ("level_low_db", "level_mid_db", "level_high_db")
SHARES = ("share_2500_4500", "share_above_4000", "share_above_6000", "share_above_8000")
# Log-odds beyond this many powers of ten are rounding, not certainty.
_SUREST = 12.0
_SHRINKAGE = {"estimator__shrinkage": "auto"}


def band_energies(
    features: pd.DataFrame, manifest: pd.DataFrame, classes: Sequence[str]
) -> list[dict[str, Any]]:
    """Levels and shares of energy by band (see features/bands.py), one row a measure and class.

    Rows hold `measure label mean q25 q75 n_clips n_speakers unit`: the mean over the speakers' own
    means with the quartiles of these (over clips, where no speaker is known). Levels are in dB
    relative to the clip's own mean over the bands measured, so that loudness is no spread; shares
    are 0..1. Measures without a value in any clip are left out; empty where the family 'bands' was
    not measured.
    """
    table = features.loc[manifest["clip_id"]]
    columns = {name: f"bands.{name}.frames_mean" for name in (*LEVELS, *SHARES)}
    known = {
        name: table[column].to_numpy(dtype=float)
        for name, column in columns.items()
        if column in table and table[column].notna().any()
    }
    if not known:
        return []
    levels = [name for name in LEVELS if name in known]
    if levels:
        loudness = np.mean([known[name] for name in levels], axis=0)
        known |= {name: known[name] - loudness for name in levels}
    speakers = manifest["speaker"].tolist() if "speaker" in manifest else None
    averages = class_averages(
        np.column_stack(list(known.values())), manifest["label"].tolist(), speakers, classes
    )
    return [
        {"measure": name, "label": label, "mean": one.curves[0][k], "q25": one.curves[1][k],
         "q75": one.curves[2][k], "n_clips": one.n_clips, "n_speakers": one.n_speakers or None,
         "unit": "clip" if speakers is None else "speaker"}
        for k, name in enumerate(known)
        for label, one in averages.items()
    ]  # fmt: skip


def clip_map(
    features: pd.DataFrame, manifest: pd.DataFrame, folds: pd.DataFrame, classes: Sequence[str],
    *, columns: Sequence[str], seed: int,
) -> ClipMap:  # fmt: skip
    """Each clip's out-of-fold log-odds under linear discriminant analysis.

    For each fold of the first repeat an LDA with equal priors (Ledoit-Wolf shrinkage) is fitted on
    the training part; a clip of the fold has, for each class, log10 of its odds against the
    reference class. Under LDA these are the discriminant coordinates but for a linear change, and
    unlike those they mean the same in every fold. Clips that are never tested, or whose training
    part lacks a class, are left out.
    """
    names = manifest["clip_id"].to_numpy(dtype=str)
    labels = manifest["label"].to_numpy(dtype=str)
    table = features.loc[names, list(columns)].to_numpy(dtype=float)
    reference = REFERENCE if REFERENCE in classes else str(manifest["label"].mode().iloc[0])
    others = [name for name in classes if name != reference]
    odds = np.full((len(names), len(others)), np.nan)
    first = folds[folds["repeat"] == folds["repeat"].min()]
    for task in fold_tasks(first, manifest):
        if set(labels[task.train]) == set(classes):
            with threadpool_limits(limits=1):
                odds[task.test] = _log_odds(
                    table[task.train], labels[task.train], table[task.test], reference, others,
                    seed,
                )  # fmt: skip
    told = np.isfinite(odds).all(axis=1)
    return ClipMap(
        clip_ids=tuple(names[told]), labels=tuple(labels[told]), reference=reference,
        others=tuple(others), log10_odds=odds[told],
        held_out="speaker" in manifest and _speakers_apart(first, manifest),
    )  # fmt: skip


def _log_odds(
    seen: Floats, labels: NDArray[np.str_], unseen: Floats, reference: str, others: Sequence[str],
    seed: int,
) -> Floats:  # fmt: skip
    prepare = preparation().fit(seen)
    lda = classifier("lda", _SHRINKAGE, weighting="balanced", seed=seed)
    lda.fit(prepare.transform(seen), labels)
    probability = lda.predict_proba(prepare.transform(unseen))
    position = {str(name): k for k, name in enumerate(lda.classes_)}
    logs = np.log10(np.maximum(probability, np.finfo(float).tiny))
    odds: Floats = logs[:, [position[name] for name in others]] - logs[:, [position[reference]]]
    return np.clip(odds, -_SUREST, _SUREST)


def _speakers_apart(folds: pd.DataFrame, manifest: pd.DataFrame) -> bool:
    joined = folds.merge(manifest[["clip_id", "speaker"]], on="clip_id", validate="many_to_one")
    return bool((joined.groupby("speaker")["fold"].nunique() == 1).all())


def speaker_errors(atoms: metrics.Confusions) -> list[dict[str, Any]]:
    """What became of each speaker's clips, the lowest accuracy first; empty without speakers.

    Rows hold `speaker n_clips accuracy by_class mostly`: `by_class` has `n_clips` and `recall` of
    each class the speaker said; `mostly` the commonest confusion as `label predicted n`, or None
    where there was no error. Counts of clips are averages over the repeats.
    """
    if atoms.unit != "speaker":
        return []
    rows = [
        _one_speaker(name, counts, atoms.classes)
        for name, counts in zip(atoms.units, atoms.counts, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["accuracy"], row["speaker"]))


def _one_speaker(name: str, counts: Floats, classes: tuple[str, ...]) -> dict[str, Any]:
    support = counts.sum(axis=1)
    wrong = counts - np.diag(np.diag(counts))
    truth, predicted = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return {
        "speaker": name,
        "n_clips": round(float(support.sum())),
        "accuracy": float(np.trace(counts) / support.sum()),
        "by_class": {
            label: {"n_clips": round(float(n)), "recall": float(counts[k, k] / n)}
            for k, (label, n) in enumerate(zip(classes, support, strict=True))
            if n > 0
        },
        "mostly": None if not wrong.any() else {
            "label": classes[truth], "predicted": classes[predicted],
            "n": float(wrong[truth, predicted]),
        },
    }  # fmt: skip
