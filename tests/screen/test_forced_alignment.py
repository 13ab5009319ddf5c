"""The places of phones that are known, from sequences made with them."""

import numpy as np

from tests.benchmarks.forced_alignment import Utterance, aligned

PHONES = "abcdefgh"


def _made(rng: np.random.Generator, phones: str) -> tuple[Utterance, list[int]]:
    """Frames of noise about a mean of each phone's own, silence around."""
    means = np.random.default_rng(0).normal(0, 2, (len(PHONES) + 1, 39))
    lengths = [int(n) for n in rng.integers(5, 20, len(phones) + 2)]
    numbers = [len(PHONES), *(PHONES.index(phone) for phone in phones), len(PHONES)]
    frames = means[np.repeat(numbers, lengths)] + rng.normal(0, 1, (sum(lengths), 39))
    frames[:, 0] += np.repeat([-20, *[0] * len(phones), -20], lengths)
    begins = np.cumsum(lengths)[:-1]
    return Utterance(features=frames, phones=tuple(phones)), [int(begin) for begin in begins]


def test_phones_are_found_where_they_were_put() -> None:
    rng = np.random.default_rng(1)
    made = [_made(rng, "".join(rng.choice(list(PHONES), 5, replace=False))) for _ in range(60)]
    found = aligned([utterance for utterance, _ in made])
    off = np.abs(np.array(found) - np.array([begins for _, begins in made]))
    assert off.shape == (60, 6)
    assert np.median(off) == 0
    assert (off <= 2).mean() > 0.95


def test_a_recording_that_is_too_short_for_its_phones_has_no_places() -> None:
    rng = np.random.default_rng(2)
    made = [_made(rng, "abcd")[0] for _ in range(20)]
    short = Utterance(features=made[0].features[:9], phones=tuple("abcd"))
    assert aligned([*made, short])[-1] is None
