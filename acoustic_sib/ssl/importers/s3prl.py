"""S3PRL and SUPERB downstream folders: `{test,dev}_<fold>_{predict,truth}.txt`, `file label` lines.

Each fold's files stand in its own run's folder or side by side; all folds found together become
one plan. The dev part chose the step, so it is not what is tested.
"""

import re
from pathlib import Path

import pandas as pd

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import SETTINGS_LIMIT, read_text, shown
from acoustic_sib.ssl.foreign import Foreign, Importer, Said

_PREDICT = re.compile(r"(?:(?P<part>test|dev|valid)_)?(?:(?P<fold>.+)_)?predict\.txt")
_LOG = re.compile(
    r"^(?P<part>dev|valid|test|train) at step (?P<step>\d+): (?P<value>\S+)\s*$", re.M
)
_SETTING = re.compile(r"^\s*(?P<name>upstream|seed|total_steps|lr|upstream_trainable|"
                      r"upstream_layer_selection|upstream_feature_selection): *(?P<value>\S+) *$",
                      re.M)  # fmt: skip
_NAMES = {"upstream": "model", "lr": "learning_rate", "total_steps": "steps",
          "upstream_layer_selection": "layer"}  # fmt: skip


def sniff(source: Path) -> bool:
    if source.is_file():
        return _PREDICT.fullmatch(source.name) is not None
    return source.is_dir() and bool(_files(source))


def read(source: Path) -> Foreign:
    """Raises RunError where a truth file names other clips, or a line is no `file label`."""
    files = _files(source) if source.is_dir() else [source]
    if not files:
        raise RunError(f"{source}: no *_predict.txt; expected one, as S3PRL writes it, with its "
                       "*_truth.txt")  # fmt: skip
    places, names, predicted, true, folds = [], [], [], [], []
    for number, file in enumerate(files):
        said, at = _lines(file)
        truth_file = file.with_name(file.name.replace("predict.txt", "truth.txt"))
        truth = dict(zip(*_columns(_lines(truth_file)[0]), strict=True)) if (
            truth_file.is_file()) else {}  # fmt: skip
        for (name, label), place in zip(said, at, strict=True):
            if truth and name not in truth:
                raise RunError(f"{place}: clip '{shown(name)}' is not in {truth_file.name}; "
                               "expected the same clips in both: are they of one run?")  # fmt: skip
            places.append(place)
            names.append(name)
            predicted.append(label)
            true.append(truth.get(name))
            folds.append(str(number))
    folder = source if source.is_dir() else source.parent
    settings, kept = _settings(folder)
    return Foreign(
        said=Said(places=places, paths=list(names), predicted=list(predicted), folds=list(folds),
                  true=list(true) if any(true) else None),
        settings=settings, history=_history(folder), kept=kept,
        notes=(f"folds from {', '.join(file.name for file in files)}",),
    )  # fmt: skip


def _files(folder: Path) -> list[Path]:
    """The predict files of the tested part, those of the dev part where there is no other."""
    found = {path: match for path in sorted(folder.glob("*predict.txt"))
             if (match := _PREDICT.fullmatch(path.name)) is not None}  # fmt: skip
    tested = [path for path, match in found.items() if match["part"] == "test"]
    return sorted(tested or found, key=lambda path: (len(path.name), path.name))


def _lines(path: Path) -> tuple[list[tuple[str, str]], list[str]]:
    lines, places = [], []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        fields = line.rsplit(None, 1)
        if len(fields) != 2:
            raise RunError(f"{path.name} line {number}: '{shown(line)}'; expected a file and its "
                           "label with a blank between them")  # fmt: skip
        lines.append((fields[0].strip(), fields[1].strip()))
        places.append(f"{path.name} line {number}")
    if not lines:
        raise RunError(f"{path}: no lines; expected a file and its label in each")
    return lines, places


def _columns(lines: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [name for name, _ in lines], [label for _, label in lines]


def _settings(folder: Path) -> tuple[dict[str, object], tuple[Path, ...]]:
    """A few plain lines of the run's YAML files, which are read as text and never as YAML."""
    kept = tuple(sorted([*folder.glob("args_*.yaml"), *folder.glob("config_*.yaml")]))
    settings: dict[str, object] = {}
    for path in kept:
        for name, value in _SETTING.findall(read_text(path, limit=SETTINGS_LIMIT)):
            settings[_NAMES.get(name, name)] = _number_or_text(value)
    trainable = settings.pop("upstream_trainable", None)
    if trainable is not None:
        settings["freeze"] = "none" if str(trainable).lower() == "true" else "head_only"
    return settings, kept


def _number_or_text(value: str) -> object:
    try:
        number = float(value)
    except ValueError:
        return shown(value, 200)
    return int(number) if number.is_integer() else number


def _history(folder: Path) -> pd.DataFrame | None:
    """`step` and the figure of each part, named as the Trainer names them."""
    log = folder / "log.log"
    if not log.is_file():
        return None
    rows = []
    for found in _LOG.finditer(read_text(log, limit=SETTINGS_LIMIT)):
        part = {"dev": "eval", "valid": "eval"}.get(found["part"], found["part"])
        try:
            rows.append({"step": float(found["step"]), f"{part}_accuracy": float(found["value"])})
        except ValueError:
            continue
    return pd.DataFrame(rows).groupby("step", as_index=False).first() if rows else None


IMPORTER = Importer(
    format="s3prl",
    accepts="S3PRL's *_predict.txt with *_truth.txt, or the folder that holds them",
    rank=15,
    sniff=sniff,
    read=read,
)
