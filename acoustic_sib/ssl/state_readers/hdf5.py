"""HDF5 (`.h5`): a dataset a clip, or one with ids; needs h5py, an extra."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.clip_ids import IdList
from acoustic_sib.ssl.npy_format import Array
from acoustic_sib.ssl.state_dumps import Dump, Entry, StateReader, dump_of_arrays


def _sniff(source: Path) -> bool:
    return source.is_file() and source.suffix.lower() in (".h5", ".hdf5", ".hdf")


def _read(source: Path, ids: IdList | None) -> Dump:
    try:
        import h5py
    except ImportError:
        raise StatesError(f"{source}: HDF5 needs h5py, which is not installed; expected "
                          "pip install 'acoustic-sib[hdf5]'") from None  # fmt: skip
    try:
        with h5py.File(source, "r") as found:
            entries = dict(_datasets(h5py, source, found, ""))
    except OSError as error:
        raise StatesError(f"{source}: not readable as HDF5 ({str(error)[:100]}); is it "
                          "complete?") from None  # fmt: skip
    return dump_of_arrays(str(source), entries, ids)


def _datasets(h5py: Any, source: Path, group: Any, above: str) -> Iterator[tuple[str, Entry]]:
    """The datasets below a group. Links into other files are refused: they may read any file."""
    for name in group:
        inside = f"{above}{name}"
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise StatesError(f"{source}: '{inside}' is a link to another place; expected datasets")
        one = group[name]
        if isinstance(one, h5py.Group):
            yield from _datasets(h5py, source, one, f"{inside}/")
        elif one.external or one.is_virtual:
            raise StatesError(f"{source}: '{inside}' keeps its numbers in another file; expected "
                              "them in this one")  # fmt: skip
        else:
            yield inside, _entry(h5py, source, one, inside)


def _entry(h5py: Any, source: Path, dataset: Any, name: str) -> Entry:
    is_text = h5py.check_string_dtype(dataset.dtype) is not None
    if dataset.dtype.hasobject and not is_text:
        raise StatesError(f"{source}: '{name}' holds objects; expected numbers")

    def whole() -> Array:
        with h5py.File(source, "r") as found:
            read: Array = found[name][()]
        return read

    def rows() -> Iterator[Array]:
        with h5py.File(source, "r") as found:
            yield from (found[name][k] for k in range(dataset_shape[0]))

    dataset_shape = tuple(map(int, dataset.shape or ()))
    dtype = np.dtype("S1") if is_text else np.dtype(dataset.dtype)
    return Entry(shape=dataset_shape, dtype=dtype, whole=whole, rows=rows)


READER = StateReader(kind="hdf5", accepts="an HDF5 file (with h5py)", rank=50, sniff=_sniff,
                     read=_read)  # fmt: skip
