"""A model whose answers are known beforehand, with what judging asks of a bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from acoustic_sib.features.recipe import Recipe

COLUMNS = ("multitaper.share_2500_4500.multitaper", "shape.flatness.frames_mean")
CLASSES = ("Interdental", "Lateral", "Normal")


@dataclass(frozen=True, kw_only=True)
class Norm:
    centre: float
    spread: float
    within: float = 0.0
    n_speakers: int = 10


@dataclass(frozen=True, kw_only=True)
class NoLimits:
    reason: str = ""
    longest_s: float = inf

    def refusal(self, quality: Mapping[str, float], sr: int, language: str = "en") -> str:
        return self.reason

    def too_long(self, duration_s: float, language: str = "en") -> str:
        return f"{duration_s:.0f} s" if duration_s > self.longest_s else ""


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """Gives every clip the same probabilities, and as set all classes of at least 0.2."""

    answer: tuple[float, ...] = (0.1, 0.8, 0.1)
    columns: tuple[str, ...] = COLUMNS
    classes: tuple[str, ...] = CLASSES
    limits: NoLimits = NoLimits()
    recipe: Recipe = field(
        default_factory=lambda: Recipe(high_hz=11025.0, families=("multitaper", "shape"))
    )
    reference: Mapping[str, Norm] = field(
        default_factory=lambda: {COLUMNS[0]: Norm(centre=0.0, spread=0.01)}
    )
    group: str = ""
    card: Mapping[str, Any] = field(default_factory=dict)

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.tile(self.answer, (len(values), 1))

    def sets(self, probabilities: NDArray[np.float64], level: float) -> list[tuple[str, ...]]:
        return [
            tuple(name for name, p in zip(self.classes, row, strict=True) if p >= 0.2)
            for row in probabilities
        ]

    def unlike(self, values: NDArray[np.float64], language: str = "en") -> Sequence[str]:
        return [""] * len(values)


def written(path: Path, samples: NDArray[np.float64], sr: int = 44100) -> Path:
    soundfile.write(path, samples, sr, subtype="PCM_24")
    return path
