"""Manifest files: names of columns, formats, paths, ids, spans, speakers, folds."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.tables import check_manifest
from tests.conftest import shared_folder
from tests.corpus.made import column, corpus, manifest, sounds

TWO = "path,label\na.wav,A\nb.wav,B\n"


def test_the_smallest_manifest(tmp_path: Path) -> None:
    made = corpus(manifest(tmp_path, TWO))
    assert made.manifest.columns.tolist() == ["clip_id", "path", "label"]
    assert column(made, "clip_id") == ["a.wav", "b.wav"]
    assert column(made, "path") == [f"{tmp_path.as_posix()}/{name}" for name in ("a.wav", "b.wav")]
    assert column(made, "label") == ["A", "B"]
    assert (made.kind, made.place, made.left_out) == ("manifest", "clips.csv", {})
    assert (made.synthetic, made.notes) == (False, ())


PATHS = ["path", "file_name", "file", "audio", "filename", "File Name", "audio_filepath"]
LABELS = ["label", "class", "target", "Label", " label "]
SPEAKERS = ["speaker", "speaker_id", "spk", "client_id", "participant", "Speaker-ID"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("label", LABELS)
def test_usual_names_of_path_and_label(tmp_path: Path, path: str, label: str) -> None:
    made = corpus(manifest(tmp_path, f"{path},{label}\na.wav,A\nb.wav,B\n"))
    assert made.manifest.columns.tolist() == ["clip_id", "path", "label"]


@pytest.mark.parametrize("name", SPEAKERS)
def test_usual_names_of_the_speaker(tmp_path: Path, name: str) -> None:
    made = corpus(manifest(tmp_path, f"path,label,{name}\na.wav,A,001\nb.wav,B,1\n"))
    assert column(made, "speaker") == ["001", "1"]


SPANS = [("start", "end"), ("start_s", "end_s"), ("onset", "offset"), ("xmin", "xmax"),
         ("begin", "end"), ("start_time", "end_time"), ("tmin", "tmax")]  # fmt: skip


@pytest.mark.parametrize("names", SPANS)
def test_usual_names_of_a_span(tmp_path: Path, names: tuple[str, str]) -> None:
    rows = f"path,label,{','.join(names)}\na.wav,A,0.01,0.02\na.wav,B,.02,3e-2\nb.wav,B,,\n"
    made = corpus(manifest(tmp_path, rows))
    np.testing.assert_array_equal(made.manifest["start"], [0.01, 0.02, np.nan])
    np.testing.assert_array_equal(made.manifest["end"], [0.02, 0.03, np.nan])
    assert column(made, "clip_id") == ["a.wav@0.01-0.02", "a.wav@0.02-0.03", "b.wav"]


def test_spans_named_in_milliseconds(tmp_path: Path) -> None:
    rows = "path,label,start_ms,end_ms\na.wav,A,520,680\nb.wav,B,0,160.5\n"
    made = corpus(manifest(tmp_path, rows))
    assert column(made, "start") == [0.52, 0.0]
    assert column(made, "end") == [0.68, 0.1605]
    twice = corpus(
        manifest(tmp_path, rows.replace("_ms", "")), columns={"start_ms": "start", "end_ms": "end"}
    )
    pd.testing.assert_frame_equal(twice.manifest, made.manifest)


def test_source_start_is_no_start(tmp_path: Path) -> None:
    """Nor is `offset` alone, or `sr`: they are kept as they are."""
    rows = "file_name,label,source_start,source_end,offset\na.wav,A,1,2,3\nb.wav,B,1,2,4\n"
    made = corpus(manifest(tmp_path, rows))
    assert made.manifest.columns.tolist()[3:] == ["source_start", "source_end", "offset"]
    assert column(made, "offset") == ["3", "4"]


def test_columns_in_the_config_win(tmp_path: Path) -> None:
    rows = "wavs,path,phone,label,who\na.wav,x,s,L1,7\nb.wav,y,z,L2,8\n"
    chosen = {"path": "wavs", "label": "phone", "speaker": "who", "clip_id": "path"}
    made = corpus(manifest(tmp_path, rows), columns=chosen)
    assert column(made, "clip_id") == ["x", "y"]
    assert column(made, "label") == ["s", "z"]
    assert column(made, "speaker") == ["7", "8"]
    assert column(made, "label_in_corpus") == ["L1", "L2"]


def test_extra_columns_whose_names_are_ours_keep_their_content(tmp_path: Path) -> None:
    rows = "file,label,class,path,path_in_corpus\na.wav,A,u,p,q\nb.wav,B,v,p,q\n"
    made = corpus(manifest(tmp_path, rows), columns={"path": "file", "label": "class"})
    assert made.manifest.columns.tolist() == [
        "clip_id", "path", "label", "label_in_corpus", "path_in_corpus", "path_in_corpus_in_corpus",
    ]  # fmt: skip
    assert column(made, "label") == ["u", "v"]


def test_the_column_not_taken_is_told(tmp_path: Path) -> None:
    made = corpus(manifest(tmp_path, "path,label,target\na.wav,A,0\nb.wav,B,1\n"))
    assert made.notes == ("'label' is read from column 'label'; kept as they are: target",)
    assert column(made, "target") == ["0", "1"]


def test_numbers_stay_text(tmp_path: Path) -> None:
    rows = 'id,path,label,speaker,age\n"0001",a.wav,0,007,6\n"1",b.wav,1,7,\n'
    made = corpus(manifest(tmp_path, rows))
    assert column(made, "clip_id") == ["0001", "1"]
    assert column(made, "label") == ["0", "1"]
    assert column(made, "speaker") == ["007", "7"]
    assert column(made, "age") == ["6", None]


def test_renamed_labels_keep_what_stood_there(tmp_path: Path) -> None:
    rows = "path,label\na.wav,s\nb.wav,z\nc.wav,L\n"
    made = corpus(manifest(tmp_path, rows), labels={"s": "Normal", "z": "Normal", "L": "Lateral"})
    assert column(made, "label") == ["Normal", "Normal", "Lateral"]
    assert column(made, "label_in_corpus") == ["s", "z", "L"]


ROWS = [{"path": "a.wav", "label": "A", "n": 1}, {"path": "b.wav", "label": "B", "n": None}]


def _as_jsonl(file: Path) -> None:
    file.write_text("\n".join(map(json.dumps, ROWS)) + "\n\n")


def _as_parquet(file: Path) -> None:
    pd.DataFrame(ROWS).astype({"n": "Int64"}).to_parquet(file)


def _as_text(separator: str, encoding: str, quote: str = "") -> str:
    lines = [["path", "label", "n"], ["a.wav", "A", "1"], ["b.wav", "B", ""]]
    return "".join(separator.join(quote + c + quote for c in line) + "\r\n" for line in lines)


FORMATS = {
    "clips.csv": lambda file: file.write_bytes(_as_text(",", "utf-8").encode()),
    "quoted.CSV": lambda file: file.write_bytes(_as_text(",", "utf-8", '"').encode()),
    "semicolons.csv": lambda file: file.write_bytes(_as_text(";", "utf-8").encode()),
    "tabs.csv": lambda file: file.write_bytes(_as_text("\t", "utf-8").encode()),
    "tabs.tsv": lambda file: file.write_bytes(_as_text("\t", "utf-8").encode()),
    "commas.tsv": lambda file: file.write_bytes(_as_text(",", "utf-8").encode()),
    "marked.csv": lambda file: file.write_bytes(_as_text(",", "").encode("utf-8-sig")),
    "excel.txt": lambda file: file.write_bytes(_as_text("\t", "").encode("utf-16")),
    "clips.jsonl": _as_jsonl,
    "clips.ndjson": _as_jsonl,
    "clips.parquet": _as_parquet,
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_manifest(tmp_path: Path, name: str) -> None:
    sounds(tmp_path, ["a.wav", "b.wav"])
    FORMATS[name](tmp_path / name)
    made = corpus(tmp_path / name)
    assert column(made, "clip_id") == ["a.wav", "b.wav"]
    assert column(made, "label") == ["A", "B"]
    assert [None if pd.isna(cell) else cell for cell in made.manifest["n"]] == ["1", None]


def test_cells_with_commas_line_breaks_and_signs(tmp_path: Path) -> None:
    rows = 'path,label,says\na.wav,A,"one, ""two""\nthree"\nb.wav,ɬ,čřž\n'
    made = corpus(manifest(tmp_path, rows))
    assert column(made, "says") == ['one, "two"\nthree', "čřž"]
    assert column(made, "label") == ["A", "ɬ"]


def test_paths_from_elsewhere(tmp_path: Path) -> None:
    """Windows separators, a leading ./, an absolute path: all find their file."""
    sounds(tmp_path, ["deep/er/a.wav", "b.wav", "c.wav"])
    absolute = (tmp_path / "c.wav").resolve().as_posix()
    rows = f"path,label\ndeep\\er\\a.wav,A\n./b.wav,B\n{absolute},B\n"
    made = corpus(manifest(tmp_path, rows, "lists/../clips.csv"))
    assert column(made, "clip_id") == ["deep/er/a.wav", "b.wav", absolute]
    assert all(Path(str(path)).is_file() for path in column(made, "path"))


def test_paths_start_at_the_manifest_not_at_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest(tmp_path / "data", TWO)
    monkeypatch.chdir(tmp_path)
    made = corpus(Path("data/clips.csv"))
    assert column(made, "path") == ["data/a.wav", "data/b.wav"]


def test_a_few_missing_files_are_left_to_extraction(tmp_path: Path) -> None:
    made = corpus(manifest(tmp_path, TWO + "gone.wav,B\n"))
    assert len(made.manifest) == 3


def test_one_file_under_two_labels_is_left_to_the_audit(tmp_path: Path) -> None:
    made = corpus(manifest(tmp_path, TWO + "a.wav,B\na.wav,A\n"))
    assert column(made, "clip_id") == ["a.wav", "b.wav", "a.wav#2", "a.wav#3"]
    assert made.notes == ("sounds listed more than once: 1; their ids end in #2, #3...",)


def test_folds_of_the_corpus(tmp_path: Path) -> None:
    rows = "path,label,fold\na.wav,A,1\nb.wav,B,2.0\nc.wav,B,-1\n"
    made = corpus(manifest(tmp_path, rows))
    assert column(made, "fold") == [1, 2, -1]
    assert made.manifest["fold"].dtype.kind == "i"
    named = corpus(
        manifest(tmp_path, "path,label,fold\na.wav,A,west\nb.wav,B,east\nc.wav,B,west\n")
    )
    assert column(named, "fold") == [1, 0, 1]


def test_splits_become_folds(tmp_path: Path) -> None:
    rows = "path,label,split\na.wav,A,train\nb.wav,B,Test\nc.wav,B,validation\n"
    made = corpus(manifest(tmp_path, rows))
    assert column(made, "fold") == [-1, 0, -1]
    assert column(made, "split") == ["train", "Test", "validation"]
    assert made.notes == (
        "folds from the corpus's splits (test 1, train 1, validation 1): 'test' is tested, the "
        "rest trains",
    )


@pytest.mark.parametrize(
    ("splits", "folds"),
    [
        (["train", "dev", "dev"], [-1, 0, 0]),
        (["train", "train", "train"], None),
        (["test", "test", "validation"], None),
        (["train", "other", "test"], None),
    ],
)
def test_when_splits_are_folds(tmp_path: Path, splits: list[str], folds: list[int] | None) -> None:
    names = zip("abc", "ABB", splits, strict=True)
    rows = "".join(f"{file}.wav,{label},{split}\n" for file, label, split in names)
    made = corpus(manifest(tmp_path, f"path,label,split\n{rows}"))
    assert ("fold" in made.manifest) == (folds is not None)
    if folds is not None:
        assert column(made, "fold") == folds


def test_the_fold_column_wins_over_the_split(tmp_path: Path) -> None:
    made = corpus(manifest(tmp_path, "path,label,split,fold\na.wav,A,train,3\nb.wav,B,test,4\n"))
    assert column(made, "fold") == [3, 4]


def test_speakers_from_a_pattern_in_the_path(tmp_path: Path) -> None:
    sounds(tmp_path, ["spk1/a.wav", "spk2/b.wav"])
    file = manifest(tmp_path, "path,label\nspk1/a.wav,A\nspk2/b.wav,B\n")
    made = corpus(file, speaker_pattern=r"^(spk\d+)/")
    assert column(made, "speaker") == ["spk1", "spk2"]


def test_a_pattern_wins_over_the_column_which_is_kept(tmp_path: Path) -> None:
    file = manifest(tmp_path, "path,label,speaker\na.wav,A,x\nb.wav,B,x\n")
    made = corpus(file, speaker_pattern=r"^(.)\.")
    assert column(made, "speaker") == ["a", "b"]
    assert column(made, "speaker_in_corpus") == ["x", "x"]


def test_whole_numbers_that_came_as_floats(tmp_path: Path) -> None:
    sounds(tmp_path, ["a.wav", "b.wav"])
    rows = {
        "path": ["a.wav", "b.wav"],
        "label": [1.0, 2.0],
        "age": [6.0, np.nan],
        "f0": [99.5, 1.0],
    }
    pd.DataFrame(rows).to_parquet(tmp_path / "m.parquet")
    made = corpus(tmp_path / "m.parquet", labels={"1": "Normal"})
    assert column(made, "label") == ["Normal", "2"]
    assert column(made, "age")[0] == "6"
    assert column(made, "f0") == ["99.5", "1"]


def test_a_speaker_column_without_content_is_none(tmp_path: Path) -> None:
    made = corpus(manifest(tmp_path, "path,label,speaker\na.wav,A,\nb.wav,B, \n"))
    assert "speaker" not in made.manifest
    assert made.notes == ("column 'speaker' is empty: no speaker is known",)


def test_speakers_spelt_alike_are_told(tmp_path: Path) -> None:
    made = corpus(manifest(tmp_path, "path,label,speaker\na.wav,A,S 1\nb.wav,B,s1\nc.wav,B,s2\n"))
    assert made.notes == (
        "speakers taken for different people though only case or blanks differ: 'S 1' and 's1'",
    )
    assert made.manifest["speaker"].nunique() == 3


def test_a_synthetic_corpus_says_so(tmp_path: Path) -> None:
    file = manifest(tmp_path, TWO)
    (tmp_path / "SYNTHETIC.txt").write_text("made by a program\n")
    assert corpus(file).synthetic


def test_speechocean_counts_columns_and_speakers() -> None:
    """580 / 304 / 557 clips of 116 speakers, says the README beside the corpus."""
    made = corpus(shared_folder("corpora/speechocean"))
    assert made.manifest["label"].value_counts().to_dict() == {
        "Normal": 580, "Lateral": 304, "Interdental": 557,
    }  # fmt: skip
    assert made.manifest["speaker"].nunique() == 116
    assert {"sr", "age", "sex", "phone", "source_start", "source_end"} <= set(made.manifest)
    assert "start" not in made.manifest
    assert made.kind == "audiofolder"
    from_file = corpus(shared_folder("corpora/speechocean") / "metadata.csv")
    pd.testing.assert_frame_equal(from_file.manifest, made.manifest)
    pd.testing.assert_frame_equal(check_manifest(made.manifest), made.manifest)


def test_voxangeles_with_other_left_out() -> None:
    made = corpus(shared_folder("corpora/voxangeles"), leave_out=("Other",))
    assert made.manifest["label"].value_counts().to_dict() == {
        "Normal": 119, "Lateral": 56, "Interdental": 10,
    }  # fmt: skip
    assert made.left_out == {"Other": 105}
    assert made.manifest["speaker"].nunique() <= 22
    by_phone = corpus(
        shared_folder("corpora/voxangeles"),
        columns={"label": "phone"}, labels={"s": "S", "z": "Z"}, leave_out=(),
    )  # fmt: skip
    assert {"S", "Z"} < set(by_phone.manifest["label"])
    assert by_phone.manifest["phone"].notna().all()
