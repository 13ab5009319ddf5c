"""Sounds that are no sibilants get no class, whichever kind of model is asked."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from acoustic_sib.cli import run
from acoustic_sib.screen.judge import SETTINGS
from tests.conftest import shared_folder
from tests.screen.asked import said
from tests.screen.bad_sounds import NO_SIBILANT, SR, Samples, clipped, hum, offset, silence, tone


@pytest.fixture(scope="module")
def human(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of real clips: those of every third speaker of speechocean."""
    folder, corpus = tmp_path_factory.mktemp("human"), shared_folder("corpora/speechocean")
    (folder / "clips").symlink_to(corpus / "clips")
    listed = pd.read_csv(corpus / "metadata.csv")
    chosen = sorted(listed["speaker"].unique())[::3]
    listed[listed["speaker"].isin(chosen)].to_csv(folder / "metadata.csv", index=False)
    for kind in SETTINGS:
        assert run(["train", str(folder), "-o", str(folder / f"{kind}.sib"), "--model", kind,
                    "--leave-out", "Other", "--jobs", "1", "--cache", str(folder / "cache")]
                   ) == 0  # fmt: skip
    return folder


NOT_ASSESSABLE: dict[str, Callable[[float], Samples]] = {
    "silence": silence,
    "tone of 440 Hz": lambda s: tone(440, s),
    "tone of 1 kHz": lambda s: tone(1000, s),
    "tone of 5.3 kHz": lambda s: tone(5317, s),
    "hum of 50 Hz": lambda s: hum(50, s),
    "hum of 60 Hz": lambda s: hum(60, s),
    "hum of 50 Hz without overtones": lambda s: hum(50, s, n=1),
    "clipped noise": clipped,
    "clipped tone": lambda s: np.clip(20 * tone(3000, s), -0.99, 0.99),
    "offset": offset,
}


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", SETTINGS)
@pytest.mark.parametrize("trained_on", ["demo", "human"])
def test_no_kind_of_model_judges_what_is_no_sibilant(
    trained_on: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    bundle = request.getfixturevalue(trained_on) / f"{kind}.sib"
    for name, make in NOT_ASSESSABLE.items():
        sound = make(4.0)
        for number, duration_s in enumerate((0.04, 0.05, 0.07, 0.1, 0.2, 0.35, 3.0)):
            # Not from its beginning, where every overtone has the phase that it was made with.
            piece = sound[1234 * number :][: round(duration_s * SR)]
            soundfile.write(tmp_path / f"{name} {duration_s}.wav", piece, SR, "PCM_24")
    for name in NO_SIBILANT:
        soundfile.write(tmp_path / f"5 ms of {name}.wav", NO_SIBILANT[name](0.005), SR, "PCM_24")
    code, out, _ = said(capsys, "predict", str(bundle), str(tmp_path), "--whole", "--json")
    records = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert len(records) == 7 * len(NOT_ASSESSABLE) + len(NO_SIBILANT)
    judged = [(Path(one["file"]).name, one["predicted"]) for one in records
              if one["assessable"] or one["predicted"] is not None or one["set"]]  # fmt: skip
    assert judged == []
    assert all(one["reason"] for one in records)


HI_HATS = {"music": 32}
"""In 8 s. A hi-hat is a burst of high noise, and some are taken for sibilants: two of these 32 at
44.1 kHz. The bound of one in eight was set after that was seen: it only guards against worse."""


@pytest.mark.parametrize("name", NO_SIBILANT)
@pytest.mark.parametrize("sr", [16000, 44100])
def test_the_search_finds_no_sibilant_to_judge_where_there_is_none(
    name: str, sr: int, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundfile.write("long.wav", NO_SIBILANT[name](8.0, sr), sr, "PCM_24")
    code, out, _ = said(capsys, "predict", "m.sib", "long.wav", "--json")
    assert code == 0
    judged = [line for line in out.splitlines() if json.loads(line)["assessable"]]
    assert len(judged) <= HI_HATS.get(name, 0) / 8
