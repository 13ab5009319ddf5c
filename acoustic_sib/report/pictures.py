"""Small spectrograms as PNG in the page, and sounds to play: what is shown of a single clip."""

import base64
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RANGE_DB = 50.0
GREYS = 16
PIXELS_A_FRAME = 2
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True)
class ClipPicture:
    """A clip's spectrogram: `level_db` (n_rows, n_frames) relative to its loudest point, row 0 at
    0 Hz and the last ending at `top_hz`; `shown_s` of `duration_s` are in it."""

    level_db: NDArray[np.float64]
    top_hz: float
    duration_s: float
    shown_s: float


def picture_uri(picture: ClipPicture) -> str:
    """The spectrogram as a data URI: dark is loud, RANGE_DB from black to white."""
    darkness = np.clip(1 + picture.level_db / RANGE_DB, 0, 1)
    greys = np.rint((1 - darkness) * (GREYS - 1)).astype(np.uint8)
    return data_uri("image/png", grey_png(greys[::-1]))


def picture_text(picture: ClipPicture) -> str:
    """What the spectrogram shows, for those who cannot see it."""
    rows = len(picture.level_db)
    mean = (10 ** (picture.level_db / 10)).mean(axis=1)
    peak_khz = (int(mean.argmax()) + 0.5) * picture.top_hz / rows / 1000
    first = "" if picture.shown_s >= picture.duration_s else f", the first {picture.shown_s:g} s"
    return (f"Spectrogram, 0 to {picture.top_hz / 1000:.1f} kHz, {picture.duration_s:.2f} s{first};"
            f" strongest near {peak_khz:.1f} kHz")  # fmt: skip


def grey_png(greys: NDArray[np.uint8]) -> bytes:
    """A PNG of 4-bit greys 0 (black) to 15 (white), (height, width), the top row first."""
    height, width = greys.shape
    even = np.pad(greys, ((0, 0), (0, width % 2)))
    packed = (even[:, ::2] << 4) | even[:, 1::2]
    lines = b"".join(b"\x00" + row.tobytes() for row in packed)
    header = struct.pack(">IIBBBBB", width, height, 4, 0, 0, 0, 0)
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in (
            (b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""),
        )
    )  # fmt: skip


def data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
