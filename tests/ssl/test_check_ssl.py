"""`check --ssl --states`: the case of the question on sound, told on the rungs where it belongs."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.check import read_given
from acoustic_sib.check.imported import RUNG_OF
from acoustic_sib.cli import run
from acoustic_sib.config import load_config
from acoustic_sib.corpus import read_corpus
from acoustic_sib.corpus.synth import make_demo_corpus
from acoustic_sib.errors import ConfigError
from acoustic_sib.ladder.registry import RUNGS
from acoustic_sib.ssl.findings import CAUSES
from tests.ssl.mel_states import save_states

SETTINGS = """
features: {families: [multitaper, bands]}
models: {candidates: [logistic], feature_sets: [all]}
folds: {repeats: 1, n_splits: 4}
evaluation: {permutations: 100}
ladder: {rungs: [sanity]}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus, padded states of it, and a run that says Lateral of every clip."""
    folder = tmp_path_factory.mktemp("ssl")
    make_demo_corpus(folder / "clips", seed=3, n_speakers=12,
                     counts={"Lateral": 66, "Normal": 48, "Interdental": 48})  # fmt: skip
    manifest = read_corpus(folder / "clips").manifest
    save_states(manifest, folder / "states", padded_to_s=1.0)
    (folder / "c.yaml").write_text(SETTINGS)
    predictions = pd.DataFrame({"clip_id": manifest["clip_id"], "predicted": "Lateral"})
    predictions[[f"prob_{name}" for name in ("Interdental", "Lateral", "Normal")]] = [0.3, 0.4, 0.3]
    predictions.to_csv(folder / "said.csv", index=False)
    config = ["--config", str(folder / "c.yaml")]
    assert run(["check", str(folder / "clips"), "--out", str(folder / "alone"), "--no-cache",
                *config]) == 0  # fmt: skip
    imported = ["--folds", str(folder / "alone"), "-o", str(folder / "run"), *config]
    assert run(["ssl", "import", str(folder / "said.csv"), "--corpus", str(folder / "clips"),
                *imported]) == 0  # fmt: skip
    return folder


def test_the_case_of_the_question_stands_on_its_rungs(place: Path) -> None:
    code = run(["check", str(place / "clips"), "--out", str(place / "both"), "--no-cache",
                "--config", str(place / "c.yaml"), "--ssl", str(place / "run"),
                "--states", str(place / "states")])  # fmt: skip
    assert code == 0
    result = json.loads((place / "both" / "result.json").read_text())
    (told,) = result["ssl"]
    assert told["says"].startswith("one class always (Lateral); the features carry 0.")
    assert told["run"]["uar"]["value"] == pytest.approx(1 / 3)
    assert told["probe"]["best"]["uar"]["low"] > 0.5
    assert told["against"]["difference"]["high"] < 0
    rungs = {one["rung"]: one["ssl"][0] for one in result["ladder"]}
    assert list(rungs) == list(RUNGS)
    for name, rung in rungs.items():
        assert [one["cause"] for one in rung["findings"]] == [
            cause for cause in CAUSES if RUNG_OF[cause] == name]  # fmt: skip
    assert rungs["baseline"]["findings"][0]["status"] == "found"
    assert rungs["padding_pooling"]["evidence"]["probe_cells"]
    assert rungs["layers_unfreezing"]["evidence"]["layer_curve"]


def test_diagnose_tells_the_same_from_its_own_command(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["ssl", "diagnose", str(place / "run"), "--corpus", str(place / "clips"),
                "--states", str(place / "states"), "--against", str(place / "alone"),
                "--config", str(place / "c.yaml"), "--no-cache", "--json",
                "--out", str(place / "why")])  # fmt: skip
    assert code == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told == json.loads((place / "why" / "diagnosis.json").read_text())
    assert told["schema"] == "acoustic-sib/diagnosis@1"
    by_cause = {one["cause"]: one for one in told["findings"]}
    assert by_cause["collapse"]["status"] == "found"
    assert by_cause["head_underfit"]["status"] == "found"
    assert "the head never learned" in told["says"]
    assert told["against"]["n_clips"] == 162
    assert "in short: one class always" in said.err


def test_diagnose_reads_foreign_results_as_import_does(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["ssl", "diagnose", str(place / "said.csv"), "--corpus", str(place / "clips"),
                "--config", str(place / "c.yaml"), "--no-cache", "--text",
                "--out", str(place / "why2")])  # fmt: skip
    assert code == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("FOUND  collapse: every clip is called Lateral") for line in lines)


def test_runs_and_states_must_pair(place: Path) -> None:
    corpus, states = read_corpus(place / "clips"), place / "states"
    config = load_config()
    pairs = read_given([place / "run"] * 2, [states], corpus, config)
    assert [one.states for one in pairs] == [states, states]
    (alone,) = read_given([], [states], corpus, config)
    assert alone.told is None
    with pytest.raises(ConfigError, match="3 folders beside 2 runs"):
        read_given([place / "run"] * 2, [states] * 3, corpus, config)


def test_states_alone_stand_on_the_ladder(place: Path) -> None:
    code = run(["check", str(place / "clips"), "--out", str(place / "probe"), "--no-cache",
                "--config", str(place / "c.yaml"), "--states", str(place / "states")])  # fmt: skip
    assert code == 0
    (told,) = json.loads((place / "probe" / "result.json").read_text())["ssl"]
    assert told["run"] is None
    assert np.isfinite(told["probe"]["best"]["uar"]["value"])
