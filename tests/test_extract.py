import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from acoustic_sib import cache
from acoustic_sib import extract as module
from acoustic_sib.config import AudioSettings, ExtractionSettings, FeatureSettings
from acoustic_sib.errors import ConfigError, CorpusError
from acoustic_sib.extract import (
    Measured,
    Problem,
    Work,
    average_spectra,
    extract,
    inspect,
    pooled,
    refuse_broken,
    resolved_recipe,
    unusable,
)
from acoustic_sib.features import Recipe, column_names, measure
from acoustic_sib.features.padded import padded_pools
from tests.conftest import white_noise

AUDIO = AudioSettings()
RECIPE = Recipe(families=("moments", "temporal"), high_hz=10000.0)


@pytest.fixture
def clips(tmp_path: Path) -> pd.DataFrame:
    """Six clips of noise, and a file that holds two of them as spans."""
    rows = []
    sounds = [white_noise(0.1, seed=seed) for seed in range(6)]
    for position, sound in enumerate(sounds):
        path = tmp_path / f"c{position}.wav"
        soundfile.write(path, sound, 44100, subtype="DOUBLE")
        rows.append({"clip_id": f"c{position}", "path": str(path), "label": "ab"[position % 2],
                     "start": np.nan, "end": np.nan})  # fmt: skip
    long = tmp_path / "long.wav"
    soundfile.write(long, np.concatenate(sounds[:2]), 44100, subtype="DOUBLE")
    rows += [
        {"clip_id": f"span{k}", "path": str(long), "label": "a", "start": 0.1 * k,
         "end": 0.1 * (k + 1)} for k in range(2)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_table_is_what_the_families_measure(clips: pd.DataFrame) -> None:
    table = extract(clips, RECIPE, AUDIO, Work()).table
    assert table.index.tolist() == clips["clip_id"].tolist()
    assert table.columns.tolist() == column_names(RECIPE)
    expected = measure(white_noise(0.1, seed=3), 44100, RECIPE)
    pd.testing.assert_series_equal(table.loc["c3"], pd.Series(expected), check_names=False)
    pd.testing.assert_series_equal(table.loc["span1"], table.loc["c1"], check_names=False)


def test_workers_change_nothing(clips: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 2)
    one, two = (extract(clips, RECIPE, AUDIO, Work(jobs=jobs)).table for jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_measured_clips_come_from_the_cache(clips: pd.DataFrame, tmp_path: Path) -> None:
    work = Work(cache=tmp_path / "cache")
    first = extract(clips, RECIPE, AUDIO, work)
    again = extract(clips, RECIPE, AUDIO, work)
    assert (first.n_cached, again.n_cached) == (0, 8)
    pd.testing.assert_frame_equal(first.table, again.table, check_exact=True)
    folders = sorted(path.name.split("-")[0] for path in (tmp_path / "cache").iterdir())
    assert folders == ["moments", "temporal"]


def test_the_cache_knows_content_settings_and_code(
    clips: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(cache=tmp_path / "cache")
    extract(clips, RECIPE, AUDIO, work)
    moved = Path(clips.loc[0, "path"]).rename(tmp_path / "elsewhere.wav")
    clips.loc[0, "path"] = str(moved)
    assert extract(clips, RECIPE, AUDIO, work).n_cached == 8
    soundfile.write(moved, white_noise(0.1, seed=99), 44100, subtype="DOUBLE")
    changed = extract(clips, RECIPE, AUDIO, work)
    assert changed.n_cached == 7
    expected = measure(white_noise(0.1, seed=99), 44100, RECIPE)["temporal.rms_level_db"]
    assert changed.table.loc["c0", "temporal.rms_level_db"] == expected
    narrower = Recipe(families=("moments", "temporal"), high_hz=9000.0)
    assert extract(clips, narrower, AUDIO, work).n_cached == 0
    more = Recipe(families=("moments", "temporal", "bands"), high_hz=10000.0)
    assert extract(clips, more, AUDIO, work).n_cached == 0
    assert extract(clips, more, AUDIO, work).n_cached == 8
    monkeypatch.setattr(cache, "code_version", lambda: "another")
    assert extract(clips, RECIPE, AUDIO, work).n_cached == 0


def test_padded_and_pooled_measures_are_cached_like_any_other(
    clips: pd.DataFrame, tmp_path: Path
) -> None:
    work = Work(cache=tmp_path / "cache")
    gone = pd.DataFrame([{"clip_id": "gone", "path": str(tmp_path / "gone.wav")}])
    first = pooled(pd.concat([clips, gone]), RECIPE, AUDIO, work)
    expected = padded_pools(white_noise(0.1, seed=3), 44100, RECIPE)
    pd.testing.assert_series_equal(first.table.loc["c3"], pd.Series(expected), check_names=False)
    assert [problem.clip_id for problem in first.problems] == ["gone"]
    again = pooled(clips, RECIPE, AUDIO, work)
    assert (first.n_cached, again.n_cached) == (0, 8)
    pd.testing.assert_frame_equal(first.table, again.table, check_exact=True)
    higher = Recipe(families=("moments",), high_hz=9000.0)
    assert pooled(clips, higher, AUDIO, work).n_cached == 0


def test_an_interrupted_run_goes_on(
    clips: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 1)
    monkeypatch.setattr(module, "CHUNKS_BETWEEN_SAVES", 2)

    def interrupted(done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(clips, RECIPE, AUDIO, Work(cache=tmp_path / "cache", progress=interrupted))
    assert extract(clips, RECIPE, AUDIO, Work(cache=tmp_path / "cache")).n_cached == 5


def test_damaged_and_foreign_cache_files_are_measured_anew(
    clips: pd.DataFrame, tmp_path: Path
) -> None:
    work = Work(cache=tmp_path / "cache")
    first = extract(clips, RECIPE, AUDIO, work).table
    moments, temporal = sorted((tmp_path / "cache").iterdir())
    part = next(moments.iterdir())
    part.write_bytes(part.read_bytes()[:500])
    (temporal / "part-0.parquet").write_text("no Parquet")
    pd.DataFrame({"other": [1]}).to_parquet(temporal / "part-1.parquet")
    again = extract(clips, RECIPE, AUDIO, work)
    pd.testing.assert_frame_equal(first, again.table, check_exact=True)
    assert again.n_cached == 0
    assert extract(clips, RECIPE, AUDIO, work).n_cached == 8


def test_a_cache_that_cannot_be_written(clips: pd.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(ConfigError, match="cannot be written"):
        extract(clips, RECIPE, AUDIO, Work(cache=tmp_path / "cache"))


def test_progress_counts_to_the_end(clips: pd.DataFrame) -> None:
    seen: list[tuple[int, int]] = []
    # span0 and span1 have a file of their own, so eight contents are measured.
    extract(clips, RECIPE, AUDIO, Work(progress=lambda done, total: seen.append((done, total))))
    assert seen[-1] == (8, 8)


def test_broken_files_are_listed_and_the_run_goes_on(clips: pd.DataFrame, tmp_path: Path) -> None:
    clips.loc[0, "path"] = str(tmp_path / "absent.wav")
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF but no sound")
    clips.loc[1, "path"] = str(broken)
    clips.loc[2, "path"] = str(shutil.copy(broken, tmp_path / "same_bytes.wav"))
    soundfile.write(tmp_path / "nan.wav", np.full(900, np.nan), 44100, subtype="FLOAT")
    clips.loc[3, "path"] = str(tmp_path / "nan.wav")
    found = extract(clips, RECIPE, AUDIO, Work())
    reasons = {problem.clip_id: problem.reason for problem in found.problems}
    assert set(reasons) == {"c0", "c1", "c2", "c3"}
    assert "no such file" in reasons["c0"]
    for clip_id, name in (("c1", "broken.wav"), ("c2", "same_bytes.wav")):
        assert reasons[clip_id].startswith(f"{tmp_path / name}: not readable as audio")
    assert "NaN" in reasons["c3"]
    assert found.table.index.tolist() == ["c4", "c5", "span0", "span1"]
    assert found.table.notna().any(axis=1).all()


def test_all_files_broken(clips: pd.DataFrame) -> None:
    found = extract(clips.assign(path="absent.wav"), RECIPE, AUDIO, Work())
    assert (len(found.table), len(found.problems)) == (0, 8)


def test_quality_of_each_clip(clips: pd.DataFrame, tmp_path: Path) -> None:
    quality = inspect(clips, AUDIO, Work(cache=tmp_path / "cache")).table
    again = inspect(clips, AUDIO, Work(cache=tmp_path / "cache"))
    assert again.n_cached == 8
    pd.testing.assert_frame_equal(quality, again.table, check_dtype=False)
    assert quality.loc["c0", "sample_hash"] == quality.loc["span0", "sample_hash"]
    assert quality["sample_hash"].nunique() == 6
    assert quality.loc["c2", "duration_s"] == pytest.approx(0.1)
    assert set(quality["sr_hz"]) == {44100}
    assert set(quality["format"]) == {"WAV/DOUBLE"}


def quality_table(**columns: list) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    ids = pd.Index([f"c{i}" for i in range(n)], name="clip_id")
    values = {"duration_s": 0.2, "level_db": -30.0, "sr_hz": 44100, "bandwidth_hz": 22050.0}
    return pd.DataFrame({**values, **columns}, index=ids)


@pytest.mark.parametrize(
    ("rates", "bandwidths", "expected"),
    [
        ([44100] * 100, [22050.0] * 100, 11025),
        ([16000] * 100, [8000.0] * 100, 7840),
        ([44100] * 50 + [16000] * 50, [22050.0] * 50 + [8000.0] * 50, 7840),
        # Three clips of a hundred with a wall do not narrow the corpus; ten do.
        ([44100] * 100, [4000.0] * 3 + [22050.0] * 97, 11025),
        ([44100] * 100, [4000.0] * 10 + [22050.0] * 90, 4000),
    ],
)
def test_high_hz_is_one_number_from_the_audio(
    rates: list[int], bandwidths: list[float], expected: float
) -> None:
    quality = quality_table(sr_hz=rates, bandwidth_hz=bandwidths)
    assert resolved_recipe(FeatureSettings(), AUDIO, quality).high_hz == expected
    assert resolved_recipe(FeatureSettings(high_hz=6000.0), AUDIO, quality).high_hz == 6000


def test_high_hz_above_what_a_rate_holds_is_refused() -> None:
    quality = quality_table(sr_hz=[44100, 16000, 44100])
    with pytest.raises(ConfigError, match="1 of 3 clips end below it: sampled at 16000 Hz"):
        resolved_recipe(FeatureSettings(high_hz=8001.0), AUDIO, quality)
    assert resolved_recipe(FeatureSettings(high_hz=8000.0), AUDIO, quality).high_hz == 8000


def test_mixed_rates_can_be_refused() -> None:
    quality = quality_table(sr_hz=[44100, 44100, 48000])
    refuse = AudioSettings(mixed_rates="refuse")
    with pytest.raises(ConfigError, match="2 clips at 44100 Hz, 1 clips at 48000 Hz"):
        resolved_recipe(FeatureSettings(), refuse, quality)
    resolved_recipe(FeatureSettings(), refuse, quality_table(sr_hz=[48000] * 3))


def test_short_and_silent_clips_are_never_judged() -> None:
    quality = quality_table(duration_s=[0.2, 0.0199, 0.02, 0.2, 0.2],
                            level_db=[-30.0, -30.0, -30.0, -81.0, np.nan])  # fmt: skip
    reasons = {one.clip_id: one.reason for one in unusable(quality, AUDIO)}
    assert set(reasons) == {"c1", "c3", "c4"}
    assert "19.9 ms" in reasons["c1"]
    assert "silent" in reasons["c4"]


def test_too_many_broken_files_stop_the_run() -> None:
    problems = [Problem(clip_id=f"c{i}", reason="a.wav: no such file") for i in range(11)]
    refuse_broken(problems[:10], 100, ExtractionSettings())
    with pytest.raises(CorpusError, match=r"11 of 100 clips cannot be read .*a\.wav"):
        refuse_broken(problems, 100, ExtractionSettings())


def test_average_spectra_have_the_level_of_the_noise(clips: pd.DataFrame) -> None:
    """White noise of SD .05: a one-sided density of 2 s² / sr, -69.5 dB, at any frequency."""
    measured: Measured = average_spectra(clips, RECIPE, AUDIO, Work())
    hertz = measured.table.columns.astype(float)
    assert (hertz[0], hertz[-1]) == (0, 9900)
    inside = measured.table.to_numpy()[:, (hertz > 500) & (hertz < 9500)]
    assert 10 * np.log10(np.mean(10 ** (inside / 10))) == pytest.approx(
        10 * np.log10(2 * 0.05**2 / 44100), abs=0.3
    )
