"""A folder of recordings, each with a TextGrid whose intervals become clips."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from acoustic_sib.audio import AUDIO_SUFFIXES
from acoustic_sib.config import CorpusSettings
from acoustic_sib.corpus.files import any_file_below, files_below
from acoustic_sib.corpus.labels import composed, described
from acoustic_sib.corpus.listing import Listing, Reader
from acoustic_sib.corpus.speakers import speakers_in_names
from acoustic_sib.corpus.table_files import as_table
from acoustic_sib.corpus.textgrid import Interval, Tier, read_textgrid
from acoustic_sib.errors import ConfigError, CorpusError, nearest

SUFFIX = (".textgrid",)
COLUMNS = ["path", "start", "end", "label", "speaker"]

Recordings = Mapping[Path, tuple[Tier, ...]]


def sniff(source: Path) -> bool:
    return source.is_dir() and any_file_below(source, SUFFIX)


def read(source: Path, settings: CorpusSettings) -> Listing:
    """One row an interval whose text is named in `labels` or `leave_out`, blanks around it aside.

    Sound and TextGrid have the same name up to the ending, in one folder or in two.
    """
    notes: list[str] = []
    recordings = {sound: read_textgrid(grid) for sound, grid in _paired(source, notes).items()}
    tier_name = _tier_to_read(source, recordings, settings)
    wanted = {composed(name) for name in (*settings.labels, *settings.leave_out)}
    rows: list[list[str | None]] = []
    without = 0
    for sound, tiers in recordings.items():
        tier = next((tier for tier in tiers if tier.name == tier_name), None)
        if tier is None:
            without += 1
            continue
        for interval in tier.intervals:
            if composed(interval.text) in wanted:
                speaker = _speaker(source, sound, tiers, interval, settings)
                rows.append(_row(sound.relative_to(source), interval, speaker))
    if not rows or not settings.labels:
        raise _nothing_named(source, recordings, tier_name, settings)
    if without:
        notes.append(f"{without} of {len(recordings)} TextGrids have no tier '{tier_name}'")
    table = as_table(COLUMNS, rows)
    if settings.textgrid.speaker == "folder" and table["speaker"].isna().all():
        table = table.drop(columns="speaker")
        if settings.speaker_pattern is None:
            notes.append(
                "all recordings lie in one folder: no speaker is known; the config's "
                "textgrid: {speaker: ...} can find it in a tier or in the files' names"
            )
    return Listing(
        table=table,
        places=[f"{row[0]} at {float(str(row[1])):.3f} s" for row in rows],
        folder=source,
        place=source.as_posix(),
        kind="textgrid",
        notes=tuple(notes),
        labels_as_written=True,
    )


def _row(sound: Path, interval: Interval, speaker: str | None) -> list[str | None]:
    return [
        sound.as_posix(),
        repr(interval.start_s),
        repr(interval.end_s),
        composed(interval.text),
        speaker,
    ]


def _paired(source: Path, notes: list[str]) -> dict[Path, Path]:
    """Sound -> its TextGrid: the one beside it, else the only one of that name anywhere."""
    sounds: dict[str, list[Path]] = {}
    # Where a.wav and a.mp3 stand side by side, the uncompressed one is read.
    for sound in sorted(
        files_below(source, AUDIO_SUFFIXES),
        key=lambda path: AUDIO_SUFFIXES.index(path.suffix.lower()),
    ):
        sounds.setdefault(sound.stem, []).append(sound)
    pairs: dict[Path, Path] = {}
    alone = []
    for grid in files_below(source, SUFFIX):
        named = sounds.get(grid.stem, [])
        beside = [sound for sound in named if sound.parent == grid.parent]
        folders = {sound.parent for sound in named}
        if beside or len(folders) == 1:
            pairs[(beside or named)[0]] = grid
        else:
            alone.append(grid)
    if not pairs:
        raise CorpusError(
            f"{source}: none of {len(alone)} TextGrids has a sound file of its name, such as "
            f"'{alone[0].stem}.wav'; expected one beside each"
        )
    if alone:
        first = alone[0].relative_to(source).as_posix()
        notes.append(f"not read: {len(alone)} TextGrids without a sound file, such as {first}")
    return pairs


def _tier_to_read(source: Path, recordings: Recordings, settings: CorpusSettings) -> str:
    names = {tier.name for tiers in recordings.values() for tier in tiers}
    candidates = {name for name in names if not _is_speaker_tier(name)}
    chosen = settings.textgrid.tier
    if chosen is None and len(candidates) == 1:
        return candidates.pop()
    if chosen in names:
        return str(chosen)
    if chosen is not None:
        raise CorpusError(f"{source}: no TextGrid has a tier '{chosen}'; {nearest(chosen, names)}")
    raise CorpusError(
        f"{source}: {len(names)} interval tiers; expected to be told which one to read, in the "
        f"config's textgrid: {{tier: NAME}}; {_tiers_and_labels(recordings, candidates)}"
    )


def _nothing_named(
    source: Path, recordings: Recordings, tier: str, settings: CorpusSettings
) -> CorpusError:
    named = ", ".join(f"'{name}'" for name in settings.labels)
    found = f"no interval is labelled {named}" if named else "the config names no labels to read"
    return CorpusError(
        f"{source}: {found}; expected labels: {{TEXT: CLASS, ...}} with texts that stand in the "
        f"tier; {_tiers_and_labels(recordings, [tier])}"
    )


def _tiers_and_labels(recordings: Recordings, names: Iterable[str]) -> str:
    listed = []
    for name in sorted(names):
        texts = Counter(
            composed(interval.text)
            for tiers in recordings.values()
            for tier in tiers
            if tier.name == name
            for interval in tier.intervals
        )
        texts.pop("", None)
        listed.append(f"tier '{name}': {described(texts) or 'no texts'}")
    return "; ".join(listed) or "no interval tiers found"


def _is_speaker_tier(name: str) -> bool:
    return name.strip().casefold() in ("speaker", "speakers")


def _speaker(
    source: Path, sound: Path, tiers: tuple[Tier, ...], clip: Interval, settings: CorpusSettings
) -> str | None:
    way = settings.textgrid.speaker
    inside = sound.relative_to(source)
    if way == "folder":
        return None if inside.parent == Path() else inside.parent.as_posix()
    if way != "tier":
        return speakers_in_names(
            way, [sound.stem], setting="textgrid.speaker", places=[inside.as_posix()]
        )[0]
    tier = next((tier for tier in tiers if _is_speaker_tier(tier.name)), None)
    if tier is None:
        raise ConfigError(
            f"{inside.as_posix()}: no tier named 'speaker'; expected one, or textgrid: {{speaker: "
            "folder}}"
        )
    middle = (clip.start_s + clip.end_s) / 2
    said_by = (one.text.strip() for one in tier.intervals if one.start_s <= middle < one.end_s)
    return next(said_by, "") or None


READER = Reader(
    kind="textgrid",
    accepts="a folder of recordings with TextGrids",
    rank=40,
    sniff=sniff,
    read=read,
)
