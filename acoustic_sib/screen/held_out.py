"""What a bundle is worth on speakers it has not heard: all of its making, repeated without them.

Everything that a bundle judges by is made anew from the training part of each fold, calibration
included, and asked of the part left out: the figures are those of the procedure, on new speakers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.evaluate import FoldTask
from acoustic_sib.metrics import (
    Confusions,
    Interval,
    accuracy,
    confusions,
    interval,
    recall_interval,
    tested_per_trained,
    uar,
)
from acoustic_sib.models import Weighting
from acoustic_sib.screen.affine import Floats
from acoustic_sib.screen.calibration import calibration_error, log_loss
from acoustic_sib.screen.explain import kind_of
from acoustic_sib.screen.judge import Clips, Codes, clip_weights, fitted_judge

LEVELS = (0.8, 0.9, 0.95)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Answers on clips whose speaker was not trained on, one row a clip and repeat.

    `position`: of the clip; `probabilities` (n, classes); `members[level]` (n, classes): the sets;
    `unlike` (n,); `temperature`: of each fold's model.
    """

    classes: tuple[str, ...]
    position: Codes
    repeat: Codes
    fold: Codes
    probabilities: Floats
    members: dict[float, NDArray[np.bool_]]
    unlike: NDArray[np.bool_]
    temperatures: tuple[float, ...]


def held_out(
    clips: Clips, tasks: Sequence[FoldTask], *, model: str, weighting: Weighting, seed: int,
    levels: Sequence[float] = LEVELS, progress: Progress | None = None,
) -> HeldOut:  # fmt: skip
    """The answers of a bundle made without each fold, to that fold."""
    classes = tuple(map(str, np.unique(clips.labels)))
    parts: list[dict[str, Any]] = []
    for done, task in enumerate(tasks, start=1):
        judge = fitted_judge(clips[task.train], model=model, weighting=weighting, seed=seed)
        values = clips.measures[task.test]
        probabilities = judge.affine.probabilities(values)
        distances = judge.familiar.distances(judge.affine.standardized(values))
        parts.append({
            "position": task.test, "repeat": np.full(len(values), task.repeat),
            "fold": np.full(len(values), task.fold), "probabilities": probabilities,
            "unlike": distances > judge.familiar.limit, "temperature": judge.affine.temperature,
            **{f"{level}": judge.conformal.members(probabilities, level) for level in levels},
        })  # fmt: skip
        if progress is not None:
            progress(done, len(tasks))

    def joined(name: str) -> Any:
        return np.concatenate([part[name] for part in parts])

    return HeldOut(
        classes=classes, position=joined("position"), repeat=joined("repeat"), fold=joined("fold"),
        probabilities=joined("probabilities"), unlike=joined("unlike"),
        members={level: joined(f"{level}") for level in levels},
        temperatures=tuple(part["temperature"] for part in parts),
    )  # fmt: skip


def figures(answers: HeldOut, manifest: pd.DataFrame, *, weighting: Weighting) -> dict[str, Any]:
    """UAR and recalls, calibration, coverage and size of the sets, share told to be unlike, and
    Normal against all others by the most probable class (None unless every class is of a known
    kind).

    Coverage and shares are of a random clip of a random speaker, which is what the sets promise.
    """
    classes = answers.classes
    labels = manifest["label"].to_numpy(dtype=str)[answers.position]
    codes = np.searchsorted(np.array(classes), labels)
    predictions = pd.DataFrame({
        "clip_id": manifest["clip_id"].to_numpy(dtype=str)[answers.position],
        "repeat": answers.repeat, "fold": answers.fold,
        "predicted": np.array(classes)[answers.probabilities.argmax(axis=1)],
    })  # fmt: skip
    atoms = confusions(predictions, manifest, classes)
    weights = clip_weights(labels, weighting)
    units = _units(manifest)[answers.position]
    stretch = tested_per_trained(predictions)

    def share(true: NDArray[np.bool_]) -> dict[str, Any]:
        return share_interval(true, units, atoms, stretch).as_dict()

    coverage = []
    for level, members in answers.members.items():
        size = members.sum(axis=1)
        covered = members[np.arange(len(codes)), codes]
        coverage.append({
            "level": level, "covered": share(covered), "uncertain": share(size > 1),
            "mean_size": float(size.mean()),
            "by_class": {name: float(covered[codes == code].mean())
                         for code, name in enumerate(classes)},
        })  # fmt: skip
    return {
        "uar": interval(atoms, uar).as_dict(),
        "recalls": {name: recall_interval(atoms, code).as_dict()
                    for code, name in enumerate(classes)},
        "calibration": {
            "error": calibration_error(answers.probabilities, codes, weights),
            "log_loss": log_loss(answers.probabilities, codes, weights),
        },
        "coverage": coverage,
        "unlike": share(answers.unlike),
        "screening": _screening(predictions, labels, units, atoms, stretch),
    }  # fmt: skip


def _screening(
    predictions: pd.DataFrame, labels: NDArray[np.str_], units: Codes, atoms: Confusions,
    stretch: float,
) -> dict[str, Any] | None:  # fmt: skip
    """How many sibilants of other classes are called other than Normal, and of Normal ones Normal:
    of a random clip of a random speaker."""
    kinds = {name: kind_of(name) for name in atoms.classes}
    normal = [name for name, kind in kinds.items() if kind == "normal"]
    if not normal or len(normal) == len(kinds) or not all(kinds.values()):
        return None
    lisped, called = ~np.isin(labels, normal), ~predictions["predicted"].isin(normal).to_numpy()
    clip_ids = predictions["clip_id"]
    return {
        name: replace(share_interval(right[chosen], units[chosen], atoms, stretch),
                      n_clips=int(clip_ids[chosen].nunique())).as_dict()
        for name, chosen, right in (("sensitivity", lisped, called),
                                    ("specificity", ~lisped, ~called))
    }  # fmt: skip


def share_interval(
    true: NDArray[np.bool_], units: Codes, atoms: Confusions, stretch: float
) -> Interval:
    """How often `true` holds for a random clip of a random unit, with its jackknife interval."""
    sums = np.bincount(units, weights=true)
    counts = np.bincount(units)
    shares = (sums / np.maximum(counts, 1))[counts > 0]
    table = np.zeros((len(shares), 2, 2))
    table[:, 0, 0], table[:, 0, 1] = shares, 1 - shares
    names = tuple(map(str, range(len(table))))
    told = Confusions(classes=("true", "false"), counts=table, units=names, unit=atoms.unit,
                      tested_per_trained=stretch)  # fmt: skip
    return replace(interval(told, accuracy), n_clips=round(float(atoms.total.sum())))


def _units(manifest: pd.DataFrame) -> Codes:
    column = "speaker" if "speaker" in manifest.columns else "clip_id"
    codes: Codes = pd.factorize(manifest[column], sort=True)[0]
    return codes
