"""Frames of a clip to one vector: which frames are looked at, and how they are summed up.

Frames are counted from a clip's start: padding, where there is any, stands at the end.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.ssl.npy_format import Array

Vectors = NDArray[np.float32]
Counts = NDArray[np.int64]

ENERGY_WEIGHTED = "energy_weighted"


def _mean(frames: Vectors) -> Vectors:
    mean: Vectors = frames.mean(axis=0)
    return mean


def _mean_sd(frames: Vectors) -> Vectors:
    return np.concatenate([frames.mean(axis=0), frames.std(axis=0)])


def _max(frames: Vectors) -> Vectors:
    highest: Vectors = frames.max(axis=0)
    return highest


def _middle_third(frames: Vectors) -> Vectors:
    n = len(frames)
    return _mean(frames[n // 3 : -(-2 * n // 3)])


POOLINGS: dict[str, Callable[[Vectors], Vectors]] = {
    "mean": _mean, "mean_sd": _mean_sd, "max": _max, "middle_third": _middle_third,
}  # fmt: skip
"""Name -> what it makes of (frames, dimension). The SD is over frames (divisor n), 0 of one frame;
the middle third of n frames are those from n // 3 up to 2 n / 3 rounded up, never none."""


def pooled(
    layer: Array, offsets: Counts, counts: Counts, pooling: str,
    energies: Sequence[NDArray[np.float64]] | None = None,
) -> Vectors:  # fmt: skip
    """One vector a clip (clips, columns) of the first `counts` frames of each.

    `layer` is (frames of all clips, dimension); `offsets` says where each clip begins. Energy
    weighting wants the frame energies of each clip, at least as many as are counted; a silent clip
    is averaged plainly.
    """
    rows = []
    for number, (begin, count) in enumerate(zip(offsets, counts, strict=True)):
        frames = np.asarray(layer[begin : begin + count], dtype=np.float32)
        if pooling == ENERGY_WEIGHTED:
            assert energies is not None
            rows.append(_weighted(frames, energies[number][:count]))
        else:
            rows.append(POOLINGS[pooling](frames))
    return np.stack(rows)


def _weighted(frames: Vectors, energies: NDArray[np.float64]) -> Vectors:
    total = energies.sum()
    if not total > 0:
        return _mean(frames)
    weighted: Vectors = (energies / total).astype(np.float32) @ frames
    return weighted
