"""What a foreign system said, in the corpus's class names: classes, probabilities, labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acoustic_sib.corpus.labels import composed
from acoustic_sib.errors import RunError, nearest
from acoustic_sib.ssl.files import shown
from acoustic_sib.ssl.foreign import Said

_SUM_SLACK = 1e-3
MOST_LABELS_APART = 0.1
"""Above this share of other labels than the manifest's, the rows are taken to be of other clips."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`predicted` a row, in the corpus's names, and `probabilities` (rows, `classes`) or None;
    `labels` says how the file's own labels agreed: `checked`, `differ`, `such_as`."""

    predicted: list[str]
    probabilities: NDArray[np.float64] | None
    classes: tuple[str, ...]
    labels: dict[str, Any]
    notes: tuple[str, ...]


def outcome_of(
    said: Said, labels: Sequence[str | None], classes: Sequence[str], *,
    order: Sequence[str] | None = None, rename: Mapping[str, str] | None = None,
) -> Outcome:  # fmt: skip
    """Names, probabilities and the label check of all rows.

    `labels` are the manifest's, None for rows of no clip of it; `order` names the classes in the
    order of their numbers, for columns and classes that have no names; `rename` is the corpus's.
    Raises RunError where a class is unknown or unnamed, outputs are not finite or probabilities
    do not sum to 1, or the labels are not the manifest's.
    """
    notes: list[str] = []
    classes = tuple(classes)
    names = _Names(classes=classes, rename=rename or {})
    numbered = (
        None if order is None else names.all_of(order, "classes in the order of their numbers")
    )
    probabilities = None
    if said.outputs is not None:
        columns = _columns(said, labels, names, numbered, notes)
        # What the columns are called tells nothing of what number a class has elsewhere.
        numbered = columns if numbered is None and said.classes is None else numbered
        by_class = [columns.index(name) for name in classes]
        probabilities = _probabilities(said, notes)[:, by_class]
    if said.predicted is not None:
        predicted = [names.of(name, place, numbered)
                     for name, place in zip(said.predicted, said.places, strict=True)]  # fmt: skip
        notes += _not_most_probable(predicted, probabilities, classes)
    elif probabilities is not None:
        predicted = [classes[code] for code in probabilities.argmax(axis=1)]
    else:
        raise RunError(f"{said.places[0]}: no prediction; expected a class or its probabilities")
    checked = _check_labels(said, labels, names, numbered)
    return Outcome(predicted=predicted, probabilities=probabilities, classes=classes,
                   labels=checked, notes=tuple(notes))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Names:
    """From a foreign class name to the corpus's."""

    classes: tuple[str, ...]
    rename: Mapping[str, str]

    def known(self, name: str) -> str | None:
        """The class of that name, of that name renamed, or of one spelt like it but for case."""
        if name in self.classes:
            return name
        if self.rename.get(name) in self.classes:
            return self.rename[name]
        folded = _folded(name)
        return next((one for one in self.classes if _folded(one) == folded), None)

    def all_of(self, names: Sequence[str], what: str) -> tuple[str, ...]:
        """Each class once, in the order of `names`; raises RunError for any other list."""
        found = [self.known(name) for name in names]
        if None in found or sorted(map(str, found)) != sorted(self.classes):
            raise RunError(f"{what}: {shown(', '.join(names), 120)}; expected each label of the "
                           f"corpus once: {shown(', '.join(self.classes), 200)}")  # fmt: skip
        return tuple(map(str, found))

    def of(self, name: str | None, place: str, numbered: tuple[str, ...] | None) -> str:
        if name is None:
            raise RunError(f"{place}: no class; expected one of {', '.join(self.classes)}")
        found = self.known(name)
        if found is None and (number := _whole(name)) is not None:
            if numbered is None:
                raise RunError(f"{place}: class {number} is a number, and nothing tells its name; "
                               "expected --classes with the names in the order of their numbers, "
                               "or --settings with a config.json that has id2label")  # fmt: skip
            found = numbered[number] if number < len(numbered) else None
        if found is None:
            raise RunError(f"{place}: class '{shown(name)}' is no label of the corpus; "
                           f"{nearest(shown(name), self.classes)}")  # fmt: skip
        return found


def _folded(name: str) -> str:
    return " ".join(composed(name).replace("_", " ").split()).casefold()


def _whole(text: str) -> int | None:
    """The number of a class that has no name: `2`, `2.0`, or transformers' default `LABEL_2`."""
    try:
        number = float(text.removeprefix("LABEL_"))
    except ValueError:
        return None
    return int(number) if number >= 0 and number.is_integer() else None


def refuse_other_count(said: Said, classes: Sequence[str]) -> None:
    """Raise RunError where the outputs have more or fewer columns than the corpus has classes."""
    if said.outputs is not None and said.outputs.shape[1] != len(classes):
        raise RunError(
            f"{said.places[0]}: outputs for {said.outputs.shape[1]} classes, while the corpus has "
            f"{len(classes)} ({shown(', '.join(classes))}); expected one a class: are these hidden "
            "states (acoustic-sib ssl states), or are labels left out in a --config?"
        )


def _columns(
    said: Said, labels: Sequence[str | None], names: _Names, numbered: tuple[str, ...] | None,
    notes: list[str],
) -> tuple[str, ...]:  # fmt: skip
    """The corpus's class of each column of outputs."""
    assert said.outputs is not None
    n_columns = said.outputs.shape[1]
    place = said.places[0]
    numbers: list[int | None] = list(range(n_columns))
    if said.classes is not None:
        numbers = [None if names.known(name) else _whole(name) for name in said.classes]
        if None in numbers:
            return names.all_of(said.classes, f"{place}: classes")
    by_number = dict(enumerate(numbered or _order_by_labels(said, labels, n_columns, names, notes)))
    if set(numbers) != set(by_number):
        raise RunError(f"{place}: columns for the classes {shown(', '.join(said.classes or ()))}; "
                       "expected names, or the numbers 0, 1, 2... once each")  # fmt: skip
    return tuple(by_number[number] for number in numbers if number is not None)


def _order_by_labels(
    said: Said, labels: Sequence[str | None], n_columns: int, names: _Names, notes: list[str]
) -> tuple[str, ...]:
    """The name of each class number, where the file's label numbers tell it without exception."""
    pairs = {(_whole(true), label) for true, label in zip(said.true or (), labels, strict=False)
             if true is not None and label is not None}  # fmt: skip
    by_number = dict(pairs)
    if len(pairs) == n_columns == len(set(by_number.values())) and set(by_number) == set(
        range(n_columns)
    ):
        found = tuple(str(by_number[number]) for number in range(n_columns))
        notes.append(f"order of the classes taken from the labels in the file: {', '.join(found)}")
        return found
    raise RunError(
        f"{said.places[0]}: {n_columns} columns, and nothing tells which class each is; expected "
        f"--classes with the names in their order (such as {','.join(names.classes)}), or "
        "--settings with a config.json that has id2label"
    )


def _probabilities(said: Said, notes: list[str]) -> NDArray[np.float64]:
    """(rows, columns) that sum to 1: the outputs themselves, or their softmax."""
    outputs = np.asarray(said.outputs, dtype=np.float64)
    infinite = ~np.isfinite(outputs).all(axis=1)
    if infinite.any():
        row = int(np.argmax(infinite))
        raise RunError(f"{said.places[row]}: outputs {shown(outputs[row])} ({int(infinite.sum())} "
                       "such rows); expected finite numbers: did the training "
                       "diverge?")  # fmt: skip
    sums = outputs.sum(axis=1)
    wrong = (np.abs(sums - 1) > _SUM_SLACK) | (outputs < 0).any(axis=1) | (
        outputs > 1 + _SUM_SLACK).any(axis=1)  # fmt: skip
    if said.kind == "probabilities":
        if wrong.any():
            row = int(np.argmax(wrong))
            raise RunError(
                f"{said.places[row]}: probabilities {shown(outputs[row])} sum to {sums[row]:.3f} "
                f"({int(wrong.sum())} such rows); expected 0 to 1, and 1 in sum: are they logits "
                "(then: logit_<Class>), or of a sigmoid?"
            )
        return outputs
    if said.kind == "either" and not wrong.any():
        return outputs
    notes.append("logits turned into probabilities (softmax)")
    raised = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _not_most_probable(
    predicted: list[str], probabilities: NDArray[np.float64] | None, classes: tuple[str, ...]
) -> list[str]:
    if probabilities is None:
        return []
    own = probabilities[np.arange(len(predicted)), [classes.index(name) for name in predicted]]
    n_other = int((own < probabilities.max(axis=1) - 1e-6).sum())
    if n_other == 0:
        return []
    return [f"the class predicted is not the most probable one in {n_other} of {len(predicted)} "
            "rows; kept as the file has it"]  # fmt: skip


def _check_labels(
    said: Said, labels: Sequence[str | None], names: _Names, numbered: tuple[str, ...] | None
) -> dict[str, Any]:
    """Hold the file's labels against the manifest's; raises RunError where they are others'."""
    if said.true is None:
        return {"checked": 0, "differ": 0, "such_as": []}
    rows = pd.DataFrame({"place": said.places, "true": said.true, "label": list(labels)})
    rows = rows[rows["true"].notna() & rows["label"].notna()]
    if numbered is None and all(_whole(true) is not None and names.known(true) is None
                                for true in rows["true"]):  # fmt: skip
        return {"checked": 0, "differ": 0, "such_as": []}
    rows["true"] = [names.of(true, place, numbered)
                    for true, place in zip(rows["true"], rows["place"], strict=True)]  # fmt: skip
    other = rows[rows["true"] != rows["label"]]
    if len(other) > MOST_LABELS_APART * len(rows):
        raise RunError(
            f"{other['place'].iloc[0]}: label '{other['true'].iloc[0]}', in the corpus "
            f"'{other['label'].iloc[0]}' ({len(other)} of {len(rows)} rows differ); expected the "
            f"corpus's labels: {_likely_cause(rows)}"
        )
    such_as = [f"{row.place}: {row.true}, in the corpus {row.label}" for row in other.itertuples()]
    return {"checked": len(rows), "differ": len(other), "such_as": such_as}


def _likely_cause(rows: pd.DataFrame) -> str:
    """A class order that would make the labels agree, else the ids."""
    by_label = rows.groupby("true")["label"].agg(["nunique", "first"])
    if (by_label["nunique"] == 1).all() and by_label["first"].is_unique:
        swapped = ", ".join(f"{label} for {true}" for true, label in by_label["first"].items()
                            if label != true)  # fmt: skip
        return f"they agree with {swapped}: are the classes in another order (--classes)?"
    return "are the ids in another order, or of another corpus?"
