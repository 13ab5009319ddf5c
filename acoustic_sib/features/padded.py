"""One clip's frame measures after each way of padding it, pooled over time in each way.

A model of fixed input length sees a short clip in a window of 1.0 s. Every version is laid on one
grid of hops, so a frame that two versions share is transformed once: zeros before a clip are a
whole number of hops, a repeated clip is cut to one (less than a hop is lost) and then has no more
different frames than hops, and a frame of digital silence is a constant.
"""

from dataclasses import dataclass
from functools import cache
from math import ceil, log10, nan

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.features.logmel import mel_bank
from acoustic_sib.features.moments import MOMENTS, spectral_moments
from acoustic_sib.features.recipe import Recipe
from acoustic_sib.features.spectra import Spectra, bin_freqs, bins_between

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

PADDINGS = ("as_is", "zeros_end", "centred", "repeated", "trimmed")
POOLINGS = ("mean", "mean_sd", "middle_third", "max", "energy_weighted", "valid_frames")
WINDOW_S = 1.0

N_MELS = 24
MEASURES = (*(f"band{index:02d}_db" for index in range(N_MELS)), *MOMENTS)

SILENCE = 2.0**-30 / 12 / 22_050
"""Power per Hz added to every frame: the rounding noise of 16 bits over the band of 44.1 kHz. A
frame of zeros has this level (-144 dB re full scale squared per Hz) and shape (flat), in every clip
alike, and no sounding frame lies below it, as a model's logarithm of zeros is held by an epsilon.
"""

CORE_LOW_HZ = 2000.0
CORE_DB = 10.0

_STATISTICS = ("mean", "sd", "middle_third", "max", "energy_weighted", "valid_frames")


@dataclass(frozen=True, kw_only=True)
class _Bank:
    """Every different frame of a clip's versions, one a row of `values` (frames x measures) and of
    `energy`; the last is a frame of silence. A version is a list of rows.

    Row `first` begins with the clip; the rows before it reach into the clip from zeros, and the
    last of its `n_touching` from there on are cut off by its end. `own` are the rows of the clip
    as it is, `core` of its loudest run, `turn` of one turn of the repeated clip, the first
    `n_seamless` of which cross no seam.
    """

    values: Floats
    energy: Floats
    first: int
    n_touching: int
    own: Rows
    core: Rows
    turn: Rows
    n_seamless: int

    def placed(self, at_hop: int, n_frames: int) -> Rows:
        """The rows of a window of zeros in which the clip begins at that hop."""
        rows = np.arange(n_frames) - at_hop + self.first
        rows[(rows < 0) | (rows >= self.first + self.n_touching)] = len(self.values) - 1
        return rows


def padded_pools(samples: Floats, sr: int, recipe: Recipe) -> dict[str, float]:
    """Columns `padding.statistic.measure` of one clip: mono samples, full scale 1.0, at `sr` Hz.

    Frames are the recipe's (Hann, 20 ms every 5 ms). Measures of a frame: levels of 24 mel bands,
    0 Hz to `high_hz`, dB re full scale squared per Hz, and centre of gravity, SD (Hz), skewness
    and excess kurtosis from `low_hz` to `high_hz`; all with the noise of `SILENCE` added.

    Paddings: `as_is`; `zeros_end`, zeros after the clip up to 1.0 s; `centred`, zeros on both
    sides; `repeated`, over and over to 1.0 s; `trimmed`, the run of frames around the loudest one
    that lie within 10 dB of it in energy above 2 kHz, where a fricative is loud and a voice is not.
    A clip over 1.0 s is cut to its first 1.0 s by the three that make a window, as feature
    extractors truncate. Frames that hold the clip's edge and zeros count like any other.

    Statistics over frames: `mean`; `sd` (n, not n - 1: it describes these frames); `middle_third`,
    mean; `max`; `energy_weighted`, mean weighted by energy between `low_hz` and `high_hz`;
    `valid_frames`, mean over the frames that hold nothing but the original sound (no zeros, no
    seam), or over all where there is none, as models do whose mask is too short for one frame.

    NaN: everything where the rate does not carry `high_hz`; energy-weighted in a silent clip; a
    band too narrow to hold a bin. Raises AudioError as `Spectra`.
    """
    clip = Spectra(samples, sr, recipe)
    names = _names()
    if not clip.reaches_high:
        return dict.fromkeys(names, nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        bank = _bank(clip)
        pooled = [_pooled(bank, *_version(bank, padding, clip)) for padding in PADDINGS]
    return dict(zip(names, np.concatenate(pooled, axis=None).tolist(), strict=True))


def columns_of_cell(padding: str, pooling: str) -> list[str]:
    """The columns of `padded_pools` that one way of padding and pooling gives a classifier."""
    statistics = ("mean", "sd") if pooling == "mean_sd" else (pooling,)
    return [f"{padding}.{statistic}.{measure}" for statistic in statistics for measure in MEASURES]


@cache
def _names() -> tuple[str, ...]:
    return tuple(f"{padding}.{statistic}.{measure}" for padding in PADDINGS
                 for statistic in _STATISTICS for measure in MEASURES)  # fmt: skip


def _version(bank: _Bank, padding: str, clip: Spectra) -> tuple[Rows, Mask]:
    """The rows of one version's frames in their order, and which hold the original sound alone."""
    if padding in ("as_is", "trimmed"):
        rows = bank.own if padding == "as_is" else bank.core
        return rows, np.ones(len(rows), dtype=bool)
    length, hop = _framing(clip)
    n_window = max(round(WINDOW_S * clip.sr), length)
    n_frames = 1 + (n_window - length) // hop
    room = n_window - len(clip.samples)
    if padding == "repeated" and room > 0:
        place = np.arange(n_frames) % len(bank.turn)
        return bank.turn[place], place < bank.n_seamless
    at_hop = room // 2 // hop if padding == "centred" and room > 0 else 0
    rows = bank.placed(at_hop, n_frames)
    return rows, np.isin(rows, bank.own)


def _pooled(bank: _Bank, rows: Rows, valid: Mask) -> Floats:
    """The statistics of a version (statistics x measures), in the order of `_STATISTICS`."""
    values, energy = bank.values[rows], bank.energy[rows]
    third, whole = len(rows) // 3, float(energy.sum())
    return np.stack([
        values.mean(axis=0),
        values.std(axis=0),
        values[third : len(rows) - third].mean(axis=0),
        values.max(axis=0),
        energy @ values / whole if whole > 0 else np.full(values.shape[1], nan),
        (values[valid] if valid.any() else values).mean(axis=0),
    ])  # fmt: skip


def _bank(clip: Spectra) -> _Bank:
    length, hop = _framing(clip)
    n_samples = len(clip.samples)
    first, n_touching = ceil(length / hop) - 1, ceil(n_samples / hop)
    edged = np.concatenate([np.zeros(first * hop), clip.samples, np.zeros(length)])
    density = [_densities(edged, first + n_touching, clip)]
    own = first + np.arange(1 + (n_samples - length) // hop)
    if n_samples < length:
        # As it is, a clip shorter than a window is one frame of its own length.
        own = np.array([first + n_touching])
        density.append(_densities(clip.samples, 1, clip))
    n_turn = max(n_samples // hop, 1)
    n_seamless = max(1 + (n_turn * hop - length) // hop, 0)
    cycle = np.resize(clip.samples, n_turn * hop)
    seams = np.resize(cycle, n_turn * hop + length)[n_seamless * hop :]
    n_so_far = sum(map(len, density))
    density += [_densities(seams, n_turn - n_seamless, clip), np.zeros((1, density[0].shape[1]))]
    step_hz = clip.frames.step_hz
    spectra = np.concatenate(density)
    return _Bank(
        values=_measures(spectra, clip),
        energy=_energy(spectra, step_hz, clip.recipe.low_hz, clip.recipe.high_hz),
        first=first, n_touching=n_touching, own=own, core=own[_core(spectra[own], clip)],
        turn=np.concatenate([
            first + np.arange(n_seamless), n_so_far + np.arange(n_turn - n_seamless)
        ]),
        n_seamless=n_seamless,
    )  # fmt: skip


def _densities(samples: Floats, n_frames: int, clip: Spectra) -> Floats:
    """The first frames' power per Hz, those of digital silence as 0: frames x bins."""
    length, hop = _framing(clip)
    frames = Spectra(samples, clip.sr, clip.recipe).frames
    # `Spectra` leaves silent frames out; the times say which.
    middle = min(length, len(samples)) / 2
    rows = np.rint((frames.times_s * clip.sr - middle) / hop).astype(int)
    kept = rows < n_frames
    density = np.zeros((n_frames, frames.power.shape[1]))
    density[rows[kept]] = frames.power[kept] * frames.density
    return density


def _measures(density: Floats, clip: Spectra) -> Floats:
    """`MEASURES` of each frame: frames x measures."""
    recipe, frames = clip.recipe, clip.frames
    # To a frame of zeros the values of a flat spectrum are given: bins would tell the rate there.
    values = np.tile(_of_silence(recipe.low_hz, recipe.high_hz), (len(density), 1))
    sounding = density.any(axis=1)
    noisy = density[sounding] + SILENCE
    bank = mel_bank(clip.sr, frames.n_fft, N_MELS, recipe.high_hz)
    band = bins_between(recipe.low_hz, recipe.high_hz, frames.step_hz)
    freqs = bin_freqs(density.shape[1], frames.step_hz)
    values[sounding, :N_MELS] = 10 * np.log10(noisy @ (bank / bank.sum(axis=0)))
    values[sounding, N_MELS:] = spectral_moments(noisy[:, band], freqs[band])
    return values


def _of_silence(low_hz: float, high_hz: float) -> Floats:
    """The measures of the flat spectrum `SILENCE`; moments are those of a uniform distribution."""
    moments = [(low_hz + high_hz) / 2, (high_hz - low_hz) / 12**0.5, 0.0, -1.2]
    return np.array([*[10 * log10(SILENCE)] * N_MELS, *moments])


def _core(density: Floats, clip: Spectra) -> slice:
    """The frames around the loudest one that lie within `CORE_DB` of it above `CORE_LOW_HZ`."""
    recipe = clip.recipe
    low = CORE_LOW_HZ if recipe.high_hz > 2 * CORE_LOW_HZ else recipe.low_hz
    energy = _energy(density, clip.frames.step_hz, low, recipe.high_hz)
    loudest = int(np.argmax(energy))
    quiet = np.flatnonzero(energy < energy[loudest] * 10 ** (-CORE_DB / 10))
    before, after = quiet[quiet < loudest], quiet[quiet > loudest]
    return slice(
        int(before[-1]) + 1 if len(before) else 0, int(after[0]) if len(after) else len(energy)
    )


def _energy(density: Floats, step_hz: float, low_hz: float, high_hz: float) -> Floats:
    energy: Floats = density[:, bins_between(low_hz, high_hz, step_hz)].sum(axis=1)
    return energy


def _framing(clip: Spectra) -> tuple[int, int]:
    """Samples of a frame and of a hop, as in `Spectra.frames`."""
    recipe = clip.recipe
    return max(round(recipe.window_s * clip.sr), 1), max(round(recipe.hop_s * clip.sr), 1)
