"""`model.json` of a bundle from anybody, held against what `train` writes: names, shapes, ranges.

Whatever passes can be judged with: no shape is wrong, no number unknown, and no setting asks for
more memory or time than a recipe of ours does.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from acoustic_sib.errors import BundleError, ConfigError, printable
from acoustic_sib.screen.affine import Affine, Floats
from acoustic_sib.screen.conformal import ClassScores, Conformal
from acoustic_sib.screen.familiar import Familiar
from acoustic_sib.screen.limits import Ranges
from acoustic_sib.screen.reference import Norms, SpeakerNorm, SpectrumNorm

if TYPE_CHECKING:
    from acoustic_sib.features.recipe import Recipe

KEYS = (
    "classes", "columns", "recipe", "affine", "conformal", "familiar", "limits", "norms", "spectra",
)  # fmt: skip
MOST_CLASSES = 64
MOST_COLUMNS = 5000
MOST_SCORES = 1_000_000
LONGEST_NAME = 200

_RECIPE = {
    "high_hz": (1000.0, 96_000.0), "low_hz": (1.0, 20_000.0), "window_s": (0.002, 1.0),
    "hop_s": (0.001, 1.0), "tapers": (1, 64), "time_bandwidth": (1.0, 64.0),
}  # fmt: skip
"""Settings that cost memory or time, and the ranges a clip can be measured in."""
LARGEST_SETTING = 100_000
LARGEST_DB = 400.0
"""Beyond the range of 64-bit samples: no band of a clip can lie so far from its mean."""
LARGEST_NUMBER = 1e30
"""Beyond any measure in any unit, and far enough from where products overflow."""


def model_from_json(value: Any, place: str) -> dict[str, Any]:
    """The parts of a Bundle by field name. Raises BundleError, naming what is wrong where."""
    parts = _mapping(value, KEYS, place, "the model")
    classes = _names(parts["classes"], place, "classes", MOST_CLASSES)
    if len(classes) < 2:
        raise _wrong(place, "classes", "at least two names")
    columns = _names(parts["columns"], place, "columns", MOST_COLUMNS)
    recipe = _recipe(parts["recipe"], place)
    _refuse_unmeasured(columns, recipe, place)
    return {
        "classes": classes, "columns": columns, "recipe": recipe,
        "affine": _affine(parts["affine"], len(classes), len(columns), place),
        "conformal": _conformal(parts["conformal"], len(classes), place),
        "familiar": _familiar(parts["familiar"], len(classes), len(columns), place),
        "limits": _ranges(parts["limits"], place),
        "norms": _norms(parts["norms"], place),
        "spectra": _spectra(parts["spectra"], recipe, place),
    }  # fmt: skip


def _affine(value: Any, n_classes: int, n_columns: int, place: str) -> Affine:
    names = ("fill", "mean", "scale", "weights", "bias", "temperature")
    parts = _mapping(value, names, place, "affine")
    fill, mean, scale = (
        _numbers(parts[name], (n_columns,), place, f"affine.{name}") for name in names[:3]
    )
    temperature = _number(parts["temperature"], place, "affine.temperature")
    if not (scale >= 1 / LARGEST_NUMBER).all() or temperature < 1 / LARGEST_NUMBER:
        raise _wrong(place, "affine", "scales and a temperature above 0")
    return Affine(
        fill=fill, mean=mean, scale=scale, temperature=temperature,
        weights=_numbers(parts["weights"], (n_classes, n_columns), place, "affine.weights"),
        bias=_numbers(parts["bias"], (n_classes,), place, "affine.bias"),
    )  # fmt: skip


def _conformal(value: Any, n_classes: int, place: str) -> Conformal:
    if not isinstance(value, list) or len(value) != n_classes:
        raise _wrong(place, "conformal", "scores of each class")
    return Conformal(of_class=tuple(_class_scores(one, place) for one in value))


def _class_scores(value: Any, place: str) -> ClassScores:
    parts = _mapping(value, ("scores", "weights"), place, "conformal")
    found = parts["scores"]
    if not isinstance(found, list) or not 0 < len(found) <= MOST_SCORES:
        raise _wrong(place, "conformal.scores", "a list of scores")
    scores = _numbers(found, (len(found),), place, "conformal.scores")
    weights = _numbers(parts["weights"], (len(found),), place, "conformal.weights")
    if (np.diff(scores) < 0).any() or scores[0] < 0 or scores[-1] > 1:
        raise _wrong(place, "conformal.scores", "rising numbers from 0 to 1")
    if (weights <= 0).any() or weights.sum() >= 1:
        raise _wrong(place, "conformal.weights", "numbers above 0 with a sum below 1")
    return ClassScores(scores=scores, weights=weights)


def _familiar(value: Any, n_classes: int, n_columns: int, place: str) -> Familiar:
    parts = _mapping(value, ("centres", "precision", "limit"), place, "familiar")
    limit = _number(parts["limit"], place, "familiar.limit")
    if limit <= 0:
        raise _wrong(place, "familiar.limit", "a number above 0")
    return Familiar(
        limit=limit,
        centres=_numbers(parts["centres"], (n_classes, n_columns), place, "familiar.centres"),
        precision=_numbers(parts["precision"], (n_columns, n_columns), place, "familiar.precision"),
    )  # fmt: skip


def _ranges(value: Any, place: str) -> Ranges:
    names = ("shortest_s", "longest_s", "quietest_db", "high_hz")
    parts = _mapping(value, names, place, "limits")
    return Ranges(**{name: _number(parts[name], place, f"limits.{name}") for name in names})


def _norms(value: Any, place: str) -> dict[str, Norms]:
    found: dict[str, Norms] = {}
    for group, columns in _mapping(value, None, place, "norms").items():
        _name(group, place, "norms", empty=True)
        found[group] = {
            _name(column, place, "norms"): _norm(norm, place)
            for column, norm in _mapping(columns, None, place, "norms").items()
        }
    return found


def _norm(value: Any, place: str) -> SpeakerNorm:
    names = ("centre", "spread", "within", "n_speakers")
    parts = _mapping(value, names, place, "norms")
    centre, spread, within, n_speakers = (_number(parts[name], place, "norms") for name in names)
    if spread < 0 or within < 0 or n_speakers < 0 or n_speakers != int(n_speakers):
        raise _wrong(place, "norms", "spreads and counts from 0 up")
    return SpeakerNorm(centre=centre, spread=spread, within=within, n_speakers=int(n_speakers))


def _spectra(value: Any, recipe: "Recipe", place: str) -> dict[str, SpectrumNorm]:
    from acoustic_sib.features.average import band_centres_hz

    shape = (len(band_centres_hz(recipe)),)
    found = {}
    for group, norm in _mapping(value, None, place, "spectra").items():
        _name(group, place, "spectra", empty=True)
        parts = _mapping(norm, ("centre", "spread", "within", "n_speakers"), place, "spectra")
        centre, spread, within = (
            _numbers(parts[name], shape, place, f"spectra.{name}")
            for name in ("centre", "spread", "within")
        )
        n_speakers = _number(parts["n_speakers"], place, "spectra")
        if n_speakers < 0 or n_speakers != int(n_speakers):
            raise _wrong(place, "spectra.n_speakers", "a count from 0 up")
        levels = np.array([centre, spread, within])
        if (np.abs(levels) > LARGEST_DB).any() or (levels[1:] < 0).any():
            raise _wrong(place, "spectra", f"levels and spreads of at most {LARGEST_DB:g} dB")
        found[group] = SpectrumNorm(
            centre=tuple(centre.tolist()), spread=tuple(spread.tolist()),
            within=tuple(within.tolist()), n_speakers=int(n_speakers),
        )  # fmt: skip
    return found


def _recipe(value: Any, place: str) -> "Recipe":
    from acoustic_sib.features.recipe import Recipe

    parts = _mapping(value, (*_RECIPE, "families", "settings"), place, "recipe")
    for name, (low, high) in _RECIPE.items():
        if not low <= _number(parts[name], place, f"recipe.{name}") <= high:
            raise _wrong(place, f"recipe.{name}", f"a number from {low:g} to {high:g}")
    if type(parts["tapers"]) is not int:
        raise _wrong(place, "recipe.tapers", "a whole number")
    families = _names(parts["families"], place, "recipe.families", MOST_CLASSES)
    settings = _mapping(parts["settings"], None, place, "recipe.settings")
    for family, own in settings.items():
        for name, setting in _mapping(own, None, place, "recipe.settings").items():
            if isinstance(setting, (int, float)) and not abs(setting) <= LARGEST_SETTING:
                raise _wrong(place, f"recipe.settings.{_shown(family)}.{_shown(name)}",
                             f"at most {LARGEST_SETTING}")  # fmt: skip
    try:
        return Recipe(**{**parts, "families": families})
    except ConfigError as error:
        raise _wrong(place, "recipe", f"what can be measured ({_shown(str(error))})") from None


def _refuse_unmeasured(columns: tuple[str, ...], recipe: "Recipe", place: str) -> None:
    from acoustic_sib.features.registry import column_names

    unknown = sorted(set(columns) - set(column_names(recipe)))
    if unknown:
        raise BundleError(f"{place}: the measure {_shown(unknown[0])!r} is none of its recipe's; "
                          "expected columns that can be measured")  # fmt: skip


def _mapping(
    value: Any, names: tuple[str, ...] | None, place: str, what: str
) -> dict[str, Any]:  # fmt: skip
    if not isinstance(value, dict) or (names is not None and value.keys() != set(names)):
        expected = "a mapping" if names is None else f"a mapping of {', '.join(names)}"
        raise _wrong(place, what, expected)
    return value


def _names(value: Any, place: str, what: str, most: int) -> tuple[str, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= most:
        raise _wrong(place, what, "a list of names")
    names = tuple(_name(one, place, what) for one in value)
    if len(set(names)) < len(names):
        raise _wrong(place, what, "names that differ")
    return names


def _name(value: Any, place: str, what: str, *, empty: bool = False) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_NAME:
        raise _wrong(place, what, "plain names")
    if not value.strip() and not empty:
        raise _wrong(place, what, "names that are not empty")
    return value


def _numbers(value: Any, shape: tuple[int, ...], place: str, what: str) -> Floats:
    expected = f"{' x '.join(map(str, shape))} finite numbers"
    if not _has_shape(value, shape):
        raise _wrong(place, what, expected)
    try:
        numbers = np.array(value, dtype=np.float64)
    except OverflowError:
        raise _wrong(place, what, expected) from None
    if not (np.abs(numbers) <= LARGEST_NUMBER).all():
        raise _wrong(place, what, expected)
    return numbers


def _has_shape(value: Any, shape: tuple[int, ...]) -> bool:
    if not isinstance(value, list) or len(value) != shape[0]:
        return False
    if len(shape) > 1:
        return all(_has_shape(row, shape[1:]) for row in value)
    return all(type(number) in (int, float) for number in value)


def _number(value: Any, place: str, what: str) -> float:
    if type(value) not in (int, float) or not abs(value) <= LARGEST_NUMBER:
        raise _wrong(place, what, "a finite number")
    return float(value)


def _wrong(place: str, what: str, expected: str) -> BundleError:
    return BundleError(f"{place}: '{what}' is not what `train` writes; expected {expected}: was it "
                       "tampered with?")  # fmt: skip


def _shown(text: str) -> str:
    return printable(text, "?")[:200]
