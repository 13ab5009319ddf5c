"""What `compare` and `benchmark` write: one result as JSON, Markdown, LaTeX and a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acoustic_sib.report.paper_tables import PaperTable, as_latex, as_markdown
from acoustic_sib.report.render import TABLES, render
from acoustic_sib.tables import write_json, write_text


def write_tables(
    out: Path, name: str, found: dict[str, Any], tables: Sequence[PaperTable], page: dict[str, Any]
) -> Path:
    """Write `name.md`, `name.tex`, `name.html` and, last, `name.json`; returns the page's path.

    Everything is made before the first file is written, each beside its place and then renamed.
    """
    texts = {
        ".md": "\n".join(map(as_markdown, tables)), ".tex": "\n".join(map(as_latex, tables)),
        ".html": render(page, TABLES),
    }  # fmt: skip
    for ending, text in texts.items():
        write_text(out / f"{name}{ending}", text)
    write_json(found, out / f"{name}.json")
    return out / f"{name}.html"
