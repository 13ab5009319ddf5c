"""The files of a Trainer folder or of one checkpoint, as far as they say how a model was made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import read_json, read_text
from acoustic_sib.ssl.trainable import Parts, parts_of, trained_parameters

RECEPTIVE_FIELD, HOP = 400, 320
"""Samples at 16 kHz under one frame, and between frames, of wav2vec2, HuBERT and WavLM."""

_HYPER_PARAMETER = re.compile(r"^- (\w+): (.+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What the files say; what a folder lacks is empty or None.

    `history`: the rows of trainer_state.json's log; `card`: hyper-parameters of the model card;
    `trained`: parameters that the optimizer updated; `parts`: parameters of the weights' file.
    """

    place: Path
    config: Mapping[str, Any] = field(default_factory=dict)
    preprocessor: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Mapping[str, Any], ...] = ()
    card: Mapping[str, str] = field(default_factory=dict)
    trained: int | None = None
    parts: Parts | None = None

    @property
    def class_names(self) -> list[str]:
        """id2label in the order of the ids; empty where the config names no classes."""
        names = self.config.get("id2label")
        if not isinstance(names, dict):
            return []
        return [str(names[key]) for key in sorted(names, key=lambda key: (len(key), key))]

    @property
    def version(self) -> tuple[int, ...]:
        """The version of transformers that wrote the config; () where unknown."""
        return tuple(int(part) for part in re.findall(r"\d+", str(
            self.config.get("transformers_version", "")))[:2])  # fmt: skip

    @property
    def learning_rate(self) -> float | None:
        """The model card's rate, else the highest that was logged."""
        try:
            return float(self.card["learning_rate"])
        except (KeyError, ValueError):
            rates = [row["learning_rate"] for row in self.history
                     if isinstance(row.get("learning_rate"), int | float)]  # fmt: skip
            return max(rates, default=None)

    def n_frames(self, n_samples: int) -> int:
        """Frames of so many samples at the model's rate: each convolution takes
        floor((n - kernel) / stride) + 1 of what it is given."""
        kernels, strides = (_whole(self.config.get(f"conv_{name}")) for name in
                            ("kernel", "stride"))  # fmt: skip
        if not kernels or not strides:
            return max((n_samples - RECEPTIVE_FIELD) // HOP + 1, 0)
        frames = n_samples
        for kernel, stride in zip(kernels, strides, strict=False):
            frames = max((frames - kernel) // stride + 1, 0)
        return frames


def read_checkpoint(source: Path) -> Checkpoint:
    """The checkpoint in a folder, or beside a config.json. Where a Trainer folder has none of its
    own, the optimizer of its last checkpoint is used.

    Raises RunError where there is neither a config.json nor a preprocessor_config.json, and for
    damaged files.
    """
    folder = source.parent if source.is_file() else source
    known = [folder / name for name in ("config.json", "preprocessor_config.json")]
    if not any(path.is_file() for path in known):
        found = "no such file or folder" if not source.exists() else "no config.json in it"
        raise RunError(f"{source}: {found}; expected a Trainer folder or a checkpoint with its "
                       "config.json and preprocessor_config.json")  # fmt: skip
    config, preprocessor = (_object(path) for path in known)
    optimizer = _newest(folder, "optimizer.pt")
    weights = _newest(folder, "model.safetensors")
    card = folder / "README.md"
    return Checkpoint(
        place=source, config=config, preprocessor=preprocessor,
        history=_history(_newest(folder, "trainer_state.json")),
        card=dict(_HYPER_PARAMETER.findall(read_text(card))) if card.is_file() else {},
        trained=None if optimizer is None else trained_parameters(optimizer),
        parts=None if weights is None else parts_of(weights),
    )  # fmt: skip


def _newest(folder: Path, name: str) -> Path | None:
    """The file in the folder, else in its last checkpoint."""
    if (folder / name).is_file():
        return folder / name
    inside = [path for path in folder.glob(f"checkpoint-*/{name}") if path.is_file()]
    return max(inside, key=lambda path: (len(path.parent.name), path.parent.name), default=None)


def _object(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    value = read_json(path)
    if not isinstance(value, dict):
        raise RunError(f"{path}: holds a {type(value).__name__}; expected a JSON object with names "
                       "and values: is it another file?")  # fmt: skip
    return value


def _history(path: Path | None) -> tuple[dict[str, Any], ...]:
    if path is None:
        return ()
    rows = _object(path).get("log_history", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RunError(f"{path}: 'log_history' is no list of rows; expected what the Trainer "
                       "wrote")  # fmt: skip
    return tuple(rows)


def _whole(values: Any) -> list[int]:
    """The list, or an empty one where it is no list of whole numbers above 0."""
    if isinstance(values, list) and all(isinstance(one, int) and one > 0 for one in values):
        return values
    return []
