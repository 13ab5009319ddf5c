"""Models x feature sets: the same as evaluating each alone, and compared as by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from acoustic_sib import metrics
from acoustic_sib.evaluate import evaluate
from acoustic_sib.ladder.model_cells import ALONGSIDE, NESTED, Cells, measured_cells
from acoustic_sib.ladder.registry import Climb
from tests.ladder.gaussians import gaussian_climb, two_classes

CONFIGURED = {"candidates": ["logistic", "knn"], "feature_sets": ["compact", "all"]}
FOLDS = {"repeats": 2, "n_splits": 4}


@pytest.fixture(scope="module")
def climb() -> Climb:
    return gaussian_climb(*two_classes(12, 10, distances=[1, 0, 1.5, 0], offset=0.3),
                          models=CONFIGURED, folds=FOLDS)  # fmt: skip


@pytest.fixture(scope="module")
def found(climb: Climb) -> Cells:
    return measured_cells(climb)


def alone(climb: Climb, model: str, feature_set: str) -> pd.DataFrame:
    settings = climb.config.models.model_copy(
        update={"candidates": (model,), "feature_sets": (feature_set,)}
    )
    return evaluate(
        climb.features, climb.manifest, climb.folds, settings=settings, seed=0, jobs=1,
        column_sets={feature_set: climb.column_sets[feature_set]},
    ).predictions  # fmt: skip


def test_every_model_stands_beside_every_set(found: Cells) -> None:
    assert [(cell["feature_set"], cell["model"], cell["settings"]) for cell in found.cells] == [
        (name, model, settings)
        for name in ("compact", "all")
        for model, settings in (("logistic", "chosen inside"), ("knn", "chosen inside"),
                                ("lda", "fixed"), ("random_forest", "fixed"))
    ]  # fmt: skip


@pytest.mark.parametrize("model", ["logistic", "knn"])
@pytest.mark.parametrize("feature_set", ["compact", "all"])
def test_a_cell_is_what_evaluating_it_alone_gives(
    climb: Climb, found: Cells, model: str, feature_set: str
) -> None:
    """Although it takes its settings from the figures that the baseline measured for its own."""
    atoms = metrics.confusions(alone(climb, model, feature_set), climb.manifest, climb.classes)
    cell = next(one for one in found.cells
                if (one["model"], one["feature_set"]) == (model, feature_set))  # fmt: skip
    assert cell["uar"] == metrics.interval(atoms, metrics.uar).as_dict()


def test_the_nested_choice_is_the_baseline(climb: Climb, found: Cells) -> None:
    atoms = metrics.confusions(climb.baseline.predictions, climb.manifest, climb.classes)
    assert found.nested["uar"] == metrics.interval(atoms, metrics.uar).as_dict()
    assert found.nested["folds"] == sum(found.nested["times_chosen"].values()) == 8


def test_a_comparison_by_hand(climb: Climb, found: Cells) -> None:
    """Nadeau and Bengio (2003): eight folds of 30 of 120 clips, so n_test / n_train is 30 / 90
    (up to how evenly the speakers can be dealt: twelve of ten clips into four folds)."""
    label = dict(zip(climb.manifest["clip_id"], climb.manifest["label"], strict=True))

    def fold_uars(predictions: pd.DataFrame) -> list[float]:
        figures = []
        for _, rows in predictions.groupby(["repeat", "fold"]):
            recalls = []
            for name in "ab":
                own = [guess == name for clip, guess in zip(rows["clip_id"], rows["predicted"],
                       strict=True) if label[clip] == name]  # fmt: skip
                recalls.append(sum(own) / len(own))
            figures.append(sum(recalls) / 2)
        return figures

    one = np.array(fold_uars(alone(climb, "knn", "compact")))
    apart = one - np.array(fold_uars(climb.baseline.predictions))
    assert len(apart) == 8
    t = apart.mean() / math.sqrt((1 / 8 + 30 / 90) * apart.var(ddof=1))
    row = next(row for row in found.comparisons if row["a"] == "knn on compact")
    assert row["b"] == NESTED
    assert row["difference"] == pytest.approx(apart.mean())
    assert row["t"] == pytest.approx(t)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(t), 7))
    assert row["low"] < row["difference"] < row["high"]
    p_values = sorted(row["p_value"] for row in found.comparisons)
    lowest = min(found.comparisons, key=lambda row: row["p_value"])
    assert lowest["p_holm"] == pytest.approx(min(1, 8 * p_values[0]))
    assert all(row["p_holm"] >= row["p_value"] for row in found.comparisons)


def test_a_lone_candidate_does_not_differ_from_itself() -> None:
    climb = gaussian_climb(*two_classes(8, 6, distances=[1, 1]),
                           models={"candidates": ["lda"], "feature_sets": ["all"]})  # fmt: skip
    found = measured_cells(climb)
    assert [cell["model"] for cell in found.cells] == ["lda", "random_forest"]
    assert [cell["settings"] for cell in found.cells] == ["chosen inside", "fixed"]
    same = found.comparisons[0]
    assert (same["difference"], same["p_value"], same["p_holm"]) == (0, 1, 1)
    assert set(ALONGSIDE) == {"lda", "random_forest"}


def test_two_folds_are_not_compared() -> None:
    climb = gaussian_climb(*two_classes(8, 6, distances=[1, 1]), models=CONFIGURED,
                           folds={"n_splits": 2})  # fmt: skip
    found = measured_cells(climb)
    assert len(found.cells) == 8
    assert found.comparisons == []
