"""Rung 5 as a whole: what it says, advises and leaves out."""

import dataclasses

import pytest

from acoustic_sib.ladder.baseline import baseline, judged
from acoustic_sib.ladder.importance import family_importance
from acoustic_sib.ladder.learning_curve import learning_curve
from acoustic_sib.ladder.model_cells import measured_cells
from acoustic_sib.ladder.registry import Climb, Found
from tests.ladder.climbs import climb
from tests.ladder.gaussians import gaussian_climb, two_classes

INTERVAL = {"value", "low", "high", "level"}


def with_verdict(climb: Climb, verdict: str) -> Climb:
    facts = {"uar": {"value": 0.8}, "model": "lda"}
    return dataclasses.replace(
        climb, result={"verdict": verdict, "reason": f"{verdict}, it seems", "baseline": facts}
    )


@pytest.fixture(scope="module")
def small() -> Climb:
    return climb((30, 30, 30), n_speakers=9)


@pytest.fixture(scope="module")
def found(small: Climb) -> Found:
    return baseline(small)


def test_the_evidence_is_what_the_page_draws(found: Found) -> None:
    evidence = found.evidence
    keys = {"cells", "nested", "comparisons", "learning_curve", "extrapolated", "importance"}
    assert keys <= set(evidence)
    assert all({"feature_set", "model", "uar"} <= set(row) for row in evidence["cells"])
    assert all({"a", "b", "difference", "low", "high", "p_value"} <= set(row)
               for row in evidence["comparisons"])  # fmt: skip
    assert all({"n_speakers", "n_clips", "uar"} <= set(row) for row in evidence["learning_curve"])
    assert all(set(row["drop"]) >= INTERVAL for row in evidence["importance"])
    assert set(evidence["extrapolated"]["gain"]) >= INTERVAL
    assert evidence["curve_and_importance_of"].startswith("logistic(C=")
    assert "left_out" not in evidence
    assert set(found.tables) == {"models", "learning_curve"}
    models = found.tables["models"]
    assert len(models) == len(evidence["cells"]) == 3
    assert models["uar"].tolist() == [row["uar"]["value"] for row in evidence["cells"]]
    assert (models["uar_low"] < models["uar"]).all()
    assert set(models["tested_n_speakers"]) == {9}


def test_the_verdict_alone_decides_the_status() -> None:
    """More speakers are advised where the curve rises, unless a shortcut has to go first."""
    rising = gaussian_climb(*two_classes(30, 4, distances=[1.5, 1.5] + [0] * 58, seed=1),
                            models={"candidates": ["lda"], "feature_sets": ["all"]})  # fmt: skip
    parts = measured_cells(rising), learning_curve(rising), family_importance(rising)
    for verdict, status in (("learnable", "pass"), ("shortcut", "warn"), ("not_shown", "fail")):
        found = judged(with_verdict(rising, verdict), *parts)
        assert found.status == status
        assert found.says.startswith(f"{verdict}, it seems; none of 2 models and feature sets is ")
        assert "on 48 speakers instead of 24 would change the UAR by about +0." in found.says
        assert ("more speakers would help" in found.next) == (verdict != "shortcut")


def test_parts_that_cannot_be_measured_are_left_out_with_their_reason() -> None:
    found = baseline(climb((40, 40), speakers_known=False))
    assert found.status == "pass"
    assert found.evidence["left_out"] == {"learning_curve": "no speakers are known"}
    assert found.evidence["learning_curve"] == []
    assert "extrapolated" not in found.evidence
    assert set(found.tables) == {"models"}
    assert found.evidence["importance"][0]["drop"]["low"] > 0
    two = gaussian_climb(*two_classes(4, 8, distances=[2, 1], one_label=True),
                         models={"candidates": ["lda"]}, folds={"n_splits": 2})  # fmt: skip
    found = baseline(with_verdict(two, "not_shown"))
    assert set(found.evidence["left_out"]) == {"learning_curve", "comparisons"}
    assert found.says == "not_shown, it seems"
    assert "more speakers would help" not in found.next
