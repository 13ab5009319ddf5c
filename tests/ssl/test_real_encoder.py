"""Real pretrained encoders from sound to diagnosis: as a user drives the commands.

Their packages, and the licences of these, are named in `real_encoder.py`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from acoustic_sib.cli import run
from acoustic_sib.corpus.synth import make_demo_corpus
from tests.benchmarks.tables import figure, write_report_table
from tests.ssl.real_encoder import ENCODERS, encode, install

network_install = getattr(pytest.mark, "network-install")

FOLDS = 4


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a demo corpus of 200 clips, which the tests of this module fill."""
    folder = tmp_path_factory.mktemp("encoder")
    make_demo_corpus(folder / "corpus", n_speakers=12,
                     counts={"Lateral": 90, "Normal": 60, "Interdental": 50})  # fmt: skip
    return folder


def states_of(name: str, padding: str, place: Path) -> Path:
    """The states folder of the corpus in `place` under an encoder, made where it is not there.

    Zero-padded clips say which frames are valid; of repeated ones nothing is said.
    """
    encoder, out = ENCODERS[name], place / f"{name}_{padding}"
    if out.exists():
        return out
    target = place / name
    if not target.exists():
        install(target, encoder)
    dump = encode(name, target, place / "corpus", out.with_suffix(".npz"), padding)
    ids = ["--ids", f"{out}_ids.csv"] if padding == "zeros" else []
    command = ["ssl", "states", dump, "-o", out, "--model", encoder.model, *ids,
               "--hop", encoder.hop, "--receptive-field", encoder.receptive_field]  # fmt: skip
    assert said(command) == 0
    return out


def said(command: Sequence[object]) -> int:
    return run([str(one) for one in command])


def common(place: Path) -> list[object]:
    return ["--corpus", place / "corpus", "--cache", place / "cache"]


def write_head(place: Path, states: Path | None) -> Path:
    """Predictions of a head on speaker-grouped folds: a standardised logistic regression on the
    mean of all frames, or, without states, one that calls every clip Lateral."""
    table = pd.read_csv(place / "corpus" / "metadata.csv")
    ids = [Path(name).stem for name in table["file_name"]]
    fold = np.unique(table["speaker"], return_inverse=True)[1] % FOLDS
    predicted = np.full(len(ids), "Lateral", dtype=object)
    if states is not None:
        dump = np.load(states.with_suffix(".npz"))
        vectors = np.stack([dump[clip_id][0].mean(axis=0) for clip_id in ids])
        for number in range(FOLDS):
            test = fold == number
            head = make_pipeline(
                StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=1000)
            )
            predicted[test] = head.fit(vectors[~test], table["label"][~test]).predict(vectors[test])
    out = place / f"head_{'collapsed' if states is None else states.name}.csv"
    pd.DataFrame({"clip_id": ids, "fold": fold, "predicted": predicted}).to_csv(out, index=False)
    return out


def diagnosed(place: Path, head: Path, states: Path) -> dict[str, Any]:
    out = place / f"why_{head.stem}_{states.name}"
    assert said(["ssl", "diagnose", head, *common(place), "--states", states, "--out", out]) == 0
    told: dict[str, Any] = json.loads((out / "diagnosis.json").read_text())
    return told


def found_causes(told: dict[str, Any]) -> set[str]:
    return {one["cause"] for one in told["findings"] if one["status"] == "found"}


@network_install
def test_whisper_carries_what_a_collapsed_head_never_learned(place: Path) -> None:
    """The case of the question on real states: one class always, though the features carry more;
    zeros behind a clip drown it, the clip repeated does not."""
    drowned, whole = (states_of("whisper", padding, place) for padding in ("zeros", "repeat"))
    collapsed = write_head(place, None)
    told = diagnosed(place, collapsed, drowned)
    assert found_causes(told) == {"collapse", "head_underfit", "padding_dominated"}
    assert "one class always (Lateral)" in told["says"]
    assert "the head never learned" in told["says"]
    by_cause = {one["cause"]: one["evidence"] for one in told["findings"]}
    assert by_cause["head_underfit"]["run_uar"]["value"] == pytest.approx(1 / 3)
    assert by_cause["padding_dominated"]["same_frames"]
    assert found_causes(diagnosed(place, collapsed, whole)) == {"collapse", "head_underfit"}


@network_install
def test_a_head_that_learned_whisper_s_states_has_nothing_found(place: Path) -> None:
    whole = states_of("whisper", "repeat", place)
    assert found_causes(diagnosed(place, write_head(place, whole), whole)) == set()


@network_install
@pytest.mark.parametrize("name", ENCODERS)
def test_a_probe_finds_the_labels_in_real_states(name: str, place: Path) -> None:
    """Above chance on all clips, speakers held out, though the classes are synthetic sounds and
    one of the encoders hears them only up to 3.8 kHz."""
    states, out = states_of(name, "repeat", place), place / f"probe_{name}"
    assert said(["ssl", "probe", states, *common(place), "--out", out, "--poolings", "mean",
                 "--frames", "all", "--permutations", "100"]) == 0  # fmt: skip
    found = json.loads((out / "probe.json").read_text())
    assert found["model"] == ENCODERS[name].model
    assert found["best"]["uar"]["low"] > found["chance"]
    assert (found["best"]["uar"]["n_clips"], found["best"]["uar"]["n_speakers"]) == (200, 12)
    assert found["best"]["permutation"]["p_value"] < 0.02


@network_install
def test_frames_of_a_second_are_marked_as_padded(place: Path) -> None:
    """A wake-word model's frames hear 0.78 s: one of 16 touches nothing but clip and padding."""
    told = diagnosed(place, write_head(place, None), states_of("wakeword", "zeros", place))
    assert {"collapse", "padding_dominated"} <= found_causes(told)
    assert "sampling_rate" not in found_causes(told)


def test_a_model_of_other_frames_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 s under a model that hears 0.78 s every 80 ms make 16 frames, and not wav2vec2's 99."""
    encoder = ENCODERS["wakeword"]
    states = np.random.default_rng(0).standard_normal((1, 16, 8)).astype(np.float32)
    np.savez(tmp_path / "dump.npz", a=states, b=states)
    ids = tmp_path / "ids.csv"
    ids.write_text("clip_id,n_samples,n_valid_frames\na,32000,16\nb,32000,16\n")
    command = ["ssl", "states", tmp_path / "dump.npz", "-o", tmp_path / "states", "--ids", ids]
    assert said(command) == 2
    assert "has 16 frames; expected 99" in (error := capsys.readouterr().err)
    assert "--hop N --receptive-field N" in error
    assert said([*command, "--hop", encoder.hop, "--receptive-field", encoder.receptive_field]) == 0
    meta = json.loads((tmp_path / "states" / "meta.json").read_text())
    assert (meta["hop"], meta["receptive_field"]) == (1280, 12512)


@pytest.mark.bench
def test_real_encoders_beside_the_acoustic_baseline(tmp_path: Path) -> None:
    """The same clips and folds: UAR of probes of real states, and the acoustic baseline's."""
    make_demo_corpus(tmp_path / "corpus", n_speakers=20,
                     counts={"Lateral": 165, "Normal": 70, "Interdental": 65})  # fmt: skip
    assert said(["check", tmp_path / "corpus", "--out", tmp_path / "check", "--rungs", "sanity",
                 "--cache", tmp_path / "cache", "--permutations", "100"]) == 0  # fmt: skip
    baseline = json.loads((tmp_path / "check" / "result.json").read_text())["baseline"]["uar"]
    rows: list[list[object]] = [["acoustic baseline", "–", "–", figure(baseline), "–", "–"]]
    for name, padding, frames in [
        (name, padding, frames) for name in ENCODERS
        for padding, frames in (("zeros", "all"), ("zeros", "valid"), ("repeat", "all"))
    ]:  # fmt: skip
        out = tmp_path / f"{name}_{padding}_{frames}"
        pair = tmp_path / f"pair_{out.name}"
        states = states_of(name, padding, tmp_path)
        assert said(["ssl", "probe", states, *common(tmp_path), "--out", out, "--poolings",
                     "mean,mean_sd", "--frames", frames, "--permutations", "100"]) == 0  # fmt: skip
        assert said(["compare", out, tmp_path / "check", "--corpus", tmp_path / "corpus", "--out",
                     pair]) == 0  # fmt: skip
        uar = json.loads((out / "probe.json").read_text())["best"]["uar"]
        compared = json.loads((pair / "compare.json").read_text())["pairs"][0]
        assert compared["paired"]
        rows.append([ENCODERS[name].model, padding, frames, figure(uar),
                     figure(compared["delta_uar"]), f"{compared['p_value']:.4f}"])  # fmt: skip
    n_clips, n_speakers = baseline["n_clips"], baseline["n_speakers"]
    write_report_table(
        "ssl_real_encoder", "Real pretrained encoders beside the acoustic baseline",
        "python -m pytest -m bench -s tests/ssl/test_real_encoder.py",
        ["what", "brought to 2 s by", "frames pooled", "UAR", "minus the baseline's", "p"], rows,
        [f"{n_clips} SYNTHETIC clips of {n_speakers} synthetic speakers: noise through a "
         "source-filter model. The figures show that the commands work on real states, and what "
         "padding does to these; they say nothing about real sibilants or about these encoders on "
         "speech.",
         "Standardised linear probes of the last layer, mean or mean and SD over frames chosen "
         "inside the training folds; same clips and speaker-grouped folds as the baseline. "
         "Brackets: 95 % intervals over speakers; differences are paired, p is that of the "
         "speaker-wise swap test, unadjusted for six comparisons.",
         "whisper-tiny.en is the encoder of Whisper (MIT), a frame every 20 ms; the wake-word "
         "model hears 0.78 s a frame, and tones above 3.8 kHz hardly at all. Neither is part of "
         "the project."],
    )  # fmt: skip
