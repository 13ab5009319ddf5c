"""What the page shows and plays of single clips: a small spectrogram, and the sound as WAV."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import soundfile

from acoustic_sib.audio import Sound, read_sound
from acoustic_sib.config import AudioSettings
from acoustic_sib.features import Recipe, Spectra
from acoustic_sib.report.pictures import ClipPicture

ROWS = 64
LONGEST_SHOWN_S = 0.6
LONGEST_PLAYED_S = 2.0
# Sound devices swallow the first moments after a rest.
LEAD_S = 0.1


def clip_pictures(
    clip_ids: Sequence[str], manifest: pd.DataFrame, recipe: Recipe, audio: AudioSettings
) -> dict[str, ClipPicture]:
    """A spectrogram of each clip from the frames that the features are measured in.

    Levels are in dB relative to the clip's loudest point, (ROWS, n_frames), the lowest frequency
    first, at most the first LONGEST_SHOWN_S; a silent clip has none and is left out.
    """
    pictures = {}
    for clip_id, sound in _sounds(clip_ids, manifest, audio).items():
        picture = _picture(sound, recipe)
        if picture is not None:
            pictures[clip_id] = picture
    return pictures


def _picture(sound: Sound, recipe: Recipe) -> ClipPicture | None:
    frames = Spectra(sound.samples, sound.sr, recipe).frames
    power = frames.power[: round(LONGEST_SHOWN_S / recipe.hop_s)]
    if not power.size or not power.any():
        return None
    top_hz = min(recipe.high_hz, sound.sr / 2)
    # Differences of the running sum: rows of equal width, whatever the width of a bin.
    edges = np.linspace(0, top_hz, ROWS + 1)
    ends = (np.arange(power.shape[1]) + 0.5) * frames.step_hz
    running = [np.interp(edges, ends, row, left=0.0) for row in np.cumsum(power, axis=1)]
    rows = np.diff(running, axis=1).T
    level_db = 10 * np.log10(np.maximum(rows / rows.max(), 1e-12))
    return ClipPicture(
        level_db=level_db, top_hz=top_hz, duration_s=sound.duration_s,
        shown_s=min(sound.duration_s, LONGEST_SHOWN_S),
    )  # fmt: skip


def clip_sounds(
    clip_ids: Sequence[str], manifest: pd.DataFrame, audio: AudioSettings
) -> dict[str, bytes]:
    """Each clip as 16-bit mono WAV at its own rate and level, at most its first
    LONGEST_PLAYED_S, after LEAD_S of silence."""
    return {clip_id: _wav(sound) for clip_id, sound in _sounds(clip_ids, manifest, audio).items()}


def _wav(sound: Sound) -> bytes:
    samples = sound.samples[: round(LONGEST_PLAYED_S * sound.sr)]
    played = np.concatenate([np.zeros(round(LEAD_S * sound.sr)), np.clip(samples, -1, 1)])
    out = io.BytesIO()
    soundfile.write(out, played, sound.sr, format="WAV", subtype="PCM_16")
    return out.getvalue()


def _sounds(
    clip_ids: Sequence[str], manifest: pd.DataFrame, audio: AudioSettings
) -> dict[str, Sound]:
    rows: dict[Any, Any] = manifest.set_index("clip_id").loc[list(clip_ids)].to_dict("index")
    return {
        str(clip_id): read_sound(row["path"], start=_seconds(row.get("start")),
                                 end=_seconds(row.get("end")), channel=audio.channel)
        for clip_id, row in rows.items()
    }  # fmt: skip


def _seconds(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
