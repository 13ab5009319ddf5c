"""What is built and shipped: its contents, and the demo from an install away from the checkout."""

import json
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from acoustic_sib.version import __version__
from tests.installed import fresh_python, lend_packages, pip, run, said

CHECKOUT = Path(__file__).resolve().parents[1]
SHIPPED = ("acoustic_sib", "configs", "tests", "reports", "CHANGELOG.md", "LICENSE", "Makefile",
           "README.md", "pyproject.toml")  # fmt: skip
NAME = f"acoustic_sib-{__version__}"


class Built(NamedTuple):
    tree: Path
    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The source distribution of a copy of this tree, and the wheel built from the former."""
    folder = tmp_path_factory.mktemp("built")
    tree = folder / "tree"
    for name in SHIPPED:
        place = CHECKOUT / name
        if place.is_dir():
            shutil.copytree(place, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            tree.mkdir(exist_ok=True)
            shutil.copy(place, tree / name)
    for left_over in (".venv", "acoustic-sib-cache", "demo-report"):
        (tree / left_over).mkdir()
        (tree / left_over / "left.txt").write_text("not to be shipped")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, tree]
    said(command, folder)
    return Built(tree, folder / f"{NAME}.tar.gz", folder / f"{NAME}-py3-none-any.whl")


def files_below(tree: Path, name: str) -> set[str]:
    """The files below `tree/name`, as paths from `tree`."""
    found = (tree / name).rglob("*")
    return {path.relative_to(tree).as_posix() for path in found if path.is_file()}


def test_the_wheel_holds_the_package_and_its_configurations(built: Built) -> None:
    configs = {f"acoustic_sib/{name}" for name in files_below(built.tree, "configs")}
    assert {f"acoustic_sib/configs/{name}.yaml"
            for name in ("default", "fast", "thorough", "children")} == configs  # fmt: skip
    with zipfile.ZipFile(built.wheel) as wheel:
        names = set(wheel.namelist())
        about = {name for name in names if name.startswith(f"{NAME}.dist-info/")}
        metadata = wheel.read(f"{NAME}.dist-info/METADATA").decode()
    assert names - about == files_below(built.tree, "acoustic_sib") | configs
    assert "acoustic_sib/report/templates/check.html.j2" in names
    assert f"{NAME}.dist-info/licenses/LICENSE" in about
    assert "License-Expression: MIT" in metadata
    assert "Requires-Python: >=3.11" in metadata


def test_the_sdist_holds_what_building_and_testing_need(built: Built) -> None:
    with tarfile.open(built.sdist) as sdist:
        files = [member.name for member in sdist.getmembers() if member.isfile()]
    inside = {name.removeprefix(f"{NAME}/") for name in files}
    assert {name.split("/")[0] for name in inside} == {*SHIPPED, "PKG-INFO"}
    for folder in ("acoustic_sib", "configs", "tests", "reports"):
        assert files_below(built.tree, folder) <= inside


def test_the_wheel_runs_the_demo_away_from_the_checkout(built: Built, tmp_path: Path) -> None:
    python = fresh_python(tmp_path / "env")
    pip(python, "install", "--no-deps", "--no-index", "--quiet", built.wheel, cwd=tmp_path)
    lend_packages(python)
    imported = said([python, "-c", "import acoustic_sib; print(acoustic_sib.__file__)"], tmp_path)
    assert Path(imported.strip()).is_relative_to(tmp_path / "env")
    program = python.parent / "acoustic-sib"
    assert said([program, "--version"], tmp_path) == f"acoustic-sib, version {__version__}\n"
    done = run([program, "demo", "--config", "fast", "--families", "bands,temporal"], tmp_path,
               limit_s=900)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("verdict: learnable (SYNTHETIC corpus: no human speech)")
    report = tmp_path / "demo-report"
    assert "ynthetic" in (report / "report.html").read_text(encoding="utf-8")
    result = json.loads((report / "result.json").read_text(encoding="utf-8"))
    assert result["verdict"] == "learnable"
    assert result["baseline"]["model"] == "logistic"  # the only candidate of configs/fast.yaml
    assert result["corpus"]["n_clips"] == 1057


@pytest.mark.real
def test_the_wheel_with_all_it_requires_runs_the_demo(built: Built, tmp_path: Path) -> None:
    """An empty environment and what the package index gives: nothing borrowed, nothing set."""
    python = fresh_python(tmp_path / "env", with_pip=True)
    said([python, "-m", "pip", "install", "--quiet", built.wheel], tmp_path, limit_s=1800)
    said([python, "-m", "pip", "check"], tmp_path)
    packages = json.loads(said([python, "-m", "pip", "list", "--format", "json"], tmp_path))
    names = {package["name"].lower() for package in packages}
    assert not [name for name in names if name.startswith("nvidia")]  # what xgboost-cpu is for
    assert not names & {"pytest", "dask", "build"}
    done = run([python.parent / "acoustic-sib", "demo"], tmp_path, limit_s=900)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("verdict: learnable (SYNTHETIC corpus: no human speech)")
    assert "report: demo-report/report.html" in done.stdout
    assert (tmp_path / "demo-report" / "report.html").stat().st_size > 10_000
