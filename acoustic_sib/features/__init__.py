"""What one clip alone can tell: families of acoustic measures from one shared set of transforms."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acoustic_sib.features.recipe import Recipe, corpus_high_hz
    from acoustic_sib.features.registry import (
        FAMILIES,
        FEATURE_SETS,
        column_names,
        columns_of_set,
        extractor,
        families,
        measure,
    )
    from acoustic_sib.features.spectra import Spectra
    from acoustic_sib.features.transformer import AcousticFeatures

__all__ = [
    "FAMILIES",
    "FEATURE_SETS",
    "AcousticFeatures",
    "Recipe",
    "Spectra",
    "column_names",
    "columns_of_set",
    "corpus_high_hz",
    "extractor",
    "families",
    "measure",
]

_HOME = {
    "AcousticFeatures": "transformer",
    "Recipe": "recipe",
    "Spectra": "spectra",
    "corpus_high_hz": "recipe",
}


def __getattr__(name: str) -> Any:
    """Import on first use: scikit-learn for the transformer alone, SciPy only to measure."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_HOME.get(name, 'registry')}")
    return getattr(module, name)
