"""What the page says of speakers, and that its figures come with their interval and n."""

from acoustic_sib.report import sentences
from tests.report.example import example_page, example_result


def crossing() -> dict:
    """A corpus that names 42 speakers, whose own folds put them into training and test."""
    result = example_result(speakers_known=False)
    result["corpus"] |= {"n_speakers": 42, "fold_plan": "corpus"}
    return result


def test_named_speakers_in_training_and_test_are_not_called_unknown() -> None:
    page = example_page(crossing())
    why = "The folds put clips of the same speaker into training and test"
    assert page["mixed"] == why
    assert why in page["answer"]["sentence"]
    assert "names no speakers" not in str(page)
    assert "clips of 42 speakers (" in page["methods"]


def test_unnamed_speakers_are_told_and_held_out_ones_need_no_words() -> None:
    unnamed = example_result(speakers_known=False)
    assert sentences.why_mixed(unnamed).startswith("The corpus names no speakers")
    assert sentences.why_mixed(example_result()) == ""


def test_a_limit_that_the_audit_tells_is_told_once() -> None:
    result = example_result(speakers_known=False)
    names = [one["name"] for one in example_page(result)["fooled"]]
    assert names.count("Speakers") == 1
    result["audit"]["findings"].append(
        {"check": "speakers", "status": "warn", "says": "no speaker is known", "next": ""}
    )
    told = [one for one in example_page(result)["fooled"] if one["name"] == "Speakers"]
    assert [one["says"] for one in told] == ["No speaker is known."]


def test_every_reader_meets_the_interval_and_the_therapist_the_n() -> None:
    result = example_result()
    assert "0.85 (95 % interval 0.81 to 0.89)" in sentences.for_engineer(result)
    assert (
        "sorted 85 of 100 clips as they were labelled (averaged over the 3 classes; 95 % interval "
        "81 to 89; tried on 1057 clips of 42 speakers)"
    ) in sentences.for_therapist(result)
    result["baseline"]["uar"] |= {"low": None, "high": None}
    assert "interval not measurable; tried on" in sentences.for_therapist(result)
