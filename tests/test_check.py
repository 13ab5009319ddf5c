"""The check from a folder to its result, on small synthetic corpora."""

import json
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.check import Check, audited_corpus, run_check
from acoustic_sib.check.result import SCHEMA
from acoustic_sib.cli.written import write_check
from acoustic_sib.config import Config, load_config
from acoustic_sib.corpus import Corpus, read_corpus
from acoustic_sib.corpus.synth import SynthFaults, make_demo_corpus
from acoustic_sib.errors import ConfigError, CorpusError
from acoustic_sib.ladder.registry import RUNGS
from acoustic_sib.tables import check_folds, check_predictions, plain
from tests.conftest import shared_folder

COUNTS = {"Lateral": 120, "Normal": 60, "Interdental": 60}


def settings(**sections: dict) -> Config:
    quick = {
        "features": {"families": ["multitaper", "bands", "shape", "temporal"]},
        "models": {"candidates": ["logistic"]},
        "folds": {"repeats": 1},
        "evaluation": {"permutations": 200},
        "extraction": {"cache": None},
        "ladder": {"rungs": ["sanity"]},
    }
    for name, values in sections.items():
        quick[name] = {**quick.get(name, {}), **values}
    return load_config(**quick)


def corpus(folder: Path, seed: int = 0, n_speakers: int = 15, **faults: object) -> Corpus:
    path = make_demo_corpus(folder / "corpus", seed=seed, n_speakers=n_speakers, counts=COUNTS,
                            faults=SynthFaults(**faults))  # fmt: skip
    return read_corpus(path)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return corpus(tmp_path_factory.mktemp("clean"))


WHOLE = {"rungs": list(RUNGS)}


@pytest.fixture(scope="module")
def whole_once(clean: Corpus) -> Check:
    return run_check(clean, settings(ladder=WHOLE), jobs=1)


@pytest.fixture(scope="module")
def quick_once(clean: Corpus) -> Check:
    return run_check(clean, settings(), jobs=1)


@pytest.fixture
def whole(whole_once: Check) -> Check:
    """The clean corpus checked on every rung with one job; a copy, for writing changes it."""
    return deepcopy(whole_once)


@pytest.fixture
def quick(quick_once: Check) -> Check:
    """The clean corpus checked on one rung with one job; a copy."""
    return deepcopy(quick_once)


def test_a_clean_corpus_is_learnable_and_the_contract_is_kept(whole: Check, tmp_path: Path) -> None:
    report = write_check(whole, tmp_path / "out", command="acoustic-sib check corpus --out out")
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (result["schema"], result["verdict"]) == (SCHEMA, "learnable")
    facts = result["corpus"]
    assert facts["classes"] == dict(sorted(COUNTS.items()))
    assert (facts["n_clips"], facts["n_used"], facts["n_excluded"]) == (240, 240, 0)
    assert (facts["n_speakers"], facts["speaker_mode"], facts["synthetic"]) == (
        15,
        "held_out",
        True,
    )
    baseline = result["baseline"]
    assert set(baseline) >= {"families", "model", "normalize", "uar", "macro_f1", "accuracy",
                             "recall", "confusion"}  # fmt: skip
    for interval in (baseline["uar"], baseline["macro_f1"], baseline["accuracy"],
                     *baseline["recall"].values(), result["shortcuts"]["uar"]):  # fmt: skip
        assert set(interval) == {"value", "low", "high", "level", "unit", "n_clips", "n_speakers"}
        assert interval["low"] < interval["value"] < interval["high"]
    adds = result["shortcuts"]["difference"]
    assert adds["value"] == pytest.approx(
        baseline["uar"]["value"] - result["shortcuts"]["uar"]["value"])  # fmt: skip
    assert 0 < adds["low"] < adds["value"] < adds["high"]
    counts = np.array(baseline["confusion"]["counts"])
    assert counts.sum(axis=1) == pytest.approx([60, 120, 60])
    assert baseline["uar"]["value"] == pytest.approx(np.mean(np.diag(counts) / counts.sum(axis=1)))
    chance = result["chance"]
    assert chance["uar"] == pytest.approx(1 / 3)
    assert chance["majority_accuracy"] == 0.5
    assert set(chance["permutation"]) >= {"p_value", "n", "unit", "smallest_p"}
    assert [one["rung"] for one in result["ladder"]] == list(RUNGS)
    assert set(result["timings_s"]) >= {"extract", "evaluate", "permutation", "report", "total"}
    assert {one["model"]: one["uar"]["value"] for one in result["models"]}["majority"] == (
        pytest.approx(1 / 3))  # fmt: skip
    assert f"{baseline['uar']['value']:.3f}".lstrip("0") in report.read_text()
    assert "synthetic" in report.read_text().lower()


def test_what_is_written_can_be_read_and_agrees(
    clean: Corpus, quick: Check, tmp_path: Path
) -> None:
    write_check(quick, tmp_path, command="test")
    predictions = check_predictions(pd.read_csv(tmp_path / "predictions.csv"), sorted(COUNTS))
    check_folds(pd.read_csv(tmp_path / "folds.csv"), clean.manifest)
    truth = clean.manifest.set_index("clip_id")["label"].loc[predictions["clip_id"]]
    right = truth.to_numpy(str) == predictions["predicted"].to_numpy(str)
    uar = pd.Series(right).groupby(truth.to_numpy(str)).mean().mean()
    assert quick.result["baseline"]["uar"]["value"] == pytest.approx(uar)
    features = pd.read_parquet(tmp_path / "features.parquet")
    assert features["clip_id"].tolist() == clean.manifest["clip_id"].tolist()
    resolved = load_config(tmp_path / "config.yaml")
    assert resolved.features.high_hz == 11025
    run = json.loads((tmp_path / "run.json").read_text())
    assert set(run["hashes"]) == {"manifest", "folds"}
    assert run["versions"]["numpy"] == np.__version__
    again = run_check(clean, resolved, jobs=1)
    assert again.result["baseline"] == quick.result["baseline"]


def test_sound_is_in_the_page_only_when_asked_for(
    clean: Corpus, quick: Check, tmp_path: Path
) -> None:
    first = clean.manifest["clip_id"].iloc[0]
    quick.result["suspects"] = [
        {"clip_id": first, "label": "Lateral", "predicted": "Normal", "p_own": 0.1}
    ]
    for name, embed_audio in (("silent", False), ("loud", True)):
        page = write_check(quick, tmp_path / name, command="test", embed_audio=embed_audio)
        html = page.read_text()
        assert html.count("data:image/png") == 1
        assert html.count("data:audio/wav") == int(embed_audio)
    tables = (tmp_path / "silent" / "tables.md").read_text()
    assert f"{quick.result['baseline']['uar']['value']:.3f} [" in tables
    assert r"\begin{tabular}" in (tmp_path / "silent" / "tables.tex").read_text()
    placed = pd.read_csv(tmp_path / "silent" / "clip_map.csv")
    assert placed["clip_id"].tolist() == clean.manifest["clip_id"].tolist()
    bands = quick.result["bands"]
    assert {one["label"] for one in bands} == set(COUNTS)
    assert sum(one["n_clips"] for one in quick.result["baseline"]["speakers"]) == 240


def without_times(result: dict) -> dict:
    return {key: value for key, value in plain(result).items() if key != "timings_s"}


def test_same_seed_same_numbers_for_any_number_of_jobs(clean: Corpus, whole: Check) -> None:
    two = run_check(clean, settings(ladder=WHOLE), jobs=2)
    assert without_times(whole.result) == without_times(two.result)
    pd.testing.assert_frame_equal(whole.predictions, two.predictions, check_exact=True)
    other = run_check(clean, settings().model_copy(update={"seed": 1}), jobs=1)
    assert other.result["baseline"]["uar"] != whole.result["baseline"]["uar"]


@pytest.mark.no_cover
@pytest.mark.parametrize("one_label", [False, True])
def test_shuffled_labels_are_not_shown(tmp_path: Path, one_label: bool) -> None:
    found = run_check(
        corpus(tmp_path, shuffled_labels=True, one_label_per_speaker=one_label), settings(), jobs=1
    ).result
    assert found["verdict"] == "not_shown"
    unit = found["chance"]["permutation"]["unit"]
    assert unit in (("speaker",) if one_label else ("within_speaker", "mixed"))


@pytest.mark.no_cover
@pytest.mark.parametrize("shortcut", ["duration", "level", "bandwidth"])
def test_planted_shortcuts_are_told(tmp_path: Path, shortcut: str) -> None:
    found = run_check(corpus(tmp_path, shortcut=shortcut), settings(), jobs=1).result
    assert found["verdict"] == "shortcut"
    assert found["shortcuts"]["uar"]["value"] > 0.9
    column = {"duration": "duration_s", "level": "level_db", "bandwidth": "bandwidth_hz"}[shortcut]
    assert column in found["shortcuts"]["columns"]


def test_too_few_speakers_are_told(tmp_path: Path) -> None:
    """Six speakers with one label each reach p = 1/15 or so at best, never .01."""
    few = corpus(tmp_path, n_speakers=6, one_label_per_speaker=True)
    found = run_check(few, settings(), jobs=1).result
    assert found["verdict"] == "not_shown"
    assert "too few speakers" in found["reason"]
    assert found["chance"]["permutation"]["smallest_p"] > 0.01


def test_unknown_speakers_are_said_loudly(clean: Corpus) -> None:
    manifest = clean.manifest.drop(columns="speaker")
    found = run_check(replaced(clean, manifest), settings(), jobs=1).result
    assert found["corpus"]["speaker_mode"] == "unknown"
    assert found["corpus"]["n_speakers"] is None
    assert found["baseline"]["uar"]["unit"] == "clip"
    assert found["chance"]["permutation"]["unit"] == "clip"
    assert "for these voices" in found["reason"]


def replaced(one: Corpus, manifest: pd.DataFrame) -> Corpus:
    return Corpus(manifest=manifest, left_out=one.left_out, place=one.place, kind=one.kind,
                  synthetic=one.synthetic, notes=one.notes)  # fmt: skip


def test_two_classes_and_the_corpus_own_folds(clean: Corpus) -> None:
    manifest = clean.manifest[clean.manifest["label"] != "Lateral"].reset_index(drop=True)
    codes = pd.factorize(manifest["speaker"])[0] % 3
    found = run_check(replaced(clean, manifest.assign(fold=codes)), settings(), jobs=1).result
    assert found["chance"]["uar"] == 0.5
    assert (found["corpus"]["fold_plan"], found["corpus"]["speaker_mode"]) == ("corpus", "held_out")
    assert len(found["baseline"]["confusion"]["labels"]) == 2


def test_speaker_standardisation_is_noted_or_refused(clean: Corpus, tmp_path: Path) -> None:
    by_speaker = settings(models={"normalize": "speaker"})
    found = run_check(clean, by_speaker, jobs=1).result
    assert found["baseline"]["normalize"] == "speaker"
    assert any("standardised within each speaker" in note for note in found["notes"])
    with pytest.raises(CorpusError, match="bears one label"):
        run_check(corpus(tmp_path, one_label_per_speaker=True), by_speaker, jobs=1)
    with pytest.raises(ConfigError, match="names no speakers"):
        run_check(replaced(clean, clean.manifest.drop(columns="speaker")), by_speaker, jobs=1)


def test_three_broken_files_are_listed_and_the_check_answers(tmp_path: Path) -> None:
    found = run_check(corpus(tmp_path, broken_files=3), settings(), jobs=1).result
    assert found["verdict"] == "learnable"
    assert found["corpus"]["n_excluded"] == 3
    assert all("not readable as audio" in one["reason"] for one in found["excluded"])
    with pytest.raises(CorpusError, match="100 of 240 clips cannot be read"):
        run_check(corpus(tmp_path, broken_files=100), settings(), jobs=1)


@pytest.mark.no_cover
def test_swapped_labels_lead_the_suspects(tmp_path: Path) -> None:
    """24 of 240 clips under a wrong label: the 24 first in suspects.csv would hold 2.4 by chance,
    and seven or more with p = .005 (hypergeometric). Those listed in the result lead that table."""
    truth = corpus(tmp_path / "a")
    wrong = corpus(tmp_path / "b", mislabelled_share=0.1)
    bad = set(truth.manifest["clip_id"][truth.manifest["label"] != wrong.manifest["label"]])
    check = run_check(wrong, settings(), jobs=1)
    ranked = check.rung_tables["suspects"]["clip_id"].tolist()
    assert len(bad) == 24
    assert len(bad & set(ranked[:24])) >= 7
    listed = check.result["suspects"]
    assert [one["clip_id"] for one in listed] == ranked[: len(listed)]
    assert [one["p_own"] for one in listed] == sorted(one["p_own"] for one in listed)


def test_one_class_left_is_refused(clean: Corpus) -> None:
    manifest = clean.manifest[clean.manifest["label"] == "Normal"].reset_index(drop=True)
    with pytest.raises(CorpusError, match=r"one class \('Normal'\)"):
        run_check(replaced(clean, manifest), settings(), jobs=1)


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"models": {"candidates": ["logistik"]}}, "did you mean 'logistic'"),
        ({"models": {"feature_sets": ["compakt"]}}, "did you mean 'compact'"),
        ({"features": {"families": ["multitapper"]}}, "did you mean 'multitaper'"),
        ({"features": {"families": ["mfcc"]}, "models": {"feature_sets": ["compact"]}},
         "hold none of the measured columns"),
        ({"features": {"settings": {"praat": {"floor": 75}}}}, "unknown setting 'floor'"),
        ({"corpus": {"nuisance": ["speakr"]}}, "no column 'speakr'; did you mean 'speaker'"),
    ],
)  # fmt: skip
def test_unknown_names_are_refused(clean: Corpus, sections: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run_check(clean, settings(**sections), jobs=1)


def test_the_audit_alone(clean: Corpus, tmp_path: Path) -> None:
    found = audited_corpus(clean, settings(), jobs=1)
    assert found["excluded"] == []
    assert {"check", "status", "says", "next", "evidence"} <= set(found["findings"][0])
    copies = audited_corpus(corpus(tmp_path, duplicates_across_speakers=10), settings(), jobs=1)
    statuses = {one["check"]: one["status"] for one in copies["findings"]}
    assert statuses["duplicates_across_speakers"] == "warn"
    leaky = clean.manifest.assign(fold=np.arange(240) % 3)
    statuses = {one["check"]: one["status"] for one in
                audited_corpus(replaced(clean, leaky), settings(), jobs=1)["findings"]}  # fmt: skip
    assert "fail" in statuses.values()


def test_proxy_labels_of_real_speech_are_learnable() -> None:
    """Six measures under the tapers on 116 speakers: the wide sets do better (reports/)."""
    folder = shared_folder("corpora/speechocean")
    config = settings(features={"families": ["multitaper", "temporal"]}, models={
        "feature_sets": ["all"]})  # fmt: skip
    found = run_check(read_corpus(folder, config.corpus), config, jobs=2).result
    assert found["verdict"] == "learnable"
    assert found["corpus"]["classes"] == {"Interdental": 557, "Lateral": 304, "Normal": 580}
    # A random forest on 45 spectral features reaches macro-F1 .77 there (its README).
    assert found["baseline"]["macro_f1"]["value"] > 0.68


def test_a_fixed_split_is_tested_once(clean: Corpus) -> None:
    """A training part (-1) and a test part (0): only the latter is predicted and counted."""
    speakers = pd.factorize(clean.manifest["speaker"])[0]
    split = clean.manifest.assign(fold=np.where(speakers < 9, -1, 0))
    check = run_check(replaced(clean, split), settings(), jobs=1)
    tested = split["clip_id"][split["fold"] == 0]
    assert sorted(check.predictions["clip_id"]) == sorted(tested)
    uar = check.result["baseline"]["uar"]
    assert (uar["n_clips"], uar["n_speakers"]) == (len(tested), 6)
    assert check.result["chance"]["majority_accuracy"] == pytest.approx(
        split["label"][split["fold"] == 0].value_counts(normalize=True).max()
    )
