"""`acoustic-sib demo`."""

from pathlib import Path
from typing import Any

import click

from acoustic_sib.cli.options import common, configuration, output_folder, refuse_file_name

FAULTS: dict[str, dict[str, Any]] = {
    "none": {},
    "shuffled-labels": {"shuffled_labels": True},
    "duration-shortcut": {"shortcut": "duration"},
    "level-shortcut": {"shortcut": "level"},
    "bandwidth-shortcut": {"shortcut": "bandwidth"},
    "duplicates": {"duplicates_across_speakers": 40},
    "swapped-speakers": {"swapped_speakers": 8},
    "one-label-per-speaker": {"one_label_per_speaker": True},
}


@click.command("demo", epilog="Example:  acoustic-sib demo --fault shuffled-labels --out shuffled")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo-report"),
    show_default=True,
    metavar="DIR",
    help="Folder for corpus and report.",
)
@click.option(
    "--fault",
    type=click.Choice(list(FAULTS)),
    default="none",
    show_default=True,
    help="Plant a fault that the check must see through.",
)
@common
def command(out: Path, fault: str, **options: Any) -> int:  # fmt: skip
    """Make the built-in corpus of 1057 clips and run the check on it.

    The corpus is SYNTHETIC: noise through a source-filter model of /s/ and /z/, no human speech.
    It shows how the check works and says nothing about lisps. Without a fault, a model trained on
    it is written as demo.sib, a demonstration and no screening. Exit code as of `check`.
    """
    config = configuration(**options)
    refuse_file_name(out)
    output_folder(out)
    from acoustic_sib.cli.check import check_and_write
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.corpus.synth import SynthFaults, make_demo_corpus

    with stage("making the synthetic corpus") as progress:
        corpus = make_demo_corpus(out / "corpus", seed=config.seed, progress=progress,
                                  faults=SynthFaults(**FAULTS[fault]))  # fmt: skip
    said = f"acoustic-sib demo --out {out}" + ("" if fault == "none" else f" --fault {fault}")
    code = check_and_write(corpus, out, config, said=said)
    if fault == "none":
        from acoustic_sib.cli.train import train_and_write
        from acoustic_sib.config import overlaid
        from acoustic_sib.corpus import read_corpus

        # A bundle judges one clip at a time, so the check's standardisation cannot be its.
        plain = overlaid(config, models={"normalize": "none"})
        train_and_write(read_corpus(corpus, config.corpus), out / "demo.sib", plain)
    return code
