"""A source-filter synthesiser of /s/- and /z/-like fricatives, for the demo and for planted faults.

Synthetic throughout: turbulence noise through magnitude responses that follow what the literature
says of each class (Daniloff et al. 1980, J. Commun. Disord. 13:347; Jongman et al. 2000,
doi:10.1121/1.1288413; Koenig et al. 2013, doi:10.1044/1092-4388(2012/12-0038)). No recording of a
human voice is used, and nothing measured on it says anything about lisps.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Manner = Literal["Normal", "Lateral", "Interdental"]

SR = 44_100
MANNERS: tuple[Manner, ...] = ("Interdental", "Lateral", "Normal")


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A synthetic speaker: what stays the same from clip to clip.

    `front_cavity`: scale of all resonances, 1.0 a woman's; `f0_hz`; `level_db`: RMS of frication
    re full scale; `tilt_db`: of the microphone, per octave above 1 kHz; `noise_db`: level of the
    room; `habit`: how far this speaker's manners depart from each class's mean, in SD.
    """

    front_cavity: float
    f0_hz: float
    level_db: float
    tilt_db: float
    noise_db: float
    habit: float


@dataclass(frozen=True, kw_only=True)
class Token:
    """One fricative to make: manner, how pronounced it is (0 Normal to 1 its class's centre),
    duration in s, voicing, and offsets of this utterance."""

    manner: Manner
    degree: float
    duration_s: float
    voiced: bool
    shift: float = 0.0
    brightness_db: float = 0.0
    gain_db: float = 0.0


def synthesize(token: Token, voice: Voice, rng: np.random.Generator) -> Floats:
    """Samples of one clip at 44.1 kHz, full scale 1.0."""
    n = max(round(token.duration_s * SR), 32)
    freqs: Floats = np.fft.rfftfreq(_padded(n), 1 / SR).astype(np.float64)
    envelope = _envelope(n, rng)
    frication = _shaped(_response_db(freqs, token, voice), n, rng)
    if token.manner == "Lateral":
        frication += _fluctuating_band(freqs, token, voice, n, rng)
    frication *= envelope / np.sqrt(np.mean((frication * envelope) ** 2))
    if token.voiced:
        frication = _voiced(frication, envelope, voice, rng)
    sound = frication * 10 ** ((voice.level_db + token.gain_db) / 20)
    room = _shaped(-6 * np.log2(np.maximum(freqs, 50) / 1000), n, rng)
    sound += room / np.sqrt(np.mean(room**2)) * 10 ** (voice.noise_db / 20)
    return np.clip(sound, -0.98, 0.98)


def _padded(n: int) -> int:
    return 1 << (n - 1).bit_length()


def _shaped(response_db: Floats, n: int, rng: np.random.Generator) -> Floats:
    """White noise through a magnitude response given on the bins of the padded length."""
    spectrum = np.fft.rfft(rng.standard_normal(2 * (len(response_db) - 1)))
    shaped: Floats = np.fft.irfft(spectrum * 10 ** (response_db / 20))[:n]
    return shaped


def _peak(freqs: Floats, centre_hz: float, width_hz: float, height_db: float) -> Floats:
    """A resonance: the level of a single pole pair above its skirts, in dB."""
    bump: Floats = height_db / (1 + ((freqs - centre_hz) / width_hz) ** 2)
    return bump


def _response_db(freqs: Floats, token: Token, voice: Voice) -> Floats:
    """The response between the speaker's own Normal and the class's, by degree."""
    scale = voice.front_cavity * (1 + token.shift)
    normal = _normal(freqs, scale)
    other = {"Normal": normal, "Lateral": _lateral(freqs, scale),
             "Interdental": _interdental(freqs, scale)}[token.manner]  # fmt: skip
    octaves = np.log2(np.maximum(freqs, 250) / 1000)
    bright = token.brightness_db * np.clip((freqs - 5000) / 5000, -1, 1)
    return normal + token.degree * (other - normal) + voice.tilt_db * octaves + bright


def _normal(freqs: Floats, scale: float) -> Floats:
    """Compact: peaks near 7.6 and 10.5 kHz, steep below 4 kHz, a deep low trough."""
    return (
        -34
        + _peak(freqs, 7600 * scale, 1500, 30)
        + _peak(freqs, 10500 * scale, 1800, 16)
        + 10 / (1 + np.exp(-(freqs - 4300 * scale) / 500))
        - 10 / (1 + np.exp(-(freqs - 13000 * scale) / 900))
    )


def _lateral(freqs: Floats, scale: float) -> Floats:
    """Broad, 3-10 kHz: smaller and more numerous peaks, energy between 2.5 and 4.5 kHz."""
    low = 10 / (1 + np.exp(-(freqs - 3000 * scale) / 500))
    comb = sum(
        _peak(freqs, centre * scale, 650, height)
        for centre, height in ((3300, 11), (4900, 13), (6600, 12), (8600, 11), (10200, 6))
    )
    return -27 + low + comb - 12 / (1 + np.exp(-(freqs - 11500 * scale) / 900))


def _interdental(freqs: Floats, scale: float) -> Floats:
    """Flat and diffuse, most of it at 6-12 kHz, a shallow low trough."""
    return (
        -24
        + 6 / (1 + np.exp(-(freqs - 5500 * scale) / 900))
        + _peak(freqs, 8800 * scale, 4500, 8)
        - 4 / (1 + np.exp(-(freqs - 14000 * scale) / 1500))
    )


def _fluctuating_band(
    freqs: Floats, token: Token, voice: Voice, n: int, rng: np.random.Generator
) -> Floats:
    """The lateral ~3.2 kHz peak, whose level wanders within the sound."""
    scale = voice.front_cavity * (1 + token.shift)
    band = _shaped(-60 + _peak(freqs, 3200 * scale, 500, 44), n, rng)
    knots = max(n // 660, 2)  # every 15 ms
    wander = np.interp(np.arange(n), np.linspace(0, n, knots), rng.normal(0, 4, knots))
    lateral: Floats = token.degree * band * 10 ** (wander / 20)
    return lateral


def _envelope(n: int, rng: np.random.Generator) -> Floats:
    """Rise, a slightly arched middle, fall; as an annotator would cut it."""
    rise = max(int(n * rng.uniform(0.08, 0.25)), 1)
    fall = max(int(n * rng.uniform(0.08, 0.25)), 1)
    course = np.ones(n)
    start, end = rng.uniform(0.1, 0.5, 2)
    course[:rise] = start + (1 - start) * 0.5 * (1 - np.cos(np.pi * np.arange(rise) / rise))
    course[n - fall :] *= end + (1 - end) * 0.5 * (1 + np.cos(np.pi * np.arange(fall) / fall))
    arch: Floats = course * (1 + rng.uniform(0, 0.3) * np.sin(np.pi * np.arange(n) / n))
    return arch


def _voiced(frication: Floats, envelope: Floats, voice: Voice, rng: np.random.Generator) -> Floats:
    """Add a voice bar (harmonics falling 12 dB an octave) that also modulates the noise."""
    n = len(frication)
    f0 = voice.f0_hz * np.exp(rng.normal(0, 0.06)) * np.linspace(1, rng.uniform(0.9, 1.0), n)
    phase = 2 * np.pi * np.cumsum(f0) / SR + rng.uniform(0, 2 * np.pi)
    harmonics = np.arange(1, 9)
    bar = (np.sin(np.outer(harmonics, phase)) / harmonics[:, None] ** 2).sum(axis=0) * envelope
    bar *= 10 ** (rng.uniform(-14, -4) / 20) / np.sqrt(np.mean(bar**2))
    modulated = frication * (1 + 0.35 * np.sin(phase))
    both: Floats = modulated + bar
    return both
