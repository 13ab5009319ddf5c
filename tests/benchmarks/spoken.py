"""The speech that the sibilant search is trained on, and changed copies of it."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

from acoustic_sib.audio import read_sound
from acoustic_sib.corpus.textgrid import read_textgrid
from tests.benchmarks.festival_speech import festival_speech
from tests.benchmarks.frication import Clip, Phone
from tests.benchmarks.phone_kinds import of_arpabet, of_espeak, of_festival
from tests.benchmarks.synthetic_speech import training_speech

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Samples with their phones; `source`: speechocean, espeak, festival or mbrola."""

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
    """espeak-ng's voices (a speaker is a voice variant, in whatever language), Festival's
    and Flite's (NSK speaks Hindi and Telugu)."""
    made = [
        Recording(source="espeak", name=f"{one.voice}_{number}",
                  speaker=one.voice.rpartition("+")[2], samples=one.samples, sr=one.sr,
                  phones=tuple(of_espeak(*phone) for phone in one.phones))
        for number, one in enumerate(training_speech())
    ]  # fmt: skip
    made += [
        Recording(source="festival", name=f"{one.voice}_{number}",
                  speaker="nsk" if "NSK" in one.voice else one.voice, samples=one.samples,
                  sr=one.sr,
                  phones=tuple(of_festival(one.voice, *phone) for phone in one.phones))
        for number, one in enumerate(festival_speech())
    ]  # fmt: skip
    return made


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
