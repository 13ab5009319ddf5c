"""The scorer of the sibilant search, against counts by hand."""

from acoustic_sib.screen.records import Segment
from tests.benchmarks.detection import score


def segments(*spans: tuple[float, float]) -> list[Segment]:
    return [Segment(start=start, end=end, score=1.0) for start, end in spans]


def test_half_of_a_sibilant_must_be_covered() -> None:
    found = score(segments((0.15, 0.25), (0.56, 0.70)), [(0.1, 0.2), (0.5, 0.6)], [])
    assert (found.hits, found.misses, found.false_at) == (1, 1, ((0.56, 0.70),))


def test_a_segment_over_two_sibilants_finds_one() -> None:
    found = score(segments((0.0, 1.0)), [(0.1, 0.2), (0.5, 0.6)], [])
    assert (found.hits, found.misses, found.false_at) == (1, 1, ())


def test_two_that_touch_are_found_by_one_segment_or_by_two() -> None:
    true = [(0.1, 0.2), (0.2, 0.3)]
    by_one = score(segments((0.12, 0.31)), true, [])
    by_two = score(segments((0.12, 0.18), (0.21, 0.31)), true, [])
    assert (by_one.hits, by_one.misses, by_one.false_at) == (2, 0, ())
    assert [round(edge, 3) for edge in by_one.edges_s] == [0.02, 0.01]
    assert (by_two.hits, by_two.misses, by_two.false_at) == (2, 0, ())


def test_a_second_segment_in_one_sibilant_is_false() -> None:
    found = score(segments((0.1, 0.2), (0.2, 0.4)), [(0.1, 0.3)], [])
    assert (found.hits, len(found.false_at)) == (1, 1)


def test_affricates_count_neither_way() -> None:
    found = score(segments((0.10, 0.20), (0.28, 0.50)), [], [(0.1, 0.3)])
    assert (found.hits, found.misses, found.false_at) == (0, 0, ((0.28, 0.50),))
