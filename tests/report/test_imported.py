"""Imported models on the page: what result.json holds of them is told, and nothing more."""

import re

import pytest

from acoustic_sib.report.imported import models_table_of, on_rung
from tests.report.example_imported import AGAINST, FINDINGS, GOOD, entry


def test_each_model_stands_beside_the_sound() -> None:
    told = models_table_of([entry()])
    assert told is not None
    row = told["rows"][0]
    assert row[0] == "wavlm"
    assert row[1].startswith("0.33 (95 % interval 0.33")
    assert row[2].startswith("0.75")
    assert row[3].startswith("0.82")
    assert re.match(r"−0\.48 \(−0\.56 to −0\.41\)", row[4])
    assert row[5].endswith(" †")
    assert row[7] == "One class always."
    assert models_table_of([]) is None


def test_scores_alone_are_shown_as_unpaired() -> None:
    told = models_table_of([entry(run={"paired": False, "uar": 0.5}, against=None, probe=None)])
    assert told is not None
    assert told["rows"][0][1:5] == ["0.50 (as reported, unpaired)", "no states given", "–", "–"]
    assert told["rows"][0][5:7] == ["–", "–"]


def test_states_alone_have_a_probe_and_no_run() -> None:
    told = models_table_of([entry(run=None, against=None)])
    assert told is not None
    assert told["rows"][0][1] == "not known"


@pytest.mark.parametrize(("n_layers", "n_drawings"), [(1, 0), (3, 1)])
def test_a_rung_shows_causes_cells_and_layers(n_layers: int, n_drawings: int) -> None:
    evidence = {
        "layer": 2, "probe_cells": [{"pooling": "mean", "frames": "valid", "uar": GOOD}],
        "layer_curve": [{"layer": k, "uar": GOOD} for k in range(n_layers)],
    }  # fmt: skip
    rung = {"rung": "padding_pooling", "ssl": [
        {"name": "wavlm", "findings": FINDINGS, "evidence": evidence}]}  # fmt: skip
    (part,) = on_rung(rung, 1 / 3)
    causes = part["causes"]
    assert [one["status"]["word"] for one in causes] == ["found", "not found", "cannot tell"]
    assert [one["next"] for one in causes] == ["Mask it.", "", "Tell it."]
    assert part["heat"][0]["rows"][0]["cells"][0]["value"] == "0.75"
    assert len(part["drawings"]) == n_drawings


def test_errors_are_told_by_whose_they_are() -> None:
    rung = {"rung": "baseline", "ssl": [{"name": "wavlm", "findings": [], "evidence": {
        "against_baseline": AGAINST, "heard_above_8_kHz_alone": ["c3"]}}]}  # fmt: skip
    (part,) = on_rung(rung, 1 / 3)
    (whose,) = part["tables"]
    assert [row[1] for row in whose["rows"]] == ["7", "9", "2", "1"]
    assert whose["rows"][0][3] == "c1, c2"


def test_a_rung_without_models_shows_none() -> None:
    assert on_rung({"rung": "overfit"}, 1 / 3) == []
