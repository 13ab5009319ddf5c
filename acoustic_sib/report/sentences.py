"""What the check found, in words for three readers: whoever trains models, therapists, researchers.

Every function takes the `result` of a check (see cli.md) and returns plain text.
"""

from collections.abc import Mapping
from typing import Any

from acoustic_sib.report.wording import (
    DISCLAIMER,
    NOT_MEASURABLE,
    PERMUTED,
    as_sentence,
    decimal,
    full_interval,
    has_range,
    interval_words,
    nuisance_words,
    p_value,
    percent,
    sample_size,
)

Result = Mapping[str, Any]
# A p that the design cannot get below is worth a warning from here on.
WORTH_TELLING_P = 0.01
WORTH_TELLING_SHARE = 0.5


def speakers_known(result: Result) -> bool:
    return bool(result["corpus"]["speaker_mode"] == "held_out")


def figure_name(result: Result) -> str:
    """What the UAR of this check must be called."""
    return "UAR, speakers held out" if speakers_known(result) else (
        "UAR, clips mixed across speakers")  # fmt: skip


def why_mixed(result: Result) -> str:
    """Why the figures say nothing of new speakers; empty where speakers were held out."""
    if speakers_known(result):
        return ""
    if result["corpus"]["n_speakers"] is None:
        return "The corpus names no speakers, so the same voice may stand in training and test"
    return "The folds put clips of the same speaker into training and test"


def answer(result: Result) -> dict[str, str]:
    """The verdict as a word, a sign, a tone for the style sheet and a sentence."""
    verdict = result["verdict"]
    known = speakers_known(result)
    if verdict == "learnable" and known:
        word, sign, tone = "Learnable", "✓", "good"
        sentence = ("Yes. These labels can be learnt from sound, and the answer holds for "
                    "speakers the model had never heard.")  # fmt: skip
    elif verdict == "learnable":
        word, sign, tone = "Learnable for these voices", "✓", "fair"
        sentence = (f"Yes, for these voices. {why_mixed(result)}: nothing is shown for a voice "
                    "that is not in the corpus.")  # fmt: skip
    elif verdict == "shortcut":
        word, sign, tone = "Shortcut", "!", "fair"
        sentence = ("Not safe to say. The labels can be guessed from properties of the recordings "
                    "alone, nearly as well as from the sound itself.")  # fmt: skip
    else:
        word, sign, tone = "Not shown", "?", "none"
        sentence = ("This check could not show that the labels can be learnt from sound. That is "
                    "no proof that they cannot.")  # fmt: skip
    return {"verdict": verdict, "word": word, "sign": sign, "tone": tone, "sentence": sentence,
            "reason": as_sentence(result["reason"])}  # fmt: skip


def readers(result: Result) -> list[dict[str, str]]:
    """The same finding for three readers."""
    return [
        {"who": "If you train models", "says": for_engineer(result)},
        {"who": "If you are a therapist", "says": for_therapist(result)},
        {"who": "If you do research", "says": for_researcher(result)},
    ]


def for_engineer(result: Result) -> str:
    baseline, chance = result["baseline"], result["chance"]
    reached = (
        f"A classical model ({baseline['model']}) reaches a UAR of "
        f"{full_interval(baseline['uar'])} where chance is {decimal(chance['uar'])}"
    )
    if result["verdict"] == "learnable":
        voices = "" if speakers_known(result) else (
            ", with the same voices in training and test")  # fmt: skip
        return (
            f"{reached}{voices}. A network that stays near chance on these clips is not held back "
            "by the labels: look at its training, pooling and padding, in the order of the ladder "
            "below, and compare it with this baseline on the same folds (folds.csv)."
        )
    if result["verdict"] == "shortcut":
        return (
            f"{reached}; a model that sees only {nuisance_words(result['shortcuts']['columns'])} "
            f"reaches {full_interval(result['shortcuts']['uar'])}. A network finds the same way "
            "round the sound, so a good score on this corpus would prove little. Make the classes "
            "alike in these respects first."
        )
    return (
        f"{reached}, and that is not reliably more than chance. A network stuck near chance on "
        "these clips may be right. Before tuning it, see to the number of speakers, the label "
        "suspects and the audit below."
    )


def for_therapist(result: Result) -> str:
    uar = result["baseline"]["uar"]
    right = NOT_MEASURABLE if uar["value"] is None else f"{uar['value'] * 100:.0f}"
    span = interval_words(uar)
    if has_range(uar):
        low, high = (f"{uar[end] * 100:.0f}" for end in ("low", "high"))
        span = f"{percent(uar['level'])} interval {low} to {high}"
    whom = (
        "people whose recordings it had not learnt from"
        if speakers_known(result)
        else "voices that it may have learnt from as well"
    )
    counted = (
        f"The program sorted {right} of 100 clips as they were labelled (averaged over the "
        f"{len(result['corpus']['classes'])} classes; {span}; tried on {sample_size(uar)}), from "
        f"{whom}; guessing would get {result['chance']['uar'] * 100:.0f}."
    )
    meaning = {
        "learnable": "So the classes differ in sound in a way that carries over"
        + (" from speaker to speaker." if speakers_known(result) else " from clip to clip."),
        "shortcut": "But the classes also differ in how they were recorded or cut, and that alone "
        "is enough to guess them. Record everybody in the same way, cut the clips in the same "
        "way, and check again.",
        "not_shown": "That is not reliably better than guessing. There may be too few speakers, "
        "labels that listeners would not agree on, or a difference that these measures miss.",
    }[result["verdict"]]
    whole = "This describes a collection of clips, not any one person."
    return f"{counted} {meaning} {whole} {DISCLAIMER}"


def for_researcher(result: Result) -> str:
    baseline = result["baseline"]
    return (
        f"{figure_name(result)}: {full_interval(baseline['uar'])}, "
        f"{sample_size(baseline['uar'])}; {interval_kind(baseline['uar'])}. Macro-F1 "
        f"{full_interval(baseline['macro_f1'])}. Chance {decimal(result['chance']['uar'])}; "
        f"{permutation(result)}. Nuisance-only model: {full_interval(result['shortcuts']['uar'])}."
    )


def interval_kind(interval: Mapping[str, Any]) -> str:
    """How an interval was made, by its unit."""
    if not has_range(interval):
        return "its interval could not be measured"
    if interval["unit"] == "speaker":
        return "the interval is a jackknife that leaves out one speaker at a time"
    return "the interval is over clips and so too narrow wherever a speaker said several"


def permutation(result: Result) -> str:
    """The permutation test: p, number and unit, and the smallest p where it is too large."""
    test = result["chance"]["permutation"]
    unit = PERMUTED.get(test["unit"], f"the unit is the {test['unit']}")
    told = f"permutation test {p_value(test['p_value'])} ({test['n']} permutations; {unit})"
    smallest = test["smallest_p"]
    if smallest is not None and smallest > WORTH_TELLING_P:
        told += f"; this design cannot reach less than {p_value(smallest)}"
    return told


def shortcut_share(result: Result) -> float | None:
    """The nuisance model's gain over chance as a share of the baseline's; None where either cannot
    be told or the baseline gains nothing."""
    chance = result["chance"]["uar"]
    nuisance, acoustic = (result[part]["uar"]["value"] for part in ("shortcuts", "baseline"))
    if nuisance is None or acoustic is None or acoustic <= chance:
        return None
    return float(max(nuisance - chance, 0.0) / (acoustic - chance))


def shortcut_status(result: Result) -> str:
    """'fail' where the verdict is a shortcut, 'warn' where the nuisance model is surely above
    chance and gains at least half of what the baseline gains, else 'pass'."""
    if result["verdict"] == "shortcut":
        return "fail"
    low, share = result["shortcuts"]["uar"]["low"], shortcut_share(result)
    surely = low is not None and low > result["chance"]["uar"]
    return "warn" if surely and (share is None or share >= WORTH_TELLING_SHARE) else "pass"


def shortcut_sentence(result: Result) -> str:
    shortcuts = result["shortcuts"]
    if not shortcuts["columns"]:
        return "No property of the recordings differs from clip to clip: no shortcut to look for."
    told = (
        f"A model that sees only {nuisance_words(shortcuts['columns'])} reaches a UAR of "
        f"{full_interval(shortcuts['uar'])}."
    )
    adds = shortcuts.get("difference")
    if adds is not None and has_range(adds):
        told += (
            f" On the same clips, hearing the sound adds {adds['value']:.2f} "
            f"({percent(adds['level'])} interval {adds['low']:.2f} to {adds['high']:.2f})."
        )
    share = shortcut_share(result)
    if share is None:
        return told
    return f"{told} That is {share * 100:.0f} % of the acoustic model's gain over chance."
