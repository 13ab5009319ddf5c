"""`acoustic-sib ssl lint`."""

from pathlib import Path
from typing import Any

import click

from acoustic_sib.cli.diagnosis import AS_JSON, print_diagnosis
from acoustic_sib.cli.options import common, configuration, output_folder


@click.command(
    "lint", epilog="Example:  acoustic-sib ssl lint my-wav2vec2-run/ --corpus clips/ --text"
)
@click.argument("files", type=click.Path(path_type=Path), metavar="SOURCE")
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    metavar="CORPUS",
    help="The clips: their durations, rates and classes are held against the files.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for diagnosis.json [default: only print].",
)
@AS_JSON
@common
def command(
    files: Path, corpus: Path | None, out: Path | None, as_json: bool | None, **options: Any
) -> None:
    """What the config files of a checkpoint alone reveal.

    SOURCE is a Trainer folder or a checkpoint with config.json, preprocessor_config.json and, where
    there are, trainer_state.json, optimizer.pt (its sizes alone are read) and model.safetensors.
    """
    config = configuration(**options)
    if out is not None:
        output_folder(out)
    from acoustic_sib.ssl.checkpoint import read_checkpoint
    from acoustic_sib.ssl.findings import diagnosis
    from acoustic_sib.ssl.lint import lint
    from acoustic_sib.tables import write_json

    checkpoint = read_checkpoint(files)
    sounds = None if corpus is None else _sounds(corpus, config)
    told = diagnosis(lint(checkpoint, sounds), source=str(files))
    if out is not None:
        write_json(told, out / "diagnosis.json")
    print_diagnosis(told, as_json)


def _sounds(corpus: Path, config: Any) -> Any:
    from acoustic_sib.check import usable_clips, worker_count
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.corpus import read_corpus
    from acoustic_sib.ssl.lint import sounds_of

    manifest, quality, _, _ = usable_clips(
        read_corpus(corpus, config.corpus), config, jobs=worker_count(config), stage=stage
    )
    return sounds_of(manifest, quality)
