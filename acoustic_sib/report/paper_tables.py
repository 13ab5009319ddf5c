"""Tables for a terminal, a Markdown file or a paper, all from the same rows of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# What stands where a figure or a test is missing; told from a zero in any typeface.
NOTHING = "–"

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "–": "--", "−": "$-$",
    "…": r"\ldots{}",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PaperTable:
    """`rows` are text, one cell a column; the columns of `numeric` are set flush right; `notes`
    stand below."""

    key: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def interval_text(interval: dict[str, Any], *, signed: bool = False) -> str:
    """`0.812 [0.770, 0.848]`; a figure without an interval alone; a dash without a figure."""
    digits = "+.3f" if signed else ".3f"
    value, low, high = (interval[key] for key in ("value", "low", "high"))
    if not _is_known(value):
        return NOTHING
    if not (_is_known(low) and _is_known(high)):
        return f"{value:{digits}}"
    return f"{value:{digits}} [{low:{digits}}, {high:{digits}}]"


def p_text(value: float | None) -> str:
    """Two significant digits, no power of ten; a dash where nothing was tested."""
    if not _is_known(value):
        return NOTHING
    assert value is not None
    if value < 0.0001:
        return "< 0.0001"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def _is_known(value: float | None) -> bool:
    return value is not None and value == value


def as_text(table: PaperTable) -> str:
    """Columns in line, for a terminal."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[k]) for line in lines) for k in range(len(table.columns))]
    flush_right = [name in table.numeric for name in table.columns]
    set_lines = [
        "  ".join(cell.rjust(width) if right else cell.ljust(width)
                  for cell, width, right in zip(line, widths, flush_right, strict=True)).rstrip()
        for line in lines
    ]  # fmt: skip
    return "\n".join([table.caption, *set_lines, *table.notes])


def as_markdown(table: PaperTable) -> str:
    """A pipe table under its caption."""
    rule = [("---:" if name in table.numeric else "---") for name in table.columns]
    lines = [table.columns, tuple(rule), *table.rows]
    body = [f"| {' | '.join(_markdown(cell) for cell in line)} |" for line in lines]
    notes = [f"\n{_markdown(note)}" for note in table.notes]
    return "\n".join([f"**{_markdown(table.caption)}**\n", *body, *notes]) + "\n"


def _markdown(text: str) -> str:
    for sign in ("\\", "|", "<", "*", "_", "`"):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def as_latex(table: PaperTable) -> str:
    r"""A `table` environment with booktabs rules; wants `\usepackage{booktabs}` in the preamble."""
    kinds = "".join("r" if name in table.numeric else "l" for name in table.columns)
    rows = [" & ".join(map(_latex, row)) + r" \\" for row in table.rows]
    notes = [rf"\par\smallskip\footnotesize {_latex(note)}" for note in table.notes]
    return "\n".join([
        r"% needs \usepackage{booktabs}", r"\begin{table}", r"\centering",
        rf"\caption{{{_latex(table.caption)}}}", rf"\label{{tab:{table.key}}}",
        rf"\begin{{tabular}}{{{kinds}}}", r"\toprule",
        " & ".join(map(_latex, table.columns)) + r" \\", r"\midrule", *rows, r"\bottomrule",
        r"\end{tabular}", *notes, r"\end{table}",
    ]) + "\n"  # fmt: skip


def _latex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in " ".join(text.split()))


def as_page_tables(tables: Sequence[PaperTable]) -> list[dict[str, Any]]:
    """The same tables as the templates lay them out."""
    return [
        {
            "caption": table.caption,
            "columns": [{"name": name, "numeric": name in table.numeric}
                        for name in table.columns],
            "rows": [list(row) for row in table.rows],
            "note": " ".join(table.notes),
        }
        for table in tables
    ]  # fmt: skip
