"""The session report read back: every sibilant, the counts, the band, in three languages."""

import json
import re
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from acoustic_sib.report.render import SESSION as TEMPLATE
from acoustic_sib.report.render import render, write_report
from acoustic_sib.report.session import class_signs
from acoustic_sib.report.session_card import predictive_values
from acoustic_sib.report.session_figure import spectrum_figures, told
from acoustic_sib.report.session_words import WORDS
from acoustic_sib.screen.records import Screened
from acoustic_sib.screen.tally import share
from acoustic_sib.screen.wording import TABLES, say
from tests.report.example_session import (
    BROKEN,
    CLASSES,
    Bundle,
    card,
    judged,
    page,
    recording,
    spectrum,
    usual,
)
from tests.report.reading import Reader


def places(text: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def read(screened: list[Screened] | None = None, **options: Any) -> Reader:
    return Reader(render(page(screened, **options), TEMPLATE))


@pytest.mark.parametrize("language", ["de", "pt"])
def test_each_language_has_the_keys_and_places_of_english(language: str) -> None:
    assert set(WORDS) == set(TABLES)
    english, other = WORDS["en"], WORDS[language]
    assert other.keys() == english.keys()
    for key, text in english.items():
        assert places(other[key]) == places(text), key
        assert other[key].strip()


@pytest.mark.parametrize("language", WORDS)
def test_the_clinical_wording_stands_at_top_and_foot(language: str) -> None:
    found = read(language=language)
    notice = say(language, "notice")
    assert found.text.count(notice) == 2
    assert found.text.index(notice) < found.text.index(WORDS[language]["counts_caption"])
    assert found.text.count(WORDS[language]["device"]) == 2
    assert found.all("html")[0]["lang"] == language
    # No sentence has a place that was not filled.
    assert not re.search(r"\{\w+\}", found.text)


def test_every_sibilant_has_its_number_time_letter_word_and_probability() -> None:
    text = read().text
    assert "1 0.50–0.60 s N Normal N 80 %" in text
    assert "2 1.00–1.10 z L Lateral L 80 %" in text
    assert "3 1.50–1.60 s ? uncertain: N, L N 80 %" in text
    assert "4 2.50–2.60 – not assessable – silent" in text
    assert "5 0.50–0.60 s N Normal N 80 %" in text
    assert "More energy at 2.5-4.5 kHz than the Normal speakers this model knows" in text
    assert "Uncertain: the data do not rule out Normal, Lateral." in text
    assert "Caution: centre of gravity 4 SD too high." in text
    assert "Note: too narrow a band" in text
    assert "No sibilant was found in this recording." in text
    assert "Could not be read b.wav: an empty file" in text


def test_what_is_not_assessable_has_a_reason_and_no_probability() -> None:
    (row,) = [row for row in page()["recordings"][0]["rows"] if not row["assessable"]]
    assert (row["word"], row["more"]) == ("not assessable", "silent")
    assert not {"percent", "chance", "probabilities", "numbers"} & set(row)


def test_counts_are_by_session_sound_and_recording_with_wilson_s_interval() -> None:
    counts = page(speaker="Kim")["counts"]
    rows = {row["name"]: row for row in counts["rows"]}
    assert list(rows) == ["Kim", "Kim, sound “s”", "Kim, sound “z”", "a.wav", "c.wav", "d.wav"]
    assert counts["columns"] == ["I Interdental", "L Lateral", "N Normal", "? uncertain"]
    assert [row["n"] for row in rows.values()] == ["4 / 5", "3 / 3", "1 / 1", "3 / 4", "1 / 1",
                                                   "0 / 0"]  # fmt: skip
    assert [one["count"] for one in rows["Kim"]["shares"]] == ["0", "1", "2", "1"]
    expected = share(2, 4)
    assert rows["Kim"]["shares"][2]["range"] == (
        f"50 % ({100 * expected.low:.0f}–{100 * expected.high:.0f} %)"
    )
    assert [one["count"] for one in rows["d.wav"]["shares"]] == ["–"] * 4


def test_of_one_recording_nothing_is_counted_twice() -> None:
    sounds = [judged("Normal", label=label) for label in ("s", "z", "s")]
    names = [row["name"] for row in page([recording(*sounds)])["counts"]["rows"]]
    assert names == ["a.wav", "a.wav, sound “s”", "a.wav, sound “z”"]
    rows = page([recording(*sounds), BROKEN], speaker="Kim")["counts"]["rows"]
    assert [(row["name"], row["n"]) for row in rows] == [
        ("Kim", "3 / 3"), ("Kim, sound “s”", "2 / 2"), ("Kim, sound “z”", "1 / 1"),
    ]  # fmt: skip
    assert [row["name"] for row in page([recording(sounds[0])])["counts"]["rows"]] == ["a.wav"]


def test_what_must_be_known_of_the_model_stands_at_the_top_and_with_the_model() -> None:
    made_of = {"Normal": ["s", "z"], "Lateral": ["sh"]}
    told = Bundle(card={**card(), "made_of": made_of, "note": "proxies <b>"})
    text = read(bundle=told).text
    says = (
        "The classes of this model stand for other labels of its training: Normal = s, z; "
        "Lateral = sh. Note on the model: proxies <b>"
    )
    assert text.count(says) == 2
    assert text.index(says) < text.index("Counts")
    german = page(bundle=told, language="de")["model_note"]
    assert german.startswith(
        "Die Klassen dieses Modells stehen für andere Etiketten seines Trainings: Normal = s"
    )
    assert page()["model_note"] == ""


def test_folders_are_counted_as_speakers() -> None:
    files = [recording(judged("Normal"), name=f"{who}/a.wav") for who in ("anna", "bert")]
    names = [row["name"] for row in page(files, by_folder=True)["counts"]["rows"]]
    assert names == ["All recordings", "anna", "bert", "anna/a.wav", "bert/a.wav"]


def test_the_numbers_behind_it_are_value_normal_mean_and_distance() -> None:
    """Shares in per cent: 0.06 + 2.6 * 0.05 = 19 %; skewness has no unit. No centre of gravity."""
    numbers = page()["recordings"][0]["rows"][1]["numbers"]
    assert numbers["rows"] == [
        ["energy at 2.5-4.5 kHz", "19 %", "6 %", "+2.6"],
        ["lean towards low frequencies", "0.48", "0.50", "−0.4"],
    ]
    german = page(language="de")["recordings"][0]["rows"][1]["numbers"]
    assert german["rows"][1] == ["Neigung zu tiefen Frequenzen", "0,48", "0,50", "−0,4"]


def test_probabilities_near_nothing_and_all_are_not_rounded_to_them() -> None:
    sure = replace(judged("Normal"), probabilities=dict(zip(CLASSES, (0.0, 0.004, 0.996),
                                                            strict=True)))  # fmt: skip
    row = page([recording(sure)])["recordings"][0]["rows"][0]
    assert row["probabilities"] == (
        "Probabilities: I Interdental 0 %, L Lateral < 1 %, N Normal > 99 %."
    )


def test_the_figure_tells_where_the_spectrum_leaves_the_band() -> None:
    """The band is 0 ± 2 * 5 dB: +12 dB in two bands from 2.55 kHz, -15 dB in one from 4.55 kHz."""
    figure = page()["recordings"][0]["rows"][1]["figure"]
    assert figure["description"] == (
        "Highest at 2.7 kHz. Above the band of the Normal speakers at 2.6-3.0 kHz. Below the band "
        "of the Normal speakers at 4.6-4.8 kHz."
    )
    assert "Inside the band" in page()["recordings"][0]["rows"][0]["figure"]["description"]
    assert read().text.count("many a Normal one leaves it somewhere") == 4
    unknown = told(spectrum(b3=5.0), None, WORDS["en"], "en")
    assert unknown == "Highest at 1.3 kHz. The model knows no reference band."


def test_the_line_goes_through_its_axes_and_stops_where_nothing_is_known() -> None:
    """Axes of 0 ± 10 dB, from the first band to the last: its ends and middle are known points."""
    gap = spectrum(b0=-10.0, b35=10.0, b17=float("nan"))
    figures = spectrum_figures([gap], None, WORDS["en"])
    assert figures is not None
    assert (figures.low_db, figures.high_db) == (-10.0, 10.0)
    line = figures.path(gap)
    points = [tuple(map(float, point.split())) for point in re.split("[ML]", line)[1:]]
    assert len(points) == 35
    assert line.count("M") == 2
    width, height = map(float, figures.box.split()[2:])
    assert points[0] == pytest.approx((0.65 * 72, height - 0.52 * 72), abs=0.06)
    assert points[-1] == pytest.approx((width - 0.1 * 72, 0.56 * 72), abs=0.06)


def test_every_figure_has_a_text_alternative_and_the_frame_is_drawn_once() -> None:
    html = render(page(), TEMPLATE)
    found = Reader(html)
    drawn = [one for one in found.all("svg") if one.get("role") == "img"]
    ids = [one["id"] for tag, one in found.tags if "id" in one]
    assert len(drawn) == 4
    assert len(ids) == len(set(ids))
    for one in drawn:
        assert set(one["aria-labelledby"].split()) <= set(ids)
    assert {one["href"] for one in found.all("use")} >= {"#spectrum-frame"}
    assert html.count('id="spectrum-frame"') == 1


def test_the_reference_is_named_and_a_missing_one_is_told() -> None:
    def said(bundle: Bundle, asked: str) -> str:
        facts = page(bundle=bundle, asked_group=asked)["facts"]
        return next(one["value"] for one in facts if one["name"] == "Compared with")

    assert said(Bundle(), "") == "all Normal speakers of the training (24)"
    girls = "age_group=child,sex=f"
    assert said(Bundle(group=girls), girls) == (
        "Normal speakers of the training: children, female (24)"
    )
    assert said(Bundle(group="sex=f"), girls) == (
        "Normal speakers of the training: female (24); the training has no reference for "
        "children, female"
    )
    assert said(Bundle(reference={}), "").startswith("nobody")


def test_the_model_is_told_with_its_worth_and_interval() -> None:
    text = read().text
    assert "trained on 360 clips of 24 speakers: Interdental 120, Lateral 120, Normal 120" in text
    assert "unweighted average recall was 0.77 (95 % interval" in text
    assert "Its sets at 90 % held the true class in 0.92" in text
    assert "a note of the training" in text
    mixed = {**card(), "speaker_mode": "unknown", "n_speakers": None}
    told_so = read(bundle=Bundle(card=mixed)).text
    assert "Nothing here holds for a new speaker" in told_so
    assert "speakers not known" in told_so
    assert "would come from a lisp" not in told_so


def test_predictive_values_are_bayes_own() -> None:
    """Of 1000: 230 lisp, 184 of them found; 770 do not, 77 of them called so: 184 / 261."""
    found = predictive_values(0.8, 0.9, 0.23)
    assert found == {"ppv": pytest.approx(184 / 261), "npv": pytest.approx(693 / 739)}
    text = read().text
    widest = [predictive_values(s, c, 0.23) for s, c in ((0.7, 0.8), (0.9, 0.95))]
    low, high = (f"{100 * one['ppv']:.0f}" for one in widest)
    assert f"Normal 70 ({low} to {high}) would come from a lisp" in text
    assert "Were 23 % of people to lisp" in text
    assert "Van Borsel 2007" in text


@pytest.mark.parametrize("language", WORDS)
def test_labels_that_stand_for_others_predict_no_lisp(language: str) -> None:
    """How many people lisp says nothing of [ʃ]. Where the classes are the corpus's own labels,
    what they were is said to be open."""
    words = WORDS[language]
    proxies = {**card(), "made_of": {"Lateral": ["sh"], "Normal": ["s"]}}
    text = read(bundle=Bundle(card=proxies), language=language).text
    assert words["no_predictive"] in text
    begins = words["predictive"].partition("{percent}")[2][:30]
    assert begins not in text
    assert words["prevalence_source"] not in text
    own = read(language=language).text
    assert f"{words['labels']} {words['predictive_if']} " in own
    assert begins in own
    assert words["no_predictive"] not in own
    demonstrated = {**card(demonstration=True), "made_of": proxies["made_of"]}
    assert (
        words["no_predictive"] not in read(bundle=Bundle(card=demonstrated), language=language).text
    )


@pytest.mark.parametrize(
    ("prevalence", "says"), [(0.005, "Lispelten 0,5 % der"), (0.23, "Lispelten 23 % der")]
)
def test_a_rare_lisp_is_not_rounded_to_none(prevalence: float, says: str) -> None:
    found = read(language="de", prevalence=prevalence, level=0.975)
    assert says in found.text
    assert "enthalten in 97,5 % der Fälle" in found.text


def test_no_predictive_values_of_a_model_that_calls_nothing_a_lisp() -> None:
    """Nothing is called so: of none of none no share is known."""
    never, always = ({"value": end, "low": end, "high": end} for end in (0.0, 1.0))
    of_one_class = {**card(), "screening": {"sensitivity": never, "specificity": always}}
    text = read(bundle=Bundle(card=of_one_class)).text
    assert "would come from a lisp" not in text
    assert "nan" not in text.split()


def test_a_demonstration_says_so_everywhere_and_predicts_nothing() -> None:
    bundle = Bundle(card=card(demonstration=True))
    html = render(page(bundle=bundle), TEMPLATE)
    found = Reader(html)
    sentence = say("en", "demonstration")
    n_tables = len(found.all("table")) - len(found.all("details"))
    banners = [one["data-where"] for one in found.all("p") if "data-where" in one]
    assert banners == ["top", "model", "footer"]
    assert n_tables == 3
    # In the head of each table, which a browser prints anew on every page.
    assert found.text.count(sentence) == len(banners) + n_tables
    assert "would come from a lisp" not in found.text
    assert sentence not in read().text


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x1b[2J"


def test_names_labels_and_reasons_of_markup_are_text() -> None:
    shown = HOSTILE.replace("\x1b", " ")
    one = replace(judged("Normal", label=HOSTILE, unlike=HOSTILE), why=HOSTILE)
    screened = [
        recording(one, name=HOSTILE.replace("/", ""), notes=(HOSTILE,)),
        replace(BROKEN, failure=HOSTILE, file=Path("x" + HOSTILE.replace("/", ""))),
    ]
    notes = {**card(), "notes": [HOSTILE.replace("\x1b", "")]}
    found = read(screened, bundle=Bundle(card=notes), speaker=HOSTILE, model=HOSTILE)
    assert found.all("script") == []
    assert found.all("img") == []
    assert not any(name.startswith("on") for _, tag in found.tags for name in tag)
    assert " ".join(shown.split()) in found.text
    assert "\x1b" not in found.text


def test_a_name_that_is_no_text_can_be_written(tmp_path: Path) -> None:
    odd = recording(judged("Normal"), name="caf\udce9.wav")
    write_report(tmp_path / "a.html", page([odd]), TEMPLATE)
    assert "caf" in (tmp_path / "a.html").read_text()


def test_nothing_is_asked_from_outside_and_no_sound_is_held() -> None:
    html = render(page(), TEMPLATE)
    found = Reader(html)
    (policy,) = [one for one in found.all("meta") if one.get("http-equiv")]
    assert policy["content"].startswith("default-src 'none'")
    assert found.all("audio") == found.all("script") == []
    links = [one for _, tag in found.tags for name, one in tag.items() if name in ("href", "src")]
    assert all(one.startswith(("#", "data:,")) for one in links)
    assert "data:audio" not in html
    assert "http" not in html.replace('http-equiv="Content-Security-Policy"', "")


def test_the_page_is_plain_json_and_the_same_for_the_same_input() -> None:
    assert json.dumps(page()) == json.dumps(page())
    assert render(page(), TEMPLATE) == render(page(), TEMPLATE)


def test_letters_tell_classes_apart() -> None:
    assert class_signs(CLASSES) == {"Interdental": "I", "Lateral": "L", "Normal": "N"}
    assert class_signs(("Lateral", "Lax", "Normal")) == {"Lateral": "LAT", "Lax": "LAX",
                                                         "Normal": "N"}  # fmt: skip
    assert class_signs(("a", "ab")) == {"a": "A", "ab": "AB"}


def test_a_bundle_without_reference_still_makes_a_page() -> None:
    bundle = Bundle(reference={}, spectrum_norm=None)
    bare = [replace(one, z={}) for one in usual()[0].sibilants]
    text = read([recording(*bare)], bundle=bundle).text
    assert "no reference" in text
    assert "The model knows no reference band." in text
    assert WORDS["en"]["band_note"] not in text


def test_no_sibilant_at_all_is_a_page_too() -> None:
    found = read([recording(name="d.wav")])
    assert "No sibilant was found" in found.text
    assert found.all("svg") == []
