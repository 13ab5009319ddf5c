"""The page as a document: what it must not load, what it does with hostile or missing values."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from acoustic_sib.report import render as render_module
from acoustic_sib.report.render import render, write_report
from acoustic_sib.report.svg import PALETTE
from tests.report.example import example_page, example_result
from tests.report.example_rungs import example_map, example_picture, full_page, full_result
from tests.report.reading import Reader, read

CSS = (Path(render_module.__file__).parent / "templates" / "check.css").read_text("utf-8")
HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}"


@pytest.fixture(scope="module")
def html() -> str:
    return render(full_page())


@pytest.fixture(scope="module")
def page(html: str) -> Reader:
    return Reader(html)


def test_hostile_text_is_escaped_everywhere() -> None:
    result = full_result(classes={HOSTILE: 50, "b": 60}, synthetic=True)
    result["reason"] = HOSTILE
    result["notes"] = [HOSTILE]
    result["excluded"] = [{"clip_id": HOSTILE, "reason": HOSTILE}]
    result["suspects"][0] |= {"clip_id": HOSTILE, "label": HOSTILE, "predicted": HOSTILE}
    result["ladder"][0] |= {"says": HOSTILE, "next": HOSTILE, "evidence": {HOSTILE: HOSTILE}}
    result["ladder"][1]["status"] = HOSTILE
    result["audit"]["tables"] = {HOSTILE: [{HOSTILE: HOSTILE}]}
    result["baseline"]["speakers"][0]["speaker"] = HOSTILE
    result["suspects"][0] |= {"speaker": HOSTILE, "phone": HOSTILE}
    result["baseline"]["speakers"][0]["mostly"]["predicted"] = HOSTILE
    result["controls"][0]["group"] = HOSTILE
    html = render(
        full_page(
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
    assert len(drawings) == 14
    assert all(one["role"] == "img" and one["aria-labelledby"] for one in drawings)


@pytest.mark.parametrize("count", [2, 5, 9])
def test_any_number_of_classes(count: int) -> None:
    classes = {f"class number {number} with a rather long name": 40 for number in range(count)}
    text = read(example_result(classes=classes)).text
    assert all(f"Recall of {name}" in text for name in classes)
    assert f"one in {count} classes" in text


def test_optional_parts_may_be_absent() -> None:
    result = example_result()
    for key in ("models", "notes"):
        del result[key]
    for key in ("candidates", "speakers"):
        del result["baseline"][key]
    del result["corpus"]["left_out"]
    result["suspects"], result["excluded"] = [], []
    result["ladder"] = [{**one, "evidence": {}} for one in result["ladder"]]
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
    assert render(full_page()) == html


def test_numpy_values_are_plain_by_the_time_they_are_shown(html: str) -> None:
    result = full_result()
    result["baseline"]["uar"]["value"] = np.float64(0.853)
    result["corpus"]["n_used"] = np.int64(1057)
    assert render(full_page(result)) == html


def test_a_page_of_a_large_corpus_stays_small() -> None:
    result = full_result()
    result["excluded"] = [{"clip_id": f"{n}", "reason": "lost" * 20} for n in range(5000)]
    result["suspects"] = [{**result["suspects"][0], "clip_id": f"c{n}"} for n in range(5000)]
    result["audit"]["tables"]["duplicates"] = [{"a": n, "b": "x" * 50} for n in range(5000)]
    pictures = {f"c{n}": example_picture(120) for n in range(5000)}
    clip_map = example_map(20_000)
    html = render(full_page(result, pictures=pictures, clip_map=clip_map))
    assert len(html.encode("utf-8")) < 2_000_000
    sounds = {f"c{n}": bytes(200_000) for n in range(5000)}
    made = read(result, sounds=sounds)
    assert len(made.all("audio")) == 15
    assert "This page holds the sound of 15 of them" in made.text
    assert "The first 40 of 5000" in made.text


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


def test_long_evidence_is_cut() -> None:
    result = example_result()
    result["ladder"][0]["evidence"] = {"clips": ["clip"] * 1000}
    shown = re.search(r"clips ((?:clip, )+[clip, ]*…)", read(result).text)
    assert shown is not None
    assert len(shown[1]) == 400
