"""What a padded window of a wav2vec2-like model would see of a clip.

The model's feature encoder (Baevski et al. 2020, arXiv 2006.11477) has seven convolutions with
kernels 10 3 3 3 3 2 2 and strides 5 2 2 2 2 2 2: together a window of 400 samples, a step of 320.
"""

import numpy as np
import pandas as pd

from acoustic_sib.corpus.findings import Finding, counted, finding, milliseconds

MODEL_SR = 16_000
RECEPTIVE_SAMPLES = 400
STEP_SAMPLES = 320
WINDOW_S = 1.0
LITTLE_SIGNAL = 0.25


def frames_of(n_samples: int) -> int:
    """Frames that wav2vec2 makes of samples at 16 kHz; 0 where it would raise (under 400)."""
    if n_samples < RECEPTIVE_SAMPLES:
        return 0
    return (n_samples - RECEPTIVE_SAMPLES) // STEP_SAMPLES + 1


def window_finding(durations_s: pd.Series) -> Finding:
    """How much of a 1.0 s zero-padded window, and how many of its frames, hold sound."""
    window = round(WINDOW_S * MODEL_SR)
    # Resamplers round a clip's length up; a billionth takes the rounding of n / sr back.
    samples = np.ceil(durations_s.to_numpy(dtype=float) * MODEL_SR - 1e-6).astype(int)
    heard = np.minimum(samples, window)
    frames = np.array([frames_of(int(n)) for n in heard])
    n_frames, median_frames = frames_of(window), int(np.median(frames))
    share, fraction = float(np.median(heard / window)), float(np.median(frames / n_frames))
    too_short, cut = int((samples < RECEPTIVE_SAMPLES).sum()), int((samples > window).sum())
    says = (f"padded with zeros to {WINDOW_S:.1f} s, the median clip "
            f"({milliseconds(float(durations_s.median()))}) fills {share:.0%} of the window and "
            f"{median_frames} of its {n_frames} wav2vec2 frames")  # fmt: skip
    if fraction < 1:
        says += f"; an unmasked mean over time is {1 - fraction:.0%} padding"
    if too_short:
        least = milliseconds(RECEPTIVE_SAMPLES / MODEL_SR)
        says += f"; {counted(too_short, 'clip')} under {least} would raise an error unpadded"
    if cut:
        says += f"; {counted(cut, 'clip')} would be cut at {WINDOW_S:.1f} s"
    little = fraction < LITTLE_SIGNAL
    then = ("pool over each clip's own frames (attention mask), or cut the window to the clip"
            if fraction < 1 else "")  # fmt: skip
    return finding(
        "padded_window", "warn" if little else "note", says, then,
        median_signal_share=share, median_frames=median_frames, window_frames=n_frames,
        median_frame_share=fraction, n_under_400_samples=too_short, n_over_window=cut,
    )  # fmt: skip
