"""Rung 3: what padding costs, when it is blamed, and when it cannot be asked."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from acoustic_sib.errors import CorpusError
from acoustic_sib.extract import Measured
from acoustic_sib.features.padded import PADDINGS, POOLINGS, columns_of_cell
from acoustic_sib.ladder import padding_pooling as module
from acoustic_sib.ladder.padding_pooling import AS_IS, PADDED, explained, padding_pooling
from acoustic_sib.ladder.registry import Climb
from tests.ladder.climbs import climb

COUNTS = (30, 30, 30)


def with_signal(monkeypatch: pytest.MonkeyPatch, others: float, **strengths: float) -> Climb:
    """A climb in which the first measures of each cell move by that many SD with the label,
    instead of measures of sound: by `others` where `padding__pooling` names no strength."""
    whole = climb(COUNTS, n_speakers=15)
    codes = pd.factorize(whole.manifest["label"])[0]
    rng = np.random.default_rng(0)
    columns: dict[str, np.ndarray] = {}
    for padding in PADDINGS:
        for pooling in POOLINGS:
            strength = strengths.get(f"{padding}__{pooling}", others)
            for number, name in enumerate(columns_of_cell(padding, pooling)):
                # The means of mean_sd are those of mean.
                if name not in columns:
                    columns[name] = rng.standard_normal(len(codes)) + strength * (codes == number)
    table = pd.DataFrame(columns, index=whole.manifest["clip_id"].to_numpy())
    measured = Measured(table=table, problems=(), n_cached=0)
    monkeypatch.setattr(module, "pooled", lambda *_: measured)
    return whole


def test_all_cells_stand_in_order_with_interval_and_change() -> None:
    found = padding_pooling(climb(COUNTS))
    cells = found.evidence["cells"]
    assert [(cell["padding"], cell["pooling"]) for cell in cells] == [
        (padding, pooling) for padding in PADDINGS for pooling in POOLINGS]  # fmt: skip
    plain = cells[0]
    assert plain["change"] is None
    for cell in cells[1:]:
        change = cell["change"]
        assert change["low"] <= change["value"] <= change["high"]
        assert change["value"] == pytest.approx(cell["uar"]["value"] - plain["uar"]["value"])
        assert cell["uar"]["n_clips"] == sum(COUNTS)
    # Valid frames of a zero-padded clip are the clip's own: the same model, the same answers.
    for cell in cells:
        if cell["pooling"] == "valid_frames" and cell["padding"] in ("zeros_end", "centred"):
            assert cell["change"] == {"value": 0, "low": 0, "high": 0, "level": 0.95}
    # The clips last 30 to 50 ms, and noise is noise however long: padding shows the length.
    share = {(cell["padding"], cell["pooling"]): cell["explained_by_length"] for cell in cells}
    assert share[PADDED] > 0.8
    assert share[AS_IS] < 0.1
    assert found.evidence["median_share_of_window"] == pytest.approx(0.04)
    assert found.evidence["n_cut"] == 0
    assert found.status == "pass"
    assert "neither is shown to be above chance" in found.says


def test_a_loss_is_warned_of_with_what_gives_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    found = padding_pooling(with_signal(monkeypatch, 5.0, zeros_end__mean=2.0))
    assert found.status == "warn"
    cost, back = found.evidence["cost"], found.evidence["given_back"]
    assert cost["high"] < 0
    assert set(back) == {"valid_frames", "energy_weighted", "repeated"}
    for change in back.values():
        assert change["low"] > 0
    assert f"{back['energy_weighted']['value']:+.3f}" in found.next
    assert "attention mask" in found.next


def test_a_loss_of_everything_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    found = padding_pooling(with_signal(monkeypatch, 5.0, zeros_end__mean=0.0))
    assert found.status == "fail"
    assert "not shown to be above chance; a mean over valid frames reaches" in found.says


def test_a_gain_is_warned_of_as_a_shortcut(monkeypatch: pytest.MonkeyPatch) -> None:
    found = padding_pooling(with_signal(monkeypatch, 0.5, zeros_end__mean=4.0))
    assert found.status == "warn"
    assert "padding adds what the sound has not" in found.says
    assert "shortcut" in found.next


@pytest.mark.parametrize("others", [0.0, 8.0])
def test_another_cell_decides_nothing(monkeypatch: pytest.MonkeyPatch, others: float) -> None:
    """All other cells are lost or won; the comparison that was named in advance is not."""
    found = padding_pooling(with_signal(monkeypatch, others, as_is__mean=4.0, zeros_end__mean=4.0))
    assert found.status == "pass"
    assert "no loss is shown" in found.says


def test_where_nothing_is_padded_the_rung_is_skipped() -> None:
    whole = climb(COUNTS)
    found = padding_pooling(dataclasses.replace(whole, quality=whole.quality + 1))
    assert found.status == "skipped"
    assert found.says == "every clip lasts 1.0 s or more: nothing is padded"


def test_a_class_of_one_speaker_has_no_interval_and_is_skipped() -> None:
    whole = climb(COUNTS)
    manifest = whole.manifest.assign(speaker=[
        "only" if label == "Lateral" else f"s{number % 8}"
        for number, label in enumerate(whole.manifest["label"])])  # fmt: skip
    found = padding_pooling(dataclasses.replace(whole, manifest=manifest))
    assert found.status == "skipped"
    assert found.says.endswith("leaving out one speaker removes a class")


def test_a_vanished_file_is_named() -> None:
    whole = climb(COUNTS)
    paths = whole.manifest["path"].where(whole.manifest["clip_id"] != "c004", "gone.wav")
    gone = dataclasses.replace(whole, manifest=whole.manifest.assign(path=paths))
    with pytest.raises(CorpusError, match=r"1 of 90 clips can no longer be read; the first: gone"):
        padding_pooling(gone)


def test_what_length_explains_is_the_mean_squared_correlation() -> None:
    length = np.array([0.1, 0.2, 0.3, 0.4])
    column = np.array([1.0, -1.0, -1.0, 1.0])  # uncorrelated with length, by hand
    table = np.column_stack([5 - 2 * length, column, np.full(4, -144.0)])
    assert explained(table[:, :1], length) == pytest.approx(1)
    assert explained(table, length) == pytest.approx(0.5)
    assert np.isnan(explained(table[:, 2:], length))
    assert np.isnan(explained(table, np.ones(4)))
