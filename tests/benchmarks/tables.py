"""Writes what a benchmark measured into reports/, with the command that makes it again."""

import platform
from collections.abc import Sequence
from pathlib import Path

from acoustic_sib.runs import versions
from acoustic_sib.tables import write_text

REPORTS = Path(__file__).resolve().parents[2] / "reports"


def write_report_table(
    name: str, title: str, command: str, columns: Sequence[str], rows: Sequence[Sequence[object]],
    notes: Sequence[str] = (),
    more: Sequence[tuple[str, Sequence[str], Sequence[Sequence[object]]]] = (),
) -> None:  # fmt: skip
    """Write `reports/<name>.md`: title, command, a table, `more` tables (title, columns, rows),
    notes, versions."""
    lines = [f"# {title}", "", f"Made by `{command}`.", "", *_table(columns, rows)]
    for its_title, its_columns, its_rows in more:
        lines += ["", f"## {its_title}", "", *_table(its_columns, its_rows)]
    lines += ["", *[f"- {note}" for note in notes]]
    made_with = ", ".join(f"{package} {version}" for package, version in versions().items())
    lines += ["", f"Made with {made_with}; {platform.system()} {platform.machine()}."]
    write_text(REPORTS / f"{name}.md", "\n".join(lines) + "\n")


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def figure(interval: dict[str, float]) -> str:
    """`value [low, high]` of an interval of result.json."""
    return f"{interval['value']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"
