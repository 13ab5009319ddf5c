"""What a bundle's card says: for people, beside the numbers for programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from acoustic_sib.screen.wording import say

MOST_LABELS = 12
"""Of one class, that are told."""


def card_text(card: Mapping[str, Any]) -> str:
    """The card as a few plain sentences."""
    middle = card["coverage"][1]
    who = (f"{card['n_speakers']} speakers" if card["n_speakers"] is not None
           else "speakers not known")  # fmt: skip
    tested = ("on speakers it was not trained on" if card["speaker_mode"] == "held_out"
              else "on clips of speakers that it was trained on")  # fmt: skip
    sentences = [
        *([say("en", "demonstration")] if card["demonstration"] else []),
        *filter(None, [maker_says(card, "en")]),
        f"Tells {', '.join(card['classes'])} apart by {card['n_columns']} measures of the sound up "
        f"to {card['high_hz']:g} Hz; trained on {card['n_clips']} clips, {who}.",
        f"Its unweighted average recall {tested} is {told(card['uar'])}, chance "
        f"{1 / len(card['classes']):.3f}.",
        f"Its sets of classes at {middle['level']:.0%} held the true class in "
        f"{told(middle['covered'])} and named several classes in "
        f"{told(middle['uncertain'])} of the clips.",
        _PREVALENCE[card["prevalence"]],
        say("en", "notice"),
    ]  # fmt: skip
    return " ".join(sentences)


_PREVALENCE = {
    "equal": "Its probabilities hold where each class is as frequent as the others.",
    "as trained": "Its probabilities hold where the classes are as frequent as in its training.",
    "as weighted": "Its probabilities hold for classes as frequent as the weights of its making "
    "have it.",
}


def maker_says(card: Mapping[str, Any], language: str) -> str:
    """What must go with every answer of the model: the labels that its classes are made of, where
    these are other words (sounds instead of lisps, say), that its speakers are not known, and its
    maker's note; else ''."""
    listed = "; ".join(f"{name} = {', '.join(_first(labels))}"
                       for name, labels in card.get("made_of", {}).items())  # fmt: skip
    sentences = [say(language, "made_of", listed=listed)] if listed else []
    if card.get("n_speakers", 0) is None:
        sentences.append(say(language, "unknown_speakers"))
    note = card.get("note", "")
    return " ".join([*sentences, *([say(language, "maker_note", note=note)] if note else [])])


def _first(labels: Sequence[str]) -> list[str]:
    return [*labels[:MOST_LABELS], *(["..."] if len(labels) > MOST_LABELS else [])]


def told(interval: Mapping[str, Any]) -> str:
    """`value [low, high]` of an interval of a card."""
    low, high = interval["low"], interval["high"]
    if low is None or high is None:
        return f"{interval['value']:.3f} (interval not measurable)"
    return f"{interval['value']:.3f} [{low:.3f}, {high:.3f}]"


def prevalence(weighting: object) -> str:
    """What class frequencies the probabilities of a model with these class weights are for."""
    return {"balanced": "equal", "none": "as trained"}.get(str(weighting), "as weighted")
