"""How much of a figure copies could have given: sound that is trained on and tested alike."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd


def leaked_share(
    copies: Iterable[Mapping[str, Any]], folds: pd.DataFrame, manifest: pd.DataFrame
) -> float:
    """The share of tested clips whose sound also stands in another fold, averaged over classes.

    `copies` are rows of the audit's table of duplicates, each naming a `clip` and its `copy`.
    A model that remembers gets these clips right whatever the labels mean, so the UAR may be too
    high by up to this share times 1 - chance.
    """
    group: dict[str, str] = {}
    for row in copies:
        clip, copy = (_root(group, str(row[end])) for end in ("clip", "copy"))
        group[copy] = clip
    tested = folds[folds["fold"] >= 0]
    leaked: set[str] = set()
    own_group = folds["clip_id"].map(lambda clip: _root(group, str(clip)))
    for _, rows in folds.assign(group=own_group).groupby(["repeat", "group"]):
        if rows["fold"].nunique() > 1:
            leaked.update(rows["clip_id"])
    labels = manifest.set_index("clip_id")["label"].loc[tested["clip_id"].unique()]
    return float(labels.index.isin(list(leaked)).astype(float).dot(1 / _sizes(labels)))


def _root(group: Mapping[str, str], clip: str) -> str:
    while group.get(clip, clip) != clip:
        clip = group[clip]
    return clip


def _sizes(labels: "pd.Series[str]") -> Any:
    """Of each clip: the number of clips of its class times the number of classes."""
    return (labels.map(labels.value_counts()) * labels.nunique()).to_numpy(dtype=float)
