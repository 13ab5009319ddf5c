"""Controls: groups of clips apart, and what a split that mixes speakers would report."""

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.ladder.controls import controls_of, difference
from acoustic_sib.ladder.groups import groupings, not_measurable
from acoustic_sib.ladder.registry import Climb
from acoustic_sib.ladder.sanity import sanity
from acoustic_sib.metrics import Confusions
from tests.ladder.climbs import CLASSES, COLUMNS, climb


def described(whole: Climb, **columns: object) -> Climb:
    """The same climb with more columns in its manifest."""
    return Climb(**{**vars(whole), "manifest": whole.manifest.assign(**columns)})


def atoms(correct: list[tuple[int, int]], names: str) -> Confusions:
    """Ten clips of each of two classes a speaker; so many of each are right."""
    counts = np.array([[[a, 10 - a], [10 - b, b]] for a, b in correct], dtype=float)
    return Confusions(classes=("x", "y"), counts=counts, units=tuple(names), unit="speaker")


def test_distinct_speakers_are_compared_as_two_samples() -> None:
    """With alike many clips a speaker the UAR is the mean of the speakers' own, so the interval is
    Welch's of two samples: here [.9 .8 .7 .6] and [.6 .5 .4 .3], difference .3, SE .09129, df 6."""
    a = atoms([(9, 9), (8, 8), (7, 7), (6, 6)], "abcd")
    b = atoms([(6, 6), (5, 5), (4, 4), (3, 3)], "efgh")
    found = difference(a, b, 0.95)
    assert found["paired"] is False
    assert found["value"] == pytest.approx(0.3)
    assert found["high"] - found["value"] == pytest.approx(2.4469 * 0.091287, rel=1e-3)


def test_shared_speakers_are_compared_in_pairs() -> None:
    """Each speaker is better by exactly .3: paired, the difference has no spread."""
    a = atoms([(9, 9), (8, 8), (7, 7), (6, 6)], "abcd")
    b = atoms([(6, 6), (5, 5), (4, 4), (3, 3)], "abcd")
    found = difference(a, b, 0.95)
    assert found["paired"] is True
    assert found["low"] == pytest.approx(0.3)
    assert found["high"] == pytest.approx(0.3)


def test_columns_are_known_by_their_usual_names() -> None:
    manifest = pd.DataFrame({
        "clip_id": list("abcd"), "Phoneme": ["S", "ZH", "θː", "?"],
        "gender": ["F", "male", "", "m"], "age": [15, 16, np.nan, 40],
    })  # fmt: skip
    found = {one.control: one for one in groupings(manifest)}
    assert found["phone"].column == "Phoneme"
    assert found["voicing"].of_clip.tolist()[:3] == ["voiceless", "voiced", "voiceless"]
    assert pd.isna(found["voicing"].of_clip.iloc[3])
    sex = found["sex"].of_clip
    assert sex.dropna().tolist() == ["f", "m", "m"]
    ages = found["age_group"].of_clip
    assert ages.dropna().tolist() == ["child", "adult", "adult"]
    assert pd.isna(ages.iloc[2])


def test_voicing_is_not_said_twice() -> None:
    manifest = pd.DataFrame({"clip_id": list("ab"), "phone": ["s", "z"]})
    assert [one.control for one in groupings(manifest)] == ["phone", "sex", "age_group"]


def test_groups_that_cannot_be_measured_say_why() -> None:
    clips = pd.DataFrame({"label": ["a"] * 6 + ["b"] * 6, "speaker": list("uvwxyz") * 2})
    assert not_measurable(clips, ("a", "b")) == ""
    assert not_measurable(clips, ("a", "b", "c")) == (
        "class 'c' has no clips here; at least 5 are needed")  # fmt: skip
    assert "class 'b' has 1 clip here" in not_measurable(clips.head(7), ("a", "b"))
    few = clips.assign(speaker=list("uuuvvv") * 2)
    assert "2 speakers here" in not_measurable(few, ("a", "b"))
    alone = clips.assign(speaker=["u"] * 6 + list("uvwxyz"))
    assert not_measurable(alone, ("a", "b")) == "class 'a' has one speaker only here"


def test_phones_are_tested_apart_and_trained_apart() -> None:
    whole = climb((60, 60, 60), n_speakers=12)
    rng = np.random.default_rng(0)
    phones = np.where(rng.random(180) < 0.6, "s", "z")
    sexes = whole.manifest["speaker"].map(lambda name: "f" if int(name[1:]) % 2 else "m")
    found = controls_of(described(whole, phone=phones, sex=sexes))
    rows = {(row["control"], row["group"]): row for row in found["controls"]}
    assert set(rows) == {("phone", "s"), ("phone", "z"), ("sex", "f"), ("sex", "m"),
                         ("age_group", None)}  # fmt: skip
    assert rows["age_group", None]["reason"].startswith("the corpus has no column 'age_group'")
    predictions = whole.baseline.predictions.set_index("clip_id")["predicted"]
    for phone in "sz":
        row = rows["phone", phone]
        here = whole.manifest[phones == phone]
        right = predictions.loc[here["clip_id"]].to_numpy() == here["label"].to_numpy()
        by_class = [right[(here["label"] == name).to_numpy()].mean() for name in CLASSES]
        assert row["uar"]["value"] == pytest.approx(np.mean(by_class))
        assert row["n_clips"] == row["uar"]["n_clips"] == row["alone"]["n_clips"] == len(here)
        change = row["alone_change"]
        assert change["paired"] is True
        assert change["low"] < change["value"] < change["high"]
        assert row["alone"]["value"] > 0.5
    assert rows["phone", "z"]["difference"]["to"] == "s"
    assert rows["phone", "z"]["difference"]["paired"] is True
    between = [rows["sex", sex].get("difference") for sex in "fm"]
    assert [one["paired"] for one in between if one] == [False]


def test_speakers_who_can_be_recognised_raise_the_alarm() -> None:
    """Each speaker has a place of their own for each class, known to nobody else: a random split
    remembers them, 8 training clips a place of which up to 15 neighbours vote, and new speakers are
    at chance."""
    base = climb((60, 60, 60), n_speakers=6)
    rng = np.random.default_rng(0)
    places = {key: 5 * rng.standard_normal(len(COLUMNS))
              for key in sorted({*zip(base.manifest["speaker"], base.manifest["label"],
                                      strict=True)})}  # fmt: skip
    values = [places[key] for key in zip(base.manifest["speaker"], base.manifest["label"],
                                         strict=True)]  # fmt: skip
    table = pd.DataFrame(values, index=base.features.index, columns=COLUMNS)
    whole = climb((60, 60, 60), n_speakers=6, model="knn", features=table)
    split = controls_of(whole)["random_split"]
    assert split["alarm"] is True
    assert split["uar"]["value"] > 0.9
    assert split["grouped_uar"]["value"] < 0.6
    assert split["difference"]["low"] > 0
    assert split["says"].startswith("speakers can be recognised: a split that mixes speakers")
    climbed = sanity(Climb(**{**vars(whole), "result": {**whole.result, "random_split": split}}))
    assert climbed.status == "pass"
    assert climbed.says.endswith(split["says"])
    assert climbed.evidence["random_split"] == split["says"]


def test_alike_speakers_raise_no_alarm() -> None:
    split = controls_of(climb((60, 60, 60), n_speakers=12))["random_split"]
    assert split["alarm"] is False
    assert abs(split["difference"]["value"]) < 0.06
    assert split["grouped_uar"]["low"] > 1 / 3


def test_without_speakers_the_split_says_what_is_missing() -> None:
    whole = climb((40, 40, 40), speakers_known=False)
    split = controls_of(described(whole, phone=["s", "z"] * 60))["random_split"]
    assert split["uar"] is None
    assert "no speaker column" in split["says"]


def test_controls_do_not_depend_on_jobs() -> None:
    found = [
        controls_of(described(climb((30, 30, 30), jobs=jobs), phone=["s", "z", "s"] * 30))
        for jobs in (1, 2)
    ]
    assert found[0] == found[1]
