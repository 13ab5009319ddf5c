"""What must hold for every family, asked of each that is registered."""

import inspect
import math
import re

import numpy as np
import pytest

from acoustic_sib import features
from acoustic_sib.errors import AudioError, ConfigError
from acoustic_sib.features.registry import NO_FAMILIES
from tests.conftest import white_noise
from tests.features.sounds import impulse, sines_below, tone

CLIPS = {
    "noise": (white_noise(0.15), 44100),
    "tone": (tone(6000.0), 44100),
    "impulse": (impulse(), 44100),
    "silence": (np.zeros(4410), 44100),
    "constant": (np.full(4410, 0.1), 44100),
    "half silent": (np.concatenate([np.zeros(4410), white_noise(0.1)]), 44100),
    "50 samples": (white_noise(1.0)[:50], 44100),
    "1 sample": (np.array([0.5]), 44100),
    "30 ms": (white_noise(0.03), 44100),
    "20 ms": (white_noise(0.02), 44100),
    "8 kHz": (white_noise(0.2, sr=8000), 8000),
    "16 kHz": (white_noise(0.2, sr=16000), 16000),
    "192 kHz": (white_noise(0.05, sr=192000), 192000),
    "quiet": (1e-9 * white_noise(0.1), 44100),
}
families = pytest.mark.parametrize("family", list(features.families()))


def recipe_of(family: str, high_hz: float = 11025.0) -> features.Recipe:
    return features.Recipe(high_hz=high_hz, families=(family,))


def test_the_ten_families_are_found_by_the_scan():
    assert tuple(features.families()) == features.FAMILIES
    assert not NO_FAMILIES & set(features.families())


@families
@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("high_hz", [3920.0, 11025.0])
def test_every_clip_has_the_same_columns_finite_or_nan(family, clip, high_hz):
    recipe = recipe_of(family, high_hz)
    samples, sr = CLIPS[clip]
    columns = features.measure(samples, sr, recipe)
    assert list(columns) == features.column_names(recipe)
    assert {type(value) for value in columns.values()} == {float}
    assert not any(math.isinf(value) for value in columns.values())


@families
def test_a_clip_is_left_as_it_was_and_measured_alike_twice(family):
    samples = white_noise(0.15)
    before = samples.copy()
    first = features.measure(samples, 44100, recipe_of(family))
    features.measure(tone(3000.0), 16000, recipe_of(family, 7840.0))
    second = features.measure(samples, 44100, recipe_of(family))
    np.testing.assert_array_equal(samples, before)
    np.testing.assert_array_equal(list(first.values()), list(second.values()))


@families
def test_columns_are_named_after_family_measure_and_estimate(family):
    statistic = r"(\.(frames_mean|frames_sd|frames_slope|multitaper))?"
    for column in features.column_names(recipe_of(family)):
        assert re.fullmatch(rf"{family}\.[a-z0-9_]+{statistic}", column)


@families
def test_the_docstring_says_when_a_measure_is_nan_and_its_settings_are_keyword_only(family):
    function = features.families()[family].function
    assert "NaN" in (inspect.getdoc(function) or "")
    parameters = list(inspect.signature(function).parameters.values())
    assert parameters[0].name == "spectra"
    assert {p.kind for p in parameters[1:]} <= {inspect.Parameter.KEYWORD_ONLY}


@families
def test_an_ordinary_clip_leaves_little_unmeasured(family):
    """White noise is neither voiced nor beside a vowel."""
    columns = features.measure(white_noise(0.3), 44100, recipe_of(family))
    absent = {name for name, value in columns.items() if math.isnan(value)}
    assert absent <= {
        "temporal.level_re_vowel_db",
        "praat.f2_onset_hz",
        "praat.hnr_db",
    }


@families
def test_silence_is_not_measurable_but_has_a_duration(family):
    columns = features.measure(np.zeros(4410), 44100, recipe_of(family))
    known = {name for name, value in columns.items() if not math.isnan(value)}
    assert known <= {"temporal.duration_s"}


@families
def test_one_kind_of_sound_measures_alike_at_two_sampling_rates(family):
    """Twice the rate doubles window and transform: bins and bands coincide, so must the numbers.

    What is left is the rounding of the clip to whole hops and blocks and, for Praat, of its
    interpolation.
    """
    recipe = recipe_of(family, 7000.0)
    low, high = (features.measure(sines_below(6800.0, sr=sr), sr, recipe) for sr in (24000, 48000))
    for name, value in low.items():
        tolerance = 0.02 * abs(value) + (5.0 if "slope" in name or "per_s" in name else 0.2)
        assert math.isnan(value) == math.isnan(high[name]), name
        assert math.isnan(value) or abs(value - high[name]) < tolerance, name


def test_samples_that_are_no_sound_are_refused():
    recipe = features.Recipe(high_hz=11025.0)
    for samples, message in (
        (np.empty(0), "no samples"),
        (np.zeros((100, 2)), "one channel"),
        (np.array([0.0, np.nan]), "NaN or infinite"),
    ):
        with pytest.raises(AudioError, match=message):
            features.measure(samples, 44100, recipe)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"families": ("momments",)}, "unknown family 'momments'; did you mean 'moments'"),
        ({"families": ()}, "no family named"),
        ({"families": ("erb", "erb")}, "'erb' is named twice"),
        ({"settings": {"peak": {}}}, "unknown family 'peak'; did you mean 'peaks'"),
        ({"settings": {"peaks": {"fm_low": 1}}}, "setting 'fm_low'; did you mean 'fm_low_hz'"),
        ({"settings": {"bands": {"x": 1}}}, "unknown setting 'x'; the family has none"),
        ({"settings": {"mfcc": {"n_mfcc": "13"}}}, "n_mfcc is '13'; expected int, such as 13"),
        ({"settings": {"mfcc": {"n_mfcc": True}}}, "n_mfcc is True; expected int"),
        ({"high_hz": "auto"}, "'auto' must be resolved"),
        ({"low_hz": 12000.0}, "low_hz 12000 is not between 0 and high_hz 11025"),
        ({"hop_s": 0.03}, "hop_s 0.03 is not between 0 and window_s"),
        ({"window_s": 20.0}, "is it in milliseconds"),
        ({"tapers": 9}, "expected 1 to 2 \\* time_bandwidth = 8"),
    ],
)  # fmt: skip
def test_a_recipe_refuses_what_it_does_not_know(wrong, message):
    with pytest.raises(ConfigError, match=message):
        features.Recipe(**({"high_hz": 11025.0} | wrong))


def test_families_refuse_settings_that_contradict_each_other():
    for family, settings, message in (
        ("mfcc", {"n_mfcc": 41}, "n_mfcc is 41; expected 1 to n_mels = 40"),
        ("logmel", {"n_mels": 0}, "n_mels is 0"),
        ("shape", {"n_dct": 99}, "n_dct is 99"),
    ):
        recipe = features.Recipe(high_hz=11025.0, families=(family,), settings={family: settings})
        with pytest.raises(ConfigError, match=message):
            features.column_names(recipe)


def test_equal_recipes_are_one_key_and_settings_change_it():
    plain = features.Recipe(high_hz=11025.0)
    same = features.Recipe(high_hz=11025.0)
    other = features.Recipe(high_hz=11025.0, settings={"praat": {"pitch_floor_hz": 150}})
    assert plain == same
    assert hash(plain) == hash(same)
    assert plain.key == same.key
    assert other.key != plain.key
    assert other.family_settings("praat") == {"pitch_floor_hz": 150, "pitch_ceiling_hz": 600.0}


def test_high_hz_of_a_corpus_is_the_lowest_limit():
    assert features.corpus_high_hz([44100, 48000]) == 11025.0
    assert features.corpus_high_hz([44100, 16000]) == 7840.0
    # The 5th percentile of 1..100 times 100 Hz, by linear interpolation: 595 Hz.
    assert features.corpus_high_hz([44100], [100.0 * n for n in range(1, 101)]) == 595.0
    assert features.corpus_high_hz([44100], [float("nan")]) == 11025.0


def test_feature_sets_name_columns_that_exist():
    names = features.column_names(features.Recipe(high_hz=11025.0))
    compact = features.columns_of_set("compact", names)
    assert set(compact) == set(features.FEATURE_SETS["compact"])
    assert features.columns_of_set("all", names) == names
    assert features.columns_of_set("erb", names) == [n for n in names if n.startswith("erb.")]
    assert features.columns_of_set("compact", ["mfcc.c0.frames_mean"]) == []
    with pytest.raises(ConfigError, match="unknown feature set 'compakt'; did you mean 'compact'"):
        features.columns_of_set("compakt", names)


def test_extractor_refuses_a_setting_without_a_default():
    def wrong(spectra, width):
        return {}

    with pytest.raises(TypeError, match="'width' must be keyword-only with a default"):
        features.extractor(wrong)


def test_the_package_offers_only_what_it_names():
    with pytest.raises(AttributeError, match="no attribute 'spectrogram'"):
        features.__getattr__("spectrogram")
