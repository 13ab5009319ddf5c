"""What `segment` and `predict` share: which recordings, how each is searched, what failed."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acoustic_sib.audio import AUDIO_SUFFIXES
from acoustic_sib.cli.mistaken import NOT_READ_SUFFIXES, TEXTGRID, what_instead_of_sound
from acoustic_sib.cli.options import output_file, output_folder, refuse_file_name
from acoustic_sib.errors import AudioError, ConfigError, CorpusError, printable
from acoustic_sib.screen.records import Found

if TYPE_CHECKING:
    from acoustic_sib.screen.expected import Expected
    from acoustic_sib.screen.textgrid_out import Place

SOME_FAILED = 3
"""Exit code: done, but some recordings could not be read; each was told on stderr."""

# Not `readable`: one file that may not be read would end the command before the others.
AUDIO = click.argument("audio", nargs=-1, required=True,
                       type=click.Path(path_type=Path, readable=False))  # fmt: skip


def _expected(_: click.Context, __: click.Parameter, text: str | None) -> "Expected | None":
    if text is None:
        return None
    from acoustic_sib.screen.expected import expected_from

    return expected_from(text)


EXPECT = click.option("--expect", metavar="N|PLACES", callback=_expected,
                      help="What the prompt of each recording holds: how many sibilants, or, of "
                      "one word, their places (initial, medial, final, joined by commas). Weak and "
                      "lisped ones are looked for until all are found, and no more are kept. Where "
                      "it holds fewer, other sounds are taken for lisped ones.")  # fmt: skip
LANGUAGE = click.option("--language", type=click.Choice(["en", "de", "pt"]), default="en",
                        show_default=True,
                        help="Of sentences, table and report.")  # fmt: skip
PHONES = click.option("--phones", type=click.Path(path_type=Path, exists=True, file_okay=False),
                      metavar="DIR",
                      help="Folder of TextGrids named as the recordings: their tier 'sibilant' or "
                      "phones are used instead of a search.")  # fmt: skip


def recordings(given: Iterable[Path]) -> list[Path]:
    """The files given, and the sound files in and below the folders given, sorted. Sounds in a
    folder that no reader opens are among them, to fail each with its reason, but for those that
    stand beside a readable file of the same name.

    Raises ConfigError when a folder holds none that can be read.
    """
    listed: dict[Path, None] = {}
    for path in given:
        if not os.path.isdir(path):  # noqa: PTH112  (Path.is_dir raises on a name too long)
            listed[path] = None
            continue
        found = sorted(path.rglob("*"))
        inside = [file for file in found if file.suffix.lower() in AUDIO_SUFFIXES]
        others = [file for file in found if file.suffix.lower() in NOT_READ_SUFFIXES]
        if not inside:
            such = [f" ({len(others)} such as {file.name}: convert to WAV or FLAC)"
                    for file in others[:1]]  # fmt: skip
            raise ConfigError(f"{path}: no sound files in or below this folder; expected "
                              f"{', '.join(AUDIO_SUFFIXES)}{''.join(such)}")  # fmt: skip
        converted = {file.with_suffix("") for file in inside}
        inside += [file for file in others if file.with_suffix("") not in converted]
        listed |= dict.fromkeys(sorted(inside))
    return list(listed)


def tell_failure(sentence: str, language: str) -> None:
    """On stderr, as one line: what failed, in a language where it is known there."""
    _tell("failed_word", " ".join(sentence.split()), language)


def tell_note(sentence: str, language: str) -> None:
    """On stderr: what limits an answer."""
    _tell("note_word", sentence, language)


def _tell(what: str, sentence: str, language: str) -> None:
    from acoustic_sib.screen.retold import retold
    from acoustic_sib.screen.wording import say

    told = say(language, what, sentence=retold(language, sentence))
    click.echo(printable(told), err=True)


def only_sounds(find: Callable[[Path], Found]) -> Callable[[Path], Found]:
    """`find`, which raises AudioError for what is no recording by its name."""

    def found(path: Path) -> Found:
        if what := what_instead_of_sound(path):
            raise AudioError(f"{path}: {what}")
        return find(path)

    return found


def textgrids_of(files: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Recording -> the TextGrid to write of it: in the folder `out`, or, of the only recording,
    the file `out` where it is called as one.

    Raises ConfigError for a place that cannot be written to, or two recordings that would write
    the same file.
    """
    if out.suffix.lower() == TEXTGRID and not out.is_dir():
        if len(files) > 1:
            raise ConfigError(f"--textgrid {out}: one file for {len(files)} recordings; expected a "
                              f"folder, such as {out.with_suffix('')}")  # fmt: skip
        return {files[0]: output_file(out, ending=".TextGrid", option="--textgrid")}
    refuse_file_name(out, option="--textgrid")
    output_folder(out, option="--textgrid")
    refuse_same_names(files, "--textgrid")
    return {file: out / f"{file.stem}.TextGrid" for file in files}


def refuse_same_names(files: Iterable[Path], what: str) -> None:
    """Raises ConfigError where two recordings would write the same file."""
    seen: dict[str, Path] = {}
    for file in files:
        other = seen.setdefault(file.stem, file)
        if other != file:
            raise ConfigError(f"{what}: {other} and {file} would both be written as "
                              f"'{file.stem}'; expected recordings of different names")  # fmt: skip


def refuse_both(phones: Path | None, expect: "Expected | None") -> None:
    if phones is not None and expect is not None:
        raise click.UsageError("--phones says where the sibilants are, --expect guides a search "
                               "for them; expected one of them")  # fmt: skip


def finder(
    *, phones: Path | None, expect: "Expected | None",
    progress: Callable[[int, int], None] | None = None, language: str = "en",
) -> Callable[[Path], Found]:  # fmt: skip
    """How a recording's sibilants are found. A TextGrid that is missing or cannot be used is an
    AudioError: that recording fails and the rest goes on."""

    def find(path: Path) -> Found:
        if phones is None:
            from acoustic_sib.screen.detect import find_sibilants

            return find_sibilants(path, expect=expect, progress=progress, language=language)
        from acoustic_sib.screen.phones import sibilants_of_textgrid

        textgrid = phones / f"{path.stem}.TextGrid"
        if not textgrid.is_file():
            raise AudioError(f"{path}: no {textgrid.name} in {phones}; expected one for each "
                             "recording: does its name differ?")  # fmt: skip
        try:
            return sibilants_of_textgrid(path, textgrid, language=language)
        except CorpusError as error:
            raise AudioError(str(error)) from None

    return find


def write_unless_corrected(
    target: Path, recording: Path, duration_s: float, tiers: "Sequence[tuple[str, list[Place]]]"
) -> None:
    """Write a TextGrid. Raises AudioError where another is there: it may be corrected by hand,
    which is work that nobody gets back."""
    from acoustic_sib.screen.textgrid_out import textgrid_text, write_textgrid

    written = textgrid_text(duration_s, tiers).encode()
    if target.exists() and target.read_bytes() != written:
        raise AudioError(f"{recording}: {target} is there already and differs, perhaps corrected "
                         "by hand; it is left as it is: expected another folder")  # fmt: skip
    write_textgrid(target, duration_s, tiers)


def code_after(n_failed: int, n_files: int) -> int:
    """Exit code: 0, SOME_FAILED, or 2 where nothing could be read."""
    if n_failed == 0:
        return 0
    return 2 if n_failed == n_files else SOME_FAILED
