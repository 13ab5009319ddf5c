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
from scipy.fft import irfft, rfft

from acoustic_sib.audio import Channel, read_blocks
from acoustic_sib.quality import effective_bandwidth

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
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
    course = _Course()
    notes: dict[str, None] = {}
    widest = float("nan")
    for sound, share in read_blocks(path, channel=channel):
        course.take(sound.samples, sound.sr)
        widest = float(np.fmax(widest, effective_bandwidth(sound.samples, sound.sr)))
        notes |= {sound.channel_note: None} if sound.channel_note else {}
        if progress is not None:
            progress(round(100 * share), 100)
    course.end()
    return Frames(
        bands_db=np.concatenate(course.bands), periodicity=np.concatenate(course.periodicity),
        sr=course.sr, duration_s=course.n_samples / course.sr, bandwidth_hz=widest,
        channel_notes=tuple(notes),
    )  # fmt: skip


class _Course:
    """Frames of a recording that comes in pieces; keeps what the next frames still need.

    The first and the last frames are centred on the recording's ends: silence lies beyond.
    """

    def __init__(self) -> None:
        self.bands: list[Floats] = []
        self.periodicity: list[Floats] = []
        self.sr = self.n_samples = self.n_frames = 0
        self.pending = np.zeros(0)
        self.before = 0
        """Number in the recording of the first pending sample."""

    def take(self, samples: Floats, sr: int) -> None:
        if not self.sr:
            self.sr, self.before, self.pending = sr, -_half(sr), np.zeros(_half(sr))
        self.n_samples += len(samples)
        self.pending = np.concatenate([self.pending, samples])
        self._measure(self.before + len(self.pending) - _half(sr))

    def end(self) -> None:
        self.pending = np.concatenate([self.pending, np.zeros(2 * _half(self.sr))])
        self._measure(self.n_samples)

    def _measure(self, end: int) -> None:
        """The frames centred before sample `end`."""
        centres = _centres(self.n_frames, end, self.sr)
        bands, periodicity = measure_frames(self.pending, centres - self.before, self.sr)
        self.bands.append(bands)
        self.periodicity.append(periodicity)
        self.n_frames += len(centres)
        keep_from = round(self.n_frames * HOP_S * self.sr) - _half(self.sr) - self.before
        self.pending, self.before = self.pending[keep_from:], self.before + keep_from


def _half(sr: int) -> int:
    return int(np.ceil(LONG_WINDOW_S * sr / 2)) + 1


def _centres(first: int, end: int, sr: int) -> NDArray[np.int64]:
    """Centres in samples of the frames from number `first` whose centre lies before `end`."""
    numbers = np.arange(first, int(end / (HOP_S * sr)) + 2)
    centres = np.round(numbers * HOP_S * sr).astype(np.int64)
    return centres[centres < end]


def measure_frames(samples: Floats, centres: NDArray[np.int64], sr: int) -> tuple[Floats, Floats]:
    """Band levels (n, 13) and periodicity (n,) around the samples at `centres`."""
    if not len(centres):
        return np.zeros((0, N_BANDS)), np.zeros(0)
    # In single precision: rounding lies 140 dB below a frame's peak, and it takes half the time.
    singles = samples.astype(np.float32)
    return _band_levels(singles, centres, sr), _periodicity(singles, centres, sr)


def _windows(samples: Singles, centres: NDArray[np.int64], length: int) -> Singles:
    return sliding_window_view(samples, length)[centres - length // 2] * _window(length)


@lru_cache(maxsize=16)
def _window(length: int) -> Singles:
    return np.hanning(length + 1)[:-1].astype(np.float32)


def _band_levels(samples: Singles, centres: NDArray[np.int64], sr: int) -> Floats:
    length = round(WINDOW_S * sr)
    spectra = rfft(_windows(samples, centres, length), axis=1)
    power: Floats = (spectra.real**2 + spectra.imag**2) @ _bands(sr, length).T
    return 10 * np.log10(np.maximum(power / length, 10 ** (SILENT_DB / 10)))


@lru_cache(maxsize=8)
def _bands(sr: int, length: int) -> Floats:
    """(13, bins) weights that average the bins of each band."""
    freqs = np.fft.rfftfreq(length, 1 / sr)
    inside = [(freqs >= low) & (freqs < high)
              for low, high in pairwise(EDGES_HZ)]  # fmt: skip
    return np.array([bins / max(bins.sum(), 1) for bins in inside])


def _periodicity(samples: Singles, centres: NDArray[np.int64], sr: int) -> Floats:
    length = round(LONG_WINDOW_S * sr)
    n_fft = 1 << (2 * length - 1).bit_length()
    spectra = rfft(_windows(samples, centres, length), n_fft, axis=1)
    # Below 1.5 kHz a few bins say it all: the transform back is as short as they are.
    freqs = np.fft.rfftfreq(n_fft, 1 / sr)
    n_bins = int(np.searchsorted(freqs, VOICE_HZ[1])) + 1
    short = 1 << (2 * n_bins - 1).bit_length()
    power = np.abs(spectra[:, :n_bins]) ** 2 * (freqs[:n_bins] >= VOICE_HZ[0])
    products = irfft(power, short, axis=1)
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
