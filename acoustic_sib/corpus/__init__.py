"""How labelled clips come in: `read_corpus` finds the reader for whatever the user points at."""

from pathlib import Path

from acoustic_sib.config import CorpusSettings
from acoustic_sib.corpus.listing import Corpus, Reader
from acoustic_sib.errors import ConfigError, CorpusError, nearest

__all__ = ["Corpus", "read_corpus"]


def read_corpus(source: Path | str, settings: CorpusSettings | None = None) -> Corpus:
    """Read the corpus at `source`: a manifest file or a folder of labelled clips.

    Raises CorpusError where the corpus, ConfigError where a setting has to be mended.
    """
    from acoustic_sib.corpus.clips import to_corpus

    source = Path(source)
    settings = CorpusSettings() if settings is None else settings
    return to_corpus(_reader_for(source, settings.kind).read(source, settings), settings)


def _reader_for(source: Path, kind: str | None) -> Reader:
    from acoustic_sib.corpus.readers import readers

    if not source.exists():
        raise CorpusError(f"{source}: no such file or folder; expected a corpus")
    if kind is not None:
        by_kind = {reader.kind: reader for reader in readers()}
        if kind not in by_kind:
            raise ConfigError(f"corpus.kind: unknown kind '{kind}'; {nearest(kind, by_kind)}")
        return by_kind[kind]
    for reader in readers():
        if reader.sniff(source):
            return reader
    accepted = "; ".join(reader.accepts for reader in readers())
    raise CorpusError(f"{source}: {_seen(source)}; expected one of: {accepted}")


def _seen(source: Path) -> str:
    """What stands at a place that no reader knows, in a few words."""
    if source.is_file():
        return (
            f"a file ending in '{source.suffix}'" if source.suffix else "a file without an ending"
        )
    names = sorted(path.name for path in source.iterdir() if not path.name.startswith("."))
    if not names:
        return "an empty folder"
    return f"a folder with {', '.join(names[:5])}{'...' if len(names) > 5 else ''}"
