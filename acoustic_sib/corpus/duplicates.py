"""The search for audio that a corpus holds twice: identical, or changed in level, length or coding.

A clip's fingerprint is its own fine spectrum: magnitudes on a fixed grid of frequencies, divided by
their smooth envelope. It does not change with level, polarity or a shift in time; two different
takes of the same noise have nothing in common there, however alike they sound. Pairs with alike
fingerprints are then laid over one another sample by sample.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

Floats = NDArray[np.float64]
Read = Callable[[str], tuple[Floats, int]]

LOW_HZ, HIGH_HZ = 500.0, 8000.0
GRID_HZ = 6.0
ENVELOPE_HZ = 300.0
ALIKE = 0.3
SAME = 0.9
LEAST_OVERLAP = 0.5
MOST_CANDIDATES = 10_000
BLOCK = 1024


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Two clips that hold the same sound; `similarity` is their largest correlation."""

    first: str
    second: str
    kind: Literal["identical", "near-identical"]
    similarity: float


@dataclass(frozen=True, kw_only=True)
class Copies:
    """What a search found, and how many alike pairs were left unconfirmed as too many."""

    found: tuple[Copy, ...]
    n_compared: int
    n_unconfirmed: int


def find_copies(
    clips: pd.DataFrame, read: Read | None, *, known: Set[frozenset[str]] = frozenset()
) -> Copies:
    """Identical clips by `sample_hash`; near-identical ones of one rate where sounds can be read.

    `known` pairs (such as overlapping spans of a file) are not told again as near-identical.
    """
    sounding = clips[clips["level_db"].notna() & clips["sample_hash"].notna()]
    found, unique = [], []
    for _, group in sounding.groupby("sample_hash", sort=False):
        first, *others = group["clip_id"].tolist()
        unique.append(first)
        found += [Copy(first=first, second=other, kind="identical", similarity=1.0)
                  for other in others]  # fmt: skip
    if read is None:
        return Copies(found=tuple(found), n_compared=0, n_unconfirmed=0)
    pairs = _alike_pairs(unique, read)
    for first, second, _ in pairs[:MOST_CANDIDATES]:
        similarity = correlation(read(first)[0], read(second)[0])
        if similarity >= SAME and frozenset((first, second)) not in known:
            found.append(Copy(first=first, second=second, kind="near-identical",
                              similarity=similarity))  # fmt: skip
    return Copies(found=tuple(found), n_compared=min(len(pairs), MOST_CANDIDATES),
                  n_unconfirmed=max(len(pairs) - MOST_CANDIDATES, 0))  # fmt: skip


def fingerprint(samples: Floats, sr: int) -> NDArray[np.float32]:
    """The fine spectrum of a clip on a grid of about 6 Hz, of unit length and zero mean."""
    length = next_fast_len(round(sr / GRID_HZ), real=True)
    centred = samples - samples.mean()
    # A transform of the folded clip is the clip's own spectrum, read at the grid's frequencies.
    folded = np.pad(centred, (0, -len(centred) % length)).reshape(-1, length).sum(axis=0)
    power = np.abs(rfft(folded)) ** 2
    step = sr / length
    envelope = uniform_filter1d(power, max(round(ENVELOPE_HZ / step), 3))
    fine = np.sqrt(power / np.maximum(envelope, envelope.max() * 1e-12))
    fine = fine[round(LOW_HZ / step) : round(min(HIGH_HZ, 0.45 * sr) / step)]
    fine -= fine.mean()
    return np.asarray(fine / max(float(np.linalg.norm(fine)), 1e-12), dtype=np.float32)


def correlation(first: Floats, second: Floats) -> float:
    """The largest absolute correlation of two sounds over all shifts that leave an overlap of at
    least half of the shorter, taken over the overlap."""
    short, long = sorted((_emphasized(first), _emphasized(second)), key=len)
    n_lags = len(short) + len(long) - 1
    size = next_fast_len(n_lags, real=True)
    product = irfft(rfft(long, size) * np.conj(rfft(short, size)), size)
    lags = np.arange(-(len(short) - 1), len(long))
    begin, end = np.maximum(lags, 0), np.minimum(lags + len(short), len(long))
    enough = end - begin >= LEAST_OVERLAP * len(short)
    energy_long, energy_short = _cumulated(long), _cumulated(short)
    overlap = ((energy_long[end] - energy_long[begin])
               * (energy_short[end - lags] - energy_short[begin - lags]))  # fmt: skip
    total = energy_short[-1] * energy_short[-1]
    usable = enough & (overlap > 1e-6 * total)
    if not usable.any():
        return 0.0
    return float(np.max(np.abs(product[lags[usable]]) / np.sqrt(overlap[usable])))


def _alike_pairs(names: list[str], read: Read) -> list[tuple[str, str, float]]:
    """Pairs of clips of one rate whose fingerprints agree, the most alike first."""
    prints: dict[int, dict[str, NDArray[np.float32]]] = {}
    for name in names:
        samples, sr = read(name)
        prints.setdefault(sr, {})[name] = fingerprint(samples, sr)
    pairs = []
    for of_rate in prints.values():
        members, matrix = list(of_rate), np.stack(list(of_rate.values()))
        for start in range(0, len(members), BLOCK):
            likeness = matrix[start : start + BLOCK] @ matrix[start:].T
            rows, columns = np.nonzero(np.triu(likeness > ALIKE, k=1))
            pairs += [(members[start + row], members[start + column], float(value))
                      for row, column, value in zip(rows, columns, likeness[rows, columns],
                                                    strict=True)]  # fmt: skip
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))


def _emphasized(samples: Floats) -> Floats:
    """Differences of samples: voicing and hum, alike in all clips of a speaker, count for less."""
    return np.diff(samples)


def _cumulated(samples: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(samples**2)])
