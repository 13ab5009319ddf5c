"""German words of the session report."""

GERMAN = {
    "title": "Bericht der Sitzung",
    "subtitle": "In Aufnahmen gemessene Sibilanten",
    "skip": "Direkt zur Auszählung",
    "made_on": "Erstellt am",
    "speaker": "Sprecher",
    "recordings": "Aufnahmen",
    "read_of": "{read} von {total} gelesen",
    "sibilants": "Sibilanten",
    "assessable_of": "{n} von {total} beurteilbar",
    "model": "Modell",
    "reference": "Verglichen mit",
    "all_normal": "allen Normal-Sprechern des Trainings ({n})",
    "all_normal_unknown": "allen Normal-Lauten des Trainings, Sprecher nicht bekannt",
    "group_normal": "Normal-Sprechern des Trainings: {group} ({n})",
    "no_normal": "niemandem: Das Training kennt zu wenige Normal-Sprecher",
    "fallback": "das Training hat keine Referenz für {asked}",
    "level": "Klassenmengen",
    "level_says": "enthalten in {percent} der Fälle die wahre Klasse; mehrere Klassen in einer "
    "Menge heißen „unsicher“",
    "device": "Ein Programm, das ein Signal auswertet, ist im Einsatz zur Diagnose wahrscheinlich "
    "ein Medizinprodukt. Dieses ist nicht als solches zugelassen und beansprucht nichts. Sagen "
    "Sie „vereinbar mit“, nie „ist“.",
    "counts": "Auszählung",
    "of_whom": "Aufnahme oder Sprecher",
    "counts_caption": "Sibilanten nach Klasse",
    "counts_note": "Anzahl, Anteil an den beurteilbaren Sibilanten und dessen 95-%-Intervall "
    "(Wilson). Eine Klasse zählt, wo die Daten jede andere ausschließen; der Rest ist unsicher. "
    "Die Sibilanten gelten als unabhängig: Das Intervall gilt für diese Aufnahmen und sagt nichts "
    "über einen anderen Tag.",
    "all": "Alle Aufnahmen",
    "sound": "{name}, Laut „{sound}“",
    "assessable": "Beurteilbar",
    "uncertain": "unsicher",
    "one_by_one": "Die Sibilanten einzeln",
    "key": "Buchstaben stehen für Klassen: {letters}; „?“ für unsicher, „–“ für nicht beurteilbar. "
    "Der Balken ist die Wahrscheinlichkeit der wahrscheinlichsten Klasse.",
    "number": "Nr.",
    "time": "Zeit (s)",
    "label": "Laut",
    "class": "Klasse",
    "probability": "Wahrschein\u00adlichkeit",
    "not_assessable": "nicht beurteilbar",
    "unlike": "Vorsicht: {reason}.",
    "numbers": "Zahlen zu Nr. {number}",
    "numbers_caption": "Messwerte, auf denen der Befund beruht",
    "measure": "Messwert",
    "value": "Wert",
    "centre": "Mittel der Normal-Sprecher",
    "z": "Abstand (SD)",
    "numbers_note": "Abstand vom Mittel der Normal-Sprecher in SD einzelner Sibilanten, zwischen "
    "und innerhalb von Sprechern. Interdentale Laute werden nie mit dem spektralen "
    "Schwerpunkt erklärt.",
    "probabilities": "Wahrscheinlichkeiten: {listed}.",
    "no_reference": "keine Referenz",
    "no_sibilants": "In dieser Aufnahme wurde kein Sibilant gefunden.",
    "note": "Hinweis: {note}",
    "failed": "Nicht lesbar",
    "figure": "Mittleres Spektrum von Sibilant Nr. {number}",
    "frequency": "Frequenz (kHz)",
    "level_axis": "Pegel gegen eigenes Mittel (dB)",
    "this_one": "dieser Sibilant",
    "band": "Normal-Sprecher ({n}): Mittel ± 2 SD",
    "band_clips": "Normal-Laute: Mittel ± 2 SD",
    "band_note": "Bei jeder Frequenz liegen etwa 95 von 100 Normal-Sibilanten im Band; über alle "
    "Frequenzen verlässt es auch mancher von ihnen irgendwo.",
    "highest": "Am höchsten bei {khz} kHz.",
    "inside": "Überall innerhalb des Bandes der Normal-Sprecher.",
    "above": "Über dem Band der Normal-Sprecher bei {spans} kHz.",
    "below": "Unter dem Band der Normal-Sprecher bei {spans} kHz.",
    "no_band": "Das Modell kennt kein Referenzband.",
    "no_spectrum": "Sein mittleres Spektrum ließ sich nicht messen.",
    "about_model": "Über das Modell",
    "model_is": "{name} unterscheidet {classes} nach {n_columns} Messwerten des Schalls bis {khz} "
    "kHz. Trainiert wurde es mit {n_clips} Lauten von {n_speakers}: {counts}.",
    "n_speakers": "{n} Sprechern",
    "speakers_unknown": "nicht bekannten Sprechern",
    "worth": "Bei Sprechern, die es nicht kannte, war seine ungewichtete mittlere "
    "Erkennungsrate {uar}; Zufall ist {chance}. Erkennungsrate jeder Klasse: {recalls}.",
    "worth_mixed": "Bei Lauten von Sprechern, mit denen es trainiert wurde, war seine ungewichtete "
    "mittlere Erkennungsrate {uar}; Zufall ist {chance}. Für einen neuen Sprecher gilt hier "
    "nichts. Erkennungsrate jeder Klasse: {recalls}.",
    "interval": "{value} (95-%-Intervall {low} bis {high})",
    "no_interval": "{value} (kein Intervall)",
    "not_measurable": "nicht messbar",
    "sets": "Seine Mengen bei {level} enthielten die wahre Klasse bei {covered} und nannten "
    "mehrere Klassen bei {uncertain} der Laute.",
    "labels": "Es unterscheidet die Etiketten seines Trainings. Ob diese das Urteil einer "
    "Fachkraft über Sigmatismen waren, muss sagen, wer es gemacht hat.",
    "no_predictive": "Prädiktive Werte werden nicht genannt: Die Klassen dieses Modells stehen für "
    "andere Etiketten seines Trainings, und wie viele Menschen lispeln, sagt über diese nichts.",
    "predictive_if": "Das Folgende gilt nur, wo sie es waren.",
    "predictive": "Lispelten {percent} der Menschen, und zwar in jedem ihrer Sibilanten, dann "
    "kämen von 100 Sibilanten, deren wahrscheinlichste Klasse nicht Normal ist, {ppv} aus einem "
    "Sigmatismus, und von 100, deren wahrscheinlichste Klasse Normal ist, {npv} nicht. Die "
    "Spannen sind die weitesten, die die Intervalle der Sensitivität, {sensitivity}, und der "
    "Spezifität, {specificity}, zulassen; beide gelten für einzelne Sibilanten nicht gehörter "
    "Sprecher, die Sigmatismen gemischt wie im Training.",
    "prevalence_source": "23 % der jungen Erwachsenen mit niederländischer Muttersprache lispeln "
    "(Van Borsel 2007).",
    "predictive_range": "{value} ({low} bis {high})",
    "training_notes": "Hinweise aus dem Training",
    "made_by": "Erstellt mit acoustic-sib {version}. Diese Seite enthält keinen Ton.",
    "print_hint": "Was hier aufgeklappt ist, wird mitgedruckt.",
}
