"""Progress on stderr: a bar on a terminal, plain lines otherwise; stdout is for results."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from acoustic_sib.extract import Progress

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def stage(name: str, *, language: str = "en") -> "Iterator[Progress | None]":
    """Show that `name`, in a language, is under way; what is yielded takes (done, total)."""
    from acoustic_sib.screen.wording import decimal, say

    if sys.stderr.isatty():
        with _bar(name) as progress:
            yield progress
        return
    begun = last = time.monotonic()
    click.echo(f"{name} ...", err=True)

    def line(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES and done < total:
            last = now
            click.echo(say(language, "stage_at", name=name, done=done, total=total), err=True)

    yield line
    took_s = decimal(language, time.monotonic() - begun, 1)
    click.echo(say(language, "stage_done", name=name, s=took_s), err=True)


@contextmanager
def _bar(name: str) -> "Iterator[Progress]":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    # No markup: the brackets of a file name are no tags.
    named = TextColumn("{task.description}", markup=False)
    count = TextColumn("{task.fields[count]}")
    columns = (SpinnerColumn(), named, BarColumn(), count,
               TimeElapsedColumn(), TimeRemainingColumn())  # fmt: skip
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(name, total=None, count="")
        yield lambda done, total: bars.update(task, completed=done, total=total,
                                              count=f"{done}/{total}")  # fmt: skip
