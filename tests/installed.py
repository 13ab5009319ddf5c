"""Fresh virtual environments, empty or with the running interpreter's packages lent to them."""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path


def fresh_python(folder: Path, *, with_pip: bool = False) -> Path:
    """The interpreter of a new environment in `folder` that has no package but perhaps pip."""
    venv.create(folder, with_pip=with_pip)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def lend_packages(python: Path) -> None:
    """Let `python` import what this interpreter has installed, after what it has of its own.

    Our editable install is not lent: its own .pth file is not read in a folder that another .pth
    file adds to the path.
    """
    where = said([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], Path())
    ours = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    Path(where.strip(), "lent.pth").write_text("\n".join(ours) + "\n")


def run(
    command: Sequence[str | Path], cwd: Path, *, limit_s: float = 300
) -> subprocess.CompletedProcess[str]:
    """`command` run in `cwd`, with nothing of this process's import path handed down."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=limit_s,
        check=False,
    )  # fmt: skip


def said(command: Sequence[str | Path], cwd: Path, *, limit_s: float = 300) -> str:
    """What a command that must succeed writes to stdout."""
    done = run(command, cwd, limit_s=limit_s)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def pip(python: Path, *arguments: str | Path, cwd: Path, limit_s: float = 300) -> str:
    """What this interpreter's pip says when it works on the environment of `python`."""
    command = [sys.executable, "-m", "pip", "--python", python, *arguments]
    return said(command, cwd, limit_s=limit_s)
