"""Where the Normal speakers of a training corpus lie, in each measure."""

from collections.abc import Mapping
from dataclasses import dataclass

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


Norms = Mapping[str, SpeakerNorm]


def group_name(control: str, group: str) -> str:
    """The key of a group's norms, such as 'sex=f' or 'age_group=child'."""
    return f"{control}={group}"
