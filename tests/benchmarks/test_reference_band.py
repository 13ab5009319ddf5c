"""Do Normal speakers not heard lie where the bundle says, and how readily does it speak?"""

from collections.abc import Mapping
from math import hypot, inf
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.check import silent_stage, usable_clips
from acoustic_sib.config import load_config
from acoustic_sib.corpus import read_corpus
from acoustic_sib.extract import Work, extract, resolved_recipe, spectrum_shapes
from acoustic_sib.ladder.groups import groupings
from acoustic_sib.metrics import Confusions
from acoustic_sib.report.session_figure import BAND_SD
from acoustic_sib.screen.explain import explain
from acoustic_sib.screen.held_out import share_interval
from acoustic_sib.screen.norms import norms_of, spectrum_norms_of
from acoustic_sib.screen.reference import Norms, SpectrumNorm, closest_group
from acoustic_sib.screen.train import FAMILIES
from tests.benchmarks.tables import figure, write_report_table
from tests.conftest import shared_folder

SPLITS = 10
TRAINED_ON = 77
REFERENCES = ("all", "own sex and age group")
Manifest = pd.DataFrame


def measured(folder: Path) -> tuple[Manifest, pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Manifest, measures, spectra and groups of the corpus."""
    config = load_config(None, features={"families": list(FAMILIES)},
                         corpus={"leave_out": ["Other"]})  # fmt: skip
    found = read_corpus(shared_folder("corpora/speechocean"), config.corpus)
    manifest, quality, _, _ = usable_clips(found, config, jobs=1, stage=silent_stage)
    recipe = resolved_recipe(config.features, config.audio, quality)
    work = Work(jobs=1, cache=folder)
    groups = {one.control: one.of_clip for one in groupings(manifest)
              if one.control in ("sex", "age_group") and one.of_clip is not None}  # fmt: skip
    return (manifest, extract(manifest, recipe, config.audio, work).table,
            spectrum_shapes(manifest, recipe, config.audio, work).table, groups)  # fmt: skip


def inside(levels_db: np.ndarray, norm: SpectrumNorm) -> list[bool]:
    """Of each band that is measurable (not NaN) whether it lies within the reference band."""
    known = np.isfinite(levels_db)
    apart = np.abs(levels_db - norm.centre) <= BAND_SD * np.array(norm.single)
    return apart[known].tolist()


def test_a_band_that_is_not_measurable_is_neither_inside_nor_outside() -> None:
    """Of four bands the second is not measurable and the third lies 2.1 of its SD away."""
    norm = SpectrumNorm(centre=(0.0,) * 4, spread=(3.0,) * 4, within=(4.0,) * 4, n_speakers=9)
    assert inside(np.array([0.0, np.nan, 10.5, -9.9]), norm) == [True, False, True]


def kind_of_sentence(label: str, measures: Mapping[str, float], norms: Norms, own: bool) -> bool:
    """Whether the sentence names a measure, or for Normal says that all lie within range, with
    distances in SD of single clips (`own`) or of speaker means alone."""
    z = {name: (measures[name] - norm.centre) / (hypot(norm.spread, norm.within) if own
                                                 else norm.spread or inf)
         for name, norm in norms.items() if np.isfinite(measures[name])}  # fmt: skip
    return not explain(label, (label,), z).startswith("No single measure")


def told(true: list[bool], speakers: list[str]) -> dict[str, Any]:
    names = sorted(set(speakers))
    unit = Confusions(classes=("a", "b"), counts=np.ones((len(names), 2, 2)), units=tuple(names),
                      unit="speaker", tested_per_trained=39 / TRAINED_ON)  # fmt: skip
    codes = np.searchsorted(names, speakers)
    return share_interval(np.array(true), codes, unit, 39 / TRAINED_ON).as_dict()


@pytest.mark.bench
def test_normal_speakers_not_heard_lie_in_the_band(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    manifest, features, shapes, groups = measured(tmp_path / "cache")
    measures = features.to_dict("index")
    of_clip = [dict(zip(groups, values, strict=True)) for values in zip(*groups.values(),
                                                                        strict=True)]  # fmt: skip
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    names, rng = np.array(sorted(manifest["speaker"].unique())), np.random.default_rng(43)
    for _ in range(SPLITS):
        heard = manifest["speaker"].isin(rng.permutation(names)[:TRAINED_ON]).to_numpy()
        part = manifest[heard].reset_index(drop=True)
        known = {name: own[heard].reset_index(drop=True) for name, own in groups.items()}
        norms, spectra = norms_of(part, features, known), spectrum_norms_of(part, shapes, known)
        for at in np.flatnonzero(~heard):
            clip_id, label, speaker = manifest.loc[at, ["clip_id", "label", "speaker"]]
            own = {name: value for name, value in of_clip[at].items() if isinstance(value, str)}
            for reference, group in zip(REFERENCES, ("", closest_group(norms, own)), strict=True):
                bands = inside(shapes.loc[clip_id].to_numpy(), spectra[group])
                speaks = [kind_of_sentence(label, measures[clip_id], norms[group], own=one)
                          for one in (False, True)]  # fmt: skip
                found.setdefault((label, reference), []).append((speaker, bands, *speaks))
    rows = []
    for (label, reference), clips in sorted(found.items()):
        speakers = [speaker for speaker, *_ in clips]
        each = [(speaker, one) for speaker, bands, *_ in clips for one in bands]
        whole, known = zip(*((who, bands) for who, bands, *_ in clips if bands), strict=True)
        unknown = 1 - len(each) / (len(clips) * shapes.shape[1])
        single = told([one for _, one in each], [speaker for speaker, _ in each])
        rows.append([
            label, reference, len(set(speakers)), int((manifest["label"] == label).sum()),
            figure(single), f"{unknown:.1%}",
            figure(told([all(bands) for bands in known], list(whole))),
            figure(told([old for *_, old, _ in clips], speakers)),
            figure(told([new for *_, new in clips], speakers)),
        ])  # fmt: skip
        print(*rows[-1], flush=True)
        if label == "Normal" and reference == "all":
            assert 0.93 < single["value"] < 0.98
    write_report_table(
        "reference_band", "The reference of Normal speakers, asked of speakers not heard",
        "python -m pytest -m bench -s tests/benchmarks/test_reference_band.py",
        ["class", "compared with Normal speakers", "speakers", "clips", "single bands inside",
         "bands not measurable", "whole spectrum inside",
         "sentence names a measure or the range, SD of speaker means",
         "the same, SD of single clips"],
        rows,
        [f"speechocean, proxy labels; {SPLITS} random choices of {TRAINED_ON} speakers of whom the "
         "norms are made; asked of all others. Of a random clip of a random held-out speaker, with "
         "a 95 % interval by leaving out one speaker at a time.",
         f"Inside: within {BAND_SD:g} SD of one clip of an unknown speaker, over and within "
         "speakers; of a normal distribution 0.954 of single bands would be. A spectrum has 36 "
         "bands: many a Normal sibilant leaves the band somewhere, and the report says so. Bands "
         "that are not measurable in a clip are left out, and their share is told.",
         "Sentence: for Lateral and Interdental whether `explain` names at least one measure in "
         "the direction that the literature holds to speak for the class (the label is given as "
         "the answer); for Normal whether all such measures lie within 2 SD.",
         "Asserted: 0.93 to 0.98 of single bands of Normal inside."],
    )  # fmt: skip
