"""How often the check calls shuffled labels learnable, and planted shortcuts by their name."""

from pathlib import Path

import pytest

from acoustic_sib.check import run_check
from acoustic_sib.config import Config, load_config
from acoustic_sib.corpus import read_corpus
from acoustic_sib.corpus.synth import SynthFaults, make_demo_corpus
from tests.benchmarks.tables import figure, write_report_table

SEEDS = 50
VERDICT_ALONE: dict[str, dict[str, object]] = {
    "extraction": {"cache": None}, "ladder": {"rungs": ["sanity"]}}  # fmt: skip


def checked(folder: Path, seed: int, config: Config, **faults: object) -> dict:
    corpus = make_demo_corpus(folder / "corpus", seed=seed, faults=SynthFaults(**faults))
    return run_check(read_corpus(corpus), config, jobs=2).result


@pytest.mark.bench
def test_shuffled_labels_are_rarely_learnable(tmp_path: Path) -> None:
    """1057 synthetic clips, labels shuffled: at most 2 of 50 may come out `learnable`."""
    rows = []
    designs = {
        "shuffled among all clips": (SEEDS, {"shuffled_labels": True}),
        "one label per speaker, shuffled among speakers": (
            SEEDS // 2, {"shuffled_labels": True, "one_label_per_speaker": True}),
        "shuffled within speakers": (SEEDS // 5, {"shuffled_within_speakers": True}),
    }  # fmt: skip
    for design, (seeds, faults) in designs.items():
        results = []
        for seed in range(seeds):
            config = load_config(seed=seed, **VERDICT_ALONE)
            one = checked(tmp_path, seed, config, **faults)
            results.append(one)
            print(design, seed, one["verdict"], figure(one["baseline"]["uar"]),
                  f"{one['chance']['permutation']['p_value']:.2g}", flush=True)  # fmt: skip
        verdicts = [one["verdict"] for one in results]
        below = sum(one["chance"]["permutation"]["p_value"] < 0.05 for one in results)
        covered = sum(
            one["baseline"]["uar"]["low"] <= 1 / 3 <= one["baseline"]["uar"]["high"]
            for one in results
        )
        rows.append([design, seeds, verdicts.count("learnable"), verdicts.count("shortcut"),
                     verdicts.count("not_shown"), below, covered])  # fmt: skip
    write_report_table(
        "false_proofs", "Shuffled labels: how often the check is fooled",
        "python -m pytest -m bench -s tests/benchmarks/test_false_proofs.py",
        ["design (synthetic, 1057 clips, 42 speakers)", "seeds", "learnable", "shortcut",
         "not_shown", "permutation p < .05", "UAR interval holds 1/3"],
        rows,
        ["Synthetic corpora: a new corpus, new speakers and a new shuffle for each seed.",
         "Each seed runs the whole check with the default configuration (1000 permutations).",
         "Shuffling within speakers leaves each speaker's share of each class true: sound then"
         " tells something of the speaker, so the UAR truly lies above 1/3. The permutation test,"
         " which moves labels within speakers, keeps that from passing as a proof."],
    )  # fmt: skip
    assert rows[0][2] <= 2
    assert rows[1][2] <= 1
    assert rows[2][2] <= 1


@pytest.mark.bench
def test_planted_faults_are_called_by_their_name(tmp_path: Path) -> None:
    """The clean corpus is learnable; each shortcut is a shortcut, on two seeds."""
    wanted = {
        "none": ({}, "learnable"),
        "shuffled labels": ({"shuffled_labels": True}, "not_shown"),
        "duration": ({"shortcut": "duration"}, "shortcut"),
        "level": ({"shortcut": "level"}, "shortcut"),
        "bandwidth": ({"shortcut": "bandwidth"}, "shortcut"),
        "duration, no other signal": ({"shortcut": "duration", "keep_signal": False}, "shortcut"),
        "one label per speaker": ({"one_label_per_speaker": True}, "learnable"),
        "8 speakers' labels swapped": ({"swapped_speakers": 8}, "learnable"),
    }
    rows, wrong = [], []
    for name, (faults, verdict) in wanted.items():
        for seed in range(2):
            config = load_config(seed=seed, **VERDICT_ALONE)
            one = checked(tmp_path, seed, config, **faults)
            nuisance = one["shortcuts"]["uar"]
            rows.append([name, seed, one["verdict"], figure(one["baseline"]["uar"]),
                         figure(nuisance), one["chance"]["permutation"]["unit"],
                         f"{one['chance']['permutation']['p_value']:.2g}"])  # fmt: skip
            print(*rows[-1], flush=True)
            if one["verdict"] != verdict:
                wrong.append((name, seed, one["verdict"]))
    write_report_table(
        "planted_faults", "Planted faults and the verdicts they get",
        "python -m pytest -m bench -s tests/benchmarks/test_false_proofs.py",
        ["planted (synthetic, 1057 clips, 42 speakers)", "seed", "verdict",
         "UAR [95 %, speakers]", "nuisance-only UAR", "exchanged", "p"],
        rows,
        ["Synthetic corpora: they show that the check works, and say nothing about lisps."],
    )  # fmt: skip
    assert wrong == []
