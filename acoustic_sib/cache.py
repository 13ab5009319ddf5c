"""Measured clips on disk: a visible cache that knows content, settings and our own code."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib.tables import write_parquet
from acoustic_sib.version import __version__, code_version

Row = dict[str, Any]


class Store:
    """One kind's rows of the cache: a folder named by kind and settings, Parquet parts inside.

    Rows are keyed by the clip's content, span and channel, so a renamed or moved file is still
    known, and a changed one is not. The folder's name covers the settings and our own code.
    """

    def __init__(self, root: Path | None, kind: str, settings: dict[str, Any]) -> None:
        self.kind = kind
        self.folder = None
        self.rows = pd.DataFrame()
        if root is None:
            return
        text = json.dumps([__version__, code_version(), kind, settings], sort_keys=True)
        self.folder = root / f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        parts = [rows for part in sorted(self.folder.glob("part-*.parquet"))
                 if (rows := _part_rows(part)) is not None]  # fmt: skip
        if parts:
            rows = pd.concat(parts, ignore_index=True).drop_duplicates("key")
            self.rows = rows.set_index("key")

    def add(self, rows: dict[str, Row]) -> None:
        if not rows:
            return
        new = pd.DataFrame.from_dict(rows, orient="index")
        self.rows = pd.concat([self.rows, new[~new.index.isin(self.rows.index)]])
        if self.folder is not None:
            name = hashlib.sha256("".join(sorted(rows)).encode()).hexdigest()[:16]
            table = new.rename_axis("key").reset_index()
            write_parquet(table, self.folder / f"part-{name}.parquet")


def _part_rows(part: Path) -> pd.DataFrame | None:
    """The rows of a cache file; None where it is damaged or not ours: they are measured anew."""
    try:
        rows = pd.read_parquet(part)
    except (OSError, ValueError):  # pyarrow's own errors are kinds of these
        return None
    return rows if "key" in rows else None
