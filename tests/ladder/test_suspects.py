"""Label suspects: planted errors, speakers whose labels are exchanged, and odd voices."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.ladder.exchanged import FEWEST_SPEAKERS, SpeakerTest, speaker_tests
from acoustic_sib.ladder.suspects import informed, label_suspects, suspects_of, tempered, trusted
from acoustic_sib.tables import plain
from tests.ladder.climbs import climb
from tests.ladder.planted_labels import planted

K, EACH = 20, 12


@pytest.mark.no_cover
def test_planted_errors_are_found_in_the_demo_corpus(tmp_path: Path) -> None:
    """Three whole speakers and 3 % of the clips: at least 90 % of the bad speakers' changed clips,
    and at most 8 % of the rightly labelled ones."""
    corpus = planted(tmp_path / "corpus", 5)
    found = corpus.suspects(corpus.wrong)
    rates = corpus.rates(found)
    assert rates["bad speakers"] >= 0.9
    assert rates["elsewhere"] >= 0.4
    assert rates["right"] <= 0.08
    assert {row["speaker"] for row in found.speaker_rows()} <= corpus.bad_speakers
    clean = corpus.suspects(corpus.right)
    assert corpus.rates(clean)["right"] <= 0.08
    assert clean.speaker_rows() == []


def told(rng: np.random.Generator, codes: np.ndarray, lean: np.ndarray) -> np.ndarray:
    """Probabilities of two classes: log odds around 1.5 for the true one, plus a leaning."""
    odds = np.where(codes == 0, 1.5, -1.5) + rng.standard_normal(len(codes)) + lean
    first = 1 / (1 + np.exp(-odds))
    return np.column_stack([first, 1 - first])


def test_exchanged_labels_are_told_from_a_leaning_voice() -> None:
    """Speaker 3's labels are exchanged; speaker 5's one label is wrong throughout; speaker 7 leans
    so far toward one class that all clips of the other are taken for it."""
    rng = np.random.default_rng(0)
    speakers = np.repeat(np.arange(K), EACH)
    truth = np.tile([0, 1], K * EACH // 2)
    truth[speakers == 5] = 0
    lean = np.where(speakers == 7, 3.0, 0.0)
    probabilities = told(rng, truth, lean)
    labels = truth.copy()
    labels[np.isin(speakers, [3, 5])] = 1 - labels[np.isin(speakers, [3, 5])]
    tests = speaker_tests(probabilities, labels, speakers)
    assert {one.speaker for one in tests if one.is_exchanged} == {3, 5}
    assert len(tests) == K
    seven = next(one for one in tests if one.speaker == 7)
    taken = probabilities[(speakers == 7) & (labels == 1), 0]
    assert (taken > 0.5).mean() > 0.8
    assert seven.log_odds > 0
    assert [one.support for one in tests] == sorted((one.support for one in tests), reverse=True)


@pytest.mark.no_cover
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_rightly_labelled_speakers_are_rarely_named(spread: float) -> None:
    """200 corpora of 20 speakers, all right, voices leaning or not: at most 5 % of the corpora
    have a named speaker, as Holm's adjustment promises."""
    rng = np.random.default_rng(1)
    named = 0
    for _ in range(200):
        speakers = np.repeat(np.arange(K), EACH)
        codes = rng.integers(2, size=K * EACH)
        lean = spread * rng.standard_normal(K)[speakers]
        tests = speaker_tests(told(rng, codes, lean), codes, speakers)
        named += any(one.is_exchanged for one in tests)
    assert named <= 10


def test_few_speakers_are_not_compared() -> None:
    speakers = np.repeat(np.arange(FEWEST_SPEAKERS - 1), 6)
    codes = np.tile([0, 1], len(speakers) // 2)
    assert speaker_tests(told(np.random.default_rng(0), codes, np.zeros(1)), codes, speakers) == []


def test_no_clip_is_surer_than_its_speaker() -> None:
    sound = np.array([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    codes = np.array([0, 0])
    one = SpeakerTest(speaker=0, pair=(0, 1), clips=np.array([0]), log_odds=-np.log(2),
                      support=9.0, p_value=0.001)  # fmt: skip
    np.testing.assert_allclose(informed(sound, codes, [one]), [[0.3, 0.6, 0.1], [0.1, 0.2, 0.7]])


def test_temperature_undoes_overconfidence() -> None:
    """Right probabilities to the third power come back; too mild ones stay as they are."""
    rng = np.random.default_rng(0)
    first = rng.uniform(0.05, 0.95, 20000)
    codes = (rng.random(20000) > first).astype(int)
    right = np.column_stack([first, 1 - first])
    nobody = np.zeros(20000, dtype=bool)
    sharp = right**3 / (right**3).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(tempered(sharp, codes, nobody), right, atol=0.02)
    mild = np.sqrt(right) / np.sqrt(right).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(tempered(mild, codes, nobody), mild, atol=0.002)


def test_a_class_keeps_its_clips_where_a_third_is_doubted() -> None:
    labels = np.array(list("aaabbbb"))
    doubted = np.array([True, True, False, True, False, False, False])
    assert trusted(np.arange(7), labels, doubted).tolist() == [0, 1, 2, 4, 5, 6]


def test_rows_agree_with_themselves_and_with_any_number_of_jobs() -> None:
    whole = climb((60, 60, 60), signal=2.5, n_speakers=12)
    found = suspects_of(whole)
    again = label_suspects(whole.features, whole.manifest, whole.folds, seed=0, jobs=2)
    pd.testing.assert_frame_equal(found.clips, again.clips)
    pd.testing.assert_frame_equal(found.speakers, again.speakers)
    assert len(found.clips) == 180
    assert found.clips["p_own"].is_monotonic_increasing
    own = found.clips["predicted"] == found.clips["label"]
    assert (found.clips.loc[own, "p_own"] > 1 / 3).all()
    assert (found.clips.loc[~own, "p_own"] < 0.5).all()
    rows = found.in_result()
    assert len(rows["suspects"]) == int(found.clips["suspect"].sum()) > 0
    assert set(rows["suspects"][0]) == {"clip_id", "label", "predicted", "p_own", "p_sound",
                                        "because", "speaker"}  # fmt: skip
    assert plain(rows) == rows
    assert set(found.tables()) == {"suspects", "suspect_speakers"}


def test_without_speakers_clips_are_judged_alone() -> None:
    found = suspects_of(climb((60, 60), signal=2.0, speakers_known=False))
    assert found.in_result()["suspect_speakers"] == []
    assert set(found.tables()) == {"suspects"}
    assert set(found.clips["because"]) <= {"", "clip"}
