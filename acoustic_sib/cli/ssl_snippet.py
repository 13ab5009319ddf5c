"""`acoustic-sib ssl snippet`."""

import click


@click.command("snippet", epilog="Example:  acoustic-sib ssl snippet >> train.py")
def command() -> None:
    """Print the lines that write each clip's prediction from a Trainer.

    Training scripts keep scores and forget what was said of each clip, which is what a comparison
    needs. Paste these behind your training, then import predictions.csv.
    """
    from acoustic_sib.ssl.snippet import SNIPPET

    click.echo(SNIPPET, nl=False)
