"""What a bundle's scikit-learn pipeline may be made of: read from its description, nothing loaded.

skops describes a fitted pipeline in `schema.json`, each object with module, class and the loader
that would rebuild it. Here that description is held against a fixed list before skops sees it.
"""

import re
from typing import Any

from acoustic_sib.errors import BundleError
from acoustic_sib.screen.sealed import read_json, unpacked

SCHEMA = "schema.json"
OURS = ("acoustic_sib.models.PriorWeighted", "numpy.dtype")
"""What skops does not trust by itself and is told to: it re-weights, and an array's number type."""

ALLOWED = frozenset({
    ("acoustic_sib.models", "PriorWeighted", "ObjectNode"),
    ("builtins", "bool", "JsonNode"),
    ("builtins", "dict", "DictNode"),
    ("builtins", "float", "JsonNode"),
    ("builtins", "int", "JsonNode"),
    ("builtins", "list", "ListNode"),
    ("builtins", "str", "JsonNode"),
    ("builtins", "str", "TypeNode"),
    ("builtins", "tuple", "TupleNode"),
    ("numpy", "dtype", "DTypeNode"),
    ("numpy", "float64", "NdArrayNode"),
    ("numpy", "int64", "NdArrayNode"),
    ("numpy", "ndarray", "NdArrayNode"),
    ("numpy", "str_", "NdArrayNode"),
    ("sklearn.discriminant_analysis", "LinearDiscriminantAnalysis", "ObjectNode"),
    ("sklearn.impute._base", "SimpleImputer", "ObjectNode"),
    ("sklearn.linear_model._logistic", "LogisticRegression", "ObjectNode"),
    ("sklearn.pipeline", "Pipeline", "ObjectNode"),
    ("sklearn.preprocessing._data", "StandardScaler", "ObjectNode"),
})  # fmt: skip
"""Module, class and loader of everything that the pipelines of `train` hold."""

_MARKS = ("__class__", "__module__", "__loader__")
_ARRAY = re.compile(r"[0-9]+\.npy")


def check_allowed(data: bytes, place: str) -> None:
    """Raise BundleError unless the skops file holds arrays and allowed types alone."""
    members = unpacked(data, place)
    for name in members:
        if name != SCHEMA and not _ARRAY.fullmatch(name):
            raise BundleError(f"{place}: holds {name[:80]!r}; expected {SCHEMA} and arrays: was "
                              "it tampered with?")  # fmt: skip
    if SCHEMA not in members:
        raise BundleError(f"{place}: no {SCHEMA}; expected a file that skops wrote")
    waiting: list[Any] = [read_json(members[SCHEMA], f"{place}: {SCHEMA}")]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if any(mark in node for mark in _MARKS):
                _refuse_unknown(tuple(node.get(mark) for mark in _MARKS), place)
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _refuse_unknown(found: tuple[Any, ...], place: str) -> None:
    class_name, module, loader = found
    named = all(isinstance(part, str) for part in found)
    if not named or (module, class_name, loader) not in ALLOWED:
        kind = f"{module}.{class_name} ({loader})"[:120]
        raise BundleError(f"{place}: holds an object of the unknown type {kind!r}, which was not "
                          "loaded; expected a pipeline of `train`")  # fmt: skip
