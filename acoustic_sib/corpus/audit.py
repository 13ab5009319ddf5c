"""The audit of a corpus: labels, speakers, folds and audio, before any model is fitted."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acoustic_sib.corpus.balance import balance_tables, differences
from acoustic_sib.corpus.condition import condition
from acoustic_sib.corpus.copies import (
    copies_table,
    duplicate_findings,
    overlapping_spans,
    span_findings,
)
from acoustic_sib.corpus.design import (
    class_counts,
    classes_table,
    fold_plan,
    speakers,
    speakers_table,
)
from acoustic_sib.corpus.duplicates import Read, find_copies
from acoustic_sib.corpus.findings import Finding, counted, finding, some
from acoustic_sib.corpus.window import window_finding
from acoustic_sib.errors import CorpusError
from acoustic_sib.tables import plain

OWN_COLUMNS = ("clip_id", "path", "label", "speaker", "start", "end")


def audit(
    manifest: pd.DataFrame,
    quality: pd.DataFrame,
    folds: pd.DataFrame | None = None,
    *,
    left_out: Mapping[str, int] | None = None,
    read: Read | None = None,
) -> dict[str, Any]:
    """Findings and tables as plain JSON types: `{"findings": [...], "tables": {name: [rows]}}`.

    `quality` is indexed by `clip_id` (see `extract.inspect`); clips of the manifest that it lacks
    are counted and left aside. `folds` is the plan to be audited. `read` gives a clip's samples
    and rate; without it near-identical audio is not looked for. `left_out` counts rows by label.
    Raises CorpusError when no clip of the manifest stands in `quality`.
    """
    own = manifest[[name for name in OWN_COLUMNS if name in manifest]]
    clips = own.join(quality, on="clip_id", how="inner", validate="one_to_one")
    clips = clips.reset_index(drop=True)
    if clips.empty:
        raise CorpusError(f"audit: none of {len(manifest)} clips could be heard; expected a "
                          "quality row for some: is it the table of another corpus?")  # fmt: skip
    if folds is not None:
        folds = folds[folds["clip_id"].isin(clips["clip_id"])]
    spans = overlapping_spans(clips)
    copies = find_copies(clips, read, known={frozenset(pair[:2]) for pair in spans})
    differing, difference_rows = differences(clips)
    findings = [
        *class_counts(clips, dict(left_out or {})),
        *_unmeasured(manifest, clips),
        *speakers(clips),
        *fold_plan(clips, folds),
        *duplicate_findings(clips, folds, copies, heard=read is not None),
        *span_findings(clips, folds, spans),
        *differing,
        *condition(clips),
        window_finding(clips["duration_s"]),
    ]
    tables = {
        "classes": classes_table(clips), "speakers": speakers_table(clips),
        **balance_tables(clips), "differences": difference_rows,
        "duplicates": copies_table(clips, copies),
    }  # fmt: skip
    result: dict[str, Any] = plain({"findings": findings, "tables": tables})
    return result


def _unmeasured(manifest: pd.DataFrame, clips: pd.DataFrame) -> list[Finding]:
    missing = manifest.loc[~manifest["clip_id"].isin(clips["clip_id"]), "clip_id"]
    if not len(missing):
        return []
    return [finding(
        "unmeasured", "warn", f"{counted(len(missing), 'clip')} of {len(manifest)} could not be "
        "heard and take no part in this audit", "mend or remove the files",
        n=len(missing), clips=some(missing.tolist()),
    )]  # fmt: skip
