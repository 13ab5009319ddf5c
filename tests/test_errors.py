"""The end of a sentence about an unknown name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acoustic_sib.errors import AudioError, ConfigError, CorpusError, UserError, nearest

KNOWN = ["logistic", "lda", "svm_rbf", "Random_Forest"]


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("logistik", "did you mean 'logistic'?"),
        ("LDA", "did you mean 'lda'?"),
        ("random_forst", "did you mean 'Random_Forest'?"),
        ("zzz", "known: Random_Forest, lda, logistic, svm_rbf"),
        ("", "known: Random_Forest, lda, logistic, svm_rbf"),
    ],
)
def test_the_nearest_name_or_all_of_them(name: str, end: str) -> None:
    assert nearest(name, KNOWN) == end


@given(st.lists(st.text(st.characters(codec="ascii"), min_size=1), min_size=1, unique=True))
def test_a_known_name_is_nearest_to_itself_whatever_its_case(names: list[str]) -> None:
    for name in names:
        twins = [twin for twin in names if twin.lower() == name.lower()]
        assert nearest(name.upper(), names) in [f"did you mean '{twin}'?" for twin in twins]


def test_every_kind_is_the_users_to_mend() -> None:
    for kind in (ConfigError, CorpusError, AudioError):
        assert issubclass(kind, UserError)
    assert not issubclass(UserError, ValueError)
