"""Lint of checkpoints: counts and frames known from transformers, each fault and its twin."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.checkpoint import Checkpoint, class_names, read_checkpoint
from acoustic_sib.ssl.findings import CAUSES, Finding, diagnosis
from acoustic_sib.ssl.lint import Sounds, lint, masked_share, valid_shares
from acoustic_sib.ssl.trainable import Parts, head_size, trained_parameters
from tests.conftest import shared_folder

CLASSES = ("Interdental", "Lateral", "Normal")
SHORT = Sounds(durations_s=np.full(20, 0.16), rates_hz=(16000,), classes=CLASSES)
LONG = Sounds(durations_s=np.full(20, 4.0), rates_hz=(16000,), classes=CLASSES)
GOOD: dict[str, Any] = {
    "id2label": dict(zip("012", CLASSES, strict=True)),
    "label2id": {name: number for number, name in enumerate(CLASSES)},
    "feat_extract_norm": "layer", "apply_spec_augment": False, "layerdrop": 0.0,
    "hidden_size": 768, "classifier_proj_size": 256, "transformers_version": "5.23.0",
}  # fmt: skip
PARTS = Parts(total=94_568_834, head=197_635, feature_encoder=4_200_448)


def checkpoint(
    config: dict[str, Any] | None = None, *, mask: bool = True, lr: float = 3e-5,
    trained: int | None = 90_368_386,
) -> Checkpoint:  # fmt: skip
    return Checkpoint(
        place=Path("run"), config=GOOD | (config or {}), card={"learning_rate": str(lr)},
        preprocessor={"sampling_rate": 16000, "return_attention_mask": mask}, trained=trained,
        parts=PARTS,
    )  # fmt: skip


def status(cause: str, one: Checkpoint, sounds: Sounds | None = LONG) -> str:
    return finding(cause, one, sounds).status


def finding(cause: str, one: Checkpoint, sounds: Sounds | None = LONG) -> Finding:
    return next(found for found in lint(one, sounds) if found.cause == cause)


def test_a_sound_checkpoint_on_long_clips_has_nothing_found() -> None:
    assert {one.cause: one.status for one in lint(checkpoint(), LONG)} == dict.fromkeys(
        ("label_names", "sampling_rate", "padding_dominated", "batch_padding",
         "norm_mask_mismatch", "specaugment_short", "layer_choice", "nothing_trains",
         "backbone_lr"), "not_found")  # fmt: skip


@pytest.mark.parametrize(
    ("cause", "config", "how"),
    [
        ("label_names", {"id2label": {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}}, {}),
        ("label_names", {"id2label": {"0": "Interdental", "2": "Lateral", "3": "Normal"}}, {}),
        ("label_names", {"label2id": {"Interdental": 1, "Lateral": 0, "Normal": 2}}, {}),
        ("label_names", {"id2label": {"0": "a", "1": "b"}, "label2id": {"a": 0, "b": 1}}, {}),
        ("norm_mask_mismatch", {}, {"mask": False}),
        ("norm_mask_mismatch", {"feat_extract_norm": "group"}, {}),
        ("layer_choice", {"use_weighted_layer_sum": True, "layerdrop": 0.1}, {}),
        ("nothing_trains", {}, {"trained": 771}),
        ("backbone_lr", {}, {"lr": 1e-3}),
    ],
)
def test_a_planted_fault_is_found(cause: str, config: dict[str, Any], how: dict[str, Any]) -> None:
    one = finding(cause, checkpoint(config, **how))
    assert one.status == "found"
    assert one.next


def test_specaugment_is_found_on_short_clips_and_not_on_long_ones() -> None:
    on = checkpoint({"apply_spec_augment": True, "mask_time_prob": 0.05, "mask_time_length": 10,
                     "mask_time_min_masks": 2})  # fmt: skip
    assert status("specaugment_short", on, SHORT) == "found"
    assert status("specaugment_short", on, LONG) == "not_found"
    assert status("specaugment_short", on, None) == "cannot_tell"


def test_masked_shares_are_those_of_transformers() -> None:
    """Under 10 frames it raises; at 11 frames 91 % can be hidden; of 49 frames two spans."""
    config = {"mask_time_prob": 0.05, "mask_time_length": 10, "mask_time_min_masks": 2}
    assert masked_share(9, config) == np.inf
    assert masked_share(11, config) == pytest.approx(10 / 11)
    assert masked_share(49, config) == pytest.approx(20 / 49)


def test_frames_are_those_of_the_convolutions() -> None:
    """0.16 s are 7 frames and 1.0 s are 49, by the convolutions as by 400 and 320 samples."""
    stock = {"conv_kernel": [10, 3, 3, 3, 3, 2, 2], "conv_stride": [5, 2, 2, 2, 2, 2, 2]}
    for config in (stock, {}):
        one = checkpoint(config)
        assert [one.n_frames(n) for n in (399, 400, 2560, 16000)] == [0, 1, 7, 49]
    assert valid_shares(checkpoint(), SHORT, 1.0) == pytest.approx(7 / 49)


def test_padding_and_batches_cannot_be_told_from_files_alone() -> None:
    group = checkpoint({"feat_extract_norm": "group"}, mask=False)
    mixed = Sounds(durations_s=np.linspace(0.1, 0.3, 30), rates_hz=(44100,), classes=CLASSES)
    assert finding("padding_dominated", group, mixed).status == "cannot_tell"
    assert finding("batch_padding", group, mixed).status == "cannot_tell"
    rate = finding("sampling_rate", group, mixed)
    assert rate.status == "cannot_tell"
    assert rate.evidence["frames_ratio"] == pytest.approx(2.76, abs=0.005)


def test_the_head_of_the_base_model_has_its_known_size() -> None:
    assert head_size(GOOD) == 197_635
    assert head_size({**GOOD, "use_weighted_layer_sum": True, "num_hidden_layers": 12}) == 197_648
    assert head_size({}) is None


@pytest.mark.parametrize(
    ("trained", "mode"),
    [(197_635, "head_only"), (94_568_834, "none"), (90_368_386, "feature_encoder"),
     (5_000_000, "partial")],
)  # fmt: skip
def test_what_trained_is_told_from_the_count(trained: int, mode: str) -> None:
    assert finding("nothing_trains", checkpoint(trained=trained)).evidence["freeze"] == mode


def test_an_empty_optimizer_tells_nothing_unless_it_was_adam() -> None:
    """Plain SGD keeps no numbers of what it updates."""
    empty = checkpoint(trained=0)
    assert status("nothing_trains", empty) == "cannot_tell"
    adam = replace(empty, card={"optimizer": "Use OptimizerNames.ADAMW_TORCH_FUSED"})
    assert status("nothing_trains", adam) == "found"


def test_specaugment_counts_the_clips_it_can_hide() -> None:
    """Padded to 1.0 s, two spans of 10 hide 20 of 49 frames: all of a clip of 0.3 s (14 frames),
    not of one of 0.6 s (29)."""
    on = checkpoint({"apply_spec_augment": True, "mask_time_prob": 0.05, "mask_time_length": 10,
                     "mask_time_min_masks": 2})  # fmt: skip
    mixed = Sounds(durations_s=np.array([0.3] * 5 + [0.6] * 15), rates_hz=(16000,),
                   classes=CLASSES)  # fmt: skip
    one = finding("specaugment_short", on, mixed)
    assert one.evidence["clips_hidden_whole_padded_to_1_s"] == 5
    assert "20 of 49 frames, which is all of 5 clips" in one.says


@pytest.mark.parametrize(
    "config",
    [{"apply_spec_augment": True, "mask_time_length": None}, {"layerdrop": "0.1"}],
)
def test_settings_that_are_no_numbers_get_one_sentence(config: dict[str, Any]) -> None:
    with pytest.raises(RunError, match=r"config\.json: '\w+' is .*; expected a number"):
        lint(checkpoint(config), SHORT)


def test_a_high_rate_is_for_the_head() -> None:
    assert status("backbone_lr", checkpoint(lr=1e-3, trained=197_635)) == "not_found"
    assert status("backbone_lr", checkpoint(lr=1e-3, trained=None)) == "cannot_tell"


def optimizer(path: Path, sizes: list[int]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("optimizer/data.pkl", b"never opened")
        for number, size in enumerate(sizes):
            archive.writestr(f"optimizer/data/{number}", bytes(size))
    return path


@pytest.mark.parametrize(
    ("sizes", "count"),
    [([4, 400, 400, 4, 40, 40], 110), ([400, 400, 40, 40], 110), ([400, 404], None), ([], 0)],
)
def test_adams_moments_count_the_parameters(
    tmp_path: Path, sizes: list[int], count: int | None
) -> None:
    assert trained_parameters(optimizer(tmp_path / "optimizer.pt", sizes)) == count


def test_a_real_trainer_folder_is_read() -> None:
    """579 parameters: 32 x 16 + 16 of the projection, 16 x 3 + 3 of the classes."""
    one = read_checkpoint(shared_folder("fixtures/ssl") / "hf_run")
    assert one.trained == 32 * 16 + 16 + 16 * 3 + 3
    assert one.parts is not None
    assert one.parts.head == one.trained
    assert one.learning_rate == 1e-3
    assert one.version == (5, 23)
    assert class_names(one.config, one.place) == CLASSES
    assert next(row["eval_loss"] for row in one.history if "eval_loss" in row) == pytest.approx(
        1.0932, abs=1e-4
    )
    assert finding("nothing_trains", one, SHORT).evidence["freeze"] == "head_only"


def test_a_folder_without_configs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no config\.json in it; expected a Trainer folder"):
        read_checkpoint(tmp_path)
    with pytest.raises(RunError, match="no such file or folder"):
        read_checkpoint(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("config.json", "[1, 2]", "holds a list; expected a JSON object"),
        ("config.json", "{", "not readable as JSON"),
        ("trainer_state.json", '{"log_history": [1]}', "no list of rows"),
        ("optimizer.pt", "text", "expected what torch.save writes"),
        ("model.safetensors", "text", "damaged"),
    ],
)
def test_damaged_files_get_one_sentence(
    tmp_path: Path, name: str, content: str, match: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(GOOD))
    (tmp_path / name).write_text(content)
    with pytest.raises(RunError, match=match):
        read_checkpoint(tmp_path)


def test_findings_stand_in_the_order_of_the_ladder() -> None:
    told = diagnosis(lint(checkpoint(), LONG), source="run")
    order = [list(CAUSES).index(one["cause"]) for one in told["findings"]]
    assert order == sorted(order)
    assert told["schema"] == "acoustic-sib/diagnosis@1"


def test_an_unknown_cause_is_a_bug() -> None:
    with pytest.raises(ValueError, match="unknown cause 'weather'"):
        Finding(cause="weather", status="found", says="rain")
