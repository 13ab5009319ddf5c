"""`acoustic-sib compare`."""

from pathlib import Path
from typing import Any

import click

from acoustic_sib.cli.options import output_folder


@click.command(
    "compare",
    epilog="Example:  acoustic-sib compare reports/mine table/runs/mfcc-svm_rbf --corpus clips/ "
    "--out reports/pair",
)
@click.argument("runs", metavar="RUN RUN...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    required=True,
    metavar="CORPUS",
    help="The corpus that the runs were made on: its labels are the truth.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for compare.json, .md, .tex and .html.",
)
@click.option(
    "--permutations",
    type=click.IntRange(min=100),
    help="Random swaps of the paired test [default: 10000]; fewer speakers than that needs are "
    "tested with all swaps there are.",
)
@click.option(
    "--config",
    "source",
    metavar="FILE",
    help="YAML settings, or a shipped name [default: the first run's config.yaml].",
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the random swaps.")
def command(
    runs: tuple[Path, ...], corpus: Path, out: Path, permutations: int | None, source: str | None,
    seed: int | None,
) -> None:  # fmt: skip
    """Compare saved RUNs, pair by pair, on the same clips and folds.

    A RUN is a folder that check or benchmark wrote. Runs on other clips or folds are refused. Each
    pair gets its difference in UAR with a paired interval and the p of a test that exchanges the
    two systems speaker by speaker. A run known by its score alone is shown, and not tested.
    """
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.cli.written_tables import write_tables
    from acoustic_sib.compare import SWAPS, compare_runs
    from acoustic_sib.config import load_config
    from acoustic_sib.corpus import read_corpus
    from acoustic_sib.report.comparison import comparison_page, comparison_tables
    from acoustic_sib.report.paper_tables import as_text
    from acoustic_sib.runs import read_run

    if len(runs) < 2:
        raise click.UsageError(f"{len(runs)} RUN given; expected at least two")
    output_folder(out)
    with stage("reading the runs") as progress:
        found = []
        for done, folder in enumerate(runs, start=1):
            found.append(read_run(folder))
            if progress is not None:
                progress(done, len(runs))
    own = [run.folder / "config.yaml" for run in found if (run.folder / "config.yaml").is_file()]
    given: dict[str, Any] = {} if seed is None else {"seed": seed}
    config = load_config(source or (own[0] if own else None), **given)
    clips = read_corpus(corpus, config.corpus)
    with stage("testing the pairs"):
        compared = compare_runs(found, clips, level=config.evaluation.level, seed=config.seed,
                                swaps=permutations or SWAPS)  # fmt: skip
    tables = comparison_tables(compared)
    page = write_tables(out, "compare", compared, tables, comparison_page(compared))
    click.echo("\n\n".join(as_text(table) for table in tables))
    click.echo(f"comparison: {page}")
