"""Bundles from anybody: nothing hostile gets in, no damage stays unseen."""

import io
import json
import pickle
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acoustic_sib.errors import BundleError
from acoustic_sib.screen import sealed
from acoustic_sib.screen.bundle import CARD, MODEL, PIPELINE, read_bundle
from acoustic_sib.screen.sealed import MANIFEST
from tests.screen.bundles import bundle, members, packed, resealed


def changed_json(name: str, change: Callable[[Any], Any]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        contents = members(path)
        value = json.loads(contents[name])
        replaced = change(value)
        contents[name] = json.dumps(value if replaced is None else replaced).encode()
        resealed(path, contents)

    return write


def changed_text(name: str, old: str, new: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        contents = members(path)
        text = contents[name].decode()
        assert old in text
        contents[name] = text.replace(old, new, 1).encode()
        resealed(path, contents)

    return write


def changed_skops(change: Callable[[dict[str, bytes]], None]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        contents = members(path)
        with zipfile.ZipFile(io.BytesIO(contents[PIPELINE])) as archive:
            inner = {name: archive.read(name) for name in archive.namelist()}
        change(inner)
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for name, data in inner.items():
                archive.writestr(name, data)
        resealed(path, {**contents, PIPELINE: made.getvalue()})

    return write


def schema_with(node: dict[str, Any]) -> Callable[[Path], None]:
    """A node of an attacker's choice, deep inside a right description."""

    def change(inner: dict[str, bytes]) -> None:
        schema = json.loads(inner["schema.json"])
        schema["content"]["content"]["steps"]["content"].append(node)
        inner["schema.json"] = json.dumps(schema).encode()

    return changed_skops(change)


class Malicious:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (Path("ran"), "x"))


def a_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(Malicious()))


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def tampered(path: Path) -> None:
    contents = members(path)
    packed(path, {**contents, MODEL: contents[MODEL].replace(b"Lateral", b"Leteral")})


def with_member(name: str, data: bytes = b"x") -> Callable[[Path], None]:
    return lambda path: packed(path, {**members(path), name: data})


def lacking(name: str) -> Callable[[Path], None]:
    return lambda path: packed(
        path, {key: data for key, data in members(path).items() if key != name}
    )


def bomb(path: Path) -> None:
    packed(path, {**members(path), CARD: bytes(sealed.LARGEST)})


def lying_bomb(path: Path) -> None:
    """Says in both its headers that 100 bytes come out, where 64 MB do."""
    bomb(path)
    size, lie = sealed.LARGEST.to_bytes(4, "little"), (100).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, lie))


def large(path: Path) -> None:
    with path.open("ab") as stream:
        stream.truncate(sealed.LARGEST + 1)


def a_link(path: Path) -> None:
    contents = members(path)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = ((stat.S_IFLNK if name == CARD else stat.S_IFREG) | 0o644) << 16
            archive.writestr(info, b"/etc/passwd" if name == CARD else data)


def twice(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(CARD, "{}")


def encrypted(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(bytes(data))


def set_in(*keys: str | int, value: Any) -> Callable[[Any], None]:
    def change(parts: Any) -> None:
        for key in keys[:-1]:
            parts = parts[key]
        parts[keys[-1]] = value

    return change


HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a pickle": (a_pickle, "a Python pickle, which can run any program"),
    "text": (lambda path: path.write_text("hello"), "not a zip archive"),
    "nothing": (lambda path: path.write_bytes(b""), "an empty file"),
    "absent": (lambda path: path.unlink(), "no such file"),
    "cut short": (truncated, "damaged zip archive"),
    "a script before the zip": (
        lambda path: path.write_bytes(b"#!/bin/sh\n" + path.read_bytes()), "not a zip archive"),
    "edited member": (tampered, "'model.json' is not what was sealed"),
    "extra member": (with_member("extra.py"), "holds 'extra.py', no part of a bundle"),
    "extra pickle": (with_member("model.pkl"), "holds 'model.pkl', a pickle, which is never read"),
    "member outside": (with_member("../../evil.json"), "no part of a bundle"),
    "member that steers": (with_member("\x1b[2J"), "holds '\\?\\[2J'"),
    "no model": (lacking(MODEL), "has no member 'model.json'"),
    "no pipeline": (lacking(PIPELINE), "has no member 'pipeline.skops'"),
    "no manifest": (lacking(MANIFEST), "has no member 'manifest.json'"),
    "no hashes": (lambda path: packed(path, {**members(path), MANIFEST: b"{}"}), "the hashes"),
    "manifest that is a list": (
        lambda path: packed(path, {**members(path), MANIFEST: b"[]"}), "manifest.json"),
    "bomb": (bomb, "more than 64 MB, packed or unpacked"),
    "lying bomb": (lying_bomb, "damaged|more than 64 MB"),
    "too large": (large, "more than 64 MB"),
    "a link": (a_link, "'card.json' is a link"),
    "a member twice": (twice, "'card.json' stands twice"),
    "encrypted": (encrypted, "encrypted"),
    "other format": (changed_json(MANIFEST, set_in("format", value="x@9")), "bundle format 'x@9'"),
    "other measures": (
        changed_json(MANIFEST, lambda found: {**found, "features": "0" * 16, "version": "0.0.9"}),
        r"made with acoustic-sib '0\.0\.9', whose measures are not those of this one"),
    "other measures of the same version": (
        changed_json(MANIFEST, set_in("features", value="0" * 16)),
        r"a\.sib: the measures of acoustic-sib have changed since it was made, although both are"),
    "skops: a pickle": (
        lambda path: resealed(path, {**members(path), PIPELINE: pickle.dumps(Malicious())}),
        "a Python pickle"),
    "skops: os.system": (
        schema_with({"__class__": "system", "__module__": "posix", "__loader__": "FunctionNode"}),
        "unknown type 'posix.system \\(FunctionNode\\)'"),
    "skops: known type, other loader": (
        schema_with({"__class__": "dict", "__module__": "builtins", "__loader__": "ReduceNode"}),
        "unknown type 'builtins.dict"),
    "skops: builtins.eval as a type": (
        schema_with({"__class__": "eval", "__module__": "builtins", "__loader__": "TypeNode"}),
        "unknown type 'builtins.eval"),
    "skops: a class that is a list": (
        schema_with({"__class__": ["x"], "__module__": {}, "__loader__": None}), "unknown type"),
    "skops: pickled array": (
        changed_skops(lambda inner: inner.update({"1.pkl": b"x"})), "expected schema.json and"),
    "skops: a thousand arrays": (
        changed_skops(lambda inner: inner.update({f"{i}.npy": b"" for i in range(1100)})),
        "expected a few"),
    "skops: no description": (changed_skops(lambda inner: inner.pop("schema.json")), "no schema"),
    "NaN": (changed_text(MODEL, '"bias": [', '"bias": [NaN, '), "not readable as JSON"),
    "a number beyond all": (changed_text(MODEL, '"bias": [', '"bias": [1e999, '), "'affine.bias'"),
    "an integer beyond all": (
        changed_json(MODEL, set_in("affine", "bias", value=[10**400, 0, 0])), "'affine.bias'"),
    "digits beyond all": (
        changed_text(MODEL, '"bias": [', f'"bias": [{"9" * 9000}, '), "not readable as JSON"),
    "truth values": (
        changed_json(MODEL, set_in("affine", "bias", value=[True, 0, 0])), "'affine.bias'"),
    "wrong shape": (changed_json(MODEL, set_in("affine", "weights", value=[[0.0]])), "finite num"),
    "ragged": (changed_json(MODEL, set_in("familiar", "centres", value=[[0], [1, 2], []])), "x"),
    "scale 0": (changed_json(MODEL, set_in("affine", "temperature", value=0)), "above 0"),
    "unknown part": (changed_json(MODEL, set_in("code", value="x")), "'the model'"),
    "a list for a model": (changed_json(MODEL, lambda _: [1]), "'the model'"),
    "unsorted scores": (
        changed_json(MODEL, lambda parts: parts["conformal"][0]["scores"].reverse()), "rising"),
    "sets of fewer classes": (
        changed_json(MODEL, set_in("conformal", value=[])), "scores of each class"),
    "heavy weights": (
        changed_json(MODEL, lambda parts: set_in("conformal", 0, "weights", value=[
            1.0 for _ in parts["conformal"][0]["weights"]])(parts)), "below 1"),
    "one class": (changed_json(MODEL, set_in("classes", value=["a"])), "at least two"),
    "a class twice": (changed_json(MODEL, set_in("classes", value=["a"] * 3)), "that differ"),
    "a class that steers": (
        changed_json(MODEL, set_in("classes", value=["\x1b", "b", "c"])), "plain names"),
    "a measure of another recipe": (
        changed_json(MODEL, lambda parts: set_in("columns", value=["mfcc.c0.frames_mean",
                     *parts["columns"][1:]])(parts)), "'mfcc.c0.frames_mean' is none"),
    "unknown family": (
        changed_json(MODEL, set_in("recipe", "families", value=["os"])), "measured .*'os'"),
    "a hop of nanoseconds": (
        changed_json(MODEL, set_in("recipe", "hop_s", value=1e-9)), "'recipe.hop_s'"),
    "a million tapers": (
        changed_json(MODEL, set_in("recipe", "tapers", value=10**6)), "'recipe.tapers'"),
    "a setting of millions": (
        changed_json(MODEL, set_in("recipe", "settings", value={"erb": {"x": 1e9}})), "at most"),
    "settings that are a list": (
        changed_json(MODEL, set_in("recipe", "settings", value={"erb": []})), "a mapping"),
    "norms that are text": (
        changed_json(MODEL, set_in("norms", value={"": {"a": "b"}})), "'norms'"),
    "no spectra": (changed_json(MODEL, lambda parts: parts.pop("spectra") and None), "'the model'"),
    "spectra that are a list": (changed_json(MODEL, set_in("spectra", value=[])), "'spectra'"),
    "a spectrum of another grid": (
        changed_json(MODEL, set_in("spectra", "", "centre", value=[0.0])),
        "'spectra.centre'.*52 finite"),
    "a spectrum of thousands of dB": (
        changed_json(MODEL, set_in("spectra", "", "centre", 0, value=1e9)), "at most 400 dB"),
    "a spread below nothing": (
        changed_json(MODEL, set_in("spectra", "", "within", 3, value=-1.0)), "'spectra'"),
    "a spectrum of NaN": (
        changed_text(MODEL, '"spread": [', '"spread": [NaN, '), "not readable as JSON"),
    "half a speaker": (
        changed_json(MODEL, set_in("spectra", "", "n_speakers", value=1.5)), "'spectra.n_speak"),
    "a group that steers": (
        changed_json(MODEL, lambda parts: set_in("spectra", "\x1b[2J",
                     value=parts["spectra"][""])(parts)), "'spectra'"),
    "limits that are text": (
        changed_json(MODEL, set_in("limits", "longest_s", value="1")), "'limits.longest_s'"),
    "deep nesting": (
        lambda path: resealed(path, {**members(path), CARD: b"[" * 10**6}), "nested too deeply"),
    "a card that steers": (
        changed_json(CARD, set_in("text", value="\x1b]0;x\x07")), "control characters"),
    "a card without its worth": (
        changed_json(CARD, lambda card: card.pop("uar") and None), "'uar'"),
    "a card worth more than all": (
        changed_json(CARD, set_in("uar", "value", value=1.5)), "'uar'"),
    "a card of text": (changed_json(CARD, set_in("n_clips", value="<b>")), "'n_clips'"),
    "a note that is a number": (changed_json(CARD, set_in("note", value=3)), "'note'"),
    "a note as long as a book": (changed_json(CARD, set_in("note", value="a" * 501)), "'note'"),
    "classes made of a text": (changed_json(CARD, set_in("made_of", value="s z")), "'made_of'"),
    "classes made of numbers": (
        changed_json(CARD, set_in("made_of", value={"Normal": [1]})), "'made_of'"),
    "a note that steers": (
        changed_json(CARD, set_in("note", value="\x1b[2J")), "control characters"),
    "a card without recalls": (
        changed_json(CARD, set_in("recalls", value={"Normal": None})), "'recalls'"),
    "a card whose sets are numbers": (
        changed_json(CARD, set_in("coverage", value=[1])), "'coverage'"),
    "a card that hides a demonstration": (
        changed_json(CARD, set_in("demonstration", value=0)), "'demonstration'"),
    "a card of half a sensitivity": (
        changed_json(CARD, set_in("screening", value={"sensitivity": {}})), "'screening'"),
    "a card that is a list": (changed_json(CARD, lambda _: [1]), "no mapping"),
    "bytes that are no text": (
        lambda path: resealed(path, {**members(path), CARD: b"\xff\xfe"}), "not readable as JSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bundle_is_refused_in_one_sentence(
    name: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    make, says = HOSTILE[name]
    make(path)
    with pytest.raises(BundleError, match=says) as refused:
        read_bundle(path)
    told = str(refused.value)
    assert told.isprintable()
    assert "expected" in told
    assert len(told) < 500 + len(str(path))
    assert sorted(file.name for file in path.parent.iterdir()) in (["a.sib"], [])


def test_no_damage_gets_through_unseen(path: Path) -> None:
    """A bit flipped anywhere is refused, or lies where it changes no member."""
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    answers = bundle().affine.weights
    unseen = 0
    for _ in range(150):
        data = bytearray(whole)
        data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(data))
        try:
            found = read_bundle(path)
        except BundleError:
            continue
        unseen += 1
        assert np.array_equal(found.affine.weights, answers)
    assert unseen < 15


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1e308,
    -1e29,
    10**40,
    "x",
    "\x1b",
    [],
    {},
    [[]],
    {"a": 1},
)


def mutated(model: Any, rng: np.random.Generator) -> None:
    """One value, anywhere in the model, replaced by an odd one."""
    while True:
        keys = list(model) if isinstance(model, dict) else list(range(len(model)))
        key = keys[rng.integers(len(keys))]
        inner = model[key]
        if not isinstance(inner, (dict, list)) or not inner or rng.random() < 0.2:
            model[key] = ODD[rng.integers(len(ODD))]
            return
        model = inner


def test_odd_values_anywhere_are_refused_or_can_be_judged_with(path: Path) -> None:
    contents, rng = members(path), np.random.default_rng(0)
    rows = rng.standard_normal((3, len(bundle().columns)))
    refused = 0
    for _ in range(150):
        model = json.loads(contents[MODEL])
        mutated(model, rng)
        resealed(path, {**contents, MODEL: json.dumps(model).encode()})
        try:
            found = read_bundle(path)
        except BundleError:
            refused += 1
            continue
        probabilities = found.probabilities(rows)
        assert probabilities.sum(axis=1) == pytest.approx(1)
        assert len(found.sets(probabilities, 0.9)) == len(found.unlike(rows)) == 3
    assert refused > 75


def test_a_hostile_pipeline_is_not_loaded_even_from_memory(path: Path) -> None:
    hostile = replace(bundle(), skops=pickle.dumps(Malicious()))
    with pytest.raises(BundleError, match="pickle"):
        hostile.pipeline()


def test_arrays_that_declare_more_than_they_hold_are_told(path: Path) -> None:
    """A header that asks for 8 TB, under a right description."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    )

    def change(inner: dict[str, bytes]) -> None:
        inner.update({name: header.getvalue() for name in inner if name.endswith(".npy")})

    changed_skops(change)(path)
    with pytest.raises(BundleError, match="skops cannot rebuild it"):
        read_bundle(path).pipeline()
