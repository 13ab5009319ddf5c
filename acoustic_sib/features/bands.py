"""Energy by band: levels, shares, and how the band of lateral airflow fluctuates."""

from math import nan

import numpy as np

from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra, Spectrum
from acoustic_sib.features.statistics import decibels, share

LOW_HZ, MID_HZ, HIGH_HZ = (550.0, 3000.0), (3000.0, 7000.0), (7000.0, 11025.0)
"""L, M and H of Koenig et al. 2013."""
LATERAL_HZ = (2500.0, 4500.0)


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
    energy = _Energy(spectra, spectrum)
    low, high = spectra.recipe.low_hz, spectra.recipe.high_hz
    levels = [decibels(energy.density(*edges)) for edges in (LOW_HZ, MID_HZ, HIGH_HZ)]
    whole = energy.total(low, high)
    above = {
        f"share_above_{edge}": share(energy.total(edge, high), whole) if edge < high else nan
        for edge in (4000, 6000, 8000)
    }
    return {
        "level_low_db": levels[0],
        "level_mid_db": levels[1],
        "level_high_db": levels[2],
        "level_d_db": levels[1] - levels[2],
        **above,
        "share_2500_4500": share(energy.total(*LATERAL_HZ), energy.total(500, 8000)),
        "ratio_4_8_to_1_4_db": decibels(share(energy.total(4000, 8000), energy.total(1000, 4000))),
    }


class _Energy:
    """Energy between two frequencies, from running sums over the bins; NaN where not measurable."""

    def __init__(self, spectra: Spectra, spectrum: Spectrum | None) -> None:
        self.spectra = spectra
        self.spectrum = spectrum
        if spectrum is not None:
            self.running = np.concatenate(([0.0], np.cumsum(spectrum.power)))

    def total(self, low_hz: float, high_hz: float) -> float:
        """The sum of the power."""
        top = self.spectra.band_top(high_hz)
        if self.spectrum is None or top is None:
            return nan
        band = self.spectrum.bins(low_hz, top)
        return float(self.running[band.stop] - self.running[band.start])

    def density(self, low_hz: float, high_hz: float) -> float:
        """The mean density."""
        top = self.spectra.band_top(high_hz)
        if self.spectrum is None or top is None:
            return nan
        band = self.spectrum.bins(low_hz, top)
        n_bins = int(band.stop - band.start)
        return self.total(low_hz, high_hz) * self.spectrum.density / n_bins
