"""Where the Normal speakers of a training corpus lie, in each measure and in the whole spectrum."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import hypot

FEWEST_SPEAKERS = 5
"""With fewer, the spread of speakers is a guess."""
EVERYONE = ""


@dataclass(frozen=True, kw_only=True)
class SpeakerNorm:
    """Centre and SD of the Normal speakers' own means in one measure; `within`: SD of a clip about
    its speaker's mean. Where speakers are not known each clip counts as one, and `n_speakers` is 0.
    """

    centre: float
    spread: float
    within: float
    n_speakers: int


@dataclass(frozen=True, kw_only=True)
class SpectrumNorm:
    """The same for the level in each band of `features.average`, dB relative to the clip's mean."""

    centre: tuple[float, ...]
    spread: tuple[float, ...]
    within: tuple[float, ...]
    n_speakers: int

    @property
    def single(self) -> tuple[float, ...]:
        """SD of one clip of an unknown speaker in each band, dB."""
        return tuple(map(hypot, self.spread, self.within))


Norms = Mapping[str, SpeakerNorm]


def group_name(**groups: str) -> str:
    """The key of a group's norms, such as 'sex=f' or 'age_group=child,sex=f'."""
    return ",".join(f"{control}={group}" for control, group in sorted(groups.items()))


def closest_group(known: Collection[str], groups: Mapping[str, str]) -> str:
    """The narrowest of the known groups that holds a speaker of these `groups`: all of them
    crossed, else the first on its own that is known, else EVERYONE."""
    for size in range(len(groups), 0, -1):
        for part in combinations(groups.items(), size):
            if (name := group_name(**dict(part))) in known:
                return name
    return EVERYONE
