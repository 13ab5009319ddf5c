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
    try:
        return to_corpus(_reader_for(source, settings.kind).read(source, settings), settings)
    except PermissionError as error:
        raise CorpusError(f"{error.filename}: may not be read; expected permission to") from None


def _reader_for(source: Path, kind: str | None) -> Reader:
    from acoustic_sib.corpus.readers import readers

    if not source.exists():
        raise CorpusError(f"{source}: no such file or folder; expected a corpus")
    if kind is not None:
        by_kind = {reader.kind: reader for reader in readers()}
        if kind not in by_kind:
            raise ConfigError(f"corpus.kind: unknown kind '{kind}'; {nearest(kind, by_kind)}")
        if not by_kind[kind].sniff(source):
            raise CorpusError(
                f"{source}: {_seen(source)}; expected, as corpus.kind says, {by_kind[kind].accepts}"
            )
        return by_kind[kind]
    for reader in readers():
        if reader.sniff(source):
            return reader
    accepted = "; ".join(reader.accepts for reader in readers())
    raise CorpusError(f"{source}: {_seen(source)}; expected one of: {accepted}")


def _seen(source: Path) -> str:
    """What stands at a place that no reader knows, in a few words, and what may be meant."""
    from acoustic_sib.audio import AUDIO_SUFFIXES
    from acoustic_sib.corpus.files import unread_sounds
    from acoustic_sib.corpus.table_files import TABLE_SUFFIXES

    if source.is_file():
        return (
            f"a file ending in '{source.suffix}'" if source.suffix else "a file without an ending"
        )
    names = sorted(path.name for path in source.iterdir() if not path.name.startswith("."))
    if not names:
        return "an empty folder"
    sounds = [name for name in names if name.lower().endswith(AUDIO_SUFFIXES)]
    found = f"a folder with {len(sounds)} sound files but no labels" if sounds else (
        unread_sounds(source) or f"a folder with {', '.join(names[:5])}"
    )  # fmt: skip
    tables = [name for name in names if name.lower().endswith(TABLE_SUFFIXES)]
    if tables:
        found += f" (is {(source / tables[0]).as_posix()} the manifest?)"
    elif (source.parent / "metadata.csv").is_file():
        found += f" (is {source.parent.as_posix()} the corpus?)"
    return found
