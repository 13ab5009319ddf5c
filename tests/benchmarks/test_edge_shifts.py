"""How much do answers hang on the edges of a sibilant?"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acoustic_sib.cli import run
from acoustic_sib.screen.bundle import Bundle, read_bundle
from acoustic_sib.screen.detect import find_sibilants
from acoustic_sib.screen.predict import screen_file
from acoustic_sib.screen.records import Found, Judged, Segment
from tests.benchmarks.tables import figure, write_report_table
from tests.conftest import shared_folder

SHIFTS_MS = (1, 2, 5)
RESAMPLED = 2000


def shifted(found: Found, by_s: float) -> Found:
    """With both edges of each sibilant later; one that would leave the recording stays."""
    moved = [replace(one, start=one.start + by_s, end=one.end + by_s)
             if one.end + by_s <= found.duration_s else one for one in found.segments]  # fmt: skip
    return replace(found, segments=tuple(moved))


def judged(path: Path, found: Found, bundle: Bundle) -> tuple[Judged, ...]:
    return screen_file(path, bundle, find=lambda _: found).sibilants


def share(true: Sequence[bool], speakers: Sequence[str]) -> str:
    """A share with the percentiles of resampled speakers."""
    names, own = np.unique(speakers, return_inverse=True)
    hits, n = np.bincount(own, weights=true), np.bincount(own)
    drawn = np.random.default_rng(0).integers(len(names), size=(RESAMPLED, len(names)))
    low, high = np.percentile(hits[drawn].sum(axis=1) / n[drawn].sum(axis=1), (2.5, 97.5))
    return figure({"value": float(np.mean(true)), "low": float(low), "high": float(high)})


def jumping(pairs: Sequence[tuple[Judged, Judged]], columns: Sequence[str]) -> str:
    """The measures that change most: RMS change in SD over the sibilants."""
    changes = {}
    for column in columns:
        before, after = np.array([[one.measures[column], other.measures[column]]
                                  for one, other in pairs]).T  # fmt: skip
        spread = np.nanstd(before)
        changes[column] = np.sqrt(np.nanmean((after - before) ** 2)) / spread if spread else 0.0
    most = sorted(changes, key=lambda column: -changes[column])[:4]
    return ", ".join(f"{column} {changes[column]:.2f}" for column in most)


def test_a_shift_moves_both_edges_of_what_stays_within_the_recording() -> None:
    places = (Segment(start=0.1, end=0.2, score=1.0), Segment(start=0.8, end=0.999, score=1.0))
    found = Found(file=Path("a.wav"), sr=16000, duration_s=1.0, bandwidth_hz=8e3, segments=places)
    first, last = shifted(found, 0.002).segments
    assert (first.start, first.end) == pytest.approx((0.102, 0.202))
    assert last == places[1]


def test_a_share_and_its_interval() -> None:
    """One of four changed, all speakers alike: no resampling can differ."""
    assert share([True, False, False, False] * 2, ["a"] * 4 + ["b"] * 4) == "0.250 [0.250, 0.250]"


@pytest.mark.bench
def test_answers_after_a_shift_of_the_edges(tmp_path: Path) -> None:
    corpus = shared_folder("corpora/speechocean")
    bundle_file = tmp_path / "m.sib"
    assert run(["train", str(corpus), "-o", str(bundle_file), "--leave-out", "Other",
                "--no-cache"]) == 0  # fmt: skip
    bundle = read_bundle(bundle_file)
    pairs: dict[int, list[tuple[Judged, Judged]]] = {by: [] for by in SHIFTS_MS}
    speakers: dict[int, list[str]] = {by: [] for by in SHIFTS_MS}
    for path in sorted((corpus / "utterances").glob("*.flac")):
        found = find_sibilants(path)
        before = judged(path, found, bundle)
        for by in SHIFTS_MS:
            moved = shifted(found, by / 1000)
            after = judged(path, moved, bundle)
            both = [(one, other) for one, other in zip(before, after, strict=True)
                    if one.assessable and other.assessable]  # fmt: skip
            pairs[by] += both
            speakers[by] += [path.stem[:5]] * len(both)
    rows = []
    for by in SHIFTS_MS:
        apart = [max(abs(one.probabilities[name] - other.probabilities[name])
                     for name in bundle.classes) for one, other in pairs[by]]  # fmt: skip
        likeliest = [one.predicted != other.predicted for one, other in pairs[by]]
        sets = [one.classes != other.classes for one, other in pairs[by]]
        rows.append([f"{by} ms", str(len(pairs[by])), str(len(set(speakers[by]))),
                     f"{sum(likeliest)}: {share(likeliest, speakers[by])}",
                     f"{sum(sets)}: {share(sets, speakers[by])}",
                     f"{np.mean(apart):.3f} / {max(apart):.2f}"])  # fmt: skip
    write_report_table(
        "edge_shifts", "Answers after a shift of the edges",
        "python -m pytest -m bench -s tests/benchmarks/test_edge_shifts.py",
        ["both edges later by", "sibilants", "speakers", "likeliest class changed [95 %]",
         "set changed [95 %]", "change of p, mean / most"], rows,
        ["The default model of `train`, trained on speechocean's clips (proxy labels: Normal /s "
         "z/, Lateral /ʃ ʒ/, Interdental /θ ð/), asked of the sibilants that the search finds in "
         "its utterances, whose speakers said none of the clips. The search has heard these "
         "utterances: here only the edges matter.",
         "Intervals: percentiles of 2000 resamplings of whole speakers.",
         f"Of the model's measures these jump most by 1 ms (RMS, in SD of the sibilants): "
         f"{jumping(pairs[1], bundle.columns)}. The maximum that attack and decay start from is "
         "the loudest block of 5 ms, which in noise is a matter of chance."],
    )  # fmt: skip
    for by in SHIFTS_MS:
        assert len(pairs[by]) > 100
