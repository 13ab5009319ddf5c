"""Drawings: text alternatives, escaping, themed colours, repeatable."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from acoustic_sib.report.figures import (
    MAX_POINTS,
    Dot,
    class_dots,
    interval_plot,
    speaker_plot,
    spectra_plot,
)
from acoustic_sib.report.spectra import AverageSpectra
from tests.report.example import example_spectra, interval

HOSTILE = "<script>alert('$x_1$')</script> & \x0b\udcff 日本"


def _intervals(*names: str) -> str:
    dots = class_dots({name: interval(0.7, 0.1) for name in names})
    return interval_plot(dots, key="fig", chance=0.5, title="Recall", axis="Recall")


def _texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter("text")]


DRAWINGS = {
    "intervals": lambda: _intervals("a", "b"),
    "spectra": lambda: spectra_plot(example_spectra(), key="fig"),
    "speakers": lambda: speaker_plot(
        [{"speaker": "a", "n_clips": 3, "accuracy": 0.5}], key="fig", level=0.5
    ),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_drawing_is_labelled_themed_self_contained_and_repeatable(name: str) -> None:
    svg = DRAWINGS[name]()
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    ids = {element.get("id"): element for element in root.iter() if element.get("id")}
    labels = [ids[key] for key in (root.get("aria-labelledby") or "").split()]
    assert [element.tag for element in labels] == ["title", "desc"]
    assert all(element.text for element in labels)
    assert all(key.startswith("fig-") for key in ids)
    referred = set(re.findall(r'(?:url\(|href=")#([\w-]+)', svg))
    assert referred <= set(ids)
    assert "http" not in svg
    assert "<style" not in svg
    assert "font-family" not in svg
    assert "#fe0" not in svg, "a marker colour was not exchanged"
    assert "currentColor" in svg
    assert svg == DRAWINGS[name]()


def test_text_alternative_tells_the_numbers() -> None:
    svg = interval_plot(
        [Dot(name="Sound", interval=interval(0.85, 0.04)), Dot(name="x", interval=interval(None))],
        key="fig", chance=1 / 3, title="t", axis="UAR",
    )  # fmt: skip
    described = ET.fromstring(svg).findtext("desc")
    assert described == ("UAR. Sound: 0.85 (0.81 to 0.89); x: not measurable. Chance is 0.33.")


def test_hostile_names_stay_text() -> None:
    svg = _intervals(HOSTILE, "b")
    assert "<script" not in svg
    assert any(text.startswith("<script>alert('$x_1$'") for text in _texts(svg))
    assert "<script>alert('$x_1$')</script> &    日本: 0.70" in (
        ET.fromstring(svg).findtext("desc") or ""
    )


def test_long_names_are_shortened_in_the_drawing_and_whole_in_its_description() -> None:
    name = "a very long class name that no axis has room for"
    svg = _intervals(name, "b")
    assert "a very long class nam…" in _texts(svg)
    assert name in (ET.fromstring(svg).findtext("desc") or "")


def test_dots_stand_where_their_values_are() -> None:
    dots = [Dot(name=str(value), interval=interval(value, None)) for value in (0.0, 0.5, 1.0)]
    svg = interval_plot(dots, key="fig", chance=0.5, title="t", axis="a")
    marks = [float(one.get("x", "nan")) for one in ET.fromstring(svg).iter("use")]
    dots_x = marks[-3:]
    assert dots_x[1] == pytest.approx((dots_x[0] + dots_x[2]) / 2)
    assert dots_x[0] < dots_x[2]


def test_without_an_interval_there_is_no_whisker() -> None:
    with_interval = interval_plot(
        [Dot(name="a", interval=interval(0.5, 0.1))], key="f", chance=0.5, title="t", axis="a"
    )
    without = interval_plot(
        [Dot(name="a", interval=interval(0.5, None))], key="f", chance=0.5, title="t", axis="a"
    )
    assert with_interval.count("stroke-width: 2.4") == 1
    assert without.count("stroke-width: 2.4") == 0
    assert "0.50 (no interval)" in _texts(without)


def test_classes_differ_in_marker_and_line_not_colour_alone() -> None:
    svg = spectra_plot(example_spectra(dict.fromkeys("abcde", 1)), key="fig")
    dashes = set(re.findall(r"stroke-dasharray: ([\d., ]+)", svg))
    assert len(dashes) >= 3
    markers = {one.get("href") for one in ET.fromstring(svg).iter("use")}
    assert len(markers) >= 5


def test_spectra_tell_where_each_class_peaks() -> None:
    freqs_hz = np.linspace(0, 10000, 101)
    hump = -((freqs_hz - 6500) ** 2) / 1e6
    nothing = np.full(101, np.nan)
    spectra = AverageSpectra(
        freqs_hz=freqs_hz,
        by_class={"s": (hump, hump - 1, hump + 1), "none": (nothing, nothing, nothing)},
        n_speakers={"s": 4, "none": 0},
        n_clips={"s": 9, "none": 0},
        unit="speaker",
    )
    svg = spectra_plot(spectra, key="fig")
    assert ET.fromstring(svg).findtext("desc") == (
        "s: highest at 6.5 kHz. none: not measurable. Bands: quartiles of the speaker means."
    )
    assert "s (4 speakers, 9 clips)" in _texts(svg)


def test_fine_spectra_do_not_swell_the_page() -> None:
    coarse = spectra_plot(example_spectra(n_bins=MAX_POINTS), key="fig")
    fine = spectra_plot(example_spectra(n_bins=4096), key="fig")
    assert len(fine) < 1.2 * len(coarse)


def test_speakers_are_sorted_and_those_without_accuracy_left_out() -> None:
    svg = speaker_plot(
        [
            {"speaker": "a", "n_clips": 10, "accuracy": 0.9},
            {"speaker": "b", "n_clips": 5, "accuracy": 0.4},
            {"speaker": "c", "n_clips": 1, "accuracy": None},
            {"speaker": "d", "n_clips": 5, "accuracy": 0.7},
        ],
        key="fig",
        level=None,
    )
    assert ET.fromstring(svg).findtext("desc") == (
        "3 speakers: lowest 0.40, median 0.70, highest 0.90."
    )
