"""Planted faults are found, and not in their clean twin; figures of small corpora by hand."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soxr

from acoustic_sib.channels import apart_words, different_words
from acoustic_sib.corpus.audit import audit
from acoustic_sib.corpus.window import frames_of, window_finding
from acoustic_sib.errors import CorpusError
from tests.corpus.heard import CLASSES, SR, Heard, clean, noise, one_label_each

Plant = Callable[[Heard], None]
KEYS = {"check", "status", "says", "next", "evidence"}


def copied(of: str, to: str) -> Plant:
    return lambda made: made.change(to, made.sounds[of].copy())


def tiny_class(made: Heard) -> None:
    for take in range(3):
        made.add(f"rare{take}", "Whistled", f"s{take:02d}", noise(900 + take))


def one_speaker_class(made: Heard) -> None:
    for take in range(12):
        made.add(f"only{take}", "Whistled", "s00", noise(900 + take))


def few_speakers(made: Heard) -> None:
    for take in range(12):
        made.add(f"few{take}", "Whistled", f"s0{take % 3}", noise(900 + take))


def dominant(made: Heard) -> None:
    for take in range(60):
        made.add(f"more{take}", CLASSES[take % 3], "s00", noise(900 + take))


def spelt_twice(made: Heard) -> None:
    for label in CLASSES:
        made.add(f"again_{label}", label, "S1 ", noise(900 + len(made.rows)))


def longer(made: Heard) -> None:
    for number, name in enumerate(made.names("Lateral")):
        made.change(name, noise(500 + number, 0.15, level=made.sounds[name].std()))


def quieter(made: Heard) -> None:
    for name in made.names("Lateral"):
        made.change(name, 0.1 * made.sounds[name])


def narrower(made: Heard) -> None:
    for name in made.names("Lateral"):
        made.change(name, soxr.resample(soxr.resample(made.sounds[name], SR, 8000), 8000, SR))


def other_rate(made: Heard) -> None:
    for number, name in enumerate(made.names("Lateral")):
        made.change(name, noise(700 + number, 0.1, 22_050, made.sounds[name].std()))
        made.rates[name] = 22_050


def other_format(made: Heard) -> None:
    made.heard.update({name: {"format": "MP3/MPEG_LAYER_III"} for name in made.names("Lateral")})


def shifted(made: Heard) -> None:
    for name in made.names("Lateral"):
        made.change(name, made.sounds[name] + 0.02)


def two_people(made: Heard) -> None:
    made.heard["s00_Normal_0"] = {"n_channels": 2, "channel_note": different_words([0, 1])}


def microphones_apart(made: Heard) -> None:
    made.heard["s00_Normal_0"] = {"n_channels": 2, "channel_note": apart_words([0, 1], 0)}


def dead_channel(made: Heard) -> None:
    made.heard["s00_Normal_0"] = {"n_channels": 2, "channel_note": "channel 1 is dead"}


def paused(made: Heard) -> None:
    name = "s00_Normal_0"
    made.change(name, np.concatenate([made.sounds[name], np.zeros(2 * len(made.sounds[name]))]))


def clipped(made: Heard) -> None:
    name = "s00_Normal_0"
    made.change(name, 0.5 * np.clip(made.sounds[name] / made.sounds[name].std(), -1, 1))


def same_stretch(label: str, speaker: str, start: float = 0.02) -> Plant:
    """A second clip from the file of a Normal clip of s00, beginning inside it."""

    def plant(made: Heard) -> None:
        whole = noise(999, 0.3)
        made.add("cut0", "Normal", "s00", whole[:1600], start=0.0, end=0.1)
        first = round(start * SR)
        made.add("cut1", label, speaker, whole[first : first + 1600], start=start, end=start + 0.1)
        made.rows["cut0"]["path"] = made.rows["cut1"]["path"] = "session.wav"

    return plant


FAULTS: list[tuple[str, str, Plant]] = [
    ("duplicate_audio", "note", copied("s00_Normal_0", "s00_Normal_1")),
    ("duplicates_across_labels", "fail", copied("s00_Normal_0", "s00_Lateral_1")),
    ("duplicates_across_speakers", "warn", copied("s00_Normal_0", "s01_Normal_1")),
    ("duplicates_across_folds", "fail", copied("s00_Normal_0", "s01_Normal_1")),
    ("shared_files_across_labels", "fail", same_stretch("Lateral", "s00")),
    ("shared_files_across_labels", "fail", same_stretch("Lateral", "s00", start=0.08)),
    ("shared_files_across_folds", "fail", same_stretch("Normal", "s01")),
    ("shared_files", "note", same_stretch("Normal", "s00")),
    ("small_classes", "warn", tiny_class),
    ("class_counts", "note", tiny_class),
    ("speakers", "fail", one_speaker_class),
    ("speakers", "warn", few_speakers),
    ("dominant_speakers", "note", dominant),
    ("speaker_names", "warn", spelt_twice),
    ("duration_by_class", "warn", longer),
    ("level_by_class", "warn", quieter),
    ("noise_floor_by_class", "warn", quieter),
    ("bandwidth_by_class", "warn", narrower),
    ("bandwidth", "note", narrower),
    ("sr_by_class", "warn", other_rate),
    ("sampling_rates", "note", other_rate),
    ("format_by_class", "warn", other_format),
    ("dc_by_class", "warn", shifted),
    ("dc_offset", "warn", shifted),
    ("channels", "note", dead_channel),
    ("channels_differ", "warn", two_people),
    ("channels_apart", "warn", microphones_apart),
    ("pauses", "note", paused),
    ("clipping", "note", clipped),
    ("silence", "warn", lambda made: made.change("s00_Normal_0", np.zeros(1600))),
    ("short_clips", "warn", lambda made: made.change("s00_Normal_0", noise(9, 0.015))),
]


@pytest.fixture(scope="module")
def of_clean() -> dict[str, Any]:
    return clean().audited()


def test_the_clean_corpus_raises_no_alarm_but_the_padding(of_clean: dict[str, Any]) -> None:
    found = of_clean
    assert {check for check, one in found.items() if one["status"] in ("warn", "fail")} == {
        "padded_window"
    }
    assert found["fold_speakers"]["status"] == found["fold_classes"]["status"] == "ok"
    assert found["duplicate_audio"]["evidence"]["n_pairs"] == 0


@pytest.mark.parametrize(("check", "status", "plant"), FAULTS)
def test_a_planted_fault_is_found_and_its_clean_twin_is_not(
    check: str, status: str, plant: Plant, of_clean: dict[str, Any]
) -> None:
    assert of_clean.get(check, {}).get("status") != status
    made = clean()
    plant(made)
    found = audit(made.manifest, made.quality, made.folds, read=made.read, left_out={"Other": 3})
    checks = [one["check"] for one in found["findings"]]
    assert len(checks) == len(set(checks))
    assert all(set(one) == KEYS and one["says"] for one in found["findings"])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    one = found["findings"][checks.index(check)]
    assert one["status"] == status
    assert one["next"]


def test_touching_spans_with_different_labels_are_no_fault() -> None:
    made = clean()
    same_stretch("Lateral", "s00", start=0.095)(made)
    found = made.audited()
    assert found["shared_files"]["status"] == "ok"
    assert "shared_files_across_labels" not in found


def test_whole_file_and_span_of_it_share_a_stretch() -> None:
    made = clean()
    whole = noise(999, 0.3)
    made.add("whole", "Normal", "s00", whole, start=np.nan, end=np.nan)
    made.add("part", "Lateral", "s00", whole[1600:3200], start=0.1, end=0.2)
    made.rows["whole"]["path"], made.rows["part"]["path"] = "a/b.wav", "a//b.wav"
    assert made.audited()["shared_files_across_labels"]["evidence"]["pairs"] == [["whole", "part"]]


def test_a_constant_guess_scores_as_counted_by_hand() -> None:
    made = Heard()
    for number in range(20):
        label = "Lateral" if number < 12 else "Normal" if number < 16 else "Interdental"
        made.add(f"c{number}", label, f"s{number % 5}", noise(number))
    found = made.audited()["class_counts"]
    assert found["status"] == "note"
    assert found["evidence"]["counts"] == {"Interdental": 4, "Lateral": 12, "Normal": 4}
    assert found["evidence"]["majority_accuracy"] == pytest.approx(12 / 20)
    assert found["evidence"]["constant_uar"] == pytest.approx(1 / 3)
    # Of the guess 12 of 20 are right (precision .6, recall 1: F1 .75); the others have F1 0.
    assert found["evidence"]["constant_macro_f1"] == pytest.approx(0.75 / 3)


def test_the_three_designs_are_told_apart(of_clean: dict[str, Any]) -> None:
    assert of_clean["classes_per_speaker"]["evidence"]["design"] == "crossed"
    single = one_label_each()
    found = single.audited()["classes_per_speaker"]
    assert (found["evidence"]["design"], found["status"]) == ("one_label", "note")
    single.add("more", "Lateral", "s00", noise(900))
    found = single.audited()["classes_per_speaker"]
    assert found["evidence"] == {
        "design": "mixed", "n_speakers": 18, "n_with_several_classes": 1
    }  # fmt: skip


def test_without_speakers_the_audit_warns_and_goes_on() -> None:
    made = clean()
    manifest = made.manifest.drop(columns="speaker")
    found = audit(manifest, made.quality, made.folds, read=made.read)
    statuses = {one["check"]: one["status"] for one in found["findings"]}
    assert statuses["speakers"] == "warn"
    assert not {"fold_speakers", "classes_per_speaker"} & set(statuses)
    assert found["tables"]["speakers"] == []
    assert found["tables"]["classes"][0].keys() >= {"label", "clips", "duration_median_s"}


def test_a_plan_that_mixes_speakers_fails_and_names_them() -> None:
    made = clean()
    folds = made.folds
    folds.loc[(folds["clip_id"] == "s03_Normal_1") & (folds["repeat"] == 1), "fold"] = -1
    found = made.audited(folds=folds)["fold_speakers"]
    assert found["status"] == "fail"
    assert found["evidence"] == {"n_speakers": 12, "n_split": 1, "speakers": ["s03"]}


def test_folds_without_a_class_are_told() -> None:
    made = one_label_each(n_speakers=6)
    found = made.audited()["fold_classes"]
    assert found["status"] == "warn"
    # Repeat 0 puts speakers of one class into each fold; in repeat 1 each fold has two classes.
    assert "6 of 6 folds lack a class" in found["says"]


def test_copies_in_one_fold_are_no_leak_and_in_two_they_are() -> None:
    made = clean()
    made.change("s00_Normal_1", 0.5 * made.sounds["s00_Normal_0"])
    assert "duplicates_across_folds" not in made.audited()
    folds = made.folds
    folds.loc[folds["clip_id"] == "s00_Normal_1", "fold"] += 1
    leak = made.audited(folds=folds)["duplicates_across_folds"]
    assert leak["status"] == "fail"
    assert leak["evidence"]["pairs"] == [["s00_Normal_0", "s00_Normal_1"]]


def test_clips_that_could_not_be_heard_are_counted() -> None:
    made = clean()
    quality = made.quality.drop(index=["s00_Normal_0", "s01_Normal_0"])
    found = audit(made.manifest, quality, made.folds, read=made.read)
    one = next(one for one in found["findings"] if one["check"] == "unmeasured")
    assert (one["status"], one["evidence"]["n"]) == ("warn", 2)
    assert sum(row["clips"] for row in found["tables"]["classes"]) == 70


def test_a_quality_table_of_another_corpus_is_refused() -> None:
    made = clean(n_speakers=2)
    with pytest.raises(CorpusError, match="none of 12 clips could be heard"):
        audit(made.manifest, made.quality.rename(index=lambda name: f"x{name}"))


def test_rows_left_out_are_counted() -> None:
    found = clean().audited(left_out={"Other": 105, "noise": 2})["left_out"]
    assert found["says"].startswith("107 rows")
    assert found["evidence"]["rows"] == {"Other": 105, "noise": 2}


def test_tables_hold_counts_and_quartiles() -> None:
    made = Heard()
    for number, duration in enumerate([0.10, 0.12, 0.14, 0.16, 0.18]):
        made.add(f"a{number}", "A", f"s{number % 2}", noise(number, duration))
        made.add(f"b{number}", "B", "s0", noise(number + 50, 0.1, 22_050), 22_050)
    tables = audit(made.manifest, made.quality)["tables"]
    first = tables["classes"][0]
    assert (first["label"], first["clips"], first["speakers"], first["share"]) == ("A", 5, 2, 0.5)
    assert [first[f"duration_{name}_s"] for name in ("q1", "median", "q3")] == pytest.approx(
        [0.12, 0.14, 0.16]
    )
    assert tables["durations"][0] == {
        "label": "A", "n": 5, "q1": first["duration_q1_s"],
        "median": first["duration_median_s"], "q3": first["duration_q3_s"],
    }  # fmt: skip
    assert tables["rates"] == [
        {"label": "A", "16000": 5, "22050": 0}, {"label": "B", "16000": 0, "22050": 5}
    ]  # fmt: skip
    assert tables["speakers"] == [
        {"speaker": "s0", "clips": 8, "A": 3, "B": 5}, {"speaker": "s1", "clips": 2, "A": 2, "B": 0}
    ]  # fmt: skip
    assert tables["duplicates"] == []


def test_manifest_columns_named_like_measures_do_no_harm() -> None:
    made = clean(n_speakers=6)
    manifest = made.manifest.assign(format="x", duration_s=1.0, level_db="loud")
    assert audit(manifest, made.quality)["tables"] == audit(made.manifest, made.quality)["tables"]


def layers(n_samples: int) -> int:
    """Frames left by wav2vec2's seven convolutions, one after the other."""
    for kernel, stride in zip((10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2), strict=True):
        if n_samples < kernel:
            return 0
        n_samples = (n_samples - kernel) // stride + 1
    return n_samples


def test_frames_are_those_of_the_seven_convolutions() -> None:
    sizes = [*range(0, 2000), 2560, 8000, 15_999, 16_000, 48_000]
    assert [frames_of(n) for n in sizes] == [layers(n) for n in sizes]
    # 0.16 s, 1.0 s, the shortest that does not raise and one sample less.
    assert [frames_of(n) for n in (2560, 16_000, 400, 399)] == [7, 49, 1, 0]


def test_the_window_of_a_median_clip_of_160_ms() -> None:
    found = window_finding(pd.Series([0.02, 0.16, 0.16, 0.16, 1.5]))
    assert found["status"] == "warn"
    assert found["evidence"]["median_signal_share"] == pytest.approx(0.16)
    assert found["evidence"]["median_frames"] == 7
    assert found["evidence"]["median_frame_share"] == pytest.approx(7 / 49)
    assert found["evidence"]["n_under_400_samples"] == found["evidence"]["n_over_window"] == 1
    assert "7 of its 49 wav2vec2 frames" in found["says"]


@pytest.mark.parametrize(
    ("duration_s", "status", "frames"), [(0.26, "warn", 12), (0.28, "note", 13), (2.0, "note", 49)]
)
def test_the_window_is_a_warning_below_a_quarter(
    duration_s: float, status: str, frames: int
) -> None:
    found = window_finding(pd.Series([duration_s] * 3))
    assert (found["status"], found["evidence"]["median_frames"]) == (status, frames)
