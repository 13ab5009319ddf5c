"""`acoustic-sib ssl probe` as a user calls it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from acoustic_sib.cli import run
from acoustic_sib.runs import read_run
from tests.conftest import shared_folder
from tests.ssl.planted import arrays, manifest, saved

QUICK = {"permutations": 100, "poolings": ["mean"]}


def corpus_of(folder: Path, samples: dict[str, int], clips: pd.DataFrame) -> Path:
    """Noise of the right lengths, at 16 kHz, under a manifest."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for clip_id, n in samples.items():
        soundfile.write(folder / f"{clip_id}.wav", 0.05 * rng.standard_normal(n), 16000)
    table = clips[["clip_id", "label", "speaker"]].assign(path=clips["clip_id"] + ".wav")
    table.to_csv(folder / "manifest.csv", index=False)
    return folder / "manifest.csv"


def test_the_command_writes_a_run_that_compare_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = manifest(60, 6)
    samples = dict.fromkeys(clips["clip_id"], 400 + 5 * 320)
    corpus = corpus_of(tmp_path / "corpus", samples, clips)
    states = saved(tmp_path, arrays(clips, layers=2, dim=8)).folder
    table = pd.DataFrame(np.random.default_rng(0).standard_normal((60, 2)), columns=["x.a", "x.b"])
    table.assign(clip_id=clips["clip_id"]).to_parquet(tmp_path / "features.parquet")
    common = ["--corpus", str(corpus), "--no-cache", "--permutations", "100", "--jobs", "1"]
    out = tmp_path / "probe"
    assert run(["ssl", "probe", str(states), *common, "--out", str(out), "--poolings",
                "mean,max,energy_weighted", "--features",
                str(tmp_path / "features.parquet")]) == 0  # fmt: skip
    said = capsys.readouterr().out
    assert "chosen inside the training folds" in said
    found = json.loads((out / "probe.json").read_text())
    assert found["schema"] == "acoustic-sib/probe@1"
    assert len(found["cells"]) == 2 * 3
    for cell in found["cells"]:
        assert {"layer", "pooling", "frames", "uar"} <= set(cell)
        assert {"value", "low", "high", "level", "unit", "n_clips", "n_speakers"} == set(
            cell["uar"]
        )
    assert found["best"]["layer"] == 1
    page = (out / "probe.html").read_text()
    assert "Do the hidden states carry the labels?" in page
    assert r"\begin{tabular}" in (out / "probe.tex").read_text()
    assert len(pd.read_csv(out / "probe.csv")) == 6
    assert len(read_run(out).predictions) == 60 * 2
    pair = tmp_path / "pair"
    assert run(["compare", str(out), str(out / "runs" / "with_acoustic"), "--corpus", str(corpus),
                "--out", str(pair)]) == 0  # fmt: skip
    compared = json.loads((pair / "compare.json").read_text())
    assert compared["pairs"][0]["paired"]
    assert compared["systems"][0]["uar"]["value"] == found["best"]["uar"]["value"]


def test_the_shared_real_encoder_carries_its_made_up_classes(tmp_path: Path) -> None:
    """Whisper-tiny on three kinds of synthetic noise: far above chance, on the right clips."""
    folder = shared_folder("fixtures/ssl/real_whisper_tiny_encoder")
    table = pd.read_csv(folder / "clips.csv", dtype={"clip_id": str})
    samples = dict(zip(table["clip_id"], table["n_samples"], strict=True))
    corpus = corpus_of(tmp_path / "corpus", samples, table)
    out = tmp_path / "probe"
    arguments = ["ssl", "probe", str(folder), "--corpus", str(corpus), "--out", str(out)]
    assert run([*arguments, "--no-cache", "--poolings", "mean", "--permutations", "100", "--jobs",
                "1"]) == 0  # fmt: skip
    found = json.loads((out / "probe.json").read_text())
    assert found["grid"]["layers"] == [0, 1, 2, 3, 4]
    assert found["grid"]["frames"] == ["valid"]
    assert found["best"]["uar"]["value"] > 0.7
    assert found["best"]["uar"]["n_clips"] == 18
    assert found["best"]["uar"]["n_speakers"] == 3
    assert found["best"]["permutation"]["p_value"] < 0.05
