"""What kind of sound a phone is, in the alphabets of the training speech of the sibilant search."""

import re

from tests.benchmarks.frication import Kind, Phone

ARPABET: dict[str, Kind] = {
    "S": "sibilant", "Z": "sibilant", "SH": "sibilant", "ZH": "sibilant", "CH": "affricate",
    "JH": "affricate", "TH": "dental", "DH": "dental", "F": "labial", "V": "labial", "HH": "back",
}  # fmt: skip
ESPEAK: tuple[tuple[str, Kind], ...] = (
    (r"[td][sSzZ].*", "affricate"), (r"[szSZ]([;.:\[2#]|x)*|l#", "sibilant"), (r"[TD]", "dental"),
    (r"[fv]", "labial"), (r"(x|X|h|H|C|gH|x2)[;^]?", "back"),
)  # fmt: skip
"""espeak-ng's own names, by pattern: palatal, retroflex, long and dental ones among them."""
FESTIVAL: dict[str, Kind] = {
    **dict.fromkeys(("s", "z", "S", "Z", "s~", "z~", "s:", "sh", "zh", "ss", "zz", "sch"),
                    "sibilant"),
    **dict.fromkeys(("ch", "jh", "tS", "dZ", "ts", "dz", "c", "c~", "cc", "chh", "r~", "r~*"),
                    "affricate"),
    **dict.fromkeys(("th", "dh"), "dental"), **dict.fromkeys(("f", "v", "ff", "vv"), "labial"),
    **dict.fromkeys(("h", "hh", "x", "xx"), "back"),
}  # fmt: skip
"""The Czech trill r~ is half a sibilant, and learnt from as neither."""
INDIAN: dict[str, Kind] = {
    **dict.fromkeys(("th", "dh", "tth", "ddh", "T", "D"), "other"), "j": "affricate",
}  # fmt: skip
"""Stops, aspirated ones among them, of Festival's Hindi and Telugu."""
VOICED = frozenset({"Z", "ZH", "DH", "V", "z", "v", "D", "dh", "zh", "z~", "zz", "vv", "gH", "z;",
                    "Z;"})  # fmt: skip


def of_arpabet(start: float, end: float, name: str) -> Phone:
    return Phone(start=start, end=end, kind=ARPABET.get(name, "other"), voiced=name in VOICED,
                 name=name)  # fmt: skip


def of_espeak(start: float, end: float, name: str) -> Phone:
    kind = next((kind for pattern, kind in ESPEAK if re.fullmatch(pattern, name)), "other")
    return Phone(start=start, end=end, kind=kind, voiced=name in VOICED)


def of_festival(voice: str, start: float, end: float, name: str) -> Phone:
    """In the Czech voices `ch` is a velar fricative."""
    plain = name.rstrip("1")
    kind = FESTIVAL.get(plain, "other")
    if voice.startswith(("hindi", "telugu")):
        kind = INDIAN.get(plain, kind)
    if voice.startswith("czech") and plain == "ch":
        kind = "back"
    return Phone(start=start, end=end, kind=kind, voiced=plain in VOICED)
