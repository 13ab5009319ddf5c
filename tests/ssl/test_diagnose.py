"""Every failure signature planted in a run or its states is found, and not on the clean twin."""

from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.config import load_config
from acoustic_sib.folds import plan_folds
from acoustic_sib.ssl.case import Probed, Told, case_of, probe_states
from acoustic_sib.ssl.diagnose import Case, diagnose, in_short, overlap
from acoustic_sib.ssl.findings import CAUSES, Finding
from acoustic_sib.ssl.import_states import write_states
from acoustic_sib.ssl.run_signs import Answers, head_underfit
from acoustic_sib.ssl.state_dumps import Dump
from acoustic_sib.ssl.state_signs import Heard
from tests.ssl import planted

CONFIG = load_config(folds={"repeats": 1, "n_splits": 4}, evaluation={"permutations": 100},
                     jobs=1)  # fmt: skip
CLIPS = planted.manifest(180, 12)
PLAN = plan_folds(CLIPS, CONFIG.folds, seed=0).table
LABELS = CLIPS.set_index("clip_id")["label"]
DURATIONS = pd.Series(np.random.default_rng(7).uniform(0.1, 0.3, len(CLIPS)), CLIPS["clip_id"])
QUALITY = pd.DataFrame({"duration_s": DURATIONS, "sr_hz": 16000})


def run(predicted: Any, *, folds: pd.DataFrame | None = None, **how: Any) -> Told:
    """A run that said `predicted` of the tested clips."""
    folds = PLAN if folds is None else folds
    tested = folds[folds["fold"] >= 0].reset_index(drop=True)
    said = np.asarray(predicted)[CLIPS.set_index("clip_id").index.get_indexer(tested["clip_id"])]
    known: dict[str, Any] = {"scores": {}, "settings": {}, "history": None, "matching": {},
                             "checkpoint": None}  # fmt: skip
    return Told(name="run", manifest=CLIPS, folds=folds,
                predictions=tested.assign(predicted=said), **(known | how))  # fmt: skip


def right_in(share: float) -> np.ndarray:
    rng = np.random.default_rng(5)
    guesses = rng.choice(planted.CLASSES, len(CLIPS))
    return np.where(rng.random(len(CLIPS)) < share, CLIPS["label"].to_numpy(dtype=str), guesses)


CLEAN = run(right_in(0.7), scores={"accuracy": 0.78})


def finding(cause: str, told: Told, **how: Any) -> Finding:
    return next(one for one in diagnose(case_of(told, QUALITY, **how)) if one.cause == cause)


def test_every_cause_gets_one_answer_in_order() -> None:
    assert [one.cause for one in diagnose(case_of(CLEAN, QUALITY))] == list(CAUSES)


def test_a_clean_run_has_nothing_found() -> None:
    found = [one.cause for one in diagnose(case_of(CLEAN, QUALITY)) if one.status == "found"]
    assert found == []


@pytest.mark.parametrize(
    ("cause", "predicted"),
    [
        ("collapse", np.full(len(CLIPS), "Lateral")),
        ("prior_guessing", np.random.default_rng(1).permutation(CLIPS["label"].to_numpy(str))),
        ("label_permutation", pd.Series(right_in(0.8)).map(
            {"Normal": "Lateral", "Lateral": "Interdental", "Interdental": "Normal"})),
    ],
)  # fmt: skip
def test_a_fault_in_the_answers_is_found(cause: str, predicted: Any) -> None:
    assert finding(cause, run(predicted)).status == "found"
    assert finding(cause, CLEAN).status == "not_found"


def test_a_split_through_speakers_is_found() -> None:
    number = PLAN["clip_id"].str.removeprefix("c").astype(int)
    leaking = PLAN.assign(fold=number // 12 % 4)
    told = finding("split", run(right_in(0.7), folds=leaking))
    assert told.status == "found"
    assert told.evidence["crossing_speakers"] == 12
    assert finding("split", CLEAN).status == "not_found"


def test_a_test_part_of_one_class_is_found() -> None:
    """Two speakers tested, of whom every Normal clip is trained on elsewhere: other shares."""
    speaker = CLIPS.set_index("clip_id")["speaker"]
    table = CLIPS[["clip_id"]].assign(repeat=0, fold=-1)
    tested = speaker.isin(["s00", "s01", "s02"]).to_numpy()
    table.loc[tested, "fold"] = 0
    clips = CLIPS.assign(label=np.where(tested & (np.arange(len(CLIPS)) % 7 > 0), "Lateral",
                                        CLIPS["label"]))  # fmt: skip
    told = Told(name="run", manifest=clips, folds=table, scores={}, settings={}, history=None,
                matching={}, checkpoint=None, predictions=table[table["fold"] >= 0].assign(
                    predicted=clips["label"][tested].to_numpy()))  # fmt: skip
    one = finding("split", told)
    assert one.status == "found"
    assert "other class shares" in one.says


def test_predictions_under_the_wrong_ids_belie_the_reported_accuracy() -> None:
    shuffled = run(np.random.default_rng(2).permutation(right_in(0.7)), scores={"accuracy": 0.8})
    assert finding("clip_ids", shuffled).status == "found"
    assert finding("clip_ids", CLEAN).status == "not_found"
    assert finding("clip_ids", run(right_in(0.7))).status == "cannot_tell"


def states_of(
    arrays: dict[str, np.ndarray], folder: Path, n_valid: dict[str, int] | None,
    meta: dict[str, Any] | None = None,
) -> Path:  # fmt: skip
    facts = {} if n_valid is None else {
        name: {"n_valid_frames": n} for name, n in n_valid.items()}  # fmt: skip
    write_states(Dump(place="planted", clips=lambda: iter(arrays.items()), facts=facts), folder,
                 meta=meta)  # fmt: skip
    return folder


def frames_of(seconds: float, rate: int = 16000) -> int:
    return max((round(seconds * rate) - 400) // 320 + 1, 1)


def made_states(
    folder: Path, *, padded_to: int | None = None, factor: float = 1.0, shuffled: bool = False,
    tell_valid: bool = True, signal: float = 1.5,
) -> Path:  # fmt: skip
    """Two layers; the first carries the label in its valid frames, padding is one loud vector."""
    rng = np.random.default_rng(3)
    tail = 3 * rng.standard_normal(24)
    made, n_valid = {}, {}
    for clip_id, seconds in DURATIONS.items():
        n = round(frames_of(seconds) * factor)
        total = n if padded_to is None else padded_to
        states = rng.standard_normal((2, total, 24)).astype(np.float32)
        states[:, :n, planted.CLASSES.index(LABELS[clip_id])] += signal
        states[:, n:] = tail + 0.01 * rng.standard_normal((1, 24))
        made[str(clip_id)], n_valid[str(clip_id)] = states, n
    if shuffled:
        made = dict(zip(np.random.default_rng(4).permutation(list(made)), made.values(),
                        strict=True))  # fmt: skip
    return states_of(made, folder, n_valid if tell_valid and not shuffled else None)


def probed(folder: Path, told: Told) -> Probed | Heard:
    return probe_states(folder, told, QUALITY, CONFIG, jobs=1)


def test_the_third_of_the_question_is_told_as_what_it_is(tmp_path: Path) -> None:
    """One class always; the states carry the labels; the loss stayed at that of a guess."""
    history = pd.DataFrame({"step": [1.0, 2.0, 3.0], "loss": [1.2, 1.11, log(3)]})
    stuck = run(np.full(len(CLIPS), "Lateral"), history=history)
    states = probed(made_states(tmp_path / "states", padded_to=49, signal=0.7), stuck)
    assert isinstance(states, Probed)
    case = case_of(stuck, QUALITY, states=states)
    findings = {one.cause: one for one in diagnose(case)}
    assert findings["collapse"].status == "found"
    assert findings["head_underfit"].status == "found"
    assert findings["head_underfit"].evidence["probe_uar"]["value"] > 0.8
    assert findings["head_underfit"].evidence["run_uar"]["value"] == pytest.approx(1 / 3)
    assert findings["padding_dominated"].status == "found"
    said = in_short(list(findings.values()))
    assert said.startswith("one class always (Lateral); the features carry 0.")
    assert "the head never learned" in said


def test_a_head_as_good_as_the_probe_is_not_blamed(tmp_path: Path) -> None:
    good = run(CLIPS["label"])
    states = probed(made_states(tmp_path / "states"), good)
    assert finding("head_underfit", good, states=states).status == "not_found"
    assert finding("padding_dominated", good, states=states).status == "not_found"
    assert finding("batch_padding", good, states=states).status == "not_found"
    assert finding("sampling_rate", good, states=states).status == "not_found"
    assert finding("head_underfit", good).status == "cannot_tell"


def test_states_that_carry_nothing_are_not_the_heads_fault(tmp_path: Path) -> None:
    guessing = run(np.full(len(CLIPS), "Lateral"))
    states = probed(made_states(tmp_path / "states", signal=0.0), guessing)
    one = finding("head_underfit", guessing, states=states)
    assert one.status == "not_found"
    assert "nothing is shown in the states themselves" in one.says


def test_states_of_another_sampling_rate_are_found(tmp_path: Path) -> None:
    fast = made_states(tmp_path / "states", factor=44100 / 16000, tell_valid=False)
    states = probed(fast, CLEAN)
    assert isinstance(states, Heard)
    one = finding("sampling_rate", CLEAN, states=states)
    assert one.status == "found"
    assert one.evidence["frames_to_expected"] == pytest.approx(2.76, abs=0.05)


def test_states_under_other_clips_names_are_found(tmp_path: Path) -> None:
    states = probed(made_states(tmp_path / "states", shuffled=True), CLEAN)
    assert isinstance(states, Heard)
    assert finding("clip_ids", CLEAN, states=states).status == "found"


def test_repeated_clips_are_neither_padded_nor_of_another_rate(tmp_path: Path) -> None:
    """49 frames of every clip, each of which hears it: as we advise in place of padding."""
    rng = np.random.default_rng(3)
    made = {str(clip_id): rng.standard_normal((1, 49, 8)).astype(np.float32)
            for clip_id in DURATIONS.index}  # fmt: skip
    for clip_id, states in made.items():
        states[:, :, planted.CLASSES.index(LABELS[clip_id])] += 0.3
    meta = {"padding": {"mode": "repeat"}}
    states = probed(states_of(made, tmp_path / "states", None, meta), CLEAN)
    assert isinstance(states, Probed)
    assert finding("padding_dominated", CLEAN, states=states).status == "not_found"
    assert finding("sampling_rate", CLEAN, states=states).status == "cannot_tell"
    assert finding("clip_ids", CLEAN, states=states).status == "not_found"
    assert {cell["frames"] for cell in states.facts["cells"]} == {"valid"}


def test_a_class_of_one_speaker_leaves_the_intervals_unknown() -> None:
    """Never an all-clear from missing evidence: leaving that speaker out removes the class."""
    clips = CLIPS.assign(label=np.where(CLIPS["speaker"] == "s00", "Normal", np.where(
        np.arange(len(CLIPS)) % 2, "Lateral", "Interdental")))  # fmt: skip
    folds = PLAN.assign(fold=0)
    predictions = folds.assign(predicted=np.random.default_rng(1).permutation(clips["label"]))
    told = Told(name="run", manifest=clips, folds=folds, predictions=predictions, settings={},
                scores={"accuracy": 0.9}, history=None, matching={}, checkpoint=None)  # fmt: skip
    assert finding("prior_guessing", told).status == "cannot_tell"
    answers = Answers(manifest=clips, predictions=predictions, folds=folds)
    right = folds.assign(predicted=clips.set_index("clip_id")["label"].loc[folds["clip_id"]].array)
    losses = {"uniform": log(3), "prior": 1.0}
    assert head_underfit(answers, right, None, losses).status == "cannot_tell"


def test_padding_by_batch_is_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    n_valid = {str(clip_id): frames_of(seconds) for clip_id, seconds in DURATIONS.items()}
    longest = [max(list(n_valid.values())[first : first + 8]) for first in range(0, 180, 8)]
    made = {clip_id: rng.standard_normal((1, longest[number // 8], 8)).astype(np.float32)
            for number, clip_id in enumerate(n_valid)}  # fmt: skip
    states = probed(states_of(made, tmp_path / "states", n_valid), CLEAN)
    assert finding("batch_padding", CLEAN, states=states).status == "found"


def test_a_run_known_by_its_scores_says_what_cannot_be_told() -> None:
    told = Told(name="run", manifest=CLIPS, predictions=None, folds=None, history=None,
                scores={"uar": 1 / 3, "accuracy": 1 / 3}, settings={}, matching={},
                checkpoint=None)  # fmt: skip
    one = finding("collapse", told)
    assert one.status == "cannot_tell"
    assert "exactly that of one class always" in one.says
    assert finding("split", told).status == "cannot_tell"


def test_a_loss_that_never_moves_is_found() -> None:
    flat = pd.DataFrame({"step": [1.0, 2.0, 3.0], "loss": [1.1, 1.1, 1.1]})
    assert finding("nothing_trains", run(right_in(0.7), history=flat)).status == "found"


def test_whose_errors_are_whose() -> None:
    """Counted by hand: the run is wrong on the first 30 clips, the baseline on clips 20 to 59."""
    truth = CLIPS["label"].to_numpy(dtype=str)
    wrong = np.array([planted.CLASSES[(planted.CLASSES.index(name) + 1) % 3] for name in truth])
    number = np.arange(len(CLIPS))
    baseline = run(np.where((number >= 20) & (number < 60), wrong, truth)).predictions
    told = overlap(case_of(run(np.where(number < 30, wrong, truth)), QUALITY, baseline=baseline))
    assert told is not None
    assert (told["both_wrong"], told["only_run_wrong"], told["only_baseline_wrong"]) == (10, 20, 30)
    assert told["label_suspects"] == [f"c{n:03d}" for n in range(20, 30)]
    assert told["difference"]["low"] < told["difference"]["value"]
    assert told["same_folds"]
    assert 0 < told["smallest_p"] <= told["p_value"] <= 1
    same = run(np.where(number < 30, wrong, truth))
    twin = overlap(case_of(same, QUALITY, baseline=same.predictions))
    assert twin is not None
    assert (twin["difference"]["value"], twin["p_value"]) == (0, 1)
    assert overlap(Case(sounds=case_of(CLEAN, QUALITY).sounds, manifest=CLIPS)) is None
