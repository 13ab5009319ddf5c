"""The feature families as a scikit-learn transformer. Only this module imports scikit-learn."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any, Literal, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from acoustic_sib.audio import Sound, read_sound
from acoustic_sib.errors import AudioError, ConfigError, CorpusError
from acoustic_sib.features.recipe import Recipe, corpus_high_hz
from acoustic_sib.features.registry import FAMILIES, column_names, measure
from acoustic_sib.quality import measure_quality

Floats = NDArray[np.float64]


class AcousticFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Sound files or arrays to a table of measures, one row a clip, NaN where not measurable.

    X: paths, read at their own rates, or arrays of mono samples at `sr` Hz: a list of arrays of any
    length, or a matrix with one clip a row. A frame or matrix of one text column is paths.
    `high_hz='auto'` is resolved in `fit` from the rates and effective bandwidths of the training
    clips (see `corpus_high_hz`); labels are never looked at. `settings`: family -> its own
    settings, as in YAML, so that `GridSearchCV` reaches them as one value. NaN is left to an
    imputer further on.

    After `fit`: `recipe_` (the resolved settings) and `n_features_out_`.
    Raises ConfigError on unknown families or settings, AudioError on sounds that cannot be read.
    """

    def __init__(
        self,
        families: Sequence[str] = FAMILIES,
        sr: int | None = None,
        high_hz: float | Literal["auto"] = "auto",
        window_s: float = 0.020,
        hop_s: float = 0.005,
        settings: dict[str, dict[str, Any]] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.families = families
        self.sr = sr
        self.high_hz = high_hz
        self.window_s = window_s
        self.hop_s = hop_s
        self.settings = settings
        self.n_jobs = n_jobs

    def fit(self, X: Iterable[Any], y: ArrayLike | None = None) -> Self:
        """Resolve the recipe; `y` is ignored."""
        high_hz = self.high_hz
        if high_hz == "auto":
            clips = _clips(X)
            limits = Parallel(n_jobs=self.n_jobs)(delayed(self._limits)(clip) for clip in clips)
            rates_hz, bandwidths_hz = zip(*limits, strict=True)
            high_hz = corpus_high_hz(rates_hz, bandwidths_hz)
        self.recipe_ = Recipe(
            families=tuple(self.families),
            high_hz=high_hz,
            window_s=self.window_s,
            hop_s=self.hop_s,
            settings=self.settings or {},
        )
        self.n_features_out_ = len(column_names(self.recipe_))
        return self

    def transform(self, X: Iterable[Any]) -> Floats:
        """One row a clip, columns as `get_feature_names_out` names them."""
        check_is_fitted(self)
        clips = _clips(X)
        rows = Parallel(n_jobs=self.n_jobs)(delayed(self._row)(clip) for clip in clips)
        return np.array(rows, dtype=np.float64).reshape(len(clips), self.n_features_out_)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """The columns' names; `input_features` is ignored, for clips have none."""
        check_is_fitted(self)
        return np.array(column_names(self.recipe_), dtype=object)

    def _row(self, clip: Any) -> list[float]:
        sound = self._sound(clip)
        return list(measure(sound.samples, sound.sr, self.recipe_).values())

    def _limits(self, clip: Any) -> tuple[int, float]:
        """Sampling rate and effective bandwidth, in Hz."""
        sound = self._sound(clip)
        return sound.sr, measure_quality(sound.samples, sound.sr)["bandwidth_hz"]

    def _sound(self, clip: Any) -> Sound:
        if _is_path(clip):
            sound = read_sound(clip)
            if self.sr is not None and sound.sr != self.sr:
                raise AudioError(
                    f"{clip}: sampling rate {sound.sr} Hz; expected sr = {self.sr}: leave sr out "
                    "to measure files at their own rates; nothing is resampled"
                )
            return sound
        if self.sr is None:
            raise ConfigError(
                "AcousticFeatures: arrays of samples without a sampling rate; expected sr=..., "
                "in Hz"
            )
        samples = np.asarray(clip, dtype=np.float64)
        return Sound(samples=samples, sr=self.sr, n_channels=1, format="array")


def _is_path(clip: Any) -> bool:
    return isinstance(clip, (str, PurePath))


def _clips(X: Iterable[Any]) -> list[Any]:
    """One path or array a clip; a table of a single column is taken for that column."""
    table = np.asarray(X) if hasattr(X, "iloc") else X
    clips = [_only_cell(clip) for clip in table]
    if not clips:
        raise CorpusError("AcousticFeatures: no clips; expected paths or arrays of samples")
    if not _is_path(clips[0]) and np.ndim(clips[0]) == 0:
        raise CorpusError(
            "AcousticFeatures: a single array of numbers; expected one array of samples a clip, "
            "such as [samples]"
        )
    return clips


def _only_cell(clip: Any) -> Any:
    """The path in a row of one cell, else the row as it is."""
    one = not _is_path(clip) and np.shape(clip) == (1,) and _is_path(clip[0])
    return clip[0] if one else clip
