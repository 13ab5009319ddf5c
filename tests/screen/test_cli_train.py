"""`train` and `demo` as a user meets them: a bundle, what it is worth, one line for a mistake."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from acoustic_sib.corpus import synth
from acoustic_sib.corpus.synth import SynthFaults, make_demo_corpus
from acoustic_sib.corpus.textgrid import read_textgrid
from acoustic_sib.screen.bundle import read_bundle
from acoustic_sib.screen.predict import screen_file, whole_file
from acoustic_sib.screen.train import FAMILIES
from tests.report.reading import Reader
from tests.test_cli import QUICK, mistake, said

COUNTS = {"Lateral": 60, "Normal": 40, "Interdental": 40}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    return make_demo_corpus(folder / "clips", n_speakers=12, counts=COUNTS,
                            faults=SynthFaults(broken_files=2))  # fmt: skip


@pytest.fixture
def place(clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips").symlink_to(clips)
    return tmp_path


def test_train_writes_a_bundle_and_says_what_it_is_worth(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, "train", "clips", "-o", "m.sib", "--jobs", "1",
                          "--leave-out", "Whistled")  # fmt: skip
    lines = out.splitlines()
    assert "note: named under labels or leave_out, but borne by no clip: 'Whistled'" in err
    bundle = read_bundle(place / "m.sib")
    uar = bundle.card["uar"]
    assert code == 0
    assert lines[0] == "DEMONSTRATION, no screening: trained on synthetic sound"
    assert lines[1] == (f"UAR {uar['value']:.3f} [{uar['low']:.3f}, {uar['high']:.3f}]  "
                        "(speakers held out; chance 0.333)")  # fmt: skip
    assert sum(line.startswith("sets at ") for line in lines) == 3
    assert "138 clips, 12 speakers: Interdental" in out
    assert lines[-1] == "bundle: m.sib"
    assert "training, and asking of speakers held out ..." in err.splitlines()
    assert err.count("excluded: ") == bundle.card["n_excluded"] == 2
    assert uar["value"] > 0.6
    assert bundle.recipe.families == FAMILIES
    assert {"", "sex=f", "age_group=adult"} <= set(bundle.norms)
    told = [screen_file(path, bundle, find=whole_file).sibilants[0]
            for path in sorted((place / "clips").rglob("*.wav"))[10:40]]  # fmt: skip
    assert all(one.assessable for one in told)
    labels = pd.read_csv(place / "clips" / "metadata.csv").set_index("file_name")["label"]
    right = [one.predicted == labels.iloc[10:40].iloc[i] for i, one in enumerate(told)]
    assert sum(right) >= 20


def test_labels_that_were_renamed_and_a_note_go_with_every_answer(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv(place / "clips" / "metadata.csv")
    phones = {"Normal": "s", "Lateral": "sh", "Interdental": "th"}
    table.assign(path="clips/" + table["file_name"], label=table["label"].map(phones)).drop(
        columns="file_name"
    ).to_csv("phones.csv", index=False)
    renamed = {phone: name for name, phone in phones.items()}
    Path("proxies.yaml").write_text(f"corpus: {{labels: {renamed}}}\n")
    code, out, _ = said(capsys, "train", "phones.csv", "-o", "m", "--jobs", "1", "--config",
                        "proxies.yaml", "--note", " Labels by\none listener.")  # fmt: skip
    says = (
        "The classes of this model stand for other labels of its training: Interdental = th; "
        "Lateral = sh; Normal = s. Note on the model: Labels by one listener."
    )
    assert code == 0
    assert says in out.splitlines()
    assert out.splitlines()[-1] == "bundle: m.sib"
    clip = next((place / "clips").rglob("*.wav"))
    arguments = ("predict", "m.sib", str(clip), "--whole", "--textgrid", "grids")
    _, out, _ = said(capsys, *arguments, "--csv", "a", "--report", "r")
    assert out.splitlines()[0] == says
    assert set(pd.read_csv("a.csv")["model_note"]) == {says}
    assert Reader(Path("r.html").read_text()).text.count(says) == 2
    assert read_textgrid(Path("grids") / f"{clip.stem}.TextGrid")[3].intervals[0].text == says
    _, out, err = said(capsys, *arguments[:4], "--json")
    assert json.loads(out)["model_note"] == says
    assert says in err


def test_without_speakers_nothing_is_certain_and_that_is_said(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv(place / "clips" / "metadata.csv")
    table.assign(path="clips/" + table["file_name"]).drop(columns=["file_name", "speaker"]).to_csv(
        "nameless.csv", index=False
    )
    code, out, err = said(capsys, "train", "nameless.csv", "-o", "m", "--jobs", "1")
    assert code == 0
    assert "training, and asking of clips held out ..." in err.splitlines()
    assert "speakers held out" not in out + err
    assert ("note: speakers that are not known may be one: the sets rule out no class, and every "
            "answer is uncertain; name them in a column 'speaker'") in out.splitlines()  # fmt: skip
    clips = [str(clip) for clip in sorted((place / "clips").rglob("*.wav"))[10:20]]
    _, out, _ = said(capsys, "predict", "m.sib", *clips, "--whole", "--json", "--level", "0.5")
    answers = [json.loads(line) for line in out.splitlines()]
    assert len(answers) == 10
    assert {len(one["set"]) for one in answers} == {3}


def test_families_and_model_are_the_users_choice(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, _ = said(capsys, "train", "clips", "-o", "m.sib", "--jobs", "1", "--families",
                      "multitaper,temporal", "--model", "lda", "--leave-out",
                      "Interdental")  # fmt: skip
    bundle = read_bundle(place / "m.sib")
    assert code == 0
    assert bundle.recipe.families == ("multitaper", "temporal")
    assert bundle.classes == ("Lateral", "Normal")
    assert bundle.card["model"]["name"] == "lda"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("clips", "-o", "m.pkl"), "expected a name ending in .sib"),
        (("clips", "-o", "m.sib", "--note", "a" * 501), "--note: 501 characters"),
        (("clips", "-o", "m.sib", "--note", "\x1b[2J"), "some that are no text"),
        (("clips", "-o", "m.sib", "--families", "momens"), "did you mean 'moments'"),
        (("absent", "-o", "m.sib"), "no such file or folder"),
        (("clips", "-o", "m.sib", "--leave-out", "Lateral", "--leave-out", "Normal"),
         "one class only, 'Interdental' (40)"),
        (("clips", "-o", "m.sib", "--normalize", "speaker"), "cannot be kept in a bundle"),
        (("few.csv", "-o", "m.sib"), "3 speakers; expected at least 5"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_one_line_and_leaves_no_bundle(
    arguments: tuple[str, ...], says: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv(place / "clips" / "metadata.csv")
    table = table[table["speaker"].isin(sorted(set(table["speaker"]))[:3])]
    table.assign(path="clips/" + table["file_name"]).drop(columns="file_name").to_csv(
        place / "few.csv", index=False
    )
    assert says in mistake(capsys, "train", *arguments)
    assert "listening" not in capsys.readouterr().err
    assert not (place / "m.sib").exists()


def test_the_demo_leaves_a_demonstration_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def small(folder: Path, **given: Any) -> Path:
        return make_demo_corpus(folder, **{**given, "counts": COUNTS, "n_speakers": 12})

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(synth, "make_demo_corpus", small)
    quick = QUICK.replace("[overfit, sanity, weighting]", "[sanity]")
    assert quick != QUICK
    (tmp_path / "quick.yaml").write_text(quick)
    _, out, _ = said(capsys, "demo", "--out", "d", "--config", "quick.yaml", "--jobs", "1")
    assert out.splitlines()[-1] == "bundle: d/demo.sib"
    card = read_bundle(tmp_path / "d" / "demo.sib").card
    assert card["demonstration"] is True
    assert "NO SCREENING" in card["text"]
    _, out, _ = said(capsys, "demo", "--out", "e", "--config", "quick.yaml", "--jobs", "1",
                     "--fault", "shuffled-labels")  # fmt: skip
    assert "bundle:" not in out
    assert not (tmp_path / "e" / "demo.sib").exists()
