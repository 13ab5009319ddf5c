"""`acoustic-sib segment`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acoustic_sib.cli.recordings import (
    AUDIO,
    EXPECT,
    PHONES,
    code_after,
    finder,
    only_sounds,
    recordings,
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
@EXPECT
@PHONES
def command(
    audio: tuple[Path, ...], as_json: bool, textgrid: Path | None, expect: "Expected | None",
    phones: Path | None,
) -> int:  # fmt: skip
    """Find the sibilants in recordings of words, sentences or sustained sounds.

    AUDIO: sound files, or folders searched for them. Sibilants are /s z/ and postalveolar ones, and
    lateral fricatives; affricates may be given by their frication. With --expect also dental
    frication counts, as in an interdental lisp.

    How: every 10 ms a small network is shown the levels of 13 bands up to 7.8 kHz, told against the
    recording's own speech, floor and peaks, the shape of the spectrum and how periodic it is, and
    the same 150 ms to either side. It was trained on synthetic speech and on speechocean762. What
    it holds to be a sibilant for 35 ms or more is one, from half of its height to half. A recording
    that holds little above 3.5 kHz is searched by a second network, and that is said.
    """
    files = recordings(audio)
    textgrids = {} if textgrid is None else textgrids_of(files, textgrid)
    from acoustic_sib.cli.progress import stage

    failed = 0
    for path in files:
        try:
            with stage(printable(f"searching {path.name}")) as progress:
                find = only_sounds(finder(phones=phones, expect=expect, progress=progress))
                found = find(path)
            if path in textgrids:
                _write_textgrid(found, textgrids[path])
        except AudioError as error:
            click.echo(f"failed: {printable(' '.join(str(error).split()))}", err=True)
            failed += 1
            continue
        for note in found.notes:
            click.echo(printable(f"note: {path}: {note}"), err=True)
        _say(found, path, as_json=as_json)
    if textgrid is not None and failed < len(files):
        click.echo(f"TextGrids: {textgrid}", err=True)
    return code_after(failed, len(files))


def _say(found: "Found", path: Path, *, as_json: bool) -> None:
    if as_json:
        places = [{"start": round(one.start, 4), "end": round(one.end, 4), "score": one.score}
                  for one in found.segments]  # fmt: skip
        click.echo(json.dumps({"file": str(path), "duration": found.duration_s,
                               "segments": places}, ensure_ascii=False))  # fmt: skip
        return
    n = len(found.segments)
    sibilants = "sibilant" if n == 1 else "sibilants"
    click.echo(printable(f"{path}: {n} {sibilants} in {found.duration_s:.2f} s"))
    for one in found.segments:
        line = f"  {one.start:9.3f} {one.end:9.3f}  score {one.score:.2f}  {one.label}"
        click.echo(printable(line.rstrip()))


def _write_textgrid(found: "Found", target: Path) -> None:
    places = [(one.start, one.end, one.label or "sibilant") for one in found.segments]
    write_unless_corrected(target, found.file, found.duration_s, [("sibilant", places)])
