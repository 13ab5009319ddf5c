"""Bundles: the same answers in another process, and everything comes back."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from acoustic_sib.screen.bundle import read_bundle, write_bundle
from tests.screen.bundles import bundle, members
from tests.screen.tables import usual_corpus

READS = """
import sys
from pathlib import Path
import numpy as np
from acoustic_sib.screen.bundle import read_bundle
bundle = read_bundle(Path(sys.argv[1]))
rows = np.load(sys.argv[2])
found = bundle.probabilities(rows)
sys.stdout.buffer.write(found.tobytes())
print(bundle.sets(found, 0.9), bundle.unlike(rows), file=sys.stderr)
heavy = {"sklearn", "skops", "pandas", "librosa", "parselmouth", "pydantic"} & set(sys.modules)
print(sorted(heavy), file=sys.stderr)
"""


def test_another_process_gives_the_very_same_answers_without_heavy_imports(path: Path) -> None:
    rows = usual_corpus().features[list(bundle().columns)].to_numpy(copy=True)
    rows[0, :3] = np.nan
    np.save(path.with_suffix(".npy"), rows)
    done = subprocess.run(
        [sys.executable, "-c", READS, str(path), str(path.with_suffix(".npy"))],
        capture_output=True, check=True,
    )  # fmt: skip
    expected = bundle().probabilities(rows)
    assert done.stdout == expected.tobytes()
    said, heavy = done.stderr.decode().splitlines()
    assert said == f"{bundle().sets(expected, 0.9)} {bundle().unlike(rows)}"
    assert heavy == "[]"


def test_everything_comes_back(path: Path) -> None:
    found = read_bundle(path)
    for name in ("classes", "columns", "recipe", "limits", "norms", "spectra", "card",
                 "skops", "group"):  # fmt: skip
        assert getattr(found, name) == getattr(bundle(), name)
    rows = usual_corpus().features[list(found.columns)].to_numpy()
    labels = found.pipeline().predict(rows)
    # Of equal class weights and one temperature, the largest probability is the pipeline's.
    assert np.array_equal(np.array(found.classes)[found.probabilities(rows).argmax(1)], labels)


def test_the_reference_band_comes_back(path: Path) -> None:
    """Counted again with pandas from the corpus's own spectra, after a round trip."""
    found, corpus = read_bundle(path), usual_corpus()
    assert corpus.shapes is not None
    normal = corpus.manifest[corpus.manifest["label"] == "Normal"]
    means = corpus.shapes.loc[normal["clip_id"]].groupby(normal["speaker"].to_numpy()).mean()
    assert found.spectrum_norm is not None
    assert np.allclose(found.spectrum_norm.centre, means.mean(), atol=1e-12)
    assert np.allclose(found.spectrum_norm.spread, means.std(), rtol=1e-12)
    assert found.spectrum_norm.n_speakers == len(means) == 24
    women = found.compared_with(sex="f")
    assert women.group == "sex=f"
    assert women.spectrum_norm == found.spectra["sex=f"] != found.spectrum_norm
    assert women.reference == found.norms["sex=f"] != found.reference
    assert found.compared_with(sex="x").group == ""


def test_the_same_bundle_makes_the_same_file_and_tells_no_speaker(path: Path) -> None:
    before = path.read_bytes()
    write_bundle(bundle(), path)
    assert path.read_bytes() == before
    assert not any(b"Anna" in data or b".wav" in data for data in members(path).values())
    assert len(before) < 1_000_000
