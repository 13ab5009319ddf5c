"""Whole checks of small synthetic corpora, clean and with a fault for each rung to tell."""

from pathlib import Path

import pytest

from acoustic_sib.check import run_check
from acoustic_sib.config import load_config
from acoustic_sib.corpus import read_corpus
from acoustic_sib.corpus.synth import SynthFaults, make_demo_corpus
from acoustic_sib.ladder.registry import rungs

EVEN = {"Lateral": 60, "Normal": 60, "Interdental": 60}
UNEVEN = {"Lateral": 200, "Normal": 20, "Interdental": 20}

PLANTED = {
    # The clips of every synthetic corpus are short, and the audit warns of padding them.
    "nothing": (EVEN, {}, {"overfit": "pass", "sanity": "warn", "layers_unfreezing": "pass",
                           "baseline": "pass", "weighting": "pass"}),
    "one sound under two labels": (EVEN, {"duplicates_across_labels": 6},
                                   {"overfit": "fail", "sanity": "fail"}),
    "shuffled labels": (EVEN, {"shuffled_labels": True},
                        {"overfit": "pass", "layers_unfreezing": "fail", "baseline": "fail",
                         "weighting": "pass"}),
    "a shortcut": (EVEN, {"shortcut": "level"}, {"layers_unfreezing": "warn", "baseline": "warn"}),
    "classes told above 8 kHz": (EVEN, {"evidence_above_hz": 8000.0},
                                 {"layers_unfreezing": "warn"}),
    # How long a clip is hides what it is once a mean is taken over zeros; without zeros, nothing.
    "clips of 0.04 to 0.9 s": (EVEN, {"durations_s": (0.04, 0.9)}, {"padding_pooling": "warn"}),
    "clips of nearly 1 s": (EVEN, {"durations_s": (0.9, 0.99)}, {"padding_pooling": "pass"}),
    "imbalance": (UNEVEN, {}, {"overfit": "pass", "weighting": "warn"}),
}  # fmt: skip


TRACED = "classes told above 8 kHz"
"""The one whose lines no other test runs; all of them traced would take much longer."""


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=[] if name == TRACED else pytest.mark.no_cover) for name in PLANTED
])  # fmt: skip
def test_planted_faults_are_told_on_their_rung(tmp_path: Path, name: str) -> None:
    counts, faults, expected = PLANTED[name]
    folder = make_demo_corpus(tmp_path / "corpus", n_speakers=15, counts=counts,
                              faults=SynthFaults(**faults))  # fmt: skip
    config = load_config(
        features={"families": ["multitaper", "bands", "shape", "temporal"]},
        models={"candidates": ["logistic"]}, folds={"repeats": 1},
        evaluation={"permutations": 200}, extraction={"cache": None},
        ladder={"rungs": sorted(expected)},
    )  # fmt: skip
    ladder = {one["rung"]: one for one in run_check(read_corpus(folder), config, jobs=1).result[
        "ladder"]}  # fmt: skip
    assert {rung: ladder[rung]["status"] for rung in expected} == expected
    assert all(ladder[rung]["question"] == rungs()[rung].question for rung in expected)
    if name == "classes told above 8 kHz":
        limited = ladder["layers_unfreezing"]["evidence"]["band_limited"]
        assert limited["uar"]["low"] < 1 / 3 < limited["uar"]["high"]
    if name == "nothing":
        assert ladder["sanity"]["evidence"]["found"] == ["padded_window"]
