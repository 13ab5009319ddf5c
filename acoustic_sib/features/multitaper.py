"""The recommended measures of fricatives, on the multitaper spectrum of the middle of the clip."""

from math import nan

from acoustic_sib.features.bands import band_measures
from acoustic_sib.features.moments import MOMENTS, spectral_moments
from acoustic_sib.features.peaks import peak_measures
from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra
from acoustic_sib.features.statistics import share


@extractor
def multitaper(
    spectra: Spectra, *, fm_low_hz: float = 3000.0, fm_high_hz: float = 9000.0
) -> dict[str, float]:
    """Moments (Hz, Hz, -, -; `low_hz`..`high_hz`, power weights), peak, FM, AmpD and slope as in
    `peaks`, levels and shares as in `bands`, and flatness (geometric over arithmetic mean power,
    0..1), all of the multitaper spectrum (Reidy 2015, PMC4376757; Koenig et al. 2013).

    NaN: clips under 20 ms, silent clips, a rate or `high_hz` that does not carry the measure.
    """
    spectrum = spectra.multitaper
    values = dict.fromkeys((*MOMENTS, "flatness"), nan)
    if spectrum is not None and spectra.reaches_high:
        band = spectrum.bins(spectra.recipe.low_hz, spectra.recipe.high_hz)
        power = spectrum.power[band]
        four = spectral_moments(power, spectrum.freqs[band]).tolist()
        values = dict(zip(MOMENTS, four, strict=True))
        mean_level = float(spectrum.level_db[band].sum()) / len(power)
        mean_density = float(power.sum()) / len(power) * spectrum.density
        values["flatness"] = share(10 ** (mean_level / 10), mean_density)
    values |= peak_measures(spectra, spectrum, fm_low_hz, fm_high_hz)
    values |= band_measures(spectra, spectrum)
    return {f"{name}.multitaper": value for name, value in values.items()}
