"""Speakers, bands, groups, suspects and the map on the page."""

import io

import numpy as np
import pytest

from acoustic_sib.report.clip_map import MOST_POINTS, map_caption, map_plot, thinned
from acoustic_sib.report.clip_tables import band_table, control_table, speaker_tables
from acoustic_sib.report.pictures import ClipPicture, grey_png, picture_text, picture_uri
from acoustic_sib.report.render import render
from tests.report.example import CLASSES
from tests.report.example_rungs import (
    example_map,
    example_picture,
    full_page,
    full_result,
)
from tests.report.reading import Reader


@pytest.fixture(scope="module")
def page() -> Reader:
    return Reader(render(full_page()))


def test_the_hardest_speakers_stand_first_and_the_rest_is_folded() -> None:
    speakers = [
        {"speaker": f"s{k}", "n_clips": 10, "accuracy": k / 40, "mostly": None,
         "by_class": {"Normal": {"n_clips": 4, "recall": 0.25}}}
        for k in reversed(range(40))
    ]  # fmt: skip
    worst, rest = speaker_tables(speakers, ["Normal", "Lateral"])
    assert [row[0] for row in worst["rows"]][:2] == ["s0", "s1"]
    assert worst["rows"][0][3:] == ["0.25 (4)", "–", "none"]
    assert len(worst["rows"]) + len(rest["rows"]) == 40
    assert [len(one["rows"]) for one in speaker_tables(speakers[:12], ["Normal"])] == [12]
    assert speaker_tables([], ["Normal"]) == []


def test_the_commonest_error_is_told(page: Reader) -> None:
    assert "Normal as Lateral (2.5)" in page.text


def test_bands_have_their_unit_their_quartiles_and_n() -> None:
    bands = full_result()["bands"]
    made = band_table(bands, list(CLASSES))
    assert made is not None
    assert made["columns"][1]["name"] == "Normal (40 speakers, 240 clips)"
    assert made["rows"][0][:2] == ["Level of 0.55–3 kHz", "−11.0 dB (−11.1 to −10.9)"]
    assert made["rows"][1][:2] == ["Energy in 2.5–4.5 kHz", "30.0 % (25.0 to 35.0)"]
    assert band_table([], list(CLASSES)) is None
    one = [{**row, "q25": None, "q75": None} for row in bands]
    few = band_table(one, list(CLASSES))
    assert few is not None
    assert few["rows"][0][1] == "−11.0 dB"


def test_groups_that_cannot_be_measured_say_why() -> None:
    made = control_table(full_result()["controls"])
    assert made is not None
    assert made["rows"][1] == ["Phone", "z", "457", "42", "0.79 (0.75 to 0.83)",
                               "−0.05 (−0.07 to −0.03)", "–"]  # fmt: skip
    assert len(made["rows"]) == 2
    assert "Not measured: Sex f: Class 'Normal' has no clip." in made["note"]
    assert "Not measured: Age: The corpus has no age column." in made["note"]
    assert control_table([]) is None


def test_groups_and_the_random_split_are_on_the_page(page: Reader) -> None:
    assert "A split that mixes speakers would report a UAR of 0.910." in page.text
    assert "Phone: s" in page.text
    assert "Speakers whose labels look exchanged Speaker N clips N suspect S03 20 17" in page.text


def test_suspects_show_a_picture_with_its_text_and_fold_after_twelve(page: Reader) -> None:
    pictures = page.all("img")
    assert len(pictures) == 25
    assert all(one["src"].startswith("data:image/png;base64,") for one in pictures)
    assert pictures[0]["alt"] == "Spectrogram, 0 to 11.0 kHz, 0.16 s; strongest near 6.3 kHz"
    assert pictures[0]["width"] == "58"
    assert "13 further label suspects" in page.text
    assert "S00/take0.wav S00 s Normal Lateral 0.010" in page.text
    assert not page.all("audio")


def test_a_picture_cut_short_says_so() -> None:
    picture = ClipPicture(level_db=np.zeros((64, 120)), top_hz=8000.0, duration_s=1.25, shown_s=0.6)
    assert "1.25 s, the first 0.6 s;" in picture_text(picture)


@pytest.mark.parametrize("width", [1, 4, 7])
def test_the_png_is_what_another_decoder_reads(width: int) -> None:
    image = pytest.importorskip("PIL.Image")
    greys = np.random.default_rng(0).integers(0, 16, (9, width), dtype=np.uint8)
    with image.open(io.BytesIO(grey_png(greys))) as found:
        assert found.format == "PNG"
        assert np.array_equal(np.asarray(found.convert("L")), greys * 17)  # 15 * 17 = 255


def test_loud_is_dark_and_low_is_below() -> None:
    image = pytest.importorskip("PIL.Image")
    import base64

    level_db = np.full((8, 4), -90.0)
    level_db[0] = 0.0  # loud at 0 Hz
    picture = ClipPicture(level_db=level_db, top_hz=8000.0, duration_s=0.1, shown_s=0.1)
    content = base64.b64decode(picture_uri(picture).partition(",")[2])
    with image.open(io.BytesIO(content)) as found:
        shown = np.asarray(found.convert("L"))
    assert (shown[-1] == 0).all()
    assert (shown[:-1] == 255).all()


def test_the_map_is_thinned_evenly_and_says_so() -> None:
    found = example_map(6000)
    kept = thinned(found)
    assert len(kept) == len(set(kept)) == MOST_POINTS
    labels = np.asarray(found.labels)[kept]
    assert {str(name): int((labels == name).sum()) for name in CLASSES} == dict.fromkeys(
        CLASSES, MOST_POINTS // 3
    )
    assert "1500 of 6000 clips, evenly chosen." in map_caption(found)
    svg = map_plot(found, list(CLASSES), key="fig")
    assert len(svg) < 400_000
    assert "Lateral: 2000 clips, median log10 odds Lateral to Normal 2.0" in svg


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_map_takes_any_number_of_classes(count: int) -> None:
    classes = {f"class {k}": 30 for k in range(count)}
    svg = map_plot(example_map(60, classes), list(classes), key="fig")
    assert svg.count("log10 odds, class") == min(count - 1, 2)
    assert ("Clips of further classes" in map_caption(example_map(60, classes))) is (count > 3)


def test_the_map_says_whether_the_speaker_was_known() -> None:
    assert "nor heard its speaker" in map_caption(example_map())
    assert "but may know its speaker" in map_caption(example_map(held_out=False))


def test_example_picture_has_a_ridge() -> None:
    assert int(example_picture().level_db.mean(axis=1).argmax()) == 36
