"""The ways in which results of other systems are kept: one module each, found by its `IMPORTER`.

A new format is one file in this folder with `IMPORTER = Importer(format=..., accepts=...,
rank=..., sniff=..., read=...)`; nothing else names it.
"""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from acoustic_sib.corpus.table_files import TABLE_SUFFIXES
from acoustic_sib.errors import ConfigError, RunError, nearest
from acoustic_sib.ssl.files import refuse_pickle, shown
from acoustic_sib.ssl.foreign import Importer
from acoustic_sib.ssl.table_text import column_names


@cache
def importers() -> tuple[Importer, ...]:
    """Every importer of this folder, in the order in which they are asked."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    ]
    found = (module.IMPORTER for module in modules)
    return tuple(sorted(found, key=lambda importer: importer.rank))


def importer_for(source: Path, *, format_name: str | None = None) -> Importer:
    """The importer named, or the first that knows `source`.

    Raises ConfigError for an unknown name and RunError where nothing can be read.
    """
    by_name = {importer.format: importer for importer in importers()}
    if format_name is not None and format_name not in by_name:
        raise ConfigError(f"--format: unknown format '{format_name}'; "
                          f"{nearest(format_name, by_name)}")  # fmt: skip
    if not source.exists():
        raise RunError(f"{source}: no such file or folder; expected the results of a system")
    if source.is_file():
        refuse_pickle(source)
    if format_name is not None:
        return by_name[format_name]
    try:
        found = next((importer for importer in importers() if importer.sniff(source)), None)
    except PermissionError as error:
        raise RunError(f"{error.filename}: may not be read; expected permission to") from None
    if found is None:
        formats = ", ".join(importer.format for importer in importers())
        raise RunError(f"{source}: {_seen(source)}; expected predictions or scores in one of the "
                       f"formats {formats}{_states_meant(source)}")  # fmt: skip
    return found


def _seen(source: Path) -> str:
    if not source.is_dir():
        columns = column_names(source) if source.suffix.lower() in TABLE_SUFFIXES else []
        if columns:
            return f"a table with the columns {shown(', '.join(columns), 80)}"
        return f"a file ending in '{source.suffix}' without predictions"
    names = sorted(path.name for path in source.iterdir() if not path.name.startswith("."))
    return f"a folder with {shown(', '.join(names), 80)}" if names else "an empty folder"


_STATES = (".npy", ".npz", ".h5", ".hdf5", ".safetensors", ".arrow", ".parquet")


def _states_meant(source: Path) -> str:
    files = source.iterdir() if source.is_dir() else [source]
    meant = any(path.suffix.lower() in _STATES for path in files)
    return ": are these hidden states (acoustic-sib ssl states)?" if meant else ""
