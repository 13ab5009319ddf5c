"""The excitation pattern: a spectrum as the ear's filters weigh it."""

from functools import lru_cache
from math import nan

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.features.registry import extractor
from acoustic_sib.features.spectra import Spectra, Spectrum, bin_freqs

Floats = NDArray[np.float64]

LOWEST_ERB, HIGHEST_ERB, STEP_ERB = 3.0, 39.0, 0.1
BANDWIDTH_ERB = 1.019
COARSEST_HZ = 25.0
"""Neighbouring bins are averaged up to this width: the filters in the band measured are 80 Hz and
more wide, and their matrix stays small."""


@extractor
def erb(spectra: Spectra, *, within_erb: float = 1.5) -> dict[str, float]:
    """Peak of the excitation pattern (ERB number) and compactness: the share, 0..1, of the
    excitation that lies within `within_erb` of the peak; of the multitaper spectrum.

    Channels: fourth-order gammatone filters at ERB numbers 3 to 39 in steps of 0.1, bandwidth
    1.019 ERB (Patterson et al. 1992; Glasberg & Moore 1990, doi:10.1016/0378-5955(90)90170-T),
    of which those between `low_hz` and `high_hz` count: /z/ would peak at its voice otherwise.
    Peak ERB of sibilants: Holliday et al. 2015, doi:10.1044/2015_JSLHR-S-14-0090.
    NaN: clips under 20 ms, silent clips, a rate that does not carry `high_hz`.
    """
    spectrum = spectra.multitaper
    if spectrum is None or not spectra.reaches_high:
        return {"peak_erb.multitaper": nan, "compactness.multitaper": nan}
    channels, excitation = excitation_pattern(
        spectrum, low_hz=spectra.recipe.low_hz, high_hz=spectra.recipe.high_hz
    )
    if len(channels) == 0 or excitation.max() <= 0:
        return {"peak_erb.multitaper": nan, "compactness.multitaper": nan}
    peak = channels[excitation.argmax()]
    # Half a step of margin keeps a channel at exactly 1.5 ERB inside.
    near = np.abs(channels - peak) <= within_erb + STEP_ERB / 2
    return {
        "peak_erb.multitaper": float(peak),
        "compactness.multitaper": float(excitation[near].sum() / excitation.sum()),
    }


def excitation_pattern(
    spectrum: Spectrum, *, low_hz: float, high_hz: float
) -> tuple[Floats, Floats]:
    """ERB numbers of the channels between two frequencies, and their excitation (power)."""
    n_bins, step_hz = spectrum.power.shape[-1], spectrum.step_hz
    width = max(int(COARSEST_HZ / step_hz), 1)
    n_coarse = n_bins // width
    power = spectrum.power[: n_coarse * width]
    if width > 1:
        power = power.reshape(n_coarse, width).sum(axis=-1) / width
    channels, weights = gammatone_weights(n_coarse, step_hz, width, low_hz, high_hz)
    return channels, weights @ power


def erb_number(freq_hz: float | Floats) -> Floats:
    """Number of equivalent rectangular bandwidths below a frequency (Glasberg & Moore 1990)."""
    number: Floats = 21.4 * np.log10(1 + 0.00437 * np.asarray(freq_hz, dtype=np.float64))
    return number


def erb_frequency(number: Floats) -> Floats:
    """The frequency in Hz at an ERB number."""
    freq: Floats = (10 ** (number / 21.4) - 1) / 0.00437
    return freq


@lru_cache(maxsize=48)
def gammatone_weights(
    n_coarse: int, step_hz: float, width: int, low_hz: float, high_hz: float
) -> tuple[Floats, Floats]:
    """ERB numbers of the channels, and the power response of each: channels x coarse bins.

    A gammatone filter of order 4 has the power response (1 + ((f - fc) / b)²)^-4 near its centre.
    """
    n_channels = round((HIGHEST_ERB - LOWEST_ERB) / STEP_ERB) + 1
    numbers: Floats = np.linspace(LOWEST_ERB, HIGHEST_ERB, n_channels)
    centres = erb_frequency(numbers)
    inside = (centres >= low_hz) & (centres <= high_hz)
    numbers, centres = numbers[inside], centres[inside]
    freqs = bin_freqs(n_coarse, step_hz * width) + step_hz * (width - 1) / 2
    bandwidths = BANDWIDTH_ERB * 24.7 * (1 + 0.00437 * centres)
    distance = (freqs[None, :] - centres[:, None]) / bandwidths[:, None]
    return numbers, np.ascontiguousarray((1 + distance**2) ** -4)
