"""`.npy`: one array of all clips with a list of ids, or a folder with one file a clip."""

from collections.abc import Iterator
from pathlib import Path

from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.clip_ids import IdList
from acoustic_sib.ssl.npy_format import Array, read_npy
from acoustic_sib.ssl.state_dumps import (
    Dump,
    Entry,
    StateReader,
    dump_of_arrays,
    refuse_large_clip,
)

_ENDINGS = (".embedding.npy", ".npy")  # the first is HEAR's


def _sniff(source: Path) -> bool:
    if source.is_file():
        return source.suffix.lower() == ".npy"
    return not (source / "states.npy").is_file() and any(source.glob("*.npy"))


def _read(source: Path, ids: IdList | None) -> Dump:
    return _folder(source, ids) if source.is_dir() else _file(source, ids)


def _file(source: Path, ids: IdList | None) -> Dump:
    array = read_npy(source)
    if ids is None:
        beside = sorted(source.parent.glob(f"{source.stem}*id*"))
        meant = f" (is {beside[0].as_posix()} that list?)" if beside else ""
        raise StatesError(f"{source}: an array of {array.shape[0] if array.shape else 0} rows "
                          "without ids; expected --ids FILE with one id a row, in their "
                          f"order{meant}")  # fmt: skip
    entry = Entry(shape=array.shape, dtype=array.dtype, whole=lambda: array,
                  rows=lambda: iter(array))  # fmt: skip
    return dump_of_arrays(str(source), {"states": entry}, ids)


def _folder(source: Path, ids: IdList | None) -> Dump:
    files: dict[str, Path] = {}
    for path in sorted(source.glob("*.npy")):
        ending = next(one for one in _ENDINGS if path.name.lower().endswith(one))
        clip_id = path.name[: -len(ending)]
        if clip_id in files:
            raise StatesError(f"{path}: a second file of clip '{clip_id}'; expected one a clip")
        files[clip_id] = path

    def clips() -> Iterator[tuple[str, Array]]:
        for clip_id, path in files.items():
            array = read_npy(path)
            refuse_large_clip(str(path), clip_id, array.nbytes)
            yield clip_id, array

    return Dump(place=str(source), clips=clips, facts={} if ids is None else ids.facts)


READER = StateReader(
    kind="npy", accepts="a .npy file with --ids, or a folder of one .npy a clip", rank=30,
    sniff=_sniff, read=_read,
)  # fmt: skip
