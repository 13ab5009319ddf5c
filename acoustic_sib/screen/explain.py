"""One plain sentence on why a sibilant got its class, from its distance to Normal speakers."""

import re
from collections.abc import Mapping, Sequence
from math import hypot
from typing import Protocol

import numpy as np

from acoustic_sib.screen.wording import group_words, say

NOTABLE_Z = 1.0
MOST_FINDINGS = 2

EVIDENCE: dict[str, tuple[tuple[str, float, str], ...]] = {
    "lateral": (
        ("multitaper.share_2500_4500.multitaper", 1.0, "lateral_band"),
        ("bands.lateral_modulation_db.frames_sd", 1.0, "lateral_modulation"),
        ("multitaper.skewness.multitaper", 1.0, "skewness"),
        ("shape.flatness.frames_mean", 1.0, "flatness"),
    ),
    # Studies conflict on centre of gravity and peak of interdentals: they are no evidence here.
    "interdental": (
        ("shape.flatness.frames_mean", 1.0, "flatness"),
        ("multitaper.ampd_db.multitaper", -1.0, "ampd"),
        ("temporal.level_re_vowel_db", -1.0, "level"),
    ),
}
"""Kind of class -> (column, direction that speaks for it, key of the words)."""

_NORMAL = re.compile(r"(?<![^\W\d_])(?<!no[nt][\W_])normal")
"""Not abnormal, anormal, non-normal or not normal: their speakers are nobody's reference."""


class Norm(Protocol):
    """Where the Normal speakers lie in one column: centre and SD of their own means, and SD of a
    clip `within` a speaker."""

    @property
    def centre(self) -> float: ...
    @property
    def spread(self) -> float: ...
    @property
    def within(self) -> float: ...


def z_scores(measures: Mapping[str, float], reference: Mapping[str, Norm]) -> dict[str, float]:
    """Column -> distance from the Normal speakers in SD of one clip of an unknown speaker, who
    differs from others and from clip to clip; absent where either is not known."""
    distances = {}
    for column, norm in reference.items():
        value = measures.get(column, float("nan"))
        single = hypot(norm.spread, norm.within)
        if np.isfinite(value) and np.isfinite(norm.centre) and single > 0:
            distances[column] = float((value - norm.centre) / single)
    return distances


def kind_of(name: str) -> str:
    """'normal', 'lateral' or 'interdental' for a class of that name (dental ones too), else ""."""
    lowered = name.lower()
    for part, kind in (("lateral", "lateral"), ("dental", "interdental")):
        if part in lowered:
            return kind
    return "normal" if _NORMAL.search(lowered) else ""


def explain(
    predicted: str, classes: Sequence[str], z: Mapping[str, float], *, language: str = "en",
    group: str = "", unlike: bool = False,
) -> str:  # fmt: skip
    """Why `predicted`, of the classes not ruled out; the numbers are in `z`, and the Normal
    speakers of `group` (`reference.group_name`) their reference. `unlike`: any training clip.

    At most two measures, the farthest first (ties by column), and only those that the literature
    holds to speak for the class. Says "consistent with", never "is", and that only of the one class
    that is left of a clip like those trained on; in doubt, what the measures speak most for. A
    class that a set rules out is explained by nothing, be it the likeliest: classes have thresholds
    of their own.
    """
    if classes and predicted not in classes:
        return say(language, "ruled_out", name=predicted, names=", ".join(classes))
    doubt = _doubt(classes, unlike, language)
    reason = _reason(predicted, z, language, group, ending="_doubt" if doubt else "")
    return f"{doubt} {reason}" if doubt else reason


def _doubt(classes: Sequence[str], unlike: bool, language: str) -> str:
    if not classes:
        return say(language, "none_fits")
    if len(classes) > 1:
        return say(language, "uncertain", names=", ".join(classes))
    return say(language, "unlike_doubt") if unlike else ""


def _reason(
    predicted: str, z: Mapping[str, float], language: str, group: str, *, ending: str
) -> str:
    """What speaks for a class; `ending` of the keys of sentences that leave it in doubt."""
    if not z:
        return say(language, f"no_reference{ending}", name=predicted)
    kind = kind_of(predicted)
    whose = f" ({words})" if (words := group_words(language, group)) else ""
    so = say(language, f"so{ending}", name=predicted)
    speaking = sorted(
        (-sign * z[column], column, words)
        for column, sign, words in EVIDENCE.get(kind, ())
        if sign * z.get(column, 0.0) >= NOTABLE_Z
    )[:MOST_FINDINGS]
    if not speaking:
        known = {column for rules in EVIDENCE.values() for column, _, _ in rules} & z.keys()
        if kind == "normal" and known and all(abs(z[column]) <= 2 for column in known):
            return say(language, "typical", so=so, group=whose)
        return say(language, f"together{ending}", name=predicted)
    findings = say(language, speaking[0][2])
    for _, _, words in speaking[1:]:
        findings = say(language, "and", first=findings, second=say(language, words))
    return say(language, "why", findings=findings[0].upper() + findings[1:], so=so, group=whose)
