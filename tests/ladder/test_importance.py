"""Permutation importance against drops that follow from theory."""

import numpy as np
import pytest
from scipy.stats import norm

from acoustic_sib.ladder import importance
from acoustic_sib.ladder.importance import families_of, family_importance
from acoustic_sib.ladder.registry import Climb
from tests.ladder.gaussians import gaussian_climb, two_classes


def drops(climb: Climb) -> dict[str, dict[str, float]]:
    return {row["family"]: row["drop"] for row in family_importance(climb).rows}


def expected_drop(distances: list[float], exchanged: int) -> float:
    """The best rule adds d x over the columns. With one column of another clip, whose class is
    either with one half, its mean is D^2 / 2 or D^2 / 2 - d^2 and its SD D all the same."""
    total = np.linalg.norm(distances)
    other = norm.cdf(total / 2 - distances[exchanged] ** 2 / total)
    return float((norm.cdf(total / 2) - other) / 2)


def test_drops_are_those_of_theory() -> None:
    distances = [2.0, 1.2, 0.0]
    climb = gaussian_climb(*two_classes(30, 40, distances=distances),
                           columns=["strong.a", "weak.a", "noise.a"])  # fmt: skip
    found = drops(climb)
    assert list(found) == ["strong", "weak", "noise"]
    for position, family in enumerate(found):
        drop, expected = found[family], expected_drop(distances, position)
        assert drop["value"] == pytest.approx(expected, abs=0.025)
        assert drop["low"] - 0.002 <= expected <= drop["high"] + 0.002
    assert found["strong"]["low"] > 0
    assert found["weak"]["low"] > 0
    assert abs(found["noise"]["value"]) < 0.005


def test_a_family_is_exchanged_as_a_whole() -> None:
    """The difference of two columns of SD 3 tells the label. Exchanged together they keep a
    difference of SD 1, and the other family still tells what it can; exchanged one by one, a
    difference of SD 4 would drown it."""
    values, labels, speakers = two_classes(30, 30, distances=[3.0, 2.0])
    common = 3 * np.random.default_rng(0).standard_normal(len(labels))
    table = np.column_stack([values[:, 0] + common, common, values[:, 1]])
    pair = drops(gaussian_climb(table, labels, speakers, shrinkage=None,
                                columns=["pair.a", "pair.b", "other.a"]))["pair"]  # fmt: skip
    difference = drops(gaussian_climb(values, labels, speakers, shrinkage=None,
                                      columns=["pair.difference", "other.a"]))["pair"]  # fmt: skip
    assert pair["value"] == pytest.approx(difference["value"], abs=0.01)
    assert pair["value"] == pytest.approx(expected_drop([3.0, 2.0], 0), abs=0.05)
    assert families_of(["b.x", "a.y", "b.z"]) == {"b": 2, "a": 1}


def test_families_that_say_the_same_share_their_importance() -> None:
    values, labels, speakers = two_classes(20, 30, distances=[2.0])
    noise = np.random.default_rng(1).standard_normal((2, len(labels), 1))
    alone = drops(gaussian_climb(np.hstack([values, noise[0]]), labels, speakers,
                                 columns=["one.a", "noise.a"]))  # fmt: skip
    shared = drops(gaussian_climb(np.hstack([values, values + 0.1 * noise[1]]), labels, speakers,
                                  columns=["one.a", "other.a"]))  # fmt: skip
    assert alone["one"]["value"] == pytest.approx(norm.cdf(1.0) - 0.5, abs=0.04)
    assert max(drop["value"] for drop in shared.values()) < 0.7 * alone["one"]["value"]


def test_folds_that_test_one_class_exchange_with_the_others() -> None:
    """Each fold tests one speaker of one label: exchanged among its own clips, a family would
    keep its classes and lose nothing."""
    climb = gaussian_climb(*two_classes(10, 30, distances=[2.0, 0.0], one_label=True),
                           columns=["one.a", "noise.a"], folds={"n_splits": 10})  # fmt: skip
    found = family_importance(climb)
    assert found.exchanged == "all tested clips, 10 times"
    assert found.rows[0]["family"] == "one"
    assert found.rows[0]["drop"]["value"] == pytest.approx(norm.cdf(1.0) - 0.5, abs=0.05)
    five = gaussian_climb(*two_classes(10, 30, distances=[2.0, 0.0]))
    assert family_importance(five).exchanged == "each fold's tested clips, 10 times"


def test_a_model_is_fitted_once_a_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    fits: list[int] = []
    whole = importance.Clips.fitted

    def counted(self: importance.Clips, candidate: object, rows: np.ndarray) -> object:
        fits.append(len(rows))
        # The wrapper passes on what it is given, whatever its type.
        return whole(self, candidate, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(importance.Clips, "fitted", counted)
    family_importance(gaussian_climb(*two_classes(10, 4, distances=[1, 1]),
                                     folds={"repeats": 2}))  # fmt: skip
    assert fits == [32] * 5
