"""Outputs: the contract's keys, cells a spreadsheet does not run, counts with intervals."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binomtest

from acoustic_sib.screen import outputs
from acoustic_sib.screen.records import Found, Judged, Screened, Segment
from acoustic_sib.screen.tally import share, speakers_of, tallies, tally
from acoustic_sib.screen.wording import say
from acoustic_sib.tables import write_text
from tests.screen.stand_in import CLASSES

DEMO = "DEMONSTRATION, NO SCREENING"


def certain(name: str, *, others: tuple[str, ...] = (), why: str = "") -> Judged:
    return Judged(
        segment=Segment(start=0.1, end=0.2, score=0.9), assessable=True, reason="",
        predicted=name, classes=(name, *others), why=why, measures={"a": float("nan"), "b": 1.5},
        probabilities={label: 0.8 if label == name else 0.1 for label in CLASSES},
    )  # fmt: skip


REFUSED = Judged(segment=Segment(start=0.3, end=0.4, score=0.5), assessable=False, reason="silent")


def recording(*sibilants: Judged, name: str = "a.wav") -> Screened:
    path = Path(name)
    found = Found(file=path, sr=44100, duration_s=1.0, bandwidth_hz=2e4,
                  segments=tuple(one.segment for one in sibilants))  # fmt: skip
    return Screened(file=path, found=found, sibilants=sibilants)


BROKEN = Screened(file=Path("b.wav"), found=None, failure="b.wav: an empty file")


def test_json_has_the_keys_of_the_contract() -> None:
    text = outputs.json_lines([recording(certain("Lateral"), REFUSED), BROKEN])
    first, second = map(json.loads, text.splitlines())
    for key in ("file", "start", "end", "assessable", "reason", "predicted", "set",
                "probabilities", "why", "measures", "speaker"):  # fmt: skip
        assert key in first
    assert (first["predicted"], first["set"]) == ("Lateral", ["Lateral"])
    assert first["measures"] == {"a": None, "b": 1.5}
    assert (second["assessable"], second["predicted"], second["set"]) == (False, None, [])
    assert "demonstration" not in first


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_of_the_csv_is_a_formula(start: str) -> None:
    hostile = f"{start}cmd|' /C calc'!A0"
    one = recording(certain("Lateral", why=hostile), name=hostile)
    text = outputs.csv_text([one, BROKEN], [*CLASSES, hostile])
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 3
    assert len({len(row) for row in rows}) == 1
    assert not any(cell.startswith(outputs.FORMULA_STARTS) for row in rows for cell in row)
    assert rows[1][0] == f"'{hostile}"
    assert rows[2][rows[0].index("failure")] == "b.wav: an empty file"


@pytest.mark.parametrize("name", ["a;=1+1;.wav", "a.wav;  @SUM(1)", "a\n+1.wav", "a\t-1.wav"])
def test_no_cell_is_a_formula_where_semicolons_part_cells(name: str) -> None:
    """As a spreadsheet of a country with decimal commas reads it: no field is quoted from there."""
    text = outputs.csv_text([recording(certain("Lateral"), name=name)], CLASSES)
    cells = [cell.lstrip(' "') for cell in re.split(r"[;\t\r\n]", text)]
    assert len(cells) > 3
    assert not any(cell.startswith(outputs.FORMULA_STARTS) for cell in cells)


def test_tiers_mark_doubt_and_what_cannot_be_assessed() -> None:
    judged = (certain("Lateral"), certain("Normal", others=("Lateral",)), REFUSED)
    tiers = dict(outputs.tiers(recording(*judged)))
    assert list(tiers) == ["sibilant", "class", "probability"]
    assert [text for _, _, text in tiers["class"]] == [
        "Lateral", "Normal?", "not assessable: silent",
    ]  # fmt: skip
    assert [text for _, _, text in tiers["probability"]] == ["0.80", "0.80", ""]


def test_every_output_of_a_demonstration_says_so() -> None:
    one = recording(certain("Lateral"))
    assert json.loads(outputs.json_lines([one], demonstration=DEMO))["demonstration"] == DEMO
    rows = list(csv.reader(io.StringIO(outputs.csv_text([one], CLASSES, demonstration=DEMO))))
    assert [row[-1] for row in rows] == ["demonstration", DEMO]
    assert ("demonstration", [(0.0, 1.0, DEMO)]) in outputs.tiers(one, demonstration=DEMO)
    shown = outputs.terminal_table([one], CLASSES, language="en", demonstration=DEMO)
    assert shown.startswith(DEMO)


NOTICE, NOTE = say("en", "notice"), "Trained on other labels"


def test_every_line_of_json_and_csv_carries_the_notice_and_the_note_on_the_model() -> None:
    both = [recording(certain("Lateral"), REFUSED), BROKEN]
    lines = outputs.json_lines(both, notice=NOTICE, model_note=NOTE).splitlines()
    assert [json.loads(line)["notice"] for line in lines] == [NOTICE] * 2
    assert [json.loads(line)["model_note"] for line in lines] == [NOTE] * 2
    text = outputs.csv_text(both, CLASSES, notice=NOTICE, model_note=NOTE, demonstration=DEMO)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0][-4:] == ["failure", "notice", "model_note", "demonstration"]
    assert [row[-3:] for row in rows[1:]] == [[NOTICE, NOTE, DEMO]] * 3
    assert "model_note" not in outputs.json_lines(both) + outputs.csv_text(both, CLASSES)


def test_the_note_on_the_model_stands_in_the_table_and_the_textgrid() -> None:
    one = recording(certain("Lateral"))
    shown = outputs.terminal_table([one], CLASSES, language="en", model_note=NOTE)
    assert shown.splitlines()[:2] == [NOTE, "a.wav"]
    assert outputs.tiers(one, model_note=NOTE)[-1] == ("model_note", [(0.0, 1.0, NOTE)])


def test_a_sheet_with_decimal_commas_is_read_back_as_numbers(tmp_path: Path) -> None:
    """As a German spreadsheet reads it: cells end at semicolons, 1,5 is a number, 1.5 a date."""
    place = Segment(start=1.5, end=1.71, score=0.9)
    one = recording(replace(certain("Lateral", why="Größer; 2,5 kHz"), segment=place))
    text = outputs.csv_text([one, BROKEN], CLASSES, notice=NOTICE, decimal_comma=True)
    write_text(tmp_path / "a.csv", text)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbffile;speaker;start;end;")
    table = pd.read_csv(tmp_path / "a.csv", sep=";", decimal=",", encoding="utf-8-sig")
    assert (table["start"][0], table["end"][0], table["p_Lateral"][0]) == (1.5, 1.71, 0.8)
    assert table["why"][0] == "Größer; 2,5 kHz"
    assert list(table["notice"]) == [NOTICE] * 2
    point = pd.read_csv(io.StringIO(outputs.csv_text([one, BROKEN], CLASSES, notice=NOTICE)))
    pd.testing.assert_frame_equal(point, table)
    # No cell is left that such a spreadsheet could take for a day.
    assert not re.search(r"(?m)(^|;)\d+\.\d+(;|$)", text)


@pytest.mark.parametrize(
    ("language", "reason"),
    [("en", "no sibilant found"), ("de", "kein Sibilant gefunden"),
     ("pt", "nenhuma sibilante encontrada")],
)  # fmt: skip
def test_no_recording_is_missing_from_the_sheet(language: str, reason: str) -> None:
    three = [recording(certain("Lateral")), recording(name="ohm.wav"), BROKEN]
    text = outputs.csv_text(three, CLASSES, language=language, notice=NOTICE)
    table = pd.read_csv(io.StringIO(text), keep_default_na=False)
    assert list(table["file"]) == ["a.wav", "ohm.wav", "b.wav"]
    assert list(table["reason"]) == ["", reason, ""]
    assert list(table["failure"]) == ["", "", BROKEN.failure]
    assert list(table["assessable"]) == ["yes", "", ""]
    assert list(table["notice"]) == [NOTICE] * 3


def test_what_was_searched_for_may_be_postalveolar_and_that_is_said() -> None:
    one = recording(certain("Lateral"))
    for language in ("en", "de", "pt"):
        says = say(language, "postalveolar")
        assert says in outputs.terminal_table([one], CLASSES, language=language)
        aligned = replace(one.sibilants[0].segment, origin="textgrid", label="s")
        by_hand = recording(replace(one.sibilants[0], segment=aligned))
        assert says not in outputs.terminal_table([by_hand], CLASSES, language=language)


def test_numbers_of_the_table_have_the_sign_of_the_language() -> None:
    one = recording(certain("Lateral"))
    assert "0,100    0,200  Lateral      p(Lateral) 0,80" in outputs.terminal_table(
        [one], CLASSES, language="de"
    )  # fmt: skip


def test_a_row_without_a_sibilant_tells_what_the_search_noted() -> None:
    one = recording(name="bus.wav")
    assert one.found is not None
    noted = replace(one, found=replace(one.found, notes=("1 × like [θ ð]",)))
    table = pd.read_csv(io.StringIO(outputs.csv_text([noted], CLASSES)))
    assert list(table["reason"]) == ["no sibilant found"]
    assert list(table["notes"]) == ["1 × like [θ ð]"]
    shown = outputs.terminal_table([noted], CLASSES, language="en")
    assert "  no sibilant found (1 × like [θ ð])" in shown.splitlines()


def test_a_sheet_with_decimal_points_is_what_it_was() -> None:
    text = outputs.csv_text([recording(certain("Lateral"))], CLASSES)
    assert text == (
        "file,speaker,start,end,answer,assessable,reason,certain,predicted,set,p_Interdental,"
        "p_Lateral,p_Normal,unlike,why,label,origin,score,notes,failure\r\n"
        "a.wav,,0.1,0.2,Lateral,yes,,yes,Lateral,Lateral,0.1,0.8,0.1,,,,found,0.9,,\r\n"
    )


@pytest.mark.parametrize(
    ("language", "uncertain", "refused", "none", "unread"),
    [("en", "uncertain", "not assessable", "no sibilant found", "not readable"),
     ("de", "unsicher", "nicht beurteilbar", "kein Sibilant gefunden", "nicht lesbar"),
     ("pt", "incerto", "não avaliável", "nenhuma sibilante encontrada", "não legível")],
)  # fmt: skip
def test_the_answer_of_the_sheet_can_be_read_alone(
    language: str, uncertain: str, refused: str, none: str, unread: str
) -> None:
    """`predicted` holds the likeliest class of the uncertain too, behind `certain`."""
    judged = [certain("Lateral"), certain("Normal", others=("Lateral",)), REFUSED,
              replace(certain("Normal"), unlike="unlike the training clips")]  # fmt: skip
    both = [recording(*judged), recording(name="ohm.wav"), BROKEN]
    rows = list(csv.DictReader(io.StringIO(outputs.csv_text(both, CLASSES, language=language),
                                           newline="")))  # fmt: skip
    assert [row["answer"] for row in rows] == [
        "Lateral", uncertain, refused, uncertain, none, unread,
    ]  # fmt: skip
    assert [row["predicted"] for row in rows] == ["Lateral", "Normal", "", "Normal", "", ""]
    names = list(rows[0])
    assert names.index("answer") < names.index("predicted") == names.index("certain") + 1


def test_the_speaker_is_told_where_it_is_known() -> None:
    both = [recording(certain("Lateral"), REFUSED, name="anna/a.wav"),
            recording(name="bert/b.wav"), recording(certain("Normal"), name="c.wav")]  # fmt: skip
    files = [one.file for one in both]
    for name, by_folder, told in (("", True, ["anna", "anna", "bert", "."]),
                                  ("", False, [""] * 4), ("=K1", True, ["=K1"] * 4)):  # fmt: skip
        speakers = speakers_of(files, name=name, by_folder=by_folder)
        lines = outputs.json_lines(both, speakers=speakers).splitlines()
        assert [json.loads(line)["speaker"] for line in lines] == [*told[:2], told[3]]
        sheet = outputs.csv_text(both, CLASSES, speakers=speakers)
        rows = list(csv.DictReader(io.StringIO(sheet, newline="")))
        assert [row["speaker"].removeprefix("'") for row in rows] == told
        assert not any(row["speaker"].startswith("=") for row in rows)
    counted = {one.name for one in tallies(both, CLASSES, name="all", by_folder=True)}
    assert set(speakers_of(files, name="", by_folder=True).values()) <= counted


@pytest.mark.parametrize(
    ("files", "told"),
    [(("/lena/k/A/a.wav", "/lena/k/B/b.wav"), ["A", "B"]), (("/lena/k/A/a.wav",), ["A"]),
     (("kids/A/1/a.wav", "kids/B/b.wav"), ["A/1", "B"]),
     (("kids/a.wav", "kids/A/a.wav"), ["kids", "A"])],
)  # fmt: skip
def test_a_folder_is_called_by_its_name_and_not_by_its_place(
    files: Sequence[str], told: Sequence[str]
) -> None:
    """The path to it may name people; recordings that cannot be read change no name."""
    both = [recording(certain("Lateral"), name=one) for one in files]
    assert [*speakers_of(map(Path, files), name="", by_folder=True).values()] == told
    rest = replace(both[-1], found=None, failure="not readable")
    counted = {one.name for one in tallies([*both, rest], CLASSES, name="all", by_folder=True)}
    assert len(files) == 1 or counted == {"all", *told}


@pytest.mark.parametrize("name", ["a,=1+1,.wav", "a;=1+1;.wav", "a.wav,  @SUM(1)", "a\n+1.wav"])
def test_no_cell_is_a_formula_whichever_sign_parts_cells(name: str) -> None:
    """A sheet with semicolons, opened by a spreadsheet that parts cells by commas too."""
    one = [recording(certain("Lateral"), name=name)]
    text = outputs.csv_text(one, CLASSES, notice=NOTICE, decimal_comma=True)
    cells = [cell.lstrip(' "') for cell in re.split(r"[,;\t\r\n]", text)]
    assert len(cells) > 3
    assert not any(cell.startswith(outputs.FORMULA_STARTS) for cell in cells)


@pytest.mark.parametrize(("count", "n"), [(0, 7), (3, 7), (7, 7), (1, 200), (1, 1)])
def test_the_interval_is_wilson_s(count: int, n: int) -> None:
    expected = binomtest(count, n).proportion_ci(0.95, method="wilson")
    got = share(count, n)
    assert (got.low, got.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_counts_are_of_what_is_certain_and_assessable() -> None:
    judged = [certain("Lateral")] * 3 + [certain("Normal", others=("Lateral",)), REFUSED]
    counts = tally("a", judged, CLASSES)
    assert (counts.n_sibilants, counts.n_assessable, counts.uncertain.count) == (5, 4, 1)
    assert {name: one.count for name, one in counts.by_class.items()} == {
        "Interdental": 0, "Lateral": 3, "Normal": 0,
    }  # fmt: skip
    assert counts.by_class["Lateral"].value == 0.75
    assert isnan(tally("none", [REFUSED], CLASSES).by_class["Normal"].value)


def test_nothing_is_counted_twice() -> None:
    def named(*labels: str, name: str = "a.wav") -> Screened:
        return recording(*(replace(certain("Lateral"), segment=replace(REFUSED.segment, label=one))
                           for one in labels), name=name)  # fmt: skip

    def told(*recordings: Screened) -> dict[str, int]:
        found = tallies(recordings, CLASSES, name="Kim")
        assert len({one.name for one in found}) == len(found)
        return {one.name: one.n_sibilants for one in found}

    assert told(named("s", "z", "s")) == {"Kim, 's'": 2, "Kim, 'z'": 1}
    assert told(named("s", "sibilant")) == {"Kim, 's'": 1}
    assert told(named("s", "s")) == {}
    assert told(named("", "")) == {}
    assert told(named("s", "z"), named("s", name="b.wav")) == {
        "Kim": 3, "Kim, 's'": 2, "Kim, 'z'": 1,
    }  # fmt: skip
    assert told(named("s"), named("s", name="b.wav")) == {"Kim": 2}
    one_folder = [named("", name="kim/a.wav"), named("", name="kim/b.wav")]
    found = tallies(one_folder, CLASSES, name="Kim", by_folder=True)
    assert [(one.name, one.n_sibilants) for one in found] == [("Kim", 2)]


def test_what_is_unlike_the_training_is_certain_of_nothing() -> None:
    judged = [certain("Lateral"), replace(certain("Lateral"), unlike="unlike the training clips")]
    counts = tally("a", judged, CLASSES)
    assert (counts.by_class["Lateral"].count, counts.uncertain.count) == (1, 1)
    text = outputs.csv_text([recording(*judged, REFUSED)], CLASSES)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["certain"] for row in rows] == ["yes", "no", ""]


def test_the_table_has_the_clinical_wording_and_obeys_no_file_name() -> None:
    shown = outputs.terminal_table(
        [recording(certain("Lateral"), REFUSED, name="a\x1b[31m.wav")], CLASSES, language="en"
    )
    assert "\x1b" not in shown
    assert "not assessable: silent" in shown
    assert "1 of 2 assessable; Interdental 0" in shown
    assert shown.endswith(
        "Research and measurement aid. Not a diagnosis. A qualified speech-language pathologist "
        "must listen and decide.\n"
    )


def test_where_nothing_was_found_the_table_says_so() -> None:
    shown = outputs.terminal_table([recording()], CLASSES, language="en")
    assert shown.splitlines()[1] == "  no sibilant found"
    assert "assessable" not in shown


@pytest.mark.parametrize("columns", [60, 80, 132])
def test_the_table_is_as_wide_as_the_terminal_and_loses_no_word(columns: int) -> None:
    judged = (certain("Lateral", why="Mehr Energie. " * 20), REFUSED)
    together = [tally("Kim", judged * 5, CLASSES)]
    wide, narrow = (
        outputs.terminal_table([recording(*judged)], CLASSES, language="de", demonstration=DEMO,
                               together=together, columns=width)
        for width in (None, columns)
    )  # fmt: skip
    assert max(map(len, narrow.splitlines())) <= columns < max(map(len, wide.splitlines()))
    assert narrow.split() == wide.split()


def test_sounds_that_a_textgrid_names_stand_below_one_another() -> None:
    judged = [certain("Lateral"), certain("Lateral")]
    named = [replace(judged[0], segment=replace(judged[0].segment, label="tʃ")), judged[1]]
    lines = outputs.terminal_table([recording(*named)], CLASSES, language="en").splitlines()
    assert "tʃ" in lines[1]
    assert lines[1].index("Lateral") == lines[2].index("Lateral")
