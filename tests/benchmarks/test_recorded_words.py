"""How many sibilants does the search find in recorded words of which the text is known?"""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binomtest

from acoustic_sib.errors import AudioError
from acoustic_sib.screen.detect import find_sibilants
from tests.benchmarks.recorded_words import Named, recorded_words
from tests.benchmarks.tables import write_report_table

RESAMPLED = 2000
Counted = tuple[Named, int]
"""A recording and the number of sibilants found in it."""


def told(counted: Sequence[Counted], text_has: int, found: Sequence[int]) -> tuple[int, int]:
    """Of the recordings whose text has so many sibilants, in how many are so many found."""
    own = [n for one, n in counted if one.sibilants == text_has]
    return sum(n in found for n in own), len(own)


def of_words(n: int, of: int) -> str:
    """A share and its Wilson interval over words."""
    interval = binomtest(n, of).proportion_ci(method="wilson")
    return f"{n / of:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def of_speakers(pairs: Sequence[tuple[int, int]]) -> str:
    """The mean of the speakers' shares and its interval from resampling them (percentiles)."""
    shares = np.array([n / of for n, of in pairs])
    drawn = np.random.default_rng(5).integers(len(shares), size=(RESAMPLED, len(shares)))
    low, high = np.percentile(shares[drawn].mean(axis=1), [2.5, 97.5])
    return f"{shares.mean():.2f} [{low:.2f}, {high:.2f}]"


def test_shares_of_words_and_of_speakers() -> None:
    """By hand; Wilson's interval for 5 of 10 is .237 to .763 (Newcombe 1998, formula 3)."""
    assert of_words(5, 10) == "0.50 [0.24, 0.76]"
    assert of_speakers([(1, 4), (2, 8)]) == "0.25 [0.25, 0.25]"


@pytest.mark.bench
def test_recorded_words() -> None:
    counted: list[Counted] = []
    for one in recorded_words():
        try:
            counted.append((one, len(find_sibilants(one.path).segments)))
        except AudioError as error:  # A few of them are empty.
            print(error)
    many = range(2, 100)
    kinds = [(0, range(1, 100)), (1, (1,)), (1, (0,)), (1, many)]
    rows, shares = [], []
    for language in sorted({one.language for one, _ in counted}):
        own = [(one, n) for one, n in counted if one.language == language]
        pairs = [told(own, text_has, found) for text_has, found in kinds]
        shares.append(pairs)
        rows.append([language, f"{pairs[0][1]}", of_words(*pairs[0]), f"{pairs[1][1]}",
                     *(of_words(*pair) for pair in pairs[1:])])  # fmt: skip
        print(*rows[-1], flush=True)
    columns = list(zip(*shares, strict=True))
    n_words = [str(sum(of for _, of in column)) for column in columns[:2]]
    means = [of_speakers(column) for column in columns]
    rows.append(["mean of languages", n_words[0], means[0], n_words[1], *means[1:]])
    write_report_table(
        "recorded_words", "Sibilants counted in recorded words",
        "python -m pytest -m bench -s tests/benchmarks/test_recorded_words.py",
        ["language", "recordings without a sibilant", "in these something found [95 %]",
         "recordings with one", "one found [95 %]", "none found [95 %]", "more found [95 %]"],
        rows,
        ["Recordings of people, one voice a language (as far as it is told): the names of Tux "
         "Paint's stamps, a word to three, 1 to 2 s, by volunteers. Only their texts "
         "are known: espeak-ng says which sounds a text has, nobody has listened, and who says it "
         "otherwise counts as an error of the search. Texts with an affricate are left out; what "
         "is affricated or devoiced in speech alone ([t] in Danish, [tʲ], French [ti], final "
         "[ʁ]) counts as false.",
         "What they lie on, where the forced alignment of the trial below placed phones (300 "
         "recordings a speaker, with sibilants and without; six French ones looked at in "
         "spectrograms): fr t 24, f 22, i 18, pauses 9, j 8, k 7 of 107; el c 16, ɣ 10, j 9, i 7, "
         "x 6, ç 5 of 75.",
         "Nothing of them was trained on or chosen by. es, and less so bg, went through a noise "
         "suppression that left little of some sibilants (seen in spectrograms), and holes.",
         "Words are searched without a prompt here; with `--expect N` never more than N are given.",
         "Whether such speech helps the search: a forced alignment (hidden Markov models of "
         "phones, each speaker's own) of 2100 recordings by seven speakers (five of these, a "
         "Belarusian, one of a Czech game) was learnt from together with the other training "
         "speech. "
         "On speakers held out, F1 was .68 [.57, .78] with it and .70 [.63, .77] without, against "
         "labels that the search trained on them agrees with at .77; on 33 of MBROLA's voices "
         ".877 (changed copies .771) with it, .881 (.783) without; with the 729 recordings "
         "without a sibilant alone, .874 (.765), and .84 for .88 on speechocean. So it was left. "
         "(In that trial these recordings' periodicity was read at other lags than the other "
         "speech's, a median of .01 apart.)",
         "Intervals: of a language Wilson's over words, of the mean percentiles of 2000 "
         "resamplings of languages."],
    )  # fmt: skip
    assert len(rows) > 5
