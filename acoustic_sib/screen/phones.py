"""Sibilants from a TextGrid instead of a search: aligned phones, or a corrected sibilant tier."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from acoustic_sib.audio import Channel, Sound, duration_s, read_sound
from acoustic_sib.errors import CorpusError
from acoustic_sib.quality import effective_bandwidth
from acoustic_sib.screen.channel_wording import channel_words
from acoustic_sib.screen.records import Found, Segment
from acoustic_sib.screen.wording import say

if TYPE_CHECKING:
    from acoustic_sib.corpus.textgrid import Tier

OWN_TIER = "sibilant"
PHONE_TIERS = ("phone", "phones", "phoneme", "phonemes", "segment", "segments")
IPA = frozenset("szʃʒʂʐɕʑɬɮ")
ARPABET = frozenset({"S", "Z", "SH", "ZH"})
TIES = ("͡", "͜")
LONGEST_LISTENED_TO_S = 30.0


def is_sibilant(label: str) -> bool:
    """Whether a phone label names a sibilant or lateral fricative: IPA with any diacritics, or
    ARPABET (S, Z, SH, ZH). Affricates are none: their interval holds a closure too."""
    text = label.strip()
    if text.rstrip("0123456789").upper() in ARPABET and text.isascii() and text[:1].isupper():
        return True
    plain = unicodedata.normalize("NFD", text)
    if any(tie in plain for tie in TIES):
        return False
    letters = [char for char in plain if unicodedata.category(char) in ("Ll", "Lo")]
    return len(letters) == 1 and letters[0] in IPA


def sibilants_of_textgrid(
    path: Path, textgrid: Path, *, channel: Channel = "auto", language: str = "en"
) -> Found:
    """The intervals of the tier `sibilant` (as `segment --textgrid` wrote and you corrected it),
    or else the sibilants of the phone tier; a note says where none of its labels is read as one.

    Raises CorpusError when the TextGrid cannot be read or has no such tier, or ends after the
    sound; AudioError when the sound cannot be read.
    """
    from acoustic_sib.corpus.textgrid import read_textgrid

    name, tier = _tier_of(textgrid, read_textgrid(textgrid))
    duration, heard = _sound_of(path, channel)
    segments = []
    for interval in tier.intervals:
        wanted = bool(interval.text.strip()) if name == OWN_TIER else is_sibilant(interval.text)
        if not wanted:
            continue
        if interval.end_s > duration + 0.005:
            raise CorpusError(
                f"{textgrid}: an interval ends at {interval.end_s:g} s; expected it within the "
                f"{duration:.3f} s of {path}: is it of another recording?"
            )
        segments.append(
            Segment(start=interval.start_s, end=min(interval.end_s, duration), score=1.0,
                    origin="textgrid", label=interval.text.strip())
        )  # fmt: skip
    labels = [one.text for one in tier.intervals if one.text.strip()]
    notes = [channel_words(language, heard.channel_note)] if heard.channel_note else []
    notes += [say(language, "no_sibilant_label", tier=tier.name, n=len(labels))
              for _ in labels[:1] if not segments]  # fmt: skip
    return Found(file=path, sr=heard.sr, duration_s=duration,
                 bandwidth_hz=effective_bandwidth(heard.samples, heard.sr),
                 segments=tuple(segments), notes=tuple(notes))  # fmt: skip


def _tier_of(textgrid: Path, tiers: "Sequence[Tier]") -> "tuple[str, Tier]":
    """The tier to read, by its plain name: forced aligners write `speaker - phones`."""
    plain = [tier.name.strip().lower().rpartition(" - ")[2] for tier in tiers]
    name = next((name for name in (OWN_TIER, *PHONE_TIERS) if name in plain), None)
    if name is None:
        listed = ", ".join(repr(tier.name) for tier in tiers) or "none"
        raise CorpusError(f"{textgrid}: tiers {listed}; expected '{OWN_TIER}' or one of "
                          f"{', '.join(PHONE_TIERS)}")  # fmt: skip
    named = [tier for tier, own in zip(tiers, plain, strict=True) if own == name]
    if len(named) > 1:
        listed = ", ".join(repr(one.name) for one in named)
        raise CorpusError(f"{textgrid}: tiers {listed}; expected the phones of one speaker: was a "
                          "dialogue aligned?")  # fmt: skip
    return name, named[0]


def _sound_of(path: Path, channel: Channel) -> tuple[float, Sound]:
    """Duration of a recording in s, and its beginning."""
    lasts_s = duration_s(path)
    return lasts_s, read_sound(path, end=min(lasts_s, LONGEST_LISTENED_TO_S), channel=channel)
