"""A bundle to test on, taken apart and put together again as anybody might."""

import json
import zipfile
from functools import lru_cache
from pathlib import Path

from acoustic_sib.config import load_config
from acoustic_sib.screen import sealed
from acoustic_sib.screen.bundle import Bundle
from acoustic_sib.screen.sealed import MANIFEST
from acoustic_sib.screen.train import train
from tests.screen.tables import usual_corpus


@lru_cache(maxsize=1)
def bundle() -> Bundle:
    return train(usual_corpus(), load_config(None, folds={"repeats": 1}))


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)


def resealed(path: Path, contents: dict[str, bytes]) -> None:
    """As an attacker would: other members under right hashes."""
    manifest = json.loads(contents[MANIFEST])
    about = {key: value for key, value in manifest.items() if key != "sha256"}
    inner = {name: data for name, data in contents.items() if name != MANIFEST}
    sealed.seal(inner, about, path)
