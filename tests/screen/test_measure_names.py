"""Measures in words: all that `train` uses, in each language, and no two things the same."""

import pytest

from acoustic_sib.features import Recipe, column_names
from acoustic_sib.screen.measure_names import LANGUAGES, measure_words
from acoustic_sib.screen.train import FAMILIES
from acoustic_sib.screen.wording import TABLES

COLUMNS = column_names(Recipe(high_hz=11025.0, families=(*FAMILIES, "mfcc")))


def thing(column: str) -> tuple[str, str]:
    """What is measured, whichever spectrum it is taken from."""
    measure, _, statistic = column.partition(".")[2].partition(".")
    return measure, statistic.replace("multitaper", "frames_mean")


def test_the_languages_are_those_of_the_sentences() -> None:
    assert set(LANGUAGES) == set(TABLES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_measure_has_words_and_no_two_things_the_same(language: str) -> None:
    named = {thing(column): measure_words(column, language) for column in COLUMNS}
    for column in COLUMNS:
        assert "_" not in measure_words(column, language)
        assert measure_words(column, language) == named[thing(column)]
    assert len(set(named.values())) == len(named)


def test_known_measures_have_the_therapist_s_words() -> None:
    assert measure_words("multitaper.cog_hz.multitaper", "en") == "centre of gravity"
    assert measure_words("moments.cog_hz.frames_sd", "en") == "centre of gravity (fluctuation)"
    assert measure_words("bands.lateral_modulation_db.frames_sd", "de") == (
        "Schwankung bei 2,5-4,5 kHz"
    )


def test_a_measure_without_words_keeps_its_name() -> None:
    assert measure_words("logmel.band03_db.frames_sd", "pt") == "logmel.band03_db.frames_sd"
