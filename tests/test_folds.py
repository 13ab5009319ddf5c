import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acoustic_sib.config import FoldSettings
from acoustic_sib.errors import CorpusError
from acoustic_sib.folds import grouped_folds, plan_folds, stratified_folds


def manifest(labels: list[str], speakers: list[str] | None = None, **extra: list) -> pd.DataFrame:
    ids = [f"c{i:04d}" for i in range(len(labels))]
    table = pd.DataFrame({"clip_id": ids, "path": ids, "label": labels, **extra})
    return table if speakers is None else table.assign(speaker=speakers)


def crossed(n_speakers: int = 20, n_each: int = 9) -> pd.DataFrame:
    labels = [name for _ in range(n_speakers) for name in ("I", "N", "L") * (n_each // 3)]
    return manifest(labels, [f"s{i:02d}" for i in range(n_speakers) for _ in range(n_each)])


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=6, max_size=40),
    n_splits=st.integers(2, 5), seed=st.integers(0, 99),
)  # fmt: skip
def test_no_speaker_in_two_folds_and_every_class_in_every_training_part(
    counts: list[list[int]], n_splits: int, seed: int
) -> None:
    labels = np.array([c for row in counts for c, n in enumerate(row) for _ in range(n)], dtype=int)
    groups = np.array([g for g, row in enumerate(counts) for _ in range(sum(row))], dtype=int)
    if len(labels) == 0 or len(np.unique(labels)) < 3:
        return
    _, groups = np.unique(groups, return_inverse=True)
    folds = grouped_folds(labels, groups, n_splits, np.random.default_rng(seed))
    if folds is None:
        return
    for group in np.unique(groups):
        assert len(np.unique(folds[groups == group])) == 1
    for fold in range(n_splits):
        assert (folds == fold).any()
        assert set(labels[folds != fold]) == set(labels)


def test_classes_are_spread_evenly() -> None:
    """42 speakers, uneven classes: each fold holds a fifth of each class, within a third of it."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [234, 580, 243])
    folds = grouped_folds(labels, rng.integers(42, size=1057), 5, rng)
    assert folds is not None
    shares = np.array([[np.mean(folds[labels == c] == f) for c in range(3)] for f in range(5)])
    assert (np.abs(shares - 0.2) < 0.2 / 3).all()


def test_repeats_differ_and_the_seed_decides() -> None:
    table = crossed()
    plan = plan_folds(table, FoldSettings(repeats=4), seed=3)
    assert (plan.kind, plan.speaker_mode, plan.notes) == ("speaker", "held_out", ())
    partitions = set()
    for _, rows in plan.table.groupby("repeat"):
        joined = rows.merge(table, on="clip_id")
        assert joined.groupby("speaker")["fold"].nunique().max() == 1
        partitions.add(tuple(joined.groupby("speaker")["fold"].first()))
    assert len(partitions) == 4
    pd.testing.assert_frame_equal(
        plan.table, plan_folds(table, FoldSettings(repeats=4), seed=3).table
    )
    assert not plan.table.equals(plan_folds(table, FoldSettings(repeats=4), seed=4).table)


def test_few_speakers_say_how_many_plans_there_are() -> None:
    """Two speakers make one partition into two folds."""
    plan = plan_folds(crossed(2, 12), FoldSettings(repeats=3), seed=0)
    assert plan.table["repeat"].nunique() == 1
    assert "2 speakers allow 2 folds" in plan.notes[0]
    assert "1 different fold plans; 3 were asked for" in plan.notes[1]


def test_without_speakers_clips_are_stratified_and_it_says_so() -> None:
    plan = plan_folds(crossed().drop(columns="speaker"), FoldSettings(), seed=0)
    assert (plan.kind, plan.speaker_mode) == ("stratified", "unknown")
    assert "mix the clips of a speaker" in plan.notes[0]


def test_stratified_folds_deal_each_class_evenly() -> None:
    labels = np.repeat([0, 1], [23, 50])
    folds = stratified_folds(labels, 5, np.random.default_rng(0))
    for code, least in ((0, 4), (1, 10)):
        counts = np.bincount(folds[labels == code], minlength=5)
        assert counts.min() >= least
        assert counts.max() <= least + 1


def test_the_corpus_own_folds_are_used_as_they_stand() -> None:
    table = crossed()
    own = (np.arange(len(table)) // 9 % 4).tolist()
    plan = plan_folds(table.assign(fold=own), FoldSettings(), seed=0)
    assert (plan.kind, plan.speaker_mode) == ("corpus", "held_out")
    assert plan.table["fold"].tolist() == own


def test_own_folds_that_share_speakers_are_told() -> None:
    table = crossed()
    plan = plan_folds(table.assign(fold=np.arange(len(table)) % 4), FoldSettings(), seed=0)
    assert plan.speaker_mode == "unknown"
    assert plan.notes[0].startswith("20 speakers stand in more than one of the corpus's own folds")


def test_own_folds_that_follow_the_label_are_refused() -> None:
    table = crossed()
    follows = table.assign(fold=table["label"].astype("category").cat.codes)
    with pytest.raises(CorpusError, match=r"stands in fold 0 .* does 'fold' follow the label\?"):
        plan_folds(follows, FoldSettings(), seed=0)


def test_named_folds_and_a_training_part() -> None:
    table = crossed()
    named = np.where(np.arange(len(table)) // 9 < 10, "b", "a")
    assert set(plan_folds(table.assign(fold=named), FoldSettings(), seed=0).table["fold"]) == {0, 1}
    split = np.where(named == "b", -1, 0)
    assert set(plan_folds(table.assign(fold=split), FoldSettings(), seed=0).table["fold"]) == {
        -1,
        0,
    }


@pytest.mark.parametrize(
    ("table", "settings_", "message"),
    [
        (manifest(["a", "b"] * 10, ["x"] * 20), {}, "one speaker only"),
        (manifest(["a"] * 10 + ["b"] * 10, [f"s{i}" for i in range(10)] + ["y"] * 10), {},
         "class 'b' has one speaker only"),
        (manifest(["a"] * 20 + ["b"] * 3), {}, "class 'b' has 3 clips for 5 folds"),
        (manifest(["a", "b"] * 10), {"plan": "speaker"}, "needs a speaker column"),
        (manifest(["a", "b"] * 10), {"plan": "corpus"}, "needs a 'fold' column"),
        (manifest(["a", "b"] * 10, fold=[0] * 20), {}, "holds one fold"),
    ],
)  # fmt: skip
def test_plans_that_cannot_be(table: pd.DataFrame, settings_: dict, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        plan_folds(table, FoldSettings(**settings_), seed=0)
