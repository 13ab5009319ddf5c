"""What holds for every format, over the registry, and what each reads besides predictions."""

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib import metrics
from acoustic_sib.errors import ConfigError, RunError, UserError
from acoustic_sib.ssl.importers import importer_for, importers
from tests.ssl.foreign_corpora import (
    CLASSES,
    IDS,
    SAID,
    SAMPLES,
    UAR,
    imported,
    probabilities,
    written,
)

FORMATS = [importer.format for importer in importers()]
WITHOUT_PREDICTIONS = {"speechbrain", "scores"}


def test_every_format_has_a_sample() -> None:
    assert sorted(FORMATS) == sorted(SAMPLES)
    assert len({importer.rank for importer in importers()}) == len(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_sample_is_known_by_its_look_and_by_name(name: str, tmp_path: Path) -> None:
    source = SAMPLES[name](tmp_path)
    assert importer_for(source).format == name
    assert importer_for(source, format_name=name).format == name


@pytest.mark.parametrize("name", sorted(set(FORMATS) - WITHOUT_PREDICTIONS))
def test_the_predictions_are_those_written(name: str, tmp_path: Path) -> None:
    found = imported(SAMPLES[name](tmp_path))
    assert found.predictions is not None
    atoms = metrics.confusions(found.predictions, found.manifest, CLASSES)
    assert metrics.uar(atoms.total) == pytest.approx(UAR)
    assert not {"label", "true"} & set(found.predictions.columns)
    assert (found.facts["n_tested"], found.facts["n_missing"], found.facts["n_extra"]) == (15, 6, 0)
    if name != "s3prl":
        columns = [f"prob_{one}" for one in CLASSES]
        np.testing.assert_allclose(found.predictions[columns], probabilities(), atol=1e-12)
    if name in ("table", "nkululeko", "trainer_arrays", "s3prl"):
        assert found.facts["labels"] == {"checked": 15, "differ": 0, "such_as": []}


NONSENSE = (b"", b"\0\1\2\3" * 99, b"PK\x03\x04" + b"x" * 99, b"[" * 90_000, b"a,predicted\n1\n",
            b'{"x": [1, 2', b"\xff\xfe\x00")  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("content", NONSENSE)
def test_nonsense_is_a_sentence_in_every_format(name: str, content: bytes, tmp_path: Path) -> None:
    """As the file itself and, in folders, in place of each file there: a UserError or a result."""
    source = SAMPLES[name](tmp_path)
    files = [source] if source.is_file() else sorted(source.iterdir())
    n_refused = 0
    for path in files:
        before = path.read_bytes()
        path.write_bytes(content)
        with suppress(UserError):
            imported(source, format_name=name)
            n_refused -= 1
        n_refused += 1
        path.write_bytes(before)
    assert n_refused >= (1 if source.is_file() or content else 0)


@pytest.mark.parametrize("ending", [".pt", ".pth", ".bin", ".ckpt", ".pkl", ".joblib"])
@pytest.mark.parametrize("name", [None, *FORMATS])
def test_pickles_are_refused_by_name(ending: str, name: str | None, tmp_path: Path) -> None:
    source = written(tmp_path / f"predictions{ending}", "clip_id,predicted\na,Lateral\n")
    with pytest.raises(RunError, match="a pickle, which runs as a program when opened"):
        imported(source, format_name=name)


def test_looking_at_a_file_raises_nothing(tmp_path: Path) -> None:
    for ending in (".json", ".csv", ".txt", ".log", ".jsonl", ".parquet", ".npz", ""):
        for content in (
            b"",
            b"\xe4\xf6\xfc",
            b"\xff\xfe\xd8",
            b"\0" * 9,
            b"[" * 99_999,
            b'"',
            b"PAR1",
        ):
            path = tmp_path / f"x{ending}"
            path.write_bytes(content)
            for importer in importers():
                assert importer.sniff(path) in (True, False)


def test_unknown_formats_and_places(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'pipeline'"):
        importer_for(tmp_path, format_name="pipelin")
    with pytest.raises(RunError, match="no such file or folder"):
        importer_for(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"an empty folder; expected .* s3prl"):
        importer_for(tmp_path)
    (tmp_path / "x.safetensors").touch()
    with pytest.raises(RunError, match="hidden states"):
        importer_for(tmp_path)


def test_trainer_settings_and_log(tmp_path: Path) -> None:
    source = SAMPLES["trainer_folder"](tmp_path)
    found = imported(source)
    assert found.settings["model_type"] == "wav2vec2"
    assert found.history is not None
    assert list(found.history.columns) == ["epoch", "step", "loss", "n_nan"]
    assert found.history["n_nan"].tolist() == [1.0]
    assert {path.name for path in found.kept} == {"config.json", "trainer_state.json"}
    assert "predictions from predictions.npz" in found.facts["notes"]
    written(source / "more.csv", "clip_id,predicted\na,Lateral\n")
    with pytest.raises(RunError, match=r"several files with predictions \(more.csv, predictions"):
        imported(source)
    (source / "more.csv").unlink()
    np.save(source / "features.npy", np.eye(3))
    assert imported(source).predictions is not None
    (source / "predictions.npz").unlink()
    with pytest.raises(RunError, match="neither predictions nor scores"):
        imported(source)


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_a_table_is_the_same_in_every_format(ending: str, tmp_path: Path) -> None:
    table = pd.read_csv(SAMPLES["table"](tmp_path))
    path = tmp_path / f"same.{ending}"
    if ending == "parquet":
        table.to_parquet(path)
    elif ending == "jsonl":
        table.to_json(path, orient="records", lines=True, double_precision=15)
    else:
        table.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    found, expected = imported(path).predictions, imported(tmp_path / "predictions.csv").predictions
    assert found is not None
    assert expected is not None
    pd.testing.assert_frame_equal(found, expected)


def test_an_index_is_an_order_and_no_id(tmp_path: Path) -> None:
    said = pd.DataFrame({"index": range(15), "prediction": SAID})
    said.sample(frac=1, random_state=0).to_csv(tmp_path / "p.txt", sep="\t", index=False)
    ids = written(tmp_path / "ids.txt", "\n".join(IDS))
    found = imported(tmp_path / "p.txt", ids=ids)
    assert found.predictions is not None
    assert dict(zip(found.predictions["clip_id"], found.predictions["predicted"], strict=True)) == (
        dict(zip(IDS, SAID, strict=True)))  # fmt: skip
    said.iloc[1:].to_csv(tmp_path / "p.txt", sep="\t", index=False)
    with pytest.raises(RunError, match="does not count 0, 1, 2"):
        imported(tmp_path / "p.txt", ids=ids)


@pytest.mark.parametrize(("header", "sentence"), [
    ("clip_id,prob_Lateral,logit_Normal\na,1,2", "both probabilities and logits"),
    ("clip_id,prob_Lateral,prob_Normal\na,1,2", "outputs for 2 classes, while the corpus has 3"),
    ("clip_id,prob_Lateral\na,viel", "'prob_Lateral' is 'viel'; expected a finite number"),
    ("clip_id,prob_Lateral\na,inf", "'prob_Lateral' is 'inf'; expected a finite number"),
    ("file,Lateral,predicted,truth\na,1,Lateral,Normal", "no column for class 'Normal'"),
    ("clip_id,label\na,Lateral", "a table with the columns clip_id, label"),
])  # fmt: skip
def test_tables_that_cannot_be_meant(header: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=sentence):
        imported(written(tmp_path / "p.csv", header + "\n"))


def test_settings_are_found_beside_the_predictions_named(tmp_path: Path) -> None:
    source = SAMPLES["trainer_folder"](tmp_path)
    beside = imported(source / "predictions.npz")
    assert beside.settings == imported(source).settings
    assert beside.facts["format"] == "trainer_arrays"


def test_s3prl_folds_settings_and_log(tmp_path: Path) -> None:
    found = imported(SAMPLES["s3prl"](tmp_path))
    assert found.facts["n_folds"] == 2
    assert found.predictions is not None
    assert found.predictions["fold"].value_counts().to_dict() == {0: 8, 1: 7}
    assert found.settings == {"model": "wavlm", "seed": 7, "freeze": "head_only"}
    assert found.history is not None
    assert found.history.to_dict("records") == [
        {"step": 100.0, "eval_accuracy": 0.5, "test_accuracy": 0.25}]  # fmt: skip
    truth = tmp_path / "exp" / "test_fold1_truth.txt"
    truth.write_text("other.wav Lateral\n")
    with pytest.raises(RunError, match=r"is not in test_fold1_truth\.txt"):
        imported(tmp_path / "exp")


def test_speechbrain_log_by_hand(tmp_path: Path) -> None:
    found = imported(SAMPLES["speechbrain"](tmp_path))
    assert found.predictions is None
    assert found.scores == {"accuracy": pytest.approx(0.6), "loss": 1.02}
    assert found.settings == {"seed": 1986, "model": "facebook/wav2vec2-base", "epochs": 30,
                              "freeze": "feature_encoder"}  # fmt: skip
    assert found.history is not None
    last = {"epoch": 2, "learning_rate": 5e-4, "loss": 1.0, "eval_loss": 1.01}
    assert found.history.iloc[1].to_dict() == {**last, "eval_error_rate": 0.5}
    log = tmp_path / "sb" / "train_log.txt"
    log.write_text("\n".join(log.read_text().splitlines()[:2]))
    assert imported(log).scores["accuracy"] == 0.5


def test_scores_alone(tmp_path: Path) -> None:
    found = imported(SAMPLES["scores"](tmp_path))
    assert found.scores == {"uar": 0.61, "n_clips": 211}
    assert found.facts["paired"] is False
    assert "never tested against them" in found.facts["notes"][0]
    percent = written(tmp_path / "percent.json", json.dumps({"uar": 61}))
    with pytest.raises(RunError, match="is it in percent"):
        imported(percent, format_name="scores")


@pytest.mark.parametrize(("content", "sentence"), [
    ('[{"file": "a", "scores": [{"score": 1, "label": "x"}]}, {"file": "b", "scores": '
     '[{"score": 1, "label": "y"}]}]', "top_k=None"),
    ('[{"file": "a", "scores": [{"score": "1", "label": "x"}]}]', "expected a number"),
    ('[{"file": "a", "scores": [{"score": 1, "label": "x"}, {"score": 0, "label": "x"}]}]', "two"),
    ('{"score": 1, "label": "x"}', "of another shape"),
    ('[{"file": "a"}]', r"no list of \{score, label\}"),
])  # fmt: skip
def test_pipeline_json_of_the_wrong_shape(content: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=sentence):
        imported(written(tmp_path / "p.json", content), format_name="pipeline")
