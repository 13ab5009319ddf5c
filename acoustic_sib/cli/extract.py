"""`acoustic-sib extract`."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from acoustic_sib.cli.options import CORPUS, common, configuration, named, output_file


@click.command("extract", epilog="Example:  acoustic-sib extract clips/ -o features.parquet")
@CORPUS
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Parquet file to write; .parquet is added to a bare name.",
)
@click.option("--dask", metavar="ADDRESS", help="Measure on the Dask cluster at this scheduler.")
@common
def command(corpus: Path, out: Path, dask: str | None, **options: Any) -> None:  # fmt: skip
    """Measure every clip of CORPUS and write the feature table.

    One row a clip, columns `clip_id` and `family.measure[.statistic]`; NaN where a measure cannot
    be taken. Measured clips are kept in the cache, so an interrupted run goes on where it was.
    """
    config = configuration(**options)
    out = output_file(out, ending=".parquet")
    from acoustic_sib.check import cache_folder, usable_clips, worker_count
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.cluster import dask_workers
    from acoustic_sib.corpus import read_corpus
    from acoustic_sib.extract import Work, extract, resolved_recipe
    from acoustic_sib.tables import write_parquet

    found = read_corpus(corpus, config.corpus)
    jobs = worker_count(config)
    with nullcontext() if dask is None else dask_workers(dask, corpus):
        manifest, quality, excluded, _ = usable_clips(found, config, jobs=jobs, stage=stage)
        recipe = resolved_recipe(config.features, config.audio, quality)
        with stage("measuring the clips") as progress:
            work = Work(jobs=jobs, cache=cache_folder(config), progress=progress)
            measured = extract(manifest, recipe, config.audio, work)
    write_parquet(measured.table.reset_index(), out)
    excluded = [*excluded, *measured.problems]
    for problem in excluded:
        told = named(clip_id=problem.clip_id, reason=problem.reason)
        click.echo(f"excluded: {told}", err=True)
    rows, columns = measured.table.shape
    click.echo(f"{out}: {rows} clips x {columns} measures up to {recipe.high_hz:g} Hz "
               f"({measured.n_cached} from the cache, {len(excluded)} excluded)")  # fmt: skip
