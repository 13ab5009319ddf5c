"""Differences between classes: effect sizes and p by hand, no alarm where labels mean nothing."""

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.corpus.balance import PERMUTATIONS, auc, balance_tables, differences
from acoustic_sib.corpus.findings import quartiles


def clips(
    n_speakers: int = 30, per_speaker: int = 6, seed: int = 0, *, crossed: bool = False
) -> pd.DataFrame:
    """Quality figures that differ by speaker, not by label."""
    rng = np.random.default_rng(seed)
    speaker = np.repeat(np.arange(n_speakers), per_speaker)
    label = np.tile(np.arange(per_speaker) % 3, n_speakers) if crossed else speaker % 3

    def figure(between: float, within: float) -> np.ndarray:
        own = between * rng.standard_normal(n_speakers)
        return own[speaker] + within * rng.standard_normal(len(speaker))

    rates = rng.choice([16_000, 44_100], n_speakers)[speaker]
    return pd.DataFrame({
        "clip_id": [f"c{number}" for number in range(len(speaker))],
        "label": np.array(["A", "B", "C"])[label],
        "speaker": [f"s{number}" for number in speaker],
        "duration_s": 0.16 * np.exp(figure(0.3, 0.2)), "level_db": -30 + figure(6, 2),
        "noise_floor_db": -60 + figure(8, 2), "bandwidth_hz": rates / 2,
        "silence_share": np.clip(figure(0.2, 0.1), 0, 1), "clipped_share": 0.0,
        "dc": 0.01 * figure(1, 0.1), "sr_hz": rates, "format": "WAV/PCM_16", "n_channels": 1,
    })  # fmt: skip


def by_check(table: pd.DataFrame) -> dict[str, dict]:
    return {one["check"]: one for one in differences(table)[0]}


def test_auc_counts_pairs_and_halves_ties() -> None:
    # Of the nine pairs of ranks all favour the second: p is 2 of the 20 orders of six values.
    assert auc(np.array([1.0, 2, 3]), np.array([4.0, 5, 6])) == (1.0, pytest.approx(0.1))
    # 1<2, 1<3, 2=2 (half), 2<3, 5>2, 5>3: 3.5 of 6.
    assert auc(np.array([1.0, 2, 5]), np.array([2.0, 3]))[0] == pytest.approx(3.5 / 6)
    assert auc(np.ones(4), np.ones(5)) == (0.5, 1.0)


def test_the_unit_is_the_speaker_and_a_speaker_gives_one_median_a_class() -> None:
    table = clips(n_speakers=6, per_speaker=3).assign(
        duration_s=[0.1, 0.1, 9.0, 0.2, 0.2, 9.0, 0.3, 0.3, 9.0, 0.4, 0.4, 9.0, 0.5, 0.5, 9.0,
                    0.6, 0.6, 9.0]
    )  # fmt: skip
    rows = [row for row in differences(table)[1] if row["measure"] == "duration_s"]
    # Speakers' medians: A .1 and .4, B .2 and .5, C .3 and .6.
    found = {(row["lower"], row["higher"]): row for row in rows}
    assert set(found) == {("A", "B"), ("A", "C"), ("B", "C")}
    assert found["A", "C"]["auc"] == pytest.approx(3 / 4)
    assert found["A", "C"]["median_lower"] == pytest.approx(0.25)
    assert found["A", "C"]["n_lower"] == found["A", "C"]["n_higher"] == 2


@pytest.mark.no_cover
@pytest.mark.parametrize("crossed", [False, True])
def test_labels_that_mean_nothing_raise_hardly_an_alarm(crossed: bool) -> None:
    alarms = 0
    for seed in range(40):
        found = differences(clips(seed=seed, crossed=crossed))[0]
        alarms += any(one["status"] == "warn" for one in found)
    # By design below one corpus in a hundred: 3 of 40 would come by chance once in 130 times.
    assert alarms <= 2


def test_clips_instead_of_speakers_would_raise_many() -> None:
    alarms = 0
    for seed in range(15):
        found = differences(clips(12, 40, seed=seed).drop(columns="speaker"))[0]
        alarms += any(one["status"] == "warn" for one in found)
    assert alarms > 7


@pytest.mark.parametrize(
    ("column", "check", "change"),
    [("duration_s", "duration_by_class", 0.5), ("level_db", "level_by_class", 25.0),
     ("noise_floor_db", "noise_floor_by_class", 30.0), ("dc", "dc_by_class", 0.1)],
)  # fmt: skip
def test_a_class_that_differs_is_named(column: str, check: str, change: float) -> None:
    table = clips()
    table.loc[table["label"] == "B", column] += change
    found = by_check(table)[check]
    assert found["status"] == "warn"
    assert found["evidence"]["higher"] == "B"
    assert found["evidence"]["auc"] > 0.95
    assert found["evidence"]["n_pairs_beyond"] == 2
    assert found["evidence"]["unit"] == "speakers"


def test_a_third_of_a_class_with_a_wall_is_seen_though_its_median_has_none() -> None:
    table = clips().assign(bandwidth_hz=22_050.0, sr_hz=44_100)
    table.loc[(table["label"] == "B") & (np.arange(len(table)) % 3 == 0), "bandwidth_hz"] = 8000.0
    found = by_check(table)["bandwidth_by_class"]
    assert found["status"] == "warn"
    assert (found["evidence"]["lower"], found["evidence"]["auc"]) == ("B", 1.0)


def test_rates_that_follow_the_class_are_seen_by_their_share() -> None:
    table = clips(crossed=True)
    table["sr_hz"] = np.where(table["label"] == "A", 16_000, 44_100)
    found = by_check(table)["sr_by_class"]
    assert found["status"] == "warn"
    assert found["evidence"]["largest_difference"] == pytest.approx(1)
    assert found["evidence"]["p"] == pytest.approx(1 / (1 + PERMUTATIONS))


def test_rates_that_follow_two_of_six_speakers_are_left_to_chance() -> None:
    table = clips(n_speakers=6)
    table["sr_hz"] = np.where(table["label"] == "A", 16_000, 44_100)
    found = by_check(table)["sr_by_class"]
    assert found["status"] == "note"
    assert found["evidence"]["largest_difference"] == pytest.approx(1)
    # Each of the 15 pairs of speakers could have been the one in a class of its own, and three
    # classes can be that one: 3 in 15.
    assert found["evidence"]["p"] == pytest.approx(0.2, abs=0.03)


def test_what_never_varies_or_cannot_be_measured_is_left_out() -> None:
    table = clips()
    table["noise_floor_db"] = np.where(table["label"] == "A", table["noise_floor_db"], np.nan)
    found = by_check(table)
    assert "clipped_by_class" not in found
    assert "format_by_class" not in found
    assert found["noise_floor_by_class"]["status"] == "ok"
    assert balance_tables(table)["noise_floors"][1]["n"] == 0


def test_quartiles_of_what_could_be_measured() -> None:
    found = quartiles(pd.Series([1.0, 2, 3, 4, 5, np.nan]))
    assert found == {"n": 5, "q1": 2.0, "median": 3.0, "q3": 4.0}
    assert np.isnan(quartiles(pd.Series([np.nan]))["median"])
