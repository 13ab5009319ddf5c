from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from numpy.typing import NDArray

from acoustic_sib.corpus import read_corpus
from acoustic_sib.corpus.fricatives import SR, Manner, Token, Voice, synthesize
from acoustic_sib.corpus.synth import COUNTS, MARK, SynthFaults, make_demo_corpus
from acoustic_sib.errors import CorpusError

VOICE = Voice(front_cavity=1.0, f0_hz=200.0, level_db=-25.0, tilt_db=0.0, noise_db=-75.0, habit=0.0)
FEW = {"Lateral": 60, "Normal": 24, "Interdental": 24}


def made(folder: Path, **faults: object) -> pd.DataFrame:
    make_demo_corpus(folder / "corpus", faults=SynthFaults(**faults), n_speakers=12, counts=FEW)
    return pd.read_csv(folder / "corpus" / "metadata.csv")


def sound(folder: Path, table: pd.DataFrame, row: int) -> NDArray[np.float64]:
    samples, _ = soundfile.read(folder / "corpus" / table["file_name"][row])
    return samples


def power(manner: Manner, degree: float = 1.0, **changes: object) -> tuple[NDArray, NDArray]:
    """Mean spectrum of a long token: frequencies and power."""
    token = Token(manner=manner, degree=degree, duration_s=3.0, **{"voiced": False, **changes})
    samples = synthesize(token, VOICE, np.random.default_rng(0))
    frames = samples[: len(samples) // 1024 * 1024].reshape(-1, 1024) * np.hanning(1024)
    return np.fft.rfftfreq(1024, 1 / SR), np.mean(np.abs(np.fft.rfft(frames)) ** 2, axis=0)


def share(manner: Manner, low_hz: float, high_hz: float, of: tuple[float, float]) -> float:
    freqs, spectrum = power(manner)

    def energy(low: float, high: float) -> float:
        return float(spectrum[(freqs >= low) & (freqs < high)].sum())

    return energy(low_hz, high_hz) / energy(*of)


def test_normal_is_compact_and_high() -> None:
    """Adult women: 2.5-4.5 kHz share of 0.5-8 kHz .06 for /s/, /ʃ/ .56-.66 (acoustics.md)."""
    assert share("Normal", 2500, 4500, (500, 8000)) < 0.15
    freqs, spectrum = power("Normal")
    assert freqs[np.argmax(spectrum)] == pytest.approx(7600, abs=400)
    trough = spectrum[(freqs > 550) & (freqs < 3000)].min()
    assert 10 * np.log10(spectrum.max() / trough) > 25


def test_lateral_has_energy_low_and_many_peaks() -> None:
    assert share("Lateral", 2500, 4500, (500, 8000)) > 2 * share("Normal", 2500, 4500, (500, 8000))


def test_interdental_is_flat() -> None:
    def flatness(manner: Manner) -> float:
        freqs, spectrum = power(manner)
        inside = spectrum[(freqs > 550) & (freqs < 11025)]
        return float(np.exp(np.mean(np.log(inside))) / inside.mean())

    assert flatness("Interdental") > flatness("Lateral") > flatness("Normal")


def test_degree_zero_is_normal() -> None:
    np.testing.assert_allclose(power("Interdental", 0.0)[1], power("Normal", 1.0)[1])


def test_a_longer_front_cavity_lowers_the_peak() -> None:
    token = Token(manner="Normal", degree=1.0, duration_s=2.0, voiced=False)
    man = Voice(
        front_cavity=0.8, f0_hz=110.0, level_db=-25.0, tilt_db=0.0, noise_db=-75.0, habit=0.0
    )
    samples = synthesize(token, man, np.random.default_rng(0))
    frames = samples[: len(samples) // 1024 * 1024].reshape(-1, 1024) * np.hanning(1024)
    spectrum = np.mean(np.abs(np.fft.rfft(frames)) ** 2, axis=0)
    assert np.fft.rfftfreq(1024, 1 / SR)[spectrum.argmax()] == pytest.approx(0.8 * 7600, abs=400)


def test_voicing_adds_the_fundamental() -> None:
    freqs, voiced = power("Normal", voiced=True)
    _, voiceless = power("Normal")
    low = (freqs > 100) & (freqs < 300)
    assert 10 * np.log10(voiced[low].sum() / voiceless[low].sum()) > 20


def test_level_is_that_of_the_voice() -> None:
    token = Token(manner="Normal", degree=1.0, duration_s=1.0, voiced=False, gain_db=-6.0)
    samples = synthesize(token, VOICE, np.random.default_rng(0))
    assert 10 * np.log10(np.mean(samples**2)) == pytest.approx(-31, abs=0.2)


@pytest.mark.no_cover
def test_the_corpus_of_the_question(tmp_path: Path) -> None:
    folder = make_demo_corpus(tmp_path / "demo", seed=0)
    corpus = read_corpus(folder)
    assert corpus.synthetic
    assert corpus.manifest["label"].value_counts().to_dict() == dict(COUNTS)
    assert corpus.manifest["speaker"].nunique() == 42
    assert (corpus.manifest.groupby("speaker")["label"].nunique() > 1).mean() > 0.9
    assert set(corpus.manifest["phone"]) == {"s", "z"}
    lengths = [soundfile.info(path).duration for path in corpus.manifest["path"]]
    assert np.median(lengths) == pytest.approx(0.16, abs=0.01)
    assert min(lengths) >= 0.04
    assert max(lengths) <= 0.4501
    assert soundfile.info(corpus.manifest["path"][0]).samplerate == 44100
    assert "SYNTHETIC" in (folder / MARK).read_text()


def test_the_seed_decides(tmp_path: Path) -> None:
    first, second, other = (
        make_demo_corpus(tmp_path / name, seed=seed, n_speakers=6, counts=FEW)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    content = [sorted(path.read_bytes() for path in folder.rglob("*.wav"))
               for folder in (first, second, other)]  # fmt: skip
    assert content[0] == content[1] != content[2]
    assert (first / "metadata.csv").read_bytes() == (second / "metadata.csv").read_bytes()


def test_other_peoples_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(CorpusError, match="not a demo corpus"):
        make_demo_corpus(tmp_path / "mine", counts=FEW)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    made(tmp_path)
    made(tmp_path)  # a demo corpus is replaced
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("fault", ["shuffled_labels", "shuffled_within_speakers"])
def test_shuffled_labels_keep_sounds_and_counts(tmp_path: Path, fault: str) -> None:
    clean, shuffled = made(tmp_path / "a"), made(tmp_path / "b", **{fault: True})
    for row in (0, 50):
        np.testing.assert_array_equal(sound(tmp_path / "a", clean, row),
                                      sound(tmp_path / "b", shuffled, row))  # fmt: skip
    assert clean["label"].value_counts().to_dict() == shuffled["label"].value_counts().to_dict()
    assert (clean["label"] != shuffled["label"]).mean() > 0.2
    same = clean.groupby(["speaker", "label"]).size().equals(
        shuffled.groupby(["speaker", "label"]).size())  # fmt: skip
    assert same == (fault == "shuffled_within_speakers")


@pytest.mark.parametrize("shuffled", [False, True])
def test_one_label_per_speaker(tmp_path: Path, shuffled: bool) -> None:
    table = made(tmp_path, one_label_per_speaker=True, shuffled_labels=shuffled)
    assert (table.groupby("speaker")["label"].nunique() == 1).all()
    assert (table.groupby("label")["speaker"].nunique() >= 2).all()


def test_swapped_speakers(tmp_path: Path) -> None:
    clean, swapped = made(tmp_path / "a"), made(tmp_path / "b", swapped_speakers=3)
    differs = clean["label"] != swapped["label"]
    assert clean["speaker"][differs].nunique() == 3
    assert set(zip(clean["label"][differs], swapped["label"][differs], strict=True)) == {
        ("Normal", "Lateral"), ("Lateral", "Normal")}  # fmt: skip


def test_duplicates_across_speakers(tmp_path: Path) -> None:
    table = made(tmp_path, duplicates_across_speakers=10)
    content = [(tmp_path / "corpus" / name).read_bytes() for name in table["file_name"]]
    copies = pd.Series(content).groupby(content).transform("size") > 1
    assert 10 < copies.sum() <= 20
    for _, rows in table[copies].groupby(pd.Series(content)[copies]):
        assert rows["speaker"].nunique() > 1
        assert rows["label"].nunique() == 1


def test_mislabelled_share(tmp_path: Path) -> None:
    clean, wrong = made(tmp_path / "a"), made(tmp_path / "b", mislabelled_share=0.25)
    assert (clean["label"] != wrong["label"]).sum() == round(0.25 * 108)


def test_broken_files(tmp_path: Path) -> None:
    table = made(tmp_path, broken_files=3)
    broken = [name for name in table["file_name"]
              if not (tmp_path / "corpus" / name).read_bytes().startswith(b"RIFF")]  # fmt: skip
    assert len(broken) == 3


def test_shortcuts_are_set_by_class(tmp_path: Path) -> None:
    table = made(tmp_path / "d", shortcut="duration")
    table["duration"] = [len(sound(tmp_path / "d", table, row)) / SR for row in table.index]
    medians = table.groupby("label")["duration"].median()
    assert medians.to_numpy() == pytest.approx([0.28, 0.16, 0.09], rel=0.15)
    table = made(tmp_path / "l", shortcut="level", keep_signal=False)
    levels = [20 * np.log10(np.std(sound(tmp_path / "l", table, row))) for row in table.index]
    medians = pd.Series(levels).groupby(table["label"]).median()
    assert medians.to_numpy() == pytest.approx([-38, -28, -18], abs=0.5)


def test_bandwidth_shortcut_leaves_a_wall(tmp_path: Path) -> None:
    table = made(tmp_path, shortcut="bandwidth")

    def above(row: int, low_hz: float) -> float:
        samples = sound(tmp_path, table, row)
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
        return float(spectrum[np.fft.rfftfreq(len(samples), 1 / SR) > low_hz].mean())

    for label, wall in (("Lateral", 16500), ("Interdental", 13500)):
        rows = table.index[table["label"] == label][:8]
        normal = table.index[table["label"] == "Normal"][:8]
        loss = np.median([above(row, wall) for row in normal]) / np.median(
            [above(row, wall) for row in rows])  # fmt: skip
        assert 10 * np.log10(loss) > 10


def test_unknown_classes_and_too_few_speakers(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="class 'Dental' has no synthesiser"):
        make_demo_corpus(tmp_path / "x", counts={"Dental": 5, "Normal": 5})
    with pytest.raises(CorpusError, match="4 speakers for 3 classes"):
        make_demo_corpus(tmp_path / "x", n_speakers=4, counts=FEW,
                         faults=SynthFaults(one_label_per_speaker=True))  # fmt: skip
    assert not (tmp_path / "x").exists()


def test_durations_change_nothing_else(tmp_path: Path) -> None:
    """Clips of any length between the two, evenly, whatever the class; labels as they were."""
    plain = made(tmp_path)
    table = made(tmp_path, durations_s=(0.1, 0.5))
    pd.testing.assert_frame_equal(plain, table)
    lengths = np.array([len(sound(tmp_path, table, row)) for row in range(len(table))]) / SR
    assert 0.1 <= lengths.min() < 0.12
    assert 0.48 < lengths.max() <= 0.5
    by_class = pd.Series(lengths).groupby(table["label"]).mean()
    np.testing.assert_allclose(by_class, 0.3, atol=0.06)
