"""From the rows of a corpus as they stand there to the checked manifest."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.audio import container_of
from acoustic_sib.config import CorpusSettings
from acoustic_sib.corpus.columns import column_roles, unused_twins
from acoustic_sib.corpus.labels import made_of, to_classes
from acoustic_sib.corpus.listing import Corpus, Listing
from acoustic_sib.corpus.spans import spans_in_seconds
from acoustic_sib.corpus.speakers import speakers_in_cells, speakers_in_names, spelling_twins
from acoustic_sib.corpus.splits import fold_numbers, folds_of_splits, split_in_path
from acoustic_sib.errors import CorpusError
from acoustic_sib.tables import check_manifest

OURS = ("clip_id", "path", "label", "speaker", "start", "end", "fold", "split")
AS_FOUND = "_in_corpus"

Cells = list[str | None]


def to_corpus(listing: Listing, settings: CorpusSettings) -> Corpus:
    """Understand columns, labels, paths, spans, speakers and folds of a listing.

    Columns nobody asks for are kept as text; one whose name is ours gets `_in_corpus` appended.
    Raises CorpusError, or ConfigError for a setting that cannot be meant.
    """
    table, places = listing.table, listing.places
    roles = column_roles(list(table.columns), settings.columns, place=listing.place)
    for role in ("path", "label"):
        if role not in roles:
            raise _no_column(listing, role)
    notes = [*listing.notes, *unused_twins(list(table.columns), roles)]
    classes = to_classes(
        _cells(table, roles["label"]),
        rename=settings.labels,
        leave_out=settings.leave_out,
        places=places,
        place=listing.place,
        as_written=listing.labels_as_written,
    )
    if classes.unused:
        unused = ", ".join(f"'{name}'" for name in classes.unused)
        notes.append(f"named under labels or leave_out, but borne by no clip: {unused}")
    kept = [row for row, name in enumerate(classes.names) if name is not None]
    table = table.iloc[kept].reset_index(drop=True)
    places = [places[row] for row in kept]
    files = _written_paths(_cells(table, roles["path"]), places)
    ours: dict[str, Sequence[object] | NDArray[np.float64]] = {
        "path": [(listing.folder / file).as_posix() for file in files],
        "label": [classes.names[row] for row in kept],
    }
    _refuse_no_files(list(map(str, ours["path"])), files, listing)
    ours |= _spans(table, roles, places)
    ours["clip_id"] = _ids(table, roles, places, listing, kept, files, ours, notes)
    ours |= _speakers(table, roles, places, files, settings, notes)
    notes.append(spelling_twins(list(map(str, ours.get("speaker", ())))))
    ours |= _folds(table, roles, places, files, notes)
    manifest = pd.DataFrame({name: ours[name] for name in OURS if name in ours})
    extras = _extras(table, roles, renamed=bool(settings.labels))
    return Corpus(
        manifest=check_manifest(pd.concat([manifest, extras], axis=1), place=listing.place),
        left_out=classes.left_out,
        place=listing.place,
        kind=listing.kind,
        synthetic=(listing.folder / "SYNTHETIC.txt").is_file(),
        notes=tuple(filter(None, notes)),
        made_of=made_of(_cells(table, roles["label"]), list(map(str, ours["label"]))),
    )


def _cells(table: pd.DataFrame, column: str) -> Cells:
    return [None if cell is None else str(cell) for cell in table[column]]


def _no_column(listing: Listing, role: str) -> CorpusError:
    columns = list(listing.table.columns)
    usual = {"path": "path, file_name, file or audio", "label": "label, class or target"}[role]
    headless = any(Path(name).suffix.lower() in (".wav", ".flac", ".mp3") for name in columns)
    repair = "is the header line missing?" if headless else f"else columns: {{{role}: NAME}}"
    return CorpusError(
        f"{listing.place}: no column for '{role}'; found {', '.join(columns)}; expected {usual}; "
        f"{repair}"
    )


def _written_paths(cells: Cells, places: list[str]) -> list[str]:
    for cell, place in zip(cells, places, strict=True):
        if cell is None:
            raise CorpusError(f"{place}: 'path' is empty; expected the sound file of the clip")
    # A manifest made on Windows is read anywhere; PurePosixPath drops './' and doubled slashes.
    return [PurePosixPath(str(cell).strip().replace("\\", "/")).as_posix() for cell in cells]


def _refuse_no_files(paths: list[str], files: list[str], listing: Listing) -> None:
    if any(container_of(path).is_file() for path in dict.fromkeys(paths)):
        return
    raise CorpusError(
        f"{listing.place}: none of {len(set(paths))} sound files is there; the first, "
        f"'{files[0]}', was looked for in {listing.folder.resolve().as_posix()}; expected paths "
        "relative to the manifest's folder: was the manifest moved away from its sounds?"
    )


def _spans(
    table: pd.DataFrame, roles: dict[str, str], places: list[str]
) -> dict[str, NDArray[np.float64]]:
    for start, end, per_second in (("start", "end", 1.0), ("start_ms", "end_ms", 1000.0)):
        if start in roles:
            names = roles[start], roles[end]
            begin, finish = spans_in_seconds(
                _cells(table, names[0]), _cells(table, names[1]),
                names=names, per_second=per_second, places=places,
            )  # fmt: skip
            return {"start": begin, "end": finish}
    return {}


def _ids(
    table: pd.DataFrame,
    roles: dict[str, str],
    places: list[str],
    listing: Listing,
    kept: list[int],
    files: list[str],
    ours: dict[str, Sequence[object] | NDArray[np.float64]],
    notes: list[str],
) -> list[str]:
    """The corpus's own ids; else file and span, with #2, #3... where that is listed again."""
    if "clip_id" in roles:
        return _own_ids(_cells(table, roles["clip_id"]), roles["clip_id"], places)
    ids = [listing.ids[row] for row in kept] if listing.ids else list(files)
    if "start" in ours:
        spans = zip(np.asarray(ours["start"]), np.asarray(ours["end"]), strict=True)
        ids = [clip + _span_text(*span) for clip, span in zip(ids, spans, strict=True)]
    seen: Counter[str] = Counter()
    for row, clip in enumerate(list(ids)):
        seen[clip] += 1
        if seen[clip] > 1:
            ids[row] = f"{clip}#{seen[clip]}"
    repeated = sum(count > 1 for count in seen.values())
    if repeated:
        notes.append(f"sounds listed more than once: {repeated}; their ids end in #2, #3...")
    return ids


def _own_ids(cells: Cells, column: str, places: list[str]) -> list[str]:
    first: dict[str, str] = {}
    for cell, place in zip(cells, places, strict=True):
        if cell is None:
            raise CorpusError(f"{place}: '{column}' is empty; expected an id in every row")
        if cell in first:
            raise CorpusError(
                f"{place}: '{column}' is '{cell}' as in {first[cell]}; expected one row an id: is "
                f"'{column}' the name of something else (then: rename that column)?"
            )
        first[cell] = place
    return list(first)


def _span_text(start: float, end: float) -> str:
    if np.isnan(start):
        return ""
    return "@" + "-".join(f"{time:.6f}".rstrip("0").rstrip(".") for time in (start, end))


def _speakers(
    table: pd.DataFrame,
    roles: dict[str, str],
    places: list[str],
    files: list[str],
    settings: CorpusSettings,
    notes: list[str],
) -> dict[str, list[str]]:
    pattern = settings.speaker_pattern
    if pattern is not None:
        roles.pop("speaker", None)
        return {
            "speaker": speakers_in_names(pattern, files, setting="speaker_pattern", places=places)
        }
    if "speaker" not in roles:
        return {}
    column = roles["speaker"]
    speakers = speakers_in_cells(_cells(table, column), column=column, places=places)
    if speakers is None:
        notes.append(f"column '{column}' is empty: no speaker is known")
        return {}
    return {"speaker": speakers}


def _folds(
    table: pd.DataFrame, roles: dict[str, str], places: list[str], files: list[str],
    notes: list[str],
) -> dict[str, Sequence[object]]:  # fmt: skip
    """`split` from its column or from a folder in every path, and `fold` from its own or it."""
    found: dict[str, Sequence[object]] = {}
    splits: Cells = [split_in_path(file) for file in files]
    if "split" in roles:
        splits = _cells(table, roles["split"])
        found["split"] = splits
    elif None not in splits:
        found["split"] = splits
    if "fold" in roles:
        found["fold"] = fold_numbers(_cells(table, roles["fold"]), places)
    elif "split" in found:
        folds, note = folds_of_splits(splits)
        if folds is not None:
            found["fold"] = folds
            notes.append(note)
    return found


def _extras(table: pd.DataFrame, roles: dict[str, str], *, renamed: bool) -> pd.DataFrame:
    """Columns that play no part, and the label column where its values were renamed."""
    used = set(roles.values())
    extras = {}
    for column in table.columns:
        if column in used and not (renamed and column == roles["label"]):
            continue
        name = column
        while name in OURS or name in extras:
            name += AS_FOUND
        extras[name] = table[column]
    return pd.DataFrame(extras, index=table.index)
