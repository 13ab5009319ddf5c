"""Corpora without sound for imports, and one small sample of each foreign format."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from acoustic_sib.config import load_config
from acoustic_sib.corpus import Corpus
from acoustic_sib.ssl.import_run import Asked, Imported, import_results

CLASSES = ("Interdental", "Lateral", "Normal")
FIXTURE_CLIPS = (
    "lat_spk03_003", "lat_spk04_004", "lat_spk03_008", "lat_spk04_009", "lat_spk03_013",
    "lat_spk04_014", "lat_spk03_018", "lat_spk04_019", "nor_spk03_003", "nor_spk04_004",
    "nor_spk03_008", "nor_spk04_009", "int_spk03_003", "int_spk04_004", "int_spk03_008",
)  # fmt: skip
_LABELS = {"lat": "Lateral", "nor": "Normal", "int": "Interdental"}


def manifest_of(clip_ids: tuple[str, ...]) -> pd.DataFrame:
    """Ids such as `lat_spk03_003` tell label and speaker; the sounds would lie in wav/."""
    return pd.DataFrame({
        "clip_id": clip_ids,
        "path": [f"wav/{clip_id}.wav" for clip_id in clip_ids],
        "label": [_LABELS[clip_id[:3]] for clip_id in clip_ids],
        "speaker": [clip_id.split("_")[1] for clip_id in clip_ids],
    })  # fmt: skip


def corpus_of(manifest: pd.DataFrame) -> Corpus:
    return Corpus(manifest=manifest, left_out={}, place="clips.csv", kind="manifest")


def trained_on() -> tuple[str, ...]:
    """Six clips of two more speakers, which no fixture predicts."""
    return tuple(f"{kind}_{speaker}_001" for speaker in ("spk00", "spk01") for kind in _LABELS)


def fixture_corpus() -> Corpus:
    return corpus_of(manifest_of((*FIXTURE_CLIPS, *trained_on())))


def imported(source: Path, corpus: Corpus | None = None, **asked: object) -> Imported:
    return import_results(source, fixture_corpus() if corpus is None else corpus, load_config(),
                          Asked(**asked))  # fmt: skip


def written(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


IDS = FIXTURE_CLIPS
TRUTH = [_LABELS[clip_id[:3]] for clip_id in IDS]
SAID = ["Lateral"] * 11 + ["Normal", *TRUTH[12:]]
"""Right are 8 of 8 Lateral, 1 of 4 Normal, 3 of 3 Interdental: UAR .75."""
UAR = 0.75
LOGITS = np.array([[2.0 * (name == said) - 1 for name in CLASSES] for said in SAID])


def probabilities() -> np.ndarray:
    return np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)


def _table(folder: Path) -> Path:
    table = pd.DataFrame(probabilities(), columns=[f"prob_{name}" for name in CLASSES])
    table.insert(0, "clip_id", IDS)
    table.insert(1, "predicted", SAID)
    table.insert(2, "true", TRUTH)
    table.to_csv(folder / "predictions.csv", index=False)
    return folder / "predictions.csv"


def _nkululeko(folder: Path) -> Path:
    table = pd.DataFrame(LOGITS, columns=list(CLASSES), index=[f"./wav/{one}.wav" for one in IDS])
    table["predicted"], table["truth"], table["uncertainty"] = SAID, TRUTH, 0.5
    table["correct"] = table["predicted"] == table["truth"]
    table.to_csv(folder / "result.csv", index_label="file")
    return folder / "result.csv"


def _arrays(folder: Path) -> Path:
    numbers = [CLASSES.index(name) for name in TRUTH]
    np.savez(folder / "out.npz", predictions=LOGITS, label_ids=numbers, clip_id=np.array(IDS))
    return folder / "out.npz"


def _pipeline(folder: Path) -> Path:
    items = []
    for clip_id, row in zip(IDS, probabilities(), strict=True):
        ordered = sorted(zip(row, CLASSES, strict=True), reverse=True)
        scores = [{"score": score, "label": name} for score, name in ordered]
        items.append({"file": f"/data/{clip_id}.wav", "scores": scores})
    return written(folder / "said.json", json.dumps(items))


def _trainer_folder(folder: Path) -> Path:
    written(folder / "run" / "trainer_state.json", json.dumps({"log_history": [
        {"epoch": 1.0, "step": 4, "loss": 1.1, "grad_norm": float("nan")}]}))  # fmt: skip
    written(folder / "run" / "config.json", json.dumps({
        "model_type": "wav2vec2", "id2label": dict(enumerate(CLASSES))}))  # fmt: skip
    np.savez(folder / "run" / "predictions.npz", predictions=LOGITS, ids=np.array(IDS))
    return folder / "run"


def _s3prl(folder: Path) -> Path:
    for name, labels in (("predict", SAID), ("truth", TRUTH)):
        for fold, rows in ((1, slice(0, 8)), (2, slice(8, None))):
            lines = [
                f"{one}.wav {label}" for one, label in zip(IDS[rows], labels[rows], strict=True)
            ]
            written(folder / "exp" / f"test_fold{fold}_{name}.txt", "\n".join(lines) + "\n")
    written(folder / "exp" / "dev_fold1_predict.txt", "somebody.wav Lateral\n")
    written(folder / "exp" / "args_1.yaml", "upstream: wavlm\nupstream_trainable: false\nseed: 7\n")
    written(folder / "exp" / "log.log", "dev at step 100: 0.5\nNew best on dev at step 100: 0.5\n"
            "test at step 100: 0.25\n")  # fmt: skip
    return folder / "exp"


def _speechbrain(folder: Path) -> Path:
    written(folder / "sb" / "train_log.txt", (
        "epoch: 1, lr: 1.00e-03 - train loss: 1.10 - valid loss: 1.05, valid error_rate: 6.00e-01\n"
        "epoch: 2, lr: 5.00e-04 - train loss: 1.00 - valid loss: 1.01, valid error_rate: 5.00e-01\n"
        "Epoch loaded: 2 - test loss: 1.02, test error_rate: 4.00e-01\n"))  # fmt: skip
    written(folder / "sb" / "hyperparams.yaml", (
        "seed: 1986\nwav2vec2_hub: facebook/wav2vec2-base\nfreeze_wav2vec2: False\n"
        "freeze_wav2vec2_conv: True\nnumber_of_epochs: 30\n"
        "optimizer: !name:torch.optim.Adam\n   lr: 0.1\n"))  # fmt: skip
    return folder / "sb"


def _scores(folder: Path) -> Path:
    return written(folder / "paper.json", json.dumps({"UAR": 0.61, "n_clips": 211, "by": "them"}))


SAMPLES: dict[str, Callable[[Path], Path]] = {
    "table": _table, "nkululeko": _nkululeko, "trainer_arrays": _arrays, "pipeline": _pipeline,
    "trainer_folder": _trainer_folder, "s3prl": _s3prl, "speechbrain": _speechbrain,
    "scores": _scores,
}  # fmt: skip
"""Format -> writes a sample of it into a folder and returns what the user would name."""
