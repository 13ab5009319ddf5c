"""What tests of bundles share."""

from pathlib import Path

import pytest

from acoustic_sib.screen.bundle import write_bundle
from tests.screen.bundles import bundle


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_bundle(bundle(), tmp_path / "a.sib")
    return tmp_path / "a.sib"
