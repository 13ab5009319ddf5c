"""Small corpora on disk for the readers' tests."""

import io
from collections.abc import Iterable
from pathlib import Path

import soundfile

from acoustic_sib.config import CorpusSettings, TextGridSettings
from acoustic_sib.corpus import Corpus, read_corpus
from tests.conftest import white_noise


def encoded(seed: int = 0) -> bytes:
    """A short WAV file."""
    buffer = io.BytesIO()
    soundfile.write(buffer, white_noise(0.03, 8000, seed), 8000, format="WAV")
    return buffer.getvalue()


SOUND = encoded()


def sounds(folder: Path, names: Iterable[str]) -> None:
    """A short sound under each name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SOUND)


def manifest(folder: Path, content: str | bytes, name: str = "clips.csv") -> Path:
    """A manifest file beside the sounds a.wav to f.wav."""
    sounds(folder, [f"{letter}.wav" for letter in "abcdef"])
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def corpus(source: Path, **settings: object) -> Corpus:
    """`read_corpus` with settings given by name; `textgrid` as a dict."""
    if "textgrid" in settings:
        settings["textgrid"] = TextGridSettings(**settings["textgrid"])  # type: ignore[arg-type]
    return read_corpus(source, CorpusSettings(**settings))  # type: ignore[arg-type]


def column(made: Corpus, name: str) -> list[object]:
    return made.manifest[name].tolist()
