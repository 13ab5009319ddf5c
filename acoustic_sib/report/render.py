"""The page's dict laid out as one self-contained HTML file."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from acoustic_sib import tables

CHECK = "check.html.j2"
TABLES = "tables.html.j2"
SESSION = "session.html.j2"


def render(page: dict[str, Any], template: str = CHECK) -> str:
    """The HTML of a page collected by `summarize`, by `comparison` for the template TABLES, or by
    `session` for SESSION: no script, nothing loaded from outside.

    Text is escaped by default; a key that the template expects and the page lacks raises
    jinja2.UndefinedError.
    """
    text: str = _template(template).render(page=page)
    # File names may hold bytes that are no text; the page must be writable all the same.
    return text.encode("utf-8", "replace").decode("utf-8")


def write_report(path: Path, page: dict[str, Any], template: str = CHECK) -> None:
    """Render `page` to `path`, written beside and renamed."""
    tables.write_text(path, render(page, template))


@lru_cache(maxsize=3)
def _template(name: str) -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("acoustic_sib.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
