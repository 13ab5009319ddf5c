"""Rung 4: feature families alone, left out and in a row, and the band that 16 kHz leaves."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib import metrics, models
from acoustic_sib.errors import CorpusError
from acoustic_sib.evaluate import Evaluation, evaluate, fold_tasks
from acoustic_sib.features import Recipe, column_names
from acoustic_sib.ladder import layers_unfreezing as rung
from acoustic_sib.ladder.layers_unfreezing import (
    ALL,
    HANDLED,
    HEARD_HZ,
    above_8k_clips,
    layers_unfreezing,
    sets_of,
)
from acoustic_sib.ladder.measure_sets import Told, told_by_sets
from acoustic_sib.ladder.registry import Climb, Found
from tests.ladder.climbs import COLUMNS, climb


def with_table(base: Climb, table: pd.DataFrame, *, high_hz: float = HEARD_HZ) -> Climb:
    """The climb with other features, which a 16 kHz model hears in full unless said otherwise."""
    return dataclasses.replace(base, features=table, recipe=Recipe(high_hz=high_hz))


def as_families(base: Climb, **columns: str | None) -> pd.DataFrame:
    """One family a keyword: a copy of a column of the climb, or new noise for None."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {f"{family}.m": rng.standard_normal(len(base.features)) if source is None
         else base.features[source] for family, source in columns.items()},
        index=base.features.index,
    )  # fmt: skip


def rows_of(found: Found) -> dict[str, dict]:
    return {row["family"]: row for row in found.evidence["families"]}


def test_each_set_of_families_is_named_once() -> None:
    sets = sets_of(["a.1", "a.2", "a.3", "b.1", "c.1", "c.2"])
    assert sets.growing == ("b", "c", "a")
    assert sets.columns == {
        ALL: ["a.1", "a.2", "a.3", "b.1", "c.1", "c.2"],
        "a": ["a.1", "a.2", "a.3"], "b": ["b.1"], "c": ["c.1", "c.2"],
        "b+c": ["b.1", "c.1", "c.2"],  # also the second step of the row
        "a+c": ["a.1", "a.2", "a.3", "c.1", "c.2"], "a+b": ["a.1", "a.2", "a.3", "b.1"],
    }  # fmt: skip


def test_the_default_families_give_thirty_sets() -> None:
    """All, 10 alone, 10 left out, 7 steps of the row (of ten the first is a family alone, the
    ninth leaves one out, the last is all), duration and level; the band-limited one is extra."""
    sets = sets_of(column_names(Recipe(high_hz=11025.0)))
    assert len(sets.families) == 10
    assert len(sets.columns) == 1 + 10 + 10 + 7 + 1
    assert sets.growing[0] == "erb"
    assert sets.growing[-1] == "logmel"
    assert "temporal.zero_crossings_per_s" not in sets.columns[HANDLED]
    assert "temporal.duration_s" in sets.columns[HANDLED]


def test_one_column_two_sd_apart_reaches_what_theory_says() -> None:
    """Two unit Gaussians 2 apart: UAR is Phi(1) = .841; noise is at chance."""
    base = climb((200, 200), n_speakers=20)
    found = layers_unfreezing(
        with_table(base, as_families(base, told="x.a", noise=None, more=None))
    )
    rows = rows_of(found)
    assert rows["told"]["alone"]["value"] == pytest.approx(0.841, abs=0.03)
    for name in ("noise", "more"):
        assert rows[name]["alone"]["value"] == pytest.approx(0.5, abs=0.06)
        assert abs(rows[name]["left_out_change"]["value"]) < 0.02
        assert rows[name]["made_up_for"]
    assert rows["told"]["left_out"]["value"] == pytest.approx(0.5, abs=0.06)
    assert rows["told"]["left_out_change"]["high"] < -0.2
    assert not rows["told"]["made_up_for"]
    assert found.status == "pass"
    assert "alone 1 lie above chance, the best told 0.8" in found.says
    assert "no other makes up for told (-0.3" in found.says


def test_twins_make_up_for_each_other_and_complements_do_not() -> None:
    base = climb((60, 60, 60))
    twins = rows_of(layers_unfreezing(with_table(
        base, as_families(base, one="x.a", twin="x.a", other="x.b"))))  # fmt: skip
    assert twins["one"]["alone"] == twins["twin"]["alone"]
    assert twins["one"]["made_up_for"]
    assert twins["twin"]["made_up_for"]
    assert not twins["other"]["made_up_for"]
    pair = layers_unfreezing(with_table(base, as_families(base, one="x.a", other="x.b")))
    for name, other in (("one", "other"), ("other", "one")):
        row = rows_of(pair)[name]
        assert not row["made_up_for"]
        assert row["left_out"] == rows_of(pair)[other]["alone"]
        assert row["left_out_change"]["value"] == pytest.approx(
            row["left_out"]["value"] - pair.evidence["all"]["value"])  # fmt: skip


def test_the_row_grows_from_the_fewest_measures_to_all() -> None:
    base = climb((40, 40, 40))
    table = as_families(base, big="x.a", small="x.b", twin="x.b").assign(
        **{"big.n": base.features["x.c"], "twin.n": base.features["x.d"]}
    )
    found = layers_unfreezing(with_table(base, table))
    steps = found.evidence["cumulative"]
    # Families of equal size keep the order of their columns.
    assert [step["added"] for step in steps] == ["small", "big", "twin"]
    assert [step["families"] for step in steps] == [
        ["small"], ["small", "big"], ["small", "big", "twin"]]  # fmt: skip
    assert [step["n_measures"] for step in steps] == [1, 3, 5]
    assert steps[0]["uar"] == rows_of(found)["small"]["alone"]
    assert steps[1]["uar"] == rows_of(found)["twin"]["left_out"]
    assert steps[2]["uar"] == found.evidence["all"]
    figures = found.tables["families"]
    assert figures["set"].value_counts().to_dict() == {
        "alone": 3, "left out": 3, "cumulative": 3, "all": 1, "band-limited": 1}  # fmt: skip
    assert set(figures["n_clips"]) == {120}


def test_labels_that_nothing_tells_fail() -> None:
    found = layers_unfreezing(with_table(base := climb((40, 40, 40), signal=0.0), base.features))
    assert found.status == "fail"
    assert found.says.startswith("no family of measures is shown to carry the labels")
    assert "listen" in found.next


@pytest.mark.no_cover
def test_the_best_of_many_families_of_noise_is_not_believed() -> None:
    """Eight corpora of six families of noise: in some a family lies above chance at 95 % by luck,
    yet the rung, whose rule is the permutation test of the best at .01, fails on all of them."""
    base = climb((42, 42, 42), signal=0.0, model="lda", evaluation={"permutations": 200})
    lucky = 0
    for seed in range(8):
        noise = pd.DataFrame(np.random.default_rng(seed).standard_normal((126, 6)),
                             index=base.features.index,
                             columns=[f"noise{number}.m" for number in range(6)])  # fmt: skip
        found = layers_unfreezing(with_table(base, noise))
        lucky += max(row["alone"]["low"] for row in found.evidence["families"]) > 1 / 3
        assert found.status == "fail"
        assert f"p = {found.evidence['permutation']['p_value']:.2g})" in found.says
    assert lucky > 0


def test_duration_and_level_alone_are_told() -> None:
    base = climb((50, 50), signal=3.0)
    table = as_families(base, shape=None).assign(
        **{"temporal.duration_s": base.features["x.a"],
           "temporal.zero_crossings_per_s": base.features["x.c"]})  # fmt: skip
    found = layers_unfreezing(with_table(base, table))
    assert found.status == "warn"
    assert "duration, level and its course alone reach 0.9" in found.says
    assert "cut or levelled differently" in found.next
    assert found.evidence["duration_and_level"]["measures"] == ["temporal.duration_s"]
    # The same signal in the zero crossings is a matter of the spectrum.
    swapped = table.set_axis(["shape.m", "temporal.zero_crossings_per_s", "temporal.duration_s"],
                             axis=1)  # fmt: skip
    assert layers_unfreezing(with_table(base, swapped)).status == "pass"


def test_what_ends_below_8_khz_loses_nothing() -> None:
    base = climb((40, 40, 40))
    for high_hz in (HEARD_HZ, 3920.0):
        found = layers_unfreezing(with_table(base, base.features, high_hz=high_hz))
        limited = found.evidence["band_limited"]
        assert not limited["measured_again"]
        assert limited["high_hz"] == high_hz
        assert (limited["change"]["low"], limited["change"]["high"]) == (0, 0)
        assert limited["uar"] == found.evidence["all"]
        assert "nothing that a 16 kHz model could not hear" in found.says
        assert "above_8k_clips" not in found.evidence


def test_sounds_are_measured_again_up_to_7840_hz_as_the_baseline_saw_them() -> None:
    """Clips of noise: the labels are in the features given and not in what is measured again."""
    recipe = Recipe(high_hz=11025.0, families=("multitaper", "temporal"))
    base = dataclasses.replace(climb((40, 40, 40), models={"normalize": "speaker"}), recipe=recipe)
    table = rung._band_limited(base)
    assert list(table.index) == list(base.manifest["clip_id"])
    assert list(table.columns) == column_names(dataclasses.replace(base.recipe, high_hz=HEARD_HZ))
    by_speaker = table["temporal.rms_level_db"].groupby(base.manifest["speaker"].to_numpy())
    np.testing.assert_allclose(by_speaker.mean(), 0, atol=1e-9)
    np.testing.assert_allclose(by_speaker.std(ddof=0), 1)
    found = layers_unfreezing(base)
    limited = found.evidence["band_limited"]
    assert found.status == "warn"
    assert (limited["high_hz"], limited["full_high_hz"]) == (7840.0, 11025.0)
    assert limited["change"]["high"] < 0
    assert "lies above 8 kHz" in found.says
    assert f"against UAR {limited['uar']['value']:.3f}" in found.next
    assert limited["n_right_only_full"] > limited["n_right_only_limited"]
    shown = found.evidence["above_8k_clips"]
    assert len(shown) == rung.MOST_CLIPS < limited["n_right_only_full"]
    assert all(row["predicted_limited"] != row["label"] for row in shown)
    lost = [row["p_own_full"] - row["p_own_limited"] for row in shown]
    assert lost == sorted(lost, reverse=True)
    assert lost[0] > 0.3


def test_only_clips_that_the_full_band_alone_gets_right_are_listed() -> None:
    manifest = pd.DataFrame({"clip_id": list("abcd"), "label": ["s"] * 4, "speaker": ["v"] * 4})

    def told(predicted: str, own: list[float]) -> Told:
        clips = pd.DataFrame({"predicted": list(predicted), "p_own": own},
                             index=pd.Index(list("abcd"), name="clip_id"))  # fmt: skip
        atoms = metrics.Confusions(classes=("s",), counts=np.ones((1, 1, 1)), units=("v",),
                                   unit="speaker")  # fmt: skip
        return Told(atoms=atoms, clips=clips)

    rows = above_8k_clips(manifest, told("ssst", [0.6, 0.9, 0.8, 0.2]),
                          told("ztst", [0.3, 0.1, 0.7, 0.1]))  # fmt: skip
    assert [row["clip_id"] for row in rows] == ["b", "a"]
    assert rows[0] == {"clip_id": "b", "label": "s", "predicted_limited": "t", "p_own_full": 0.9,
                       "p_own_limited": 0.1, "speaker": "v"}  # fmt: skip


def test_files_that_went_away_are_named() -> None:
    base = climb((12, 12, 12))
    moved = base.manifest.assign(path=str(Path("nowhere") / "gone.wav"))
    with pytest.raises(CorpusError, match=r"36 of 36 clips could be read before.*gone\.wav"):
        layers_unfreezing(dataclasses.replace(base, manifest=moved))


def test_sets_are_told_as_the_baseline_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing to choose, each set's predictions are those of `evaluate` on its columns."""
    fixed = dataclasses.replace(models.MODELS["knn"], grid={"estimator__n_neighbors": (5,)})
    monkeypatch.setitem(models.MODELS, "knn", fixed)
    base = climb((20, 30, 25), signal=1.0)
    table = base.features.mask(np.random.default_rng(0).random(base.features.shape) < 0.2)
    sets = {"two": COLUMNS[:2], "three": COLUMNS[1:]}
    told = told_by_sets(base, table, sets, name="knn", scored=["two"], stage="telling",
                        tasks=fold_tasks(base.folds, base.manifest))  # fmt: skip
    for name, columns in sets.items():
        chosen = base.config.models.model_copy(
            update={"candidates": ("knn",), "feature_sets": (name,)}
        )
        run = evaluate(table, base.manifest, base.folds, column_sets={name: columns},
                       settings=chosen, seed=0, jobs=1)  # fmt: skip
        expected = run.predictions.set_index("clip_id")
        clips = told[name].clips.loc[expected.index]
        assert clips["predicted"].tolist() == expected["predicted"].tolist()
        if name == "two":
            labels = base.manifest.set_index("clip_id")["label"]
            own = [expected.loc[one, f"prob_{labels[one]}"] for one in expected.index]
            np.testing.assert_allclose(clips["p_own"], own)
        else:
            assert clips["p_own"].isna().all()


def test_settings_are_chosen_for_each_set() -> None:
    """A column of scale 1 among 300 of noise wants a stronger penalty than alone; the choice is
    inside the training folds, so a table of noise stays at chance."""
    base = climb((40, 40), signal=2.0)
    noise = pd.DataFrame(np.random.default_rng(3).standard_normal((80, 300)),
                         index=base.features.index).add_prefix("noise.")  # fmt: skip
    table = as_families(base, told="x.a").join(noise)
    rows = rows_of(layers_unfreezing(with_table(base, table)))
    assert rows["noise"]["alone"]["low"] < 0.5 < rows["noise"]["alone"]["high"]
    assert rows["told"]["alone"]["low"] > 0.6


def test_slow_models_are_stood_in_for() -> None:
    base = climb((20, 20, 20))
    candidates = [{"model": "random_forest", "feature_set": "all", "params": {}}]
    slow = Evaluation(predictions=base.baseline.predictions, candidates=candidates,
                      choices=base.baseline.choices, inner=base.baseline.inner)  # fmt: skip
    found = layers_unfreezing(with_table(dataclasses.replace(base, baseline=slow), base.features))
    assert found.evidence["model"].startswith("svm_rbf, in place of random_forest")
    assert layers_unfreezing(with_table(base, base.features)).evidence["model"].startswith(
        "logistic, its settings chosen")  # fmt: skip


def test_one_family_is_neither_left_out_nor_compared() -> None:
    found = layers_unfreezing(with_table(base := climb((30, 30, 30)), base.features))
    (row,) = found.evidence["families"]
    assert (row["left_out"], row["left_out_change"], row["made_up_for"]) == (None, None, None)
    assert found.says.startswith("the one family measured, x, reaches UAR 0.")
    assert row["alone"] == found.evidence["all"]


def test_a_class_of_one_speaker_is_skipped() -> None:
    base = climb((12, 30, 30))
    speakers = np.where(base.manifest["label"] == "Interdental", "s0", base.manifest["speaker"])
    found = layers_unfreezing(
        dataclasses.replace(base, manifest=base.manifest.assign(speaker=speakers))
    )
    assert found.status == "skipped"
    assert "class 'Interdental' has one tested speaker" in found.says


def test_repeats_beyond_the_first_change_nothing() -> None:
    base = with_table(base := climb((20, 20, 20)), base.features)
    again = pd.concat([base.folds, base.folds.assign(repeat=1, fold=(base.folds["fold"] + 1) % 4)])
    one, two = (
        layers_unfreezing(dataclasses.replace(base, folds=folds)) for folds in (base.folds, again)
    )
    assert one.evidence == two.evidence
