"""Dumps that must not come in: pickles, bombs, archives that lead out, damaged files."""

import io
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from acoustic_sib.cli import run
from acoustic_sib.errors import ConfigError, RunError, StatesError
from acoustic_sib.ssl.clip_ids import read_ids
from acoustic_sib.ssl.state_dumps import MAX_DECLARED_BYTES
from acoustic_sib.ssl.state_readers import open_dump, state_readers
from acoustic_sib.ssl.state_tables import dimension_columns
from acoustic_sib.ssl.states import read_states
from tests.ssl.dumps import (
    as_canonical,
    as_npz,
    clip_of,
    imported,
    made,
    same,
)


def test_python_objects_are_refused_by_name_and_never_run(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.write_text, (tmp_path / "ran", "x"))

    np.save(tmp_path / "x.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    (tmp_path / "ids.txt").write_text("a")
    with pytest.raises(RunError, match="Python objects, which is a pickle"):
        imported(tmp_path / "x.npy", tmp_path / "out", tmp_path / "ids.txt")
    np.savez(tmp_path / "x.npz", a=np.array([Bomb()], dtype=object))
    with pytest.raises(RunError, match="Python objects, which is a pickle"):
        imported(tmp_path / "x.npz", tmp_path / "out")
    for name in ("training_args.bin", "x.pkl", "x.joblib"):
        (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
        with pytest.raises(StatesError, match=f"{name}: a Python pickle by its name"):
            imported(tmp_path / name, tmp_path / "out")
    (tmp_path / "old.pt").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(StatesError, match=r"old\.pt: a bare pickle"):
        imported(tmp_path / "old.pt", tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "new.pt", "w") as archive:
        archive.writestr("new/data.pkl", pickle.dumps({"a": Bomb()}, protocol=2))
    with pytest.raises(StatesError, match=r"calls \S+, which is not followed"):
        imported(tmp_path / "new.pt", tmp_path / "out")
    assert not (tmp_path / "ran").exists()


def torch_file(path: Path, program: bytes, **storages: NDArray[Any]) -> Path:
    """A zip as torch.save lays it out."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data.pkl", program)
        archive.writestr("x/byteorder", "little")
        for key, array in storages.items():
            archive.writestr(f"x/data/{key.removeprefix('k')}", array.tobytes())
    return path


def tensor_program(shape: tuple[int, ...], strides: tuple[int, ...]) -> bytes:
    """{'a': tensor} over storage 0 of halves, in the opcodes that torch writes."""

    def numbers(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"

    return (
        b"\x80\x02}(X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00"
        b"storagectorch\nHalfStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQK\x00"
        + numbers(shape)
        + numbers(strides)
        + b"\x89ccollections\nOrderedDict\n)RtRu."
    )


def test_a_torch_tensor_is_read_by_its_strides(tmp_path: Path) -> None:
    values = np.arange(6, dtype="<f2")
    plain = torch_file(tmp_path / "x.pt", tensor_program((1, 2, 3), (6, 3, 1)), k0=values)
    assert clip_of(imported(plain, tmp_path / "out"), "a").ravel().tolist() == [0, 1, 2, 3, 4, 5]
    turned = torch_file(tmp_path / "x.pt", tensor_program((1, 3, 2), (6, 1, 3)), k0=values)
    assert clip_of(imported(turned, tmp_path / "out"), "a").ravel().tolist() == [0, 3, 1, 4, 2, 5]


def test_a_torch_tensor_that_reaches_beyond_its_numbers_is_refused(tmp_path: Path) -> None:
    values = np.arange(6, dtype="<f2")
    for shape, strides in (((1, 2, 4), (6, 3, 1)), ((1, 1000, 3), (0, 0, 1)), ((7,), (1,))):
        path = torch_file(tmp_path / "x.pt", tensor_program(shape, strides), k0=values)
        with pytest.raises(StatesError, match="'a' is said to hold"):
            imported(path, tmp_path / "out")


def npy_header(shape: tuple[int, ...]) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<f2", "fortran_order": False, "shape": shape}
    )
    return stream.getvalue()


def test_an_array_that_declares_more_than_there_is_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", npy_header((10**9, 10**9)) + b"\0" * 64)
    with pytest.raises(RunError, match=r"'a\.npy': says that it holds"):
        imported(tmp_path / "x.npz", tmp_path / "out")


def test_a_zip_that_unpacks_to_too_much_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_DECLARED_BYTES >= 2**32
    monkeypatch.setattr("acoustic_sib.ssl.state_dumps.MAX_DECLARED_BYTES", 10**6)
    np.savez_compressed(tmp_path / "x.npz", a=np.zeros((2, 500, 768), np.float32))
    assert (tmp_path / "x.npz").stat().st_size < 10_000
    with pytest.raises(StatesError, match=r"says that it unpacks to .* GiB"):
        imported(tmp_path / "x.npz", tmp_path / "out")


@pytest.mark.parametrize("name", ["../a.npy", "/a.npy", "C:\\a.npy", "b/../../a.npy"])
def test_members_that_point_out_of_the_archive_are_refused(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr(name, npy_header((1,)) + b"\0\0")
    with pytest.raises(RunError, match="points outside of the archive"):
        imported(tmp_path / "x.npz", tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.npz", b"no zip", "not readable as a zip archive"),
        ("x.npy", b"\x93NUMPY", "no array in numpy's format"),
        ("x.safetensors", b"\xff" * 20, "says that its header takes"),
        ("x.safetensors", b"\x02" + b"\0" * 7 + b"[]", "no JSON object"),
        ("x.parquet", b"PAR1", "not readable as parquet"),
        ("x.csv", b"\x00\xff\xfe\x81" * 9, "not readable as a table of text|no column of ids"),
        ("x.csv", b"clip_id,dim_0,dim_1\na,1,=1+1\n", "line 2: 'dim_1' is '=1.1', a formula"),
        ("x.csv", b"clip_id,dim_0,dim_1\na,1,2\na,1,2\n", "clip 'a' stands twice"),
        ("x.csv", b"dim_0,dim_1\n1,2\n", "no column of ids"),
        ("x.wav", b"RIFF", r"a file ending in '\.wav'; expected one of"),
    ],
)  # fmt: skip
def test_files_of_another_kind_are_refused_in_one_sentence(
    name: str, content: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "ids.txt").write_text("a\n")
    arguments = ["ssl", "states", str(tmp_path / name), "--ids", str(tmp_path / "ids.txt"), "-o",
                 str(tmp_path / "out")]  # fmt: skip
    assert run(arguments) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("acoustic-sib: ")
    with pytest.raises(RunError, match=says):
        imported(tmp_path / name, tmp_path / "out", tmp_path / "ids.txt")


def test_lists_of_ids_are_checked(tmp_path: Path) -> None:
    for name, text, says in (
        ("a.json", '{"a": 1}', "expected a JSON list"),
        ("a.txt", "a\nb\na\n", "'a' stands twice"),
        ("a.csv", "speaker\nx\n", "no column 'clip_id'"),
        ("a.csv", "clip_id,n_samples\n,5\n", "id 1 is empty"),
        ("a.csv", "clip_id,n_samples\nx,many\n", "clip 'x': n_samples is 'many'"),
        ("a.txt", "", "no ids"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(StatesError, match=says):
            read_ids(tmp_path / name)


def test_lists_of_ids_are_read_under_the_names_that_tables_have(tmp_path: Path) -> None:
    wanted = ("a/x 1.wav", "0002")
    for name, text in (
        ("metadata.csv", 'file_name,label\n"a/x 1.wav",Normal\n0002,Lateral\n'),
        ("excel.csv", "path;label\na/x 1.wav;Normal\n0002;Lateral\n"),
        ("metadata.jsonl", '{"file_name": "a/x 1.wav"}\n{"file_name": "0002"}\n'),
        ("ids.tsv", "label\tclip_id\nNormal\ta/x 1.wav\nLateral\t0002\n"),
        ("ids.txt", "\ufeffa/x 1.wav\n\n0002\n"),
        ("table.txt", "clip_id,n_samples\na/x 1.wav,2560\n0002,\n"),
        ("ids.json", '["a/x 1.wav", "0002"]'),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read_ids(tmp_path / name).ids == wanted, name
    assert read_ids(tmp_path / "table.txt").facts == {"a/x 1.wav": {"n_samples": 2560}}
    with pytest.raises(RunError, match=r"absent\.csv: cannot be read"):
        read_ids(tmp_path / "absent.csv")


def test_ids_that_steer_a_terminal_are_refused(tmp_path: Path) -> None:
    found = {"a\x1b[2J": np.ones((1, 2, 4), np.float32)}
    with pytest.raises(StatesError, match=r"clip 1, 'a\?\[2J', has control characters"):
        imported(as_npz(tmp_path, found), tmp_path / "out")


def test_columns_of_a_vector_are_told_from_other_numbered_ones() -> None:
    assert dimension_columns(["clip_id", "dim_10", "dim_9", "fold_1"]) == ["dim_9", "dim_10"]
    assert dimension_columns(["file", "0", "1", "2"]) == ["0", "1", "2"]


def test_an_unknown_format_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'safetensors'"):
        open_dump(as_npz(tmp_path, made()), kind="safetensor")
    assert len({reader.kind for reader in state_readers()}) == len(state_readers())


def test_a_folder_with_other_things_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("x")
    with pytest.raises(StatesError, match="a folder with other things in it"):
        imported(as_npz(tmp_path, made()), tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").exists()


def test_a_damaged_states_folder_is_refused(tmp_path: Path) -> None:
    folder = as_canonical(tmp_path, made())
    clips = (folder / "clips.csv").read_text()
    for name, content, says in (
        ("clips.csv", clips.replace("b,,5,", "b,,5,6"), "'b' has 6 valid of 5 frames"),
        ("clips.csv", clips.replace("b,,5,", "b,,4,"), "'b' has 4 frames in clips.csv"),
        ("clips.csv", clips.replace("b,,5,", "a,,5,"), "'a' stands twice"),
        ("clips.csv", clips[: clips.index("b,")], "3 offsets for 1 clips"),
        ("meta.json", "{}", "its schema is None"),
        ("meta.json", "[", "not readable as JSON"),
    ):
        good = (folder / name).read_text()
        (folder / name).write_text(content)
        with pytest.raises(StatesError, match=says):
            read_states(folder)
        (folder / name).write_text(good)
    assert same(read_states(folder), made())
    (folder / "offsets.npy").unlink()
    with pytest.raises(StatesError, match=r"no offsets\.npy"):
        read_states(folder)
