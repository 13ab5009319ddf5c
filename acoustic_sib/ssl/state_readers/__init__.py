"""The formats in which hidden states are kept: one module each, found here by its `READER`.

A new format is one file in this folder with `READER = StateReader(...)`; nothing else names it.
"""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from acoustic_sib.errors import ConfigError, StatesError, nearest
from acoustic_sib.ssl.clip_ids import IdList
from acoustic_sib.ssl.files import PICKLES
from acoustic_sib.ssl.state_dumps import Dump, StateReader


@cache
def state_readers() -> tuple[StateReader, ...]:
    """Every reader of this folder, in the order in which they are asked."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    ]
    return tuple(sorted((module.READER for module in modules), key=lambda reader: reader.rank))


def open_dump(source: Path, ids: IdList | None = None, *, kind: str | None = None) -> Dump:
    """The dump at `source`, in the format named or found out. Raises StatesError, ConfigError."""
    if not source.exists():
        raise StatesError(f"{source}: no such file or folder; expected a dump of hidden states")
    if kind is not None:
        by_kind = {reader.kind: reader for reader in state_readers()}
        if kind not in by_kind:
            raise ConfigError(f"--format: no format '{kind}' of states; {nearest(kind, by_kind)}")
        return by_kind[kind].read(source, ids)
    if source.is_file() and source.name.lower().endswith(PICKLES):
        raise StatesError(
            f"{source}: a Python pickle by its name, which may run any program when it is read, so "
            "it is not read; expected the arrays as safetensors "
            "(safetensors.torch.save_file({clip_id: tensor, ...}, 'states.safetensors')) or npz"
        )
    for reader in state_readers():
        if reader.sniff(source):
            return reader.read(source, ids)
    accepted = "; ".join(reader.accepts for reader in state_readers())
    raise StatesError(f"{source}: {_seen(source)}; expected one of: {accepted}")


def _seen(source: Path) -> str:
    if source.is_file():
        return (f"a file ending in '{source.suffix}'" if source.suffix
                else "a file without an ending")  # fmt: skip
    names = sorted(path.name for path in source.iterdir() if not path.name.startswith("."))
    return f"a folder with {', '.join(names[:4])}" if names else "an empty folder"
