"""Hugging Face Parquet and Arrow with sounds inside, in the layouts that `datasets` writes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from acoustic_sib.audio import read_sound, sound_bytes
from acoustic_sib.errors import CorpusError
from tests.conftest import white_noise
from tests.corpus.made import SOUND, column, corpus, encoded, sounds

AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def _table(
    labels: list[Any], names: list[str] | None = None, embedded: bool = True, **more: list[Any]
) -> pa.Table:
    """Rows with a sound each; `names` are the class names in the schema's metadata."""
    cells = [
        {"bytes": encoded(row) if embedded else None, "path": f"{row}.wav"}
        for row in range(len(labels))
    ]
    table = pa.table({"audio": pa.array(cells, AUDIO), "label": labels, **more})
    features: dict[str, Any] = {"audio": {"sampling_rate": 8000, "_type": "Audio"}}
    if names:
        features["label"] = {"names": names, "_type": "ClassLabel"}
    entry = json.dumps({"info": {"features": features}})
    return table.replace_schema_metadata({"huggingface": entry})


def _parquet(file: Path, table: pa.Table) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file, row_group_size=2)
    return file


def _arrow(file: Path, table: pa.Table, stream: bool = True) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(file, table.schema) as sink:
        sink.write_table(table, max_chunksize=2)
    return file


def test_class_numbers_become_their_names_and_sounds_are_found(tmp_path: Path) -> None:
    table = _table([2, 0, 1, 0, 2], ["I", "L", "N"], speaker_id=["007", "1", "1", "2", "2"],
                   age=[6, None, 7, 8, 9])  # fmt: skip
    made = corpus(_parquet(tmp_path / "clips.parquet", table))
    assert (made.kind, made.notes) == ("parquet", ())
    assert column(made, "label") == ["N", "I", "L", "I", "N"]
    assert column(made, "speaker") == ["007", "1", "1", "2", "2"]
    assert column(made, "clip_id") == [f"{row}.wav" for row in range(5)]
    assert column(made, "path")[3] == f"{(tmp_path / 'clips.parquet').as_posix()}#audio:3"
    assert column(made, "age")[0] == "6"
    for row, path in enumerate(column(made, "path")):
        assert sound_bytes(str(path)) == encoded(row)
    noise = white_noise(0.03, 8000, 4)
    np.testing.assert_allclose(read_sound(str(column(made, "path")[4])).samples, noise, atol=2**-15)


def test_shards_of_two_splits(tmp_path: Path) -> None:
    for number in range(2):
        _parquet(tmp_path / f"data/train-{number:05d}-of-00002.parquet", _table([0, 1], ["A", "B"]))
    _parquet(tmp_path / "data/test-00000-of-00001.parquet", _table([1, 0, 1], ["A", "B"]))
    made = corpus(tmp_path)
    assert column(made, "label") == ["B", "A", "B", "A", "B", "A", "B"]
    assert column(made, "split") == ["test"] * 3 + ["train"] * 4
    assert column(made, "fold") == [0] * 3 + [-1] * 4
    # The sounds' own names repeat from shard to shard.
    assert column(made, "clip_id")[:4] == [
        "data/test-00000-of-00001.parquet:1", "data/test-00000-of-00001.parquet:2",
        "data/test-00000-of-00001.parquet:3", "data/train-00000-of-00002.parquet:1",
    ]  # fmt: skip
    assert sound_bytes(str(column(made, "path")[4])) == encoded(1)


def test_one_shard_alone_says_that_there_are_more(tmp_path: Path) -> None:
    file = _parquet(tmp_path / "train-00000-of-00002.parquet", _table(["A", "B"]))
    assert corpus(file).notes == (
        "train-00000-of-00002.parquet is one of 2 shards; name the folder to read all",
    )
    with pytest.raises(CorpusError, match=r"1 of 2 shards of 'train'; expected all: was the downl"):
        corpus(tmp_path)


@pytest.mark.parametrize("stream", [True, False])
def test_arrow_files_as_saved_to_disk(tmp_path: Path, stream: bool) -> None:
    """The folder of `DatasetDict.save_to_disk`, with a leftover of `map` beside the data."""
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    for split in ("train", "test"):
        folder = tmp_path / split
        _arrow(folder / "data-00000-of-00001.arrow", _table([0, 1, 1], ["A", "B"]), stream)
        _arrow(folder / "cache-0123456789abcdef.arrow", _table([0], ["A", "B"]), stream)
        (folder / "state.json").write_text("{}")
    made = corpus(tmp_path)
    assert made.kind == "arrow"
    assert column(made, "label") == ["A", "B", "B"] * 2
    assert column(made, "fold") == [0, 0, 0, -1, -1, -1]
    assert sound_bytes(str(column(made, "path")[5])) == encoded(2)


@pytest.mark.parametrize("write", [_parquet, _arrow])
def test_sounds_that_are_only_named_lie_beside_the_file(tmp_path: Path, write: Any) -> None:
    sounds(tmp_path, ["0.wav", "1.wav"])
    inside, outside = _table(["A", "B"]), _table(["A", "B"], embedded=False)
    ending = {_parquet: "parquet", _arrow: "arrow"}[write]
    made = corpus(write(tmp_path / f"all.{ending}", outside))
    assert column(made, "path") == [(tmp_path / name).as_posix() for name in ("0.wav", "1.wav")]
    assert sound_bytes(str(column(made, "path")[0])) == SOUND
    both = corpus(write(tmp_path / f"both.{ending}", pa.concat_tables([outside, inside])),
                  columns={})  # fmt: skip
    assert ["#audio:" in str(path) for path in column(both, "path")] == [False, False, True, True]


def test_bytes_without_a_struct_and_paths_from_another_machine(tmp_path: Path) -> None:
    table = pa.table({"audio": pa.array([encoded(0), encoded(1)], pa.binary()), "class": ["A", "B"],
                      "path": ["x", "y"]})  # fmt: skip
    made = corpus(_parquet(tmp_path / "b.parquet", table))
    assert column(made, "clip_id") == ["b.parquet:1", "b.parquet:2"]
    assert column(made, "path_in_corpus") == ["x", "y"]
    assert sound_bytes(str(column(made, "path")[1])) == encoded(1)
    cells = [{"bytes": SOUND, "path": f"/home/somebody/{name}.wav"} for name in "ab"]
    table = pa.table({"audio": pa.array(cells, AUDIO), "label": ["A", "B"]})
    assert column(corpus(_parquet(tmp_path / "c.parquet", table)), "clip_id") == ["a.wav", "b.wav"]


def test_an_id_column_and_a_sound_column_of_another_name(tmp_path: Path) -> None:
    table = _table(["A", "B"], id=["one", "two"]).rename_columns(["speech", "label", "id"])
    file = _parquet(tmp_path / "a.parquet", table)
    for chosen in ({}, {"path": "speech"}):
        made = corpus(file, columns=chosen)
        assert column(made, "clip_id") == ["one", "two"]
        assert str(column(made, "path")[1]).endswith("a.parquet#speech:1")
        assert sound_bytes(str(column(made, "path")[1])) == encoded(1)


def test_unlabelled_rows_of_a_test_set_can_be_left_out(tmp_path: Path) -> None:
    file = _parquet(tmp_path / "a.parquet", _table([0, 1, -1, None], ["A", "B"]))
    with pytest.raises(CorpusError, match=r"a\.parquet row 3: 'label' is empty \(2 of 4 rows\)"):
        corpus(file)
    made = corpus(file, leave_out=("",))
    assert (column(made, "label"), made.left_out) == (["A", "B"], {"": 2})
    assert column(made, "clip_id") == ["0.wav", "1.wav"]


def test_columns_of_lists_are_told_and_not_read(tmp_path: Path) -> None:
    table = _table(["A", "B"], embedding=[[0.1, 0.2], [0.3, 0.4]])
    made = corpus(_parquet(tmp_path / "a.parquet", table))
    assert "embedding" not in made.manifest
    assert made.notes == ("columns that hold no single value are not read: embedding",)


def test_two_columns_of_sounds_ask_which(tmp_path: Path) -> None:
    table = _table(["A", "B"])
    table = table.append_column("clean", table.column("audio"))
    file = _parquet(tmp_path / "a.parquet", table)
    with pytest.raises(
        CorpusError, match=r"2 columns hold sounds: audio, clean; .*\{path: audio\}"
    ):
        corpus(file)
    assert str(column(corpus(file, columns={"path": "clean"}), "path")[0]).endswith("#clean:0")


def test_a_class_number_without_a_name(tmp_path: Path) -> None:
    file = _parquet(tmp_path / "a.parquet", _table([0, 2], ["A", "B"]))
    with pytest.raises(
        CorpusError, match=r"a\.parquet: 'label' is 2, but the schema names only 2 "
    ):
        corpus(file)


def test_numbers_without_names_are_classes_too(tmp_path: Path) -> None:
    file = _parquet(tmp_path / "a.parquet", _table([0, 1]))
    assert column(corpus(file), "label") == ["0", "1"]
    odd = _table([0, 1]).replace_schema_metadata({"huggingface": "no JSON"})
    assert column(corpus(_parquet(tmp_path / "b.parquet", odd)), "label") == ["0", "1"]


def test_both_kinds_of_container_are_one_too_many(tmp_path: Path) -> None:
    _parquet(tmp_path / "a.parquet", _table(["A", "B"]))
    _arrow(tmp_path / "a.arrow", _table(["A", "B"]))
    with pytest.raises(CorpusError, match=r"both Parquet and Arrow files hold sounds"):
        corpus(tmp_path)


def test_an_arrow_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.arrow").write_bytes(b"nothing of the kind")
    with pytest.raises(CorpusError, match=r"a\.arrow: a file ending in '\.arrow'; expected one of"):
        corpus(tmp_path / "a.arrow")
