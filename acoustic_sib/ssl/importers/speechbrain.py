"""SpeechBrain's `train_log.txt`: a line an epoch, and one for the test; scores and no predictions.

`epoch: 1, lr: 1.00e-03 - train loss: 1.10 - valid loss: 1.09, valid error_rate: 6.67e-01`
"""

import math
import re
from pathlib import Path

import pandas as pd

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.files import SETTINGS_LIMIT, read_text, shown
from acoustic_sib.ssl.foreign import Foreign, Importer
from acoustic_sib.ssl.importers.scores import NO_PREDICTIONS

_LOG = "train_log.txt"
_ITEM = re.compile(r"^(?:(?P<part>train|valid|test) )?(?P<name>[\w /-]{1,60}): *(?P<value>\S+)$")
_PARTS = {None: "", "train": "", "valid": "eval_", "test": "test_"}
_NAMES = {
    "lr": "learning_rate",
    "acc": "accuracy",
    "error": "error_rate",
    "error rate": "error_rate",
    "errorrate": "error_rate",
    "class_error": "error_rate",
}
_SETTING = re.compile(r"^(?P<name>seed|number_of_epochs|lr|lr_wav2vec2|lr_wavlm|batch_size|"
                      r"freeze_wav2vec2|freeze_wavlm|freeze_wav2vec2_conv|wav2vec2_hub|wavlm_hub|"
                      r"sample_rate): *(?P<value>[^\s#]+)", re.M)  # fmt: skip
_SETTING_NAMES = {"number_of_epochs": "epochs", "lr": "learning_rate", "wav2vec2_hub": "model",
                  "wavlm_hub": "model", "sample_rate": "sampling_rate_hz"}  # fmt: skip


def sniff(source: Path) -> bool:
    log = source / _LOG if source.is_dir() else source
    if not log.is_file() or log.suffix.lower() not in (".txt", ".log"):
        return False
    with log.open("rb") as file:
        start = file.read(4096)
    return re.match(rb"(?s).{0,3}\s*epoch: ?\d+, .*(train|valid) ", start) is not None


def read(source: Path) -> Foreign:
    """Raises RunError where the log has no line of an epoch, or no error rate or accuracy."""
    log = source / _LOG if source.is_dir() else source
    rows, tested = [], None
    for line in read_text(log, limit=SETTINGS_LIMIT).splitlines():
        items = _items(line)
        if any(name.startswith("test_") for name in items):
            tested = items
        elif "epoch" in items:
            rows.append(items)
    if not rows and tested is None:
        raise RunError(f"{log}: no line of an epoch; expected 'epoch: 1, lr: ... - train loss: "
                       "...', as SpeechBrain writes it")  # fmt: skip
    scores, note = _scores(rows, tested, log)
    hparams = source / "hyperparams.yaml" if source.is_dir() else log.parent / "hyperparams.yaml"
    found = _settings(read_text(hparams, limit=SETTINGS_LIMIT)) if hparams.is_file() else {}
    return Foreign(
        scores=scores, settings=found, notes=(note, NO_PREDICTIONS),
        history=pd.DataFrame(rows, dtype=float) if rows else None,
        kept=(log, hparams) if hparams.is_file() else (log,),
    )  # fmt: skip


def _items(line: str) -> dict[str, float]:
    """The numbers of a line under the Trainer's names: `eval_loss` for `valid loss`."""
    found = {}
    for field in re.split(r" - |, ", line.strip()):
        item = _ITEM.match(field.strip())
        if item is None:
            continue
        name = item["name"].strip()
        name = _NAMES.get(name.lower(), name.lower().replace(" ", "_"))
        try:
            found[_PARTS[item["part"]] + name] = float(item["value"])
        except ValueError:
            continue
    return found


def _scores(
    rows: list[dict[str, float]], tested: dict[str, float] | None, log: Path
) -> tuple[dict[str, float], str]:
    """Accuracy (1 - error rate) and loss of the test, else of the last validation."""
    for line, prefix, note in (
        (tested, "test_", "scores of the test line"),
        (
            rows[-1] if rows else None,
            "eval_",
            "scores of the last validation: the log has no test line",
        ),
    ):
        if line is None:
            continue
        error = line.get(f"{prefix}error_rate")
        accuracy = line.get(f"{prefix}accuracy", None if error is None else 1 - error)
        if accuracy is None:
            continue
        if not 0 <= accuracy <= 1:
            raise RunError(f"{log}: the {prefix.rstrip('_')} accuracy comes to {accuracy:g}; "
                           "expected a share between 0 and 1: is it in percent?")  # fmt: skip
        loss = line.get(f"{prefix}loss", math.nan)
        return {"accuracy": accuracy} | ({} if math.isnan(loss) else {"loss": loss}), note
    raise RunError(f"{log}: neither an error rate nor an accuracy in it; expected 'valid "
                   "error_rate' or 'test error_rate' for the tested classes")  # fmt: skip


def _settings(text: str) -> dict[str, object]:
    """A few plain lines of hyperparams.yaml, which can run programs when loaded as such."""
    settings: dict[str, object] = {}
    flags: dict[str, str] = {}
    for name, value in _SETTING.findall(text):
        if name.startswith("freeze"):
            flags[name] = value.lower()
            continue
        try:
            number = float(value)
            settings[_SETTING_NAMES.get(name, name)] = (
                int(number) if number.is_integer() else number)  # fmt: skip
        except ValueError:
            settings[_SETTING_NAMES.get(name, name)] = shown(value.strip("'\""), 200)
    if "true" in (flags.get("freeze_wav2vec2"), flags.get("freeze_wavlm")):
        settings["freeze"] = "head_only"
    elif flags.get("freeze_wav2vec2_conv") == "true":
        settings["freeze"] = "feature_encoder"
    elif flags:
        settings["freeze"] = "none"
    return settings


IMPORTER = Importer(
    format="speechbrain",
    accepts="SpeechBrain's train_log.txt, or the folder that holds it",
    rank=35,
    sniff=sniff,
    read=read,
)
