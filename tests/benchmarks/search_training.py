"""Trains the network of the sibilant search: `python -m tests.benchmarks.search_training
SPEECHOCEAN OUT` (two folders) writes search_full.json and search_narrow.json.

On speechocean's utterances (human, labelled by forced alignment), espeak-ng and Festival (both
synthetic), each also with its fricatives replaced (by frication.py's noise and by speechocean's
clips, none of whose speakers is in the utterances) and changed in vocal-tract size, channel, room,
noise, hum and length. Never on voxangeles. Thresholds are those with the best mean F1 of the three
kinds of speech, of voices that the networks asked have not heard.
"""

import csv
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
from acoustic_sib.screen.evidence import CONTEXTS, evidence, kinds_of_values
from acoustic_sib.screen.frames import HOP_S, Frames, measure_frames
from tests.benchmarks.detection import Span, score, total
from tests.benchmarks.festival_speech import festival_speech
from tests.benchmarks.frication import Clip, Phone, replaced
from tests.benchmarks.phone_kinds import of_arpabet, of_espeak, of_festival
from tests.benchmarks.synthetic_speech import training_speech

Floats = NDArray[np.float64]
SIGHTS = (("levels", "shape"), ("peaks", "shape"))
"""What each half of the network sees: two halves that err differently."""
SEEDS = (0, 1)
UNITS, PENALTY, ROUNDS = 24, 0.03, 4
PAD_S = 0.05
FOLDS = 4
COPIES = {"speechocean": 6, "espeak": 3, "festival": 3}
AS_IT_WAS = 3
"""Of so many copies one keeps its own fricatives."""
SHARES = {"speechocean": 0.4, "espeak": 0.14, "festival": 0.17}
"""Of the frames of other sounds; of sibilants and dentals twice as many are learnt from."""
GRID = tuple(search.Thresholds(high=high, low=low)
             for high in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9) for low in (0.2, 0.3))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Samples with their phones; `source` is a key of COPIES."""

    source: str
    name: str
    speaker: str
    samples: Floats
    sr: int
    phones: tuple[Phone, ...]


def speechocean(folder: Path) -> list[Recording]:
    """The utterances; one a speaker."""
    made = []
    for path in sorted((folder / "utterances").glob("*.flac")):
        sound = read_sound(path)
        tiers = {tier.name: tier for tier in read_textgrid(path.with_suffix(".TextGrid"))}
        phones = tuple(of_arpabet(one.start_s, one.end_s, one.text)
                       for one in tiers["phone"].intervals)  # fmt: skip
        made.append(Recording(source="speechocean", name=path.stem, speaker=path.stem[:5],
                              samples=sound.samples, sr=sound.sr, phones=phones))  # fmt: skip
    return made


def clips_of(folder: Path) -> list[Clip]:
    """Speechocean's clips of /s z ʃ ʒ/, of speakers who said none of the utterances."""
    said = {path.stem[1:5] for path in (folder / "utterances").glob("*.flac")}
    with (folder / "metadata.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["label"] in ("Normal", "Lateral")]
    sounds = [read_sound(folder / row["file_name"]) for row in rows
              if row["speaker"].removeprefix("so_") not in said]  # fmt: skip
    return [(sound.samples, sound.sr) for sound in sounds]


def synthetic() -> list[Recording]:
    """espeak-ng's voices (a speaker is a voice variant, in whatever language) and Festival's."""
    made = [
        Recording(source="espeak", name=f"{one.voice}_{number}",
                  speaker=one.voice.rpartition("+")[2], samples=one.samples, sr=one.sr,
                  phones=tuple(of_espeak(*phone) for phone in one.phones))
        for number, one in enumerate(training_speech())
    ]  # fmt: skip
    made += [
        Recording(source="festival", name=f"{one.voice}_{number}", speaker=one.voice,
                  samples=one.samples, sr=one.sr,
                  phones=tuple(of_festival(one.voice, *phone) for phone in one.phones))
        for number, one in enumerate(festival_speech())
    ]  # fmt: skip
    return made


def frames_of(samples: Floats, sr: int) -> Frames:
    pad = round(PAD_S * sr)
    centres = np.round(np.arange(int(len(samples) / (HOP_S * sr))) * HOP_S * sr).astype(np.int64)
    padded = np.concatenate([np.zeros(pad), samples, np.zeros(pad)])
    bands, periodicity = measure_frames(padded, centres + pad, sr)
    return Frames(bands_db=bands, periodicity=periodicity, sr=sr, bandwidth_hz=sr / 2,
                  duration_s=len(samples) / sr)  # fmt: skip


def changed(one: Recording, rng: np.random.Generator) -> Recording:
    """Another speaker, microphone, room and cut: resampled by 0.86-1.16, filtered, reverberant,
    noisy, humming, cut out, framed by silence; each at random."""
    factor = Fraction(rng.uniform(0.86, 1.16)).limit_denominator(25)
    samples = resample_poly(one.samples, factor.numerator, factor.denominator)
    samples = _through_channel(samples, one.sr, rng)
    made = replace(one, samples=samples, phones=_placed(one.phones, stretch=float(factor)))
    if rng.random() < 0.35:
        n = int(rng.uniform(0.05, 0.35) * one.sr)
        room = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n) * rng.uniform(0.02, 0.12)
        room[0] = 1
        made = replace(made, samples=fftconvolve(made.samples, room)[: len(made.samples)])
    if rng.random() < 0.85:
        freqs = np.fft.rfftfreq(len(made.samples), 1 / one.sr)
        colour = np.maximum(freqs, 50) ** (-rng.uniform(0, 2) / 2)
        white = np.fft.rfft(rng.standard_normal(len(made.samples)))
        noise = np.fft.irfft(white * colour, len(made.samples))
        made = _with(made, noise, -rng.uniform(10, 60))
    if rng.random() < 0.15:
        time = np.arange(len(made.samples)) / one.sr
        mains = rng.choice([50, 60])
        hum = sum(np.sin(2 * np.pi * mains * k * time + rng.uniform(0, 6)) / k for k in range(1, 6))
        made = _with(made, np.asarray(hum), -rng.uniform(5, 40))
    if rng.random() < 0.5 and len(made.samples) > one.sr:
        made = _cut_out(made, rng.uniform(0.4, 2.0), rng)
    return _in_silence(made, rng) if rng.random() < 0.5 else made


def _placed(
    phones: Iterable[Phone], *, stretch: float = 1.0, shift_s: float = 0.0
) -> tuple[Phone, ...]:
    return tuple(replace(one, start=stretch * one.start + shift_s, end=stretch * one.end + shift_s)
                 for one in phones)  # fmt: skip


def _through_channel(samples: Floats, sr: int, rng: np.random.Generator) -> Floats:
    """Tilted, rippled, and in one of three without its high or low end, as on an old tape."""
    freqs = np.fft.rfftfreq(len(samples), 1 / sr)
    gain = rng.normal(0, 2.5) * np.log2(np.maximum(freqs, 100) / 1000)
    gain += rng.normal(0, 3) * np.cos(
        freqs * np.pi / 8000 * rng.uniform(0.5, 3) + rng.uniform(0, 6)
    )
    if rng.random() < 0.35:
        edge = rng.uniform(2000, 7000)
        gain -= rng.uniform(6, 30) * np.log2(np.maximum(freqs, edge) / edge)
    if rng.random() < 0.3:
        edge = rng.uniform(150, 500)
        gain -= rng.uniform(6, 24) * np.log2(edge / np.clip(freqs, 30, edge))
    heard: Floats = np.fft.irfft(np.fft.rfft(samples) * 10 ** (gain / 20), len(samples))
    return heard


def _with(one: Recording, sound: Floats, level_db: float) -> Recording:
    """With a sound added at a level re the recording's own."""
    level = np.sqrt(np.mean(one.samples**2) / np.mean(sound**2)) * 10 ** (level_db / 20)
    return replace(one, samples=one.samples + level * sound)


def _cut_out(one: Recording, length_s: float, rng: np.random.Generator) -> Recording:
    first = int(rng.uniform(0, max(len(one.samples) - length_s * one.sr, 1)))
    samples = one.samples[first : first + int(length_s * one.sr)]
    return replace(one, samples=samples, phones=_placed(one.phones, shift_s=-first / one.sr))


def _in_silence(one: Recording, rng: np.random.Generator) -> Recording:
    before, after = (rng.uniform(0, 0.6, 2) * one.sr).astype(int)
    quiet = np.abs(one.samples).max() * 10 ** (-rng.uniform(60, 90) / 20)
    samples = np.concatenate([rng.standard_normal(before) * quiet, one.samples,
                              rng.standard_normal(after) * quiet])  # fmt: skip
    return replace(one, samples=samples, phones=_placed(one.phones, shift_s=before / one.sr))


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A recording as it was, or a copy of it, as frames, and the number of each frame's class
    (-1: not to be learnt from)."""

    recording: Recording
    frames: Frames
    answers: NDArray[np.int64]


def heard(recordings: Sequence[Recording], clips: Sequence[Clip], seed: int) -> list[list[Heard]]:
    """Each recording as it is, followed by its copies."""
    rng = np.random.default_rng(seed)
    found = []
    for one in recordings:
        copies = [one]
        for number in range(COPIES[one.source]):
            kept = one
            if number % AS_IT_WAS:
                samples, phones = replaced(one.samples, one.sr, one.phones, clips, rng)
                kept = replace(one, samples=samples, phones=tuple(phones))
            copies.append(changed(kept, rng))
        found.append([_heard(copy) for copy in copies])
    return found


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


def fitted(
    parts: Sequence[Examples], *, band: search.Band, seeds: Sequence[int] = SEEDS
) -> dict[str, Any]:
    """Numbers of the averaged network, without thresholds: `seeds` networks of each of SIGHTS."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    inputs = np.vstack([part[0] for part in parts])
    answers = np.concatenate([part[1] for part in parts])
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    inputs = (inputs - mean) / scale
    kinds = np.tile(kinds_of_values(search.N_BANDS[band]), len(CONTEXTS) + 1)
    networks = []
    for sight in SIGHTS:
        seen = np.isin(kinds, sight)
        for seed in seeds:
            network = MLPClassifier((UNITS,), alpha=PENALTY, max_iter=ROUNDS, random_state=seed,
                                    batch_size=512, learning_rate_init=2e-3)  # fmt: skip
            with warnings.catch_warnings():
                # The number of rounds is a choice: more of them overfit.
                warnings.simplefilter("ignore", ConvergenceWarning)
                network.fit(inputs[:, seen], answers)
            inner, outer = network.coefs_
            weights = np.zeros((len(kinds), UNITS))
            weights[seen] = inner
            bias, out_bias = network.intercepts_
            networks.append({"mean": mean, "scale": scale, "weights": weights, "bias": bias,
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
    """Each recording's fold; no speaker or voice is in two."""
    speakers, own = np.unique([one.speaker for one in recordings], return_inverse=True)
    return (np.random.default_rng(0).permutation(len(speakers)) % FOLDS)[own]


def unheard(spoken: Sequence[Sequence[Heard]], *, band: search.Band) -> list[Floats]:
    """Frame probabilities of each recording as it was, by a network that has not heard its
    speaker or voice in any copy."""
    folds = fold_numbers([copies[0].recording for copies in spoken])
    parts = [
        examples((one for copies, own in zip(spoken, folds, strict=True) if own == fold
                  for one in copies), band=band, rng=np.random.default_rng([2, fold]))
        for fold in range(FOLDS)
    ]  # fmt: skip
    courses: list[Floats] = [np.zeros((0, 3))] * len(spoken)
    for fold in range(FOLDS):
        numbers = fitted([part for own, part in enumerate(parts) if own != fold], band=band,
                         seeds=SEEDS[:1])  # fmt: skip
        network = search.network_from(numbers | {"thresholds": asdict(GRID[0])})
        for position in np.flatnonzero(folds == fold):
            courses[position] = search.sibilance(spoken[position][0].frames, band, network)
    return courses


def chosen(courses: Sequence[Floats], recordings: Sequence[Recording]) -> search.Thresholds:
    """Of GRID the thresholds with the best event F1, averaged over the sources; the first of
    equals."""
    sources = sorted({one.source for one in recordings})

    def f1(thresholds: search.Thresholds) -> float:
        scores = [score(segments_of(course, thresholds), *truth(one))
                  for course, one in zip(courses, recordings, strict=True)]  # fmt: skip
        return float(np.mean([
            total([own for own, one in zip(scores, recordings, strict=True)
                   if one.source == source]).f1
            for source in sources
        ]))  # fmt: skip

    return max(GRID, key=f1)


def truth(one: Recording) -> tuple[list[Span], list[Span]]:
    """Sibilants, touching ones as one, and affricates."""
    sibilants: list[Span] = []
    for phone in one.phones:
        if phone.kind != "sibilant":
            continue
        if sibilants and phone.start - sibilants[-1][1] < 1e-3:
            sibilants[-1] = (sibilants[-1][0], phone.end)
        else:
            sibilants.append((phone.start, phone.end))
    affricates = [(phone.start, phone.end) for phone in one.phones if phone.kind == "affricate"]
    return sibilants, affricates


def all_speech(folder: Path) -> list[list[Heard]]:
    """Everything that is learnt from; `folder` is speechocean's."""
    return heard([*speechocean(folder), *synthetic()], clips_of(folder), seed=1)


def main(folder: Path, out: Path) -> None:
    """Train both networks on the corpus in `folder` and synthetic speech; write them into `out`."""
    spoken = all_speech(folder)
    for band in search.N_BANDS:
        recordings = [copies[0].recording for copies in spoken]
        thresholds = chosen(unheard(spoken, band=band), recordings)
        everything = examples((one for copies in spoken for one in copies), band=band,
                              rng=np.random.default_rng(1))  # fmt: skip
        written(fitted([everything], band=band), thresholds, out / f"search_{band}.json")
        print(band, thresholds, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
