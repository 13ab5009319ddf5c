"""Speed of the feature families against plain library calls, measured in the same run.

Run by `make bench`. Single core; the best of several runs, because other work on the machine can
only add time.
"""

import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from acoustic_sib import features
from tests.benchmarks.tables import write_report_table
from tests.conftest import white_noise

pytestmark = pytest.mark.bench

SR = 44100
SAMPLES = white_noise(0.24)
ROWS: list[list[object]] = []
WINDOW = {"n_fft": 1024, "hop_length": 220}


def best_of_each_ms(*calls: Callable[[], object], rounds: int) -> list[float]:
    """The shortest time of each call, taken in turns so that a slow minute hits all alike."""
    times = []
    for _ in range(rounds):
        row = []
        for call in calls:
            # Once unmeasured: the other calls have emptied the processor's caches.
            call()
            begin = time.perf_counter()
            call()
            row.append(time.perf_counter() - begin)
        times.append(row)
    return [1000 * float(best) for best in np.min(times, axis=0)]


def time_alone_ms(family: str) -> float:
    alone = features.Recipe(high_hz=11025.0, families=(family,))
    return best_of_each_ms(lambda: features.measure(SAMPLES, SR, alone), rounds=100)[0]


def librosa_loop(samples: NDArray[np.float64]) -> None:
    from librosa import feature

    feature.mfcc(y=samples, sr=SR, n_mfcc=13, **WINDOW)
    feature.melspectrogram(y=samples, sr=SR, **WINDOW)
    feature.spectral_centroid(y=samples, sr=SR, **WINDOW)
    feature.spectral_bandwidth(y=samples, sr=SR, **WINDOW)
    feature.spectral_rolloff(y=samples, sr=SR, **WINDOW)
    feature.spectral_flatness(y=samples, **WINDOW)
    feature.spectral_contrast(y=samples, sr=SR, **WINDOW)
    feature.zero_crossing_rate(y=samples, frame_length=1024, hop_length=220)
    feature.rms(y=samples, frame_length=1024, hop_length=220)


def plain_praat(samples: NDArray[np.float64]) -> None:
    import parselmouth

    sound = parselmouth.Sound(samples, sampling_frequency=SR)
    spectrum = sound.to_spectrum()
    spectrum.get_centre_of_gravity(2)
    spectrum.get_standard_deviation(2)
    spectrum.get_skewness(2)
    spectrum.get_kurtosis(2)
    sound.to_pitch()
    sound.to_intensity(320)
    sound.to_harmonicity_cc()


def test_families_take_a_quarter_of_a_librosa_loop(capsys: pytest.CaptureFixture[str]) -> None:
    recipe = features.Recipe(
        high_hz=11025.0, families=tuple(name for name in features.FAMILIES if name != "praat")
    )
    with threadpool_limits(1):
        ours, plain = best_of_each_ms(
            lambda: features.measure(SAMPLES, SR, recipe), lambda: librosa_loop(SAMPLES), rounds=100
        )
        each = {family: time_alone_ms(family) for family in recipe.families}
    with capsys.disabled():
        print(f"\nall families but praat {ours:.2f} ms, librosa loop {plain:.2f} ms, "
              f"ratio {ours / plain:.3f} (at most 0.25)")  # fmt: skip
        print("alone, with its transforms: "
              + ", ".join(f"{name} {value:.2f}" for name, value in each.items()))  # fmt: skip
    ROWS.append(["all families but `praat` / plain loop of librosa calls", f"{ours:.2f}",
                 f"{plain:.2f}", f"{ours / plain:.3f}", "0.25"])  # fmt: skip
    assert ours <= 0.25 * plain


def test_praat_takes_a_third_of_the_plain_calls(capsys: pytest.CaptureFixture[str]) -> None:
    recipe = features.Recipe(high_hz=11025.0, families=("praat",))
    with threadpool_limits(1):
        ours, plain = best_of_each_ms(
            lambda: features.measure(SAMPLES, SR, recipe), lambda: plain_praat(SAMPLES), rounds=15
        )
    with capsys.disabled():
        print(f"\npraat {ours:.2f} ms, plain parselmouth calls {plain:.2f} ms, "
              f"ratio {ours / plain:.3f} (at most 0.3)")  # fmt: skip
    ROWS.append(["`praat` / plain parselmouth calls with `to_harmonicity_cc`", f"{ours:.2f}",
                 f"{plain:.2f}", f"{ours / plain:.3f}", "0.3"])  # fmt: skip
    write_report_table(
        "feature_speed", "Speed of the feature families",
        "python -m pytest -m bench -s tests/benchmarks/test_feature_speed.py",
        ["what (0.24 s of noise at 44.1 kHz, one core)", "ours, ms", "plain, ms", "ratio", "limit"],
        ROWS,
        ["The shortest of 100 (15 for Praat) turns each, taken in turns within one run."],
    )  # fmt: skip
    assert ours <= 0.3 * plain
