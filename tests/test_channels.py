"""Several channels become one: which microphones share a room's people, and which have their own.

What two microphones of one room hear is computed: a direct sound that falls by 6 dB for twice the
distance, and a diffuse one that is as loud everywhere (Kuttruff, Room Acoustics: they are equal at
0.057 sqrt(V / T60), .65 m in 52 m3 and .4 s).
"""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from acoustic_sib.audio import read_blocks, read_sound
from acoustic_sib.channels import average_of_live, channels_apart, different_channels
from acoustic_sib.screen.channel_wording import TABLES, channel_words
from acoustic_sib.screen.detect import find_sibilants
from acoustic_sib.screen.phones import sibilants_of_textgrid
from acoustic_sib.screen.textgrid_out import write_textgrid
from acoustic_sib.screen.wording import say
from tests.conftest import shared_folder

Samples = NDArray[np.float64]

SR = 16000
EQUAL_AT_M, T60_S = 0.65, 0.4


def silence(duration_s: float) -> Samples:
    return np.zeros(round(duration_s * SR))


def syllables(duration_s: float, seed: int) -> Samples:
    """Noise in syllables of .2 s, 20 dB and more above what lies between them."""
    noise = 0.05 * np.random.default_rng(seed).standard_normal(round(duration_s * SR))
    return noise * (0.05 + np.sin(np.pi * np.arange(len(noise)) / SR / 0.25) ** 2)


def in_turn(*, seed: int = 0, turn_s: float = 2.0, n_turns: int = 3) -> tuple[Samples, Samples]:
    """Two people who speak one after the other."""
    pause = silence(turn_s)
    first = [part for n in range(n_turns) for part in (syllables(turn_s, seed + n), pause)]
    second = [part for n in range(n_turns) for part in (pause, syllables(turn_s, seed + 90 + n))]
    return np.concatenate(first), np.concatenate(second)


def heard(sound: Samples, distance_m: float, seed: int) -> Samples:
    """A person as a microphone so far away hears them in a living room; `seed`: its place."""
    tail = np.random.default_rng(seed).standard_normal(round(T60_S * SR))
    tail *= 10 ** (-3 * np.arange(len(tail)) / len(tail))
    tail /= np.sqrt(np.sum(tail**2)) * EQUAL_AT_M
    late = round(distance_m / 343 * SR)
    response = np.concatenate([np.zeros(late), tail])
    response[late] += 1 / distance_m
    return np.asarray(fftconvolve(sound, response)[: len(sound)])


def microphones(people: list[Samples], distances_m: list[list[float]]) -> Samples:
    """What microphones hear (n, microphones): `distances_m[microphone][person]`."""
    return np.stack([
        np.sum([heard(sound, at, seed=10 * row + who)
                for who, (sound, at) in enumerate(zip(people, own, strict=True))], axis=0)
        for row, own in enumerate(distances_m)
    ], axis=1)  # fmt: skip


def noisy(channel: Samples, db: float, seed: int = 7) -> Samples:
    """With noise of its own, so far below it."""
    noise = np.random.default_rng(seed).standard_normal(len(channel))
    return channel + noise * np.std(channel) * 10 ** (-db / 20)


def test_two_people_with_a_microphone_each_are_noted() -> None:
    people = list(in_turn())
    assert different_channels(np.stack(people, axis=1), SR) == [0, 1]
    for gain in (0.03, 30.0):
        at_the_mouth = microphones(people, [[0.05, 1.4], [1.4, 0.05]]) * (1, gain)
        assert different_channels(at_the_mouth, SR) == [0, 1]
    on_the_chest = microphones(people, [[0.2, 1.4], [1.4, 0.2]])
    assert different_channels(on_the_chest, SR) == [0, 1]
    # Beside them a third of the room, which has the one and the other.
    room = microphones(people, [[0.05, 1.4], [1.0, 1.0], [1.4, 0.05]])
    assert different_channels(room, SR) == [0, 2]


@pytest.mark.parametrize("near", [0.05, 0.2, 0.5])
def test_one_person_is_no_two(near: float) -> None:
    """Delay, level, reverberation and noise make channels differ one way only."""
    person = [in_turn()[0] + in_turn()[1]]
    far = microphones(person, [[near], [2.0]])
    assert different_channels(far, SR) == []
    for db in ((40, 10), (10, 40)):
        rough = np.stack([noisy(far[:, 0], db[0]), noisy(far[:, 1], db[1], 8)], axis=1)
        assert different_channels(rough, SR) == []
    later = np.stack([person[0], noisy(0.25 * np.roll(person[0], 80), 20)], axis=1)
    assert different_channels(later, SR) == []


def test_two_people_around_the_microphones_of_a_room_are_not_noted() -> None:
    people = list(in_turn())
    assert different_channels(microphones(people, [[0.5, 1.0], [1.0, 0.5]]), SR) == []
    assert different_channels(microphones(people, [[0.9, 1.1], [1.1, 0.9]]), SR) == []


def test_noise_or_a_lost_second_channel_makes_no_person() -> None:
    person = in_turn()[0] + in_turn()[1]
    noise = 0.02 * np.random.default_rng(5).standard_normal(len(person))
    assert different_channels(np.stack([person, noise], axis=1), SR) == []
    cut = person * (np.arange(len(person)) < len(person) / 2)
    assert different_channels(np.stack([person, cut], axis=1), SR) == []
    word = np.where(np.arange(len(person)) < 0.5 * SR, person, 0.0)
    assert different_channels(np.stack([person[::-1], word], axis=1), SR) == []


def test_a_second_of_each_is_asked_for() -> None:
    first, second = in_turn(turn_s=1.6, n_turns=1)
    assert different_channels(np.stack([first, second], axis=1), SR) == [0, 1]
    first, second = in_turn(turn_s=0.9, n_turns=1)
    assert different_channels(np.stack([first, second], axis=1), SR) == []


def test_the_note_stands_with_the_others_and_the_mean_is_what_it_was(tmp_path: Path) -> None:
    first, second = in_turn()
    samples = np.stack([first, second, 0 * first, -first], axis=1)
    mono, note = average_of_live(samples, SR)
    assert note == (
        "channel 2 is dead; channel 3 is inverted; channels 0, 1 and 3 hold different sound and "
        "were averaged: extract the speaker's own channel"
    )
    np.testing.assert_allclose(mono, (2 * first + second) / 3, atol=1e-15)
    soundfile.write(tmp_path / "a.wav", np.tile(samples[:, :2], (4, 1)), SR)
    told = [sound.channel_note for sound, _ in read_blocks(tmp_path / "a.wav")]
    assert told == [note.rpartition("; ")[2].replace("0, 1 and 3", "0 and 1")] * 2
    assert read_sound(tmp_path / "a.wav", channel=0).channel_note == ""


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "channels 0, 1 and 3 hold different sound and were averaged: extract the speaker's "
         "own channel"),
        ("de", "die Kanäle 0, 1 und 3 enthalten verschiedenen Schall und wurden gemittelt: Ziehen "
         "Sie den Kanal des Sprechers heraus"),
        ("pt", "os canais 0, 1 e 3 contêm sons diferentes e foram misturados pela média: extraia o "
         "canal do próprio falante"),
    ],
)  # fmt: skip
def test_it_is_told_in_each_language(language: str, says: str) -> None:
    first, second = in_turn()
    _, note = average_of_live(np.stack([first, second, 0 * first, -first], axis=1), SR)
    dead = TABLES[language]["dead"].format(index=2)
    assert channel_words(language, note).startswith(f"{dead}; ")
    assert channel_words(language, note).endswith(f"; {says}")


def later(sound: Samples, delay_s: float, sr: int) -> Samples:
    """`sound` later by any part of a sample: its spectrum turned."""
    n_padded = len(sound) + sr // 10
    turned = np.exp(-2j * np.pi * np.fft.rfftfreq(n_padded, 1 / sr) * delay_s)
    return np.fft.irfft(np.fft.rfft(sound, n_padded) * turned, n_padded)[: len(sound)]


def speech_like(duration_s: float, sr: int, seed: int = 3) -> Samples:
    """Noise in syllables that falls by 6 dB an octave from 500 Hz on, as speech does."""
    n = round(duration_s * sr)
    freqs = np.fft.rfftfreq(n, 1 / sr)
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    falling = np.fft.irfft(white / np.maximum(freqs, 500) * 500, n)
    return falling * (0.02 + np.sin(np.pi * np.arange(n) / sr / 0.25) ** 2)


def levels_db(sound: Samples, sr: int) -> Samples:
    """Of the bands of 250 Hz from 1 kHz to 7 kHz."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    band = (np.fft.rfftfreq(len(sound), 1 / sr) // 250).astype(int)
    return np.asarray(10 * np.log10(np.bincount(band, power)[4:28]))


APART = "channels 0 and 1 hold the same sound up to 1 ms apart: channel 0 was taken"


@pytest.mark.parametrize("sr", [16000, 44100, 48000])
@pytest.mark.parametrize("delay_ms", [-0.9, -0.3, 0.1, 0.17, 0.5, 0.9])
@pytest.mark.parametrize("duration_s", [0.1, 3.0])
def test_of_two_microphones_apart_the_first_is_taken(
    sr: int, delay_ms: float, duration_s: float
) -> None:
    sound = speech_like(duration_s, sr)
    for gain in (1.0, 1.9, 0.1, -0.7):
        both = np.stack([sound, gain * later(sound, delay_ms / 1000, sr)], axis=1)
        mono, note = average_of_live(both, sr)
        assert note == APART
        np.testing.assert_array_equal(mono, sound)
    # What the mean of equally loud ones would have been: bands 6 dB and more below the others.
    comb = (sound + later(sound, delay_ms / 1000, sr)) / 2
    assert np.ptp(levels_db(comb, sr) - levels_db(sound, sr)) > 6


def test_one_more_than_6_db_below_the_loudest_is_not_the_one_taken() -> None:
    sound = speech_like(3.0, SR)
    loud = 2.1 * later(sound, 0.0005, SR)
    mono, note = average_of_live(np.stack([sound, 0 * sound, loud, loud], axis=1), SR)
    assert note == (
        "channel 1 is dead; channels 0 and 2 hold the same sound up to 1 ms apart: channel 2 was "
        "taken"
    )
    np.testing.assert_array_equal(mono, loud)


@pytest.mark.parametrize("sr", [16000, 44100, 48000])
@pytest.mark.parametrize("duration_s", [0.03, 0.1, 3.0])
def test_microphones_at_one_place_are_averaged(sr: int, duration_s: float) -> None:
    """Where the comb takes less than .1 dB at 8 kHz, 20 lg cos(pi 8000 4e-6), it is none."""
    sound = speech_like(duration_s, sr)
    for delay_s in (0.0, 4e-6):
        for gain in (1.0, 0.3, 3.0):
            for db in (40.0, 20.0):
                second = gain * later(sound, delay_s, sr)
                both = np.stack([noisy(sound, db), noisy(second, db, 8)], axis=1)
                mono, note = average_of_live(both, sr)
                assert note == ""
                np.testing.assert_allclose(mono, both.mean(axis=1), atol=1e-12)


def test_unlike_channels_are_averaged() -> None:
    """Other noise, and echoes too late for a comb that a sibilant's spectrum would show."""
    for duration_s in (0.03, 0.1, 3.0):
        for seed in range(20):
            sound, other = (speech_like(duration_s, SR, seed=2 * seed + n) for n in (0, 1))
            assert channels_apart(np.stack([sound, other], axis=1), SR, 0) == []
    sound = speech_like(3.0, SR)
    echo = np.stack([sound, later(sound, 0.003, SR)], axis=1)
    assert average_of_live(echo, SR)[1] == ""


def test_people_with_a_microphone_each_half_a_metre_apart_are_not_cut_to_one() -> None:
    first, second = in_turn()
    both = np.stack([first + 0.1 * later(second, 0.0009, SR),
                     second + 0.1 * later(first, 0.0009, SR)], axis=1)  # fmt: skip
    mono, note = average_of_live(both, SR)
    assert note.startswith("channels 0 and 1 hold different sound")
    np.testing.assert_allclose(mono, both.mean(axis=1), atol=1e-15)


def test_each_piece_of_a_recording_takes_the_same(tmp_path: Path) -> None:
    sound = speech_like(70.0, SR)
    sound *= 0.1 / np.abs(sound).max()
    both = np.stack([noisy(sound, 20), noisy(1.1 * later(sound, 0.0005, SR), 20, 8)], axis=1)
    soundfile.write(tmp_path / "a.wav", both, SR, subtype="DOUBLE")
    pieces = [piece for piece, _ in read_blocks(tmp_path / "a.wav")]
    assert [piece.channel_note for piece in pieces] == [APART] * 3
    np.testing.assert_array_equal(np.concatenate([piece.samples for piece in pieces]), both[:, 0])


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "channels 0, 1 and 3 hold the same sound up to 1 ms apart: channel 0 was taken"),
        ("de", "die Kanäle 0, 1 und 3 enthalten denselben Schall, um bis zu 1 ms versetzt: Kanal 0 "
         "wurde genommen"),
        ("pt", "os canais 0, 1 e 3 contêm o mesmo som, com até 1 ms de atraso: foi usado o canal "
         "0"),
    ],
)  # fmt: skip
def test_microphones_apart_are_told_in_each_language(language: str, says: str) -> None:
    sound = speech_like(3.0, SR)
    second, third = later(sound, 0.0003, SR), 0.9 * later(sound, 0.0006, SR)
    _, note = average_of_live(np.stack([1.1 * sound, second, 0 * sound, third], axis=1), SR)
    dead = TABLES[language]["dead"].format(index=2)
    assert channel_words(language, note) == f"{dead}; {says}"


def spoken() -> list[Samples]:
    """Utterances of speechocean, each of another speaker, equally loud."""
    files = sorted(shared_folder("corpora/speechocean/utterances").glob("*.flac"))
    sounds = [soundfile.read(file)[0] for file in files]
    return [0.05 * sound / np.sqrt(np.mean(sound**2)) for sound in sounds]


def conversation(sounds: list[Samples]) -> list[Samples]:
    """Even ones by the one person, odd ones by the other, in turn."""
    return [
        np.concatenate([sound if number % 2 == who else 0 * sound
                        for number, sound in enumerate(sounds)])
        for who in (0, 1)
    ]  # fmt: skip


def test_real_speech() -> None:
    sounds = spoken()
    for begin in range(0, 48, 8):
        people = conversation(sounds[begin : begin + 8])
        alone = [people[0] + people[1]]
        for own in (0.05, 0.2):
            each = microphones(people, [[own, 1.4], [1.4, own]])
            assert different_channels(each, SR) == [0, 1]
        for distances in ([[0.5, 1.0], [1.0, 0.5]], [[0.9, 1.1], [1.1, 0.9]]):
            assert different_channels(microphones(people, distances), SR) == []
        for near in (0.05, 0.2, 0.5):
            pair = microphones(alone, [[near], [2.0]])
            assert different_channels(pair, SR) == []
            rough = np.stack([pair[:, 0], noisy(pair[:, 1], 10)], axis=1)
            assert different_channels(rough, SR) == []


def test_real_speech_by_microphones_apart() -> None:
    for sound in spoken()[:40]:
        for delay_s in (0.0, 0.0001, 0.0005, 0.0009):
            second = noisy(0.7 * later(sound, delay_s, SR), 30)
            found = channels_apart(np.stack([noisy(sound, 30, 9), second], axis=1), SR, 0)
            assert found == ([1] if delay_s else [])


def test_every_command_on_a_recording_tells_it(tmp_path: Path) -> None:
    people = conversation(spoken()[:4])
    path = tmp_path / "a.wav"
    soundfile.write(path, microphones(people, [[0.05, 1.4], [1.4, 0.05]]), SR)
    for language in TABLES:
        both = say(language, "and", first="0", second="1")
        says = TABLES[language]["differ"].format(listed=both)
        assert says in find_sibilants(path, language=language).notes
        write_textgrid(tmp_path / "a.TextGrid", 5.0, [("sibilant", [(0.5, 0.6, "s")])])
        found = sibilants_of_textgrid(path, tmp_path / "a.TextGrid", language=language)
        assert found.notes == (says,)
