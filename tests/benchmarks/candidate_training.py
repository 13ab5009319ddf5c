"""Trains the network of the sibilant search that judges candidates, and chooses the threshold."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.screen import search
from acoustic_sib.screen.candidates import values_of
from acoustic_sib.screen.events import Event, events_of, segment_of
from acoustic_sib.screen.records import Segment
from tests.benchmarks.detection import Span, score, total
from tests.benchmarks.spoken import Recording

Floats = NDArray[np.float64]
HIGH, LOW = 0.2, 0.15
"""What makes a candidate: nearly everything that could be a sibilant."""
LEAST = tuple(round(0.05 * step, 2) for step in range(6, 17))
SEEDS = (0, 1, 2)
UNITS, PENALTY, ROUNDS = 16, 0.03, 10


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Of one copy of a recording: candidates, their `values` (n, 9), and the `answers`: whether
    each finds a sibilant (1), none (0), or half of an affricate (-1: not to be learnt from)."""

    recording: Recording
    probabilities: Floats
    events: list[Event]
    values: Floats
    answers: NDArray[np.int64]


Pool = Sequence[Sequence[Candidates]]
"""Of each recording, of each of its copies, the recording as it was being the first."""


def candidates_of(recording: Recording, probabilities: Floats) -> Candidates:
    course = probabilities[:, 1]
    events = events_of(course, high=HIGH, low=LOW)
    answers = []
    for event in events:
        own = score([segment_of(event, course)], *truth(recording))
        answers.append(1 if own.hits else 0 if own.false_at else -1)
    return Candidates(recording=recording, probabilities=probabilities, events=events,
                      values=values_of(events, probabilities),
                      answers=np.array(answers, dtype=np.int64))  # fmt: skip


def truth(one: Recording) -> tuple[list[Span], list[Span]]:
    """Sibilants and affricates."""
    sibilants, affricates = (
        [(phone.start, phone.end) for phone in one.phones if phone.kind == kind]
        for kind in ("sibilant", "affricate")
    )
    return sibilants, affricates


def thresholds_for(network: search.Network, told: Pool) -> search.Thresholds:
    """Of LEAST the one with the best F1 on speech that nothing was trained on, in the mean of it as
    it was and of its changed copies: other rooms and microphones are to be searched too."""

    def mean_f1(least: float) -> float:
        as_it_was, changed = (
            total([score(found_in(one, network, least), *truth(one.recording))
                   for copies in told for one in copies[part]])
            for part in (slice(0, 1), slice(1, None))
        )  # fmt: skip
        return (as_it_was.f1 + changed.f1) / 2

    return search.Thresholds(high=HIGH, low=LOW, least=max(LEAST, key=mean_f1))


def found_in(one: Candidates, network: search.Network, least: float) -> list[Segment]:
    if not one.events:
        return []
    scores = network.probabilities(one.values)[:, 1]
    return [segment_of(event, one.probabilities[:, 1])
            for event, own in zip(one.events, scores, strict=True) if own >= least]  # fmt: skip


def fitted(pool: Pool) -> dict[str, Any]:
    """Numbers of the averaged network. Each kind of speech has the same weight."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    each = [one for copies in pool for one in copies]
    values = np.vstack([one.values for one in each])
    answers = np.concatenate([one.answers for one in each])
    sources = np.repeat([one.recording.source for one in each], [len(one.events) for one in each])
    known = answers >= 0
    values, answers, sources = values[known], answers[known], sources[known]
    names, own, counts = np.unique(sources, return_inverse=True, return_counts=True)
    weights = len(answers) / (len(names) * counts[own])
    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-6
    networks = []
    for seed in SEEDS:
        network = MLPClassifier((UNITS,), alpha=PENALTY, max_iter=ROUNDS, random_state=seed,
                                batch_size=128, learning_rate_init=2e-3)  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit((values - mean) / scale, answers, sample_weight=weights)
        (inner, outer), (bias, out_bias) = network.coefs_, network.intercepts_
        # One logistic output is the same as two outputs whose first is always 0.
        networks.append({"mean": mean, "scale": scale, "weights": inner, "bias": bias,
                         "out_weights": np.hstack([np.zeros_like(outer), outer]),
                         "out_bias": np.concatenate([[0.0], out_bias])})  # fmt: skip
    return search.averaged(networks)
