"""How lint and diagnose say what they found."""

import json
import sys
from typing import Any

import click

SIGNS = {"found": "FOUND", "not_found": "ok", "cannot_tell": "?"}

AS_JSON = click.option(
    "--json/--text",
    "as_json",
    default=None,
    help="Print JSON or lines to read [default: lines on a terminal, else JSON].",
)


def print_diagnosis(told: dict[str, Any], as_json: bool | None) -> None:
    """The findings on stdout: as the contract's JSON, or as lines with what to do next. Causes
    with one and the same answer share a line."""
    if as_json or (as_json is None and not sys.stdout.isatty()):
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    alike: dict[tuple[str, str, str], list[str]] = {}
    for finding in told["findings"]:
        answer = (finding["status"], finding["says"], finding["next"])
        alike.setdefault(answer, []).append(finding["cause"])
    for (status, says, then), causes in alike.items():
        click.echo(f"{SIGNS[status]:>5}  {', '.join(causes)}: {says}")
        if then and status != "not_found":
            click.echo(f"       -> {then}")
