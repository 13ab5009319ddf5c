"""What a model was trained on, asked of a clip before the model is."""

from collections.abc import Mapping
from dataclasses import dataclass

REACHED = 0.95
"""Share of the measured band that a clip must hold; a band's edge is known no better."""
LONGER = 1.5
"""Two people cut the same sibilant differently, and a sustained one is a sibilant still."""
QUIETER_DB = 10.0


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """Ranges of the training clips: durations, lowest level (dB re full scale), and the highest
    frequency that is measured."""

    shortest_s: float
    longest_s: float
    quietest_db: float
    high_hz: float

    def refusal(self, quality: Mapping[str, float], sr: int) -> str:
        """Why a clip of this quality (`quality.measure_quality`) is not assessable, else ""."""
        reach = REACHED * self.high_hz
        if sr / 2 < reach:
            return (f"sampled at {sr} Hz, it holds nothing above {sr / 2:.0f} Hz; this model "
                    f"measures up to {self.high_hz:.0f} Hz")  # fmt: skip
        if quality["bandwidth_hz"] < reach:
            return (f"band-limited to {quality['bandwidth_hz']:.0f} Hz; this model measures up to "
                    f"{self.high_hz:.0f} Hz")  # fmt: skip
        duration = quality["duration_s"]
        if duration < self.shortest_s / LONGER:
            return (f"{1000 * duration:.0f} ms long; the clips this model was trained on last at "
                    f"least {1000 * self.shortest_s:.0f} ms")  # fmt: skip
        if duration > self.longest_s * LONGER:
            return (f"{duration:.2f} s long; the clips this model was trained on last at most "
                    f"{self.longest_s:.2f} s")  # fmt: skip
        if quality["level_db"] < self.quietest_db - QUIETER_DB:
            return (f"{quality['level_db']:.0f} dB re full scale; the quietest clip this model was "
                    f"trained on has {self.quietest_db:.0f} dB")  # fmt: skip
        return ""
