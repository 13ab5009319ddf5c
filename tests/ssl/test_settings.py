"""Settings files of a Trainer: the order of classes, what was frozen, files of a wrong shape."""

import json
from pathlib import Path

import numpy as np
import pytest

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.settings import (
    class_order,
    history_table,
    tells_settings,
    trainer_files,
)
from acoustic_sib.ssl.trainable import Parts, freeze_mode
from tests.ssl.foreign_corpora import SAMPLES, imported, written

PLACE = Path("config.json")
BASE = Parts(total=94_569_603, head=197_635, feature_encoder=4_200_448)
"""wav2vec2-base with a stock head for three classes."""


def test_the_order_of_classes_is_that_of_their_numbers() -> None:
    assert class_order({"id2label": {"1": "B", "0": "A", "2": " C "}}, PLACE) == (
        ("A", "B", "C"),
        "",
    )
    assert class_order({}, PLACE) == (None, "")
    order, note = class_order({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}, PLACE)
    assert order is None
    assert "the default names LABEL_0...LABEL_1" in note
    for wrong, sentence in (({"0": "A", "2": "B"}, "expected 0, 1, 2 and so on"),
                            (["A", "B"], "expected numbers and class names"),
                            ({"a": "A"}, "expected numbers and class names")):  # fmt: skip
        with pytest.raises(RunError, match=sentence):
            class_order({"id2label": wrong}, PLACE)


@pytest.mark.parametrize(("trained", "mode"), [
    (94_569_603, "none"),
    (94_569_603 - 768, "none"),  # SpecAugment's own vector was never used
    (94_569_603 - 4_200_448, "feature_encoder"),
    (197_635, "head_only"),
    (197_635 + 768, "partial"),
    (14_000_000, "partial"),
])  # fmt: skip
def test_what_was_frozen_is_told_by_counts(trained: int, mode: str) -> None:
    assert freeze_mode(trained, BASE, {"hidden_size": 768}) == mode


def test_a_log_keeps_numbers_and_counts_nan() -> None:
    table = history_table(
        [{"step": 1, "loss": 1.1, "=cmd": 3, "note": "x", "flag": True},
         {"step": 2, "loss": float("nan"), "grad_norm": float("nan")},
         {"step": 3, "loss": 1e400, "huge": 10**400}])  # fmt: skip
    assert table is not None
    assert list(table.columns) == ["step", "loss", "n_nan"]
    np.testing.assert_array_equal(table["n_nan"], [np.nan, 2, np.nan])
    assert table["loss"].tolist()[2] == float("inf")
    assert history_table([]) is None
    assert history_table([{"note": "x"}]) is None


def test_a_log_of_another_shape_is_refused(tmp_path: Path) -> None:
    for wrong in ({"loss": 1}, ["loss"], "loss"):
        written(tmp_path / "trainer_state.json", json.dumps({"log_history": wrong}))
        with pytest.raises(RunError, match="'log_history' is no list of rows"):
            trainer_files(tmp_path)
    written(tmp_path / "trainer_state.json", json.dumps({"log_history": None}))
    assert trainer_files(tmp_path).history is None


CARD = """---
base_model: microsoft/wavlm-base
---
- learning_rate: 3e-05
- train_batch_size: 32
- seed: none
- num_epochs: 5.0
"""


def test_the_model_card(tmp_path: Path) -> None:
    written(tmp_path / "README.md", CARD)
    expected = {"model": "microsoft/wavlm-base", "learning_rate": 3e-05, "batch_size": 32}
    assert trainer_files(tmp_path).settings == {**expected, "epochs": 5}
    assert not tells_settings(tmp_path)
    assert trainer_files(tmp_path / "checkpoint-1").settings == {}


def test_model_settings(tmp_path: Path) -> None:
    written(tmp_path / "config.json", json.dumps({
        "_name_or_path": "facebook/wav2vec2-base", "architectures": ["Wav2Vec2ForXVector"],
        "use_weighted_layer_sum": True}))  # fmt: skip
    assert trainer_files(tmp_path).settings == {
        "model": "facebook/wav2vec2-base", "architecture": "Wav2Vec2ForXVector",
        "layer": "weighted_sum", "pooling": "mean_sd"}  # fmt: skip
    written(tmp_path / "preprocessor_config.json", json.dumps({"sampling_rate": 16000}))
    assert tells_settings(tmp_path)
    assert trainer_files(tmp_path).settings["sampling_rate_hz"] == 16000
    written(tmp_path / "config.json", "[1, 2]")
    with pytest.raises(RunError, match="holds a list; expected a JSON object"):
        trainer_files(tmp_path)


def test_default_names_ask_for_the_classes(tmp_path: Path) -> None:
    source = SAMPLES["trainer_folder"](tmp_path)
    written(
        source / "config.json", json.dumps({"id2label": {str(k): f"LABEL_{k}" for k in range(3)}})
    )
    with pytest.raises(RunError, match="expected --classes with the names in their order"):
        imported(source)
    found = imported(source, classes=("Interdental", "Lateral", "Normal"))
    assert "does not tell the order of the classes" in " ".join(found.facts["notes"])
