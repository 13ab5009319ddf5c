"""The CSV of nkululeko: files in the first column, a column a class, `predicted` and `truth`."""

from pathlib import Path

import numpy as np

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.foreign import Foreign, Importer, Said, texts
from acoustic_sib.ssl.table_text import column_names, numbers, plain_name, read_foreign_table

_NEEDED = {"predicted", "truth"}
# The index of audformat, and what nkululeko adds behind the classes.
_NO_CLASS = {*_NEEDED, "file", "start", "end", "uncertainty", "correct", "speaker", "gender"}


def sniff(source: Path) -> bool:
    if not source.is_file() or source.suffix.lower() != ".csv":
        return False
    names = [plain_name(column) for column in column_names(source)]
    return set(names) >= _NEEDED and not any(name.startswith("prob") for name in names)


def read(source: Path) -> Foreign:
    """Raises RunError where the classes of `truth` have no columns of their own."""
    found = read_foreign_table(source)
    columns = list(found.table.columns)
    by_name = {plain_name(column): column for column in columns}
    if not set(by_name) >= _NEEDED:
        raise RunError(f"{source}: columns {shown(', '.join(columns))}; expected 'predicted' and "
                       "'truth' beside a column a class, as nkululeko writes them")  # fmt: skip
    predicted, true = (texts(list(found.table[by_name[name]])) for name in ("predicted", "truth"))
    rest = [column for column in columns[1:] if plain_name(column) not in _NO_CLASS]
    classes = _classes(rest, {name for name in (*predicted, *true) if name}, source)
    values = [numbers(list(found.table[column]), found.places, column) for column in classes]
    return Foreign(said=Said(
        places=found.places,
        paths=texts(list(found.table[by_name.get("file", columns[0])])),
        predicted=predicted, true=true, kind="either",
        outputs=np.column_stack(values) if classes else None,
        classes=tuple(classes) if classes else None,
    ))  # fmt: skip


def _classes(columns: list[str], named: set[str], source: Path) -> list[str]:
    """The columns of classes: all that are left, where they cover the names that occur."""
    if not columns:
        return []
    absent = sorted(named - set(columns))
    if absent:
        raise RunError(f"{source}: no column for class '{shown(absent[0])}'; found "
                       f"{shown(', '.join(columns))}; expected a column a class beside 'predicted' "
                       "and 'truth'")  # fmt: skip
    return columns


IMPORTER = Importer(
    format="nkululeko",
    accepts="the CSV of nkululeko: file, a column a class, predicted, truth",
    rank=40,
    sniff=sniff,
    read=read,
)
