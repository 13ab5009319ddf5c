"""Whole clips that are no sibilants: how many get a class, by each kind of model, and what does it
cost to refuse them?"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from acoustic_sib.audio import read_sound
from acoustic_sib.corpus.synth import make_demo_corpus
from acoustic_sib.features.recipe import Recipe, corpus_high_hz
from acoustic_sib.features.registry import measure
from acoustic_sib.quality import measure_quality
from acoustic_sib.screen import gate
from acoustic_sib.screen.judge import SETTINGS, Judge, fitted_judge
from acoustic_sib.screen.limits import Ranges
from acoustic_sib.screen.steady import SHORTEST_S, unsteadiness
from acoustic_sib.screen.train import FAMILIES, clips_of
from tests.benchmarks.no_sibilants import DRAWN, Clip, drawn, spoken
from tests.benchmarks.tables import write_report_table
from tests.benchmarks.test_gate import share
from tests.conftest import shared_folder

MOST_MISSING = 0.5
CHOSEN_ON = ("white noise", "an octave of noise")


class Asked:
    """A corpus and a model of each kind, trained on all of it."""

    def __init__(self, folder: Path, listed: pd.DataFrame) -> None:
        sounds = [read_sound(folder / name) for name in listed["file_name"]]
        quality = pd.DataFrame([measure_quality(one.samples, one.sr) for one in sounds])
        high_hz = corpus_high_hz([one.sr for one in sounds], quality["bandwidth_hz"])
        self.recipe = Recipe(families=FAMILIES, high_hz=high_hz)
        listed = listed.assign(clip_id=listed["file_name"])
        table = pd.DataFrame([measure(one.samples, one.sr, self.recipe) for one in sounds],
                             index=pd.Index(listed["clip_id"]))  # fmt: skip
        clips, self.columns, _ = clips_of(listed, table)
        self.limits = Ranges(
            shortest_s=quality["duration_s"].min(), longest_s=quality["duration_s"].max(),
            quietest_db=quality["level_db"].min(), high_hz=high_hz,
        )  # fmt: skip
        with threadpool_limits(limits=1):
            self.judges: dict[str, Judge] = {
                kind: fitted_judge(clips, model=kind, weighting="balanced", seed=0)
                for kind in SETTINGS
            }

    def answers(self, clips: Sequence[Clip]) -> str:
        """Shares: refused by the model's limits or for want of measures; unlike the training
        clips; given a class (and sure of it at .9) by each kind."""
        refused, rows = 0, []
        for samples, sr in clips:
            row = [np.nan]
            if not self.limits.refusal(measure_quality(samples, sr), sr):
                measures = measure(samples, sr, self.recipe)
                row = [measures[column] for column in self.columns]
            if np.mean(~np.isfinite(row)) > MOST_MISSING:
                refused += 1
            else:
                rows.append(row)
        told = [f"{refused / len(clips):.2f}"]
        for judge in self.judges.values():
            values = np.array(rows).reshape(-1, len(self.columns))
            far = judge.familiar.distances(judge.affine.standardized(values))
            like = far <= judge.familiar.limit
            sets = judge.conformal.members(judge.affine.probabilities(values), 0.9)
            if len(told) == 1:
                told.append(f"{np.sum(~like) / len(clips):.2f}")
            sure = np.sum(like & (sets.sum(axis=1) == 1)) / len(clips)
            told.append(f"{like.sum() / len(clips):.2f} ({sure:.2f})")
        return " / ".join(told)


def refusals(clips: Sequence[Clip]) -> tuple[list[str], list[str]]:
    """What the gate says of each clip without, and with, the question whether it is steady."""
    before = [gate.refusal(measure_quality(samples, sr), samples, sr, "en")
              for samples, sr in clips]  # fmt: skip
    return before, [one or gate.steady_refusal(*clip, "en")
                    for one, clip in zip(before, clips, strict=True)]  # fmt: skip


def listed_clips(name: str) -> tuple[pd.DataFrame, list[Clip]]:
    folder = shared_folder(f"corpora/{name}")
    listed = pd.read_csv(folder / "metadata.csv", dtype={"speaker": str})
    listed = listed[listed["label"] != "Other"].reset_index(drop=True)
    sounds = [read_sound(folder / one) for one in listed["file_name"]]
    return listed, [(one.samples, one.sr) for one in sounds]


def of_real(name: str) -> list[list[str]]:
    """Rows: what the gate refuses of a corpus's clips, by the half that the limit was chosen on."""
    listed, clips = listed_clips(name)
    new = listed["speaker"].isin(sorted(set(listed["speaker"]))[1::2])
    before, after = refusals(clips)
    middles = [(samples[len(samples) // 4 : -(len(samples) // 4)], sr) for samples, sr in clips]
    steady = [unsteadiness(*one) < gate.LEAST_UNSTEADY for one in middles]
    long = np.array([len(samples) >= SHORTEST_S * sr for samples, sr in middles])
    rows = []
    for part, chosen in (("chosen on", ~new), ("new", new)):
        at = np.flatnonzero(chosen)
        units = list(listed["speaker"].iloc[at])
        was, now = [before[i] for i in at], [after[i] for i in at]
        added = [one if one and not other else "" for one, other in zip(now, was, strict=True)]
        cut = at[long[at]]
        rows.append([name, part, f"{len(at)} ({len(set(units))})", share(was, units),
                     share(added, units), str(sum(map(bool, added))),
                     f"{sum(steady[i] for i in cut)} of {len(cut)}"])  # fmt: skip
        print(*rows[-1], flush=True)
    return rows


@pytest.mark.bench
def test_whole_clips_that_are_no_sibilants(tmp_path: Path) -> None:
    make_demo_corpus(tmp_path)
    models = {
        "speechocean": Asked(shared_folder("corpora/speechocean"),
                             listed_clips("speechocean")[0]),
        "demo": Asked(tmp_path, pd.read_csv(tmp_path / "metadata.csv")),
    }  # fmt: skip
    real = [row for name in ("speechocean", "voxangeles") for row in of_real(name)]
    rows = []
    for name, clips in ({one: list(drawn(one)) for one in DRAWN} | spoken()).items():
        before, after = refusals(clips)
        left = [clip for clip, reason in zip(clips, after, strict=True) if not reason]
        long = [bool(reason) for reason, (samples, sr) in zip(after, clips, strict=True)
                if len(samples) >= SHORTEST_S * sr]  # fmt: skip
        told = [of_all.answers(left) if left else "-" for of_all in models.values()]
        rows.append([name, "chosen on" if name in CHOSEN_ON else "new", str(len(clips)),
                     f"{np.mean([bool(one) for one in before]):.2f}",
                     f"{np.mean([bool(one) for one in after]):.2f}",
                     f"{np.mean(long):.2f} ({len(long)})", *told])  # fmt: skip
        print(*rows[-1], flush=True)
    write_report_table(
        "whole_clips", "Whole clips that are no sibilants",
        "python -m pytest -m bench -s tests/benchmarks/test_whole_clips.py",
        ["sound", "limit of steadiness", "clips", "refused by the gate, steadiness not asked",
         "refused", "of those from 150 ms on (n)",
         *[f"{name}: of the rest refused / unlike / class by lda (sure) / by logistic (sure)"
           for name in models]], rows, NOTES,
        more=[("What it costs of real clips",
               ["clips of", "limit of steadiness", "n (units)", "refused, steadiness not asked "
                "[95 %]", "refused as steady [95 %]", "clips", "middle halves that are steady"],
               real)],
    )  # fmt: skip
    new = [row for row in real if row[1] == "new"]
    cost = sum(int(row[5]) for row in new) / sum(int(row[2].split()[0]) for row in new)
    assert cost <= 0.01
    for row in rows:
        if row[0] in ("white noise", "pink noise", "brown noise"):
            assert float(row[5].split()[0]) >= 0.8


NOTES = [
    "Clips of 60, 100, 200 and 350 ms (20 each) at 44.1 kHz; stops, vowels and sonorants are those "
    "of speechocean's utterances at their boundaries, pieces of sentences and babble are espeak's. "
    "All but speechocean's phones are SYNTHETIC.",
    "Steadiness: variance of the level of successive 10 ms over that of Gaussian noise of the same "
    "spectrum, below 1.5; asked of whole files of 150 ms and more. The limit was chosen on white "
    "noise, octaves of noise, and every other speaker or language (chosen on): the largest of 1.2 "
    "to 1.8 that refused none of their clips was 1.6, one step of caution lower was taken. All "
    "kinds of noise had been looked at before.",
    "Class: neither refused nor unlike the training clips; sure: the set at .90 holds one class. "
    "The model's classes decide what is unlike them: speechocean's Interdental holds canonical DH, "
    "often with hardly any frication, and so vowels, brown noise and drums lie within it.",
    "Not closed: noise below 150 ms (more than 1 in 100 sibilants is as steady), applause, "
    "hi-hats, drums, vowels, pieces of speech. Tried and left: little energy above 2 kHz (of what "
    "lies above 550 Hz less than .05 in 40 % of the vowels, but also in 10 % of voxangeles' "
    "sibilants and 8 % of DH); a lower limit for periods (.8 for .9 refuses .28 for .11 of the "
    "vowels and no /s z ʃ ʒ/, but .07 for .02 of DH); a level that falls at a steady rate (.45 to "
    ".95 of hi-hats and drums, but also 7 to 12 % of voxangeles).",
    "Middle halves: of clips whose middle half lasts 150 ms: what is cut out of a long sibilant is "
    "refused more often. No recordings of sustained sibilants were at hand.",
]
