import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import Ridge

from acoustic_sib.significance import (
    RIDGE_SHARE,
    best_of_tables,
    exchangeable,
    permutation_test,
    permuted,
    smallest_p,
)

Design = tuple[np.ndarray, np.ndarray, np.ndarray]


def crossed(n_speakers: int = 12, n_each: int = 10, seed: int = 0) -> Design:
    """Labels, speakers and folds of a design in which each speaker says every class."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, n_speakers * n_each, p=[0.2, 0.5, 0.3])
    speakers = np.repeat([f"s{i:02d}" for i in range(n_speakers)], n_each)
    return labels, speakers, np.repeat(np.arange(n_speakers) % 3, n_each)


def test_labels_move_within_speakers_who_have_several() -> None:
    labels, speakers, _ = crossed()
    design = exchangeable(labels, speakers)
    assert design.unit == "within_speaker"
    drawn = permuted(design, labels, 50, np.random.default_rng(1))
    for speaker in np.unique(speakers):
        of_speaker = np.sort(drawn[:, speakers == speaker], axis=1)
        assert (of_speaker == np.sort(labels[speakers == speaker])).all()
    assert (drawn != labels).any(axis=1).all()


def test_whole_labels_move_between_speakers_who_have_one() -> None:
    """The trap: permuting within groups would leave such labels as they are."""
    speakers = np.repeat([f"s{i}" for i in range(9)], [4, 7, 3, 5, 6, 2, 8, 4, 5])
    labels = np.repeat([0, 1, 2, 0, 1, 2, 0, 1, 2], [4, 7, 3, 5, 6, 2, 8, 4, 5])
    design = exchangeable(labels, speakers)
    assert design.unit == "speaker"
    drawn = permuted(design, labels, 200, np.random.default_rng(1))
    for speaker in np.unique(speakers):
        assert (np.ptp(drawn[:, speakers == speaker], axis=1) == 0).all()
    first = np.unique(speakers, return_index=True)[1]
    assert (np.sort(drawn[:, first], axis=1) == [0, 0, 0, 1, 1, 1, 2, 2, 2]).all()
    assert (drawn != labels).any(axis=1).mean() > 0.9


def test_a_mixed_design_is_kept() -> None:
    labels, speakers, _ = crossed()
    labels = np.where(np.isin(speakers, ["s00", "s01", "s02"]), 1, labels)
    labels = np.where(speakers == "s01", 0, labels)
    design = exchangeable(labels, speakers)
    assert design.unit == "mixed"
    drawn = permuted(design, labels, 100, np.random.default_rng(1))
    singles = drawn[:, np.isin(speakers, ["s00", "s01", "s02"])].reshape(100, 3, 10)
    assert (np.ptp(singles, axis=2) == 0).all()
    assert (np.sort(singles[:, :, 0], axis=1) == [0, 1, 1]).all()
    others = speakers == "s05"
    assert (np.sort(drawn[:, others], axis=1) == np.sort(labels[others])).all()


def test_clips_are_exchanged_where_no_speaker_is_known() -> None:
    assert exchangeable(np.array([0, 1, 1]), None).unit == "clip"


@pytest.mark.parametrize(
    ("of_speakers", "expected"),
    [
        # 6 speakers, two a class: 6! / (2! 2! 2!) = 90 relabellings, 3! of them only rename.
        ([0, 0, 1, 1, 2, 2], 6 / 90),
        # 4 speakers of one class, 2 of the other: 15 relabellings, none is a renaming.
        ([0, 0, 0, 0, 1, 1], 1 / 15),
        # 12 speakers, four a class: 34650 relabellings, so the number of draws decides.
        ([0] * 4 + [1] * 4 + [2] * 4, 1 / 1001),
    ],
)
def test_smallest_p_of_small_designs(of_speakers: list[int], expected: float) -> None:
    labels = np.repeat(of_speakers, 5)
    speakers = np.repeat([f"s{i:02d}" for i in range(len(of_speakers))], 5)
    design = exchangeable(labels, speakers)
    assert smallest_p(design, labels, 1000) == pytest.approx(expected)


def direct_uar(features: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> float:
    """The statistic the long way: scikit-learn's Ridge on indicators, divided by the priors."""
    predicted = np.empty_like(labels)
    for fold in np.unique(folds):
        train, test = folds != fold, folds == fold
        mean, spread = features[train].mean(axis=0), features[train].std(axis=0)
        seen, unseen = ((features[part] - mean) / spread for part in (train, test))
        indicators = np.eye(3)[labels[train]]
        ridge = Ridge(alpha=RIDGE_SHARE * train.sum()).fit(seen, indicators)
        predicted[test] = np.argmax(ridge.predict(unseen) / indicators.mean(axis=0), axis=1)
    return float(np.mean([np.mean(predicted[labels == code] == code) for code in range(3)]))


@pytest.mark.parametrize("n_columns", [5, 300])
def test_statistic_and_null_equal_refits(n_columns: int) -> None:
    labels, speakers, folds = crossed()
    features = np.random.default_rng(3).standard_normal((len(labels), n_columns))
    features[:, 0] += labels
    found = permutation_test(features, labels, speakers, folds, n=100, seed=5)
    assert found.statistic == pytest.approx(direct_uar(features, labels, folds))
    drawn = permuted(exchangeable(labels, speakers), labels, 100, np.random.default_rng([5, 1]))
    null = [direct_uar(features, relabelled, folds) for relabelled in drawn]
    assert found.null_mean == pytest.approx(np.mean(null))
    assert found.p_value == pytest.approx(
        (1 + np.sum(np.array(null) >= found.statistic - 1e-12)) / 101
    )


def test_missing_values_and_constant_columns_do_no_harm() -> None:
    labels, speakers, folds = crossed()
    features = np.random.default_rng(3).standard_normal((len(labels), 6))
    features[:, 0] += 2 * labels
    features[::7, 1] = np.nan
    features[:, 2] = 4.0
    features[:, 3] = np.nan
    found = permutation_test(features, labels, speakers, folds, n=200, seed=0)
    assert found.p_value == pytest.approx(1 / 201)
    assert found.statistic > 0.6


@pytest.mark.parametrize("one_label", [True, False])
def test_p_is_uniform_without_signal(one_label: bool) -> None:
    """200 corpora of noise: p below .05 in about 10 of them (binomial 99.9 %: at most 21), and
    their mean near one half (three standard errors: .061)."""
    p_values = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        speakers = np.repeat([f"s{i:02d}" for i in range(12)], 6)
        labels = np.repeat(rng.permutation([0, 1, 2] * 4), 6) if one_label else (
            rng.integers(3, size=72))  # fmt: skip
        # Speakers differ, as they do: that must not count as evidence.
        features = rng.standard_normal((72, 4)) + np.repeat(rng.standard_normal((12, 4)), 6, axis=0)
        folds = np.repeat(np.arange(12) % 4, 6)
        p_values.append(
            permutation_test(features, labels, speakers, folds, n=100, seed=seed).p_value
        )
    assert np.mean(np.array(p_values) < 0.05) <= 21 / 200
    assert abs(np.mean(p_values) - 0.5) < 0.061 + 0.01


def test_training_only_clips_are_never_scored() -> None:
    labels, speakers, folds = crossed()
    features = np.random.default_rng(3).standard_normal((len(labels), 3))
    features[:, 0] += 3 * labels
    only_train = np.where(folds == 0, -1, folds)
    found = permutation_test(features, labels, speakers, only_train, n=100, seed=0)
    assert found.statistic > 0.6
    # Were the training-only clips scored, their spoilt measures would lower the statistic.
    assert not np.isnan(found.null_sd)


def test_the_best_of_one_table_is_its_permutation_test() -> None:
    rng = np.random.default_rng(4)
    labels, speakers = np.tile([0, 1, 2], 24), np.repeat([f"s{k}" for k in range(12)], 6)
    table, folds = rng.standard_normal((72, 4)), np.arange(72) // 18
    alone = permutation_test(table, labels, speakers, folds, n=200, seed=3)
    assert best_of_tables([table], labels, speakers, folds, n=200, seed=3) == alone.p_value


def test_the_best_of_six_tables_of_noise_is_no_find() -> None:
    """80 corpora: p of the best at most .05 in no more than a rate of .05 gives once in a thousand
    (11), while the smallest of six single p is below .05 in about a quarter of them."""
    labels, folds = np.tile([0, 1, 2], 24), np.arange(72) // 18
    best, smallest = [], []
    for number in range(80):
        rng = np.random.default_rng([5, number])
        tables = [rng.standard_normal((72, 1)) for _ in range(6)]
        best.append(best_of_tables(tables, labels, None, folds, n=99, seed=number))
        smallest.append(min(permutation_test(one, labels, None, folds, n=99, seed=number).p_value
                            for one in tables))  # fmt: skip
    limit = stats.binom.isf(0.001, 80, 0.05)
    assert np.sum(np.array(best) <= 0.05) <= limit < np.sum(np.array(smallest) <= 0.05)


def test_a_table_that_tells_is_found_among_noise() -> None:
    rng = np.random.default_rng(6)
    labels, folds = np.tile([0, 1, 2], 24), np.arange(72) // 18
    tables = [rng.standard_normal((72, 1)) for _ in range(5)]
    tables.append(np.eye(3)[labels] + 0.3 * rng.standard_normal((72, 3)))
    assert best_of_tables(tables, labels, None, folds, n=199) == 1 / 200
