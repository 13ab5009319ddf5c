"""A session whose every figure is known: what a report is made of, without sound."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from acoustic_sib.report.session import Session, summarize_session
from acoustic_sib.screen.explain import explain
from acoustic_sib.screen.records import Found, Judged, Screened, Segment, Spectrum
from acoustic_sib.screen.reference import SpeakerNorm, SpectrumNorm
from tests.report.example import interval

CLASSES = ("Interdental", "Lateral", "Normal")
SHARE = "multitaper.share_2500_4500.multitaper"
SKEWNESS = "multitaper.skewness.multitaper"
N_BANDS = 36
NORM = SpeakerNorm(centre=0.06, spread=0.03, within=0.04, n_speakers=24)


def card(*, demonstration: bool = False) -> dict[str, Any]:
    return {
        "demonstration": demonstration, "speaker_mode": "held_out", "n_clips": 360,
        "n_speakers": 24, "n_columns": 72, "high_hz": 7840.0, "uar": interval(0.77),
        "classes": {name: {"n_clips": 120} for name in CLASSES},
        "recalls": {name: interval(0.7) for name in CLASSES},
        "coverage": [{"level": 0.9, "covered": interval(0.92), "uncertain": interval(0.5)}],
        "screening": {"sensitivity": {"value": 0.8, "low": 0.7, "high": 0.9},
                      "specificity": {"value": 0.9, "low": 0.8, "high": 0.95}},
        "notes": ["a note of the training"],
    }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What a report asks of a bundle."""

    classes: tuple[str, ...] = CLASSES
    card: Mapping[str, Any] = field(default_factory=card)
    reference: Mapping[str, SpeakerNorm] = field(
        default_factory=lambda: {SHARE: NORM, SKEWNESS: replace(NORM, centre=0.5)}
    )
    spectrum_norm: SpectrumNorm | None = field(
        default_factory=lambda: SpectrumNorm(
            centre=(0.0,) * N_BANDS,
            spread=(3.0,) * N_BANDS,
            within=(4.0,) * N_BANDS,
            n_speakers=24,
        )
    )
    group: str = ""


def spectrum(**levels_db: float) -> Spectrum:
    """Level 0 but for `b<band>`: bands of 200 Hz from 550 Hz, which band 10 begins at 2550 Hz."""
    levels = [levels_db.get(f"b{band}", 0.0) for band in range(N_BANDS)]
    return Spectrum(first_hz=650.0, step_hz=200.0, level_db=tuple(levels))


def judged(
    name: str, *, others: tuple[str, ...] = (), start: float = 0.5, label: str = "",
    language: str = "en", unlike: str = "", shape: Spectrum | None = None,
) -> Judged:  # fmt: skip
    z = {SHARE: 2.6 if name == "Lateral" else 0.1, SKEWNESS: -0.4}
    classes = (name, *others)
    return Judged(
        segment=Segment(start=start, end=start + 0.1, score=0.9, label=label), assessable=True,
        reason="", predicted=name, classes=classes, unlike=unlike, z=z,
        why=explain(name, classes, z, language=language),
        measures={SHARE: NORM.centre + 0.05 * z[SHARE], SKEWNESS: 0.48},
        probabilities={one: 0.8 if one == name else 0.1 for one in CLASSES},
        spectrum=shape or spectrum(b30=8.0),
    )  # fmt: skip


REFUSED = Judged(
    segment=Segment(start=2.5, end=2.6, score=0.5), assessable=False, reason="silent"
)  # fmt: skip


def recording(*sibilants: Judged, name: str = "a.wav", notes: tuple[str, ...] = ()) -> Screened:
    path = Path(name)
    found = Found(file=path, sr=44100, duration_s=3.0, bandwidth_hz=2e4, notes=notes,
                  segments=tuple(one.segment for one in sibilants))  # fmt: skip
    return Screened(file=path, found=found, sibilants=sibilants)


BROKEN = Screened(file=Path("b.wav"), found=None, failure="b.wav: an empty file")
SESSION = Session(
    model="clinic.sib", level=0.9, language="en", made_on="2026-11-26", prevalence=0.23
)  # fmt: skip


def usual(language: str = "en") -> list[Screened]:
    """Two recordings with labelled sounds, one of nothing, one that cannot be read."""
    return [
        recording(
            judged("Normal", label="s", language=language),
            judged("Lateral", label="z", start=1.0, language=language,
                   shape=spectrum(b10=12.0, b11=12.0, b20=-15.0)),
            judged("Normal", others=("Lateral",), label="s", start=1.5, language=language,
                   unlike="centre of gravity 4 SD too high"),
            REFUSED, notes=("too narrow a band",),
        ),
        recording(judged("Normal", label="s", language=language), name="c.wav"),
        recording(name="d.wav"),
        BROKEN,
    ]  # fmt: skip


def page(
    screened: list[Screened] | None = None, bundle: Bundle | None = None, **changes: Any
) -> dict[str, Any]:
    session = replace(SESSION, **changes)
    screened = usual(session.language) if screened is None else screened
    return summarize_session(screened, bundle or Bundle(), session)
