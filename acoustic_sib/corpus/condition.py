"""Audit of each clip's condition: length, silence, clipping, offset, channels, rates, bandwidth."""

import numpy as np
import pandas as pd

from acoustic_sib.corpus.findings import Finding, counted, finding, listed, some

SHORTEST_S = 0.020
SILENT_DB = -80.0
MOSTLY_SILENT = 0.5
CLIPPED_SHARE, CLIPPED_SAMPLES = 0.001, 3
MANY = 0.05
LARGE_DC = 0.01
WALL_SHARE = 0.9


def condition(clips: pd.DataFrame) -> list[Finding]:
    """What is wrong with single clips, whatever their label."""
    return [
        _short(clips), _silent(clips), _clipped(clips), _offset(clips), *_channels(clips),
        _rates(clips), _walls(clips),
    ]  # fmt: skip


def _hit(clips: pd.DataFrame, hit: pd.Series) -> dict[str, object]:
    """Evidence of the clips that a check found: how many, of which classes, and a few names."""
    found = clips[hit]
    return {"n": len(found), "by_class": found["label"].value_counts().sort_index().to_dict(),
            "clips": some(found["clip_id"].tolist())}  # fmt: skip


def _short(clips: pd.DataFrame) -> Finding:
    hit = clips["duration_s"] < SHORTEST_S - 1e-9
    if not hit.any():
        return finding("short_clips", "ok", f"no clip is under 20 ms (the shortest lasts "
                       f"{1000 * clips['duration_s'].min():.0f} ms)", n=0)  # fmt: skip
    return finding(
        "short_clips", "warn", f"{counted(int(hit.sum()), 'clip')} of {len(clips)} under 20 ms, "
        "too short for one spectral frame", "cut them longer; the check leaves them out",
        **_hit(clips, hit),
    )  # fmt: skip


def _silent(clips: pd.DataFrame) -> Finding:
    silent = ~(clips["level_db"] > SILENT_DB)
    mostly = ~silent & (clips["silence_share"] > MOSTLY_SILENT)
    if silent.any():
        return finding(
            "silence", "warn", f"{counted(int(silent.sum()), 'clip')} of {len(clips)} silent "
            f"(level below {SILENT_DB:g} dBFS)",
            "find out what was lost; the check leaves them out",
            n_mostly=int(mostly.sum()), **_hit(clips, silent),
        )  # fmt: skip
    if mostly.any():
        return finding(
            "silence", "warn" if mostly.mean() > MANY else "note",
            f"{counted(int(mostly.sum()), 'clip')} of {len(clips)} silent for more than half of "
            "their time", "trim them to the sound", **_hit(clips, mostly),
        )  # fmt: skip
    return finding("silence", "ok", "no clip is silent, or silent for more than half of its time",
                   n=0)  # fmt: skip


def _clipped(clips: pd.DataFrame) -> Finding:
    n_samples = clips["clipped_share"] * clips["duration_s"] * clips["sr_hz"]
    hit = (clips["clipped_share"] >= CLIPPED_SHARE) & (n_samples > CLIPPED_SAMPLES - 0.5)
    if not hit.any():
        return finding("clipping", "ok", "no clip is clipped in 0.1 % of its samples or more", n=0)
    return finding(
        "clipping", "warn" if hit.mean() > MANY else "note",
        f"{counted(int(hit.sum()), 'clip')} of {len(clips)} clipped in 0.1 % of the samples or "
        "more, which flattens a spectrum", "record with more headroom; look at them by class",
        **_hit(clips, hit),
    )  # fmt: skip


def _offset(clips: pd.DataFrame) -> Finding:
    hit = clips["dc"].abs() >= LARGE_DC
    if not hit.any():
        return finding("dc_offset", "ok", "no clip has an offset of 0.01 of full scale or more",
                       n=0)  # fmt: skip
    return finding(
        "dc_offset", "warn" if hit.mean() > MANY else "note",
        f"{counted(int(hit.sum()), 'clip')} of {len(clips)} with an offset (DC) of 0.01 of full "
        "scale or more: a mark of the recorder", "high-pass them before any model that sees the "
        "waveform", **_hit(clips, hit),
    )  # fmt: skip


def _channels(clips: pd.DataFrame) -> list[Finding]:
    notes = clips["channel_note"].fillna("").astype(str)
    hit = notes != ""
    if not hit.any():
        return []
    kinds = notes[hit].value_counts()
    return [finding(
        "channels", "note", f"{counted(int(hit.sum()), 'clip')} of {len(clips)} with a faulty "
        f"channel ({listed(f'{note}: {n}' for note, n in kinds.items())}); the others were used",
        "other programs may average the channels: repair the files", **_hit(clips, hit),
    )]  # fmt: skip


def _rates(clips: pd.DataFrame) -> Finding:
    counts = clips["sr_hz"].astype(int).value_counts().sort_index()
    if len(counts) == 1:
        return finding("sampling_rates", "ok", f"every clip is sampled at {counts.index[0]} Hz",
                       rates={str(rate): int(n) for rate, n in counts.items()})  # fmt: skip
    return finding(
        "sampling_rates", "note",
        f"mixed rates ({listed(f'{rate} Hz: {n}' for rate, n in counts.items())}); measures stop "
        "at the lowest bandwidth", "see whether rates go with classes; deliver one rate",
        rates={str(rate): int(n) for rate, n in counts.items()},
    )  # fmt: skip


def _walls(clips: pd.DataFrame) -> Finding:
    hit = clips["bandwidth_hz"] < WALL_SHARE * clips["sr_hz"] / 2
    if not hit.any():
        return finding("bandwidth", "ok", "no clip's spectrum ends far below what its rate allows",
                       n=0)  # fmt: skip
    walls = clips.loc[hit, "bandwidth_hz"]
    return finding(
        "bandwidth", "note",
        f"{counted(int(hit.sum()), 'clip')} of {len(clips)} with a spectrum that ends below what "
        f"the rate allows (median {np.median(walls):.0f} Hz): upsampled, coded or filtered",
        "use the original recordings where they exist", median_wall_hz=float(np.median(walls)),
        **_hit(clips, hit),
    )  # fmt: skip
