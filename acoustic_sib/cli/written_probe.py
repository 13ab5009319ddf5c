"""What `ssl probe` writes: the tables, and a run for each table of predictions."""

from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib.cli.written_tables import write_tables
from acoustic_sib.config import Config, to_yaml
from acoustic_sib.corpus import Corpus
from acoustic_sib.errors import CorpusError
from acoustic_sib.folds import FoldPlan
from acoustic_sib.report.probe_page import probe_frame, probe_page, probe_tables
from acoustic_sib.runs import hashes, write_run
from acoustic_sib.ssl.probe import Probe
from acoustic_sib.ssl.probe_clips import ProbeClips
from acoustic_sib.tables import check_features, write_csv


def read_features(path: Path) -> pd.DataFrame:
    """A feature table, indexed by clip id. Raises CorpusError where it is none."""
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; expected features.parquet of check or extract")
    try:
        table = pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise CorpusError(f"{path}: not readable as Parquet ({str(error)[:80]}); expected "
                          "features.parquet of check or extract") from None  # fmt: skip
    if "clip_id" not in table.columns:
        raise CorpusError(f"{path}: no column 'clip_id'; expected features.parquet of check or "
                          "extract")  # fmt: skip
    return check_features(table.assign(clip_id=table["clip_id"].astype(str)))


def corpus_facts(
    corpus: Corpus, manifest: pd.DataFrame, plan: FoldPlan, clips: ProbeClips
) -> dict[str, Any]:
    """The corpus as compare and benchmark tell of it; `n_used` are the clips that were probed."""
    used = clips.manifest
    counts = used["label"].value_counts().sort_index()
    return {
        "name": corpus.place, "kind": corpus.kind, "synthetic": corpus.synthetic,
        "n_clips": len(corpus.manifest), "n_usable": len(manifest), "n_used": len(used),
        "n_speakers": int(used["speaker"].nunique()) if "speaker" in used else None,
        "classes": {str(name): int(count) for name, count in counts.items()},
        "speaker_mode": plan.speaker_mode, "fold_plan": plan.kind,
        "n_repeats": int(plan.table["repeat"].nunique()),
        "hashes": hashes(manifest, plan.table),
    }  # fmt: skip


def write_probe(
    out: Path, result: dict[str, Any], made: Probe, manifest: pd.DataFrame, folds: pd.DataFrame,
    config: Config,
) -> Path:  # fmt: skip
    """Write the run of the nested choice into `out`, the joined ones below it, then tables, page
    and, last, `probe.json`; returns the page's path."""
    model = result["model"] or "hidden states"
    best = result["best"]
    settings = {key: best[key] for key in ("layer", "pooling", "frames")}
    settings |= {"model": "logistic", "states": result["states"]["folder"],
                 "choice": "the cell with the best inner UAR in each training part"}  # fmt: skip
    names = {"nested": f"probe of {model}", "acoustic": "acoustic features, linear probe",
             "with_acoustic": f"probe of {model} and acoustic features"}  # fmt: skip
    for key, predictions in made.predictions.items():
        write_run(
            out if key == "nested" else out / "runs" / key, name=names[key],
            system="acoustic" if key == "acoustic" else "ssl probe", settings=settings,
            config_yaml=to_yaml(config), manifest=manifest, folds=folds, predictions=predictions,
            features=None,
        )  # fmt: skip
    write_csv(made.choices, out / "choices.csv")
    write_csv(probe_frame(result), out / "probe.csv")
    return write_tables(out, "probe", result, probe_tables(result), probe_page(result))
