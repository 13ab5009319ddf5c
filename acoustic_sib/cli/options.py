"""Options that several commands share, and the configuration they make together."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from acoustic_sib.errors import ConfigError

if TYPE_CHECKING:
    from acoustic_sib.config import Config

Command = TypeVar("Command", bound=Callable[..., Any])

USUAL_STEMS = {".sib": "model", ".html": "session", ".csv": "sibilants", ".parquet": "features",
               ".TextGrid": "found"}  # fmt: skip
FILE_ENDINGS = frozenset(ending.lower() for ending in [*USUAL_STEMS, ".json", ".txt", ".pdf"])

CORPUS = click.argument("corpus", type=click.Path(path_type=Path))


def common(command: Command) -> Command:
    """`--config --seed --jobs --families --normalize --leave-out --cache/--no-cache`."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


_COMMON = (
    click.option("--config", "source", metavar="FILE",
                 help="YAML settings, or a shipped name: default, fast, thorough, children."),
    click.option("--seed", type=click.IntRange(min=0), help="Seed of everything random."),
    click.option("--jobs", type=click.IntRange(min=1), help="Worker processes [default: cores]."),
    click.option("--families", metavar="A,B", help="Feature families, separated by commas."),
    click.option("--normalize", type=click.Choice(["none", "speaker"]),
                 help="Standardise features within each speaker, without labels."),
    click.option("--leave-out", multiple=True, metavar="LABEL",
                 help="Leave out the rows of this label (repeatable)."),
    click.option("--cache", metavar="DIR", help="Folder of measured clips."),
    click.option("--no-cache", is_flag=True, help="Measure anew and keep nothing."),
)  # fmt: skip


def configuration(
    *, source: str | None, seed: int | None, jobs: int | None, families: str | None,
    normalize: str | None, leave_out: tuple[str, ...], cache: str | None, no_cache: bool,
    permutations: int | None = None, rungs: str | None = None,
) -> "Config":  # fmt: skip
    """The configuration file with the options given laid over it."""
    from acoustic_sib.config import load_config

    top: dict[str, Any] = {}
    if seed is not None:
        top["seed"] = seed
    if jobs is not None:
        top["jobs"] = jobs
    if families is not None:
        top["features"] = {"families": listed_names(families)}
    if normalize is not None:
        top["models"] = {"normalize": normalize}
    if leave_out:
        top["corpus"] = {"leave_out": list(leave_out)}
    if no_cache:
        top["extraction"] = {"cache": None}
    elif cache is not None:
        top["extraction"] = {"cache": cache}
    if permutations is not None:
        top["evaluation"] = {"permutations": permutations}
    if rungs is not None:
        top["ladder"] = {"rungs": listed_names(rungs)}
    config = load_config(source, **top)
    if config.extraction.cache is not None:
        output_folder(Path(config.extraction.cache), option="extraction.cache")
    return config


def listed_names(listed: str) -> list[str]:
    """The names in `a, b`, without blanks and empty ones."""
    return [name.strip() for name in listed.split(",") if name.strip()]


def output_folder(out: Path, *, option: str = "--out") -> Path:
    """`out`, refused before long work begins where it can never be written.

    Raises ConfigError when it is a file or lies below one, or the folder may not be written to.
    """
    for place in (out, *out.absolute().parents):
        if place.is_dir():
            if not os.access(place, os.W_OK | os.X_OK):
                raise ConfigError(f"{option} {out}: {place} may not be written to; expected a "
                                  "folder of your own: is the disk read-only?")  # fmt: skip
            return out
        if place.exists():
            raise ConfigError(f"{option} {out}: {place} is a file; expected a folder to write into")
    return out


def refuse_file_name(out: Path, *, option: str = "--out") -> None:
    """Raises ConfigError for a new folder that is called as a file is: a file was meant."""
    if out.suffix.lower() in FILE_ENDINGS and not out.exists():
        raise ConfigError(f"{option} {out}: called as a file is ('{out.suffix}'), but it takes a "
                          f"folder, such as {out.with_suffix('')}")  # fmt: skip


def output_file(out: Path, *, ending: str, option: str = "--out") -> Path:
    """`out` as a file with that ending, which is added where it has none; refused as
    `output_folder` does.

    Raises ConfigError when it is a folder or its ending promises another format.
    """
    if out.is_dir():
        raise ConfigError(f"{option} {out}: a folder; expected the name of a file, such as "
                          f"{out / (USUAL_STEMS[ending] + ending)}")  # fmt: skip
    named = out if out.suffix else out.with_name(out.name + ending)
    if named.suffix.lower() != ending.lower():
        raise ConfigError(f"{option} {out}: ends in '{out.suffix}'; expected a name ending in "
                          f"{ending}, which is what is written")  # fmt: skip
    if named.is_dir():
        raise ConfigError(f"{option} {out}: {named} is a folder; expected another name")
    output_folder(named.parent, option=option)
    return named


def named(*, clip_id: str, reason: str) -> str:
    """Why a clip is excluded, with its id where the reason does not name it."""
    return reason if clip_id in reason else f"{clip_id}: {reason}"
