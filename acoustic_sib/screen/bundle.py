"""A model bundle: one `.sib` file with numbers to judge by, a card, and the pipeline they are from.

Judging needs the plain numbers alone, so neither scikit-learn nor skops is imported for it. The
pipeline is kept for researchers: `Bundle.pipeline()`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acoustic_sib.errors import BundleError
from acoustic_sib.screen.affine import Affine, Floats
from acoustic_sib.screen.allowed import OURS, check_allowed
from acoustic_sib.screen.card_json import check_card
from acoustic_sib.screen.conformal import Conformal
from acoustic_sib.screen.familiar import Familiar
from acoustic_sib.screen.limits import Ranges
from acoustic_sib.screen.model_json import model_from_json
from acoustic_sib.screen.reference import EVERYONE, Norms, SpectrumNorm, closest_group
from acoustic_sib.screen.sealed import read_json, seal, unseal
from acoustic_sib.version import __version__, code_version

if TYPE_CHECKING:
    from acoustic_sib.features.recipe import Recipe

FORMAT = "acoustic-sib/bundle@2"
MODEL, CARD, PIPELINE = "model.json", "card.json", "pipeline.skops"
MEMBERS = frozenset({MODEL, CARD, PIPELINE})
_UNBUILT = (ValueError, KeyError, TypeError, AttributeError, ImportError, MemoryError)
"""What skops and NumPy raise on arrays and attributes that do not fit the types they are of."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A trained model with all that judging needs, the `Model` of screen/predict.py.

    `norms`: norms of the Normal speakers by group, of all of them under ''; `spectra`: of their
    average spectra. `group`: whose norms are the reference (not written). `skops`: the pipeline as
    a skops file in memory, not interpreted.
    """

    classes: tuple[str, ...]
    columns: tuple[str, ...]
    recipe: "Recipe"
    affine: Affine
    conformal: Conformal
    familiar: Familiar
    limits: Ranges
    norms: Mapping[str, Norms]
    spectra: Mapping[str, SpectrumNorm]
    card: Mapping[str, Any]
    skops: bytes = field(repr=False)
    group: str = EVERYONE

    @property
    def reference(self) -> Norms:
        """Norms of the Normal speakers of `group`; empty where the corpus has too few, or no such
        class."""
        return self.norms.get(self.group, {})

    @property
    def spectrum_norm(self) -> SpectrumNorm | None:
        """The average spectrum of the Normal speakers of `group`, where it is known."""
        return self.spectra.get(self.group)

    def compared_with(self, **groups: str) -> "Bundle":
        """The bundle with another reference, such as sex='f', age_group='child': the Normal
        speakers of both, else of the first that is known, else all."""
        return replace(self, group=closest_group(self.norms, groups))

    def probabilities(self, values: Floats) -> Floats:
        """Calibrated probabilities (n, classes) of rows in the order of `columns`."""
        return self.affine.probabilities(np.asarray(values, dtype=np.float64))

    def sets(self, probabilities: Floats, level: float) -> list[tuple[str, ...]]:
        """The conformal set of each row at a level of 0..1: every class not ruled out."""
        inside = self.conformal.members(np.asarray(probabilities), level)
        return [
            tuple(name for name, kept in zip(self.classes, row, strict=True) if kept)
            for row in inside
        ]

    def unlike(self, values: Floats, language: str = "en") -> list[str]:
        """For each row why it is unlike any training clip, "" where it is not."""
        standardized = self.affine.standardized(np.asarray(values, dtype=np.float64))
        return self.familiar.unlike(standardized, self.columns, language)

    def pipeline(self) -> Any:
        """The fitted scikit-learn pipeline, before calibration. Raises BundleError unless it is
        made of the few types that `train` uses."""
        check_allowed(self.skops, PIPELINE)
        from skops.io import loads
        from skops.io.exceptions import UntrustedTypesFoundException

        try:
            return loads(self.skops, trusted=list(OURS))
        except (UntrustedTypesFoundException, *_UNBUILT) as error:
            reason = " ".join(str(error).split())[:120]
            raise BundleError(f"{PIPELINE}: skops cannot rebuild it ({reason}); expected the "
                              "versions named in the card") from None  # fmt: skip


def write_bundle(bundle: Bundle, path: Path) -> None:
    """Write the bundle, whole or not at all; the same bundle always makes the same file."""
    members = {
        MODEL: _json(_model_as_json(bundle)), CARD: _json(dict(bundle.card)),
        PIPELINE: bundle.skops,
    }  # fmt: skip
    seal(members, {"format": FORMAT, "version": __version__, "features": code_version()}, path)


def read_bundle(path: Path) -> Bundle:
    """Read a bundle from anybody; nothing of it is run.

    Raises BundleError, in one sentence, for what is no bundle, is damaged or tampered with, was
    made for other measures, or holds a pipeline of unknown types.
    """
    manifest, members = unseal(Path(path), MEMBERS)
    found = manifest.get("format")
    if found != FORMAT:
        raise BundleError(f"{path}: bundle format {str(found)[:40]!r}; expected '{FORMAT}': was it "
                          "made by another version of acoustic-sib?")  # fmt: skip
    if manifest.get("features") != code_version():
        raise BundleError(f"{path}: {_other_measures(manifest.get('version'))}; expected the same, "
                          "or its model is asked about numbers it does not know: train it "
                          "anew")  # fmt: skip
    check_allowed(members[PIPELINE], f"{path}: {PIPELINE}")
    card = read_json(members[CARD], f"{path}: {CARD}")
    place = f"{path}: {MODEL}"
    parts = model_from_json(read_json(members[MODEL], place), place)
    check_card(card, parts["classes"], f"{path}: {CARD}")
    return Bundle(**parts, card=card, skops=members[PIPELINE])


def _other_measures(version: Any) -> str:
    if version == __version__:
        return (f"the measures of acoustic-sib have changed since it was made, although both are "
                f"version {__version__}")  # fmt: skip
    return (f"made with acoustic-sib {str(version)[:20]!r}, whose measures are not those of this "
            f"one ({__version__})")  # fmt: skip


def _model_as_json(bundle: Bundle) -> dict[str, Any]:
    return {
        "classes": bundle.classes, "columns": bundle.columns, "recipe": asdict(bundle.recipe),
        "affine": _plain(asdict(bundle.affine)),
        "conformal": [_plain(asdict(one)) for one in bundle.conformal.of_class],
        "familiar": _plain(asdict(bundle.familiar)), "limits": asdict(bundle.limits),
        "norms": {
            group: {name: asdict(norm) for name, norm in norms.items()}
            for group, norms in bundle.norms.items()
        },
        "spectra": {group: asdict(norm) for group, norm in bundle.spectra.items()},
    }  # fmt: skip


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in values.items()}  # fmt: skip


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
