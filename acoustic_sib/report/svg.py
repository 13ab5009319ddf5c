"""A matplotlib figure as an SVG element that belongs in a page: themed, labelled, repeatable.

Figures are drawn in marker colours that are exchanged for CSS variables, so that one drawing serves
light, dark and paper. Text stays text, in the page's own font.
"""

import io
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

from acoustic_sib import errors

INK, MUTED, GRID = "#fe0100", "#fe0101", "#fe0102"
# Okabe and Ito's hues, darkened to stand 3:1 against white paper.
PALETTE = ("#0b63a5", "#b8460e", "#0a7a55", "#8a3d86", "#7a6000", "#45505c")
LINE_STYLES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_THEME = {INK: "currentColor", MUTED: "var(--muted, #555)", GRID: "var(--line, #ccc)"} | {
    f"#fe00{index:02x}": f"var(--class-{index}, {colour})" for index, colour in enumerate(PALETTE)
}
# Narrow enough that a phone shows the whole drawing with its text still readable.
WIDTH_IN = 5.5
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"(^|url\()#([\w.:-]+)")
_LONG_FRACTION = re.compile(r"(\d+\.\d{2})\d+")
_FONT_FAMILY = re.compile(r"font-family: [^;]*; ")


def class_colour(index: int) -> str:
    """The marker colour of class number `index`; beyond the palette colours come again, with
    another marker."""
    return f"#fe00{index % len(PALETTE):02x}"


def label(name: str, width: int = 26) -> str:
    """`name` fit for a drawing: printable, at most `width` characters (the page's tables and the
    text alternative have it whole)."""
    clean = printable(name)
    return clean if len(clean) <= width else f"{clean[: width - 1]}…"


def printable(text: str) -> str:
    """`text` without characters that XML forbids or that do not print."""
    return errors.printable(text, " ")


def draw(
    paint: Callable[[Any], None], *, key: str, height_in: float, title: str, description: str
) -> str:
    """The SVG element that `paint(figure)` draws, WIDTH_IN wide, with its text alternative.

    `key` keeps the ids of one page apart; the same input gives the same text.
    """
    import matplotlib as mpl
    import matplotlib.style
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    rc = {
        "svg.fonttype": "none", "svg.hashsalt": "acoustic_sib", "font.size": 10,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": MUTED, "xtick.color": MUTED,
        "ytick.color": MUTED, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
        "axes.spines.top": False, "axes.spines.right": False, "grid.color": GRID,
        "grid.linewidth": 0.8, "axes.axisbelow": True, "text.parse_math": False,
        "font.family": ["DejaVu Sans"], "figure.facecolor": "none", "axes.facecolor": "none",
    }  # fmt: skip
    out = io.StringIO()
    with mpl.style.context("default"), mpl.rc_context(rc), warnings.catch_warnings():
        # The browser has the glyphs that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=(WIDTH_IN, height_in))
        paint(figure)
        FigureCanvasSVG(figure).print_svg(
            out, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return _for_page(out.getvalue(), key=key, title=title, description=description)


def _for_page(text: str, *, key: str, title: str, description: str) -> str:
    root = ET.fromstring(text)
    for parent in list(root.iter()):
        for child in list(parent):
            # matplotlib's own style sheet would reach out of the drawing into the page.
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style"):
                parent.remove(child)
    used = {
        name
        for element in root.iter()
        for value in element.attrib.values()
        for _, name in _REFERENCE.findall(value)
    }
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        element.attrib.update(_attributes(element, used, key))
    root.attrib.clear()
    root.attrib.update(_root_attributes(text, key))
    for position, (tag, content) in enumerate((("title", title), ("desc", description))):
        child = ET.Element(tag, {"id": f"{key}-{tag}"})
        child.text = printable(content)
        root.insert(position, child)
    return ET.tostring(root, encoding="unicode")


def _attributes(element: ET.Element, used: set[str], key: str) -> dict[str, str]:
    """The element's attributes, themed and shortened; ids that nothing refers to are dropped."""
    kept = {}
    for name, value in element.attrib.items():
        if name == "id" and value not in used:
            continue
        kept["href" if name == _LINK else name] = _themed(name, value, key)
    element.attrib.clear()
    return kept


def _themed(name: str, value: str, key: str) -> str:
    if name == "id":
        return f"{key}-{value}"
    if name == "d":
        return _LONG_FRACTION.sub(r"\1", " ".join(value.split()))
    if name == "style":
        for marker, colour in _THEME.items():
            value = value.replace(marker, colour)
        value = _FONT_FAMILY.sub("", value)
    return _REFERENCE.sub(rf"\g<1>#{key}-\2", value)


def _root_attributes(text: str, key: str) -> dict[str, str]:
    box = re.search(r'viewBox="([^"]+)"', text)
    assert box is not None, "matplotlib writes a viewBox"
    return {
        "viewBox": box[1],
        "role": "img",
        "aria-labelledby": f"{key}-title {key}-desc",
        "stroke-linejoin": "round",
        "class": "figure",
    }
