"""What one of us read in spectrograms of speechocean: how far can its labels be agreed with?

speechocean_readings.csv holds 223 stretches: candidates of the search (highest P(sibilant) of .5 or
more) and labelled sibilants that it misses, each read as `sibilant`, `no` or `unsure` from 0.6 s of
spectrogram in random order, with neither label nor score in view. A part of them (63) had been seen
with their labels an hour before. Nobody has listened to them.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from acoustic_sib.screen.records import Segment
from tests.benchmarks.candidate_training import truth
from tests.benchmarks.detection import Score, Span, score
from tests.benchmarks.spoken import Recording

FILE = Path(__file__).with_name("speechocean_readings.csv")


def read_spans(utterance: str, read: str) -> list[Span]:
    """Stretches of an utterance that were read so, seconds."""
    with FILE.open(encoding="utf-8") as lines:
        return [(float(line["start_s"]), float(line["end_s"])) for line in csv.DictReader(lines)
                if line["utterance"] == utterance and line["read"] == read]  # fmt: skip


def of_the_reader(one: Recording) -> Score:
    """What was read as sibilant, scored against the labels as a search is."""
    found = [Segment(start=start, end=end, score=1.0)
             for start, end in read_spans(one.name, "sibilant")]  # fmt: skip
    return score(found, *truth(one))


def against_the_reading(found: Sequence[Segment], one: Recording) -> Score:
    """A search scored against what was read; what was read as unsure counts neither way, nor do
    affricates."""
    affricates = truth(one)[1]
    return score(found, read_spans(one.name, "sibilant"),
                 [*affricates, *read_spans(one.name, "unsure")])  # fmt: skip
