"""`acoustic-sib segment`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acoustic_sib.cli.recordings import (
    AUDIO,
    EXPECT,
    LANGUAGE,
    PHONES,
    code_after,
    finder,
    only_sounds,
    recordings,
    refuse_both,
    tell_failure,
    tell_note,
    textgrids_of,
    write_unless_corrected,
)
from acoustic_sib.errors import AudioError, printable

if TYPE_CHECKING:
    from acoustic_sib.screen.expected import Expected
    from acoustic_sib.screen.records import Found


@click.command(
    "segment",
    epilog="Example:  acoustic-sib segment session.wav --textgrid found/   Exit codes: 0 done; "
    "2 nothing could be read; 3 some recordings could not be read, or their TextGrids are there "
    "already and differ; each is told on stderr.",
)
@AUDIO
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a recording.")
@click.option("--textgrid", type=click.Path(path_type=Path), metavar="DIR",
              help="Folder to write a TextGrid a recording into, or of one recording its TextGrid: "
              "tier 'sibilant', to correct in Praat and give back with --phones.")  # fmt: skip
@LANGUAGE
@EXPECT
@PHONES
def command(
    audio: tuple[Path, ...], as_json: bool, textgrid: Path | None, language: str,
    expect: "Expected | None", phones: Path | None,
) -> int:  # fmt: skip
    """Find the sibilants in recordings of words, sentences or sustained sounds.

    AUDIO: sound files, or folders searched for them. Sibilants are /s z/ and postalveolar ones, and
    lateral fricatives; affricates may be given by their frication. With --expect also dental
    frication counts, as in an interdental lisp. Channels are averaged, but for two
    microphones up to 1 ms apart, of which one is taken and noted. Where channels hold different
    sound, as of two people with a microphone each, a note says so in recordings of some seconds.

    How: every 10 ms a small network is shown the levels of 13 bands up to 7.8 kHz, told against the
    recording's own speech, floor and peaks, the shape of the spectrum and how periodic it is, and
    the same 150 ms to either side. What it holds possible for 35 ms or more is a candidate, and a
    second network says whether it is a sibilant: from its height, its length, and how clear it is
    beside the clearest within 3 s. It lasts from half of its height to half. Both were trained on
    synthetic speech and on speechocean762. A recording whose band ends below 7 kHz is searched up
    to 3.5 kHz by networks of its own, and that is said.
    """
    refuse_both(phones, expect)
    files = recordings(audio)
    textgrids = {} if textgrid is None else textgrids_of(files, textgrid)
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.screen.wording import say

    failed = 0
    for path in files:
        try:
            doing = "searching" if phones is None else "reading"
            named = printable(say(language, doing, name=path.name))
            with stage(named, language=language) as progress:
                find = only_sounds(finder(phones=phones, expect=expect, progress=progress,
                                          language=language))  # fmt: skip
                found = find(path)
            if path in textgrids:
                _write_textgrid(found, textgrids[path])
        except AudioError as error:
            tell_failure(str(error), language)
            failed += 1
            continue
        for note in found.notes:
            tell_note(f"{path}: {note}", language)
        if as_json:
            _print_json(found, path)
        else:
            _print_table(found, path, language)
    if textgrid is not None and failed < len(files):
        click.echo(f"TextGrids: {textgrid}", err=True)
    return code_after(failed, len(files))


def _print_json(found: "Found", path: Path) -> None:
    places = [{"start": round(one.start, 4), "end": round(one.end, 4), "score": one.score}
              for one in found.segments]  # fmt: skip
    click.echo(json.dumps({"file": str(path), "duration": found.duration_s, "segments": places},
                          ensure_ascii=False))  # fmt: skip


def _print_table(found: "Found", path: Path, language: str) -> None:
    from acoustic_sib.screen.wording import decimal, say

    n, duration = len(found.segments), decimal(language, found.duration_s, 2)
    counted = say(language, "found_one_in" if n == 1 else "found_in", n=n, s=duration)
    click.echo(printable(f"{path}: {counted}"))
    for one in found.segments:
        place = "".join(f" {decimal(language, at, 3):>9}" for at in (one.start, one.end))
        score = f"{say(language, 'score')} {decimal(language, one.score, 2)}"
        # Of a TextGrid's sibilants nothing was scored.
        click.echo(printable(f" {place}  {one.label if one.origin == 'textgrid' else score}"))


def _write_textgrid(found: "Found", target: Path) -> None:
    places = [(one.start, one.end, one.label or "sibilant") for one in found.segments]
    write_unless_corrected(target, found.file, found.duration_s, [("sibilant", places)])
