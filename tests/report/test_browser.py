"""The pages in a real browser: no request, no overflow, no axe violation, in both schemes."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from acoustic_sib.report.comparison import benchmark_page
from acoustic_sib.report.probe_page import probe_page
from acoustic_sib.report.render import CHECK, TABLES, write_report
from tests.report.example import example_page, example_result, interval
from tests.report.example_imported import with_models
from tests.report.example_rungs import full_page, full_result

pytestmark = pytest.mark.real
LONG = {"Normal": 90, "a_class_name_of_forty_letters_without_blanks_": 80, "two words": 70}
GROUND = {"light": "rgb(252, 252, 250)", "dark": "rgb(20, 24, 28)"}


def _check_with_everything() -> dict[str, Any]:
    result = full_result(synthetic=True)
    return full_page(result, sounds={one["clip_id"]: b"RIFF" for one in result["suspects"]})


def _check_with_models() -> dict[str, Any]:
    return full_page(with_models(full_result()))


def _probe() -> dict[str, Any]:
    cells = [{"layer": layer, "pooling": pooling, "frames": frames, "n_columns": 768, "chosen": 0,
              "uar": interval(0.5 + layer / 40)}
             for layer in range(13) for pooling in ("mean", "mean_sd", "max", "middle_third")
             for frames in ("valid", "all")]  # fmt: skip
    chosen = {**cells[-1], "times": 5}
    return probe_page({
        "model": "wavlm", "chance": 0.333, "cells": cells, "notes": [], "with_acoustic": None,
        "corpus": {"name": "clips", "synthetic": True, "speaker_mode": "held_out"},
        "grid": {"layers": list(range(13)), "left_out": []},
        "layer_curve": [{"layer": layer, "uar": interval(0.5)} for layer in range(13)],
        "best": {**chosen, "n_folds": 5, "chosen": [chosen], "after_the_fact": chosen,
                 "permutation": {"n_cells": len(cells), "n": 1000, "p_value": 0.001}},
    })  # fmt: skip


def _check_with_long_names() -> dict[str, Any]:
    result = full_result(classes=LONG)
    result["excluded"][0]["clip_id"] = "x" * 300
    result["suspects"][0]["clip_id"] = "y" * 300
    return full_page(result, command="acoustic-sib check " + "z" * 300)


def _check_with_little() -> dict[str, Any]:
    result = example_result("not_shown", speakers_known=False)
    return example_page(result, spectra=None)


def _benchmark() -> dict[str, Any]:
    cells = [
        {"name": f"{model} on mfcc", "feature_set": "mfcc", "model": model, "n_columns": 39,
         "uar": interval(0.8), "macro_f1": interval(0.79)}
        for model in ("lda", "svm_rbf", "a_model_of_a_name_that_no_phone_can_show_in_one_line")
    ]  # fmt: skip
    return benchmark_page({
        "corpus": {"name": "clips", "synthetic": True, "speaker_mode": "held_out",
                   "n_clips": 1057, "n_used": 1057, "n_speakers": 42},
        "chance": {"uar": 0.333}, "normalize": "none", "cells": cells, "best": cells[0],
        "nested": {"uar": interval(0.79), "macro_f1": interval(0.78)},
    })  # fmt: skip


PAGES: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "everything": (_check_with_everything, CHECK),
    "long names": (_check_with_long_names, CHECK),
    "little": (_check_with_little, CHECK),
    "benchmark": (_benchmark, TABLES),
    "models": (_check_with_models, CHECK),
    "probe": (_probe, TABLES),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(
            executable_path=browser_path,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield found
        found.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_asks_for_nothing_and_has_no_axe_violation(
    browser: Any, tmp_path: Path, name: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    collect, template = PAGES[name]
    path = tmp_path / "report.html"
    write_report(path, collect(), template)
    view = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = view.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    inner, outer = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    requests = [url for url in asked if not url.startswith("data:")]
    violations = [
        f"{found['id']}: {node['html'][:200]}"
        for found in axe.run(page).response["violations"]
        for node in found["nodes"]
    ]
    view.close()
    assert violations == []
    assert inner <= outer
    assert requests == [path.as_uri()]
    assert said == []
    assert ground == GROUND[scheme]


def test_axe_sees_what_is_wrong(browser: Any, tmp_path: Path) -> None:
    """The rules are switched on: a picture without text and grey on white are found."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    path = tmp_path / "wrong.html"
    path.write_text('<html lang="en"><title>t</title><main><h1>t</h1><img src="data:,">'
                    '<p style="color:#aaa;background:#fff">pale</p></main></html>')  # fmt: skip
    page = browser.new_page()
    page.goto(path.as_uri())
    found = {one["id"] for one in axe.run(page).response["violations"]}
    page.close()
    assert {"image-alt", "color-contrast"} <= found


def test_verdict_and_next_step_stand_on_the_first_screen(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, _check_with_everything())
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    for part in (".word", ".step", ".facts"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 900, part
    page.close()
