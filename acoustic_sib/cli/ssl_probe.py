"""`acoustic-sib ssl probe`."""

from pathlib import Path
from typing import Any

import click

from acoustic_sib.cli.options import configuration, listed_names, output_folder


@click.command(
    "probe",
    epilog="Example:  acoustic-sib ssl probe states/wavlm --corpus clips/ --out reports/wavlm",
)
@click.argument("states", metavar="STATES", type=click.Path(path_type=Path))
@click.option(
    "--corpus", type=click.Path(path_type=Path), required=True, metavar="CORPUS",
    help="The corpus that the states are of: its labels are the truth.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="DIR",
    help="Folder for probe.json, the tables and the run.",
)  # fmt: skip
@click.option(
    "--features", type=click.Path(path_type=Path), metavar="FILE",
    help="features.parquet of check or extract: probed beside the states and joined to them.",
)  # fmt: skip
@click.option("--layers", metavar="A,B", help="Layers to probe [default: all].")
@click.option(
    "--poolings", metavar="A,B",
    help="mean, mean_sd, max, middle_third, energy_weighted [default: all].",
)  # fmt: skip
@click.option("--frames", metavar="A,B", help="valid, all, first_1s [default: all that differ].")
@click.option(
    "--permutations", type=click.IntRange(min=100),
    help="Relabellings of the permutation test [default: 1000].",
)  # fmt: skip
@click.option("--config", "source", metavar="FILE", help="YAML settings, or a shipped name.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of everything random.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes [default: cores].")
@click.option("--leave-out", multiple=True, metavar="LABEL",
              help="Leave out the rows of this label (repeatable).")  # fmt: skip
@click.option("--cache", metavar="DIR", help="Folder of measured clips.")
@click.option("--no-cache", is_flag=True, help="Measure anew and keep nothing.")
def command(
    states: Path, corpus: Path, out: Path, features: Path | None, layers: str | None,
    poolings: str | None, frames: str | None, **options: Any,
) -> None:  # fmt: skip
    """Do the hidden states in STATES carry the labels, and in which layer?

    Standardised linear probes of every layer, pooling and choice of frames, on the same clips and
    folds as `check` with the same configuration; the cell to report is chosen inside the training
    folds. DIR is a run that compare reads. STATES is a folder that `ssl states` wrote.
    """
    config = configuration(families=None, normalize=None, **options)
    output_folder(out)
    from acoustic_sib.check import usable_clips, worker_count
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.cli.written_probe import corpus_facts, read_features, write_probe
    from acoustic_sib.corpus import read_corpus
    from acoustic_sib.folds import plan_folds
    from acoustic_sib.report.paper_tables import as_text
    from acoustic_sib.report.probe_page import probe_tables, sentences
    from acoustic_sib.ssl.probe import probe
    from acoustic_sib.ssl.probe_clips import frame_energies, probe_clips
    from acoustic_sib.ssl.probe_task import ProbeSettings
    from acoustic_sib.ssl.states import read_states

    found = read_states(states)
    clips = read_corpus(corpus, config.corpus)
    jobs = worker_count(config)
    manifest, quality, _, _ = usable_clips(clips, config, jobs=jobs, stage=stage)
    plan = plan_folds(manifest, config.folds, seed=config.seed)
    ours = probe_clips(
        found,
        manifest,
        {str(clip_id): float(seconds) for clip_id, seconds in quality["duration_s"].items()},
    )
    folds = plan.table[plan.table["clip_id"].isin(ours.manifest["clip_id"])]
    wanted = [None if one is None else listed_names(one) for one in (layers, poolings, frames)]
    energies = None
    if ours.n_valid is not None and not (found.is_pooled or found.is_repeated):
        with stage("measuring the energy of each frame"):
            energies = frame_energies(found, ours, config.audio)
    settings = ProbeSettings(
        layers=wanted[0], poolings=wanted[1], frames=wanted[2],
        class_weight=config.models.class_weight, inner_splits=config.models.inner_splits,
        permutations=config.evaluation.permutations, level=config.evaluation.level,
    )  # fmt: skip
    with stage("probing the cells") as progress:
        made = probe(
            found, ours, folds, energies=energies, seed=config.seed, jobs=jobs, progress=progress,
            features=None if features is None else read_features(features), settings=settings,
        )  # fmt: skip
    result = {**made.result, "corpus": corpus_facts(clips, manifest, plan, ours)}
    result["notes"] = [*clips.notes, *plan.notes, *result["notes"]]
    page = write_probe(out, result, made, ours.manifest, folds.reset_index(drop=True), config)
    click.echo("\n\n".join(as_text(table) for table in probe_tables(result)))
    for sentence in [*sentences(result), *(f"note: {note}" for note in result["notes"])]:
        click.echo(sentence)
    click.echo(f"probe: {page}")
