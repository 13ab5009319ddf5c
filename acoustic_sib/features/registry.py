"""Feature families: one file each in this package, found by scanning it.

A family is a function `family(spectra, *, settings...) -> dict[str, float]` under `@extractor`.
Its keyword-only parameters, all with defaults, are its settings in YAML. A column is
`family.measure[.statistic]`; the statistic names the spectral estimate (see `spectra`).
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import inf, isfinite, nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import acoustic_sib.features as package
from acoustic_sib.errors import ConfigError, nearest

if TYPE_CHECKING:
    from acoustic_sib.features.recipe import Recipe
    from acoustic_sib.features.spectra import Spectra

Setting = float | int | str | bool

FAMILIES = (
    "mfcc", "logmel", "moments", "multitaper", "bands", "peaks", "shape", "erb", "temporal",
    "praat",
)  # fmt: skip
"""The families measured by default, in the order of their columns."""

NO_FAMILIES = frozenset(
    {"average", "padded", "recipe", "registry", "spectra", "statistics", "transformer"}
)
"""Modules of this package that the scan leaves out: they hold no family."""

FEATURE_SETS: dict[str, tuple[str, ...]] = {
    # Chosen by what the literature and two public corpora say of /s z/, never by tuning here:
    # multitaper FM, AmpD, four moments and duration, and one measure for each thing they miss
    # (diffuseness; the 2.5-4.5 kHz energy and its fluctuation, both marks of lateral airflow).
    "compact": (
        "multitaper.fm_hz.multitaper",
        "multitaper.ampd_db.multitaper",
        "multitaper.cog_hz.multitaper",
        "multitaper.sd_hz.multitaper",
        "multitaper.skewness.multitaper",
        "multitaper.kurtosis.multitaper",
        "multitaper.share_2500_4500.multitaper",
        "shape.flatness.frames_mean",
        "bands.lateral_modulation_db.frames_sd",
        "temporal.duration_s",
    ),
    "all": ("*",),
}
"""Name -> columns of a feature set; `*` stands for every column."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A registered family: its function and the defaults of its settings."""

    name: str
    function: Callable[..., dict[str, float]]
    defaults: dict[str, Setting]


_found: dict[str, Family] = {}


def extractor(function: Callable[..., dict[str, float]]) -> Callable[..., dict[str, float]]:
    """Register a family under the function's name; returns the function unchanged."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    for parameter in parameters:
        if parameter.kind is not parameter.KEYWORD_ONLY or parameter.default is parameter.empty:
            raise TypeError(
                f"{function.__name__}: '{parameter.name}' must be keyword-only with a default"
            )
    name = function.__name__
    _found[name] = Family(
        name=name,
        function=function,
        defaults={parameter.name: parameter.default for parameter in parameters},
    )
    return function


@cache
def families() -> dict[str, Family]:
    """All families by name, in the default order, then those that others added."""
    for module in pkgutil.iter_modules(package.__path__):
        if module.name not in NO_FAMILIES:
            importlib.import_module(f"{package.__name__}.{module.name}")
    ordered = [name for name in FAMILIES if name in _found]
    return {name: _found[name] for name in [*ordered, *sorted(set(_found) - set(ordered))]}


def measure(samples: NDArray[np.float64], sr: int, recipe: "Recipe") -> dict[str, float]:
    """All columns of one clip: mono samples at `sr` Hz -> `family.measure[.statistic]` -> value.

    The same columns for every clip; NaN where a measure cannot be taken in this one (an infinite
    level, that of nothing at all, counts as such). Raises AudioError when the samples are no
    sound at all: empty, not one-dimensional, not finite.
    """
    from acoustic_sib.features.spectra import Spectra

    return measure_spectra(Spectra(samples, sr, recipe))


def measure_spectra(spectra: "Spectra") -> dict[str, float]:
    """`measure` for a clip whose transforms are already at hand."""
    columns: dict[str, float] = {}
    # Digital silence inside a clip makes 0/0 and log 0; both mean "not measurable" below.
    with np.errstate(divide="ignore", invalid="ignore"):
        for name in spectra.recipe.families:
            values = families()[name].function(spectra, **spectra.recipe.family_settings(name))
            columns.update(zip(_prefixed(name, tuple(values)), values.values(), strict=True))
    if inf in columns.values() or -inf in columns.values():
        return {name: value if isfinite(value) else nan for name, value in columns.items()}
    return columns


@lru_cache(maxsize=64)
def _prefixed(family: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{family}.{name}" for name in names)


def column_names(recipe: "Recipe") -> list[str]:
    """The columns of a recipe, in order. They never depend on the clip."""
    return list(_column_names(recipe))


@lru_cache(maxsize=64)
def _column_names(recipe: "Recipe") -> tuple[str, ...]:
    noise = np.random.default_rng(0).standard_normal(2205)
    return tuple(measure(noise, 44100, recipe))


def columns_of_set(name: str, columns: Iterable[str]) -> list[str]:
    """Those of `columns` that belong to the feature set `name`, in their own order.

    A family's name is a set too. Empty where none was measured. Raises ConfigError for an unknown
    set.
    """
    if name in FEATURE_SETS:
        wanted = set(FEATURE_SETS[name])
        return [column for column in columns if "*" in wanted or column in wanted]
    if name in families():
        return [column for column in columns if column.split(".", 1)[0] == name]
    known = [*FEATURE_SETS, *families()]
    raise ConfigError(f"models.feature_sets: unknown feature set '{name}'; {nearest(name, known)}")
