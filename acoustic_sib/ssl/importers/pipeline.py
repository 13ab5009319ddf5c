"""JSON of the audio-classification pipeline: for each clip, classes with their scores.

The scores come sorted by size, so their order tells nothing of the order of the classes.
"""

from pathlib import Path
from typing import Any

import numpy as np

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import read_json, shown
from acoustic_sib.ssl.foreign import Foreign, Importer, Said, texts

_IDS = ("clip_id", "id", "key")
_PATHS = ("file", "path", "filename", "file_name", "audio")
_SCORES = ("scores", "predictions", "output", "outputs", "result")


def sniff(source: Path) -> bool:
    if not source.is_file() or source.suffix.lower() != ".json":
        return False
    with source.open("rb") as file:
        start = file.read(65_536)
    return b'"score"' in start and b'"label"' in start


def read(source: Path) -> Foreign:
    """`[{id, scores: [{score, label}...]}...]`, `{id: [{score, label}...]}`, or lists without ids.

    Raises RunError where the JSON is neither, or the clips have different classes.
    """
    clips, paths, scores = [], [], []
    for number, item in enumerate(_items(read_json(source), source), start=1):
        place = f"{source.name} item {number}"
        if isinstance(item, dict):
            clips.append(_first(item, _IDS))
            paths.append(_first(item, _PATHS))
            item = _first(item, _SCORES)
        else:
            clips.append(None)
            paths.append(None)
        scores.append(_by_class(item, place))
    places = [f"{source.name} item {number}" for number in range(1, len(scores) + 1)]
    classes = tuple(sorted(scores[0]))
    for place, found in zip(places, scores, strict=True):
        if set(found) != set(classes):
            raise RunError(f"{place}: scores of {shown(', '.join(sorted(found)))}, but of "
                           f"{shown(', '.join(classes))} in the first; expected every class in "
                           "each: the pipeline keeps 5 unless called with top_k=None")  # fmt: skip
    outputs = np.array([[found[name] for name in classes] for found in scores])
    return Foreign(said=Said(
        places=places, classes=classes, outputs=outputs, kind="probabilities",
        clips=texts(clips) if any(clip is not None for clip in clips) else None,
        paths=texts(paths) if any(path is not None for path in paths) else None,
    ))  # fmt: skip


def _items(found: Any, source: Path) -> list[Any]:
    if isinstance(found, dict) and all(isinstance(item, list) for item in found.values()):
        found = [{"file": name, "scores": scores} for name, scores in found.items()]
    if isinstance(found, list) and found and all(_is_score(item) for item in found):
        found = [found]
    if not isinstance(found, list) or not found:
        raise RunError(f"{source}: holds a {type(found).__name__} that is empty or of another "
                       "shape; expected a list with the scores of each clip, as the "
                       "audio-classification pipeline gives them")  # fmt: skip
    return found


def _is_score(item: Any) -> bool:
    return isinstance(item, dict) and "score" in item and "label" in item


def _first(item: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((item[name] for name in names if item.get(name) is not None), None)


def _by_class(scores: Any, place: str) -> dict[str, float]:
    if not isinstance(scores, list) or not scores or not all(map(_is_score, scores)):
        raise RunError(f"{place}: no list of {{score, label}}; expected one under 'scores', as the "
                       "audio-classification pipeline gives it")  # fmt: skip
    found: dict[str, float] = {}
    for one in scores:
        name, score = str(one["label"]).strip(), one["score"]
        if isinstance(score, bool) or not isinstance(score, (int, float)):
            raise RunError(f"{place}: the score of '{shown(name)}' is {shown(repr(score))}; "
                           "expected a number")  # fmt: skip
        if name in found:
            raise RunError(f"{place}: class '{shown(name)}' has two scores; expected one")
        found[name] = float(score)
    return found


IMPORTER = Importer(
    format="pipeline",
    accepts="JSON of the audio-classification pipeline: label and score of each class, by clip",
    rank=30,
    sniff=sniff,
    read=read,
)
