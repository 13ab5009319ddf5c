"""The learning curve over speakers and its forecast, on classes whose limits are known."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import norm

from acoustic_sib.evaluate import fold_tasks
from acoustic_sib.ladder.forecast import fitted_law, forecast
from acoustic_sib.ladder.learning_curve import (
    DRAWS,
    FEWEST_CLIPS,
    _all_orders,
    learning_curve,
    speaker_order,
    training_rows,
    training_sizes,
)
from acoustic_sib.ladder.over_folds import clips_of
from tests.ladder.gaussians import gaussian_climb, two_classes


def test_sizes_are_spread_on_a_log_scale_up_to_all() -> None:
    assert training_sizes(2, 96, 3) == [8, 13, 22, 36, 58, 96]
    assert training_sizes(5, 8, 3) == [5, 6, 7, 8]
    assert training_sizes(3, 3, 3) == [3]
    assert training_sizes(40, 34, 3) == [34]


def test_an_order_begins_with_two_clips_of_each_class() -> None:
    """Nine speakers of a, one of whom says b once, and a tenth with b and c: the first speakers
    must hold both clips of b and of c, so always the tenth and, for b, the ninth as well."""
    speakers = np.repeat(np.arange(10), 4)
    labels = np.array(["a"] * 32 + ["a", "a", "a", "b"] + ["b", "c", "c", "c"])
    for draw in range(20):
        order = speaker_order(labels, speakers, draw, np.random.default_rng(draw))
        assert sorted(order.speakers) == list(range(10))
        first = order.speakers[: order.fewest]
        assert {8, 9} <= set(first.tolist())
        held = labels[np.isin(speakers, first)]
        assert all((held == name).sum() >= FEWEST_CLIPS for name in "abc")


def test_speakers_with_one_label_are_mixed_evenly() -> None:
    """20 speakers of a, 10 of b: about two to one among any first n, whatever the draw."""
    speakers = np.repeat(np.arange(30), 3)
    labels = np.where(speakers < 20, "a", "b")
    seen = set()
    for draw in range(20):
        order = speaker_order(labels, speakers, draw, np.random.default_rng(draw)).speakers
        for n in (6, 12, 18, 24):
            assert (order[:n] < 20).sum() == pytest.approx(2 * n / 3, abs=2)
        seen.add(tuple(order[:6]))
    assert len(seen) == 20


@pytest.mark.parametrize("one_label", [False, True])
@pytest.mark.parametrize("repeats", [1, 3])
def test_no_tested_speaker_is_trained_on_at_any_size(one_label: bool, repeats: int) -> None:
    climb = gaussian_climb(*two_classes(15, 6, distances=[1, 1], one_label=one_label),
                           folds={"repeats": repeats})  # fmt: skip
    clips, tasks = clips_of(climb), fold_tasks(climb.folds, climb.manifest)
    orders = _all_orders(climb, tasks)
    assert clips.speakers is not None
    assert {draw.draw for own in orders.values() for draw in own} == set(range(DRAWS))
    for task in tasks:
        for order in orders[task.repeat, task.fold]:
            before: set[int] = set()
            for size in (2, 3, 5, 8, 11):
                rows = training_rows(task, clips, order, size)
                assert not set(clips.speakers[rows]) & set(clips.speakers[task.test])
                assert len(set(clips.speakers[rows])) == size
                assert before <= set(rows.tolist())
                before = set(rows.tolist())


@pytest.mark.no_cover
def test_an_easy_task_plateaus_at_its_limit() -> None:
    """Means 2 apart in one direction, speaker offsets of SD .5: no rule is right more often than
    Phi(2 / (2 sqrt(1.25))) = .814, which three speakers nearly reach in two dimensions."""
    climb = gaussian_climb(*two_classes(40, 20, distances=[2, 0], offset=0.5))
    curve = learning_curve(climb)
    limit = norm.cdf(1 / np.sqrt(1.25))
    last = curve.rows[-1]
    assert last["uar"]["value"] == pytest.approx(limit, abs=0.025)
    assert last["uar"]["low"] < limit < last["uar"]["high"]
    assert (last["n_speakers"], last["n_clips"]) == (32, 640)
    assert (last["uar"]["n_speakers"], last["uar"]["n_clips"]) == (40, 800)
    assert curve.rows[0]["uar"]["value"] > limit - 0.06
    assert curve.ahead is not None
    assert curve.ahead.told
    assert not curve.ahead.rises
    assert curve.ahead.gain["low"] < 0.005
    assert curve.ahead.gain["value"] == pytest.approx(0, abs=0.01)
    assert curve.ahead.uar["low"] < limit < curve.ahead.uar["high"]


@pytest.mark.no_cover
def test_a_hard_task_still_rises() -> None:
    """Two informative of sixty dimensions and four clips a speaker: far from the limit of
    Phi(1.5 / sqrt(2)) = .856 with a few dozen clips. The same model trained on 24 and on 48 new
    speakers, 200 times each, reached .795 and .820 of 8000 other clips."""
    climb = gaussian_climb(*two_classes(30, 4, distances=[1.5, 1.5] + [0] * 58, seed=1))
    curve = learning_curve(climb)
    values = [row["uar"]["value"] for row in curve.rows]
    assert [row["n_speakers"] for row in curve.rows] == [2, 3, 5, 9, 15, 24]
    assert (np.diff(values) > -0.01).all()
    assert values[0] < 0.65
    last, ahead = curve.rows[-1]["uar"], curve.ahead
    assert last["low"] <= 0.795 <= last["high"]
    assert ahead is not None
    assert ahead.n_speakers == 48
    assert ahead.rises
    assert ahead.gain["low"] <= 0.820 - 0.795 <= ahead.gain["high"]


def test_the_law_is_found_again() -> None:
    n = np.array([4.0, 8, 16, 32, 64])
    curves = np.stack([0.9 - 0.8 * n**-0.75, 0.8 - 0.3 * n**-1.5, 0.5 + 0.2 * n**-1.0])
    a, b, exponent = fitted_law(n, curves)
    np.testing.assert_allclose(a, [0.9, 0.8, 0.5], atol=1e-9)
    np.testing.assert_allclose(b, [0.8, 0.3, -0.2], atol=1e-9)
    np.testing.assert_allclose(exponent, [0.75, 1.5, 1.0])


def counts_of(curve: np.ndarray, *, n_speakers: int, clips: int) -> np.ndarray:
    """Confusions (size, draw, speaker, 2, 2) in which all speakers reach the same share."""
    right = np.tile(curve[:, None, None] * clips, (1, 2, n_speakers))
    rows = np.stack([np.stack([right, clips - right], -1), np.stack([clips - right, right], -1)],
                    -2)  # fmt: skip
    return np.asarray(rows)


def test_the_forecast_of_a_curve_without_noise_is_exact() -> None:
    n = np.array([4.0, 8, 16, 32])
    law = 0.9 - 0.8 * n**-0.75
    found, unknown = forecast(n, counts_of(law, n_speakers=10, clips=20), np.random.default_rng(0))
    assert found is not None
    assert unknown == ""
    assert (found.n_speakers, found.exponent) == (64, pytest.approx(0.75))
    assert found.uar["value"] == pytest.approx(0.9 - 0.8 * 64**-0.75)
    for key in ("value", "low", "high"):
        assert found.gain[key] == pytest.approx(0.8 * (32**-0.75 - 64**-0.75))
    assert found.rises
    falls = forecast(n, counts_of(0.5 + 0.8 / n, n_speakers=10, clips=20),
                     np.random.default_rng(0))[0]  # fmt: skip
    assert falls is not None
    assert falls.gain["value"] == pytest.approx(-0.8 / 64)
    assert not falls.rises


def test_a_forecast_never_exceeds_one() -> None:
    n = np.array([4.0, 8, 16, 32])
    counts = counts_of(np.array([0.5, 0.7, 0.85, 0.99]), n_speakers=10, clips=20)
    found, _ = forecast(n, counts, np.random.default_rng(0))
    assert found is not None
    assert found.uar["value"] == found.uar["high"] == 1


def test_noise_is_not_told_and_says_so() -> None:
    rng = np.random.default_rng(0)
    right = rng.choice([0.0, 1.0], size=(5, 4, 4, 2))
    counts = np.stack([np.stack([right[..., 0], 1 - right[..., 0]], -1),
                       np.stack([1 - right[..., 1], right[..., 1]], -1)], -2)  # fmt: skip
    found, unknown = forecast(np.array([2.0, 3, 4, 5, 6]), counts, rng)
    assert found is not None
    assert not found.told
    assert not found.rises
    assert "wide" in unknown
    assert forecast(np.array([2.0, 3, 4]), counts[:3], rng) == (
        None, "3 numbers of speakers to train on; the law has three unknowns and needs 4"
    )  # fmt: skip


def test_a_class_of_one_or_two_speakers_cannot_be_resampled() -> None:
    """A class said by one speaker alone is missing from (1 - 1/K)^K, over a third of resamples;
    here both classes are, each by its own."""
    counts = np.zeros((4, 2, 8, 2, 2))
    counts[:, :, 0, 0, 0] = counts[:, :, 1, 1, 1] = 10
    found, unknown = forecast(np.array([4.0, 5, 6, 7]), counts, np.random.default_rng(0))
    assert found is None
    assert "lose it" in unknown


def test_where_no_curve_can_be_drawn_it_says_why() -> None:
    values, labels, speakers = two_classes(12, 6, distances=[1, 1])
    nobody = learning_curve(gaussian_climb(values, labels, None))
    assert (nobody.rows, nobody.unknown) == ([], "no speakers are known")
    mixed = learning_curve(gaussian_climb(values, labels, speakers, folds={"plan": "stratified"}))
    assert (mixed.rows, mixed.unknown) == ([], "speakers stand in several folds")
    few = learning_curve(gaussian_climb(*two_classes(4, 6, distances=[1, 1], one_label=True)))
    assert few.rows == []
    assert few.unknown.startswith("too few speakers: the training parts hold 3")


def test_few_speakers_give_a_curve_of_few_sizes() -> None:
    climb = gaussian_climb(*two_classes(6, 10, distances=[2, 1], one_label=True))
    curve = learning_curve(climb)
    # Four or five of the six are trained on: 4.8 of them are all, on average.
    assert [row["n_speakers"] for row in curve.rows] == [2, 3, 5]
    assert curve.rows[-1]["n_clips"] == 48
    assert curve.ahead is None
    assert curve.unknown.startswith("3 numbers of speakers")


@pytest.mark.no_cover
def test_the_seed_draws_the_speakers() -> None:
    climb = gaussian_climb(*two_classes(12, 6, distances=[1, 1]))
    config = climb.config.model_copy(update={"seed": 1})
    one, same = learning_curve(climb), learning_curve(climb)
    other = learning_curve(dataclasses.replace(climb, config=config))
    assert one == same
    assert other.rows[-1]["uar"] == one.rows[-1]["uar"]  # all speakers: no draw
    assert other.rows[0]["uar"] != one.rows[0]["uar"]
