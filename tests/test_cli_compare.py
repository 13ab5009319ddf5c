"""`benchmark` and `compare` as a user meets them."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.saved import clips, plan, save
from tests.test_cli import demo, mistake, said

QUICK = """
features: {families: [multitaper, temporal]}
models: {candidates: [logistic]}
folds: {n_splits: 3}
"""
RENAMED = """
corpus: {labels: {Normal: N}}
evaluation: {permutations: 100}
ladder: {rungs: [sanity]}
"""
WRITTEN = {"md", "tex", "html", "json"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quick.yaml").write_text(QUICK)
    return tmp_path


def test_benchmark_then_compare(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo(place)
    arguments = ("benchmark", "clips", "--out", "table", "--config", "quick.yaml", "--jobs", "1",
                 "--seed", "3")  # fmt: skip
    code, out, err = said(capsys, *arguments)
    assert code == 0
    assert "therefore optimistic" in out
    assert "4 cells (0 kept from before)" in out
    assert "SYNTHETIC corpus: no human speech." in out
    assert "evaluating 4 cells" in err
    table = place / "table"
    assert {path.name for path in table.iterdir()} == {
        "benchmark.csv", *(f"benchmark.{ending}" for ending in WRITTEN), "features.parquet", "runs",
    }  # fmt: skip
    found = json.loads((table / "benchmark.json").read_text())
    assert found["seed"] == 3
    numbers = pd.read_csv(table / "benchmark.csv", keep_default_na=False)
    assert list(numbers["name"]) == [*(cell["name"] for cell in found["cells"]), "nested"]
    assert set(numbers["n_clips"]) == {140}
    code, out, _ = said(capsys, *arguments)
    assert "4 cells (4 kept from before)" in out

    pair_of_cells = ("table/runs/multitaper-logistic", "table/runs/temporal-logistic")
    code, out, err = said(capsys, "compare", *pair_of_cells, "--corpus", "clips", "--out", "pair/a")
    assert code == 0
    assert "multitaper-logistic  acoustic" in out
    assert "comparison: pair/a/compare.html" in out
    assert "testing the pairs" in err
    assert {path.name for path in (place / "pair" / "a").iterdir()} == {
        f"compare.{ending}" for ending in WRITTEN}  # fmt: skip
    compared = json.loads((place / "pair" / "a" / "compare.json").read_text())
    (pair,) = compared["pairs"]
    by_name = {cell["name"]: cell["uar"] for cell in found["cells"]}
    assert [one["uar"] for one in compared["systems"]] == [
        by_name["multitaper-logistic"], by_name["temporal-logistic"]]  # fmt: skip
    assert pair["p_value"] < 0.01
    assert pair["delta_uar"]["low"] > 0


def test_check_and_benchmark_can_be_compared(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The labels were renamed in the configuration: the run's own is used without being named."""
    demo(place)
    (place / "quick.yaml").write_text(QUICK + RENAMED)
    assert said(capsys, "check", "clips", "--out", "mine", "--config", "quick.yaml")[0] in (0, 1)
    said(capsys, "benchmark", "clips", "--out", "table", "--config", "quick.yaml", "--families",
         "temporal", "--models", "lda")  # fmt: skip
    both = ("compare", "mine", "table/runs/temporal-lda", "--corpus", "clips")
    code, _, _ = said(capsys, *both, "--out", "pair", "--permutations", "200", "--seed", "2")
    assert code == 0
    pair = json.loads((place / "pair" / "compare.json").read_text())["pairs"][0]
    assert (pair["a"], pair["b"], pair["swap"]["n"]) == ("clips", "temporal-lda", 200)
    line = mistake(capsys, *both, "--out", "pair2", "--config", "default")
    assert "were labels renamed in a configuration" in line
    assert not (place / "pair2").exists()


def test_a_copy_does_not_differ(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = clips()
    save(place / "run", manifest)
    shutil.copytree(place / "run", place / "copy")
    manifest.to_csv(place / "m.csv", index=False)
    for name in manifest["path"]:
        (place / name).touch()  # the labels are read, the sounds are not
    code, out, _ = said(capsys, "compare", "run", "copy", "--corpus", "m.csv", "--out", "out")
    assert code == 0
    assert "+0.000 [+0.000, +0.000]" in out
    (pair,) = json.loads((place / "out" / "compare.json").read_text())["pairs"]
    assert (pair["delta_uar"]["value"], pair["p_value"]) == (0, 1)


MISTAKES = {
    "one run": (("compare", "a", "--corpus", "m.csv", "--out", "o"), "1 RUN given; expected at le"),
    "no run": (("compare", "--corpus", "m.csv", "--out", "o"), "0 RUN given; expected at least"),
    "nowhere": (("compare", "a", "x", "--corpus", "m.csv", "--out", "o"), "x: no such folder"),
    "no corpus given": (("compare", "a", "b", "--out", "o"), "Missing option '--corpus'"),
    "no corpus": (("compare", "a", "b", "--corpus", "n.csv", "--out", "o"), "n.csv: no such file"),
    "other folds": (("compare", "a", "b", "--corpus", "m.csv", "--out", "o"), "in their fold plan"),
    "damaged": (("compare", "a", "broken", "--corpus", "m.csv", "--out", "o"), "not readable as J"),
    "out is a file": (("compare", "a", "a", "--corpus", "m.csv", "--out", "m.csv"), "is a file"),
    "config": (("compare", "a", "a", "--corpus", "m.csv", "--out", "o", "--config", "fst"),
               "did you mean 'fast'"),
    "few swaps": (("compare", "a", "a", "--corpus", "m.csv", "--out", "o", "--permutations", "9"),
                  "9 is not in the range"),
    "model": (("benchmark", "m.csv", "--out", "o", "--models", "logistik"),
              "did you mean 'logistic'"),
    "no model": (("benchmark", "m.csv", "--out", "o", "--models", ","), "at least one name"),
    "family": (("benchmark", "m.csv", "--out", "o", "--families", "mfc"), "did you mean 'mfcc'"),
    "no sounds": (("benchmark", "m.csv", "--out", "o", "--no-cache", "--jobs", "1"),
                  "144 of 144 clips cannot be read"),
    "benchmark nowhere": (("benchmark", "n", "--out", "o"), "n: no such file or folder"),
    "benchmark without out": (("benchmark", "m.csv"), "Missing option '--out'"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_get_one_sentence_and_write_nothing(
    place: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    manifest = clips()
    save(place / "a", manifest)
    save(place / "b", manifest, folds=plan(manifest, seed=5))
    save(place / "broken", manifest)
    (place / "broken" / "run.json").write_text("{")
    manifest.to_csv(place / "m.csv", index=False)
    for sound in manifest["path"]:
        (place / sound).touch()
    arguments, message = MISTAKES[name]
    assert message in mistake(capsys, *arguments)
    assert not (place / "o").exists()
