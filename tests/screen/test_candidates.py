"""What is told of a candidate as a whole, against values computed by hand."""

import numpy as np
import pytest

from acoustic_sib.screen.candidates import NO_OTHER, VALUES, log_odds, values_of
from acoustic_sib.screen.events import events_of
from acoustic_sib.screen.search import Network, Search, Thresholds


def frames(*bumps: tuple[int, int, float, float], n: int = 900) -> np.ndarray:
    made = np.zeros((n, 3))
    for first, last, sibilant, dental in bumps:
        made[first : last + 1, 1:] = sibilant, dental
    made[:, 0] = 1 - made[:, 1:].sum(axis=1)
    return made


def values(probabilities: np.ndarray) -> list[dict[str, float]]:
    found = events_of(probabilities[:, 1], high=0.2, low=0.15)
    return [dict(zip(VALUES, row, strict=True)) for row in values_of(found, probabilities)]


def test_values_are_those_of_the_course() -> None:
    (own,) = values(frames((100, 103, 0.5, 0.25)))
    assert own["mean"] == own["height"] == 0
    assert own["log length"] == pytest.approx(np.log(4))
    assert (own["short"], own["sure"]) == (4, 0)
    assert own["dental height"] == own["dental mean"] == pytest.approx(-np.log(3))
    assert (own["clearest other"], own["alone"]) == (NO_OTHER, 1)


def test_means_are_weighted_by_the_probability_itself() -> None:
    """Two frames of .4 and two of .8: (2 x .16 + 2 x .64) / 2.4 = 2/3, log odds log 2."""
    (own,) = values(frames((100, 101, 0.4, 0.0), (102, 103, 0.8, 0.0)))
    assert own["mean"] == pytest.approx(np.log(2))
    assert own["height"] == pytest.approx(np.log(4))


def test_only_others_within_three_seconds_count() -> None:
    near, far, last = values(frames((100, 109, 0.9, 0), (380, 389, 0.6, 0), (700, 709, 0.3, 0)))
    assert near["clearest other"] == pytest.approx(log_odds(0.6))
    assert far["clearest other"] == pytest.approx(log_odds(0.9))
    assert last["alone"] == 1


def test_no_candidates_have_no_values() -> None:
    assert values_of([], frames()).shape == (0, len(VALUES))


def test_a_search_keeps_candidates_that_its_second_network_gives_enough() -> None:
    """A network that looks at the length alone: log odds are the log length less log 6."""
    weights = np.zeros((len(VALUES), 1))
    weights[VALUES.index("log length")] = 1
    network = Network(mean=np.zeros(len(VALUES)), scale=np.ones(len(VALUES)), weights=weights,
                      bias=np.zeros(1), out_weights=np.array([[0.0, 1.0]]),
                      out_bias=np.array([0.0, -np.log(6)]))  # fmt: skip
    search = Search(frames=network, candidates=network,
                    thresholds=Thresholds(high=0.2, low=0.15, least=0.6))  # fmt: skip
    told = frames((100, 103, 0.9, 0.0), (200, 211, 0.4, 0.0))
    assert [one.score for one in search.scored(told)] == pytest.approx([4 / 10, 12 / 18])
    (kept,) = search.events(told)
    assert (kept.first, kept.last, kept.height) == (200, 211, 0.4)
    assert search.events(frames()) == []
