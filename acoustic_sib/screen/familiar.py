"""Is a clip like any that the model was trained on? If not: in which measures?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from acoustic_sib.screen.affine import Floats
from acoustic_sib.screen.measure_names import measure_words
from acoustic_sib.screen.wording import decimal, say

FAR_SD = 3.0
MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Familiar:
    """Class centres (classes, columns) in standardised columns, the inverse of the spread about
    them (columns, columns), and the largest distance that a training clip of an unheard speaker
    has but for one in a hundred.

    The distance is Mahalanobis' to the nearest centre over the root of the number of columns:
    about 1 for a clip like the training clips.
    """

    centres: Floats
    precision: Floats
    limit: float

    def distances(self, standardized: Floats) -> Floats:
        """Distance (n,) of clips in the columns of `Affine.standardized`."""
        apart = standardized[:, None, :] - self.centres[None]
        squared = np.einsum("nci,ij,ncj->nc", apart, self.precision, apart, optimize=True)
        found: Floats = np.sqrt(np.maximum(squared.min(axis=1), 0) / standardized.shape[1])
        return found

    def unlike(
        self, standardized: Floats, columns: Sequence[str], language: str = "en"
    ) -> list[str]:
        """For each clip why it is unlike the training clips, "" where it is like them."""
        distances = self.distances(standardized)
        return [
            self._words(row, distance, columns, language) if distance > self.limit else ""
            for row, distance in zip(standardized, distances, strict=True)
        ]

    def _words(self, row: Floats, distance: float, columns: Sequence[str], language: str) -> str:
        nearest = self.centres[np.argmin(((row - self.centres) ** 2).sum(axis=1))]
        apart = row - nearest
        named: dict[str, str] = {}
        for i in np.argsort(-np.abs(apart), kind="stable"):
            if abs(apart[i]) < FAR_SD or len(named) == MOST_NAMED:
                break
            # One thing measured in two spectra is one thing to a reader.
            name = measure_words(columns[i], language)
            named.setdefault(name, say(language, "too_high" if apart[i] > 0 else "too_low",
                                       name=name, sd=abs(apart[i])))  # fmt: skip
        reason = ", ".join(named.values()) or say(language, "unlike_together")
        return say(language, "unlike", times=decimal(language, distance / self.limit, 1),
                   reason=reason)  # fmt: skip
