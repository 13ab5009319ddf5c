"""The six rungs in their order, as far as the check climbs them: sanity and baseline."""

from collections.abc import Mapping
from typing import Any

from acoustic_sib.ladder.verdict import Verdict

RUNGS = ("overfit", "sanity", "padding_pooling", "layers_unfreezing", "baseline", "weighting")
_WORST = {"ok": "pass", "note": "pass", "warn": "warn", "fail": "fail"}
_ORDER = ("pass", "warn", "fail")


def rung(name: str, status: str, says: str, next_step: str = "", **evidence: Any) -> dict[str, Any]:
    return {"rung": name, "status": status, "says": says, "next": next_step, "evidence": evidence}


def climb(audit: Mapping[str, Any], baseline: Mapping[str, Any], verdict: Verdict) -> list[
    dict[str, Any]
]:  # fmt: skip
    """All rungs in order; those that this version does not measure are skipped and say so."""
    measured = {"sanity": _sanity(audit), "baseline": _baseline(baseline, verdict)}
    return [
        measured.get(name, rung(name, "skipped", "not measured by this version of the check"))
        for name in RUNGS
    ]


def _sanity(audit: Mapping[str, Any]) -> dict[str, Any]:
    findings = audit["findings"]
    worst = max((_WORST[finding["status"]] for finding in findings), key=_ORDER.index)
    notable = [finding for finding in findings if finding["status"] in ("fail", "warn")]
    notable.sort(key=lambda finding: finding["status"])
    if not notable:
        return rung("sanity", "pass", f"{len(findings)} checks of labels, folds, speakers and "
                    "audio found nothing that could mislead a model")  # fmt: skip
    first = notable[0]
    more = f" (and {len(notable) - 1} more)" if len(notable) > 1 else ""
    return rung("sanity", worst, first["says"] + more, first["next"],
                found=[finding["check"] for finding in notable])  # fmt: skip


def _baseline(baseline: Mapping[str, Any], verdict: Verdict) -> dict[str, Any]:
    status = {"learnable": "pass", "shortcut": "warn", "not_shown": "fail"}[verdict.verdict]
    steps = {
        "learnable": "a model that stays at chance on these clips has a fault of its own: look at "
        "its head, padding and folds before its labels",
        "shortcut": "balance or remove the nuisance (trim to one duration, set one level, record "
        "alike), then check again",
        "not_shown": "listen to the label suspects, check who labelled them and how, and add "
        "speakers before adding models",
    }
    return rung("baseline", status, verdict.reason, steps[verdict.verdict],
                uar=baseline["uar"], model=baseline["model"])  # fmt: skip
