"""The package's version and that of its measures, where every room can read them."""

import hashlib
from functools import lru_cache
from pathlib import Path

__version__ = "0.1.0"


@lru_cache(maxsize=1)
def code_version() -> str:
    """A hash of the source that turns sound into numbers: with a changed formula, measured clips
    are measured anew and a model's bundle is refused."""
    here = Path(__file__).parent
    files = [
        *(here / f"{name}.py" for name in ("audio", "channels", "quality")),
        *sorted((here / "features").glob("*.py")),
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
