"""AcousticFeatures in other people's scikit-learn code."""

import pickle

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import acoustic_sib
from acoustic_sib import AcousticFeatures, features
from acoustic_sib.errors import AudioError, ConfigError, CorpusError
from tests.conftest import white_noise
from tests.features.sounds import tone

SR = 44100


def clips_of_two_kinds(n_clips: int = 12) -> tuple[list[np.ndarray], np.ndarray]:
    """Noise with a tone at 4 or at 7 kHz, of different lengths."""
    labels = np.arange(n_clips) % 2
    clips = [
        tone((4000.0, 7000.0)[label], duration_s=0.06 + 0.005 * index)
        + white_noise(0.06 + 0.005 * index, seed=index)[: round((0.06 + 0.005 * index) * SR)]
        for index, label in enumerate(labels)
    ]
    return clips, labels


@pytest.fixture
def paths(tmp_path):
    clips, _ = clips_of_two_kinds(4)
    names = [tmp_path / f"clip{index}.wav" for index in range(4)]
    for name, clip in zip(names, clips, strict=True):
        soundfile.write(name, clip, SR, subtype="DOUBLE")
    return names


def test_one_row_a_clip_as_measure_gives_it():
    clips, _ = clips_of_two_kinds(3)
    transformer = AcousticFeatures(families=["moments", "bands"], sr=SR, high_hz=11025.0)
    table = transformer.fit_transform(clips)
    recipe = features.Recipe(families=("moments", "bands"), high_hz=11025.0)
    expected = [list(features.measure(clip, SR, recipe).values()) for clip in clips]
    np.testing.assert_array_equal(table, expected)
    assert list(transformer.get_feature_names_out()) == features.column_names(recipe)


def test_it_stands_in_a_pipeline_and_a_grid_search_reaches_its_settings():
    clips, labels = clips_of_two_kinds()
    pipeline = make_pipeline(
        AcousticFeatures(families=["moments", "bands"], sr=SR),
        SimpleImputer(keep_empty_features=True), StandardScaler(), SVC(),
    )  # fmt: skip
    grid = {
        "acousticfeatures__families": [["temporal"], ["moments", "peaks"]],
        "acousticfeatures__settings": [None, {"peaks": {"fm_low_hz": 2500.0}}],
    }
    search = GridSearchCV(pipeline, grid, cv=3).fit(clips, labels)
    # The tone's frequency decides; duration and level do not.
    assert search.best_params_["acousticfeatures__families"] == ["moments", "peaks"]
    assert search.best_score_ == 1
    assert (search.predict(clips) == labels).all()


def test_clone_keeps_every_parameter_and_nothing_fitted():
    clips, _ = clips_of_two_kinds(2)
    settings = {"praat": {"pitch_floor_hz": 150.0}}
    transformer = AcousticFeatures(
        families=["praat"], sr=SR, high_hz=8000.0, window_s=0.01, hop_s=0.002, settings=settings,
        n_jobs=1,
    ).fit(clips)  # fmt: skip
    copy = clone(transformer)
    assert copy.get_params() == transformer.get_params()
    assert not hasattr(copy, "recipe_")
    assert transformer.recipe_.family_settings("praat")["pitch_floor_hz"] == 150.0
    restored = pickle.loads(pickle.dumps(transformer))
    np.testing.assert_array_equal(restored.transform(clips), transformer.transform(clips))


def test_set_output_gives_a_frame_with_the_columns_names():
    clips, _ = clips_of_two_kinds(2)
    transformer = AcousticFeatures(families=["erb"], sr=SR).set_output(transform="pandas")
    table = transformer.fit_transform(clips)
    assert list(table.columns) == ["erb.peak_erb.multitaper", "erb.compactness.multitaper"]


def test_paths_measure_as_the_arrays_they_hold(paths):
    clips, _ = clips_of_two_kinds(4)
    of_arrays = AcousticFeatures(families=["peaks"], sr=SR).fit_transform(clips)
    for given in (
        paths,
        [str(path) for path in paths],
        np.array([str(path) for path in paths]),
        pd.Series([str(path) for path in paths]),
        pd.DataFrame({"path": [str(path) for path in paths]}),
    ):
        of_paths = AcousticFeatures(families=["peaks"]).fit_transform(given)
        np.testing.assert_array_equal(of_paths, of_arrays)


def test_a_matrix_is_one_clip_a_row_and_workers_change_nothing():
    clips = np.stack([white_noise(0.1, seed=seed) for seed in range(4)])
    alone = AcousticFeatures(families=["moments"], sr=SR).fit_transform(clips)
    shared = AcousticFeatures(families=["moments"], sr=SR, n_jobs=2).fit_transform(clips)
    assert alone.shape[0] == 4
    np.testing.assert_array_equal(alone, shared)


def test_auto_is_resolved_from_rate_and_bandwidth_alone():
    noise = [white_noise(0.3, seed=seed) for seed in range(3)]
    full = AcousticFeatures(families=["bands"], sr=SR).fit(noise)
    assert full.recipe_.high_hz == 11025
    telephone = AcousticFeatures(families=["bands"], sr=8000)
    low = telephone.fit([white_noise(0.3, sr=8000, seed=seed) for seed in range(3)])
    assert low.recipe_.high_hz == 0.98 * 4000
    # Resolved when fitted, not anew for the clips of a test fold.
    assert telephone.transform([white_noise(0.1, sr=8000)]).shape == (1, low.n_features_out_)
    assert low.recipe_.high_hz == 0.98 * 4000


def test_mistakes_are_named(paths):
    clips, _ = clips_of_two_kinds(2)
    with pytest.raises(ConfigError, match="without a sampling rate"):
        AcousticFeatures(families=["moments"]).fit(clips)
    with pytest.raises(ConfigError, match="did you mean 'moments'"):
        AcousticFeatures(families=["moment"], sr=SR).fit(clips)
    with pytest.raises(AudioError, match=r"sampling rate 44100 Hz; expected sr = 16000"):
        AcousticFeatures(families=["moments"], sr=16000).fit(paths)
    with pytest.raises(CorpusError, match="a single array of numbers"):
        AcousticFeatures(families=["moments"], sr=SR).fit(clips[0])
    with pytest.raises(CorpusError, match="no clips"):
        AcousticFeatures(families=["moments"], sr=SR).fit([])


def test_it_is_offered_at_the_top():
    assert acoustic_sib.AcousticFeatures is features.AcousticFeatures
