"""A stand-in for an encoder: mel levels of the clips at 16 kHz, a frame every 20 ms."""

from pathlib import Path

import librosa
import numpy as np
import pandas as pd
import soxr
from numpy.typing import NDArray

from acoustic_sib.audio import read_sound
from acoustic_sib.ssl.import_states import write_states
from acoustic_sib.ssl.state_dumps import Dump

RATE, HOP, REACH = 16_000, 320, 400


def frames_of(path: str, *, padded_to_s: float | None = None) -> tuple[NDArray[np.float32], int]:
    """(1, frames, 24) of one clip, and how many of the frames hold sound."""
    sound = read_sound(path)
    samples = soxr.resample(sound.samples, sound.sr, RATE)
    n_valid = max((len(samples) - REACH) // HOP + 1, 1)
    if padded_to_s is not None:
        samples = librosa.util.fix_length(samples, size=round(padded_to_s * RATE))
    mel = librosa.feature.melspectrogram(
        y=samples, sr=RATE, n_fft=512, win_length=REACH, hop_length=HOP, n_mels=24, center=False
    )
    n_frames = max((len(samples) - REACH) // HOP + 1, 1)
    levels = np.log(mel[:, :n_frames].T + 1e-8).astype(np.float32)
    return levels[None], min(n_valid, len(levels))


def save_states(manifest: pd.DataFrame, folder: Path, *, padded_to_s: float | None = None) -> Path:
    """A states folder as `ssl states` writes it."""
    made = {
        clip_id: frames_of(path, padded_to_s=padded_to_s)
        for clip_id, path in zip(manifest["clip_id"], manifest["path"], strict=True)
    }
    write_states(Dump(
        place="mel", clips=lambda: ((name, states) for name, (states, _) in made.items()),
        facts={name: {"n_valid_frames": n} for name, (_, n) in made.items()},
    ), folder)  # fmt: skip
    return folder
