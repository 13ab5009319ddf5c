"""Average spectra: each speaker counts once, loudness is no spread."""

import numpy as np
import pytest

from acoustic_sib.report.spectra import average_spectra

FREQS_HZ = np.array([1000.0, 2000.0])


def test_each_speaker_counts_once() -> None:
    # Shapes (half the difference between the two bins): speaker a 1, 1, 1; b 3; c 5.
    shapes = np.array([1.0, 1.0, 1.0, 3.0, 5.0])
    levels = np.column_stack([shapes, -shapes])
    made = average_spectra(FREQS_HZ, levels, ["s"] * 5, ["a", "a", "a", "b", "c"], ["s"])
    mean, low, high = made.by_class["s"]
    assert mean == pytest.approx([3.0, -3.0])
    assert low == pytest.approx([2.0, -4.0])
    assert high == pytest.approx([4.0, -2.0])
    assert (made.n_speakers, made.n_clips, made.unit) == ({"s": 3}, {"s": 5}, "speaker")


def test_loudness_does_not_matter() -> None:
    levels = np.array([[10.0, 20.0], [-40.0, -30.0], [0.0, 10.0]])
    made = average_spectra(FREQS_HZ, levels, ["s"] * 3, None, ["s"])
    for curve in made.by_class["s"]:
        assert curve == pytest.approx([-5.0, 5.0])
    assert made.unit == "clip"


def test_two_speakers_have_no_spread_and_an_empty_class_no_curve() -> None:
    levels = np.array([[0.0, 2.0], [0.0, 4.0]])
    made = average_spectra(FREQS_HZ, levels, ["s", "s"], ["a", "b"], ["s", "x"])
    mean, low, high = made.by_class["s"]
    assert mean == pytest.approx([-1.5, 1.5])
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    assert np.isnan(made.by_class["x"][0]).all()
    assert made.n_clips == {"s": 2, "x": 0}


def test_bins_that_a_clip_lacks_are_left_out_of_its_mean() -> None:
    levels = np.array([[1.0, np.nan], [3.0, 5.0]])
    made = average_spectra(FREQS_HZ, levels, ["s", "s"], None, ["s"])
    assert made.by_class["s"][0] == pytest.approx([-0.5, 1.0])
