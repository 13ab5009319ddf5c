"""Probes of states whose truth was planted: which layer, which frames, and who was never seen."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from acoustic_sib.config import AudioSettings, FoldSettings
from acoustic_sib.errors import ConfigError, RunError, StatesError
from acoustic_sib.evaluate import fold_tasks, speaker_codes
from acoustic_sib.folds import plan_folds
from acoustic_sib.significance import permutation_test, scores_of_relabellings
from acoustic_sib.ssl.import_states import write_states
from acoustic_sib.ssl.linear_probe import probe_table, splits_of, standardized
from acoustic_sib.ssl.pooling import pooled
from acoustic_sib.ssl.probe import Probe, probe
from acoustic_sib.ssl.probe_cells import grid_of
from acoustic_sib.ssl.probe_clips import ProbeClips, frame_energies, probe_clips
from acoustic_sib.ssl.probe_task import ProbeSettings
from acoustic_sib.ssl.states import States, read_states
from tests.ssl.planted import CLASSES, arrays, dump, manifest, saved

QUICK = {"permutations": 100, "poolings": ["mean"]}


def probed(
    states: States, clips: ProbeClips | None = None, *, jobs: int = 1, repeats: int = 1,
    features: pd.DataFrame | None = None, **settings: Any,
) -> Probe:  # fmt: skip
    ours = clips or probe_clips(states, manifest())
    plan = plan_folds(ours.manifest, FoldSettings(n_splits=4, repeats=repeats), seed=0)
    return probe(states, ours, plan.table, settings=ProbeSettings(**{**QUICK, **settings}), seed=0,
                 jobs=jobs, features=features)  # fmt: skip


def uars(made: Probe, *keys: str) -> dict[Any, float]:
    return {tuple(cell[key] for key in keys) if len(keys) > 1 else cell[keys[0]]:
            cell["uar"]["value"] for cell in made.result["cells"]}  # fmt: skip


def test_the_layer_that_carries_the_label_is_found_and_the_others_are_at_chance(
    tmp_path: Path,
) -> None:
    made = probed(saved(tmp_path, arrays(manifest(), good=1)))
    by_layer = uars(made, "layer")
    assert by_layer[1] > 0.9
    assert max(by_layer[0], by_layer[2]) < 0.5
    best = made.result["best"]
    assert (best["layer"], best["pooling"], best["frames"]) == (1, "mean", "all")
    assert best["chosen"] == [{"layer": 1, "pooling": "mean", "frames": "all", "times": 4}]
    assert best["uar"] == next(c["uar"] for c in made.result["cells"] if c["layer"] == 1)
    assert best["uar"]["n_clips"] == 120
    assert best["uar"]["n_speakers"] == 12
    assert best["uar"]["low"] > 0.8
    assert best["permutation"]["p_value"] == pytest.approx(1 / 101)
    curve = {one["layer"]: one["uar"]["value"] for one in made.result["layer_curve"]}
    assert curve == by_layer


def test_states_without_the_label_stay_at_chance_though_the_best_cell_looks_better(
    tmp_path: Path,
) -> None:
    found = arrays(manifest(), layers=8, good=None)
    made = probed(saved(tmp_path, found), poolings=["mean", "max"])
    best = made.result["best"]
    assert best["after_the_fact"]["uar"]["value"] > best["uar"]["value"]
    assert best["uar"]["low"] < 1 / 3
    assert best["permutation"]["p_value"] > 0.05
    # The largest of 16 cells under permuted labels lies above chance: that is what is tested.
    assert best["permutation"]["null_mean"] > 1 / 3 + 0.03
    assert best["permutation"]["n_cells"] == 16


def test_padding_drowns_the_mean_over_all_frames_and_not_the_valid_ones(tmp_path: Path) -> None:
    found = arrays(manifest(), layers=1, good=0, valid=4, total=49, signal=1.5)
    made = probed(saved(tmp_path, found, n_valid=4), permutations=100)
    by_frames = uars(made, "frames")
    assert set(by_frames) == {"valid", "all"}
    assert by_frames["valid"] > 0.85
    assert by_frames["all"] < 0.5
    assert made.result["best"]["frames"] == "valid"
    left_out = made.result["grid"]["left_out"]
    assert {"frames": "first_1s", "reason": "the same frames as 'all' in every clip"} in left_out
    assert made.result["states"]["valid_share"] == pytest.approx(4 / 49)


def test_valid_frames_are_inferred_from_durations_and_said_so(tmp_path: Path) -> None:
    clips = manifest()
    states = saved(tmp_path, arrays(clips, layers=1, good=0, valid=4, total=49))
    seconds = dict.fromkeys(clips["clip_id"], (400 + 3 * 320) / 16000)  # four frames
    ours = probe_clips(states, clips, seconds)
    assert ours.n_valid is not None
    assert set(ours.n_valid.tolist()) == {4}
    assert any("inferred" in note for note in ours.notes)
    assert probe_clips(states, clips).n_valid is None


def test_frames_that_do_not_fit_the_corpus_are_refused_with_the_clip(tmp_path: Path) -> None:
    clips = manifest()
    states = saved(tmp_path, arrays(clips, layers=1, good=0))
    seconds = dict.fromkeys(clips["clip_id"], 0.25)
    with pytest.raises(StatesError, match=r"clip 'c000' of 0\.250 s has 6 frames; expected 12"):
        probe_clips(states, clips, seconds)


def test_nobody_who_is_tested_is_seen_by_the_choice(tmp_path: Path) -> None:
    """Changing the labels of one fold's speakers leaves the choice and the fits for that fold."""
    clips = manifest()
    states = saved(tmp_path, arrays(clips, signal=0.7))
    plan = plan_folds(clips, FoldSettings(n_splits=4, repeats=1), seed=0).table
    tested = set(plan.loc[plan["fold"] == 2, "clip_id"])
    turned = clips.assign(label=[
        CLASSES[(CLASSES.index(label) + 1) % 3] if clip_id in tested else label
        for clip_id, label in zip(clips["clip_id"], clips["label"], strict=True)
    ])  # fmt: skip

    def fold(labelled: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
        made = probe(states, probe_clips(states, labelled), plan,
                     settings=ProbeSettings(**QUICK), seed=0)  # fmt: skip
        table = made.predictions["nested"]
        return (made.choices.query("fold == 2").to_numpy().tolist(),
                table[table["fold"] == 2].reset_index(drop=True))  # fmt: skip

    choice, predictions = fold(clips)
    other_choice, other_predictions = fold(turned)
    assert choice == other_choice
    pd.testing.assert_frame_equal(predictions, other_predictions)


def test_the_first_of_the_relabellings_scored_is_the_statistic_of_the_permutation_test() -> None:
    rng = np.random.default_rng(0)
    labels = np.tile([0, 1, 2], 20)
    table = rng.standard_normal((60, 5))
    table[:, 0] += labels
    folds = np.arange(60) // 12
    test = permutation_test(table, labels, None, folds, n=100)
    drawn = np.stack([labels, rng.permutation(labels)])
    scores = scores_of_relabellings(table, drawn, folds)
    assert scores[0] == pytest.approx(test.statistic)
    assert scores[1] < scores[0]


def test_inner_folds_hold_speakers_out() -> None:
    clips = manifest()
    plan = plan_folds(clips, FoldSettings(n_splits=4, repeats=2), seed=0)
    groups = speaker_codes(clips)
    assert groups is not None
    codes = np.searchsorted(CLASSES, clips["label"].to_numpy(dtype=str))
    splits = splits_of(fold_tasks(plan.table, clips), codes, groups, n_splits=3, seed=0)
    assert len(splits) == 8
    for split in splits:
        train = groups[split.task.train]
        assert not set(train) & set(groups[split.task.test])
        for fold in range(3):
            assert not set(train[split.inner == fold]) & set(train[split.inner != fold])


def test_any_number_of_jobs_gives_the_same_numbers(tmp_path: Path) -> None:
    states = saved(tmp_path, arrays(manifest(), layers=2, signal=0.7))
    one, two = (probed(states, jobs=jobs, repeats=2) for jobs in (1, 2))
    assert one.result == two.result
    pd.testing.assert_frame_equal(one.predictions["nested"], two.predictions["nested"])


def test_the_probe_is_scikit_learn_s_on_z_scores_of_the_training_part() -> None:
    clips = manifest()
    plan = plan_folds(clips, FoldSettings(n_splits=4, repeats=1), seed=0)
    codes = np.searchsorted(CLASSES, clips["label"].to_numpy(dtype=str))
    table = np.random.default_rng(0).standard_normal((120, 30)) * 7 + 3
    table[:, 0] += codes
    splits = splits_of(fold_tasks(plan.table, clips), codes, speaker_codes(clips), n_splits=3,
                       seed=0)  # fmt: skip
    found = probe_table(table, codes, splits, names=CLASSES, weighting="balanced", strengths=(3.0,))
    for split, ours in zip(splits, found.probabilities, strict=True):
        known = make_pipeline(StandardScaler(), LogisticRegression(
            C=3.0 / 30, class_weight="balanced", tol=1e-8, max_iter=5000))  # fmt: skip
        known.fit(table[split.task.train], codes[split.task.train])
        assert np.allclose(ours, known.predict_proba(table[split.task.test]), atol=0.01)


def test_constant_columns_and_gaps_count_for_nothing() -> None:
    train = np.array([[1.0, 5.0, np.nan], [3.0, 5.0, 2.0], [5.0, 5.0, 4.0]])
    seen, unseen = standardized(train, np.array([[3.0, 9.0, np.nan]]))
    assert np.allclose(seen[:, 0], [-1.2247449, 0, 1.2247449])
    assert seen[:, 1].tolist() == [0, 0, 0]
    assert seen[0, 2] == 0
    assert unseen.tolist() == [[0, 0, 0]]


def test_poolings_are_those_of_a_hand_count() -> None:
    layer = np.array([[0.0], [3.0], [6.0], [9.0], [99.0]], dtype=np.float16)
    offsets, counts = np.array([0]), np.array([4])
    by_hand = {"mean": [4.5], "mean_sd": [4.5, np.sqrt(11.25)], "max": [9.0],
               "middle_third": [4.5]}  # fmt: skip
    for name, expected in by_hand.items():
        assert pooled(layer, offsets, counts, name)[0].tolist() == pytest.approx(expected), name
    energy = [np.array([0.0, 1.0, 3.0, 0.0])]
    weighted = pooled(layer, offsets, counts, "energy_weighted", energy)
    assert weighted[0].tolist() == pytest.approx([5.25])
    silent = pooled(layer, offsets, counts, "energy_weighted", [np.zeros(4)])
    assert silent[0].tolist() == pytest.approx([4.5])
    assert pooled(layer, offsets, np.array([1]), "middle_third")[0].tolist() == [0.0]


def test_frame_energies_follow_the_sound(tmp_path: Path) -> None:
    """A tone in the second half alone: no energy in frames that end before it begins."""
    clips = manifest(3, 3)
    samples = np.zeros(16000 // 4)
    samples[2000:] = 0.5 * np.sin(np.arange(2000))
    for clip_id in clips["clip_id"]:
        soundfile.write(tmp_path / f"{clip_id}.wav", samples, 16000)
    clips["path"] = [str(tmp_path / path) for path in clips["path"]]
    found = {clip_id: np.ones((1, 12, 4), np.float32) for clip_id in clips["clip_id"]}
    states = saved(tmp_path, found, n_valid=12)
    energies = frame_energies(states, probe_clips(states, clips), AudioSettings())
    for one in energies.values():
        assert len(one) == 12
        assert (one[:6] < 1e-4).all()  # frames 0 to 5 end by sample 2000
        assert one[7:] == pytest.approx(0.125, rel=0.1)  # a sine of 0.5: mean square 0.125


def test_one_vector_a_clip_leaves_one_cell_a_layer(tmp_path: Path) -> None:
    found = {name: array[:, 0] for name, array in arrays(manifest()).items()}
    states = write_states(dump(found), tmp_path / "states", layout="layers")
    made = probed(states, poolings=None)
    assert uars(made, "layer", "pooling", "frames").keys() == {
        (layer, "mean", "valid") for layer in range(3)
    }
    assert made.result["states"]["pooled"]


def test_what_cannot_be_had_is_refused_by_name(tmp_path: Path) -> None:
    states = saved(tmp_path, arrays(manifest()))
    for settings, says in (
        ({"layers": ["7"]}, "no layer '7'"), ({"poolings": ["meen"]}, "did you mean 'mean'"),
        ({"frames": ["valid"]}, "neither the states nor"), ({"frames": ["al"]}, "'all'"),
        ({"poolings": ["energy_weighted"]}, "needs the clips' sound"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=says):
            probed(states, **settings)
    with pytest.raises(RunError, match="names a clip of the corpus"):
        probe_clips(states, manifest().assign(clip_id=[f"k{n}" for n in range(120)],
                                              path=[f"k{n}.wav" for n in range(120)]))  # fmt: skip
    few = saved(tmp_path, arrays(manifest(40)))
    with pytest.raises(StatesError, match="states of 40 of 120 clips; expected all: 'c040'"):
        probe_clips(few, manifest())


def test_states_that_are_not_finite_are_refused_with_the_clip(tmp_path: Path) -> None:
    states = saved(tmp_path, arrays(manifest()))
    stored = np.lib.format.open_memmap(states.folder / "states.npy", mode="r+")
    stored[2, 6 * 5, 0] = np.nan
    del stored
    with pytest.raises(StatesError, match="clip 'c005' holds NaN or infinite numbers in layer 2"):
        probed(read_states(states.folder))


def test_states_are_matched_by_stem_and_the_lacking_clips_are_counted(tmp_path: Path) -> None:
    clips = manifest()
    found = {f"wavs/{clip_id}.wav": array for clip_id, array in arrays(clips).items()}
    found.pop("wavs/c003.wav")
    ours = probe_clips(saved(tmp_path, found), clips)
    assert ours.missing == ("c003",)
    assert len(ours.manifest) == 119
    assert "1 clips of the corpus have no states" in ours.notes[0]


def test_acoustic_features_that_know_what_the_states_do_not_add_to_them(tmp_path: Path) -> None:
    clips = manifest()
    rng = np.random.default_rng(5)
    # The states tell one class from the others, the features another.
    found = {name: rng.standard_normal((1, 6, 8)).astype(np.float32) for name in clips["clip_id"]}
    for name, label in zip(clips["clip_id"], clips["label"], strict=True):
        found[name][0, :, 0] += 2.0 * (label == "Lateral")
    features = pd.DataFrame(rng.standard_normal((120, 4)), index=clips["clip_id"].tolist(),
                            columns=["x.a", "x.b", "x.c", "x.d"])  # fmt: skip
    features["x.a"] += 5.0 * (clips["label"] == "Normal").to_numpy()
    features.iloc[7, 1] = np.nan
    made = probed(saved(tmp_path, found), features=features)
    joined = made.result["with_acoustic"]
    assert 0.5 < made.result["best"]["uar"]["value"] < 0.8
    assert 0.5 < joined["acoustic"]["value"] < 0.8
    assert joined["joined"]["value"] > 0.9
    assert joined["joined_minus_states"]["low"] > 0
    assert joined["joined_minus_acoustic"]["low"] > 0
    assert set(made.predictions) == {"nested", "acoustic", "with_acoustic"}
    with pytest.raises(StatesError, match="1 of 120 clips have none, such as 'c119'"):
        probed(saved(tmp_path, found), features=features.iloc[:-1])


@pytest.mark.bench
def test_a_probe_of_a_base_model_takes_a_minute(tmp_path: Path) -> None:
    """13 layers x 3 poolings of 1057 clips x 7 frames x 768: at most 60 s on two cores."""
    clips = manifest(1057, 42)
    rng = np.random.default_rng(0)
    target = tmp_path / "states"
    target.mkdir()
    stored = np.lib.format.open_memmap(target / "states.npy", mode="w+", dtype=np.float16,
                                       shape=(13, 7 * 1057, 768))  # fmt: skip
    codes = np.repeat([CLASSES.index(label) for label in clips["label"]], 7)
    for layer in range(13):
        hidden = rng.standard_normal((7 * 1057, 60)) + 0.8 * np.eye(60)[codes]
        stored[layer] = hidden @ rng.standard_normal((60, 768)) / 4
    stored.flush()
    del stored
    np.save(target / "offsets.npy", np.arange(1058) * 7)
    pd.DataFrame({"clip_id": clips["clip_id"], "n_samples": "", "n_frames": 7,
                  "n_valid_frames": 7}).to_csv(target / "clips.csv", index=False)  # fmt: skip
    (target / "meta.json").write_text('{"schema": "acoustic-sib/states@1"}')
    states = read_states(target)
    ours = probe_clips(states, clips)
    plan = plan_folds(clips, FoldSettings(), seed=0)
    assert len(grid_of(states, ours.numbers, ours.n_valid, with_energies=False,
                       poolings=["mean", "mean_sd", "max"]).cells) == 39  # fmt: skip
    begun = time.perf_counter()
    probe(states, ours, plan.table, jobs=2, seed=0,
          settings=ProbeSettings(poolings=["mean", "mean_sd", "max"]))  # fmt: skip
    assert time.perf_counter() - begun < 60
