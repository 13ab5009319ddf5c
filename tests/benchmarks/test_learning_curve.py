"""How often the forecast of the learning curve holds what twice as many speakers truly bring."""

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from acoustic_sib.ladder.learning_curve import learning_curve
from acoustic_sib.models import pipeline
from tests.benchmarks.tables import write_report_table
from tests.ladder.gaussians import gaussian_climb

CORPORA = 30
TRAINED = 400
CLIPS = 25
CLASSES = np.array(["Interdental", "Lateral", "Normal"])
LDA = {"estimator__shrinkage": "auto"}

Values = NDArray[np.float64]
Drawn = tuple[Values, list[str], list[int]]


def drawn(
    rng: np.random.Generator, n_speakers: int, clips: int, n_columns: int, one_label: bool
) -> Drawn:
    """Unit Gaussians, class means 1.5 along an axis each, speakers' own offsets of SD .7."""
    speakers = np.repeat(np.arange(n_speakers), clips)
    codes = speakers % 3 if one_label else rng.integers(3, size=len(speakers))
    values = rng.standard_normal((len(speakers), n_columns))
    values += 0.7 * rng.standard_normal((n_speakers, n_columns))[speakers]
    values[:, :3] += 1.5 * np.eye(3)[codes]
    return values, CLASSES[codes].tolist(), speakers.tolist()


def true_uars(
    rng: np.random.Generator, sizes: tuple[int, ...], n_columns: int, one_label: bool
) -> list[float]:
    """Mean UAR of models that were trained on so many new speakers each, all on the same 3000
    others: on another test set each, chance would exceed the gain."""
    values, labels, _ = drawn(rng, 3000, 5, n_columns, one_label)
    truth = np.array(labels)

    def once(n_speakers: int) -> float:
        seen, names, _ = drawn(rng, n_speakers, CLIPS, n_columns, one_label)
        model = pipeline("lda", LDA, probabilities=False).fit(seen, np.array(names))
        right = model.predict(values) == truth
        return float(np.mean([right[truth == name].mean() for name in CLASSES]))

    return [float(np.mean([once(n) for _ in range(TRAINED)])) for n in sizes]


@pytest.mark.bench
def test_the_forecast_holds_what_more_speakers_bring() -> None:
    rows = []
    designs = [(12, 20, False), (12, 20, True), (24, 20, False), (24, 20, True), (42, 20, True),
               (24, 3, False)]  # fmt: skip
    for n_speakers, n_columns, one_label in designs:
        rng = np.random.default_rng([21, n_speakers, n_columns, one_label])
        trained = round(0.8 * n_speakers)
        with threadpool_limits(limits=1):
            now, then = true_uars(rng, (trained, 2 * trained), n_columns, one_label)
            found = []
            for _ in range(CORPORA):
                table = drawn(rng, n_speakers, CLIPS, n_columns, one_label)
                ahead = learning_curve(gaussian_climb(*table, folds={"repeats": 2})).ahead
                assert ahead is not None
                found.append(ahead)
        gain = then - now
        told = [one for one in found if one.told]
        held = sum(one.gain["low"] <= gain <= one.gain["high"] for one in found)
        held_told = sum(one.gain["low"] <= gain <= one.gain["high"] for one in told)
        uar_told = sum(one.uar["low"] <= then <= one.uar["high"] for one in told)
        rows.append([
            n_speakers, "one label a speaker" if one_label else "crossed", n_columns,
            f"{now:.3f}", f"{gain:.3f}", f"{np.mean([one.gain['value'] for one in found]):.3f}",
            f"{held} of {len(found)}", len(told), f"{held_told} of {len(told)}",
            f"{uar_told} of {len(told)}", sum(one.rises for one in found),
        ])  # fmt: skip
        print(rows[-1], flush=True)
        assert held >= 0.85 * len(found)
    write_report_table(
        "learning_curve", "The learning curve's forecast against what more speakers bring",
        "python -m pytest -m bench -s tests/benchmarks/test_learning_curve.py",
        ["speakers", "labels", "columns", "true UAR", "true gain", "mean forecast gain",
         "gain held", "told", "gain held where told", "UAR held where told", "called rising"],
        rows,
        [f"Simulated feature tables, no audio: {CORPORA} corpora a row, three classes, {CLIPS} "
         "clips a speaker, LDA, five folds twice, the whole learning curve on each.",
         "True UAR: trained on four fifths of the speakers; true gain: on twice as many. Both are "
         f"means over {TRAINED} newly drawn training corpora, tested on 15,000 clips.",
         "Held: the 95 % interval holds the true figure. Told: the interval of the gain is no "
         "wider than 0.10; the rung gives no forecast of the UAR elsewhere."],
    )  # fmt: skip
