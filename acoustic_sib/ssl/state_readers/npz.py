"""`np.savez`: an array a clip by name, or one array of all clips with their ids beside it."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.clip_ids import IdList
from acoustic_sib.ssl.npy_format import Array, read_npy_header, row_stream, whole_array
from acoustic_sib.ssl.state_dumps import (
    MAX_DECLARED_BYTES,
    Dump,
    Entry,
    StateReader,
    dump_of_arrays,
)
from acoustic_sib.ssl.zip_members import opened_member, opened_zip


def _sniff(source: Path) -> bool:
    return source.is_file() and source.suffix.lower() == ".npz"


def _read(source: Path, ids: IdList | None) -> Dump:
    found = opened_zip(source, limit=MAX_DECLARED_BYTES,
                       expected="an npz file as numpy.savez writes it")  # fmt: skip
    members = found.infolist()
    entries = {
        member.filename.removesuffix(".npy"): _entry(source, found, member) for member in members
    }
    return dump_of_arrays(str(source), entries, ids)


def _entry(source: Path, found: zipfile.ZipFile, member: zipfile.ZipInfo) -> Entry:
    name = member.filename
    place = f"{source}: '{name}'"
    if not name.endswith(".npy"):
        raise StatesError(f"{place} is no array; expected only .npy members in an npz file")
    with opened_member(found, name) as stream:
        header = read_npy_header(stream, place=place, n_bytes=member.file_size)

    def whole() -> Array:
        with opened_member(found, name) as stream:
            stream.read(header.offset)
            return whole_array(stream, header)

    def rows() -> Iterator[Array]:
        with opened_member(found, name) as stream:
            stream.read(header.offset)
            yield from row_stream(stream, header)

    return Entry(shape=header.shape, dtype=header.dtype, whole=whole, rows=rows)


READER = StateReader(kind="npz", accepts="an .npz file (an array a clip, or one with ids)", rank=20,
                     sniff=_sniff, read=_read)  # fmt: skip
