"""Words and sentences said by people for games, whose texts are known: training sounds of the
sibilant search.

Tux Paint names its stamps in nine languages, each by another speaker; Fish Fillets' two fish talk
Czech and Dutch, each by another actor. espeak-ng says which phones a text has, forced_alignment
where they lie. Tux Paint's Spanish is left out: noise suppression left little of its [s].
Debian's packages: tuxpaint-stamps-default, fillets-ng-data, fillets-ng-data-cs and
fillets-ng-data-nl (GPL 2), espeak-ng.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed, parallel_config

from acoustic_sib.audio import read_sound
from acoustic_sib.errors import AudioError
from tests.benchmarks.forced_alignment import HOP_S, Utterance, aligned, cepstra
from tests.benchmarks.frication import Phone
from tests.benchmarks.phone_kinds import of_espeak
from tests.benchmarks.spoken import Recording
from tests.benchmarks.synthetic_speech import synthesizer

STAMPS = Path("/usr/share/tuxpaint/stamps")
DIALOGUES = Path("/usr/share/games/fillets-ng")
LANGUAGES_OF_STAMPS = ("be", "bg", "ca", "da", "el", "fr", "lt", "ro", "ru")
LANGUAGES_OF_DIALOGUES = ("cs", "nl")
FISH = ("small", "big")
EACH = 300
"""Recordings a speaker that are learnt from; all of them serve to find the phones."""
SHORTEST_S, LONGEST_S = 0.25, 12.0
RATE, PITCH = 150, 50
NO_PHONE = re.compile(r"\(.*\)|;|_!")
"""espeak-ng's marks of another language, of palatalisation and of a stop's end."""
APPROXIMANTS = {("ca", "D"), ("da", "D")}
"""Dental, yet not fricative."""


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A recording with what is said in it; `speaker` starts with the language."""

    speaker: str
    path: Path
    text: str


def recorded_speech(seed: int = 3) -> list[Recording]:
    """Raises FileNotFoundError without one of the packages."""
    spoken = [*_stamps(), *_dialogues()]
    said = {one.path: _phones_of(one) for one in spoken}
    speakers = sorted({one.speaker for one in spoken})
    # One thread each: the last digits of a sum depend on the number of threads.
    with parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        found: list[list[Recording]] = Parallel()(
            delayed(_placed)([one for one in spoken if one.speaker == speaker], said, seed)
            for speaker in speakers
        )
    return [one for of_speaker in found for one in of_speaker]


def _stamps() -> Iterator[Spoken]:
    """Each stamp has a text file with its name in many languages, and recordings beside it."""
    for told in _files(STAMPS, "*.txt", "tuxpaint-stamps-default"):
        lines = told.read_text(encoding="utf-8", errors="replace").splitlines()
        names = dict(line.split(".utf8=", 1) for line in lines if ".utf8=" in line)
        for language in LANGUAGES_OF_STAMPS:
            path = told.with_name(f"{told.stem}_desc_{language}.ogg")
            if path.is_file() and language in names:
                yield Spoken(speaker=f"{language} stamps", path=path, text=names[language])


def _dialogues() -> Iterator[Spoken]:
    """Each room of the game has a script with lines, and recordings named like them."""
    line = re.compile(r'dialogId\("([^"]+)",\s*"font_(\w+)".*\)\s*dialogStr\("((?:[^"\\]|\\.)*)"\)')
    for language in LANGUAGES_OF_DIALOGUES:
        scripts = _files(DIALOGUES / "script", f"dialogs_{language}.lua", "fillets-ng-data")
        for script in scripts:
            room = DIALOGUES / "sound" / script.parent.relative_to(DIALOGUES / "script") / language
            for name, fish, text in line.findall(script.read_text(encoding="utf-8")):
                path = room / f"{name}.ogg"
                if fish in FISH and path.is_file():
                    yield Spoken(speaker=f"{language} {fish} fish", path=path, text=text)


def _files(folder: Path, pattern: str, package: str) -> list[Path]:
    found = sorted(folder.rglob(pattern))
    if not found:
        raise FileNotFoundError(f"{folder}: expected it from Debian's package {package}")
    return found


def _plain(text: str) -> str:
    """Without asides and quotation marks."""
    return re.sub(r"[„“”\"«»…]", " ", re.sub(r"\(.*?\)|\[.*?\]", "", text)).strip()


def _phones_of(one: Spoken) -> tuple[str, ...]:
    said = synthesizer().say(_plain(one.text), one.speaker[:2], rate=RATE, pitch=PITCH)
    return tuple(name for _, _, name in said.phones if not NO_PHONE.fullmatch(name))


def _placed(
    spoken: Sequence[Spoken], said: Mapping[Path, tuple[str, ...]], seed: int
) -> list[Recording]:
    """Some recordings of one speaker, with the phones where they were found."""
    readable, utterances = [], []
    for one in spoken:
        try:
            sound = read_sound(one.path)
        except AudioError:  # A few of them are empty.
            continue
        if SHORTEST_S <= sound.duration_s <= LONGEST_S and said[one.path]:
            readable.append((one, sound))
            utterances.append(
                Utterance(features=cepstra(sound.samples, sound.sr), phones=said[one.path])
            )
    found = [(one, sound, utterance, begins)
             for (one, sound), utterance, begins
             in zip(readable, utterances, aligned(utterances), strict=True)
             if begins is not None]  # fmt: skip
    rng = np.random.default_rng([seed, *spoken[0].speaker.encode()])
    chosen = rng.choice(len(found), min(EACH, len(found)), replace=False)
    made = []
    for one, sound, utterance, begins in (found[number] for number in sorted(chosen)):
        edges_s = begins * HOP_S - HOP_S / 2
        phones = tuple(
            _phone(one.speaker[:2], float(start), float(end), name)
            for name, start, end in zip(utterance.phones, edges_s, edges_s[1:], strict=False)
        )
        made.append(Recording(source="recorded", name=one.path.stem, speaker=one.speaker,
                              samples=sound.samples, sr=sound.sr, phones=phones))  # fmt: skip
    return made


def _phone(language: str, start: float, end: float, name: str) -> Phone:
    found = of_espeak(start, end, name)
    return replace(found, kind="other") if (language, name) in APPROXIMANTS else found
