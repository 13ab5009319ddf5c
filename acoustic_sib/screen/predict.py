"""Judge the sibilants of a recording: quality first, then a class, a set, a reason.

What may not be asked of a model gets no class. The recording is read in pieces: a long one costs
no more memory than its longest sibilant.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from acoustic_sib.audio import Channel, Sound, read_blocks, read_sound
from acoustic_sib.errors import AudioError, CorpusError
from acoustic_sib.quality import measure_quality
from acoustic_sib.screen import gate
from acoustic_sib.screen.channel_wording import channel_words
from acoustic_sib.screen.context import Context, Listener, contexts
from acoustic_sib.screen.explain import Norm, explain, z_scores
from acoustic_sib.screen.noise import above_floor_db
from acoustic_sib.screen.records import Found, Judged, Screened, Segment, Spectrum
from acoustic_sib.screen.retold import retold
from acoustic_sib.screen.spans import read_spans
from acoustic_sib.screen.wording import say

if TYPE_CHECKING:
    from acoustic_sib.features.recipe import Recipe
    from acoustic_sib.features.spectra import Spectra

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

MOST_MISSING = 0.5
"""Share of a model's measures that a clip may lack; beyond it imputation would be the evidence."""
BY_FAR = 1.1


class Limits(Protocol):
    """What a model was trained on, asked of a clip before it."""

    def refusal(self, quality: Mapping[str, float], sr: int, language: str = "en") -> str: ...
    def too_long(self, duration_s: float, language: str = "en") -> str: ...


class Model(Protocol):
    """What judging asks of a bundle."""

    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def recipe(self) -> "Recipe": ...
    @property
    def limits(self) -> Limits: ...
    @property
    def reference(self) -> Mapping[str, Norm]: ...
    @property
    def group(self) -> str: ...
    @property
    def card(self) -> Mapping[str, Any]: ...
    def probabilities(self, values: Floats) -> Floats: ...
    def sets(self, probabilities: Floats, level: float) -> Sequence[tuple[str, ...]]: ...
    def unlike(self, values: Floats, language: str = "en") -> Sequence[str]: ...


def screen_file(
    path: Path,
    model: Model,
    *,
    find: Callable[[Path], Found],
    level: float = 0.9,
    language: str = "en",
    channel: Channel = "auto",
    progress: Progress | None = None,
) -> Screened:
    """What the model says of each sibilant that `find` finds in a recording.

    `level`: of the conformal sets, 0..1. `progress` is told how many of the sibilants are measured.
    A recording that cannot be read, or whose TextGrid cannot, is a `failure`; a span that
    cannot is not assessable.
    """
    try:
        found = find(path)
        clips = _clips(path, found, model, language, channel, progress)
    except (AudioError, CorpusError) as error:
        failure = retold(language, " ".join(str(error).split()))
        return Screened(file=path, found=None, failure=failure)
    return Screened(
        file=path, found=found, sibilants=_judged(clips, model, level=level, language=language)
    )


def whole_file(
    path: Path, *, channel: Channel = "auto", language: str = "en", limits: Limits | None = None
) -> Found:
    """The whole file as one segment. Of one that is too long for a model's `limits` the beginning
    alone is read. Raises AudioError when it cannot be read."""
    sound, share = next(read_blocks(path, channel=channel), (None, 1.0))
    duration_s = sound.duration_s / share if sound is not None else 0.0
    # Only by far: the length in the header of an MP3 is an estimate.
    too_long = limits is not None and limits.too_long(duration_s / BY_FAR)
    if sound is None or (share < 1 and not too_long):
        sound = read_sound(path, channel=channel)
        duration_s = sound.duration_s
    return Found(
        file=path, sr=sound.sr, duration_s=duration_s,
        bandwidth_hz=measure_quality(sound.samples, sound.sr)["bandwidth_hz"],
        segments=(Segment(start=0.0, end=duration_s, score=1.0, origin="whole"),),
        notes=(channel_words(language, sound.channel_note),) if sound.channel_note else (),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Clip:
    """A segment's answer before the model is asked, and the model's row (empty: do not ask)."""

    judged: Judged
    row: tuple[float, ...] = ()


def _refused(segment: Segment, reason: str) -> _Clip:
    return _Clip(judged=Judged(segment=segment, assessable=False, reason=reason))


def _clips(
    path: Path, found: Found, model: Model, language: str, channel: Channel,
    progress: Progress | None,
) -> list[_Clip]:  # fmt: skip
    """Each segment measured, or refused: for its quality, or the noise of what lies around it."""
    if not found.segments:
        return []
    if found.segments[0].origin == "whole":
        if reason := model.limits.too_long(found.duration_s, language):
            return [_with_context(_refused(found.segments[0], reason), Context())]
        whole = read_sound(path, channel=channel)
        return [_with_context(_measured(found.segments[0], whole, model, language), Context())]
    around, clips = Listener(), []
    spans = read_spans(path, found.segments, channel=channel, heard=around.take, language=language)
    for one, sound in spans:
        clips.append(_measured(one, sound, model, language))
        if progress is not None:
            progress(len(clips), len(found.segments))
    heard = around.surroundings()
    segments = [clip.judged.segment for clip in clips]
    rises = above_floor_db(heard.course, segments)
    return [
        _with_context(_refused(clip.judged.segment, reason)
                      if (reason := gate.noise_refusal(rise, language)) else clip, context)
        for clip, rise, context in zip(clips, rises, contexts(heard, segments), strict=True)
    ]  # fmt: skip


def _with_context(clip: _Clip, context: Context) -> _Clip:
    return replace(clip, judged=replace(clip.judged, context=context.as_dict()))


def _measured(segment: Segment, sound: Sound | AudioError, model: Model, language: str) -> _Clip:
    from acoustic_sib.features.registry import measure_spectra
    from acoustic_sib.features.spectra import Spectra

    if isinstance(sound, AudioError):
        return _refused(segment, str(sound))
    quality = measure_quality(sound.samples, sound.sr)
    reason = gate.refusal(quality, sound.samples, sound.sr, language) or model.limits.refusal(
        quality, sound.sr, language
    )
    if not reason and segment.origin == "whole":
        reason = gate.steady_refusal(sound.samples, sound.sr, language)
    if reason:
        return _refused(segment, reason)
    spectra = Spectra(sound.samples, sound.sr, model.recipe)
    measures = measure_spectra(spectra)
    row = tuple(measures[column] for column in model.columns)
    missing = int(np.sum(~np.isfinite(row)))
    if missing > MOST_MISSING * len(row):
        return _refused(segment, say(language, "missing", missing=missing, total=len(row)))
    judged = Judged(segment=segment, assessable=True, reason="", measures=measures,
                    z=z_scores(measures, model.reference), spectrum=_average(spectra))  # fmt: skip
    return _Clip(judged=judged, row=row)


def _average(spectra: "Spectra") -> Spectrum | None:
    from acoustic_sib.features.average import STEP_HZ, average_levels_db, band_centres_hz

    centres = band_centres_hz(spectra.recipe)
    if not len(centres):
        return None
    levels = tuple(average_levels_db(spectra).tolist())
    return Spectrum(first_hz=float(centres[0]), step_hz=STEP_HZ, level_db=levels)


def _judged(
    clips: Sequence[_Clip], model: Model, *, level: float, language: str
) -> tuple[Judged, ...]:
    """The clips with the model's answers, asked for all of them at once."""
    rows = np.array([clip.row for clip in clips if clip.row], dtype=np.float64)
    if not len(rows):
        return tuple(clip.judged for clip in clips)
    probabilities = model.probabilities(rows)
    answers = zip(probabilities, model.sets(probabilities, level), model.unlike(rows, language),
                  strict=True)  # fmt: skip
    judged = []
    for clip in clips:
        if not clip.row:
            judged.append(clip.judged)
            continue
        of_clip, classes, unlike = next(answers)
        predicted = model.classes[int(np.argmax(of_clip))]
        judged.append(
            replace(
                clip.judged, predicted=predicted, classes=tuple(classes), unlike=unlike,
                probabilities=dict(zip(model.classes, map(float, of_clip), strict=True)),
                why=_forced(clip.judged.segment, language)
                + explain(predicted, classes, clip.judged.z, language=language, group=model.group,
                          unlike=bool(unlike)),
            )
        )  # fmt: skip
    return tuple(judged)


def _forced(segment: Segment, language: str) -> str:
    """What must be said before a class of a sound that is one only if the prompt is right."""
    return say(language, "only_expected") + " " if segment.origin == "expected" else ""
