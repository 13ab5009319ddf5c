"""Trains the network of the sibilant search: `python -m tests.benchmarks.search_training
SPEECHOCEAN OUT` (two folders) writes search_full.json and search_narrow.json.

On speechocean's utterances (human, labelled by forced alignment) and espeak-ng (synthetic), each
also changed in vocal-tract size, tilt, reverberation and noise. Never on voxangeles. Thresholds are
those with the best F1 on speechocean's speakers by networks that have not heard them.
"""

import json
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

from acoustic_sib.audio import read_sound
from acoustic_sib.corpus.textgrid import read_textgrid
from acoustic_sib.screen import search
from acoustic_sib.screen.detect import segments_of
from acoustic_sib.screen.evidence import evidence
from acoustic_sib.screen.frames import HOP_S, Frames, measure_frames
from tests.benchmarks.detection import Span, score, total
from tests.benchmarks.synthetic_speech import training_speech

Floats = NDArray[np.float64]
SIBILANTS = frozenset({"S", "Z", "SH", "ZH", "s", "z", "s;", "z;", "S;", "s.", "S.", "s2", "z2",
                       "l#", "sx"})  # fmt: skip
AFFRICATES = frozenset({"CH", "JH", "tS", "dZ", "ts", "dz", "tS;", "dZ;", "ts;", "dz;", "ts."})
DENTALS = frozenset({"TH", "DH", "T", "D"})
SEEDS = (0, 1, 2)
UNITS, PENALTY, ROUNDS = 24, 0.03, 10
PAD_S = 0.05
FOLDS, COPIES = 4, 3
GRID = tuple(search.Thresholds(high=high, low=low)
             for high in (0.5, 0.6, 0.7, 0.8, 0.9) for low in (0.2, 0.3, 0.4, 0.5))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Samples with phones (start s, end s, name), and which alphabet names them."""

    name: str
    speaker: str
    samples: Floats
    sr: int
    phones: tuple[tuple[float, float, str], ...]
    arpabet: bool


def kind(phone: str, *, arpabet: bool) -> str:
    """'sibilant', 'affricate', 'dental' or 'other'. In ARPABET, T and D are stops."""
    if phone in SIBILANTS:
        return "sibilant"
    if phone in AFFRICATES:
        return "affricate"
    return "dental" if phone in DENTALS and not (arpabet and phone in "TD") else "other"


def speechocean(folder: Path) -> list[Recording]:
    """The utterances; one a speaker."""
    made = []
    for path in sorted((folder / "utterances").glob("*.flac")):
        sound = read_sound(path)
        tiers = {tier.name: tier for tier in read_textgrid(path.with_suffix(".TextGrid"))}
        made.append(Recording(name=path.stem, speaker=path.stem[:5], samples=sound.samples,
                              sr=sound.sr, phones=tiers["phone"].intervals,
                              arpabet=True))  # fmt: skip
    return made


def synthetic() -> list[Recording]:
    return [
        Recording(name=f"{one.voice}_{number}", speaker=one.voice, samples=one.samples, sr=one.sr,
                  phones=one.phones, arpabet=False)
        for number, one in enumerate(training_speech())
    ]  # fmt: skip


def frames_of(samples: Floats, sr: int) -> Frames:
    pad = round(PAD_S * sr)
    centres = np.round(np.arange(int(len(samples) / (HOP_S * sr))) * HOP_S * sr).astype(np.int64)
    padded = np.concatenate([np.zeros(pad), samples, np.zeros(pad)])
    bands, periodicity = measure_frames(padded, centres + pad, sr)
    return Frames(bands_db=bands, periodicity=periodicity, sr=sr, bandwidth_hz=sr / 2,
                  duration_s=len(samples) / sr)  # fmt: skip


def changed(one: Recording, rng: np.random.Generator) -> Recording:
    """Another speaker, microphone and room: resampled by 0.88-1.14, tilted, reverberant, noisy."""
    factor = Fraction(rng.uniform(0.88, 1.14)).limit_denominator(25)
    samples = resample_poly(one.samples, factor.numerator, factor.denominator)
    stretch = float(factor)
    phones = [(start * stretch, end * stretch, name) for start, end, name in one.phones]
    freqs = np.fft.rfftfreq(len(samples), 1 / one.sr)
    gain = rng.normal(0, 2) * np.log2(np.maximum(freqs, 100) / 1000)
    gain += rng.normal(0, 3) * np.cos(
        freqs * np.pi / 8000 * rng.uniform(0.5, 3) + rng.uniform(0, 6)
    )
    samples = np.fft.irfft(np.fft.rfft(samples) * 10 ** (gain / 20), len(samples))
    if rng.random() < 0.3:
        n = int(rng.uniform(0.05, 0.25) * one.sr)
        room = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n) * rng.uniform(0.02, 0.12)
        room[0] = 1
        samples = fftconvolve(samples, room)[: len(samples)]
    if rng.random() < 0.8:
        colour = np.maximum(freqs, 50) ** (-rng.uniform(0, 2) / 2)
        noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(len(samples))) * colour, len(samples))
        level = np.sqrt(np.mean(samples**2) / np.mean(noise**2)) * 10 ** (-rng.uniform(12, 55) / 20)
        samples = samples + level * noise
    if rng.random() < 0.5:
        before, after = (rng.uniform(0, 0.6, 2) * one.sr).astype(int)
        quiet = np.abs(samples).max() * 1e-4
        samples = np.concatenate([rng.standard_normal(before) * quiet, samples,
                                  rng.standard_normal(after) * quiet])  # fmt: skip
        shift = before / one.sr
        phones = [(start + shift, end + shift, name) for start, end, name in phones]
    return replace(one, samples=samples, phones=tuple(phones))


Examples = tuple[NDArray[np.float32], NDArray[np.int64]]


def examples(
    recordings: Iterable[Recording], *, copies: int, band: search.Band, rng: np.random.Generator
) -> Examples:
    """Inputs and class numbers of all frames outside affricates, of each recording and copies."""
    inputs, answers = [], []
    for one in recordings:
        for made in (one, *(changed(one, rng) for _ in range(copies))):
            frames = frames_of(made.samples, made.sr)
            times = np.arange(len(frames.bands_db)) * HOP_S
            answer = np.zeros(len(times), dtype=np.int64)
            for start, end, name in made.phones:
                number = {"sibilant": 1, "dental": 2, "affricate": -1}.get(
                    kind(name, arpabet=made.arpabet), 0)  # fmt: skip
                answer[(times >= start) & (times < end)] = number
            seen = evidence(frames.bands_db, frames.periodicity, search.N_BANDS[band])
            inputs.append(seen[answer >= 0].astype(np.float32))
            answers.append(answer[answer >= 0])
    return np.vstack(inputs), np.concatenate(answers)


def fitted(parts: Sequence[Examples]) -> dict[str, Any]:
    """Numbers of the averaged network, without thresholds."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    inputs = np.vstack([part[0] for part in parts])
    answers = np.concatenate([part[1] for part in parts])
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    networks = []
    for seed in SEEDS:
        network = MLPClassifier((UNITS,), alpha=PENALTY, max_iter=ROUNDS, random_state=seed,
                                batch_size=512, learning_rate_init=2e-3)  # fmt: skip
        with warnings.catch_warnings():
            # The number of rounds is a choice: more of them overfit.
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit((inputs - mean) / scale, answers)
        inner, outer = network.coefs_
        bias, out_bias = network.intercepts_
        networks.append({"mean": mean, "scale": scale, "weights": inner, "bias": bias,
                         "out_weights": outer, "out_bias": out_bias})  # fmt: skip
    return search.averaged(networks)


def written(numbers: dict[str, Any], thresholds: search.Thresholds, path: Path) -> None:
    """The network as JSON, four digits a number."""
    rounded = {name: _rounded(np.asarray(values)) for name, values in numbers.items()}
    rounded["thresholds"] = {"high": thresholds.high, "low": thresholds.low}
    path.write_text(json.dumps(rounded, separators=(",", ":")) + "\n", encoding="utf-8")


def _rounded(values: Floats) -> Any:
    return json.loads(
        json.dumps(values.tolist()), parse_float=lambda text: float(f"{float(text):.4g}")
    )


def fold_numbers(recordings: Sequence[Recording]) -> NDArray[np.int64]:
    """Each recording's fold; no speaker is in two."""
    speakers, own = np.unique([one.speaker for one in recordings], return_inverse=True)
    return (np.random.default_rng(0).permutation(len(speakers)) % FOLDS)[own]


def unheard(human: Sequence[Recording], made: Examples, *, band: search.Band) -> list[Floats]:
    """Frame probabilities of each recording by a network that has not heard its speaker."""
    folds = fold_numbers(human)
    parts = [
        examples([one for one, own in zip(human, folds, strict=True) if own == fold],
                 copies=COPIES, band=band, rng=np.random.default_rng([2, fold]))
        for fold in range(FOLDS)
    ]  # fmt: skip
    courses: list[Floats] = [np.zeros((0, 3))] * len(human)
    for fold in range(FOLDS):
        numbers = fitted([*(part for own, part in enumerate(parts) if own != fold), made])
        network = search.network_from(numbers | {"thresholds": asdict(GRID[0])})
        for position in np.flatnonzero(folds == fold):
            one = human[position]
            courses[position] = search.sibilance(frames_of(one.samples, one.sr), band, network)
    return courses


def chosen(courses: Sequence[Floats], recordings: Sequence[Recording]) -> search.Thresholds:
    """Of GRID the thresholds with the best event F1; the first of equals."""

    def f1(thresholds: search.Thresholds) -> float:
        scores = [score(segments_of(course, thresholds), *truth(one))
                  for course, one in zip(courses, recordings, strict=True)]  # fmt: skip
        return total(scores).f1

    return max(GRID, key=f1)


def truth(one: Recording) -> tuple[list[Span], list[Span]]:
    """Sibilants, touching ones as one, and affricates."""
    sibilants: list[Span] = []
    for start, end, name in one.phones:
        if kind(name, arpabet=one.arpabet) != "sibilant":
            continue
        if sibilants and start - sibilants[-1][1] < 1e-3:
            sibilants[-1] = (sibilants[-1][0], end)
        else:
            sibilants.append((start, end))
    affricates = [(start, end) for start, end, name in one.phones
                  if kind(name, arpabet=one.arpabet) == "affricate"]  # fmt: skip
    return sibilants, affricates


def main(folder: Path, out: Path) -> None:
    """Train both networks on the corpus in `folder` and synthetic speech; write them into `out`."""
    human, made = speechocean(folder), synthetic()
    for band in search.N_BANDS:
        rng = np.random.default_rng(1)
        spoken = examples(made, copies=1, band=band, rng=rng)
        thresholds = chosen(unheard(human, spoken, band=band), human)
        numbers = fitted([examples(human, copies=COPIES, band=band, rng=rng), spoken])
        written(numbers, thresholds, out / f"search_{band}.json")
        print(band, thresholds, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
