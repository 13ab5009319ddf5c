"""`acoustic-sib segment`."""

import json
from pathlib import Path

import click

from acoustic_sib.cli.options import output_folder
from acoustic_sib.cli.recordings import (
    AUDIO,
    EXPECT,
    PHONES,
    code_after,
    finder,
    recordings,
    refuse_same_names,
)


@click.command(
    "segment",
    epilog="Example:  acoustic-sib segment session.wav --textgrid found/   Exit codes: 0 done; "
    "2 nothing could be read; 3 some recordings could not be read, each told on stderr.",
)
@AUDIO
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a recording.")
@click.option("--textgrid", type=click.Path(path_type=Path), metavar="DIR",
              help="Write a TextGrid a recording, tier 'sibilant', to correct in Praat and give "
              "back with --phones.")  # fmt: skip
@EXPECT
@PHONES
def command(
    audio: tuple[Path, ...], as_json: bool, textgrid: Path | None, expect: int | None,
    phones: Path | None,
) -> int:  # fmt: skip
    """Find the sibilants in recordings of words, sentences or sustained sounds.

    AUDIO: sound files, or folders searched for them. Sibilants are /s z/ and postalveolar ones, and
    lateral fricatives; affricates may be given by their frication. With --expect N also dental
    frication counts, as in an interdental lisp.
    """
    files = recordings(audio)
    if textgrid is not None:
        output_folder(textgrid, option="--textgrid")
        refuse_same_names(files, "--textgrid")
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.errors import AudioError, printable
    from acoustic_sib.screen.textgrid_out import write_textgrid

    failed = 0
    for path in files:
        try:
            with stage(printable(f"searching {path.name}")) as progress:
                found = finder(phones=phones, expect=expect, progress=progress)(path)
        except AudioError as error:
            click.echo(f"failed: {printable(' '.join(str(error).split()))}", err=True)
            failed += 1
            continue
        for note in found.notes:
            click.echo(printable(f"{path}: {note}"), err=True)
        if as_json:
            places = [{"start": round(one.start, 4), "end": round(one.end, 4), "score": one.score}
                      for one in found.segments]  # fmt: skip
            click.echo(json.dumps({"file": str(path), "duration": found.duration_s,
                                   "segments": places}, ensure_ascii=False))  # fmt: skip
        else:
            told = f"{path}: {len(found.segments)} sibilants in {found.duration_s:.2f} s"
            click.echo(printable(told))
            for one in found.segments:
                line = f"  {one.start:9.3f} {one.end:9.3f}  score {one.score:.2f}  {one.label}"
                click.echo(printable(line.rstrip()))
        if textgrid is not None:
            places_of = [(one.start, one.end, one.label or "sibilant") for one in found.segments]
            write_textgrid(textgrid / f"{path.stem}.TextGrid", found.duration_s,
                           [("sibilant", places_of)])  # fmt: skip
    return code_after(failed, len(files))
