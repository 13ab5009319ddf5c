import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import f1_score, recall_score

from acoustic_sib import metrics
from acoustic_sib.errors import CorpusError
from acoustic_sib.metrics import Confusions

CLASSES = ("I", "L", "N")


def corpus(
    n_speakers: int = 12, n_each: int = 9, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A manifest and predictions that are right about three times in four."""
    rng = np.random.default_rng(seed)
    n = n_speakers * n_each
    labels = rng.choice(CLASSES, n, p=[0.2, 0.55, 0.25])
    guess = np.where(rng.random(n) < 0.65, labels, rng.choice(CLASSES, n))
    ids = [f"c{i}" for i in range(n)]
    speakers = np.repeat([f"s{i}" for i in range(n_speakers)], n_each)
    manifest = pd.DataFrame({"clip_id": ids, "path": ids, "label": labels, "speaker": speakers})
    predictions = pd.DataFrame({"clip_id": ids, "repeat": 0, "fold": 0, "predicted": guess})
    return manifest, predictions


def test_figures_equal_scikit_learn() -> None:
    manifest, predictions = corpus()
    total = metrics.confusions(predictions, manifest, CLASSES).total
    truth, guess = manifest["label"].to_numpy(str), predictions["predicted"].to_numpy(str)
    assert metrics.uar(total) == pytest.approx(recall_score(truth, guess, average="macro"))
    assert metrics.macro_f1(total) == pytest.approx(f1_score(truth, guess, average="macro"))
    assert metrics.accuracy(total) == pytest.approx(np.mean(truth == guess))
    np.testing.assert_allclose(
        metrics.recalls(total), recall_score(truth, guess, average=None, labels=list(CLASSES))
    )


def test_always_one_class_has_the_scores_of_the_33_percent_symptom() -> None:
    """580/243/234 clips, always Lateral: recall 1/3, accuracy .549, macro-F1 .236 (ssl.md)."""
    total = np.array([[0, 234, 0], [0, 580, 0], [0, 243, 0]], dtype=float)
    assert metrics.uar(total) == pytest.approx(1 / 3)
    assert metrics.accuracy(total) == pytest.approx(580 / 1057)
    assert metrics.macro_f1(total) == pytest.approx(0.236, abs=5e-4)


def test_repeats_are_averaged_before_a_unit_is_left_out() -> None:
    manifest, predictions = corpus()
    twice = pd.concat([predictions, predictions.assign(repeat=1)], ignore_index=True)
    once = metrics.confusions(predictions, manifest, CLASSES)
    both = metrics.confusions(twice, manifest, CLASSES)
    np.testing.assert_allclose(once.counts, both.counts)
    assert metrics.interval(once, metrics.uar) == metrics.interval(both, metrics.uar)


def test_interval_is_the_jackknife_on_the_logit_scale() -> None:
    manifest, predictions = corpus()
    atoms = metrics.confusions(predictions, manifest, CLASSES)
    found = metrics.interval(atoms, metrics.uar)
    logits = []
    for speaker in sorted(manifest["speaker"].unique()):  # the textbook's way: drop, score, logit
        rows = (manifest["speaker"] != speaker).to_numpy()
        truth, guess = (column.to_numpy(str)[rows]
                        for column in (manifest["label"], predictions["predicted"]))  # fmt: skip
        score = recall_score(truth, guess, average="macro")
        logits.append(np.log(score / (1 - score)))
    k = len(logits)
    error = np.sqrt((k - 1) / k * np.sum((np.array(logits) - np.mean(logits)) ** 2))
    centre = np.log(found.value / (1 - found.value))
    edges = centre + np.array([-1, 1]) * stats.t.ppf(0.975, k - 1) * error
    np.testing.assert_allclose([found.low, found.high], 1 / (1 + np.exp(-edges)))
    assert (found.n_clips, found.n_speakers, found.unit) == (108, 12, "speaker")


def test_folds_that_train_on_one_another_stretch_the_margin() -> None:
    """Five folds test one clip for four trained on: sqrt(1.25) on the logit scale. A fixed split,
    whose tested clips trained nothing, is left as it is."""
    manifest, predictions = corpus()
    five = predictions.assign(fold=np.arange(len(predictions)) // 9 % 5)
    plain, stretched = (
        metrics.interval(metrics.confusions(table, manifest, CLASSES), metrics.uar)
        for table in (predictions, pd.concat([five, five.assign(repeat=1)], ignore_index=True))
    )
    logit = [np.log(np.array([one.low, one.value, one.high])
                    / (1 - np.array([one.low, one.value, one.high])))
             for one in (plain, stretched)]  # fmt: skip
    np.testing.assert_allclose(np.diff(logit[1]), np.sqrt(1.25) * np.diff(logit[0]))


def test_two_speakers_a_class_have_three_degrees_of_freedom() -> None:
    """Welch and Satterthwaite: three equal variances of one degree each have three, not K-1 = 5."""
    counts = np.zeros((6, 3, 3))
    for speaker in range(6):
        label, hits = speaker % 3, 6 if speaker < 3 else 8
        counts[speaker, label, label] = hits
        counts[speaker, label, (label + 1) % 3] = 10 - hits
    atoms = Confusions(classes=CLASSES, counts=counts, units=tuple("abcdef"), unit="speaker")
    assert metrics.degrees_of_freedom(atoms) == pytest.approx(3)
    # Each recall is .7 with a standard error of .1 (two speakers at .6 and .8); a third of each.
    error = metrics.jackknife_error(metrics.uar(atoms.total - atoms.counts))
    assert error == pytest.approx(np.sqrt(5 / 6 * 6 * (0.1 / 3) ** 2))
    other = Confusions(classes=CLASSES, counts=np.tile(np.eye(3) * 10, (6, 1, 1)) * (counts > 0),
                       units=atoms.units, unit="speaker")  # fmt: skip
    assert metrics.degrees_of_freedom(atoms, other) == pytest.approx(3)


def test_a_perfect_figure_has_the_exact_interval_of_its_units() -> None:
    """All of K = 20 speakers right: Clopper-Pearson says .025 ** (1 / 20) = .832 at 95 %."""
    counts = np.zeros((20, 2, 2))
    counts[:, 0, 0] = counts[:, 1, 1] = 3
    atoms = Confusions(classes=("a", "b"), counts=counts, units=tuple("abcdefghijklmnopqrst"),
                       unit="speaker")  # fmt: skip
    found = metrics.interval(atoms, metrics.uar)
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(stats.beta.ppf(0.025, 20, 1))
    none_right = Confusions(classes=("a", "b"), counts=counts[:, ::-1], units=atoms.units,
                            unit="speaker")  # fmt: skip
    assert metrics.interval(none_right, metrics.uar).high == pytest.approx(1 - found.low)


def test_one_wrong_clip_does_not_blow_the_interval_up() -> None:
    """Leaving out its speaker leaves no error, whose logit is infinite: taken as half the error."""
    counts = np.zeros((42, 2, 2))
    counts[:, 0, 0] = counts[:, 1, 1] = 10
    counts[7, 0] = 9, 1
    atoms = Confusions(classes=("a", "b"), counts=counts, unit="speaker",
                       units=tuple(f"s{i:02d}" for i in range(42)))  # fmt: skip
    found = metrics.interval(atoms, metrics.uar)
    assert found.value == pytest.approx(1 - 1 / 840)
    # One logit of 42 differs by ln 2 (and a little): sqrt(41/42 * 41/42) * .69 * t = 1.37.
    assert np.log((1 - found.low) / (1 - found.value)) == pytest.approx(1.37, abs=0.05)


def test_a_class_with_one_speaker_has_no_interval() -> None:
    manifest, predictions = corpus()
    manifest["speaker"] = np.where(manifest["label"] == "I", "only", manifest["speaker"])
    atoms = metrics.confusions(predictions, manifest, CLASSES)
    found = metrics.interval(atoms, metrics.uar)
    assert np.isfinite(found.value)
    assert np.isnan(found.low)
    assert np.isnan(found.high)


def test_recall_counts_only_the_speakers_who_bear_the_class() -> None:
    manifest, predictions = corpus()
    few = manifest["speaker"].isin(["s0", "s1", "s2"])
    manifest.loc[~few & (manifest["label"] == "I"), "label"] = "N"
    atoms = metrics.confusions(predictions, manifest, CLASSES)
    found = metrics.recall_interval(atoms, 0)
    assert found.n_speakers == manifest[manifest["label"] == "I"]["speaker"].nunique()
    assert found.n_clips == (manifest["label"] == "I").sum()


def test_without_speakers_the_unit_is_the_clip_and_says_so() -> None:
    manifest, predictions = corpus()
    found = metrics.interval(
        metrics.confusions(predictions, manifest.drop(columns="speaker"), CLASSES), metrics.uar
    )
    assert found.unit == "clip"
    assert found.n_speakers is None


def test_an_untested_class_is_refused() -> None:
    manifest, predictions = corpus()
    with pytest.raises(CorpusError, match="no tested clip of class 'I'"):
        metrics.confusions(predictions[manifest["label"] != "I"], manifest, CLASSES)


def test_a_system_does_not_differ_from_itself() -> None:
    manifest, predictions = corpus()
    atoms = metrics.confusions(predictions, manifest, CLASSES)
    assert metrics.difference_interval(atoms, atoms, metrics.uar) == (0, 0, 0)


@pytest.mark.parametrize("crossed", [True, False])
@pytest.mark.parametrize(("n_speakers", "alpha", "beta"), [(6, 8, 2), (24, 8, 2), (12, 19, 1)])
def test_intervals_cover_the_truth_as_often_as_they_say(
    n_speakers: int, alpha: int, beta: int, crossed: bool
) -> None:
    """True UAR .8 and .95, speakers differing, 25 clips each, no training: .95 (400 draws, so three
    standard errors are .033). With two speakers a class the few degrees of freedom ask for more
    than is needed here; once models are trained (reports/evidence/) they are needed."""
    truth = alpha / (alpha + beta)
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        hit = rng.beta(alpha, beta, n_speakers)
        counts = np.zeros((n_speakers, 3, 3))
        for speaker in range(n_speakers):
            labels = rng.integers(3, size=25) if crossed else np.full(25, speaker % 3)
            right = rng.random(25) < hit[speaker]
            np.add.at(counts[speaker], (labels, np.where(right, labels, (labels + 1) % 3)), 1)
        atoms = Confusions(classes=CLASSES, counts=counts, unit="speaker",
                           units=tuple(f"s{i}" for i in range(n_speakers)))  # fmt: skip
        found = metrics.interval(atoms, metrics.uar)
        covered += found.low <= truth <= found.high
    assert covered / 400 >= 0.95 - 0.033
    if crossed or n_speakers > 6:
        assert covered / 400 <= 0.95 + 0.033
