"""Every shared fixture of SSL results imports, or is refused with the sentence that helps."""

import re
from pathlib import Path

import numpy as np
import pytest

from acoustic_sib import metrics
from acoustic_sib.errors import RunError
from tests.conftest import shared_folder
from tests.ssl.foreign_corpora import CLASSES, FIXTURE_CLIPS, imported, written

SAID_BY_HAND = 0.5
"""UAR of the fixture's model: 8 of 8 Lateral, 2 of 4 Normal and 0 of 3 Interdental are right."""


@pytest.fixture
def fixtures() -> Path:
    return shared_folder("fixtures/ssl")


@pytest.mark.parametrize(("name", "by", "asked"), [
    ("predictions_canonical.csv", "id", {}),
    ("predictions_hf_with_ids.npz", "id", {}),
    ("predictions_hf.npz", "id", {"ids": True}),
    ("predictions_hf.npz", "id", {"ids": True, "settings": True}),
    ("predict_results.txt", "id", {"ids": True}),
    ("s3prl_style", "id", {}),
    ("s3prl_style/test_fold1_predict.txt", "id", {}),
])  # fmt: skip
def test_imported(
    fixtures: Path, tmp_path: Path, name: str, by: str, asked: dict[str, bool]
) -> None:
    ids = written(tmp_path / "ids.txt", "\n".join(FIXTURE_CLIPS)) if "ids" in asked else None
    made_by = fixtures / "hf_run" if "settings" in asked else None
    found = imported(fixtures / name, ids=ids, settings_folder=made_by)
    assert found.predictions is not None
    assert found.folds is not None
    atoms = metrics.confusions(found.predictions, found.manifest, CLASSES)
    assert metrics.uar(atoms.total) == SAID_BY_HAND
    assert found.facts["matched_by"] == {by: 15}
    assert found.facts["n_missing"] == 6
    assert (found.folds["fold"] == -1).sum() == 6
    if "settings" in asked:
        assert found.settings["freeze"] == "head_only"
        assert "order of the classes" not in " ".join(found.facts["notes"])


def test_the_logits_are_those_of_the_canonical_table(fixtures: Path) -> None:
    """The table was made from the same logits, to six digits."""
    names = ("predictions_canonical.csv", "predictions_hf_with_ids.npz")
    one, two = (imported(fixtures / name).predictions for name in names)
    assert one is not None
    assert two is not None
    columns = [f"prob_{name}" for name in CLASSES]
    np.testing.assert_allclose(one[columns], two[columns], atol=1e-6)


def test_pipeline_scores_sorted_by_size_find_their_classes(fixtures: Path) -> None:
    found = imported(fixtures / "pipeline_audio_classification.json")
    assert found.predictions is not None
    first = found.predictions.set_index("clip_id").loc["lat_spk03_003"]
    assert first["prob_Normal"] == 0.33291250467300415
    assert first["prob_Interdental"] == 0.33176904916763306


def test_trainer_folder(fixtures: Path) -> None:
    """Its example script wrote no predictions: scores, settings and the log."""
    found = imported(fixtures / "hf_run")
    assert found.predictions is None
    assert found.scores == {"accuracy": 10 / 15, "loss": 1.093165636062622, "n_clips": 15}
    expected = {"model": "tiny-random", "freeze": "head_only", "trained_parameters": 579,
                "parameters": 30_979, "layer": "last", "pooling": "mean", "learning_rate": 0.001,
                "epochs": 3, "seed": 0, "batch_size": 8, "attention_mask": False,
                "sampling_rate_hz": 16_000}  # fmt: skip
    assert {name: found.settings[name] for name in expected} == expected
    assert found.facts["missing_settings"] == ["padding"]
    assert found.history is not None
    assert found.history["loss"].dropna().tolist()[0] == 1.0987637042999268
    assert found.history["eval_loss"].notna().sum() == 3
    at_checkpoint = imported(fixtures / "hf_run" / "checkpoint-4")
    assert at_checkpoint.scores["accuracy"] == 10 / 15
    assert "scores of the last evaluation in trainer_state.json" in at_checkpoint.facts["notes"]


@pytest.mark.parametrize(("name", "sentence"), [
    ("predictions_hf.npz", "no clip is named in any of 15 rows; expected --ids FILE"),
    ("predict_results.txt", "no clip is named in any of 15 rows; expected --ids FILE"),
    ("README.md", "a file ending in '.md' without predictions"),
    ("hf_run/model.safetensors", r"hidden states \(acoustic-sib ssl states\)"),
    ("hf_run/config.json", "a file ending in '.json' without predictions"),
    ("hf_run/checkpoint-4/optimizer.pt", "a pickle, which runs as a program"),
    ("hf_run/checkpoint-4/rng_state.pth", "a pickle, which runs as a program"),
    ("embeddings/hidden_states_list.pt", "a pickle, which runs as a program"),
    ("embeddings", r"hidden states \(acoustic-sib ssl states\)"),
    ("embeddings/arrow_dataset", r"hidden states \(acoustic-sib ssl states\)"),
    ("embeddings/npy_per_clip", r"hidden states \(acoustic-sib ssl states\)"),
    ("embeddings/hidden_states.parquet", r"hidden states \(acoustic-sib ssl states\)"),
    ("embeddings/pooled.parquet", r"hidden states \(acoustic-sib ssl states\)"),
    ("embeddings/per_clip.h5", r"hidden states \(acoustic-sib ssl states\)"),
    ("embeddings/per_clip.safetensors", r"hidden states \(acoustic-sib ssl states\)"),
    ("embeddings/per_clip_dict.npz", r"hidden states \(acoustic-sib ssl states\)"),
    ("embeddings/pooled_last.npy", r"outputs for 32 classes, while the corpus has 3"),
    ("embeddings/pooled_wide.csv", "a table with the columns dim_0, dim_1"),
    ("embeddings/pooled_last.ids.json", "a file ending in '.json' without predictions"),
    ("canonical_states", r"hidden states \(acoustic-sib ssl states\)"),
    ("real_whisper_tiny_encoder", r"hidden states \(acoustic-sib ssl states\)"),
    ("real_resemblyzer.npz", r"hidden states \(acoustic-sib ssl states\)"),
])  # fmt: skip
def test_refused(fixtures: Path, name: str, sentence: str) -> None:
    with pytest.raises(RunError, match=sentence):
        imported(fixtures / name)


def test_train_results_are_no_results(fixtures: Path) -> None:
    with pytest.raises(RunError, match="no score in it"):
        imported(fixtures / "hf_run" / "train_results.json", format_name="scores")
    for name in ("eval", "predict", "all"):
        found = imported(fixtures / "hf_run" / f"{name}_results.json")
        assert found.scores["accuracy"] == 10 / 15


IMPORTED = {
    "hf_run", "hf_run/all_results.json", "hf_run/checkpoint-4", "hf_run/eval_results.json",
    "hf_run/predict_results.json", "pipeline_audio_classification.json",
    "predictions_canonical.csv", "predictions_hf_with_ids.npz", "s3prl_style",
    "s3prl_style/test_fold1_predict.txt",
}  # fmt: skip
"""What tells its clips or scores by itself; everything else in the folder is refused."""


def test_no_file_or_folder_is_left_without_an_answer(fixtures: Path) -> None:
    paths = {path.relative_to(fixtures).as_posix(): path for path in fixtures.rglob("*")}
    for name in IMPORTED:
        imported(paths.pop(name))
    for path in paths.values():
        with pytest.raises(RunError, match=rf"{re.escape(path.name)}.*; expected ") as refused:
            imported(path)
        pickled = path.suffix in (".pt", ".pth")
        assert ("never opened" in str(refused.value)) == pickled
