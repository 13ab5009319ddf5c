"""What kind of sound a phone is, in the alphabets of the speech that the search is judged on."""

import pytest

from tests.benchmarks.diphone_speech import kind_of
from tests.benchmarks.phone_kinds import of_espeak, of_festival


@pytest.mark.parametrize(
    ("language", "name", "kind"),
    [
        ("pl", "s'", "sibilant"), ("ir", "s:", "sibilant"), ("ar", "s.", "sibilant"),
        ("br", "x", "sibilant"), ("es", "x", "other"), ("ro", "J", "sibilant"),
        ("ar", "j", "other"), ("ro", "T", "affricate"), ("gr", "T", "dental"),
        ("in", "T", "other"), ("gr", "X", "affricate"), ("hb", "X", "other"),
        ("ir", "c:", "affricate"), ("cz", "r'", "affricate"), ("tl", "r'", "other"),
        ("sw", "C", "sibilant"), ("de", "C", "other"), ("sw", "rs", "sibilant"),
        ("de", "pf", "other"), ("de", "f", "labial"), ("ar", "z.", "affricate"),
        ("fr", "s~", "other"),
    ],
)  # fmt: skip
def test_the_names_of_mbrola_s_voices(language: str, name: str, kind: str) -> None:
    """By the descriptions that come with the voices."""
    assert kind_of(language, name) == kind


@pytest.mark.parametrize(
    ("voice", "name", "kind"),
    [
        ("kal_diphone", "th", "dental"), ("hindi_NSK_diphone", "th", "other"),
        ("flite_awb", "dh", "dental"), ("telugu_NSK_diphone", "j", "affricate"),
        ("czech_ph", "ch", "back"), ("flite_rms", "ch", "affricate"),
        ("hindi_NSK_diphone", "sh", "sibilant"), ("lp_diphone", "s1", "sibilant"),
    ],
)  # fmt: skip
def test_the_names_of_festival_s_voices(voice: str, name: str, kind: str) -> None:
    assert of_festival(voice, 0.0, 0.1, name).kind == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [("s", "sibilant"), ("l#", "sibilant"), ("tS", "affricate"), ("T", "dental"), ("C", "back"),
     ("s.", "sibilant"), ("S;", "sibilant")],
)  # fmt: skip
def test_the_names_of_espeak(name: str, kind: str) -> None:
    assert of_espeak(0.0, 0.1, name).kind == kind
