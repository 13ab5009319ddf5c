"""Saved runs side by side: known differences are found, equal skill is not, the rest is refused."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from acoustic_sib import metrics
from acoustic_sib.compare import compare_runs, speaker_mode
from acoustic_sib.corpus import Corpus
from acoustic_sib.errors import RunError
from acoustic_sib.paired import holm
from acoustic_sib.runs import Run, hashes, read_run
from tests.saved import CLASSES, clips, corpus_of, plan, predictions, save
from tests.test_runs import edit

INTERVAL = {"value", "low", "high", "level", "unit", "n_clips", "n_speakers"}


def compared(folders: list[Path], corpus: Corpus, **options: Any) -> dict[str, Any]:
    return compare_runs([read_run(folder) for folder in folders], corpus, **options)


def test_a_better_system_is_found_and_the_contract_is_kept(tmp_path: Path) -> None:
    manifest = clips(n_speakers=20)
    good = save(tmp_path / "good", manifest, skill=0.8, seed=1)
    poor = save(tmp_path / "poor", manifest, skill=0.6, seed=2)
    found = compared([good, poor], corpus_of(manifest), swaps=2000)
    assert found["schema"] == "acoustic-sib/compare@1"
    assert [one["name"] for one in found["systems"]] == ["good", "poor"]
    for one in found["systems"]:
        assert set(one["uar"]) == INTERVAL
        assert one["uar"]["low"] < one["uar"]["value"] < one["uar"]["high"]
    (pair,) = found["pairs"]
    assert (pair["a"], pair["b"], pair["paired"]) == ("good", "poor", True)
    assert set(pair["delta_uar"]) == INTERVAL
    assert pair["delta_uar"]["value"] == pytest.approx(
        found["systems"][0]["uar"]["value"] - found["systems"][1]["uar"]["value"]
    )
    assert 0.1 < pair["delta_uar"]["low"] < 0.2 < pair["delta_uar"]["high"] < 0.3
    assert pair["p_value"] == pair["swap"]["smallest_p"] == 1 / 2001
    assert pair["mcnemar"]["p_value"] < 0.01
    assert pair["corrected_t"]["p_value"] < 0.01
    assert "p_holm" not in pair
    assert found["corpus"] == {
        "name": "clips", "synthetic": False, "n_clips": 240, "n_speakers": 20,
        "classes": {"I": 80, "L": 80, "N": 80}, "speaker_mode": "held_out",
        "chance": pytest.approx(1 / 3),
    }  # fmt: skip


def test_a_run_and_its_copy_do_not_differ(tmp_path: Path) -> None:
    manifest = clips()
    run = save(tmp_path / "run", manifest)
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    found = compared([run, copy, run], corpus_of(manifest))
    names = [one["name"] for one in found["systems"]]
    assert names == [f"run ({run.as_posix()}) #1", f"run ({copy.as_posix()})",
                     f"run ({run.as_posix()}) #2"]  # fmt: skip
    for pair in found["pairs"]:
        assert (pair["delta_uar"]["value"], pair["p_value"], pair["p_holm"]) == (0, 1, 1)
        assert (pair["delta_uar"]["low"], pair["delta_uar"]["high"]) == (0, 0)
        assert pair["mcnemar"]["p_value"] == pair["corrected_t"]["p_value"] == 1


def test_systems_of_equal_skill_rarely_differ() -> None:
    """60 pairs, each of two new systems of one skill: about 3 with p below .05, and as many whose
    interval leaves 0 out. (250 such pairs gave .044 and .048.)"""
    manifest = clips()
    folds = plan(manifest)
    pairs = []
    for seed in range(0, 120, 2):
        runs = [in_memory(manifest, folds, seed=seed + k) for k in range(2)]
        pairs += compare_runs(runs, corpus_of(manifest), swaps=500, seed=seed)["pairs"]
    p_values = np.array([pair["p_value"] for pair in pairs])
    assert (p_values < 0.05).sum() <= 8
    assert 0.35 < p_values.mean() < 0.65
    assert sum(pair["delta_uar"]["low"] <= 0 <= pair["delta_uar"]["high"] for pair in pairs) >= 52


def test_many_pairs_are_adjusted() -> None:
    manifest = clips()
    runs = [in_memory(manifest, plan(manifest), seed=k) for k in range(6)]
    pairs = compare_runs(runs, corpus_of(manifest), swaps=1000)["pairs"]
    assert len(pairs) == 15
    assert [pair["p_holm"] for pair in pairs] == holm([pair["p_value"] for pair in pairs])
    assert min(pair["p_holm"] for pair in pairs) > 0.05


def in_memory(manifest: pd.DataFrame, folds: pd.DataFrame, *, seed: int) -> Run:
    said = predictions(manifest, folds, skill=0.7, seed=seed)
    return Run(folder=Path(f"r{seed}"), name=f"r{seed}", system="made up", settings={},
               hashes=hashes(manifest, folds), predictions=said, folds=folds)  # fmt: skip


def test_swapping_a_speaker_is_recounted_by_hand(tmp_path: Path) -> None:
    """The linear statistic against UARs counted anew for each of the 2^4 swaps."""
    manifest = clips(n_speakers=4, n_each=9)
    folds = plan(manifest)
    runs = [read_run(save(tmp_path / f"r{k}", manifest, seed=k, folds=folds, skill=skill))
            for k, skill in enumerate((0.8, 0.5))]  # fmt: skip
    one, two = (run.predictions.merge(manifest[["clip_id", "speaker"]], on="clip_id")
                for run in runs if run.predictions is not None)  # fmt: skip

    def uar(table: pd.DataFrame) -> float:
        atoms = metrics.confusions(table.drop(columns="speaker"), manifest, CLASSES)
        return float(metrics.uar(atoms.total))

    reached = []
    for swap in range(16):
        swapped = one["speaker"].map(lambda name, swap=swap: bool(swap >> int(name[1:]) & 1))
        a, b = one.where(~swapped, two), two.where(~swapped, one)
        reached.append(abs(uar(a) - uar(b)))
    expected = np.mean(np.array(reached) >= reached[0] - 1e-9)
    (pair,) = compare_runs(runs, corpus_of(manifest))["pairs"]
    assert pair["swap"] == {"n": 16, "exact": True, "smallest_p": 1 / 8, "unit": "speaker"}
    assert pair["p_value"] == expected


def test_without_speakers_clips_are_swapped(tmp_path: Path) -> None:
    manifest = clips(speakers=False)
    runs = [save(tmp_path / f"r{k}", manifest, seed=k) for k in range(2)]
    found = compared(runs, corpus_of(manifest), swaps=300)
    assert found["corpus"]["speaker_mode"] == "unknown"
    assert found["pairs"][0]["swap"]["unit"] == "clip"
    assert found["pairs"][0]["delta_uar"]["n_speakers"] is None


def test_fold_wise_differences_by_hand(tmp_path: Path) -> None:
    """The mean over folds and the ratio n_test / n_train = (1/4) / (3/4)."""
    manifest = clips()
    folds = plan(manifest)
    runs = [read_run(save(tmp_path / f"r{k}", manifest, seed=k, folds=folds)) for k in range(2)]
    means = []
    for run in runs:
        assert run.predictions is not None
        table = run.predictions.merge(manifest, on="clip_id")
        by_fold = table.groupby(["repeat", "fold"])
        means.append(np.mean([
            np.mean([(rows["predicted"] == name)[rows["label"] == name].mean() for name in CLASSES])
            for _, rows in by_fold
        ]))  # fmt: skip
    test = compare_runs(runs, corpus_of(manifest))["pairs"][0]["corrected_t"]
    assert test["mean"] == pytest.approx(means[0] - means[1])
    assert (test["n_folds"], test["n_repeats"], test["df"]) == (8, 2, 7)
    assert test["test_train_ratio"] == pytest.approx(1 / 3)


def test_one_repeat_has_no_corrected_t(tmp_path: Path) -> None:
    manifest = clips()
    runs = [save(tmp_path / f"r{k}", manifest, seed=k, folds=plan(manifest, repeats=1))
            for k in range(2)]  # fmt: skip
    assert compared(runs, corpus_of(manifest))["pairs"][0]["corrected_t"] is None


def scores_only(folder: Path, **scores: float) -> Path:
    (folder / "predictions.csv").unlink()
    edit(scores=scores)(folder)
    return folder


def test_a_system_known_by_its_score_is_shown_and_not_tested(tmp_path: Path) -> None:
    manifest = clips()
    ours = save(tmp_path / "ours", manifest)
    other = save(tmp_path / "other", manifest, seed=3)
    theirs = scores_only(save(tmp_path / "theirs", manifest), uar=0.5, n_clips=144)
    found = compared([ours, theirs, other], corpus_of(manifest))
    shown = found["systems"][1]
    assert shown["paired"] is False
    assert shown["uar"] == {"value": 0.5, "low": None, "high": None, "level": 0.95, "unit": "clip",
                            "n_clips": 144, "n_speakers": None}  # fmt: skip
    assert shown["macro_f1"]["value"] is None
    first, second, third = found["pairs"]
    assert first["delta_uar"]["value"] == found["systems"][0]["uar"]["value"] - 0.5
    for pair in (first, third):
        assert (pair["paired"], pair["p_value"]) == (False, None)
        assert "p_holm" not in pair
    assert second["paired"]
    assert second["p_holm"] == second["p_value"]  # one pair was tested
    alone = compared([theirs, theirs], corpus_of(manifest))
    assert alone["corpus"]["speaker_mode"] == "unknown"


def test_other_folds_are_refused_with_what_differs(tmp_path: Path) -> None:
    manifest = clips()
    one = save(tmp_path / "one", manifest)
    other = save(tmp_path / "other", manifest, folds=plan(manifest, seed=9))
    with pytest.raises(
        RunError, match=r"differ in their fold plan \(\d+ of 288 clips lie in anoth"
    ):
        compared([one, other], corpus_of(manifest))
    short = save(tmp_path / "short", manifest, folds=plan(manifest, repeats=1, seed=9))
    with pytest.raises(RunError, match=r"differ in their fold plan \(\d+ of 144 clips lie in"):
        compared([one, short], corpus_of(manifest))


def test_runs_of_more_repeats_are_compared_on_those_in_common(tmp_path: Path) -> None:
    """A network is trained once a fold; of a baseline drawn twice its first repeat is taken."""
    manifest = clips()
    twice = save(tmp_path / "twice", manifest, skill=0.8)
    folds = plan(manifest)
    once = save(tmp_path / "once", manifest, folds=folds[folds["repeat"] == 0], skill=0.5)
    found = compared([twice, once], corpus_of(manifest))
    said = pd.read_csv(twice / "predictions.csv", dtype={"clip_id": str})
    said = said[said["repeat"] == 0].merge(manifest[["clip_id", "label"]], on="clip_id")
    uar = (said["predicted"] == said["label"]).groupby(said["label"]).mean().mean()
    assert found["systems"][0]["uar"]["value"] == pytest.approx(uar)
    assert found["systems"][0]["uar"]["n_clips"] == len(manifest)
    assert found["pairs"][0]["paired"]


def test_other_clips_are_refused_with_what_differs(tmp_path: Path) -> None:
    manifest = clips()
    one = save(tmp_path / "one", manifest)
    fewer = save(tmp_path / "fewer", manifest.iloc[:-12].reset_index(drop=True))
    with pytest.raises(RunError, match="12 clips stand in one of them only, such as '0132'"):
        compared([one, fewer], corpus_of(manifest))
    renamed = save(tmp_path / "renamed", manifest.assign(speaker=manifest["speaker"] + "x"))
    with pytest.raises(RunError, match="the same clip ids, but other labels or speakers"):
        compared([one, renamed], corpus_of(manifest))


def test_another_corpus_is_refused(tmp_path: Path) -> None:
    manifest = clips()
    runs = [save(tmp_path / f"r{k}", manifest, seed=k) for k in range(2)]
    with pytest.raises(RunError, match="4 of the 144 clips of 'r0' are not in it, such as '0140'"):
        compared(runs, corpus_of(manifest.iloc[:140]))
    relabelled = manifest.assign(label=manifest["label"].replace("L", "Lateral"))
    with pytest.raises(RunError, match="were labels renamed in a configuration"):
        compared(runs, corpus_of(relabelled))
    # Clips that a check excluded as unusable stand in the corpus, not in the run.
    more = pd.concat([manifest, clips(n_speakers=13).iloc[144:]], ignore_index=True)
    assert compared(runs, corpus_of(more))["corpus"]["n_clips"] == 144


def test_a_run_without_hashes_is_refused(tmp_path: Path) -> None:
    manifest = clips()
    one, two = (read_run(save(tmp_path / name, manifest)) for name in "ab")
    foreign = Run(**{**vars(two), "hashes": {"manifest": one.hashes["manifest"]}, "folds": None})
    with pytest.raises(RunError, match="'b' does not say which folds it was tested on"):
        compare_runs([one, foreign], corpus_of(manifest))
    fewer = Run(**{**vars(two), "predictions": two.predictions.iloc[1:], "folds": None})
    with pytest.raises(RunError, match="predict different clips"):
        compare_runs([one, fewer], corpus_of(manifest))
    with pytest.raises(RunError, match="1 run; expected at least two"):
        compare_runs([one], corpus_of(manifest))


def test_a_foreign_class_is_refused(tmp_path: Path) -> None:
    manifest = clips()
    one, two = (read_run(save(tmp_path / name, manifest)) for name in "ab")
    assert two.predictions is not None
    said = two.predictions[["clip_id", "repeat", "fold", "predicted"]].replace("L", "lateral")
    with pytest.raises(RunError, match=r"'b' .*class 'lateral' is not one of I, L, N"):
        compare_runs([one, Run(**{**vars(two), "predictions": said})], corpus_of(manifest))


def test_speakers_across_folds_are_not_held_out() -> None:
    manifest = clips()
    folds = plan(manifest)
    assert speaker_mode(manifest, folds) == "held_out"
    mixed = folds.assign(fold=np.arange(len(folds)) % 4)
    assert speaker_mode(manifest, mixed) == "unknown"
    assert speaker_mode(manifest, None) == "unknown"
