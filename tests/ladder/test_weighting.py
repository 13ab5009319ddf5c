"""Rung 6: class weights, resampling and thresholds, and when imbalance is to blame."""

import numpy as np
import pytest

from acoustic_sib.evaluate import fold_tasks
from acoustic_sib.ladder.weighting import (
    WAYS,
    oversampled,
    thresholds,
    undersampled,
    weighting,
)
from acoustic_sib.models import classifier
from tests.ladder.climbs import climb

LABELS = np.array(["a"] * 3 + ["b"] * 10 + ["c"] * 5)


def counts(rows: np.ndarray) -> list[int]:
    return np.unique(LABELS[rows], return_counts=True)[1].tolist()


def test_oversampling_repeats_and_undersampling_drops() -> None:
    rng = np.random.default_rng(0)
    more = oversampled(LABELS, rng)
    assert counts(more) == [10, 10, 10]
    assert set(more) == set(range(18))
    assert sorted(more[LABELS[more] == "b"]) == list(range(3, 13))
    fewer = undersampled(LABELS, rng)
    assert counts(fewer) == [3, 3, 3]
    assert len(set(fewer)) == 9
    assert set(undersampled(LABELS, rng)) != set(fewer)


def test_thresholds_undo_a_prior() -> None:
    """Two unit Gaussians 2 apart, nine to one: the posterior's best threshold for UAR gives the
    rare class nine times its weight, and reaches Bayes' UAR of .841 on balanced classes."""
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], [9000, 1000])
    x = rng.standard_normal(10000) + 2 * codes
    odds = np.exp(2 * x - 2) / 9
    probabilities = np.column_stack([1 / (1 + odds), odds / (1 + odds)])
    factors = thresholds(probabilities, codes)
    assert factors[1] / factors[0] == pytest.approx(9, rel=0.5)
    chosen = np.argmax(probabilities * factors, axis=1)
    uar = np.mean([(chosen[codes == code] == code).mean() for code in (0, 1)])
    assert uar == pytest.approx(0.841, abs=0.01)


def test_thresholds_stay_where_moving_them_gains_nothing() -> None:
    certain = np.eye(3)[np.repeat([0, 1, 2], 5)]
    assert thresholds(certain, np.repeat([0, 1, 2], 5)).tolist() == [1, 1, 1]


@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_class_margins_agree_with_what_the_machine_says(n_classes: int) -> None:
    rng = np.random.default_rng(0)
    labels = np.tile(list("abcd")[:n_classes], 30)
    table = rng.standard_normal((len(labels), 3)) + 3 * np.eye(4)[
        np.unique(labels, return_inverse=True)[1], :3]  # fmt: skip
    machine = classifier("svm_rbf", {"C": 2.0}, weighting="none", seed=0).fit(table, labels)
    margins = machine.class_margins(table)
    assert margins.shape == (len(labels), n_classes)
    np.testing.assert_allclose(margins.sum(axis=1), 0, atol=1e-9)
    said = machine.classes_[margins.argmax(axis=1)]
    assert (said == machine.predict(table)).mean() > 0.97


def test_a_balanced_corpus_passes() -> None:
    found = weighting(climb((40, 40, 40)))
    assert found.status == "pass"
    assert "matter little" in found.says
    rows = {row["way"]: row for row in found.evidence["ways"]}
    assert tuple(rows) == WAYS
    for way in WAYS[1:]:
        change = rows[way]["uar_change"]
        assert change["low"] <= change["value"] <= change["high"]
        assert change["value"] == pytest.approx(rows[way]["uar"]["value"]
                                                - rows["none"]["uar"]["value"])  # fmt: skip
    assert rows["none"]["uar"]["value"] == pytest.approx(0.80, abs=0.1)
    assert found.evidence["largest_to_smallest"] == 1


@pytest.mark.parametrize("model", ["logistic", "svm_rbf", "lda"])
def test_strong_imbalance_is_told(model: str) -> None:
    """20 of 260 clips in the two small classes and signal of 1.5 SD: without weights nearly all
    are called Lateral, and each remedy finds some of the small classes again."""
    found = weighting(climb((20, 220, 20), signal=1.5, model=model))
    assert found.status == "warn"
    assert "class sizes alone can make a model look as if it did not learn" in found.says
    assert found.next.startswith("train any other model with class weights")
    rows = {row["way"]: row for row in found.evidence["ways"]}
    assert found.evidence["minority_class"] == "Interdental"
    assert found.evidence["largest_to_smallest"] == 11
    assert rows["balanced"]["uar_change"]["low"] > 0
    for way in WAYS[1:]:
        assert rows[way]["minority_recall"]["value"] > rows["none"]["minority_recall"]["value"]
        assert rows[way]["minority_recall"]["n_clips"] == 20
    assert 0.25 <= found.evidence["share_of_gain"] <= 1


def test_a_configuration_without_weights_is_told_to_use_them() -> None:
    found = weighting(climb((20, 220, 20), signal=1.5, models={"class_weight": "none"}))
    assert found.next.endswith("set models.class_weight: balanced here")


def test_where_nothing_is_learnt_imbalance_is_not_blamed() -> None:
    found = weighting(climb((15, 90, 15), signal=0.0))
    assert found.status == "pass"
    assert "class sizes are not what keeps the labels from being learnt" in found.says


def test_too_few_clips_to_weight_are_skipped() -> None:
    found = weighting(climb((5, 30, 30)))
    assert found.status == "skipped"
    assert "class 'Interdental' has" in found.says


def test_each_clip_is_tried_once_on_the_first_repeat() -> None:
    whole = climb((20, 30, 25))
    found = weighting(whole)
    n_clips = {row["uar"]["n_clips"] for row in found.evidence["ways"]}
    assert n_clips == {75}
    assert len(fold_tasks(whole.folds, whole.manifest)) == 4
