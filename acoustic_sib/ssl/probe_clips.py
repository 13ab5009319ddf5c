"""Which clips of a corpus the states hold, and which of their frames are valid."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.audio import read_sound
from acoustic_sib.config import AudioSettings
from acoustic_sib.errors import StatesError
from acoustic_sib.ssl.foreign import Said
from acoustic_sib.ssl.frame_rate import frame_rate_of, refuse_wrong_rate
from acoustic_sib.ssl.matching import match_clips
from acoustic_sib.ssl.states import States

Counts = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ProbeClips:
    """The clips to probe: rows of the manifest, their numbers in the states, and each one's count
    of valid frames (None where nothing tells it)."""

    manifest: pd.DataFrame
    numbers: Counts
    n_valid: Counts | None
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def probe_clips(
    states: States, manifest: pd.DataFrame, durations_s: Mapping[str, float] | None = None
) -> ProbeClips:
    """Match the states with the manifest by id, then path, then stem.

    Where the states do not say which frames are valid, the clips' durations do: that is inferred,
    and said. Raises StatesError when two states are one clip, when fewer than half of the clips
    have states, or when frames do not fit durations.
    """
    places = [f"{states.folder}: clip {number + 1}" for number in range(len(states.clip_ids))]
    matches = match_clips(Said(places=places, clips=list(states.clip_ids)), manifest)
    known: dict[str, int] = {}
    for number, clip_id in enumerate(matches.clip_ids):
        if clip_id in known:
            raise StatesError(f"{states.folder}: '{states.clip_ids[known[clip_id]]}' and "
                              f"'{states.clip_ids[number]}' are both clip '{clip_id}' of the "
                              "corpus; expected each once")  # fmt: skip
        if clip_id is not None:
            known[clip_id] = number
    held = manifest["clip_id"].isin(list(known))
    missing = tuple(manifest["clip_id"][~held])
    if held.mean() < 0.5:
        raise StatesError(f"{states.folder}: states of {int(held.sum())} of {len(manifest)} clips; "
                          f"expected all: '{missing[0]}' has none; are they of another "
                          "corpus?")  # fmt: skip
    rows = manifest[held].reset_index(drop=True)
    numbers = np.array([known[clip_id] for clip_id in rows["clip_id"]], dtype=np.int64)
    n_valid, inferred = _valid_frames(states, rows, numbers, durations_s)
    notes = []
    if missing:
        notes.append(f"{len(missing)} clips of the corpus have no states, such as '{missing[0]}': "
                     "they are not in these figures, and `compare` refuses another run of "
                     "all")  # fmt: skip
    if inferred:
        notes.append("valid frames are inferred from the clips' durations, not told by the states")
    return ProbeClips(manifest=rows, numbers=numbers, n_valid=n_valid, missing=missing,
                      extra=tuple(matches.extra), notes=tuple(notes))  # fmt: skip


def _valid_frames(
    states: States, rows: pd.DataFrame, numbers: Counts, durations_s: Mapping[str, float] | None
) -> tuple[Counts | None, bool]:
    """The count of valid frames of each clip, and whether it was inferred."""
    frames, told = states.n_frames[numbers], states.n_valid_frames[numbers]
    if states.is_pooled or states.is_repeated:
        return frames, False
    rate = frame_rate_of(states.meta)
    expected = None
    if durations_s is not None:
        seconds = np.array([durations_s[clip_id] for clip_id in rows["clip_id"]])
        samples = rate.samples(seconds)
        refuse_wrong_rate(str(states.folder), list(rows["clip_id"]), frames, told, samples, rate)
        expected = rate.expected(samples)
    if (told >= 1).all():
        return told, False
    if expected is None:
        return None, False
    return np.minimum(np.where(told >= 1, told, expected), frames), True


def frame_energies(
    states: States, clips: ProbeClips, audio: AudioSettings
) -> dict[int, NDArray[np.float64]]:
    """Each clip's energy under each of its valid frames (mean square), by its number in the states.

    A frame sees what the model's frame sees: its reach from its step on, cut at the clip's end.
    """
    assert clips.n_valid is not None
    rate = frame_rate_of(states.meta)
    step_s, reach_s = rate.hop / rate.sample_rate, rate.receptive_field / rate.sample_rate
    energies = {}
    rows = clips.manifest.to_dict("records")
    for row, number, n_valid in zip(rows, clips.numbers, clips.n_valid, strict=True):
        sound = read_sound(str(row["path"]), start=row.get("start"), end=row.get("end"),
                           channel=audio.channel)  # fmt: skip
        power = sound.samples**2
        begins = np.round(np.arange(n_valid) * step_s * sound.sr).astype(int)
        reach = max(round(reach_s * sound.sr), 1)
        spans = [power[begin : begin + reach] for begin in begins]
        energies[int(number)] = np.array([span.mean() if len(span) else 0.0 for span in spans])
    return energies
