"""Screened recordings as JSON lines, CSV, TextGrid tiers and a table.

A demonstration's outputs all carry its sentence: none can be cut loose and taken for screening.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from textwrap import wrap
from typing import Any

from acoustic_sib.errors import printable
from acoustic_sib.screen.records import Judged, Screened, Spectrum
from acoustic_sib.screen.tally import UNNAMED, Tally, certain, searched, tally
from acoustic_sib.screen.wording import decimal, say

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
FORMULA_WITHIN = re.compile(r"([;\t\r\n] *)(?=[=+\-@])")
"""Where the comma is the decimal sign, spreadsheets take semicolons for the ends of cells."""
FORMULA_WITHIN_ANY = re.compile(r"([,;\t\r\n] *)(?=[=+\-@])")
"""A sheet with semicolons may be opened by a spreadsheet that takes commas for them."""
BYTE_ORDER_MARK = "\ufeff"
LEAST_COLUMNS = 40
"""No table is broken into shorter lines than these."""
Tier = tuple[str, list[tuple[float, float, str]]]


def json_lines(
    screened: Iterable[Screened], *, demonstration: str = "", model_note: str = "",
    notice: str = "", group: str = "", speakers: Mapping[Path, str] | None = None,
) -> str:  # fmt: skip
    """One line a sibilant, keys of the contract; what is not a number is null. `group`: whose norms
    the distances `z` are from. `notice`: the clinical wording. `speakers`: of recordings, where
    they are known (`tally.speakers_of`)."""
    lines = []
    for one in screened:
        speaker = (speakers or {}).get(one.file, "")
        for judged in one.sibilants:
            record = _record(one, judged) | {"speaker": speaker, "reference": group}
            record |= _given(notice=notice, model_note=model_note, demonstration=demonstration)
            lines.append(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
    return "".join(lines)


def _given(**sentences: str) -> dict[str, str]:
    return {name: sentence for name, sentence in sentences.items() if sentence}


def _record(screened: Screened, judged: Judged) -> dict[str, Any]:
    return {
        "file": str(screened.file), "start": judged.segment.start, "end": judged.segment.end,
        "assessable": judged.assessable, "reason": judged.reason, "predicted": judged.predicted,
        "context": _known(judged.context),
        "set": list(judged.classes), "probabilities": dict(judged.probabilities),
        "why": judged.why, "measures": _known(judged.measures), "z": _known(judged.z),
        "unlike": judged.unlike, "label": judged.segment.label, "score": judged.segment.score,
        "origin": judged.segment.origin, "spectrum": _spectrum(judged.spectrum),
        "notes": list(screened.found.notes) if screened.found is not None else [],
    }  # fmt: skip


def _spectrum(spectrum: Spectrum | None) -> dict[str, Any] | None:
    if spectrum is None:
        return None
    levels = [round(level, 1) if isfinite(level) else None for level in spectrum.level_db]
    return {"first_hz": spectrum.first_hz, "step_hz": spectrum.step_hz, "level_db": levels}


def _known(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in values.items()}


def csv_text(
    screened: Iterable[Screened], classes: Sequence[str], *, demonstration: str = "",
    model_note: str = "", notice: str = "", decimal_comma: bool = False, language: str = "en",
    speakers: Mapping[Path, str] | None = None,
) -> str:  # fmt: skip
    """One row a sibilant, and one for each recording that holds none, which says so under `reason`,
    or could not be read (`failure`): no recording is missing. `notes`: those of the search.

    `answer` is what may be read alone: the class where it is certain, else in the language that it
    is uncertain or not assessable, or that nothing was found or read. `predicted` is the likeliest
    class, certain or not, and stands behind `certain`. `speaker`: of `speakers`, where it is known
    (`tally.speakers_of`).

    `decimal_comma`: for a spreadsheet of a country that writes 0,5, which would take 0.5 for text
    and 1.5 for a day in May: cells are parted by semicolons, and a byte-order mark says that the
    text is UTF-8. Text that a spreadsheet would run as a formula is led by an apostrophe, also
    where it would begin a cell for one that parts cells by the other sign.
    """
    out = io.StringIO()
    sheet = _Sheet(decimal_comma=decimal_comma)
    writer = csv.writer(out, lineterminator="\r\n", delimiter=sheet.delimiter)
    head = ["file", "speaker", "start", "end", "answer", "assessable", "reason", "certain",
            "predicted", "set", *(f"p_{name}" for name in classes), "unlike", "why", "label",
            "origin", "score", "notes", "failure"]  # fmt: skip
    # Of every row: what is cut out of a sheet shall keep them.
    with_each = _given(notice=notice, model_note=model_note, demonstration=demonstration)
    writer.writerow([sheet.cell(name) for name in [*head, *with_each]])
    for one in screened:
        speaker = (speakers or {}).get(one.file, "")
        rows = [_row(one, judged, classes, speaker, language) for judged in one.sibilants]
        if not rows:
            empty = dict.fromkeys(head, "") | {"file": str(one.file), "speaker": speaker,
                                               "failure": one.failure}  # fmt: skip
            none = say(language, "not_read" if one.found is None else "none_found")
            empty["answer"] = none
            if one.found is not None:
                empty |= {"reason": none, "notes": _notes(one)}
            rows.append(list(empty.values()))
        for row in rows:
            writer.writerow([sheet.cell(value) for value in [*row, *with_each.values()]])
    return BYTE_ORDER_MARK * decimal_comma + out.getvalue()


def _row(
    screened: Screened, judged: Judged, classes: Sequence[str], speaker: str, language: str
) -> list[str | float]:
    sure = ("yes" if certain(judged) else "no") if judged.assessable else ""
    return [
        str(screened.file), speaker, judged.segment.start, judged.segment.end,
        _answer(judged, language), "yes" if judged.assessable else "no", judged.reason, sure,
        judged.predicted or "", " | ".join(judged.classes),
        *(judged.probabilities.get(name, "") for name in classes), judged.unlike, judged.why,
        judged.segment.label, judged.segment.origin, judged.segment.score, _notes(screened), "",
    ]  # fmt: skip


def _answer(judged: Judged, language: str) -> str:
    if judged.predicted is None:
        return say(language, "not_assessable_word")
    return judged.predicted if certain(judged) else say(language, "uncertain_word")


def _notes(screened: Screened) -> str:
    return "; ".join(screened.found.notes) if screened.found is not None else ""


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """How cells are written for a kind of spreadsheet."""

    decimal_comma: bool

    @property
    def delimiter(self) -> str:
        return ";" if self.decimal_comma else ","

    def cell(self, value: str | float) -> str:
        if not isinstance(value, str):
            number = f"{value:.6g}"
            return number.replace(".", ",") if self.decimal_comma else number
        within = FORMULA_WITHIN_ANY if self.decimal_comma else FORMULA_WITHIN
        # Names of files may hold bytes that are no text; the table must be writable all the same.
        text = within.sub(r"\1'", value.encode(errors="backslashreplace").decode())
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def tiers(
    screened: Screened, *, demonstration: str = "", model_note: str = "", language: str = "en"
) -> list[Tier]:
    """TextGrid tiers sibilant, class and probability; a demonstration has a tier that says so, and
    so has what must be known of the model.

    A class that is not alone in its set stands with a question mark.
    """
    sibilants, classes, probabilities = [], [], []
    for judged in screened.sibilants:
        start, end = judged.segment.start, judged.segment.end
        sibilants.append((start, end, judged.segment.label or "sibilant"))
        if judged.predicted is None:
            classes.append((start, end, say(language, "not_assessable", reason=judged.reason)))
            probabilities.append((start, end, ""))
            continue
        doubt = "" if certain(judged) else "?"
        classes.append((start, end, judged.predicted + doubt))
        probabilities.append((start, end, f"{judged.probabilities[judged.predicted]:.2f}"))
    made: list[Tier] = [("sibilant", sibilants), ("class", classes), ("probability", probabilities)]
    if screened.found is not None:
        made += [(name, [(0.0, screened.found.duration_s, sentence)]) for name, sentence in
                 _given(model_note=model_note, demonstration=demonstration).items()]  # fmt: skip
    return made


def terminal_table(
    screened: Sequence[Screened],
    classes: Sequence[str],
    *,
    language: str,
    demonstration: str = "",
    model_note: str = "",
    together: Iterable[Tally] = (),
    columns: int | None = None,
) -> str:
    """Each sibilant on a line, each recording's counts, the counts `together`, the notice.

    With `columns`, the width of a terminal, what is said of a sibilant stands below it, broken into
    lines of that width.
    """
    first = filter(None, (demonstration, model_note))
    lines = [line for sentence in first for line in _broken(printable(sentence), columns)]
    for one in screened:
        if one.failure:
            continue
        lines.append(printable(str(one.file)))
        names = [_sound(judged) for judged in one.sibilants]
        longest = max(map(len, names), default=0)
        for judged, name in zip(one.sibilants, names, strict=True):
            sound = f"  {name:<{longest}}" if longest else ""
            lines += _lines(judged, sound, language, columns)
        if [judged.segment.origin for judged in one.sibilants] != ["whole"]:
            counts = _counts(tally(str(one.file), one.sibilants, classes), language)
            why_none = f" ({printable(_notes(one))})" if not names and _notes(one) else ""
            lines += _broken(counts + why_none, columns, first=2, rest=4)
    for added in together:
        counts = f"{printable(added.name)}: {_counts(added, language)}"
        lines += _broken(counts, columns, rest=4)
    if searched(screened):
        lines += _broken(say(language, "postalveolar"), columns)
    lines += _broken(say(language, "notice"), columns)
    return "".join(f"{line}\n" for line in lines)


def _broken(text: str, columns: int | None, *, first: int = 0, rest: int = 0) -> list[str]:
    """`text` indented, in lines no longer than `columns` where that is given."""
    if columns is None:
        return [" " * first + text]
    return wrap(text, max(columns, LEAST_COLUMNS), initial_indent=" " * first,
                subsequent_indent=" " * rest, break_on_hyphens=False,
                break_long_words=False)  # fmt: skip


def _sound(judged: Judged) -> str:
    """The sound that a TextGrid names, if any."""
    label = judged.segment.label
    return "" if label in UNNAMED else printable(label)


def _lines(judged: Judged, sound: str, language: str, columns: int | None) -> list[str]:
    places = (decimal(language, at, 3) for at in (judged.segment.start, judged.segment.end))
    place = "  {:>8} {:>8}{}  ".format(*places, sound)
    if judged.predicted is None:
        refused = say(language, "not_assessable", reason=printable(judged.reason))
        return _broken(place.lstrip() + refused, columns, first=len(place) - len(place.lstrip()),
                       rest=len(place))  # fmt: skip
    named = _answer(judged, language)
    chance = f"p({judged.predicted}) {decimal(language, judged.probabilities[judged.predicted], 2)}"
    unlike = f" [{judged.unlike}]" if judged.unlike else ""
    why = printable(judged.why + unlike)
    if columns is None:
        return [f"{place}{named:<12} {chance}  {why}"]
    return [f"{place}{named:<12} {chance}", *_broken(why, columns, first=6, rest=6)]


def _counts(counts: Tally, language: str) -> str:
    if counts.n_sibilants == 0:
        return say(language, "none_found")
    shares = [*counts.by_class.items(), (say(language, "uncertain_word"), counts.uncertain)]
    told = [
        say(language, "share", name=name, count=one.count, percent=100 * one.value,
            low=100 * one.low, high=100 * one.high)
        for name, one in shares
        if one.n
    ]  # fmt: skip
    assessable = say(language, "assessable", n=counts.n_assessable, total=counts.n_sibilants)
    return "; ".join([assessable, *told])
