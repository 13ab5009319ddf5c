"""What a probe of hidden states found: sentences, tables, the heat map and the layer curve."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from acoustic_sib.report.comparison import SYNTHETIC, figure_name
from acoustic_sib.report.heat_table import heat_table
from acoustic_sib.report.paper_tables import (
    NOTHING,
    PaperTable,
    as_page_tables,
    interval_text,
    p_text,
)
from acoustic_sib.report.rung_figures import curve_plot
from acoustic_sib.report.wording import DISCLAIMER, percent, plural

Found = Mapping[str, Any]

_POOLINGS = {"mean": "mean", "mean_sd": "mean and SD", "max": "maximum",
             "middle_third": "middle third", "energy_weighted": "energy-weighted"}  # fmt: skip
_FRAMES = {"valid": "valid", "all": "all", "first_1s": "first 1.0 s"}
_MOST_CELLS = 20


def probe_tables(found: Found) -> list[PaperTable]:
    """The heat map, the layer curve, the best cells and, where there is one, the concatenation."""
    return [_heat_map(found), _curve(found), _cells(found), *_joined(found)]


def probe_frame(found: Found) -> pd.DataFrame:
    """One row a cell with plain numbers, for a spreadsheet or R."""
    rows = []
    for cell in found["cells"]:
        row = {key: cell[key] for key in ("layer", "pooling", "frames", "n_columns", "chosen")}
        rows.append({**row, **{f"uar_{key}" if key in ("low", "high") else key: value
                               for key, value in cell["uar"].items()}})  # fmt: skip
    return pd.DataFrame(rows).rename(columns={"value": "uar"})


def probe_page(found: Found) -> dict[str, Any]:
    """The page of `ssl probe`."""
    return {
        "kind": "ssl probe", "title": "Do the hidden states carry the labels?",
        "subject": f"{found['model'] or 'A model without a name'}, on {found['corpus']['name']}",
        "sentences": sentences(found),
        "speakers_known": found["corpus"]["speaker_mode"] == "held_out",
        "synthetic": found["corpus"]["synthetic"],
        "heat": [_heat(found)], "drawings": _drawings(found),
        # The heat map stands above, with intervals.
        "tables": as_page_tables(probe_tables(found)[1:]), "notes": list(found["notes"]),
        "disclaimer": DISCLAIMER,
    }  # fmt: skip


def _heat(found: Found) -> dict[str, Any]:
    """Layers (rows) by pooling and frames (columns), each cell with its interval."""
    table = _heat_map(found)
    cells = [{**cell, "way": f"{_pooling(cell)}, {_frames(cell)}"} for cell in found["cells"]]
    return heat_table(table.caption, cells, row="layer", column="way", chance=found["chance"],
                      note=" ".join(table.notes))  # fmt: skip


def _drawings(found: Found) -> list[dict[str, str]]:
    """The layer curve; nothing for one layer."""
    curve = found["layer_curve"]
    if len(curve) < 2:
        return []
    svg = curve_plot(
        [(float(number), one["uar"]) for number, one in enumerate(curve)], key="fig-layers",
        chance=found["chance"], title="Layer by layer", across="Layer, from the first",
        axis=figure_name(found),
    )  # fmt: skip
    return [{"svg": svg, "caption": "UAR of each layer, pooling and frames chosen inside the "
             "training folds; the band is the interval."}]  # fmt: skip


def sentences(found: Found) -> list[str]:
    """What was found, each figure with its interval."""
    best, test = found["best"], found["best"]["permutation"]
    said = [
        f"With layer, pooling and frames chosen inside the training folds, a linear probe reaches "
        f"{figure_name(found)}, {interval_text(best['uar'])}; chance is {found['chance']:.3f}.",
        f"The best of {plural(test['n_cells'], 'cell')} under the true labels against the best "
        f"under {test['n']} relabellings: p {p_text(test['p_value'])}.",
        _choice(best),
    ]
    if len(found["cells"]) > 1:
        after = best["after_the_fact"]
        said.append(
            f"The best cell of the table ({_cell_name(after)}, {interval_text(after['uar'])}) was "
            f"chosen after the fact among {len(found['cells'])} and is therefore optimistic."
        )
    joined = found["with_acoustic"]
    if joined is not None:
        said.append(
            f"States and acoustic features together reach {interval_text(joined['joined'])}: "
            f"{interval_text(joined['joined_minus_states'], signed=True)} against the states "
            f"alone, {interval_text(joined['joined_minus_acoustic'], signed=True)} against the "
            "acoustic features alone, under the same probe."
        )
    return said


def _choice(best: Found) -> str:
    first = best["chosen"][0]
    return (f"Chosen most often: {_cell_name(first)}, in {first['times']} of "
            f"{plural(best['n_folds'], 'fold')}.")  # fmt: skip


def _cell_name(cell: Found) -> str:
    return f"layer {cell['layer']}, {_pooling(cell)} of {_frames(cell)} frames"


def _pooling(cell: Found) -> str:
    return _POOLINGS.get(cell["pooling"], str(cell["pooling"]))


def _frames(cell: Found) -> str:
    return _FRAMES.get(cell["frames"], str(cell["frames"]))


def _columns_of(found: Found) -> list[tuple[str, str]]:
    return list(dict.fromkeys((cell["pooling"], cell["frames"]) for cell in found["cells"]))


def _heat_map(found: Found) -> PaperTable:
    """UAR of layer (rows) by pooling and frames (columns)."""
    values = {(cell["layer"], cell["pooling"], cell["frames"]): cell["uar"]["value"]
              for cell in found["cells"]}  # fmt: skip
    columns = _columns_of(found)
    names = tuple(f"{_POOLINGS.get(pooling, pooling)}, {_FRAMES.get(frames, frames)}"
                  for pooling, frames in columns)  # fmt: skip
    rows = tuple(
        (str(layer), *(_share(values.get((layer, *column))) for column in columns))
        for layer in found["grid"]["layers"]
    )
    left_out = "; ".join(" ".join(map(str, one.values())) for one in found["grid"]["left_out"])
    return PaperTable(
        key="probe-cells", caption=f"{figure_name(found)}: layer by pooling and frames",
        columns=("Layer", *names), rows=rows, numeric=frozenset({"Layer", *names}),
        notes=(f"Chance {found['chance']:.3f}. Each cell is a standardised logistic probe whose "
               "penalty was chosen inside the training folds.",
               *([f"Left out: {left_out}."] if left_out else []), *_synthetic(found)),
    )  # fmt: skip


def _curve(found: Found) -> PaperTable:
    rows = tuple((str(one["layer"]), interval_text(one["uar"])) for one in found["layer_curve"])
    level = percent(found["best"]["uar"]["level"])
    unit = found["best"]["uar"]["unit"]
    return PaperTable(
        key="probe-layers",
        caption="Layer by layer, pooling and frames chosen inside the training folds",
        columns=("Layer", figure_name(found)), rows=rows, numeric=frozenset({"Layer"}),
        notes=(f"Brackets: {level} interval, one {unit} left out at a time.",),
    )  # fmt: skip


def _cells(found: Found) -> PaperTable:
    ordered: Sequence[Found] = sorted(found["cells"], key=lambda cell: -cell["uar"]["value"])
    rows = [
        _row(cell, str(cell["layer"]), _pooling(cell), _frames(cell), str(cell["n_columns"]),
             str(cell["chosen"]))
        for cell in ordered[:_MOST_CELLS]
    ]  # fmt: skip
    best = found["best"]
    rows.append(_row(best, "chosen", "inside", "folds", NOTHING, str(best["n_folds"])))
    notes = [f"The first {len(rows) - 1} of {len(ordered)} cells, best first; all stand in "
             "probe.csv."] if len(ordered) > _MOST_CELLS else []  # fmt: skip
    return PaperTable(
        key="probe-best", caption="The best cells, and the choice made inside the training folds",
        columns=("Layer", "Pooling", "Frames", "Columns", "Folds that chose it",
                 figure_name(found), "Clips", "Speakers"),
        rows=tuple(rows),
        numeric=frozenset({"Columns", "Folds that chose it", "Clips", "Speakers"}),
        notes=(*notes, *_synthetic(found)),
    )  # fmt: skip


def _joined(found: Found) -> list[PaperTable]:
    joined = found["with_acoustic"]
    if joined is None:
        return []
    rows = (
        ("Hidden states (nested choice)", interval_text(found["best"]["uar"]), NOTHING),
        ("Acoustic features", interval_text(joined["acoustic"]), NOTHING),
        ("Both", interval_text(joined["joined"]),
         interval_text(joined["joined_minus_acoustic"], signed=True)),
    )  # fmt: skip
    return [PaperTable(
        key="probe-joined", caption="Hidden states and acoustic features under the same probe",
        columns=("Features", figure_name(found), "Both minus acoustic alone"), rows=rows,
        notes=(f"{joined['n_columns']} acoustic columns. The difference is paired: same clips, "
               "same folds.",),
    )]  # fmt: skip


def _row(one: Found, *cells: str) -> tuple[str, ...]:
    speakers = one["uar"]["n_speakers"]
    return (*cells, interval_text(one["uar"]), str(one["uar"]["n_clips"]),
            NOTHING if speakers is None else str(speakers))  # fmt: skip


def _share(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"


def _synthetic(found: Found) -> list[str]:
    return [SYNTHETIC] if found["corpus"]["synthetic"] else []
