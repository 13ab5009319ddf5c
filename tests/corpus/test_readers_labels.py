"""Label values to classes: renamed, left out, refused."""

from collections import Counter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from acoustic_sib.corpus.labels import Classes, made_of, to_classes
from acoustic_sib.errors import CorpusError


def classes(
    values: list[str | None], rename: dict[str, str] | None = None, leave_out: tuple[str, ...] = (),
    as_written: bool = False,
) -> Classes:  # fmt: skip
    places = [f"m.csv line {line}" for line in range(2, len(values) + 2)]
    return to_classes(
        values, rename=rename or {}, leave_out=leave_out, places=places, place="m.csv",
        as_written=as_written,
    )  # fmt: skip


NLI = ["N", "L", "I", "N"]


def test_values_without_a_new_name_keep_theirs() -> None:
    assert classes(NLI, {"N": "Normal", "X": "Y"}).names == ["Normal", "L", "I", "Normal"]


def test_several_values_become_one_class() -> None:
    made = classes(["s", "z", "S", "T"], {"s": "Normal", "z": "Normal", "S": "Lateral"})
    assert made.names == ["Normal", "Normal", "Lateral", "T"]


def test_a_name_stands_for_case_variants_only_where_none_is_spelled_like_it() -> None:
    assert classes(["n", "l"], {"N": "Normal", "L ": "Lateral"}).names == ["Normal", "Lateral"]
    # 's' is there, so 'S' is another sound.
    assert classes(["s", "S"], {"s": "Normal"}).names == ["Normal", "S"]


def test_phone_symbols_are_taken_as_written() -> None:
    made = classes(["S", "T", " s "], {"s": "Normal"}, as_written=True)
    assert made.names == ["S", "T", "Normal"]


def test_composed_and_decomposed_letters_are_one() -> None:
    assert classes(["c\u0327", "s"], {"\u00e7": "Palatal"}).names == ["Palatal", "s"]
    made = classes(["c\u0327", "s"], {"\u00e7": "Palatal"}, as_written=True)
    assert made.names == ["Palatal", "s"]


def test_left_out_before_and_after_renaming() -> None:
    values = ["s", "f", "v", "t", "t", "S"]
    made = classes(values, {"s": "A", "S": "B", "f": "Other", "v": "Other"}, ("Other", "t"))
    assert made.names == ["A", None, None, None, None, "B"]
    assert made.left_out == {"Other": 2, "t": 2}


def test_a_label_left_out_may_be_absent() -> None:
    assert classes(NLI, leave_out=("Other",)).left_out == {}


def test_names_that_no_value_bears_are_told() -> None:
    assert classes(NLI, {"N": "Normal", "X": "Y"}, ("Other", "zz")).unused == ["X", "Other", "zz"]


def test_rows_without_a_label_can_be_left_out() -> None:
    made = classes(["A", None, " ", "B"], leave_out=("",))
    assert made.names == ["A", None, None, "B"]
    assert made.left_out == {"": 2}


def test_blanks_around_one_spelling_are_dropped() -> None:
    assert classes(["A ", "B", "A "]).names == ["A", "B", "A"]


@pytest.mark.parametrize("n_classes", [2, 3, 7])
def test_any_number_of_classes_from_two(n_classes: int) -> None:
    values: list[str | None] = [str(number) for number in range(n_classes)]
    assert classes(values).names == values


REFUSED = [
    (["Normal", "normal", "Normal", "L"], {}, (),
     r"^m\.csv: labels 'Normal' \(2\), 'normal' \(1\) differ only by case or blanks; expected one "
     r"spelling a class: labels: \{'normal': 'Normal'\}$"),
    (["A", "A ", "a", "B"], {}, (), r"labels: \{'A ': 'A', 'a': 'A'\}"),
    (["inter dental", "inter  dental", "B"], {}, (), r"differ only by case or blanks"),
    (["A", "A", "A"], {}, (), r"m\.csv: one class only, 'A' \(3\); expected at least two"),
    (["A", "B"], {"B": "A"}, (), r"one class only, 'A' \(2\)"),
    (["A", "B", "B"], {}, ("B",), r"one class only, 'A' \(1\)"),
    (["A", "B"], {}, ("A", "B"),
     r"no clips after leaving out 'A' \(1\), 'B' \(1\); expected at least two classes"),
    (["A", None, "B", ""], {}, (), r"m\.csv line 3: 'label' is empty \(2 of 4 rows\)"),
    (["A", "B", "Other"], {}, ("Othr",),
     r"leave_out names 'Othr', which is no label here; did you mean 'Other'\?"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "rename", "leave_out", "sentence"), REFUSED)
def test_labels_that_cannot_be_meant(
    values: list[str | None], rename: dict[str, str], leave_out: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CorpusError, match=sentence):
        classes(values, rename, leave_out)


def test_the_repair_in_the_sentence_repairs() -> None:
    values: list[str | None] = ["Normal", "normal ", "NORMAL", "Normal", "L"]
    with pytest.raises(CorpusError) as refused:
        classes(values)
    repair = yaml.safe_load(str(refused.value).split("labels: ")[-1])
    assert Counter(classes(values, repair).names) == {"Normal": 4, "L": 1}


letters = st.sampled_from("abcdeABC")


@given(
    st.lists(letters, min_size=1, max_size=30),
    st.dictionaries(letters, st.sampled_from("xyz"), max_size=5),
    st.lists(st.sampled_from("abxyz"), unique=True, max_size=2).map(tuple),
)
def test_every_row_is_a_class_or_counted_as_left_out(
    values: list[str | None], rename: dict[str, str], leave_out: tuple[str, ...]
) -> None:
    try:
        made = classes(values, rename, leave_out)
    except CorpusError:
        return
    kept = [name for name in made.names if name is not None]
    assert len(made.names) == len(values)
    assert len(kept) + sum(made.left_out.values()) == len(values)
    assert len(set(kept)) >= 2
    assert len({name.casefold() for name in kept}) == len(set(kept))
    assert not set(kept) & set(leave_out)
    for value, name in zip(values, made.names, strict=True):
        if value in rename and name is not None:
            assert name == rename[value]


def test_classes_of_other_labels_are_told() -> None:
    """Not those that differ from their class by case or blanks alone."""
    values = ["s", "z", " normal", "sh", "Lateral", "lateral "]
    names = ["Sibilant", "Sibilant", "Normal", "Lateral", "Lateral", "Lateral"]
    assert made_of(values, names) == {
        "Lateral": ("Lateral", "lateral", "sh"),
        "Sibilant": ("s", "z"),
    }
    assert made_of(["Normal", "normal"], ["Normal", "Normal"]) == {}
