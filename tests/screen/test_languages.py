"""What screening says besides the sentence of a sibilant, in the language that was asked for."""

import re
from pathlib import Path

import numpy as np
import pytest

from acoustic_sib.screen import outputs
from acoustic_sib.screen.channel_wording import TABLES as TABLES_OF_CHANNELS
from acoustic_sib.screen.detect import find_sibilants
from acoustic_sib.screen.expected import Expected
from acoustic_sib.screen.predict import screen_file, whole_file
from acoustic_sib.screen.records import Found, Segment
from acoustic_sib.screen.tally import tally
from acoustic_sib.screen.wording import TABLES, decimal, group_words, say
from tests.conftest import white_noise
from tests.screen.stand_in import CLASSES, StandIn, written
from tests.screen.test_outputs import REFUSED, certain, recording
from tests.screen.test_train import LIMITS, USUAL


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "silent: nothing to find"),
        ("de", "still: nichts zu finden"),
        ("pt", "silêncio: nada a encontrar"),
    ],
)
def test_the_notes_of_the_search(language: str, says: str, tmp_path: Path) -> None:
    silent = written(tmp_path / "a.wav", np.zeros(44100))
    assert find_sibilants(silent, language=language).notes == (says,)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "channel 1 is dead; channel 2 is inverted"),
        ("de", "Kanal 1 ist tot; Kanal 2 ist verpolt"),
        ("pt", "o canal 1 está mudo; o canal 2 está invertido"),
    ],
)
def test_the_notes_on_channels(language: str, says: str, tmp_path: Path) -> None:
    noise = white_noise(1.0)
    path = written(tmp_path / "a.wav", np.column_stack([noise, 0 * noise, -0.9 * noise]))
    assert find_sibilants(path, language=language).notes[0] == says
    assert whole_file(path, language=language).notes == (says,)
    silent = written(tmp_path / "b.wav", np.zeros((44100, 2)))
    (note,) = whole_file(silent, language=language).notes
    assert note == TABLES_OF_CHANNELS[language]["silent"]


def test_a_place_outside_the_recording(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", white_noise(1.0))
    segment = Segment(start=2.0, end=2.1, score=1.0, origin="textgrid")
    found = Found(file=path, sr=44100, duration_s=1.0, bandwidth_hz=2e4, segments=(segment,))
    told = screen_file(path, StandIn(), find=lambda _: found, language="de")
    assert told.sibilants[0].reason == (
        "2,000 bis 2,100 s liegt außerhalb der Aufnahme, die 1,000 s dauert; ist es die richtige?"
    )


@pytest.mark.parametrize("language", TABLES)
def test_an_expectation_that_is_not_met_is_told(language: str, tmp_path: Path) -> None:
    noise = written(tmp_path / "a.wav", white_noise(1.0))
    found = find_sibilants(noise, expect=Expected(count=500), language=language)
    assert found.notes[-1] == say(
        language, "fewer_found", found=len(found.segments), expected=500
    )  # fmt: skip


@pytest.mark.parametrize(
    ("quality", "says"),
    [
        ({"bandwidth_hz": 8000.0}, "nur bis 8000 Hz; dieses Modell misst bis 11025 Hz"),
        ({"duration_s": 2.0}, "2,00 s lang; .* höchstens 0,40 s"),
        ({"duration_s": 0.03}, "30 ms lang; .* mindestens 60 ms"),
        ({"level_db": -55.0}, "-55 dB gegen Vollaussteuerung; .* -40 dB"),
    ],
)
def test_the_limits_of_a_model(quality: dict[str, float], says: str) -> None:
    assert re.match(says, LIMITS.refusal({**USUAL, **quality}, 44100, "de"))


def test_the_table_of_the_terminal() -> None:
    judged = (certain("Lateral"), certain("Normal", others=("Lateral",)), REFUSED)
    together = [tally("Kim", judged, CLASSES)]
    text = outputs.terminal_table([recording(*judged)], CLASSES, language="de", together=together)
    lines = text.splitlines()
    assert "Lateral " in lines[1]
    assert "unsicher " in lines[2]
    assert lines[3].endswith("nicht beurteilbar: silent")
    assert lines[4].startswith("  2 von 3 beurteilbar; Interdental 0 (0 %, 95-%-KI 0-66)")
    assert "unsicher 1 (50 %" in lines[5]
    assert lines[-1] == say("de", "notice")


def test_the_textgrid_says_not_assessable_in_the_language() -> None:
    tiers = dict(outputs.tiers(recording(REFUSED), language="pt"))
    assert [text for _, _, text in tiers["class"]] == ["não avaliável: silent"]


def test_numbers_and_groups() -> None:
    assert [decimal(language, 0.125, 2) for language in ("en", "de", "pt")] == [
        "0.12", "0,12", "0,12",
    ]  # fmt: skip
    assert group_words("de", "age_group=child,sex=f") == "Kinder, weiblich"
    assert group_words("en", "") == ""
    assert group_words("pt", "age_group=4-6") == "4-6"
