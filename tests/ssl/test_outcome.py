"""Logits, probabilities, class names and the file's own labels, each held against what is known."""

import numpy as np
import pytest

from acoustic_sib.errors import RunError
from acoustic_sib.ssl.foreign import Said
from acoustic_sib.ssl.outcome import outcome_of

CLASSES = ("Interdental", "Lateral", "Normal")
LABELS = ["Normal", "Lateral", "Interdental", "Lateral"]


def said(**columns: object) -> Said:
    return Said(places=[f"p.csv line {row + 2}" for row in range(4)], **columns)  # type: ignore[arg-type]


def outputs(order: tuple[str, ...], right: float = 2.0) -> np.ndarray:
    return np.array([[right if name == label else -1.0 for name in order] for label in LABELS])


def test_softmax_by_hand() -> None:
    values = np.log([[1.0, 2, 5], [1, 8, 1], [998, 1, 1], [2, 2, 1]]) + 700  # exp() would overflow
    found = outcome_of(said(outputs=values, classes=CLASSES, kind="logits"), LABELS, CLASSES)
    assert found.probabilities is not None
    expected = [[0.125, 0.25, 0.625], [0.1, 0.8, 0.1], [0.998, 0.001, 0.001], [0.4, 0.4, 0.2]]
    np.testing.assert_allclose(found.probabilities, expected)
    assert found.predicted == ["Normal", "Lateral", "Interdental", "Interdental"]


def test_probabilities_must_sum_to_one() -> None:
    good = np.full((4, 3), 1 / 3)
    kept = outcome_of(said(outputs=good, classes=CLASSES, kind="either"), LABELS, CLASSES)
    np.testing.assert_array_equal(kept.probabilities, good)
    for wrong in ([0.9, 0.9, 0.9], [1.5, -0.5, 0.0], [0.3, 0.3, 0.3]):
        values = good.copy()
        values[2] = wrong
        with pytest.raises(
            RunError, match=r"line 4: .* \(1 such rows\); expected 0 to 1, and 1 in"
        ):
            outcome_of(said(outputs=values, classes=CLASSES, kind="probabilities"), LABELS, CLASSES)
    values = good.copy()
    values[1, 0] = np.nan
    with pytest.raises(RunError, match=r"line 3: .* did the training diverge"):
        outcome_of(said(outputs=values, classes=CLASSES), LABELS, CLASSES)


def test_columns_are_found_by_name_in_any_order_and_case() -> None:
    order = ("normal", "LATERAL", "Interdental ")
    named = said(outputs=outputs(("Normal", "Lateral", "Interdental")), classes=order)
    assert outcome_of(named, LABELS, CLASSES).predicted == LABELS
    # The names of columns win over an order of numbers, which says nothing of them.
    assert outcome_of(named, LABELS, CLASSES, order=CLASSES).predicted == LABELS


def test_unnamed_columns_need_an_order() -> None:
    order = ("Normal", "Lateral", "Interdental")
    bare = said(outputs=outputs(order))
    assert outcome_of(bare, LABELS, CLASSES, order=order).predicted == LABELS
    numbered = said(outputs=outputs(order), classes=("0", "1", "2"))
    assert outcome_of(numbered, LABELS, CLASSES, order=order).predicted == LABELS
    with pytest.raises(RunError, match="nothing tells which class each is; expected --classes"):
        outcome_of(bare, LABELS, CLASSES)
    defaults = said(outputs=outputs(order), classes=("LABEL_2", "LABEL_1", "LABEL_0"))
    assert outcome_of(defaults, LABELS, CLASSES, order=order[::-1]).predicted == LABELS
    with pytest.raises(RunError, match=r"the numbers 0, 1, 2\.\.\. once each"):
        outcome_of(said(outputs=outputs(order), classes=("1", "2", "3")), LABELS, CLASSES,
                   order=order)  # fmt: skip
    with pytest.raises(RunError, match="expected each label of the corpus once"):
        outcome_of(bare, LABELS, CLASSES, order=("Normal", "Lateral", "Lateral"))


def test_the_order_is_read_from_labels_only_where_they_leave_no_doubt() -> None:
    order = ("Normal", "Lateral", "Interdental")
    numbers = [str(order.index(label)) for label in LABELS]
    found = outcome_of(said(outputs=outputs(order), true=numbers), LABELS, CLASSES)
    assert found.predicted == LABELS
    assert "taken from the labels" in found.notes[0]
    doubtful = ["1", *numbers[1:]]
    with pytest.raises(RunError, match="nothing tells which class each is"):
        outcome_of(said(outputs=outputs(order), true=doubtful), LABELS, CLASSES)


def test_class_numbers_need_names() -> None:
    numbered = said(predicted=["2", "1.0", "0", "1"])
    found = outcome_of(numbered, LABELS, CLASSES, order=CLASSES)
    assert found.predicted == LABELS
    with pytest.raises(RunError, match="line 2: class 2 is a number, and nothing tells its name"):
        outcome_of(numbered, LABELS, CLASSES)


def test_unknown_and_renamed_classes() -> None:
    foreign = said(predicted=["norm", "Lateral", "Interdental", "Lateral"])
    with pytest.raises(RunError, match="class 'norm' is no label of the corpus; did you mean 'Nor"):
        outcome_of(foreign, LABELS, CLASSES)
    found = outcome_of(foreign, LABELS, CLASSES, rename={"norm": "Normal"})
    assert found.predicted == LABELS


def test_labels_of_others_are_refused_with_the_likely_cause() -> None:
    shuffled = [*LABELS[1:], LABELS[0]]
    with pytest.raises(RunError, match=r"\(4 of 4 rows differ\).* ids in another order"):
        outcome_of(said(predicted=LABELS, true=shuffled), LABELS, CLASSES)
    exchanged = ["Interdental", "Lateral", "Normal", "Lateral"]
    with pytest.raises(RunError, match="agree with Normal for Interdental, Interdental for Normal"):
        outcome_of(said(predicted=LABELS, true=exchanged), LABELS, CLASSES)


def test_a_few_other_labels_are_listed() -> None:
    labels = LABELS * 5
    true = ["Normal", *labels[1:-1], "Normal"]
    many = Said(places=[f"row {k}" for k in range(20)], predicted=labels, true=true)
    found = outcome_of(many, labels, CLASSES)
    assert found.labels == {"checked": 20, "differ": 1,
                            "such_as": ["row 19: Normal, in the corpus Lateral"]}  # fmt: skip


def test_a_class_that_is_not_the_most_probable_is_kept() -> None:
    table = said(predicted=["Lateral"] * 4, outputs=outputs(CLASSES), classes=CLASSES)
    found = outcome_of(table, LABELS, CLASSES)
    assert found.predicted == ["Lateral"] * 4
    assert "not the most probable one in 2 of 4 rows" in found.notes[-1]
