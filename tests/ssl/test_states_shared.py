"""Real dumps of hidden states come in as they were saved, or are refused by name."""

import json
from pathlib import Path

import numpy as np
import pytest

from acoustic_sib.cli import run
from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.states import read_states
from tests.conftest import shared_folder
from tests.ssl.dumps import as_npz, clip_of, imported, made

CLIPS = ["lat_spk03_003", "lat_spk04_004", "lat_spk03_008", "lat_spk04_009"]


@pytest.mark.parametrize("name", ["per_clip_dict.npz", "per_clip.safetensors", "arrow_dataset",
                                  "hidden_states.parquet", "hidden_states_list.pt"])  # fmt: skip
def test_every_shared_dump_holds_the_canonical_states(name: str, tmp_path: Path) -> None:
    """All were saved from one extraction, so all give the numbers of the canonical folder."""
    fixtures = shared_folder("fixtures/ssl")
    reference = read_states(fixtures / "canonical_states")
    states = imported(fixtures / "embeddings" / name, tmp_path / "out")
    assert sorted(states.clip_ids) == sorted(CLIPS)
    assert states.n_frames.tolist() == [49] * 4
    for clip_id in CLIPS:
        assert np.array_equal(clip_of(states, clip_id), clip_of(reference, clip_id))


def test_the_shared_folder_of_npy_files_and_hdf5(tmp_path: Path) -> None:
    fixtures = shared_folder("fixtures/ssl")
    reference = read_states(fixtures / "canonical_states")
    states = imported(fixtures / "embeddings" / "npy_per_clip", tmp_path / "out")
    assert states.clip_ids == ("lat_spk03_003", "lat_spk04_004")
    assert np.array_equal(clip_of(states, CLIPS[0]), clip_of(reference, CLIPS[0]))
    try:
        import h5py  # noqa: F401
    except ImportError:
        with pytest.raises(StatesError, match="needs h5py, which is not installed"):
            imported(fixtures / "embeddings" / "per_clip.h5", tmp_path / "out")
    else:
        states = imported(fixtures / "embeddings" / "per_clip.h5", tmp_path / "out")
        assert np.array_equal(clip_of(states, CLIPS[3]), clip_of(reference, CLIPS[3]))


@pytest.mark.parametrize("name", ["pooled.parquet", "pooled_wide.csv", "pooled_last.npy"])
def test_the_shared_pooled_vectors_are_one_embedding(name: str, tmp_path: Path) -> None:
    fixtures = shared_folder("fixtures/ssl/embeddings")
    ids = fixtures / "pooled_last.ids.json" if name.endswith(".npy") else None
    states = imported(fixtures / name, tmp_path / "out", ids)
    pooled = np.load(fixtures / "pooled_last.npy")
    assert states.is_pooled
    rows = np.stack([clip_of(states, name).ravel() for name in (c.split("/")[-1] for c in CLIPS)
                     if name in states.clip_ids])  # fmt: skip
    assert np.allclose(rows, pooled, rtol=1e-3, atol=1e-3)


def test_the_shared_real_dumps_come_in(tmp_path: Path) -> None:
    fixtures = shared_folder("fixtures/ssl")
    whisper = imported(fixtures / "real_whisper_tiny_encoder", tmp_path / "whisper")
    assert whisper.shape == (5, 149, 384)
    assert whisper.n_valid_frames.tolist() == whisper.n_frames.tolist()
    assert str(whisper.meta["model"]).startswith("whisper-tiny")
    resemblyzer = imported(fixtures / "real_resemblyzer.npz", tmp_path / "resemblyzer")
    assert resemblyzer.shape == (1, 18, 256)
    assert resemblyzer.clip_ids[0] == "nor_00"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hf_run", "a folder with README.md"),
        ("hf_run/model.safetensors", "the weights of a model"),
        ("hf_run/checkpoint-4/optimizer.pt", "'state' holds dict and no tensors"),
        ("hf_run/checkpoint-4/rng_state.pth", "calls numpy.*which is not followed"),
        ("hf_run/checkpoint-4/scheduler.pt", "no tensors"),
        ("predictions_hf.npz", "a run's results and no hidden states"),
        ("predictions_hf_with_ids.npz", "a run's results and no hidden states"),
        ("predictions_canonical.csv", "no column of numbers"),
        ("predict_results.txt", r"ending in '\.txt'"),
        ("pipeline_audio_classification.json", r"ending in '\.json'"),
        ("s3prl_style", "a folder with log.log"),
    ],
)
def test_shared_files_that_are_no_states_are_refused(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(StatesError, match=says):
        imported(shared_folder("fixtures/ssl") / name, tmp_path / "out")


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["ssl", "states", str(as_npz(tmp_path, made())), "-o", str(out), "--model",
                "wavlm-base"]) == 0  # fmt: skip
    said = capsys.readouterr().out
    assert "2 clips, 2 layers, 4 dimensions, 3 to 5 frames a clip" in said
    meta = json.loads((out / "meta.json").read_text())
    assert meta["model"] == "wavlm-base"
    assert meta["layers"] == [0, 1]
