"""`acoustic-sib check`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from acoustic_sib.cli.options import (
    CORPUS,
    common,
    configuration,
    named,
    output_folder,
    refuse_file_name,
)

NOT_SHOWN = 1


@click.command(
    "check",
    epilog="Example:  acoustic-sib check clips/ --out reports/mine --leave-out Other",
)
@CORPUS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the report, result.json and tables.",
)
@click.option(
    "--permutations",
    type=click.IntRange(min=100),
    help="Relabellings of the permutation test [default: 1000].",
)
@click.option(
    "--rungs",
    metavar="A,B",
    help="Rungs of the ladder to climb: overfit, sanity, padding_pooling, layers_unfreezing, "
    "baseline, weighting [default: all]. The verdict is given in any case.",
)
@click.option(
    "--embed-audio",
    is_flag=True,
    help="Put the sound of the label suspects into report.html, to be played there. Whoever gets "
    "the page then gets these recordings: ask whether the speakers agreed to that.",
)
@click.option(
    "--ssl",
    "runs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="An imported run (ssl import) to stand on the rungs beside the sound (repeatable).",
)
@click.option(
    "--states",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Hidden states (ssl states): one folder for all runs, or one for each in their order.",
)
@common
def command(
    corpus: Path, out: Path, embed_audio: bool, runs: tuple[Path, ...], states: tuple[Path, ...],
    **options: Any,
) -> int:  # fmt: skip
    """Are the labels of CORPUS learnable from sound, and what could have fooled the answer?

    CORPUS is a manifest (CSV, TSV, JSONL, Parquet), an audiofolder, class-named folders, or a
    folder of WAV and TextGrid files. Writes report.html, result.json, predictions.csv, folds.csv,
    features.parquet, config.yaml, run.json, tables.md and tables.tex (for papers), clip_map.csv and
    overfit_subsets.csv (the tiny subsets of the first rung, for other models to overfit) into DIR.
    Exit code 1 when the verdict is not 'learnable'.
    """
    config = configuration(**options)
    refuse_file_name(out)
    output_folder(out)
    said = " ".join([
        f"acoustic-sib check {corpus} --out {out}", *(f"--ssl {run}" for run in runs),
        *(f"--states {folder}" for folder in states), *(["--embed-audio"] * embed_audio),
    ])  # fmt: skip
    return check_and_write(corpus, out, config, said=said, embed_audio=embed_audio, runs=runs,
                           states=states)  # fmt: skip


def check_and_write(
    corpus: Path, out: Path, config: Any, *, said: str, embed_audio: bool = False,
    runs: Sequence[Path] = (), states: Sequence[Path] = (),
) -> int:  # fmt: skip
    from acoustic_sib.check import read_given, run_check, worker_count
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.cli.written import write_check, write_rungs
    from acoustic_sib.corpus import read_corpus

    found = read_corpus(corpus, config.corpus)
    given = read_given(runs, states, found, config) if runs or states else ()
    check = run_check(found, config, jobs=worker_count(config), stage=stage, given=given,
                      finished_rungs=partial(write_rungs, out))  # fmt: skip
    with stage("writing the report"):
        report = write_check(check, out, command=said, embed_audio=embed_audio)
    click.echo(summary(check.result))
    click.echo(f"report: {report}")
    return 0 if check.result["verdict"] == "learnable" else NOT_SHOWN


def summary(result: dict[str, Any]) -> str:
    """The verdict and its figures as a few lines for the terminal."""
    corpus, chance, uar = result["corpus"], result["chance"], result["baseline"]["uar"]
    test = chance["permutation"]
    speakers = "unknown" if corpus["n_speakers"] is None else corpus["n_speakers"]
    mode = ("speakers held out" if corpus["speaker_mode"] == "held_out"
            else "clips mixed across speakers: says nothing of new speakers")  # fmt: skip
    classes = ", ".join(f"{name} {count}" for name, count in corpus["classes"].items())
    lines = [
        f"verdict: {result['verdict']}" + (" (SYNTHETIC corpus: no human speech)"
                                           if corpus["synthetic"] else ""),
        f"  {result['reason']}",
        f"  UAR {_interval(uar)}  ({mode}; chance {chance['uar']:.3f})",
        f"  permutation test over {test['unit']}: p = {test['p_value']:.2g}, n = {test['n']}",
    ]  # fmt: skip
    if result["shortcuts"]["uar"] is not None:
        without, adds = (_interval(result["shortcuts"][name]) for name in ("uar", "difference"))
        lines.append(f"  nuisance columns alone: UAR {without}; the sound adds {adds}")
    lines.append(
        f"  {corpus['n_used']} of {corpus['n_clips']} clips, {speakers} speakers: {classes}"
    )
    if corpus["left_out"]:
        left = ", ".join(f"{name} {count}" for name, count in corpus["left_out"].items())
        lines.append(f"  left out by label: {left}")
    if corpus["n_excluded"]:
        n = corpus["n_excluded"]
        lines.append(f"  {n} clip{'s' * (n > 1)} excluded; the first: "
                     f"{named(**result['excluded'][0])}")  # fmt: skip
    if uar["n_clips"] != corpus["n_used"]:
        lines.append(f"  tested: {uar['n_clips']} of the clips; the others are only trained on")
    lines += [f"  audit, failed: {one['says']}" for one in result["audit"]["findings"]
              if one["status"] == "fail"]  # fmt: skip
    lines += [f"  note: {note}" for note in result["notes"]]
    return "\n".join(lines)


def _interval(interval: dict[str, Any]) -> str:
    low, high = interval["low"], interval["high"]
    if low != low or high != high:  # NaN: not measurable
        return f"{interval['value']:.3f} (interval not measurable)"
    return f"{interval['value']:.3f} [{low:.3f}, {high:.3f}]"
