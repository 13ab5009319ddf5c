"""Rung 2: labels, folds, speakers and audio as the audit found them, and what chance looks like."""

import numpy as np

from acoustic_sib import metrics
from acoustic_sib.ladder.registry import Climb, Found, Rows, Status, rung

_WORST: dict[str, Status] = {"ok": "pass", "note": "pass", "warn": "warn", "fail": "fail"}
_ORDER: tuple[Status, ...] = ("pass", "warn", "fail")


@rung("sanity", question="Are labels, folds, speakers and audio what they are taken for?")
def sanity(climb: Climb) -> Found:
    findings = climb.result["audit"]["findings"]
    notable = [finding for finding in findings if finding["status"] in ("fail", "warn")]
    notable.sort(key=lambda finding: str(finding["status"]))
    confusion = climb.result["baseline"]["confusion"]
    n_clips = dict(zip(confusion["labels"], np.sum(confusion["counts"], axis=1), strict=True))
    chance = {"scores_without_listening": blind_scores(n_clips), "reading": _reading(n_clips)}
    split = climb.result.get("random_split")
    aside = ""
    if split is not None:
        chance["random_split"] = split["says"]
        aside = f"; {split['says']}" if split["alarm"] else ""
    if not notable:
        return Found(
            status="pass",
            says=f"{len(findings)} checks of labels, folds, speakers and audio found nothing that "
            f"could mislead a model{aside}",
            evidence=chance,
        )
    first = notable[0]
    more = f" (and {len(notable) - 1} more)" if len(notable) > 1 else ""
    return Found(
        status=max((_WORST[finding["status"]] for finding in notable), key=_ORDER.index),
        says=first["says"] + more + aside,
        next=first["next"],
        evidence={"found": [finding["check"] for finding in notable], **chance},
    )


def blind_scores(n_clips: dict[str, float]) -> Rows:
    """What a model scores that does not listen: a uniform guess (expected), and one class always.

    `n_clips` are the tested clips of each class. Three of these figures are called "a third" in a
    three-way task, and only those of the uniform guess are alike in accuracy and UAR.
    """
    names = list(n_clips)
    counts = np.array(list(n_clips.values()), dtype=float)
    guesses = {"any class, all alike": np.tile(counts[:, None] / len(names), len(names))}
    for position in dict.fromkeys((int(counts.argmax()), int(counts.argmin()))):
        extent = "largest" if position == counts.argmax() else "smallest"
        always = np.zeros((len(names), len(names)))
        always[:, position] = counts
        guesses[f"always {names[position]}, the {extent} class"] = always
    return [
        {"guess": guess, "accuracy": float(metrics.accuracy(confusion)),
         "uar": float(metrics.uar(confusion)), "macro_f1": float(metrics.macro_f1(confusion))}
        for guess, confusion in guesses.items()
    ]  # fmt: skip


def _reading(n_clips: dict[str, float]) -> str:
    share = 1 / len(n_clips)
    total = sum(n_clips.values())
    small, large = (pick(n_clips, key=lambda name: n_clips[name]) for pick in (min, max))
    return (
        f"a UAR (macro recall) of {share:.0%} is a uniform guess or one class always; an accuracy "
        f"of {share:.0%} is a uniform guess; one class always has an accuracy between "
        f"{n_clips[small] / total:.0%} ({small}) and {n_clips[large] / total:.0%} ({large})"
    )
