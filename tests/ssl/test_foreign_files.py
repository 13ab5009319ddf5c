"""Files from strangers: nothing is unpickled, nothing is unpacked unseen, each refusal one line."""

import io
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.errors import RunError, UserError
from acoustic_sib.ssl import files, table_text
from acoustic_sib.ssl.files import read_json, read_text, shown
from acoustic_sib.ssl.npy_format import read_npy, read_npz
from tests.ssl.foreign_corpora import imported


class Bomb:
    """Would write a file when unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.place,)


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def npy(array: np.ndarray) -> bytes:
    held = io.BytesIO()
    np.save(held, array)
    return held.getvalue()


def header(text: str) -> bytes:
    padded = text.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded.encode()


def test_object_arrays_are_never_opened(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    np.savez(tmp_path / "o.npz", predictions=np.array([Bomb(ran)], dtype=object))
    np.save(tmp_path / "o.npy", np.array([Bomb(ran)], dtype=object))
    (tmp_path / "p.npy").write_bytes(pickle.dumps(Bomb(ran)))
    with pytest.raises(RunError, match="array 'predictions': holds Python objects, which is a pic"):
        imported(tmp_path / "o.npz")
    with pytest.raises(RunError, match="holds Python objects"):
        imported(tmp_path / "o.npy")
    with pytest.raises(RunError, match="no array in numpy's format"):
        imported(tmp_path / "p.npy")
    assert not ran.exists()


def test_arrays_as_numpy_reads_them(tmp_path: Path) -> None:
    wanted = {"a": np.arange(12.0).reshape(3, 4), "b": np.asfortranarray(np.eye(3, 2)),
              "c": np.array(["x", "yz"]), "d": np.array(5), "e": np.zeros((0, 3))}  # fmt: skip
    for write in (np.savez, np.savez_compressed):
        write(tmp_path / "w.npz", **wanted)
        found = read_npz(tmp_path / "w.npz")
        assert list(found) == list(wanted)
        for name, array in wanted.items():
            np.testing.assert_array_equal(found[name], array)
    np.save(tmp_path / "b.npy", wanted["b"])
    np.testing.assert_array_equal(read_npy(tmp_path / "b.npy"), wanted["b"])


@pytest.mark.parametrize("name", ["../a.npy", "x/../../a.npy", "/etc/a.npy", "C:/a.npy",
                                  "..\\a.npy", "\\a.npy"])  # fmt: skip
def test_members_that_lead_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match="points outside of the archive"):
        read_npz(zipped(tmp_path / "z.npz", **{name: npy(np.eye(2))}))


def test_bombs_are_seen_before_they_are_unpacked(tmp_path: Path) -> None:
    """A small file that declares a gigabyte, in the zip or in the header of an array."""
    small = zipped(tmp_path / "bomb.npz", **{"a.npy": npy(np.zeros(2**22))})
    assert small.stat().st_size < 2**16
    with pytest.raises(RunError, match=r"would unpack to 32\.0 MB .* zip bomb"):
        read_npz(small, limit=2**20)
    for shape in ("(10000000000,)", "(100000, 100000, 100000)"):
        declared = header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}")
        with pytest.raises(RunError, match=r"says that it holds \d+x?.* and 0 bytes are there"):
            read_npz(zipped(tmp_path / "h.npz", **{"a.npy": declared}))


@pytest.mark.parametrize(("kind", "shape"), [
    ("<f8", "(-1, 3)"), ("<f8", "(-1, -3)"), ("<f8", f"(0, {10**30})"), ("<U0", "(3,)"),
])  # fmt: skip
def test_shapes_that_no_array_has(tmp_path: Path, kind: str, shape: str) -> None:
    """Also where the bytes would fit them: -1 times -3 numbers are 3."""
    declared = header(f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}")
    content = declared + bytes(24 if "-3" in shape else 0)
    (tmp_path / "h.npy").write_bytes(content)
    for read in (lambda: read_npy(tmp_path / "h.npy"),
                 lambda: read_npz(zipped(tmp_path / "h.npz", **{"a.npy": content}))):  # fmt: skip
        with pytest.raises(RunError, match="no array in numpy's format"):
            read()


@pytest.mark.parametrize("content", [
    header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
    header("__import__('os').system('true')"), header("{'descr': 1}"), b"\x93NUMPY", b"",
    b"\x93NUMPY\x09\x00\x01\x00 ",
])  # fmt: skip
def test_headers_that_are_none(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RunError, match=r"no array in numpy's format|Python objects"):
        read_npz(zipped(tmp_path / "h.npz", **{"a.npy": content}))


def test_damaged_archives(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "good.npz", a=np.random.default_rng(0).random(999))
    content = bytearray((tmp_path / "good.npz").read_bytes())
    for place in (100, 2000, 5000):
        damaged = content.copy()
        damaged[place : place + 40] = b"\xaa" * 40
        (tmp_path / "bad.npz").write_bytes(damaged)
        with pytest.raises(RunError):
            read_npz(tmp_path / "bad.npz")
    (tmp_path / "bad.npz").write_bytes(content[:500])
    with pytest.raises(RunError, match=r"not readable as a zip archive .* is the file damaged"):
        read_npz(tmp_path / "bad.npz")


@pytest.mark.parametrize(("content", "kind"), [
    (npy(np.eye(2)), "a NumPy array"), (b"PK\x03\x04rest", "a zip archive"),
    (b"a,b\n\0\0\0", "binary data"), (b"\x89HDF\r\n", "HDF5"), (b"\x80\x04\x95", "a pickle"),
    (b"RIFF\x24\0\0\0WAVE", "a sound file"),
])  # fmt: skip
def test_binary_data_called_csv(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "predictions.csv"
    path.write_bytes(content)
    with pytest.raises(RunError, match=f"{kind}, whatever its name says; expected text"):
        read_text(path)
    with pytest.raises(UserError):
        imported(path)
    with pytest.raises(RunError, match="whatever its name says"):
        imported(path, format_name="table")


def test_text_and_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[" * 200_000)
    with pytest.raises(RunError, match=r"nested too deeply|not readable as JSON"):
        read_json(path)
    path.write_text('{"a": 1')
    with pytest.raises(RunError, match=r"not readable as JSON .* cut short"):
        read_json(path)
    path.write_text("9" * 5000)
    with pytest.raises(RunError, match="not readable as JSON"):
        read_json(path)
    with pytest.raises(RunError, match=r"5000|0\.0 MB; expected at most"):
        read_text(path, limit=100)
    with pytest.raises(RunError, match="cannot be read"):
        read_text(tmp_path / "absent.json")


def test_parquet_that_would_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pd.DataFrame({"clip_id": ["a"] * 9999, "predicted": "b"}).to_parquet(tmp_path / "p.parquet")
    monkeypatch.setattr(table_text, "ARRAY_LIMIT", 100)
    with pytest.raises(RunError, match="would unpack to"):
        imported(tmp_path / "p.parquet")
    (tmp_path / "p.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(RunError, match="not readable as Parquet"):
        imported(tmp_path / "p.parquet", format_name="table")


def test_foreign_text_in_messages_is_tamed() -> None:
    assert shown("a\x1b[2Jb\n\u202e") == "a?[2Jb??"
    assert len(shown("x" * 1000)) == 60
    kinds = (*files.PICKLES, *files.TORCH)
    assert len(kinds) == len(set(kinds))
