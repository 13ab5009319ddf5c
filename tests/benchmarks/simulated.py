"""Simulated studies with known truth: feature tables of speakers, and what the check says of them.

No audio: a clip is a row of numbers, class mean + speaker + the speaker's way with the class +
noise, all Gaussian. A clip of a new speaker is then Gaussian as well, so the true UAR of a linear
classifier on new speakers is a normal probability and needs no test set.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from unittest import mock

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, owens_t
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from acoustic_sib import metrics, models
from acoustic_sib.config import EvaluationSettings, FoldSettings, ModelSettings
from acoustic_sib.corpus.synth import COUNTS
from acoustic_sib.evaluate import Evaluation, evaluate, fold_tasks
from acoustic_sib.folds import FoldPlan, plan_folds
from acoustic_sib.ladder.verdict import Verdict, decide
from acoustic_sib.metrics import Interval
from acoustic_sib.significance import PermutationTest, permutation_test

Floats = NDArray[np.float64]
Labelling = Literal["crossed", "one_label"]

CLASSES = ("Interdental", "Lateral", "Normal")
CHANCE = 1 / 3
CLIPS_A_SPEAKER = 25
COLUMNS = [f"x.{number}" for number in range(10)]
FEATURE_SETS = {"all": COLUMNS, "first_two": COLUMNS[:2]}
NUISANCE = ["quality.duration", "quality.level"]
ONE_SETTING = "logistic_one_setting"
QUICK = ModelSettings(candidates=(ONE_SETTING,), feature_sets=("all",))
EVALUATION = EvaluationSettings()


@dataclass(frozen=True, kw_only=True)
class Population:
    """Where clips come from; lengths are in SD of the clips of one speaker and class.

    `separation`: side of the triangle of class means in the first two columns. `speaker_sd`: SD of
    a speaker's place in every column. `habit_sd`: SD of a speaker's own shift of each class, of
    which the separation's share in a one-label corpus cannot be told from the speaker's place.
    `nuisance`: side of the triangle of class means in the two nuisance columns; the last two
    feature columns then pick `picked_up` of each nuisance column up.
    """

    separation: float = 0.0
    speaker_sd: float = 1.5
    habit_sd: float = 0.5
    nuisance: float = 0.0
    picked_up: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Study:
    """One simulated corpus: tables as the check has them after measuring."""

    manifest: pd.DataFrame
    features: pd.DataFrame
    nuisance: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the check's chain of functions says of a study; `uar`, `strict_uar` and `run` None
    where nothing was evaluated. `strict_uar` has the level 1 - 2 alpha."""

    verdict: Verdict
    test: PermutationTest
    plan: FoldPlan
    uar: Interval | None = None
    strict_uar: Interval | None = None
    nuisance: Interval | None = None
    run: Evaluation | None = None


def triangle(side: float) -> Floats:
    """Three points in the plane with that distance from each other, around 0."""
    corners = np.array([[0.0, 1.0], [-np.sqrt(3) / 2, -0.5], [np.sqrt(3) / 2, -0.5]])
    return side / np.sqrt(3) * corners


def class_means(population: Population) -> Floats:
    """Mean of each class in each feature column, (3, columns)."""
    means = np.zeros((3, len(COLUMNS)))
    means[:, :2] = triangle(population.separation)
    means[:, -2:] += population.picked_up * triangle(population.nuisance)
    return means


def clip_variance(population: Population) -> float:
    """Variance of a measure of a class's clips, each of another speaker."""
    return 1 + population.speaker_sd**2 + population.habit_sd**2


def clip_covariance(population: Population) -> Floats:
    """Covariance of the feature columns of a class's clips, each of another speaker."""
    covariance = clip_variance(population) * np.eye(len(COLUMNS))
    # A nuisance column varies as the features do.
    covariance[-2:, -2:] *= 1 + population.picked_up**2
    return covariance


def draw_study(
    population: Population, n_speakers: int, labelling: Labelling, rng: np.random.Generator
) -> Study:
    """About 25 clips a speaker, classes as frequent as in the corpus of the question."""
    labels, speakers = _dealt(n_speakers, labelling, rng)

    def drawn(means: Floats) -> Floats:
        n_columns = means.shape[1]
        place = population.speaker_sd * rng.standard_normal((n_speakers, 1, n_columns))
        habit = population.habit_sd * rng.standard_normal((n_speakers, 3, n_columns))
        noise = rng.standard_normal((len(labels), n_columns))
        table: Floats = (means + place + habit)[speakers, labels] + noise
        return table

    nuisance = drawn(triangle(population.nuisance))
    only_sound = np.zeros((3, len(COLUMNS)))
    only_sound[:, :2] = triangle(population.separation)
    features = drawn(only_sound)
    features[:, -2:] += population.picked_up * nuisance
    ids = [f"c{number:04d}" for number in range(len(labels))]
    manifest = pd.DataFrame({
        "clip_id": ids, "path": ids, "label": np.array(CLASSES)[labels],
        "speaker": [f"s{number:02d}" for number in speakers],
    })  # fmt: skip
    return Study(
        manifest=manifest,
        features=pd.DataFrame(features, index=ids, columns=COLUMNS),
        nuisance=pd.DataFrame(nuisance, index=ids, columns=NUISANCE),
    )


def _dealt(
    n_speakers: int, labelling: Labelling, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Class and speaker of each clip, dealt as the demo corpus deals them."""
    frequency = np.array([COUNTS[name] for name in CLASSES], dtype=float)
    frequency /= frequency.sum()
    if labelling == "one_label":
        bearers = 2 + np.floor(frequency * (n_speakers - 6)).astype(int)
        bearers[np.argmax(frequency)] += n_speakers - bearers.sum()
        of_speaker = rng.permutation(np.repeat(np.arange(3), bearers))
        return np.repeat(of_speaker, CLIPS_A_SPEAKER), np.repeat(
            np.arange(n_speakers), CLIPS_A_SPEAKER
        )
    labels, speakers = [], []
    for code, share in enumerate(frequency):
        count = round(share * n_speakers * CLIPS_A_SPEAKER)
        # Unevenly, but nearly every speaker says several classes.
        weight = rng.gamma(1.5, size=n_speakers)
        labels.append(np.full(count, code))
        speakers.append(rng.choice(n_speakers, count, p=weight / weight.sum()))
    return np.concatenate(labels), np.concatenate(speakers)


@contextmanager
def one_setting_model() -> Iterator[None]:
    """Adds a logistic regression without settings to choose from, for speed, for a while."""
    made = models.Model(
        name=ONE_SETTING,
        make=lambda weighting, seed: LogisticRegression(
            class_weight="balanced", max_iter=2000, tol=1e-3, C=0.01
        ),
        grid={},
    )
    with mock.patch.dict(models.MODELS, {ONE_SETTING: made}):
        yield


def permutation_of(
    table: pd.DataFrame, manifest: pd.DataFrame, plan: FoldPlan, *, seed: int, n: int = 1000
) -> PermutationTest:
    """As the check does it: on the plan's first repeat, one numerical thread."""
    first = plan.table[plan.table["repeat"] == 0].set_index("clip_id")
    with threadpool_limits(limits=1):
        return permutation_test(
            table.loc[manifest["clip_id"]].to_numpy(dtype=float),
            np.searchsorted(CLASSES, manifest["label"]),
            manifest["speaker"].to_numpy(dtype=str),
            first.loc[manifest["clip_id"], "fold"].to_numpy(dtype=np.int64),
            n=n,
            seed=seed,
        )


def judged(
    study: Study, *, settings: ModelSettings = QUICK, seed: int, permutations: int = 1000,
    with_nuisance: bool = False, only_if_below_alpha: bool = False,
    column_sets: Mapping[str, list[str]] = FEATURE_SETS,
) -> Finding:  # fmt: skip
    """The check's chain: folds, evaluation, interval, permutation test, verdict.

    `only_if_below_alpha`: nothing is evaluated where the permutation test alone already forbids
    `learnable`, which saves most of the time where there is no signal.
    """
    plan = plan_folds(study.manifest, FoldSettings(), seed=seed)
    test = permutation_of(study.features, study.manifest, plan, seed=seed, n=permutations)
    if only_if_below_alpha and test.p_value >= EVALUATION.alpha:
        forbidden = Verdict(verdict="not_shown", reason="no signal shown")
        return Finding(verdict=forbidden, test=test, plan=plan)
    run = evaluated(study.features, study.manifest, plan, column_sets, settings, seed)
    atoms = metrics.confusions(run.predictions, study.manifest, CLASSES)
    uar = metrics.interval(atoms, metrics.uar, level=EVALUATION.level)
    nuisance, nuisance_test = None, None
    if with_nuisance:
        only = evaluated(study.nuisance, study.manifest, plan, {"all": NUISANCE}, QUICK, seed)
        nuisance = metrics.interval(
            metrics.confusions(only.predictions, study.manifest, CLASSES), metrics.uar
        )
        nuisance_test = permutation_of(
            study.nuisance, study.manifest, plan, seed=seed, n=permutations
        )
    verdict = decide(
        uar=uar, chance=CHANCE, test=test, nuisance=nuisance, nuisance_test=nuisance_test,
        speaker_mode=plan.speaker_mode, settings=EVALUATION,
    )  # fmt: skip
    strict = metrics.interval(atoms, metrics.uar, level=1 - 2 * EVALUATION.alpha)
    return Finding(verdict=verdict, test=test, plan=plan, uar=uar, strict_uar=strict,
                   nuisance=nuisance, run=run)  # fmt: skip


def evaluated(
    table: pd.DataFrame, manifest: pd.DataFrame, plan: FoldPlan, sets: Mapping[str, list[str]],
    settings: ModelSettings, seed: int,
) -> Evaluation:  # fmt: skip
    with one_setting_model():
        return evaluate(table, manifest, plan.table, column_sets=dict(sets), settings=settings,
                        seed=seed, jobs=1)  # fmt: skip


def true_uar(
    table: pd.DataFrame, manifest: pd.DataFrame, plan: FoldPlan, means: Floats, covariance: Floats
) -> float:
    """The UAR on new speakers that the models of the plan's folds have, exactly.

    Each fold's model counts by the share of each class's clips that it is tested on, as it does in
    the pooled out-of-fold UAR: this is what the interval is about.
    """
    labels = manifest["label"].to_numpy(dtype=str)
    values = table.loc[manifest["clip_id"]].to_numpy(dtype=float)
    tested, hits = np.zeros(3), np.zeros(3)
    with one_setting_model(), threadpool_limits(limits=1):
        for task in fold_tasks(plan.table, manifest):
            fitted = models.pipeline(ONE_SETTING, {}).fit(values[task.train], labels[task.train])
            here = np.bincount(np.searchsorted(CLASSES, labels[task.test]), minlength=3)
            tested += here
            hits += here * linear_recalls(*linear_scores(fitted), means, covariance)
    return float(np.mean(hits / tested))


def linear_scores(fitted: Any) -> tuple[Floats, Floats]:
    """Slopes (3, columns) and intercepts (3,) of the class scores of a fitted linear pipeline."""
    scale, linear = fitted.named_steps["scale"], fitted.named_steps["classify"]
    slopes: Floats = linear.coef_ / scale.scale_
    return slopes, linear.intercept_ - slopes @ scale.mean_


def linear_recalls(slopes: Floats, intercepts: Floats, means: Floats, covariance: Floats) -> Floats:
    """P(the class's score is the largest) for Gaussian clips of each class."""
    found = np.zeros(3)
    for code in range(3):
        others = [other for other in range(3) if other != code]
        contrast = slopes[code] - slopes[others]
        mean = contrast @ means[code] + intercepts[code] - intercepts[others]
        spread = contrast @ covariance @ contrast.T
        sd = np.sqrt(np.diag(spread))
        found[code] = normal_below(*(mean / sd), float(spread[0, 1] / np.prod(sd)))
    return found


def normal_below(h: float, k: float, correlation: float) -> float:
    """P(X < h, Y < k) of two standard normal variables, h and k not 0 (Owen 1956, AMS 27:1075)."""
    rest = np.sqrt(max(1 - correlation**2, 1e-12))
    tails = owens_t(h, (k - correlation * h) / (h * rest)) + owens_t(
        k, (h - correlation * k) / (k * rest)
    )
    return float((ndtr(h) + ndtr(k) - (h * k < 0)) / 2 - tails)
