"""What screening says, in English, German and Portuguese: the same keys and places in each."""

from acoustic_sib.errors import ConfigError, nearest

_ENGLISH = {
    "notice": "Research and measurement aid. Not a diagnosis. A qualified speech-language "
    "pathologist must listen and decide.",
    "demonstration": "DEMONSTRATION, NO SCREENING: this model was trained on synthetic sound and "
    "says nothing about a person.",
    "why": "{findings} than the Normal speakers this model knows; consistent with {name}.",
    "typical": "The measures lie within the range of the Normal speakers this model knows; "
    "consistent with {name}.",
    "together": "No single measure explains this; taken together the measures are consistent "
    "with {name}.",
    "no_reference": "No reference of Normal speakers is known; the measures are consistent with "
    "{name}.",
    "uncertain": "Uncertain: the data do not rule out {names}.",
    "none_fits": "Uncertain: the sound fits no class of this model.",
    "and": "{first} and {second}",
    "lateral_band": "more energy at 2.5-4.5 kHz",
    "lateral_modulation": "more fluctuation at 2.5-4.5 kHz",
    "skewness": "energy leaning more towards low frequencies",
    "flatness": "a flatter, more diffuse spectrum",
    "ampd": "a smaller rise from trough to peak",
    "level": "a weaker sound relative to the vowel",
    "too_short": "{ms:.0f} ms long; at least {least:.0f} ms are needed",
    "silent": "silent",
    "clipped": "clipped: {percent:.0f} % of the samples are flat tops",
    "too_noisy": "too noisy: {db:.0f} dB above the noise of the recording around it; "
    "at least {least:.0f} dB are needed",
    "low_only": "hardly any energy above {hz:.0f} Hz: hum or rumble, no frication",
    "periodic": "periodic above {hz:.0f} Hz: a tone, hum or vowel, no frication",
    "missing": "{missing} of {total} measures cannot be taken",
    "too_loud": "{db:.0f} dB above full scale: were integer samples stored as floating point?",
    "tonal": "made of tones above {hz:.0f} Hz: music or a signal, no frication",
}

_GERMAN = {
    "notice": "Hilfsmittel für Forschung und Messung. Keine Diagnose. Eine qualifizierte "
    "logopädische Fachkraft muss hören und entscheiden.",
    "demonstration": "VORFÜHRUNG, KEIN SCREENING: Dieses Modell wurde mit künstlichem Schall "
    "trainiert und sagt nichts über einen Menschen aus.",
    "why": "{findings} als bei den Normal-Sprechern, die dieses Modell kennt; vereinbar mit "
    "{name}.",
    "typical": "Die Messwerte liegen im Bereich der Normal-Sprecher, die dieses Modell kennt; "
    "vereinbar mit {name}.",
    "together": "Kein einzelner Messwert erklärt dies; zusammen sind die Messwerte vereinbar mit "
    "{name}.",
    "no_reference": "Es ist keine Referenz von Normal-Sprechern bekannt; die Messwerte sind "
    "vereinbar mit {name}.",
    "uncertain": "Unsicher: Die Daten schließen nicht aus: {names}.",
    "none_fits": "Unsicher: Der Laut passt zu keiner Klasse dieses Modells.",
    "and": "{first} und {second}",
    "lateral_band": "mehr Energie bei 2,5-4,5 kHz",
    "lateral_modulation": "mehr Schwankung bei 2,5-4,5 kHz",
    "skewness": "stärker zu tiefen Frequenzen geneigte Energie",
    "flatness": "ein flacheres, diffuseres Spektrum",
    "ampd": "ein kleinerer Anstieg von der Senke zum Gipfel",
    "level": "ein schwächerer Laut im Verhältnis zum Vokal",
    "too_short": "{ms:.0f} ms lang; mindestens {least:.0f} ms sind nötig",
    "silent": "still",
    "clipped": "übersteuert: {percent:.0f} % der Abtastwerte sind abgeschnitten",
    "too_noisy": "zu verrauscht: {db:.0f} dB über dem Rauschen der Aufnahme ringsum; "
    "mindestens {least:.0f} dB sind nötig",
    "low_only": "kaum Energie über {hz:.0f} Hz: Brummen oder Rumpeln, keine Friktion",
    "periodic": "periodisch über {hz:.0f} Hz: Ton, Brummen oder Vokal, keine Friktion",
    "missing": "{missing} von {total} Messwerten sind nicht bestimmbar",
    "too_loud": "{db:.0f} dB über Vollaussteuerung: Wurden ganze Zahlen als Gleitkommazahlen "
    "gespeichert?",
    "tonal": "aus Tönen über {hz:.0f} Hz: Musik oder ein Signal, keine Friktion",
}

_PORTUGUESE = {
    "notice": "Auxílio à pesquisa e à medição. Não é um diagnóstico. Um fonoaudiólogo qualificado "
    "deve ouvir e decidir.",
    "demonstration": "DEMONSTRAÇÃO, NÃO É TRIAGEM: este modelo foi treinado com som sintético e "
    "nada diz sobre uma pessoa.",
    "why": "{findings} do que nos falantes Normal que este modelo conhece; compatível com {name}.",
    "typical": "As medidas estão na faixa dos falantes Normal que este modelo conhece; compatível "
    "com {name}.",
    "together": "Nenhuma medida isolada explica isto; em conjunto, as medidas são compatíveis com "
    "{name}.",
    "no_reference": "Não há referência de falantes Normal; as medidas são compatíveis com {name}.",
    "uncertain": "Incerto: os dados não excluem {names}.",
    "none_fits": "Incerto: o som não se ajusta a nenhuma classe deste modelo.",
    "and": "{first} e {second}",
    "lateral_band": "mais energia em 2,5-4,5 kHz",
    "lateral_modulation": "mais flutuação em 2,5-4,5 kHz",
    "skewness": "energia mais voltada às baixas frequências",
    "flatness": "um espectro mais plano e difuso",
    "ampd": "uma subida menor do vale ao pico",
    "level": "um som mais fraco em relação à vogal",
    "too_short": "duração de {ms:.0f} ms; são necessários pelo menos {least:.0f} ms",
    "silent": "silêncio",
    "clipped": "saturado: {percent:.0f} % das amostras estão cortadas",
    "too_noisy": "ruído demais: {db:.0f} dB acima do ruído da gravação ao redor; são "
    "necessários pelo menos {least:.0f} dB",
    "low_only": "quase nenhuma energia acima de {hz:.0f} Hz: zumbido, sem fricção",
    "periodic": "periódico acima de {hz:.0f} Hz: tom, zumbido ou vogal, sem fricção",
    "missing": "{missing} de {total} medidas não podem ser obtidas",
    "too_loud": "{db:.0f} dB acima da escala máxima: as amostras inteiras foram gravadas como "
    "ponto flutuante?",
    "tonal": "feito de tons acima de {hz:.0f} Hz: música ou um sinal, sem fricção",
}

TABLES = {"en": _ENGLISH, "de": _GERMAN, "pt": _PORTUGUESE}


def say(language: str, key: str, **values: str | float) -> str:
    """The sentence `key` in a language, its places filled.

    Raises ConfigError for a language without a table.
    """
    if language not in TABLES:
        raise ConfigError(f"--language: unknown language '{language}'; {nearest(language, TABLES)}")
    return TABLES[language][key].format(**values)
