"""Hugging Face audiofolders and class-named folders, with and without splits."""

import json
from pathlib import Path

import pandas as pd
import pytest

from acoustic_sib.corpus.files import files_below
from acoustic_sib.errors import CorpusError
from tests.corpus.made import column, corpus, sounds

FILES = [{"file_name": "a.wav", "label": "A", "speaker": "1"},
         {"file_name": "sub/b.wav", "label": "B", "speaker": "2"}]  # fmt: skip


def _metadata(folder: Path, suffix: str, rows: list[dict[str, str]] = FILES) -> None:
    sounds(folder, [row["file_name"] for row in rows])
    file = folder / f"metadata{suffix}"
    if suffix == ".csv":
        pd.DataFrame(rows).to_csv(file, index=False)
    elif suffix == ".jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pd.DataFrame(rows).to_parquet(file)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_metadata_at_the_root(tmp_path: Path, suffix: str) -> None:
    _metadata(tmp_path, suffix)
    made = corpus(tmp_path)
    assert made.kind == "audiofolder"
    assert column(made, "clip_id") == ["a.wav", "sub/b.wav"]
    assert column(made, "speaker") == ["1", "2"]
    assert column(made, "path")[1] == (tmp_path / "sub/b.wav").as_posix()
    assert "split" not in made.manifest


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_metadata_in_the_splits(tmp_path: Path, suffix: str) -> None:
    _metadata(tmp_path / "train", suffix)
    _metadata(tmp_path / "test", suffix)
    made = corpus(tmp_path)
    assert column(made, "clip_id") == [
        "test/a.wav", "test/sub/b.wav", "train/a.wav", "train/sub/b.wav",
    ]  # fmt: skip
    assert column(made, "split") == ["test", "test", "train", "train"]
    assert column(made, "fold") == [0, 0, -1, -1]
    assert all(Path(str(path)).is_file() for path in column(made, "path"))


def test_metadata_below_data(tmp_path: Path) -> None:
    _metadata(tmp_path / "data/train", ".csv")
    _metadata(tmp_path / "data/test", ".csv")
    made = corpus(tmp_path)
    assert column(made, "clip_id")[0] == "data/test/a.wav"
    assert column(made, "split") == ["test", "test", "train", "train"]


def test_splits_may_differ_in_their_extra_columns(tmp_path: Path) -> None:
    _metadata(tmp_path / "train", ".csv", [row | {"age": "6"} for row in FILES])
    _metadata(tmp_path / "validation", ".csv")
    made = corpus(tmp_path)
    assert [None if pd.isna(age) else age for age in made.manifest["age"]] == ["6", "6", None, None]
    assert column(made, "fold") == [-1, -1, 0, 0]


def test_root_metadata_whose_paths_lie_in_splits(tmp_path: Path) -> None:
    rows = [{"file_name": f"{split}/{name}.wav", "label": name}
            for split in ("train", "test") for name in "AB"]  # fmt: skip
    _metadata(tmp_path, ".csv", rows)
    made = corpus(tmp_path)
    assert column(made, "split") == ["train", "train", "test", "test"]
    assert column(made, "fold") == [-1, -1, 0, 0]


def test_two_metadata_files_are_one_too_many(tmp_path: Path) -> None:
    _metadata(tmp_path, ".csv")
    _metadata(tmp_path, ".jsonl")
    with pytest.raises(
        CorpusError, match=r"both metadata\.csv and metadata\.jsonl; expected one of"
    ):
        corpus(tmp_path)


def test_a_line_in_a_split_is_named_with_its_split(tmp_path: Path) -> None:
    _metadata(tmp_path / "train", ".csv")
    _metadata(tmp_path / "test", ".csv", [FILES[0], FILES[1] | {"speaker": ""}])
    with pytest.raises(CorpusError, match=r"^test/metadata\.csv line 3: 'speaker' is empty"):
        corpus(tmp_path)


def test_class_folders(tmp_path: Path) -> None:
    sounds(tmp_path, ["Normal/b.wav", "Normal/a.WAV", "Lateral/a.wav", "Inter dental/x.y.wav"])
    made = corpus(tmp_path)
    assert made.kind == "class folders"
    assert dict(zip(column(made, "clip_id"), column(made, "label"), strict=True)) == {
        "Inter dental/x.y.wav": "Inter dental", "Lateral/a.wav": "Lateral",
        "Normal/a.WAV": "Normal", "Normal/b.wav": "Normal",
    }  # fmt: skip
    assert "speaker" not in made.manifest


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    kept = ["A/a.wav", "B/b.wav"]
    sounds(tmp_path, [*kept, "A/._a.wav", ".cache/c.wav", "__MACOSX/A/a.wav", "B/.hidden/d.wav"])
    assert column(corpus(tmp_path), "clip_id") == kept
    assert [path.name for path in files_below(tmp_path, (".wav",))] == ["a.wav", "b.wav"]


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    sounds(tmp_path, ["real/a.wav", "corpus/B/b.wav"])
    (tmp_path / "corpus/A").symlink_to(tmp_path / "real")
    (tmp_path / "real/round").symlink_to(tmp_path / "corpus")
    assert column(corpus(tmp_path / "corpus"), "clip_id") == ["A/a.wav", "B/b.wav"]


def test_class_folders_in_splits(tmp_path: Path) -> None:
    sounds(tmp_path, [f"{split}/{label}/a.wav" for split in ("Train", "test") for label in "AB"])
    made = corpus(tmp_path)
    assert column(made, "label") == ["A", "B", "A", "B"]
    assert column(made, "split") == ["train", "train", "test", "test"]
    assert column(made, "fold") == [-1, -1, 0, 0]
    assert column(made, "clip_id")[0] == "Train/A/a.wav"


def test_deeper_folders_ask_which_is_the_label(tmp_path: Path) -> None:
    sounds(tmp_path, [f"{label}/{who}/{n}.wav" for label in "AB" for who in ("p", "q", "r")
                      for n in (1, 2)])  # fmt: skip
    with pytest.raises(
        CorpusError,
        match=r"lie 2 folders deep \(folder_1: 2 names, 'A' \(6\), 'B' \(6\); folder_2: 3 names, "
        r"'p' \(4\), .*\); expected to be told which level is the label: columns: \{label",
    ):
        corpus(tmp_path)
    made = corpus(tmp_path, columns={"label": "folder_1", "speaker": "folder_2"})
    assert made.manifest.groupby(["label", "speaker"]).size().tolist() == [2] * 6
    named = corpus(tmp_path, columns={"label": "folder_1"}, speaker_pattern="/([pqr])/")
    assert column(named, "speaker") == column(made, "speaker")
    assert column(named, "folder_2") == column(made, "speaker")


def test_sounds_that_no_class_holds_are_told(tmp_path: Path) -> None:
    sounds(tmp_path, ["A/a.wav", "B/b.wav", "loose.wav", "C/c.m4a", "C/d.m4a"])
    made = corpus(tmp_path)
    assert len(made.manifest) == 2
    assert made.notes == (
        "not read: 2 .m4a files; expected WAV, FLAC, OGG, MP3 or AIFF: convert them",
        "not read: 1 sound files outside the class folders, such as loose.wav",
    )


def test_uneven_depths_are_refused(tmp_path: Path) -> None:
    sounds(tmp_path, ["A/a.wav", "B/deep/b.wav"])
    with pytest.raises(
        CorpusError, match=r"'A/a\.wav' and 'B/deep/b\.wav' lie at different depths"
    ):
        corpus(tmp_path)


def test_splits_without_class_folders_are_refused(tmp_path: Path) -> None:
    sounds(tmp_path, ["train/a.wav", "test/b.wav"])
    with pytest.raises(
        CorpusError, match=r"directly in the splits, without labels; expected a fold"
    ):
        corpus(tmp_path)


def test_one_class_folder_is_one_class(tmp_path: Path) -> None:
    sounds(tmp_path, ["A/a.wav", "A/b.wav"])
    with pytest.raises(CorpusError, match=r"one class only, 'A' \(2\)"):
        corpus(tmp_path)
