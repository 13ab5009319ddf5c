"""Manifests that are refused in one sentence, and sources nobody knows."""

from pathlib import Path

import pandas as pd
import pytest

from acoustic_sib.errors import ConfigError, CorpusError, UserError
from tests.corpus.made import column, corpus, manifest, sounds

TWO = "path,label\na.wav,A\nb.wav,B\n"


def _spans(first: str, separator: str = ",") -> str:
    """A manifest of two spans; the first one is given."""
    rows = ["path,label,start,end", "a.wav,A,{}", "b.wav,B,0,1"]
    return "\n".join(rows).replace(",", separator).format(first) + "\n"


REFUSED = [
    ("path,sound\na.wav,A\n", {}, r"^clips\.csv: no column for 'label'; found path, sound; "
     r"expected label, class or target; else columns: \{label: NAME\}$"),
    ("where,label\na.wav,A\n", {}, r"no column for 'path'; found where, label; expected path, "),
    ("a.wav,A\nb.wav,B\n", {}, r"found a\.wav, A; .*is the header line missing\?"),
    (TWO, {"columns": {"label": "lable"}},
     r"clips\.csv: no column 'lable' for 'label'; did you mean 'label'\?"),
    (TWO, {"columns": {"lable": "label"}}, r"columns: unknown name 'lable'; did you mean 'label'"),
    ("path,label,start\na.wav,A,1\n", {},
     r"column 'start' gives the start of a span, but nothing gives its end; expected both"),
    (_spans("0.52,0.41"), {},
     r"clips\.csv line 2: 'start' 0\.52 is not before 'end' 0\.41; are they swapped, or in "
     r"milliseconds\?"),
    (_spans("520,410"), {}, r"not before 'end' 410; are they swapped, or in"),
    ("path,label,start,end\na.wav,A,0,.1\nb.wav,B,x,.1\n", {},
     r"clips\.csv line 3: 'start' is 'x'; expected a number of seconds: is it the right column\?"),
    (_spans("0,1;0,2", ";"), {}, r"'start' is '0,1'; .*is the decimal sign a comma"),
    (_spans("nan,1"), {}, r"'start' is 'nan'; expected a number"),
    (_spans(",1"), {},
     r"line 2: 'start' is empty though 'end' is given; expected both, or neither"),
    (_spans("-1,1"), {}, r"line 2: 'start' -1 is negative"),
    ("path,label,start,end\na.wav,A,520,680\nb.wav,B,10,260\n", {},
     r"line 2: the span 'start' 520 to 'end' 680 would last 160 s; expected seconds: are they in "
     r"milliseconds \(then: columns: \{start_ms: start, end_ms: end\}\)\?"),
    ("path,label,speaker\na.wav,A,x\nb.wav,B,\nc.wav,B,\n", {},
     r"clips\.csv line 3: 'speaker' is empty \(2 of 3 rows\); expected a speaker in every row"),
    ("path,label,fold\na.wav,A,0\nb.wav,B,\n", {}, r"line 3: 'fold' is empty; expected a number"),
    ("path,label,fold\na.wav,A,0\nb.wav,B,0.5\n", {}, r"line 3: 'fold' is 0\.5; expected 0, 1, 2"),
    ("path,label,fold\na.wav,A,0\nb.wav,B,-2\n", {}, r"line 3: 'fold' is -2; expected 0, 1, 2"),
    ("id,path,label\n1,a.wav,A\n2,b.wav,B\n1,c.wav,B\n", {},
     r"clips\.csv line 4: 'id' is '1' as in clips\.csv line 2; expected one row an id"),
    ("id,path,label\n1,a.wav,A\n,b.wav,B\n", {}, r"line 3: 'id' is empty; expected an id in every"),
    ("path,label\na.wav,A\n,B\n", {}, r"clips\.csv line 3: 'path' is empty; expected the sound"),
    ("path,label\na.wav,A\nb.wav,\n", {}, r"line 3: 'label' is empty \(1 of 2 rows\); .*leave_out: "
     r"\[''\]"),
    ("path,label\n", {}, r"clips\.csv: no rows; expected one row a clip"),
    ("", {}, r"clips\.csv: the file is empty; expected a header line and rows"),
    ("path,label\na.wav,A,x\n", {},
     r"line 2: 3 fields; expected 2 as in the header: does an unquoted value hold a comma\?"),
    ('path,label\na.wav,"A\nb.wav,B\n', {}, r"clips\.csv line 2: .*is a quotation mark unpaired\?"),
    ("path,label,label\na.wav,A,B\n", {}, r"clips\.csv: two columns are called 'label'"),
    ("path,label\na.wav,A\nb.wav,caf\xe9\n".encode("cp1252"), {},
     r"clips\.csv line 3: byte 0xe9 is not UTF-8; expected a UTF-8 text: .*'CSV UTF-8'"),
    ("path,label\nx/a.wav,A\nx/b.wav,B\n", {},
     r"none of 2 sound files is there; the first, 'x/a\.wav', was looked for in .*; expected paths "
     r"relative to the manifest's folder"),
    (TWO, {"speaker_pattern": "(x"}, r"speaker_pattern '\(x' is no regular expression: "),
    (TWO, {"speaker_pattern": "a"}, r"speaker_pattern 'a' has no group; expected the speaker"),
    (TWO, {"speaker_pattern": "(a)[.]"}, r"clips\.csv line 3: .* finds no speaker in 'b\.wav'"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "settings", "sentence"), REFUSED)
def test_what_cannot_be_meant_is_refused_in_one_sentence(
    tmp_path: Path, content: str | bytes, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence) as refused:
        corpus(manifest(tmp_path, content), **settings)
    assert "\n" not in str(refused.value)


JSON_LINES = [
    (
        '{"path": "a.wav", "label": "A"}\n{"path": }\n',
        r"clips\.jsonl line 2: not JSON \(.*\); expect",
    ),
    ('["a.wav", "A"]\n', r"line 1: holds a list; expected one object"),
    ("\n\n", r"clips\.jsonl: no rows"),
]


@pytest.mark.parametrize(("content", "sentence"), JSON_LINES)
def test_json_lines_that_are_none(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(CorpusError, match=sentence):
        corpus(manifest(tmp_path, content, "clips.jsonl"))


def test_parquet_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"clips\.parquet: not readable as Parquet"):
        corpus(manifest(tmp_path, "path,label\n", "clips.parquet"))
    pd.DataFrame({"path": [], "label": []}).to_parquet(tmp_path / "none.parquet")
    with pytest.raises(CorpusError, match=r"none\.parquet: no rows"):
        corpus(tmp_path / "none.parquet")


def test_a_header_without_a_name_is_a_row_number(tmp_path: Path) -> None:
    made = corpus(manifest(tmp_path, ",path,label\n0,a.wav,A\n1,b.wav,B\n"))
    assert column(made, "column_1") == ["0", "1"]


SOURCES = [
    ("clips.xlsx", r"clips\.xlsx: a file ending in '\.xlsx'; expected one of: a folder with metad"),
    ("clips", r"clips: a file without an ending; expected one of"),
    ("folder/", r"folder: an empty folder; expected one of"),
    ("loose/a.wav", r"loose: a folder with 1 sound files but no labels; expected one of"),
    ("foreign/N/a.m4a", r"foreign: not read: 1 \.m4a files; expected WAV, FLAC"),
    ("other/readme.md", r"other: a folder with readme\.md; expected one of"),
]


@pytest.mark.parametrize(("name", "sentence"), SOURCES)
def test_a_source_nobody_knows(tmp_path: Path, name: str, sentence: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True, parents=True)
    if name.endswith("/"):
        path.mkdir()
    else:
        path.write_bytes(b"?")
    with pytest.raises(CorpusError, match=sentence):
        corpus(tmp_path / name.split("/")[0])


def test_a_folder_beside_or_above_its_manifest(tmp_path: Path) -> None:
    manifest(tmp_path / "one", TWO, "labels.csv")
    with pytest.raises(
        CorpusError, match=r"but no labels \(is .*/one/labels\.csv the manifest\?\)"
    ):
        corpus(tmp_path / "one")
    sounds(tmp_path, ["two/clips/a.wav", "two/clips/b.wav"])
    (tmp_path / "two/metadata.csv").write_text("file_name,label\nclips/a.wav,A\nclips/b.wav,B\n")
    with pytest.raises(CorpusError, match=r"but no labels \(is .*/two the corpus\?\)"):
        corpus(tmp_path / "two/clips")


def test_the_kind_can_be_told(tmp_path: Path) -> None:
    file = manifest(tmp_path, TWO)
    assert corpus(file, kind="manifest").kind == "manifest"
    with pytest.raises(
        CorpusError, match=r"expected, as corpus\.kind says, a folder of recordings"
    ):
        corpus(file, kind="textgrid")
    with pytest.raises(ConfigError, match=r"unknown kind 'textgrids'; did you mean 'textgrid'\?"):
        corpus(file, kind="textgrids")
    with pytest.raises(CorpusError, match=r"gone\.csv: no such file or folder"):
        corpus(tmp_path / "gone.csv")
