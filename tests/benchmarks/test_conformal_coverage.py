"""Do the sets of a bundle hold the true class as often as they say, on speakers not heard?"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from acoustic_sib.check import silent_stage, usable_clips
from acoustic_sib.config import load_config
from acoustic_sib.corpus import read_corpus
from acoustic_sib.evaluate import FoldTask
from acoustic_sib.extract import Work, extract, resolved_recipe
from acoustic_sib.screen.held_out import figures, held_out
from acoustic_sib.screen.judge import Clips
from acoustic_sib.screen.train import FAMILIES, clips_of
from tests.benchmarks.tables import figure, write_report_table
from tests.conftest import shared_folder

SPLITS = 40
TRAINED_ON = (24, 77)


def speaker_splits(groups: np.ndarray, n_trained: int) -> list[FoldTask]:
    """`SPLITS` random choices of speakers to train on; the others are tested."""
    rng = np.random.default_rng([41, n_trained])
    n_speakers = int(groups.max()) + 1
    tasks = []
    for split in range(SPLITS):
        inside = np.isin(groups, rng.permutation(n_speakers)[:n_trained])
        tasks.append(FoldTask(repeat=split, fold=0, train=np.flatnonzero(inside),
                              test=np.flatnonzero(~inside)))  # fmt: skip
    return tasks


def measured(folder: Path) -> tuple[Any, Clips]:
    corpus = shared_folder("corpora/speechocean")
    config = load_config(None, features={"families": list(FAMILIES)})
    found = read_corpus(corpus, config.corpus)
    manifest, quality, _, _ = usable_clips(found, config, jobs=2, stage=silent_stage)
    recipe = resolved_recipe(config.features, config.audio, quality)
    table = extract(manifest, recipe, config.audio, Work(jobs=2, cache=folder)).table
    return manifest, clips_of(manifest, table)[0]


@pytest.mark.bench
def test_sets_cover_held_out_speakers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    manifest, clips = measured(tmp_path / "cache")
    rows, short = [], []
    for model in ("lda", "logistic"):
        for n_trained in TRAINED_ON:
            with threadpool_limits(limits=1):
                answers = held_out(clips, speaker_splits(clips.groups, n_trained), model=model,
                                   weighting="balanced", seed=0)  # fmt: skip
            found = figures(answers, manifest, weighting="balanced")
            for one in found["coverage"]:
                covered = one["covered"]
                rows.append([
                    model, n_trained, f"{one['level']:.2f}", figure(covered),
                    ", ".join(f"{share:.3f}" for share in one["by_class"].values()),
                    f"{one['mean_size']:.2f}", figure(one["uncertain"]), figure(found["uar"]),
                    f"{found['calibration']['error']:.3f}",
                    f"{np.median(answers.temperatures):.2f}", f"{found['unlike']['value']:.3f}",
                ])  # fmt: skip
                print(*rows[-1], flush=True)
                if covered["high"] < one["level"]:
                    short.append(rows[-1])
    write_report_table(
        "conformal_coverage", "Sets of classes on held-out speakers of speechocean",
        "python -m pytest -m bench -s tests/benchmarks/test_conformal_coverage.py",
        ["model", "speakers trained on", "level", "true class in the set", "of "
         + ", ".join(answers.classes), "classes in a set", "uncertain", "UAR",
         "calibration error", "temperature", "unlike"],
        rows,
        [f"{len(manifest)} clips of {clips.groups.max() + 1} speakers with proxy labels (Normal /s "
         "z/, Lateral /ʃ ʒ/, Interdental /θ ð/): these figures say nothing about lisps.",
         f"Each row: {SPLITS} random choices of speakers to train on; model, temperature, "
         "thresholds and the limit of `unlike` are made from them alone, and asked of all others.",
         "True class in the set, uncertain (several classes in the set), unlike: of a random clip "
         "of a random held-out speaker, averaged over the splits, with a 95 % interval by leaving "
         "out one speaker at a time (the sampling error of these speakers; it holds nothing for "
         "another corpus). By class: shares of the clips of each.",
         "The penalty of logistic regression (C = 0.03) was chosen by log loss on held-out "
         "speakers of this corpus, voxangeles and the demo: its rows flatter a little, lda's do "
         "not.",
         "A level needs level / (1 - level) speakers who bear a class (4, 9 and 19): with fewer, "
         "no set rules the class out.",
         "Calibration error: expected calibration error in ten groups, classes weighing the same; "
         "temperature: median over the splits; above 1 it takes back what the pipeline claims too "
         "surely.",
         "Asserted: no interval of the share covered lies below its level."],
    )  # fmt: skip
    assert short == []
