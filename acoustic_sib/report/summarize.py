"""Everything the page of a check says, collected in one dict: sentences, tables, drawings.

Nothing is computed from clips here and nothing is laid out; `render` does the second.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from acoustic_sib import tables
from acoustic_sib.report import clip_tables, sentences
from acoustic_sib.report.clip_map import ClipMap, map_caption, map_plot
from acoustic_sib.report.figures import Dot, class_dots, interval_plot, speaker_plot, spectra_plot
from acoustic_sib.report.imported import models_table_of
from acoustic_sib.report.methods import methods, references
from acoustic_sib.report.page_tables import (
    Table,
    candidates_table,
    confusion_matrix,
    figures_table,
    findings,
    models_table,
    pairs_table,
    records_table,
    status,
)
from acoustic_sib.report.pictures import ClipPicture
from acoustic_sib.report.rungs import ladder_parts
from acoustic_sib.report.spectra import AverageSpectra
from acoustic_sib.report.svg import class_colour
from acoustic_sib.report.wording import (
    DISCLAIMER,
    PERMUTED,
    as_sentence,
    decimal,
    full_interval,
    heading,
    interval_words,
    p_value,
    range_text,
    sample_size,
    words,
)

OPEN = ("fail", "warn")


def summarize(
    result: dict[str, Any],
    *,
    audit: dict[str, Any],
    spectra: AverageSpectra | None,
    settings_yaml: str,
    versions: dict[str, str],
    hashes: dict[str, str],
    corpus_name: str,
    command: str,
    clip_map: ClipMap | None = None,
    pictures: Mapping[str, ClipPicture] | None = None,
    sounds: Mapping[str, bytes] | None = None,
) -> dict[str, Any]:
    """The page of a check: plain JSON types only, the same for the same input.

    `result` is the result.json of cli.md; `audit` holds `findings` and `tables` (name -> row
    dicts); `pictures` and `sounds` may hold spectrograms and WAV bytes of suspect clips by clip_id,
    to be shown and played in the page. What an optional key of the result would have told is left
    out where the key is absent (`bands`, `controls`, `random_split`, `suspect_speakers`).
    Raises KeyError when a key of the contract is missing.
    """
    result, audit = _with_shortcut_interval(tables.plain(result)), tables.plain(audit)
    settings = yaml.safe_load(settings_yaml)
    classes = list(result["corpus"]["classes"])
    ladder = ladder_parts(result["ladder"], result["chance"]["uar"], sentences.figure_name(result))
    steps = _what_next(result, audit)
    checks = findings(audit["findings"], "check")
    return {
        "corpus": corpus_name,
        "synthetic": bool(result["corpus"]["synthetic"]),
        "mixed": sentences.why_mixed(result),
        "disclaimer": DISCLAIMER,
        "answer": sentences.answer(result),
        "facts": _facts(result),
        "readers": sentences.readers(result),
        "fooled": _what_could_fool(result, audit),
        "next": steps,
        "next_step": steps[0] if steps else "",
        "notes": [as_sentence(note) for note in result.get("notes", [])],
        "figures": _drawings(result, spectra, clip_map),
        "spectra_caption": "" if spectra is None else _spectra_caption(spectra),
        "map_caption": "" if clip_map is None else map_caption(clip_map),
        "tables": _tables(result),
        "speakers": clip_tables.speaker_tables(result["baseline"].get("speakers") or [], classes),
        "random_split": clip_tables.random_split_sentence(result),
        "confusion": confusion_matrix(result),
        "ladder": ladder,
        "imported": models_table_of(result.get("ssl", [])),
        "audit": {
            "open": [one for one in checks if one["status"]["is"] != "ok"],
            "passed": [one for one in checks if one["status"]["is"] == "ok"],
            "tables": [
                records_table(heading(name), rows) for name, rows in audit.get("tables", {}).items()
            ],
        },
        "suspects": clip_tables.suspects(result, sounds or {}, pictures or {}),
        "methods": methods(result, settings, _own_version(versions), mapped=clip_map is not None),
        "references": references(result, mapped=clip_map is not None),
        "settings": settings_yaml,
        "command": command,
        "provenance": _provenance(result, versions, hashes),
    }


def _with_shortcut_interval(result: dict[str, Any]) -> dict[str, Any]:
    """The result with an interval of nothing where there was no column for a nuisance model."""
    shortcuts = result["shortcuts"]
    if shortcuts["uar"] is not None:
        return result
    nothing = {**result["baseline"]["uar"], "value": None, "low": None, "high": None}
    return {**result, "shortcuts": {**shortcuts, "uar": nothing}}


def _facts(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """The figure and what it must be read beside."""
    baseline, chance, corpus = result["baseline"], result["chance"], result["corpus"]
    test = chance["permutation"]
    reach = sentences.permutation(result).partition("; this design")
    uar = baseline["uar"]
    return [
        {"name": sentences.figure_name(result), "value": decimal(uar["value"]),
         "more": f"{interval_words(uar)}; {sample_size(uar)}"},
        {"name": "Chance", "value": decimal(chance["uar"]),
         "more": f"one in {len(corpus['classes'])} classes; always the largest class: accuracy "
                 f"{decimal(chance['majority_accuracy'])}, against "
                 f"{full_interval(baseline['accuracy'])} here"},
        {"name": "Above chance?", "value": p_value(test["p_value"]),
         "more": f"{test['n']} permutations; {PERMUTED.get(test['unit'], test['unit'])}"
                 f"{''.join(reach[1:])}"},
        {"name": "Without the sound", "value": decimal(result["shortcuts"]["uar"]["value"]),
         "more": "UAR of a model that sees only the recordings' properties "
                 f"({range_text(result['shortcuts']['uar'])})"},
    ]  # fmt: skip


def _what_could_fool(result: Mapping[str, Any], audit: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The shortcut model, the design's own limits and the audit's open findings."""
    told = [
        {
            "name": "Shortcuts",
            "status": status(sentences.shortcut_status(result)),
            "says": sentences.shortcut_sentence(result),
        }
    ]
    open_checks = {one["check"] for one in audit["findings"] if one["status"] in OPEN}
    mixed = sentences.why_mixed(result)
    if mixed and not open_checks & {"speakers", "fold_speakers"}:
        told.append(_limit("Speakers", f"{mixed}: such figures are too high for new speakers. "
                           "Hold whole speakers out."))  # fmt: skip
    smallest = result["chance"]["permutation"]["smallest_p"]
    if smallest is not None and smallest > sentences.WORTH_TELLING_P:
        told.append(_limit("Too few speakers", "Even a perfect model could not get below "
                           f"{p_value(smallest)} with these speakers."))  # fmt: skip
    told += [
        {"name": one["name"], "status": one["status"], "says": one["says"]}
        for one in findings(audit["findings"], "check")
        if one["status"]["is"] in OPEN
    ]
    return told


def _limit(name: str, says: str) -> dict[str, Any]:
    return {"name": name, "status": status("warn"), "says": says}


def _what_next(result: Mapping[str, Any], audit: Mapping[str, Any]) -> list[str]:
    """One step for the verdict, then those of failed and warning checks, each once."""
    first = {
        "learnable": "Train on the folds of folds.csv and compare with this baseline clip by clip "
        "(predictions.csv).",
        "shortcut": "Make the classes alike in recording and cutting, or take the clips that "
        "differ out, and check again.",
        "not_shown": "Listen to the label suspects with a second pair of ears, and add speakers "
        "before models.",
    }[result["verdict"]]
    rungs = [*audit["findings"], *result["ladder"]]
    # The baseline's own rung knows the verdict too, and better what to do about it.
    steps = [rung["next"] for rung in result["ladder"] if rung["rung"] == "baseline"]
    if result["verdict"] == "learnable" or not any(steps):
        steps = [first, *steps]
    steps += [f"For {one['name']}: {found['next']}" for one in result.get("ssl", [])
              for found in one["findings"] if found["status"] == "found"]  # fmt: skip
    for wanted in OPEN:
        steps += [one["next"] for one in rungs if one["status"] == wanted]
    return list(dict.fromkeys(as_sentence(step) for step in steps if step))


def _drawings(
    result: Mapping[str, Any], spectra: AverageSpectra | None, clip_map: ClipMap | None
) -> dict[str, str]:
    """SVG elements by name; a drawing without data is absent."""
    baseline, chance = result["baseline"], result["chance"]["uar"]
    dots = [Dot(name="Sound (baseline)", interval=baseline["uar"], colour=class_colour(0))]
    if result["shortcuts"]["columns"]:
        dots.append(Dot(name="Without the sound", interval=result["shortcuts"]["uar"],
                        colour=class_colour(1), marker="s"))  # fmt: skip
    dots += [
        Dot(name=heading(one["model"]), interval=one["uar"], marker="D")
        for one in result.get("models", [])
    ]
    drawn = {
        "uar": interval_plot(dots, key="fig-uar", chance=chance, axis=sentences.figure_name(result),
                             title="The figure beside chance and a model without the sound"),
        "recall": interval_plot(class_dots(baseline["recall"]), key="fig-recall", chance=chance,
                                title="Recall of each class", axis="Recall"),
    }  # fmt: skip
    if spectra is not None:
        drawn["spectra"] = spectra_plot(spectra, key="fig-spectra")
    if baseline.get("speakers"):
        drawn["speakers"] = speaker_plot(
            baseline["speakers"], key="fig-speakers", level=baseline["accuracy"]["value"]
        )
    classes = list(result["corpus"]["classes"])
    if clip_map is not None and clip_map.labels:
        drawn["map"] = map_plot(clip_map, classes, key="fig-map")
    drawn["bands"] = clip_tables.band_plot(result.get("bands") or [], classes, key="fig-bands")
    drawn["controls"] = clip_tables.control_plot(result.get("controls") or [], chance,
                                                 key="fig-controls")  # fmt: skip
    return {name: svg for name, svg in drawn.items() if svg}


def _spectra_caption(spectra: AverageSpectra) -> str:
    if spectra.unit == "speaker":
        return ("Mean of the speakers' own means, so that each speaker counts once; bands: "
                f"{spectra.spread} over speakers.")  # fmt: skip
    return f"Mean over clips; bands: {spectra.spread} over clips."


def _tables(result: Mapping[str, Any]) -> dict[str, Table | None]:
    baseline, corpus = result["baseline"], result["corpus"]
    left_out = corpus.get("left_out") or {}
    return {
        "figures": figures_table(result, sentences.figure_name(result)),
        "models": models_table(result["models"]) if result.get("models") else None,
        "candidates": candidates_table(baseline["candidates"])
        if baseline.get("candidates")
        else None,
        "bands": clip_tables.band_table(result.get("bands") or [], list(corpus["classes"])),
        "controls": clip_tables.control_table(result.get("controls") or []),
        "classes": pairs_table("Clips of each class", corpus["classes"], ("Class", "Clips")),
        "excluded": records_table("Excluded clips", result["excluded"])
        if result["excluded"]
        else None,
        "left_out": pairs_table("Labels left out on purpose", left_out, ("Label", "Clips"))
        if left_out
        else None,
    }


def _provenance(
    result: Mapping[str, Any], versions: Mapping[str, str], hashes: Mapping[str, str]
) -> list[Table]:
    timings = {words(part): f"{spent:.1f}" for part, spent in result["timings_s"].items()}
    made = pairs_table("Time taken", timings, ("Part", "Seconds"))
    made["columns"][1]["numeric"] = True
    return [
        pairs_table("Versions", versions, ("Software", "Version")),
        pairs_table("Hashes", hashes, ("What", "Hash")),
        made,
    ]


def _own_version(versions: Mapping[str, str]) -> str:
    return versions.get("acoustic_sib") or versions.get("acoustic-sib") or "(version unknown)"
