"""How a Trainer run was made, from the files it leaves: config, preprocessor, state, model card."""

import math
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import read_json, read_text, shown
from acoustic_sib.ssl.foreign import Foreign
from acoustic_sib.ssl.trainable import Parts, parts_of, trained_parameters

CONFIG, PREPROCESSOR, STATE, CARD = (
    "config.json", "preprocessor_config.json", "trainer_state.json", "README.md",
)  # fmt: skip
RESULTS = ("predict_results.json", "eval_results.json", "all_results.json", "train_results.json")
SETTINGS_LIMIT = 32 * 2**20
_DEFAULT_NAME = re.compile(r"LABEL_\d+")
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w ./-]{0,79}")
_CARD_LINE = re.compile(r"^- (learning_rate|train_batch_size|seed|num_epochs): (\S+)\s*$", re.M)
_CARD_BASE = re.compile(r"^base_model:\s*(\S+)\s*$", re.M)
_CARD_NAMES = {"learning_rate": "learning_rate", "train_batch_size": "batch_size", "seed": "seed",
               "num_epochs": "epochs"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TrainerFiles:
    """What was found: `settings` by name, the classes in their order (None: not told), the log."""

    settings: dict[str, Any] = field(default_factory=dict)
    classes: tuple[str, ...] | None = None
    history: pd.DataFrame | None = None
    kept: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def tells_settings(folder: Path) -> bool:
    """Whether a Trainer left its settings here, and not merely somebody's config.json."""
    names = {name for name in (CONFIG, PREPROCESSOR, STATE) if (folder / name).is_file()}
    return STATE in names or {CONFIG, PREPROCESSOR} <= names


def trainer_files(folder: Path) -> TrainerFiles:
    """Read the settings files of `folder`, as many as there are.

    Raises RunError where one of them is damaged or of the wrong shape.
    """
    names = (CONFIG, PREPROCESSOR, STATE, CARD, *RESULTS)
    kept = tuple(folder / name for name in names if (folder / name).is_file())
    by_name = {path.name: path for path in kept}
    settings: dict[str, Any] = {}
    notes: list[str] = []
    classes = None
    history = None
    if CONFIG in by_name:
        config = _object(by_name[CONFIG])
        settings |= _of_config(config)
        classes, note = class_order(config, by_name[CONFIG])
        notes += [note] if note else []
        settings |= _trained(folder, config)
    if PREPROCESSOR in by_name:
        settings |= _of_preprocessor(_object(by_name[PREPROCESSOR]))
    if STATE in by_name:
        state = _object(by_name[STATE])
        history = history_table(state.get("log_history"), by_name[STATE])
        settings |= _numbers(state, {"num_train_epochs": "epochs",
                                     "train_batch_size": "batch_size"})  # fmt: skip
    if CARD in by_name:
        settings |= _of_card(read_text(by_name[CARD], limit=SETTINGS_LIMIT))
    return TrainerFiles(settings=settings, classes=classes, history=history, kept=kept,
                        notes=tuple(notes))  # fmt: skip


def with_settings(found: Foreign, made: TrainerFiles) -> Foreign:
    """What an importer found, with the settings, log and class order of the Trainer's files; what
    the importer found itself wins."""
    return replace(
        found,
        order=made.classes if found.order is None else found.order,
        settings={**made.settings, **found.settings},
        history=made.history if found.history is None else found.history,
        kept=tuple(dict.fromkeys((*found.kept, *made.kept))),
        notes=(*found.notes, *made.notes),
    )


def _object(path: Path) -> dict[str, Any]:
    found = read_json(path, limit=SETTINGS_LIMIT)
    if not isinstance(found, dict):
        raise RunError(f"{path}: holds a {type(found).__name__}; expected an object with names and "
                       "values, as transformers writes it")  # fmt: skip
    return found


def class_order(config: dict[str, Any], path: Path) -> tuple[tuple[str, ...] | None, str]:
    """The class names of `id2label` in the order of the logits, and a note where they are only
    the defaults LABEL_0, LABEL_1... Raises RunError where the numbers are not 0, 1, 2..."""
    named = config.get("id2label")
    if named is None:
        return None, ""
    try:
        by_number = {int(number): str(name).strip() for number, name in named.items()}
    except (AttributeError, ValueError):
        raise RunError(f"{path}: 'id2label' is {shown(named)}; expected numbers and class "
                       "names") from None  # fmt: skip
    if sorted(by_number) != list(range(len(by_number))):
        raise RunError(f"{path}: 'id2label' numbers {shown(sorted(by_number))}; expected 0, 1, 2 "
                       "and so on, one for each logit")  # fmt: skip
    names = tuple(by_number[number] for number in range(len(by_number)))
    if all(_DEFAULT_NAME.fullmatch(name) for name in names):
        return None, (f"{path.name}: id2label holds the default names {names[0]}...{names[-1]}, so "
                      "it does not tell the order of the classes")  # fmt: skip
    return names, ""


def _of_config(config: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for key, name in (("_name_or_path", "model"), ("model_type", "model_type")):
        if isinstance(config.get(key), str) and config[key]:
            settings[name] = shown(config[key], 200)
    architectures = config.get("architectures")
    architecture = str(architectures[0]) if isinstance(architectures, list) and architectures else (
        "")  # fmt: skip
    if architecture:
        settings["architecture"] = shown(architecture, 200)
    if isinstance(config.get("use_weighted_layer_sum"), bool):
        settings["layer"] = "weighted_sum" if config["use_weighted_layer_sum"] else "last"
    # These average the frames, all of them where no attention mask is passed; files do not say.
    if architecture.endswith("ForSequenceClassification"):
        settings["pooling"] = "mean"
    elif architecture.endswith("ForXVector"):
        settings["pooling"] = "mean_sd"
    return settings


def _of_preprocessor(found: dict[str, Any]) -> dict[str, Any]:
    names = {"return_attention_mask": "attention_mask", "do_normalize": "normalize"}
    flags = {name: found[key] for key, name in names.items() if isinstance(found.get(key), bool)}
    return {**_numbers(found, {"sampling_rate": "sampling_rate_hz"}), **flags}


def _of_card(text: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if base := _CARD_BASE.search(text):
        settings["model"] = shown(base[1], 200)
    for name, value in _CARD_LINE.findall(text):
        try:
            number = float(value)
        except ValueError:
            continue
        if math.isfinite(number):
            settings[_CARD_NAMES[name]] = int(number) if number.is_integer() else number
    return settings


def _numbers(found: dict[str, Any], names: dict[str, str]) -> dict[str, float]:
    return {name: found[key] for key, name in names.items() if _is_number(found.get(key))}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _trained(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Trained parameters and freeze mode, where a checkpoint with its optimizer is there."""
    checkpoints = sorted(
        (path.parent for path in folder.glob("checkpoint-*/optimizer.pt")),
        key=lambda path: (len(path.name), path.name),
    )
    place = folder if (folder / "optimizer.pt").is_file() else next(reversed(checkpoints), None)
    if place is None:
        return {}
    trained = trained_parameters(place / "optimizer.pt")
    if trained is None:
        return {}
    settings: dict[str, Any] = {"trained_parameters": trained}
    if (place / "model.safetensors").is_file():
        parts = parts_of(place / "model.safetensors")
        settings["parameters"] = parts.total
        settings["freeze"] = freeze_mode(trained, parts, unused=config.get("hidden_size"))
    return settings


def freeze_mode(trained: int, parts: Parts, *, unused: Any = None) -> str:
    """What was frozen, told from how many parameters the optimizer moved: 'none', 'feature_encoder'
    (the convolutions), all but the head ('head_only'), or 'partial' where none of these fits.

    `unused` parameters may be short of it: Adam keeps nothing of what no batch used, such as the
    vector that SpecAugment puts in place of a frame, as long as `hidden_size`.
    """
    if trained == parts.head:
        return "head_only"
    slack = {0, unused}
    if parts.total - trained in slack:
        return "none"
    return "feature_encoder" if parts.total - parts.feature_encoder - trained in slack else (
        "partial")  # fmt: skip


def history_table(rows: Any, path: Path) -> pd.DataFrame | None:
    """A training log as numbers, one row a line of it, NaN where a line has no such number.

    Columns keep the Trainer's names (`epoch`, `step`, `loss`, `grad_norm`, `learning_rate`,
    `eval_...`); `n_nan`, where there is one, counts what a
    line logs as NaN itself. Raises RunError where `rows` is no list of objects; None where there
    are none.
    """
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RunError(f"{path}: its log is a {type(rows).__name__}; expected a list of objects "
                       "with numbers")  # fmt: skip
    numbers = [_numbers_of_line(row) for row in rows]
    columns = list(dict.fromkeys(["epoch", "step", *(name for row in numbers for name in row)]))
    table = pd.DataFrame(numbers, columns=columns, dtype=float).dropna(axis=1, how="all")
    return None if table.empty else table


def _numbers_of_line(row: dict[str, Any]) -> dict[str, float]:
    numbers = {
        name: float(value)
        for name, value in row.items()
        if _PLAIN_NAME.fullmatch(name)
        and isinstance(value, (int, float))
        and not isinstance(value, bool)
        and (isinstance(value, float) or abs(value) < 2**63)
    }
    n_nan = sum(math.isnan(value) for value in numbers.values())
    return {**numbers, "n_nan": float(n_nan)} if n_nan else numbers
