"""What a session report says of the model: the short of its card, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from acoustic_sib.report.session_words import WORDS
from acoustic_sib.report.svg import printable
from acoustic_sib.screen.wording import decimal

if TYPE_CHECKING:
    from acoustic_sib.report.session import Session


def model_sentences(
    card: Mapping[str, Any], classes: Sequence[str], session: "Session"
) -> list[str]:  # fmt: skip
    """What the model was trained on, what it is worth on speakers held out, what nobody knows."""
    language, words = session.language, WORDS[session.language]
    speakers = (words["speakers_unknown"] if card["n_speakers"] is None
                else words["n_speakers"].format(n=card["n_speakers"]))  # fmt: skip
    counts = ", ".join(f"{name} {card['classes'][name]['n_clips']}" for name in classes)
    held_out = card["speaker_mode"] == "held_out"
    recalls = "; ".join(f"{name} {interval_text(card['recalls'][name], language)}"
                        for name in classes)  # fmt: skip
    sentences = [
        words["model_is"].format(
            name=printable(session.model), classes=", ".join(classes), n_columns=card["n_columns"],
            khz=decimal(language, card["high_hz"] / 1000, 1), n_clips=card["n_clips"],
            n_speakers=speakers, counts=counts,
        ),
        words["worth" if held_out else "worth_mixed"].format(
            uar=interval_text(card["uar"], language), recalls=recalls,
            chance=decimal(language, 1 / len(classes), 2),
        ),
    ]  # fmt: skip
    sentences += [
        words["sets"].format(
            level=f"{100 * one['level']:g} %", covered=interval_text(one["covered"], language),
            uncertain=interval_text(one["uncertain"], language),
        )
        for one in card["coverage"] if one["level"] == session.level
    ]  # fmt: skip
    return [*sentences, words["labels"]]


def interval_text(interval: Mapping[str, Any], language: str) -> str:
    """`0,77 (95-%-Intervall 0,74 bis 0,80)` of an interval of a card."""
    words = WORDS[language]
    value = decimal(language, interval["value"], 2)
    if interval["low"] is None or interval["high"] is None:
        return words["no_interval"].format(value=value)
    return words["interval"].format(value=value, low=decimal(language, interval["low"], 2),
                                    high=decimal(language, interval["high"], 2))  # fmt: skip
