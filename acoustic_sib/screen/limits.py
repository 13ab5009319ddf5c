"""What a model was trained on, asked of a clip before the model is."""

from collections.abc import Mapping
from dataclasses import dataclass

from acoustic_sib.screen.wording import decimal, say

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

    def refusal(self, quality: Mapping[str, float], sr: int, language: str = "en") -> str:
        """Why a clip of this quality (`quality.measure_quality`) is not assessable, else ""."""
        reach = REACHED * self.high_hz
        if sr / 2 < reach:
            return say(language, "low_rate", sr=sr, nyquist=sr / 2, high=self.high_hz)
        if quality["bandwidth_hz"] < reach:
            return say(language, "narrow_band", hz=quality["bandwidth_hz"], high=self.high_hz)
        duration = quality["duration_s"]
        if duration < self.shortest_s / LONGER:
            return say(language, "shorter", ms=1000 * duration, least=1000 * self.shortest_s)
        if reason := self.too_long(duration, language):
            return reason
        if quality["level_db"] < self.quietest_db - QUIETER_DB:
            return say(language, "quieter", db=quality["level_db"], least=self.quietest_db)
        return ""

    def too_long(self, duration_s: float, language: str = "en") -> str:
        """Why a clip of this length is not assessable, else ""; asked before it is read."""
        if duration_s <= self.longest_s * LONGER:
            return ""
        return say(language, "longer", s=decimal(language, duration_s, 2),
                   most=decimal(language, self.longest_s, 2))  # fmt: skip
