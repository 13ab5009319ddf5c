"""The ways in which labelled clips are kept: one module each, found here by its `READER`.

A new reader is one file in this folder with `READER = Reader(kind=..., accepts=..., rank=...,
sniff=..., read=...)`; nothing else names it.
"""

import importlib
import pkgutil
from functools import cache

from acoustic_sib.corpus.listing import Reader


@cache
def readers() -> tuple[Reader, ...]:
    """Every reader of this folder, in the order in which they are asked."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    ]
    return tuple(sorted((module.READER for module in modules), key=lambda reader: reader.rank))
