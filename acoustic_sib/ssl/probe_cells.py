"""Which cells a probe tries: layer x pooling x frames, without those that would be the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.errors import ConfigError, nearest
from acoustic_sib.ssl.frame_rate import frame_rate_of
from acoustic_sib.ssl.pooling import ENERGY_WEIGHTED, POOLINGS
from acoustic_sib.ssl.states import States

Counts = NDArray[np.int64]

FRAMES = ("valid", "all", "first_1s")
ALL_POOLINGS = (*POOLINGS, ENERGY_WEIGHTED)
FIRST_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One way to make a vector of a clip; `position` is the layer's place in the states."""

    layer: int | str
    position: int
    pooling: str
    frames: str

    @property
    def name(self) -> str:
        return f"layer {self.layer}, {self.pooling}, {self.frames} frames"

    def facts(self) -> dict[str, Any]:
        return {"layer": self.layer, "pooling": self.pooling, "frames": self.frames}


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The cells to try, how many leading frames each choice of frames takes of each clip, and what
    was left out with its reason."""

    cells: tuple[Cell, ...]
    counts: dict[str, Counts]
    left_out: tuple[dict[str, str], ...]


def grid_of(
    states: States, numbers: Counts, n_valid: Counts | None, *, with_energies: bool,
    layers: Sequence[str] | None = None, poolings: Sequence[str] | None = None,
    frames: Sequence[str] | None = None,
) -> Grid:  # fmt: skip
    """The grid on the clips `numbers` of the states; `n_valid` is None where nothing tells it.

    Asked for by name, an unknown layer, pooling or choice of frames raises ConfigError, and so does
    one that cannot be had; left to itself, the grid leaves it out and says so.
    """
    counts, left_out = _windows(states, numbers, n_valid, frames)
    wanted, more = _poolings(counts, poolings, with_energies=with_energies)
    cells = tuple(
        Cell(layer=states.layer_names[position], position=position, pooling=pooling, frames=window)
        for position in _layers(states, layers)
        for pooling in wanted
        for window in counts
        # Padding has no energy, so weighting all frames is weighting the valid ones.
        if pooling != ENERGY_WEIGHTED or window == "valid"
    )
    return Grid(cells=cells, counts=counts, left_out=(*left_out, *more))


def _layers(states: States, wanted: Sequence[str] | None) -> list[int]:
    names = [str(name) for name in states.layer_names]
    if wanted is None:
        return list(range(len(names)))
    for name in wanted:
        if name not in names:
            raise ConfigError(f"--layers: no layer '{name}'; {nearest(name, names)}")
    return [names.index(name) for name in dict.fromkeys(wanted)]


def _windows(
    states: States, numbers: Counts, n_valid: Counts | None, wanted: Sequence[str] | None
) -> tuple[dict[str, Counts], list[dict[str, str]]]:
    held = states.n_frames[numbers]
    for name in wanted or ():
        if name not in FRAMES:
            raise ConfigError(f"--frames: no choice '{name}'; {nearest(name, FRAMES)}")
        if name == "valid" and n_valid is None:
            raise ConfigError("--frames valid: neither the states nor the clips' durations tell "
                              "which frames are valid; expected n_valid_frames in "
                              "clips.csv")  # fmt: skip
    first = frame_rate_of(states.meta).frames_within(FIRST_S)
    made: dict[str, Counts] = {} if n_valid is None else {"valid": n_valid}
    made |= {"all": held, "first_1s": np.minimum(held, first)}
    left_out = []
    if n_valid is None:
        left_out.append({"frames": "valid", "reason": "nothing tells which frames are valid"})
    if wanted is not None:
        return {name: made[name] for name in wanted}, left_out
    kept: dict[str, Counts] = {}
    for name, counts in made.items():
        twin = next((other for other in kept if (kept[other] == counts).all()), None)
        if twin is None:
            kept[name] = counts
        else:
            left_out.append(
                {"frames": name, "reason": f"the same frames as '{twin}' in every clip"}
            )
    return kept, left_out


def _poolings(
    counts: dict[str, Counts], wanted: Sequence[str] | None, *, with_energies: bool
) -> tuple[list[str], list[dict[str, str]]]:
    for name in wanted or ():
        if name not in ALL_POOLINGS:
            raise ConfigError(f"--poolings: no pooling '{name}'; {nearest(name, ALL_POOLINGS)}")
        if name == ENERGY_WEIGHTED and not (with_energies and "valid" in counts):
            raise ConfigError("--poolings energy_weighted: needs the clips' sound and valid "
                              "frames; leave it out")  # fmt: skip
    if wanted is not None:
        return list(dict.fromkeys(wanted)), []
    if all((one == 1).all() for one in counts.values()):
        return ["mean"], [{"pooling": name, "reason": "one frame a clip: the same as 'mean'"}
                          for name in ALL_POOLINGS[1:]]  # fmt: skip
    if with_energies and "valid" in counts:
        return list(ALL_POOLINGS), []
    return list(POOLINGS), [{"pooling": ENERGY_WEIGHTED, "reason": "the sound or the valid frames "
                             "are not at hand"}]  # fmt: skip
