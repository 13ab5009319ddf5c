"""A result of a check as `check` writes it, with made-up but plausible numbers, to lay out."""

from typing import Any

import numpy as np

from acoustic_sib.config import Config, to_yaml
from acoustic_sib.report.spectra import AverageSpectra, average_spectra
from acoustic_sib.report.summarize import summarize

CLASSES = {"Normal": 243, "Lateral": 580, "Interdental": 234}
RUNGS = ("overfit", "sanity", "padding_pooling", "layers_unfreezing", "baseline", "weighting")


def interval(
    value: float | None,
    half: float | None = 0.04,
    *,
    n_clips: int = 1057,
    n_speakers: int | None = 42,
    unit: str = "speaker",
) -> dict[str, Any]:
    known = value is not None and half is not None
    return {
        "value": value,
        "low": max(value - half, 0.0) if known else None,
        "high": min(value + half, 1.0) if known else None,
        "level": 0.95,
        "unit": unit,
        "n_clips": n_clips,
        "n_speakers": n_speakers,
    }


def example_result(
    verdict: str = "learnable",
    *,
    classes: dict[str, int] | None = None,
    speakers_known: bool = True,
    synthetic: bool = False,
) -> dict[str, Any]:
    """The result dict of a check on clips of `classes`, each clip predicted in two repeats."""
    classes = classes or CLASSES
    n_clips = sum(classes.values())
    n_speakers = 42 if speakers_known else None
    size = {
        "n_clips": n_clips,
        "n_speakers": n_speakers,
        "unit": "speaker" if speakers_known else "clip",
    }
    uar = {"learnable": 0.853, "shortcut": 0.853, "not_shown": 0.352}[verdict]
    chance = 1 / len(classes)
    return {
        "schema": "acoustic-sib/check@1",
        "verdict": verdict,
        "reason": f"UAR {uar:.2f} where chance is {chance:.2f}, p = 0.001.",
        "corpus": {
            "name": "clips",
            "n_clips": n_clips + 3,
            "n_used": n_clips,
            "n_excluded": 3,
            "n_speakers": n_speakers,
            "classes": classes,
            "speaker_mode": "held_out" if speakers_known else "unknown",
            "synthetic": synthetic,
            "left_out": {"Other": 105},
            "fold_plan": "speaker" if speakers_known else "stratified",
            "n_repeats": 2,
            "n_folds": 5,
        },
        "baseline": _baseline(classes, uar, size),
        "models": [
            {"model": "majority", "uar": interval(chance, 0.0, **size)},
            {"model": "prior", "uar": interval(chance + 0.01, 0.03, **size)},
            {"model": "uniform", "uar": interval(chance - 0.01, 0.03, **size)},
        ],
        "chance": {
            "uar": chance,
            "majority_accuracy": max(classes.values()) / n_clips,
            "permutation": {
                "p_value": 1 / 1001 if verdict != "not_shown" else 0.412,
                "n": 1000,
                "unit": "within_speaker" if speakers_known else "clip",
                "smallest_p": 1 / 1001,
            },
        },
        "shortcuts": {
            "uar": interval(0.79 if verdict == "shortcut" else chance + 0.08, 0.05, **size),
            "difference": {"value": 0.31, "low": 0.24, "high": 0.38, "level": 0.95},
            "columns": ["duration_s", "level_db", "noise_floor_db", "bandwidth_hz", "session"],
        },
        "ladder": _ladder(),
        "suspects": [
            {
                "clip_id": f"S{number:02d}/take{number}.wav",
                "label": next(iter(classes)),
                "predicted": list(classes)[1],
                "p_own": 0.01 + number / 100,
            }
            for number in range(25)
        ],
        "excluded": [
            {"clip_id": "S03/a.wav", "reason": "not readable as audio (unknown format)"},
            {"clip_id": "S09/b.wav", "reason": "lasts 0.012 s; expected at least 0.020 s"},
            {"clip_id": "S09/c.wav", "reason": "RMS level -94.1 dB; expected more than -80 dB"},
        ],
        "audit": example_audit(),
        "notes": ["Session was used as a nuisance column, as the settings ask."],
        "timings_s": {"extract": 21.4, "evaluate": 12.03, "permutation": 1.9, "total": 37.2},
    }


def _baseline(classes: dict[str, int], uar: float, size: dict[str, Any]) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    counts = []
    for row, members in enumerate(classes.values()):
        wrong = (1 - uar) / (len(classes) - 1)
        shares = [uar if column == row else wrong for column in range(len(classes))]
        counts.append((rng.multinomial(2 * members, shares) / 2).tolist())
    recall = {
        name: interval(uar + 0.03 * (index - 1), 0.05, **{**size, "n_clips": members})
        for index, (name, members) in enumerate(classes.items())
    }
    accuracy = np.clip(rng.normal(uar, 0.11, 42), 0, 1)
    return {
        "families": ["mfcc", "logmel", "moments", "multitaper", "bands", "peaks", "shape", "praat"],
        "model": "svm_rbf",
        "normalize": "none",
        "uar": interval(uar, **size),
        "macro_f1": interval(uar - 0.01, **size),
        "accuracy": interval(uar + 0.02, **size),
        "recall": recall,
        "confusion": {"labels": list(classes), "counts": counts},
        "candidates": [
            {
                "model": model,
                "feature_set": features,
                "params": params,
                "chosen": chosen,
                "inner_uar": inner,
            }
            for model, features, params, chosen, inner in (
                ("logistic", "compact", {"C": 0.1}, 0, 0.8012),
                ("logistic", "all", {"C": 0.1}, 2, 0.8434),
                ("svm_rbf", "compact", {"C": 1.0, "gamma": "scale"}, 1, 0.8311),
                ("svm_rbf", "all", {"C": 10.0, "gamma": 0.001}, 7, 0.8521),
            )
        ],
        "speakers": [
            {"speaker": f"S{number:02d}", "n_clips": 10 + number % 30, "accuracy": float(share)}
            for number, share in enumerate(accuracy)
        ]
        if size["n_speakers"]
        else [],
    }


def _ladder() -> list[dict[str, Any]]:
    states = ("pass", "pass", "warn", "skipped", "pass", "fail")
    return [
        {
            "rung": rung,
            "question": f"What does {rung} ask?",
            "status": state,
            "says": f"Rung {rung} says what it found on these clips in one sentence or two.",
            "next": "" if state in ("pass", "skipped") else f"Mend {rung} first.",
            "evidence": {
                "uar": interval(0.61),
                "median_s": 0.16,
                "frames": [7, 49],
                "model": "lda",
                "ways": [
                    {"way": "none", "uar": interval(0.58)},
                    {"way": "balanced", "uar": interval(0.61), "uar_change": interval(0.03)},
                ],
            },
        }
        for rung, state in zip(RUNGS, states, strict=True)
    ]


def example_audit() -> dict[str, Any]:
    return {
        "findings": [
            {
                "check": "speakers_per_class",
                "status": "ok",
                "says": "every speaker says at least two classes",
                "next": "",
                "evidence": {"median_classes": 3},
            },
            {
                "check": "duplicate_audio",
                "status": "fail",
                "says": "Two clips of different labels hold the same samples.",
                "next": "Keep one of S01/a.wav and S02/a.wav.",
                "evidence": {"pairs": [["S01/a.wav", "S02/a.wav"]]},
            },
            {
                "check": "short_clips",
                "status": "warn",
                "says": "A 1.0 s padded window would be 16 % signal.",
                "next": "Pool over the clip's own 7 frames, not over all 49.",
                "evidence": {"median_duration_s": 0.16, "share": 0.1612},
            },
        ],
        "tables": {
            "durations_by_class": [
                {"label": name, "n": count, "median_s": 0.16123, "p5_s": 0.08, "p95_s": None}
                for name, count in CLASSES.items()
            ],
            "duplicates": [],
        },
    }


def example_spectra(classes: dict[str, int] | None = None, n_bins: int = 221) -> AverageSpectra:
    """Humps at different frequencies, ten speakers a class."""
    rng = np.random.default_rng(5)
    freqs_hz = np.linspace(0, 11000, n_bins)
    levels, labels, speakers = [], [], []
    for index, name in enumerate(classes or CLASSES):
        centre = 7500 - 1500 * index
        for speaker in range(10):
            hump = -(((freqs_hz - centre - rng.normal(0, 500)) / 2500) ** 2) * 9
            for _ in range(3):
                levels.append(hump + rng.normal(0, 1, n_bins))
                labels.append(name)
                speakers.append(f"S{speaker}")
    return average_spectra(freqs_hz, np.array(levels), labels, speakers, list(classes or CLASSES))


def example_page(result: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    result = result or example_result()
    arguments: dict[str, Any] = {
        "audit": result["audit"],
        "spectra": example_spectra(result["corpus"]["classes"]),
        "settings_yaml": to_yaml(Config()),
        "versions": {"acoustic_sib": "0.1.0", "python": "3.12.1", "numpy": "2.1.0"},
        "hashes": {"manifest": "0123456789abcdef", "folds": "fedcba9876543210"},
        "corpus_name": "clips",
        "command": "acoustic-sib check clips/ --out reports/mine",
    }
    return summarize(result, **{**arguments, **options})
