"""The four tables at their door, and writing that leaves nothing half-done."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acoustic_sib.errors import ConfigError, CorpusError
from acoustic_sib.tables import (
    check_features,
    check_folds,
    check_manifest,
    check_predictions,
    plain,
    probability_columns,
    table_hash,
    write_csv,
    write_json,
    write_parquet,
    write_text,
    written_beside,
)

MANIFEST = pd.DataFrame({"clip_id": ["a", "b"], "path": ["a.wav", "b.wav"], "label": ["N", "L"]})
FOLDS = pd.DataFrame(
    {"clip_id": ["a", "b", "a", "b"], "repeat": [0, 0, 1, 1], "fold": [0, 1, 1, -1]}
)
PREDICTIONS = pd.DataFrame({
    "clip_id": ["a", "b"], "repeat": [0, 0], "fold": [0, 1], "predicted": ["N", "N"],
    "prob_L": [0.25, 0.0], "prob_N": [0.75, 1.0],
})  # fmt: skip
CLASSES = ["L", "N"]


def test_a_manifest_is_text_in_its_key_columns_and_a_copy() -> None:
    numbers = MANIFEST.assign(clip_id=[1, 2], label=[0, 1], speaker=[7, 8], age=[6, 7])
    checked = check_manifest(numbers.set_index(pd.Index([5, 9])))
    assert checked["clip_id"].tolist() == ["1", "2"]
    assert checked["label"].tolist() == ["0", "1"]
    assert checked["speaker"].tolist() == ["7", "8"]
    assert checked["age"].tolist() == [6, 7]
    assert checked.index.tolist() == [0, 1]
    assert numbers["clip_id"].tolist() == [1, 2]
    pd.testing.assert_frame_equal(check_manifest(checked), checked)


REFUSED_MANIFESTS = [
    (MANIFEST.drop(columns="label"), r"m\.csv: no column 'label'; found clip_id, path"),
    (MANIFEST.iloc[:0], r"m\.csv: no clips; expected one row a clip"),
    (MANIFEST.assign(label=["N", None]), r"m\.csv row 2: 'label' is empty; .*\(1 of 2 are empty\)"),
    (MANIFEST.assign(path=["a", " "]), r"m\.csv row 2: 'path' is empty"),
    (MANIFEST.assign(speaker=[np.nan, "x"]), r"m\.csv row 1: 'speaker' is empty"),
    (MANIFEST.assign(clip_id="a"), r"clip id 'a' stands in more than one row \(1 repeated ids\)"),
]


@pytest.mark.parametrize(("table", "sentence"), REFUSED_MANIFESTS)
def test_manifests_that_cannot_be_used(table: pd.DataFrame, sentence: str) -> None:
    with pytest.raises(CorpusError, match=sentence):
        check_manifest(table, place="m.csv")


def test_a_fold_plan_covers_each_clip_once_a_repeat() -> None:
    assert len(check_folds(FOLDS, MANIFEST)) == 4
    with pytest.raises(CorpusError, match=r"folds: no column 'repeat'; found clip_id, fold"):
        check_folds(FOLDS.drop(columns="repeat"), MANIFEST)
    with pytest.raises(CorpusError, match=r"1 clips are not in the manifest, such as 'z'; was the"):
        check_folds(FOLDS.replace({"clip_id": {"b": "z"}}), MANIFEST)
    with pytest.raises(
        CorpusError, match=r"folds, repeat 1: 1 rows for 2 clips; expected each clip"
    ):
        check_folds(FOLDS.iloc[:3], MANIFEST)
    with pytest.raises(
        CorpusError, match=r"folds, repeat 0: 2 rows for 2 clips; expected each clip"
    ):
        check_folds(FOLDS.assign(clip_id=["a", "a", "a", "b"]), MANIFEST)


def test_features_are_floats_never_infinite() -> None:
    table = pd.DataFrame({"clip_id": ["a", "b"], "x.y": [1, 2], "x.z": [np.nan, 0.5]})
    checked = check_features(table)
    assert checked.index.tolist() == ["a", "b"]
    assert [dtype.kind for dtype in checked.dtypes] == ["f", "f"]
    with pytest.raises(
        CorpusError, match=r"column 'x\.z' holds infinite values; expected NaN where"
    ):
        check_features(table.assign(**{"x.z": [np.inf, 0]}))
    with pytest.raises(CorpusError, match=r"features: a clip id stands in more than one row"):
        check_features(table.assign(clip_id="a"))


REFUSED_PREDICTIONS = [
    (PREDICTIONS.drop(columns="predicted"), r"predictions: no column 'predicted'"),
    (PREDICTIONS.assign(clip_id="a"), r"a clip is predicted twice in one repeat"),
    (PREDICTIONS.assign(predicted="X"), r"class 'X' is not one of L, N"),
    (PREDICTIONS.drop(columns="prob_L"), r"predictions: no column 'prob_L'"),
    (PREDICTIONS.assign(prob_L=[2.25, 0.0]), r"sum to 3\.000; expected 1: are they logits\?"),
    (PREDICTIONS.assign(prob_L=[np.nan, 0.0]), r"sum to nan; expected 1"),
]


@pytest.mark.parametrize(("table", "sentence"), REFUSED_PREDICTIONS)
def test_predictions_that_cannot_be_used(table: pd.DataFrame, sentence: str) -> None:
    with pytest.raises(CorpusError, match=sentence):
        check_predictions(table, CLASSES)


def test_predictions_with_and_without_probabilities() -> None:
    pd.testing.assert_frame_equal(check_predictions(PREDICTIONS, CLASSES), PREDICTIONS)
    bare = PREDICTIONS.drop(columns=probability_columns(CLASSES))
    pd.testing.assert_frame_equal(check_predictions(bare, CLASSES), bare)
    near = PREDICTIONS.assign(prob_L=[0.2501, 0.0])
    pd.testing.assert_frame_equal(check_predictions(near, CLASSES), near)


WRITERS: list[tuple[str, Callable[[Path], None], Callable[[Path], Any]]] = [
    ("a.txt", lambda path: write_text(path, "é\n"), lambda path: path.read_bytes().decode()),
    ("a.csv", lambda path: write_csv(MANIFEST, path), lambda path: path.read_bytes().decode()),
    ("a.parquet", lambda path: write_parquet(MANIFEST, path),
     lambda path: pd.read_parquet(path).to_dict("list")),
    ("a.json", lambda path: write_json({"p": np.float64(0.1)}, path),
     lambda path: json.loads(path.read_text())),
]  # fmt: skip
CONTENT = {
    "a.txt": "é\n",
    "a.csv": "clip_id,path,label\na,a.wav,N\nb,b.wav,L\n",
    "a.parquet": MANIFEST.to_dict("list"),
    "a.json": {"p": 0.1},
}


@pytest.mark.parametrize(("name", "write", "read"), WRITERS)
def test_files_are_written_whole_and_readable_by_others(
    tmp_path: Path, name: str, write: Callable[[Path], None], read: Callable[[Path], Any]
) -> None:
    path = tmp_path / "new" / name
    write(path)
    assert read(path) == CONTENT[name]
    assert [file.name for file in path.parent.iterdir()] == [name]
    plainly = tmp_path / "plain"
    plainly.write_text("")
    assert path.stat().st_mode == plainly.stat().st_mode


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError), written_beside(path) as beside:
        beside.write_text(f"half {1 / 0}")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "file" / "a.txt", tmp_path / "folder"):
        with pytest.raises(ConfigError, match=f"{place}: cannot be written"):
            write_text(place, "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_plain_json(tmp_path: Path) -> None:
    value = {
        1: np.int64(2), "nan": float("nan"), "inf": np.inf, "flag": np.bool_(True), "none": None,
        "array": np.array([[1.5, np.nan]]), "tuple": (np.float32(0.5), "x"), "path": Path("a/b"),
    }  # fmt: skip
    expected = {"1": 2, "nan": None, "inf": None, "flag": True, "none": None,
                "array": [[1.5, None]], "tuple": [0.5, "x"], "path": "a/b"}  # fmt: skip
    assert plain(value) == expected
    assert plain(value)["flag"] is True
    write_json(value, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text()) == expected


def test_the_hash_ignores_order_and_sees_content() -> None:
    shuffled = MANIFEST.iloc[::-1][["label", "clip_id", "path"]]
    assert table_hash(shuffled) == table_hash(MANIFEST)
    assert len(table_hash(MANIFEST)) == 16
    assert table_hash(MANIFEST.assign(label=["N", "N"])) != table_hash(MANIFEST)
    assert table_hash(MANIFEST.rename(columns={"path": "file"})) != table_hash(MANIFEST)


@given(st.permutations(range(6)))
def test_the_hash_of_any_order_of_rows(order: list[int]) -> None:
    table = pd.DataFrame({"a": [0, 0, 1, 1, 2, 2], "b": [0.1, np.nan, 0.3, 0.2, 0.1, 0.1]})
    assert table_hash(table.iloc[order]) == table_hash(table)
