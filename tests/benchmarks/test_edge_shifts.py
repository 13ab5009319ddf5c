"""How much do answers hang on the edges of a sibilant?"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acoustic_sib.cli import run
from acoustic_sib.features import Recipe, corpus_high_hz, measure
from acoustic_sib.features.temporal import COURSE
from acoustic_sib.screen.bundle import Bundle, read_bundle
from acoustic_sib.screen.detect import find_sibilants
from acoustic_sib.screen.predict import screen_file
from acoustic_sib.screen.records import Found, Judged, Segment
from tests.benchmarks.real_sibilants import Recording, recordings
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


def moved(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """RMS change of each column (of sibilants x measures) in SD of the sibilants, where finite."""
    spread = np.nanstd(before, axis=0)
    change = np.sqrt(np.nanmean((after - before) ** 2, axis=0))
    return np.divide(change, spread, out=np.zeros_like(spread), where=spread > 0)


def jumping(pairs: Sequence[tuple[Judged, Judged]], columns: Sequence[str]) -> str:
    """The measures that change most: RMS change in SD over the sibilants."""
    before, after = np.array([[[one.measures[column] for column in columns] for one in pair]
                              for pair in pairs]).swapaxes(0, 1)  # fmt: skip
    changes = moved(before, after)
    return ", ".join(f"{columns[at]} {changes[at]:.2f}" for at in np.argsort(-changes)[:4])


def course_of(recording: Recording, by_s: float) -> list[list[float]]:
    """Rise time, attack and decay of its sibilants, both edges later; the same sibilants for each
    of the SHIFTS_MS, those that stay within the recording."""
    rows, sr = [], recording.sr
    recipe = Recipe(high_hz=corpus_high_hz([sr]), families=("temporal",))
    for start, end, _ in recording.spans:
        if round((end + SHIFTS_MS[-1] / 1000) * sr) > len(recording.samples):
            continue
        first, last = (round((edge + by_s) * sr) for edge in (start, end))
        columns = measure(recording.samples[first:last], sr, recipe)
        rows.append([columns[f"temporal.{name}"] for name in COURSE])
    return rows


def course_rows() -> list[list[str]]:
    """Corpus, sibilants, and what each shift moves rise time, attack and decay by."""
    rows, known = [], recordings()
    for corpus in ("speechocean", "voxangeles", "espeak"):
        own = [one for one in known if one.corpus.startswith(corpus)]
        before, *after = (np.array([row for one in own for row in course_of(one, by / 1000)])
                          for by in (0, *SHIFTS_MS))  # fmt: skip
        told = [" / ".join(f"{value:.2f}" for value in moved(before, one)) for one in after]
        rows.append([corpus, str(len(before)), *told])
    return rows


def test_a_shift_moves_both_edges_of_what_stays_within_the_recording() -> None:
    places = (Segment(start=0.1, end=0.2, score=1.0), Segment(start=0.8, end=0.999, score=1.0))
    found = Found(file=Path("a.wav"), sr=16000, duration_s=1.0, bandwidth_hz=8e3, segments=places)
    first, last = shifted(found, 0.002).segments
    assert (first.start, first.end) == pytest.approx((0.102, 0.202))
    assert last == places[1]


def test_a_share_and_its_interval() -> None:
    """One of four changed, all speakers alike: no resampling can differ."""
    assert share([True, False, False, False] * 2, ["a"] * 4 + ["b"] * 4) == "0.250 [0.250, 0.250]"


def test_what_a_shift_moves_a_measure_by() -> None:
    """Changes of 1, -1 and one unknown against an SD of 2; a constant has none to be moved in."""
    before = np.array([[0.0, 5.0], [4.0, 5.0], [2.0, 5.0], [2.0, 5.0]])
    after = before + np.array([[1.0, 0], [-1.0, 0], [np.nan, 0], [1.0, 0]])
    np.testing.assert_allclose(moved(before, after), [1 / np.sqrt(2), 0])


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
         f"{jumping(pairs[1], bundle.columns)}. A peak's frequency jumps where two maxima far "
         "apart are almost equally high, the number of peaks where one just reaches 3 dB.",
         "The course at labelled edges: the sibilants of the TextGrids, without the search."],
        [("The course of the level at labelled edges: RMS change in SD of the sibilants, of rise "
          "time / attack / decay", ["corpus", "sibilants", *(f"{by} ms" for by in SHIFTS_MS)],
          course_rows())],
    )  # fmt: skip
    for by in SHIFTS_MS:
        assert len(pairs[by]) > 100
