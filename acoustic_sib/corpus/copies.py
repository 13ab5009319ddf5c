"""Audit of sound that stands in a corpus twice: within and across labels, speakers and folds."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from acoustic_sib.corpus.duplicates import Copies
from acoustic_sib.corpus.findings import Finding, Row, counted, finding, listed

SMALL_OVERLAP_S = 0.005
SMALL_OVERLAP_SHARE = 0.1
"""Neighbouring spans may share their boundary: this much of the shorter is no overlap yet."""

Pair = tuple[str, str]


def copies_table(clips: pd.DataFrame, copies: Copies) -> list[Row]:
    """One row a pair of clips that hold the same sound."""
    known = clips.set_index("clip_id")
    rows = []
    for copy in copies.found:
        row: Row = {"clip": copy.first, "copy": copy.second, "kind": copy.kind,
                    "similarity": copy.similarity}  # fmt: skip
        for column in ("label", "speaker"):
            if column in known:
                row[column] = known.loc[copy.first, column]
                row[f"copy_{column}"] = known.loc[copy.second, column]
        rows.append(row)
    return rows


def duplicate_findings(
    clips: pd.DataFrame, folds: pd.DataFrame | None, copies: Copies, *, heard: bool
) -> list[Finding]:
    """Copies across labels, across speakers, across folds, and the harmless rest."""
    pairs = [(copy.first, copy.second) for copy in copies.found]
    if not pairs:
        how = "" if heard else "; near-identical ones were not looked for"
        return [finding("duplicate_audio", "ok", f"no two clips hold the same sound{how}",
                        n_pairs=0, n_compared=copies.n_compared)]  # fmt: skip
    clips_in = {name for pair in pairs for name in pair}
    exact = sum(copy.kind == "identical" for copy in copies.found)
    says = (f"{len(clips_in)} clips hold sound that another clip holds too ({exact} identical, "
            f"{len(pairs) - exact} near-identical pairs: {_named(pairs)})")  # fmt: skip
    if copies.n_uncompared:
        says += f"; {copies.n_uncompared} more alike pairs were not compared"
    found = [finding("duplicate_audio", "note", says, "keep one of each",
                     n_pairs=len(pairs), n_identical=exact, n_clips=len(clips_in),
                     n_compared=copies.n_compared)]  # fmt: skip
    across = _across(clips, pairs, "label")
    if across:
        found.append(finding(
            "duplicates_across_labels", "fail",
            f"{counted(len(across), 'pair')} of clips hold the same sound under different labels "
            f"({_named(across)}): one of the labels is wrong", "decide on one label and keep one",
            n_pairs=len(across), pairs=_first(across),
        ))  # fmt: skip
    across = _across(clips, pairs, "speaker")
    if across:
        found.append(finding(
            "duplicates_across_speakers", "warn",
            f"{counted(len(across), 'pair')} of clips hold the same sound under different speakers "
            f"({_named(across)}): they may be one person, or a file was copied to the wrong place",
            "find out who speaks and keep one", n_pairs=len(across), pairs=_first(across),
        ))  # fmt: skip
    return [*found, *_leaks(pairs, folds, "duplicates_across_folds", "hold the same sound")]


def overlapping_spans(clips: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Pairs of clips cut from the same stretch of one file, with the seconds they share."""
    table = clips.assign(file=[Path(path).as_posix() for path in clips["path"]])
    table["begin"] = table["start"].astype(float).fillna(0.0) if "start" in table else 0.0
    table["finish"] = table["begin"] + table["duration_s"]
    shared = []
    for _, rows in table[table["file"].duplicated(keep=False)].groupby("file", sort=True):
        ordered = rows.sort_values("begin", kind="stable")
        names = ordered["clip_id"].tolist()
        begin, finish = ordered["begin"].to_numpy(), ordered["finish"].to_numpy()
        for i in range(len(names)):
            # Only later clips that begin before this one ends can share sound with it.
            last = int(np.searchsorted(begin, finish[i]))
            for j in range(i + 1, last):
                overlap = min(finish[i], finish[j]) - begin[j]
                shorter = min(finish[i] - begin[i], finish[j] - begin[j])
                if overlap > max(SMALL_OVERLAP_S, SMALL_OVERLAP_SHARE * shorter):
                    shared.append((names[i], names[j], float(overlap)))
    return shared


def span_findings(
    clips: pd.DataFrame, folds: pd.DataFrame | None, spans: list[tuple[str, str, float]]
) -> list[Finding]:
    """One file, or overlapping spans of it, under two labels or in two folds."""
    pairs = [(first, second) for first, second, _ in spans]
    if not pairs:
        return [finding("shared_files", "ok", "no two clips are cut from the same stretch of a "
                        "file", n_pairs=0)]  # fmt: skip
    across = _across(clips, pairs, "label")
    found = []
    if across:
        found.append(finding(
            "shared_files_across_labels", "fail",
            f"{counted(len(across), 'pair')} of clips under different labels are cut from the same "
            f"stretch of a file ({_named(across)}): is a file listed twice, or are spans wrong?",
            "decide on one label for each stretch", n_pairs=len(across), pairs=_first(across),
        ))  # fmt: skip
    if len(across) < len(pairs):
        found.append(finding(
            "shared_files", "note", f"{counted(len(pairs) - len(across), 'pair')} of clips of one "
            "label are cut from the same stretch of a file", "keep one of each, or cut them apart",
            n_pairs=len(pairs) - len(across),
        ))  # fmt: skip
    return [*found, *_leaks(pairs, folds, "shared_files_across_folds",
                            "are cut from the same stretch of a file")]  # fmt: skip


def _across(clips: pd.DataFrame, pairs: Iterable[Pair], column: str) -> list[Pair]:
    """The pairs whose two clips differ in a column; none where there is no such column."""
    if column not in clips:
        return []
    value = clips.set_index("clip_id")[column]
    return [pair for pair in pairs if value[pair[0]] != value[pair[1]]]


def _leaks(pairs: list[Pair], folds: pd.DataFrame | None, check: str, share: str) -> list[Finding]:
    """Pairs of which one clip can be trained on while the other is tested."""
    if folds is None:
        return []
    place = folds.set_index(["clip_id", "repeat"])["fold"].unstack("repeat")  # noqa: PD010
    leaks = [pair for pair in pairs
             if (place.loc[pair[0]].to_numpy() != place.loc[pair[1]].to_numpy()).any()]  # fmt: skip
    if not leaks:
        return []
    return [finding(
        check, "fail", f"{counted(len(leaks), 'pair')} of clips that {share} stand in different "
        f"folds ({_named(leaks)}): a model is tested on sound that it was trained on",
        "keep one of each, or put them into one fold", n_pairs=len(leaks), pairs=_first(leaks),
    )]  # fmt: skip


def _named(pairs: list[Pair]) -> str:
    return listed([f"{first} = {second}" for first, second in pairs], most=2)


def _first(pairs: list[Pair]) -> list[list[str]]:
    return [list(pair) for pair in pairs[:5]]
