"""Norms of Normal speakers: numbers counted by hand, groups crossed, the closest one chosen."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.screen.explain import z_scores
from acoustic_sib.screen.norms import norms_of, spectrum_norms_of
from acoustic_sib.screen.reference import closest_group, group_name

KNOWN = ("", "sex=f", "age_group=child", "age_group=child,sex=f")


def corpus(n_speakers: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Speaker k says Normal at k - 1 and k + 1, and one Lateral far off."""
    rows = [(speaker, label, value)
            for speaker in range(1, n_speakers + 1)
            for label, value in (("Normal", speaker - 1.0), ("Normal", speaker + 1.0),
                                 ("Lateral", 99.0))]  # fmt: skip
    ids = [f"c{number}" for number in range(len(rows))]
    manifest = pd.DataFrame({
        "clip_id": ids, "label": [label for _, label, _ in rows],
        "speaker": [f"s{speaker}" for speaker, _, _ in rows],
    })  # fmt: skip
    values = [value for *_, value in rows]
    features = pd.DataFrame({"a": values, "b": [-one for one in values]}, index=ids)
    return manifest, features


def test_the_spread_is_over_speakers_and_the_rest_within_them() -> None:
    """Means 1..5: centre 3, variance 10 / 4. Each of 10 clips lies 1 from its speaker's mean, with
    10 - 5 degrees of freedom: 10 / 5."""
    norm = norms_of(*corpus(), {})[""]["a"]
    assert (norm.centre, norm.n_speakers) == (3.0, 5)
    assert norm.spread == pytest.approx(sqrt(2.5))
    assert norm.within == pytest.approx(sqrt(2.0))
    single = sqrt(2.5 + 2.0)
    assert z_scores({"a": 3 + 2 * single}, {"a": norm})["a"] == pytest.approx(2.0)


def test_the_norms_of_spectra_are_those_of_each_band() -> None:
    manifest, features = corpus()
    norm = spectrum_norms_of(manifest, features, {})[""]
    assert norm.centre == (3.0, -3.0)
    assert norm.spread == pytest.approx((sqrt(2.5),) * 2)
    assert norm.within == pytest.approx((sqrt(2.0),) * 2)
    assert norm.single == pytest.approx((sqrt(4.5),) * 2)
    assert norm.n_speakers == 5


def test_a_clip_that_lacks_a_band_is_left_out() -> None:
    manifest, features = corpus(6)
    gap = features.copy()
    gap.loc[manifest["clip_id"][manifest["speaker"] == "s6"], "b"] = np.nan
    assert spectrum_norms_of(manifest, gap, {})[""].centre == (3.0, -3.0)


def test_without_speakers_each_clip_stands_for_itself() -> None:
    manifest, features = corpus()
    norm = norms_of(manifest.drop(columns="speaker"), features, {})[""]["a"]
    assert (norm.centre, norm.within, norm.n_speakers) == (3.0, 0.0, 0)
    assert norm.spread == pytest.approx(np.std([0, 2, 1, 3, 2, 4, 3, 5, 4, 6], ddof=1))


def test_groups_of_enough_speakers_have_norms_also_crossed() -> None:
    """12 speakers: 7 female, 10 children, 5 both; 2 adults are too few to say anything of."""
    manifest, features = corpus(12)
    number = manifest["speaker"].str[1:].astype(int)
    sex = pd.Series(np.where(number <= 7, "f", "m"))
    age = pd.Series(np.where((number == 6) | (number == 7), "adult", "child"))
    found = norms_of(manifest, features, {"sex": sex, "age_group": age})
    assert set(found) == {"", "sex=f", "sex=m", "age_group=child", "age_group=child,sex=f",
                          "age_group=child,sex=m"}  # fmt: skip
    assert found["sex=f"]["a"].centre == np.mean([1, 2, 3, 4, 5, 6, 7])
    assert found["age_group=child,sex=f"]["a"].centre == 3.0
    assert found["age_group=child,sex=f"]["a"].n_speakers == 5


def test_clips_whose_group_is_not_known_are_in_no_group() -> None:
    manifest, features = corpus(6)
    sex = pd.Series(np.where(manifest["speaker"] == "s6", None, "f"))
    found = norms_of(manifest, features, {"sex": sex})
    assert (found[""]["a"].n_speakers, found["sex=f"]["a"].n_speakers) == (6, 5)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({}, ""),
        ({"sex": "f"}, "sex=f"),
        ({"sex": "m"}, ""),
        ({"age_group": "child", "sex": "f"}, "age_group=child,sex=f"),
        ({"sex": "f", "age_group": "child"}, "age_group=child,sex=f"),
        ({"age_group": "child", "sex": "m"}, "age_group=child"),
        ({"sex": "f", "age_group": "adult"}, "sex=f"),
    ],
)
def test_the_closest_group_is_all_of_it_or_the_first_known(
    groups: dict[str, str], expected: str
) -> None:
    assert closest_group(KNOWN, groups) == expected


def test_of_two_groups_the_first_named_is_chosen() -> None:
    known = ("sex=f", "age_group=child")
    assert closest_group(known, {"age_group": "child", "sex": "f"}) == "age_group=child"
    assert closest_group(known, {"sex": "f", "age_group": "child"}) == "sex=f"
    assert group_name(sex="f", age_group="child") == "age_group=child,sex=f"
