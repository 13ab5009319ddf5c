"""A zip of known members, sealed by hashes: written whole, and read as what a stranger sent.

The hashes find damage and careless edits. They are no signature: whoever changes a member can
write a new manifest. What makes reading safe is that nothing in a bundle is code.
"""

import hashlib
import io
import json
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acoustic_sib.errors import BundleError, printable

MANIFEST = "manifest.json"
LARGEST_MB = 64
LARGEST = LARGEST_MB * 2**20
"""Bytes that a bundle, packed or unpacked, may hold: a hundred times what one needs."""
MOST_MEMBERS = 1000
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 0x1
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError)


def seal(members: Mapping[str, bytes], about: Mapping[str, Any], path: Path) -> None:
    """Write `members` and a manifest of `about` and their hashes; whole or not at all."""
    from acoustic_sib.tables import written_beside

    manifest = {**about, "sha256": {name: _hash(data) for name, data in sorted(members.items())}}
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)
    with written_beside(path) as beside, zipfile.ZipFile(beside, "w") as archive:
        for name, data in {MANIFEST: text.encode(), **dict(sorted(members.items()))}.items():
            # A fixed time: the same numbers make the same file.
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data)


def unseal(path: Path, expected: frozenset[str]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest and the members of a bundle, each as its hash says, none of them interpreted.

    Raises BundleError for a file that is none, is damaged or tampered with, or that holds anything
    but the members `expected`.
    """
    place = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BundleError(f"{place}: cannot be read ({reason}); expected a model bundle "
                          "(.sib)") from None  # fmt: skip
    members = unpacked(data, place, known=expected | {MANIFEST})
    manifest = read_json(members.pop(MANIFEST, b"null"), f"{place}: {MANIFEST}")
    missing = sorted((expected | {MANIFEST}) - members.keys() - {MANIFEST})
    if not isinstance(manifest, dict) or missing:
        lacking = missing[0] if isinstance(manifest, dict) else MANIFEST
        raise BundleError(f"{place}: has no member '{lacking}'; expected the bundle that `train` "
                          "wrote: was it packed again by hand?")  # fmt: skip
    hashes = manifest.get("sha256")
    if not isinstance(hashes, dict) or hashes.keys() != members.keys():
        raise BundleError(f"{place}: its manifest does not list the hashes of its members; "
                          "expected one each: was it tampered with?")  # fmt: skip
    for name, content in members.items():
        if hashes[name] != _hash(content):
            raise BundleError(f"{place}: member '{name}' is not what was sealed (another hash); "
                              "expected an untouched bundle: was it edited?")  # fmt: skip
    return manifest, members


def unpacked(data: bytes, place: str, *, known: frozenset[str] | None = None) -> dict[str, bytes]:
    """The members of a zip in memory by name. `known`: the only names it may hold.

    Raises BundleError for what is no zip, a pickle, links, other names, and a zip that grows beyond
    LARGEST, whatever it declares.
    """
    _refuse_what_is_no_zip(data, place)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGED:
        raise BundleError(f"{place}: a damaged zip archive; expected a model bundle (.sib): was "
                          "the copy cut short?") from None  # fmt: skip
    with archive:
        infos = archive.infolist()
        _refuse_odd_members(infos, place, known)
        members: dict[str, bytes] = {}
        left = LARGEST
        for info in infos:
            try:
                with archive.open(info) as stream:
                    content = stream.read(left + 1)
            except _DAMAGED:
                raise BundleError(f"{place}: member '{_shown(info.filename)}' is damaged; expected "
                                  "the bundle as it was written: was the copy cut "
                                  "short?") from None  # fmt: skip
            left -= len(content)
            if left < 0:
                raise _too_large(place)
            members[info.filename] = content
    return members


def read_json(data: bytes, place: str) -> Any:
    """JSON with finite numbers only. Raises BundleError."""

    def refuse(name: str) -> float:
        raise ValueError(f"{name} is no number")

    try:
        return json.loads(data.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:  # JSON's and UTF-8's own errors are ValueErrors
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BundleError(f"{place}: not readable as JSON ({_shown(reason)}); expected what "
                          "`train` wrote") from None  # fmt: skip


def _refuse_what_is_no_zip(data: bytes, place: str) -> None:
    if len(data) > LARGEST:
        raise _too_large(place)
    # Protocol 2 and later begin with 0x80; what `joblib` and `pickle` write today does.
    if data[:1] == b"\x80":
        raise BundleError(f"{place}: a Python pickle, which can run any program when it is read, "
                          "so it was not read; expected a model bundle (.sib) that `train` "
                          "wrote")  # fmt: skip
    if data[:4] != b"PK\x03\x04":
        found = "an empty file" if not data else "not a zip archive"
        raise BundleError(f"{place}: {found}; expected a model bundle (.sib) that `train` "
                          "wrote")  # fmt: skip


def _refuse_odd_members(
    infos: list[zipfile.ZipInfo], place: str, known: frozenset[str] | None
) -> None:
    names = Counter(info.filename for info in infos)
    if len(infos) > MOST_MEMBERS:
        raise BundleError(f"{place}: holds {len(infos)} members; expected a few: was it tampered "
                          "with?")  # fmt: skip
    for info in infos:
        name = _shown(info.filename)
        if known is not None and info.filename not in known:
            what = ("a pickle, which is never read" if name.endswith((".pkl", ".pickle", ".joblib"))
                    else "no part of a bundle")  # fmt: skip
            raise BundleError(f"{place}: holds '{name}', {what}; expected only "
                              f"{', '.join(sorted(known))}")  # fmt: skip
        mode = info.external_attr >> 16
        if info.is_dir() or (stat.S_IFMT(mode) not in (0, stat.S_IFREG)):
            raise BundleError(
                f"{place}: member '{name}' is a link or a folder; expected plain files"
            )
        if names[info.filename] > 1:
            raise BundleError(f"{place}: member '{name}' stands twice; expected each once: was it "
                              "tampered with?")  # fmt: skip
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _PLAIN_METHODS:
            raise BundleError(f"{place}: member '{name}' is encrypted or packed in an unusual way; "
                              "expected the bundle as it was written")  # fmt: skip
    if sum(info.file_size for info in infos) > LARGEST:
        raise _too_large(place)


def _too_large(place: str) -> BundleError:
    return BundleError(f"{place}: more than {LARGEST_MB} MB, packed or unpacked; expected a model "
                       "bundle of less than one: is it a zip bomb?")  # fmt: skip


def _shown(text: str) -> str:
    """A stranger's text, short and harmless to a terminal."""
    plain = printable(text, "?")
    return plain if len(plain) <= 80 else plain[:77] + "..."


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
