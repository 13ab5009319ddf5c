"""The files of a Trainer folder or of one checkpoint, as far as they say how a model was made."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import SETTINGS_LIMIT, read_json, read_text, shown
from acoustic_sib.ssl.frame_rate import HOP, RECEPTIVE_FIELD
from acoustic_sib.ssl.trainable import Parts, freeze_mode, parts_of, trained_parameters

CONFIG, PREPROCESSOR, STATE, CARD = (
    "config.json", "preprocessor_config.json", "trainer_state.json", "README.md",
)  # fmt: skip
_CARD_LINE = re.compile(r"^(?:- (?P<name>\w+)|(?P<base>base_model)):[ \t]*(?P<value>.+)$", re.M)
_DEFAULT_NAME = re.compile(r"LABEL_\d+")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What the files say; what a folder lacks is empty or None.

    `state`: trainer_state.json; `card`: hyper-parameters and `base_model` of the model card;
    `trained`: parameters that the optimizer updated; `parts`: parameters of the weights' file.
    """

    place: Path
    config: Mapping[str, Any] = field(default_factory=dict)
    preprocessor: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    card: Mapping[str, str] = field(default_factory=dict)
    trained: int | None = None
    parts: Parts | None = None

    @property
    def history(self) -> list[dict[str, Any]]:
        """The rows of the Trainer's log."""
        return self.state.get("log_history") or []

    @property
    def freeze(self) -> str | None:
        """What was frozen, as `freeze_mode` tells it."""
        return freeze_mode(self.trained, self.parts, self.config)

    @property
    def version(self) -> tuple[int, ...]:
        """The version of transformers that wrote the config; () where unknown."""
        return tuple(int(part) for part in re.findall(r"\d+", str(
            self.config.get("transformers_version", "")))[:2])  # fmt: skip

    @property
    def learning_rate(self) -> float | None:
        """The model card's rate, else the highest that was logged."""
        rate = self.card_number("learning_rate")
        if rate is not None:
            return rate
        rates = [row["learning_rate"] for row in self.history
                 if isinstance(row.get("learning_rate"), int | float)]  # fmt: skip
        return max(rates, default=None)

    def card_number(self, name: str) -> float | None:
        """A finite number on the model card; None where there is none."""
        try:
            number = float(self.card[name])
        except (KeyError, ValueError):
            return None
        return number if math.isfinite(number) else None

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
    """The checkpoint in a folder, or beside a config.json.

    Raises RunError where there is neither a config.json nor a preprocessor_config.json, and for
    damaged files.
    """
    folder = source.parent if source.is_file() else source
    if not has_configs(folder):
        found = "no such file or folder" if not source.exists() else "no config.json in it"
        raise RunError(f"{source}: {found}; expected a Trainer folder or a checkpoint with its "
                       "config.json and preprocessor_config.json")  # fmt: skip
    return checkpoint_in(folder)


def has_configs(folder: Path) -> bool:
    """Whether there is enough for `read_checkpoint`."""
    return any((folder / name).is_file() for name in (CONFIG, PREPROCESSOR))


def checkpoint_in(folder: Path) -> Checkpoint:
    """What `folder` holds of a checkpoint, be it nothing. Where a Trainer folder has no log,
    optimizer or weights of its own, those of its last checkpoint are used.

    Raises RunError for damaged files.
    """
    optimizer = newest(folder, "optimizer.pt")
    weights = newest(folder, "model.safetensors")
    return Checkpoint(
        place=folder, config=_object(folder / CONFIG), preprocessor=_object(folder / PREPROCESSOR),
        state=_state(newest(folder, STATE)), card=_card(folder / CARD),
        trained=None if optimizer is None else trained_parameters(optimizer),
        parts=None if weights is None else parts_of(weights),
    )  # fmt: skip


def newest(folder: Path, name: str) -> Path | None:
    """The file in the folder, else in its last checkpoint."""
    if (folder / name).is_file():
        return folder / name
    inside = [path for path in folder.glob(f"checkpoint-*/{name}") if path.is_file()]
    return max(inside, key=lambda path: (len(path.parent.name), path.parent.name), default=None)


def _object(path: Path | None) -> dict[str, Any]:
    if path is None or not path.is_file():
        return {}
    value = read_json(path, limit=SETTINGS_LIMIT)
    if not isinstance(value, dict):
        raise RunError(f"{path}: holds a {type(value).__name__}; expected a JSON object with names "
                       "and values, as transformers writes it: is it another file?")  # fmt: skip
    return value


def _state(path: Path | None) -> dict[str, Any]:
    state = _object(path)
    rows = state.get("log_history") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RunError(f"{path}: 'log_history' is no list of rows; expected what the Trainer "
                       "wrote")  # fmt: skip
    return state


def _card(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = _CARD_LINE.finditer(read_text(path, limit=SETTINGS_LIMIT))
    return {line["name"] or line["base"]: line["value"].strip() for line in lines}


def class_names(config: Mapping[str, Any], place: Path) -> tuple[str, ...]:
    """The names of `id2label` in the order of the logits; () where there are none.

    Raises RunError where the numbers are not 0, 1, 2...
    """
    named = config.get("id2label")
    if named is None:
        return ()
    try:
        by_number = {int(number): str(name).strip() for number, name in named.items()}
    except (AttributeError, ValueError):
        raise RunError(f"{place}: 'id2label' is {shown(named)}; expected numbers and class "
                       "names") from None  # fmt: skip
    if sorted(by_number) != list(range(len(by_number))):
        raise RunError(f"{place}: 'id2label' numbers {shown(sorted(by_number))}; expected 0, 1, 2 "
                       "and so on, one for each logit")  # fmt: skip
    return tuple(by_number[number] for number in range(len(by_number)))


def setting(config: Mapping[str, Any], name: str, default: float) -> float:
    """A number of config.json. Raises RunError where it is none or not finite."""
    value = config.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RunError(f"config.json: '{name}' is {shown(value)}; expected a number")
    return float(value)


def are_default(names: Sequence[str]) -> bool:
    """LABEL_0, LABEL_1...: what transformers calls classes that nobody named."""
    return all(map(_DEFAULT_NAME.fullmatch, names))


def _whole(values: Any) -> list[int]:
    """The list, or an empty one where it is no list of whole numbers above 0."""
    if isinstance(values, list) and all(isinstance(one, int) and one > 0 for one in values):
        return values
    return []
