"""Numbers as readers meet them."""

import pytest

from acoustic_sib.report.page_tables import records_table, table
from acoustic_sib.report.wording import (
    as_sentence,
    decimal,
    full_interval,
    heading,
    listing,
    p_value,
    percent,
    plural,
    sample_size,
    share_with_range,
    short_number,
    value_text,
    words,
)
from tests.report.example import interval


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 1001, "p = 0.001"),
        (0.0345, "p = 0.035"),
        (1.0, "p = 1"),
        (1 / 90_001, "p = 0.000011"),
        (1e-7, "p below 0.00001"),
        (None, "p not measurable"),
    ],
)
def test_p_is_written_without_powers_of_ten(value: float | None, text: str) -> None:
    assert p_value(value) == text


def test_interval_is_told_whole() -> None:
    assert full_interval(interval(0.85, 0.04)) == "0.85 (95 % interval 0.81 to 0.89)"
    assert share_with_range(interval(0.85, 0.04)) == "0.85 (0.81 to 0.89)"


def test_interval_that_cannot_be_measured_is_said_so() -> None:
    assert full_interval(interval(0.85, None)) == "0.85 (interval not measurable)"
    assert share_with_range(interval(0.85, None)) == "0.85 (no interval)"
    assert full_interval(interval(None)) == share_with_range(interval(None)) == "not measurable"


def test_sample_size_counts_clips_and_speakers() -> None:
    assert sample_size(interval(0.5, n_clips=1, n_speakers=1)) == "1 clip of 1 speaker"
    assert sample_size(interval(0.5, n_clips=9, n_speakers=None)) == "9 clips, speakers unknown"


def test_small_words() -> None:
    assert as_sentence("level: b lies above a in 9%") == "Level: b lies above a in 9%."
    assert percent(0.95) == "95 %"
    assert percent(0.975) == "97.5 %"
    assert plural(2, "clip") == "2 clips"
    assert listing([]) == ""
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert words("median_duration_s") == "median duration (s)"
    assert heading("noise_floor_db") == "Noise floor (dB)"
    assert words("s") == "s"
    assert words("macro_f1_change") == "macro-F1 change"
    assert heading("uar") == "UAR"
    assert (decimal(-0.004), decimal(-0.006), decimal(0.0)) == ("0.00", "-0.01", "0.00")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"),
        (123456.0, "123456"),
        (0.00001234, "0.00001234"),
        (1e-9, "1e-09"),
        (9999.96, "10000"),
        (3e15, "3e+15"),
        (True, "yes"),
        (None, "not measurable"),
        ([], "none"),
        (["a", ["b", 2]], "a, b, 2"),
        ({"n_clips": 3, "rate_hz": 44100}, "n clips 3, rate (Hz) 44100"),
        (interval(0.5, 0.1), "0.50 (0.40 to 0.60)"),
    ],
)
def test_any_value_becomes_text(value: object, text: str) -> None:
    assert value_text(value) == text


def test_sentences_are_finished_but_names_left_alone() -> None:
    assert as_sentence("two clips differ") == "Two clips differ."
    assert as_sentence("s01/a.wav is short.") == "s01/a.wav is short."
    assert as_sentence("is it right?") == "Is it right?"
    assert as_sentence("") == ""


def test_whole_numbers_are_not_shortened() -> None:
    assert short_number(1234567.4) == "1234567"
    assert value_text(1234567) == "1234567"


def test_a_column_of_floats_shares_its_decimals() -> None:
    made = table("t", ("a", "b", "c"), [["x", 1.0, 7953.2], ["y", 0.8312, None]])
    assert made["rows"] == [["x", "1.00", "7953"], ["y", "0.83", "not measurable"]]
    assert [column["numeric"] for column in made["columns"]] == [False, True, True]


def test_small_values_are_not_written_as_zero() -> None:
    made = table("t", ("a",), [[0.9], [0.0012], [0.0]])
    assert made["rows"] == [["0.900"], ["0.001"], ["0.000"]]


def test_records_may_lack_keys() -> None:
    made = records_table("t", [{"a": 1}, {"b": True}])
    assert [column["name"] for column in made["columns"]] == ["A", "B"]
    assert made["rows"] == [["1", ""], ["", "yes"]]


def test_long_tables_are_cut_and_say_so() -> None:
    made = records_table("t", [{"a": number} for number in range(250)])
    assert len(made["rows"]) == 100
    assert made["note"] == "The first 100 of 250 rows; all stand in result.json."
