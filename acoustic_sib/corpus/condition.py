"""Audit of each clip's condition: length, silence, clipping, offset, channels, rates, bandwidth."""

import pandas as pd

from acoustic_sib.corpus.findings import Finding, Row, Status, finding, listed, some

SHORTEST_S = 0.020
SILENT_DB = -80.0
MOSTLY_SILENT = 0.5
CLIPPED_SHARE, CLIPPED_SAMPLES = 0.001, 3
LARGE_DC = 0.01
WALL_SHARE = 0.9
DIFFERENT, APART = "hold different sound", "hold the same sound"
MANY = 0.05
"""Share of the clips from which a fault of single clips is one of the corpus."""


def condition(clips: pd.DataFrame) -> list[Finding]:
    """What is wrong with single clips, whatever their label."""
    return [
        _short(clips), _silent(clips), _mostly_silent(clips), _clipped(clips), _offset(clips),
        *_channels(clips), _rates(clips), _walls(clips),
    ]  # fmt: skip


def _found(hit: pd.Series) -> str:
    return f"{int(hit.sum())} of {len(hit)} clips"


def _few_or_many(hit: pd.Series) -> Status:
    return "warn" if hit.mean() > MANY else "note"


def _evidence(clips: pd.DataFrame, hit: pd.Series) -> Row:
    """How many clips a check found, of which classes, and a few of their names."""
    found = clips[hit]
    return {"n": len(found), "by_class": found["label"].value_counts().sort_index().to_dict(),
            "clips": some(found["clip_id"].tolist())}  # fmt: skip


def _short(clips: pd.DataFrame) -> Finding:
    hit = clips["duration_s"] < SHORTEST_S - 1e-9
    if not hit.any():
        return finding("short_clips", "ok", "no clip lasts less than 20 ms (the shortest: "
                       f"{1000 * clips['duration_s'].min():.0f} ms)", n=0)  # fmt: skip
    return finding(
        "short_clips", "warn", f"less than 20 ms, too short for one spectral frame, in "
        f"{_found(hit)}", "cut them longer; the check leaves them out", **_evidence(clips, hit),
    )  # fmt: skip


def _silent(clips: pd.DataFrame) -> Finding:
    hit = ~(clips["level_db"] > SILENT_DB)
    if not hit.any():
        return finding("silence", "ok", "no clip is silent", n=0)
    return finding(
        "silence", "warn", f"silence (a level below {SILENT_DB:g} dBFS) in {_found(hit)}",
        "find out what was lost; the check leaves them out", **_evidence(clips, hit),
    )  # fmt: skip


def _mostly_silent(clips: pd.DataFrame) -> Finding:
    hit = (clips["level_db"] > SILENT_DB) & (clips["silence_share"] > MOSTLY_SILENT)
    if not hit.any():
        return finding("pauses", "ok", "no clip pauses for more than half of its time", n=0)
    return finding(
        "pauses", _few_or_many(hit), "a pause (40 dB below the loudest 5 ms) for more than half of "
        f"the time in {_found(hit)}", "trim them to the sound", **_evidence(clips, hit),
    )  # fmt: skip


def _clipped(clips: pd.DataFrame) -> Finding:
    n_samples = clips["clipped_share"] * clips["duration_s"] * clips["sr_hz"]
    hit = (clips["clipped_share"] >= CLIPPED_SHARE) & (n_samples > CLIPPED_SAMPLES - 0.5)
    if not hit.any():
        return finding("clipping", "ok", "no clip has 0.1 % of its samples clipped", n=0)
    return finding(
        "clipping", _few_or_many(hit), "0.1 % or more of the samples clipped, which flattens a "
        f"spectrum, in {_found(hit)}", "record with more headroom; see whether it goes with a "
        "class", **_evidence(clips, hit),
    )  # fmt: skip


def _offset(clips: pd.DataFrame) -> Finding:
    hit = clips["dc"].abs() >= LARGE_DC
    if not hit.any():
        return finding("dc_offset", "ok", "no clip has an offset of 0.01 of full scale", n=0)
    return finding(
        "dc_offset", _few_or_many(hit), "an offset (DC) of 0.01 of full scale or more, the mark of "
        f"a recorder, in {_found(hit)}", "high-pass them before any model that sees the waveform",
        **_evidence(clips, hit),
    )  # fmt: skip


def _channels(clips: pd.DataFrame) -> list[Finding]:
    """What `channels.average_of_live` noted: faults, which it mended, channels that differ, and
    microphones apart, of which it took one."""
    notes = clips["channel_note"].fillna("").astype(str)
    differ, apart = (notes.str.contains(says, regex=False) for says in (DIFFERENT, APART))
    faults = notes.map(lambda note: "; ".join(
        one for one in note.split("; ") if DIFFERENT not in one and APART not in one
    ))  # fmt: skip
    found = []
    if (hit := faults != "").any():
        kinds = listed(f"{note}: {n}" for note, n in faults[hit].value_counts().items())
        found.append(finding(
            "channels", "note", f"a faulty channel in {_found(hit)} ({kinds}); it was left out or "
            "turned round here", "other programs may average the channels: repair the files",
            **_evidence(clips, hit),
        ))  # fmt: skip
    if differ.any():
        found.append(finding(
            "channels_differ", "warn", "channels that hold different sound, averaged here, in "
            f"{_found(differ)}: a person each?", "extract the speaker's own channel, or name it "
            "under audio: channel", **_evidence(clips, differ),
        ))  # fmt: skip
    if apart.any():
        found.append(finding(
            "channels_apart", "warn", "channels that hold the same sound up to 1 ms apart, as of "
            f"two microphones, one of them taken here, in {_found(apart)}", "other programs' "
            "average is a comb filter: deliver one channel, or name it under audio: channel, so "
            "that it is the same in every clip", **_evidence(clips, apart),
        ))  # fmt: skip
    return found


def _rates(clips: pd.DataFrame) -> Finding:
    counts = clips["sr_hz"].astype(int).value_counts().sort_index()
    rates = {str(rate): int(n) for rate, n in counts.items()}
    if len(counts) == 1:
        return finding("sampling_rates", "ok", f"every clip is sampled at {counts.index[0]} Hz",
                       rates=rates)  # fmt: skip
    each = listed(f"{n} clips at {rate} Hz" for rate, n in rates.items())
    return finding(
        "sampling_rates", "note", f"mixed sampling rates ({each}): all are measured up to the "
        "lowest bandwidth", "see whether rates go with classes, and deliver one rate", rates=rates,
    )  # fmt: skip


def _walls(clips: pd.DataFrame) -> Finding:
    hit = clips["bandwidth_hz"] < WALL_SHARE * clips["sr_hz"] / 2
    if not hit.any():
        return finding("bandwidth", "ok", "no clip's spectrum ends below what its rate allows", n=0)
    median = float(clips.loc[hit, "bandwidth_hz"].median())
    return finding(
        "bandwidth", "note", f"a spectrum that ends below what the rate allows (median "
        f"{median:.0f} Hz: upsampled, coded or filtered) in {_found(hit)}",
        "use the original recordings where they exist", median_wall_hz=median,
        **_evidence(clips, hit),
    )  # fmt: skip
