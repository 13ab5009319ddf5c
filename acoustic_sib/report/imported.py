"""Imported models on the page: one table of all, and each one's part of every rung."""

from collections.abc import Mapping, Sequence
from typing import Any

from acoustic_sib.report.heat_table import heat_table
from acoustic_sib.report.page_tables import Table, records_table, status, table
from acoustic_sib.report.paper_tables import p_text
from acoustic_sib.report.rung_figures import curve_plot
from acoustic_sib.report.wording import as_sentence, change_with_range, full_interval, words

MOST_NAMED = 5

Told = Mapping[str, Any]


def models_table_of(imported: Sequence[Told]) -> Table | None:
    """Every imported model beside the acoustic baseline on the clips that both tested."""
    if not imported:
        return None
    return table(
        "Imported models beside the sound",
        ["Model", "Its UAR", "Probe of its states", "Baseline, same clips", "Difference",
         "p", "Clips", "In short"],
        [_row(one) for one in imported],
        note="Difference: the model's UAR less the baseline's on the same clips, paired by "
        "speaker; p: of a test that exchanges the two speaker by speaker; †: tested in other "
        "folds than the baseline, so trained on other clips. A model known by its scores alone is "
        "shown and not compared; probes choose layer and pooling inside the training folds.",
    )  # fmt: skip


def _row(one: Told) -> list[Any]:
    run, against, probe = one["run"], one["against"], one["probe"]
    own = "not known"
    if run is not None and run["paired"]:
        own = full_interval(run["uar"])
    elif run is not None and run.get("uar") is not None:
        own = f"{run['uar']:.2f} (as reported, unpaired)"
    return [
        one["name"], own,
        "no states given" if probe is None else full_interval(probe["best"]["uar"]),
        "–" if against is None else full_interval(against["uar"]["baseline"]),
        "–" if against is None else change_with_range(against["difference"]),
        "–" if against is None else p_text(against["p_value"])
        + ("" if against["same_folds"] else " †"),
        "–" if against is None else against["n_clips"], as_sentence(one["says"]),
    ]  # fmt: skip


def _whose_errors(name: str, against: Told, beyond_8k: Sequence[str]) -> Table:
    """Clips by who got them wrong, with what that points at."""
    rows = [
        ["both", against["both_wrong"], "suspect labels", against["label_suspects"]],
        ["the model alone", against["only_run_wrong"], "its own pipeline",
         against["only_run_wrong_clips"]],
        ["the baseline alone", against["only_baseline_wrong"], "what the measures miss", []],
        ["the model, and only measures above 8 kHz are right", len(beyond_8k),
         "what a model at 16 kHz cannot hear", beyond_8k],
    ]  # fmt: skip
    return table(
        f"{name}: whose errors", ["Wrong", "Clips", "Points at", "Such as"],
        [[who, n, what, ", ".join(clips[:MOST_NAMED]) or "–"] for who, n, what, clips in rows],
    )  # fmt: skip


def on_rung(rung: Told, chance: float) -> list[dict[str, Any]]:
    """Each model's part of a rung: `name`, `causes` (each with its answer), `tables`,
    `heat` and `drawings` (svg and caption)."""
    return [_part(one, str(rung["rung"]), position, chance)
            for position, one in enumerate(rung.get("ssl") or [])]  # fmt: skip


def _part(one: Told, rung: str, position: int, chance: float) -> dict[str, Any]:
    evidence = one["evidence"]
    tables = []
    facts = {words(key): value for key, value in evidence.items()
             if isinstance(value, (str, int, float)) and "probe_cells" not in evidence}  # fmt: skip
    if facts:
        tables.append(records_table(f"{one['name']}: figures", [facts]))
    if against := evidence.get("against_baseline"):
        tables.append(_whose_errors(one["name"], against, evidence["heard_above_8_kHz_alone"]))
    if recall := evidence.get("recall"):
        rows = [[name, full_interval(interval)] for name, interval in recall.items()]
        tables.append(table(f"{one['name']}: recall of each class", ["Class", "Recall"], rows))
    heat = []
    if cells := evidence.get("probe_cells"):
        heat.append(heat_table(
            f"{one['name']}, layer {evidence['layer']}: UAR of a probe by pooling (rows) and "
            "frames (columns)", cells, row="pooling", column="frames", chance=chance,
            note="All on the same folds; the layer is the one that most training folds chose.",
        ))  # fmt: skip
    drawings = []
    curve = evidence.get("layer_curve") or []
    if len(curve) > 1:
        svg = curve_plot(
            [(float(number), layer["uar"]) for number, layer in enumerate(curve)],
            key=f"fig-layers-{position}", chance=chance, title=f"Layers of {one['name']}",
            across="Layer, from the first", axis="UAR",
        )  # fmt: skip
        drawings.append({"svg": svg, "caption": f"{one['name']}: UAR of a standardised probe of "
                         "each layer, pooling and frames chosen inside the training folds; the "
                         "band is the interval."})  # fmt: skip
    causes = [
        {"name": words(found["cause"]), "status": status(found["status"]),
         "says": as_sentence(found["says"]),
         "next": "" if found["status"] == "not_found" else as_sentence(found["next"])}
        for found in one["findings"]
    ]  # fmt: skip
    return {"name": one["name"], "causes": causes, "tables": tables, "heat": heat,
            "drawings": drawings}  # fmt: skip
