"""Paired tests against values known by hand, by enumeration and from scipy."""

import math

import numpy as np
import pytest
from scipy import stats

from acoustic_sib.paired import corrected_t, holm, mcnemar, swap_test


def test_swaps_are_enumerated_by_hand() -> None:
    """0.3 + 0.2 - 0.1 = 0.4: of the eight signed sums only +-0.6 and +-0.4 reach it."""
    test = swap_test(np.array([0.3, 0.2, -0.1]), n=100)
    assert (test.p_value, test.n, test.exact, test.smallest_p) == (4 / 8, 8, True, 2 / 8)


def test_all_units_on_one_side_reach_the_smallest_p() -> None:
    test = swap_test(np.full(8, 0.05), n=256)
    assert test.exact
    assert test.p_value == test.smallest_p == 2 / 256


def test_random_swaps_agree_with_all_of_them() -> None:
    contributions = np.random.default_rng(1).normal(0.02, 0.05, 12)
    every = swap_test(contributions, n=4096)
    drawn = swap_test(contributions, n=4095, seed=3)
    assert every.exact
    assert not drawn.exact
    assert drawn.p_value == pytest.approx(every.p_value, abs=0.02)
    assert drawn == swap_test(contributions, n=4095, seed=3)
    assert drawn != swap_test(contributions, n=4095, seed=4)


def test_random_swaps_count_themselves() -> None:
    """No draw of 200 reaches 40 units that all agree: p = (1 + 0) / (1 + 200)."""
    test = swap_test(np.full(40, 0.01), n=200)
    assert test.p_value == test.smallest_p == 1 / 201


def test_units_that_add_nothing_do_not_count() -> None:
    assert swap_test(np.zeros(40), n=100).p_value == 1
    padded = np.concatenate([np.zeros(40), [0.3, 0.2, -0.1]])
    assert swap_test(padded, n=100) == swap_test(np.array([0.3, 0.2, -0.1]), n=100)


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (1, 0), (7, 2), (2, 7), (5, 5), (60, 31)])
def test_mcnemar_is_a_coin_toss(only_a: int, only_b: int) -> None:
    right_a = np.array([True] * only_a + [False] * only_b + [True] * 9 + [False] * 4)
    right_b = np.array([False] * only_a + [True] * only_b + [True] * 9 + [False] * 4)
    test = mcnemar(right_a, right_b)
    expected = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert (test.only_a, test.only_b) == (only_a, only_b)
    assert test.p_value == pytest.approx(expected, rel=1e-9)


def test_corrected_t_by_hand() -> None:
    """Differences 1..4: mean 2.5, variance 5/3; t = 2.5 / sqrt((1/4 + 1/2) * 5/3) = sqrt(5)."""
    test = corrected_t(np.array([1.0, 2.0, 3.0, 4.0]), 0.5)
    assert test.t == pytest.approx(math.sqrt(5))
    assert (test.df, test.mean) == (3, 2.5)
    assert test.p_value == pytest.approx(2 * stats.t.sf(math.sqrt(5), 3))
    margin = stats.t.ppf(0.975, 3) * 2.5 / math.sqrt(5)
    assert (test.low, test.high) == pytest.approx((2.5 - margin, 2.5 + margin))


def test_without_overlap_the_corrected_t_is_the_plain_one() -> None:
    values = np.random.default_rng(0).normal(0.02, 0.04, 10)
    plain = stats.ttest_1samp(values, 0)
    test = corrected_t(values, 0.0)
    assert (test.t, test.p_value) == pytest.approx((plain.statistic, plain.pvalue))


def test_folds_that_do_not_differ() -> None:
    same = corrected_t(np.zeros(10), 0.25)
    assert (same.p_value, same.t, same.low, same.high) == (1, 0, 0, 0)
    assert math.isnan(corrected_t(np.full(10, 0.1), 0.25).p_value)


def test_holm_by_hand() -> None:
    """.01 x 4, .02 x 3, .03 x 2 (not below .06), .5 x 1."""
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []
