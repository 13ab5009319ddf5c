"""Damaged sound files, by the hundred: each is answered, or a failure in one sentence."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acoustic_sib.screen.detect import find_sibilants
from acoustic_sib.screen.predict import screen_file, whole_file
from tests.conftest import white_noise
from tests.screen.stand_in import StandIn

FORMATS = (("WAV", "PCM_16"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"),
           ("MP3", "MPEG_LAYER_III"), ("AIFF", "PCM_24"))  # fmt: skip
DAMAGE = settings(max_examples=150, deadline=None, derandomize=True,
                  suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip


HEADS = (b"", b"RIFF", b"fLaC", b"OggS", b"ID3", b"FORM", b"\xff\xfb")


def encoded(form: str, subtype: str) -> bytes:
    content = io.BytesIO()
    soundfile.write(content, np.tile(white_noise(0.3, 16000), 2), 16000, format=form,
                    subtype=subtype)  # fmt: skip
    return content.getvalue()


SOUNDS = {form: encoded(*form) for form in FORMATS}


def answered(path: Path, content: bytes) -> None:
    """Neither way of looking at the file raises; a failure is one line that names the file."""
    path.write_bytes(content)
    for find in (whole_file, find_sibilants):
        told = screen_file(path, StandIn(), find=find)
        assert (told.found is None) == bool(told.failure)
        if told.failure:
            assert told.failure.startswith(f"{path}: ")
            assert "\n" not in told.failure


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
@DAMAGE
@given(data=st.data())
def test_a_sound_file_with_wrong_bytes(
    form: tuple[str, str], tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(SOUNDS[form])
    # Most of what can go wrong is in the first hundred bytes.
    places = st.integers(0, 99) | st.integers(0, len(content) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        content[place] = value
    answered(tmp_path / "a.wav", bytes(content))


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
@DAMAGE
@given(data=st.data())
def test_a_sound_file_cut_off_or_continued(
    form: tuple[str, str], tmp_path: Path, data: st.DataObject
) -> None:
    content = SOUNDS[form]
    kept = content[: data.draw(st.integers(0, len(content)))]
    answered(tmp_path / "a.wav", kept + data.draw(st.binary(max_size=200)))


@pytest.mark.slow
@DAMAGE
@given(content=st.binary(max_size=400), head=st.sampled_from(HEADS))
def test_any_bytes(content: bytes, head: bytes, tmp_path: Path) -> None:
    answered(tmp_path / "a.wav", head + content)
