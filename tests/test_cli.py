"""The command line as a user meets it: results on stdout, progress on stderr, exit codes."""

import dataclasses
import errno
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from click.testing import CliRunner

from acoustic_sib.cli import COMMANDS, group, run
from acoustic_sib.cli.check import summary
from acoustic_sib.cli.options import named
from acoustic_sib.config import json_schema
from acoustic_sib.corpus.synth import SynthFaults, make_demo_corpus
from acoustic_sib.ladder import registry
from acoustic_sib.version import __version__

COUNTS = {"Lateral": 60, "Normal": 40, "Interdental": 40}
QUICK = """
features: {families: [multitaper, temporal]}
models: {candidates: [logistic]}
folds: {repeats: 1}
evaluation: {permutations: 150}
ladder: {rungs: [overfit, sanity, weighting]}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quick.yaml").write_text(QUICK)
    return tmp_path


def demo(folder: Path, **faults: object) -> Path:
    return make_demo_corpus(folder / "clips", n_speakers=12, counts=COUNTS,
                            faults=SynthFaults(**faults))  # fmt: skip


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def mistake(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line of a mistake: exit code 2, nothing on stdout, no traceback."""
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "")
    line = err.strip().splitlines()[-1]
    assert line.startswith("acoustic-sib: ")
    assert "Traceback" not in err
    return line


def test_check_answers_on_stdout_and_exits_with_the_verdict(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo(place)
    code, out, err = said(capsys, "check", "clips", "--out", "out/deep", "--config", "quick.yaml")
    assert code == 0
    assert out.startswith("verdict: learnable (SYNTHETIC corpus")
    assert "report: out/deep/report.html" in out
    assert "; the sound adds 0." in out
    assert "measuring the clips" in err
    assert {path.name for path in (place / "out" / "deep").iterdir()} >= {
        "report.html", "result.json", "predictions.csv", "folds.csv", "features.parquet",
        "config.yaml", "run.json", "overfit_subsets.csv", "clip_map.csv", "tables.md",
        "tables.tex"}  # fmt: skip
    assert not (place / "out" / "deep" / "ladder.json").exists()
    subsets = pd.read_csv(place / "out" / "deep" / "overfit_subsets.csv")
    assert list(subsets) == ["draw", "size", "clip_id", "label"]
    assert len(subsets) == 5 * 3 * (4 + 8 + 16)
    demo(place, shuffled_labels=True)
    code, out, _ = said(capsys, "check", "clips", "--out", "out2", "--config", "quick.yaml")
    assert code == 1
    assert out.startswith("verdict: not_shown")


def test_options_win_over_the_configuration(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo(place)
    code, out, _ = said(
        capsys, "check", "clips", "--out", "out", "--config", "quick.yaml", "--families",
        "bands, temporal", "--seed", "5", "--jobs", "1", "--normalize", "speaker", "--leave-out",
        "Lateral", "--permutations", "120", "--cache", "kept",
    )  # fmt: skip
    result = json.loads((place / "out" / "result.json").read_text())
    assert code in (0, 1)
    assert result["baseline"]["families"] == ["bands", "temporal"]
    assert result["baseline"]["normalize"] == "speaker"
    assert result["chance"]["permutation"]["n"] == 120
    assert result["corpus"]["left_out"] == {"Lateral": 60}
    assert "left out by label: Lateral 60" in out
    assert "seed: 5" in (place / "out" / "config.yaml").read_text()
    assert sorted(path.name.split("-")[0] for path in (place / "kept").iterdir()) == [
        "bands", "quality", "spectrum", "temporal"]  # fmt: skip


def test_chosen_rungs_are_climbed_and_finished_ones_survive_a_bug(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo(place)
    arguments = ("check", "clips", "--out", "out", "--config", "quick.yaml", "--rungs",
                 "sanity, weighting")  # fmt: skip
    said(capsys, *arguments)
    status = {one["rung"]: one["status"] for one in json.loads(Path("out/result.json").read_text())[
        "ladder"]}  # fmt: skip
    assert {name for name in status if status[name] != "skipped"} == {"sanity", "weighting"}
    assert not Path("out/overfit_subsets.csv").exists()
    assert not Path("out/ladder.json").exists()
    built = registry.rungs()

    def broken(_: registry.Climb) -> registry.Found:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(registry, "rungs", lambda: {
        **built, "weighting": dataclasses.replace(built["weighting"], climb=broken)})  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        run(arguments)
    kept = json.loads(Path("out/ladder.json").read_text())
    assert [one["rung"] for one in kept] == list(registry.RUNGS[:5])
    assert kept[1]["status"] == status["sanity"]


def test_extract_writes_features_and_goes_on(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo(place, broken_files=2)
    arguments = ("extract", "clips", "-o", "f.parquet", "--config", "quick.yaml", "--jobs", "1")
    code, out, err = said(capsys, *arguments)
    assert code == 0
    assert "138 clips" in out
    assert "0 from the cache, 2 excluded" in out
    assert err.count("not readable as audio") == 2
    _, out, _ = said(capsys, *arguments)
    assert "138 from the cache" in out
    table = pd.read_parquet("f.parquet")
    assert len(table) == 138
    assert table["multitaper.cog_hz.multitaper"].between(500, 11025).all()


def test_audit_prints_and_writes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo(place, duplicates_across_speakers=8)
    code, out, _ = said(capsys, "audit", "clips", "--out", "audit", "--no-cache")
    assert code == 0
    assert "duplicates_across_speakers" in out
    findings = json.loads((place / "audit" / "audit.json").read_text())["findings"]
    assert any(one["status"] == "warn" for one in findings)
    code, out, _ = said(capsys, "audit", "clips", "--json", "--no-cache")
    assert json.loads(out)["findings"]
    assert not (place / "acoustic-sib-cache").exists()


def test_demo_says_that_it_is_synthetic(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "demo", "--out", "d", "--config", "quick.yaml", "--fault",
                        "duration-shortcut")  # fmt: skip
    assert code == 1
    assert out.startswith("verdict: shortcut (SYNTHETIC corpus: no human speech)")
    assert "ynthetic" in (place / "d" / "report.html").read_text()
    assert (place / "d" / "corpus" / "SYNTHETIC.txt").is_file()


def test_config_is_shown_and_its_schema(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    _, out, _ = said(capsys, "config", "show", "children")
    assert "pitch_floor_hz" in out
    _, out, _ = said(capsys, "config", "show", "quick.yaml")
    assert "permutations: 150" in out
    _, out, _ = said(capsys, "config", "schema")
    assert json.loads(out) == json_schema()


def test_help_names_every_command_and_gives_examples() -> None:
    runner = CliRunner()
    top = runner.invoke(group, ["--help"]).output
    for name, says in COMMANDS.items():
        assert name in top
        assert " ".join(says.split()) in " ".join(top.split())
        own = runner.invoke(group, [name, "--help"]).output
        assert f"Example:  acoustic-sib {name}" in " ".join(own.split(" ")), own
    assert "Exit codes" in top


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--version")[:2] == (0, f"acoustic-sib, version {__version__}\n")


def write_clips(folder: Path, rows: list[tuple[str, str, str]], **sound: object) -> None:
    """A manifest of (file, label, speaker) with a short noise for every file not there yet."""
    rng = np.random.default_rng(0)
    for name, _, _ in rows:
        if not (folder / name).exists():
            soundfile.write(folder / name, 0.1 * rng.standard_normal(4000), 44100)
    lines = ["path,label,speaker", *(",".join(row) for row in rows)]
    (folder / "m.csv").write_text("\n".join(lines) + "\n")


def rows_of(labels: str = "ab", n: int = 40, speakers: int = 8) -> list[tuple[str, str, str]]:
    return [(f"c{k}.wav", labels[k % len(labels)], f"s{k // 2 % speakers}") for k in range(n)]


BAD = {
    "no corpus": (None, "m.csv: no such file or folder"),
    "empty": ([], "m.csv: no rows"),
    "one class": (rows_of("a"), "one class"),
    "few clips": (rows_of("a") + [(f"x{k}.wav", "b", f"s{k}") for k in range(3)],
                  "class 'b' has 3 clips for 5 folds"),
    "one speaker": (rows_of(speakers=1), "one speaker only"),
    "labels by case": ([*rows_of(), ("y.wav", "A", "s1")], "'A'"),
    "empty label": ([*rows_of(), ("y.wav", "", "s1")], "label"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_corpora_get_one_sentence(
    place: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    rows, message = BAD[name]
    if rows is not None:
        write_clips(place, rows)
    line = mistake(capsys, "check", "m.csv", "--out", "out", "--config", "quick.yaml")
    assert message in line
    assert not (place / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("chekc",), "no command 'chekc'; did you mean 'check'?"),
        (("check", "clips"), "Missing option '--out'"),
        (("check", "clips", "--out", "o", "--sede", "1"), "No such option"),
        (("check", "clips", "--out", "o", "--config", "fasst"), "did you mean 'fast'"),
        (("check", "clips", "--out", "o", "--families", "mfc"), "did you mean 'mfcc'"),
        (("check", "clips", "--out", "o", "--rungs", "weigthing"), "did you mean 'weighting'"),
        (("check", "clips", "--out", "quick.yaml/x"), "is a file; expected a folder"),
        (("check", "clips", "--out", "o", "--cache", "quick.yaml"), "is a file; expected a folder"),
        (("extract", "clips", "-o", "clips"), "clips: a folder; expected the name of a file"),
        (("extract", "clips", "-o", "f.csv"), "ends in '.csv'; expected a name ending in .parquet"),
        (("audit", "nowhere"), "nowhere: no such file or folder"),
        (("extract", "clips", "-o", "f.parquet", "--dask", "tcp://127.0.0.1:9"), "--dask"),
    ],
)
def test_mistakes_get_one_sentence(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    demo(place)
    assert message in mistake(capsys, *arguments)


@pytest.mark.parametrize("arguments", [(), ("ssl",), ("config",)])
def test_without_a_command_the_help_is_shown_in_its_lines(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    run(arguments)
    shown = "".join(capsys.readouterr()).splitlines()
    assert shown[0].startswith("Usage: acoustic-sib")
    assert "Commands:" in shown
    assert max(map(len, shown)) <= 80


@pytest.mark.parametrize("option", ["--out", "--cache"])
def test_a_folder_that_may_not_be_written_to(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    demo(place)
    # Root may write everywhere, so the answer is planted where permissions are asked for.
    monkeypatch.setattr("os.access", lambda path, mode: Path(path).name != "shut")
    (place / "shut").mkdir()
    arguments = {"--out": "out", "--cache": "kept"} | {option: "shut/x"}
    line = mistake(capsys, "check", "clips", *(text for pair in arguments.items() for text in pair))
    assert "shut may not be written to; expected a folder of your own" in line


def test_a_reader_that_goes_is_no_verdict() -> None:
    command = [sys.executable, "-m", "acoustic_sib", "config", "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 141


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (BrokenPipeError(), 141),
        (OSError(errno.ENOSPC, "full"), 2),
        (KeyboardInterrupt(), 130),
        (ImportError("KeyboardInterrupt: "), 130),
    ],
)
def test_ends_that_are_no_verdict(
    monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int
) -> None:
    def ended() -> None:
        raise raised

    monkeypatch.setattr("acoustic_sib.cli.config.command.callback", ended)
    monkeypatch.setattr("os.dup2", lambda *_: None)
    assert run(["config", "show"]) == code


def test_excluded_clips_are_named_once() -> None:
    assert named(clip_id="a.wav", reason="x/a.wav: no such file") == "x/a.wav: no such file"
    assert named(clip_id="a.wav", reason="lasts 10 ms") == "a.wav: lasts 10 ms"


def test_spans_in_milliseconds_are_suspected(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clips(place, rows_of())
    table = pd.read_csv("m.csv")
    table.assign(start=10, end=80).to_csv("m.csv", index=False)
    line = mistake(capsys, "check", "m.csv", "--out", "out", "--config", "quick.yaml")
    assert "millisecond" in line


def test_nan_and_silent_clips_are_excluded_with_reasons(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo(place)
    table = pd.read_csv("clips/metadata.csv")
    for name, samples in zip(
        table["file_name"],
        (np.full(4000, np.nan), np.zeros(4000), np.ones(500) * 0.1),
        strict=False,
    ):
        soundfile.write(place / "clips" / name, samples, 44100, subtype="FLOAT")
    code, out, _ = said(capsys, "check", "clips", "--out", "out", "--config", "quick.yaml")
    reasons = " ".join(
        one["reason"] for one in json.loads(Path("out/result.json").read_text())["excluded"]
    )
    assert code == 0
    assert "3 clips excluded" in out
    for word in ("NaN", "silent", "11.3 ms"):
        assert word in reasons


def test_an_unmeasurable_interval_the_tested_clips_and_failed_checks_are_told() -> None:
    interval = {"value": 0.5, "low": float("nan"), "high": float("nan"), "n_clips": 1}
    result = {
        "verdict": "not_shown", "reason": "because", "notes": [], "excluded": [],
        "corpus": {"n_speakers": None, "speaker_mode": "unknown", "classes": {"a": 3}, "n_used": 3,
                   "n_clips": 3, "left_out": {}, "n_excluded": 0, "synthetic": False},
        "chance": {"uar": 0.5, "permutation": {"unit": "clip", "p_value": 0.5, "n": 100}},
        "baseline": {"uar": interval}, "shortcuts": {"uar": None},
        "audit": {"findings": [{"status": "fail", "says": "two are one"},
                               {"status": "ok", "says": "fine"}]},
    }  # fmt: skip
    assert "interval not measurable" in summary(result)
    assert "clips mixed across speakers" in summary(result)
    assert "tested: 1 of the clips; the others are only trained on" in summary(result)
    assert "audit, failed: two are one" in summary(result)
    assert "fine" not in summary(result)
