"""Ids by id, path or stem: each found where it must be, and nothing guessed."""

import re

import pandas as pd
import pytest

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.foreign import Said
from acoustic_sib.ssl.matching import match_by_order, match_clips

MANIFEST = pd.DataFrame(
    [
        ("0001", "/corpus/anna/s1.wav", "A"),
        ("0002", "/corpus/anna/s2.wav", "B"),
        ("0003", "/corpus/ben/s1.wav", "A"),
        ("0004", "/corpus/ben/z.1.flac", "B"),
        ("-0RW", "/corpus/eva/\u00e9t\u00e9.wav", "B"),
    ],
    columns=["clip_id", "path", "label"],
)


def matched(*names: str | None, paths: list[str | None] | None = None) -> list[str | None]:
    places = [f"f.csv line {row + 2}" for row in range(len(names))]
    return match_clips(Said(places=places, clips=list(names), paths=paths), MANIFEST).clip_ids


@pytest.mark.parametrize(("name", "clip_id"), [
    ("0002", "0002"),
    ("-0RW", "-0RW"),  # an id may begin as a formula does
    ("/corpus/anna/s1.wav", "0001"),
    ("anna/s1.wav", "0001"),
    ("/home/me/data/anna/s1.wav", "0001"),
    ("C:\\data\\ben\\s1.wav", "0003"),
    ("s2.wav", "0002"),
    ("somewhere/else/s2.wav", "0002"),
    ("s2", "0002"),
    ("other/s2.flac", "0002"),
    ("z.1", "0004"),  # .1 is no ending of a sound file
    ("e\u0301te\u0301", "-0RW"),  # decomposed, as macOS writes file names
])  # fmt: skip
def test_one_clip_is_meant(name: str, clip_id: str) -> None:
    assert matched(name, "0003") == [clip_id, "0003"]


def test_what_fits_several_is_refused() -> None:
    for name, how in (("s1.wav", "path"), ("s1", "stem"), ("x/s1.wav", "stem")):
        with pytest.raises(
            RunError, match=f"line 2: '{re.escape(name)}' fits several .* its {how}"
        ):
            matched(name, "0003")


def test_an_id_goes_before_a_path_and_a_path_before_a_stem() -> None:
    assert matched("0001", paths=["ben/s1.wav"]) == ["0001"]
    assert matched("s1", paths=["ben/s1.wav"]) == ["0003"]


def test_what_fits_none_is_counted() -> None:
    said = Said(places=["1", "2", "3"], clips=["0001", "nobody", "s2"])
    found = match_clips(said, MANIFEST)
    assert found.clip_ids == ["0001", None, "0002"]
    assert (found.by, found.extra) == ({"id": 1, "stem": 1}, ["nobody"])
    with pytest.raises(
        RunError, match=r"none of 2 rows names a clip .* 'a', the corpus has '0001'"
    ):
        matched("a", "b")


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "@SUM(A1)", "+1+1", '="0001"', "-2+3"])
def test_formulas_are_refused(cell: str) -> None:
    with pytest.raises(RunError, match="begins as a spreadsheet's formula does"):
        matched("0001", cell)


def test_messages_do_not_steer_the_terminal() -> None:
    with pytest.raises(RunError, match=r"'\?\[31mred\?'"):
        matched("\x1b[31mred\x07")


def test_nothing_is_matched_by_order_unasked() -> None:
    said = Said(places=["out.npz row 1", "out.npz row 2"])
    with pytest.raises(RunError, match=r"no clip is named in any of 2 rows; expected --ids FILE"):
        match_clips(said, MANIFEST)
    assert match_clips(said, MANIFEST, ids=["0002", "s2"]).clip_ids == ["0002", "0002"]
    with pytest.raises(RunError, match="--ids: 1 ids for 2 rows"):
        match_clips(said, MANIFEST, ids=["0002"])
    assert match_by_order(said, ["0003", "0001"]).clip_ids == ["0003", "0001"]
    with pytest.raises(RunError, match="2 rows for 5 clips"):
        match_by_order(said, list(MANIFEST["clip_id"]))
    with pytest.raises(RunError, match="names its clips itself"):
        match_clips(Said(places=["1"], clips=["0001"]), MANIFEST, ids=["0001"])
    with pytest.raises(RunError, match="names no clip"):
        matched("0001", None)
