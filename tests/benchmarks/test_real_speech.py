"""The check on real speech with proxy labels: the figures that stand in reports/."""

from pathlib import Path

import pytest

from acoustic_sib.check import Check, run_check
from acoustic_sib.config import load_config
from acoustic_sib.corpus import read_corpus
from acoustic_sib.ladder.registry import RUNGS
from tests.benchmarks.tables import figure, write_report_table
from tests.conftest import shared_folder


def checked(name: str, cache: Path, **sections: dict) -> Check:
    config = load_config(corpus={"leave_out": ["Other"]}, extraction={"cache": str(cache)},
                         **{"ladder": {"rungs": ["sanity"]}} | sections)  # fmt: skip
    return run_check(read_corpus(shared_folder(f"corpora/{name}"), config.corpus), config, jobs=2)


@pytest.mark.bench
def test_real_speech(tmp_path: Path) -> None:
    rows, uars = [], {}
    for name in ("speechocean", "voxangeles"):
        for normalize in ("none", "speaker"):
            for columns in ("default", "compact", "all"):
                models = {"normalize": normalize}
                if columns != "default":
                    models["feature_sets"] = [columns]
                result = checked(name, tmp_path, models=models).result
                uar = result["baseline"]["uar"]
                uars[name, normalize, columns] = uar["value"]
                said = "chosen inside" if columns == "default" else columns
                rows.append([
                    name, normalize, said, result["verdict"], figure(uar),
                    figure(result["baseline"]["macro_f1"]), figure(result["shortcuts"]["uar"]),
                    f"{result['chance']['permutation']['p_value']:.2g}",
                    uar["n_clips"], uar["n_speakers"],
                ])  # fmt: skip
                print(*rows[-1], flush=True)
    write_report_table(
        "real_speech", "The check on real speech, proxy labels",
        "python -m pytest -m bench -s tests/benchmarks/test_real_speech.py",
        ["corpus", "normalize", "columns", "verdict", "UAR [95 %, speakers]", "macro-F1",
         "nuisance-only UAR", "p", "clips", "speakers"],
        rows,
        ["One row: `acoustic-sib check CORPUS --leave-out Other --normalize none|speaker --out DIR`"
         " (the rows of one feature set: `models.feature_sets` in the configuration).",
         "Labels are proxies (Normal = /s z/, Lateral = /ʃ ʒ/ and lateral fricatives, Interdental ="
         " /θ ð/): a score on them says that the pipeline works on real voices, nothing of lisps.",
         "speechocean: 16 kHz, Mandarin-L1 speakers of English, half of them children; its TH "
         "labels are canonical and noisy. voxangeles: languages as groups; 10 Interdental clips "
         "from 3 of them.",
         "Speakers (languages) held out, 5 folds x 2 repeats; models and settings (and the feature "
         "set, where it says so) chosen inside the training folds."],
    )  # fmt: skip
    assert uars["speechocean", "none", "default"] >= 0.78
    assert uars["speechocean", "speaker", "default"] >= 0.81


@pytest.mark.bench
def test_real_ladder(tmp_path: Path) -> None:
    """All six rungs on real voices: what each says, written down as it was said."""
    rows = []
    for name in ("speechocean", "voxangeles"):
        result = checked(name, tmp_path, ladder={"rungs": list(RUNGS)}).result
        rows += [[name, rung["rung"], rung["status"], rung["says"]] for rung in result["ladder"]]
        print(name, round(result["timings_s"]["total"], 1), "s", flush=True)
    write_report_table(
        "real_ladder", "The ladder on real speech, proxy labels",
        "python -m pytest -m bench -s tests/benchmarks/test_real_speech.py -k ladder",
        ["corpus", "rung", "status", "says"], rows,
        ["`acoustic-sib check CORPUS --leave-out Other --out DIR`, default configuration.",
         "Labels are proxies, see real_speech.md: the rungs are shown at work on real voices, and "
         "nothing is said of lisps."],
    )  # fmt: skip
    assert "skipped" not in {row[2] for row in rows if row[0] == "speechocean"}
