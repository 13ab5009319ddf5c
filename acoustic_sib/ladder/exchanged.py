"""Speakers whose labels look exchanged: is what they say under two labels the other way round?

For each speaker and pair of classes the mean log odds of a clip's own label against the other is
compared with what the other speakers show. That finds a speaker whose two labels were swapped, and
one whose clips of one label all belong to another class.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from acoustic_sib.paired import holm

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

ALPHA = 0.05
"""A speaker is named when the Holm-adjusted p is below this."""

LEAST_SUPPORT = 3.0
"""A speaker is named when the log likelihood ratio of exchanged labels against right ones is at
least this: exp(3) = 20 outweighs the odds of one such speaker in twenty."""

FEWEST_SPEAKERS = 6
"""With fewer speakers of a pair of classes there is too little to compare a speaker with."""

_TO_SD = 1.4826  # median absolute deviation of a Gaussian to its standard deviation


@dataclass(frozen=True, kw_only=True)
class SpeakerTest:
    """One speaker and one pair of classes.

    `clips`: positions of the clips under either label; `log_odds`: mean log odds of the own label
    against the other; `support`: log likelihood ratio of exchanged against right labels;
    `p_value`: one-sided, of log odds as low under right labels, Holm-adjusted.
    """

    speaker: int
    pair: tuple[int, int]
    clips: Codes
    log_odds: float
    support: float
    p_value: float

    @property
    def is_exchanged(self) -> bool:
        """Right labels are rejected, and exchanged ones explain the sound: an odd voice alone,
        which sounds like neither, does not."""
        return self.p_value < ALPHA and self.support >= LEAST_SUPPORT

    def other(self, codes: Codes) -> Codes:
        """The other label of the pair."""
        return np.where(codes == self.pair[0], self.pair[1], self.pair[0])


def speaker_tests(probabilities: Floats, codes: Codes, speakers: Codes) -> list[SpeakerTest]:
    """Of each speaker the pair with most support for an exchange, the most supported first.

    `probabilities` (n, C) out of fold and above 0, `codes` the labels 0 to C-1. All pairs of all
    speakers are one family for Holm's adjustment. Empty where no pair has enough speakers.
    """
    found: list[SpeakerTest] = []
    for pair in combinations(range(probabilities.shape[1]), 2):
        clips = np.flatnonzero(np.isin(codes, pair))
        toward = np.log(probabilities[clips, pair[0]]) - np.log(probabilities[clips, pair[1]])
        found += _test_pair(toward, codes[clips] == pair[0], speakers[clips], clips, pair)
    adjusted = holm([one.p_value for one in found])
    best: dict[int, SpeakerTest] = {}
    for one, p_value in zip(found, adjusted, strict=True):
        if one.speaker not in best or one.support > best[one.speaker].support:
            best[one.speaker] = replace(one, p_value=p_value)
    return sorted(best.values(), key=lambda one: (-one.support, one.speaker))


def _test_pair(
    toward: Floats, is_first: NDArray[np.bool_], speakers: Codes, clips: Codes,
    pair: tuple[int, int],
) -> list[SpeakerTest]:  # fmt: skip
    """Each speaker's test, p unadjusted; none with too few speakers.

    Under right labels a speaker's mean lies around the others' with a variance of three parts:
    how well a speaker's classes can be told (`tell`), a leaning of the voice toward one class
    (`lean`), and the clips' own spread (`spread`). The two labels' means are weighted so that the
    variance is least: the more voices lean, the more alike, since leaning then cancels. All parts
    are estimated by medians, since the speakers sought are among those who tell them. Student's t
    with K - 1 degrees of freedom.
    """
    names, who = np.unique(speakers, return_inverse=True)
    if len(names) < FEWEST_SPEAKERS or len(np.unique(is_first)) < 2:
        return []
    sign = np.where(is_first, 1.0, -1.0)
    usual = np.array([np.median(-toward[~is_first]), np.median(toward[is_first])])
    side = is_first.astype(int)
    n = np.zeros((len(names), 2))
    np.add.at(n, (who, side), 1)
    sums = np.zeros((len(names), 2))
    np.add.at(sums, (who, side), toward * sign - usual[side])
    means = np.divide(sums, n, out=np.zeros_like(sums), where=n > 0)
    within = (toward * sign - usual[side] - means[who, side])[n[who, side] > 1]
    spread = max(_TO_SD * float(np.median(np.abs(within))), 1e-6) if len(within) else 1.0
    leaning = (sums[:, 1] - sums[:, 0]) / n.sum(axis=1)
    lean = _between(leaning, spread**2 / n.sum(axis=1))
    weights = _weights(n, spread**2, lean)
    away = (weights * means).sum(axis=1)
    noise = (weights**2 * spread**2 / np.maximum(n, 1)).sum(axis=1)
    noise = noise + lean * (weights[:, 1] - weights[:, 0]) ** 2
    variance = noise + _between(away, noise)
    expected = weights @ usual
    log_odds = expected + away
    p_values = stats.t.cdf(away / np.sqrt(variance), len(names) - 1)
    # Where labels are usually no likelier than their exchange, there is nothing to hold against.
    support = -2 * np.maximum(expected, 0) * log_odds / variance
    return [
        SpeakerTest(speaker=int(name), pair=pair, clips=clips[who == position],
                    log_odds=float(log_odds[position]), support=float(support[position]),
                    p_value=float(p_values[position]))
        for position, name in enumerate(names)
    ]  # fmt: skip


def _weights(n: Floats, spread: float, lean: float) -> Floats:
    """Weights of the two labels' means, (K, 2) with sum 1, with the least variance.

    The variance w0^2 s/n0 + w1^2 s/n1 + lean (w1 - w0)^2 is least where w0 (s/n0 + 2 lean) =
    w1 (s/n1 + 2 lean); a label without clips has none.
    """
    inverse = np.where(n > 0, 1 / (spread / np.maximum(n, 1) + 2 * lean), 0.0)
    shares: Floats = inverse / inverse.sum(axis=1, keepdims=True)
    return shares


def _between(values: Floats, noise: Floats) -> float:
    """The variance to add to `noise` so that `values`, centred on 0, have unit robust spread."""

    def excess(variance: float) -> float:
        return float(_TO_SD * np.median(np.abs(values) / np.sqrt(variance + noise)) - 1)

    if excess(0.0) <= 0:
        return 0.0
    return float(optimize.brentq(excess, 0.0, 10 * float(np.max(values**2))))
