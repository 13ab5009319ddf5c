"""The canonical table and its kin: one row a clip as CSV, TSV, JSON lines or Parquet.

`clip_id` (or a path), `predicted`, `prob_<Class>` or `logit_<Class>`, and where known `true`,
`fold`, `repeat`, `split`. The `index<TAB>prediction` of example scripts is one without ids.
"""

from pathlib import Path
from typing import Any

import numpy as np

from acoustic_sib.corpus.table_files import TABLE_SUFFIXES, TextTable
from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.foreign import Foreign, Importer, Outputs, Said, texts
from acoustic_sib.ssl.table_text import column_names, numbers, plain_name, read_foreign_table

NAMES: dict[str, tuple[str, ...]] = {
    "clips": ("clip_id", "id", "clip", "utt_id", "utterance_id", "utt", "key"),
    "paths": ("path", "file_name", "filename", "file", "file_path", "filepath", "audio",
              "audio_path", "audio_file", "wav"),
    "predicted": ("predicted", "prediction", "pred", "predicted_label", "predicted_class",
                  "pred_label", "y_pred", "hyp"),
    "true": ("true", "truth", "label", "true_label", "target", "y_true", "actual", "gold", "ref",
             "class"),
    "repeats": ("repeat",),
    "folds": ("fold",),
    "splits": ("split", "set", "subset"),
}  # fmt: skip
_PREFIXES: dict[str, Outputs] = {"prob_": "probabilities", "proba_": "probabilities",
                                 "logit_": "logits", "logits_": "logits"}  # fmt: skip


def sniff(source: Path) -> bool:
    return (source.is_file() and source.suffix.lower() in TABLE_SUFFIXES
            and tells_predictions(column_names(source)))  # fmt: skip


def tells_predictions(columns: list[str]) -> bool:
    names = {plain_name(column) for column in columns}
    return bool(names & set(NAMES["predicted"])) or any(map(_prefix_of, columns))


def _prefix_of(column: str) -> str:
    name = plain_name(column)
    return next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")


def read(source: Path) -> Foreign:
    """The rows of the table; raises RunError where it has neither predictions nor outputs."""
    found = read_foreign_table(source)
    columns = list(found.table.columns)
    if not tells_predictions(columns):
        raise RunError(f"{source}: columns {shown(', '.join(columns[:8]))}; expected 'predicted' "
                       "or 'prob_<Class>' columns: are these hidden states (acoustic-sib ssl "
                       "states)?")  # fmt: skip
    found = _in_order_of_index(found)
    cells = cells_by_role(found)
    return Foreign(said=Said(places=found.places, **cells, **_outputs(found)))


def cells_by_role(found: TextTable) -> dict[str, Any]:
    """Each of `NAMES` as text cells, those that no column plays left out."""
    by_name = {plain_name(column): column for column in reversed(list(found.table.columns))}
    columns = {role: next((by_name[name] for name in names if name in by_name), None)
               for role, names in NAMES.items()}  # fmt: skip
    return {role: texts(list(found.table[column]))
            for role, column in columns.items() if column is not None}  # fmt: skip


def _in_order_of_index(found: TextTable) -> TextTable:
    """Rows by their `index` 0, 1, 2..., where that is all that tells which clip is meant."""
    names = {plain_name(column): column for column in found.table.columns}
    if "index" not in names or names.keys() & {*NAMES["clips"], *NAMES["paths"]}:
        return found
    order = numbers(list(found.table[names["index"]]), found.places, "index")
    if sorted(order) != list(range(len(order))):
        raise RunError(f"{found.places[0].split(' ')[0]}: 'index' does not count 0, 1, 2... once "
                       f"each up to {len(order) - 1}; expected the place of each clip among those "
                       "tested: is the file cut short?")  # fmt: skip
    rows = np.argsort(order)
    return TextTable(table=found.table.iloc[rows].reset_index(drop=True),
                     places=[found.places[row] for row in rows])  # fmt: skip


def _outputs(found: TextTable) -> dict[str, Any]:
    prefixed = [column for column in found.table.columns if _prefix_of(column)]
    if not prefixed:
        return {}
    kinds = {_PREFIXES[_prefix_of(column)] for column in prefixed}
    if len(kinds) > 1:
        raise RunError(f"{found.places[0].split(' ')[0]}: both probabilities and logits "
                       f"({shown(', '.join(prefixed))}); expected one of them")  # fmt: skip
    values = [numbers(list(found.table[column]), found.places, column) for column in prefixed]
    return {"outputs": np.column_stack(values), "kind": kinds.pop(),
            "classes": tuple(column.strip()[len(_prefix_of(column)):].strip()
                             for column in prefixed)}  # fmt: skip


IMPORTER = Importer(
    format="table",
    accepts="a CSV, TSV, JSONL or Parquet table with clip_id, predicted and prob_<Class> columns",
    rank=50,
    sniff=sniff,
    read=read,
)
