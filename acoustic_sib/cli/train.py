"""`acoustic-sib train`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from acoustic_sib.cli.options import CORPUS, common, configuration, named, output_file
from acoustic_sib.errors import ConfigError

if TYPE_CHECKING:
    from acoustic_sib.screen.train import Kind

ENDING = ".sib"


@click.command("train", epilog="Example:  acoustic-sib train clips/ -o clinic.sib")
@CORPUS
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Bundle to write, a file ending in .sib, which is added to a bare name.",
)
@click.option(
    "--model",
    type=click.Choice(["logistic", "lda"]),
    default="logistic",
    show_default=True,
    help="Linear model: logistic regression, or discriminant analysis with shrinkage.",
)
@click.option("--note", default="", metavar="TEXT",
              help="What must be known with every answer of the model, such as what its labels "
              "are and who gave them; `predict` tells it in every output.")  # fmt: skip
@common
def command(corpus: Path, out: Path, model: str, note: str, **options: Any) -> None:
    """Train a model on the clips of CORPUS and write it as one bundle, for `predict`.

    The bundle holds numbers, a card that says what the model is worth on speakers it has not heard,
    and the fitted pipeline; no sound and no speaker's name. Without --families those are measured
    that `predict` can measure at once: moments, multitaper, bands, peaks, shape, erb, temporal.

    Name the speakers (at least 5). Where CORPUS does not, all its clips may be of one: then no
    class is ever ruled out, and the bundle's every answer is "uncertain".
    """
    config = configuration(**options)
    out = output_file(out, ending=ENDING)
    note = _one_line(note)
    from acoustic_sib.corpus import read_corpus

    found = read_corpus(corpus, config.corpus)
    train_and_write(found, out, config, model=cast("Kind", model), note=note)


def _one_line(note: str) -> str:
    from acoustic_sib.screen.card_json import LONGEST_NOTE

    line = " ".join(note.split())
    if not line.isprintable() or len(line) > LONGEST_NOTE:
        raise ConfigError(f"--note: {len(line)} characters, or some that are no text; expected at "
                          f"most {LONGEST_NOTE} of plain text")  # fmt: skip
    return line


def train_and_write(
    corpus: Any, out: Path, config: Any, *, model: "Kind" = "logistic", note: str = ""
) -> None:
    """Listen, measure, train, write, and say on stdout what the model is worth."""
    from acoustic_sib.check import cache_folder, usable_clips, worker_count
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.config import FeatureSettings, overlaid
    from acoustic_sib.extract import Work, extract, resolved_recipe, spectrum_shapes
    from acoustic_sib.ladder.groups import groupings
    from acoustic_sib.screen.bundle import write_bundle
    from acoustic_sib.screen.train import FAMILIES, Measured, refuse_early, train

    if config.features.families == FeatureSettings().families:
        config = overlaid(config, features={"families": list(FAMILIES)})
    refuse_early(corpus.manifest, config)
    jobs = worker_count(config)
    manifest, quality, excluded, _ = usable_clips(corpus, config, jobs=jobs, stage=stage)
    recipe = resolved_recipe(config.features, config.audio, quality)
    with stage("measuring the clips") as progress:
        work = Work(jobs=jobs, cache=cache_folder(config), progress=progress)
        measured = extract(manifest, recipe, config.audio, work)
        shapes = spectrum_shapes(manifest, recipe, config.audio, work).table
    excluded = [*excluded, *measured.problems]
    manifest = manifest[manifest["clip_id"].isin(measured.table.index)].reset_index(drop=True)
    groups = {
        one.control: one.of_clip for one in groupings(manifest)
        if one.control in ("sex", "age_group") and one.of_clip is not None
    }  # fmt: skip
    apart = "speakers" if _hold_speakers_out(manifest) else "clips"
    with stage(f"training, and asking of {apart} held out") as progress:
        bundle = train(
            Measured(manifest=manifest, quality=quality, features=measured.table, recipe=recipe,
                     groups=groups, n_excluded=len(excluded), synthetic=corpus.synthetic,
                     shapes=shapes, made_of=corpus.made_of, note=note),
            config, model=model, progress=progress,
        )  # fmt: skip
    write_bundle(bundle, out)
    for note in corpus.notes:
        click.echo(f"note: {note}", err=True)
    for problem in excluded:
        told = named(clip_id=problem.clip_id, reason=problem.reason)
        click.echo(f"excluded: {told}", err=True)
    click.echo(summary(dict(bundle.card)))
    click.echo(f"bundle: {out}")


def _hold_speakers_out(manifest: Any) -> bool:
    """Whether the folds do, as far as the columns tell: a corpus's own may mix speakers."""
    return "speaker" in manifest.columns and "fold" not in manifest.columns


def summary(card: dict[str, Any]) -> str:
    """What the model is worth, as a few lines for the terminal."""
    from acoustic_sib.screen.card import maker_says, told

    held_out = card["speaker_mode"] == "held_out"
    mode = "speakers held out" if held_out else "clips mixed across speakers"
    speakers = "unknown" if card["n_speakers"] is None else card["n_speakers"]
    classes = ", ".join(f"{name} {one['n_clips']}" for name, one in card["classes"].items())
    lines = ["DEMONSTRATION, no screening: trained on synthetic sound"] * card["demonstration"]
    lines += [
        f"UAR {told(card['uar'])}  ({mode}; chance {1 / len(card['classes']):.3f})",
        *(f"  recall of {name} {told(one)}" for name, one in card["recalls"].items()),
        f"calibration: error {card['calibration']['error']:.3f}, temperature "
        f"{card['temperature']:.2f}",
        *(f"sets at {one['level']:.0%}: hold the true class in {told(one['covered'])}; "
          f"{one['uncertain']['value']:.0%} uncertain, {one['mean_size']:.2f} classes on average"
          for one in card["coverage"]),
        f"told to be unlike the training clips: {card['unlike']['value']:.1%}",
        f"{card['n_clips']} clips, {speakers} speakers: {classes}; {card['n_excluded']} excluded",
        *filter(None, [maker_says(card, "en")]),
        *(f"note: {note}" for note in card["notes"]),
    ]  # fmt: skip
    return "\n".join(lines)
