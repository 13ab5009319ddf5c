"""`Trainer.predict` kept as NumPy: logits a row a clip, with ids or without."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.foreign import Foreign, Importer, Said, texts
from acoustic_sib.ssl.npy_format import read_npy, read_npz

_OUTPUTS = ("predictions", "logits", "probabilities", "probs")
_TRUTH = ("label_ids", "labels", "label", "true", "y_true")
_IDS = ("clip_id", "clip_ids", "ids", "id", "file", "files", "path", "paths", "filename")
_LIMIT = 2**30


def sniff(source: Path) -> bool:
    return source.is_file() and source.suffix.lower() in (".npz", ".npy")


def read(source: Path) -> Foreign:
    """`predictions` (rows, classes), with `label_ids` and ids where they are kept too."""
    arrays = (read_npz(source, limit=_LIMIT) if source.suffix.lower() != ".npy"
              else {_OUTPUTS[0]: read_npy(source, limit=_LIMIT)})  # fmt: skip
    outputs = _first(arrays, _OUTPUTS)
    if outputs is None:
        listed = ", ".join(
            f"{shown(name)} {array.shape}" for name, array in list(arrays.items())[:4]
        )
        raise RunError(f"{source}: holds {listed}; expected 'predictions' (clips x classes) as "
                       "Trainer.predict gives them: are these hidden states (acoustic-sib ssl "
                       "states)?")  # fmt: skip
    if outputs.ndim != 2 or outputs.dtype.kind not in "fiu" or 0 in outputs.shape:
        raise RunError(f"{source}: its predictions are {outputs.dtype} of shape {outputs.shape}; "
                       "expected numbers, a row a clip and a column a class: are these hidden "
                       "states (acoustic-sib ssl states)?")  # fmt: skip
    n_rows = len(outputs)
    columns = {"ids": _first(arrays, _IDS), "label_ids": _first(arrays, _TRUTH)}
    for name, column in columns.items():
        if column is not None and column.shape != (n_rows,):
            raise RunError(f"{source}: {name} of shape {column.shape} beside {n_rows} predictions; "
                           "expected one a row")  # fmt: skip
    ids, truth = columns["ids"], columns["label_ids"]
    return Foreign(
        said=Said(
            places=[f"{source.name} row {row + 1}" for row in range(n_rows)],
            clips=None if ids is None else texts(ids.tolist()),
            true=None if truth is None else texts(truth.tolist()),
            outputs=outputs.astype(float),
        )
    )


def _first(arrays: dict[str, NDArray[Any]], names: tuple[str, ...]) -> NDArray[Any] | None:
    return next((arrays[name] for name in names if name in arrays), None)


IMPORTER = Importer(
    format="trainer_arrays",
    accepts="an npz or npy of Trainer.predict (predictions, label_ids; ids with --ids)",
    rank=20,
    sniff=sniff,
    read=read,
)
