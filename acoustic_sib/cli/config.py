"""`acoustic-sib config`."""

import json

import click

from acoustic_sib.config import json_schema, load_config, shipped_configs, to_yaml


@click.group(
    "config",
    epilog="Example:  acoustic-sib config schema > acoustic-sib.schema.json",
)
def command() -> None:
    """Print a shipped configuration, or the JSON schema that editors check it with."""


@command.command("show", epilog="Example:  acoustic-sib config show fast > mine.yaml")
@click.argument("name", default="default")
def show(name: str) -> None:
    """Print a shipped configuration with its comments: default, fast, thorough, children."""
    shipped = shipped_configs()
    if name in shipped:
        click.echo(shipped[name].read_text(encoding="utf-8"), nl=False)
    else:
        click.echo(to_yaml(load_config(name)), nl=False)


@command.command("schema", epilog="Example:  acoustic-sib config schema > acoustic-sib.schema.json")
def schema() -> None:
    """Print the JSON schema of a configuration file."""
    click.echo(json.dumps(json_schema(), indent=2))
