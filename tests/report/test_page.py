"""The page: what it says, what it must not load, what it does with hostile or missing values."""

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acoustic_sib.report import render as render_module
from acoustic_sib.report.render import render, write_report
from acoustic_sib.report.spectra import AverageSpectra
from acoustic_sib.report.svg import PALETTE
from tests.report.example import example_page, example_result, interval

CSS = (Path(render_module.__file__).parent / "templates" / "check.css").read_text("utf-8")
HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}"
BLOCKS = {"p", "h1", "h2", "h3", "h4", "th", "td", "tr", "dt", "dd", "li", "caption", "article"}
EMPTY = {"meta", "link", "br", "path", "use"}


class Reader(HTMLParser):
    """The visible text, the tags with their attributes, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags, self.open = "", list[tuple[str, dict[str, Any]]](), list[str]()
        self.feed(html)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in BLOCKS:
            self.text += " "
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(result: dict[str, Any] | None = None, **options: Any) -> Reader:
    return Reader(render(example_page(result, **options)))


@pytest.fixture(scope="module")
def html() -> str:
    return render(example_page())


@pytest.fixture(scope="module")
def page(html: str) -> Reader:
    return Reader(html)


def test_verdict_figure_and_interval_stand_first(page: Reader) -> None:
    start = page.text[page.text.index("Can these labels be learnt from sound?") :][:900]
    for part in (
        "✓ Learnable",
        "Yes. These labels can be learnt from sound",
        "UAR, speakers held out 0.85 95 % interval 0.81 to 0.89; 1057 clips of 42 speakers",
        "Chance 0.33 one in 3 classes; always the largest class: accuracy 0.55",
        "p = 0.001 1000 permutations; labels were shuffled within each speaker",
        "Without the sound 0.41",
    ):
        assert part in start


def test_three_readers_and_the_disclaimer(page: Reader) -> None:
    for part in (
        "If you train models A classical model (svm_rbf) reaches a UAR of 0.85",
        "If you are a therapist The program sorted 85 of 100 clips",
        "guessing would get 33",
        "If you do research UAR, speakers held out: 0.85 (95 % interval 0.81 to 0.89)",
        "leaves out one speaker at a time",
    ):
        assert part in page.text
    assert page.text.count("Research and measurement aid. Not a diagnosis.") == 3


def test_shortcut_share_is_the_share_of_the_gain(page: Reader) -> None:
    # (0.4133 - 0.3333) / (0.853 - 0.3333) = 0.154
    assert "That is 15 % of the acoustic model's gain over chance." in page.text
    assert "clip length, loudness, background noise, bandwidth of the recording and session" in (
        page.text
    )


def test_confusion_counts_and_row_percent() -> None:
    result = example_result(classes={"s": 100, "sh": 60})
    result["baseline"]["confusion"] = {"labels": ["s", "sh"], "counts": [[75, 25.5], [0, 0]]}
    text = read(result).text
    assert "s 75 % 75 25 % 25.5 100.5 sh – 0 – 0 0" in text
    assert "Counts are averages over the repeats of the folds." in text


def test_open_findings_and_steps_are_gathered(page: Reader) -> None:
    fooled = page.text[page.text.index("What could have fooled it ✓ passed") :]
    assert "✗ failed Duplicate audio" in fooled
    steps = fooled[fooled.index("What to do next") : fooled.index("Baseline The baseline")]
    order = ["Train on the folds", "Keep one of", "Mend weighting", "Pool over", "Mend padding"]
    assert sorted(order, key=steps.index) == order


@pytest.mark.parametrize("verdict", ["learnable", "shortcut", "not_shown"])
@pytest.mark.parametrize("speakers_known", [True, False])
def test_every_verdict_has_its_words(verdict: str, speakers_known: bool) -> None:
    text = read(example_result(verdict, speakers_known=speakers_known)).text
    words = {
        "learnable": "✓ Learnable Yes." if speakers_known else "✓ Learnable for these voices",
        "shortcut": "! Shortcut Not safe to say.",
        "not_shown": "? Not shown This check could not show",
    }
    assert words[verdict] in text
    assert ("Clips mixed across speakers." in text) is not speakers_known
    assert ("UAR, clips mixed across speakers" in text) is not speakers_known
    assert ("UAR, speakers held out" in text) is speakers_known
    assert "impossible" not in text


def test_a_strong_shortcut_below_the_verdict_is_a_warning() -> None:
    result = example_result()
    result["shortcuts"]["uar"] = interval(0.65, 0.05)
    assert "! warning Shortcuts" in read(result).text


def test_what_the_sound_adds_has_its_interval() -> None:
    assert "hearing the sound adds 0.31 (95 % interval 0.24 to 0.38)" in read(example_result()).text


def test_no_nuisance_columns() -> None:
    result = example_result()
    result["shortcuts"] = {"uar": None, "columns": []}
    text = read(result).text
    assert "no shortcut to look for" in text
    assert "Nuisance-only model: not measurable" in text


def test_sentences_of_other_rooms_are_finished(page: Reader) -> None:
    assert "✓ passed Speakers per class Every speaker says at least two classes. " in page.text


def test_the_baseline_rung_says_what_to_do_first() -> None:
    result = example_result("not_shown")
    result["ladder"][4] |= {"status": "fail", "next": "listen to S01/a.wav first"}
    steps = read(result).text.partition("What to do next Listen to S01/a.wav first. Keep")
    assert steps[1]
    assert "Listen to the label suspects" not in steps[2]


def test_smallest_p_is_told_only_when_it_is_large(page: Reader) -> None:
    assert "cannot reach" not in page.text
    result = example_result("not_shown")
    result["chance"]["permutation"] |= {"smallest_p": 0.05, "unit": "speaker", "p_value": 0.05}
    text = read(result).text
    assert "this design cannot reach less than p = 0.05" in text
    assert "Even a perfect model could not get below p = 0.05" in text


def test_synthetic_banner_above_and_below() -> None:
    made = read(example_result(synthetic=True))
    banners = [one["data-where"] for one in made.all("p") if one.get("class") == "banner"]
    assert banners == ["top", "footer"]
    assert made.text.count("Synthetic: no human speech.") == 2


def test_no_banner_over_human_speech(page: Reader) -> None:
    assert "ynthetic" not in page.text


def test_hostile_text_is_escaped_everywhere() -> None:
    result = example_result(classes={HOSTILE: 50, "b": 60}, synthetic=True)
    result["reason"] = HOSTILE
    result["notes"] = [HOSTILE]
    result["excluded"] = [{"clip_id": HOSTILE, "reason": HOSTILE}]
    result["suspects"][0] |= {"clip_id": HOSTILE, "label": HOSTILE, "predicted": HOSTILE}
    result["ladder"][0] |= {"says": HOSTILE, "next": HOSTILE, "evidence": {HOSTILE: HOSTILE}}
    result["ladder"][1]["status"] = HOSTILE
    result["audit"]["tables"] = {HOSTILE: [{HOSTILE: HOSTILE}]}
    result["baseline"]["speakers"][0]["speaker"] = HOSTILE
    html = render(
        example_page(
            result,
            corpus_name=HOSTILE,
            command=HOSTILE,
            versions={HOSTILE: HOSTILE},
            sounds={HOSTILE: b"RIFF"},
        )
    )
    made = Reader(html)
    assert "<script" not in html
    assert made.text.count(HOSTILE) > 20
    assert not made.all("script")
    assert not any(name.startswith("on") for _, attributes in made.tags for name in attributes)


def test_nothing_is_loaded_from_outside(html: str, page: Reader) -> None:
    for tag, attributes in page.tags:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            value = attributes.get(name) or ""
            assert value.startswith(("#", "data:")) or not value, (tag, name, value)
    assert not re.search(r"https?:|//[\w.]+\.\w+/|@import", html)
    assert all(one.startswith("#") for one in re.findall(r"url\(['\"]?([^)]*)", html))
    assert not page.all("script")
    policy = page.all("meta")[2]
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"].startswith("default-src 'none'")


def test_landmarks_headings_and_tables(page: Reader) -> None:
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(one.get("scope") in ("row", "col") for one in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table")) >= 10
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [one["href"][1:] for one in page.all("a")]
    assert set(targets) <= set(ids)
    labelled = [one["aria-labelledby"] for one in page.all("section")]
    assert set(labelled) <= set(ids)


def test_every_drawing_has_a_text_alternative(page: Reader) -> None:
    drawings = page.all("svg")
    assert len(drawings) == 4
    assert all(one["role"] == "img" and one["aria-labelledby"] for one in drawings)


@pytest.mark.parametrize("count", [2, 5, 9])
def test_any_number_of_classes(count: int) -> None:
    classes = {f"class number {number} with a rather long name": 40 for number in range(count)}
    text = read(example_result(classes=classes)).text
    assert all(f"Recall of {name}" in text for name in classes)
    assert f"one in {count} classes" in text


def test_unmeasurable_intervals_are_said_so() -> None:
    result = example_result("not_shown")
    result["baseline"]["macro_f1"] = interval(None)
    for key in ("uar", "accuracy"):
        result["baseline"][key] |= {"low": None, "high": float("nan")}
    result["baseline"]["recall"]["Normal"] = interval(None)
    result["chance"]["permutation"] |= {"p_value": None, "smallest_p": None}
    text = read(result).text
    assert "UAR, speakers held out 0.35 interval not measurable; 1057 clips" in text
    assert "Recall of Normal not measurable not measurable" in text
    assert "Macro-F1 not measurable." in text
    assert "its interval could not be measured" in text
    assert "permutation test p not measurable" in text


def test_optional_parts_may_be_absent() -> None:
    result = example_result()
    for key in ("models", "notes"):
        del result[key]
    for key in ("candidates", "speakers"):
        del result["baseline"][key]
    del result["corpus"]["left_out"]
    result["suspects"], result["excluded"] = [], []
    made = read(result, spectra=None, audit={"findings": []}, versions={})
    assert len(made.all("svg")) == 2
    for part in ("No clip was excluded.", "No clip stands out.", "No spectra were averaged"):
        assert part in made.text


@pytest.mark.parametrize("key", ["verdict", "corpus", "baseline", "chance", "shortcuts", "ladder"])
def test_a_missing_contract_key_is_a_bug(key: str) -> None:
    result = example_result()
    page = {"audit": result["audit"], "spectra": None}
    del result[key]
    with pytest.raises(KeyError, match=key):
        example_page(result, **page)


def test_same_input_same_page(html: str) -> None:
    assert render(example_page()) == html


def test_numpy_values_are_plain_by_the_time_they_are_shown(html: str) -> None:
    result = example_result()
    result["baseline"]["uar"]["value"] = np.float64(0.853)
    result["corpus"]["n_used"] = np.int64(1057)
    assert render(example_page(result)) == html


def test_a_page_of_a_large_corpus_stays_small() -> None:
    result = example_result()
    result["excluded"] = [{"clip_id": f"{n}", "reason": "lost" * 20} for n in range(5000)]
    result["suspects"] = [{**result["suspects"][0], "clip_id": f"c{n}"} for n in range(5000)]
    result["audit"]["tables"]["duplicates"] = [{"a": n, "b": "x" * 50} for n in range(5000)]
    sounds = {f"c{n}": bytes(30_000) for n in range(5000)}
    html = render(example_page(result, sounds=sounds))
    assert len(html.encode("utf-8")) < 600_000
    made = Reader(html)
    assert len(made.all("audio")) == 6
    assert "This page holds the sound of 6 of them" in made.text
    assert "The first 40 of 5000" in made.text


def test_methods_paragraph(page: Reader) -> None:
    methods = page.text[page.text.index("Methods, settings, provenance 1057 clips") :]
    for part in (
        "1057 clips of 42 speakers (243 Normal, 580 Lateral and 234 Interdental) were analysed "
        "with acoustic_sib 0.1.0.",
        "Hann frames of 20 ms every 5 ms and in multitaper spectra (8 DPSS tapers, NW = 4)",
        "5 folds, drawn 2 times, and no speaker stood in both",
        "95 % leave-one-speaker-out jackknife intervals",
        "Command: acoustic-sib check clips/ --out reports/mine",
        "manifest 0123456789abcdef",
        "extract 21.4",
    ):
        assert part in methods


def test_methods_follow_the_settings() -> None:
    result = example_result(speakers_known=False)
    result["baseline"] |= {"normalize": "speaker", "families": ["bands"]}
    result["corpus"]["fold_plan"] = "corpus"
    text = read(result).text
    assert "standardised within each speaker, without use of labels" in text
    assert "the folds were the corpus's own, and clips of one speaker may stand on both" in text
    assert "intervals over clips" in text
    assert "DPSS" not in text


def test_report_is_written_whole_even_with_undecodable_names(tmp_path: Path) -> None:
    result = example_result()
    result["excluded"][0]["clip_id"] = "caf\udce9.wav"
    path = tmp_path / "new" / "report.html"
    write_report(path, example_page(result))
    assert "caf?.wav" in path.read_text("utf-8")
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_is_aa(scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[scheme]))
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    for ground in ("paper", "card"):
        for name in ("ink", "muted", "link", "good", "fair", "poor", "none"):
            assert _contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for index in range(len(PALETTE)):
        assert _contrast(colours[f"class-{index}"], colours["paper"]) >= 3


def test_spectra_over_clips_are_called_that() -> None:
    spectra = AverageSpectra(
        freqs_hz=np.array([1e3, 2e3, 3e3]),
        by_class={"s": (np.zeros(3), np.zeros(3), np.zeros(3))},
        n_speakers={"s": 0},
        n_clips={"s": 7},
        unit="clip",
    )
    made = read(spectra=spectra)
    assert "Mean over clips; bands: quartiles over clips." in made.text
    assert "s (7 clips)" in made.text


def test_rungs_show_their_question_and_rows_as_a_table(page: Reader) -> None:
    for part in ("What does overfit ask?", "Ways Way UAR UAR change none 0.58 (",
                 "balanced 0.61 ("):  # fmt: skip
        assert part in page.text
    assert "ways none" not in page.text  # and no longer as text


def test_long_evidence_is_cut() -> None:
    result = example_result()
    result["ladder"][0]["evidence"] = {"clips": ["clip"] * 1000}
    shown = re.search(r"clips ((?:clip, )+[clip, ]*…)", read(result).text)
    assert shown is not None
    assert len(shown[1]) == 400


def test_a_baseline_at_chance_has_no_share_of_a_gain() -> None:
    result = example_result("not_shown")
    result["baseline"]["uar"] = interval(0.30, 0.05)
    text = read(result).text
    assert "of the acoustic model's gain" not in text
    assert "! warning Shortcuts" in text
