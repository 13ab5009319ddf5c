"""The plan a foreign system was tested on: who is tested, who only trained on, what is left out."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.config import FoldSettings
from acoustic_sib.errors import RunError, UserError
from acoustic_sib.folds import plan_folds
from acoustic_sib.ssl.import_run import Imported
from tests.ssl.foreign_corpora import corpus_of, fixture_corpus, imported

MANIFEST = fixture_corpus().manifest
TESTED = MANIFEST[MANIFEST["speaker"].isin(["spk03", "spk04"])]


def table(folder: Path, rows: pd.DataFrame, **columns: Any) -> Path:
    said = rows[["clip_id"]].assign(predicted=rows["label"], **columns)
    said.to_csv(folder / "p.csv", index=False)
    return folder / "p.csv"


def folds_of(found: Imported) -> dict[str, int]:
    assert found.folds is not None
    assert found.folds["repeat"].nunique() == 1
    return dict(zip(found.folds["clip_id"], found.folds["fold"], strict=True))


def test_the_tested_clips_are_those_predicted(tmp_path: Path) -> None:
    found = imported(table(tmp_path, TESTED))
    assert folds_of(found) == {
        clip_id: 0 if clip_id in set(TESTED["clip_id"]) else -1 for clip_id in MANIFEST["clip_id"]
    }
    assert found.facts["speaker_mode"] == "held_out"
    assert found.facts["missing"] == list(MANIFEST["clip_id"][15:])
    assert "taken as tested, all others as trained on" in found.facts["notes"][0]


def test_the_acoustic_side_can_be_run_on_the_plan(tmp_path: Path) -> None:
    found = imported(table(tmp_path, TESTED))
    manifest = MANIFEST.assign(fold=MANIFEST["clip_id"].map(folds_of(found)))
    plan = plan_folds(manifest, FoldSettings(plan="corpus"), seed=0)
    assert found.folds is not None
    pd.testing.assert_frame_equal(plan.table, found.folds, check_dtype=False)


def test_rows_of_other_splits_are_left_out(tmp_path: Path) -> None:
    split = ["test"] * 12 + ["dev"] * 3 + ["train"] * 6
    found = imported(table(tmp_path, MANIFEST, split=split))
    assert sum(fold == 0 for fold in folds_of(found).values()) == 12
    assert "predictions of 6 train, 3 validation clips" in found.facts["notes"][0]
    found = imported(table(tmp_path, MANIFEST, split=["valid"] * 15 + ["train"] * 6))
    assert "may have chosen the epoch" in found.facts["notes"][1]
    with pytest.raises(RunError, match="trained on"):
        imported(table(tmp_path, MANIFEST, split=["train"] * 21))
    with pytest.raises(RunError, match="split 'holdout'; expected train, test or validation"):
        imported(table(tmp_path, MANIFEST, split=["holdout"] * 21))


def test_folds_and_repeats_of_the_file(tmp_path: Path) -> None:
    folds = pd.factorize(MANIFEST["speaker"])[0]
    twice = pd.concat([MANIFEST, MANIFEST], ignore_index=True)
    source = table(
        tmp_path, twice, fold=[*folds, *(3 - folds)], repeat=["seed1"] * 21 + ["s2"] * 21
    )
    found = imported(source)
    assert found.folds is not None
    assert found.predictions is not None
    assert len(found.predictions) == len(found.folds) == 42
    assert (found.facts["n_folds"], found.facts["n_repeats"]) == (4, 2)
    assert found.facts["speaker_mode"] == "held_out"
    only_trained = [-1 if fold == 0 else fold for fold in folds]
    assert min(folds_of(imported(table(tmp_path, MANIFEST, fold=only_trained))).values()) == -1


def test_speakers_on_both_sides_are_told(tmp_path: Path) -> None:
    found = imported(table(tmp_path, TESTED.iloc[:8]))
    assert found.facts["speaker_mode"] == "unknown"


def test_a_corpus_with_its_own_folds(tmp_path: Path) -> None:
    folds = pd.factorize(MANIFEST["speaker"])[0]
    corpus = corpus_of(MANIFEST.assign(fold=folds))
    found = imported(table(tmp_path, MANIFEST), corpus)
    assert list(folds_of(found).values()) == list(folds)
    assert found.facts["folds_from"] == "corpus"
    fixed = corpus_of(MANIFEST.assign(fold=[0] * 15 + [-1] * 6))
    found = imported(table(tmp_path, MANIFEST.iloc[1:]), fixed)
    assert sum(fold == 0 for fold in folds_of(found).values()) == 14
    assert "6 predictions of clips that the corpus's own folds does not" in found.facts["notes"][0]
    assert "1 of 15 clips that the corpus's own folds tests are not" in found.facts["notes"][1]


def test_a_plan_given(tmp_path: Path) -> None:
    plan = plan_folds(MANIFEST, FoldSettings(n_splits=4, repeats=1), seed=1).table
    plan.to_csv(tmp_path / "folds.csv", index=False)
    found = imported(table(tmp_path, MANIFEST), folds=tmp_path / "folds.csv")
    assert folds_of(found) == dict(zip(plan["clip_id"], plan["fold"], strict=True))
    assert folds_of(imported(table(tmp_path, MANIFEST), folds=tmp_path)) == folds_of(found)
    two = plan_folds(MANIFEST, FoldSettings(plan="stratified", n_splits=3, repeats=2), seed=1).table
    two.to_csv(tmp_path / "folds.csv", index=False)
    once = imported(table(tmp_path, MANIFEST), folds=tmp_path)
    first = two[two["repeat"] == 0]
    assert folds_of(once) == dict(zip(first["clip_id"], first["fold"], strict=True))
    assert "taken to be trained on the folds of repeat 0" in " ".join(once.facts["notes"])
    three = table(tmp_path, pd.concat([MANIFEST] * 3), repeat=np.repeat([0, 1, 2], len(MANIFEST)))
    with pytest.raises(RunError, match="a plan of 2 repeats for predictions of 3"):
        imported(three, folds=tmp_path)
    plan.assign(clip_id=plan["clip_id"] + "x").to_csv(tmp_path / "folds.csv", index=False)
    with pytest.raises(RunError, match="21 of its 21 clips are not in the corpus"):
        imported(table(tmp_path, MANIFEST), folds=tmp_path)
    for wrong, sentence in (("clip_id,x\na,1\n", "no column 'fold'"),
                            ("clip_id,fold\na,1\na,2\n", "stands twice"),
                            ("clip_id,fold\na,\n", "'fold' is empty")):  # fmt: skip
        (tmp_path / "folds.csv").write_text(wrong)
        with pytest.raises(UserError, match=sentence):
            imported(table(tmp_path, MANIFEST), folds=tmp_path)


def test_repeated_clips(tmp_path: Path) -> None:
    again = pd.concat([TESTED, TESTED.iloc[:2]], ignore_index=True)
    found = imported(table(tmp_path, again))
    assert found.facts["duplicates"] == sorted(TESTED["clip_id"].iloc[:2])
    assert found.facts["n_tested"] == 15
    other = again.assign(label=[*again["label"].iloc[:-1], "Normal"])
    with pytest.raises(RunError, match=r"line 18: .* predicted again, otherwise than in p\.csv"):
        imported(table(tmp_path, other))


def test_clips_of_no_known_training_part(tmp_path: Path) -> None:
    found = imported(table(tmp_path, MANIFEST))
    assert "nothing tells which clips the system was trained on" in found.facts["notes"][0]
    assert "the acoustic side cannot be run on this plan" in found.facts["notes"][1]


def test_rows_of_other_clips_may_say_anything(tmp_path: Path) -> None:
    foreign = pd.DataFrame({"clip_id": ["x1", "x2"], "label": ["Stranger", "Normal"]})
    found = imported(table(tmp_path, pd.concat([TESTED, foreign], ignore_index=True)))
    assert (found.facts["n_extra"], found.facts["extra"]) == (2, ["x1", "x2"])
    assert found.facts["n_tested"] == 15


def test_by_order(tmp_path: Path) -> None:
    bare = TESTED[["label"]].rename(columns={"label": "predicted"}).assign(true=TESTED["label"])
    bare.to_csv(tmp_path / "bare.csv", index=False)
    corpus = corpus_of(MANIFEST.assign(fold=[0] * 15 + [-1] * 6))
    found = imported(tmp_path / "bare.csv", corpus, by_order=True)
    assert found.facts["matched_by"] == {"order": 15}
    with pytest.raises(RunError, match="15 rows for 21 clips"):
        imported(tmp_path / "bare.csv", by_order=True)
    bare.iloc[::-1].to_csv(tmp_path / "bare.csv", index=False)
    with pytest.raises(RunError, match="are the ids in another order"):
        imported(tmp_path / "bare.csv", corpus, by_order=True)
