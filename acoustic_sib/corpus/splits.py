"""A corpus's own parts: train/test/validation splits and numbered folds."""

from collections import Counter
from collections.abc import Sequence

from acoustic_sib.errors import CorpusError
from acoustic_sib.tables import ONLY_TRAINED_ON

SPLIT_NAMES = {
    "train": "train", "training": "train",
    "test": "test", "testing": "test", "eval": "test", "evaluation": "test",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
}  # fmt: skip


def split_name(text: str | None) -> str | None:
    """`train`, `test` or `validation` when `text` is one of their usual names."""
    return SPLIT_NAMES.get((text or "").strip().lower())


def split_in_path(path: str) -> str | None:
    """The split that the outermost folder of such a name in a path stands for."""
    return next(filter(None, map(split_name, path.split("/")[:-1])), None)


def folds_of_splits(splits: Sequence[str | None]) -> tuple[list[int] | None, str]:
    """One fold a row (0 tested, -1 only trained on) and a sentence that says how they came about.

    Without a test part the validation part is tested. None when a training or a tested part is
    missing, or a row belongs to no known split.
    """
    names = [split_name(split) for split in splits]
    counts = Counter(names)
    tested = "test" if counts["test"] else "validation"
    if None in counts or not counts["train"] or not counts[tested]:
        return None, ""
    parts = ", ".join(f"{name} {counts[name]}" for name in sorted(filter(None, counts)))
    note = f"folds from the corpus's splits ({parts}): '{tested}' is tested, the rest trains"
    return [0 if name == tested else ONLY_TRAINED_ON for name in names], note


def fold_numbers(cells: Sequence[str | None], places: Sequence[str]) -> list[int]:
    """The corpus's own folds as integers; folds with names are numbered in alphabetical order.

    -1 marks clips that are only ever trained on. Raises CorpusError when a cell is empty.
    """
    for cell, place in zip(cells, places, strict=True):
        if cell is None:
            raise CorpusError(
                f"{place}: 'fold' is empty; expected a number in every row, -1 for "
                "clips that are only ever trained on"
            )
    texts = [str(cell).strip() for cell in cells]
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        order = {name: number for number, name in enumerate(sorted(set(texts)))}
        return [order[text] for text in texts]
    for number, place in zip(numbers, places, strict=True):
        if number != int(number) or number < ONLY_TRAINED_ON:
            raise CorpusError(
                f"{place}: 'fold' is {number:g}; expected 0, 1, 2... or -1 for "
                "clips that are only ever trained on"
            )
    return [int(number) for number in numbers]
