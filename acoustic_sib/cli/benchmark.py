"""`acoustic-sib benchmark`."""

from pathlib import Path
from typing import Any

import click

from acoustic_sib.cli.options import CORPUS, common, configuration, listed_names, output_folder


@click.command(
    "benchmark",
    epilog="Example:  acoustic-sib benchmark clips/ --out table --families mfcc,moments "
    "--models logistic,svm_rbf",
)
@CORPUS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for benchmark.json, the tables and the runs.",
)
@click.option(
    "--models",
    metavar="A,B",
    help="Models, separated by commas [default: those of --config, else logistic, svm_rbf, "
    "random_forest].",
)
@common
def command(corpus: Path, out: Path, models: str | None, **options: Any) -> None:
    """Feature sets x models on the clips of CORPUS, all on the same folds.

    Each family alone and the sets 'compact' and 'all', each under every model whose settings are
    chosen inside the training folds. Every cell is a run under DIR/runs/ that compare reads; a
    finished one is not run again. The best cell of a table is chosen after the fact: the figure
    to report is the nested one, which stands beside it.
    """
    config = configuration(**options)
    output_folder(out)
    from acoustic_sib.benchmark import run_benchmark
    from acoustic_sib.check import worker_count
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.cli.written_tables import write_tables
    from acoustic_sib.config import overlaid
    from acoustic_sib.corpus import read_corpus
    from acoustic_sib.report.comparison import benchmark_frame, benchmark_page, benchmark_tables
    from acoustic_sib.report.paper_tables import as_text
    from acoustic_sib.tables import write_csv

    if models is not None:
        config = overlaid(config, models={"candidates": listed_names(models)})
    clips = read_corpus(corpus, config.corpus)
    found = run_benchmark(clips, config, out, jobs=worker_count(config), stage=stage)
    tables = benchmark_tables(found)
    write_csv(benchmark_frame(found), out / "benchmark.csv")
    page = write_tables(out, "benchmark", found, tables, benchmark_page(found))
    click.echo("\n\n".join(as_text(table) for table in tables))
    for one in found["left_out"]:
        click.echo(f"left out: {one['feature_set']} ({one['reason']})")
    for note in found["notes"]:
        click.echo(f"note: {note}")
    kept = sum(cell["kept"] for cell in found["cells"])
    click.echo(f"{len(found['cells'])} cells ({kept} kept from before), runs in {out / 'runs'}")
    click.echo(f"benchmark: {page}")
