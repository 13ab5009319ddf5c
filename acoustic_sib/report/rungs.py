"""The rungs of the ladder on the page: a table that leads to them, and each one's drawings.

A drawing whose evidence is absent (a skipped rung, an older result) is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from acoustic_sib.report.figures import Dot
from acoustic_sib.report.heat_table import heat_table
from acoustic_sib.report.imported import on_rung
from acoustic_sib.report.page_tables import findings
from acoustic_sib.report.rung_figures import bare, change_plot, curve_plot, scores_plot
from acoustic_sib.report.svg import class_colour
from acoustic_sib.report.wording import as_sentence, words

Evidence = Mapping[str, Any]
Drawing = dict[str, str]
Rows = Sequence[Mapping[str, Any]]


def ladder_parts(ladder: Rows, chance: float, figure_name: str) -> list[dict[str, Any]]:
    """Each rung as `page_tables.findings` makes it, with `id`, `drawings` (svg and caption),
    `heat` (tables of cells, or none) and `models` (the imported ones' parts)."""
    parts = []
    plain = [{**rung, "evidence": _with_intervals(rung.get("evidence") or {})} for rung in ladder]
    for rung, found in zip(ladder, findings(plain, "rung", without=_LAID_OUT), strict=True):
        evidence = rung.get("evidence") or {}
        name = rung["rung"]
        paint = _DRAWINGS.get(rung["rung"])
        parts.append({
            **found,
            "name": NAMES.get(name, found["name"]),
            "id": f"rung-{name.replace('_', '-')}",
            "reading": as_sentence(str(evidence.get("reading") or "")),
            "rule": as_sentence(str(evidence.get("rule") or "")),
            "drawings": paint(evidence, chance, figure_name) if paint else [],
            "heat": _heat(rung["rung"], evidence, chance),
            "models": on_rung(rung, chance),
        })  # fmt: skip
    return parts


NAMES = {"padding_pooling": "Padding and pooling", "layers_unfreezing": "Layers and unfreezing"}
_LAID_OUT = ("paddings", "poolings", "reading", "rule")
"""Evidence that is laid out by itself and not once more in the list."""


def _with_intervals(evidence: Evidence) -> dict[str, Any]:
    """The evidence with each comparison's difference and its ends as one interval."""
    comparisons = evidence.get("comparisons")
    if not isinstance(comparisons, list):
        return dict(evidence)
    told = [
        {"a": one["a"], "b": one["b"],
         "difference": {"value": one["difference"], "low": one["low"], "high": one["high"]},
         **{key: one[key] for key in ("p_value", "p_holm") if key in one}}
        for one in comparisons
    ]  # fmt: skip
    return {**evidence, "comparisons": told}


def _heat(rung: str, evidence: Evidence, chance: float) -> list[dict[str, Any]]:
    cells = evidence.get("cells")
    if not cells:
        return []
    if rung == "padding_pooling":
        return [heat_table(
            "UAR of each way of padding (rows) under each way of pooling (columns)", cells,
            row="padding", column="pooling", rows=evidence.get("paddings"),
            columns=evidence.get("poolings"), chance=chance,
            note="All on the same folds. ▾ ▴: below or above the clip as it is under a plain mean, "
            "by an interval of the difference that excludes 0.",
        )]  # fmt: skip
    if rung == "baseline":
        return [heat_table(
            "UAR of each feature set (rows) under each model (columns)", cells, row="feature_set",
            column="model", chance=chance,
            note="All on the same folds. The highest cell is optimistic, the nested choice is not.",
        )]  # fmt: skip
    return []


def _rows(evidence: Evidence, key: str, *needed: str) -> list[Mapping[str, Any]]:
    """The rows under `key` that hold all that is needed."""
    found = evidence.get(key)
    return [one for one in found if set(needed) <= set(one)] if isinstance(found, list) else []


def _overfit(evidence: Evidence, chance: float, figure_name: str) -> list[Drawing]:
    kinds = {"own_labels_lowest": "own labels", "random_labels_lowest": "random labels",
             "chosen_model_lowest": "chosen model"}  # fmt: skip
    rows = _rows(evidence, "subsets", "clips", *kinds)
    if not rows:
        return []
    svg = scores_plot(
        [f"{row['clips']} clips" for row in rows],
        {name: [bare(row[key]) for row in rows] for key, name in kinds.items()},
        key="fig-overfit", title="How far tiny subsets are memorised",
        axis="Training accuracy, the lowest of the draws",
    )  # fmt: skip
    return [{"svg": svg, "caption": "A free model under the clips’ own labels and under random "
             "ones, and the chosen model; 1 means that every clip was memorised."}]  # fmt: skip


def _sanity(evidence: Evidence, chance: float, figure_name: str) -> list[Drawing]:
    scores = ("accuracy", "uar", "macro_f1")
    rows = _rows(evidence, "scores_without_listening", "guess", *scores)
    if not rows:
        return []
    svg = scores_plot(
        [row["guess"].partition(",")[0] for row in rows],
        {words(name): [bare(row[name]) for row in rows] for name in scores},
        key="fig-sanity", title="What a model scores that does not listen", axis="Score",
        chance=chance,
    )  # fmt: skip
    return [{"svg": svg, "caption": "Scores of guessing on these clips. Only the UAR is the same "
             "whatever is guessed; the dashed line is chance."}]  # fmt: skip


def _families(evidence: Evidence, chance: float, figure_name: str) -> list[Drawing]:
    drawings = []
    rows = _rows(evidence, "families", "family", "alone")
    if rows:
        both = all("left_out" in row for row in rows)
        series = {"alone": [row["alone"] for row in rows]}
        if both:
            series["all but this one"] = [row["left_out"] for row in rows]
        svg = scores_plot([row["family"] for row in rows], series, key="fig-families",
                          title="Each family of measures alone and left out", axis=figure_name,
                          chance=chance)  # fmt: skip
        drawings.append(
            {
                "svg": svg,
                "caption": "A family that does well alone carries the labels; "
                "one whose absence costs nothing carries nothing that the others lack.",
            }
        )
    steps = _rows(evidence, "cumulative", "added", "uar")
    if steps:
        names = [f"+ {row['added']}" if k else str(row["added"]) for k, row in enumerate(steps)]
        intervals = [row["uar"] for row in steps]
        caption = "Families added from top to bottom, each to all above it"
        limited = evidence.get("band_limited") or {}
        if {"high_hz", "uar"} <= set(limited):
            names.append(f"all, up to {limited['high_hz'] / 1000:.1f} kHz")
            intervals.append(limited["uar"])
            caption += "; last, all of them measured up to what a 16 kHz model hears"
        svg = scores_plot(names, {"UAR": intervals}, key="fig-cumulative", axis=figure_name,
                          title="Families added one after another", chance=chance)  # fmt: skip
        drawings.append({"svg": svg, "caption": f"{caption}."})
    return drawings


def _baseline(evidence: Evidence, chance: float, figure_name: str) -> list[Drawing]:
    drawings = []
    points = _rows(evidence, "learning_curve", "n_speakers", "uar")
    if points:
        ahead = evidence.get("extrapolated") or {}
        further = [ahead] if {"n_speakers", "uar"} <= set(ahead) else []
        svg = curve_plot(
            [(one["n_speakers"], one["uar"]) for one in points],
            key="fig-learning", chance=chance, title="Learning curve over speakers",
            across="Speakers in training", axis="UAR",
            ahead=[(one["n_speakers"], one["uar"]) for one in further],
        )  # fmt: skip
        beyond = " Dotted and open: extrapolated, not measured." if further else ""
        drawings.append({"svg": svg, "caption": "UAR over the number of training speakers; the "
                         f"band is the interval.{beyond}"})  # fmt: skip
    rows = _rows(evidence, "importance", "family", "drop")
    if rows:
        svg = change_plot(
            [Dot(name=row["family"], interval=row["drop"], colour=class_colour(0)) for row in rows],
            key="fig-importance", title="What each family is worth to the model",
            axis="UAR lost when the family’s values are exchanged between clips",
        )  # fmt: skip
        drawings.append({"svg": svg, "caption": "Permutation importance on held-out folds. "
                         "Families that tell the same share it, so that each may look "
                         "dispensable."})  # fmt: skip
    return drawings


def _weighting(evidence: Evidence, chance: float, figure_name: str) -> list[Drawing]:
    rows = _rows(evidence, "ways", "way", "uar")
    if not rows:
        return []
    keys = [key for key in ("uar", "macro_f1", "minority_recall") if all(key in r for r in rows)]
    svg = scores_plot([row["way"] for row in rows],
                      {words(key): [row[key] for row in rows] for key in keys},
                      key="fig-weighting", title="Ways of treating unequal classes", axis="Score",
                      chance=chance)  # fmt: skip
    return [{"svg": svg, "caption": "The same model and folds under each way of treating unequal "
             "class sizes, with intervals."}]  # fmt: skip


_DRAWINGS: dict[str, Callable[[Evidence, float, str], list[Drawing]]] = {
    "overfit": _overfit,
    "sanity": _sanity,
    "layers_unfreezing": _families,
    "baseline": _baseline,
    "weighting": _weighting,
}
