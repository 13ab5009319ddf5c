"""How a clip is measured: the settings that change numbers, frozen and stored beside them."""

import copy
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from acoustic_sib.errors import ConfigError, nearest
from acoustic_sib.features.registry import FAMILIES, Setting, families

HIGHEST_USEFUL_HZ = 11025.0
"""Upper end of the published fricative measures (Koenig et al. 2013)."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Settings of a feature table; equal recipes give equal numbers.

    `high_hz` is one number for a whole corpus, never a clip's own (see `corpus_high_hz`). Nothing
    above it is measured. `settings`: family -> its own settings, defaults where left out.
    Raises ConfigError on an unknown family or setting, or a value out of range.
    """

    high_hz: float
    families: tuple[str, ...] = FAMILIES
    low_hz: float = 550.0
    window_s: float = 0.020
    hop_s: float = 0.005
    tapers: int = 8
    time_bandwidth: float = 4.0
    settings: dict[str, dict[str, Setting]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "families", tuple(self.families))
        object.__setattr__(self, "settings", copy.deepcopy(dict(self.settings)))
        _check_names(self.families)
        for family, values in self.settings.items():
            _check_settings(family, values)
        _check_numbers(self)

    @cached_property
    def key(self) -> str:
        """The recipe as text with sorted keys: for hashes, caches and saved runs."""
        return json.dumps(asdict(self), sort_keys=True)

    def __hash__(self) -> int:
        return hash(self.key)

    def family_settings(self, family: str) -> dict[str, Setting]:
        """All settings of a family: the recipe's own over the defaults."""
        return families()[family].defaults | self.settings.get(family, {})


def corpus_high_hz(rates_hz: Iterable[float], bandwidths_hz: Iterable[float] = ()) -> float:
    """What `high_hz: auto` becomes: the least of 11025 Hz, 0.98 of the lowest Nyquist frequency
    and the 5th percentile of the clips' effective bandwidths, in whole Hz. Looks at no label."""
    limits = [HIGHEST_USEFUL_HZ, 0.98 * min(rates_hz) / 2]
    known = np.array([value for value in bandwidths_hz if np.isfinite(value)])
    if known.size:
        limits.append(float(np.percentile(known, 5)))
    return float(int(min(limits)))


def _check_names(names: tuple[str, ...]) -> None:
    if not names:
        raise ConfigError("features: no family named; expected at least one of "
                          f"{', '.join(FAMILIES)}")  # fmt: skip
    for name in names:
        if name not in families():
            raise ConfigError(f"features: unknown family '{name}'; {nearest(name, families())}")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"features: family '{twice}' is named twice; expected each once")


def _check_settings(family: str, values: dict[str, Any]) -> None:
    if family not in families():
        raise ConfigError(
            f"features.settings: unknown family '{family}'; {nearest(family, families())}"
        )
    defaults = families()[family].defaults
    for name, value in values.items():
        place = f"features.settings.{family}"
        if not defaults:
            raise ConfigError(f"{place}: unknown setting '{name}'; the family has none")
        if name not in defaults:
            raise ConfigError(f"{place}: unknown setting '{name}'; {nearest(name, defaults)}")
        wanted = type(defaults[name])
        fits = type(value) is wanted or (wanted is float and type(value) is int)
        if not fits:
            raise ConfigError(
                f"{place}.{name} is {value!r}; expected {wanted.__name__}, "
                f"such as {defaults[name]!r}"
            )


def _check_numbers(recipe: Recipe) -> None:
    if isinstance(recipe.high_hz, str):
        raise ConfigError(f"features: high_hz is '{recipe.high_hz}'; expected a frequency in Hz: "
                          "'auto' must be resolved before measuring")  # fmt: skip
    if not 0 < recipe.low_hz < recipe.high_hz:
        raise ConfigError(
            f"features: low_hz {recipe.low_hz:g} is not between 0 and high_hz {recipe.high_hz:g}; "
            "expected both in Hz: is the audio's bandwidth that narrow?"
        )
    if not 0 < recipe.hop_s <= recipe.window_s:
        raise ConfigError(
            f"features: hop_s {recipe.hop_s:g} is not between 0 and window_s {recipe.window_s:g}; "
            "expected seconds"
        )
    if recipe.window_s > 1:
        raise ConfigError(f"features: window_s is {recipe.window_s:g}; expected seconds, such as "
                          "0.020: is it in milliseconds?")  # fmt: skip
    if not 1 <= recipe.tapers <= 2 * recipe.time_bandwidth:
        raise ConfigError(
            f"features: {recipe.tapers} tapers; expected 1 to 2 * time_bandwidth = "
            f"{2 * recipe.time_bandwidth:g}: further tapers leak"
        )
