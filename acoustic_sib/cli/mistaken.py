"""Files given in the place of others: a recording for the model, a TextGrid for a recording."""

from collections.abc import Sequence
from pathlib import Path

from acoustic_sib.audio import AUDIO_SUFFIXES
from acoustic_sib.errors import ConfigError

BUNDLE, TEXTGRID = ".sib", ".textgrid"
TABLES = (".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".parquet", ".html")
NOT_READ_SUFFIXES = (".m4a", ".mp4", ".aac", ".wma", ".amr", ".3gp", ".webm")
"""What telephones and recorders write and no reader here opens."""
EXAMPLE = "acoustic-sib predict clinic.sib session.wav"
SOUND_BEGINS = (b"RIFF", b"RF64", b"FORM", b"fLaC", b"OggS", b"ID3")


def refuse_no_model(model: Path, audio: Sequence[Path]) -> None:
    """Raises ConfigError where what is given as the model is, by its name or first bytes, something
    else; says so where the model is among the recordings."""
    what = _what(model)
    if not what:
        return
    found = next((path for path in audio if path.suffix.lower() == BUNDLE), None)
    if found is not None:
        raise ConfigError(f"{model}: {what}, and the model {found} stands after it; expected the "
                          f"model first, as in: {EXAMPLE}: are they swapped?")  # fmt: skip
    hint = {
        "a TextGrid": "the folder of TextGrids is given with --phones",
        "a table or report": "a corpus becomes a model by `acoustic-sib train`",
    }.get(what, "was the model forgotten?")
    raise ConfigError(f"{model}: {what}; expected a model bundle (.sib) first, as in: {EXAMPLE}: "
                      f"{hint}")  # fmt: skip


def what_instead_of_sound(path: Path) -> str:
    """Of a recording that by its name is none: what it is, and where that is given; else ''."""
    ending = path.suffix.lower()
    if ending in NOT_READ_SUFFIXES:
        return f"{ending} is not read here; expected WAV, FLAC, OGG, MP3 or AIFF: convert it"
    return {
        BUNDLE: "a model bundle, no recording; expected sound: `predict` takes one model, first",
        TEXTGRID: "a TextGrid, no recording; expected sound: a folder of TextGrids is given with "
        "--phones",
    }.get(ending, "")


def _what(model: Path) -> str:
    ending = model.suffix.lower()
    if model.is_dir():
        return "a folder"
    if ending in AUDIO_SUFFIXES or _begins_as_sound(model):
        return "a sound file"
    if ending == TEXTGRID:
        return "a TextGrid"
    return "a table or report" if ending in TABLES else ""


def _begins_as_sound(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4).startswith(SOUND_BEGINS)
    except OSError:
        return False
