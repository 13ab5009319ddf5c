"""Trains the networks of the sibilant search: `python -m tests.benchmarks.search_training
SPEECHOCEAN OUT` (two folders) writes search_full.json and search_narrow.json.

On speechocean's utterances (human, labelled by forced alignment), espeak-ng, Festival and Flite
(all synthetic), each also with its fricatives replaced (by frication.py's noise and by
speechocean's clips, none of whose speakers is in the utterances) and changed in vocal-tract size,
channel, room, noise, hum and length. Never on voxangeles. The network over candidates learns from
what those over frames make of voices that they have not heard. The threshold is chosen on MBROLA's
voices, which nothing is trained on.
"""

import json
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray

from acoustic_sib.screen import search
from acoustic_sib.screen.evidence import CONTEXTS, evidence, kinds_of_values
from acoustic_sib.screen.frames import HOP_S, Frames, measure_frames
from tests.benchmarks import candidate_training
from tests.benchmarks.candidate_training import Candidates, candidates_of, thresholds_for
from tests.benchmarks.diphone_speech import CHOOSING, diphone_speech
from tests.benchmarks.frication import Clip, replaced
from tests.benchmarks.spoken import Recording, changed, clips_of, speechocean, synthetic

Floats = NDArray[np.float64]
SIGHTS = (("levels", "shape"), ("peaks", "shape"))
"""What each half of the network sees: two halves that err differently."""
SEEDS = (0, 1, 2, 3)
UNITS, PENALTY, ROUNDS = 24, 0.03, 4
PAD_S = 0.05
FOLDS = 4
COPIES = {"speechocean": 6, "espeak": 3, "festival": 3, "mbrola": 1}
AS_IT_WAS = 3
"""Of so many copies one keeps its own fricatives."""
SHARES = {"speechocean": 0.4, "espeak": 0.14, "festival": 0.17}
"""Of the frames of other sounds; of sibilants and dentals twice as many are learnt from."""


def frames_of(samples: Floats, sr: int) -> Frames:
    pad = round(PAD_S * sr)
    centres = np.round(np.arange(int(len(samples) / (HOP_S * sr))) * HOP_S * sr).astype(np.int64)
    padded = np.concatenate([np.zeros(pad), samples, np.zeros(pad)])
    bands, periodicity = measure_frames(padded, centres + pad, sr)
    return Frames(bands_db=bands, periodicity=periodicity, sr=sr, bandwidth_hz=sr / 2,
                  duration_s=len(samples) / sr)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A recording as it was, or a copy of it, as frames, and the number of each frame's class
    (-1: not to be learnt from)."""

    recording: Recording
    frames: Frames
    answers: NDArray[np.int64]


Speech = Sequence[Sequence[Heard]]
"""Of each recording, as it was and its copies."""


def heard(recordings: Sequence[Recording], clips: Sequence[Clip], seed: int) -> Speech:
    """Each recording as it is, followed by its copies."""
    with parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        found: list[list[Heard]] = Parallel(batch_size=16)(
            delayed(_copies)(one, clips, np.random.default_rng([seed, number]))
            for number, one in enumerate(recordings)
        )
    return found


def _copies(one: Recording, clips: Sequence[Clip], rng: np.random.Generator) -> list[Heard]:
    copies = [one]
    for number in range(COPIES[one.source]):
        kept = one
        if number % AS_IT_WAS:
            samples, phones = replaced(one.samples, one.sr, one.phones, clips, rng)
            kept = replace(one, samples=samples, phones=tuple(phones))
        copies.append(changed(kept, rng))
    return [_heard(copy) for copy in copies]


def _heard(one: Recording) -> Heard:
    frames = frames_of(one.samples, one.sr)
    times = np.arange(len(frames.bands_db)) * HOP_S
    answers = np.zeros(len(times), dtype=np.int64)
    numbers = {"sibilant": 1, "dental": 2, "affricate": -1}
    for phone in one.phones:
        inside = (times >= phone.start) & (times < phone.end)
        answers[inside] = numbers.get(phone.kind, 0)
    # The sound is not needed any more, and it is what fills the memory.
    return Heard(recording=replace(one, samples=np.zeros(0)), frames=frames, answers=answers)


Examples = tuple[NDArray[np.float32], NDArray[np.int64]]


def examples(copies: Iterable[Heard], *, band: search.Band, rng: np.random.Generator) -> Examples:
    """Inputs and class numbers of some frames of each."""
    inputs, answers = [], []
    for one in copies:
        share = SHARES[one.recording.source] * np.where(one.answers > 0, 2, 1)
        kept = (one.answers >= 0) & (rng.random(len(one.answers)) < share)
        seen = evidence(one.frames.bands_db, one.frames.periodicity, search.N_BANDS[band])
        inputs.append(seen[kept].astype(np.float32))
        answers.append(one.answers[kept])
    return np.vstack(inputs), np.concatenate(answers)


def fitted(parts: Sequence[Examples], *, band: search.Band) -> dict[str, Any]:
    """Numbers of the averaged network: one network for each of SIGHTS and SEEDS."""
    inputs = np.vstack([part[0] for part in parts])
    answers = np.concatenate([part[1] for part in parts])
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    inputs = (inputs - mean) / scale
    kinds = np.tile(kinds_of_values(search.N_BANDS[band]), len(CONTEXTS) + 1)
    seen = [np.isin(kinds, sight) for sight in SIGHTS for _ in SEEDS]
    # One thread each: the last digits of a sum depend on the number of threads.
    with parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        layers = Parallel()(
            delayed(_layers)(inputs[:, own], answers, seed)
            for own, seed in zip(seen, SEEDS * len(SIGHTS), strict=True)
        )
    networks = []
    for own, (inner, outer, bias, out_bias) in zip(seen, layers, strict=True):
        weights = np.zeros((len(kinds), UNITS))
        weights[own] = inner
        networks.append({"mean": mean, "scale": scale, "weights": weights, "bias": bias,
                         "out_weights": outer, "out_bias": out_bias})  # fmt: skip
    return search.averaged(networks)


def _layers(
    inputs: NDArray[np.float32], answers: NDArray[np.int64], seed: int
) -> tuple[Floats, Floats, Floats, Floats]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier((UNITS,), alpha=PENALTY, max_iter=ROUNDS, random_state=seed,
                            batch_size=512, learning_rate_init=2e-3)  # fmt: skip
    with warnings.catch_warnings():
        # The number of rounds is a choice: more of them overfit.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(inputs, answers)
    return *network.coefs_, *network.intercepts_


def written(
    frames: dict[str, Any], candidates: dict[str, Any], thresholds: search.Thresholds, path: Path
) -> None:
    """The search as JSON, four digits a number."""
    numbers = {
        name: {key: _rounded(np.asarray(values)) for key, values in network.items()}
        for name, network in (("frames", frames), ("candidates", candidates))
    }
    found = numbers | {"thresholds": asdict(thresholds)}
    path.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


def _rounded(values: Floats) -> Any:
    return json.loads(
        json.dumps(values.tolist()), parse_float=lambda text: float(f"{float(text):.4g}")
    )


def fold_numbers(recordings: Sequence[Recording]) -> NDArray[np.int64]:
    """Each recording's fold; no speaker or voice is in two."""
    speakers, own = np.unique([one.speaker for one in recordings], return_inverse=True)
    return (np.random.default_rng(0).permutation(len(speakers)) % FOLDS)[own]


def networks_of_folds(spoken: Speech, *, band: search.Band) -> list[search.Network]:
    """For each fold, a network over frames that has not heard its speakers or voices in any
    copy."""
    folds = fold_numbers([copies[0].recording for copies in spoken])
    parts = [
        examples((one for copies, own in zip(spoken, folds, strict=True) if own == fold
                  for one in copies), band=band, rng=np.random.default_rng([2, fold]))
        for fold in range(FOLDS)
    ]  # fmt: skip
    return [search.network_from(fitted([part for own, part in enumerate(parts) if own != fold],
                                       band=band)) for fold in range(FOLDS)]  # fmt: skip


def unheard(
    spoken: Speech, networks: Sequence[search.Network], *, band: search.Band
) -> list[list[Candidates]]:
    """Candidates of each copy of each recording, by the network of its own fold."""
    folds = fold_numbers([copies[0].recording for copies in spoken])
    return [
        candidates_in(copies, networks[fold], band=band)
        for copies, fold in zip(spoken, folds, strict=True)
    ]


def candidates_in(
    copies: Sequence[Heard], network: search.Network, *, band: search.Band
) -> list[Candidates]:
    return [candidates_of(one.recording, search.sibilance(one.frames, band, network))
            for one in copies]  # fmt: skip


def all_speech(folder: Path) -> Speech:
    """Everything that is learnt from; `folder` is speechocean's."""
    return heard([*speechocean(folder), *synthetic()], clips_of(folder), seed=1)


def to_choose_by() -> Speech:
    """What the threshold is chosen on."""
    return heard(list(diphone_speech(CHOOSING)), [], seed=2)


def main(folder: Path, out: Path) -> None:
    """Train both searches on the corpus in `folder` and synthetic speech; write them into `out`."""
    spoken, choosing = all_speech(folder), to_choose_by()
    for band in search.N_BANDS:
        pool = unheard(spoken, networks_of_folds(spoken, band=band), band=band)
        candidates = candidate_training.fitted(pool)
        everything = examples((one for copies in spoken for one in copies), band=band,
                              rng=np.random.default_rng(1))  # fmt: skip
        frames = fitted([everything], band=band)
        network = search.network_from(frames)
        told = [candidates_in(copies, network, band=band) for copies in choosing]
        thresholds = thresholds_for(search.network_from(candidates), told)
        written(frames, candidates, thresholds, out / f"search_{band}.json")
        print(band, thresholds, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
