"""The Hugging Face audiofolder with a metadata file, at its root or in each of its splits."""

from pathlib import Path, PurePosixPath

import pandas as pd

from acoustic_sib.config import CorpusSettings
from acoustic_sib.corpus.columns import column_roles
from acoustic_sib.corpus.listing import Listing, Reader
from acoustic_sib.corpus.splits import split_name
from acoustic_sib.corpus.table_files import read_table
from acoustic_sib.errors import CorpusError

METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")


def sniff(source: Path) -> bool:
    return source.is_dir() and bool(_metadata_files(source))


def read(source: Path, settings: CorpusSettings) -> Listing:
    """The rows of the metadata at the root or else in the splits, or likewise in `data`."""
    tables, places = [], []
    for file in _metadata_files(source):
        content = read_table(file)
        inside = file.parent.relative_to(source)
        tables.append(_below(content.table, inside, file, settings))
        prefix = "" if inside == Path() else f"{inside.as_posix()}/"
        places += [prefix + place for place in content.places]
    table = pd.concat(tables, ignore_index=True)
    return Listing(
        table=table.astype(object).where(table.notna(), None),
        places=places,
        folder=source,
        place=source.as_posix(),
        kind="audiofolder",
    )


def _metadata_files(source: Path) -> list[Path]:
    for group in ([source], _splits(source), [source / "data"], _splits(source / "data")):
        files = [[folder / name for name in METADATA if (folder / name).is_file()]
                 for folder in group]  # fmt: skip
        for several in files:
            if len(several) > 1:
                raise CorpusError(
                    f"{several[0].parent}: both {several[0].name} and {several[1].name}; expected "
                    "one of them: which is the right one?"
                )
        if any(files):
            return [file for found in files for file in found]
    return []


def _splits(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(part for part in folder.iterdir() if part.is_dir() and split_name(part.name))


def _below(table: pd.DataFrame, inside: Path, file: Path, settings: CorpusSettings) -> pd.DataFrame:
    """The table with paths relative to the corpus, not to the metadata file's folder."""
    if inside == Path():
        return table
    column = column_roles(list(table.columns), settings.columns, place=file.as_posix()).get("path")
    if column is None:
        return table
    moved = [
        None if cell is None else (PurePosixPath(inside.as_posix()) / cell).as_posix()
        for cell in table[column]
    ]
    return table.assign(**{column: pd.Series(moved, dtype=object)})


READER = Reader(
    kind="audiofolder",
    accepts="a folder with metadata.csv, .jsonl or .parquet (also in train/ and test/)",
    rank=10,
    sniff=sniff,
    read=read,
)
