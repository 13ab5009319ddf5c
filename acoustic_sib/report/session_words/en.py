"""English words of the session report."""

ENGLISH = {
    "title": "Session report",
    "subtitle": "Sibilants measured in recordings",
    "skip": "Skip to the counts",
    "made_on": "Made on",
    "speaker": "Speaker",
    "recordings": "Recordings",
    "read_of": "{read} of {total} read",
    "sibilants": "Sibilants",
    "assessable_of": "{n} of {total} assessable",
    "model": "Model",
    "reference": "Compared with",
    "all_normal": "all Normal speakers of the training ({n})",
    "all_normal_unknown": "all Normal clips of the training, speakers not known",
    "group_normal": "Normal speakers of the training: {group} ({n})",
    "no_normal": "nobody: the training knows too few Normal speakers",
    "fallback": "the training has no reference for {asked}",
    "level": "Sets of classes",
    "level_says": "hold the true class {percent} of the time; several classes in a set mean "
    "“uncertain”",
    "device": "A program that analyses a signal is probably a regulated medical device where it is "
    "used for diagnosis. This one is not approved as one"
    " and claims nothing. Say “consistent with”, never “is”.",
    "counts": "Counts",
    "of_whom": "Recording or speaker",
    "counts_caption": "Sibilants by class",
    "counts_note": "Count, share of the assessable sibilants and its 95 % interval (Wilson). A "
    "class counts where the data rule out every other; the rest is uncertain. The sibilants are "
    "taken as independent: the interval is of these recordings and says nothing of another day.",
    "all": "All recordings",
    "sound": "{name}, sound “{sound}”",
    "assessable": "Assessable",
    "uncertain": "uncertain",
    "one_by_one": "Sibilants one by one",
    "key": "Letters stand for classes: {letters}; “?” for uncertain, “–” for not assessable. The "
    "bar is the probability of the most probable class.",
    "number": "No.",
    "time": "Time (s)",
    "label": "Sound",
    "class": "Class",
    "probability": "Probability",
    "not_assessable": "not assessable",
    "unlike": "Caution: {reason}.",
    "numbers": "Numbers behind no. {number}",
    "numbers_caption": "Measures that the finding is drawn from",
    "measure": "Measure",
    "value": "Value",
    "centre": "Normal mean",
    "z": "Distance (SD)",
    "numbers_note": "Distance from the mean of the Normal speakers in SD of single sibilants, "
    "between and within speakers. Interdental sounds are never explained by the centre of "
    "gravity.",
    "probabilities": "Probabilities: {listed}.",
    "no_reference": "no reference",
    "no_sibilants": "No sibilant was found in this recording.",
    "note": "Note: {note}",
    "failed": "Could not be read",
    "figure": "Average spectrum of sibilant no. {number}",
    "frequency": "Frequency (kHz)",
    "level_axis": "Level re its own mean (dB)",
    "this_one": "this sibilant",
    "band": "Normal speakers ({n}): mean ± 2 SD",
    "band_clips": "Normal clips: mean ± 2 SD",
    "band_note": "At each frequency some 95 in 100 Normal sibilants lie within the band; over all "
    "frequencies many a Normal one leaves it somewhere.",
    "highest": "Highest at {khz} kHz.",
    "inside": "Inside the band of the Normal speakers throughout.",
    "above": "Above the band of the Normal speakers at {spans} kHz.",
    "below": "Below the band of the Normal speakers at {spans} kHz.",
    "no_band": "The model knows no reference band.",
    "no_spectrum": "Its average spectrum could not be measured.",
    "about_model": "About the model",
    "model_is": "{name} tells {classes} apart by {n_columns} measures of the sound up to {khz} "
    "kHz. It was trained on {n_clips} clips of {n_speakers}: {counts}.",
    "n_speakers": "{n} speakers",
    "speakers_unknown": "speakers not known",
    "worth": "On speakers it had not heard, its unweighted average recall was {uar}; chance is "
    "{chance}. Recall of each class: {recalls}.",
    "worth_mixed": "On clips of speakers that it was trained on, its unweighted average recall was "
    "{uar}; chance is {chance}. Nothing here holds for a new speaker. Recall of each class: "
    "{recalls}.",
    "interval": "{value} (95 % interval {low} to {high})",
    "no_interval": "{value} (no interval)",
    "not_measurable": "not measurable",
    "sets": "Its sets at {level} held the true class in {covered} and named several classes in "
    "{uncertain} of the clips.",
    "labels": "It tells the labels of its training apart. Whether those were a therapist’s "
    "judgement of lisps, its maker must say.",
    "no_predictive": "Predictive values are not given: the classes of this model stand for other "
    "labels of its training, and how many people lisp says nothing of those.",
    "predictive_if": "What follows holds only where they were.",
    "predictive": "Were {percent} of people to lisp, and to lisp in each of their sibilants, "
    "then of 100 sibilants whose most probable class is not Normal {ppv} would come from a lisp, "
    "and of 100 whose most probable class is Normal {npv} would not. Ranges are the widest that "
    "the intervals allow of sensitivity, {sensitivity}, and of specificity, {specificity}, both "
    "for single sibilants of speakers held out, with lisps as mixed as in the training.",
    "prevalence_source": "23 % of young Dutch-speaking adults lisp (Van Borsel 2007).",
    "predictive_range": "{value} ({low} to {high})",
    "training_notes": "Notes of the training",
    "made_by": "Made by acoustic-sib {version}. This page holds no sound.",
    "print_hint": "What is opened here is printed too.",
}
