"""Label suspects: clips, and whole speakers, whose labels the sound speaks against.

A clip is judged by models that never heard its speaker: a speaker whose labels are consistently
wrong then still sounds like what the others were taught. A suspect is a clip to listen to, not an
error: an unusual voice and a poor model look alike.
"""

from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit, log_softmax, softmax
from threadpoolctl import threadpool_limits

from acoustic_sib.evaluate import FoldTask, Progress, fold_tasks, speaker_codes
from acoustic_sib.ladder.exchanged import SpeakerTest, speaker_tests
from acoustic_sib.ladder.registry import Climb, Rows
from acoustic_sib.models import WeightedSVM, Weighting, classifier, preparation

Floats = NDArray[np.float64]
Labels = NDArray[np.str_]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

JUDGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("logistic", {"C": 0.01}),
    ("lda", {}),
    ("svm_rbf", {"C": 2.0}),
)
"""Three unlike models of fixed settings: their mean is steadier than one chosen model, and nothing
is chosen by labels that are under suspicion."""

LARGEST_P_OWN = 0.1
"""A clip is a suspect when its own label has less than one chance in ten."""

LEAST_KEPT = 2 / 3
"""A class that would lose more than a third of its training clips as doubtful keeps them all."""

SPEAKER_COLUMNS = (
    "speaker", "n_clips", "n_suspect", "share", "p_value", "labels", "mostly_taken_for",
    "mean_p_own", "log_odds", "support", "exchanged",
)  # fmt: skip

_FLOOR = 1e-3
_ROUNDS = 2
_EXTRAS = ("speaker", "phone", "sex", "age_group", "age")


@dataclass(frozen=True, kw_only=True)
class Suspects:
    """`clips`: every tested clip, the most suspect first: `clip_id label predicted p_own`;
    `p_sound`, what the clip's own sound alone gives its label; `suspect`; `because` ('clip',
    'speaker' or ''); and what the manifest says of the clip. `speakers`: every speaker that could
    be compared, those whose labels look exchanged first (`exchanged`)."""

    clips: pd.DataFrame
    speakers: pd.DataFrame

    def in_result(self) -> dict[str, Rows]:
        """What result.json says of them."""
        return {"suspects": self.clip_rows(), "suspect_speakers": self.speaker_rows()}

    def clip_rows(self) -> Rows:
        """The suspects for result.json, the most suspect first."""
        return _rows(self.clips[self.clips["suspect"]].drop(columns="suspect"))

    def speaker_rows(self) -> Rows:
        """The speakers whose labels look exchanged, for result.json, the surest first."""
        return _rows(
            self.speakers[self.speakers["exchanged"].astype(bool)].drop(columns="exchanged")
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """What is written beside the report."""
        named = {"suspects": self.clips, "suspect_speakers": self.speakers}
        return {name: table for name, table in named.items() if len(table)}


def label_suspects(
    features: pd.DataFrame, manifest: pd.DataFrame, folds: pd.DataFrame, *,
    weighting: Weighting = "balanced", seed: int, jobs: int, progress: Progress | None = None,
) -> Suspects:  # fmt: skip
    """Judge every tested clip's label by models that heard neither it nor its speaker.

    Two rounds: what the first suspects is not trained on in the second, which decides. `features`
    is indexed by clip id; `manifest` and `folds` as in tables.py. Without speakers, or with too
    few, clips are judged alone. The class with the largest belief is `predicted`, so that it
    agrees with `p_own`.
    """
    table = features.loc[manifest["clip_id"]].to_numpy(dtype=float)
    labels = manifest["label"].to_numpy(dtype=str)
    tasks = fold_tasks(folds, manifest)
    tested = np.unique(np.concatenate([task.test for task in tasks]))
    classes, codes = np.unique(labels, return_inverse=True)
    codes, speakers = codes[tested], speaker_codes(manifest)
    doubted = np.zeros(len(labels), dtype=bool)
    for done in range(1, _ROUNDS + 1):
        sound = _judged(table, labels, tasks, doubted, weighting, seed, jobs)[tested]
        if speakers is None:
            sound, tests = tempered(sound, codes, np.zeros(len(codes), dtype=bool)), []
        else:
            first = speaker_tests(sound, codes, speakers[tested])
            sound = tempered(sound, codes, _exchanged(first, len(codes)))
            tests = speaker_tests(sound, codes, speakers[tested])
        belief = informed(sound, codes, tests)
        because = _reasons(belief, codes, tests)
        doubted[tested] = because != ""
        if progress is not None:
            progress(done, _ROUNDS)
    clips = _ranked(manifest.iloc[tested], classes, codes, sound, belief, because)
    names = [] if speakers is None else sorted(set(manifest["speaker"]))
    return Suspects(
        clips=clips.reset_index(drop=True), speakers=_by_speaker(tests, names, classes, clips)
    )


def suspects_of(climb: Climb) -> Suspects:
    """The suspects of a check, judged by the largest of its feature sets."""
    columns = max(climb.column_sets.values(), key=len)
    with climb.stage("doubting the labels") as progress:
        return label_suspects(
            climb.features[columns], climb.manifest, climb.folds, jobs=climb.jobs,
            weighting=climb.config.models.class_weight, seed=climb.config.seed, progress=progress,
        )  # fmt: skip


def informed(sound: Floats, codes: Codes, tests: list[SpeakerTest]) -> Floats:
    """Class probabilities (n, C) that heed the speaker where a speaker's labels look exchanged.

    The two classes' probability is shared anew so that no clip is surer of its own label than that
    speaker's clips are on average.
    """
    belief = sound.copy()
    for one in (test for test in tests if test.is_exchanged):
        own, other = codes[one.clips], one.other(codes[one.clips])
        both = sound[one.clips, own] + sound[one.clips, other]
        odds = np.log(sound[one.clips, own]) - np.log(sound[one.clips, other])
        share = expit(np.minimum(odds, one.log_odds))
        belief[one.clips, own], belief[one.clips, other] = both * share, both * (1 - share)
    return belief


def tempered(sound: Floats, codes: Codes, left_out: Flags) -> Floats:
    """`sound` to the power 1/T, renormalised, with the T of least out-of-fold log loss, classes
    weighing alike: what models with few speakers to learn from are too sure of is toned down.

    `left_out` clips are not asked. T is 1 to 8: labels under suspicion are no ground for making the
    models surer (temperature scaling: Guo et al. 2017, doi:10.48550/arXiv.1706.04599).
    """
    asked = np.flatnonzero(~left_out)
    weight = 1 / np.bincount(codes[asked], minlength=sound.shape[1])[codes[asked]]
    logs = np.log(sound)

    def loss(log_t: float) -> float:
        own = log_softmax(logs[asked] / np.exp(log_t), axis=1)[np.arange(len(asked)), codes[asked]]
        return float(-(weight * own).sum() / weight.sum())

    best = optimize.minimize_scalar(loss, bounds=(0.0, np.log(8)), method="bounded")
    toned: Floats = softmax(logs / np.exp(best.x), axis=1)
    return toned


def _exchanged(tests: list[SpeakerTest], n: int) -> Flags:
    found = np.zeros(n, dtype=bool)
    for one in tests:
        found[one.clips] |= one.is_exchanged
    return found


def _reasons(belief: Floats, codes: Codes, tests: list[SpeakerTest]) -> Labels:
    """Why a clip is suspect: its speaker, itself, or '' where it is not."""
    because = np.where(_own(belief, codes) < LARGEST_P_OWN, "clip", "").astype("<U7")
    for one in tests:
        if one.is_exchanged:
            because[one.clips] = "speaker"
    return because


def _own(probabilities: Floats, codes: Codes) -> Floats:
    own: Floats = probabilities[np.arange(len(codes)), codes]
    return own


def _judged(
    table: Floats, labels: Labels, tasks: list[FoldTask], doubted: Flags, weighting: Weighting,
    seed: int, jobs: int,
) -> Floats:  # fmt: skip
    """Mean out-of-fold probabilities (n, C) over judges and repeats, all above 0."""
    n_classes = len(np.unique(labels))
    parts = joblib.Parallel(n_jobs=min(jobs, len(tasks)), return_as="generator")(
        joblib.delayed(_judge_fold)(task, table, labels, doubted, weighting, seed) for task in tasks
    )
    total, times = np.zeros((len(labels), n_classes)), np.zeros(len(labels))
    for task, part in zip(tasks, parts, strict=True):
        total[task.test] += part
        times[task.test] += 1
    mean = total / np.maximum(times, 1)[:, None]
    # A class that a training part lacks has no probability; its logarithm is needed.
    return (1 - _FLOOR) * mean + _FLOOR / n_classes


def _judge_fold(
    task: FoldTask, table: Floats, labels: Labels, doubted: Flags, weighting: Weighting, seed: int
) -> Floats:
    classes = np.unique(labels)
    with threadpool_limits(limits=1):
        train = trusted(task.train, labels, doubted)
        prepare = preparation().fit(table[train])
        seen, unseen = prepare.transform(table[train]), prepare.transform(table[task.test])
        total = np.zeros((len(task.test), len(classes)))
        for name, settings in JUDGES:
            model = classifier(name, settings, weighting=weighting, seed=seed)
            model.fit(seen, labels[train])
            total[:, np.isin(classes, model.classes_)] += probabilities(model, unseen)
        return total / len(JUDGES)


def trusted(train: Codes, labels: Labels, doubted: Flags) -> Codes:
    """The training clips that are not doubted; all of a class that would lose over a third."""
    kept = ~doubted[train]
    for name in np.unique(labels[train]):
        bears = labels[train] == name
        if kept[bears].mean() < LEAST_KEPT:
            kept |= bears
    return train[kept]


def probabilities(model: Any, table: Floats) -> Floats:
    """Class probabilities; for a support vector machine the softmax of its class margins, which
    moves gradually where Platt scaling leaps."""
    if isinstance(model, WeightedSVM):
        stands_for: Floats = softmax(model.class_margins(table), axis=1)
        return stands_for
    given: Floats = model.predict_proba(table)
    return given


def _ranked(
    manifest: pd.DataFrame, classes: Labels, codes: Codes, sound: Floats, belief: Floats,
    because: Labels,
) -> pd.DataFrame:  # fmt: skip
    clips = pd.DataFrame({
        "clip_id": manifest["clip_id"].to_numpy(), "label": classes[codes],
        "predicted": classes[belief.argmax(axis=1)], "p_own": _own(belief, codes),
        "p_sound": _own(sound, codes), "suspect": because != "", "because": because,
    })  # fmt: skip
    for name in _EXTRAS:
        if name in manifest:
            clips[name] = manifest[name].to_numpy()
    return clips.sort_values(["p_own", "clip_id"])


def _by_speaker(
    tests: list[SpeakerTest], names: list[str], classes: Labels, clips: pd.DataFrame
) -> pd.DataFrame:
    """`share` is that of suspects among the speaker's clips; `log_odds`, `support` and `p_value`
    are those of the pair of labels `exchanged_labels` (see exchanged.py)."""
    rows = []
    for one in sorted(tests, key=lambda test: not test.is_exchanged):
        own = clips[clips["speaker"] == names[one.speaker]]
        wrong = own.loc[own["predicted"] != own["label"], "predicted"]
        rows.append({
            "speaker": names[one.speaker], "n_clips": len(own),
            "n_suspect": int(own["suspect"].sum()),
            "share": float(own["suspect"].mean()), "p_value": one.p_value,
            "labels": " and ".join(classes[list(one.pair)]),
            "mostly_taken_for": None if wrong.empty else str(wrong.mode().iloc[0]),
            "mean_p_own": float(own["p_sound"].mean()), "log_odds": one.log_odds,
            "support": one.support, "exchanged": one.is_exchanged,
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(SPEAKER_COLUMNS))


def _rows(table: pd.DataFrame) -> Rows:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
