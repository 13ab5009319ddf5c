"""Feature sets x models: cells that can be taken up again, and the nested choice among them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib import benchmark, metrics
from acoustic_sib.benchmark import MODELS, cells_of, models_of, run_benchmark
from acoustic_sib.config import Config, load_config, overlaid
from acoustic_sib.corpus import Corpus, read_corpus
from acoustic_sib.corpus.synth import make_demo_corpus
from acoustic_sib.errors import ConfigError, CorpusError
from acoustic_sib.evaluate import evaluate
from acoustic_sib.features import columns_of_set
from acoustic_sib.runs import read_run
from acoustic_sib.tables import plain

COUNTS = {"Lateral": 60, "Normal": 40, "Interdental": 40}


def settings(cache: Path | None = None, **models: object) -> Config:
    return load_config(
        features={"families": ["bands", "temporal"]},
        models={"candidates": ["logistic", "lda"], **models},
        folds={"repeats": 2, "n_splits": 3},
        extraction={"cache": None if cache is None else str(cache)},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def corpus(folder: Path) -> Corpus:
    return read_corpus(make_demo_corpus(folder / "clips", n_speakers=12, counts=COUNTS))


@pytest.fixture(scope="module")
def found(corpus: Corpus, folder: Path) -> dict:
    return run_benchmark(corpus, settings(folder / "cache"), folder / "out", jobs=1)


def test_every_cell_is_a_run_with_its_figures(found: dict, corpus: Corpus, folder: Path) -> None:
    assert found["schema"] == "acoustic-sib/benchmark@1"
    assert found["corpus"]["classes"] == dict(sorted(COUNTS.items()))
    assert (found["corpus"]["n_used"], found["corpus"]["n_speakers"]) == (140, 12)
    assert [cell["name"] for cell in found["cells"]] == [
        f"{features}-{model}"
        for features in ("bands", "temporal", "compact", "all")
        for model in ("logistic", "lda")
    ]
    classes = tuple(found["corpus"]["classes"])
    for cell in found["cells"]:
        run = read_run(folder / "out" / cell["run"])
        assert run.hashes == found["corpus"]["hashes"]
        assert (run.settings["model"], run.settings["families"]) == (
            cell["model"], cell["families"])  # fmt: skip
        assert run.predictions is not None
        atoms = metrics.confusions(run.predictions, corpus.manifest, classes)
        assert cell["uar"] == metrics.interval(atoms, metrics.uar).as_dict()
        assert cell["uar"]["n_clips"] == 140
        assert cell["timings_s"]["evaluate"] > 0
        assert sum(one["chosen"] for one in cell["params"]) == 6
    json.dumps(plain(found), allow_nan=False)


def test_the_nested_choice_is_one_evaluation_with_all_cells(
    found: dict, corpus: Corpus, folder: Path
) -> None:
    """Composed of the cells' own folds, yet the same as choosing among all of them at once."""
    config = settings()
    run = read_run(folder / "out" / "runs" / "nested")
    assert run.predictions is not None
    assert run.folds is not None
    features = pd.read_parquet(folder / "out" / "features.parquet").set_index("clip_id")
    sets = {name: columns_of_set(name, list(features.columns)) for name in found["feature_sets"]}
    together = config.models.model_copy(update={"feature_sets": tuple(sets)})
    expected = evaluate(features, corpus.manifest, run.folds, column_sets=sets, settings=together,
                        seed=0, jobs=1).predictions  # fmt: skip
    order = ["repeat", "clip_id"]
    pd.testing.assert_frame_equal(
        run.predictions.sort_values(order, ignore_index=True),
        expected.sort_values(order, ignore_index=True),
        check_exact=True,
    )
    assert sum(one["chosen"] for one in found["nested_choice"]) == 6
    assert found["best"]["chosen_after_the_fact"]
    values = [cell["uar"]["value"] for cell in found["cells"]]
    assert found["best"]["uar"]["value"] == max(values)


def test_finished_cells_are_kept(found: dict, corpus: Corpus, folder: Path) -> None:
    cell = folder / "out" / "runs" / "bands-lda" / "predictions.csv"
    before = cell.stat().st_mtime_ns
    again = run_benchmark(corpus, settings(folder / "cache"), folder / "out", jobs=1)
    assert all(cell["kept"] for cell in again["cells"])
    assert cell.stat().st_mtime_ns == before
    differing = {key for key in found if plain(found[key]) != plain(again[key])}
    assert differing == {"cells", "timings_s"}
    assert found["cells"] == [{**cell, "kept": False} for cell in again["cells"]]


def test_other_settings_and_damaged_cells_are_run_again(
    found: dict, corpus: Corpus, folder: Path
) -> None:
    out = folder / "out"
    (out / "runs" / "bands-lda" / "predictions.csv").write_text("clip_id,repeat\n")
    (out / "runs" / "bands-logistic" / "choices.csv").unlink()
    mended = run_benchmark(corpus, settings(folder / "cache"), out, jobs=1)
    anew = [cell["name"] for cell in mended["cells"] if not cell["kept"]]
    assert anew == ["bands-logistic", "bands-lda"]
    assert [cell["uar"] for cell in mended["cells"]] == [cell["uar"] for cell in found["cells"]]
    reseeded = run_benchmark(
        corpus, settings(folder / "cache", inner_splits=2), folder / "out", jobs=1
    )
    assert not any(cell["kept"] for cell in reseeded["cells"])
    assert not [path for path in (out / "runs").iterdir() if path.name.startswith(".")]


def test_an_interrupted_benchmark_keeps_what_was_finished(
    corpus: Corpus, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole, calls = benchmark.evaluate, []

    def third_time_interrupted(*args: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(benchmark, "evaluate", third_time_interrupted)
    config = settings(folder / "cache")
    with pytest.raises(KeyboardInterrupt):
        run_benchmark(corpus, config, tmp_path / "out", jobs=1)
    done = sorted(path.name for path in (tmp_path / "out" / "runs").iterdir())
    assert done == ["bands-lda", "bands-logistic"]
    monkeypatch.setattr(benchmark, "evaluate", whole)
    again = run_benchmark(corpus, config, tmp_path / "out", jobs=1)
    assert [cell["name"] for cell in again["cells"] if cell["kept"]] == ["bands-logistic",
                                                                        "bands-lda"]  # fmt: skip


def test_speakers_can_be_standardised(corpus: Corpus, folder: Path, tmp_path: Path) -> None:
    config = overlaid(settings(folder / "cache", normalize="speaker"),
                      models={"candidates": ["logistic"]},
                      features={"families": ["bands"]})  # fmt: skip
    found = run_benchmark(corpus, config, tmp_path / "out", jobs=1)
    assert found["normalize"] == "speaker"
    assert any("standardised within each speaker" in note for note in found["notes"])
    assert found["left_out"] == [
        {"feature_set": "all", "reason": "the same columns as 'bands'"}
    ]  # one family measured
    raw = pd.read_parquet(tmp_path / "out" / "features.parquet").set_index("clip_id")
    assert np.abs(raw.mean()).max() > 1  # the table keeps what was measured


def test_a_corpus_without_speakers_cannot_be_standardised(
    corpus: Corpus, folder: Path, tmp_path: Path
) -> None:
    nameless = Corpus(**{**vars(corpus), "manifest": corpus.manifest.drop(columns="speaker")})
    with pytest.raises(ConfigError, match="the corpus names no speakers"):
        run_benchmark(nameless, settings(folder / "cache", normalize="speaker"), tmp_path / "out",
                      jobs=1)  # fmt: skip
    normal = corpus.manifest[corpus.manifest["label"] == "Normal"]
    one = Corpus(**{**vars(corpus), "manifest": normal})
    with pytest.raises(CorpusError, match="one class"):
        run_benchmark(one, settings(folder / "cache"), tmp_path / "out", jobs=1)
    assert not (tmp_path / "out").exists()


def test_a_dummy_is_never_the_nested_choice(corpus: Corpus, folder: Path, tmp_path: Path) -> None:
    """It has no settings and so no inner figure; a table of dummies alone takes the first."""
    for models, chosen in ((["majority", "logistic"], "logistic"), (["majority"], "majority")):
        config = overlaid(settings(folder / "cache"), models={"candidates": models},
                          features={"families": ["bands"]}, folds={"repeats": 1})  # fmt: skip
        for kept in (False, True):
            found = run_benchmark(corpus, config, tmp_path / "out", jobs=1)
            assert found["nested_choice"] == [{"cell": f"bands-{chosen}", "chosen": 3}]
            assert found["cells"][-1]["kept"] == kept or len(models) == 1
    assert found["nested"]["uar"]["value"] == pytest.approx(1 / 3)


def test_models_are_the_configurations_or_the_default_three() -> None:
    assert models_of(load_config()) == MODELS == ("logistic", "svm_rbf", "random_forest")
    assert models_of(load_config("fast")) == ("logistic",)
    assert models_of(load_config(models={"candidates": ["lda", "knn", "lda"]})) == ("lda", "knn")
    with pytest.raises(ConfigError, match="did you mean 'logistic'"):
        models_of(load_config(models={"candidates": ["logistik"]}))
    with pytest.raises(ConfigError, match="at least one name"):
        models_of(load_config(models={"candidates": []}))


def test_sets_without_columns_are_left_out() -> None:
    config = load_config(features={"families": ["mfcc"]})
    cells, left_out = cells_of(["mfcc.c1.frames_mean", "mfcc.c2.frames_mean"], config, ["lda"])
    assert [cell.name for cell in cells] == ["mfcc-lda"]
    assert [one["feature_set"] for one in left_out] == ["compact", "all"]
    assert left_out[0]["reason"] == "none of its columns was measured"
