"""`acoustic-sib ssl import`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acoustic_sib.cli.options import listed_names, output_folder

if TYPE_CHECKING:
    from acoustic_sib.ssl.import_run import Imported

_SET = ("model", "freeze", "layer", "pooling", "padding", "attention_mask", "learning_rate",
        "epochs", "batch_size", "seed", "sampling_rate_hz", "normalize")  # fmt: skip
_FILE = click.Path(path_type=Path)


@click.command(
    "import",
    epilog="Example:  acoustic-sib ssl import predictions.csv --corpus clips/ -o runs/wavlm",
)
@click.argument("source", type=_FILE)
@click.option(
    "--corpus",
    type=_FILE,
    required=True,
    metavar="CORPUS",
    help="The corpus whose clips were predicted: its labels are the truth.",
)
@click.option(
    "-o",
    "--out",
    type=_FILE,
    required=True,
    metavar="RUN",
    help="Folder for the run, new or of an earlier import.",
)
@click.option("--name", metavar="NAME", help="What tables call it [default: SOURCE's name].")
@click.option(
    "--format",
    "format_name",
    metavar="FORMAT",
    help="Format of SOURCE, where what it looks like is not what it is.",
)
@click.option(
    "--ids",
    type=_FILE,
    metavar="FILE",
    help="Clip ids in the order of SOURCE's rows: one a line, CSV or JSON.",
)
@click.option(
    "--by-order",
    is_flag=True,
    help="Take the rows to be the corpus's clips (or its tested ones) in their order.",
)
@click.option("--classes", metavar="A,B,C", help="Class names in the order of their numbers.")
@click.option(
    "--folds",
    type=_FILE,
    metavar="FILE",
    help="The fold plan it was tested on: a folds.csv, or the folder of a run.",
)
@click.option(
    "--settings",
    "settings_folder",
    type=_FILE,
    metavar="DIR",
    help="Trainer folder with config.json, trainer_state.json and the like.",
)
@click.option(
    "--set",
    "chosen",
    multiple=True,
    metavar="NAME=VALUE",
    help=f"A setting that no file tells (repeatable): {', '.join(_SET)}.",
)
@click.option("--config", "config_file", metavar="FILE",
              help="YAML settings, or a shipped name: how the corpus is read.")  # fmt: skip
def command(
    source: Path, corpus: Path, out: Path, name: str | None, classes: str | None,
    chosen: tuple[str, ...], config_file: str | None, **options: Any,
) -> None:  # fmt: skip
    """Make a run of the results in SOURCE, a file or folder of another system.

    Tables (CSV, JSONL, Parquet), Trainer.predict arrays, pipeline JSON, Trainer folders, S3PRL,
    nkululeko and SpeechBrain files, or scores alone. Clips are found by id, path or file name;
    labels in SOURCE are held against the corpus's and then dropped. Nothing is unpickled.
    """
    from acoustic_sib.config import load_config
    from acoustic_sib.corpus import read_corpus
    from acoustic_sib.ssl.import_run import (
        Asked,
        import_results,
        refuse_other_folder,
        write_imported,
    )

    begun = time.perf_counter()
    output_folder(out)
    refuse_other_folder(out)
    asked = Asked(classes=None if classes is None else tuple(listed_names(classes)),
                  settings=_settings(chosen), **options)  # fmt: skip
    config = load_config(config_file)
    clips = read_corpus(corpus, config.corpus)
    found = import_results(source, clips, config, asked)
    write_imported(found, out, name=name or source.resolve().stem, config=config,
                   seconds=time.perf_counter() - begun)  # fmt: skip
    click.echo("\n".join([*_said(found), f"run: {out}"]))


def _settings(chosen: tuple[str, ...]) -> dict[str, Any]:
    """`NAME=VALUE`s: numbers as such, true and false as such, else text."""
    from acoustic_sib.errors import ConfigError, nearest

    found: dict[str, Any] = {}
    for one in chosen:
        name, equals, text = one.partition("=")
        if name not in _SET:
            raise ConfigError(f"--set: unknown setting '{name}'; {nearest(name, _SET)}")
        if not equals or not text.strip():
            raise ConfigError(f"--set {one}: no value; expected {name}=VALUE")
        found[name] = _value(text.strip())
    return found


def _value(text: str) -> bool | int | float | str:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _said(found: "Imported") -> list[str]:
    facts = found.facts
    lines = [f"format: {facts['format']}"]
    if found.predictions is not None:
        by = ", ".join(f"{count} by {how}" for how, count in facts["matched_by"].items())
        lines += [
            f"clips: {facts['n_tested']} predictions ({by}), {facts['n_missing']} clips of the "
            f"corpus without one, {facts['n_extra']} rows of other clips, "
            f"{facts['n_duplicates']} repeated",
            f"folds: {facts['n_folds']}, from {_FROM[facts['folds_from']]}; speakers "
            + ("held out" if facts["speaker_mode"] == "held_out" else "not known to be held out"),
            *_figures(found),
        ]
    else:
        lines.append("scores: " + ", ".join(f"{name} {value:.3g}" for name, value
                                            in found.scores.items()))  # fmt: skip
    if found.settings:
        listed = ", ".join(f"{name} {value}" for name, value in found.settings.items())
        lines.append(f"settings: {listed}")
    if facts["missing_settings"]:
        lines.append(f"not told by its files: {', '.join(facts['missing_settings'])} (--set "
                     "NAME=VALUE)")  # fmt: skip
    differ = facts.get("labels", {}).get("differ", 0)
    if differ:
        lines.append(f"note: {differ} labels in the file are not the corpus's, which are taken "
                     "(import.json lists them)")  # fmt: skip
    return [*lines, *(f"note: {note}" for note in facts["notes"])]


_FROM = {"file": "the file", "corpus": "the corpus", "given": "--folds",
         "predicted": "which clips are predicted"}  # fmt: skip


def _figures(found: "Imported") -> list[str]:
    """UAR, macro-F1 and accuracy with their intervals, or why there are none."""
    from acoustic_sib import metrics
    from acoustic_sib.errors import CorpusError

    assert found.predictions is not None
    classes = tuple(sorted(set(found.manifest["label"])))
    try:
        atoms = metrics.confusions(found.predictions, found.manifest, classes)
    except CorpusError as error:
        return [f"figures: none ({error})"]
    figures = (("UAR", metrics.uar), ("macro-F1", metrics.macro_f1), ("accuracy", metrics.accuracy))
    texts = []
    for name, figure in figures:
        one = metrics.interval(atoms, figure)
        texts.append(f"{name} {one.value:.3f} [{one.low:.3f}, {one.high:.3f}]")
    speakers = "" if one.n_speakers is None else f", {one.n_speakers} speakers"
    majority = atoms.total.sum(axis=1).max() / atoms.total.sum()
    return [f"figures: {', '.join(texts)} (majority {majority:.3f}); {one.n_clips} clips{speakers}"]
