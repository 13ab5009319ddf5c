"""Rung 5: what a plain acoustic model reaches, as the verdict words it."""

from typing import Any, cast

from acoustic_sib.ladder.registry import Climb, Found, Status, rung

_STATUS: dict[str, Status] = {"learnable": "pass", "shortcut": "warn", "not_shown": "fail"}
_NEXT = {
    "learnable": "a model that stays at chance on these clips has a fault of its own: look at "
    "its head, padding and folds before its labels",
    "shortcut": "balance or remove the nuisance (trim to one duration, set one level, record "
    "alike), then check again",
    "not_shown": "listen to the label suspects, check who labelled them and how, and add "
    "speakers before adding models",
}


@rung("baseline", question="Can a plain acoustic model tell the labels on speakers it never heard?")
def baseline(climb: Climb) -> Found:
    verdict = str(climb.result["verdict"])
    facts = cast(dict[str, Any], climb.result["baseline"])
    return Found(
        status=_STATUS[verdict], says=climb.result["reason"], next=_NEXT[verdict],
        evidence={"uar": facts["uar"], "model": facts["model"]},
    )  # fmt: skip
