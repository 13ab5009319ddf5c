"""The sentence of a sibilant, and the tables of words."""

from string import Formatter

import pytest

from acoustic_sib.errors import ConfigError
from acoustic_sib.screen.explain import EVIDENCE, explain, kind_of, z_scores
from acoustic_sib.screen.wording import TABLES, say
from tests.screen.stand_in import Norm

SHARE = "multitaper.share_2500_4500.multitaper"
FLATNESS = "shape.flatness.frames_mean"
AMPD = "multitaper.ampd_db.multitaper"


def places(text: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Normal", "normal"), ("s_normal", "normal"), ("normal /s/", "normal"), ("Abnormal", ""),
     ("anormal", ""), ("non-normal", ""), ("not normal", ""), ("Addental", "interdental"),
     ("Lateral", "lateral")],
)  # fmt: skip
def test_what_is_not_normal_is_no_reference(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize("language", ["de", "pt"])
def test_each_language_has_the_keys_and_places_of_english(language: str) -> None:
    english, other = TABLES["en"], TABLES[language]
    assert other.keys() == english.keys()
    assert {key: places(text) for key, text in other.items()} == {
        key: places(text) for key, text in english.items()
    }


def test_a_lateral_is_explained_in_the_agreed_words() -> None:
    assert explain("Lateral", ("Lateral",), {SHARE: 2.5, FLATNESS: 0.3}) == (
        "More energy at 2.5-4.5 kHz than the Normal speakers this model knows; "
        "consistent with Lateral."
    )


def test_an_interdental_is_never_explained_by_centre_of_gravity_or_peak() -> None:
    for column, _, _ in EVIDENCE["interdental"]:
        assert not any(part in column for part in ("cog", "peak", "fm_hz"))
    far = {"multitaper.cog_hz.multitaper": -9.0, "multitaper.peak_hz.multitaper": 9.0}
    said = explain("Interdental", ("Interdental",), far)
    assert said == (
        "No single measure explains this; taken together the measures are consistent with "
        "Interdental."
    )


def test_the_farthest_two_measures_speak_and_only_in_the_class_s_direction() -> None:
    said = explain("Interdental", ("Interdental",), {FLATNESS: 1.5, AMPD: -3.0})
    assert said.startswith("A smaller rise from trough to peak and a flatter, more diffuse")
    wrong_way = explain("Interdental", ("Interdental",), {FLATNESS: -4.0})
    assert "flatter" not in wrong_way


def test_normal_is_within_range_only_where_it_is() -> None:
    assert "within the range" in explain("Normal", ("Normal",), {SHARE: 0.5})
    assert "within the range" not in explain("Normal", ("Normal",), {SHARE: 3.0})


@pytest.mark.parametrize("language", TABLES)
def test_doubt_comes_first_and_nothing_is_claimed(language: str) -> None:
    said = explain("Lateral", ("Lateral", "Normal"), {SHARE: 2.0}, language=language)
    assert said.startswith(say(language, "uncertain", names="Lateral, Normal"))
    none = explain("Lateral", (), {}, language=language)
    assert none.startswith(say(language, "none_fits"))
    assert " is lateral" not in said.lower()


CONSISTENT = {"en": "consistent with", "de": "vereinbar mit", "pt": "compatíve"}
UNCERTAIN = {"en": "Uncertain: ", "de": "Unsicher: ", "pt": "Incerto: "}


@pytest.mark.parametrize("z", [{}, {SHARE: 0.5}, {SHARE: 2.5}, {FLATNESS: -4.0}])
@pytest.mark.parametrize("predicted", ["Lateral", "Normal"])
@pytest.mark.parametrize("language", TABLES)
def test_what_is_uncertain_is_consistent_with_nothing(
    language: str, predicted: str, z: dict[str, float]
) -> None:
    """Every kind of sentence, of sets of each size, and of a clip unlike those trained on."""
    for classes in ((), (predicted,), (predicted, "Interdental")):
        for unlike in (False, True):
            said = explain(predicted, classes, z, language=language, unlike=unlike)
            sure = len(classes) == 1 and not unlike
            assert (CONSISTENT[language] in said) is sure
            assert said.startswith(UNCERTAIN[language]) is not sure
            assert said.endswith(f"{predicted}.")


def test_in_doubt_it_says_what_the_measures_speak_for() -> None:
    assert explain("Normal", ("Lateral", "Normal"), {SHARE: 0.5}) == (
        "Uncertain: the data do not rule out Lateral, Normal. The measures lie within the range of "
        "the Normal speakers this model knows; that speaks most for Normal."
    )
    assert explain("Lateral", ("Lateral",), {SHARE: 2.5}, unlike=True) == (
        "Uncertain: the sound is unlike those that this model was trained on. More energy at "
        "2.5-4.5 kHz than the Normal speakers this model knows; that speaks most for Lateral."
    )


@pytest.mark.parametrize("language", TABLES)
def test_a_class_that_its_set_rules_out_is_not_explained(language: str) -> None:
    """Class by class the thresholds differ: the likeliest may be ruled out, and another not."""
    said = explain("Lateral", ("Normal",), {SHARE: 2.5}, language=language)
    assert said == say(language, "ruled_out", name="Lateral", names="Normal")
    assert said.startswith(say(language, "uncertain", names="").partition(":")[0])


def test_distances_are_in_sd_of_the_reference_and_absent_where_unknown() -> None:
    reference = {
        "a": Norm(centre=10.0, spread=2.0), "b": Norm(centre=0.0, spread=0.0),
        "c": Norm(centre=0.0, spread=1.0), "d": Norm(centre=float("nan"), spread=1.0),
    }  # fmt: skip
    assert z_scores({"a": 15.0, "b": 1.0, "c": float("nan"), "d": 1.0}, reference) == {"a": 2.5}


def test_a_clip_differs_within_its_speaker_too() -> None:
    """3 and 4 make 5: a distance of 10 is 2 SD of one clip of an unknown speaker."""
    assert z_scores({"a": 10.0}, {"a": Norm(centre=0.0, spread=3.0, within=4.0)}) == {"a": 2.0}


def test_the_sentence_says_whose_norms_it_speaks_by() -> None:
    said = explain("Lateral", ("Lateral",), {SHARE: 2.5}, group="age_group=child,sex=f")
    assert said == (
        "More energy at 2.5-4.5 kHz than the Normal speakers (children, female) this model knows; "
        "consistent with Lateral."
    )
    german = explain("Normal", ("Normal",), {SHARE: 0.1}, language="de", group="sex=m")
    assert "im Bereich der Normal-Sprecher (männlich), die dieses Modell kennt" in german
    assert "(teen)" in explain("Normal", ("Normal",), {SHARE: 0.1}, group="age_group=teen")


def test_an_unknown_language_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="unknown language 'fr'"):
        say("fr", "notice")
