"""The shared transforms of one clip, computed when first asked for and kept.

Two spectral estimates, named in every column that comes from one:

- `frames_mean`, `frames_sd`, `frames_slope`: short-time power spectra, periodic Hann window, 20 ms
  every 5 ms. A clip shorter than one window is one frame of its own length; zeros are added
  in the transform only. Frames of digital silence are left out.
- `multitaper`: eight DPSS tapers (NW = 4), equally weighted, over the middle half of the clip, at
  least 20 ms and at most 1 s (Thomson 1982, doi:10.1109/PROC.1982.12433; for fricatives: Reidy
  2015, PMC4376757).

No bin above `high_hz` is kept, so nothing above it can be measured by mistake.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, floor, log
from typing import Any

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from acoustic_sib.errors import AudioError
from acoustic_sib.features.recipe import Recipe

Floats = NDArray[np.float64]

# Freeing a large block tells glibc's malloc to keep as much memory from then on. Without it, each
# transform gives its pages back and faults them in anew, which takes longer than the transform.
_block = np.empty(2**21)
del _block

SHORTEST_MULTITAPER_S = 0.020
LONGEST_MULTITAPER_S = 1.0
LENGTH_RATIO = 1.1
"""Multitaper lengths are rounded down to a geometric series: tapers of a new length cost 5-50 ms,
and a corpus then needs some 30 sets of them."""
REACHED = 0.95
"""A band whose upper edge lies up to 5 % above `high_hz` ends at `high_hz`: a 16 kHz recording,
measured to 7840 Hz, has an "0.5-8 kHz" band. Beyond that the band is not measurable."""


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """Power spectra: `power[..., i]` at `i * step_hz`, abs(rfft)² as it comes.

    `density`: factor that turns power into a one-sided density per Hz, whose integral is the
    variance of the samples.
    """

    power: Floats
    step_hz: float
    density: float

    @property
    def freqs(self) -> Floats:
        return bin_freqs(self.power.shape[-1], self.step_hz)

    def bins(self, low_hz: float, high_hz: float) -> slice:
        """The bins with low_hz <= f < high_hz."""
        return bins_between(low_hz, high_hz, self.step_hz)

    @cached_property
    def level_db(self) -> Floats:
        """Density in dB re full scale squared per Hz."""
        level: Floats = 10 * np.log10(self.power * self.density)
        return level


@dataclass(frozen=True, kw_only=True)
class Frames(Spectrum):
    """Short-time spectra, one row a frame; rows of digital silence are left out."""

    times_s: Floats
    n_fft: int
    window_energy: float


@dataclass(frozen=True, kw_only=True)
class Waveform:
    """Samples at `sr` Hz, which need not be whole."""

    samples: Floats
    sr: float


class Spectra:
    """The transforms of one clip that families share.

    `samples`: mono float64, full scale 1.0, at `sr` Hz. `kept`: what one family computed and
    another asks for, under a key of its choice. Raises AudioError when the samples are empty, not
    one-dimensional or not finite.
    """

    def __init__(self, samples: NDArray[np.float64], sr: int, recipe: Recipe) -> None:
        self.samples: Floats = np.ascontiguousarray(samples, dtype=np.float64)
        self.sr = sr
        self.recipe = recipe
        self.kept: dict[object, Any] = {}
        if self.samples.ndim != 1:
            raise AudioError(f"samples have shape {self.samples.shape}; expected one channel")
        if self.samples.size == 0:
            raise AudioError("a clip of no samples; expected sound: is its span empty?")
        if not np.isfinite(self.samples).all():
            raise AudioError("samples are NaN or infinite; expected numbers: a failed conversion?")

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sr

    def band_top(self, high_hz: float) -> float | None:
        """Where a band that should end at `high_hz` ends in this corpus, or None where the band
        is not measurable: the recipe's `high_hz` cuts off more than a twentieth, or this clip's
        Nyquist frequency is lower still."""
        return top_of_band(high_hz, self.recipe.high_hz, self.sr)

    @cached_property
    def reaches_high(self) -> bool:
        """Whether the clip's sampling rate carries the recipe's `high_hz`."""
        return self.recipe.high_hz <= self.sr / 2

    @cached_property
    def frames(self) -> Frames:
        recipe, n_samples = self.recipe, len(self.samples)
        length = max(round(recipe.window_s * self.sr), 1)
        hop = max(round(recipe.hop_s * self.sr), 1)
        n_fft = 1 << (length - 1).bit_length()
        used = min(length, n_samples)
        window, energy = _hann(used)
        step = self.samples.strides[0]
        n_frames = 1 + (n_samples - used) // hop
        cut = as_strided(self.samples, (n_frames, used), (hop * step, step), writeable=False)
        padded = np.zeros((len(cut), n_fft))
        np.multiply(cut, window, out=padded[:, :used])
        power = _power(padded, self._n_bins(n_fft))
        times = (np.arange(len(cut)) * hop + used / 2) / self.sr
        sounding = power.any(axis=-1)
        if not sounding.all():
            power, times = power[sounding], times[sounding]
        return Frames(
            power=power,
            step_hz=self.sr / n_fft,
            density=2 / (self.sr * energy),
            times_s=times,
            n_fft=n_fft,
            window_energy=energy,
        )

    @cached_property
    def mean_frame(self) -> Spectrum | None:
        """The mean power of the frames; None for a silent clip."""
        frames = self.frames
        if len(frames.power) == 0:
            return None
        return Spectrum(
            power=frames.power.sum(axis=0) / len(frames.power),
            step_hz=frames.step_hz,
            density=frames.density,
        )

    @cached_property
    def multitaper(self) -> Spectrum | None:
        """The multitaper spectrum; None for a clip under 20 ms or a silent one."""
        length = multitaper_length(len(self.samples), self.sr)
        if length is None:
            return None
        start = (len(self.samples) - length) // 2
        middle = self.samples[start : start + length]
        tapers = dpss_tapers(length, self.recipe.tapers, self.recipe.time_bandwidth)
        n_fft = int(scipy.fft.next_fast_len(length, real=True))
        eigen = _power(tapers * middle, self._n_bins(n_fft), n_fft)
        power = eigen.sum(axis=0) / len(eigen)
        if not power.any():
            return None
        # DPSS tapers have unit energy each.
        return Spectrum(power=power, step_hz=self.sr / n_fft, density=2 / self.sr)

    @cached_property
    def band_limited(self) -> Waveform:
        """The samples without anything above `high_hz` (a brick wall in the Fourier domain), at
        about twice that rate: zero crossings of one sound then agree between recordings at
        several rates, and nothing in the band is lost. As they are, where the rate is lower."""
        if self.sr / 2 <= self.recipe.high_hz:
            return Waveform(samples=self.samples, sr=float(self.sr))
        n_samples = len(self.samples)
        n_fft = int(scipy.fft.next_fast_len(n_samples, real=True))
        n_half = int(
            scipy.fft.next_fast_len(ceil(self.recipe.high_hz * n_fft / self.sr), real=True)
        )
        spectrum = scipy.fft.rfft(self.samples, n_fft)[: min(self._n_bins(n_fft), n_half)]
        sr = self.sr * 2 * n_half / n_fft
        limited: Floats = scipy.fft.irfft(spectrum, 2 * n_half)[
            : max(round(n_samples * sr / self.sr), 1)
        ]
        limited *= 2 * n_half / n_fft
        return Waveform(samples=limited, sr=sr)

    def _n_bins(self, n_fft: int) -> int:
        return min(n_fft // 2, floor(self.recipe.high_hz * n_fft / self.sr)) + 1


def top_of_band(band_hz: float, high_hz: float, sr: int) -> float | None:
    """See `Spectra.band_top`."""
    top = min(band_hz, high_hz)
    return top if top >= REACHED * band_hz and top <= sr / 2 else None


def multitaper_length(n_samples: int, sr: int) -> int | None:
    """Samples under the tapers: the middle half of the clip, at least 20 ms, at most 1 s, rounded
    down, by a sixth at most, to a geometric series of lengths that transform quickly. None for
    a clip under 20 ms."""
    shortest = round(SHORTEST_MULTITAPER_S * sr)
    if n_samples < shortest:
        return None
    wanted = min(max(n_samples // 2, shortest), round(LONGEST_MULTITAPER_S * sr))
    # The small term keeps an exact power of the ratio on its own step.
    steps = floor(log(wanted / shortest) / log(LENGTH_RATIO) + 1e-9)
    length = min(round(shortest * LENGTH_RATIO**steps), wanted)
    return max(_fast_length(length), shortest)


@lru_cache(maxsize=256)
def _fast_length(length: int) -> int:
    """The greatest length up to `length` whose transform needs no padding to be quick."""
    while scipy.fft.next_fast_len(length, real=True) != length:
        length -= 1
    return length


@lru_cache(maxsize=64)
def dpss_tapers(length: int, n_tapers: int, time_bandwidth: float) -> Floats:
    """Discrete prolate spheroidal sequences of unit energy, one a row (Slepian 1978; Percival &
    Walden 1993, eq. 386). The even ones have a positive sum, the odd ones begin upwards.

    Not scipy.signal's, which gives the same: loading it takes a second.
    """
    from scipy.linalg import eigh_tridiagonal

    at = np.arange(length)
    diagonal = ((length - 1 - 2 * at) / 2) ** 2 * np.cos(2 * np.pi * time_bandwidth / length)
    _, vectors = eigh_tridiagonal(diagonal, at[1:] * (length - at[1:]) / 2, select="i",
                                  select_range=(length - n_tapers, length - 1))  # fmt: skip
    tapers: Floats = np.ascontiguousarray(vectors[:, ::-1].T)
    for number, taper in enumerate(tapers):
        first = taper[np.argmax(taper**2 > max(1e-7, 1 / length))]
        taper *= -1 if (first if number % 2 else taper.sum()) < 0 else 1
    tapers.flags.writeable = False
    return tapers


@lru_cache(maxsize=256)
def bins_between(low_hz: float, high_hz: float, step_hz: float) -> slice:
    """The bins of a spectrum with low_hz <= f < high_hz."""
    # Rounding keeps an edge that falls on a bin on that bin.
    first, past = (int(np.ceil(round(edge / step_hz, 9))) for edge in (low_hz, high_hz))
    return slice(first, past)


@lru_cache(maxsize=128)
def bin_freqs(n_bins: int, step_hz: float) -> Floats:
    freqs: Floats = np.arange(n_bins, dtype=np.float64) * step_hz
    freqs.flags.writeable = False
    return freqs


@lru_cache(maxsize=64)
def _hann(length: int) -> tuple[Floats, float]:
    """The periodic Hann window and its energy; a single sample is left as it is."""
    window = np.ones(length)
    if length > 1:
        window[:] = np.sin(np.pi * np.arange(length) / length) ** 2
    return window, float(np.sum(window**2))


def _power(rows: Floats, n_bins: int, n_fft: int | None = None) -> Floats:
    """abs(rfft)² of each row, the first `n_bins` bins."""
    spectrum = scipy.fft.rfft(rows, n_fft, axis=-1)[..., :n_bins]
    power: Floats = np.square(spectrum.real, dtype=np.float64)
    power += np.square(spectrum.imag)
    return power
