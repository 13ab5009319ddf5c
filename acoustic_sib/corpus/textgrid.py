"""Praat's TextGrid files, long and short, as tiers of labelled intervals.

Own reader, because a mistake in a hand-made file has to be named with its line; the tests hold it
against Praat's own reading. Praat takes from a text file only free-standing numbers, quoted texts
and <flags>, which makes the long and the short format the same sequence of values.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from acoustic_sib.corpus.table_files import decoded
from acoustic_sib.errors import CorpusError

_TOKEN = re.compile(
    r'"(?P<text>(?:[^"]|"")*)"'
    r"|(?P<comment>![^\n]*)"
    r"|(?P<flag><[^>\s]*>)"
    r"|(?P<number>(?<!\S)[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\S))"
    r"|(?P<other>[^\s\"<!]+|[<!\"])"
)


class Interval(NamedTuple):
    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Tier:
    """An interval tier; `text` of an interval is as written, blanks around it included."""

    name: str
    intervals: tuple[Interval, ...]


class _Value(NamedTuple):
    kind: str
    value: str
    line: int


def read_textgrid(path: Path) -> tuple[Tier, ...]:
    """The interval tiers of a TextGrid in text format (UTF-8 or UTF-16); point tiers are skipped.

    Raises CorpusError with file and line when the file is no TextGrid in text format, is cut off,
    or an interval does not begin before it ends.
    """
    if _is_binary(path):
        raise CorpusError(f"{path}: a binary TextGrid; expected Praat's text format: in Praat, "
                          "use 'Save as text file...'")  # fmt: skip
    return _Parser(path).tiers()


def _is_binary(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(12) == b"ooBinaryFile"


class _Parser:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.values = _values(decoded(path))
        self.line = 1

    def tiers(self) -> tuple[Tier, ...]:
        header = [self._next("text", "its file type"), self._next("text", "its object class")]
        if header != ["ooTextFile", "TextGrid"]:
            raise self._wrong(f"begins with {' '.join(header)!r}", "a TextGrid")
        self._number("its start")
        self._number("its end")
        if self._next("flag", "<exists>") != "<exists>":
            return ()
        found = [self._tier() for _ in range(self._count("tiers"))]
        return tuple(tier for tier in found if tier is not None)

    def _tier(self) -> Tier | None:
        kind = self._next("text", "a tier's class")
        name = self._next("text", "a tier's name")
        self._number("a tier's start")
        self._number("a tier's end")
        if kind not in ("IntervalTier", "TextTier"):
            raise self._wrong(f"a tier of class '{kind}'", "IntervalTier or TextTier")
        count = self._count("intervals")
        if kind == "TextTier":
            for _ in range(count):
                self._number("a point's time")
                self._next("text", "a point's mark")
            return None
        return Tier(name=name, intervals=tuple(self._interval() for _ in range(count)))

    def _interval(self) -> Interval:
        start, end = self._number("an interval's start"), self._number("an interval's end")
        if not start < end:
            raise self._wrong(f"an interval from {start:g} to {end:g} s", "a start before its end")
        return Interval(start, end, self._next("text", "an interval's text"))

    def _count(self, what: str) -> int:
        number = self._number(f"the number of {what}")
        if number != int(number) or number < 0:
            raise self._wrong(f"{number:g} {what}", "a whole number of them")
        return int(number)

    def _number(self, what: str) -> float:
        number = float(self._next("number", what))
        if not math.isfinite(number):
            raise self._wrong(f"{number} as {what}", "a number")
        return number

    def _next(self, kind: str, what: str) -> str:
        value = next(self.values, None)
        if value is None:
            raise self._wrong("the end of the file", f"{what}: was the file cut off?")
        self.line = value.line
        if value.kind != kind:
            raise self._wrong(f"the {value.kind} '{value.value[:40]}'", what)
        return value.value

    def _wrong(self, found: str, expected: str) -> CorpusError:
        return CorpusError(f"{self.path} line {self.line}: {found}; expected {expected}")


def _values(text: str) -> Iterator[_Value]:
    line, last = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", last, token.start())
        last = token.start()
        kind = str(token.lastgroup)
        if kind == "text":
            yield _Value(kind, token["text"].replace('""', '"'), line)
        elif kind in ("flag", "number"):
            yield _Value(kind, token[0], line)
