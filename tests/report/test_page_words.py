"""What the page of a check says: verdict, readers, shortcuts, steps, figures."""

import numpy as np
import pytest

from acoustic_sib.report.spectra import AverageSpectra
from tests.report.example import example_result, interval
from tests.report.reading import Reader, read


@pytest.fixture(scope="module")
def page() -> Reader:
    return read()


def test_verdict_figure_and_interval_stand_first(page: Reader) -> None:
    start = page.text[page.text.index("Can these labels be learnt from sound?") :][:900]
    for part in (
        "✓ Learnable",
        "Yes. These labels can be learnt from sound",
        "UAR, speakers held out 0.85 95 % interval 0.81 to 0.89; 1057 clips of 42 speakers",
        "Chance 0.33 one in 3 classes; always the largest class: accuracy 0.55",
        "p = 0.001 1000 permutations; labels were shuffled within each speaker",
        "Without the sound 0.41",
    ):
        assert part in start


def test_three_readers_and_the_disclaimer(page: Reader) -> None:
    for part in (
        "If you train models A classical model (svm_rbf) reaches a UAR of 0.85",
        "If you are a therapist The program sorted 85 of 100 clips",
        "guessing would get 33",
        "If you do research UAR, speakers held out: 0.85 (95 % interval 0.81 to 0.89)",
        "leaves out one speaker at a time",
    ):
        assert part in page.text
    assert page.text.count("Research and measurement aid. Not a diagnosis.") == 3


def test_shortcut_share_is_the_share_of_the_gain(page: Reader) -> None:
    # (0.4133 - 0.3333) / (0.853 - 0.3333) = 0.154
    assert "That is 15 % of the acoustic model's gain over chance." in page.text
    assert "clip length, loudness, background noise, bandwidth of the recording and session" in (
        page.text
    )


def test_confusion_counts_and_row_percent() -> None:
    result = example_result(classes={"s": 100, "sh": 60})
    result["baseline"]["confusion"] = {"labels": ["s", "sh"], "counts": [[75, 25.5], [0, 0]]}
    text = read(result).text
    assert "s 75 % 75 25 % 25.5 100.5 sh – 0 – 0 0" in text
    assert "Counts are averages over the repeats of the folds." in text


def test_open_findings_and_steps_are_gathered(page: Reader) -> None:
    fooled = page.text[page.text.index("What could have fooled it ✓ passed") :]
    assert "✗ failed Duplicate audio" in fooled
    steps = fooled[fooled.index("What to do next") : fooled.index("Baseline The baseline")]
    order = ["Train on the folds", "Keep one of", "Mend weighting", "Pool over", "Mend padding"]
    assert sorted(order, key=steps.index) == order


@pytest.mark.parametrize("verdict", ["learnable", "shortcut", "not_shown"])
@pytest.mark.parametrize("speakers_known", [True, False])
def test_every_verdict_has_its_words(verdict: str, speakers_known: bool) -> None:
    text = read(example_result(verdict, speakers_known=speakers_known)).text
    words = {
        "learnable": "✓ Learnable Yes." if speakers_known else "✓ Learnable for these voices",
        "shortcut": "! Shortcut Not safe to say.",
        "not_shown": "? Not shown This check could not show",
    }
    assert words[verdict] in text
    assert ("Clips mixed across speakers." in text) is not speakers_known
    assert ("UAR, clips mixed across speakers" in text) is not speakers_known
    assert ("UAR, speakers held out" in text) is speakers_known
    assert "impossible" not in text


def test_a_strong_shortcut_below_the_verdict_is_a_warning() -> None:
    result = example_result()
    result["shortcuts"]["uar"] = interval(0.65, 0.05)
    assert "! warning Shortcuts" in read(result).text


def test_what_the_sound_adds_has_its_interval() -> None:
    assert "hearing the sound adds 0.31 (95 % interval 0.24 to 0.38)" in read(example_result()).text


def test_no_nuisance_columns() -> None:
    result = example_result()
    result["shortcuts"] = {"uar": None, "columns": []}
    text = read(result).text
    assert "no shortcut to look for" in text
    assert "Nuisance-only model: not measurable" in text


def test_sentences_of_other_rooms_are_finished(page: Reader) -> None:
    assert "✓ passed Speakers per class Every speaker says at least two classes. " in page.text


def test_the_baseline_rung_says_what_to_do_first() -> None:
    result = example_result("not_shown")
    result["ladder"][4] |= {"status": "fail", "next": "listen to S01/a.wav first"}
    steps = read(result).text.partition("What to do next Listen to S01/a.wav first. Keep")
    assert steps[1]
    assert "Listen to the label suspects" not in steps[2]


def test_smallest_p_is_told_only_when_it_is_large(page: Reader) -> None:
    assert "cannot reach" not in page.text
    result = example_result("not_shown")
    result["chance"]["permutation"] |= {"smallest_p": 0.05, "unit": "speaker", "p_value": 0.05}
    text = read(result).text
    assert "this design cannot reach less than p = 0.05" in text
    assert "Even a perfect model could not get below p = 0.05" in text


def test_synthetic_banner_above_and_below() -> None:
    made = read(example_result(synthetic=True))
    banners = [one["data-where"] for one in made.all("p") if one.get("class") == "banner"]
    assert banners == ["top", "footer"]
    assert made.text.count("Synthetic: no human speech.") == 2


def test_no_banner_over_human_speech(page: Reader) -> None:
    assert "ynthetic" not in page.text


def test_unmeasurable_intervals_are_said_so() -> None:
    result = example_result("not_shown")
    result["baseline"]["macro_f1"] = interval(None)
    for key in ("uar", "accuracy"):
        result["baseline"][key] |= {"low": None, "high": float("nan")}
    result["baseline"]["recall"]["Normal"] = interval(None)
    result["chance"]["permutation"] |= {"p_value": None, "smallest_p": None}
    text = read(result).text
    assert "UAR, speakers held out 0.35 interval not measurable; 1057 clips" in text
    assert "Recall of Normal not measurable not measurable" in text
    assert "Macro-F1 not measurable." in text
    assert "its interval could not be measured" in text
    assert "permutation test p not measurable" in text


def test_spectra_over_clips_are_called_that() -> None:
    spectra = AverageSpectra(
        freqs_hz=np.array([1e3, 2e3, 3e3]),
        by_class={"s": (np.zeros(3), np.zeros(3), np.zeros(3))},
        n_speakers={"s": 0},
        n_clips={"s": 7},
        unit="clip",
    )
    made = read(spectra=spectra)
    assert "Mean over clips; bands: quartiles over clips." in made.text
    assert "s (7 clips)" in made.text


def test_rungs_show_their_question_and_rows_as_a_table(page: Reader) -> None:
    for part in ("What does overfit ask?", "Ways Way UAR UAR change none 0.58 (",
                 "balanced 0.61 ("):  # fmt: skip
        assert part in page.text
    assert "ways none" not in page.text  # and no longer as text


def test_a_baseline_at_chance_has_no_share_of_a_gain() -> None:
    result = example_result("not_shown")
    result["baseline"]["uar"] = interval(0.30, 0.05)
    text = read(result).text
    assert "of the acoustic model's gain" not in text
    assert "! warning Shortcuts" in text
