"""States with a planted truth: which layer carries the label, and what stands in the padding."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.ssl.import_states import write_states
from acoustic_sib.ssl.state_dumps import Dump
from acoustic_sib.ssl.states import States

CLASSES = ("Interdental", "Lateral", "Normal")


def manifest(n_clips: int = 120, n_speakers: int = 12) -> pd.DataFrame:
    """Clips whose speakers say every class."""
    numbers = np.arange(n_clips)
    ids = [f"c{number:03d}" for number in numbers]
    return pd.DataFrame({
        "clip_id": ids, "path": [f"{name}.wav" for name in ids],
        "label": np.array(CLASSES)[(numbers // n_speakers) % 3],
        "speaker": [f"s{number % n_speakers:02d}" for number in numbers],
    })  # fmt: skip


def arrays(
    clips: pd.DataFrame, *, layers: int = 3, good: int | None = 1, dim: int = 24,
    valid: int = 6, total: int = 6, signal: float = 1.5, seed: int = 0,
) -> dict[str, NDArray[np.float32]]:  # fmt: skip
    """(layers, total, dim) a clip: noise; in layer `good` the valid frames move with the label;
    frames beyond the valid ones are alike, loud, and each clip's own, as a model makes of
    padding."""
    rng = np.random.default_rng(seed)
    made = {}
    for clip_id, label in zip(clips["clip_id"], clips["label"], strict=True):
        states = rng.standard_normal((layers, total, dim)).astype(np.float32)
        if good is not None:
            states[good, :valid, CLASSES.index(label)] += signal
        states[:, valid:] = 40 * rng.standard_normal((1, 1, dim))
        made[clip_id] = states
    return made


def dump(found: dict[str, NDArray[np.float32]], *, n_valid: int | None = None) -> Dump:
    facts = {} if n_valid is None else {name: {"n_valid_frames": n_valid} for name in found}
    return Dump(place="planted", clips=lambda: iter(found.items()), facts=facts)


def save_npz(found: dict[str, NDArray[np.float32]], path: Path) -> Path:
    # mypy takes the names of the arrays for savez's own keyword `allow_pickle`.
    np.savez(path, **found)  # type: ignore[arg-type]
    return path


def saved(folder: Path, found: Any, *, n_valid: int | None = None) -> States:
    return write_states(dump(found, n_valid=n_valid), folder / "states")
