"""The command line as tests ask it."""

import pytest

from acoustic_sib.cli import run


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, list[str]]:
    """Exit code, stdout, and the lines on stderr but for those of progress."""
    capsys.readouterr()
    code = run(arguments)
    out, err = capsys.readouterr()
    return code, out, [one for one in err.splitlines()
                       if not one.startswith(("searching ", "reading ", "judging "))]  # fmt: skip
