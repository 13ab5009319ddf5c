"""How many parameters trained, from the optimizer's file alone; and how many each part has.

Neither torch nor a pickle is needed: a torch file is a zip whose members under `data/` are the
tensors' bytes, and Adam keeps two float32 moments for each parameter that trains (Kingma & Ba 2015,
arXiv 1412.6980). The pickled description beside them is never opened.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.zip_members import opened_zip

_STEP_BYTES = 4
_FLOAT_BYTES = 4
_HEAD = ("classifier.", "projector.", "layer_weights")
_FEATURE_ENCODER = "feature_extractor."


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Parameters of a checkpoint: all, those of the head, those of the convolutions."""

    total: int
    head: int
    feature_encoder: int


def trained_parameters(optimizer: Path) -> int | None:
    """Parameters that Adam or AdamW updated, or None where the file is another optimizer's.

    Raises RunError when the file is no torch zip.
    """
    # Sizes alone are read: nothing is unpacked, so nothing limits what may be declared.
    with opened_zip(optimizer, limit=sys.maxsize, expected="what torch.save writes") as archive:
        sizes = {
            int(name): member.file_size
            for member in archive.infolist()
            if (name := _storage(member.filename)) is not None
        }
    ordered = [sizes[number] for number in sorted(sizes)]
    return _moments(ordered)


def _storage(member: str) -> str | None:
    """The number of a tensor's member, as in `optimizer/data/12`; None for other members."""
    folder, _, name = member.rpartition("/")
    return name if folder.endswith("/data") and name.isdigit() else None


def _moments(sizes: list[int]) -> int | None:
    """Parameters behind a row of tensor sizes: (step, moment, moment) or (moment, moment) each."""
    if not sizes:
        return 0
    threes = [tuple(sizes[at : at + 3]) for at in range(0, len(sizes), 3)]
    if all(len(one) == 3 and one[0] == _STEP_BYTES and one[1] == one[2] for one in threes):
        return sum(one[1] for one in threes) // _FLOAT_BYTES
    twos = [tuple(sizes[at : at + 2]) for at in range(0, len(sizes), 2)]
    if all(len(one) == 2 and one[0] == one[1] for one in twos):
        return sum(one[0] for one in twos) // _FLOAT_BYTES
    return None


def parts_of(weights: Path) -> Parts:
    """Parameters by part, from the header of a safetensors file; no tensor is read.

    Raises RunError when the file is damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, framework="np") as tensors:
            names = list(tensors.keys())
            sizes = {name: prod(tensors.get_slice(name).get_shape()) for name in names}
    except (SafetensorError, OSError) as error:
        raise RunError(f"{weights}: damaged ({error}); expected a safetensors file") from None
    return Parts(
        total=sum(sizes.values()),
        head=sum(n for name, n in sizes.items() if name.startswith(_HEAD)),
        feature_encoder=sum(n for name, n in sizes.items() if _FEATURE_ENCODER in name),
    )


def head_size(config: Mapping[str, Any]) -> int | None:
    """Parameters of the stock sequence-classification head that a config.json describes: a linear
    projection and a linear layer, and a weight a layer where layers are summed."""
    hidden, projected = config.get("hidden_size"), config.get("classifier_proj_size")
    names = config.get("id2label")
    if not (isinstance(hidden, int) and isinstance(projected, int) and isinstance(names, dict)):
        return None
    weights = 0
    if config.get("use_weighted_layer_sum") and isinstance(config.get("num_hidden_layers"), int):
        weights = config["num_hidden_layers"] + 1
    return (hidden + 1) * projected + (projected + 1) * len(names) + weights


def freeze_mode(trained: int | None, parts: Parts | None, config: Mapping[str, Any]) -> str | None:
    """What was frozen, told from how many parameters the optimizer moved: `none`,
    `feature_encoder` (the convolutions), all but the head (`head_only`), or `partial` where none of
    these fits; None where the files do not tell.

    `hidden_size` parameters may be short of it: Adam keeps nothing of what no batch used, such as
    the vector that SpecAugment puts in place of a frame.
    """
    head = parts.head if parts is not None else head_size(config)
    if trained is None:
        return None
    if head and trained == head:
        return "head_only"
    if parts is None:
        return None
    slack = (0, config.get("hidden_size"))
    if parts.total - trained in slack:
        return "none"
    return "feature_encoder" if parts.total - parts.feature_encoder - trained in slack else (
        "partial")  # fmt: skip
