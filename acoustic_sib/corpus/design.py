"""Audit of the design: how clips, classes, speakers and folds stand to one another."""

import pandas as pd

from acoustic_sib.corpus.findings import Finding, Row, counted, finding, listed, quartiles, some
from acoustic_sib.tables import ONLY_TRAINED_ON

IMBALANCED = 1.5
"""Largest over smallest class above which imbalance is worth a note."""
FEW_CLIPS = 10
FEW_SPEAKERS = 5
"""Speakers of a class below which five folds cannot each hold one out."""
DOMINANT_SHARE = 1 / 3

ADD_SPEAKERS = ("add a speaker column (or corpus.speaker_pattern, a pattern in the files' names), "
                "so that whole speakers can be held out")  # fmt: skip


def classes_table(clips: pd.DataFrame) -> list[Row]:
    rows = []
    for label, own in clips.groupby("label", sort=True):
        row: Row = {"label": label, "clips": len(own), "share": len(own) / len(clips)}
        if "speaker" in clips:
            row["speakers"] = int(own["speaker"].nunique())
        duration = quartiles(own["duration_s"])
        rows.append({**row, "duration_q1_s": duration["q1"], "duration_median_s":
                     duration["median"], "duration_q3_s": duration["q3"]})  # fmt: skip
    return rows


def speakers_table(clips: pd.DataFrame) -> list[Row]:
    """Clips of each speaker, by class; empty where no speaker is known."""
    if "speaker" not in clips:
        return []
    counts = pd.crosstab(clips["speaker"], clips["label"])
    return [{"speaker": str(speaker), "clips": int(row.sum()),
             **{str(label): int(n) for label, n in row.items()}}
            for speaker, row in counts.iterrows()]  # fmt: skip


def class_counts(clips: pd.DataFrame, left_out: dict[str, int]) -> list[Finding]:
    """Imbalance with what a constant guess would score, tiny classes, rows left out."""
    counts = clips["label"].value_counts().sort_index()
    n_classes, majority = len(counts), float(counts.max() / counts.sum())
    # A constant guess finds the largest class with recall 1 and precision `majority`.
    macro_f1 = 2 * majority / (1 + majority) / n_classes
    spread = ", ".join(f"{label} {n}" for label, n in counts.items())
    guess = (f"always guessing {counts.idxmax()} scores accuracy {majority:.2f}, UAR "
             f"{1 / n_classes:.2f} and macro-F1 {macro_f1:.2f}")  # fmt: skip
    imbalanced = counts.max() > IMBALANCED * counts.min()
    found = [finding(
        "class_counts", "note" if imbalanced else "ok",
        f"{counted(len(clips), 'clip')} in {counted(n_classes, 'class')} ({spread}); {guess}",
        "judge by UAR, and weight the classes in training" if imbalanced else "",
        counts=counts.to_dict(), majority_accuracy=majority, constant_uar=1 / n_classes,
        constant_macro_f1=macro_f1,
    )]  # fmt: skip
    tiny = counts[counts < FEW_CLIPS]
    if len(tiny):
        each = listed(f"{label} has {counted(n, 'clip')}" for label, n in tiny.items())
        found.append(finding(
            "small_classes", "warn", f"{each}; a recall measured on so few says little",
            "record more, or leave the class out",
            counts=tiny.to_dict(),
        ))  # fmt: skip
    if left_out:
        found.append(finding(
            "left_out", "note",
            f"{counted(sum(left_out.values()), 'row')} left out as the settings say "
            f"({', '.join(f'{label} {n}' for label, n in left_out.items())})", rows=left_out,
        ))  # fmt: skip
    return found


def speakers(clips: pd.DataFrame) -> list[Finding]:
    """Are there speakers, enough of them, and how do classes and speakers cross?"""
    if "speaker" not in clips:
        return [finding(
            "speakers", "warn",
            "no speaker is known: a speaker's clips will stand in training and test alike, and "
            "every figure can be too high for a new speaker", ADD_SPEAKERS,
        )]  # fmt: skip
    counts = pd.crosstab(clips["speaker"], clips["label"])
    per_class = (counts > 0).sum().sort_index()
    return [_enough_speakers(counts, per_class), _crossing(counts), *_dominant(counts),
            *_spellings(counts)]  # fmt: skip


def _enough_speakers(counts: pd.DataFrame, per_class: pd.Series) -> Finding:
    each = ", ".join(f"{label} {n}" for label, n in per_class.items())
    says = f"{counted(len(counts), 'speaker')} (by class: {each})"
    evidence: Row = {"n_speakers": len(counts), "per_class": per_class.to_dict()}
    fewest = int(per_class.min())
    if fewest == 1:
        alone = listed(per_class.index[per_class == 1])
        return finding(
            "speakers", "fail",
            f"{says}; {alone} comes from one speaker, so class and voice cannot be told apart",
            "record more speakers of it, or leave the class out", **evidence,
        )  # fmt: skip
    if fewest < FEW_SPEAKERS:
        return finding(
            "speakers", "warn", f"{says}; with so few, one unusual speaker decides a figure",
            "add speakers rather than clips", **evidence,
        )  # fmt: skip
    return finding("speakers", "ok", says, **evidence)


def _crossing(counts: pd.DataFrame) -> Finding:
    several = (counts > 0).sum(axis=1) > 1
    n, n_several = len(several), int(several.sum())
    evidence: Row = {"n_speakers": n, "n_with_several_classes": n_several}
    if n_several == n:
        return finding(
            "classes_per_speaker", "ok",
            f"crossed: every one of {n} speakers has clips of several classes, so voice alone "
            "cannot give the label; standardising per speaker is open, and labels are permuted "
            "within speakers", design="crossed", **evidence,
        )  # fmt: skip
    if n_several == 0:
        return finding(
            "classes_per_speaker", "note",
            f"one label per speaker: each of {n} speakers has clips of one class only, so the "
            "label goes with voice, room and device; only held-out speakers test it, standardising "
            "per speaker would erase the answer, and whole speakers are permuted",
            "hold speakers out, count speakers rather than clips, and compare recording conditions "
            "by class", design="one_label", **evidence,
        )  # fmt: skip
    return finding(
        "classes_per_speaker", "note",
        f"mixed: {n_several} of {n} speakers have clips of several classes, {n - n_several} of one "
        "only; standardising per speaker takes part of the answer from those, and the permutation "
        "moves labels within the former and whole labels among the latter",
        "read the figures of the two kinds of speakers apart", design="mixed", **evidence,
    )  # fmt: skip


def _dominant(counts: pd.DataFrame) -> list[Finding]:
    """Speakers who give more than a third of the clips, or of a class, among at least four."""
    shares = {"the clips": counts.sum(axis=1) / counts.to_numpy().sum()}
    shares.update({str(label): counts[label] / counts[label].sum() for label in counts})
    found = {what: (share.idxmax(), float(share.max())) for what, share in shares.items()
             if (share > 0).sum() > 3 and share.max() > DOMINANT_SHARE}  # fmt: skip
    if not found:
        return []
    says = listed(f"{share:.0%} of {what} come from {who}" for what, (who, share) in found.items())
    return [finding("dominant_speakers", "note", f"{says}: the figures lean on that voice",
                    "weight speakers alike, or look at the figure without them",
                    shares={what: share for what, (_, share) in found.items()})]  # fmt: skip


def _spellings(counts: pd.DataFrame) -> list[Finding]:
    """Speakers whose names differ by case, blanks or leading zeros only."""
    names = pd.Series(counts.index.astype(str))
    plain = names.str.strip().str.casefold().str.replace(r"[\s_-]+", "", regex=True)
    plain = plain.str.replace(r"(?<!\d)0+(?=\d)", "", regex=True)
    alike = [list(group) for _, group in names.groupby(plain) if len(group) > 1]
    if not alike:
        return []
    return [finding(
        "speaker_names", "warn",
        f"{counted(len(alike), 'group')} of speaker names differ only in spelling, such as "
        f"{listed(alike[0])}; if they are one person, the speaker leaks across folds",
        "write each speaker one way", names=alike[:5],
    )]  # fmt: skip


def fold_plan(clips: pd.DataFrame, folds: pd.DataFrame | None) -> list[Finding]:
    """Speakers and classes across the folds of a plan."""
    if folds is None:
        return []
    placed = folds.merge(clips, on="clip_id", validate="many_to_one")
    tested = placed[placed["fold"] != ONLY_TRAINED_ON]
    sizes = tested.groupby(["repeat", "fold"]).size()
    found = []
    if "speaker" in clips:
        found.append(_speaker_folds(placed))
    present = tested.groupby(["repeat", "fold"])["label"].nunique()
    lacking = present[present < clips["label"].nunique()]
    per_repeat = sizes.groupby("repeat").size()
    says = (f"{counted(len(per_repeat), 'repeat')} of {listed(sorted(set(per_repeat)))} folds, "
            f"{sizes.min()} to {sizes.max()} clips in each")  # fmt: skip
    evidence: Row = {"n_repeats": len(per_repeat), "smallest": sizes.min(), "largest": sizes.max(),
                "only_trained_on": int((placed["fold"] == ONLY_TRAINED_ON).sum())}  # fmt: skip
    if len(lacking):
        return [*found, finding(
            "fold_classes", "warn",
            f"{says}; {len(lacking)} of {len(sizes)} folds lack a class, so a fold's own figures "
            "mean little", "use fewer folds, or stratify", **evidence,
        )]  # fmt: skip
    return [*found, finding("fold_classes", "ok", f"{says}; every fold tests every class",
                            **evidence)]  # fmt: skip


def _speaker_folds(placed: pd.DataFrame) -> Finding:
    in_folds = placed.groupby(["repeat", "speaker"])["fold"].nunique()
    split = sorted(set(in_folds[in_folds > 1].index.get_level_values("speaker")))
    n = int(placed["speaker"].nunique())
    if not split:
        return finding("fold_speakers", "ok", f"each of {n} speakers stands in one fold of each "
                       "repeat: tested speakers are unheard in training", n_speakers=n)  # fmt: skip
    return finding(
        "fold_speakers", "fail",
        f"{len(split)} of {n} speakers stand in several folds of a repeat ({listed(split)}): they "
        "are heard in training and tested",
        "use a speaker-grouped plan; figures from this one do not hold for new speakers",
        n_speakers=n, n_split=len(split), speakers=some(split),
    )  # fmt: skip
