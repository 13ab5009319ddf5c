"""A real Dask cluster: the same numbers as local workers, and its mistakes in one sentence."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from acoustic_sib import cluster as module
from acoustic_sib.cluster import dask_workers
from acoustic_sib.corpus.synth import SynthFaults, make_demo_corpus
from acoustic_sib.errors import ConfigError
from tests.installed import fresh_python, lend_packages, run

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two worker processes of two threads each, as a laptop's cluster would have."""
    distributed = pytest.importorskip("distributed", reason="needs acoustic-sib[dask]")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=":0"
    ) as started:
        yield started


def acoustic_sib(*arguments: str, cwd: Path) -> tuple[int, str, str]:
    done = run([sys.executable, "-m", "acoustic_sib", *arguments], cwd)
    return done.returncode, done.stdout, done.stderr


def test_a_cluster_changes_nothing(cluster: Any, tmp_path: Path) -> None:
    make_demo_corpus(tmp_path / "clips", n_speakers=6, faults=SynthFaults(broken_files=2),
                     counts={"Lateral": 60, "Normal": 40, "Interdental": 40})  # fmt: skip
    common = ("extract", "clips", "--no-cache")
    local = acoustic_sib(*common, "-o", "local.parquet", "--jobs", "2", cwd=tmp_path)
    address = cluster.scheduler_address
    far = acoustic_sib(*common, "-o", "far.parquet", "--dask", address, cwd=tmp_path)
    assert (local[0], far[0]) == (0, 0), far[2]
    assert far[1].replace("far", "local") == local[1]
    assert "138 clips" in far[1]
    said = [line for line in far[2].splitlines() if not line.startswith("excluded")]
    stages = ("listening to the clips", "measuring the clips")
    assert all(line.startswith(stages) for line in said), far[2]
    assert far[2].count("not readable as audio") == 2
    here, there = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("local", "far"))
    pd.testing.assert_frame_equal(here, there, check_exact=True)
    assert any("_measure_chunk" in name for name in cluster.scheduler.task_prefixes)


def refusal(address: str, corpus: Path) -> str:
    with pytest.raises(ConfigError) as caught, dask_workers(address, corpus):
        pass
    sentence = str(caught.value)
    assert sentence.startswith(f"--dask {address}: ")
    assert "expected" in sentence
    assert "\n" not in sentence
    return sentence


def test_a_wrong_address_is_one_line_within_seconds(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs acoustic-sib[dask]")
    make_demo_corpus(tmp_path / "clips", n_speakers=4, counts={"Lateral": 8, "Normal": 8})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    begun = time.monotonic()
    code, out, err = acoustic_sib(
        "extract", "clips", "-o", "f.parquet", "--dask", address, cwd=tmp_path
    )
    assert (code, out) == (2, "")
    assert err.startswith(f"acoustic-sib: --dask {address}: ")
    assert len(err.splitlines()) == 1
    assert time.monotonic() - begun < 30  # 5 s of it are the patience, the rest a busy machine's
    assert not (tmp_path / "f.parquet").exists()


class _Page(BaseHTTPRequestHandler):
    """What a dashboard's port does with a greeting it does not understand."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def web_server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_other_listeners_are_told_from_a_scheduler(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 1.0)
    with web_server() as address:
        assert "no Dask scheduler" in refusal(address, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert "no Dask scheduler" in refusal(address, tmp_path)
    assert "the address of a Worker" in refusal(cluster.workers[0].worker_address, tmp_path)
    assert "missing port" in refusal("localhost", tmp_path)


def test_workers_must_see_the_corpus_and_run_the_same_code(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = cluster.scheduler_address
    assert f"finds no {tmp_path / 'absent'}" in refusal(address, tmp_path / "absent")
    monkeypatch.setattr(module, "code_version", lambda: "of tomorrow")
    assert "other code" in refusal(address, tmp_path)


def test_a_cluster_without_workers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="needs acoustic-sib[dask]")
    monkeypatch.setattr(module, "WORKERS_S", 1.0)
    with distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as empty:
        assert "no workers after 1 s" in refusal(empty.scheduler_address, tmp_path)


def test_workers_without_the_package_are_told(tmp_path: Path) -> None:
    """A worker whose Python has all our dependencies, but not us (nor our editable install)."""
    distributed = pytest.importorskip("distributed", reason="needs acoustic-sib[dask]")
    python = fresh_python(tmp_path / "bare")
    lend_packages(python)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as started:
        address = started.scheduler_address
        command = [str(python), "-m", "distributed.cli.dask_worker", address, "--no-nanny",
                   "--no-dashboard"]  # fmt: skip
        worker = subprocess.Popen(command, cwd=tmp_path, env=environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        try:
            assert "has no acoustic-sib" in refusal(address, tmp_path)
        finally:
            worker.terminate()
            worker.wait(timeout=30)
