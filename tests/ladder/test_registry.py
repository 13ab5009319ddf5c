"""What holds for every rung, and how the ladder is climbed."""

import dataclasses
import json
from collections.abc import Callable
from functools import cache

import pytest

from acoustic_sib.errors import ConfigError
from acoustic_sib.ladder import registry
from acoustic_sib.ladder.registry import (
    RUNGS,
    Climb,
    Found,
    Ladder,
    check_rung_names,
    climb_ladder,
    rung,
)
from acoustic_sib.report.page_tables import findings as shown
from acoustic_sib.tables import plain
from tests.ladder.climbs import climb, finding

BUILT = registry.rungs()


@pytest.fixture(scope="module")
def small() -> Climb:
    return climb((12, 20, 16))


@pytest.fixture(scope="module")
def climbed(small: Climb) -> Callable[[str], Found]:
    """What each rung says of `small`, climbed with one job when it is first asked for."""
    return cache(lambda name: BUILT[name].climb(small))


@pytest.fixture(scope="module")
def ladder(small: Climb) -> tuple[Ladder, list[int]]:
    """The whole ladder of `small`, and how many rungs were finished each time that was told."""
    seen: list[int] = []
    return climb_ladder(small, finished=lambda rungs: seen.append(len(rungs))), seen


def test_every_rung_has_a_file() -> None:
    assert tuple(BUILT) == RUNGS


@pytest.mark.parametrize("name", BUILT)
def test_a_rung_answers_its_question(climbed: Callable[[str], Found], name: str) -> None:
    found = climbed(name)
    assert BUILT[name].question.endswith("?")
    assert found.status in ("pass", "warn", "fail", "skipped")
    assert len(found.says) > 10
    assert not found.says.endswith(".")
    assert found.next or found.status not in ("warn", "fail")
    json.dumps(plain(found.evidence), allow_nan=False)
    for table in found.tables.values():
        assert len(table)
        assert not table.isna().any().any()


@pytest.mark.parametrize("name", BUILT)
def test_a_rung_says_the_same_again_with_any_number_of_jobs(
    small: Climb, climbed: Callable[[str], Found], name: str
) -> None:
    assert small.jobs == 1
    one, two = climbed(name), BUILT[name].climb(dataclasses.replace(small, jobs=2))
    assert plain((one.status, one.says, one.evidence)) == plain(
        (two.status, two.says, two.evidence))  # fmt: skip


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("model", ["svm_rbf", "knn"])
def test_a_rung_takes_any_model_two_classes_and_unknown_speakers(name: str, model: str) -> None:
    found = BUILT[name].climb(climb((8, 9), model=model, speakers_known=False))
    assert found.status in ("pass", "warn", "fail")


def test_the_ladder_holds_all_rungs_in_order(ladder: tuple[Ladder, list[int]]) -> None:
    whole, seen = ladder
    assert tuple(one["rung"] for one in whole.rungs) == RUNGS
    assert seen == [1, 2, 3, 4, 5, 6]
    for one in whole.rungs:
        assert list(one) == ["rung", "question", "status", "says", "next", "evidence"]
        assert one["status"] != "skipped"
    assert set(whole.tables) == {"overfit_subsets", "families", "models", "learning_curve"}


def test_rungs_that_were_not_asked_for_are_skipped(small: Climb) -> None:
    config = small.config.model_copy(update={"ladder": type(small.config.ladder)(
        rungs=("baseline", "sanity"))})  # fmt: skip
    ladder = climb_ladder(dataclasses.replace(small, config=config))
    status = {one["rung"]: one["status"] for one in ladder.rungs}
    assert tuple(status) == RUNGS
    assert {name for name in RUNGS if status[name] != "skipped"} == {"baseline", "sanity"}
    assert "not among the rungs asked for" in ladder.rungs[0]["says"]
    assert set(ladder.tables) == {"models", "learning_curve"}


def test_unknown_rungs_are_refused() -> None:
    with pytest.raises(ConfigError, match="unknown rung 'weigthing'; did you mean 'weighting'"):
        check_rung_names(["sanity", "weigthing"])
    with pytest.raises(TypeError, match="none of the ladder's"):
        rung("seventh", question="What else?")


def test_a_failing_rung_stops_the_climb_and_the_finished_ones_are_kept(
    small: Climb, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Climb) -> Found:
        raise ZeroDivisionError("a bug")

    kept: list[str] = []
    built = {**BUILT, "baseline": dataclasses.replace(BUILT["baseline"], climb=broken)}
    monkeypatch.setattr(registry, "rungs", lambda: built)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        climb_ladder(small, finished=lambda rungs: kept.append(rungs[-1]["rung"]))
    assert kept == list(RUNGS[:4])


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [(("ok", "note"), "pass"), (("ok", "warn"), "warn"), (("warn", "fail", "ok"), "fail")],
)
def test_sanity_is_as_good_as_the_worst_finding(statuses: tuple[str, ...], expected: str) -> None:
    found = [finding(status, f"check{number}") for number, status in enumerate(statuses)]
    answer = BUILT["sanity"].climb(climb((12, 12, 12), findings=found))
    assert answer.status == expected
    # The worst is told first.
    assert answer.says.startswith(
        {"pass": "2 checks", "warn": "check1", "fail": "check1"}[expected]
    )


def test_sanity_tells_what_a_third_can_mean() -> None:
    """20 Interdental, 60 Lateral, 40 Normal: by hand, F1 = 2 TP / (2 TP + FP + FN)."""
    evidence = BUILT["sanity"].climb(climb((20, 60, 40))).evidence
    anything, largest, smallest = evidence["scores_without_listening"]
    assert anything["accuracy"] == pytest.approx(1 / 3)
    assert anything["uar"] == pytest.approx(1 / 3)
    # Of 40 guesses a class, a third of its clips: 2 (20/3) / (20 + 40), and so on.
    f1 = (40 / 3 / 60 + 40 / 100 + 80 / 3 / 80) / 3
    assert anything["macro_f1"] == pytest.approx(f1)
    assert largest["guess"] == "always Lateral, the largest class"
    assert (largest["accuracy"], largest["uar"]) == (0.5, pytest.approx(1 / 3))
    assert largest["macro_f1"] == pytest.approx(2 * 60 / (60 + 120) / 3)
    assert smallest["guess"] == "always Interdental, the smallest class"
    assert smallest["accuracy"] == pytest.approx(1 / 6)
    assert "between 17% (Interdental) and 50% (Lateral)" in evidence["reading"]


def test_row_dicts_become_tables_of_the_page(ladder: tuple[Ladder, list[int]]) -> None:
    rungs = ladder[0].rungs
    first = shown(rungs, "rung")[0]
    assert first["question"] == "Can the pipeline reach 100 % on tiny balanced subsets?"
    assert [table["caption"] for table in first["tables"]] == ["Subsets"]
    assert "subsets" not in dict(first["evidence"])
    last = shown(rungs, "rung")[-1]
    ways = last["tables"][0]
    assert [row[0] for row in ways["rows"]] == ["none", "balanced", "oversampled", "undersampled",
                                               "thresholds"]  # fmt: skip
    assert " to " in ways["rows"][1][1]
    assert [column["name"] for column in ways["columns"][:3]] == ["Way", "UAR", "Macro-F1"]
