"""The sibilant search, against real speech with known phones, and what holds no sibilant."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from acoustic_sib.audio import read_blocks, read_sound
from acoustic_sib.cli import run
from acoustic_sib.corpus.textgrid import read_textgrid
from acoustic_sib.errors import AudioError, CorpusError
from acoustic_sib.screen.detect import find_sibilants
from acoustic_sib.screen.expected import Expected, expected_from
from acoustic_sib.screen.frames import EDGES_HZ, read_frames
from acoustic_sib.screen.phones import is_sibilant, sibilants_of_textgrid
from acoustic_sib.screen.textgrid_out import write_textgrid
from tests.conftest import shared_folder


def written(folder: Path, samples: np.ndarray, sr: int, name: str = "a.wav") -> Path:
    path = folder / name
    soundfile.write(path, samples, sr)
    return path


def test_sibilants_of_synthetic_sentences_are_found_where_they_are() -> None:
    folder = shared_folder("corpora/espeak")
    hits = total = 0
    for path in sorted((folder / "utterances").glob("sent_en-us_m3_*_Normal.flac")):
        phones = next(t for t in read_textgrid(path.with_suffix(".TextGrid")) if t.name == "phone")
        found = find_sibilants(path).segments
        for start, end, name in phones.intervals:
            if name in ("s", "z", "S", "Z"):
                total += 1
                hits += any(min(end, one.end) - max(start, one.start) >= (end - start) / 2
                            for one in found)  # fmt: skip
    assert total == 37
    assert hits / total >= 0.8


def test_a_search_does_not_depend_on_gain_or_on_reading_in_pieces(tmp_path: Path) -> None:
    folder = shared_folder("corpora/espeak")
    sound = read_sound(folder / "utterances" / "sent_en-us_0_Normal.flac")
    whole = find_sibilants(written(tmp_path, sound.samples, sound.sr, "whole.wav"))
    quiet = find_sibilants(written(tmp_path, sound.samples / 10, sound.sr, "quiet.wav"))
    assert len(whole.segments) == len(quiet.segments) > 0
    for one, other in zip(whole.segments, quiet.segments, strict=True):
        assert one.start == pytest.approx(other.start, abs=0.005)
    pieces = [piece.samples for piece, _ in read_blocks(tmp_path / "whole.wav", block_s=0.5)]
    assert np.array_equal(np.concatenate(pieces), read_sound(tmp_path / "whole.wav").samples)


def test_frames_lie_every_10_ms_and_hear_the_right_band(tmp_path: Path) -> None:
    times = np.arange(44100) / 44100
    tone = np.where(times >= 0.5, 0.1 * np.sin(2 * np.pi * 5500 * times), 0)
    frames = read_frames(written(tmp_path, tone, 44100))
    assert len(frames.bands_db) == 100
    loudest = frames.bands_db[60:95].argmax(axis=1)
    assert {EDGES_HZ[band] for band in loudest} == {5000}
    assert frames.bands_db[:48].max() < frames.bands_db[52:95].max(axis=1).min() - 40


@pytest.mark.parametrize("kind", ["silence", "tone"])
def test_silence_and_tones_hold_no_sibilants(tmp_path: Path, kind: str) -> None:
    times = np.arange(2 * 44100) / 44100
    samples = {"silence": 0 * times, "tone": 0.1 * np.sin(2 * np.pi * 440 * times)}[kind]
    assert find_sibilants(written(tmp_path, samples, 44100)).segments == ()


def test_an_expected_count_brings_lisped_sibilants_and_no_more_than_asked_for() -> None:
    folder = shared_folder("corpora/espeak") / "utterances"
    for path in sorted(folder.glob("sent_en-us_f2_*_Interdental.flac")):
        phones = next(t for t in read_textgrid(path.with_suffix(".TextGrid")) if t.name == "phone")
        dental = [phone for phone in phones.intervals if phone.text in ("T", "D")]
        guided, free = (
            find_sibilants(path, expect=Expected(count=len(dental))),
            find_sibilants(path),
        )
        assert len(free.segments) < len(guided.segments) <= len(dental)
        assert len(find_sibilants(path, expect=Expected(count=1)).segments) == 1


def test_a_sentence_lisped_throughout_asks_for_the_prompt_and_one_said_normal_does_not() -> None:
    folder = shared_folder("corpora/espeak") / "utterances"
    asked = {
        said: [any("--expect" in note for note in find_sibilants(path).notes)
               for path in sorted(folder.glob(f"sent_en-us_*_{said}.flac"))]
        for said in ("Normal", "Interdental")
    }  # fmt: skip
    assert len(asked["Normal"]) == len(asked["Interdental"]) == 24
    assert np.mean(asked["Interdental"]) >= 0.8
    assert np.mean(asked["Normal"]) <= 0.1
    prompted = find_sibilants(folder / "sent_en-us_f2_0_Interdental.flac", expect=Expected(count=1))
    assert not any("--expect" in note for note in prompted.notes)


def test_telephone_speech_is_searched_with_what_it_has_and_says_so(tmp_path: Path) -> None:
    folder = shared_folder("corpora/espeak")
    sound = read_sound(folder / "utterances" / "sent_en-us_5_Normal.flac")
    narrow = resample_poly(sound.samples, 160, 441)
    found = find_sibilants(written(tmp_path, narrow, 8000))
    assert any("less surely" in note for note in found.notes)
    assert found.segments


def test_a_dead_channel_at_96_khz_changes_nothing_but_a_note(tmp_path: Path) -> None:
    folder = shared_folder("corpora/espeak")
    sound = read_sound(folder / "utterances" / "sent_en-us_0_Normal.flac")
    wide = resample_poly(sound.samples, 640, 147)
    both = np.column_stack([wide, np.zeros_like(wide)])
    one = find_sibilants(written(tmp_path, wide, 96000, "mono.wav"))
    two = find_sibilants(written(tmp_path, both, 96000, "stereo.wav"))
    assert one.segments == two.segments != ()
    assert "channel 1 is dead" in two.notes


def test_noise_alone_holds_no_sibilants(tmp_path: Path) -> None:
    noise = 0.05 * np.random.default_rng(3).standard_normal(3 * 44100)
    assert find_sibilants(written(tmp_path, noise, 44100)).segments == ()


def test_what_is_not_audio_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("no sound")
    with pytest.raises(AudioError, match="not readable as audio"):
        find_sibilants(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("label", "expected"),
    [("s", True), ("s̪", True), ("sʼ", True), ("zː", True), ("ʃ", True), ("ɬ", True), ("SH", True),
     ("Z", True), ("t͡s", False), ("θ", False), ("f", False), ("", False), ("ts", False),
     ("CH", False)],
)  # fmt: skip
def test_phone_labels(label: str, expected: bool) -> None:
    assert is_sibilant(label) is expected


def test_phones_of_a_forced_aligner_are_read_of_one_speaker_only(tmp_path: Path) -> None:
    path = written(tmp_path, np.zeros(16000), 16000)
    words = ("anna - words", [(0.1, 0.5, "sun")])
    phones = ("anna - phones", [(0.1, 0.2, "s"), (0.2, 0.4, "ʌ"), (0.4, 0.5, "n")])
    write_textgrid(tmp_path / "a.TextGrid", 1.0, [words, phones])
    (only,) = sibilants_of_textgrid(path, tmp_path / "a.TextGrid").segments
    assert (only.start, only.end, only.label) == (0.1, 0.2, "s")
    write_textgrid(tmp_path / "b.TextGrid", 1.0, [phones, ("bert - phones", phones[1])])
    with pytest.raises(CorpusError, match="expected the phones of one speaker"):
        sibilants_of_textgrid(path, tmp_path / "b.TextGrid")


def test_a_corrected_sibilant_tier_is_read_back(tmp_path: Path) -> None:
    path = written(tmp_path, np.zeros(16000), 16000)
    write_textgrid(tmp_path / "a.TextGrid", 1.0, [("sibilant", [(0.2, 0.35, "mine")])])
    (only,) = sibilants_of_textgrid(path, tmp_path / "a.TextGrid").segments
    assert (only.start, only.end, only.label, only.origin) == (0.2, 0.35, "mine", "textgrid")
    write_textgrid(tmp_path / "b.TextGrid", 1.0, [("words", [(0.2, 0.35, "mine")])])
    with pytest.raises(CorpusError, match="expected 'sibilant' or one of"):
        sibilants_of_textgrid(path, tmp_path / "b.TextGrid")
    write_textgrid(tmp_path / "c.TextGrid", 3.0, [("phones", [(2.0, 2.5, "s")])])
    with pytest.raises(CorpusError, match="is it of another recording"):
        sibilants_of_textgrid(path, tmp_path / "c.TextGrid")


def test_a_phone_tier_of_which_nothing_is_read_as_a_sibilant_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, np.zeros(16000), 16000)
    grid = tmp_path / "a.TextGrid"
    write_textgrid(grid, 1.0, [("phone", [(0.1, 0.3, "T"), (0.3, 0.5, "l#")])])
    (note,) = sibilants_of_textgrid(path, grid).notes
    assert note.startswith("tier 'phone': none of its 2 labels is read as a sibilant")
    german = sibilants_of_textgrid(path, grid, language="de").notes[0]
    assert german.startswith("Ebene 'phone': keine der 2 Beschriftungen")
    write_textgrid(grid, 1.0, [("phone", [(0.1, 0.3, "s"), (0.3, 0.5, "a")])])
    assert sibilants_of_textgrid(path, grid).notes == ()


@pytest.mark.parametrize("expect", ["1", "final"])
def test_clear_sibilants_that_a_prompt_leaves_out_are_told(
    expect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared_folder("corpora/espeak") / "utterances" / "sent_en-us_1_Normal.flac"
    free = len(find_sibilants(path).segments)
    assert free > 2
    guided = find_sibilants(path, expect=expected_from(expect))
    n_left = free - sum(one.origin == "found" for one in guided.segments)
    assert n_left >= free - 1
    assert guided.notes[0].startswith(f"{n_left} more that are clearly sibilants were left out")
    assert run(["segment", str(path), "--expect", expect, "--phones", str(path.parent)]) == 2
    assert "expected one of them" in capsys.readouterr().err


def test_an_expectation_is_told_of_silence_too(tmp_path: Path) -> None:
    silent = find_sibilants(written(tmp_path, np.zeros(16000), 16000), expect=Expected(count=2))
    assert silent.notes == ("silent: nothing to find", "0 found of 2 expected")
    scrap = find_sibilants(written(tmp_path, np.ones(300) / 9, 16000), expect=Expected(count=1))
    assert scrap.notes == ("too short to find a sibilant in it", "0 found of 1 expected")


def test_segment_goes_on_after_a_broken_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = written(tmp_path, np.zeros(16000), 16000, "good.wav")
    bad = tmp_path / "bad.wav"
    bad.write_text("no sound")
    assert run(["segment", str(bad), str(good), "--json", "--textgrid", str(tmp_path / "t")]) == 3
    out, err = capsys.readouterr()
    assert json.loads(out) == {"file": str(good), "duration": 1.0, "segments": []}
    assert err.count("failed:") == 1
    assert (tmp_path / "t" / "good.TextGrid").is_file()
    assert run(["segment", str(bad)]) == 2


def test_segment_never_overwrites_a_corrected_textgrid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, np.zeros(16000), 16000)
    grids = tmp_path / "found"
    command = ["segment", str(path), "--textgrid", str(grids)]
    assert run(command) == 0
    assert f"TextGrids: {grids}" in capsys.readouterr().err
    assert run(command) == 0  # the same is found again
    corrected = grids / "a.TextGrid"
    write_textgrid(corrected, 1.0, [("sibilant", [(0.2, 0.3, "s")])])
    by_hand = corrected.read_bytes()
    capsys.readouterr()
    assert run(command) == 2
    out, err = capsys.readouterr()
    assert "a.TextGrid is there already and differs" in err
    assert out == ""
    assert corrected.read_bytes() == by_hand


def test_one_is_singular(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, np.zeros(16000), 16000)
    write_textgrid(tmp_path / "a.TextGrid", 1.0, [("sibilant", [(0.2, 0.3, "s")])])
    assert run(["segment", str(path), "--phones", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith(f"{path}: 1 sibilant in 1.00 s\n")


def test_sounds_in_a_folder_that_cannot_be_read_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.m4a", "b.M4A", "notes.txt"):
        (tmp_path / name).write_text("of a telephone")
    assert run(["segment", str(tmp_path)]) == 2
    assert "(2 such as a.m4a: convert to WAV or FLAC)" in capsys.readouterr().err
    written(tmp_path, np.zeros(16000), 16000, "c.wav")
    assert run(["segment", str(tmp_path)]) == 3
    told = capsys.readouterr().err
    for name in ("a.m4a", "b.M4A"):
        assert f"failed: {tmp_path / name}: .m4a is not read here; expected WAV" in told
    for name in ("a.wav", "b.wav"):  # converted already
        written(tmp_path, np.zeros(16000), 16000, name)
    assert run(["segment", str(tmp_path)]) == 0
    assert "m4a" not in capsys.readouterr().err
