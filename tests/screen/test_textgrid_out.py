"""TextGrids that we write, read back by Praat itself."""

from pathlib import Path

import parselmouth
from parselmouth.praat import call

from acoustic_sib.screen.textgrid_out import write_textgrid


def test_praat_reads_the_tiers_with_gaps_quotes_and_signs(tmp_path: Path) -> None:
    places = [(0.25, 0.5, 's "weak"'), (0.5, 0.75, "ʃ"), (0.9, 1.2, "z")]
    write_textgrid(tmp_path / "a.TextGrid", 1.0, [("sibilant", places), ("empty", [])])
    grid = parselmouth.read(str(tmp_path / "a.TextGrid"))
    assert call(grid, "Get number of tiers") == 2
    assert call(grid, "Get tier name", 1) == "sibilant"
    n = call(grid, "Get number of intervals", 1)
    starts = [call(grid, "Get start time of interval", 1, i) for i in range(1, n + 1)]
    texts = [call(grid, "Get label of interval", 1, i) for i in range(1, n + 1)]
    assert starts == [0, 0.25, 0.5, 0.75, 0.9]
    assert texts == ["", 's "weak"', "ʃ", "", "z"]
    assert call(grid, "Get end time") == 1.0
    assert call(grid, "Get number of intervals", 2) == 1


def test_a_place_beyond_the_end_or_inside_another_is_cut(tmp_path: Path) -> None:
    write_textgrid(tmp_path / "a.TextGrid", 1.0, [("t", [(0.0, 0.6, "a"), (0.4, 1.0, "b"),
                                                         (1.1, 1.2, "c")])])  # fmt: skip
    grid = parselmouth.read(str(tmp_path / "a.TextGrid"))
    assert call(grid, "Get number of intervals", 1) == 2
    assert call(grid, "Get start time of interval", 1, 2) == 0.6
    assert call(grid, "Get label of interval", 1, 2) == "b"
