"""TextGrids held against Praat's own reading, and folders of recordings with them."""

import re
from collections import Counter
from pathlib import Path

import parselmouth
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acoustic_sib.corpus.textgrid import Interval, read_textgrid
from acoustic_sib.errors import ConfigError, CorpusError, UserError
from tests.conftest import shared_folder
from tests.corpus.made import column, corpus, sounds

ENGLISH = {"S": "Normal", "Z": "Normal", "SH": "Lateral", "ZH": "Lateral", "TH": "Interdental",
           "DH": "Interdental"}  # fmt: skip


def grid(**tiers: list[tuple[float, float, str]]) -> str:
    """A TextGrid in the long format with the tiers given."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", "xmax = 9 ",
             "tiers? <exists> ", f"size = {len(tiers)} ", "item []: "]  # fmt: skip
    for number, (name, intervals) in enumerate(tiers.items(), start=1):
        lines += [f"    item [{number}]:", '        class = "IntervalTier" ',
                  f'        name = "{name}" ', "        xmin = 0 ", "        xmax = 9 ",
                  f"        intervals: size = {len(intervals)} "]  # fmt: skip
        for count, (start, end, text) in enumerate(intervals, start=1):
            quoted = text.replace('"', '""')
            lines += [f"        intervals [{count}]:", f"            xmin = {start} ",
                      f"            xmax = {end} ", f'            text = "{quoted}" ']  # fmt: skip
    return "\n".join(lines) + "\n"


PHONES = [(0.0, 0.01, ""), (0.01, 0.02, "s"), (0.02, 0.025, "a"), (0.025, 0.03, " S ")]
MAPPING = {"s": "Normal", "S": "Lateral"}


def recording(folder: Path, name: str, text: str | None = None) -> None:
    sounds(folder, [f"{name}.wav"])
    (folder / f"{name}.TextGrid").write_text(grid(phones=PHONES) if text is None else text)


def _praat_tiers(path: Path) -> dict[str, list[Interval]]:
    call = parselmouth.praat.call
    opened = parselmouth.read(str(path))
    tiers = {}
    for tier in range(1, call(opened, "Get number of tiers") + 1):
        if call(opened, "Is interval tier", tier):
            count = call(opened, "Get number of intervals", tier)
            tiers[call(opened, "Get tier name", tier)] = [
                Interval(
                    call(opened, "Get start time of interval", tier, number),
                    call(opened, "Get end time of interval", tier, number),
                    call(opened, "Get label of interval", tier, number),
                )
                for number in range(1, count + 1)
            ]
    return tiers


CORPORA = ["corpora/speechocean/utterances", "corpora/voxangeles/words", "gold/altamimi"]


@pytest.mark.parametrize("name", CORPORA)
def test_reading_is_praats_reading(name: str) -> None:
    for path in sorted(shared_folder(name).glob("*.TextGrid"))[:30]:
        ours = {tier.name: list(tier.intervals) for tier in read_textgrid(path)}
        assert ours == _praat_tiers(path), path


@pytest.mark.parametrize("form", ["text", "short text"])
def test_files_that_praat_writes(tmp_path: Path, form: str) -> None:
    """Long and short; Praat itself chooses UTF-16 for texts beyond Latin-1."""
    call = parselmouth.praat.call
    made = call("Create TextGrid", 0, 1.25, "phones marks", "marks")
    call(made, "Insert boundary", 1, 1 / 3)
    call(made, "Insert point", 2, 0.5, "here")
    call(made, "Set interval text", 1, 1, 'say "s" ! <now> 3')
    for number, text in enumerate(("plain", "ɬ ʃ"), start=1):
        call(made, "Set interval text", 1, 2, text)
        path = tmp_path / f"{number}.TextGrid"
        call(made, f"Save as {form} file", str(path))
        (tier,) = read_textgrid(path)
        assert {tier.name: list(tier.intervals)} == _praat_tiers(path)
        assert [interval.text for interval in tier.intervals] == ['say "s" ! <now> 3', text]
    assert path.read_bytes()[:2] in (b"\xfe\xff", b"\xff\xfe")


texts = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)


@given(st.lists(texts, min_size=1, max_size=6), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, written: list[str], encoding: str
) -> None:
    intervals = [(float(n), n + 0.5, text) for n, text in enumerate(written)]
    path = tmp_path_factory.getbasetemp() / "any.TextGrid"
    path.write_bytes(grid(tier=intervals).replace("\n", "\r\n").encode(encoding))
    assert read_textgrid(path)[0].intervals == tuple(Interval(*one) for one in intervals)


def test_a_textgrid_without_tiers(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text('"ooTextFile"\n"TextGrid"\n0\n1\n<absent>\n')
    assert read_textgrid(path) == ()


GOOD = grid(phones=PHONES)
BROKEN = [
    (GOOD[:300], r"a\.TextGrid line \d+: the end of the file; expected .*: was the file cut off\?"),
    (GOOD.replace("xmin = 0.01", "xmin = 0.1"),
     r"a\.TextGrid line 21: an interval from 0\.1 to 0\.02 s; expected a start before its end"),
    (GOOD.replace("xmax = 0.02 ", "xmax = long "), r"line 22: the text 's'; expected an inter"),
    (GOOD.replace("size = 4", "size = 4.5"), r"4\.5 intervals; expected a whole number of them"),
    (GOOD.replace("ooTextFile", "ooSound"), r"begins with .*; expected a TextGrid"),
    (GOOD.replace("IntervalTier", "Pitch"), r"a tier of class 'Pitch'; expected IntervalTier or"),
    (GOOD.replace("size = 4 ", "size = 5 "), r"the end of the file; expected an interval's start"),
    ("hello", r"line 1: the end of the file; expected its file type"),
    (b"ooBinaryFile\x08TextGrid", r"a binary TextGrid; .*'Save as text file\.\.\.'"),
    (GOOD.replace('" S "', '"caf\xe9"').encode("latin-1"), r"byte 0xe9 is not UTF-8; expected"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), BROKEN)
def test_broken_textgrids_name_their_line(
    tmp_path: Path, content: str | bytes, sentence: str
) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CorpusError, match=sentence):
        read_textgrid(path)


def test_only_intervals_that_are_named_become_clips(tmp_path: Path) -> None:
    recording(tmp_path, "rec 1")
    made = corpus(tmp_path, labels=MAPPING)
    assert made.kind == "textgrid"
    assert column(made, "clip_id") == ["rec 1.wav@0.01-0.02", "rec 1.wav@0.025-0.03"]
    assert column(made, "label") == ["Normal", "Lateral"]
    assert column(made, "label_in_corpus") == ["s", "S"]
    assert (column(made, "start"), column(made, "end")) == ([0.01, 0.025], [0.02, 0.03])
    assert "speaker" not in made.manifest
    assert made.notes == (
        "all recordings lie in one folder: no speaker is known; the config's textgrid: {speaker: "
        "...} can find it in a tier or in the files' names",
    )


def test_left_out_texts_are_counted(tmp_path: Path) -> None:
    recording(tmp_path, "r")
    made = corpus(tmp_path, labels=MAPPING | {"a": "Other"}, leave_out=("Other",))
    assert (len(made.manifest), made.left_out) == (2, {"Other": 1})
    assert corpus(tmp_path, labels=MAPPING, leave_out=("a",)).left_out == {"a": 1}


def test_without_a_mapping_tiers_and_labels_are_listed(tmp_path: Path) -> None:
    recording(tmp_path, "r")
    listed = r"tier 'phones': 'S' \(1\), 'a' \(1\), 's' \(1\)"
    with pytest.raises(CorpusError, match=rf"names no labels to read; expected labels: .*{listed}"):
        corpus(tmp_path)
    with pytest.raises(CorpusError, match=rf"no interval is labelled 'x'; .*{listed}"):
        corpus(tmp_path, labels={"x": "X"})


def test_several_tiers_ask_which(tmp_path: Path) -> None:
    recording(tmp_path, "r", grid(words=[(0, 0.03, "sash")], phones=PHONES))
    listed = r"2 interval tiers; .*tier: NAME.*tier 'phones': .*; tier 'words': 'sash' \(1\)"
    with pytest.raises(CorpusError, match=listed):
        corpus(tmp_path, labels=MAPPING)
    with pytest.raises(
        CorpusError, match=r"no TextGrid has a tier 'phone'; did you mean 'phones'\?"
    ):
        corpus(tmp_path, labels=MAPPING, textgrid={"tier": "phone"})
    assert len(corpus(tmp_path, labels=MAPPING, textgrid={"tier": "phones"}).manifest) == 2


def test_speakers_by_folder_name_and_tier(tmp_path: Path) -> None:
    who = [(0.0, 0.022, "ann"), (0.022, 0.03, "bob")]
    for name in ("p1/x_1", "p2/y_2"):
        recording(
            tmp_path / name.split("/")[0], name.split("/")[1], grid(phones=PHONES, speaker=who)
        )
    by_folder = corpus(tmp_path, labels=MAPPING)
    assert column(by_folder, "speaker") == ["p1", "p1", "p2", "p2"]
    by_name = corpus(tmp_path, labels=MAPPING, textgrid={"speaker": "^([a-z])_"})
    assert column(by_name, "speaker") == ["x", "x", "y", "y"]
    by_tier = corpus(tmp_path, labels=MAPPING, textgrid={"speaker": "tier"})
    assert column(by_tier, "speaker") == ["ann", "bob", "ann", "bob"]


SPEAKERS = [
    ("folders", ConfigError, r"textgrid\.speaker 'folders' has no group; expected the speaker in"),
    ("^(q)", CorpusError, r"p1/x\.wav: textgrid\.speaker '\^\(q\)' finds no speaker in 'x'"),
    ("tier", ConfigError, r"p1/x\.wav: no tier named 'speaker'; expected one, or textgrid: \{sp"),
]


@pytest.mark.parametrize(("way", "kind", "sentence"), SPEAKERS)
def test_speakers_that_cannot_be_found(
    tmp_path: Path, way: str, kind: type[UserError], sentence: str
) -> None:
    recording(tmp_path / "p1", "x")
    with pytest.raises(kind, match=sentence):
        corpus(tmp_path, labels=MAPPING, textgrid={"speaker": way})


def test_a_gap_in_the_speaker_tier_is_named(tmp_path: Path) -> None:
    recording(tmp_path, "x", grid(phones=PHONES, Speaker=[(0.0, 0.022, "ann")]))
    with pytest.raises(
        CorpusError, match=r"x\.wav at 0\.025 s: 'speaker' is empty \(1 of 2 rows\)"
    ):
        corpus(tmp_path, labels=MAPPING, textgrid={"speaker": "tier"})


def test_sound_and_textgrid_in_two_folders_and_two_formats(tmp_path: Path) -> None:
    recording(tmp_path / "grids", "r")
    (tmp_path / "wavs").mkdir()
    (tmp_path / "grids/r.wav").rename(tmp_path / "wavs/r.wav")
    sounds(tmp_path, ["wavs/r.mp3"])
    made = corpus(tmp_path, labels=MAPPING)
    assert column(made, "clip_id")[0] == "wavs/r.wav@0.01-0.02"


def test_textgrids_that_stand_alone(tmp_path: Path) -> None:
    (tmp_path / "lost.TextGrid").write_text(GOOD)
    with pytest.raises(
        CorpusError, match=r"none of 1 TextGrids has a sound file of its name, such"
    ):
        corpus(tmp_path, labels=MAPPING)
    recording(tmp_path, "r")
    recording(tmp_path, "q", grid(words=[(0, 0.03, "s")]))
    made = corpus(tmp_path, labels=MAPPING, textgrid={"tier": "phones", "speaker": "^(.)"})
    assert made.notes == (
        "not read: 1 TextGrids without a sound file, such as lost.TextGrid",
        "1 of 2 TextGrids have no tier 'phones'",
    )


def _texts_in(folder: Path, tier: str) -> Counter[str]:
    """Counted without a parser: the text lines that follow the tier's name."""
    counts: Counter[str] = Counter()
    for path in folder.glob("*.TextGrid"):
        text = path.read_text(encoding="utf-8")
        part = text.split(f'name = "{tier}"')[1].split("item [")[0]
        counts.update(re.findall(r'text = "(.*)"', part))
    return counts


REAL = [
    ("corpora/speechocean/utterances", "phone", ENGLISH, r"^(\d{5})"),
    ("corpora/espeak/utterances", "phone", {"s": "Normal", "z": "Normal", "S": "Lateral",
                                           "T": "Interdental"}, r"^sent_(.*)_\d+_"),
    ("corpora/voxangeles/words", "phones", {"s": "Normal", "z": "Normal", "ʃ": "Lateral"},
     r"^([a-z]+)-"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "tier", "mapping", "speaker"), REAL)
def test_real_recordings(name: str, tier: str, mapping: dict[str, str], speaker: str) -> None:
    folder = shared_folder(name)
    made = corpus(folder, labels=mapping, textgrid={"tier": tier, "speaker": speaker})
    counts = _texts_in(folder, tier)
    expected = Counter({text: counts[text] for text in mapping if counts[text]})
    assert Counter(made.manifest["label_in_corpus"]) == expected
    assert made.manifest["speaker"].nunique() > 1
    assert (made.manifest["start"] < made.manifest["end"]).all()
