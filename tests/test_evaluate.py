import numpy as np
import pandas as pd
import pytest

from acoustic_sib import metrics
from acoustic_sib.config import FoldSettings, ModelSettings
from acoustic_sib.errors import ConfigError
from acoustic_sib.evaluate import Evaluation, candidates_of, evaluate
from acoustic_sib.folds import plan_folds

SETTINGS = ModelSettings(candidates=("logistic", "lda"), feature_sets=("few", "all"))
SETS = {"few": ["x.a", "x.b"], "all": ["x.a", "x.b", "x.c", "x.d"]}


def corpus(signal: float = 2.0, n_speakers: int = 12) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(0)
    n = n_speakers * 9
    labels = np.tile(["I", "L", "N"], n // 3)
    ids = [f"c{i:03d}" for i in range(n)]
    speakers = np.repeat([f"s{i}" for i in range(n_speakers)], 9)
    manifest = pd.DataFrame({"clip_id": ids, "path": ids, "label": labels, "speaker": speakers})
    values = rng.standard_normal((n, 4))
    values[:, 0] += signal * (labels == "I")
    values[:, 1] += signal * (labels == "N")
    values[::11, 2] = np.nan
    return manifest, pd.DataFrame(values, index=ids, columns=SETS["all"])


def run(manifest: pd.DataFrame, features: pd.DataFrame, *, jobs: int = 1, seed: int = 0,
        settings: ModelSettings = SETTINGS) -> Evaluation:  # fmt: skip
    plan = plan_folds(manifest, FoldSettings(repeats=2, n_splits=3), seed=0)
    return evaluate(features, manifest, plan.table, column_sets=SETS, settings=settings, seed=seed,
                    jobs=jobs)  # fmt: skip


def uar_of(evaluation: Evaluation, manifest: pd.DataFrame) -> float:
    atoms = metrics.confusions(evaluation.predictions, manifest, ("I", "L", "N"))
    return metrics.interval(atoms, metrics.uar).value


def test_each_clip_is_predicted_once_in_each_repeat() -> None:
    manifest, features = corpus()
    found = run(manifest, features)
    counts = found.predictions.groupby(["clip_id", "repeat"]).size()
    assert len(counts) == 2 * len(manifest)
    assert (counts == 1).all()
    sums = found.predictions[["prob_I", "prob_L", "prob_N"]].sum(axis=1)
    np.testing.assert_allclose(sums, 1)
    assert sum(row["chosen"] for row in found.candidates) == 6
    assert len(found.candidates) == len(candidates_of(SETTINGS)) == 2 * (3 + 2)


def test_signal_is_found_and_noise_is_not() -> None:
    """Two shifts of 2 SD: Bayes' UAR is about .80; without them 1/3."""
    assert uar_of(run(*corpus(2.0)), corpus()[0]) == pytest.approx(0.80, abs=0.06)
    assert uar_of(run(*corpus(0.0)), corpus()[0]) == pytest.approx(1 / 3, abs=0.12)


def test_the_number_of_jobs_changes_nothing() -> None:
    manifest, features = corpus()
    one, two = (run(manifest, features, jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.predictions, two.predictions, check_exact=True)
    assert one.candidates == two.candidates


def test_the_order_of_the_features_table_changes_nothing() -> None:
    manifest, features = corpus()
    shuffled = features.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        run(manifest, features).predictions, run(manifest, shuffled).predictions
    )


def test_a_test_clip_never_influences_its_own_prediction() -> None:
    """Changing the labels of one fold's clips changes nothing that is predicted for them."""
    manifest, features = corpus()
    plan = plan_folds(manifest, FoldSettings(repeats=1, n_splits=3), seed=0)
    tested = plan.table.loc[plan.table["fold"] == 0, "clip_id"]

    def predicted(labels: pd.Series) -> pd.DataFrame:
        table = evaluate(features, manifest.assign(label=labels), plan.table, column_sets=SETS,
                         settings=SETTINGS, seed=0, jobs=1).predictions  # fmt: skip
        return table[table["clip_id"].isin(tested)].reset_index(drop=True)

    truth = manifest["label"]
    swapped = truth.where(
        ~manifest["clip_id"].isin(tested), truth.map({"I": "L", "L": "N", "N": "I"})
    )
    pd.testing.assert_frame_equal(predicted(truth), predicted(swapped))


def test_class_weights_reach_the_candidates() -> None:
    manifest, features = corpus(1.0)
    heavy = SETTINGS.model_copy(update={"class_weight": {"I": 50.0, "L": 1.0, "N": 1.0}})
    found = run(manifest, features, settings=heavy).predictions
    assert (found["predicted"] == "I").mean() > 0.8


def test_unknown_models_are_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean 'logistic'"):
        candidates_of(ModelSettings(candidates=("logistik",)))
