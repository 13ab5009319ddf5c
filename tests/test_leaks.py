"""The share of tested clips that a model may simply remember."""

import pandas as pd
import pytest

from acoustic_sib.check.leaks import leaked_share
from acoustic_sib.tables import ONLY_TRAINED_ON

MANIFEST = pd.DataFrame({"clip_id": list("abcdef"), "path": "x", "label": list("AAAABB")})


def plan(*folds: int) -> pd.DataFrame:
    return pd.DataFrame({"clip_id": list("abcdef"), "repeat": 0, "fold": folds})


def copies(*pairs: str) -> list[dict[str, str]]:
    return [{"clip": pair[0], "copy": pair[1]} for pair in pairs]


@pytest.mark.parametrize(
    ("pairs", "folds", "share"),
    [
        ((), (0, 1, 0, 1, 0, 1), 0.0),
        (("ac",), (0, 1, 0, 1, 0, 1), 0.0),  # in one fold
        (("ab",), (0, 1, 0, 1, 0, 1), (2 / 4 + 0) / 2),
        (("ab", "ef"), (0, 1, 0, 1, 0, 1), (2 / 4 + 2 / 2) / 2),
        # c is trained on where d is tested: their groups hang together by b.
        (("ab", "bc", "bd"), (0, 0, 0, 1, 0, 1), (4 / 4 + 0) / 2),
        # Of a copy that is only trained on, the tested one alone counts.
        (("ab",), (ONLY_TRAINED_ON, 0, 0, 0, 0, 0), (1 / 3 + 0) / 2),
    ],
)
def test_share_over_classes(pairs: tuple[str, ...], folds: tuple[int, ...], share: float) -> None:
    assert leaked_share(copies(*pairs), plan(*folds), MANIFEST) == pytest.approx(share)


def test_a_copy_in_any_repeat_counts() -> None:
    twice = pd.concat([plan(0, 0, 1, 1, 0, 1), plan(0, 1, 0, 1, 0, 1).assign(repeat=1)])
    assert leaked_share(copies("ab"), twice, MANIFEST) == pytest.approx((2 / 4) / 2)
