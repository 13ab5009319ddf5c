"""Names of things said by people, one to three words each, of which only the text is known: how
often does the search find a sibilant where the text has none, or the number that it has?

Tux Paint's stamps are named in many languages, each by other people; espeak-ng says which sounds a
text has. Nothing learns from them. Debian's packages: tuxpaint-stamps-default (GPL 2), espeak-ng.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.phone_kinds import of_espeak
from tests.benchmarks.synthetic_speech import synthesizer

STAMPS = Path("/usr/share/tuxpaint/stamps")
VOICES = {"bg": ("bg",), "ca": ("ca",), "da": ("da",), "el": ("el",), "es": ("es", "es-419"),
          "fr": ("fr",), "ro": ("ro",), "ru": ("ru",)}  # fmt: skip
"""espeak-ng's voices of each language; where they differ in the sibilants of a text, as on the z of
Castile, it is left out. Belarusian is, since espeak-ng lacks its dictionary, and so are languages
of fewer than 100 recordings."""
RATE, PITCH = 150, 50


@dataclass(frozen=True, kw_only=True)
class Named:
    """A recording and the number of sibilants in its text, which has no affricate."""

    language: str
    path: Path
    sibilants: int


def recorded_words() -> Iterator[Named]:
    """Raises FileNotFoundError without the package, ValueError without a voice of espeak-ng."""
    told = sorted(STAMPS.rglob("*.txt"))
    if not told:
        raise FileNotFoundError(
            f"{STAMPS}: expected it from Debian's package tuxpaint-stamps-default"
        )
    for names in told:
        text = names.read_text(encoding="utf-8", errors="replace")
        for language, name in re.findall(r"^(\w+)\.utf8=(.+)$", text, re.MULTILINE):
            path = names.with_name(f"{names.stem}_desc_{language}.ogg")
            if language in VOICES and path.is_file():
                counts = {sibilants_in(name, voice) for voice in VOICES[language]}
                if len(counts) == 1 and None not in counts:
                    (count,) = counts
                    yield Named(language=language, path=path, sibilants=count)


def sibilants_in(text: str, voice: str) -> int | None:
    """None where it has an affricate, or an aside in brackets that may not be said."""
    if re.search(r"[(\[\d]", text):
        return None
    phones = synthesizer().say(text, voice, rate=RATE, pitch=PITCH).phones
    kinds = [of_espeak(*phone).kind for phone in phones]
    return None if "affricate" in kinds else kinds.count("sibilant")
