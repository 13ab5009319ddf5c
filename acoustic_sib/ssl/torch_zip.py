"""What a checkpoint's files weigh, counted without torch and without opening a pickle.

`torch.save` writes a zip: one pickle that describes, and the bytes of each tensor as a member of
its own. Member sizes alone tell how many numbers an optimizer keeps.
"""

import json
import struct
import zipfile
from math import prod
from pathlib import Path

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import checked_members, shown

_ADAM_BYTES = 8  # two float32 moments for each trained parameter
_STEP_BYTES = 4  # one float32 step count for each tensor
_LIMIT = 2**40
_HEADER_LIMIT = 100 * 2**20


def trained_parameters(optimizer: Path) -> int | None:
    """How many parameters the Adam of `optimizer.pt` moved; None where its zip holds no tensors.

    Moments are told from step counts by their size, so a parameter of one number is not counted.
    Raises RunError where the file is no such zip (torch before 1.6 wrote a bare pickle).
    """
    try:
        with zipfile.ZipFile(optimizer) as archive:
            members = checked_members(archive, optimizer, limit=_LIMIT)
    except (zipfile.BadZipFile, OSError) as error:
        raise RunError(f"{optimizer}: no zip as torch writes it ({error}); expected one: is it "
                       "damaged, or older than torch 1.6?") from None  # fmt: skip
    tensors = [
        member.file_size
        for member in members
        if "/data/" in member.filename and member.filename.rpartition("/")[2].isdecimal()
    ]
    moved = sum(size for size in tensors if size != _STEP_BYTES)
    return moved // _ADAM_BYTES if moved else None


def stored_parameters(weights: Path) -> dict[str, int]:
    """Tensor name -> number of values, from the header of a safetensors file alone.

    Raises RunError where the header cannot be read.
    """
    try:
        with weights.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > _HEADER_LIMIT:
                raise ValueError(f"a header of {length} bytes")
            header = json.loads(file.read(length))
        return {str(name): prod(int(side) for side in tensor["shape"])
                for name, tensor in header.items() if name != "__metadata__"}  # fmt: skip
    except (struct.error, ValueError, TypeError, KeyError, AttributeError, RecursionError,
            OSError) as error:  # fmt: skip
        raise RunError(f"{weights}: no readable safetensors header ({shown(error)}); expected one: "
                       "is the file cut short?") from None  # fmt: skip


def freeze_mode(trained: int, stored: dict[str, int], model_type: str) -> str:
    """Which part was trained, from how many parameters were: 'none' frozen, 'feature_encoder'
    frozen, 'head_only' trained, or 'partial' where the count fits none of them.

    The base model's tensors begin with `model_type`, its convolutions with
    `<model_type>.feature_extractor`.
    """
    base = {name: n for name, n in stored.items() if name.startswith(f"{model_type}.")}
    total = sum(stored.values())
    encoder = sum(n for name, n in base.items() if ".feature_extractor." in name)
    # Adam keeps nothing of a parameter that no batch used: this one serves SpecAugment alone.
    unused = sum(n for name, n in base.items() if name.endswith(".masked_spec_embed"))
    for mode, expected in (
        ("none", total),
        ("feature_encoder", total - encoder),
        ("head_only", total - sum(base.values())),
    ):
        if trained == expected or (mode != "head_only" and trained == expected - unused):
            return mode
    return "partial"
