"""How a Trainer run was made, from the files it leaves: config, preprocessor, state, model card."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from acoustic_sib.ssl.checkpoint import (
    CARD,
    CONFIG,
    PREPROCESSOR,
    STATE,
    Checkpoint,
    are_default,
    checkpoint_in,
    class_names,
    newest,
)
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.foreign import Foreign

RESULTS = ("predict_results.json", "eval_results.json", "all_results.json", "train_results.json")
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w ./-]{0,79}")
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
    made = checkpoint_in(folder)
    paths = [folder / CONFIG, folder / PREPROCESSOR, newest(folder, STATE) or folder / STATE,
             folder / CARD, *(folder / name for name in RESULTS)]  # fmt: skip
    classes, note = class_order(made.config, folder / CONFIG)
    settings = {
        **_of_config(made.config), **_trained(made), **_of_preprocessor(made.preprocessor),
        **_numbers(made.state, {"num_train_epochs": "epochs", "train_batch_size": "batch_size"}),
        **_of_card(made),
    }  # fmt: skip
    return TrainerFiles(
        settings=settings, classes=classes, history=history_table(made.history),
        kept=tuple(path for path in paths if path.is_file()), notes=(note,) if note else (),
    )  # fmt: skip


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


def class_order(config: Mapping[str, Any], path: Path) -> tuple[tuple[str, ...] | None, str]:
    """The class names in the order of the logits, and a note where they are only the default
    names. Raises RunError where the numbers are not 0, 1, 2..."""
    names = class_names(config, path)
    if names and are_default(names):
        return None, (f"{path.name}: id2label holds the default names {names[0]}...{names[-1]}, so "
                      "it does not tell the order of the classes")  # fmt: skip
    return names or None, ""


def _of_config(config: Mapping[str, Any]) -> dict[str, Any]:
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


def _of_preprocessor(found: Mapping[str, Any]) -> dict[str, Any]:
    names = {"return_attention_mask": "attention_mask", "do_normalize": "normalize"}
    flags = {name: found[key] for key, name in names.items() if isinstance(found.get(key), bool)}
    return {**_numbers(found, {"sampling_rate": "sampling_rate_hz"}), **flags}


def _of_card(made: Checkpoint) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if base := made.card.get("base_model"):
        settings["model"] = shown(base, 200)
    for name, known in _CARD_NAMES.items():
        number = made.card_number(name)
        if number is not None:
            settings[known] = int(number) if number.is_integer() else number
    return settings


def _numbers(found: Mapping[str, Any], names: dict[str, str]) -> dict[str, float]:
    return {name: found[key] for key, name in names.items() if _is_number(found.get(key))}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _trained(made: Checkpoint) -> dict[str, Any]:
    """Trained parameters and freeze mode, where an optimizer's file tells them."""
    if made.trained is None:
        return {}
    told = {"trained_parameters": made.trained, "freeze": made.freeze,
            "parameters": None if made.parts is None else made.parts.total}  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def history_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame | None:
    """A training log as numbers, one row a line of it, NaN where a line has no such number; None
    where there are none.

    Columns keep the Trainer's names (`epoch`, `step`, `loss`, `grad_norm`, `learning_rate`,
    `eval_...`); `n_nan`, where there is one, counts what a line logs as NaN itself.
    """
    numbers = [_numbers_of_line(row) for row in rows]
    columns = list(dict.fromkeys(["epoch", "step", *(name for row in numbers for name in row)]))
    table = pd.DataFrame(numbers, columns=columns, dtype=float).dropna(axis=1, how="all")
    return None if table.empty else table


def _numbers_of_line(row: Mapping[str, Any]) -> dict[str, float]:
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
