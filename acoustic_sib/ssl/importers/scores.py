"""A system known by its scores alone: a JSON object such as {"uar": 0.61, "n_clips": 211}."""

from pathlib import Path

from acoustic_sib.errors import RunError, UserError
from acoustic_sib.ssl.files import read_json, shown
from acoustic_sib.ssl.foreign import Foreign, Importer
from acoustic_sib.ssl.score_names import FIGURES, scores_in, tell_a_figure

PREFIXES = ("", "predict_", "test_", "eval_")
"""In this order: what was measured on the tested part comes before what chose the epoch."""
NO_PREDICTIONS = ("scores alone, without the prediction of each clip: shown beside other systems, "
                  "never tested against them ('acoustic-sib ssl snippet' prints how to write "
                  "predictions)")  # fmt: skip


def sniff(source: Path) -> bool:
    if not source.is_file() or source.suffix.lower() != ".json" or source.stat().st_size > 2**20:
        return False
    try:
        return bool(read_scores(source))
    except UserError:
        return False


def read(source: Path) -> Foreign:
    scores = read_scores(source)
    if not scores:
        known = ", ".join(names[0] for names in FIGURES.values())
        raise RunError(f"{source}: no score in it; expected names and numbers, such as {known}")
    return Foreign(scores=scores, notes=(NO_PREDICTIONS,))


def read_scores(source: Path) -> dict[str, float]:
    found = read_json(source, limit=2**20)
    if not isinstance(found, dict):
        raise RunError(f"{source}: holds {shown(type(found).__name__)}; expected an object with "
                       "names and numbers")  # fmt: skip
    for prefix in PREFIXES:
        scores = scores_in(found, source.name, prefix=prefix)
        if tell_a_figure(scores):
            return scores
    return {}


IMPORTER = Importer(
    format="scores",
    accepts='a JSON object of scores alone, such as {"uar": 0.61, "n_clips": 211}',
    rank=90,
    sniff=sniff,
    read=read,
)
