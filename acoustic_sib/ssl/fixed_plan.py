"""The fold plan that a foreign system was tested on, as far as its file or the corpus tells."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from acoustic_sib.corpus.splits import fold_numbers, split_name
from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.foreign import Said
from acoustic_sib.tables import FOLD_COLUMNS, ONLY_TRAINED_ON, check_folds


@dataclass(frozen=True, kw_only=True)
class FixedPlan:
    """`folds` for the whole manifest; `tested` gives `row` (of the file), `clip_id`, `repeat` and
    `fold` of each prediction that counts; `duplicates` are clips predicted again with the same
    outcome; `source` is 'file', 'corpus', 'given' or 'predicted'."""

    folds: pd.DataFrame
    tested: pd.DataFrame
    source: str
    duplicates: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def fixed_plan(
    said: Said, clip_ids: Sequence[str | None], outcome: pd.DataFrame, manifest: pd.DataFrame, *,
    given: pd.DataFrame | None = None,
) -> FixedPlan:  # fmt: skip
    """Which predictions count, and in which fold.

    Rows of a training split, of fold -1 or of clips that the plan only trains on do not count;
    clips without a prediction are taken as only trained on. Folds come from `given`, else the
    file's own column, else the corpus's own folds, else all that is predicted is one fold.
    `outcome` holds what was said, a row each: the same clip may stand twice with one outcome.
    Raises RunError for a clip predicted twice in one repeat, or where nothing tested is left.
    """
    notes: list[str] = []
    rows = pd.DataFrame({"row": range(len(clip_ids)), "clip_id": list(clip_ids)})
    rows["repeat"] = _repeats(said)
    rows = rows[_tested_part(said, notes) & rows["clip_id"].notna()]
    rows, source = _placed(rows, said, manifest, given, notes)
    if rows.empty:
        raise RunError(f"{said.places[0]}: no prediction of a tested clip; expected some: are "
                       "these the clips that the system was trained on?")  # fmt: skip
    rows, duplicates = _once(rows, said, outcome)
    repeats = sorted(rows["repeat"].unique())
    whole = pd.MultiIndex.from_product([repeats, manifest["clip_id"]], names=["repeat", "clip_id"])
    placed = rows.set_index(["repeat", "clip_id"])["fold"].reindex(whole)
    folds = placed.fillna(ONLY_TRAINED_ON).astype(int).reset_index()[list(FOLD_COLUMNS)]
    if folds["fold"].nunique() == 1:
        notes.append("every clip of the corpus is tested and none trained on: the acoustic side "
                     "cannot be run on this plan")  # fmt: skip
    return FixedPlan(folds=check_folds(folds, manifest), tested=rows.reset_index(drop=True),
                     source=source, duplicates=duplicates, notes=tuple(notes))  # fmt: skip


def _repeats(said: Said) -> list[int]:
    """Repeats from 0, in the order of their numbers or names."""
    if said.repeats is None:
        return [0] * len(said.places)
    if None in said.repeats:
        raise RunError(f"{said.places[said.repeats.index(None)]}: 'repeat' is empty; expected a "
                       "number or a name in every row")  # fmt: skip
    numbers = fold_numbers(said.repeats, said.places)
    order = {number: position for position, number in enumerate(sorted(set(numbers)))}
    return [order[number] for number in numbers]


def _tested_part(said: Said, notes: list[str]) -> "pd.Series[bool]":
    """Rows of the test split, or of the validation split where there is no other."""
    if said.splits is None:
        return pd.Series([True] * len(said.places))
    parts = pd.Series([split_name(split) for split in said.splits], dtype=object)
    if parts.isna().any():
        row = int(np.argmax(parts.isna()))
        raise RunError(f"{said.places[row]}: split '{shown(said.splits[row])}'; expected train, "
                       "test or validation")  # fmt: skip
    tested = "test" if (parts == "test").any() else "validation"
    others = parts[parts != tested].value_counts()
    if len(others):
        listed = ", ".join(f"{count} {name}" for name, count in others.items())
        notes.append(f"left out as not tested: predictions of {listed} clips")
    if tested == "validation" and (parts == tested).any():
        notes.append("the validation part is tested, for want of a test part: it may have chosen "
                     "the epoch")  # fmt: skip
    return parts == tested


def _placed(
    rows: pd.DataFrame, said: Said, manifest: pd.DataFrame, given: pd.DataFrame | None,
    notes: list[str],
) -> tuple[pd.DataFrame, str]:  # fmt: skip
    """The rows that are tested, with their `fold`, and where the folds are from."""
    if given is not None:
        return _joined(rows, _repeats_of(given, rows, notes), "--folds", notes), "given"
    if said.folds is not None:
        named = fold_numbers([said.folds[row] for row in rows["row"]],
                             [said.places[row] for row in rows["row"]])  # fmt: skip
        placed = rows.assign(fold=named)
        return placed[placed["fold"] != ONLY_TRAINED_ON], "file"
    if "fold" in manifest.columns:
        own = manifest[["clip_id", "fold"]].assign(fold=manifest["fold"].astype(int), repeat=0)
        every = [own.assign(repeat=repeat) for repeat in sorted(rows["repeat"].unique())]
        return _joined(rows, pd.concat(every), "the corpus's own folds", notes), "corpus"
    if rows["clip_id"].nunique() == len(manifest):
        notes.append("nothing tells which clips the system was trained on; expected a column "
                     "'fold' or 'split', or --folds: the figures hold only if it was on "
                     "none of these")  # fmt: skip
    else:
        notes.append("no column 'fold' or 'split': the clips predicted are taken as tested, all "
                     "others as trained on")  # fmt: skip
    return rows.assign(fold=0), "predicted"


def _repeats_of(plan: pd.DataFrame, rows: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """The plan's repeats that were predicted: all, or the first for one prediction a clip, which is
    as often as a network is trained on each fold."""
    n_plan, n_predicted = plan["repeat"].nunique(), rows["repeat"].nunique()
    if n_plan == n_predicted:
        return plan
    if n_predicted > 1:
        raise RunError(f"--folds: a plan of {n_plan} repeats for predictions of {n_predicted}; "
                       "expected as many, or one: name them in a column 'repeat'")  # fmt: skip
    first = int(plan["repeat"].min())
    notes.append(f"one prediction a clip for a plan of {n_plan} repeats: taken to be trained on "
                 f"the folds of repeat {first}")  # fmt: skip
    of_first: pd.DataFrame = plan[plan["repeat"] == first].assign(repeat=0)
    return of_first


def _joined(rows: pd.DataFrame, plan: pd.DataFrame, what: str, notes: list[str]) -> pd.DataFrame:
    placed = rows.merge(plan[list(FOLD_COLUMNS)], on=["clip_id", "repeat"], how="left",
                        validate="many_to_one")  # fmt: skip
    counted = placed[placed["fold"].fillna(ONLY_TRAINED_ON) != ONLY_TRAINED_ON]
    if len(counted) < len(placed):
        notes.append(f"left out: {len(placed) - len(counted)} predictions of clips that {what} "
                     "does not test")  # fmt: skip
    n_tested = int((plan["fold"] != ONLY_TRAINED_ON).sum())
    n_predicted = len(counted[["clip_id", "repeat"]].drop_duplicates())
    if n_predicted < n_tested:
        notes.append(f"{n_tested - n_predicted} of {n_tested} clips that {what} tests are not "
                     "predicted")  # fmt: skip
    return counted.assign(fold=counted["fold"].astype(int))


def _once(rows: pd.DataFrame, said: Said, outcome: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Each clip once a repeat, and the clips that stood there again with the same outcome."""
    again = rows.duplicated(["clip_id", "repeat"])
    if not again.any():
        return rows, []
    first = rows[~again].set_index(["clip_id", "repeat"])["row"]
    for clip_id, repeat, fold, row in rows.loc[
        again, ["clip_id", "repeat", "fold", "row"]
    ].itertuples(index=False):
        other = first[(clip_id, repeat)]
        same_fold = (rows.loc[rows["row"] == other, "fold"] == fold).all()
        if not same_fold or not _alike(outcome.iloc[row], outcome.iloc[other]):
            raise RunError(
                f"{said.places[row]}: clip '{shown(clip_id)}' is predicted again, otherwise than "
                f"in {said.places[other]} ({int(again.sum())} rows more than clips); expected each "
                "clip once: are these several runs (name them in a column 'repeat')?"
            )
    return rows[~again], sorted(set(rows.loc[again, "clip_id"]))


def _alike(one: "pd.Series[float]", two: "pd.Series[float]") -> bool:
    shares = [each.iloc[1:].to_numpy(dtype=float) for each in (one, two)]
    return bool(one.iloc[0] == two.iloc[0] and np.allclose(shares[0], shares[1], atol=1e-6))
