"""The report of `predict`, and whose voice it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acoustic_sib.cli.options import output_file
from acoustic_sib.cli.recordings import tell_note
from acoustic_sib.errors import ConfigError, nearest

if TYPE_CHECKING:
    from acoustic_sib.screen.bundle import Bundle
    from acoustic_sib.screen.records import Screened

VAN_BORSEL = 0.23
"""Share of young Dutch-speaking adults who lisp (Van Borsel et al. 2007)."""
USUAL_AGES = ("child", "adult")

REPORT = click.option("--report", type=click.Path(path_type=Path), metavar="FILE",
                      help="Write a page to read and to print, without sound; .html is added to a "
                      "bare name.")  # fmt: skip
SEX = click.option("--sex", type=click.Choice(["f", "m"]),
                   help="Of the speaker: compare with Normal speakers of that sex, where the model "
                   "knows enough of them.")  # fmt: skip
AGE_GROUP = click.option("--age-group", metavar="GROUP",
                         help="Of the speaker: child (below 16 years), adult, or a group that the "
                         "model's corpus names.")  # fmt: skip
PREVALENCE = click.option("--prevalence", type=click.FloatRange(0.001, 0.999), default=VAN_BORSEL,
                          show_default=True,
                          help="Share of people taken to lisp, for the predictive values of the "
                          "report; of a model whose classes stand for other labels there are "
                          "none.")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Voice:
    """What is known of the one speaker of all recordings."""

    sex: str | None = None
    age_group: str | None = None

    @property
    def groups(self) -> dict[str, str]:
        """Control -> group. Before puberty age tells more of a voice than sex, later sex."""
        known = {"sex": self.sex, "age_group": self.age_group}
        if self.age_group != "adult":
            known = dict(reversed(known.items()))
        return {control: group for control, group in known.items() if group}

    @property
    def asked(self) -> str:
        from acoustic_sib.screen.reference import group_name

        return group_name(**self.groups)

    def reference(self, bundle: "Bundle", language: str) -> "Bundle":
        """The bundle, compared with the closest group that it knows.

        Raises ConfigError for an age group that is neither usual nor the bundle's.
        """
        own = {part.partition("=")[2] for name in bundle.norms for part in name.split(",")
               if part.startswith("age_group=")}  # fmt: skip
        known = dict.fromkeys([*USUAL_AGES, *sorted(own)])
        if self.age_group and self.age_group not in known:
            raise ConfigError(f"--age-group: unknown group '{self.age_group}'; "
                              f"{nearest(self.age_group, known)}")  # fmt: skip
        found = bundle.compared_with(**self.groups)
        if found.group != self.asked:
            from acoustic_sib.screen.wording import group_words, say

            whom = (say(language, "group_normal", group=group_words(language, found.group))
                    if found.group else say(language, "all_normal"))  # fmt: skip
            asked = group_words(language, self.asked)
            tell_note(say(language, "no_group", asked=asked, found=whom), language)
        return found


def report_file(report: Path, read: Sequence[Path]) -> Path:
    """The file of the report. Raises ConfigError for one that could not be written, or would
    overwrite what is read."""
    report = output_file(report, ending=".html", option="--report")
    if report.resolve() in {path.resolve() for path in read}:
        raise ConfigError(f"--report {report}: would overwrite a file that is read; expected "
                          "another name")  # fmt: skip
    return report


def write_session(
    report: Path, screened: "Sequence[Screened]", bundle: "Bundle", voice: Voice, *, model: Path,
    level: float, language: str, speaker: str, by_folder: bool, prevalence: float,
) -> None:  # fmt: skip
    """Collect the page and write it, whole or not at all."""
    from acoustic_sib.report.render import SESSION, write_report
    from acoustic_sib.report.session import Session, summarize_session

    session = Session(
        model=model.name, level=level, language=language, prevalence=prevalence, speaker=speaker,
        made_on=date.today().isoformat(), by_folder=by_folder, asked_group=voice.asked,
    )  # fmt: skip
    write_report(report, summarize_session(screened, bundle, session), SESSION)
