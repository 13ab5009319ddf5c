"""The learnt parts of the sibilant search: a small network over the evidence of each frame, and one
over each stretch of frames that is a candidate.

Its numbers are in search_full.json (up to 7.8 kHz) and search_narrow.json (up to 3.5 kHz, for
telephone speech), made by tests/benchmarks/search_training.py, where its training sounds are named.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.screen.affine import softmax
from acoustic_sib.screen.candidates import rescored, values_of
from acoustic_sib.screen.events import Event, events_of
from acoustic_sib.screen.evidence import own_values, with_neighbours
from acoustic_sib.screen.frames import Frames

Floats = NDArray[np.float64]
Band = Literal["full", "narrow"]
N_BANDS: Mapping[Band, int] = {"full": 13, "narrow": 8}
CLASSES = ("other", "sibilant", "dental")
"""`sibilant` holds lateral fricatives too; `dental` is what an interdental lisp makes of /s z/."""
_AT_ONCE = 20_000


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """A candidate stays above `low` and reaches `high` somewhere, both of P(sibilant); it is a
    sibilant where the network over candidates gives it `least`."""

    high: float
    low: float
    least: float


@dataclass(frozen=True, kw_only=True)
class Network:
    """Standardised inputs (d), one layer of rectified units (h), k classes."""

    mean: Floats
    scale: Floats
    weights: Floats
    bias: Floats
    out_weights: Floats
    out_bias: Floats

    def probabilities(self, inputs: Floats) -> Floats:
        """(n, k) of the classes for (n, d) inputs."""
        units = np.maximum((inputs - self.mean) / self.scale @ self.weights + self.bias, 0)
        return softmax(units @ self.out_weights + self.out_bias)


@dataclass(frozen=True, kw_only=True)
class Search:
    """`frames`: a network of CLASSES over each frame's evidence. `candidates`: of no sibilant or
    one, over candidates.VALUES."""

    frames: Network
    candidates: Network
    thresholds: Thresholds

    def events(self, probabilities: Floats) -> list[Event]:
        """The sibilants, from each frame's probabilities (n, 3), with their scores."""
        return [one for one in self.scored(probabilities) if one.score >= self.thresholds.least]

    def scored(self, probabilities: Floats) -> list[Event]:
        """All candidates, in order."""
        found = events_of(probabilities[:, 1], high=self.thresholds.high, low=self.thresholds.low)
        if not found:
            return []
        return rescored(found, self.candidates.probabilities(values_of(found, probabilities))[:, 1])


def network_from(numbers: Mapping[str, Any]) -> Network:
    """A network from the numbers of its part of the JSON file."""
    return Network(**{one.name: np.array(numbers[one.name], dtype=np.float64)
                      for one in fields(Network)})  # fmt: skip


@lru_cache(maxsize=2)
def shipped(band: Band) -> Search:
    """The search that comes with the package."""
    file = files("acoustic_sib.screen") / f"search_{band}.json"
    numbers = json.loads(file.read_text(encoding="utf-8"))
    return Search(frames=network_from(numbers["frames"]),
                  candidates=network_from(numbers["candidates"]),
                  thresholds=Thresholds(**numbers["thresholds"]))  # fmt: skip


def averaged(networks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Networks with the same standardisation as one: their units side by side, scores averaged."""
    n = len(networks)
    return {
        "mean": networks[0]["mean"], "scale": networks[0]["scale"],
        "weights": np.hstack([one["weights"] for one in networks]),
        "bias": np.concatenate([one["bias"] for one in networks]),
        "out_weights": np.vstack([one["out_weights"] for one in networks]) / n,
        "out_bias": np.mean([one["out_bias"] for one in networks], axis=0),
    }  # fmt: skip


def sibilance(frames: Frames, band: Band, network: Network) -> Floats:
    """(n, 3) probabilities of CLASSES for each frame, smoothed over 30 ms."""
    now = own_values(frames.bands_db[:, : N_BANDS[band]], frames.periodicity)
    # Part by part: the inputs of an hour would fill 800 MB.
    probabilities = np.concatenate([
        network.probabilities(with_neighbours(now, first, min(first + _AT_ONCE, len(now))))
        for first in range(0, len(now), _AT_ONCE)
    ])  # fmt: skip
    held = np.concatenate([probabilities[:1], probabilities, probabilities[-1:]])
    smooth: Floats = 0.25 * held[:-2] + 0.5 * held[1:-1] + 0.25 * held[2:]
    return smooth
