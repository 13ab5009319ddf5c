"""From label values as they stand in a corpus to class names: renamed, left out, checked."""

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from acoustic_sib.errors import CorpusError

UNLABELLED = ""


@dataclass(frozen=True, kw_only=True)
class Classes:
    """One class name a row (None where the row is left out), and the counts of `leave_out`.

    `unused` are the names in `rename` and `leave_out` that stand for no value of this corpus.
    """

    names: list[str | None]
    left_out: dict[str, int]
    unused: list[str]


def to_classes(
    values: Sequence[str | None],
    *,
    rename: dict[str, str],
    leave_out: Sequence[str],
    places: Sequence[str],
    place: str,
    as_written: bool = False,
) -> Classes:
    """Map label values through `rename`, drop those in `leave_out`, and check what is left.

    A name in `rename` or `leave_out` stands for the value spelled like it; where no value is, for
    those that differ from it by case or blanks only (not with `as_written`). `leave_out` is held
    against the value before and after renaming; an empty text in it means rows without a label.
    Raises CorpusError for an empty label, fewer than two classes, classes that differ only by
    case or blanks, and a `leave_out` that almost names a label.
    """
    raw = [value if value is not None and value.strip() else UNLABELLED for value in values]
    renamed_to = _spelled_out(rename, set(raw), as_written)
    renamed = {value: rename[renamed_to[value]] if value in renamed_to else value for value in raw}
    before = _spelled_out(leave_out, set(raw), as_written)
    after = _spelled_out(leave_out, set(renamed.values()), as_written)
    out = {value: before.get(value, after.get(renamed[value])) for value in set(raw)}
    _refuse_misspelt(leave_out, before | after, {*raw, *renamed.values()}, place)
    names: list[str | None] = []
    left_out: Counter[str] = Counter()
    for row, value in enumerate(raw):
        reason = out[value]
        if reason is not None:
            left_out[reason] += 1
            names.append(None)
            continue
        if value == UNLABELLED:
            raise CorpusError(
                f"{places[row]}: 'label' is empty ({raw.count(UNLABELLED)} of {len(raw)} rows); "
                "expected a label in every row; to leave such rows out: leave_out: ['']"
            )
        names.append(renamed[value])
    _check_classes([name for name in names if name is not None], left_out, place)
    used = {*renamed_to.values(), *before.values(), *after.values()}
    return Classes(
        names=[None if name is None else composed(name) for name in names],
        left_out=dict(left_out),
        unused=[name for name in dict.fromkeys((*rename, *leave_out)) if name not in used],
    )


def made_of(values: Sequence[str | None], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Class -> its label values, where any differs from the class by more than case or blanks."""
    found: dict[str, set[str]] = {}
    for value, name in zip(values, names, strict=True):
        found.setdefault(name, set()).add(composed(value or UNLABELLED))
    return {
        name: tuple(sorted(own))
        for name, own in sorted(found.items())
        if {_folded(value) for value in own} != {_folded(name)}
    }


def described(counts: dict[str, int], limit: int = 12) -> str:
    """`'Normal' (243), 'Lateral' (580)`, most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"'{name}' ({count})" for name, count in ordered[:limit])
    return shown + (f" and {len(ordered) - limit} more" if len(ordered) > limit else "")


def composed(text: str) -> str:
    """The text in Unicode's composed form, blanks around it removed: one spelling of one look."""
    return unicodedata.normalize("NFC", text).strip()


def _folded(name: str) -> str:
    return " ".join(composed(name).split()).casefold()


def _spelled_out(names: Iterable[str], values: set[str], as_written: bool) -> dict[str, str]:
    """Value -> the name that stands for it."""
    names = list(names)
    exact = {name: name for name in names if name in values}
    variants = {
        value: name
        for name in names
        if name not in values and name.strip()
        for value in values
        if value not in exact
        and (composed(value) == composed(name) if as_written else _folded(value) == _folded(name))
    }
    return variants | exact


def _refuse_misspelt(
    leave_out: Sequence[str], found: dict[str, str], values: set[str], place: str
) -> None:
    # A label that this corpus lacks may stand in a config shared by several; a slip may not.
    for name in set(leave_out) - set(found.values()) - {UNLABELLED}:
        close = difflib.get_close_matches(name, sorted(values), n=1, cutoff=0.8)
        if close and name.strip():
            raise CorpusError(
                f"{place}: leave_out names '{name}', which is no label here; did you mean "
                f"'{close[0]}'?"
            )


def _check_classes(names: list[str], left_out: Counter[str], place: str) -> None:
    counts = Counter(names)
    spellings: dict[str, list[str]] = {}
    for name in counts:
        spellings.setdefault(_folded(name), []).append(name)
    for alike in spellings.values():
        if len(alike) > 1:
            often, *seldom = sorted(alike, key=lambda name: (-counts[name], name))
            repair = ", ".join(f"{name!r}: {often!r}" for name in seldom)
            raise CorpusError(
                f"{place}: labels {described({name: counts[name] for name in alike})} differ only "
                f"by case or blanks; expected one spelling a class: labels: {{{repair}}}"
            )
    if not counts:
        gone = f" after leaving out {described(left_out)}" if left_out else ""
        raise CorpusError(f"{place}: no clips{gone}; expected at least two classes of them")
    if len(counts) == 1:
        raise CorpusError(
            f"{place}: one class only, {described(counts)}; expected at least two: is 'label' the "
            "right column, or does the config map or leave out too much?"
        )
