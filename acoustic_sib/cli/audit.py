"""`acoustic-sib audit`."""

import json
from pathlib import Path
from typing import Any

import click

from acoustic_sib.cli.options import CORPUS, common, configuration, named, output_folder


@click.command("audit", epilog="Example:  acoustic-sib audit clips/ --out reports/audit")
@CORPUS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for audit.json [default: only print].",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@common
def command(corpus: Path, out: Path | None, as_json: bool, **options: Any) -> None:  # fmt: skip
    """Look at labels, folds, speakers and audio of CORPUS before any model is fitted."""
    config = configuration(**options)
    if out is not None:
        output_folder(out)
    from acoustic_sib.check import audited_corpus, worker_count
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.corpus import read_corpus
    from acoustic_sib.tables import plain, write_json

    found = read_corpus(corpus, config.corpus)
    findings = audited_corpus(found, config, jobs=worker_count(config), stage=stage)
    if out is not None:
        write_json(findings, out / "audit.json")
    if as_json:
        click.echo(json.dumps(plain(findings), indent=1, ensure_ascii=False))
        return
    for finding in findings["findings"]:
        click.echo(f"{finding['status']:>4}  {finding['check']}: {finding['says']}")
        if finding["next"] and finding["status"] in ("warn", "fail"):
            click.echo(f"      -> {finding['next']}")
    for problem in findings["excluded"]:
        click.echo(f"excluded: {named(**problem)}")
    if out is not None:
        click.echo(f"audit: {out / 'audit.json'}")
