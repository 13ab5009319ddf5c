"""The norms of a training corpus: where its Normal speakers lie, all of them and each group."""

from collections.abc import Hashable, Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from acoustic_sib.screen.explain import kind_of
from acoustic_sib.screen.reference import (
    EVERYONE,
    FEWEST_SPEAKERS,
    Norms,
    SpeakerNorm,
    SpectrumNorm,
    group_name,
)

Groups = Mapping[str, "pd.Series[str]"]


def norms_of(
    manifest: pd.DataFrame, features: pd.DataFrame, groups: Groups
) -> dict[str, Norms]:  # fmt: skip
    """Norms of each measure by group (`group_name`) and of all Normal speakers under EVERYONE.

    `groups`: control -> each clip's group, in the manifest's order. A group of fewer than
    FEWEST_SPEAKERS has none.
    """
    found = {}
    for name, chosen in _parts(manifest, groups).items():
        clips = manifest[chosen]
        norms = _of_columns(features.loc[clips["clip_id"]], clips)
        if norms:
            found[name] = norms
    return found


def spectrum_norms_of(
    manifest: pd.DataFrame, shapes: pd.DataFrame, groups: Groups
) -> dict[str, SpectrumNorm]:  # fmt: skip
    """The same of `shapes` (clip_id x bands, dB); clips that lack a band are left out."""
    whole = shapes.dropna()
    found = {}
    for name, chosen in _parts(manifest, groups).items():
        clips = manifest[chosen & manifest["clip_id"].isin(whole.index)]
        bands = list(_of_columns(whole.loc[clips["clip_id"]], clips).values())
        if bands:
            found[name] = SpectrumNorm(
                centre=tuple(one.centre for one in bands),
                spread=tuple(one.spread for one in bands),
                within=tuple(one.within for one in bands), n_speakers=bands[0].n_speakers,
            )  # fmt: skip
    return found


def _parts(manifest: pd.DataFrame, groups: Groups) -> dict[str, "pd.Series[bool]"]:
    """Which clips are Normal speech of all speakers, of each group, and of groups crossed."""
    normal = manifest["label"].map(kind_of) == "normal"
    known = {control: pd.Series(own.to_numpy(), index=manifest.index)
             for control, own in groups.items()}  # fmt: skip
    parts = {EVERYONE: normal}
    for size in range(1, len(known) + 1):
        for controls in combinations(sorted(known), size):
            table = pd.DataFrame({name: known[name] for name in controls}).dropna().astype(str)
            for values, rows in table.groupby(list(controls)):
                inside = manifest.index.isin(rows.index)
                parts[group_name(**dict(zip(controls, _names(values), strict=True)))] = (
                    normal & inside
                )
    return parts


def _names(values: Hashable) -> tuple[str, ...]:
    return tuple(map(str, values)) if isinstance(values, tuple) else (str(values),)


def _of_columns(table: pd.DataFrame, clips: pd.DataFrame) -> Norms:
    """Norms of each column of a table whose rows are the `clips`."""
    known = "speaker" in clips.columns
    unit = (clips["speaker"] if known else clips["clip_id"]).to_numpy()
    if pd.Series(unit).nunique() < FEWEST_SPEAKERS:
        return {}
    means = table.groupby(unit).mean()
    apart = table - means.loc[unit].to_numpy()
    norms = {}
    for column in table.columns:
        own = means[column].dropna()
        freedom = int(table[column].notna().sum()) - len(own)
        if len(own) >= FEWEST_SPEAKERS:
            within = np.sqrt(float((apart[column] ** 2).sum()) / freedom) if freedom > 0 else 0.0
            norms[str(column)] = SpeakerNorm(
                centre=float(own.mean()), spread=float(own.std(ddof=1)), within=float(within),
                n_speakers=len(own) if known else 0,
            )  # fmt: skip
    return norms
