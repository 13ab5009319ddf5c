import pytest

from acoustic_sib.config import EvaluationSettings
from acoustic_sib.ladder.verdict import Verdict, decide
from acoustic_sib.metrics import Interval
from acoustic_sib.significance import PermutationTest


def figure(value: float, low: float, high: float) -> Interval:
    return Interval(value=value, low=low, high=high, level=0.95, unit="speaker", n_clips=1057,
                    n_speakers=42)  # fmt: skip


def permutations(p: float, smallest: float = 1 / 1001) -> PermutationTest:
    return PermutationTest(p_value=p, n=1000, unit="speaker", smallest_p=smallest, statistic=0.5,
                           null_mean=1 / 3, null_sd=0.02)  # fmt: skip


GOOD = figure(0.85, 0.80, 0.89)
NAN = float("nan")


def judged(uar: Interval, test: PermutationTest, nuisance: Interval | None = None,
           mode: str = "held_out", nuisance_p: float = 0.001) -> Verdict:  # fmt: skip
    return decide(
        uar=uar, chance=1 / 3, test=test, nuisance=nuisance, speaker_mode=mode,
        nuisance_test=permutations(nuisance_p), settings=EvaluationSettings(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("uar", "test", "nuisance", "verdict", "reason"),
    [
        (GOOD, permutations(0.001), None, "learnable", "on speakers nobody had heard"),
        (GOOD, permutations(0.001), figure(0.45, 0.41, 0.49), "learnable", "0.850"),
        # p exactly at alpha is not below it.
        (GOOD, permutations(0.01), None, "not_shown", "no signal shown"),
        (figure(0.36, 0.30, 0.42), permutations(0.001), None, "not_shown", "does not lie above"),
        (figure(0.36, NAN, NAN), permutations(0.001), None, "not_shown", "cannot be measured"),
        (GOOD, permutations(0.0667, 6 / 90), None, "not_shown", "too few speakers"),
        # (.73 - 1/3) / (.85 - 1/3) = .77 of the gain, above .75.
        (GOOD, permutations(0.001), figure(0.73, 0.70, 0.76), "shortcut", "77% of the gain"),
        (GOOD, permutations(0.001), figure(0.90, 0.85, 0.93), "shortcut", "at least as much as"),
        # A nuisance model that is itself not above chance is no shortcut.
        (figure(0.36, 0.30, 0.42), permutations(0.4), figure(0.36, 0.31, 0.41), "not_shown",
         "no signal"),
        (figure(0.33, 0.28, 0.38), permutations(0.4), figure(0.6, 0.5, 0.7), "shortcut",
         "wrong reason"),
    ],
)  # fmt: skip
def test_the_rule(
    uar: Interval, test: PermutationTest, nuisance: Interval | None, verdict: str, reason: str
) -> None:
    found = judged(uar, test, nuisance)
    assert found.verdict == verdict
    assert reason in found.reason
    assert "impossible" not in found.reason


def test_a_nuisance_model_that_relabelled_data_match_is_no_shortcut() -> None:
    """Of shuffled corpora some have a nuisance interval just above chance: its test must agree."""
    found = judged(figure(0.33, 0.31, 0.36), permutations(0.87), figure(0.37, 0.34, 0.40),
                   nuisance_p=0.2)  # fmt: skip
    assert found.verdict == "not_shown"


def test_a_nuisance_model_as_good_as_the_baseline_is_never_learnable() -> None:
    """A ridge test may miss a shortcut that is not linear: the interval is doubt enough then."""
    found = judged(figure(0.50, 0.45, 0.55), permutations(0.001), figure(0.57, 0.52, 0.61),
                   nuisance_p=0.3)  # fmt: skip
    assert found.verdict == "shortcut"


def test_unknown_speakers_limit_the_claim() -> None:
    found = judged(GOOD, permutations(0.001), mode="unknown")
    assert found.verdict == "learnable"
    assert "for these voices" in found.reason


@pytest.mark.parametrize(
    ("leaked", "verdict"),
    # .80 - share * 2/3 must stay above 1/3: up to 69.9 % of the clips.
    [(0.0, "learnable"), (0.69, "learnable"), (0.71, "not_shown")],
)
def test_copies_that_could_account_for_the_figure(leaked: float, verdict: str) -> None:
    found = decide(
        uar=GOOD, chance=1 / 3, test=permutations(0.001), nuisance=None, nuisance_test=None,
        speaker_mode="held_out", settings=EvaluationSettings(), leaked=leaked,
    )  # fmt: skip
    assert found.verdict == verdict
    assert ("71% of the tested clips" in found.reason) is (verdict == "not_shown")
