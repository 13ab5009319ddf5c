"""The built-in demo corpus: synthetic sibilants of synthetic speakers, and switches for faults.

It stands in for the corpus of the question (1057 clips: 580 Lateral, 243 Normal, 234 Interdental;
median 0.16 s) so that the check can be tried and tested without anyone's voice.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import soundfile
from numpy.typing import NDArray
from scipy.signal import firwin, oaconvolve
from scipy.special import ndtr

from acoustic_sib.corpus.fricatives import MANNERS, SR, Manner, Token, Voice, synthesize
from acoustic_sib.errors import CorpusError
from acoustic_sib.tables import write_csv, write_text

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

COUNTS: Mapping[str, int] = {"Lateral": 580, "Normal": 243, "Interdental": 234}
MARK = "SYNTHETIC.txt"
MARK_TEXT = (
    "SYNTHETIC. Every clip in this folder is noise through a source-filter model of /s/ and /z/\n"
    "made by acoustic_sib. No human speech, no speaker, no lisp: it shows how the check works.\n"
    "No figure measured on it says anything about real sibilants.\n"
)
DURATION_MEDIAN_S, DURATION_SPREAD = 0.16, 0.38
SHORTEST_S, LONGEST_S = 0.04, 0.45


@dataclass(frozen=True, kw_only=True)
class SynthFaults:
    """Faults to plant; each must be caught by the check or the audit.

    `shuffled_labels`: labels moved among all clips (among speakers where each has one), so nothing
    can be learnt. `shuffled_within_speakers`: moved among the clips of each speaker: a speaker's
    share of each class stays true, so speakers can still be told, clips no longer. `shortcut`:
    class decides duration, level or bandwidth; without `keep_signal` the spectrum no longer depends
    on the class. `duplicates_across_speakers`: that many clips are copies of another speaker's clip
    of the same class. `duplicates_across_labels`: that many clips hold the very sound of a clip of
    another class, their label left as it was. `swapped_speakers`: speakers whose Normal and Lateral
    labels are exchanged. `mislabelled_share`: share of clips under a random other label.
    `broken_files`: files that cannot be read. `durations_s`: clips last anything between these two
    whatever their class: with a wide span, how much of a window a clip fills says
    more of its padded mean than its sound does. `evidence_above_hz`: all clips are Normal in sound,
    but for the level above this frequency, which the class decides.
    """

    shuffled_labels: bool = False
    shuffled_within_speakers: bool = False
    shortcut: Literal["duration", "level", "bandwidth"] | None = None
    keep_signal: bool = True
    duplicates_across_speakers: int = 0
    duplicates_across_labels: int = 0
    swapped_speakers: int = 0
    one_label_per_speaker: bool = False
    mislabelled_share: float = 0.0
    broken_files: int = 0
    durations_s: tuple[float, float] | None = None
    evidence_above_hz: float | None = None


NO_FAULTS = SynthFaults()


def make_demo_corpus(
    folder: Path, *, seed: int = 0, faults: SynthFaults = NO_FAULTS, n_speakers: int = 42,
    counts: Mapping[str, int] = COUNTS, progress: Progress | None = None,
) -> Path:  # fmt: skip
    """Write the corpus as an audiofolder (`metadata.csv`, 16-bit WAV at 44.1 kHz) into `folder`.

    An earlier synthetic corpus there is replaced; any other folder with content is refused with
    a CorpusError. The same seed and switches give the same files.
    """
    unknown = set(counts) - set(MANNERS)
    if unknown:
        raise CorpusError(f"demo corpus: class '{min(unknown)}' has no synthesiser; expected "
                          f"{', '.join(MANNERS)}")  # fmt: skip
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise CorpusError(f"{folder}: holds files that are not a demo corpus (no {MARK}); expected "
                          "a new or empty folder: nothing was changed")  # fmt: skip
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as beside:
        made = Path(beside) / "corpus"
        _write(made, seed, faults, n_speakers, counts, progress)
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    return folder


def _write(
    folder: Path, seed: int, faults: SynthFaults, n_speakers: int, counts: Mapping[str, int],
    progress: Progress | None,
) -> None:  # fmt: skip
    speakers = _speakers(np.random.default_rng([seed, 3]), n_speakers)
    voices = {name: voice for name, (voice, _) in speakers.items()}
    table = _plan(seed, faults, {name: facts for name, (_, facts) in speakers.items()}, counts)
    (folder / "clips").mkdir(parents=True)
    for position, row in enumerate(table.to_dict("records")):
        own = np.random.default_rng([seed, 4, row["sound"]])
        voice = voices[row["voice"]]
        token = _token(row["manner"], row["phone"] == "z", voice, faults, own)
        samples = _with_evidence_above(synthesize(token, voice, own), row["manner"], faults)
        samples = _with_shortcut(samples, row["manner"], faults)
        soundfile.write(folder / row["file_name"], samples, SR, subtype="PCM_16")
        if progress is not None:
            progress(position + 1, len(table))
    for name in table["file_name"].head(faults.broken_files):
        (folder / name).write_bytes(b"not a sound")
    write_csv(table.drop(columns=["manner", "voice", "sound"]), folder / "metadata.csv")
    write_text(folder / MARK, MARK_TEXT)


def _speakers(rng: np.random.Generator, n: int) -> dict[str, tuple[Voice, dict[str, str]]]:
    """Voices by name: a third women, a third men, a third children."""
    woman, man = ("f", "adult", 1.0, 205.0), ("m", "adult", 0.84, 118.0)
    girl, boy = ("f", "child", 1.10, 260.0), ("m", "child", 1.08, 255.0)
    kinds = (woman, man, girl, woman, man, boy)
    found = {}
    for number in range(n):
        sex, age_group, scale, f0 = kinds[number % len(kinds)]
        voice = Voice(
            front_cavity=scale * float(np.exp(rng.normal(0, 0.06))),
            f0_hz=f0 * float(np.exp(rng.normal(0, 0.1))),
            level_db=float(rng.normal(-27, 4)),
            tilt_db=float(rng.normal(0, 1.2)),
            noise_db=float(rng.uniform(-72, -58)),
            habit=float(rng.normal(0, 1)),
        )
        found[f"spk{number:02d}"] = (voice, {"sex": sex, "age_group": age_group})
    return found


def _plan(
    seed: int, faults: SynthFaults, about: Mapping[str, dict[str, str]], counts: Mapping[str, int]
) -> pd.DataFrame:
    """One row a clip. `manner`, `voice` and `sound` say what is heard; `label` and `speaker` what
    is written beside it. Faults have random numbers of their own: the rest stays as it was."""
    rng, fault_rng = (np.random.default_rng([seed, stream]) for stream in (5, 6))
    names = np.array(sorted(about))
    deal = _one_label_each if faults.one_label_per_speaker else _crossed
    speakers = deal(rng, names, counts)
    manners = np.repeat(list(counts), list(counts.values()))
    order = rng.permutation(len(manners))
    table = pd.DataFrame({"manner": manners[order], "speaker": speakers[order]})
    table["file_name"] = [f"clips/clip_{number:04d}.wav" for number in range(len(table))]
    table["phone"] = np.where(rng.random(len(table)) < 0.6, "s", "z")
    for fact in ("sex", "age_group"):
        table[fact] = [about[name][fact] for name in table["speaker"]]
    table["voice"] = table["speaker"]
    table["sound"] = np.arange(len(table))
    table["label"] = table["manner"]
    _duplicate(table, fault_rng, faults.duplicates_across_speakers)
    table["label"] = _labels(table, fault_rng, faults, names)
    _contradict(table, fault_rng, faults.duplicates_across_labels)
    first = ["file_name", "label", "speaker", "phone", "sex", "age_group"]
    return table[[*first, "manner", "voice", "sound"]]


def _crossed(
    rng: np.random.Generator, names: NDArray[np.str_], counts: Mapping[str, int]
) -> NDArray[np.str_]:
    """Each class dealt to the speakers unevenly; nearly every speaker says several."""
    dealt = []
    for count in counts.values():
        share = rng.gamma(1.5, size=len(names))
        dealt.append(rng.choice(names, count, p=share / share.sum()))
    return np.concatenate(dealt)


def _one_label_each(
    rng: np.random.Generator, names: NDArray[np.str_], counts: Mapping[str, int]
) -> NDArray[np.str_]:
    """Speakers dealt to the classes by their sizes, at least two a class."""
    if len(names) < 2 * len(counts):
        raise CorpusError(f"demo corpus: {len(names)} speakers for {len(counts)} classes; expected "
                          "at least two a class")  # fmt: skip
    sizes = np.array(list(counts.values()), dtype=float)
    shares = sizes / sizes.sum() * (len(names) - 2 * len(sizes))
    n_speakers = 2 + np.floor(shares).astype(int)
    n_speakers[np.argmax(sizes)] += len(names) - n_speakers.sum()
    parts = np.split(rng.permutation(names), np.cumsum(n_speakers)[:-1])
    return np.concatenate([
        rng.choice(part, count) for part, count in zip(parts, counts.values(), strict=True)
    ])  # fmt: skip


def _duplicate(table: pd.DataFrame, rng: np.random.Generator, n: int) -> None:
    """Let `n` clips be copies of another speaker's clip of the same class."""
    copies = rng.permutation(len(table))[:n]
    manners, speakers = (table[name].to_numpy(dtype=str) for name in ("manner", "speaker"))
    original = np.ones(len(table), dtype=bool)
    original[copies] = False
    for copy in copies:
        alike = original & (manners == manners[copy]) & (speakers != speakers[copy])
        source = int(rng.choice(np.flatnonzero(alike)))
        heard = ["voice", "sound", "phone"]
        table.loc[copy, heard] = table.loc[source, heard].to_numpy()


def _contradict(table: pd.DataFrame, rng: np.random.Generator, n: int) -> None:
    """Let `n` clips hold the sound of a clip of another label."""
    copies = rng.permutation(len(table))[:n]
    labels = table["label"].to_numpy(dtype=str)
    original = np.ones(len(table), dtype=bool)
    original[copies] = False
    for copy in copies:
        source = int(rng.choice(np.flatnonzero(original & (labels != labels[copy]))))
        heard = ["manner", "voice", "sound", "phone"]
        table.loc[copy, heard] = table.loc[source, heard].to_numpy()


def _labels(
    table: pd.DataFrame, rng: np.random.Generator, faults: SynthFaults, names: NDArray[np.str_]
) -> NDArray[np.str_]:
    labels = table["manner"].to_numpy(dtype=str)
    speakers = table["speaker"].to_numpy(dtype=str)
    if faults.shuffled_labels and faults.one_label_per_speaker:
        present = np.unique(speakers)
        own = {name: labels[speakers == name][0] for name in present}
        moved = dict(zip(present, rng.permutation([own[name] for name in present]), strict=True))
        labels = np.array([moved[name] for name in speakers])
    elif faults.shuffled_labels:
        labels = rng.permutation(labels)
    if faults.shuffled_within_speakers:
        for name in names:
            labels[speakers == name] = rng.permutation(labels[speakers == name])
    exchanged = {"Normal": "Lateral", "Lateral": "Normal"}
    for name in rng.permutation(names)[: faults.swapped_speakers]:
        here = speakers == name
        labels[here] = [exchanged.get(label, label) for label in labels[here]]
    wrong = rng.permutation(len(labels))[: round(faults.mislabelled_share * len(labels))]
    for clip in wrong:
        labels[clip] = rng.choice([name for name in np.unique(labels) if name != labels[clip]])
    return labels


def _token(
    manner: Manner, voiced: bool, voice: Voice, faults: SynthFaults, rng: np.random.Generator
) -> Token:
    drawn = rng.normal(0, DURATION_SPREAD)
    duration = float(np.clip(DURATION_MEDIAN_S * np.exp(drawn), SHORTEST_S, LONGEST_S))
    if faults.durations_s is not None:
        # The same draw as a share, so that all else stays as it was.
        duration = float(np.interp(ndtr(drawn / DURATION_SPREAD), (0, 1), faults.durations_s))
    if faults.shortcut == "duration":
        centre = {"Normal": 0.09, "Lateral": 0.16, "Interdental": 0.28}[manner]
        duration = float(np.clip(centre * np.exp(rng.normal(0, 0.12)), SHORTEST_S, LONGEST_S))
    # A speaker's habit moves all their lisped sounds; the rest differs from clip to clip.
    degree = float(np.clip(0.49 + 0.14 * voice.habit + rng.normal(0, 0.27), 0.0, 1.25))
    weak = {"Normal": 0.0, "Lateral": -1.0, "Interdental": -3.0}[manner]
    alike = faults.evidence_above_hz is not None or not (
        faults.shortcut is None or faults.keep_signal
    )
    heard: Manner = "Normal" if alike else manner
    return Token(
        manner=heard, degree=degree, duration_s=duration, voiced=voiced,
        shift=float(rng.normal(0, 0.07)), brightness_db=float(rng.normal(0, 3.5)),
        gain_db=float(rng.normal(weak, 3.0)),
    )  # fmt: skip


def _with_evidence_above(samples: Floats, manner: Manner, faults: SynthFaults) -> Floats:
    """The level above a frequency set by class, a brick wall between the two parts."""
    if faults.evidence_above_hz is None:
        return samples
    gain_db = {"Normal": 0.0, "Lateral": -12.0, "Interdental": -24.0}[manner]
    above = np.fft.rfftfreq(len(samples), 1 / SR) >= faults.evidence_above_hz
    spectrum = np.fft.rfft(samples) * np.where(above, 10 ** (gain_db / 20), 1.0)
    changed: Floats = np.fft.irfft(spectrum, len(samples))
    return changed


def _with_shortcut(samples: Floats, manner: Manner, faults: SynthFaults) -> Floats:
    """Level or bandwidth set by class; the duration is set before the sound is made."""
    if faults.shortcut == "level":
        wanted = {"Normal": -18.0, "Lateral": -28.0, "Interdental": -38.0}[manner]
        scaled: Floats = samples * 10 ** (wanted / 20) / np.sqrt(np.mean(samples**2))
        return np.clip(scaled, -0.98, 0.98)
    if faults.shortcut == "bandwidth":
        top_hz = {"Normal": None, "Lateral": 15_500.0, "Interdental": 12_500.0}[manner]
        if top_hz is not None:
            wall = firwin(511, top_hz, fs=SR, window=("kaiser", 8.0))
            limited: Floats = oaconvolve(samples, wall, mode="same")
            return limited
    return samples
