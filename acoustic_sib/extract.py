"""Corpus x families -> quality and feature tables: workers, a visible cache, problems listed."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import joblib
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from acoustic_sib.audio import Channel, read_sound, sound_bytes
from acoustic_sib.cache import Row, Store
from acoustic_sib.config import AudioSettings, ExtractionSettings, FeatureSettings
from acoustic_sib.errors import AudioError, ConfigError, CorpusError
from acoustic_sib.features import Recipe, Spectra, column_names, corpus_high_hz, measure
from acoustic_sib.features.average import average_levels_db, band_centres_hz
from acoustic_sib.features.padded import padded_pools
from acoustic_sib.quality import measure_quality
from acoustic_sib.tables import check_features

Progress = Callable[[int, int], None]

CHUNK = 16
"""Clips that a worker measures at a time."""
CHUNKS_BETWEEN_SAVES = 16
SPECTRUM_STEP_HZ = 100.0
SAME_CONTENT = "<file>"  # in a reason: the path of any clip with this content
QUALITY = "quality"
SPECTRUM = "spectrum"
SHAPE = "shape_of_spectrum"
POOLED = "pooled"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A clip that could not be read, and why."""

    clip_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A table indexed by `clip_id`, the clips it lacks, and how many rows came from the cache."""

    table: pd.DataFrame
    problems: tuple[Problem, ...]
    n_cached: int


@dataclass(frozen=True, kw_only=True)
class Work:
    """How measuring is done: worker processes, cache folder, progress."""

    jobs: int = 1
    cache: Path | None = None
    progress: Progress | None = None


@dataclass(frozen=True, kw_only=True)
class _Clip:
    clip_id: str
    path: str
    place: str
    """The path made absolute: a worker may have been started in another folder."""
    start: float | None
    end: float | None
    key: str


def inspect(manifest: pd.DataFrame, audio: AudioSettings, work: Work) -> Measured:
    """The quality table: what each sound is like before anything is asked of it.

    Columns of `quality.measure_quality`, and `sr_hz n_channels format channel_note sample_hash`.
    """
    clips, problems = _clips(manifest, audio.channel)
    store = Store(work.cache, QUALITY, {})
    table, found, n_cached = _measured(clips, [store], _Inspect(channel=audio.channel), work)
    return Measured(table=table, problems=(*problems, *found), n_cached=n_cached)


def extract(manifest: pd.DataFrame, recipe: Recipe, audio: AudioSettings, work: Work) -> Measured:
    """The feature table of every readable clip, in the manifest's order; NaN = not measurable."""
    clips, problems = _clips(manifest, audio.channel)
    stores = [Store(work.cache, family, _settings_of(recipe, family))
              for family in recipe.families]  # fmt: skip
    table, found, n_cached = _measured(
        clips, stores, _Extract(channel=audio.channel, recipe=recipe), work
    )
    order = [clip.clip_id for clip in clips if clip.clip_id in table.index]
    table = table.reindex(index=pd.Index(order, name="clip_id"), columns=column_names(recipe))
    return Measured(table=check_features(table), problems=(*problems, *found), n_cached=n_cached)


def average_spectra(
    manifest: pd.DataFrame, recipe: Recipe, audio: AudioSettings, work: Work
) -> Measured:
    """Each clip's mean frame spectrum in dB, columns named by frequency in Hz (for figures)."""
    clips, problems = _clips(manifest, audio.channel)
    store = Store(work.cache, SPECTRUM, _settings_of(recipe, SPECTRUM))
    table, found, n_cached = _measured(
        clips, [store], _Average(channel=audio.channel, recipe=recipe), work
    )
    return Measured(table=table, problems=(*problems, *found), n_cached=n_cached)


def spectrum_shapes(
    manifest: pd.DataFrame, recipe: Recipe, audio: AudioSettings, work: Work
) -> Measured:
    """Each clip's average spectrum as a shape (`features.average`), columns named in Hz."""
    clips, problems = _clips(manifest, audio.channel)
    store = Store(work.cache, SHAPE, _settings_of(recipe, SHAPE))
    table, found, n_cached = _measured(
        clips, [store], _Shape(channel=audio.channel, recipe=recipe), work
    )
    return Measured(table=table, problems=(*problems, *found), n_cached=n_cached)


def pooled(manifest: pd.DataFrame, recipe: Recipe, audio: AudioSettings, work: Work) -> Measured:
    """Each clip's frame measures, padded and pooled in several ways (`features.padded`)."""
    clips, problems = _clips(manifest, audio.channel)
    store = Store(work.cache, POOLED, _settings_of(recipe, POOLED))
    table, found, n_cached = _measured(
        clips, [store], _Pool(channel=audio.channel, recipe=recipe), work
    )
    return Measured(table=table, problems=(*problems, *found), n_cached=n_cached)


def unusable(quality: pd.DataFrame, audio: AudioSettings) -> list[Problem]:
    """Clips that were read but must not be judged: too short, or silent."""
    problems = []
    for clip_id, row in quality.iterrows():
        if row["duration_s"] < audio.min_duration_s - 1e-9:
            reason = (f"lasts {1000 * row['duration_s']:.1f} ms; measures need at least "
                      f"{1000 * audio.min_duration_s:g} ms")  # fmt: skip
        elif not row["level_db"] > audio.silence_db:
            reason = f"silent (level below {audio.silence_db:g} dBFS)"
        else:
            continue
        problems.append(Problem(clip_id=str(clip_id), reason=reason))
    return problems


def refuse_broken(problems: Sequence[Problem], n_clips: int, settings: ExtractionSettings) -> None:
    """Raise CorpusError when more than the permitted share of the clips could not be read."""
    if len(problems) > settings.max_broken_share * n_clips:
        raise CorpusError(
            f"{len(problems)} of {n_clips} clips cannot be read (more than "
            f"{settings.max_broken_share:.0%} allowed by extraction.max_broken_share); the first: "
            f"{problems[0].reason}"
        )


def resolved_recipe(
    features: FeatureSettings, audio: AudioSettings, quality: pd.DataFrame
) -> Recipe:
    """The recipe with `high_hz: auto` made one number for the corpus, from its audio alone.

    It is the lowest of 11025 Hz, 0.98 of the lowest Nyquist frequency and the 5th percentile of
    the effective bandwidths: a clip's own limit would put the channel into every measure.
    Raises ConfigError when rates are mixed and `mixed_rates` is 'refuse', or when `high_hz` lies
    above what the lowest rate can hold.
    """
    rates = sorted(set(quality["sr_hz"].astype(int)))
    if len(rates) > 1 and audio.mixed_rates == "refuse":
        counts = quality["sr_hz"].astype(int).value_counts()
        found = ", ".join(f"{counts[rate]} clips at {rate} Hz" for rate in rates)
        raise ConfigError(
            f"mixed sampling rates: {found}; expected one rate, since audio.mixed_rates is "
            "'refuse': use 'band_limit' to measure all of them up to the lowest bandwidth"
        )
    high_hz = features.high_hz
    if high_hz == "auto":
        high_hz = float(int(corpus_high_hz(rates, quality["bandwidth_hz"])))
    if high_hz > rates[0] / 2:
        low = int((quality["sr_hz"] < 2 * high_hz).sum())
        raise ConfigError(
            f"features.high_hz is {high_hz:g}, but {low} of {len(quality)} clips end below it: "
            f"sampled at {rates[0]} Hz, they hold nothing above {rates[0] / 2:g} Hz; expected at "
            "most that, or 'auto'"
        )
    return Recipe(
        families=tuple(features.families), high_hz=high_hz, low_hz=features.low_hz,
        window_s=features.window_s, hop_s=features.hop_s, tapers=features.tapers,
        time_bandwidth=features.time_bandwidth, settings=features.settings,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Inspect:
    channel: Channel

    def __call__(self, clip: _Clip, kinds: tuple[str, ...]) -> dict[str, Row]:
        sound = read_sound(clip.place, start=clip.start, end=clip.end, channel=self.channel)
        return {QUALITY: {
            **measure_quality(sound.samples, sound.sr),
            "sr_hz": sound.sr, "n_channels": sound.n_channels, "format": sound.format,
            "channel_note": sound.channel_note,
            "sample_hash": hashlib.sha256(sound.samples.tobytes()).hexdigest()[:24],
        }}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Extract:
    channel: Channel
    recipe: Recipe

    def __call__(self, clip: _Clip, kinds: tuple[str, ...]) -> dict[str, Row]:
        sound = read_sound(clip.place, start=clip.start, end=clip.end, channel=self.channel)
        values = measure(sound.samples, sound.sr, replace(self.recipe, families=kinds))
        rows: dict[str, Row] = {kind: {} for kind in kinds}
        for name, value in values.items():
            rows[name.split(".", 1)[0]][name] = value
        return rows


@dataclass(frozen=True, kw_only=True)
class _Average:
    channel: Channel
    recipe: Recipe

    def __call__(self, clip: _Clip, kinds: tuple[str, ...]) -> dict[str, Row]:
        sound = read_sound(clip.place, start=clip.start, end=clip.end, channel=self.channel)
        grid = np.arange(0.0, self.recipe.high_hz, SPECTRUM_STEP_HZ)
        mean = Spectra(sound.samples, sound.sr, self.recipe).mean_frame
        if mean is None:
            return {SPECTRUM: dict.fromkeys(map(_hertz, grid), np.nan)}
        power = np.interp(grid, mean.freqs, mean.power * mean.density, right=np.nan)
        with np.errstate(divide="ignore"):
            level = 10 * np.log10(power)
        level[~np.isfinite(level)] = np.nan
        return {SPECTRUM: dict(zip(map(_hertz, grid), level.tolist(), strict=True))}


@dataclass(frozen=True, kw_only=True)
class _Shape:
    channel: Channel
    recipe: Recipe

    def __call__(self, clip: _Clip, kinds: tuple[str, ...]) -> dict[str, Row]:
        sound = read_sound(clip.place, start=clip.start, end=clip.end, channel=self.channel)
        levels = average_levels_db(Spectra(sound.samples, sound.sr, self.recipe))
        names = map(_hertz, band_centres_hz(self.recipe))
        return {SHAPE: dict(zip(names, levels.tolist(), strict=True))}


@dataclass(frozen=True, kw_only=True)
class _Pool:
    channel: Channel
    recipe: Recipe

    def __call__(self, clip: _Clip, kinds: tuple[str, ...]) -> dict[str, Row]:
        sound = read_sound(clip.place, start=clip.start, end=clip.end, channel=self.channel)
        return {POOLED: {**padded_pools(sound.samples, sound.sr, self.recipe)}}


def _hertz(frequency: float) -> str:
    return f"{frequency:g}"


def _settings_of(recipe: Recipe, family: str) -> dict[str, Any]:
    shared = {name: getattr(recipe, name) for name in
              ("high_hz", "low_hz", "window_s", "hop_s", "tapers", "time_bandwidth")}  # fmt: skip
    return {**shared, "own": dict(recipe.settings.get(family, {}))}


def _clips(manifest: pd.DataFrame, channel: Channel) -> tuple[list[_Clip], list[Problem]]:
    """Clips with their content keys; files that cannot even be opened are problems."""
    clips, problems = [], []
    hashes: dict[str, str] = {}
    columns = [column for column in ("start", "end") if column in manifest.columns]
    for row in manifest[["clip_id", "path", *columns]].to_dict("records"):
        path = str(row["path"])
        try:
            if path not in hashes:
                hashes[path] = hashlib.sha256(sound_bytes(path)).hexdigest()[:32]
        except AudioError as error:
            problems.append(Problem(clip_id=str(row["clip_id"]), reason=str(error)))
            continue
        start, end = (_seconds(row.get(name)) for name in ("start", "end"))
        clips.append(_Clip(clip_id=str(row["clip_id"]), path=path, place=str(Path.cwd() / path),
                           start=start, end=end,
                           key=f"{hashes[path]}|{start}|{end}|{channel}"))  # fmt: skip
    return clips, problems


def _seconds(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _measured(
    clips: list[_Clip], stores: list[Store], task: Callable[[_Clip, tuple[str, ...]],
    dict[str, Row]], work: Work,
) -> tuple[pd.DataFrame, list[Problem], int]:  # fmt: skip
    """Rows of all stores side by side, indexed by clip id; only what no cache holds is measured."""
    broken: dict[str, str] = {}
    todo = _missing(clips, stores)
    n_measured = sum(len(chunk) for chunk, _ in todo)
    done = 0
    results = joblib.Parallel(n_jobs=work.jobs, return_as="generator")(
        joblib.delayed(_measure_chunk)(task, chunk, kinds) for chunk, kinds in todo
    )
    pending: dict[str, dict[str, Row]] = {store.kind: {} for store in stores}
    try:
        for position, (rows, failed) in enumerate(results, start=1):
            broken.update(failed)
            for kind, by_key in rows.items():
                pending[kind].update(by_key)
            done += len(todo[position - 1][0])
            if position % CHUNKS_BETWEEN_SAVES == 0:
                _save(stores, pending)
            if work.progress is not None:
                work.progress(done, n_measured)
    finally:
        # Also when the user interrupts: the next run takes up what has been measured.
        _save(stores, pending)
    problems = [
        Problem(clip_id=clip.clip_id, reason=broken[clip.key].replace(SAME_CONTENT, clip.path))
        for clip in clips if clip.key in broken
    ]  # fmt: skip
    good = [clip for clip in clips if clip.key not in broken]
    keys = [clip.key for clip in good]
    ids = pd.Index([clip.clip_id for clip in good], name="clip_id", dtype=str)
    if not good:
        return pd.DataFrame(index=ids), problems, 0
    table = pd.concat([store.rows.loc[keys].set_axis(ids) for store in stores], axis=1)
    return table, problems, len(clips) - n_measured


def _save(stores: list[Store], pending: dict[str, dict[str, Row]]) -> None:
    for store in stores:
        rows, pending[store.kind] = pending[store.kind], {}
        store.add(rows)


def _missing(clips: list[_Clip], stores: list[Store]) -> list[tuple[list[_Clip], tuple[str, ...]]]:
    """Chunks of clips that lack the same kinds; the same content is measured once."""
    groups: dict[tuple[str, ...], dict[str, _Clip]] = {}
    known = {store.kind: set(store.rows.index) for store in stores}
    for clip in clips:
        kinds = tuple(store.kind for store in stores if clip.key not in known[store.kind])
        if kinds:
            groups.setdefault(kinds, {}).setdefault(clip.key, clip)
    return [
        (list(members.values())[first : first + CHUNK], kinds)
        for kinds, members in groups.items()
        for first in range(0, len(members), CHUNK)
    ]


class _OneThread:
    """One numerical thread: sums come out the same for any number of workers.

    The limit is the whole process's, and a Dask worker measures several chunks in threads of one:
    the first to come sets it, the last to go lifts it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._limits: threadpool_limits | None = None

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._limits is None:
                self._limits = threadpool_limits(limits=1)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._limits is not None:
                self._limits.restore_original_limits()
                self._limits = None


_ONE_THREAD = _OneThread()


def _measure_chunk(
    task: Callable[[_Clip, tuple[str, ...]], dict[str, Row]], clips: list[_Clip],
    kinds: tuple[str, ...],
) -> tuple[dict[str, dict[str, Row]], dict[str, str]]:  # fmt: skip
    """Rows by kind and content key, and the reason for each key that could not be read."""
    rows: dict[str, dict[str, Row]] = {kind: {} for kind in kinds}
    broken = {}
    with _ONE_THREAD:
        for clip in clips:
            try:
                for kind, row in task(clip, kinds).items():
                    rows[kind][clip.key] = row
            except AudioError as error:
                broken[clip.key] = str(error).replace(clip.place, SAME_CONTENT)
    return rows, broken
