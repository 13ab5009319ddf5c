"""Duration, zero crossings, level and its course."""

from math import nan

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra
from acoustic_sib.features.statistics import absent, decibels, slope

FEWEST_BLOCKS = 4
COURSE = ("rise_time_s", "attack_db_per_s", "decay_db_per_s")


@extractor
def temporal(spectra: Spectra) -> dict[str, float]:
    """Duration (s), zero crossings per second, RMS level (dB re full scale), rise time (s) from 10
    to 90 % of the largest amplitude, slopes of the level before and after its maximum (dB/s).

    All but the duration from the samples limited to `high_hz`, less their mean; the course from the
    RMS of blocks of `hop_s`. `level_re_vowel_db` needs the neighbouring vowel, which a clip cut
    to its sibilant does not hold: always NaN without it.
    NaN: level and crossings of silence; the course in clips under four blocks; a slope with fewer
    than three blocks on its side of the maximum.
    """
    sound = spectra.band_limited
    samples = sound.samples - sound.samples.sum() / len(sound.samples)
    energy = float(samples @ samples)
    level = decibels(energy / len(samples))
    crossings = nan
    if energy > 0 and len(samples) > 1:
        negative = np.signbit(samples)
        crossings = np.count_nonzero(negative[1:] != negative[:-1]) * sound.sr / (len(samples) - 1)
    return {
        "duration_s": spectra.duration_s,
        "zero_crossings_per_s": float(crossings),
        "rms_level_db": level,
        **_course(samples, sound.sr, spectra.recipe.hop_s),
        "level_re_vowel_db": nan,
    }


def _course(samples: NDArray[np.float64], sr: float, block_s: float) -> dict[str, float]:
    """Rise time, attack and decay of the amplitude in blocks."""
    block = max(round(block_s * sr), 1)
    n_blocks = len(samples) // block
    if n_blocks < FEWEST_BLOCKS:
        return absent(COURSE)
    blocks = samples[: n_blocks * block].reshape(n_blocks, block)
    power = np.einsum("ij,ij->i", blocks, blocks) / block
    sounding = power > 0
    if not sounding.any():
        return absent(COURSE)
    amplitude = np.sqrt(power)
    peak = int(amplitude.argmax())
    before = amplitude[: peak + 1]
    step_s = block / sr
    # The last block under 10 % before the maximum, and the first of 90 % after that block.
    under = np.flatnonzero(before < 0.1 * amplitude[peak])
    begin = int(under[-1]) + 1 if under.size else 0
    reach = begin + int((before[begin:] >= 0.9 * amplitude[peak]).argmax())
    times = np.arange(n_blocks) * step_s
    level = 10 * np.log10(power)
    attack, decay = sounding & (times <= times[peak]), sounding & (times >= times[peak])
    return {
        "rise_time_s": (reach - begin) * step_s,
        "attack_db_per_s": slope(times[attack], level[attack]),
        "decay_db_per_s": slope(times[decay], level[decay]),
    }
