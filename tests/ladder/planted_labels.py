"""The demo corpus with labels that are known to be wrong: the sounds are made once, and the labels
are those of the same corpus with the faults planted."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from acoustic_sib.check import silent_stage, usable_clips
from acoustic_sib.config import load_config
from acoustic_sib.corpus import read_corpus
from acoustic_sib.corpus.synth import COUNTS, SynthFaults, _plan, _speakers, make_demo_corpus
from acoustic_sib.extract import Work, extract, resolved_recipe
from acoustic_sib.folds import plan_folds
from acoustic_sib.ladder.suspects import Suspects, label_suspects

FAULTS = SynthFaults(swapped_speakers=3, mislabelled_share=0.03)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """`right`: the manifest as the sounds are; `wrong`: with the faults; `bad_speakers`: whose
    Normal and Lateral labels are exchanged."""

    seed: int
    right: pd.DataFrame
    wrong: pd.DataFrame
    bad_speakers: set[str]
    features: pd.DataFrame

    def suspects(self, manifest: pd.DataFrame) -> Suspects:
        config = load_config()
        folds = plan_folds(manifest, config.folds, seed=self.seed).table
        return label_suspects(self.features, manifest, folds, seed=self.seed, jobs=2)

    def rates(self, found: Suspects) -> dict[str, float]:
        """Of the clips whose label was changed the share that is suspected, among the bad speakers'
        clips and elsewhere; and of the rightly labelled clips."""
        clips = found.clips.set_index("clip_id").loc[self.right["clip_id"]]
        suspect = clips["suspect"].to_numpy(dtype=bool)
        changed = (self.right["label"] != clips["label"].to_numpy()).to_numpy()
        bad = self.right["speaker"].isin(self.bad_speakers).to_numpy()
        groups = {"bad speakers": changed & bad, "elsewhere": changed & ~bad, "right": ~changed}
        return {name: float(suspect[rows].mean()) if rows.any() else float("nan")
                for name, rows in groups.items()}  # fmt: skip


def planted(folder: Path, seed: int) -> Planted:
    config = load_config(seed=seed, extraction={"cache": None})
    corpus = read_corpus(make_demo_corpus(folder, seed=seed))
    right, quality, _, _ = usable_clips(corpus, config, jobs=2, stage=silent_stage)
    recipe = resolved_recipe(config.features, config.audio, quality)
    features = extract(right, recipe, config.audio, Work(jobs=2, cache=None, progress=None)).table
    about = {name: facts for name, (_, facts) in
             _speakers(np.random.default_rng([seed, 3]), 42).items()}  # fmt: skip
    plans = [_plan(seed, faults, about, COUNTS).set_index("file_name")
             for faults in (FAULTS, SynthFaults(swapped_speakers=3))]  # fmt: skip
    files = right["path"].map(lambda path: f"clips/{Path(path).name}")
    wrong = right.assign(label=plans[0]["label"].loc[files].to_numpy())
    swapped = plans[1].loc[plans[1]["label"] != plans[1]["manner"], "speaker"]
    return Planted(seed=seed, right=right, wrong=wrong, bad_speakers=set(swapped),
                   features=features)  # fmt: skip
