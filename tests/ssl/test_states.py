"""Dumps of hidden states: what comes in is what was saved, and what must not come in does not."""

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from acoustic_sib.cli import run
from acoustic_sib.errors import ConfigError, RunError, StatesError
from acoustic_sib.ssl.clip_ids import read_ids
from acoustic_sib.ssl.import_states import write_states
from acoustic_sib.ssl.state_dumps import MAX_DECLARED_BYTES, Dump
from acoustic_sib.ssl.state_readers import open_dump, state_readers
from acoustic_sib.ssl.state_tables import dimension_columns
from acoustic_sib.ssl.states import States, read_states
from tests.conftest import shared_folder

SHAPES = {"a": (2, 3, 4), "b": (2, 5, 4)}


def made() -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    return {name: rng.standard_normal(shape).astype(np.float16).astype(np.float32)
            for name, shape in SHAPES.items()}  # fmt: skip


def imported(source: Path, out: Path, ids: Path | None = None, **options: Any) -> States:
    listed = None if ids is None else read_ids(ids)
    return write_states(open_dump(source, listed), out, **options)


def clip_of(states: States, clip_id: str) -> NDArray[Any]:
    number = states.clip_ids.index(clip_id)
    begin, end = states.offsets[number], states.offsets[number + 1]
    return np.stack([states.layer(k)[begin:end] for k in range(states.n_layers)])


def same(states: States, found: dict[str, NDArray[np.float32]]) -> bool:
    return sorted(states.clip_ids) == sorted(found) and all(
        np.array_equal(clip_of(states, name), array) for name, array in found.items()
    )


def as_npz(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    np.savez(folder / "x.npz", **found)  # type: ignore[arg-type]
    return folder / "x.npz"


def as_compressed_npz(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    np.savez_compressed(folder / "x.npz", **found)  # type: ignore[arg-type]
    return folder / "x.npz"


def as_npy_folder(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    (folder / "clips").mkdir()
    for name, array in found.items():
        np.save(folder / "clips" / f"{name}.npy", np.asfortranarray(array))
    return folder / "clips"


def as_safetensors(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    header, block = {}, b""
    for name, array in found.items():
        content = array.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape),
                        "data_offsets": [len(block), len(block) + len(content)]}  # fmt: skip
        block += content
    text = json.dumps(header).encode()
    (folder / "x.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + block)
    return folder / "x.safetensors"


def nested_table(found: dict[str, NDArray[np.float32]]) -> pa.Table:
    return pa.table({"clip_id": list(found), "label": ["x"] * len(found),
                     "hidden_states": [array.tolist() for array in found.values()]})  # fmt: skip


def as_parquet(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    pq.write_table(nested_table(found), folder / "x.parquet")
    return folder / "x.parquet"


def as_arrow_folder(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    (folder / "saved").mkdir()
    table = nested_table(found)
    with (
        pa.OSFile(str(folder / "saved" / "data-0.arrow"), "wb") as sink,
        pa.ipc.new_stream(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    (folder / "saved" / "state.json").write_text("{}")
    return folder / "saved"


def as_canonical(folder: Path, found: dict[str, NDArray[np.float32]]) -> Path:
    write_states(Dump(place="x", clips=lambda: iter(found.items())), folder / "canonical")
    return folder / "canonical"


FORMATS = (as_npz, as_compressed_npz, as_npy_folder, as_safetensors, as_parquet, as_arrow_folder,
           as_canonical)  # fmt: skip


@pytest.mark.parametrize("save", FORMATS)
def test_every_format_gives_the_numbers_that_were_saved(save: Any, tmp_path: Path) -> None:
    states = imported(save(tmp_path, made()), tmp_path / "out")
    assert same(states, made())
    assert states.shape == (2, 8, 4)
    assert states.n_frames.tolist() == [3, 5]
    assert (tmp_path / "out" / "states.npy").stat().st_size == states.data_offset + 2 * 8 * 4 * 2


@pytest.mark.parametrize("save", FORMATS)
@pytest.mark.parametrize(("value", "says"), [(np.nan, "'b' holds NaN in 1 of 40"),
                                             (-np.inf, "'b' holds infinite")])  # fmt: skip
def test_nan_and_infinite_numbers_are_refused_with_the_clip(
    save: Any, value: float, says: str, tmp_path: Path
) -> None:
    if save is as_canonical:
        folder = as_canonical(tmp_path, made())
        stored = np.lib.format.open_memmap(folder / "states.npy", mode="r+")
        stored[1, 7, 3] = value
        del stored
    else:
        found = made()
        found["b"][1, 4, 3] = value
        folder = save(tmp_path, found)
    with pytest.raises(StatesError, match=says):
        imported(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (np.zeros((3, 5, 4), np.float32), "'b' has 3 layers and 'a' 2"),
        (np.zeros((2, 5, 6), np.float32), "'b' has dimension 6 and 'a' 4"),
        (np.full((2, 5, 4), 70000.0, np.float32), "'b' holds 70000, beyond float16's 65504"),
        (np.zeros((1, 2, 5, 4, 1), np.float32), r"'b' has shape \(1, 2, 5, 4, 1\)"),
        (np.zeros((2, 0, 4), np.float32), "'b' is float32 of shape"),
    ],
)
def test_clips_that_do_not_fit_together_are_refused(
    second: NDArray[np.float32], says: str, tmp_path: Path
) -> None:
    with pytest.raises(StatesError, match=says):
        imported(as_npz(tmp_path, {**made(), "b": second}), tmp_path / "out")


def test_ragged_layers_of_nested_lists_are_refused_with_the_clip(tmp_path: Path) -> None:
    ragged = [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0]]]
    pq.write_table(pa.table({"clip_id": ["a"], "hidden_states": [ragged]}), tmp_path / "x.parquet")
    with pytest.raises(StatesError, match="clip 'a' has rows of different lengths"):
        imported(tmp_path / "x.parquet", tmp_path / "out")


def test_the_largest_float16_stays(tmp_path: Path) -> None:
    found = {"a": np.full((1, 1, 2), 65504.0, np.float32)}
    assert clip_of(imported(as_npz(tmp_path, found), tmp_path / "out"), "a").max() == 65504


def test_bfloat16_is_the_upper_half_of_float32(tmp_path: Path) -> None:
    bits = np.array([[0x3F80, 0xC040]], dtype="<u2")  # 1.0 and -3.0
    header = {"a": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]}}
    text = json.dumps(header).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bits.tobytes())
    assert clip_of(imported(path, tmp_path / "out"), "a").ravel().tolist() == [1.0, -3.0]


def test_one_array_of_all_clips_wants_ids(tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.float32).reshape(3, 2)
    np.save(tmp_path / "x.npy", array)
    (tmp_path / "x.ids.txt").write_text("k1\nk2\nk3\n")
    with pytest.raises(StatesError, match=r"without ids; expected --ids FILE .*is .*x\.ids\.txt"):
        imported(tmp_path / "x.npy", tmp_path / "out")
    states = imported(tmp_path / "x.npy", tmp_path / "out", tmp_path / "x.ids.txt")
    assert states.is_pooled
    assert clip_of(states, "k2").ravel().tolist() == [2.0, 3.0]
    (tmp_path / "two.json").write_text('["k1", "k2"]')
    with pytest.raises(StatesError, match="3 rows and 2 ids"):
        imported(tmp_path / "x.npy", tmp_path / "out", tmp_path / "two.json")


def test_ids_beside_an_array_name_its_rows(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", embeddings=np.arange(6.0).reshape(2, 3),
             clip_id=np.array(["p", "q"]), label=np.array(["A", "B"]))  # fmt: skip
    states = imported(tmp_path / "x.npz", tmp_path / "out")
    assert clip_of(states, "q").ravel().tolist() == [3.0, 4.0, 5.0]


def test_numpy_s_own_names_are_no_ids(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", *made().values())
    with pytest.raises(StatesError, match="name no clips; expected --ids"):
        imported(tmp_path / "x.npz", tmp_path / "out")
    (tmp_path / "ids.csv").write_text("clip_id\na\nb\n")
    assert same(imported(tmp_path / "x.npz", tmp_path / "out", tmp_path / "ids.csv"), made())


def test_two_axes_are_frames_or_layers_only_when_it_shows(tmp_path: Path) -> None:
    two = {"a": np.ones((3, 4), np.float32), "b": np.ones((3, 4), np.float32)}
    source = as_npz(tmp_path, two)
    with pytest.raises(StatesError, match="expected --layout frames or --layout layers"):
        imported(source, tmp_path / "out")
    assert imported(source, tmp_path / "out", layout="layers").shape == (3, 2, 4)
    assert imported(source, tmp_path / "out", layout="frames").shape == (1, 6, 4)
    varied = as_npz(tmp_path, {"a": np.ones((3, 4), np.float32), "b": np.ones((2, 4), np.float32)})
    assert imported(varied, tmp_path / "out").shape == (1, 5, 4)


def with_samples(tmp_path: Path, samples: dict[str, int]) -> Path:
    table = pd.DataFrame({"clip_id": list(samples), "n_samples": list(samples.values())})
    table.to_csv(tmp_path / "ids.csv", index=False)
    return tmp_path / "ids.csv"


def test_frames_of_another_sampling_rate_are_refused_with_the_clip(tmp_path: Path) -> None:
    # 2560 samples at 16 kHz are 7 frames (ssl.md); the same 0.16 s at 48 kHz, 7680, give 23.
    samples = {"a": 2560, "b": 3200, "c": 4000}
    right = {name: np.ones((1, (n - 400) // 320 + 1, 4), np.float32)
             for name, n in samples.items()}  # fmt: skip
    assert right["a"].shape[1] == 7
    ids = with_samples(tmp_path, samples)
    assert imported(as_npz(tmp_path, right), tmp_path / "out", ids).n_frames.tolist() == [7, 9, 12]
    wrong = {name: np.ones((1, (3 * n - 400) // 320 + 1, 4), np.float32)
             for name, n in samples.items()}  # fmt: skip
    with pytest.raises(StatesError, match=r"clip 'a' of 0\.160 s has 23 frames; expected 7"):
        imported(as_npz(tmp_path, wrong), tmp_path / "out", ids)


def test_padding_to_one_length_is_no_wrong_rate_but_too_few_frames_are(tmp_path: Path) -> None:
    ids = with_samples(tmp_path, {"a": 2560, "b": 4000})
    padded = {name: np.ones((1, 49, 4), np.float32) for name in "ab"}
    states = imported(as_npz(tmp_path, padded), tmp_path / "out", ids, layout=None)
    assert states.n_frames.tolist() == [49, 49]
    assert states.n_samples.tolist() == [2560, 4000]
    short = {"a": np.ones((1, 7, 4), np.float32), "b": np.ones((1, 9, 4), np.float32)}
    with pytest.raises(StatesError, match=r"clip 'b' of 0\.250 s has 9 frames; expected 12"):
        imported(as_npz(tmp_path, short), tmp_path / "out", ids)


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


def hdf5(path: Path) -> Any:
    return pytest.importorskip("h5py").File(path, "w")


def test_hdf5_gives_the_numbers_that_were_saved_and_follows_no_links(tmp_path: Path) -> None:
    with hdf5(tmp_path / "x.h5") as stored:
        for name, array in made().items():
            stored[name] = array
    assert same(imported(tmp_path / "x.h5", tmp_path / "out"), made())
    h5py = pytest.importorskip("h5py")
    with hdf5(tmp_path / "x.h5") as stored:
        stored["a"] = h5py.ExternalLink("/etc/passwd", "/x")
    with pytest.raises(StatesError, match="'a' is a link"):
        imported(tmp_path / "x.h5", tmp_path / "out")


CLIPS = ["lat_spk03_003", "lat_spk04_004", "lat_spk03_008", "lat_spk04_009"]


@pytest.mark.parametrize("name", ["per_clip_dict.npz", "per_clip.safetensors", "arrow_dataset",
                                  "hidden_states.parquet", "hidden_states_list.pt"])  # fmt: skip
def test_every_shared_dump_holds_the_canonical_states(name: str, tmp_path: Path) -> None:
    """All were saved from one extraction, so all give the numbers of the canonical folder."""
    fixtures = shared_folder("fixtures/ssl")
    reference = read_states(fixtures / "canonical_states")
    states = imported(fixtures / "embeddings" / name, tmp_path / "out")
    assert sorted(states.clip_ids) == sorted(CLIPS)
    assert states.n_frames.tolist() == [49] * 4
    for clip_id in CLIPS:
        assert np.array_equal(clip_of(states, clip_id), clip_of(reference, clip_id))


def test_the_shared_folder_of_npy_files_and_hdf5(tmp_path: Path) -> None:
    fixtures = shared_folder("fixtures/ssl")
    reference = read_states(fixtures / "canonical_states")
    states = imported(fixtures / "embeddings" / "npy_per_clip", tmp_path / "out")
    assert states.clip_ids == ("lat_spk03_003", "lat_spk04_004")
    assert np.array_equal(clip_of(states, CLIPS[0]), clip_of(reference, CLIPS[0]))
    try:
        import h5py  # noqa: F401
    except ImportError:
        with pytest.raises(StatesError, match="needs h5py, which is not installed"):
            imported(fixtures / "embeddings" / "per_clip.h5", tmp_path / "out")
    else:
        states = imported(fixtures / "embeddings" / "per_clip.h5", tmp_path / "out")
        assert np.array_equal(clip_of(states, CLIPS[3]), clip_of(reference, CLIPS[3]))


@pytest.mark.parametrize("name", ["pooled.parquet", "pooled_wide.csv", "pooled_last.npy"])
def test_the_shared_pooled_vectors_are_one_embedding(name: str, tmp_path: Path) -> None:
    fixtures = shared_folder("fixtures/ssl/embeddings")
    ids = fixtures / "pooled_last.ids.json" if name.endswith(".npy") else None
    states = imported(fixtures / name, tmp_path / "out", ids)
    pooled = np.load(fixtures / "pooled_last.npy")
    assert states.is_pooled
    rows = np.stack([clip_of(states, name).ravel() for name in (c.split("/")[-1] for c in CLIPS)
                     if name in states.clip_ids])  # fmt: skip
    assert np.allclose(rows, pooled, rtol=1e-3, atol=1e-3)


def test_the_shared_real_dumps_come_in(tmp_path: Path) -> None:
    fixtures = shared_folder("fixtures/ssl")
    whisper = imported(fixtures / "real_whisper_tiny_encoder", tmp_path / "whisper")
    assert whisper.shape == (5, 149, 384)
    assert whisper.n_valid_frames.tolist() == whisper.n_frames.tolist()
    assert str(whisper.meta["model"]).startswith("whisper-tiny")
    resemblyzer = imported(fixtures / "real_resemblyzer.npz", tmp_path / "resemblyzer")
    assert resemblyzer.shape == (1, 18, 256)
    assert resemblyzer.clip_ids[0] == "nor_00"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hf_run", "a folder with README.md"),
        ("hf_run/model.safetensors", "the weights of a model"),
        ("hf_run/checkpoint-4/optimizer.pt", "'state' holds dict and no tensors"),
        ("hf_run/checkpoint-4/rng_state.pth", "calls numpy.*which is not followed"),
        ("hf_run/checkpoint-4/scheduler.pt", "no tensors"),
        ("predictions_hf.npz", "a run's results and no hidden states"),
        ("predictions_hf_with_ids.npz", "a run's results and no hidden states"),
        ("predictions_canonical.csv", "no column of numbers"),
        ("predict_results.txt", r"ending in '\.txt'"),
        ("pipeline_audio_classification.json", r"ending in '\.json'"),
        ("s3prl_style", "a folder with log.log"),
    ],
)
def test_shared_files_that_are_no_states_are_refused(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(StatesError, match=says):
        imported(shared_folder("fixtures/ssl") / name, tmp_path / "out")


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["ssl", "states", str(as_npz(tmp_path, made())), "-o", str(out), "--model",
                "wavlm-base"]) == 0  # fmt: skip
    said = capsys.readouterr().out
    assert "2 clips, 2 layers, 4 dimensions, 3 to 5 frames a clip" in said
    meta = json.loads((out / "meta.json").read_text())
    assert meta["model"] == "wavlm-base"
    assert meta["layers"] == [0, 1]
