"""The command line: parse, one call, say what was written.

Only click is imported here; each command's module is imported when it is called.
"""

import errno
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from acoustic_sib.errors import UserError, nearest, printable
from acoustic_sib.version import __version__

USER_MISTAKE = 2
INTERRUPTED = 130
READER_GONE = 141
"""What a shell reports of a program whose output nobody reads on, as in `| head`."""

COMMANDS = {
    "demo": "Make the built-in synthetic corpus and run the check on it.",
    "audit": "Labels, folds, speakers and audio of a corpus: no model, seconds.",
    "extract": "Measure every clip: the feature table as Parquet.",
    "check": "Are these labels learnable from sound? Verdict, figures and report.",
    "benchmark": "Feature sets x models on the same folds: every cell a saved run.",
    "compare": "Saved runs side by side: differences with intervals and paired tests.",
    "train": "From a corpus to a model in one bundle file (.sib), for screening.",
    "segment": "Find the sibilants in recordings.",
    "predict": "Judge the sibilants of recordings by a model, and say why.",
    "ssl": "Results of self-supervised speech models: import them, look into them.",
    "config": "Print the default configuration, or its JSON schema.",
}


NO_COMMAND: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())
"""What click 8.2 and later raise, with the help as its message, where no command is given."""

NO_ROOM = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
"""The disk, the largest file allowed, or the quota is full."""


class _PipeClosedError(Exception):
    """Whoever read our output has closed the pipe."""


class _Commands(click.Group):
    """Commands by name, each in its own module, loaded when called for."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Left to click, this would end with 1: the code of 'not learnable'.
            raise _PipeClosedError from None
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            raise UserError("the output cannot be written: no space left on the device") from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"acoustic_sib.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command '{args[0]}'; {nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done (and, for check, learnable); 1 check could not show that the labels "
    "are learnable; 2 a mistake that you can mend, told in one line; 3 done, but some recordings "
    "could not be read.",
)
@click.version_option(__version__, prog_name="acoustic-sib")
def group() -> None:
    """Classical acoustic baselines for labelled sibilants, on the CPU.

    First steps:  acoustic-sib demo   and then   acoustic-sib check CLIPS --out reports/mine

    To screen recordings:  acoustic-sib train CLIPS -o my.sib   and then
    acoustic-sib predict my.sib RECORDING --report session.html
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; a user's mistake is one line on stderr, never a traceback."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    # loky says so when it replaces a worker that grew; nothing is lost, and nobody can mend it.
    warnings.filterwarnings("ignore", message="A worker stopped while some jobs")
    try:
        code = group.main(
            args=None if arguments is None else list(arguments),
            prog_name="acoustic-sib",
            standalone_mode=False,
        )
    except UserError as error:
        return _mistake(str(error))
    except click.ClickException as error:
        if isinstance(error, NO_COMMAND):
            click.echo(error.format_message(), err=True)
            return USER_MISTAKE
        return _mistake(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        return _interrupted()
    except ImportError as error:
        # A compiled module that is interrupted while it loads says so in this way.
        if "KeyboardInterrupt" not in str(error):
            raise
        return _interrupted()
    except _PipeClosedError:
        # Or Python would complain when it flushes the closed pipe at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    return code if isinstance(code, int) else 0


def _interrupted() -> int:
    click.echo("acoustic-sib: interrupted; the next run goes on from what the cache holds",
               err=True)  # fmt: skip
    return INTERRUPTED


def _mistake(message: str) -> int:
    click.echo(f"acoustic-sib: {printable(' '.join(message.split()))}", err=True)
    return USER_MISTAKE
