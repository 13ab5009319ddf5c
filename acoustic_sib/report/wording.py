"""Numbers as a reader should meet them: named, rounded, with their interval and their n."""

from collections.abc import Mapping, Sequence
from typing import Any

NOT_MEASURABLE = "not measurable"

DISCLAIMER = (
    "Research and measurement aid. Not a diagnosis. A qualified speech-language pathologist must "
    "listen and decide."
)

PERMUTED = {
    "speaker": "the labels of whole speakers were exchanged",
    "within_speaker": "labels were shuffled within each speaker",
    "mixed": "labels were shuffled within speakers who have several and exchanged among speakers "
    "who have one",
    "clip": "labels were shuffled over single clips, as no speaker is known",
}

NUISANCE = {
    "duration_s": "clip length",
    "level_db": "loudness",
    "peak_db": "peak level",
    "noise_floor_db": "background noise",
    "bandwidth_hz": "bandwidth of the recording",
    "silence_share": "share of silence",
    "clipped_share": "share of clipped samples",
    "dc": "DC offset",
    "sr_hz": "sampling rate",
    "n_channels": "number of channels",
    "format": "file format",
}

UNITS = {"s": "s", "ms": "ms", "hz": "Hz", "khz": "kHz", "db": "dB"}

STATUS = {
    "pass": ("✓", "passed", "good"),
    "warn": ("!", "warning", "fair"),
    "fail": ("✗", "failed", "poor"),
    "ok": ("✓", "passed", "good"),
    "note": ("i", "note", "none"),
    "skipped": ("–", "skipped", "none"),
    "found": ("✗", "found", "poor"),
    "not_found": ("✓", "not found", "good"),
    "cannot_tell": ("?", "cannot tell", "none"),
}


def decimal(value: float | None, digits: int = 2) -> str:
    """`value` with a fixed number of decimals and no sign before a zero, or the words for a value
    that there is none of."""
    if value is None:
        return NOT_MEASURABLE
    text = f"{value:.{digits}f}"
    return text if float(text) else text.removeprefix("-")


def percent(share: float) -> str:
    """A level such as 0.95 as `95 %`."""
    return f"{share * 100:.4g} %"


def has_range(interval: Mapping[str, Any]) -> bool:
    return interval["low"] is not None and interval["high"] is not None


def range_text(interval: Mapping[str, Any]) -> str:
    """`0.80 to 0.89`, or that no interval could be measured."""
    if not has_range(interval):
        return NOT_MEASURABLE
    return f"{decimal(interval['low'])} to {decimal(interval['high'])}"


def share_with_range(interval: Mapping[str, Any]) -> str:
    """`0.85 (0.80 to 0.89)`, for drawings and narrow places."""
    if interval["value"] is None:
        return NOT_MEASURABLE
    if not has_range(interval):
        return f"{decimal(interval['value'])} (no interval)"
    return f"{decimal(interval['value'])} ({range_text(interval)})"


def signed(value: float | None, digits: int = 2) -> str:
    """A difference with its sign; zero has none."""
    text = decimal(value, digits)
    if value is None or not float(text):
        return text
    return f"+{text}" if value > 0 else text.replace("-", "−")


def change_with_range(change: Mapping[str, Any]) -> str:
    """`+0.03 (−0.01 to +0.07)`, for differences."""
    if change["value"] is None or not has_range(change):
        return signed(change["value"]) + ("" if change["value"] is None else " (no interval)")
    return f"{signed(change['value'])} ({signed(change['low'])} to {signed(change['high'])})"


def is_interval(value: Any) -> bool:
    """A figure with the ends of its interval, as result.json writes it."""
    return isinstance(value, Mapping) and {"value", "low", "high"} <= set(value)


def full_interval(interval: Mapping[str, Any]) -> str:
    """`0.85 (95 % interval 0.80 to 0.89)`, for sentences."""
    if interval["value"] is None:
        return NOT_MEASURABLE
    return f"{decimal(interval['value'])} ({interval_words(interval)})"


def interval_words(interval: Mapping[str, Any]) -> str:
    """`95 % interval 0.80 to 0.89`, to stand beside the figure."""
    if not has_range(interval):
        return f"interval {NOT_MEASURABLE}"
    return f"{percent(interval['level'])} interval {range_text(interval)}"


def sample_size(interval: Mapping[str, Any]) -> str:
    """`1057 clips of 42 speakers`; only the clips where no speaker is known."""
    clips = plural(interval["n_clips"], "clip")
    if not interval["n_speakers"]:
        return f"{clips}, speakers unknown"
    return f"{clips} of {plural(interval['n_speakers'], 'speaker')}"


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def p_value(value: float | None) -> str:
    """`p = 0.001` with two significant digits, never in powers of ten."""
    if value is None:
        return f"p {NOT_MEASURABLE}"
    if value < 1e-5:
        return "p below 0.00001"
    return f"p = {short_number(value, 2)}"


def short_number(value: float, digits: int = 4) -> str:
    """`value` with that many significant digits but no whole digit lost, written out unless it is
    very large or very small."""
    if 10**digits <= abs(value) < 1e12:
        return f"{value:.0f}"
    text = f"{value:.{digits}g}"
    if "e" not in text or not 1e-6 <= abs(value) < 1e12:
        return text
    return f"{float(text):.12f}".rstrip("0").rstrip(".")


def listing(names: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def nuisance_words(columns: Sequence[str]) -> str:
    """The nuisance columns in plain words, in a list."""
    return listing([NUISANCE.get(column, column) for column in columns])


def as_sentence(text: str) -> str:
    """`text` with a capital and a full stop where it lacks them; names of files are left alone."""
    opening = text.split(" ", 1)[0]
    if opening.rstrip(":,").isalpha():
        text = text[:1].upper() + text[1:]
    return f"{text}." if text[-1:].isalnum() or text.endswith((")", "%")) else text


_CHANGES = {"change", "drop", "cost", "adds", "gain", "difference", "given_back"}


def is_change(key: str) -> bool:
    """The figure under this key is a difference and is shown with its sign."""
    return key in _CHANGES or key.endswith("_change")


def value_text(value: Any, key: str = "") -> str:
    """Any plain JSON value as text for a table cell; an interval as a figure with its range, and
    as a signed one where `key` says that it is a difference."""
    if value is None:
        return NOT_MEASURABLE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return short_number(value)
    if isinstance(value, Mapping):
        if is_interval(value) and is_change(key):
            return change_with_range(value)
        if is_interval(value):
            return share_with_range(value)
        return ", ".join(
            f"{words(str(name))} {value_text(one, key if is_change(key) else str(name))}"
            for name, one in value.items()
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(value_text(one) for one in value) if value else "none"
    return str(value)


def words(name: str) -> str:
    """A key or column name with blanks for underscores and its unit in brackets."""
    stem, _, ending = name.rpartition("_")
    if stem and ending in UNITS:
        name = f"{stem} ({UNITS[ending]})"
    spoken = name.replace("_", " ").replace("macro f1", "macro-F1")
    return " ".join("UAR" if word == "uar" else word for word in spoken.split(" "))


def heading(name: str) -> str:
    """`words`, beginning with a capital letter."""
    text = words(name)
    return text[:1].upper() + text[1:]
