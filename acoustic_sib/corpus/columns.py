"""Which column of a corpus plays which part: the usual names, and the config's word over them."""

import re
from collections.abc import Sequence

from acoustic_sib.errors import ConfigError, CorpusError, nearest

USUAL_NAMES: dict[str, tuple[str, ...]] = {
    "clip_id": ("clip_id", "id"),
    "path": (
        "path", "file_name", "filename", "file", "file_path", "filepath", "audio", "audio_path",
        "audio_file", "audio_filepath", "wav",
    ),
    "label": ("label", "class", "target", "class_name", "category"),
    "speaker": (
        "speaker", "speaker_id", "spk", "spk_id", "client_id", "participant", "participant_id",
        "subject", "subject_id",
    ),
    "fold": ("fold",),
    "split": ("split",),
}  # fmt: skip

# Names of a span's two ends always come in pairs: 'offset' ends what 'onset' began.
SPAN_NAMES = (
    ("start", "end"),
    ("start_s", "end_s"),
    ("start_sec", "end_sec"),
    ("start_time", "end_time"),
    ("begin", "end"),
    ("onset", "offset"),
    ("xmin", "xmax"),
    ("tmin", "tmax"),
)
SPAN_NAMES_MS = (("start_ms", "end_ms"), ("onset_ms", "offset_ms"))
ROLES = (*USUAL_NAMES, "start", "end", "start_ms", "end_ms")


def column_roles(columns: Sequence[str], chosen: dict[str, str], *, place: str) -> dict[str, str]:
    """Role -> the column that plays it; a role that nothing plays is absent.

    `chosen` (the config's `columns`) wins over the usual names, which match whatever their case
    and with blanks or hyphens for underscores. Raises ConfigError for an unknown role and
    CorpusError for a chosen column that is not there or a span with one end.
    """
    for role, column in chosen.items():
        if role not in ROLES:
            raise ConfigError(f"columns: unknown name '{role}'; {nearest(role, ROLES)}")
        if column not in columns:
            raise CorpusError(
                f"{place}: no column '{column}' for '{role}'; {nearest(column, columns)}"
            )
    by_name = {_plain_name(column): column for column in reversed(columns)}
    roles = {
        role: by_name[next(name for name in names if name in by_name)]
        for role, names in USUAL_NAMES.items()
        if any(name in by_name for name in names)
    }
    if not {"start", "end", "start_ms", "end_ms"} & set(chosen):
        roles |= _span_roles(by_name)
    roles |= chosen
    for first, second in (("start", "end"), ("start_ms", "end_ms")):
        if (first in roles) != (second in roles):
            there, absent = (first, second) if first in roles else (second, first)
            raise CorpusError(
                f"{place}: column '{roles[there]}' gives the {there} of a span, but nothing gives "
                f"its {absent}; expected both: columns: {{{absent}: NAME}}"
            )
    return roles


def unused_twins(columns: Sequence[str], roles: dict[str, str]) -> list[str]:
    """One sentence for each role that more than one column could have played."""
    notes = []
    for role, names in USUAL_NAMES.items():
        others = [
            column
            for column in columns
            if _plain_name(column) in names and column not in roles.values()
        ]
        if others:
            notes.append(
                f"'{role}' is read from column '{roles[role]}'; kept as they are: "
                f"{', '.join(others)}"
            )
    return notes


def _span_roles(by_name: dict[str, str]) -> dict[str, str]:
    for pairs, roles in ((SPAN_NAMES, ("start", "end")), (SPAN_NAMES_MS, ("start_ms", "end_ms"))):
        for names in pairs:
            if all(name in by_name for name in names):
                return {role: by_name[name] for role, name in zip(roles, names, strict=True)}
    # Half a pair under an unmistakable name is a mistake; a lone 'offset' may be anything.
    return {
        name: by_name[name] for name in ("start", "end", "start_ms", "end_ms") if name in by_name
    }


def _plain_name(column: str) -> str:
    return re.sub(r"[\s\-]+", "_", column.strip().lower())
