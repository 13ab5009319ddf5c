"""Where the phones of recordings lie whose words are known: hidden Markov models of phones, trained
on one speaker's own recordings and nothing else, as a first step of Kaldi's or MFA's is.

The search takes no part in it, so that it can be trained and judged on what comes out.
"""

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HOP, SR = 220, 22050
HOP_S = HOP / SR
ROUNDS, SINGLE_ROUNDS = 8, 3
SILENCE = "_"
COMPONENTS, SILENCE_COMPONENTS, ENOUGH_FRAMES = 3, 4, 300
LEAST_VARIANCE, BORROWED_FRAMES = 0.02, 10
SPOKEN_SHARE = 0.35
"""Of the range of the level: what is above it is spoken, to begin with."""


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """`features` (n, 39) of a recording and the phones that are said in it."""

    features: Floats
    phones: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Weights (k), means and variances (k, d) of a diagonal Gaussian mixture."""

    weights: Floats
    means: Floats
    variances: Floats


def cepstra(samples: Floats, sr: int) -> Floats:
    """(n, 39): 13 MFCC, and their first and second differences over time, every 10 ms."""
    import librosa

    if sr != SR:
        samples = librosa.resample(samples, orig_sr=sr, target_sr=SR, res_type="polyphase")
    samples = samples + 1e-5 * np.random.default_rng(0).standard_normal(len(samples))
    samples = np.append(samples[:1], samples[1:] - 0.97 * samples[:-1])
    own = librosa.feature.mfcc(y=samples, sr=SR, n_mfcc=13, n_fft=512, hop_length=HOP,
                               win_length=440, n_mels=40)  # fmt: skip
    changes = [librosa.feature.delta(own, order=order, mode="nearest") for order in (1, 2)]
    return np.asarray(np.vstack([own, *changes]).T, dtype=np.float64)


def aligned(utterances: Sequence[Utterance]) -> list[NDArray[np.int64] | None]:
    """The frames at which the phones of each utterance begin, and where the last of them ends;
    None for a recording that is too short for its phones."""
    every = np.vstack([one.features for one in utterances])
    mean, scale = every.mean(axis=0), every.std(axis=0) + 1e-6
    features = [(one.features - mean) / scale for one in utterances]
    chains = [_states(one.phones) for one in utterances]
    fitting = [number for number, chain in enumerate(chains)
               if len(chain) <= len(features[number])]  # fmt: skip
    paths = {number: _spread(utterances[number].features[:, 0], len(chains[number]))
             for number in fitting}  # fmt: skip
    for turn in range(ROUNDS):
        frames = defaultdict(list)
        for number, path in paths.items():
            for state in np.unique(path):
                frames[chains[number][state]].append(features[number][path == state])
        mixtures = {name: _mixture(np.vstack(own), name, single=turn < SINGLE_ROUNDS)
                    for name, own in frames.items()}  # fmt: skip
        paths = {number: _best_path(features[number], chains[number], mixtures)
                 for number in fitting}  # fmt: skip
    return [_begins(paths[number], len(chains[number])) if number in paths else None
            for number in range(len(utterances))]  # fmt: skip


def _states(phones: Sequence[str]) -> list[str]:
    """Two states a phone, silence before and after."""
    return [SILENCE, *(f"{phone} {half}" for phone in phones for half in "12"), SILENCE]


def _spread(level: Floats, n_states: int) -> NDArray[np.int64]:
    """A first path: the states evenly over what is spoken."""
    low, high = np.percentile(level, [5, 95])
    loud = np.flatnonzero(level > low + SPOKEN_SHARE * (high - low))
    first, end = int(loud[0]), int(loud[-1]) + 1
    inner = n_states - 2
    if end - first < inner:
        first = (len(level) - inner) // 2
        end = first + inner
    path = np.zeros(len(level), dtype=np.int64)
    path[first:end] = 1 + np.arange(end - first) * inner // (end - first)
    path[end:] = n_states - 1
    return path


def _mixture(frames: Floats, name: str, *, single: bool) -> Mixture:
    from sklearn.mixture import GaussianMixture

    n = SILENCE_COMPONENTS if name == SILENCE else COMPONENTS
    if single or len(frames) <= ENOUGH_FRAMES:
        # Features are standardised: a few frames of variance 1 steady a rare phone's.
        variance = (frames.var(axis=0) * len(frames) + BORROWED_FRAMES) / (
            len(frames) + BORROWED_FRAMES
        )
        return Mixture(weights=np.ones(1), means=frames.mean(axis=0)[None],
                       variances=variance[None])  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The rounds go on from wherever this one stops.
        found = GaussianMixture(n, covariance_type="diag", reg_covar=LEAST_VARIANCE, max_iter=15,
                                random_state=0).fit(frames)  # fmt: skip
    return Mixture(weights=found.weights_, means=found.means_, variances=found.covariances_)


def _best_path(
    features: Floats, chain: Sequence[str], mixtures: Mapping[str, Mixture]
) -> NDArray[np.int64]:
    """Viterbi: one state after the other, none left out but the silence at either end."""
    names = list(dict.fromkeys(chain))
    told = np.stack([_log_density(features, mixtures[name]) for name in names])
    log_density = told[[names.index(name) for name in chain]].T
    n_frames, n_states = log_density.shape
    best = np.full(n_states, -np.inf)
    best[:2] = log_density[0, :2]
    stepped = np.zeros((n_frames, n_states), dtype=bool)
    for frame in range(1, n_frames):
        before = np.concatenate([[-np.inf], best[:-1]])
        stepped[frame] = before > best
        best = np.maximum(before, best) + log_density[frame]
    path = np.empty(n_frames, dtype=np.int64)
    state = n_states - 1 if best[-1] >= best[-2] else n_states - 2
    for frame in range(n_frames - 1, -1, -1):
        path[frame] = state
        state -= int(stepped[frame, state])
    return path


def _log_density(features: Floats, mixture: Mixture) -> Floats:
    scaled = mixture.means / mixture.variances
    constant = np.log(mixture.weights) - 0.5 * (
        mixture.means * scaled + np.log(2 * np.pi * mixture.variances)
    ).sum(axis=1)
    each = features @ scaled.T - features**2 @ (0.5 / mixture.variances).T + constant
    found: Floats = np.logaddexp.reduce(each, axis=1)
    return found


def _begins(path: NDArray[np.int64], n_states: int) -> NDArray[np.int64]:
    """First frame of each phone, and of the silence after them."""
    firsts = np.searchsorted(path, np.arange(1, n_states, 2))
    return firsts.astype(np.int64)
