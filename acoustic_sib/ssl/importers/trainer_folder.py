"""What a Hugging Face Trainer leaves in its output folder: settings, log, scores.

The example scripts never write what was said of each clip; where someone wrote it beside, that is
read, and else the scores alone.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.checkpoint import STATE
from acoustic_sib.ssl.foreign import Foreign, Importer
from acoustic_sib.ssl.importers import pipeline, scores, tables, trainer_arrays
from acoustic_sib.ssl.score_names import scores_in, tell_a_figure
from acoustic_sib.ssl.settings import RESULTS, TrainerFiles, trainer_files, with_settings

_MARKS = (STATE, *RESULTS)
_PREDICTED_BY = (trainer_arrays.IMPORTER, pipeline.IMPORTER, tables.IMPORTER)


def sniff(source: Path) -> bool:
    return source.is_dir() and any((source / name).is_file() for name in _MARKS)


def read(source: Path) -> Foreign:
    """Predictions beside the settings, or scores; raises RunError where there are neither."""
    if not source.is_dir():
        raise RunError(f"{source}: a file; expected the output folder of a Trainer")
    made = trainer_files(source)
    predicted = [
        (path, importer)
        for path in sorted(source.iterdir())
        for importer in _PREDICTED_BY
        if importer.sniff(path) and _tells_predictions(path)
    ]
    if len(predicted) > 1:
        names = ", ".join(path.name for path, _ in predicted[:5])
        raise RunError(f"{source}: several files with predictions ({names}); expected one: name it "
                       "as SOURCE, its settings are found beside it")  # fmt: skip
    if predicted:
        path, importer = predicted[0]
        found = importer.read(path)
        found = replace(found, notes=(*found.notes, f"predictions from {path.name}"))
    else:
        figures, note = _scores(source, made)
        found = Foreign(scores=figures, notes=(note, scores.NO_PREDICTIONS))
    return with_settings(found, made)


def _tells_predictions(path: Path) -> bool:
    """Arrays of any kind are kept in such folders; only their names tell which are predictions."""
    arrays = path.suffix.lower() in (".npz", ".npy")
    return not arrays or any(word in path.stem.lower() for word in ("pred", "logit"))


def _scores(source: Path, made: TrainerFiles) -> tuple[dict[str, float], str]:
    """The first of the results files that holds a figure, else the last evaluation in the log."""
    for name in RESULTS:
        if (source / name).is_file() and (found := scores.read_scores(source / name)):
            return found, f"scores from {name}"
    if made.history is not None:
        for _, line in made.history.iloc[::-1].iterrows():
            logged = {str(name): value for name, value in line.items() if pd.notna(value)}
            found = scores_in(logged, STATE, prefix="eval_")
            if tell_a_figure(found):
                return found, f"scores of the last evaluation in {STATE}"
    raise RunError(f"{source}: neither predictions nor scores; expected predictions.csv, or "
                   "predict_results.json with an accuracy: was compute_metrics not "
                   "given?")  # fmt: skip


IMPORTER = Importer(
    format="trainer_folder",
    accepts="the output folder of a Hugging Face Trainer (trainer_state.json, *_results.json)",
    rank=10,
    sniff=sniff,
    read=read,
)
