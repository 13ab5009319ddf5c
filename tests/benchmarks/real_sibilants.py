"""Real and synthetic sibilants in their recordings, at the boundaries that people or the
synthesiser gave; and what spoils a recording by a known amount."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, oaconvolve

from acoustic_sib.audio import read_sound
from acoustic_sib.corpus.textgrid import read_textgrid
from acoustic_sib.screen.noise import BAND_HZ
from acoustic_sib.screen.phones import is_sibilant
from tests.conftest import shared_folder

Samples = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """`spans`: sibilants in seconds, with their phones. `unit`: speaker, language or voice."""

    corpus: str
    unit: str
    samples: Samples
    sr: int
    spans: tuple[tuple[float, float, str], ...]


def recordings() -> list[Recording]:
    """speechocean's utterances, voxangeles' words, espeak's sentences said three ways."""
    return [*_speechocean(), *_voxangeles(), *_espeak()]


def _recording(
    path: Path, spans: list[tuple[float, float, str]], *, corpus: str, unit: str
) -> Recording:
    sound = read_sound(path)
    inside = tuple((start, min(end, sound.duration_s), phone) for start, end, phone in spans)
    return Recording(corpus=corpus, unit=unit, samples=sound.samples, sr=sound.sr, spans=inside)


def _sibilants(path: Path, tier: str) -> list[tuple[float, float, str]]:
    tiers = {one.name: one for one in read_textgrid(path.with_suffix(".TextGrid"))}
    return [(one.start_s, one.end_s, one.text) for one in tiers[tier].intervals
            if is_sibilant(one.text)]  # fmt: skip


def _speechocean() -> list[Recording]:
    folder = shared_folder("corpora/speechocean/utterances")
    return [
        _recording(path, _sibilants(path, "phone"), corpus="speechocean", unit=path.stem[:5])
        for path in sorted(folder.glob("*.flac"))
    ]


def _voxangeles() -> list[Recording]:
    folder = shared_folder("corpora/voxangeles/words")
    return [
        _recording(path, _sibilants(path, "phones"), corpus="voxangeles", unit=path.stem[:3])
        for path in sorted(folder.glob("*.flac"))
    ]


def _espeak() -> list[Recording]:
    """Where Normal has s, z, S or Z: also in the copies said otherwise."""
    corpus = shared_folder("corpora/espeak")
    with (corpus / "utterances.csv").open(encoding="utf-8") as lines:
        listed = list(csv.DictReader(lines))
    made = []
    for line in listed:
        path, said = corpus / line["file_name"], line["said_as"]
        normal = _phones(Path(str(path).replace(f"_{said}.", "_Normal.")))
        meant = [own for own, plain in zip(_phones(path), normal, strict=True)
                 if plain[2] in ("s", "z", "S", "Z")]  # fmt: skip
        made.append(_recording(path, meant, corpus=f"espeak {said}", unit=line["speaker"]))
    return made


def _phones(path: Path) -> list[tuple[float, float, str]]:
    tiers = {one.name: one for one in read_textgrid(path.with_suffix(".TextGrid"))}
    return [(one.start_s, one.end_s, one.text) for one in tiers["phone"].intervals]


def white(n: int, sr: int, seed: int) -> Samples:
    return np.random.default_rng(seed).standard_normal(n)


def pink(n: int, sr: int, seed: int) -> Samples:
    spectrum = np.fft.rfft(white(n, sr, seed))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(n, 1 / sr), 20.0))
    return np.fft.irfft(spectrum, n)


NOISES: dict[str, Callable[[int, int, int], Samples]] = {"white": white, "pink": pink}


def in_band(samples: Samples, sr: int) -> Samples:
    """What the recording holds between BAND_HZ."""
    high = min(BAND_HZ[1], 0.49 * sr)
    return oaconvolve(samples, firwin(513, [BAND_HZ[0], high], pass_zero=False, fs=sr), "same")


def noise_for(
    recording: Recording, noise: Samples, banded: Samples, span: tuple[float, float, str],
    snr_db: float,
) -> Samples:  # fmt: skip
    """`noise` so loud that it lies `snr_db` below this sibilant within BAND_HZ; `banded`: the
    recording and the noise in that band, (2, n)."""
    first, last = (round(at * recording.sr) for at in span[:2])
    own = np.mean(banded[0, first:last] ** 2)
    return noise * np.sqrt(own / np.mean(banded[1] ** 2) * 10 ** (-snr_db / 10))
