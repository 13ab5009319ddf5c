"""Sentences of the rooms below in German and Portuguese: each is provoked as a user would."""

import os
from collections.abc import Callable
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

from acoustic_sib.audio import _refuse_damaged
from acoustic_sib.cli import run
from acoustic_sib.cli.recordings import finder, only_sounds, write_unless_corrected
from acoustic_sib.config import FoldSettings
from acoustic_sib.folds import plan_folds
from acoustic_sib.screen.predict import screen_file, whole_file
from acoustic_sib.screen.retold import FAILURES, retold
from acoustic_sib.screen.retold_notes import NOTES
from acoustic_sib.screen.textgrid_out import write_textgrid
from acoustic_sib.screen.train import train
from acoustic_sib.screen.wording import TABLES, say
from tests.conftest import white_noise
from tests.screen.asked import said
from tests.screen.stand_in import StandIn, written
from tests.screen.tables import gaussian_corpus
from tests.screen.test_train import config, without

SR = 44100


def by_hand(path: Path) -> None:
    """A TextGrid of another recording, or of another kind, beside a recording of one second."""
    written(path, white_noise(1.0))


def a_nan(path: Path) -> None:
    soundfile.write(path, np.where(np.arange(SR) == 5000, np.nan, 0.1), SR, subtype="FLOAT")


def a_grid(*tiers: tuple[str, float]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        written(path, white_noise(1.0))
        places: list[tuple[str, list[tuple[float, float, str]]]] = [
            (name, [(end - 0.5, end, "s")]) for name, end in tiers
        ]
        write_textgrid(path.with_suffix(".TextGrid"), 9.0, places)

    return make


def a_binary_grid(path: Path) -> None:
    written(path, white_noise(1.0))
    path.with_suffix(".TextGrid").write_bytes(b"ooBinaryFile\x08TextGrid")


def a_cut_ogg(path: Path) -> None:
    soundfile.write(path, white_noise(1.0), SR)
    path.write_bytes(path.read_bytes()[:-1])


def an_mp3_without_table(path: Path) -> None:
    """Its first frame is taken out; the rest ends in silence, that is in short ones."""
    samples = white_noise(2.0)
    samples[SR:] = 0
    soundfile.write(path, samples, SR, bitrate_mode="VARIABLE")
    content = path.read_bytes()
    path.write_bytes(content[content.index(content[:2], 72) :])


MADE: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "absent": ("a.wav", lambda path: None, "a.wav: keine solche Datei; erwartet wird"),
    "folder": ("a.wav", lambda path: path.mkdir(), "a.wav: ist ein Ordner"),
    "name too long": ("a" * 300, lambda path: None, "Dateiname zu lang"),
    "no text": (os.fsdecode(b"caf\xe9.wav"), lambda path: None, "kein gültiges UTF-8"),
    "empty": ("a.wav", lambda path: path.write_bytes(b""), "eine leere Datei mit 0 Bytes"),
    "not audio": ("a.wav", lambda path: path.write_text("x" * 99), "nicht als Ton lesbar (Format"),
    "headerless": ("a.raw", lambda path: path.write_bytes(b"1234"), "Ton ohne Kopf"),
    "no samples": ("a.wav", lambda path: soundfile.write(path, np.zeros(0), SR), "enthält keine"),
    "2 kHz": ("a.wav", lambda path: soundfile.write(path, np.ones(9), 2000), "Abtastrate 2000 Hz"),
    "cut off": ("a.ogg", a_cut_ogg, "die letzte Seite dieser OGG-Datei ist nicht vollständig"),
    "no table": ("a.mp3", an_mp3_without_table, "ein MP3 ohne Tabelle seiner Länge, von dem"),
    "NaN": ("a.wav", a_nan, "ein Abtastwert bei 0,113 s ist NaN"),
    "bundle": ("a.sib", lambda path: None, "ein Modell, keine Aufnahme"),
    "of a telephone": ("a.m4a", lambda path: None, ".m4a wird hier nicht gelesen; erwartet"),
    "TextGrid": ("a.TextGrid", lambda path: None, "ein TextGrid, keine Aufnahme"),
    "no TextGrid": ("a.wav", by_hand, "kein a.TextGrid in "),
    "of another": ("a.wav", a_grid(("phones", 8.0)), "ein Intervall endet bei 8 s; erwartet wird "
                   "es innerhalb der 1,000 s von"),
    "a dialogue": ("a.wav", a_grid(("A - phones", 0.9), ("B - phones", 0.9)), "die Laute eines Sp"),
    "no phones": ("a.wav", a_grid(("words", 0.9)), "Ebenen 'words'; erwartet wird 'sibilant' oder"),
    "binary": ("a.wav", a_binary_grid, "ein binäres TextGrid"),
}  # fmt: skip
NEED_MORE = {
    "{path}: permission denied; expected a sound file that you may read",
    "{path}: {target} is there already and differs, perhaps corrected by hand; it is left as it "
    "is: expected another folder",
    "{path}: decoding stops {missing_s} s before its end; expected as many samples as the header "
    "says: is the file cut off?",
}
"""Told of a user without rights, when writing, and of some damaged files."""
WITH_PHONES = {"no TextGrid", "of another", "a dialogue", "no phones", "binary"}


def failure(kind: str, folder: Path, language: str) -> str:
    """What judging says of a recording of that kind, without the folder."""
    name, make, _ = MADE[kind]
    if not (folder / "made").exists():
        make(folder / name)
        (folder / "made").touch()
    find = only_sounds(finder(phones=folder, expect=None) if kind in WITH_PHONES else whole_file)
    told = screen_file(folder / name, StandIn(), find=find, language=language).failure
    return told.replace(f"{folder}/", "")


def test_every_sentence_has_the_same_places_in_each_language() -> None:
    for told in (*FAILURES, *NOTES):
        assert told.keys() == TABLES.keys()
        places = [sorted(str(field) for _, field, _, _ in Formatter().parse(text) if field)
                  for text in told.values()]  # fmt: skip
        assert places[1:] == places[:-1], told["en"]
        assert len(set(told.values())) == 3


@pytest.mark.parametrize("kind", MADE)
def test_what_cannot_be_read_is_told_in_the_language(kind: str, tmp_path: Path) -> None:
    english, german, portuguese = (failure(kind, tmp_path, one) for one in ("en", "de", "pt"))
    assert MADE[kind][2] in german
    assert "expected" in english
    assert "esperava" in portuguese
    assert "expected" not in german + portuguese


def test_each_sentence_is_one_that_is_said(tmp_path: Path) -> None:
    """Where a sentence below is reworded, this finds the translation that no longer fits it."""
    said_of: set[str] = set()
    for kind in MADE:
        folder = tmp_path / kind
        folder.mkdir()
        german = failure(kind, folder, "de")
        english = failure(kind, folder, "en")
        assert german == retold("de", english) or "UTF-8" in german
        said_of |= {told["en"] for told in FAILURES if fits(told["de"], german)}
    assert {told["en"] for told in FAILURES} == said_of | NEED_MORE


def fits(template: str, sentence: str) -> bool:
    """Whether the sentence holds the longest words of the template."""
    return max((text for text, *_ in Formatter().parse(template)), key=len) in sentence


def test_a_corrected_textgrid_is_told_in_the_language(tmp_path: Path) -> None:
    (tmp_path / "a.TextGrid").write_text("mine")
    with pytest.raises(Exception, match="is there already") as refused:
        write_unless_corrected(tmp_path / "a.TextGrid", Path("a.wav"), 1.0, [("sibilant", [])])
    assert "vielleicht von Hand korrigiert" in retold("de", str(refused.value))
    assert "talvez corrigido à mão" in retold("pt", str(refused.value))


def test_a_file_that_is_cut_off_is_told_in_the_language() -> None:
    """100 of 200 samples at 5000 Hz: 100 / 5000 = 0.02 s."""
    with pytest.raises(Exception, match="decoding stops") as refused:
        _refuse_damaged("a.mp3", np.zeros((100, 1)), 5000, 200)
    assert retold("de", str(refused.value)).startswith("a.mp3: endet 0,020 s zu früh; erwartet")
    assert retold("pt", str(refused.value)).startswith("a.mp3: a decodificação para 0,020 s antes")


def test_what_is_not_known_is_given_as_it_is() -> None:
    for language in TABLES:
        assert retold(language, "a.wav: something new") == "a.wav: something new"
    assert retold("de", "a: {b}.wav: no such file; expected a sound file") == (
        "a: {b}.wav: keine solche Datei; erwartet wird eine Tondatei"
    )


def manifest(folds: str = "", *, n: int = 8, speakers: int = 2) -> pd.DataFrame:
    made = pd.DataFrame({"clip_id": [str(one) for one in range(n)], "path": "a.wav",
                         "label": ["a", "b"] * (n // 2)})  # fmt: skip
    made["speaker"] = [str(one // 2 % speakers) for one in range(n)]
    return made.assign(fold=list(folds)) if folds else made


def notes_of_training() -> list[str]:
    plans = [
        plan_folds(manifest(), FoldSettings(plan="stratified", n_splits=2), seed=0),
        plan_folds(manifest(n=12), FoldSettings(plan="speaker", n_splits=5, repeats=2), seed=0),
        plan_folds(manifest("01101001"), FoldSettings(plan="corpus"), seed=0),
        plan_folds(manifest("00110111"), FoldSettings(plan="corpus"), seed=0),
    ]
    unknown = train(without(gaussian_corpus(), "speaker"), config(), model="lda")
    few = train(gaussian_corpus(n_speakers=6), config(), model="lda")
    return [*(note for plan in plans for note in plan.notes), *unknown.card["notes"],
            *few.card["notes"]]  # fmt: skip


def test_the_notes_of_training_are_told_in_the_language() -> None:
    notes = notes_of_training()
    for language in ("de", "pt"):
        told = [retold(language, note) for note in notes]
        assert all(one != note for one, note in zip(told, notes, strict=True))
    heard = {one["en"] for one in NOTES if any(fits(one["en"], note) for note in notes)}
    assert heard == {one["en"] for one in NOTES}


@pytest.mark.parametrize(
    ("language", "failed", "note", "progress", "counted"),
    [
        ("en", "failed: b.wav: no such file", "note: a.wav: silent", "searching a.wav: done in 0",
         "a.wav: 0 sibilants in 1.00 s"),
        ("de", "Fehler: b.wav: keine solche Datei", "Hinweis: a.wav: still",
         "a.wav wird durchsucht: fertig nach 0", "a.wav: 0 Sibilanten in 1,00 s"),
        ("pt", "erro: b.wav: não há tal arquivo", "nota: a.wav: silêncio",
         "procurando em a.wav: pronto em 0", "a.wav: 0 sibilantes em 1,00 s"),
    ],
)  # fmt: skip
def test_segment_speaks_the_language(
    language: str, failed: str, note: str, progress: str, counted: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "a.wav", np.zeros(SR))
    assert run(["segment", "a.wav", "b.wav", "--language", language]) == 3
    out, err = capsys.readouterr()
    assert out.splitlines() == [counted]
    for begins in (failed, note, progress):
        assert any(line.startswith(begins) for line in err.splitlines()), begins


@pytest.mark.parametrize(
    ("language", "progress"),
    [("en", "reading a.wav"), ("de", "a.wav wird gelesen"), ("pt", "lendo a.wav")],
)
def test_what_a_textgrid_names_is_read_and_not_searched_for(
    language: str, progress: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "a.wav", white_noise(1.0))
    write_textgrid(tmp_path / "a.TextGrid", 1.0, [("phones", [(0.2, 0.4, "s")])])
    assert run(["segment", "a.wav", "--phones", ".", "--language", language]) == 0
    err = capsys.readouterr().err
    assert err.splitlines()[0] == f"{progress} ..."
    assert say(language, "searching", name="a.wav") not in err


def test_predict_speaks_the_language_when_nothing_can_be_read(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, failed, nothing in (
        ("de", "Fehler: b.wav: keine solche Datei", "nichts ließ sich beurteilen"),
        ("pt", "erro: b.wav: não há tal arquivo", "nada pôde ser avaliado"),
    ):
        code, out, err = said(capsys, "predict", str(path), "b.wav", "--language", language)
        assert (code, out) == (2, "")
        assert [line for line in err if line.startswith(failed)]
        assert err[-1] == f"acoustic-sib: {nothing}"
