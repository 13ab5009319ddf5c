"""Energy by band: levels, shares, and how the band of lateral airflow fluctuates."""

from functools import lru_cache
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra, Spectrum, bins_between, top_of_band
from acoustic_sib.features.statistics import decibels, share

LATERAL_HZ = (2500.0, 4500.0)
TO_HIGH_HZ = inf
EDGES_HZ = {
    # L, M and H of Koenig et al. 2013.
    "low": (550.0, 3000.0),
    "mid": (3000.0, 7000.0),
    "high": (7000.0, 11025.0),
    "above_4000": (4000.0, TO_HIGH_HZ),
    "above_6000": (6000.0, TO_HIGH_HZ),
    "above_8000": (8000.0, TO_HIGH_HZ),
    "lateral": LATERAL_HZ,
    "500_8000": (500.0, 8000.0),
    "1000_4000": (1000.0, 4000.0),
    "4000_8000": (4000.0, 8000.0),
}


@extractor
def bands(spectra: Spectra) -> dict[str, float]:
    """Levels of the low, mid and high band and LevelD, shares of energy, and lateral modulation,
    from the mean frame power.

    `level_*_db`: mean density in 550-3000, 3000-7000, 7000-11025 Hz, dB re full scale² per Hz, and
    `level_d_db` mid minus high (Koenig et al. 2013, doi:10.1044/1092-4388(2012/12-0038)).
    `share_above_*`: share, 0..1, of the energy between `low_hz` and `high_hz`. `share_2500_4500`:
    share of the energy of 0.5-8 kHz. `ratio_4_8_to_1_4_db`: energy of 4-8 against 1-4 kHz.
    `lateral_modulation_db`: SD over frames of the level of 2.5-4.5 kHz, the band that fluctuates
    in lateral speech.
    NaN: silent clips; a band whose top `high_hz` cuts by more than 5 %, else it ends there.
    """
    values = band_measures(spectra, spectra.mean_frame)
    columns = {f"{name}.frames_mean": value for name, value in values.items()}
    frames = spectra.frames
    top = spectra.band_top(LATERAL_HZ[1])
    modulation = nan
    if top is not None and len(frames.power) > 1:
        energy = frames.power[:, frames.bins(LATERAL_HZ[0], top)].sum(axis=1)
        modulation = float(np.std(10 * np.log10(energy), ddof=1))
    columns["lateral_modulation_db.frames_sd"] = modulation
    return columns


def band_measures(spectra: Spectra, spectrum: Spectrum | None) -> dict[str, float]:
    """Levels, shares and ratio of one spectrum; see `bands`."""
    energy = dict.fromkeys((*EDGES_HZ, "whole"), nan)
    density = energy
    if spectrum is not None:
        starts, stops = _bins(
            spectrum.step_hz, spectra.sr, spectra.recipe.low_hz, spectra.recipe.high_hz
        )
        running = np.concatenate(([0.0], np.cumsum(spectrum.power), [nan]))
        sums = running[stops] - running[starts]
        energy = dict(zip(energy, sums.tolist(), strict=True))
        means = sums * spectrum.density / (stops - starts)
        density = dict(zip(energy, means.tolist(), strict=True))
    level = {name: decibels(density[name]) for name in ("low", "mid", "high")}
    ratio = share(energy["4000_8000"], energy["1000_4000"])
    return {
        "level_low_db": level["low"],
        "level_mid_db": level["mid"],
        "level_high_db": level["high"],
        "level_d_db": level["mid"] - level["high"],
        "share_above_4000": share(energy["above_4000"], energy["whole"]),
        "share_above_6000": share(energy["above_6000"], energy["whole"]),
        "share_above_8000": share(energy["above_8000"], energy["whole"]),
        "share_2500_4500": share(energy["lateral"], energy["500_8000"]),
        "ratio_4_8_to_1_4_db": decibels(ratio),
    }


@lru_cache(maxsize=128)
def _bins(
    step_hz: float, sr: int, low_hz: float, high_hz: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First bin of each band of `EDGES_HZ` and of the whole, and the bin after its last; (0, -1)
    where the band is not measurable."""
    starts, stops = [], []
    for low, high in (*EDGES_HZ.values(), (low_hz, TO_HIGH_HZ)):
        top = top_of_band(high_hz if high == TO_HIGH_HZ else high, high_hz, sr)
        band = bins_between(low, top, step_hz) if top is not None and low < top else slice(0, -1)
        starts.append(band.start)
        stops.append(band.stop)
    return np.array(starts), np.array(stops)
