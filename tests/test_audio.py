"""Sound in: every format, depth and rate; spans, channels, and what is refused."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from acoustic_sib import audio
from acoustic_sib.audio import (
    container_of,
    duration_s,
    embedded_path,
    read_blocks,
    read_sound,
    sound_bytes,
)
from acoustic_sib.errors import AudioError
from tests.conftest import white_noise

# The step of each sample format, full scale 1.0; libsndfile may round or cut to its grid.
LOSSLESS = [
    ("wav", "PCM_U8", 2**-7), ("wav", "PCM_16", 2**-15), ("wav", "PCM_24", 2**-23),
    ("wav", "PCM_32", 2**-31), ("wav", "FLOAT", 2**-25), ("wav", "DOUBLE", 0.0),
    ("flac", "PCM_16", 2**-15), ("flac", "PCM_24", 2**-23), ("aiff", "PCM_16", 2**-15),
    ("aiff", "PCM_24", 2**-23),
]  # fmt: skip
LOSSY = [("ogg", "OGG", "VORBIS"), ("mp3", "MP3", "MPEG_LAYER_III"), ("opus", "OGG", "OPUS")]


def _written(path: Path, samples: NDArray[np.float64], sr: int = 44100, **form: Any) -> Path:
    soundfile.write(path, samples, sr, **form)
    return path


def wav(path: Path, samples: np.ndarray, *, claimed: int | None = None) -> Path:
    """A 16-bit WAV at 16 kHz whose header claims so many bytes of samples."""
    soundfile.write(path, samples, 16000, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    if claimed is not None:
        content[40:44] = struct.pack("<I", claimed)
    path.write_bytes(content)
    return path


def test_a_wav_that_ends_before_its_header_says_is_refused(tmp_path: Path) -> None:
    """16000 samples claimed, half of them there: 0.5 s are missing."""
    path = wav(tmp_path / "a.wav", np.full(8000, 0.1), claimed=32000)
    for read in (read_sound, lambda name: list(read_blocks(name))):
        with pytest.raises(AudioError, match=r"decoding stops 0\.500 s before its end.*cut off"):
            read(path)


@pytest.mark.parametrize("claimed", [None, 16044, 0xFFFFFFFF, 0x7FFFF000])
def test_a_wav_of_unknown_length_or_one_that_counts_its_header_is_read(
    claimed: int | None, tmp_path: Path
) -> None:
    path = wav(tmp_path / "a.wav", np.full(8000, 0.1), claimed=claimed)
    assert len(read_sound(path).samples) == 8000


@pytest.mark.parametrize(("suffix", "subtype", "step"), LOSSLESS)
@pytest.mark.parametrize("sr", [8000, 44100, 192000])
def test_lossless_samples_come_back_within_a_step(
    tmp_path: Path, suffix: str, subtype: str, step: float, sr: int
) -> None:
    noise = white_noise(0.05, sr)
    sound = read_sound(_written(tmp_path / f"a.{suffix}", noise, sr, subtype=subtype))
    assert (sound.sr, sound.n_channels, sound.samples.dtype) == (sr, 1, np.float64)
    assert sound.format.endswith(f"/{subtype}")
    assert sound.duration_s == len(noise) / sr
    np.testing.assert_allclose(sound.samples, noise, rtol=0, atol=step)


@pytest.mark.parametrize(("suffix", "form", "subtype"), LOSSY)
def test_lossy_formats_keep_length_and_a_tone(
    tmp_path: Path, suffix: str, form: str, subtype: str
) -> None:
    sr = 48000
    tone = 0.5 * np.sin(2 * np.pi * 3000 * np.arange(sr) / sr)
    sound = read_sound(_written(tmp_path / f"a.{suffix}", tone, sr, format=form, subtype=subtype))
    assert (sound.sr, len(sound.samples)) == (sr, sr)
    middle = sound.samples[sr // 4 : -sr // 4]
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) * sr / len(middle) == 3000
    # The encoders' default quality costs up to 3 % in level.
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


# Vorbis on its own: libsndfile's seek is off by up to a block near a file's end.
@pytest.mark.parametrize(
    ("suffix", "form", "subtype"),
    [("wav", "WAV", "PCM_16"), ("flac", "FLAC", "PCM_16"), ("aiff", "AIFF", "PCM_16"), *LOSSY],
)
def test_a_span_is_the_slice_of_the_whole(
    tmp_path: Path, suffix: str, form: str, subtype: str
) -> None:
    sr = 16000
    noise = 0.1 * np.random.default_rng(1).standard_normal((5 * sr, 2))
    path = _written(tmp_path / f"a.{suffix}", noise, sr, format=form, subtype=subtype)
    whole = read_sound(path, channel=1).samples
    for first, last in ((0, 900), (1, 161), (31_999, 34_001), (78_000, 79_000), (79_990, 80_000)):
        span = read_sound(path, start=first / sr, end=last / sr, channel=1).samples
        np.testing.assert_allclose(span, whole[first:last], rtol=0, atol=1e-6)


@pytest.mark.parametrize(("start", "end"), [(None, None), (np.nan, np.nan)])
def test_no_span_is_the_whole_file(tmp_path: Path, start: float, end: float) -> None:
    path = _written(tmp_path / "a.wav", white_noise(), subtype="DOUBLE")
    np.testing.assert_array_equal(read_sound(path, start=start, end=end).samples, white_noise())


@pytest.fixture(scope="module")
def noise_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    noise = white_noise(1.0, 8000, seed=3)
    return _written(tmp_path_factory.mktemp("noise") / "a.wav", noise, 8000, subtype="DOUBLE")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 7999), st.integers(1, 8000))
def test_any_span_in_samples_is_that_slice(noise_file: Path, first: int, count: int) -> None:
    last = min(first + count, 8000)
    span = read_sound(noise_file, start=first / 8000, end=last / 8000)
    np.testing.assert_array_equal(span.samples, white_noise(1.0, 8000, seed=3)[first:last])


def test_a_span_of_a_long_file_reads_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three hours of 16-bit stereo as a sparse file: 1.9 GB that exist only as a length."""
    sr, n_frames = 44100, 3 * 3600 * 44100
    path = tmp_path / "long.wav"
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + 4 * n_frames, b"WAVE", b"fmt ", 16, 1, 2, sr, 4 * sr, 4,
        16, b"data", 4 * n_frames,
    )  # fmt: skip
    tone = np.round(8192 * np.sin(2 * np.pi * 1000 * np.arange(sr) / sr)).astype("<i2")
    with path.open("wb") as file:
        file.write(header)
        file.seek(44 + 4 * 7200 * sr)
        file.write(np.stack([tone, tone], axis=1).tobytes())
        file.truncate(44 + 4 * n_frames)
    read: list[int] = []
    reading = soundfile.SoundFile.read

    def spy(self: soundfile.SoundFile, frames: int, **how: Any) -> NDArray[np.float64]:
        read.append(frames)
        return reading(self, frames, **how)

    monkeypatch.setattr(soundfile.SoundFile, "read", spy)
    sound = read_sound(path, start=7200.25, end=7200.5)
    assert read == [sr // 4]
    np.testing.assert_array_equal(sound.samples, tone[sr // 4 : sr // 2] / 32768)


def test_vorbis_is_decoded_in_blocks_up_to_the_span(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "BLOCK_SAMPLES", 1000)
    path = _written(tmp_path / "a.ogg", white_noise(1.0), format="OGG", subtype="VORBIS")
    whole = read_sound(path).samples
    span = read_sound(path, start=0.9, end=0.95).samples
    np.testing.assert_array_equal(span, whole[39690:41895])


def _stereo(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([left, right], axis=1)


NOISE = white_noise()
OTHER = white_noise(seed=1)
CHANNELS = [
    ("equal", _stereo(NOISE, NOISE), NOISE, ""),
    ("independent", _stereo(NOISE, OTHER), (NOISE + OTHER) / 2, ""),
    ("dead", _stereo(NOISE, 0 * NOISE), NOISE, "channel 1 is dead"),
    ("dead with DC and hum at -70 dB", _stereo(10**-3.5 * NOISE + 0.1, NOISE), NOISE,
     "channel 0 is dead"),
    ("inverted", _stereo(NOISE, -NOISE), NOISE, "channel 1 is inverted"),
    ("the louder one decides which is inverted", _stereo(-0.5 * NOISE, NOISE), 0.75 * NOISE,
     "channel 0 is inverted"),
    ("at -40 dB it is alive", _stereo(NOISE, 0.01 * NOISE), 0.505 * NOISE, ""),
    ("silent", _stereo(0 * NOISE, 0 * NOISE), 0 * NOISE, "all channels are silent"),
]  # fmt: skip


@pytest.mark.parametrize(("samples", "mono", "note"), [c[1:] for c in CHANNELS],
                         ids=[c[0] for c in CHANNELS])  # fmt: skip
def test_channels_become_one(
    tmp_path: Path, samples: NDArray[np.float64], mono: NDArray[np.float64], note: str
) -> None:
    sound = read_sound(_written(tmp_path / "a.wav", samples, subtype="DOUBLE"))
    assert (sound.n_channels, sound.channel_note) == (2, note)
    np.testing.assert_allclose(sound.samples, mono, rtol=0, atol=1e-15)


def test_channels_by_number_and_mean(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.wav", np.stack([NOISE, -NOISE, OTHER], axis=1), subtype="DOUBLE")
    np.testing.assert_array_equal(read_sound(path, channel=2).samples, OTHER)
    np.testing.assert_allclose(read_sound(path, channel="mean").samples, OTHER / 3, atol=1e-15)
    np.testing.assert_allclose(read_sound(path).samples, (2 * NOISE + OTHER) / 3, atol=1e-15)
    with pytest.raises(AudioError, match=r"a\.wav: no channel 3; the file has 3, counted from 0"):
        read_sound(path, channel=3)


def _embedding(folder: Path, suffix: str, encoded: list[bytes | None]) -> Path:
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    cells = [{"bytes": content, "path": f"{row}.wav"} for row, content in enumerate(encoded)]
    table = pa.table({"n": list(range(len(cells))), "audio": pa.array(cells, kind)})
    file = folder / f"train{suffix}"
    if suffix == ".parquet":
        pq.write_table(table, file, row_group_size=3)
    else:
        writer = pa.ipc.new_stream if suffix == ".stream.arrow" else pa.ipc.new_file
        with writer(file, table.schema) as sink:
            sink.write_table(table, max_chunksize=3)
    return file


def _encoded(folder: Path, number: int) -> bytes:
    path = _written(folder / "one.wav", white_noise(0.05, seed=number), subtype="DOUBLE")
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".stream.arrow"])
def test_embedded_sounds(tmp_path: Path, suffix: str) -> None:
    encoded = [_encoded(tmp_path, number) for number in range(8)]
    file = _embedding(tmp_path, suffix, encoded)
    for row in (0, 2, 3, 7, 1):
        path = embedded_path(file, "audio", row)
        assert container_of(path) == file
        assert sound_bytes(path) == encoded[row]
        np.testing.assert_array_equal(read_sound(path).samples, white_noise(0.05, seed=row))
    span = read_sound(embedded_path(file, "audio", 5), start=0.01, end=0.03).samples
    np.testing.assert_array_equal(span, white_noise(0.05, seed=5)[441:1323])
    with pytest.raises(AudioError, match=r"#audio:8: the file has 8 rows, .*expected row 8"):
        read_sound(embedded_path(file, "audio", 8))
    with pytest.raises(AudioError, match=r"column 'sound' cannot be read|no embedded bytes"):
        read_sound(embedded_path(file, "sound", 0))


def test_a_replaced_container_is_read_anew(tmp_path: Path) -> None:
    first, second = _encoded(tmp_path, 0), _encoded(tmp_path, 1) + b"\0"
    path = embedded_path(_embedding(tmp_path, ".parquet", [first]), "audio", 0)
    assert sound_bytes(path) == first
    _embedding(tmp_path, ".parquet", [second])
    assert sound_bytes(path) == second


def test_embedded_sounds_that_are_not_there(tmp_path: Path) -> None:
    file = _embedding(tmp_path, ".parquet", [None])
    with pytest.raises(AudioError, match=r"#audio:0: no embedded bytes in that row"):
        read_sound(embedded_path(file, "audio", 0))
    with pytest.raises(AudioError, match=r"gone\.parquet#audio:0: no such file or directory"):
        read_sound(embedded_path(tmp_path / "gone.parquet", "audio", 0))
    for suffix in (".parquet", ".arrow"):
        broken = tmp_path / f"broken{suffix}"
        broken.write_bytes(b"not a table at all")
        with pytest.raises(AudioError, match=rf"broken\{suffix}: "):
            read_sound(embedded_path(broken, "audio", 0))


def test_bytes_of_a_plain_file(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.wav", white_noise())
    assert sound_bytes(str(path)) == path.read_bytes()
    with pytest.raises(AudioError, match=r"gone\.wav: no such file or directory"):
        sound_bytes(str(tmp_path / "gone.wav"))


def _cut_flac(path: Path) -> None:
    _written(path, white_noise(1.0))
    path.write_bytes(path.read_bytes()[:40_000])


def _nan(path: Path) -> None:
    samples = white_noise(0.1)
    samples[441] = np.nan
    _written(path, samples, subtype="FLOAT")


REFUSED = [
    ("missing.wav", lambda path: None, r"missing\.wav: no such file; expected a sound file"),
    ("folder.wav", lambda path: path.mkdir(), r"folder\.wav: is a folder; expected a sound file"),
    ("text.wav", lambda path: path.write_text("a,b\n1,2\n" * 50),
     r"text\.wav: not readable as audio \(Format not recognised\); expected WAV, FLAC"),
    ("empty.wav", lambda path: path.write_bytes(b""),
     r"empty\.wav: an empty file of 0 bytes; .*was the copy interrupted\?"),
    ("none.wav", lambda path: _written(path, np.zeros(0)), r"none\.wav: holds no samples"),
    ("a.raw", lambda path: path.write_bytes(bytes(100)), r"a\.raw: sound without a header"),
    ("nan.wav", _nan, r"nan\.wav: NaN or infinite sample at 0\.010 s; expected numbers"),
    ("inf.wav", lambda path: _written(path, np.full(9, np.inf), subtype="DOUBLE"),
     r"infinite sample at 0\.000 s"),
    ("slow.wav", lambda path: _written(path, white_noise(), 100), r"sampling rate 100 Hz; "),
    ("cut.flac", _cut_flac, r"cut\.flac: (decoding stops|not readable as audio)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "sentence"), REFUSED, ids=[case[0] for case in REFUSED])
def test_broken_files_are_refused_in_one_sentence(
    tmp_path: Path, name: str, make: Any, sentence: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(AudioError, match=sentence) as refused:
        read_sound(tmp_path / name)
    assert "\n" not in str(refused.value)


SPANS = [
    (120.0, 180.0, r"span 120 to 180 s lies outside the file, which lasts 0\.200 s; are they in "
                   r"milliseconds\?"),
    (0.1, 0.3, r"span 0\.1 to 0\.3 s lies outside .*; is it the right file\?"),
    (-0.1, 0.1, r"span -0\.1 to 0\.1 s lies outside"),
    (0.15, 0.1, r"'start' 0\.15 is not before 'end' 0\.1; .*are they swapped\?"),
    (0.1, 0.1, r"'start' 0\.1 is not before 'end' 0\.1"),
    (0.1, 0.100001, r"shorter than one sample at 44100 Hz"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "end", "sentence"), SPANS)
def test_spans_that_cannot_be_are_refused(
    tmp_path: Path, start: float, end: float, sentence: str
) -> None:
    path = _written(tmp_path / "a.wav", white_noise(0.2))
    with pytest.raises(AudioError, match=sentence):
        read_sound(path, start=start, end=end)


def test_an_end_rounded_up_by_under_5_ms_is_the_end(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.wav", white_noise(0.2))
    assert len(read_sound(path, start=0.1, end=0.2049).samples) == 4410


def test_a_long_mp3_span_beyond_what_is_there(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.mp3", white_noise(1.0), format="MP3")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=r"a\.mp3: (decoding stops|span 0\.8 to 0\.9 s lies)"):
        read_sound(path, start=0.8, end=0.9)


def test_a_header_that_promises_too_much_costs_no_memory(tmp_path: Path) -> None:
    """Byte 21 of an MP3's first frame counts its frames: 2^16 times as many as there are."""
    path = tmp_path / "a.mp3"
    soundfile.write(path, np.tile(white_noise(0.3, 16000), 2), 16000, format="MP3")
    content = bytearray(path.read_bytes())
    place = content.index(b"Info") + 8 if b"Info" in content else content.index(b"Xing") + 8
    content[place : place + 4] = (2**24).to_bytes(4, "big")
    path.write_bytes(content)
    assert soundfile.info(path).frames > 2**32
    with pytest.raises(AudioError, match="as many samples as the header says"):
        read_sound(path)


def _page_ends(content: bytes) -> list[int]:
    """Where each page of an OGG ends (RFC 3533: 27 bytes, the number of lengths, the lengths)."""
    ends = [0]
    while (at := ends[-1]) < len(content):
        assert content[at : at + 5] == b"OggS\x00"
        lengths = content[at + 27 : at + 27 + content[at + 26]]
        ends.append(at + 27 + len(lengths) + sum(lengths))
    return ends[1:]


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_that_is_cut_off_is_refused(tmp_path: Path, subtype: str) -> None:
    """At any byte but the end of a page: some writers leave the last page out, and its flag."""
    path = _written(tmp_path / "a.ogg", white_noise(3.0, 16000), 16000, format="OGG",
                    subtype=subtype)  # fmt: skip
    whole = path.read_bytes()
    *ends, size = _page_ends(whole)
    assert size == len(whole)
    for n_bytes in (size // 2, size - 1, ends[-1] + 1, ends[-1] + 3, ends[-1] + 26, ends[-1] + 28):
        assert n_bytes not in ends
        path.write_bytes(whole[:n_bytes])
        for read in (read_sound, duration_s, lambda it: [*read_blocks(it)],
                     lambda it: read_sound(it, start=0.1, end=0.2)):  # fmt: skip
            with pytest.raises(AudioError, match=r"a\.ogg: the last page .* is the file cut off"):
                read(path)
    path.write_bytes(whole[: size // 2] + bytes(200_000))
    with pytest.raises(AudioError, match="the last page of this OGG is not whole"):
        read_sound(path)
    path.write_bytes(whole[: ends[-1]])
    assert 1.5 < read_sound(path).duration_s < 3.0
    path.write_bytes(whole + b"TAG" + bytes(125))
    assert read_sound(path).duration_s == pytest.approx(3.0, abs=1e-3)


def test_an_embedded_ogg_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.ogg", white_noise(1.0), format="OGG", subtype="VORBIS")
    whole = path.read_bytes()
    values = [{"bytes": one, "path": None} for one in (whole, whole[:-1])]
    pq.write_table(pa.table({"audio": values}), tmp_path / "a.parquet")
    assert read_sound(embedded_path(tmp_path / "a.parquet", "audio", 0)).duration_s == 1.0
    with pytest.raises(AudioError, match=r"#audio:1: the last page of this OGG is not whole"):
        read_sound(embedded_path(tmp_path / "a.parquet", "audio", 1))
