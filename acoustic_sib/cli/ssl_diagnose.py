"""`acoustic-sib ssl diagnose`."""

from pathlib import Path
from typing import Any

import click

from acoustic_sib.cli.diagnosis import AS_JSON, print_diagnosis
from acoustic_sib.cli.options import common, configuration, output_folder


@click.command(
    "diagnose",
    epilog="Example:  acoustic-sib ssl diagnose runs/wavlm --corpus clips/ --states states/wavlm "
    "--against reports/mine --out reports/why",
)
@click.argument("results", type=click.Path(path_type=Path), metavar="SOURCE")
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    required=True,
    metavar="CORPUS",
    help="The corpus whose clips were predicted: its labels are the truth.",
)
@click.option(
    "--states",
    type=click.Path(path_type=Path),
    metavar="STATES",
    help="Hidden states of the model (ssl states): what do they carry, and is it padding?",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="CHECK_DIR",
    help="Folder of a check of the same corpus: whose errors are whose?",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for diagnosis.json.",
)
@AS_JSON
@common
def command(
    results: Path, corpus: Path, states: Path | None, against: Path | None, out: Path,
    as_json: bool | None, **options: Any,
) -> None:  # fmt: skip
    """Why does a model not learn? The known causes, each found, not found, or cannot tell.

    SOURCE is a run (ssl import) or anything that ssl import reads. Predictions alone show collapse,
    guessing, exchanged names and leaking splits; config files and logs show settings that cannot
    work; hidden states (--states) show whether the features carry what the head never learned.
    """
    config = configuration(**options)
    output_folder(out)
    from acoustic_sib.check import usable_clips, worker_count
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.corpus import read_corpus
    from acoustic_sib.ssl.case import Probed, case_of, probe_states, read_saved, read_told
    from acoustic_sib.ssl.diagnose import diagnose, in_short, log_facts, overlap
    from acoustic_sib.ssl.findings import diagnosis
    from acoustic_sib.tables import plain, write_json

    clips = read_corpus(corpus, config.corpus)
    jobs = worker_count(config)
    told = read_told(results, clips, config)
    baseline = None if against is None else read_saved(against, clips).predictions
    _, quality, _, _ = usable_clips(clips, config, jobs=jobs, stage=stage)
    found = None
    if states is not None:
        with stage("probing the hidden states") as progress:
            found = probe_states(states, told, quality, config, jobs=jobs, progress=progress)
    case = case_of(told, quality, states=found, baseline=baseline, level=config.evaluation.level)
    findings = diagnose(case)
    diagnosed = diagnosis(
        findings, source=str(results), run=told.name, says=in_short(findings),
        losses=log_facts(case), against=plain(overlap(case)),
        probe=plain(found.facts) if isinstance(found, Probed) else None,
    )  # fmt: skip
    write_json(diagnosed, out / "diagnosis.json")
    print_diagnosis(diagnosed, as_json)
    click.echo(f"in short: {diagnosed['says']}", err=True)
    click.echo(f"diagnosis: {out / 'diagnosis.json'}", err=True)
