"""Small corpora in memory, with the quality table that listening to their clips would give."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.corpus.audit import audit
from acoustic_sib.quality import measure_quality

Floats = NDArray[np.float64]
SR = 16_000
CLASSES = ("Interdental", "Lateral", "Normal")


@dataclass(kw_only=True)
class Heard:
    """Clips by name: what the manifest says of each, its samples, its rate."""

    rows: dict[str, dict[str, object]] = field(default_factory=dict)
    sounds: dict[str, Floats] = field(default_factory=dict)
    rates: dict[str, int] = field(default_factory=dict)
    heard: dict[str, dict[str, object]] = field(default_factory=dict)

    def add(
        self, name: str, label: str, speaker: str, samples: Floats, sr: int = SR, **more: object
    ) -> None:
        self.rows[name] = {"path": f"{name}.wav", "label": label, "speaker": speaker, **more}
        self.sounds[name], self.rates[name] = samples, sr

    def change(self, name: str, samples: Floats) -> None:
        self.sounds[name] = samples

    def names(self, label: str | None = None, speaker: str | None = None) -> list[str]:
        return [name for name, row in self.rows.items()
                if label in (None, row["label"]) and speaker in (None, row["speaker"])]  # fmt: skip

    @property
    def manifest(self) -> pd.DataFrame:
        return (
            pd.DataFrame.from_dict(self.rows, orient="index").rename_axis("clip_id").reset_index()
        )

    @property
    def quality(self) -> pd.DataFrame:
        rows = {}
        for name, samples in self.sounds.items():
            rows[name] = {
                **measure_quality(samples, self.rates[name]), "sr_hz": self.rates[name],
                "n_channels": 1, "format": "WAV/PCM_16", "channel_note": "",
                "sample_hash": hashlib.sha256(samples.tobytes()).hexdigest(),
                **self.heard.get(name, {}),
            }  # fmt: skip
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("clip_id")

    @property
    def read(self) -> Callable[[str], tuple[Floats, int]]:
        return lambda name: (self.sounds[name], self.rates[name])

    @property
    def folds(self) -> pd.DataFrame:
        """Two repeats of three folds, whole speakers in each."""
        speakers = sorted({str(row["speaker"]) for row in self.rows.values()})
        return pd.DataFrame([
            {"clip_id": name, "repeat": repeat,
             "fold": (speakers.index(str(row["speaker"])) // (1 + repeat)) % 3}
            for repeat in range(2) for name, row in self.rows.items()
        ])  # fmt: skip

    def audited(self, **options: object) -> dict[str, dict[str, object]]:
        """The audit's findings by check."""
        given = {"folds": self.folds, "read": self.read, **options}
        found = audit(self.manifest, self.quality, **given)  # type: ignore[arg-type]
        return {finding["check"]: finding for finding in found["findings"]}


def noise(seed: int, duration_s: float = 0.1, sr: int = SR, level: float = 0.05) -> Floats:
    return level * np.random.default_rng(seed).standard_normal(round(duration_s * sr))


def clean(n_speakers: int = 12, clips: int = 2) -> Heard:
    """Every speaker says every class, with a level and a length of their own but alike in all."""
    made, rng = Heard(), np.random.default_rng(11)
    for number in range(n_speakers):
        level, length = rng.uniform(0.02, 0.1), rng.uniform(0.09, 0.11)
        for label in CLASSES:
            for take in range(clips):
                name = f"s{number:02d}_{label}_{take}"
                own = length * rng.uniform(0.95, 1.05)
                made.add(name, label, f"s{number:02d}", noise(len(made.rows), own, level=level))
    return made


def one_label_each(n_speakers: int = 18, clips: int = 4) -> Heard:
    """Every speaker says one class."""
    made, rng = Heard(), np.random.default_rng(12)
    for number in range(n_speakers):
        level, length = rng.uniform(0.02, 0.1), rng.uniform(0.09, 0.11)
        for take in range(clips):
            made.add(f"s{number:02d}_{take}", CLASSES[number % 3], f"s{number:02d}",
                     noise(len(made.rows), length, level=level))  # fmt: skip
    return made
