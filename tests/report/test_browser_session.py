"""The session report in a real browser: no request, no overflow, no axe violation, and on paper."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acoustic_sib.report.render import SESSION, write_report
from tests.report.example_session import REFUSED, Bundle, card, judged, page, recording, usual
from tests.report.test_browser import GROUND, browser  # noqa: F401

pytestmark = pytest.mark.real


def _long_names() -> dict[str, Any]:
    one = judged("Normal", label="s" * 60, unlike="y" * 200)
    return page([recording(one, REFUSED, name="x" * 200 + ".wav", notes=("z" * 200,))],
                speaker="k" * 200)  # fmt: skip


def _many() -> dict[str, Any]:
    return page([recording(*[judged("Lateral", start=number / 2) for number in range(60)])])


PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "usual": page,
    "demonstration": lambda: page(bundle=Bundle(card=card(demonstration=True)), language="pt"),
    "long names": _long_names,
    "many": _many,
    "no reference": lambda: page(usual()[1:], bundle=Bundle(reference={}, spectrum_norm=None)),
    "note on the model": lambda: page(bundle=Bundle(
        card={**card(), "made_of": {"Normal": ["s", "z"]}, "note": "n" * 500})),
    "german": lambda: page(language="de", speaker="Kim"),
}  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_report_fits_asks_for_nothing_and_has_no_axe_violation(
    browser: Any, tmp_path: Path, name: str, width: int, scheme: str  # noqa: F811
) -> None:  # fmt: skip
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    path = tmp_path / "session.html"
    write_report(path, PAGES[name](), SESSION)
    view = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    shown = view.new_page()
    asked: list[str] = []
    said: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("console", lambda message: said.append(message.text))
    shown.goto(path.as_uri())
    shown.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    inner, outer = shown.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    ground = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    violations = [
        f"{found['id']}: {node['html'][:200]}"
        for found in axe.run(shown).response["violations"]
        for node in found["nodes"]
    ]
    view.close()
    assert violations == []
    assert inner <= outer
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert said == []
    assert ground == GROUND[scheme]


def test_the_line_is_drawn_inside_its_axes(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    """As the browser lays it out: the referred frame has the size of the figure, the line lies in
    it and is as wide as the axes."""
    write_report(tmp_path / "a.html", page(), SESSION)
    shown = browser.new_page(viewport={"width": 1280, "height": 900})
    shown.goto((tmp_path / "a.html").as_uri())
    shown.locator("details").first.evaluate("one => one.open = true")
    figure, frame, line = (
        shown.locator(f"svg.figure {part}".strip()).first.bounding_box()
        for part in ("", "use", ".line")
    )
    shown.close()
    assert frame["width"] == pytest.approx(figure["width"], rel=0.1)
    assert 0.8 * figure["width"] < line["width"] < 0.9 * figure["width"]
    assert figure["y"] < line["y"] < figure["y"] + figure["height"]


def test_a_printed_demonstration_says_so_on_every_page(
    browser: Any, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    """Read back from the PDF; what is closed on the screen is not on paper."""
    many = [recording(*[judged("Lateral", start=number / 2) for number in range(60)])]
    path = tmp_path / "a.html"
    write_report(path, page(many, bundle=Bundle(card=card(demonstration=True))), SESSION)
    shown = browser.new_page(color_scheme="dark")
    shown.goto(path.as_uri())
    shown.pdf(path=tmp_path / "a.pdf", format="A4")
    shown.close()
    try:
        text = subprocess.run(["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"],
                              capture_output=True, text=True, check=True).stdout  # fmt: skip
    except FileNotFoundError:
        pytest.skip("no pdftotext on this machine")
    sheets = text.split("\f")[:-1]
    assert len(sheets) > 2
    for sheet in sheets:
        assert "DEMONSTRATION, NO SCREENING" in sheet
    assert "Not a diagnosis" in sheets[0]
    assert "Not a diagnosis" in sheets[-1]
    assert "Measures that the finding is drawn from" not in text
