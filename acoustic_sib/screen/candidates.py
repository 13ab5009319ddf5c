"""Candidates for sibilants, judged as wholes: frames hear frication, a sibilant also lasts, and is
about as clear as the clearest of its surroundings. The release of a stop or a weak [f] is neither.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.screen.events import Event
from acoustic_sib.screen.frames import HOP_S

Floats = NDArray[np.float64]

VALUES = ("mean", "height", "log length", "short", "sure", "dental height", "dental mean",
          "clearest other", "alone")  # fmt: skip
"""Of P(sibilant) of its frames: mean (weighted by itself) and height, and those of P(dental), as
log odds; length in frames as a logarithm, and by how much it is under SHORT_FRAMES; share of frames
above SURE; log odds of the highest other candidate within NEAR_S, and whether there is none.

Values of the spectrum itself were left out: with them, speech of a kind that was not trained on
seemed to be searched worse (reports/detection.md)."""
SHORT_FRAMES = 8
SURE = 0.8
NEAR_S = 3.0
NO_OTHER = -2.0
"""Stands for the log odds of the clearest other where there is none."""


def values_of(events: Sequence[Event], probabilities: Floats) -> Floats:
    """(n, len(VALUES)) of candidates in order; `probabilities`: (frames, 3) of search.CLASSES."""
    middles = np.array([(event.first + event.last) / 2 for event in events])
    heights = np.array([event.height for event in events])
    others = np.array([_clearest_other(at, middles, heights) for at in range(len(events))])
    rows = []
    for event, other in zip(events, others, strict=True):
        own = probabilities[event.first : event.last + 1]
        share = own[:, 1] / own[:, 1].sum()
        rows.append([
            log_odds(share @ own[:, 1]), log_odds(event.height), np.log(len(own)),
            max(0, SHORT_FRAMES - len(own)), (own[:, 1] > SURE).mean(),
            log_odds(own[:, 2].max()), log_odds(share @ own[:, 2]),
            NO_OTHER if np.isnan(other) else log_odds(other), float(np.isnan(other)),
        ])  # fmt: skip
    return np.array(rows, dtype=np.float64).reshape(-1, len(VALUES))


def _clearest_other(at: int, middles: Floats, heights: Floats) -> float:
    """Height of the highest other candidate near by; NaN where there is none."""
    reach = NEAR_S / HOP_S
    first, after = np.searchsorted(middles, [middles[at] - reach, middles[at] + reach + 0.5])
    near = np.delete(heights[first:after], at - first)
    return float(near.max()) if len(near) else float("nan")


def log_odds(probability: float) -> float:
    held = min(max(probability, 1e-4), 1 - 1e-4)
    return float(np.log(held / (1 - held)))


def rescored(events: Sequence[Event], scores: Floats) -> list[Event]:
    return [replace(event, score=float(score))
            for event, score in zip(events, scores, strict=True)]  # fmt: skip
