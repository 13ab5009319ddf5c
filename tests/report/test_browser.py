"""The page in a real browser: no request, no overflow, in both colour schemes."""

import shutil
from pathlib import Path

import pytest

from acoustic_sib.report.render import write_report
from tests.report.example import example_page, example_result

pytestmark = pytest.mark.real
LONG = {"Normal": 90, "a_class_name_of_forty_letters_without_blanks_": 80, "two words": 70}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_page_fits_and_asks_for_nothing(tmp_path: Path, scheme: str, width: int) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        pytest.skip("no chromium on this machine")
    path = tmp_path / "report.html"
    result = example_result(classes=LONG, synthetic=True)
    result["excluded"][0]["clip_id"] = "x" * 300
    result["suspects"][0]["clip_id"] = "y" * 300
    write_report(path, example_page(result, command="acoustic-sib check " + "z" * 300))
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=browser_path,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        view = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=True
        )
        page = view.new_page()
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(path.as_uri())
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        inner, outer = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        drawn = page.locator("svg.figure path").count()
        browser.close()
    assert inner <= outer
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert said == []
    assert ground == {"light": "rgb(252, 252, 250)", "dark": "rgb(20, 24, 28)"}[scheme]
    assert drawn > 20
