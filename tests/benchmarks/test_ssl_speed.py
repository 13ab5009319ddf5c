"""Time and memory of importing predictions and of probing states of a base model's size."""

import json
import os
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from acoustic_sib.cli import run
from acoustic_sib.corpus.synth import make_demo_corpus
from acoustic_sib.ssl.frame_rate import FrameRate
from acoustic_sib.ssl.states import SCHEMA
from tests.benchmarks.tables import write_report_table
from tests.benchmarks.test_check_speed import MODULE, timed

LAYERS, DIM, RANK = 13, 768, 60


def write_states(corpus: Path, clips: pd.DataFrame, folder: Path) -> None:
    """A wav2vec2-base's worth of frames for each clip's duration; each class moves one of the
    sixty directions in which the numbers differ."""
    rng = np.random.default_rng(0)
    seconds = [soundfile.info(corpus / name).duration for name in clips["file_name"]]
    rate = FrameRate()
    frames = rate.expected(rate.samples(np.array(seconds)))
    folder.mkdir()
    stored = np.lib.format.open_memmap(folder / "states.npy", mode="w+", dtype=np.float16,
                                       shape=(LAYERS, int(frames.sum()), DIM))  # fmt: skip
    codes = np.repeat(np.unique(clips["label"], return_inverse=True)[1], frames)
    for layer in range(LAYERS):
        hidden = rng.standard_normal((len(codes), RANK)) + 0.8 * np.eye(RANK)[codes]
        stored[layer] = hidden @ rng.standard_normal((RANK, DIM)) / 4
    stored.flush()
    np.save(folder / "offsets.npy", np.concatenate([[0], np.cumsum(frames)]))
    pd.DataFrame({"clip_id": clips["file_name"], "n_samples": "", "n_frames": frames,
                  "n_valid_frames": frames}).to_csv(folder / "clips.csv", index=False)  # fmt: skip
    (folder / "meta.json").write_text(json.dumps({"schema": SCHEMA, "model": "synthetic"}))


def cpu_seconds() -> float:
    """Of all finished child processes and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.bench
def test_import_and_probe_of_1057_clips(tmp_path: Path) -> None:
    """Import under 1 s; 13 layers x 3 poolings at most 60 s and 1.5 GB on two idle cores."""
    corpus = make_demo_corpus(tmp_path / "corpus", seed=0)
    clips = pd.read_csv(corpus / "metadata.csv")
    logits = np.random.default_rng(1).standard_normal((len(clips), 3))
    table = pd.DataFrame(logits, columns=["logit_Interdental", "logit_Lateral", "logit_Normal"])
    table.insert(0, "clip_id", clips["file_name"])
    table.insert(1, "fold", np.unique(clips["speaker"], return_inverse=True)[1] % 5)
    table.to_csv(tmp_path / "predictions.csv", index=False)
    command = ["ssl", "import", str(tmp_path / "predictions.csv"), "--corpus", str(corpus), "-o",
               str(tmp_path / "run")]  # fmt: skip
    spent = []
    for _ in range(4):
        begun = time.perf_counter()
        assert run(command) == 0
        spent.append(time.perf_counter() - begun)

    write_states(corpus, clips, tmp_path / "states")
    size = (tmp_path / "states" / "states.npy").stat().st_size / 2**20
    probe = [*MODULE, "ssl", "probe", str(tmp_path / "states"), "--corpus", str(corpus), "--out",
             "probed", "--poolings", "mean,mean_sd,max", "--jobs", "2", "--cache",
             "cache"]  # fmt: skip
    cold, _ = timed(probe, tmp_path)
    load, worked = os.getloadavg()[0], cpu_seconds()
    seconds, memory = timed(probe, tmp_path)
    worked = cpu_seconds() - worked
    cells = len(json.loads((tmp_path / "probed" / "probe.json").read_text())["cells"])
    write_report_table(
        "ssl_speed", "Speed and memory of importing and probing",
        "python -m pytest -m bench -s tests/benchmarks/test_ssl_speed.py",
        ["what", "measured", "limit"],
        [["import of 1057 predictions and their corpus, s (best of 4)", f"{min(spent):.2f}", "1"],
         [f"probe, {LAYERS} layers x 3 poolings, 1057 clips, {DIM} dimensions, s",
          f"{seconds:.1f}", "60"],
         ["the same in CPU seconds, of which two idle cores do two a second", f"{worked:.1f}", "–"],
         ["the same with every clip listened to first, s", f"{cold:.1f}", "–"],
         ["largest process of the probe, MB (2 workers and a parent)", f"{memory:.0f}",
          "1500"]],
        [f"SYNTHETIC states, {size:.0f} MB, memory-mapped; {cells} cells with nested choice, "
         "intervals and 1000 relabellings each; whole commands, interpreter's start included for "
         "the probe and not for the import.",
         f"{os.cpu_count()} cores; {load:.1f} processes were running on average in the minute "
         "before the timed probe, the untimed one's two workers among them."],
    )  # fmt: skip
    assert cells == 3 * LAYERS
    assert min(spent) < 1
    assert seconds <= 60
    assert memory <= 1500
