"""Fit everything that a bundle judges by, from clips alone: the same for all of them or a fold.

Each number that speaks of speakers not heard (temperature, conformal scores, the limit of what is
like the training clips) comes from models that had not heard the clip's speaker.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from sklearn.pipeline import Pipeline

from acoustic_sib.evaluate import inner_folds
from acoustic_sib.models import PriorWeighted, Weighting, class_weights, pipeline
from acoustic_sib.screen.affine import Affine, Floats, softmax
from acoustic_sib.screen.calibration import fitted_temperature
from acoustic_sib.screen.conformal import Conformal, calibrated, nothing_ruled_out
from acoustic_sib.screen.familiar import Familiar

Codes = NDArray[np.int64]
Labels = NDArray[np.str_]

SETTINGS: dict[str, dict[str, Any]] = {
    "lda": {"estimator__shrinkage": "auto"},
    "logistic": {"C": 0.03},
}
"""The linear models of `models.py` that a bundle can hold, and their settings: chosen once, by log
loss on held-out speakers of speechocean, voxangeles and the synthetic corpus."""
CALIBRATION_SPLITS = 5
FAMILIAR_SHARE = 0.99


@dataclass(frozen=True, kw_only=True)
class Clips:
    """Measures (n, columns), labels, and each clip's speaker as a number, or the clip itself where
    speakers are not known."""

    measures: Floats
    labels: Labels
    groups: Codes
    speakers_known: bool = True

    def __getitem__(self, chosen: Any) -> "Clips":
        return replace(self, measures=self.measures[chosen], labels=self.labels[chosen],
                       groups=self.groups[chosen])  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Judge:
    """A fitted pipeline, its numbers, and what was learnt of speakers it had not heard."""

    classes: tuple[str, ...]
    pipeline: Pipeline
    affine: Affine
    conformal: Conformal
    familiar: Familiar


def fitted_judge(clips: Clips, *, model: str, weighting: Weighting, seed: int) -> Judge:
    """Train on all `clips`, calibrate in folds of them that hold speakers out.

    Without known speakers the sets rule nothing out: taken for speakers, clips give sets that miss
    those of new speakers (at .90 in a third of cases where each speaker bears one label).
    """
    classes, codes = np.unique(clips.labels, return_inverse=True)
    scores = np.empty((len(codes), len(classes)))
    distances = np.empty(len(codes))
    for train, test in _folds(clips, codes, seed):
        part = _fitted(clips[train], model=model, weighting=weighting, seed=seed)
        affine = affine_of(part)
        scores[test] = affine.scores(clips.measures[test])
        familiar = _familiar(affine.standardized(clips.measures[train]), codes[train])
        distances[test] = familiar.distances(affine.standardized(clips.measures[test]))
    weights = clip_weights(clips.labels, weighting)
    whole = _fitted(clips, model=model, weighting=weighting, seed=seed)
    temperature = fitted_temperature(scores, codes, weights)
    affine = replace(affine_of(whole), temperature=temperature)
    return Judge(
        classes=tuple(map(str, classes)), pipeline=whole, affine=affine,
        conformal=calibrated(softmax(scores / temperature), codes, clips.groups)
        if clips.speakers_known else nothing_ruled_out(len(classes)),
        familiar=replace(
            _familiar(affine.standardized(clips.measures), codes),
            limit=_speakers_quantile(distances, clips.groups, FAMILIAR_SHARE),
        ),
    )  # fmt: skip


def clip_weights(labels: Labels, weighting: Weighting) -> Floats:
    """Each clip's share in log loss and calibration error: that of its class in training."""
    by_class = class_weights(labels, weighting)
    return np.array([by_class[str(label)] for label in labels])


def affine_of(fitted: Pipeline) -> Affine:
    """The numbers of a pipeline of `models.pipeline` with a linear classifier."""
    steps = fitted.named_steps
    classifier = steps["classify"]
    log_weights = 0.0
    if isinstance(classifier, PriorWeighted):
        log_weights = np.log(classifier.weights_)
        classifier = classifier.estimator_
    weights, bias = classifier.coef_, classifier.intercept_
    if len(weights) == 1:  # two classes: the score of the second against the first
        weights = np.vstack([np.zeros_like(weights), weights])
        bias = np.concatenate([np.zeros(1), bias])
    return Affine(
        fill=np.nan_to_num(steps["impute"].statistics_), mean=steps["scale"].mean_,
        scale=steps["scale"].scale_, weights=weights, bias=bias + log_weights,
    )  # fmt: skip


def _fitted(clips: Clips, *, model: str, weighting: Weighting, seed: int) -> Pipeline:
    made = pipeline(model, SETTINGS[model], weighting=weighting, seed=seed)
    return made.fit(clips.measures, clips.labels)


def _folds(clips: Clips, codes: Codes, seed: int) -> Iterator[tuple[Codes, Codes]]:
    """Positions of training and tested clips; no speaker is in both where the classes allow it."""
    rng = np.random.default_rng([seed, 31])
    folds = inner_folds(codes, clips.groups, CALIBRATION_SPLITS, rng)
    for fold in np.unique(folds):
        yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)


def _familiar(standardized: Floats, codes: Codes) -> Familiar:
    centres = np.array([standardized[codes == code].mean(axis=0) for code in np.unique(codes)])
    spread = LedoitWolf(assume_centered=True).fit(standardized - centres[codes])
    return Familiar(centres=centres, precision=spread.precision_, limit=np.inf)


def _speakers_quantile(values: Floats, groups: Codes, share: float) -> float:
    """The value that this share of a random speaker's clips stays below."""
    _, dense, counts = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(1 / (counts[dense][order] * len(counts))) >= share
    return float(values[order][np.argmax(reached)]) if reached.any() else float(values.max())
