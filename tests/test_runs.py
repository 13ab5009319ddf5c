"""A saved run comes back as it was, or is refused in one sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from acoustic_sib.errors import RunError
from acoustic_sib.runs import hashes, read_run, versions
from tests.saved import clips, plan, predictions, save


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    manifest = clips()
    run = read_run(save(tmp_path / "a", manifest, name="the first"))
    folds = plan(manifest)
    assert run.predictions is not None
    assert run.folds is not None
    pd.testing.assert_frame_equal(run.folds, folds)
    pd.testing.assert_frame_equal(
        run.predictions, predictions(manifest, folds, skill=0.7, seed=0), check_exact=True
    )
    assert (run.name, run.system, run.settings) == ("the first", "acoustic", {"model": "made up"})
    assert run.hashes == hashes(manifest, folds)
    assert run.versions == versions()


def test_a_run_of_scores_has_no_predictions(tmp_path: Path) -> None:
    folder = save(tmp_path / "a", clips())
    (folder / "predictions.csv").unlink()
    edit(scores={"uar": 0.61})(folder)
    run = read_run(folder)
    assert run.predictions is None
    assert run.scores == {"uar": 0.61}


def edit(**values: Any) -> Callable[[Path], None]:
    """Change keys of run.json; None takes a key away."""

    def change(folder: Path) -> None:
        found = json.loads((folder / "run.json").read_text()) | values
        known = {key: value for key, value in found.items() if value is not None}
        (folder / "run.json").write_text(json.dumps(known))

    return change


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def put(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None  # type: ignore[func-returns-value]


def lines(name: str, change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    def rewrite(folder: Path) -> None:
        path = folder / name
        path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")

    return rewrite


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "no run.json": (without("run.json"), "no run.json in it; expected the folder of a saved run"),
    "not JSON": (put("run.json", b"{\"schema\": "), "not readable as JSON"),
    "binary": (put("run.json", b"\xff\xfe\x00\x01"), "not readable as JSON"),
    "a list": (put("run.json", b"[1]"), "its schema is None; expected 'acoustic-sib/run@1'"),
    "newer": (edit(schema="acoustic-sib/run@2"), "its schema is 'acoustic-sib/run@2'"),
    "check result": (edit(schema="acoustic-sib/check@1"), "or by another program"),
    "no name": (edit(name=None), "'name' is None; expected a text"),
    "hashes": (edit(hashes=["x"]), "'hashes' is ['x']; expected names and values"),
    "no settings": (edit(settings=None), "'settings' is None"),
    "score text": (edit(scores={"uar": "high"}), "'scores' is {'uar': 'high'}"),
    "no predictions": (without("predictions.csv"), "predictions.csv is missing"),
    "binary table": (put("predictions.csv", b"\x00\xff\x80PK\x03\x04"), "predictions.csv: damaged"),
    "empty table": (put("predictions.csv", b""), "predictions.csv: damaged"),
    "no rows": (lines("predictions.csv", lambda rows: rows[:1]), "predictions.csv: no rows"),
    "no column": (lines("predictions.csv", lambda rows: [row.replace("predicted", "said")
                                                         for row in rows]),
                  "no column 'predicted'"),
    "cut short": (lines("predictions.csv", lambda rows: rows[:-40]), "is the file cut short?"),
    "cut in a row": (lines("predictions.csv", lambda rows: [*rows[:-1], rows[-1][:9]]), "damaged"),
    "a clip twice": (lines("predictions.csv", lambda rows: [*rows, rows[-1]]),
                     "a clip is predicted twice"),
    "repeat 0.5": (lines("folds.csv", lambda rows: [*rows[:-1], "0143,0.5,1"]),
                   "folds.csv: damaged"),
    "other folds": (lines("folds.csv", lambda rows: [rows[0], *[f"{row[:-1]}0"
                                                                for row in rows[1:]]]),
                    "not the fold plan that run.json vouches for"),
    "logits": (lines("predictions.csv", lambda rows: [row.replace("0.7", "2.7") for row in rows]),
               "are they logits?"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told_in_one_sentence(tmp_path: Path, name: str) -> None:
    damage, message = DAMAGE[name]
    folder = save(tmp_path / "a", clips())
    damage(folder)
    with pytest.raises(RunError) as caught:
        read_run(folder)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such folder; expected the folder of a saved run"):
        read_run(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="a file; expected the folder of a saved run"):
        read_run(tmp_path / "file")


def test_a_folder_of_runs_is_not_a_run(tmp_path: Path) -> None:
    save(tmp_path / "table" / "runs" / "mfcc-lda", clips())
    with pytest.raises(RunError, match=r"did you mean .*table/runs/mfcc-lda\?"):
        read_run(tmp_path / "table")


def test_a_class_named_na_is_a_class(tmp_path: Path) -> None:
    manifest = clips()
    folder = save(tmp_path / "a", manifest)
    lines("predictions.csv", lambda rows: [row.replace(",I,", ",NA,").replace("prob_I", "prob_NA")
                                           for row in rows])(folder)  # fmt: skip
    run = read_run(folder)
    assert run.predictions is not None
    assert set(run.predictions["predicted"]) == {"NA", "L", "N"}
