"""Dumps of hidden states: what comes in is what was saved, and what must not come in does not."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from acoustic_sib.errors import StatesError
from tests.ssl.dumps import (
    FORMATS,
    as_canonical,
    as_npz,
    clip_of,
    imported,
    made,
    same,
)


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
