"""The groups of clips that the controls compare: by phone, voicing, sex and age, where known."""

from dataclasses import dataclass

import pandas as pd

CHILD_BELOW_YEARS = 16
"""Ages in years below this are 'child': most of the vocal tract's growth lies before."""

FEWEST_SPEAKERS = 4
FEWEST_CLIPS = 5
"""A group with fewer speakers in all, or fewer clips of a class, is not measured."""

_COLUMNS = {
    "phone": ("phone", "phoneme", "segment", "sound", "consonant"),
    "voicing": ("phone", "phoneme", "segment", "sound", "consonant"),
    "sex": ("sex", "gender"),
    "age_group": ("age_group", "agegroup", "age"),
}
_VOICELESS = ("s", "sh", "ʃ", "ʂ", "ɕ", "ɬ", "θ", "th", "f")
_VOICED = ("z", "zh", "ʒ", "ʐ", "ʑ", "ɮ", "ð", "dh", "v")
_VOICING = dict.fromkeys(_VOICELESS, "voiceless") | dict.fromkeys(_VOICED, "voiced")
_WORDS = {"female": "f", "woman": "f", "male": "m", "man": "m", "children": "child",
          "adults": "adult"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """`of_clip`: each clip's group, NaN where it has none, in the manifest's order; None with a
    `reason` where the corpus does not tell. `column`: where it was read."""

    control: str
    column: str | None
    of_clip: "pd.Series[str] | None"
    reason: str = ""


def groupings(manifest: pd.DataFrame) -> list[Grouping]:
    """All controls. Voicing is left out where it says the same as the phone."""
    found = [_grouping(control, manifest) for control in _COLUMNS]
    phone, voicing = found[0].of_clip, found[1].of_clip
    if voicing is None or (phone is not None and phone.nunique() <= voicing.nunique()):
        found.pop(1)
    return found


def not_measurable(clips: pd.DataFrame, classes: tuple[str, ...]) -> str:
    """Why no UAR with an interval can be given for these clips of the manifest; '' where it can."""
    counts = clips["label"].value_counts()
    for name in classes:
        count = int(counts.get(name, 0))
        if count < FEWEST_CLIPS:
            return (f"class '{name}' has {count or 'no'} clip{'s' * (count != 1)} here; "
                    f"at least {FEWEST_CLIPS} are needed")  # fmt: skip
    if "speaker" not in clips:
        return ""
    n_speakers = clips["speaker"].nunique()
    if n_speakers < FEWEST_SPEAKERS:
        return (f"{n_speakers} speaker{'s' * (n_speakers != 1)} here; at least {FEWEST_SPEAKERS} "
                "are needed for an interval")  # fmt: skip
    bearers = clips.groupby("label")["speaker"].nunique()
    if (bearers < 2).any():
        return f"class '{bearers.idxmin()}' has one speaker only here"
    return ""


def _grouping(control: str, manifest: pd.DataFrame) -> Grouping:
    usual = _COLUMNS[control]
    lower = {str(name).casefold(): str(name) for name in manifest.columns}
    column = next((lower[name] for name in usual if name in lower), None)
    if column is None:
        known = "' or '".join(usual)
        return Grouping(control=control, column=None, of_clip=None,
                        reason=f"the corpus has no column '{known}'")  # fmt: skip
    values = manifest[column]
    if control == "voicing":
        named = values.astype(str).str.casefold().str.strip()
        groups = named.map(_VOICING).fillna(named.str[0].map(_VOICING))
    elif column.casefold() == "age":
        years = pd.to_numeric(values, errors="coerce")
        groups = (years < CHILD_BELOW_YEARS).map({True: "child", False: "adult"})
        groups = groups.where(years.notna())
    else:
        named = values.where(values.notna(), "").astype(str).str.strip()
        named = named.str.casefold() if control != "phone" else named
        groups = named.replace(_WORDS) if control != "phone" else named
        groups = groups.where(groups != "")
    if groups.notna().sum() == 0:
        return Grouping(control=control, column=column, of_clip=None,
                        reason=f"column '{column}' says nothing of it")  # fmt: skip
    return Grouping(control=control, column=column, of_clip=groups)
