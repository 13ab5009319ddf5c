"""What tests of bundles share."""

import shutil
from pathlib import Path

import pytest

from acoustic_sib.cli import run
from acoustic_sib.corpus.synth import make_demo_corpus
from acoustic_sib.screen.bundle import write_bundle
from acoustic_sib.screen.judge import SETTINGS
from tests.screen.bundles import bundle

COUNTS = {"Lateral": 30, "Normal": 30, "Interdental": 30}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_bundle(bundle(), tmp_path / "a.sib")
    return tmp_path / "a.sib"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of `<kind>.sib`, each trained on the synthetic `clips` beside them."""
    folder = tmp_path_factory.mktemp("bad_input")
    make_demo_corpus(folder / "clips", n_speakers=9, counts=COUNTS)
    for kind in SETTINGS:
        assert run(["train", str(folder / "clips"), "-o", str(folder / f"{kind}.sib"),
                    "--model", kind, "--jobs", "1", "--cache", str(folder / "cache")]
                   ) == 0  # fmt: skip
    return folder


@pytest.fixture
def place(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder but for `m.sib` and `good.wav`, one synthetic sibilant."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.sib").symlink_to(demo / "logistic.sib")
    shutil.copy(sorted((demo / "clips").rglob("*.wav"))[0], tmp_path / "good.wav")
    return tmp_path
