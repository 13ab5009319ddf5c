"""A folder of sounds whose folders are the labels, also inside train/ and test/."""

from pathlib import Path

from acoustic_sib.audio import AUDIO_SUFFIXES
from acoustic_sib.config import CorpusSettings
from acoustic_sib.corpus.files import any_file_below, files_below, unread_sounds
from acoustic_sib.corpus.labels import described
from acoustic_sib.corpus.listing import Listing, Reader
from acoustic_sib.corpus.splits import split_name
from acoustic_sib.corpus.table_files import as_table
from acoustic_sib.errors import CorpusError


def sniff(source: Path) -> bool:
    return source.is_dir() and any(
        any_file_below(folder, AUDIO_SUFFIXES)
        for folder in source.iterdir()
        if folder.is_dir() and not folder.name.startswith(".")
    )


def read(source: Path, settings: CorpusSettings) -> Listing:
    """One row a sound file; its label is its folder.

    Where the sounds lie several folders deep, the columns `folder_1`, `folder_2`... hold the
    names, and the config's `columns` says which is the label and which, if any, the speaker.
    """
    files = files_below(source, AUDIO_SUFFIXES)
    inside = [file.relative_to(source) for file in files]
    loose = [path for path in inside if len(path.parts) == 1]
    inside = [path for path in inside if len(path.parts) > 1]
    notes = [unread_sounds(source)]
    if loose:
        notes.append(f"not read: {len(loose)} sound files outside the class folders, such as "
                     f"{loose[0]}")  # fmt: skip
    table = as_table(*_columns(source, inside, settings))
    return Listing(
        table=table,
        places=[path.as_posix() for path in inside],
        folder=source,
        place=source.as_posix(),
        kind="class folders",
        notes=tuple(filter(None, notes)),
    )


def _columns(
    source: Path, inside: list[Path], settings: CorpusSettings
) -> tuple[list[str], list[list[str | None]]]:
    levels = [list(path.parts[:-1]) for path in inside]
    splits = [split_name(names[0]) for names in levels]
    in_splits = all(splits)
    if in_splits:
        levels = [names[1:] for names in levels]
    depths = sorted({len(names) for names in levels})
    if depths == [0]:
        raise CorpusError(
            f"{source}: sounds lie directly in the splits, without labels; expected a folder a "
            "class inside each split, or a metadata.csv"
        )
    if len(depths) > 1:
        shallow = next(path for path, n in zip(inside, levels, strict=True) if len(n) == depths[0])
        deep = next(path for path, n in zip(inside, levels, strict=True) if len(n) == depths[-1])
        raise CorpusError(
            f"{source}: '{shallow.as_posix()}' and '{deep.as_posix()}' lie at different depths; "
            "expected class folders of one depth, or a manifest"
        )
    names = [f"folder_{level + 1}" for level in range(depths[0])]
    if depths[0] == 1:
        names = ["label"]
    elif "label" not in settings.columns:
        raise _several_levels(source, levels)
    header = ["path", *(["split"] if in_splits else []), *names]
    rows: list[list[str | None]] = [
        [path.as_posix(), *([split] if in_splits else []), *folders]
        for path, split, folders in zip(inside, splits, levels, strict=True)
    ]
    return header, rows


def _several_levels(source: Path, levels: list[list[str]]) -> CorpusError:
    listed = []
    for level in range(len(levels[0])):
        found = [names[level] for names in levels]
        counts = {name: found.count(name) for name in dict.fromkeys(found)}
        listed.append(f"folder_{level + 1}: {len(counts)} names, {described(counts, limit=4)}")
    return CorpusError(
        f"{source}: the sounds lie {len(levels[0])} folders deep ({'; '.join(listed)}); expected "
        "to be told which level is the label: columns: {label: folder_1, speaker: folder_2}"
    )


READER = Reader(
    kind="class folders",
    accepts="a folder with a folder of sounds a class (also in train/ and test/)",
    rank=50,
    sniff=sniff,
    read=read,
)
