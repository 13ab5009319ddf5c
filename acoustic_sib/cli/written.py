"""What a check writes, each file beside its place and then renamed."""

import time
from pathlib import Path
from typing import Any

from acoustic_sib.check import Check
from acoustic_sib.check.pictures import clip_pictures, clip_sounds
from acoustic_sib.report.check_tables import check_tables
from acoustic_sib.report.clip_tables import MAX_SUSPECTS
from acoustic_sib.report.paper_tables import as_latex, as_markdown
from acoustic_sib.report.render import write_report
from acoustic_sib.report.summarize import summarize
from acoustic_sib.runs import hashes, versions, write_run
from acoustic_sib.tables import plain, write_csv, write_json, write_text

FINISHED_RUNGS = "ladder.json"


def write_rungs(out: Path, rungs: list[dict[str, Any]]) -> None:
    """Keep the finished rungs while others are climbed; `write_check` takes the file away again.

    Where it stands without a newer `result.json`, a rung stopped the run.
    """
    write_json(rungs, out / FINISHED_RUNGS)


def write_check(check: Check, out: Path, *, command: str, embed_audio: bool = False) -> Path:
    """Write the run folder, what the rungs leave, tables for papers, `report.html` and, last,
    `result.json`; returns the report's path.

    With `embed_audio` the report holds the sound of the label suspects it lists.
    """
    begun = time.perf_counter()
    result = check.result
    name = str(result["corpus"]["name"])
    write_run(
        out, name=name, system="acoustic", config_yaml=check.config_yaml, manifest=check.manifest,
        folds=check.folds, predictions=check.predictions, features=check.features,
        settings={key: result["baseline"][key] for key in ("families", "model", "normalize")},
    )  # fmt: skip
    for table_name, table in check.rung_tables.items():
        write_csv(table, out / f"{table_name}.csv")
    write_csv(check.clip_map.table, out / "clip_map.csv")
    papers = check_tables(plain(result))
    write_text(out / "tables.md", "\n".join(map(as_markdown, papers)))
    write_text(out / "tables.tex", "\n".join(map(as_latex, papers)))
    suspects = [one["clip_id"] for one in result["suspects"][:MAX_SUSPECTS]]
    audio = check.config.audio
    page = summarize(
        result, audit=result["audit"], spectra=check.spectra, settings_yaml=check.config_yaml,
        versions=versions(), hashes=hashes(check.manifest, check.folds), corpus_name=name,
        command=command, clip_map=check.clip_map,
        pictures=clip_pictures(suspects, check.manifest, check.recipe, audio),
        sounds=clip_sounds(suspects, check.manifest, audio) if embed_audio else None,
    )  # fmt: skip
    report = out / "report.html"
    write_report(report, page)
    spent = time.perf_counter() - begun
    timings = result["timings_s"]
    result["timings_s"] = {**timings, "report": spent, "total": timings["total"] + spent}
    write_json(result, out / "result.json")
    (out / FINISHED_RUNGS).unlink(missing_ok=True)
    return report
