"""Time and memory of the check; each figure a ratio or a limit measured in one run."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GroupKFold, permutation_test_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from acoustic_sib.corpus.synth import make_demo_corpus
from acoustic_sib.significance import permutation_test
from tests.benchmarks.tables import write_report_table

MODULE = [sys.executable, "-m", "acoustic_sib"]
ROWS: list[list[object]] = []


def timed(command: list[str], cwd: Path) -> tuple[float, float]:
    """Seconds, and the largest resident size in MB of any process of the run's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    begun = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)
    spent = time.perf_counter() - begun
    return spent, max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


@pytest.mark.bench
def test_permutations_cost_little() -> None:
    """At most 2 % of scikit-learn's `permutation_test_score`, same classifier family, n, columns.

    scikit-learn is timed over 20 permutations and scaled: it refits for each of them.
    """
    rng = np.random.default_rng(0)
    n, columns = 1057, 250
    features = rng.standard_normal((n, columns))
    labels, groups = rng.choice(3, n, p=[0.22, 0.55, 0.23]), rng.integers(42, size=n)
    folds = groups % 5
    begun = time.perf_counter()
    permutation_test(features, labels, groups.astype(str), folds, n=1000, seed=0)
    ours = time.perf_counter() - begun
    pipe = make_pipeline(StandardScaler(), RidgeClassifier(alpha=80, class_weight="balanced"))
    begun = time.perf_counter()
    permutation_test_score(pipe, features, labels, groups=groups, cv=GroupKFold(5),
                           scoring="balanced_accuracy", n_permutations=20, n_jobs=1)  # fmt: skip
    theirs = (time.perf_counter() - begun) * 1001 / 21
    ROWS.append(["1000 permutations / scikit-learn's", f"{ours / theirs:.2%}", "2 %"])
    print(f"permutations: {ours:.2f} s against {theirs:.0f} s, {ours / theirs:.2%}")
    assert ours / theirs <= 0.02


@pytest.mark.bench
def test_help_is_quick(tmp_path: Path) -> None:
    def best(command: list[str]) -> float:
        return min(timed(command, tmp_path)[0] for _ in range(7))

    script = Path(sys.executable).parent / "acoustic-sib"
    ratio = best([str(script), "--help"]) / best([sys.executable, "-c", "import click"])
    ROWS.append(["`acoustic-sib --help` / `python -c 'import click'`", f"{ratio:.2f}", "4"])
    print(f"help: {ratio:.2f} x import click")
    assert ratio <= 4


@pytest.mark.bench
def test_check_time_and_memory(tmp_path: Path) -> None:
    """1057 synthetic clips, 2 cores, 1000 permutations: with the baseline rung 60 s and 1 GB cold,
    25 s with the cache; with all six rungs 240 s."""
    corpus = make_demo_corpus(tmp_path / "corpus", seed=0)
    command = [*MODULE, "check", str(corpus), "--out", "out", "--jobs", "2"]
    alone = [*command, "--rungs", "baseline"]
    cold, _ = timed(alone, tmp_path)
    warm, _ = timed(alone, tmp_path)
    whole, memory = timed([*command, "--no-cache"], tmp_path)
    timings = json.loads((tmp_path / "out" / "result.json").read_text())["timings_s"]
    shares = ", ".join(f"{name} {seconds:.1f}" for name, seconds in timings.items())
    print(f"check: cold {cold:.1f} s, warm {warm:.1f} s, whole ladder {whole:.1f} s ({shares}), "
          f"largest process {memory:.0f} MB")  # fmt: skip
    ROWS.extend([
        ["check with the baseline rung, 1057 clips, cold cache, s", f"{cold:.1f}", "60"],
        ["the same, warm cache, s", f"{warm:.1f}", "25"],
        ["check with all six rungs, 1057 clips, no cache, s", f"{whole:.1f}", "240"],
        ["largest process, MB (of 2 workers and a parent)", f"{memory:.0f}", "1000"],
    ])  # fmt: skip
    write_report_table(
        "speed", "Speed and memory of the check",
        "python -m pytest -m bench -s tests/benchmarks/test_check_speed.py",
        ["what", "measured", "limit"], ROWS,
        [f"{os.cpu_count()} cores; steps of the whole ladder in s: {shares}.",
         "Feature extraction against librosa and parselmouth: `test_feature_speed.py`."],
    )  # fmt: skip
    assert cold <= 60
    assert warm <= 25
    assert whole <= 240
    assert memory <= 1000
