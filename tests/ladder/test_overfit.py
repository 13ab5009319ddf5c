"""Rung 1: what can be memorised, and which clips contradict one another."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.check import run_check
from acoustic_sib.config import load_config
from acoustic_sib.corpus import Corpus, read_corpus
from acoustic_sib.corpus.synth import SynthFaults, make_demo_corpus
from acoustic_sib.ladder.overfit import memorised, overfit, tiny_subsets
from tests.ladder.climbs import climb


def test_subsets_are_balanced_nested_and_drawn_anew() -> None:
    manifest = climb((20, 30, 40)).manifest
    subsets = tiny_subsets(manifest, seed=0)
    counts = subsets.groupby(["draw", "size", "label"]).size()
    assert set(subsets["draw"]) == {0, 1, 2, 3, 4}
    assert set(subsets["size"]) == {4, 8, 16}
    assert (counts == counts.index.get_level_values("size")).all()
    truth = manifest.set_index("clip_id")["label"]
    assert (truth.loc[subsets["clip_id"]].to_numpy() == subsets["label"].to_numpy()).all()
    held = {key: set(rows["clip_id"]) for key, rows in subsets.groupby(["draw", "size"])}
    for draw in range(5):
        assert held[draw, 4] < held[draw, 8] < held[draw, 16]
    assert held[0, 4] != held[1, 4]
    # The order of the manifest has no say, another seed has.
    shuffled = manifest.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(subsets, tiny_subsets(shuffled, seed=0))
    assert held[0, 4] != set(tiny_subsets(manifest, seed=1)["clip_id"][:12])


@pytest.mark.parametrize(
    ("smallest", "sizes"), [(3, set()), (4, {4}), (15, {4, 8}), (16, {4, 8, 16})]
)
def test_sizes_end_with_the_smallest_class(smallest: int, sizes: set[int]) -> None:
    manifest = climb((40, 40, 40)).manifest
    few = pd.concat([manifest[manifest["label"] != "Normal"],
                     manifest[manifest["label"] == "Normal"].head(smallest)])  # fmt: skip
    assert set(tiny_subsets(few, seed=0)["size"]) == sizes


def test_three_clips_of_a_class_are_too_few() -> None:
    whole = climb((8, 8, 8))
    kept = whole.manifest.drop(index=whole.manifest.index[3:8])
    found = overfit(dataclasses.replace(whole, manifest=kept))
    assert found.status == "skipped"
    assert found.says == "class 'Interdental' has 3 clips; 4 of each class are needed"


def test_noise_is_memorised_but_not_one_sound_under_two_labels() -> None:
    rng = np.random.default_rng(0)
    table, labels = rng.standard_normal((48, 6)), np.tile(["a", "b", "c"], 16)
    assert (memorised(table, labels, seed=0) == labels).all()
    twice = np.concatenate([table, table[:10]])
    other = np.concatenate([labels, np.roll(labels, 1)[:10]])
    # Of each of the ten contradicting pairs one clip can be right.
    assert (memorised(twice, other, seed=0) == other).sum() == 48


def test_clean_clips_are_memorised_and_so_are_random_labels() -> None:
    found = overfit(climb(signal=0.0))
    assert found.status == "pass"
    assert "15 of 15 under random labels: this proves the pipeline, not the labels" in found.says
    for row in found.evidence["subsets"]:
        reached = [row[f"{which}_labels_at_100_percent"] for which in ("own", "random")]
        assert reached == [row["draws"]] * 2 == [5, 5]
        assert row["clips"] == 3 * row["a_class"]
        # Regularised logistic regression on four columns of noise cannot.
        assert row["chosen_model_lowest"] < 1
    assert len(found.tables["overfit_subsets"]) == 5 * 3 * (4 + 8 + 16)


def test_clips_without_any_measure_are_named() -> None:
    """Clips of which nothing could be measured are all alike: no model tells their labels."""
    whole = climb((16, 16, 16))
    blind = whole.features.copy()
    lost = ["c003", "c007", "c020", "c040"]  # two Interdental, one Lateral, one Normal
    blind.loc[lost] = np.nan
    found = overfit(dataclasses.replace(whole, features=blind))
    assert found.status == "fail"
    assert "most often wrong is c0" in found.says
    named = {row["clip"] for row in found.evidence["wrong_clips"]}
    assert named
    assert named <= set(lost)


def corpus(folder: Path, **faults: object) -> Corpus:
    counts = {"Lateral": 60, "Normal": 40, "Interdental": 40}
    return read_corpus(make_demo_corpus(folder / "corpus", n_speakers=12, counts=counts,
                                        faults=SynthFaults(**faults)))  # fmt: skip


def first_rung(found: Corpus) -> dict:
    config = load_config(
        features={"families": ["multitaper", "shape"]}, models={"candidates": ["logistic"]},
        folds={"repeats": 1}, evaluation={"permutations": 100}, extraction={"cache": None},
        ladder={"rungs": ["overfit"]},
    )  # fmt: skip
    return run_check(found, config, jobs=1).result["ladder"][0]


def test_one_sound_under_two_labels_fails_and_is_listed(tmp_path: Path) -> None:
    made = corpus(tmp_path, duplicates_across_labels=6)
    found = first_rung(made)
    assert found["status"] == "fail"
    assert found["says"].startswith("6 pairs of clips hold the same sound under two labels")
    evidence = found["evidence"]
    assert evidence["contradicting_pairs"] == 6
    assert evidence["share_reached_on_contradicting_clips"] == pytest.approx(0.5, abs=0.05)
    truth = made.manifest.set_index("clip_id")["label"]
    for row in evidence["contradicting_clips"]:
        assert row["kind"] == "identical"
        assert truth[row["clip"]] == row["label"] != row["copy_label"] == truth[row["copy"]]


def test_a_clean_corpus_passes_and_copies_under_one_label_do_not_matter(tmp_path: Path) -> None:
    found = first_rung(corpus(tmp_path, duplicates_across_speakers=6))
    assert found["status"] == "pass"
    assert found["evidence"]["contradicting_pairs"] == 0
