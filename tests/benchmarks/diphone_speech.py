"""Words by MBROLA's voices: the sibilant search is judged on them and never trained on them.

SYNTHETIC, yet joined from recordings of 50 people, with the phone boundaries that were asked for:
espeak-ng says which phones and how long, MBROLA joins them. The licences of its voices forbid to
sell them with a product; so no network learns from them. 33 voices (CHOOSING) serve to choose the
threshold, 17 others (ASKED) of 13 other languages to be asked once that is done. Of most of these
languages the networks have heard espeak-ng's or Festival's voices; not of Estonian, Indonesian,
Latin, Malay and Romanian.
Debian's packages (contrib and non-free): espeak-ng, mbrola, mbrola-*, and the dictionaries
hunspell-{af,ar,hr,cs,de-de,el,he,hu,is,id,hi,lt,ro,sv,te,tr,pt-br,pt-pt,pl,nl,fr,es,en-us},
myspell-{fa,et}.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from unicodedata import category

import numpy as np

from acoustic_sib.audio import read_sound
from tests.benchmarks.frication import Kind, Phone
from tests.benchmarks.spoken import Recording

DICTIONARIES = Path("/usr/share/hunspell")
VOICES = Path("/usr/share/mbrola")
CHOOSING = {
    "af": ("af1",), "br": ("br1", "br2"), "ca": ("ca1", "ca2"), "cr": ("cr1",),
    "de": ("de1", "de2"), "en": ("en1",), "es": ("es1", "es2"), "fr": ("fr1", "fr2"),
    "hb": ("hb1", "hb2"), "ic": ("ic1",), "in": ("in1", "in2"), "jp": ("jp1", "jp2"),
    "lt": ("lt1", "lt2"), "mx": ("mx1", "mx2"), "nz": ("nz1",), "pt": ("pt1",),
    "sw": ("sw1", "sw2"), "tr": ("tr1", "tr2"), "us": ("us1", "us2"), "vz": ("vz1",),
}  # fmt: skip
ASKED = {
    "ar": ("ar1", "ar2"), "cz": ("cz1", "cz2"), "ee": ("ee1",), "gr": ("gr1", "gr2"),
    "hu": ("hu1",), "id": ("id1",), "ir": ("ir1",), "la": ("la1",), "ma": ("ma1",),
    "nl": ("nl2", "nl3"), "pl": ("pl1",), "ro": ("ro1",), "tl": ("tl1",),
}  # fmt: skip
"""At most two voices a language, by MBROLA's names. Italian is left out: its voices are
Festival's. So is nl1, which can say little but numbers."""
DICTIONARY = {
    "af": "af_ZA", "ar": "ar", "br": "pt_BR", "ca": "fr_FR", "cr": "hr_HR", "cz": "cs_CZ",
    "de": "de_DE", "ee": "et_EE", "en": "en_US", "us": "en_US", "es": "es_ES", "mx": "es_ES",
    "vz": "es_ES", "fr": "fr_FR", "gr": "el_GR", "hb": "he_IL", "hu": "hu_HU", "ic": "is_IS",
    "id": "id_ID", "ma": "id_ID", "in": "hi_IN", "ir": "fa_IR", "lt": "lt_LT", "nl": "nl_NL",
    "pl": "pl_PL", "pt": "pt_PT", "ro": "ro_RO", "sw": "sv_SE", "tl": "te_IN", "tr": "tr_TR",
}  # fmt: skip
OWN_WORDS = {
    "jp": "さしすせそ くつした すし しま はし ざる かぜ じかん ふじ さくら ひと つき "
    "せかい やま かわ あさ ゆき ほし ねこ いぬ みず はな そら うみ とり "
    "しんぶん ずぼん みせ ぎゅうにゅう でんしゃ",
    "la": "rosa sol stella caesar ars vita navis flumen homo femina silva mensis liber scientia "
    "pax rex dies nox ignis aqua terra mare vir fons hostis faber tempus os genus mors",
    "nz": "aroha whare kai moana maunga wahine tane tamariki whanau haere iwi marae waka rangi awa "
    "roto motu tangata pukapuka kura hoki whetu ika manu rakau",
}
WORDS = 40
PAUSE_S = 0.15
SHORTEST_S, MOST_OFF_S = 0.2, 0.03
MISSING = b"unknown, replaced"
"""MBROLA's warning that a voice lacks a join, where it is silent or of another length: such words
are out, and so are those of which nothing is said."""
SIBILANT = r"[szSZ]('|:)?|s\.|s2|rs"
AFFRICATE = r"(ts|dz|tS|dZ)('|:)?|jh|r'|z\."
"""The Czech ř is half a sibilant, and what the Arabic voices call z. may be [ðˤ]."""
OTHER: tuple[tuple[str, Kind], ...] = (("[TD]", "dental"), ("[fv]", "labial"))
BY_LANGUAGE: dict[str, dict[str, Kind]] = {
    "br": {"x": "sibilant", "j": "sibilant"},
    "gr": dict.fromkeys(("X", "Y", "S", "Z"), "affricate"),
    "hb": dict.fromkeys(("Ts", "TS", "J"), "affricate"),
    "in": {**dict.fromkeys(("c", "j", "ch"), "affricate"), "T": "other", "D": "other"},
    "ir": {"c:": "affricate", "j:": "affricate"},
    "ro": {**dict.fromkeys(("C", "G", "T"), "affricate"), "J": "sibilant"},
    "sw": {"C": "sibilant"},
    "tl": {"c": "affricate", "j": "affricate", "T": "other", "D": "other", "r'": "other"},
}  # fmt: skip
"""As the voices' own descriptions and espeak-ng's tables have it. The Greek ones: [ks ps ts dz]."""


def diphone_speech(languages: Mapping[str, Sequence[str]], seed: int = 11) -> Iterator[Recording]:
    """A recording a word, of up to 40 words a voice those that it can say.

    Raises FileNotFoundError without espeak-ng, MBROLA, a voice or a dictionary.
    """
    with tempfile.TemporaryDirectory() as made:
        for language, voices in languages.items():
            for voice in voices:
                rng = np.random.default_rng([seed, *voice.encode()])
                for word in _words(language, rng):
                    spoken = _said(
                        word, voice, Path(made) / "said.wav", int(rng.integers(110, 170))
                    )
                    if spoken is not None:
                        yield spoken


def kind_of(language: str, name: str) -> Kind:
    """Of a phone by the name that this language's voices give it."""
    own = BY_LANGUAGE.get(language, {}).get(name)
    if own is not None:
        return own
    named: tuple[tuple[str, Kind], ...] = ((SIBILANT, "sibilant"), (AFFRICATE, "affricate"), *OTHER)
    return next((kind for pattern, kind in named if re.fullmatch(pattern, name)), "other")


def _words(language: str, rng: np.random.Generator) -> list[str]:
    if language in OWN_WORDS:
        return OWN_WORDS[language].split()
    path = DICTIONARIES / f"{DICTIONARY[language]}.dic"
    told = re.search(rb"^SET\s+(\S+)", path.with_suffix(".aff").read_bytes(), re.MULTILINE)
    named = told.group(1).decode() if told else "utf-8"
    text = path.read_bytes().decode(named, "replace")
    words = [re.split(r"[/\t]", line)[0].strip() for line in text.splitlines()[1:]]
    plain = [word for word in words if 3 <= len(word) <= 10 and word == word.lower()
             and all(category(sign)[0] in "LM" for sign in word)]  # fmt: skip
    return [str(word) for word in rng.choice(plain, WORDS, replace=False)]


def _said(word: str, voice: str, path: Path, rate: int) -> Recording | None:
    """None where the voice cannot say it."""
    database = VOICES / voice / voice
    if not database.is_file():
        raise FileNotFoundError(f"{database}: expected it from Debian's package mbrola-{voice}")
    asked = ["espeak-ng", "-v", f"mb-{voice}", "--pho", "-q", "-s", str(rate), "--", word]
    told = subprocess.run(asked, capture_output=True, check=True).stdout.decode("latin-1")
    lines = [line.split() for line in told.splitlines()]
    lines = [["_", f"{1000 * PAUSE_S:g}"], *(line for line in lines if len(line) > 1)]
    path.unlink(missing_ok=True)
    joined = subprocess.run(["mbrola", "-e", str(database), "-", str(path)], check=False,
                            input="\n".join(map(" ".join, lines)).encode("latin-1"),
                            capture_output=True)  # fmt: skip
    if MISSING in joined.stderr or not path.exists():
        return None
    sound = read_sound(path)
    ends = np.cumsum([float(line[1]) / 1000 for line in lines])
    if sound.duration_s < SHORTEST_S or abs(ends[-1] - sound.duration_s) > MOST_OFF_S:
        return None
    phones = tuple(
        Phone(start=float(end) - float(line[1]) / 1000, end=float(end),
              kind=kind_of(voice[:2], line[0]), name=line[0])
        for line, end in zip(lines, ends, strict=True)
    )  # fmt: skip
    return Recording(source="mbrola", name=word, speaker=voice, samples=sound.samples,
                     sr=sound.sr, phones=phones)  # fmt: skip
