"""`acoustic-sib ssl states`."""

from pathlib import Path
from typing import Any, Literal

import click

from acoustic_sib.cli.options import output_folder


@click.command(
    "states",
    epilog="Example:  acoustic-sib ssl states hidden.npz -o states/wavlm --model wavlm-base",
)
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="STATES",
    help="Folder to write: states.npy, offsets.npy, clips.csv, meta.json.",
)  # fmt: skip
@click.option(
    "--ids", type=click.Path(path_type=Path), metavar="FILE",
    help="Clip ids in the order of the rows (JSON list, text, table with clip_id or file_name), "
    "for a dump that names no clips; columns n_samples and n_valid_frames are taken along.",
)  # fmt: skip
@click.option("--format", "kind", metavar="NAME", help="The dump's format [default: found out].")
@click.option(
    "--layout", type=click.Choice(["frames", "layers"]),
    help="What the rows of a clip's two-dimensional array are, where it does not show.",
)  # fmt: skip
@click.option("--model", metavar="NAME", help="The model's name, kept in meta.json.")
@click.option(
    "--sample-rate", type=click.IntRange(min=1000), metavar="HZ",
    help="Sampling rate that the model was given [default: 16000].",
)  # fmt: skip
@click.option(
    "--hop", type=click.IntRange(min=1), metavar="SAMPLES",
    help="Step from frame to frame [default: 320, of wav2vec2, HuBERT and WavLM].",
)  # fmt: skip
@click.option(
    "--receptive-field", type=click.IntRange(min=1), metavar="SAMPLES",
    help="What one frame hears of the sound [default: 400].",
)  # fmt: skip
@click.option(
    "--padding", type=click.Choice(["none", "zeros", "repeat"]),
    help="How clips were brought to one length; of repeated clips every frame is valid.",
)  # fmt: skip
def command(
    source: Path, out: Path, ids: Path | None, kind: str | None,
    layout: Literal["frames", "layers"] | None, padding: str | None, **facts: str | int | None,
) -> None:  # fmt: skip
    """Turn a dump of hidden states into a folder that probe and diagnose read.

    SOURCE is an npz, npy (with --ids), safetensors, HDF5, Parquet, Arrow, CSV or .pt file, or a
    folder of one .npy a clip. Every number is checked first: NaN, infinite values, clips of other
    layers or dimension are refused with the clip's id. Nothing is unpickled.
    """
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.ssl.clip_ids import read_ids
    from acoustic_sib.ssl.import_states import write_states
    from acoustic_sib.ssl.state_readers import open_dump

    output_folder(out.parent)
    listed = None if ids is None else read_ids(ids)
    meta: dict[str, Any] = {name: value for name, value in facts.items() if value is not None}
    if padding is not None:
        meta["padding"] = {"mode": padding}
    dump = open_dump(source, listed, kind=kind)
    with stage("checking and writing the states") as progress:
        states = write_states(dump, out, layout=layout, meta=meta, progress=progress)
    frames = states.n_frames
    size = (states.folder / "states.npy").stat().st_size / 2**20
    click.echo(f"{len(states.clip_ids)} clips, {states.n_layers} layers, {states.dim} dimensions, "
               f"{frames.min()} to {frames.max()} frames a clip, {size:.1f} MB")  # fmt: skip
    if states.is_pooled:
        click.echo("one vector a clip: pooling and frames were chosen when they were saved")
    elif not states.is_repeated and (states.n_valid_frames < 0).any():
        click.echo("valid frames unknown: probe infers them from the clips' durations")
    click.echo(f"states: {out}")
