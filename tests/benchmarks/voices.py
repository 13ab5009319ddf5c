"""Clips of real speech with what their recording, or their corpus, tells of the speaker."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from acoustic_sib.audio import Sound, read_sound
from acoustic_sib.corpus.textgrid import read_textgrid
from acoustic_sib.features.recipe import Recipe, corpus_high_hz
from acoustic_sib.features.registry import FEATURE_SETS, measure
from acoustic_sib.quality import effective_bandwidth
from acoustic_sib.screen.context import contexts, read_surroundings
from acoustic_sib.screen.phones import is_sibilant
from acoustic_sib.screen.records import Segment
from acoustic_sib.screen.voice import measure_voice
from tests.conftest import shared_folder

COMPACT = FEATURE_SETS["compact"]
LABELS = {"S": "Normal", "Z": "Normal", "SH": "Lateral", "ZH": "Lateral", "TH": "Interdental",
          "DH": "Interdental"}  # fmt: skip
SHORTEST_S = 0.020
CHILD_BELOW_YEARS = 16


@dataclass(frozen=True, kw_only=True)
class Voices:
    """`manifest`: clip_id, label, speaker, and `group` where sex and age are known. `measures`,
    `about` (covariates of the speaker or recording), both by clip_id."""

    name: str
    manifest: pd.DataFrame
    measures: pd.DataFrame
    about: pd.DataFrame


def clips_of_speechocean() -> Voices:
    """Each clip with its speaker's sex and age as the corpus states them, and the median pitch of
    the voiced parts of all the speaker's clips: no recording lies around these clips."""
    folder = shared_folder("corpora/speechocean")
    rows, pitch = [], []
    for line in _lines(folder):
        sound = read_sound(folder / line["file_name"])
        f0 = measure_voice(sound.samples, sound.sr).f0_hz
        pitch += [(line["speaker"], value) for value in f0[np.isfinite(f0)]]
        age, woman = int(line["age"]), line["sex"] == "f"
        child = age < CHILD_BELOW_YEARS
        rows.append((sound, {
            "label": line["label"], "speaker": line["speaker"],
            "group": "children" if child else "women" if woman else "men",
            "child": float(child), "woman": float(woman and not child),
            "years_as_child": float(min(age, CHILD_BELOW_YEARS)),
        }))  # fmt: skip
    medians = pd.DataFrame(pitch, columns=["speaker", "f0"]).groupby("speaker")["f0"].median()
    for _, row in rows:
        row["log_f0"] = np.log(medians.get(row["speaker"], np.nan))
    return _voices("speechocean, clips", rows)


def phones_of_speechocean() -> Voices:
    """The /s z ʃ ʒ θ ð/ of the utterances, each with the context of its utterance."""
    folder = shared_folder("corpora/speechocean/utterances")
    rows = []
    for path in sorted(folder.glob("*.flac")):
        (tier,) = read_textgrid(path.with_suffix(".TextGrid"))
        spans = [Segment(start=one.start_s, end=one.end_s, score=1.0, label=one.text)
                 for one in tier.intervals if one.text in LABELS]  # fmt: skip
        for one, about in _with_context(path, spans):
            if one.end - one.start >= SHORTEST_S:
                sound = read_sound(path, start=one.start, end=one.end)
                rows.append(
                    (sound, {"label": LABELS[one.label], "speaker": path.stem[:5], **about})
                )
    return _voices("speechocean, utterances", rows)


def clips_of_voxangeles() -> Voices:
    """The clips whose word is at hand, each with the context of its word, languages as speakers."""
    folder = shared_folder("corpora/voxangeles")
    lines: dict[Path, list[dict[str, str]]] = {}
    for line in _lines(folder):
        path = folder / "words" / f"{Path(line['source']).stem}.flac"
        if line["label"] != "Other" and path.is_file():
            lines.setdefault(path, []).append(line)
    rows = []
    for path, of_word in lines.items():
        own = [Segment(start=float(line["source_start"]), end=float(line["source_end"]), score=1.0)
               for line in of_word]  # fmt: skip
        others = [Segment(start=one.start_s, end=one.end_s, score=1.0)
                  for tier in read_textgrid(path.with_suffix(".TextGrid"))
                  for one in tier.intervals if is_sibilant(one.text)]  # fmt: skip
        found = list(_with_context(path, [*own, *others]))[: len(own)]
        for line, (_, about) in zip(of_word, found, strict=True):
            sound = read_sound(folder / line["file_name"])
            rows.append((sound, {"label": line["label"], "speaker": line["speaker"], **about}))
    return _voices("voxangeles, words", rows)


def _with_context(
    path: Path, spans: Sequence[Segment]
) -> Iterator[tuple[Segment, dict[str, float]]]:
    heard = read_surroundings(path)
    for one, context in zip(spans, contexts(heard, spans), strict=True):
        yield one, {
            "log_f0": np.log(context.f0_hz), "log_spacing": np.log(context.formant_spacing_hz),
            "vowel_level_db": context.vowel_level_db, "noise_floor_db": context.noise_floor_db,
            "level_re_vowel_db": context.level_re_vowel_db,
        }  # fmt: skip


def _lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "metadata.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _voices(name: str, rows: Sequence[tuple[Sound, dict[str, Any]]]) -> Voices:
    """Measured up to the one frequency that their audio allows."""
    sounds = [sound for sound, _ in rows]
    widths_hz = [effective_bandwidth(one.samples, one.sr) for one in sounds]
    high_hz = corpus_high_hz({one.sr for one in sounds}, widths_hz)
    families = tuple(dict.fromkeys(column.split(".")[0] for column in COMPACT))
    recipe = Recipe(high_hz=high_hz, families=families)
    table = pd.DataFrame([row for _, row in rows])
    table.insert(0, "clip_id", [f"clip{number:04d}" for number in range(len(table))])
    index = pd.Index(table["clip_id"])
    measures = pd.DataFrame([measure(one.samples, one.sr, recipe) for one in sounds], index=index)
    told = [column for column in table.columns
            if column not in ("clip_id", "label", "speaker", "group")]  # fmt: skip
    return Voices(name=name, manifest=table.drop(columns=told), measures=measures[list(COMPACT)],
                  about=table.set_index("clip_id")[told])  # fmt: skip
