"""What the bytes of a sound file tell of its length, where libsndfile reads one short in silence.

Each takes the file as a seekable stream and leaves it anywhere. Sources: RFC 3533 (Ogg pages),
ISO/IEC 11172-3 and 13818-3 (frames of MPEG layer III), the RIFF chunks of a WAV.
"""

import io
import struct
from functools import lru_cache
from typing import BinaryIO

FIRST_BYTES = 64
"""Of an MP3's first frame: its table begins at byte 13 to 36."""
STREAMED_BYTES = 0x7FFF0000
"""From here on a WAV's header holds no length: it was written before the end was known."""
PAGE_HEAD, LONGEST_PAGE = 27, 27 + 255 + 255 * 255
END_OF_STREAM = 0x04
PIECE_BYTES = 1 << 18
TWO_FRAMES = 4096
"""No two frames of an MP3 are longer: 1441 bytes each."""
_KBPS = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = {0xFA: (44100, 48000, 32000), 0xF2: (22050, 24000, 16000), 0xE2: (11025, 12000, 8000)}
"""By the second byte of a layer III frame of MPEG 1, 2 and 2.5, that with its checksum."""


def missing_of_wav_s(stream: BinaryIO) -> float:
    """How much a WAV holds less than its header says, in seconds; 0 where it holds as much or the
    header does not say."""
    stream.seek(12)
    bytes_per_s = 0
    while len(chunk := stream.read(8)) == 8:
        name, n_bytes = struct.unpack("<4sI", chunk)
        begin = stream.tell()
        if name == b"data":
            missing = begin + n_bytes - stream.seek(0, io.SEEK_END)
            told = bytes_per_s > 0 and n_bytes < STREAMED_BYTES
            return max(missing, 0) / bytes_per_s if told else 0.0
        if name == b"fmt ":
            bytes_per_s = int.from_bytes(stream.read(12)[8:], "little")
        stream.seek(begin + n_bytes + n_bytes % 2)
    return 0.0


def ogg_ends_whole(stream: BinaryIO) -> bool:
    """Whether the last page of an OGG is there to its last byte, and is the file's end or says that
    it is the stream's. The flag alone is no sign: some writers never set it."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(size - 2 * LONGEST_PAGE, 0))
    tail = stream.read()
    at = tail.rfind(b"OggS")
    page = tail[at : at + PAGE_HEAD]
    if at < 0 or len(page) < PAGE_HEAD:
        return False
    lengths = tail[at + PAGE_HEAD : at + PAGE_HEAD + page[26]]
    after = len(tail) - at - PAGE_HEAD - page[26] - sum(lengths)
    return after == 0 or (after > 0 and bool(page[5] & END_OF_STREAM))


def tells_its_length(stream: BinaryIO) -> bool:
    """Whether the first frame of an MP3 holds a table with the number of frames, as encoders write
    it (Xing or Info, where a flag says so, and VBRI)."""
    stream.seek(_end_of_tag(stream))
    first = stream.read(FIRST_BYTES)
    for name in (b"Xing", b"Info"):
        at = first.find(name)
        if at >= 0:
            return len(first) > at + 7 and bool(first[at + 7] & 1)
    return b"VBRI" in first


def frames_s(stream: BinaryIO) -> float:
    """How long the whole frames of an MP3 last together, in seconds; 0 where they cannot be counted
    (free format, layers I and II) or begin with a table.

    A frame out of step, after other bytes, counts where another follows it.
    """
    known = _frames()
    stream.seek(_end_of_tag(stream))
    data, at, n_frames, in_step = b"", 0, 0, False
    kind: tuple[int, int] | None = None
    while True:
        if at + TWO_FRAMES > len(data) and (more := stream.read(PIECE_BYTES)):
            data, at = data[at:] + more, 0
        if at >= len(data):
            return n_frames * kind[0] / kind[1] if kind else 0.0
        n_bytes, *found = known.get(data[at : at + 3], (0, 0, 0))
        after = at + n_bytes
        if (0 < n_bytes <= len(data) - at and kind in (None, tuple(found))
                and (in_step or data[after : after + 3] in known)):  # fmt: skip
            if kind is None:
                first = data[at : at + FIRST_BYTES]
                if any(name in first for name in (b"Xing", b"Info", b"VBRI")):
                    return 0.0
                kind = (found[0], found[1])
            n_frames, at, in_step = n_frames + 1, after, True
        else:
            at, in_step = data.find(b"\xff", at + 1), False
            at = len(data) if at < 0 else at


def _end_of_tag(stream: BinaryIO) -> int:
    """Where the ID3v2 tag at the head of an MP3 ends; 0 where there is none."""
    stream.seek(0)
    tag = stream.read(10)
    if tag[:3] != b"ID3" or len(tag) < 10:
        return 0
    # Seven bits a byte.
    return 10 + sum((byte & 0x7F) << shift for byte, shift in
                    zip(tag[6:], (21, 14, 7, 0), strict=True))  # fmt: skip


@lru_cache(maxsize=1)
def _frames() -> dict[bytes, tuple[int, int, int]]:
    """The first three bytes of each layer III frame that there can be -> its length in bytes, its
    samples, its rate in Hz."""
    found = {}
    for second, rates in _RATES_HZ.items():
        version = 1 if second == 0xFA else 2
        n_samples = 1152 // version
        for kbps_index, kbps in enumerate(_KBPS[version], start=1):
            for rate_index, rate in enumerate(rates):
                for low in range(4):  # Padding, and a private bit.
                    third = kbps_index << 4 | rate_index << 2 | low
                    n_bytes = n_samples // 8 * kbps * 1000 // rate + (low >> 1)
                    for checksum in (0, 1):
                        head = bytes((0xFF, second | checksum, third))
                        found[head] = (n_bytes, n_samples, rate)
    return found
