"""What the page shows beyond the verdict, against hand counts and theory."""

import io

import numpy as np
import pandas as pd
import pytest
import soundfile

from acoustic_sib import metrics
from acoustic_sib.check.pictures import LEAD_S, ROWS, clip_pictures, clip_sounds
from acoustic_sib.check.shown import band_energies, clip_map, speaker_errors
from acoustic_sib.config import AudioSettings, FoldSettings
from acoustic_sib.features import Recipe
from acoustic_sib.folds import plan_folds

SR = 16000


def gaussians(n: int = 240, distance: float = 3.0, *, speakers: bool = True) -> tuple:
    """Three classes of unit variance whose means are `distance` apart on two axes."""
    rng = np.random.default_rng(0)
    labels = np.array(["Interdental", "Lateral", "Normal"])[np.arange(n) % 3]
    values = rng.standard_normal((n, 6))
    values[:, 0] += distance * (labels == "Interdental")
    values[:, 1] += distance * (labels == "Lateral")
    ids = [f"c{k:03d}" for k in range(n)]
    manifest = pd.DataFrame({"clip_id": ids, "path": ids, "label": labels})
    if speakers:
        manifest["speaker"] = [f"s{k // 3 % 12:02d}" for k in range(n)]
    features = pd.DataFrame(values, index=ids, columns=[f"x.{k}" for k in range(6)])
    return features, manifest, plan_folds(manifest, FoldSettings(), seed=0).table


def mapped(features: pd.DataFrame, manifest: pd.DataFrame, folds: pd.DataFrame):
    return clip_map(features, manifest, folds, sorted(set(manifest["label"])),
                    columns=list(features.columns), seed=0)  # fmt: skip


def test_log_odds_are_those_of_the_true_densities() -> None:
    features, manifest, folds = gaussians(1200)
    found = mapped(features, manifest, folds)
    assert (found.reference, found.others) == ("Normal", ("Interdental", "Lateral"))
    # Equal priors, unit covariance: log odds = d * x - d^2 / 2, to the base of ten.
    truth = (3.0 * features.to_numpy()[:, :2] - 4.5) / np.log(10)
    assert found.log10_odds.shape == (1200, 2)
    assert np.corrcoef(found.log10_odds[:, 0], truth[:, 0])[0, 1] > 0.99
    assert np.abs(found.log10_odds - truth).mean() < 0.15
    assert found.held_out
    assert list(found.table.columns[:3]) == ["clip_id", "label", "log10_odds_Interdental_to_Normal"]


def test_labels_by_chance_make_no_clusters() -> None:
    """In-sample, 200 columns would part 240 clips of random labels; out of fold they do not."""
    rng = np.random.default_rng(1)
    _, manifest, folds = gaussians()
    noise = pd.DataFrame(rng.standard_normal((240, 200)), index=manifest["clip_id"])
    noise.columns = [f"x.{k}" for k in range(200)]
    found = mapped(noise, manifest, folds)
    labels = np.asarray(found.labels)
    own = found.log10_odds[labels == "Lateral", 1].mean()
    other = found.log10_odds[labels == "Normal", 1].mean()
    spread = found.log10_odds[:, 1].std()
    assert abs(own - other) < 4 * spread * np.sqrt(2 / 80)


def test_a_map_without_a_class_called_normal_or_without_speakers() -> None:
    features, manifest, folds = gaussians(speakers=False)
    manifest["label"] = manifest["label"].replace({"Normal": "s"})
    found = mapped(features, manifest, folds)
    assert found.reference in ("Interdental", "Lateral", "s")
    assert not found.held_out


def test_bands_are_means_of_speakers_means_without_loudness() -> None:
    manifest = pd.DataFrame({
        "clip_id": ["a", "b", "c", "d"], "label": ["n", "n", "n", "l"],
        "speaker": ["1", "1", "2", "2"],
    })  # fmt: skip
    features = pd.DataFrame({
        "bands.level_low_db.frames_mean": [-60.0, -20.0, -40.0, -40.0],
        "bands.level_mid_db.frames_mean": [-40.0, 0.0, -40.0, -30.0],
        "bands.level_high_db.frames_mean": np.full(4, np.nan),
        "bands.share_above_4000.frames_mean": [0.2, 0.4, 0.9, np.nan],
    }, index=list("abcd"))  # fmt: skip
    rows = {(one["measure"], one["label"]): one for one in
            band_energies(features, manifest, ["l", "n"])}  # fmt: skip
    assert {measure for measure, _ in rows} == {"level_low_db", "level_mid_db", "share_above_4000"}
    # Speaker 1: -10 in both clips, 40 dB apart in loudness; speaker 2: 0.
    assert rows["level_low_db", "n"]["mean"] == pytest.approx(-5.0)
    assert rows["level_mid_db", "l"]["mean"] == pytest.approx(5.0)
    assert rows["share_above_4000", "n"]["mean"] == pytest.approx((0.3 + 0.9) / 2)
    assert np.isnan(rows["share_above_4000", "l"]["mean"])
    assert np.isnan(rows["level_low_db", "n"]["q25"])  # two speakers have no quartiles
    assert rows["level_low_db", "n"]["n_speakers"] == 2
    assert band_energies(features.iloc[:, :0], manifest, ["l", "n"]) == []
    alone = band_energies(features, manifest.drop(columns="speaker"), ["n"])[0]
    assert (alone["unit"], alone["n_speakers"]) == ("clip", None)


def test_errors_by_speaker_are_counted() -> None:
    counts = np.array([[[3.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [2.5, 0.5]]])
    atoms = metrics.Confusions(classes=("l", "n"), counts=counts, units=("a", "b"), unit="speaker")
    worst, best = speaker_errors(atoms)
    assert worst == {
        "speaker": "b", "n_clips": 4, "accuracy": 1.5 / 4,
        "by_class": {"l": {"n_clips": 1, "recall": 1.0},
                     "n": {"n_clips": 3, "recall": pytest.approx(1 / 6)}},
        "mostly": {"label": "n", "predicted": "l", "n": 2.5},
    }  # fmt: skip
    assert best["by_class"] == {"l": {"n_clips": 4, "recall": 0.75}}
    right = metrics.Confusions(classes=("l", "n"), counts=np.array([np.eye(2)]), units=("a",),
                               unit="speaker")  # fmt: skip
    assert speaker_errors(right)[0]["mostly"] is None
    by_clip = metrics.Confusions(classes=("l", "n"), counts=counts, units=("a", "b"), unit="clip")
    assert speaker_errors(by_clip) == []


@pytest.fixture
def tones(tmp_path) -> pd.DataFrame:
    """A 5 kHz tone of 0.2 s, three seconds of it, and silence."""
    rows = []
    for name, seconds, level in (("tone", 0.2, 0.3), ("long", 3.0, 0.3), ("silent", 0.2, 0.0)):
        time_s = np.arange(round(seconds * SR)) / SR
        soundfile.write(tmp_path / f"{name}.wav", level * np.sin(2 * np.pi * 5000 * time_s), SR)
        rows.append({"clip_id": name, "path": str(tmp_path / f"{name}.wav")})
    rows.append({"clip_id": "span", "path": str(tmp_path / "long.wav"), "start": 1.0, "end": 1.1})
    return pd.DataFrame(rows)


def test_a_tone_stands_in_its_row_of_the_spectrogram(tones: pd.DataFrame) -> None:
    recipe = Recipe(high_hz=7840.0)
    found = clip_pictures(list(tones["clip_id"]), tones, recipe, AudioSettings())
    assert list(found) == ["tone", "long", "span"]
    tone = found["tone"]
    assert tone.level_db.shape == (ROWS, 37)  # 20 ms windows every 5 ms in 200 ms
    assert int(tone.level_db.mean(axis=1).argmax()) == int(5000 / 7840 * ROWS)
    assert tone.level_db.max() == 0.0
    assert found["long"].level_db.shape[1] == 120
    assert (found["long"].shown_s, found["long"].duration_s) == (0.6, 3.0)
    assert found["span"].duration_s == pytest.approx(0.1)


def test_sounds_are_the_clips_at_their_rate(tones: pd.DataFrame) -> None:
    found = clip_sounds(["tone", "long", "span"], tones, AudioSettings())
    samples, sr = soundfile.read(io.BytesIO(found["tone"]))
    lead = round(LEAD_S * SR)
    assert (sr, len(samples)) == (SR, lead + round(0.2 * SR))
    assert not samples[:lead].any()
    assert np.abs(samples[lead:]).max() == pytest.approx(0.3, abs=1e-3)
    assert soundfile.info(io.BytesIO(found["long"])).duration == pytest.approx(2.0 + LEAD_S)
    assert soundfile.info(io.BytesIO(found["span"])).duration == pytest.approx(0.1 + LEAD_S)
