"""A methods section to start from: what was done, in the past tense, and whom to cite."""

from collections.abc import Mapping
from typing import Any

from acoustic_sib.report.sentences import speakers_known
from acoustic_sib.report.wording import PERMUTED, listing, nuisance_words, percent, plural

Result = Mapping[str, Any]

REFERENCES = {
    "boersma": "Boersma P, Weenink D. Praat: doing phonetics by computer (computer program).",
    "breiman": "Breiman L (2001). Random forests. Machine Learning 45, 5–32. "
    "doi:10.1023/A:1010933404324",
    "davis": "Davis S, Mermelstein P (1980). Comparison of parametric representations for "
    "monosyllabic word recognition in continuously spoken sentences. IEEE Trans. Acoustics, "
    "Speech, and Signal Processing 28, 357–366. doi:10.1109/TASSP.1980.1163420",
    "forrest": "Forrest K, Weismer G, Milenkovic P, Dougall RN (1988). Statistical analysis of "
    "word-initial voiceless obstruents. J. Acoust. Soc. Am. 84, 115–123. doi:10.1121/1.396977",
    "figueroa": "Figueroa RL, Zeng-Treitler Q, Kandula S, Ngo LH (2012). Predicting sample size "
    "required for classification performance. BMC Med. Inform. Decis. Mak. 12, 8. "
    "doi:10.1186/1472-6947-12-8",
    "jadoul": "Jadoul Y, Thompson B, de Boer B (2018). Introducing Parselmouth: a Python interface "
    "to Praat. J. Phonetics 71, 1–15. doi:10.1016/j.wocn.2018.07.001",
    "koenig": "Koenig LL, Shadle CH, Preston JL, Mooshammer CR (2013). Toward improved spectral "
    "measures of /s/: results from adolescents. J. Speech Lang. Hear. Res. 56, 1175–1189. "
    "doi:10.1044/1092-4388(2012/12-0038)",
    "ledoit": "Ledoit O, Wolf M (2004). A well-conditioned estimator for large-dimensional "
    "covariance matrices. J. Multivariate Analysis 88, 365–411. "
    "doi:10.1016/S0047-259X(03)00096-4",
    "mcfee": "McFee B, Raffel C, Liang D, et al. (2015). librosa: audio and music signal analysis "
    "in Python. Proc. 14th Python in Science Conf. doi:10.25080/Majora-7b98e3ed-003",
    "miller": "Miller RG (1974). The jackknife: a review. Biometrika 61, 1–15. "
    "doi:10.1093/biomet/61.1.1",
    "nadeau": "Nadeau C, Bengio Y (2003). Inference for the generalization error. Machine Learning "
    "52, 239–281. doi:10.1023/A:1024068626366",
    "ojala": "Ojala M, Garriga GC (2010). Permutation tests for studying classifier performance. "
    "J. Machine Learning Research 11, 1833–1863.",
    "pedregosa": "Pedregosa F, Varoquaux G, Gramfort A, et al. (2011). Scikit-learn: machine "
    "learning in Python. J. Machine Learning Research 12, 2825–2830.",
    "reidy": "Reidy PF (2015). A comparison of spectral estimation methods for the analysis of "
    "sibilant fricatives. J. Acoust. Soc. Am. 137, EL248–EL254. PMC4376757",
    "thomson": "Thomson DJ (1982). Spectrum estimation and harmonic analysis. Proc. IEEE 70, "
    "1055–1096. doi:10.1109/PROC.1982.12433",
    "varoquaux": "Varoquaux G (2018). Cross-validation failure: small sample sizes lead to large "
    "error bars. NeuroImage 180, 68–77. doi:10.1016/j.neuroimage.2017.06.061",
}

_BY_FAMILY = {
    "mfcc": ("davis", "mcfee"), "logmel": ("mcfee",), "moments": ("forrest",),
    "multitaper": ("thomson", "reidy"), "bands": ("koenig",), "praat": ("boersma", "jadoul"),
}  # fmt: skip


def references(result: Result, *, mapped: bool) -> list[str]:
    """What the methods rest on, by first author: only what this check used.
    `mapped`: the page has a map of the clips."""
    keys = {"nadeau", "pedregosa", "ojala", "varoquaux"}
    for family in result["baseline"]["families"]:
        keys.update(_BY_FAMILY.get(family, ()))
    if result["baseline"]["uar"]["unit"] == "speaker":
        keys.add("miller")
    evidence = _climbed(result)
    base = evidence.get("baseline", {})
    keys.update(key for key, used in (
        ("breiman", base.get("importance")),
        ("figueroa", (base.get("extrapolated") or {}).get("uar")), ("ledoit", mapped),
    ) if used)  # fmt: skip
    return [REFERENCES[key] for key in sorted(keys, key=lambda key: REFERENCES[key].casefold())]


def _climbed(result: Result) -> dict[str, Mapping[str, Any]]:
    """The evidence of each rung that was climbed."""
    return {rung["rung"]: rung.get("evidence") or {} for rung in result["ladder"]
            if rung["status"] != "skipped"}  # fmt: skip


def methods(
    result: Result, settings: Mapping[str, Any], version: str, *, mapped: bool
) -> str:  # fmt: skip
    """A paragraph to start a methods section from."""
    corpus, features = result["corpus"], settings["features"]
    baseline, chance = result["baseline"], result["chance"]
    counts = listing([f"{count} {name}" for name, count in corpus["classes"].items()])
    n = corpus["n_speakers"]
    who = "unnamed speakers" if n is None else plural(n, "speaker")
    upper = features["high_hz"]
    edge = f"{upper} Hz" if isinstance(upper, (int, float)) else "an edge set by the audio alone"
    sentences = [
        f"{plural(corpus['n_used'], 'clip')} of {who} ({counts}) were analysed with acoustic_sib "
        f"{version}.",
        f"Acoustic measures ({listing(list(baseline['families']))}) were taken up to {edge} in "
        f"Hann frames of {features['window_s'] * 1000:g} ms every "
        f"{features['hop_s'] * 1000:g} ms"
        + (f" and in multitaper spectra ({features['tapers']} DPSS tapers, NW = "
           f"{features['time_bandwidth']:g})" if "multitaper" in baseline["families"] else "")
        + ".",
    ]  # fmt: skip
    if baseline["normalize"] == "speaker":
        sentences.append("They were standardised within each speaker, without use of labels.")
    sentences += [
        _selection(result, settings),
        f"Intervals are {percent(baseline['uar']['level'])} "
        + ("leave-one-speaker-out jackknife intervals on the logit scale, with Student's t at the "
           "Welch-Satterthwaite degrees of freedom of the classes' recalls"
           if baseline["uar"]["unit"] == "speaker" else "intervals over clips")
        + "; where folds train on one another's clips, margins are widened by sqrt(1 + tested/"
        "trained), the ratio of Nadeau & Bengio (2003).",
        f"Chance was tested with {chance['permutation']['n']} permutations: "
        f"{PERMUTED.get(chance['permutation']['unit'], chance['permutation']['unit'])}; the "
        "statistic, for the labels as for each permutation, was the out-of-fold UAR of a ridge "
        "classifier on all measures (first draw of the folds); p = (1 + b) / (1 + n).",
    ]  # fmt: skip
    if result["shortcuts"]["columns"]:
        sentences.append(
            f"A model of {nuisance_words(result['shortcuts']['columns'])} alone was evaluated on "
            "the same folds to look for shortcuts."
        )
    sentences += _rungs(result)
    if mapped:
        sentences.append("For the map of clips a linear discriminant analysis with a shrunken "
                         "covariance and equal priors was fitted to each training part; the map "
                         "shows out-of-fold log-odds.")  # fmt: skip
    return " ".join(sentences)


def _rungs(result: Result) -> list[str]:
    """A sentence for each climbed rung that adds an experiment, with its settings."""
    evidence = _climbed(result)
    told = []
    if "overfit" in evidence and evidence["overfit"].get("subsets"):
        sizes = [str(row["clips"]) for row in evidence["overfit"]["subsets"]]
        told.append(f"Balanced subsets of {listing(sizes)} clips were overfitted with their own "
                    "and with random labels, as a test of the pipeline.")  # fmt: skip
    if evidence.get("padding_pooling", {}).get("cells"):
        cells = evidence["padding_pooling"]["cells"]
        n = [len({cell[key] for cell in cells}) for key in ("padding", "pooling")]
        told.append(f"{n[0]} ways of padding were crossed with {n[1]} ways of pooling over "
                    "frames on the same folds"
                    + _model(evidence["padding_pooling"]) + ".")  # fmt: skip
    layers = evidence.get("layers_unfreezing", {})
    if layers.get("families"):
        told.append("Families of measures were evaluated alone, left out in turn and added one "
                    f"after another on the same folds{_model(layers)}.")  # fmt: skip
        limited = layers.get("band_limited") or {}
        if limited.get("high_hz"):
            told.append("All measures were taken once more from the sound below "
                        f"{limited['high_hz']:g} Hz.")  # fmt: skip
    told += _baseline_rung(evidence.get("baseline", {}))
    ways = [row["way"] for row in evidence.get("weighting", {}).get("ways", ())]
    if ways:
        told.append(f"Ways of treating unequal class sizes ({listing(ways)}) were learnt inside "
                    f"the training parts and compared{_model(evidence['weighting'])}.")  # fmt: skip
    return told


def _baseline_rung(evidence: Mapping[str, Any]) -> list[str]:
    told = []
    if evidence.get("comparisons"):
        told.append("Models were compared over folds by the corrected resampled t test.")
    if evidence.get("learning_curve"):
        sizes = [str(one["n_speakers"]) for one in evidence["learning_curve"]]
        told.append(
            f"A learning curve was measured with {listing(sizes)} training speakers"
            + (
                " and extrapolated by an inverse power law"
                if (evidence.get("extrapolated") or {}).get("uar")
                else ""
            )
            + "."
        )
    if evidence.get("importance"):
        told.append("The importance of a family is the UAR lost when its values are exchanged "
                    "between held-out clips.")  # fmt: skip
    return told


def _model(evidence: Mapping[str, Any]) -> str:
    return f", with the model {evidence['model']}" if evidence.get("model") else ""


def _selection(result: Result, settings: Mapping[str, Any]) -> str:
    models = settings["models"]
    corpus, folds = result["corpus"], settings["folds"]
    told = (
        f"Model and feature set (candidates: {listing(list(models['candidates']))}; "
        f"{listing(list(models['feature_sets']))}) were chosen, and imputation and scaling fitted, "
        f"inside the training part of each fold ({models['inner_splits']} inner folds);"
    )
    if corpus.get("fold_plan", folds["plan"]) == "corpus":
        told += " the folds were the corpus's own"
    else:
        told += f" there were {plural(corpus.get('n_folds', folds['n_splits']), 'fold')}"
        repeats = corpus.get("n_repeats", folds["repeats"])
        told += "" if repeats == 1 else f", drawn {repeats} times"
    if not speakers_known(result):
        return f"{told}, and clips of one speaker may stand on both sides of a fold."
    return f"{told}, and no speaker stood in both the training and the tested part."
