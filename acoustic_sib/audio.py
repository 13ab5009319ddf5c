"""A sound file, or a span of one, as mono float64 samples at the file's own rate.

Nothing is resampled here. A path may point into a Parquet or Arrow file with embedded audio
(Hugging Face datasets): `data/train.parquet#audio:12` is row 12 of its column `audio`.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from acoustic_sib.channels import average_of_live
from acoustic_sib.decoder import is_mpeg, silent_decoder
from acoustic_sib.errors import AudioError
from acoustic_sib.lengths import frames_s, missing_of_wav_s, ogg_ends_whole, tells_its_length

Channel = Literal["auto", "mean"] | int
Samples = NDArray[np.float64]

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".aifc", ".opus")
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 4_000, 400_000
HEADERLESS = (".raw", ".pcm")
HEADER_OFF_S = 0.01
"""Some writers count the header too."""
MP3_OFF_S = 0.1
"""A few frames, by a table at its head; without one an MP3's length is an estimate."""
BLOCK_SAMPLES = 65_536
MOST_AT_ONCE = 1 << 24
_EMBEDDED = re.compile(r"^(?P<file>.+\.(?:parquet|arrow))#(?P<column>[^:#]+):(?P<row>\d+)$", re.I)


@dataclass(frozen=True, kw_only=True)
class Sound:
    """Mono samples (float64, full scale 1.0) at `sr` Hz, and what was noticed while reading."""

    samples: Samples
    sr: int
    n_channels: int
    format: str
    channel_note: str = ""

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sr


def embedded_path(file: Path | str, column: str, row: int) -> str:
    """The path text under which `read_sound` finds audio embedded in a Parquet or Arrow file."""
    return f"{Path(file).as_posix()}#{column}:{row}"


def container_of(path: str) -> Path:
    """The file on disk that holds the sound at `path`."""
    inside = _EMBEDDED.match(path)
    return Path(inside["file"] if inside else path)


def sound_bytes(path: str) -> bytes:
    """The encoded bytes of a sound: the file's content, or the embedded value."""
    inside = _EMBEDDED.match(path)
    if inside is None:
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise AudioError(f"{path}: {_os_reason(error)}") from None
    value = _embedded_value(path, inside["file"], inside["column"], int(inside["row"]))
    content = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(content, bytes):
        raise AudioError(f"{path}: no embedded bytes in that row; expected {{bytes, path}}")
    return content


def read_sound(
    path: str | Path,
    *,
    start: float | None = None,
    end: float | None = None,
    channel: Channel = "auto",
) -> Sound:
    """Read a file, or only its span `start`..`end` in seconds, without loading the rest.

    `channel`: 'auto' averages the channels that are alive, turning an inverted one round, takes
    one where they hold the same sound a little apart, and notes what it found, also that they hold
    different sound; 'mean' averages all; a number takes one, counted from 0.
    Raises AudioError when the file is missing, unreadable or empty, the span lies outside it,
    the channel does not exist, or samples are NaN or infinite.
    """
    text = str(path)
    with _opened(text) as (file, fewest):
        sr, form = int(file.samplerate), f"{file.format}/{file.subtype}"
        first, count = _span_in_samples(text, start, end, sr, file.frames)
        _go_to(file, first)
        samples = _read(file, count)
    expected = min(count, fewest) if first == 0 and end is None else count
    _refuse_damaged(text, samples, sr, expected, n_after=count - expected)
    mono, note = _mono(text, samples, sr, channel)
    return Sound(samples=mono, sr=sr, n_channels=samples.shape[1], format=form, channel_note=note)


def duration_s(path: str | Path) -> float:
    """How long a file lasts by its header, in seconds. Raises AudioError where it cannot be read
    or holds no samples."""
    with _opened(str(path)) as (file, _):
        return float(file.frames / file.samplerate)


def read_blocks(
    path: str | Path, *, block_s: float = 30.0, channel: Channel = "auto"
) -> Iterator[tuple[Sound, float]]:
    """A file from its beginning to its end in pieces of `block_s`, each with the share of the file
    read so far (0..1): for recordings that do not fit into memory.

    `channel` is decided piece by piece. Raises AudioError as `read_sound` does; a file that ends
    before its header says so is told when its last piece is read.
    """
    text = str(path)
    with _opened(text) as (file, fewest):
        sr, form = int(file.samplerate), f"{file.format}/{file.subtype}"
        done = 0
        while done < file.frames:
            count = min(round(block_s * sr), file.frames - done)
            samples = _decoded(file, count)
            expected = max(min(count, fewest - done), 0)
            _refuse_damaged(text, samples, sr, expected, n_after=file.frames - done - expected)
            done += count
            if len(samples):
                mono, note = _mono(text, samples, sr, channel)
                yield Sound(samples=mono, sr=sr, n_channels=samples.shape[1], format=form,
                            channel_note=note), done / file.frames  # fmt: skip


@contextmanager
def _opened(text: str) -> Iterator[tuple[soundfile.SoundFile, int]]:
    """The file, open, and the fewest samples that it holds if it is whole; what libsndfile says
    against it becomes an AudioError."""
    try:
        source = _source(text)
        if isinstance(source, io.BytesIO):
            head, told, held_s = _checked_head(text, source)
            source.seek(0)
        else:
            with Path(text).open("rb") as stream:
                head, told, held_s = _checked_head(text, stream)
        with silent_decoder(is_mpeg(text, head)):
            opened = soundfile.SoundFile(source)
        with opened as file:
            if file.frames == 0:
                raise AudioError(f"{text}: holds no samples; expected sound: was the recording "
                                 "cut off?")  # fmt: skip
            fewest = file.frames
            if file.format == "MP3":
                _refuse_untold(text, file.frames / file.samplerate, held_s)
                fewest = file.frames - round(MP3_OFF_S * file.samplerate) if told else 1
            yield file, max(fewest, 1)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        reason = str(error).split(": ", 1)[-1].rstrip(".")
        raise AudioError(f"{text}: not readable as audio ({reason}); expected WAV, FLAC, OGG, "
                         "MP3 or AIFF") from None  # fmt: skip


def _checked_head(text: str, stream: BinaryIO) -> tuple[bytes, bool, float]:
    """The first bytes of a file, which is no WAV or OGG that is cut off; whether it begins, if it
    is an MP3, with a table that tells its length; if it does not, how long its frames last."""
    head = stream.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        missing_s = missing_of_wav_s(stream)
        if missing_s > HEADER_OFF_S:
            raise _cut_off(text, missing_s)
    if head[:4] == b"OggS" and not ogg_ends_whole(stream):
        raise AudioError(f"{text}: the last page of this OGG is not whole; expected a whole one: "
                         "is the file cut off?")  # fmt: skip
    if not is_mpeg(text, head):
        return head, False, 0.0
    told = tells_its_length(stream)
    return head, told, 0.0 if told else frames_s(stream)


def _refuse_untold(text: str, read_s: float, held_s: float) -> None:
    """Without a table libsndfile takes an MP3's length from its first frame, and stops there."""
    if held_s - read_s > MP3_OFF_S:
        raise AudioError(f"{text}: an MP3 without a table of its length, of which only "
                         f"{read_s:.2f} of {held_s:.2f} s can be read; expected all of it: convert "
                         "it to WAV or FLAC")  # fmt: skip


def _cut_off(text: str, missing_s: float) -> AudioError:
    return AudioError(f"{text}: decoding stops {missing_s:.3f} s before its end; expected as many "
                      "samples as the header says: is the file cut off?")  # fmt: skip


def _source(text: str) -> Any:
    """What soundfile opens for a path: the path, or the bytes embedded in a table."""
    if _EMBEDDED.match(text):
        return io.BytesIO(sound_bytes(text))
    path = Path(text)
    expected = "expected WAV, FLAC, OGG, MP3 or AIFF"
    try:
        text.encode()
        if not path.is_file():
            found = "is a folder" if path.is_dir() else "no such file"
            raise AudioError(f"{text}: {found}; expected a sound file")
        with path.open("rb"):  # libsndfile would say no more than "System error"
            size = path.stat().st_size
    except OSError as error:
        raise AudioError(f"{text}: {_os_reason(error)}; expected a sound file that you may "
                         "read") from None  # fmt: skip
    except UnicodeEncodeError:
        shown = text.encode(errors="backslashreplace").decode()
        raise AudioError(f"{shown}: a name that is no valid UTF-8; expected one that is: was it "
                         "copied from another system?") from None  # fmt: skip
    if size == 0:
        raise AudioError(f"{text}: an empty file of 0 bytes; {expected}: was the copy interrupted?")
    if path.suffix.lower() in HEADERLESS:
        raise AudioError(f"{text}: sound without a header, of unknown rate; {expected}")
    return text


def _go_to(file: soundfile.SoundFile, first: int) -> None:
    """Move to a sample. Vorbis is decoded up to it: libsndfile's seek there can land up to a block
    away (its issue 885); every other format was measured to seek exactly."""
    if file.subtype != "VORBIS":
        with silent_decoder(file.format == "MP3"):
            file.seek(first)
        return
    for begin in range(0, first, BLOCK_SAMPLES):
        file.read(min(BLOCK_SAMPLES, first - begin), dtype="float32", always_2d=True)


def _read(file: soundfile.SoundFile, count: int) -> Samples:
    """The next `count` samples or fewer (n, channels), in pieces: the header of a damaged MP3 may
    promise more than any memory holds."""
    parts = []
    while True:
        piece = min(count, MOST_AT_ONCE)
        parts.append(_decoded(file, piece))
        count -= piece
        if not count or len(parts[-1]) < piece:
            return np.concatenate(parts) if len(parts) > 1 else parts[0]


def _decoded(file: soundfile.SoundFile, count: int) -> Samples:
    with silent_decoder(file.format == "MP3"):
        samples: Samples = file.read(count, dtype="float64", always_2d=True)
    return samples


def _refuse_damaged(path: str, samples: Samples, sr: int, expected: int, n_after: int = 0) -> None:
    """`n_after`: samples of the file that were to follow these."""
    if not LOWEST_RATE_HZ <= sr <= HIGHEST_RATE_HZ:
        raise AudioError(f"{path}: sampling rate {sr} Hz; expected {LOWEST_RATE_HZ} to "
                         f"{HIGHEST_RATE_HZ}: is the header damaged?")  # fmt: skip
    if len(samples) < expected:
        raise _cut_off(path, (expected - len(samples) + n_after) / sr)
    if not np.isfinite(samples).all():
        bad = int(np.argmax(~np.isfinite(samples).all(axis=1)))
        raise AudioError(f"{path}: NaN or infinite sample at {bad / sr:.3f} s; expected numbers: "
                         "a failed conversion to float?")  # fmt: skip


def _span_in_samples(
    path: str, start: float | None, end: float | None, sr: int, n_samples: int
) -> tuple[int, int]:
    """First sample and number of samples of a span; an overshoot below 5 ms is rounding."""
    duration = n_samples / sr
    begin = 0.0 if start is None or np.isnan(start) else float(start)
    finish = duration if end is None or np.isnan(end) else float(end)
    cause = "are they in milliseconds?" if max(begin, finish) > 10 * duration else (
        "is it the right file?")  # fmt: skip
    if begin < 0 or finish > duration + 0.005:
        raise AudioError(
            f"{path}: span {begin:g} to {finish:g} s lies outside the file, which lasts "
            f"{duration:.3f} s; {cause}"
        )
    if begin >= finish:
        raise AudioError(f"{path}: 'start' {begin:g} is not before 'end' {finish:g}; expected "
                         "seconds with start < end: are they swapped?")  # fmt: skip
    first = round(begin * sr)
    last = min(round(finish * sr), n_samples)
    if last <= first:
        raise AudioError(f"{path}: span {begin:g} to {finish:g} s is shorter than one sample at "
                         f"{sr} Hz; expected a sound: was it cut by hand?")  # fmt: skip
    return first, last - first


def _mono(path: str, samples: Samples, sr: int, channel: Channel) -> tuple[Samples, str]:
    n_channels = samples.shape[1]
    if isinstance(channel, int):
        if not 0 <= channel < n_channels:
            raise AudioError(f"{path}: no channel {channel}; the file has {n_channels}, counted "
                             "from 0")  # fmt: skip
        return np.ascontiguousarray(samples[:, channel]), ""
    if n_channels == 1:
        return samples[:, 0], ""
    if channel == "mean":
        return samples.mean(axis=1), ""
    return average_of_live(samples, sr)


def arrow_table(file: Path | str) -> Any:
    """An Arrow file, stream or random-access format, as a memory-mapped pyarrow Table.

    Raises AudioError when it is neither.
    """
    import pyarrow as pa

    try:
        with pa.memory_map(str(file)) as source:
            try:
                return pa.ipc.open_stream(source).read_all()
            except pa.ArrowInvalid:
                source.seek(0)
                return pa.ipc.open_file(source).read_all()
    except (OSError, pa.ArrowException) as error:
        raise AudioError(f"{file}: not readable as Arrow ({_one_line(error)})") from None


def _embedded_value(path: str, file: str, column: str, row: int) -> Any:
    """One cell of a Parquet or Arrow file; the rows stored with it stay in memory for the next."""
    import pyarrow as pa

    try:
        state = Path(file).stat()
        stamp = (state.st_mtime_ns, state.st_size)
        if file.lower().endswith(".arrow"):
            values, first = _arrow_column(file, stamp, column), 0
            n_rows = len(values)
        else:
            starts = _row_group_starts(file, stamp)
            n_rows = starts[-1]
            group = int(np.searchsorted(starts[1:-1], row, side="right"))
            values, first = _row_group(file, stamp, column, group), starts[group]
    except OSError as error:
        raise AudioError(f"{path}: {_os_reason(error)}") from None
    except (KeyError, pa.ArrowException) as error:
        raise AudioError(f"{file}: column '{column}' cannot be read ({_one_line(error)})") from None
    if row - first >= len(values):
        raise AudioError(
            f"{path}: the file has {n_rows} rows, counted from 0; expected row {row}: was the file "
            "replaced?"
        )
    return values[row - first].as_py()


# The stamp makes a file that was replaced a different one.
@lru_cache(maxsize=2)
def _arrow_column(file: str, stamp: tuple[int, int], column: str) -> Any:
    return arrow_table(file).column(column)


@lru_cache(maxsize=16)
def _row_group_starts(file: str, stamp: tuple[int, int]) -> list[int]:
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(file)
    sizes = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    return [0, *np.cumsum(sizes).tolist()]


@lru_cache(maxsize=2)
def _row_group(file: str, stamp: tuple[int, int], column: str, group: int) -> Any:
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as content:
        return content.read_row_group(group, columns=[column]).column(column)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _os_reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
