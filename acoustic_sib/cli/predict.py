"""`acoustic-sib predict`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from acoustic_sib.cli.mistaken import refuse_no_model
from acoustic_sib.cli.options import output_file
from acoustic_sib.cli.recordings import (
    AUDIO,
    EXPECT,
    LANGUAGE,
    PHONES,
    SOME_FAILED,
    code_after,
    finder,
    only_sounds,
    recordings,
    refuse_both,
    tell_failure,
    tell_note,
    textgrids_of,
    write_unless_corrected,
)
from acoustic_sib.cli.session import (
    AGE_GROUP,
    PREVALENCE,
    REPORT,
    SEX,
    Voice,
    report_file,
    write_session,
)
from acoustic_sib.errors import AudioError, ConfigError

if TYPE_CHECKING:
    from acoustic_sib.screen.bundle import Bundle
    from acoustic_sib.screen.expected import Expected
    from acoustic_sib.screen.predict import Model
    from acoustic_sib.screen.records import Screened

OWN_TIER = b'"probability"'


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of the recordings and of the model."""

    whole: bool
    expect: "Expected | None"
    phones: Path | None
    level: float
    language: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """What must stand with every answer, in a language; "" for what there is not."""

    language: str
    demonstration: str
    model_note: str
    notice: str

    @classmethod
    def of(cls, bundle: "Bundle", language: str) -> "Said":
        from acoustic_sib.screen.card import maker_says
        from acoustic_sib.screen.wording import say

        return cls(
            language=language, notice=say(language, "notice"),
            demonstration=say(language, "demonstration") if bundle.card["demonstration"] else "",
            model_note=maker_says(bundle.card, language),
        )  # fmt: skip

    def json_lines(self, one: "Screened", group: str, speakers: Mapping[Path, str]) -> str:
        from acoustic_sib.screen.outputs import json_lines

        return json_lines([one], demonstration=self.demonstration, model_note=self.model_note,
                          notice=self.notice, group=group, speakers=speakers)  # fmt: skip


@click.command(
    "predict",
    epilog="Example:  acoustic-sib predict clinic.sib session.wav --report session.html   Exit "
    "codes: 0 done; 2 nothing could be read, or a mistake in the command; 3 some recordings could "
    "not be read, each told on stderr.",
)
@click.argument("model", type=click.Path(path_type=Path))
@AUDIO
@click.option("--whole", is_flag=True, help="Each file is one sibilant: search for none.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a sibilant, no table.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE",
              help="Write one row a sibilant, for a spreadsheet, and one for each recording "
              "without any; .csv is added to a bare name. Its column 'answer' says the class, or "
              "that it is uncertain, not assessable, not found or not readable.")  # fmt: skip
@click.option("--decimal", type=click.Choice(["auto", "point", "comma"]), default="auto",
              show_default=True,
              help="Decimal sign of the CSV. comma: cells are parted by semicolons, as German and "
              "Portuguese spreadsheets want it; auto: comma with --language de and "
              "pt.")  # fmt: skip
@click.option("--textgrid", type=click.Path(path_type=Path), metavar="DIR",
              help="Folder to write a TextGrid a recording into, or of one recording its TextGrid: "
              "tiers sibilant, class, probability.")  # fmt: skip
@click.option("--level", type=click.FloatRange(0.5, 0.999), default=0.9, show_default=True,
              help="How often the set of classes shall hold the true one: the higher, the more "
              "are uncertain (at low levels more again: where no class reaches it, the "
              "two likeliest are given).")  # fmt: skip
@LANGUAGE
@click.option("--speaker", default="", metavar="NAME",
              help="Code of the one speaker of all recordings, for counts, JSON and "
              "CSV.")  # fmt: skip
@click.option("--by-folder", is_flag=True,
              help="Each folder holds one speaker: count it too, and name it as the speaker in "
              "JSON and CSV.")  # fmt: skip
@REPORT
@SEX
@AGE_GROUP
@PREVALENCE
@EXPECT
@PHONES
def command(
    model: Path, audio: tuple[Path, ...], whole: bool, as_json: bool, csv_file: Path | None,
    decimal: str, textgrid: Path | None, level: float, language: str, speaker: str,
    by_folder: bool, expect: "Expected | None", phones: Path | None, report: Path | None,
    sex: str | None, age_group: str | None, prevalence: float,
) -> int:  # fmt: skip
    """Judge the sibilants of recordings by MODEL, a bundle that `train` wrote.

    AUDIO: sound files, or folders searched for them. Sibilants are searched for; with --phones DIR
    they are taken from TextGrids of the same names instead (those beside the recordings: give their
    own folder), and with --whole each file is one sibilant. Quality comes first: what is silent,
    clipped, too short, too noisy, or no frication is "not assessable" and gets no class. More than
    one class in a set means "uncertain". Channels are averaged, but for two
    microphones up to 1 ms apart, of which one is taken and noted. Where channels hold different
    sound, as of two people with a microphone each, a note says so in recordings of some seconds.

    Research and measurement aid. Not a diagnosis. A qualified speech-language pathologist must
    listen and decide.
    """
    asked = Asked(whole=whole, expect=expect, phones=phones, level=level, language=language)
    voice = Voice(sex=sex, age_group=age_group)
    refuse_no_model(model, audio)
    if as_json and csv_file is not None:
        raise click.UsageError("--json and --csv are two formats; expected one of them")
    if decimal != "auto" and csv_file is None:
        raise click.UsageError(f"--decimal {decimal} is for the CSV; expected --csv FILE with it")
    if speaker and by_folder:
        raise click.UsageError("--speaker names the one speaker of all recordings, --by-folder one "
                               "for each folder; expected one of them")  # fmt: skip
    files = _checked(asked, audio)
    if csv_file is not None:
        csv_file = output_file(csv_file, ending=".csv", option="--csv")
    textgrids = _textgrids(files, textgrid, phones)
    if report is not None:
        report = report_file(report, [model, *files])
    from acoustic_sib.screen.bundle import read_bundle
    from acoustic_sib.screen.tally import speakers_of

    bundle = voice.reference(read_bundle(model), language)
    said = Said.of(bundle, language)
    speakers = speakers_of(files, name=speaker, by_folder=by_folder)
    kept: list[AudioError] = []

    def written(one: "Screened") -> None:
        if as_json:
            click.echo(said.json_lines(one, bundle.group, speakers), nl=False)
        try:
            if one.file in textgrids:
                _write_textgrid(one, textgrids[one.file], said)
        except AudioError as error:
            kept.append(error)

    screened = _screened(files, bundle, asked, written)
    n_failed = _tell(screened, kept, language)
    if csv_file is not None:
        _write_csv(csv_file, screened, bundle.classes, said, decimal, speakers)
    if report is not None:
        write_session(report, screened, bundle, voice, model=model, level=level, language=language,
                      speaker=speaker, by_folder=by_folder, prevalence=prevalence)  # fmt: skip
    if as_json:
        for sentence in filter(None, (said.demonstration, said.model_note, said.notice)):
            click.echo(sentence, err=True)
    else:
        _print_table(screened, bundle.classes, said, speaker=speaker, by_folder=by_folder)
    _tell_where(csv_file, textgrid, report, language)
    return SOME_FAILED if kept else code_after(n_failed, len(files))


def _checked(asked: Asked, audio: Sequence[Path]) -> list[Path]:
    """The recordings, after refusing what contradicts itself."""
    if asked.whole and (asked.phones is not None or asked.expect is not None):
        raise click.UsageError("--whole takes each file as one sibilant; expected neither --phones "
                               "nor --expect with it")  # fmt: skip
    refuse_both(asked.phones, asked.expect)
    return recordings(audio)


def _textgrids(files: Sequence[Path], out: Path | None, phones: Path | None) -> dict[Path, Path]:
    """Recording -> its TextGrid, after refusing what could only fail once they are judged."""
    if out is None:
        return {}
    targets = textgrids_of(files, out)
    for target in targets.values():
        # A hand-made or hand-corrected TextGrid is work that nobody gets back.
        if target.exists() and not _is_ours(target, phones):
            raise ConfigError(f"--textgrid {out}: {target.name} is there already and was "
                              "not written by predict, or is read by --phones; expected "
                              "another place")  # fmt: skip
    return targets


def _is_ours(textgrid: Path, phones: Path | None) -> bool:
    read = phones is not None and textgrid.resolve().parent == phones.resolve()
    return not read and OWN_TIER in textgrid.read_bytes()


def _screened(
    files: Sequence[Path], model: "Model", asked: Asked, written: Callable[["Screened"], None]
) -> "list[Screened]":
    """Each recording judged; `written` is called with each as soon as it is."""
    from acoustic_sib.cli.progress import stage
    from acoustic_sib.screen.predict import screen_file, whole_file
    from acoustic_sib.screen.wording import say

    screened = []
    with stage(say(asked.language, "judging"), language=asked.language) as progress:
        within = progress if len(files) == 1 else None
        find = (partial(whole_file, language=asked.language, limits=model.limits) if asked.whole
                else finder(phones=asked.phones, expect=asked.expect, progress=within,
                            language=asked.language))  # fmt: skip
        for number, file in enumerate(files, 1):
            one = screen_file(file, model, find=only_sounds(find), level=asked.level,
                              language=asked.language, progress=within)  # fmt: skip
            screened.append(one)
            if not one.failure:
                written(one)
            if progress is not None and len(files) > 1:
                progress(number, len(files))
    return screened


def _print_table(
    screened: "Sequence[Screened]", classes: Sequence[str], said: Said, *, speaker: str,
    by_folder: bool,
) -> None:  # fmt: skip
    """The table on stdout: broken to the width of a terminal, else a line a sibilant."""
    from acoustic_sib.screen.outputs import terminal_table
    from acoustic_sib.screen.tally import tallies
    from acoustic_sib.screen.wording import say

    read = [one for one in screened if not one.failure]
    alone = str(read[0].file) if len(read) == 1 else ""
    name = speaker or alone or say(said.language, "all_read", n=len(read))
    columns = get_terminal_size().columns if sys.stdout.isatty() else None
    together = tallies(screened, classes, name=name, by_folder=by_folder)
    click.echo(terminal_table(screened, classes, language=said.language, model_note=said.model_note,
                              demonstration=said.demonstration, together=together,
                              columns=columns), nl=False)  # fmt: skip


def _write_csv(
    path: Path, screened: "Sequence[Screened]", classes: Sequence[str], said: Said, decimal: str,
    speakers: Mapping[Path, str],
) -> None:  # fmt: skip
    from acoustic_sib.screen.outputs import csv_text
    from acoustic_sib.screen.wording import DECIMAL_COMMA
    from acoustic_sib.tables import write_text

    comma = decimal == "comma" or (decimal == "auto" and said.language in DECIMAL_COMMA)
    write_text(path, csv_text(screened, classes, demonstration=said.demonstration,
                              notice=said.notice, model_note=said.model_note,
                              decimal_comma=comma, language=said.language,
                              speakers=speakers))  # fmt: skip


def _tell(screened: "Sequence[Screened]", kept: Sequence[AudioError], language: str) -> int:
    """Failures and notes on stderr; how many recordings failed. Raises ConfigError for all."""
    from acoustic_sib.screen.wording import say

    for one in screened:
        if one.failure:
            tell_failure(one.failure, language)
        elif one.found is not None:
            for note in one.found.notes:
                tell_note(f"{one.file}: {note}", language)
    for error in kept:
        tell_failure(str(error), language)
    n_failed = sum(bool(one.failure) for one in screened)
    if n_failed == len(screened):
        raise ConfigError(say(language, "none_read", n=n_failed) if n_failed > 1
                          else say(language, "nothing_judged"))  # fmt: skip
    return n_failed


def _tell_where(
    csv_file: Path | None, textgrids: Path | None, report: Path | None, language: str
) -> None:
    from acoustic_sib.screen.wording import say

    report_word = say(language, "report_word")
    for what, where in (("CSV", csv_file), ("TextGrids", textgrids), (report_word, report)):
        if where is not None:
            click.echo(f"{what}: {where}", err=True)


def _write_textgrid(one: "Screened", target: Path, said: Said) -> None:
    from acoustic_sib.screen.outputs import tiers

    assert one.found is not None, "what could not be read is not written"
    made = tiers(one, demonstration=said.demonstration, model_note=said.model_note,
                 language=said.language)  # fmt: skip
    write_unless_corrected(target, one.file, one.found.duration_s, made)
