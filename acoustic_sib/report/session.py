"""Everything a session report says, collected in one dict: counts, each sibilant, the model.

Nothing is judged here and nothing is laid out; `render` does the second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from acoustic_sib.report.session_card import model_sentences, percent_text
from acoustic_sib.report.session_figure import SpectrumFigures, spectrum_figures, told
from acoustic_sib.report.session_words import WORDS
from acoustic_sib.report.svg import printable
from acoustic_sib.screen.card import maker_says
from acoustic_sib.screen.explain import EVIDENCE
from acoustic_sib.screen.measure_names import measure_words
from acoustic_sib.screen.records import Judged, Screened
from acoustic_sib.screen.reference import Norms, SpectrumNorm
from acoustic_sib.screen.retold import retold
from acoustic_sib.screen.tally import UNNAMED, Share, Tally, certain, searched, tallies, tally
from acoustic_sib.screen.wording import decimal, group_words, say
from acoustic_sib.version import __version__

N_COLOURS = 6
UNCERTAIN, UNASSESSED = "?", "–"


class Judge(Protocol):
    """What a report asks of the bundle that judged."""

    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def card(self) -> Mapping[str, Any]: ...
    @property
    def reference(self) -> Norms: ...
    @property
    def spectrum_norm(self) -> SpectrumNorm | None: ...
    @property
    def group(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a report must be told: the model's name, what was asked of it, and whose voice it was.

    `level`: of the sets, 0..1. `asked_group`: the group asked for (`reference.group_name`), ""
    for none. `made_on`: a date as text. `prevalence`: share of people taken to lisp, 0..1.
    """

    model: str
    level: float
    language: str
    made_on: str
    prevalence: float
    speaker: str = ""
    by_folder: bool = False
    asked_group: str = ""


def summarize_session(
    screened: Sequence[Screened], judge: Judge, session: Session
) -> dict[str, Any]:  # fmt: skip
    """The page of a session: plain JSON types only, the same for the same input."""
    language, words = session.language, WORDS[session.language]
    read = [one for one in screened if not one.failure]
    names = _shown_names([one.file for one in screened])
    signs = class_signs(judge.classes)
    spectra = [judged.spectrum for one in read for judged in one.sibilants if judged.spectrum]
    figures = spectrum_figures(spectra, judge.spectrum_norm, words) if spectra else None
    rows = _Rows(judge=judge, language=language, signs=signs, figures=figures)
    recordings, number = [], 1
    for one in read:
        recordings.append(_recording(one, names[one.file], rows, number))
        number += len(one.sibilants)
    return {
        "language": language, "words": dict(words), "version": __version__,
        "title": printable(session.speaker) or (names[read[0].file] if len(read) == 1 else ""),
        "demonstration": say(language, "demonstration") if judge.card["demonstration"] else "",
        "notice": say(language, "notice"),
        "searched": say(language, "postalveolar") if searched(screened) else "",
        "model_note": printable(maker_says(judge.card, language)),
        "facts": _facts(screened, judge, session),
        "counts": _counts(screened, names, judge.classes, signs, session),
        "key": words["key"].format(letters=", ".join(f"{signs[one]} {one}" for one in signs)),
        "recordings": recordings,
        "failed": [{"name": names[one.file],
                    "reason": printable(one.failure.removeprefix(f"{one.file}: "))}
                   for one in screened if one.failure],
        "banded": judge.spectrum_norm is not None,
        "frame": figures.frame if figures else "", "box": figures.box if figures else "",
        "model": model_sentences(judge.card, judge.classes, session),
        "training_notes": _training_notes(judge.card, language),
    }  # fmt: skip


def _training_notes(card: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """Each with its language: a note that is not known in the page's stays English."""
    notes = [(note, retold(language, note)) for note in card.get("notes", [])]
    return [{"text": printable(told), "language": "en" if told == note else language}
            for note, told in notes]  # fmt: skip


def class_signs(classes: Sequence[str]) -> dict[str, str]:
    """Each class's letter: the shortest beginning that no other class has."""
    signs = {}
    for name in classes:
        others = [other.casefold() for other in classes if other != name]
        length = next(
            (n for n in range(1, len(name))
             if not any(other.startswith(name[:n].casefold()) for other in others)),
            len(name),
        )  # fmt: skip
        signs[name] = name[:length].upper()
    return signs


def _shown_names(files: Sequence[Path]) -> dict[Path, str]:
    """File names without their folders, which may tell more of a person than is wanted; with them
    where two are alike."""
    names = [file.name for file in files]
    return {
        file: printable(file.name if names.count(file.name) == 1 else str(file)) for file in files
    }


def _facts(
    screened: Sequence[Screened], judge: Judge, session: Session
) -> list[dict[str, str]]:  # fmt: skip
    words = WORDS[session.language]
    read = [one for one in screened if not one.failure]
    judged = [sibilant for one in read for sibilant in one.sibilants]
    facts = {
        "made_on": session.made_on,
        "speaker": printable(session.speaker),
        "recordings": words["read_of"].format(read=len(read), total=len(screened)),
        "sibilants": words["assessable_of"].format(n=sum(one.assessable for one in judged),
                                                   total=len(judged)),
        "model": printable(session.model),
        "reference": _reference(judge, session),
        "level": words["level_says"].format(percent=percent_text(session.level, session.language)),
    }  # fmt: skip
    return [{"name": words[key], "value": value} for key, value in facts.items() if value]


def _reference(judge: Judge, session: Session) -> str:
    """Whom the sibilants were compared with, and why not with the group that was asked for."""
    language, words = session.language, WORDS[session.language]
    if not judge.reference:
        return words["no_normal"]
    n_speakers = max(norm.n_speakers for norm in judge.reference.values())
    if judge.group:
        whom = words["group_normal"].format(group=group_words(language, judge.group), n=n_speakers)
    else:
        whom = words["all_normal" if n_speakers else "all_normal_unknown"].format(n=n_speakers)
    if judge.group == session.asked_group:
        return whom
    asked = group_words(language, session.asked_group)
    return f"{whom}; {words['fallback'].format(asked=asked)}"


def _counts(
    screened: Sequence[Screened], names: Mapping[Path, str], classes: Sequence[str],
    signs: Mapping[str, str], session: Session,
) -> dict[str, Any]:  # fmt: skip
    """A table: all recordings, each sound, each folder as a speaker, each recording. One that
    stands alone comes first, since its sounds are parts of it."""
    words = WORDS[session.language]
    read = [one for one in screened if not one.failure]
    alone = names[read[0].file] if len(read) == 1 else ""
    name = printable(session.speaker) or alone or words["all"]
    together = tallies(screened, classes, name=name, by_folder=session.by_folder)
    sounds = {one.segment.label for part in read for one in part.sibilants} - UNNAMED
    titles = {f"{name}, '{sound}'": words["sound"].format(name=name, sound=printable(sound))
              for sound in sounds}  # fmt: skip
    rows = [_counts_row(one, titles.get(one.name, printable(one.name))) for one in together]
    titled = {one.file: name if alone else names[one.file] for one in read}
    each = [
        _counts_row(tally(titled[one.file], one.sibilants, classes), titled[one.file])
        for one in read
    ]
    rows = [*each, *rows] if alone else [*rows, *each]
    return {
        "caption": words["counts_caption"], "note": words["counts_note"], "rows": rows,
        "columns": [*(f"{signs[one]} {one}" for one in classes),
                    f"{UNCERTAIN} {words['uncertain']}"],
    }  # fmt: skip


def _counts_row(counts: Tally, name: str) -> dict[str, Any]:
    shares = [*counts.by_class.values(), counts.uncertain]
    return {"name": name, "n": f"{counts.n_assessable} / {counts.n_sibilants}",
            "shares": [_share(one) for one in shares]}  # fmt: skip


def _share(share: Share) -> dict[str, str]:
    if share.n == 0:
        return {"count": UNASSESSED, "range": ""}
    low, high = (f"{100 * edge:.0f}" for edge in (share.low, share.high))
    return {"count": str(share.count), "range": f"{100 * share.value:.0f} % ({low}–{high} %)"}


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """What every row of the page's tables needs."""

    judge: Judge
    language: str
    signs: Mapping[str, str]
    figures: SpectrumFigures | None


def _recording(one: Screened, name: str, rows: _Rows, first: int) -> dict[str, Any]:
    assert one.found is not None, "what was read was searched"
    return {
        "name": name,
        "notes": [printable(note) for note in one.found.notes],
        "labelled": any(judged.segment.label not in UNNAMED for judged in one.sibilants),
        "rows": [_row(judged, rows, number) for number, judged in enumerate(one.sibilants, first)],
    }  # fmt: skip


def _row(judged: Judged, rows: _Rows, number: int) -> dict[str, Any]:
    language, words = rows.language, WORDS[rows.language]
    place = judged.segment
    row: dict[str, Any] = {
        "number": number, "assessable": judged.assessable, "uncertain": False,
        "time": f"{decimal(language, place.start, 2)}–{decimal(language, place.end, 2)}",
        "label": "" if place.label in UNNAMED else printable(place.label),
        "unlike": words["unlike"].format(reason=printable(judged.unlike)) if judged.unlike else "",
    }  # fmt: skip
    if judged.predicted is None:
        return row | {"sign": UNASSESSED, "colour": None, "word": words["not_assessable"],
                      "more": printable(judged.reason), "says": "", "figure": None}  # fmt: skip
    sure = certain(judged)
    chance = judged.probabilities[judged.predicted]
    signs = rows.signs
    return row | {
        "uncertain": not sure,
        "sign": signs[judged.predicted] if sure else UNCERTAIN,
        "colour": list(signs).index(judged.predicted) % N_COLOURS if sure else None,
        "word": judged.predicted if sure else _doubt(judged, signs, words), "more": "",
        "percent": round(100 * chance),
        "chance": f"{signs[judged.predicted]} {_percent(chance)}",
        "says": printable(judged.why),
        "probabilities": words["probabilities"].format(listed=", ".join(
            f"{signs[name]} {name} {_percent(p)}"
            for name, p in judged.probabilities.items())),
        "numbers": _numbers(judged, rows.judge.reference, language),
        "figure": _figure(judged, rows, number),
    }  # fmt: skip


def _doubt(judged: Judged, signs: Mapping[str, str], words: Mapping[str, str]) -> str:
    """`uncertain: I, N`; the classes are those not ruled out, if any is left."""
    letters = ", ".join(signs[name] for name in judged.classes)
    return f"{words['uncertain']}: {letters}" if letters else words["uncertain"]


def _numbers(judged: Judged, reference: Norms, language: str) -> dict[str, Any]:
    """The measures that a sentence may speak of: value, Normal mean, distance."""
    words = WORDS[language]
    columns = dict.fromkeys(column for rules in EVIDENCE.values() for column, _, _ in rules)
    known = [column for column in columns if column in judged.z and column in reference]
    rows = [
        [measure_words(column, language), _measured(language, column, judged.measures[column]),
         _measured(language, column, reference[column].centre),
         _signed(language, judged.z[column])]
        for column in known
    ]  # fmt: skip
    heads = (words["value"], words["centre"], words["z"])
    return {
        "caption": words["numbers_caption"], "note": words["numbers_note"], "rows": rows,
        "columns": [{"name": words["measure"], "numeric": False},
                    *({"name": head, "numeric": True} for head in heads)],
    }  # fmt: skip


def _measured(language: str, column: str, value: float) -> str:
    """A value in its unit; shares of energy in per cent."""
    measure = column.split(".")[1]
    if measure.startswith("share_"):
        return _percent(value)
    if measure.endswith("_db"):
        return f"{decimal(language, value, 1)} dB".replace("-", "−")
    return decimal(language, value, 3 if measure == "flatness" else 2).replace("-", "−")


def _signed(language: str, value: float) -> str:
    text = decimal(language, abs(value), 1)
    return f"{'−' if value < 0 else '+'}{text}" if float(text.replace(",", ".")) else text


def _percent(share: float) -> str:
    """Whole per cent; what is neither nothing nor all is never written as such."""
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{100 * share:.0f} %"


def _figure(judged: Judged, rows: _Rows, number: int) -> dict[str, str] | None:
    if rows.figures is None or judged.spectrum is None:
        return None
    words, language = WORDS[rows.language], rows.language
    line = rows.figures.path(judged.spectrum)
    says = told(judged.spectrum, rows.judge.spectrum_norm, words, language)
    return {"key": f"figure-{number}", "title": words["figure"].format(number=number),
            "description": says, "line": line} if line else None  # fmt: skip
