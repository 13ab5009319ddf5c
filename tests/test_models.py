import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight

from acoustic_sib.errors import ConfigError, CorpusError
from acoustic_sib.models import (
    MODELS,
    PriorWeighted,
    SampleWeighted,
    class_weights,
    model,
    pipeline,
    standardized_by_speaker,
)

Blobs = tuple[np.ndarray, np.ndarray]
REAL = [name for name, one in MODELS.items() if not one.is_dummy]


def blobs(n: tuple[int, int, int] = (150, 40, 30), apart: float = 1.3) -> Blobs:
    rng = np.random.default_rng(0)
    labels = np.repeat(["L", "N", "I"], n)
    centres = {"L": [0, 0], "N": [apart, 0], "I": [0, apart]}
    features = np.array([centres[name] for name in labels]) + rng.standard_normal((sum(n), 2))
    return features, labels


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("weighting", ["balanced", "none", {"L": 1.0, "N": 2.0, "I": 3.0}])
def test_every_model_fits_with_every_weighting(name: str, weighting: object) -> None:
    features, labels = blobs()
    features[3, 0] = np.nan
    settings = model(name).settings()[0]
    fitted = pipeline(name, settings, weighting=weighting, seed=0).fit(features, labels)
    probabilities = fitted.predict_proba(features)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert fitted.classes_.tolist() == ["I", "L", "N"]
    assert set(fitted.predict(features)) <= {"I", "L", "N"}


@pytest.mark.parametrize("name", REAL)
def test_balancing_raises_the_recall_of_the_rare_classes(name: str) -> None:
    train, test = blobs(), blobs((400, 400, 400))
    settings = model(name).settings()[-1]

    def rare_recall(weighting: str) -> float:
        fitted = pipeline(name, settings, weighting=weighting, seed=0).fit(*train)
        rare = test[1] != "L"
        return float(np.mean(fitted.predict(test[0])[rare] == test[1][rare]))

    assert rare_recall("balanced") > rare_recall("none") + 0.03


@pytest.mark.parametrize("name", MODELS)
def test_the_seed_decides(name: str) -> None:
    features, labels = blobs()
    settings = model(name).settings()[0]
    first, second = (
        pipeline(name, settings, seed=4).fit(features, labels).predict_proba(features)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_balanced_weights_equal_scikit_learn() -> None:
    _, labels = blobs()
    names = np.unique(labels)
    expected = compute_class_weight("balanced", classes=names, y=labels)
    assert class_weights(labels, "balanced") == pytest.approx(
        dict(zip(names, expected, strict=True))
    )


def test_a_missing_class_weight_is_refused() -> None:
    with pytest.raises(ConfigError, match="no weight for class 'I'"):
        class_weights(blobs()[1], {"L": 1.0, "N": 1.0})


def test_sample_weights_equal_class_weights_where_both_exist() -> None:
    features, labels = blobs()
    by_class = LogisticRegression(class_weight="balanced", tol=1e-8).fit(features, labels)
    by_sample = SampleWeighted(LogisticRegression(tol=1e-8), "balanced").fit(features, labels)
    np.testing.assert_allclose(
        by_class.predict_proba(features), by_sample.predict_proba(features), atol=1e-4
    )


def test_balanced_lda_is_bayes_rule_with_equal_priors() -> None:
    """Discriminant scores hold log priors: taking them off leaves equal priors."""
    features, labels = blobs()
    plain = LinearDiscriminantAnalysis(solver="lsqr").fit(features, labels)
    scores = plain.decision_function(features) - np.log(plain.priors_)
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    weighted = PriorWeighted(LinearDiscriminantAnalysis(solver="lsqr"), "balanced")
    np.testing.assert_allclose(weighted.fit(features, labels).predict_proba(features), expected)


@pytest.mark.parametrize(
    ("name", "always"), [("majority", "L"), ("prior", None), ("uniform", None)]
)
def test_dummies_know_nothing(name: str, always: str | None) -> None:
    features, labels = blobs((3000, 800, 600))
    guess = pipeline(name, {}, seed=0).fit(features, labels).predict(features)
    shares = {code: np.mean(guess == code) for code in ("L", "N", "I")}
    expected = {"majority": (1, 0, 0), "prior": (3000 / 4400, 800 / 4400, 600 / 4400),
                "uniform": (1 / 3, 1 / 3, 1 / 3)}[name]  # fmt: skip
    np.testing.assert_allclose(list(shares.values()), expected, atol=0.025)
    if always:
        assert set(guess) == {always}


def test_an_unknown_model_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown model 'svm_rfb'; did you mean 'svm_rbf'"):
        model("svm_rfb")


def speakers_table() -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    features = pd.DataFrame({"a": [1.0, 3.0, 10.0, 30.0], "b": [5.0, 5.0, np.nan, 2.0]},
                            index=["c1", "c2", "c3", "c4"])  # fmt: skip
    return features, pd.Series(["x", "x", "y", "y"]), pd.Series(["N", "L", "N", "L"])


def test_speaker_standardisation_by_hand() -> None:
    table = standardized_by_speaker(*speakers_table())
    assert table["a"].tolist() == [-1, 1, -1, 1]
    assert table["b"].fillna(-99).tolist() == [0, 0, -99, 0]


def test_speaker_standardisation_is_refused_where_it_erases_the_answer() -> None:
    features, speakers, _ = speakers_table()
    with pytest.raises(CorpusError, match="each of the 2 speakers bears one label"):
        standardized_by_speaker(features, speakers, speakers)


def test_more_neighbours_than_clips_are_all_of_them() -> None:
    table = np.arange(6.0)[:, None]
    labels = np.array(["a", "a", "a", "a", "b", "b"])
    fitted = pipeline("knn", {"estimator__n_neighbors": 31}, weighting="none").fit(table, labels)
    np.testing.assert_allclose(fitted.predict_proba(table), np.tile([4 / 6, 2 / 6], (6, 1)))
