"""Named pipelines and their small grids: imputation, scaling and a classifier with class weights.

Imported only by commands that fit something: scikit-learn takes seconds to import.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from acoustic_sib.errors import ConfigError, CorpusError, nearest

Weighting = Literal["balanced", "none"] | Mapping[str, float]
Labels = NDArray[np.str_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Model:
    """A classifier's maker and the settings to choose from inside the training folds."""

    name: str
    make: Callable[[Weighting, int], Any]
    grid: Mapping[str, tuple[Any, ...]]
    is_dummy: bool = False

    def settings(self) -> list[dict[str, Any]]:
        """Every combination of the grid, in a fixed order, the simplest first."""
        names = list(self.grid)
        return [dict(zip(names, values, strict=True)) for values in product(*self.grid.values())]


def class_weights(labels: Labels, weighting: Weighting) -> dict[str, float]:
    """Weight of each class present: 'balanced' is n / (classes x count), 'none' is 1.

    Raises ConfigError when a mapping misses a class.
    """
    classes, counts = np.unique(labels, return_counts=True)
    if weighting == "none":
        return {str(name): 1.0 for name in classes}
    if weighting == "balanced":
        return {
            str(name): len(labels) / (len(classes) * count)
            for name, count in zip(classes, counts, strict=True)
        }
    assert not isinstance(weighting, str)
    missing = [str(name) for name in classes if str(name) not in weighting]
    if missing:
        raise ConfigError(
            f"models.class_weight: no weight for class '{missing[0]}'; expected one for each of "
            f"{', '.join(map(str, classes))}"
        )
    return {str(name): float(weighting[str(name)]) for name in classes}


class SampleWeighted(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Class weights as sample weights, for classifiers that know no `class_weight`.

    Labels are passed on as codes 0..C-1, which XGBoost wants.
    """

    def __init__(self, estimator: Any, weighting: Weighting = "balanced") -> None:
        self.estimator = estimator
        self.weighting = weighting

    def fit(self, X: Floats, y: Labels) -> "SampleWeighted":
        self.classes_, codes = np.unique(y, return_inverse=True)
        weights = class_weights(y, self.weighting)
        self.estimator_ = clone(self.estimator)
        self.estimator_.fit(X, codes, sample_weight=np.array([weights[str(label)] for label in y]))
        return self

    def predict_proba(self, X: Floats) -> Floats:
        probabilities: Floats = self.estimator_.predict_proba(X)
        return probabilities

    def predict(self, X: Floats) -> Labels:
        chosen: Labels = self.classes_[np.argmax(self.predict_proba(X), axis=1)]
        return chosen


class PriorWeighted(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Class weights on the posterior: p(class | x) times the weight, renormalised.

    For classifiers that take neither class nor sample weights (LDA, k-NN). For LDA this is Bayes'
    rule with other priors, the covariance left as fitted; in k-NN each neighbour votes with its
    class's weight.
    """

    def __init__(self, estimator: Any, weighting: Weighting = "balanced") -> None:
        self.estimator = estimator
        self.weighting = weighting

    def fit(self, X: Floats, y: Labels) -> "PriorWeighted":
        self.estimator_ = clone(self.estimator).fit(X, y)
        self.classes_ = self.estimator_.classes_
        weights = class_weights(y, self.weighting)
        self.weights_ = np.array([weights[str(name)] for name in self.classes_])
        return self

    def predict_proba(self, X: Floats) -> Floats:
        weighted = self.estimator_.predict_proba(X) * self.weights_
        posterior: Floats = weighted / weighted.sum(axis=1, keepdims=True)
        return posterior

    def predict(self, X: Floats) -> Labels:
        chosen: Labels = self.classes_[np.argmax(self.predict_proba(X), axis=1)]
        return chosen


class Neighbours(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """k nearest neighbours; of fewer training clips than k, all vote."""

    def __init__(self, n_neighbors: int = 5) -> None:
        self.n_neighbors = n_neighbors

    def fit(self, X: Floats, y: Labels) -> "Neighbours":
        self.machine_ = KNeighborsClassifier(min(self.n_neighbors, len(X))).fit(X, y)
        self.classes_ = self.machine_.classes_
        return self

    def predict_proba(self, X: Floats) -> Floats:
        votes: Floats = self.machine_.predict_proba(X)
        return votes

    def predict(self, X: Floats) -> Labels:
        chosen: Labels = self.machine_.predict(X)
        return chosen


class WeightedSVM(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A support vector machine with class weights; probabilities by Platt scaling on request.

    The scaling is fitted with the same weights on cross-validated margins inside the training
    part, and the predicted class is always the machine's own: near a border it may differ from
    the class of the largest probability.
    """

    def __init__(
        self, kernel: str = "rbf", C: float = 1.0, gamma: float | str = "scale",
        weighting: Weighting = "balanced", probabilities: bool = False,
    ) -> None:  # fmt: skip
        self.kernel = kernel
        self.C = C
        self.gamma = gamma
        self.weighting = weighting
        self.probabilities = probabilities

    def fit(self, X: Floats, y: Labels) -> "WeightedSVM":
        weights = class_weights(y, self.weighting)
        machine = SVC(kernel=self.kernel, C=self.C, gamma=self.gamma, class_weight=weights)
        self.machine_ = machine.fit(X, y)
        self.classes_ = self.machine_.classes_
        if self.probabilities:
            folds = min(3, int(np.unique(y, return_counts=True)[1].min()))
            self.scaling_ = None
            if folds >= 2:
                # Sample weights reach machine and scaling alike, so they replace class weights.
                plain = clone(machine).set_params(class_weight=None)
                per_clip = np.array([weights[str(label)] for label in y])
                scaling = CalibratedClassifierCV(plain, cv=folds, ensemble=False)
                self.scaling_ = scaling.fit(X, y, sample_weight=per_clip)
        return self

    def predict(self, X: Floats) -> Labels:
        chosen: Labels = self.machine_.predict(X)
        return chosen

    def class_margins(self, X: Floats) -> Floats:
        """Each class's margins against every other class, summed, in units of the margin: (n, C).

        They move gradually where the votes behind `predict` and the probabilities leap.
        """
        machine = copy(self.machine_).set_params(decision_function_shape="ovo")
        pairwise = machine.decision_function(X)
        if pairwise.ndim == 1:  # two classes: positive for the second
            return np.column_stack([-pairwise, pairwise])
        margins = np.zeros((len(X), len(self.classes_)))
        for column, (one, other) in enumerate(combinations(range(len(self.classes_)), 2)):
            margins[:, one] += pairwise[:, column]
            margins[:, other] -= pairwise[:, column]
        return margins

    def predict_proba(self, X: Floats) -> Floats:
        """Platt-scaled probabilities; equal ones when a class had a single training clip."""
        if self.scaling_ is None:
            return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))
        probabilities: Floats = self.scaling_.predict_proba(X)
        return probabilities


def _class_weight(weighting: Weighting) -> Any:
    return None if weighting == "none" else "balanced" if weighting == "balanced" else weighting


def _xgboost(weighting: Weighting, seed: int) -> Any:
    from xgboost import XGBClassifier

    trees = XGBClassifier(
        n_estimators=200, learning_rate=0.08, subsample=0.8, colsample_bytree=0.5,
        tree_method="hist", n_jobs=1, random_state=seed, verbosity=0,
    )  # fmt: skip
    return SampleWeighted(trees, weighting)


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            name="logistic",
            make=lambda weighting, seed: LogisticRegression(
                class_weight=_class_weight(weighting), max_iter=2000, tol=1e-3
            ),
            grid={"C": (0.001, 0.01, 0.1)},
        ),
        Model(
            name="lda",
            make=lambda weighting, seed: PriorWeighted(
                LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"), weighting
            ),
            grid={"estimator__shrinkage": ("auto", 0.3)},
        ),
        Model(
            name="svm_linear",
            make=lambda weighting, seed: WeightedSVM(kernel="linear", weighting=weighting),
            grid={"C": (0.001, 0.01, 0.1)},
        ),
        Model(
            name="svm_rbf",
            make=lambda weighting, seed: WeightedSVM(kernel="rbf", weighting=weighting),
            grid={"C": (0.5, 2.0, 8.0)},
        ),
        Model(
            name="random_forest",
            make=lambda weighting, seed: RandomForestClassifier(
                n_estimators=300,
                class_weight=_class_weight(weighting),
                n_jobs=1,
                random_state=seed,
            ),
            grid={"min_samples_leaf": (2, 5)},
        ),
        Model(name="xgboost", make=_xgboost, grid={"estimator__max_depth": (2, 4)}),
        Model(
            name="knn",
            make=lambda weighting, seed: PriorWeighted(Neighbours(), weighting),
            grid={"estimator__n_neighbors": (5, 15, 31)},
        ),
        Model(
            name="majority",
            make=lambda weighting, seed: DummyClassifier(strategy="most_frequent"),
            grid={},
            is_dummy=True,
        ),
        Model(
            name="prior",
            make=lambda weighting, seed: DummyClassifier(strategy="stratified", random_state=seed),
            grid={},
            is_dummy=True,
        ),
        Model(
            name="uniform",
            make=lambda weighting, seed: DummyClassifier(strategy="uniform", random_state=seed),
            grid={},
            is_dummy=True,
        ),
    )
}
"""Every model by name. The dummies ignore class weights: they are what no information gives."""


def model(name: str) -> Model:
    if name not in MODELS:
        raise ConfigError(f"models: unknown model '{name}'; {nearest(name, MODELS)}")
    return MODELS[name]


def preparation() -> Pipeline:
    """What every classifier is given: missing values set to the training median, then z-scores."""
    return Pipeline([
        ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
        ("scale", StandardScaler()),
    ])  # fmt: skip


def classifier(
    name: str, settings: Mapping[str, Any], *, weighting: Weighting, seed: int,
    probabilities: bool = False,
) -> Any:  # fmt: skip
    """An unfitted classifier of that name, without preparation."""
    made = model(name).make(weighting, seed).set_params(**settings)
    if probabilities and isinstance(made, WeightedSVM):
        made.set_params(probabilities=True)
    return made


def pipeline(
    name: str, settings: Mapping[str, Any], *, weighting: Weighting = "balanced", seed: int = 0,
    probabilities: bool = True,
) -> Pipeline:  # fmt: skip
    """Preparation and classifier as one scikit-learn pipeline; `probabilities` cost a support
    vector machine four fits instead of one."""
    made = classifier(name, settings, weighting=weighting, seed=seed, probabilities=probabilities)
    return Pipeline([*preparation().steps, ("classify", made)])


def standardized_by_speaker(
    features: pd.DataFrame, speakers: pd.Series, labels: pd.Series
) -> pd.DataFrame:
    """Each column as z-scores within its speaker (no label used); a constant column becomes 0.

    A speaker is never in two folds, so doing this once is the same as doing it inside each fold;
    a new speaker needs several clips before it can be applied. `labels` are only looked at to
    refuse: raises CorpusError where each speaker bears one label, since a speaker's mean then is
    the label, and taking it away erases the answer.
    """
    if int((labels.groupby(speakers).nunique() > 1).sum()) == 0:
        raise CorpusError(
            "normalize 'speaker': each of the "
            f"{speakers.nunique()} speakers bears one label, so a speaker's mean is the label and "
            "standardising would erase it; expected speakers with several classes: use 'none'"
        )
    grouped = features.groupby(speakers.to_numpy())
    centred = features - grouped.transform("mean")
    spread = grouped.transform("std", ddof=0)
    scaled = centred / spread.where(spread > 1e-12, np.inf)
    return scaled.where(features.notna())


def normalized(
    features: pd.DataFrame, manifest: pd.DataFrame, normalize: str
) -> tuple[pd.DataFrame, list[str]]:
    """The manifest's clips as `models.normalize` wants them ('none' or 'speaker'), and notes on
    what a figure then holds for.

    Raises ConfigError where no speakers are named, CorpusError as `standardized_by_speaker`.
    """
    table = features.loc[manifest["clip_id"]]
    if normalize == "none":
        return table, []
    if "speaker" not in manifest:
        raise ConfigError("normalize 'speaker': the corpus names no speakers; expected a speaker "
                          "column: use 'none'")  # fmt: skip
    speakers, labels = manifest["speaker"], manifest["label"]
    scaled = standardized_by_speaker(table, speakers, labels)
    several = labels.groupby(speakers).nunique() > 1
    notes = ["features are standardised within each speaker, without labels: the figure holds for "
             "a new speaker of whom several clips of several classes are at hand"]  # fmt: skip
    if not several.all():
        notes.append(f"{int((~several).sum())} of {len(several)} speakers bear one label; "
                     "standardising takes part of the answer away from them")  # fmt: skip
    return scaled, notes
