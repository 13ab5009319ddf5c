"""Rung 4: which measures carry the labels, and what is lost to a model that hears up to 8 kHz.

Each feature family alone, all but each, and all in a growing row, by one model on the same folds.
The row's order was fixed before anything was measured, by a rule that no label enters: the family
of the fewest measures first. An order chosen by these figures would make its own curve look good.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from acoustic_sib import metrics
from acoustic_sib.errors import CorpusError
from acoustic_sib.evaluate import fold_tasks
from acoustic_sib.extract import extract
from acoustic_sib.ladder.measure_sets import P_OWN, Told, told_by_sets
from acoustic_sib.ladder.registry import Climb, Found, Rows, rung, skipped
from acoustic_sib.metrics import Confusions
from acoustic_sib.models import normalized
from acoustic_sib.significance import best_of_tables

HEARD_HZ = 0.98 * 8000
"""What a model of speech sampled at 16 kHz can hear: `high_hz: auto` of such a corpus."""

QUICK_MODELS = ("logistic", "lda", "svm_linear", "svm_rbf", "knn")
INSTEAD = "svm_rbf"
"""Models quick enough for thirty sets of measures, and what stands in for any other."""

HANDLING = (
    "temporal.duration_s", "temporal.rms_level_db", "temporal.rise_time_s",
    "temporal.attack_db_per_s", "temporal.decay_db_per_s",
)  # fmt: skip
"""Measures that say how a clip was cut and levelled rather than where its energy lies: the
temporal family without its zero crossings, which follow the spectrum."""

MOST_CLIPS = 20
MOST_NAMED = 3
ALL, LIMITED, HANDLED = "all families", "all families, band-limited", "duration and level"
_LIMITED_COLUMN = "band-limited "

RULE = (
    "fail: neither all families together nor any alone (its interval widened for their number) lie "
    "above chance, or a permutation test of the best of these sets gives no p below "
    "evaluation.alpha; warn: the paired interval of band-limited minus all lies below 0, or "
    "duration, level and its course alone lie above chance and reach the share of the gain over "
    "chance that evaluation.shortcut_share names"
)
READING = (
    "families overlap: what one tells, others may tell as well, and the left-out changes do not "
    "add up. made_up_for: the change is not shown to be a loss, its interval widened for the "
    "number of families. The cumulative order is fixed, the fewest measures first; the best step "
    "of the row is the best partly by chance"
)


@dataclass(frozen=True, kw_only=True)
class _Sets:
    """The sets of measures to compare: column lists by name, the families in their own order, and
    in the order of the growing row."""

    columns: dict[str, list[str]]
    families: dict[str, list[str]]
    growing: tuple[str, ...]

    def name(self, families: Sequence[str]) -> str:
        """One name for one set, however it came about."""
        if len(families) == len(self.families):
            return ALL
        return "+".join(name for name in self.families if name in families)

    def without(self, family: str) -> list[str]:
        return [name for name in self.families if name != family]


@rung("layers_unfreezing", question="Which measures, or which layers of a model, carry the labels?")
def layers_unfreezing(climb: Climb) -> Found:
    # More repeats would not narrow an interval whose unit is the speaker.
    first = climb.folds[climb.folds["repeat"] == climb.folds["repeat"].min()]
    alone = _class_of_one_speaker(climb, first)
    if alone is not None:
        return skipped(f"class '{alone}' has one tested speaker: without that speaker there is no "
                       "UAR, so no family can be compared with another")  # fmt: skip
    sets = sets_of(list(climb.features.columns))
    table, columns = climb.features, dict(sets.columns)
    if climb.recipe.high_hz > HEARD_HZ:
        limited = _band_limited(climb).add_prefix(_LIMITED_COLUMN)
        table = pd.concat([table.loc[limited.index], limited], axis=1)
        columns[LIMITED] = list(limited.columns)
    chosen = climb.chosen.model
    name, stands_in = (chosen, "") if chosen in QUICK_MODELS else (
        INSTEAD, f", in place of {chosen}, which takes too long")  # fmt: skip
    told = told_by_sets(
        climb, table, columns, name=name, scored=(ALL, LIMITED),
        tasks=fold_tasks(first, climb.manifest), stage="telling the families of measures apart",
    )  # fmt: skip
    evidence = _evidence(climb, sets, told) | {
        "model": f"{name}{stands_in}, its settings chosen inside the training folds for each set",
        "folds": "those of the first repeat", "rule": RULE, "reading": READING,
    }  # fmt: skip
    found = _judged(climb, sets, told, evidence)
    return replace(found, tables={"families": _table(evidence)})


def sets_of(columns: Sequence[str]) -> _Sets:
    """Each family alone, all but each, the growing row, all, and duration and level alone."""
    families: dict[str, list[str]] = {}
    for column in columns:
        families.setdefault(column.split(".", 1)[0], []).append(column)
    growing = tuple(sorted(families, key=lambda family: len(families[family])))
    sets = _Sets(columns={}, families=families, growing=growing)
    wanted = [list(families), *([family] for family in families),
              *(sets.without(family) for family in families),
              *(growing[:step] for step in range(1, len(growing)))]  # fmt: skip
    for members in wanted:
        if members:
            sets.columns[sets.name(members)] = [
                column for family in families if family in members for column in families[family]
            ]
    handling = [column for column in HANDLING if column in columns]
    if handling:
        sets.columns[HANDLED] = handling
    return sets


def _class_of_one_speaker(climb: Climb, folds: pd.DataFrame) -> str | None:
    unit = "speaker" if "speaker" in climb.manifest.columns else "clip_id"
    tested = climb.manifest["clip_id"].isin(folds.loc[folds["fold"] >= 0, "clip_id"])
    counts = climb.manifest[tested].groupby("label")[unit].nunique()
    return str(counts.idxmin()) if counts.min() < 2 else None


def _band_limited(climb: Climb) -> pd.DataFrame:
    """The clips measured up to HEARD_HZ, otherwise as the baseline saw them. Every family but the
    clip's duration depends on that limit, so all are measured."""
    recipe = replace(climb.recipe, high_hz=HEARD_HZ)
    with climb.stage(f"measuring the clips up to {HEARD_HZ:g} Hz") as progress:
        measured = extract(climb.manifest, recipe, climb.config.audio, climb.work(progress))
    if measured.problems:
        raise CorpusError(
            f"{len(measured.problems)} of {len(climb.manifest)} clips could be read before and "
            f"cannot now; the first: {measured.problems[0].reason}; expected the corpus to stay as "
            "it was while it is checked"
        )
    table = measured.table.loc[climb.manifest["clip_id"]]
    return normalized(table, climb.manifest, climb.config.models.normalize)[0]


def _evidence(climb: Climb, sets: _Sets, told: Mapping[str, Told]) -> dict[str, Any]:
    level = climb.config.evaluation.level
    full = told[ALL].atoms

    def uar(name: str) -> dict[str, Any]:
        return metrics.interval(told[name].atoms, metrics.uar, level=level).as_dict()

    families: Rows = []
    for family, columns in sets.families.items():
        row: dict[str, Any] = {"family": family, "n_measures": len(columns),
                               "alone": uar(sets.name([family])), "left_out": None,
                               "left_out_change": None, "made_up_for": None}  # fmt: skip
        if len(sets.families) > 1:
            others = sets.name(sets.without(family))
            row["left_out"] = uar(others)
            row["left_out_change"] = _change(told[others].atoms, full, level)
            widened = _change(told[others].atoms, full, _widened(level, sets))
            row["made_up_for"] = not widened["high"] < 0
        families.append(row)
    cumulative: Rows = []
    for step, added in enumerate(sets.growing, start=1):
        members = sets.growing[:step]
        cumulative.append({"families": list(members), "added": added,
                           "n_measures": sum(len(sets.families[name]) for name in members),
                           "uar": uar(sets.name(members))})  # fmt: skip
    evidence: dict[str, Any] = {
        "permutation": {"p_value": _p_of_best(climb, sets),
                        "n": climb.config.evaluation.permutations},
        "families": families, "cumulative": cumulative, "all": uar(ALL),
        "band_limited": _band_evidence(climb, told, level),
    }  # fmt: skip
    if HANDLED in told:
        evidence["duration_and_level"] = {"measures": list(sets.columns[HANDLED]),
                                          "uar": uar(HANDLED)}  # fmt: skip
    if LIMITED in told:
        evidence["above_8k_clips"] = above_8k_clips(climb.manifest, told[ALL], told[LIMITED])
    return evidence


def _band_evidence(climb: Climb, told: Mapping[str, Told], level: float) -> dict[str, Any]:
    """What is left below HEARD_HZ. A corpus that ends there loses exactly nothing."""
    full, limited = told[ALL], told.get(LIMITED, told[ALL])
    labels = climb.manifest.set_index("clip_id")["label"]
    by_full, by_limited = (
        one.clips["predicted"] == labels.loc[one.clips.index] for one in (full, limited)
    )
    return {
        "high_hz": min(climb.recipe.high_hz, HEARD_HZ), "full_high_hz": climb.recipe.high_hz,
        "measured_again": LIMITED in told,
        "uar": metrics.interval(limited.atoms, metrics.uar, level=level).as_dict(),
        "change": _change(limited.atoms, full.atoms, level),
        "n_right_only_full": int((by_full & ~by_limited).sum()),
        "n_right_only_limited": int((by_limited & ~by_full).sum()),
    }  # fmt: skip


def above_8k_clips(manifest: pd.DataFrame, full: Told, limited: Told) -> Rows:
    """Clips that only the full band gets right, those first whose own label loses the most
    probability, at most MOST_CLIPS."""
    about = manifest.set_index("clip_id").loc[full.clips.index]
    both = pd.DataFrame({
        "label": about["label"], "predicted_limited": limited.clips["predicted"],
        "p_own_full": full.clips[P_OWN], "p_own_limited": limited.clips[P_OWN],
    })  # fmt: skip
    for name in ("speaker", "phone"):
        if name in about.columns:
            both[name] = about[name]
    heard = both["predicted_limited"] == both["label"]
    only_full = both[(full.clips["predicted"] == both["label"]) & ~heard]
    lost = only_full["p_own_full"] - only_full["p_own_limited"]
    first = only_full.loc[lost.sort_values(ascending=False, kind="stable").index[:MOST_CLIPS]]
    return [
        {str(name): value for name, value in row.items()}
        for row in first.reset_index().to_dict("records")
    ]


def _change(a: Confusions, b: Confusions, level: float) -> dict[str, float]:
    value, low, high = metrics.difference_interval(a, b, metrics.uar, level=level)
    return {"value": value, "low": low, "high": high, "level": level}


def _table(evidence: Mapping[str, Any]) -> pd.DataFrame:
    """A row a set of measures."""
    uars = [("all", "", evidence["all"])]
    uars += [("alone", row["family"], row["alone"]) for row in evidence["families"]]
    uars += [("left out", row["family"], row["left_out"])
             for row in evidence["families"] if row["left_out"] is not None]  # fmt: skip
    uars += [("cumulative", " ".join(row["families"]), row["uar"])
             for row in evidence["cumulative"]]  # fmt: skip
    uars.append(("band-limited", "", evidence["band_limited"]["uar"]))
    return pd.DataFrame([
        {"set": kind, "families": names,
         **{key: uar[key] for key in ("value", "low", "high", "n_clips")}}
        for kind, names, uar in uars
    ]).rename(columns={"value": "uar"})  # fmt: skip


def _judged(
    climb: Climb, sets: _Sets, told: Mapping[str, Told], evidence: dict[str, Any]
) -> Found:  # fmt: skip
    chance = 1 / len(climb.classes)
    p_value = evidence["permutation"]["p_value"]
    if p_value >= climb.config.evaluation.alpha or not _above_chance(climb, sets, told, chance):
        best = max(evidence["families"], key=lambda row: row["alone"]["value"])
        return Found(
            status="fail", evidence=evidence,
            says=f"no family of measures is shown to carry the labels: all together reach UAR "
            f"{_shown(evidence['all'])}, the best alone, {best['family']}, "
            f"{_shown(best['alone'])}, and chance is {chance:.3f} (permutation test of the best: "
            f"p = {p_value:.2g})",
            next="listen to some clips of each class, labels hidden, and mend what the rungs "
            "before this one name, before any model is blamed",
        )  # fmt: skip
    warnings = [*_handled(climb, evidence, chance), *_lost_above_8k(evidence)]
    says = [_carried(evidence, chance), _heard(evidence), *(says for says, _ in warnings)]
    return Found(
        status="warn" if warnings else "pass", says="; ".join(says), evidence=evidence,
        next="; ".join(then for _, then in warnings),
    )  # fmt: skip


def _above_chance(
    climb: Climb, sets: _Sets, told: Mapping[str, Told], chance: float
) -> bool:  # fmt: skip
    """Whether all together, or a family alone, is shown to carry anything."""
    level = climb.config.evaluation.level
    widened = _widened(level, sets)
    asked = [(ALL, level), *((sets.name([family]), widened) for family in sets.families)]
    return any(
        metrics.interval(told[name].atoms, metrics.uar, level=at).low > chance for name, at in asked
    )


def _p_of_best(climb: Climb, sets: _Sets) -> float:
    """Permutation p of the best of: all together, each family alone. An interval alone would let
    noise pass too often: near chance, folds that train on one another move together."""
    labels = np.unique(climb.manifest["label"].to_numpy(dtype=str), return_inverse=True)[1]
    speakers = (climb.manifest["speaker"].to_numpy(dtype=str)
                if "speaker" in climb.manifest else None)  # fmt: skip
    first = climb.folds[climb.folds["repeat"] == climb.folds["repeat"].min()].set_index("clip_id")
    names = climb.manifest["clip_id"]
    asked = {sets.name(members) for members in [list(sets.families), *([f] for f in sets.families)]}
    # One numerical thread, as in the folds: the same sums on any number of cores.
    with threadpool_limits(limits=1):
        return best_of_tables(
            [climb.features.loc[names, sets.columns[one]].to_numpy(dtype=float)
             for one in sorted(asked)],
            labels, speakers, first.loc[names, "fold"].to_numpy(dtype=np.int64),
            n=climb.config.evaluation.permutations, seed=climb.config.seed,
        )  # fmt: skip


def _widened(level: float, sets: _Sets) -> float:
    """The level of a family's interval where one of them decides (Bonferroni): of ten, the best
    is beyond its border by luck more often than one alone."""
    return 1 - (1 - level) / len(sets.families)


def _carried(evidence: Mapping[str, Any], chance: float) -> str:
    """Which families reach the most alone, and which no other makes up for."""
    ordered = sorted(evidence["families"], key=lambda row: -row["alone"]["value"])
    if len(ordered) == 1:
        return (f"the one family measured, {ordered[0]['family']}, reaches UAR "
                f"{_shown(evidence['all'])}")  # fmt: skip
    carrying = [row for row in ordered if row["alone"]["low"] > chance]
    best = ", ".join(f"{row['family']} {_shown(row['alone'])}" for row in carrying[:MOST_NAMED])
    parts = [
        f"all {len(ordered)} families together reach UAR {_shown(evidence['all'])}",
        f"alone {len(carrying)} lie above chance" + (f", the best {best}" if best else ""),
    ]
    missed = [row for row in ordered if not row["made_up_for"]]
    losses = ", ".join(f"{row['family']} ({_signed(row['left_out_change'])})" for row in missed)
    parts.append(f"no other makes up for {losses}" if losses
                 else "each could be left out without a loss that is shown")  # fmt: skip
    return "; ".join(parts)


def _heard(evidence: Mapping[str, Any]) -> str:
    limited = evidence["band_limited"]
    if not limited["measured_again"]:
        return (f"these recordings are measured up to {limited['high_hz']:g} Hz and so hold "
                "nothing that a 16 kHz model could not hear")  # fmt: skip
    return (f"limited to {limited['high_hz']:g} Hz, as a 16 kHz model hears, the UAR changes by "
            f"{_signed(limited['change'])} to {_shown(limited['uar'])}")  # fmt: skip


def _lost_above_8k(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    limited = evidence["band_limited"]
    if not limited["change"]["high"] < 0:
        return []
    return [(
        "part of what tells these labels apart lies above 8 kHz",
        f"hold a 16 kHz model against UAR {_shown(limited['uar'])}, not against "
        f"{evidence['all']['value']:.3f}: it cannot hear the rest (above_8k_clips names clips "
        "to listen to), and a front end for the full band can",
    )]  # fmt: skip


def _handled(climb: Climb, evidence: Mapping[str, Any], chance: float) -> list[tuple[str, str]]:
    """A warning where how the clips were cut and levelled tells nearly all."""
    handled = evidence.get("duration_and_level")
    if handled is None or not handled["uar"]["low"] > chance:
        return []
    gain = evidence["all"]["value"] - chance
    share = (handled["uar"]["value"] - chance) / gain if gain > 0 else np.inf
    if share < climb.config.evaluation.shortcut_share:
        return []
    return [(
        f"duration, level and its course alone reach {_shown(handled['uar'])}, "
        f"{min(share, 1):.0%} of the gain over chance of all families",
        "find out whether the classes were cut or levelled differently, and even that out before "
        "any figure is believed",
    )]  # fmt: skip


def _shown(uar: Mapping[str, Any]) -> str:
    return f"{uar['value']:.3f} [{uar['low']:.3f}, {uar['high']:.3f}]"


def _signed(change: Mapping[str, float]) -> str:
    return f"{change['value']:+.3f} [{change['low']:+.3f}, {change['high']:+.3f}]"
