"""`ssl import` and `ssl snippet` as a user meets them: from a file to a comparison."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.cli.ssl import COMMANDS
from acoustic_sib.corpus.synth import make_demo_corpus
from acoustic_sib.runs import read_run
from acoustic_sib.ssl.snippet import SNIPPET
from tests.ssl.foreign_corpora import (
    CLASSES,
    IDS,
    LOGITS,
    SAMPLES,
    TRUTH,
    UAR,
    corpus_of,
    fixture_corpus,
    imported,
    manifest_of,
    written,
)
from tests.test_cli import mistake, said

IMPORT = ("ssl", "import")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the fixtures' corpus (labels are read, sounds are not) and each sample."""
    monkeypatch.chdir(tmp_path)
    manifest = fixture_corpus().manifest
    manifest.to_csv("clips.csv", index=False)
    (tmp_path / "wav").mkdir()
    Path(manifest["path"][0]).touch()
    for write in SAMPLES.values():
        write(tmp_path)
    return tmp_path


def test_imported_runs_compare(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, *IMPORT, "predictions.csv", "--corpus", "clips.csv", "-o", "runs/a",
                        "--set", "freeze=head_only", "--set", "seed=3", "--set",
                        "attention_mask=false")  # fmt: skip
    assert code == 0
    assert "15 predictions (15 by id), 6 clips of the corpus without one, 0 rows of other" in out
    assert f"UAR {UAR:.3f} [" in out
    assert "not told by its files: model, layer, pooling, padding, learning_rate, epochs" in out
    run = read_run(place / "runs" / "a")
    assert (run.name, run.system) == ("predictions", "ssl")
    assert run.settings == {"freeze": "head_only", "seed": 3, "attention_mask": False}
    shutil.copytree("runs/a", "runs/b")
    code, out, _ = said(
        capsys, "compare", "runs/a", "runs/b", "--corpus", "clips.csv", "--out", "c"
    )
    assert code == 0
    (pair,) = json.loads((place / "c" / "compare.json").read_text())["pairs"]
    assert (pair["delta_uar"]["value"], pair["p_value"], pair["paired"]) == (0, 1, True)


def test_formats_of_one_system_do_not_differ(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same answers as a table, arrays, pipeline JSON and nkululeko; scores stand unpaired."""
    runs = []
    for source in ("predictions.csv", "out.npz", "said.json", "result.csv", "run", "paper.json"):
        runs.append(f"runs/{source}")
        code, _, _ = said(capsys, *IMPORT, source, "--corpus", "clips.csv", "-o", runs[-1])
        assert code == 0
    code, _, _ = said(capsys, "compare", *runs, "--corpus", "clips.csv", "--out", "c")
    assert code == 0
    found = json.loads((place / "c" / "compare.json").read_text())
    assert [one["paired"] for one in found["systems"]] == [True] * 5 + [False]
    assert found["systems"][5]["uar"] == {
        "value": 0.61, "low": None, "high": None, "level": 0.95, "unit": "clip", "n_clips": 211,
        "n_speakers": None}  # fmt: skip
    for pair in found["pairs"]:
        assert pair["p_value"] == (1 if pair["paired"] else None)


def test_an_imported_split_against_a_check(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The acoustic side runs on the plan of the import, and both are compared."""
    make_demo_corpus(place / "clips", n_speakers=8, counts=dict.fromkeys(CLASSES, 24))
    metadata = pd.read_csv("clips/metadata.csv")
    tested = metadata[metadata["speaker"].isin(sorted(metadata["speaker"].unique())[:4])]
    tested[["file_name"]].assign(predicted=tested["label"]).to_csv("p.csv", index=False)
    assert said(capsys, *IMPORT, "p.csv", "--corpus", "clips", "-o", "runs/ssl")[0] == 0
    folds = pd.read_csv("runs/ssl/folds.csv").set_index("clip_id")["fold"]
    ids = metadata.get("clip_id", metadata["file_name"])
    metadata.assign(fold=ids.map(folds)).to_csv("clips/metadata.csv", index=False)
    written(place / "quick.yaml", "features: {families: [temporal]}\n"
            "models: {candidates: [logistic]}\nladder: {rungs: [sanity]}\n"
            "evaluation: {permutations: 100}\n")  # fmt: skip
    code, _, _ = said(capsys, "check", "clips", "--out", "mine", "--config", "quick.yaml")
    assert code in (0, 1)
    code, _, _ = said(capsys, "compare", "runs/ssl", "mine", "--corpus", "clips", "--out", "c")
    assert code == 0
    (pair,) = json.loads((place / "c" / "compare.json").read_text())["pairs"]
    assert pair["paired"]
    assert pair["delta_uar"]["value"] > 0


def test_what_a_run_holds(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = place / "runs" / "a"
    for _ in range(2):  # an earlier import is replaced
        code, _, _ = said(capsys, *IMPORT, "run", "--corpus", "clips.csv", "-o", "runs/a", "--name",
                          "wavlm")  # fmt: skip
        assert code == 0
    assert {path.name for path in out.iterdir()} == {
        "run.json", "predictions.csv", "folds.csv", "config.yaml", "import.json", "history.csv",
        "source"}  # fmt: skip
    assert (out / "source" / "config.json").read_bytes() == Path("run/config.json").read_bytes()
    facts = json.loads((out / "import.json").read_text())
    assert facts["schema"] == "acoustic-sib/ssl-import@1"
    assert (facts["format"], facts["n_missing"], len(facts["missing"])) == ("trainer_folder", 6, 6)
    assert pd.read_csv(out / "history.csv")["loss"].tolist() == [1.1]
    assert read_run(out).name == "wavlm"
    # Scores alone leave no table of an earlier import behind.
    code, said_now, _ = said(capsys, *IMPORT, "paper.json", "--corpus", "clips.csv", "-o", "runs/a")
    assert code == 0
    assert "scores: uar 0.61" in said_now
    run = read_run(out)
    assert (run.predictions, run.folds, run.scores) == (None, None, {"uar": 0.61, "n_clips": 211})
    assert not (out / "history.csv").exists()
    assert not (out / "source" / "config.json").exists()


def test_a_class_that_is_never_tested(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(place / "p.csv", "clip_id,predicted\nlat_spk03_003,Lateral\nnor_spk03_003,Normal\n")
    code, out, _ = said(capsys, *IMPORT, "p.csv", "--corpus", "clips.csv", "-o", "r")
    assert code == 0
    assert "figures: none (predictions: no tested clip of class 'Interdental'" in out


MISTAKES = {
    "no corpus": (("predictions.csv", "--corpus", "n.csv", "-o", "o"), "n.csv: no such file"),
    "no source": (("nothing.csv", "--corpus", "clips.csv", "-o", "o"), "nothing.csv: no such file"),
    "format": (("predictions.csv", "--corpus", "clips.csv", "-o", "o", "--format", "tabel"),
               "did you mean 'table'"),
    "no ids": (("bare.npz", "--corpus", "clips.csv", "-o", "o"), "expected --ids FILE"),
    "ids and order": (("bare.npz", "--corpus", "clips.csv", "-o", "o", "--by-order", "--ids", "i"),
                      "expected one of them"),
    "classes": (("bare.npz", "--corpus", "clips.csv", "-o", "o", "--ids", "ids.txt"),
                "expected --classes with the names in their order"),
    "other classes": (("bare.npz", "--corpus", "clips.csv", "-o", "o", "--ids", "ids.txt",
                       "--classes", "Lateral,Normal,Dental"), "expected each label of the corpus"),
    "set": (("predictions.csv", "--corpus", "clips.csv", "-o", "o", "--set", "frozen=x"),
            "did you mean 'freeze'"),
    "set nothing": (("predictions.csv", "--corpus", "clips.csv", "-o", "o", "--set", "freeze"),
                    "expected freeze=VALUE"),
    "settings": (("predictions.csv", "--corpus", "clips.csv", "-o", "o", "--settings", "n"),
                 "n: no such folder"),
    "folds": (("predictions.csv", "--corpus", "clips.csv", "-o", "o", "--folds", "n"),
              "no such fold plan"),
    "not a run": (("predictions.csv", "--corpus", "clips.csv", "-o", "wav"), "something else than"),
    "out is a file": (("predictions.csv", "--corpus", "clips.csv", "-o", "ids.txt"), "a file"),
    "pickle": (("training_args.bin", "--corpus", "clips.csv", "-o", "o"), "is never opened here"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_get_one_sentence_and_write_nothing(
    place: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    np.savez("bare.npz", predictions=LOGITS)
    written(place / "ids.txt", "\n".join(IDS))
    (place / "training_args.bin").write_bytes(b"PK\x03\x04")
    arguments, sentence = MISTAKES[name]
    assert sentence in mistake(capsys, *IMPORT, *arguments)
    assert not (place / "o").exists()
    assert len(list((place / "wav").iterdir())) == 1


def test_by_order_and_classes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("bare.npz", predictions=LOGITS)
    manifest_of(IDS).to_csv("tested.csv", index=False)
    code, out, _ = said(capsys, *IMPORT, "bare.npz", "--corpus", "tested.csv", "-o", "r",
                        "--by-order", "--classes", ",".join(CLASSES))  # fmt: skip
    assert code == 0
    assert "(15 by order)" in out
    assert f"UAR {UAR:.3f}" in out


def test_the_snippet_writes_what_import_reads(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run against a stand-in for a Trainer, in a process of its own, as a user would."""
    code, out, _ = said(capsys, "ssl", "snippet")
    assert (code, out) == (0, SNIPPET)
    assert len(SNIPPET.splitlines()) <= 11
    np.savez("bare.npz", predictions=LOGITS, label_ids=[CLASSES.index(name) for name in TRUTH])
    stand_in = (
        "import numpy as np\nfrom types import SimpleNamespace as N\nkept = np.load('bare.npz')\n"
        f"test_set, test_ids = None, {list(IDS)}\n"
        f"names = dict(enumerate({list(CLASSES)}))\n"
        "trainer = N(model=N(config=N(id2label=names)), predict=lambda _: N("
        "predictions=kept['predictions'], label_ids=kept['label_ids']))\n"
    )
    written(place / "train.py", stand_in + SNIPPET)
    subprocess.run([sys.executable, "train.py"], check=True, cwd=place, timeout=120)
    found = imported(place / "predictions.csv")
    again = imported(SAMPLES["trainer_arrays"](place))
    assert found.predictions is not None
    assert again.predictions is not None
    columns = [f"prob_{name}" for name in CLASSES]
    np.testing.assert_allclose(found.predictions[columns], again.predictions[columns])
    assert found.facts["labels"]["checked"] == 15


def test_help_of_the_group(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "ssl", "--help")
    assert code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in out
    _, out, _ = said(capsys, *IMPORT, "--help")
    assert "Example:  acoustic-sib ssl import" in out
    assert "did you mean 'import'" in mistake(capsys, "ssl", "imprt")


@pytest.mark.bench
def test_the_size_of_the_question_takes_less_than_a_second(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    counts = {"Interdental": 234, "Lateral": 580, "Normal": 243}
    labels = np.repeat(list(counts), list(counts.values()))
    ids = [f"clip{number:04d}" for number in range(len(labels))]
    paths = [f"a/b/{one}.wav" for one in ids]
    speakers = rng.integers(0, 60, 1057).astype(str)
    manifest = pd.DataFrame({"clip_id": ids, "path": paths, "label": labels, "speaker": speakers})
    table = pd.DataFrame(rng.standard_normal((1057, 3)), columns=[f"logit_{one}" for one in counts])
    table.insert(0, "path", [f"/data/{one}.wav" for one in ids])
    table.assign(true=labels, fold=rng.integers(0, 5, 1057)).to_csv(tmp_path / "p.csv", index=False)
    imported(SAMPLES["table"](tmp_path))  # imports of modules are not what is measured
    begun = time.perf_counter()
    found = imported(tmp_path / "p.csv", corpus_of(manifest))
    assert time.perf_counter() - begun < 1.0
    assert found.facts["matched_by"] == {"stem": 1057}
