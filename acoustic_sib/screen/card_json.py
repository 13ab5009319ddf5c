"""`card.json` of a bundle from anybody: what outputs and reports rely on must be there."""

from collections.abc import Sequence
from typing import Any

from acoustic_sib.errors import BundleError
from acoustic_sib.screen.model_json import LARGEST_NUMBER

LONGEST_NOTE = 500
"""Characters of the maker's note, which stands with every answer."""
MODES = ("held_out", "unknown")


def check_card(card: Any, classes: Sequence[str], place: str) -> None:
    """Raise BundleError unless the card tells what the model is worth, in plain text and numbers.

    Further keys are let through: they are only ever shown as what they are.
    """
    if not isinstance(card, dict):
        raise BundleError(f"{place} is no mapping; expected what `train` wrote")
    refuse_unprintable(card, place)
    found = {
        "demonstration": type(card.get("demonstration")) is bool,
        "speaker_mode": card.get("speaker_mode") in MODES,
        "n_clips": _is_count(card.get("n_clips")), "n_columns": _is_count(card.get("n_columns")),
        "n_speakers": card.get("n_speakers") is None or _is_count(card["n_speakers"]),
        "high_hz": _is_number(card.get("high_hz")),
        "uar": _is_interval(card.get("uar")),
        "recalls": _has_all(card.get("recalls"), classes, _is_interval),
        "classes": _has_all(card.get("classes"), classes, _is_class),
        "coverage": isinstance(card.get("coverage"), list)
        and all(map(_is_coverage, card["coverage"])),
        "screening": card.get("screening") is None
        or _has_all(card["screening"], ("sensitivity", "specificity"), _is_interval),
        "note": isinstance(card.get("note", ""), str) and len(card.get("note", "")) <= LONGEST_NOTE,
        "made_of": isinstance(card.get("made_of", {}), dict)
        and all(map(_are_texts, card.get("made_of", {}).values())),
        "notes": _are_texts(card.get("notes")),
    }  # fmt: skip
    wrong = next((name for name, right in found.items() if not right), None)
    if wrong is not None:
        raise BundleError(f"{place}: '{wrong}' is not what `train` writes; expected its figures: "
                          "was it tampered with?")  # fmt: skip


def refuse_unprintable(value: Any, place: str) -> None:
    """Raise BundleError for text, in keys or values, that would steer a terminal."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str) and not found.replace("\n", " ").isprintable():
            raise BundleError(f"{place}: holds control characters; expected plain text: was it "
                              "tampered with?")  # fmt: skip
        if isinstance(found, dict):
            waiting += [*found.keys(), *found.values()]
        elif isinstance(found, list):
            waiting += found


def _has_all(value: Any, names: Sequence[str], right: Any) -> bool:
    return isinstance(value, dict) and all(name in value and right(value[name]) for name in names)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_class(value: Any) -> bool:
    return isinstance(value, dict) and _is_count(value.get("n_clips"))


def _is_coverage(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_number(value.get("level"))
        and _is_interval(value.get("covered"))
        and _is_interval(value.get("uncertain"))
    )


def _is_interval(value: Any) -> bool:
    """A share of 0..1 with its ends, each of which may be unknown."""
    return isinstance(value, dict) and all(
        part in value
        and (value[part] is None or (_is_number(value[part]) and 0 <= value[part] <= 1))
        for part in ("value", "low", "high")
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_NUMBER


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= LARGEST_NUMBER
