"""What the user can mend. Anything else that is raised is a bug and keeps its traceback."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A mistake the user can mend: one sentence with place, finding, expectation, likely cause."""


class ConfigError(UserError):
    """A configuration value, name or option that cannot be used."""


class CorpusError(UserError):
    """A manifest, label, speaker column or fold plan that cannot be used."""


class RunError(UserError):
    """A run, saved or foreign, or a file of one, that cannot be read or compared."""


class StatesError(RunError):
    """Hidden states of a speech model that cannot be read, kept or probed."""


class BundleError(UserError):
    """A model bundle that cannot be read, or a corpus that no bundle can be made from."""


class AudioError(UserError):
    """A sound file, or a span of one, that cannot be read or measured."""


def printable(text: str, instead: str = "\ufffd") -> str:
    """`text` with `instead` for each character that a terminal would obey: file names hold any."""
    return "".join(char if char.isprintable() else instead for char in text)


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the nearest known one, or all of them."""
    names = sorted(known)
    lowered = {candidate.lower(): candidate for candidate in reversed(names)}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{lowered[close[0]]}'?"
    return f"known: {', '.join(names)}"
