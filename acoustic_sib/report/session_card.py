"""What a session report says of the model: the short of its card, in the reader's language."""

from collections.abc import Mapping, Sequence
from math import isnan, nan
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
            level=percent_text(one["level"], language),
            covered=interval_text(one["covered"], language),
            uncertain=interval_text(one["uncertain"], language),
        )
        for one in card["coverage"] if one["level"] == session.level
    ]  # fmt: skip
    return [*sentences, words["labels"], *_predictive(card, session)]


def predictive_values(
    sensitivity: float, specificity: float, prevalence: float
) -> dict[str, float]:
    """Bayes: the share of true ones among the positive ('ppv') and among the negative ('npv'); NaN
    where nothing would be called so."""
    positive = prevalence * sensitivity, (1 - prevalence) * (1 - specificity)
    negative = (1 - prevalence) * specificity, prevalence * (1 - sensitivity)
    return {name: true / (true + false) if true + false > 0 else nan
            for name, (true, false) in (("ppv", positive), ("npv", negative))}  # fmt: skip


def _predictive(card: Mapping[str, Any], session: "Session") -> list[str]:
    """Predictive values of a single sibilant; of held-out people only, of no demonstration, and of
    no labels that are other words than the classes: nobody says that these are lisps."""
    found = card.get("screening")
    if found is None or card["demonstration"] or card["speaker_mode"] != "held_out":
        return []
    language, words = session.language, WORDS[session.language]
    if card.get("made_of"):
        return [words["no_predictive"]]
    sensitivity, specificity = found["sensitivity"], found["specificity"]
    if any(part[name] is None for part in (sensitivity, specificity)
           for name in ("value", "low", "high")):  # fmt: skip
        return []
    # Both rise with sensitivity and with specificity: the ends of both give the widest range.
    low, value, high = (
        predictive_values(sensitivity[name], specificity[name], session.prevalence)
        for name in ("low", "value", "high")
    )
    if any(isnan(share) for one in (low, value, high) for share in one.values()):
        return []
    ranges = {
        name: words["predictive_range"].format(
            value=decimal(language, 100 * value[name], 0),
            low=decimal(language, 100 * low[name], 0), high=decimal(language, 100 * high[name], 0),
        )
        for name in ("ppv", "npv")
    }  # fmt: skip
    sentence = words["predictive"].format(
        percent=percent_text(session.prevalence, language), **ranges,
        sensitivity=interval_text(sensitivity, language),
        specificity=interval_text(specificity, language),
    )  # fmt: skip
    return [words["predictive_if"], sentence, words["prevalence_source"]]


def percent_text(share: float, language: str) -> str:
    """`0,5 %`, with up to three digits that count: what was asked for may be below one per cent."""
    _, _, decimals = f"{100 * share:.3g}".partition(".")
    return f"{decimal(language, 100 * share, len(decimals))} %"


def interval_text(interval: Mapping[str, Any], language: str) -> str:
    """`0,77 (95-%-Intervall 0,74 bis 0,80)` of an interval of a card."""
    words = WORDS[language]
    if interval["value"] is None:
        return words["not_measurable"]
    value = decimal(language, interval["value"], 2)
    if interval["low"] is None or interval["high"] is None:
        return words["no_interval"].format(value=value)
    return words["interval"].format(value=value, low=decimal(language, interval["low"], 2),
                                    high=decimal(language, interval["high"], 2))  # fmt: skip
