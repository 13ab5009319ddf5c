"""An inverse power law through a learning curve, and what it says of twice as many speakers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

REPLICATES = 1000
FEWEST_SIZES = 4
"""The law has three unknowns."""

WIDEST_GAIN = 0.10
"""The rule: a gain whose interval is wider than this is not told."""

# Excess error falls as 1/n for a model that can hold the truth (exponent 1), more slowly where
# ever finer detail is learnt; steeper or flatter curves are noise.
_EXPONENTS = np.arange(0.25, 2.001, 0.05)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """`uar` at `n_speakers` training speakers, `gain` over the curve's end, each with interval."""

    n_speakers: int
    uar: dict[str, float]
    gain: dict[str, float]
    exponent: float
    told: bool

    @property
    def rises(self) -> bool:
        """The gain is shown to be above zero, and is worth a hundredth."""
        return self.told and self.gain["low"] > 0 and self.gain["value"] >= 0.01


def forecast(
    n_speakers: Floats, counts: Floats, rng: np.random.Generator, *, level: float = 0.95
) -> tuple[Forecast | None, str]:
    """What twice the largest of `n_speakers` would bring, or None; and why it cannot be told.

    `counts[size, draw, speaker, truth, predicted]` are the confusions of tested speakers. UAR is
    taken to be a - b n^-c with c between .25 and 2 and never above 1 (as in Figueroa et al. 2012,
    doi:10.1186/1472-6947-12-8). Intervals are t(K-1) times the standard deviation over bootstrap
    replicates, each of which draws the K tested speakers and the random draws of training speakers
    anew and chooses its own exponent.
    """
    if len(n_speakers) < FEWEST_SIZES:
        return None, (f"{len(n_speakers)} numbers of speakers to train on; the law has three "
                      f"unknowns and needs {FEWEST_SIZES}")  # fmt: skip
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    support = counts[0, 0].sum(axis=-1)
    own = _curves(right, support, np.ones((1, right.shape[2])), np.ones((1, right.shape[1])))
    curves = _replicates(right, support, rng)
    if len(curves) < REPLICATES / 2:
        return None, "a class is said by so few speakers that half of the resamples lose it"
    then, gain, exponent = (float(values[0]) for values in _ahead(n_speakers, own))
    spread = [float(np.std(values, ddof=1)) for values in _ahead(n_speakers, curves)[:2]]
    t = float(stats.t.ppf(0.5 + level / 2, right.shape[2] - 1))
    uar, gained = (
        {"value": value, "low": value - t * sd, "high": min(value + t * sd, 1.0), "level": level}
        for value, sd in zip((then, gain), spread, strict=True)
    )
    width = gained["high"] - gained["low"]
    told = width <= WIDEST_GAIN
    found = Forecast(n_speakers=round(2 * float(n_speakers[-1])), uar=uar, gain=gained,
                     exponent=exponent, told=told)  # fmt: skip
    reason = "" if told else (f"the interval of the gain is {width:.2f} wide, and more than "
                              f"{WIDEST_GAIN:.2f} says nothing")  # fmt: skip
    return found, reason


def _replicates(right: Floats, support: Floats, rng: np.random.Generator) -> Floats:
    """Curves (replicate, size) of resampled speakers and draws; those that lose a class go."""
    n_draws, n_units = right.shape[1:3]
    units = rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=REPLICATES)
    draws = rng.multinomial(n_draws, np.full(n_draws, 1 / n_draws), size=REPLICATES)
    curves = _curves(right, support, units.astype(float), draws.astype(float))
    return curves[np.isfinite(curves).all(axis=1)]


def _curves(right: Floats, support: Floats, units: Floats, draws: Floats) -> Floats:
    """UAR (replicate, size) under weights of the units and of the draws, one row a replicate."""
    share = draws / draws.sum(axis=1, keepdims=True)
    hits = np.einsum("bu,sduc->bsdc", units, right, optimize=True)
    hits = np.einsum("bd,bsdc->bsc", share, hits)
    clips = (units @ support)[:, None, :]
    recalls = np.divide(hits, clips, out=np.full(hits.shape, np.nan),
                        where=np.broadcast_to(clips > 0, hits.shape))  # fmt: skip
    mean: Floats = recalls.mean(axis=-1)
    return mean


def _ahead(n_speakers: Floats, curves: Floats) -> tuple[Floats, Floats, Floats]:
    """For each curve: UAR at twice the last size, its gain over the law at the last, exponent."""
    a, b, exponent = fitted_law(n_speakers, curves)
    last = n_speakers[-1]
    now, then = (np.clip(a - b * n**-exponent, 0, 1) for n in (last, 2 * last))
    return then, then - now, exponent


def fitted_law(n_speakers: Floats, curves: Floats) -> tuple[Floats, Floats, Floats]:
    """a, b, c of a - b n^-c for each row of `curves` by least squares, larger sizes weighing more:
    their figures vary less, and the law holds for them sooner. b < 0 where a curve falls."""
    weight = n_speakers / n_speakers.sum()
    best = np.full(len(curves), np.inf)
    law = np.zeros((3, len(curves)))
    for exponent in _EXPONENTS:
        x = n_speakers**-exponent
        x0, y0 = weight @ x, curves @ weight
        slope = ((curves - y0[:, None]) @ (weight * (x - x0))) / (weight @ (x - x0) ** 2)
        errors = (curves - y0[:, None] - slope[:, None] * (x - x0)) ** 2 @ weight
        better = errors < best - 1e-15
        best = np.where(better, errors, best)
        law = np.where(better, np.stack([y0 - slope * x0, -slope, np.full_like(y0, exponent)]), law)
    return law[0], law[1], law[2]


def as_evidence(found: Forecast | None, unknown: str) -> dict[str, Any]:
    """A forecast that is not told keeps its gain, which shows how little is known, without a UAR,
    which would rest on a law that these speakers do not pin down. How often the intervals of told
    ones hold the truth: reports/learning_curve.md."""
    if found is None:
        return {"told": False, "reason": unknown}
    facts: dict[str, Any] = {"told": found.told, "n_speakers": found.n_speakers}
    if found.told:
        facts["uar"] = found.uar
    facts |= {"gain": found.gain, "exponent": found.exponent}
    return facts | ({"reason": unknown} if unknown else {})
