"""What several tests need: the workshop's shared folder, where it exists, and small sounds."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


def shared_folder(name: str) -> Path:
    """`../shared/<name>`; the test is skipped where that folder is absent."""
    folder = SHARED / name
    if not folder.exists():
        pytest.skip(f"../shared/{name} is absent")
    return folder


def white_noise(duration_s: float = 0.2, sr: int = 44100, seed: int = 0) -> NDArray[np.float64]:
    """White Gaussian noise at about -26 dBFS."""
    return 0.05 * np.random.default_rng(seed).standard_normal(round(duration_s * sr))


def waxing_noise(duration_s: float = 0.2, seed: int = 0) -> NDArray[np.float64]:
    """White noise that grows fivefold: steady noise is refused where nothing lies around it."""
    noise = white_noise(duration_s, seed=seed)
    return noise * np.linspace(0.2, 1.0, len(noise))
