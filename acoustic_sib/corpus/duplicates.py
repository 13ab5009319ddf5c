"""The search for audio that a corpus holds twice: identical, or changed in level, length or coding.

A clip's fingerprint is its own fine spectrum: magnitudes on a fixed grid of frequencies, divided by
their smooth envelope. It does not change with level, polarity or a shift in time; two different
takes of a noise have nothing in common there, however alike they sound. Pairs with alike
fingerprints are then laid over one another sample by sample, flattened so that the few harmonics
that all vowels of a speaker share do not outweigh the noise that only a copy repeats.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

Floats = NDArray[np.float64]
Single = NDArray[np.float32]
Read = Callable[[str], tuple[Floats, int]]

# Fingerprints of different takes in the shared corpora agree to 0.28 in one pair of ten thousand;
# sustained vowels of one speaker agree more often, and are told apart by their correlation.
GRID_HZ = 6.0
LOW_HZ, HIGH_HZ = 500.0, 8000.0
FINGERPRINT_SMOOTHING_HZ = 600.0
ALIKE = 0.25
MOST_COMPARED = 2500
# Correlations of different takes stay under 0.6, those of copies begin at 0.64 for an MP3 of low
# bitrate and at 0.9 for a copy that was only trimmed or turned down.
SMOOTHING_HZ = 300.0
FLATTENED = 0.8
SAME = 0.65
LEAST_HZ = 300.0
LEAST_OVERLAP = 0.5
LEAST_ENERGY = 1e-3
FADE_S = 0.005
# Clips of nothing are all alike; they are no copies of one another.
SILENT_DB = -120.0
BLOCK = 1024
KEPT_SOUNDS = 256


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Two clips that hold the same sound; `similarity` is their largest correlation."""

    first: str
    second: str
    kind: Literal["identical", "near-identical"]
    similarity: float


@dataclass(frozen=True, kw_only=True)
class Copies:
    """What a search found, how many alike pairs were compared and how many were too many."""

    found: tuple[Copy, ...]
    n_compared: int
    n_uncompared: int


def find_copies(
    clips: pd.DataFrame, read: Read | None, *, known: Set[frozenset[str]] = frozenset()
) -> Copies:
    """Identical clips by `sample_hash`; near-identical ones of one rate where sounds can be read.

    `known` pairs (such as overlapping spans of a file) are not told again as near-identical.
    """
    sounding = clips[clips["level_db"] > SILENT_DB]
    found, unique = [], []
    for _, group in sounding.groupby("sample_hash", sort=False):
        first, *others = group["clip_id"].tolist()
        unique.append(first)
        found += [Copy(first=first, second=other, kind="identical", similarity=1.0)
                  for other in others]  # fmt: skip
    if read is None:
        return Copies(found=tuple(found), n_compared=0, n_uncompared=0)
    bandwidth = dict(zip(sounding["clip_id"], sounding["bandwidth_hz"].fillna(np.inf), strict=True))
    pairs = _alike_pairs(unique, read)
    kept = lru_cache(maxsize=KEPT_SOUNDS)(read)
    for first, second in sorted(pairs[:MOST_COMPARED]):
        (one, sr), (other, _) = kept(first), kept(second)
        similarity = correlation(one, other, sr, min(bandwidth[first], bandwidth[second]))
        if similarity >= SAME and frozenset((first, second)) not in known:
            found.append(Copy(first=first, second=second, kind="near-identical",
                              similarity=similarity))  # fmt: skip
    return Copies(found=tuple(found), n_compared=min(len(pairs), MOST_COMPARED),
                  n_uncompared=max(len(pairs) - MOST_COMPARED, 0))  # fmt: skip


def fingerprint(samples: Floats, sr: int, *, faded: bool) -> Single:
    """The fine spectrum of a clip on a grid of about 6 Hz, 500 to 8000 Hz, of unit length and zero
    mean. Faded ends keep a cut through a loud low sound from covering the rest of the spectrum;
    coded copies agree better without."""
    length = next_fast_len(round(sr / GRID_HZ), real=True)
    centred = _faded(samples, sr) if faded else samples - samples.mean()
    # The transform of a folded sound is the sound's own spectrum, read at the grid's frequencies.
    folded = np.pad(centred, (0, -len(centred) % length)).reshape(-1, length).sum(axis=0)
    power = np.abs(rfft(folded)) ** 2
    step = sr / length
    envelope = uniform_filter1d(power, max(round(FINGERPRINT_SMOOTHING_HZ / step), 3))
    fine = np.sqrt(power / np.maximum(envelope, envelope.max() * 1e-12 + 1e-300))
    fine = fine[round(LOW_HZ / step) : round(min(HIGH_HZ, 0.45 * sr) / step)]
    fine -= fine.mean()
    return np.asarray(fine / max(float(np.linalg.norm(fine)), 1e-12), dtype=np.float32)


def correlation(first: Floats, second: Floats, sr: int, bandwidth_hz: float) -> float:
    """The largest absolute correlation, 0 to 1, of two flattened sounds up to `bandwidth_hz`.

    It is taken over the overlap, at any shift that leaves at least half of the shorter sound; a
    shift at which the overlap is nearly silent does not count.
    """
    size = next_fast_len(len(first) + len(second), real=True)
    short, long = (_flattened(one, sr, size, bandwidth_hz)
                   for one in sorted((first, second), key=len))  # fmt: skip
    product = irfft(rfft(long, size) * np.conj(rfft(short, size)), size)
    lags = np.arange(-(len(short) - 1), len(long))
    begin, end = np.maximum(lags, 0), np.minimum(lags + len(short), len(long))
    in_long, in_short = _cumulated(long), _cumulated(short)
    energies = ((in_long[end] - in_long[begin])
                * (in_short[end - lags] - in_short[begin - lags]))  # fmt: skip
    loud = energies > LEAST_ENERGY * in_short[-1] * min(in_short[-1], in_long[-1])
    usable = loud & (end - begin >= LEAST_OVERLAP * len(short))
    if not usable.any():
        return 0.0
    return float(np.max(np.abs(product[lags[usable]]) / np.sqrt(energies[usable])))


def _alike_pairs(names: list[str], read: Read) -> list[tuple[str, str]]:
    """Pairs of clips of one rate whose fingerprints agree, the most alike first."""
    prints: dict[int, list[tuple[str, Single, Single]]] = {}
    for name in names:
        samples, sr = read(name)
        prints.setdefault(sr, []).append((
            name, fingerprint(samples, sr, faded=False), fingerprint(samples, sr, faded=True)
        ))  # fmt: skip
    pairs = []
    for of_rate in prints.values():
        members, plain, faded = zip(*of_rate, strict=True)
        matrices = np.stack(plain), np.stack(faded)
        for start in range(0, len(members), BLOCK):
            likeness = np.maximum(*(rows[start : start + BLOCK] @ rows[start:].T
                                    for rows in matrices))  # fmt: skip
            rows, columns = np.nonzero(np.triu(likeness > ALIKE, k=1))
            pairs += [(-float(value), members[start + row], members[start + column])
                      for row, column, value in zip(rows, columns, likeness[rows, columns],
                                                    strict=True)]  # fmt: skip
    return [(first, second) for _, first, second in sorted(pairs)]


def _flattened(samples: Floats, sr: int, size: int, bandwidth_hz: float) -> Single:
    """A faded sound whose spectrum is divided by most of its smooth envelope."""
    spectrum = rfft(_faded(samples, sr).astype(np.float32), size)
    step = sr / size
    power = spectrum.real**2 + spectrum.imag**2
    envelope = uniform_filter1d(power, max(round(SMOOTHING_HZ / step), 3))
    spectrum *= np.maximum(envelope, envelope.max() * 1e-9 + 1e-30) ** (-FLATTENED / 2)
    spectrum[: round(LEAST_HZ / step)] = 0
    spectrum[round(min(bandwidth_hz, sr / 2) / step) + 1 :] = 0
    return np.asarray(irfft(spectrum, size)[: len(samples)], dtype=np.float32)


def _faded(samples: Floats, sr: int) -> Floats:
    """Without DC, faded in and out over 5 ms (over halves where it is shorter)."""
    length = min(round(FADE_S * sr), len(samples) // 2)
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / max(length, 1))
    faded: Floats = samples - samples.mean()
    faded[:length] *= rise
    faded[len(faded) - length :] *= rise[::-1]
    return faded


def _cumulated(samples: Single) -> Floats:
    return np.asarray(np.append(0.0, np.cumsum(samples.astype(np.float64) ** 2)))
