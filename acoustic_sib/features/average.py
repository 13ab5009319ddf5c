"""The average spectrum of a clip as a shape, on one grid for a corpus: what figures are drawn of.

Not a family: a model is never asked about it.
"""

from functools import lru_cache

import numpy as np

from acoustic_sib.features.recipe import Recipe
from acoustic_sib.features.spectra import Floats, Spectra

STEP_HZ = 200.0
"""The main lobe of the tapers over a usual fricative: narrower bands would show their ripple."""


def band_centres_hz(recipe: Recipe) -> Floats:
    """Centres of the bands STEP_HZ wide that fit between the recipe's `low_hz` and `high_hz`."""
    edges = _edges_hz(recipe.low_hz, recipe.high_hz)
    return (edges[:-1] + edges[1:]) / 2


def average_levels_db(spectra: Spectra) -> Floats:
    """Mean multitaper power in each band of `band_centres_hz`, dB relative to the bands' own mean
    level (n_bands,), so that the shape is told and not the loudness.

    NaN where a band lies above the clip's Nyquist frequency or holds nothing, and throughout for a
    clip under 20 ms or a silent one.
    """
    edges = _edges_hz(spectra.recipe.low_hz, spectra.recipe.high_hz)
    levels = np.full(len(edges) - 1, np.nan)
    spectrum = spectra.multitaper
    if spectrum is None:
        return levels
    firsts = np.ceil(np.round(edges / spectrum.step_hz, 9)).astype(int)
    n_reached = int((firsts[1:] <= len(spectrum.power)).sum())
    if n_reached == 0:
        return levels
    sums = np.add.reduceat(spectrum.power[: firsts[n_reached]], firsts[:n_reached])
    means = sums / np.diff(firsts[: n_reached + 1])
    known = np.flatnonzero(means > 0)
    if len(known):
        found = 10 * np.log10(means[known])
        levels[known] = found - found.mean()
    return levels


@lru_cache(maxsize=64)
def _edges_hz(low_hz: float, high_hz: float) -> Floats:
    n_bands = int((high_hz - low_hz) // STEP_HZ)
    edges: Floats = low_hz + STEP_HZ * np.arange(n_bands + 1, dtype=np.float64)
    edges.flags.writeable = False
    return edges
