"""What the sibilant search sees of a recording: 100 frames a second, whatever its length.

Band levels up to 7.8 kHz (the least that full-band recordings share), spectral shape and
periodicity. A recording is read in pieces; an hour of it costs about 50 MB.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from acoustic_sib.audio import Channel, read_blocks
from acoustic_sib.quality import effective_bandwidth

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

HOP_S = 0.010
WINDOW_S = 0.020
LONG_WINDOW_S = 0.040
EDGES_HZ = (100, 300, 600, 1000, 1500, 2000, 2500, 3000, 3500, 4200, 5000, 6000, 7000, 7800)
N_BANDS = len(EDGES_HZ) - 1
VOICE_HZ = (60.0, 1500.0)
PERIODS_S = (0.0025, 0.0160)
SILENT_DB = -120.0


@dataclass(frozen=True, kw_only=True)
class Frames:
    """`bands_db`: (n, 13) mean power density between EDGES_HZ, dB; bands above the Nyquist
    frequency and silence are SILENT_DB. `periodicity`: (n,) highest correlation of the part between
    60 and 1500 Hz with itself a pitch period later, 0..1. Frame i is centred at i x 10 ms.
    `bandwidth_hz`: widest effective bandwidth of its pieces, NaN for silence."""

    bands_db: Floats
    periodicity: Floats
    sr: int
    duration_s: float
    bandwidth_hz: float
    channel_notes: tuple[str, ...] = ()


def read_frames(
    path: Path, *, channel: Channel = "auto", progress: Progress | None = None
) -> Frames:
    """The frames of a recording. Raises AudioError when it cannot be read."""
    bands, periodicity = [], []
    notes: dict[str, None] = {}
    widest = float("nan")
    pending, before, n_samples, sr, next_frame = np.zeros(0), 0, 0, 0, 0
    for sound, share in read_blocks(path, channel=channel):
        if not sr:
            sr = sound.sr
            # The first and the last frames are centred on the file's ends.
            before = -_half(sr)
            pending = np.zeros(_half(sr))
        notes |= {sound.channel_note: None} if sound.channel_note else {}
        n_samples += len(sound.samples)
        widest = float(np.fmax(widest, effective_bandwidth(sound.samples, sr)))
        pending = np.concatenate([pending, sound.samples])
        if share == 1:
            pending = np.concatenate([pending, np.zeros(2 * _half(sr))])
        end = min(n_samples, before + len(pending) - _half(sr))
        centres = _centres(next_frame, end, sr)
        of_bands, of_periods = measure_frames(pending, centres - before, sr)
        bands.append(of_bands)
        periodicity.append(of_periods)
        next_frame += len(centres)
        keep_from = round(next_frame * HOP_S * sr) - _half(sr) - before
        pending, before = pending[keep_from:], before + keep_from
        if progress is not None:
            progress(round(100 * share), 100)
    return Frames(
        bands_db=np.concatenate(bands), periodicity=np.concatenate(periodicity),
        sr=sr, duration_s=n_samples / sr, bandwidth_hz=widest, channel_notes=tuple(notes),
    )  # fmt: skip


def _half(sr: int) -> int:
    return int(np.ceil(LONG_WINDOW_S * sr / 2)) + 1


def _centres(first: int, end: int, sr: int) -> NDArray[np.int64]:
    """Centres in samples of the frames from number `first` whose centre lies before `end`."""
    numbers = np.arange(first, int(end / (HOP_S * sr)) + 2)
    centres = np.round(numbers * HOP_S * sr).astype(np.int64)
    return centres[centres < end]


def measure_frames(samples: Floats, centres: NDArray[np.int64], sr: int) -> tuple[Floats, Floats]:
    """Band levels (n, 13) and periodicity (n,) around the samples at `centres`."""
    return _band_levels(samples, centres, sr), _periodicity(samples, centres, sr)


def _windows(samples: Floats, centres: NDArray[np.int64], length: int) -> Floats:
    return sliding_window_view(samples, length)[centres - length // 2] * np.hanning(length + 1)[:-1]


def _band_levels(samples: Floats, centres: NDArray[np.int64], sr: int) -> Floats:
    length = round(WINDOW_S * sr)
    spectra = np.fft.rfft(_windows(samples, centres, length), axis=1)
    power = (spectra.real**2 + spectra.imag**2) @ _bands(sr, length).T
    return 10 * np.log10(np.maximum(power / length, 10 ** (SILENT_DB / 10)))


@lru_cache(maxsize=8)
def _bands(sr: int, length: int) -> Floats:
    """(13, bins) weights that average the bins of each band."""
    freqs = np.fft.rfftfreq(length, 1 / sr)
    inside = [(freqs >= low) & (freqs < high)
              for low, high in pairwise(EDGES_HZ)]  # fmt: skip
    return np.array([bins / max(bins.sum(), 1) for bins in inside])


def _periodicity(samples: Floats, centres: NDArray[np.int64], sr: int) -> Floats:
    length = round(LONG_WINDOW_S * sr)
    n_fft = 1 << (2 * length - 1).bit_length()
    spectra = np.fft.rfft(_windows(samples, centres, length), n_fft, axis=1)
    # Below 1.5 kHz a few bins say it all: the transform back is as short as they are.
    freqs = np.fft.rfftfreq(n_fft, 1 / sr)
    n_bins = int(np.searchsorted(freqs, VOICE_HZ[1])) + 1
    short = 1 << (2 * n_bins - 1).bit_length()
    power = np.abs(spectra[:, :n_bins]) ** 2 * (freqs[:n_bins] >= VOICE_HZ[0])
    products = np.fft.irfft(power, short, axis=1)
    rate = sr * short / n_fft
    lags = np.arange(round(PERIODS_S[0] * rate), round(PERIODS_S[1] * rate) + 1)
    faded = _window_products(length, sr, short)
    likeness = products[:, lags] / np.maximum(products[:, :1], 1e-20) / faded[lags]
    highest: Floats = np.clip(likeness.max(axis=1), 0.0, 1.0)
    return highest


@lru_cache(maxsize=8)
def _window_products(length: int, sr: int, short: int) -> Floats:
    """What the window alone does to the correlation at each lag, 1 at lag 0 (Boersma 1993)."""
    n_fft = 1 << (2 * length - 1).bit_length()
    window = np.hanning(length + 1)[:-1]
    products = np.fft.irfft(np.abs(np.fft.rfft(window, n_fft)) ** 2, n_fft)
    at: Floats = np.interp(np.arange(short // 2) * n_fft / short, np.arange(n_fft // 2),
                           products[: n_fft // 2])  # fmt: skip
    relative: Floats = np.maximum(at / at[0], 1e-3)
    return relative
