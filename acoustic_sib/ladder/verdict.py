"""The verdict: learnable, shortcut or not_shown, with the reason in one sentence.

`learnable` needs a permutation p below alpha and the lower end of the UAR interval above chance;
`shortcut` takes precedence when the nuisance columns alone recover most of the gain over chance.
Never "impossible".
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from acoustic_sib.config import EvaluationSettings
from acoustic_sib.folds import SpeakerMode
from acoustic_sib.metrics import Interval
from acoustic_sib.significance import PermutationTest


@dataclass(frozen=True, kw_only=True)
class Verdict:
    verdict: Literal["learnable", "shortcut", "not_shown"]
    reason: str


def decide(
    *, uar: Interval, chance: float, test: PermutationTest, nuisance: Interval | None,
    nuisance_test: PermutationTest | None, speaker_mode: SpeakerMode, settings: EvaluationSettings,
    leaked: float = 0.0,
) -> Verdict:  # fmt: skip
    """The verdict on the UAR of a baseline and of a nuisance-only model, each with its test.

    The nuisance model counts as a shortcut when its interval lies above chance and it reaches
    `shortcut_share` of the baseline's gain over chance (or more than the baseline); where the
    baseline itself is not shown, its own permutation test must agree. `leaked` is the
    share of tested clips whose sound is trained on as well: remembering them could raise the UAR
    by that share of 1 - chance, and so much must be left of the interval above chance.
    """
    doubts = _doubts(uar, chance, test, settings)
    if nuisance is not None and nuisance.low > chance:
        gain = max(uar.value - chance, 0.0)
        share = (nuisance.value - chance) / gain if gain > 0 else np.inf
        # Beside a baseline that would pass, the nuisance interval is doubt enough; where nothing
        # is shown, the nuisance model has to be shown by its own test.
        shown = not doubts or (
            nuisance_test is not None and not _doubts(nuisance, chance, nuisance_test, settings)
        )
        if share >= settings.shortcut_share and shown:
            return Verdict(verdict="shortcut", reason=_shortcut(uar, nuisance, share))
    if not doubts and uar.low - leaked * (1 - chance) <= chance:
        doubts = [f"{leaked:.0%} of the tested clips hold sound that is trained on as well, and "
                  f"remembering them could account for the UAR, {_figure(uar)}: keep one of each "
                  "or put copies into one fold"]  # fmt: skip
    if doubts:
        return Verdict(verdict="not_shown", reason="; ".join(doubts))
    whom = "on speakers nobody had heard"
    if speaker_mode == "unknown":
        whom = "for these voices (speakers were not all held out: nothing is said of new ones)"
    return Verdict(
        verdict="learnable",
        reason=f"the labels can be told from sound {whom}: UAR {_figure(uar)} against {chance:.3f} "
        f"by chance, p = {test.p_value:.2g} over {test.n} permutations",
    )


def _shortcut(uar: Interval, nuisance: Interval, share: float) -> str:
    much = "at least as much as" if share >= 1 else f"{share:.0%} of the gain over chance of"
    return (
        f"duration, level, bandwidth and the like alone reach UAR {_figure(nuisance)}, {much} the "
        f"acoustic baseline ({_figure(uar)}): the labels may be learnable for the wrong reason"
    )


def _doubts(
    uar: Interval, chance: float, test: PermutationTest, settings: EvaluationSettings
) -> list[str]:
    doubts = []
    if test.smallest_p >= settings.alpha:
        doubts.append(
            f"too few speakers: this design cannot reach a p below {test.smallest_p:.2g}, and "
            f"{settings.alpha:g} is needed"
        )
    elif test.p_value >= settings.alpha:
        doubts.append(
            f"no signal shown: p = {test.p_value:.2g} in the permutation test (below "
            f"{settings.alpha:g} is needed, {test.n} permutations)"
        )
    if not np.isfinite(uar.low):
        doubts.append("the interval of the UAR cannot be measured: leaving out one "
                      f"{uar.unit} removes a class")  # fmt: skip
    elif uar.low <= chance:
        doubts.append(f"the interval of the UAR, {_figure(uar)}, does not lie above chance, "
                      f"{chance:.3f}")  # fmt: skip
    return doubts


def _figure(interval: Interval) -> str:
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"
