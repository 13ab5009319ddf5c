"""Measured corpora without sound: Gaussian measures whose best answer is known."""

from functools import lru_cache

import numpy as np
import pandas as pd

from acoustic_sib.features.average import band_centres_hz
from acoustic_sib.features.recipe import Recipe
from acoustic_sib.features.registry import column_names
from acoustic_sib.screen.train import Measured

RECIPE = Recipe(high_hz=11025.0, families=("shape", "temporal"))
CLASSES = ("Interdental", "Lateral", "Normal")
N_BANDS = len(band_centres_hz(RECIPE))
UNMEASURED = "temporal.level_re_vowel_db"


def gaussian_corpus(
    seed: int = 0, *, n_speakers: int = 24, clips: int = 15, apart: float = 2.0,
    of_speaker: float = 0.5, classes: tuple[str, ...] = CLASSES, one_label: bool = False,
) -> Measured:  # fmt: skip
    """Unit Gaussians in the columns of RECIPE; each class lies `apart` along an axis of its own;
    each speaker's clips share an offset of SD `of_speaker`. One column is never measurable."""
    rng = np.random.default_rng(seed)
    columns = column_names(RECIPE)
    speaker = np.repeat(np.arange(n_speakers), clips)
    code = speaker % len(classes) if one_label else rng.integers(len(classes), size=len(speaker))
    values = rng.standard_normal((len(speaker), len(columns)))
    values += of_speaker * rng.standard_normal((n_speakers, len(columns)))[speaker]
    values[:, : len(classes)] += apart * np.eye(len(classes))[code]
    ids = [f"clip{number:04d}" for number in range(len(speaker))]
    manifest = pd.DataFrame({
        "clip_id": ids, "path": [f"{name}.wav" for name in ids],
        "label": np.array(classes)[code], "speaker": [f"Anna{number}" for number in speaker],
    })  # fmt: skip
    features = pd.DataFrame(values, index=pd.Index(ids, name="clip_id"), columns=columns)
    features[UNMEASURED] = np.nan
    quality = pd.DataFrame(
        {"duration_s": rng.uniform(0.05, 0.4, len(ids)), "bandwidth_hz": 22050.0, "sr_hz": 44100,
         "level_db": rng.uniform(-40, -20, len(ids))}, index=features.index,
    )  # fmt: skip
    # Of a generator of their own: the measures stay what they were without spectra.
    spectra = np.random.default_rng(seed + 1000).standard_normal((len(ids), N_BANDS))
    sex = pd.Series(np.where(speaker % 3 == 0, "f", "m"))
    return Measured(manifest=manifest, quality=quality, features=features, recipe=RECIPE,
                    groups={"sex": sex},
                    shapes=pd.DataFrame(spectra, index=features.index))  # fmt: skip


@lru_cache(maxsize=1)
def usual_corpus() -> Measured:
    return gaussian_corpus()
