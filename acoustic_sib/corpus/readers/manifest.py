"""A table file with one row a clip: CSV, TSV, JSON lines or Parquet."""

from pathlib import Path

from acoustic_sib.config import CorpusSettings
from acoustic_sib.corpus.listing import Listing, Reader
from acoustic_sib.corpus.table_files import TABLE_SUFFIXES, read_table


def sniff(source: Path) -> bool:
    return source.is_file() and source.suffix.lower() in TABLE_SUFFIXES


def read(source: Path, settings: CorpusSettings) -> Listing:
    """The rows of the file; paths in it are relative to its folder."""
    content = read_table(source)
    return Listing(
        table=content.table,
        places=content.places,
        folder=source.parent,
        place=source.name,
        kind="manifest",
    )


READER = Reader(
    kind="manifest",
    accepts="a CSV, TSV, JSONL or Parquet file with a row a clip",
    rank=30,
    sniff=sniff,
    read=read,
)
