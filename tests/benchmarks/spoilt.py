"""Clips spoilt by a known amount: noise, clipping, missing treble, mains hum."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import firwin, oaconvolve, resample_poly

from acoustic_sib.screen.noise import BandCourse, Course, above_floor_db
from acoustic_sib.screen.records import Segment
from tests.benchmarks.real_sibilants import NOISES, Samples, in_band
from tests.screen.bad_sounds import hum

SNRS_DB = (-3.0, 0.0, 3.0, 6.0, 10.0, 20.0)
AROUND_S = 1.0


def course_of(samples: Samples, sr: int) -> Course:
    course = BandCourse()
    course.take(samples, sr)
    return course.course()


@dataclass(frozen=True, kw_only=True)
class Spoilt:
    """A clip as it would come out of a recording, and how far it rises above the floor, dB."""

    samples: Samples
    rise_db: float = float("nan")


def noisy(name: str, snr_db: float) -> Callable[[Samples, int, int], Spoilt]:
    """The clip in a recording of a second of noise on either side."""

    def spoil(samples: Samples, sr: int, seed: int) -> Spoilt:
        side, n = round(AROUND_S * sr), len(samples)
        noise = NOISES[name](n + 2 * side, sr, seed)
        own, its = in_band(samples, sr), in_band(noise, sr)
        noise *= np.sqrt(np.mean(own**2) / np.mean(its**2) * 10 ** (-snr_db / 10))
        noise[side : side + n] += samples
        span = Segment(start=side / sr, end=(side + n) / sr, score=1.0)
        (rise,) = above_floor_db(course_of(noise, sr), [span])
        return Spoilt(samples=noise[side : side + n], rise_db=rise)

    return spoil


def clipped(flat_share: float) -> Callable[[Samples, int, int], Spoilt]:
    """The largest samples cut down, so many of all."""

    def spoil(samples: Samples, sr: int, seed: int) -> Spoilt:
        loud = samples / np.abs(samples).max()
        limit = np.quantile(np.abs(loud), 1 - flat_share)
        return Spoilt(samples=np.clip(loud, -limit, limit) / limit * 0.99)

    return spoil


def limited(hz: float) -> Callable[[Samples, int, int], Spoilt]:
    """Nothing above `hz`."""

    def spoil(samples: Samples, sr: int, seed: int) -> Spoilt:
        return Spoilt(samples=oaconvolve(samples, firwin(255, hz, fs=sr), "same"))

    return spoil


def clipped_before(flat_share: float) -> Callable[[Samples, int, int], Spoilt]:
    """Clipped at three times the rate, then brought to this one: no flat top is left."""

    def spoil(samples: Samples, sr: int, seed: int) -> Spoilt:
        flat = clipped(flat_share)(resample_poly(samples, 3, 1), 3 * sr, seed).samples
        back = resample_poly(flat, 1, 3)[: len(samples)]
        return Spoilt(samples=0.99 * back / np.abs(back).max())

    return spoil


def turned_up(samples: Samples, sr: int, seed: int) -> Spoilt:
    """To full scale, as the clips that are clipped."""
    return Spoilt(samples=0.99 * samples / np.abs(samples).max())


def hummed(above_db: float, n: int = 60) -> Callable[[Samples, int, int], Spoilt]:
    """Hum of 50 Hz (every other clip 60) and its overtones, `n` harmonics, `above_db` louder than
    the sibilant."""

    def spoil(samples: Samples, sr: int, seed: int) -> Spoilt:
        mains = hum(60 if seed % 2 else 50, len(samples) / sr + 0.1, sr, n)[: len(samples)]
        gain = np.sqrt(np.mean(samples**2) / np.mean(mains**2)) * 10 ** (above_db / 20)
        return Spoilt(samples=samples + gain * mains)

    return spoil


def clean(samples: Samples, sr: int, seed: int) -> Spoilt:
    return Spoilt(samples=samples)


CONDITIONS: dict[str, Callable[[Samples, int, int], Spoilt]] = {
    "clean": clean,
    **{f"{name} noise, SNR {snr:g} dB": noisy(name, snr) for name in NOISES for snr in SNRS_DB},
    "turned up to full scale": turned_up,
    **{f"clipped, {100 * part:g} % of the samples": clipped(part)
       for part in (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)},
    **{f"clipped before resampling, {100 * part:g} %": clipped_before(part)
       for part in (0.02, 0.05, 0.2)},
    **{f"nothing above {hz / 1000:g} kHz": limited(hz) for hz in (7000.0, 5500.0, 3800.0)},
    **{f"hum {above:+g} dB re the sibilant, {n} harmonics": hummed(above, n)
       for n in (1, 10, 60) for above in (-10.0, -5.0, 0.0, 5.0, 10.0, 30.0)},
}  # fmt: skip
