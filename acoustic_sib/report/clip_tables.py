"""Speakers, bands, controls and suspects on the page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from acoustic_sib.report.page_tables import Table, records_table, table
from acoustic_sib.report.pictures import (
    PIXELS_A_FRAME,
    RANGE_DB,
    ClipPicture,
    data_uri,
    picture_text,
    picture_uri,
)
from acoustic_sib.report.rung_figures import scores_plot
from acoustic_sib.report.wording import (
    NOT_MEASURABLE,
    as_sentence,
    change_with_range,
    decimal,
    heading,
    listing,
    plural,
    share_with_range,
    signed,
)

Row = Mapping[str, Any]

# Asked for with --embed-audio; a page beyond a few megabytes cannot be sent by mail.
MAX_SOUND_BYTES = 3_000_000
MAX_SUSPECTS = 40
FIRST_SUSPECTS = 12
WORST_SPEAKERS = 10
PICTURE_HEIGHT = 64

BANDS = {
    "level_low_db": "Level of 0.55–3 kHz",
    "level_mid_db": "Level of 3–7 kHz",
    "level_high_db": "Level of 7–11 kHz",
    "share_2500_4500": "Energy in 2.5–4.5 kHz",
    "share_above_4000": "Energy above 4 kHz",
    "share_above_6000": "Energy above 6 kHz",
    "share_above_8000": "Energy above 8 kHz",
}


def speaker_tables(speakers: Sequence[Row], classes: Sequence[str]) -> list[Table]:
    """Errors by speaker, the hardest first: those on top in a table of their own, then the rest;
    none without speakers."""
    ordered = sorted(speakers, key=lambda one: (one["accuracy"], str(one["speaker"])))
    if not ordered:
        return []
    if len(ordered) <= WORST_SPEAKERS + 5:
        return [_speaker_table("Errors by speaker, the hardest first", ordered, classes)]
    return [
        _speaker_table(f"The {WORST_SPEAKERS} hardest speakers", ordered[:WORST_SPEAKERS], classes),
        _speaker_table(f"The other {len(ordered) - WORST_SPEAKERS} speakers",
                       ordered[WORST_SPEAKERS:], classes),
    ]  # fmt: skip


def _speaker_table(caption: str, rows: Sequence[Row], classes: Sequence[str]) -> Table:
    made = table(
        caption,
        ("Speaker", "Clips", "Accuracy", *(f"Recall of {name} (clips)" for name in classes),
         "Commonest error"),
        [
            [one["speaker"], one["n_clips"], decimal(one["accuracy"]),
             *(_recall(one.get("by_class", {}).get(name)) for name in classes),
             _mostly(one.get("mostly"))]
            for one in rows
        ],
        note="Figures of single speakers rest on few clips; a dash: said none of this class.",
        most_rows=1000,
    )  # fmt: skip
    for column in made["columns"][1:-1]:
        column["numeric"] = True
    return made


def _recall(one: Row | None) -> str:
    return "–" if one is None else f"{decimal(one['recall'])} ({one['n_clips']})"


def _mostly(one: Row | None) -> str:
    if one is None:
        return "none"
    n = f"{one['n']:.1f}".removesuffix(".0")
    return f"{one['label']} as {one['predicted']} ({n})"


def band_table(bands: Sequence[Row], classes: Sequence[str]) -> Table | None:
    """Mean and quartiles of each measure for each class, or None without bands."""
    if not bands:
        return None
    found = {(one["measure"], one["label"]): one for one in bands}
    measures = list(dict.fromkeys(one["measure"] for one in bands))
    first = {name: found[measures[0], name] for name in classes}
    unit = "speaker" if bands[0]["unit"] == "speaker" else "clip"
    made = table(
        "Energy by band",
        ("Measure", *(f"{name} ({_sample(one)})" for name, one in first.items())),
        [[BANDS.get(name, heading(name)), *(_with_quartiles(name, found[name, label])
                                            for label in classes)] for name in measures],
        note=f"Mean (quartiles) over {unit}s"
        + (", each speaker’s own mean counting once" if unit == "speaker" else "")
        + ". Levels: density in the band relative to the clip’s mean over the bands, dB. Shares: "
        "of the energy up to the highest frequency measured; 2.5–4.5 kHz: of that in 0.5–8 kHz.",
    )  # fmt: skip
    for column in made["columns"][1:]:
        column["numeric"] = True
    return made


def _sample(one: Row) -> str:
    clips = plural(one["n_clips"], "clip")
    return clips if not one["n_speakers"] else f"{plural(one['n_speakers'], 'speaker')}, {clips}"


def _with_quartiles(measure: str, one: Row) -> str:
    if one["mean"] is None:
        return NOT_MEASURABLE
    if measure.startswith("share"):
        mean, *edges = (None if v is None else decimal(100 * v, 1)
                        for v in (one["mean"], one["q25"], one["q75"]))  # fmt: skip
        unit = " %"
    else:
        mean, *edges = (None if v is None else signed(v, 1)
                        for v in (one["mean"], one["q25"], one["q75"]))  # fmt: skip
        unit = " dB"
    return f"{mean}{unit}" + ("" if None in edges else f" ({edges[0]} to {edges[1]})")


def band_plot(bands: Sequence[Row], classes: Sequence[str], *, key: str) -> str:
    """Shares of energy of each class as dots, the quartiles as whiskers; empty without shares."""
    shares = list(dict.fromkeys(one["measure"] for one in bands
                                if one["measure"].startswith("share")))  # fmt: skip
    if not shares:
        return ""
    found = {(one["measure"], one["label"]): one for one in bands}
    return scores_plot(
        [BANDS[name] for name in shares],
        {name: [_as_interval(found[share, name]) for share in shares] for name in classes},
        key=key, title="Share of energy by band, for each class", axis="Share of the energy",
    )  # fmt: skip


def _as_interval(one: Row) -> Row:
    return {"value": one["mean"], "low": one["q25"], "high": one["q75"]}


def control_plot(controls: Sequence[Row], chance: float, *, key: str) -> str:
    """UAR of each group that was looked at by itself; empty without controls."""
    rows = [
        one
        for one in controls
        if one.get("group") and one.get("uar") and one["uar"]["value"] is not None
    ]
    if not rows:
        return ""
    return scores_plot(
        [f"{heading(str(one['control']))}: {one['group']}" for one in rows],
        {"UAR": [one["uar"] for one in rows]},
        key=key, title="Groups of clips apart", axis="UAR", chance=chance,
    )  # fmt: skip


def control_table(controls: Sequence[Row]) -> Table | None:
    """The baseline on each group of clips apart; groups that could not be measured stand in the
    note with the reason."""
    measured = [one for one in controls if one.get("uar")]
    others: dict[str, list[str]] = {}
    for one in controls:
        if not one.get("uar"):
            group = f" {one['group']}" if one.get("group") else ""
            named = f"{heading(str(one['control']))}{group}"
            others.setdefault(str(one.get("reason") or NOT_MEASURABLE), []).append(named)
    if not controls:
        return None
    told = [as_sentence(str(one["says"])) for one in measured if one.get("says")]
    left = [f"Not measured: {listing(names)}: {as_sentence(why)}" for why, names in others.items()]
    made = table(
        "Groups of clips apart",
        ("Control", "Group", "Clips", "Speakers", "UAR", "Against the largest group",
         "UAR when trained on the group alone"),
        [
            [heading(str(one["control"])), one["group"], _counted(one, "n_clips"),
             _counted(one, "n_speakers"), share_with_range(one["uar"]),
             _figure(one.get("difference"), change_with_range),
             _figure(one.get("alone"), share_with_range)]
            for one in measured
        ],
        note=" ".join(["Groups differ in size and make-up: read a difference with both.",
                       *dict.fromkeys(told), *left]),
    )  # fmt: skip
    for column in made["columns"][2:4]:
        column["numeric"] = True
    return made


def _counted(one: Row, key: str) -> str:
    found = one.get(key)
    if found is None and one.get("uar"):
        found = one["uar"].get(key)
    return "–" if found is None else str(found)


def _figure(interval: Row | None, as_text: Callable[[Row], str]) -> str:
    return "–" if not interval else as_text(interval)


def suspects(
    result: Row, sounds: Mapping[str, bytes], pictures: Mapping[str, ClipPicture]
) -> dict[str, Any]:
    """Clips that least deserve their label, the most suspect first, with picture and, while the
    budget lasts, sound."""
    rows, spent = [], 0
    shown = result["suspects"][:MAX_SUSPECTS]
    extras = [
        name for name in ("speaker", "phone", "because") if any(one.get(name) for one in shown)
    ]
    for one in shown:
        sound = sounds.get(one["clip_id"], b"")
        spent += len(sound)
        picture = pictures.get(one["clip_id"])
        rows.append({
            "clip_id": one["clip_id"],
            "extras": [str(one.get(name) or "–") for name in extras],
            "label": one["label"],
            "predicted": one["predicted"],
            "p_own": decimal(one["p_own"], 3),
            "sound": data_uri("audio/wav", sound) if sound and spent <= MAX_SOUND_BYTES else "",
            "picture": None if picture is None else _picture(picture),
        })  # fmt: skip
    return {
        "rows": rows[:FIRST_SUSPECTS], "more": rows[FIRST_SUSPECTS:],
        "extras": [heading(name) for name in extras],
        "n": len(result["suspects"]), "shown": len(rows),
        "playable": sum(bool(row["sound"]) for row in rows),
        "pictured": sum(row["picture"] is not None for row in rows),
        "picture_note": _picture_note(pictures),
        "speakers": _suspect_speakers(result.get("suspect_speakers") or []),
    }  # fmt: skip


def _picture(picture: ClipPicture) -> dict[str, Any]:
    return {
        "uri": picture_uri(picture), "alt": picture_text(picture), "height": PICTURE_HEIGHT,
        "width": PIXELS_A_FRAME * picture.level_db.shape[1],
    }  # fmt: skip


def _picture_note(pictures: Mapping[str, ClipPicture]) -> str:
    top_khz = max((one.top_hz for one in pictures.values()), default=0.0) / 1000
    return (
        f"0 to {top_khz:.1f} kHz from bottom to top, time to the right in the same measure for "
        f"all; the loudest point stands out most, {RANGE_DB:.0f} dB below it nothing."
    )


def _suspect_speakers(speakers: Sequence[Row]) -> Table | None:
    """Speakers among whose clips suspects are many: was a whole speaker labelled wrongly?"""
    if not speakers:
        return None
    shown = ("speaker", "n_clips", "n_suspect", "labels", "mostly_taken_for", "p_value")
    return records_table(
        "Speakers whose labels look exchanged",
        [{key: one[key] for key in shown if key in one} for one in speakers],
    )


def random_split_sentence(result: Row) -> str:
    """What mixing clips across speakers would have shown; empty where it was not tried."""
    found = result.get("random_split") or {}
    return as_sentence(str(found["says"])) if found.get("says") else ""
