"""Sets and probabilities against what is known: by hand, by theory, by simulation."""

import numpy as np
import pytest
from sklearn.metrics import log_loss as sklearn_log_loss

from acoustic_sib.screen.affine import softmax
from acoustic_sib.screen.calibration import calibration_error, fitted_temperature, log_loss
from acoustic_sib.screen.conformal import (
    ClassScores,
    Conformal,
    calibrated,
    fewest_speakers,
)


def of_scores(scores: list[float], groups: list[int]) -> ClassScores:
    """The first class's, of clips that have these scores as their true class."""
    found = np.array(scores)
    both = calibrated(np.column_stack([1 - found, found]), np.zeros(len(found), int),
                      np.array(groups))  # fmt: skip
    return both.of_class[0]


def alike(scores: list[float], groups: list[int], n_classes: int) -> Conformal:
    return Conformal(of_class=(of_scores(scores, groups),) * n_classes)


def test_speakers_share_the_weight_by_hand() -> None:
    """Speaker 0 has two clips of 1/8 each, speakers 1 and 2 one of 1/4; 1/4 lies at infinity."""
    found = of_scores([0.1, 0.4, 0.2, 0.3], [0, 0, 1, 2])
    assert found.weights.tolist() == [0.125, 0.25, 0.25, 0.125]
    assert found.threshold(0.125) == pytest.approx(0.1)
    assert found.threshold(0.126) == pytest.approx(0.2)
    assert found.threshold(0.5) == pytest.approx(0.3)
    assert found.threshold(0.75) == pytest.approx(0.4)
    assert found.threshold(0.76) == np.inf


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
def test_clips_of_their_own_give_ordinary_split_conformal_sets(level: float) -> None:
    """The ceil((n + 1) level)-th smallest of n scores (Vovk; Lei et al. 2018)."""
    scores = np.random.default_rng(0).uniform(size=99)
    rank = int(np.ceil(100 * level - 1e-9))
    found = of_scores(scores.tolist(), list(range(99)))
    assert found.threshold(level) == pytest.approx(np.sort(scores)[rank - 1])


def test_too_few_speakers_for_the_level_rule_nothing_out() -> None:
    found = alike([0.1] * 50, [0, 1, 2, 3, 4] * 10, 2)
    assert found.members(np.array([[1.0, 0.0]]), 0.9).tolist() == [[True, True]]
    assert found.members(np.array([[1.0, 0.0]]), 0.8).tolist() == [[True, False]]


def test_a_clip_that_is_sure_of_nothing_is_uncertain_between_the_two_likeliest() -> None:
    found = alike([0.1] * 9, list(range(9)), 3)
    rows = np.array([[0.95, 0.03, 0.02], [0.4, 0.05, 0.55]])
    assert found.members(rows, 0.9).tolist() == [[True, False, False], [True, False, True]]


@pytest.mark.parametrize(("level", "n"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_the_speakers_that_a_level_needs(level: float, n: int) -> None:
    assert fewest_speakers(level) == n
    assert of_scores([0.1] * n, list(range(n))).threshold(level) == pytest.approx(0.1)
    if n > 1:
        assert of_scores([0.1] * (n - 1), list(range(n - 1))).threshold(level) == np.inf


def test_each_class_has_the_threshold_of_its_own_clips() -> None:
    """A rare class that is often missed is not paid for by a common one: ten speakers say nine
    clips of the first class, p .9, and one of the second, p .2. The likeliest class stands in the
    set although it misses its own threshold: no set contradicts what is predicted."""
    probabilities = np.array([[0.9, 0.1]] * 9 + [[0.8, 0.2]])
    codes = np.array([0] * 9 + [1])
    found = calibrated(np.tile(probabilities, (10, 1)), np.tile(codes, 10),
                       np.repeat(np.arange(10), 10))  # fmt: skip
    assert [one.threshold(0.9) for one in found.of_class] == pytest.approx([0.1, 0.8])
    assert found.members(np.array([[0.8, 0.2], [0.9, 0.1]]), 0.9).tolist() == [
        [True, True], [True, False],
    ]  # fmt: skip


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_sets_cover_new_speakers_where_pooled_clips_would_not(level: float) -> None:
    """12 speakers, of 3 or 60 clips; the large ones have low scores, so counting clips alone would
    set the threshold by them. A new speaker is large or small at even odds."""
    rng = np.random.default_rng([5, round(100 * level)])
    covered, pooled = [], []
    for _ in range(1500):
        large = rng.random(13) < 0.5
        scores = [
            np.clip(rng.normal(0.2 if one else 0.5, 0.1) + rng.normal(0, 0.08, 60 if one else 3),
                    0, 1)
            for one in large
        ]  # fmt: skip
        groups = np.repeat(np.arange(12), [len(one) for one in scores[:12]])
        known = np.concatenate(scores[:12])
        new = rng.choice(scores[12])
        covered.append(new <= of_scores(known.tolist(), groups.tolist()).threshold(level))
        pooled.append(new <= np.quantile(known, level))
    error = 3 * np.sqrt(level * (1 - level) / 1500)
    assert level - error <= np.mean(covered) <= level + 1 / 13 + error
    assert np.mean(pooled) < level - error


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Class scores and classes drawn by their softmax: a perfectly calibrated model."""
    rng = np.random.default_rng(seed)
    scores = 2 * rng.standard_normal((n, 3))
    codes = (softmax(scores).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return scores, codes


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_takes_back_what_was_claimed_too_surely(factor: float) -> None:
    scores, codes = drawn(40_000, 1)
    assert fitted_temperature(factor * scores, codes, np.ones(40_000)) == pytest.approx(
        factor, rel=0.03
    )


def test_the_temperature_has_bounds_without_a_wrong_clip() -> None:
    codes = np.array([0, 1, 2] * 5)
    assert fitted_temperature(9.0 * np.eye(3)[codes], codes, np.ones(15)) == pytest.approx(
        0.05, rel=0.01
    )


def test_calibrated_probabilities_have_no_error_and_bold_ones_do() -> None:
    scores, codes = drawn(40_000, 2)
    even = np.ones(40_000)
    assert calibration_error(softmax(scores), codes, even) < 0.01
    assert calibration_error(softmax(3 * scores), codes, even) > 0.1
    stated = np.tile([0.9, 0.1], (1000, 1))
    truth = np.array([0] * 700 + [1] * 300)
    assert calibration_error(stated, truth, np.ones(1000)) == pytest.approx(0.2)
    weights = np.where(truth == 0, 1.0, 7 / 3)
    assert calibration_error(stated, truth, weights) == pytest.approx(0.4)


def test_log_loss_is_scikit_learn_s() -> None:
    scores, codes = drawn(500, 3)
    weights = np.random.default_rng(4).uniform(0.5, 2, 500)
    expected = sklearn_log_loss(codes, softmax(scores), sample_weight=weights)
    assert log_loss(softmax(scores), codes, weights) == pytest.approx(expected)
