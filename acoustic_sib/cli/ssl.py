"""`acoustic-sib ssl`: the group of commands for results of self-supervised speech models.

Each command's module is imported when it is called, as in the group above this one.
"""

from importlib import import_module

import click

from acoustic_sib.errors import nearest

COMMANDS: dict[str, str] = {
    "import": "Results of another system become a run that compare reads.",
    "snippet": "Print the lines that write predictions from a Trainer.",
    "states": "A dump of hidden states becomes a folder that probe and diagnose read.",
    "probe": "Layer x pooling x frames: standardised linear probes on the folds of check.",
    "diagnose": "Why does it not learn? Each known cause found, not found, or cannot tell.",
    "lint": "What the config files of a checkpoint alone reveal.",
}
"""Name -> one line of help; the command itself is `command` in `acoustic_sib.cli.ssl_<name>`."""


class _Commands(click.Group):
    """Commands by name, each in its own module, loaded when called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"acoustic_sib.cli.ssl_{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command 'ssl {args[0]}'; {nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    "ssl",
    cls=_Commands,
    epilog="Example:  acoustic-sib ssl import predictions.csv --corpus clips/ -o runs/wavlm",
)
def command() -> None:
    """Results of self-supervised speech models (wav2vec2, HuBERT, WavLM): read without torch.

    Nothing that is read here is ever unpickled.
    """
