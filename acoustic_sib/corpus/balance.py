"""Audit of what may differ by class besides the sound: length, level, noise, bandwidth, format.

Differences are measured between speakers where they are known, since a speaker's clips share room
and device: each speaker gives one value a class.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from acoustic_sib.corpus.findings import Finding, Row, finding, quartiles

Floats = NDArray[np.float64]

MEASURES = {
    "duration_s": "clip length", "level_db": "level", "noise_floor_db": "noise floor",
    "bandwidth_hz": "effective bandwidth", "silence_share": "share of silence",
    "clipped_share": "share of clipped samples", "dc": "DC offset",
}  # fmt: skip
CATEGORIES = {"sr_hz": "sampling rate", "format": "file format", "n_channels": "channel count"}
TABLES = {"durations": "duration_s", "levels": "level_db", "noise_floors": "noise_floor_db",
          "bandwidths": "bandwidth_hz"}  # fmt: skip

LARGE_AUC = 0.75
LARGE_SHARE = 2 * LARGE_AUC - 1
"""The difference of two shares that tells classes apart as well as an AUC of 0.75."""
ALPHA = 0.01
PERMUTATIONS = 4999
# Most clips reach these measures' limit: a median would hide the few that do not.
MEANS = ("bandwidth_hz", "silence_share", "clipped_share", "dc")


def balance_tables(clips: pd.DataFrame) -> dict[str, list[Row]]:
    """Quartiles of each measure by class, and counts of rates and formats by class."""
    tables = {
        name: [{"label": label, **quartiles(own[column])}
               for label, own in clips.groupby("label", sort=True)]
        for name, column in TABLES.items()
    }  # fmt: skip
    for name, column in (("rates", "sr_hz"), ("formats", "format"), ("channels", "n_channels")):
        counts = pd.crosstab(clips["label"], clips[column])
        tables[name] = [{"label": label, **{str(value): int(n) for value, n in row.items()}}
                        for label, row in counts.iterrows()]  # fmt: skip
    return tables


def differences(clips: pd.DataFrame) -> tuple[list[Finding], list[Row]]:
    """One finding a measure, and the table of all pairwise differences between classes."""
    measures = [name for name in MEASURES if clips[name].nunique() > 1]
    categories = [name for name in CATEGORIES if clips[name].nunique() > 1]
    n_pairs = clips["label"].nunique() * (clips["label"].nunique() - 1) // 2
    threshold = ALPHA / max(n_pairs * len(measures) + len(categories), 1)
    unit = "speakers" if "speaker" in clips else "clips"
    findings, rows = [], []
    for name in measures:
        compared = _compared(_units(clips, name), name)
        rows += compared
        findings.append(_measure_finding(name, compared, threshold, unit))
    for name in categories:
        findings.append(_category_finding(name, *_shares(clips, name), threshold, unit))
    return findings, rows


def auc(first: Floats, second: Floats) -> tuple[float, float]:
    """The probability that a value of `second` exceeds one of `first` (ties half), and the
    two-sided p of Mann and Whitney (1947); (0.5, 1) where all values are one."""
    if np.ptp(np.concatenate([first, second])) == 0:
        return 0.5, 1.0
    test = mannwhitneyu(second, first, alternative="two-sided")
    return float(test.statistic / (len(first) * len(second))), float(test.pvalue)


def _units(clips: pd.DataFrame, column: str) -> pd.DataFrame:
    """One value per speaker and class where speakers are known, else one per clip."""
    known = clips[clips[column].notna()]
    if "speaker" not in clips:
        return known[["label", column]]
    grouped = known.groupby(["label", "speaker"])[column]
    values = grouped.mean() if column in MEANS else grouped.median()
    return values.reset_index()[["label", column]]


def _compared(units: pd.DataFrame, column: str) -> list[Row]:
    rows = []
    values = {str(label): own.to_numpy(dtype=float)
              for label, own in units.groupby("label", sort=True)[column]}  # fmt: skip
    for first, second in combinations(values, 2):
        size, p = auc(values[first], values[second])
        if size < 0.5:
            first, second, size = second, first, 1 - size
        rows.append({
            "measure": column, "lower": first, "higher": second, "auc": size, "p": p,
            "n_lower": len(values[first]), "n_higher": len(values[second]),
            "median_lower": float(np.median(values[first])),
            "median_higher": float(np.median(values[second])),
        })  # fmt: skip
    return rows


def _measure_finding(column: str, rows: list[Row], threshold: float, unit: str) -> Finding:
    what, check = MEASURES[column], f"{column.rsplit('_', 1)[0]}_by_class"
    if not rows:
        return finding(check, "ok", f"{what}: measurable in one class only")
    sure = [row for row in rows if row["auc"] >= LARGE_AUC and row["p"] < threshold]
    top = max(sure or rows, key=lambda row: row["auc"])
    medians = f"{_in_units(top['median_higher'], column)} and "
    medians += _in_units(top["median_lower"], column)
    says = (f"{what}: {top['higher']} lies above {top['lower']} in {top['auc']:.0%} of pairs of "
            f"{unit} (medians {medians}, p = {top['p']:.2g})")  # fmt: skip
    evidence: Row = {**top, "n_pairs_beyond": len(sure), "threshold_p": threshold, "unit": unit}
    if not sure:
        large = top["auc"] >= LARGE_AUC and top["p"] < ALPHA
        return finding(check, "note" if large else "ok", says, **evidence)
    if len(rows) > 1:
        says += f", and {len(sure)} of {len(rows)} pairs of classes differ as clearly"
    return finding(
        check, "warn", f"{says}: a model can learn that instead of the sound",
        f"find out whether {what} comes from the speech or from recording and cutting; where it "
        "does not come from the speech, make the classes alike", **evidence,
    )  # fmt: skip


def _in_units(value: float, column: str) -> str:
    """`0.158 s`, `-27.6 dB`, `15460 Hz`; a share or an offset has no unit."""
    unit = {"s": "s", "db": "dB", "hz": "Hz"}.get(column.rsplit("_", 1)[-1], "")
    digits = max(3, len(f"{abs(value):.0f}"))
    return f"{value:.{digits}g} {unit}".rstrip()


def _shares(clips: pd.DataFrame, column: str) -> tuple[pd.DataFrame, float, float]:
    """Shares of each value by class, the largest difference between two classes (half the sum of
    absolute differences), and how often exchanging the units' labels makes as large a one."""
    dummies = pd.get_dummies(clips[column].astype(str), dtype=float)
    labels = clips["label"]
    units = dummies.set_axis(labels)
    if "speaker" in clips:
        units = dummies.groupby([labels, clips["speaker"]]).mean().droplevel("speaker")
    codes, names = pd.factorize(units.index, sort=True)
    values = units.to_numpy()
    members = np.eye(len(names))[codes].T
    members /= members.sum(axis=1, keepdims=True)

    def largest(shares: Floats) -> float:
        return float(max(np.abs(a - b).sum() / 2 for a, b in combinations(shares, 2)))

    rng = np.random.default_rng(0)
    shares = members @ values
    true = largest(shares)
    larger = sum(largest(members @ rng.permutation(values)) >= true - 1e-12
                 for _ in range(PERMUTATIONS))  # fmt: skip
    table = pd.DataFrame(shares, index=names, columns=dummies.columns)
    return table, true, (1 + larger) / (1 + PERMUTATIONS)


def _category_finding(
    column: str, shares: pd.DataFrame, largest: float, p: float, threshold: float, unit: str
) -> Finding:
    what = CATEGORIES[column]
    spread = "; ".join(
        f"{label} {', '.join(f'{share:.0%} {value}' for value, share in row.items() if share)}"
        for label, row in shares.iterrows()
    )
    says = (f"{what}: two classes differ in {largest:.0%} of their {unit} (p = {p:.2g}; "
            f"{spread})")  # fmt: skip
    evidence: Row = {"largest_difference": largest, "p": p, "threshold_p": threshold,
                "unit": unit}  # fmt: skip
    check = f"{column.removesuffix('_hz')}_by_class"
    if largest >= LARGE_SHARE and p < threshold:
        return finding(
            check, "warn", f"{says}: a model can learn that instead of the sound",
            f"bring all clips to one {what}, from the originals", **evidence,
        )  # fmt: skip
    return finding(check, "note" if largest >= LARGE_SHARE / 2 else "ok", says, **evidence)
