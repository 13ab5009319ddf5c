"""Failure signatures in predictions and logs: each planted, and not found on the clean twin."""

from math import log

import numpy as np
import pandas as pd
import pytest

from acoustic_sib import metrics
from acoustic_sib.metrics import Confusions
from acoustic_sib.ssl.answers import collapse, exchanged_names, losses, prior_guessing
from acoustic_sib.ssl.training_log import destroyed, stuck

CLASSES = ("Interdental", "Lateral", "Normal")
COUNTS = (234, 580, 243)
TRUTH = np.repeat(CLASSES, COUNTS)
UNIFORM = log(3)
PRIOR = 1.0011


def atoms(predicted: np.ndarray) -> Confusions:
    ids = [f"c{number}" for number in range(len(TRUTH))]
    speakers = [f"s{number % 42}" for number in range(len(ids))]
    manifest = pd.DataFrame({"clip_id": ids, "label": TRUTH, "speaker": speakers})
    return metrics.confusions(pd.DataFrame({"clip_id": ids, "predicted": predicted}), manifest,
                              CLASSES)  # fmt: skip


def right_in(share: float, seed: int = 0) -> np.ndarray:
    """Predictions of which about `share` are right, the others any class."""
    rng = np.random.default_rng(seed)
    guesses = rng.choice(CLASSES, len(TRUTH))
    return np.where(rng.random(len(TRUTH)) < share, TRUTH, guesses)


def test_one_class_always_is_the_third_of_the_question() -> None:
    """580 of 1057 clips: macro recall .333, accuracy 55 %, macro-F1 .236."""
    one = atoms(np.full(len(TRUTH), "Lateral"))
    told = collapse(one)
    assert told.status == "found"
    assert told.evidence["uar"] == pytest.approx(1 / 3)
    assert told.evidence["constant_accuracy"] == pytest.approx(580 / 1057)
    assert metrics.macro_f1(one.total) == pytest.approx(0.236, abs=5e-4)
    assert prior_guessing(one).status == "not_found"
    assert exchanged_names(one).status == "not_found"


def test_near_collapse_is_collapse() -> None:
    predicted = np.full(len(TRUTH), "Lateral", dtype=object)
    predicted[::20] = TRUTH[::20]
    assert collapse(atoms(predicted)).status == "found"


def test_a_working_system_has_no_signature() -> None:
    one = atoms(right_in(0.7))
    assert collapse(one).status == "not_found"
    assert prior_guessing(one).status == "not_found"
    assert exchanged_names(one).status == "not_found"


def test_guessing_by_the_class_counts_is_found() -> None:
    guessed = atoms(np.random.default_rng(3).permutation(TRUTH))
    told = prior_guessing(guessed)
    assert told.status == "found"
    assert "as often as they are true" in told.says
    assert collapse(guessed).status == "not_found"
    assert exchanged_names(guessed).status == "not_found"


@pytest.mark.parametrize(
    "order", [("Lateral", "Interdental", "Normal"), ("Normal", "Interdental", "Lateral")]
)
def test_exchanged_names_are_found_and_put_right(order: tuple[str, ...]) -> None:
    names = dict(zip(CLASSES, order, strict=True))
    right = right_in(0.8)
    told = exchanged_names(atoms(np.array([names[name] for name in right])))
    assert told.status == "found"
    assert told.evidence["naming"] == {
        said: meant for meant, said in names.items() if said != meant
    }
    assert told.evidence["best_uar"]["value"] == pytest.approx(
        float(metrics.uar(atoms(right).total))
    )


def test_guesses_rarely_look_exchanged() -> None:
    """The best of six namings of guesses is above chance by construction; the correction for the
    choice keeps it from being found (5 % at most by design)."""
    found = [exchanged_names(atoms(right_in(0.0, seed))).status for seed in range(60)]
    assert found.count("found") <= 6


def test_losses_stand_beside_those_of_guessers() -> None:
    ids = [f"c{number}" for number in range(len(TRUTH))]
    labels = pd.Series(TRUTH, index=ids)
    shares = dict(zip(CLASSES, np.array(COUNTS) / 1057, strict=True))
    predictions = pd.DataFrame({"clip_id": ids, "predicted": "Lateral"} | {
        f"prob_{name}": share for name, share in shares.items()})  # fmt: skip
    told = losses(predictions, labels)
    assert told["uniform"] == pytest.approx(1.0986, abs=5e-5)
    assert told["prior"] == pytest.approx(PRIOR, abs=5e-5)
    assert told["loss"] == pytest.approx(told["prior"])
    assert "loss" not in losses(predictions[["clip_id", "predicted"]], labels)


def log_of(*values: float, norms: tuple[float, ...] = ()) -> pd.DataFrame:
    table = pd.DataFrame({"step": np.arange(len(values), dtype=float), "loss": values})
    return table.assign(grad_norm=norms) if norms else table


def test_a_loss_that_came_back_to_a_guess_was_destroyed() -> None:
    assert destroyed(log_of(1.09, 0.7, 0.8, 1.10), uniform=UNIFORM).status == "found"
    assert destroyed(log_of(1.09, 0.7, 0.5, 0.4), uniform=UNIFORM).status == "not_found"
    assert destroyed(log_of(1.10, 1.09, 1.09), uniform=UNIFORM).status == "not_found"
    assert destroyed(None, uniform=UNIFORM).status == "cannot_tell"


def test_a_gradient_spike_or_nan_is_found() -> None:
    spiked = log_of(1.09, 1.05, 1.10, 1.10, norms=(1.0, 1.2, 60.0, 0.9))
    assert destroyed(spiked, uniform=UNIFORM).status == "found"
    learnt = log_of(1.09, 0.8, 0.4, 0.2, norms=(1.0, 1.2, 60.0, 0.9))
    assert destroyed(learnt, uniform=UNIFORM).status == "not_found"
    broken = log_of(1.09, 0.8, 0.4).assign(n_nan=[0.0, 0.0, 1.0])
    assert destroyed(broken, uniform=UNIFORM).status == "found"


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ((1.10, 1.09), "uniform"),
        ((1.09, 1.0), "prior"),
        ((1.0, 0.4), None),
        ((1.0, 2.5), "uniform"),
    ],
)
def test_a_loss_near_a_guessers_is_stuck(values: tuple[float, ...], where: str | None) -> None:
    assert stuck(log_of(*values), uniform=UNIFORM, prior=PRIOR)["stuck_at"] == where


def test_without_a_log_nothing_is_said_of_losses() -> None:
    assert stuck(None, uniform=UNIFORM, prior=PRIOR) == {}
