"""What holds for every reader, whoever adds it."""

from pathlib import Path

import pytest

from acoustic_sib.corpus import readers as package
from acoustic_sib.corpus.listing import Reader
from acoustic_sib.corpus.readers import readers
from acoustic_sib.errors import CorpusError
from tests.corpus.made import corpus, manifest

READERS = pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.kind)


def test_every_module_of_the_folder_is_a_reader() -> None:
    modules = {path.stem for path in Path(package.__file__).parent.glob("[!_]*.py")}
    assert len(readers()) == len(modules) == len({reader.kind for reader in readers()})
    assert len({reader.rank for reader in readers()}) == len(modules)


@READERS
def test_no_reader_takes_what_is_no_corpus(tmp_path: Path, reader: Reader) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "no.parquet.txt~").write_bytes(b"")
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/er/readme.md").write_text("nothing to hear")
    (tmp_path / "deep/table.parquet").write_bytes(b"broken")
    for name in ("empty", "picture.png", "no.parquet.txt~", "deep"):
        assert not reader.sniff(tmp_path / name), name


@READERS
def test_every_reader_says_what_it_accepts(tmp_path: Path, reader: Reader) -> None:
    with pytest.raises(CorpusError) as refused:
        corpus(tmp_path)
    assert reader.accepts in str(refused.value)


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    file = manifest(tmp_path, "path,label\na.wav,A\nb.wav,B\n")
    monkeypatch.setattr("acoustic_sib.corpus.readers.manifest.read_table", refuse)
    with pytest.raises(CorpusError, match=r"clips\.csv: may not be read; expected permission to"):
        corpus(file)
