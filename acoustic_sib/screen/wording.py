"""What screening says, in English, German and Portuguese: the same keys and places in each."""

from acoustic_sib.errors import ConfigError, nearest

_ENGLISH = {
    "notice": "Research and measurement aid. Not a diagnosis. A qualified speech-language "
    "pathologist must listen and decide.",
    "demonstration": "DEMONSTRATION, NO SCREENING: this model was trained on synthetic sound and "
    "says nothing about a person.",
    "made_of": "The classes of this model stand for other labels of its training: {listed}.",
    "maker_note": "Note on the model: {note}",
    "unknown_speakers": "Speakers that are not known may be one: no class is ever ruled out, and "
    "every answer is uncertain.",
    "why": "{findings} than the Normal speakers{group} this model knows; {so}.",
    "typical": "The measures lie within the range of the Normal speakers{group} this model knows; "
    "{so}.",
    "so": "consistent with {name}",
    "so_doubt": "that speaks most for {name}",
    "together": "No single measure explains this; taken together the measures are consistent "
    "with {name}.",
    "together_doubt": "No single measure explains this; taken together the measures speak most for "
    "{name}.",
    "no_reference": "No reference of Normal speakers is known; the measures are consistent with "
    "{name}.",
    "no_reference_doubt": "No reference of Normal speakers is known; the measures speak most for "
    "{name}.",
    "uncertain": "Uncertain: the data do not rule out {names}.",
    "ruled_out": "Uncertain: the most probable class is {name}, which the data rule out at this "
    "level; they do not rule out {names}.",
    "none_fits": "Uncertain: the sound fits no class of this model.",
    "unlike_doubt": "Uncertain: the sound is unlike those that this model was trained on.",
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
    "low_rate": "sampled at {sr} Hz, it holds nothing above {nyquist:.0f} Hz; this model measures "
    "up to {high:.0f} Hz",
    "narrow_band": "band-limited to {hz:.0f} Hz; this model measures up to {high:.0f} Hz",
    "shorter": "{ms:.0f} ms long; the clips this model was trained on last at least {least:.0f} ms",
    "longer": "{s} s long; the clips this model was trained on last at most {most} s",
    "quieter": "{db:.0f} dB re full scale; the quietest clip this model was trained on has "
    "{least:.0f} dB",
    "unlike": "unlike the training clips, {times} times the limit: {reason}",
    "too_high": "{name} {sd:.0f} SD too high",
    "too_low": "{name} {sd:.0f} SD too low",
    "unlike_together": "no single measure, but how they go together",
    "nothing_to_find": "silent: nothing to find",
    "heard_to": "frication is only heard up to {khz} kHz: sibilants are found by what lies below "
    "3.5 kHz, and less surely",
    "too_narrow": "too narrow a band to find sibilants",
    "speech_in_noise": "speech hardly rises above the noise of this recording: sibilants may be "
    "missed or mistaken",
    "fewer_found": "{found} found of {expected} expected",
    "too_short_to_search": "too short to find a sibilant in it",
    "left_out": "{n} more that are clearly sibilants were left out, since --expect holds no more, "
    "or none there: is it right?",
    "no_sibilant_label": "tier '{tier}': none of its {n} labels is read as a sibilant; expected "
    "IPA or ARPABET, or a tier 'sibilant'",
    "postalveolar": "The search finds /ʃ ʒ/ as well as /s z/ and does not tell them apart: leave "
    "out what the model was not trained on (segment, then --phones).",
    "perhaps_lisped": "more sounds like [θ ð] ({dental}, left out) than like sibilants ({found}): "
    "if /s z/ were meant, give --expect with the number of sibilants said",
    "sibilant": "sibilant",
    "uncertain_word": "uncertain",
    "not_assessable": "not assessable: {reason}",
    "not_assessable_word": "not assessable",
    "assessable": "{n} of {total} assessable",
    "none_found": "no sibilant found",
    "not_read": "not readable",
    "share": "{name} {count} ({percent:.0f} %, 95 % CI {low:.0f}-{high:.0f})",
    "all_read": "all {n} recordings read",
    "sex=f": "female",
    "sex=m": "male",
    "age_group=child": "children",
    "age_group=adult": "adults",
    "too_loud": "{db:.0f} dB above full scale: were integer samples stored as floating point?",
    "no_group": "the model has no reference for {asked}: compared with {found}",
    "all_normal": "all Normal speakers",
    "group_normal": "Normal speakers ({group})",
    "outside": "{start} to {end} s lies outside the recording, which lasts {duration} s; is it the "
    "right one?",
    "no_sample": "{start} to {end} s is shorter than one sample at {sr} Hz: was it cut by hand?",
    "tonal": "made of tones above {hz:.0f} Hz: music or a signal, no frication",
    "hum": "mains hum of {db:+.0f} dB re what lies above {hz:.0f} Hz; at most {most:.0f} dB are "
    "allowed",
    "steady": "as steady as noise from a machine: no breath is",
    "only_expected": "Found only because the prompt is said to hold it.",
    "failed_word": "failed: {sentence}",
    "note_word": "note: {sentence}",
    "judging": "judging the recordings",
    "searching": "searching {name}",
    "reading": "reading {name}",
    "stage_done": "{name}: done in {s} s",
    "stage_at": "{name}: {done} of {total}",
    "none_read": "none of {n} recordings could be read",
    "nothing_judged": "nothing could be judged",
    "report_word": "report",
    "found_in": "{n} sibilants in {s} s",
    "found_one_in": "1 sibilant in {s} s",
    "score": "score",
}

_GERMAN = {
    "notice": "Hilfsmittel für Forschung und Messung. Keine Diagnose. Eine qualifizierte "
    "logopädische Fachkraft muss hören und entscheiden.",
    "demonstration": "VORFÜHRUNG, KEIN SCREENING: Dieses Modell wurde mit künstlichem Schall "
    "trainiert und sagt nichts über einen Menschen aus.",
    "made_of": "Die Klassen dieses Modells stehen für andere Etiketten seines Trainings: {listed}.",
    "maker_note": "Anmerkung zum Modell: {note}",
    "unknown_speakers": "Nicht bekannte Sprecher können einer sein: Keine Klasse wird je "
    "ausgeschlossen, und jede Antwort ist unsicher.",
    "why": "{findings} als bei den Normal-Sprechern{group}, die dieses Modell kennt; {so}.",
    "typical": "Die Messwerte liegen im Bereich der Normal-Sprecher{group}, die dieses Modell "
    "kennt; {so}.",
    "so": "vereinbar mit {name}",
    "so_doubt": "das spricht am ehesten für {name}",
    "together": "Kein einzelner Messwert erklärt dies; zusammen sind die Messwerte vereinbar mit "
    "{name}.",
    "together_doubt": "Kein einzelner Messwert erklärt dies; zusammen sprechen die Messwerte am "
    "ehesten für {name}.",
    "no_reference": "Es ist keine Referenz von Normal-Sprechern bekannt; die Messwerte sind "
    "vereinbar mit {name}.",
    "no_reference_doubt": "Es ist keine Referenz von Normal-Sprechern bekannt; die Messwerte "
    "sprechen am ehesten für {name}.",
    "uncertain": "Unsicher: Die Daten schließen nicht aus: {names}.",
    "ruled_out": "Unsicher: Die wahrscheinlichste Klasse ist {name}, die die Daten auf diesem "
    "Niveau ausschließen; nicht ausgeschlossen: {names}.",
    "none_fits": "Unsicher: Der Laut passt zu keiner Klasse dieses Modells.",
    "unlike_doubt": "Unsicher: Der Laut ist anders als die, mit denen das Modell trainiert wurde.",
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
    "low_rate": "mit {sr} Hz abgetastet, enthält nichts über {nyquist:.0f} Hz; dieses Modell misst "
    "bis {high:.0f} Hz",
    "narrow_band": "nur bis {hz:.0f} Hz; dieses Modell misst bis {high:.0f} Hz",
    "shorter": "{ms:.0f} ms lang; die Laute, mit denen dieses Modell trainiert wurde, dauern "
    "mindestens {least:.0f} ms",
    "longer": "{s} s lang; die Laute, mit denen dieses Modell trainiert wurde, dauern höchstens "
    "{most} s",
    "quieter": "{db:.0f} dB gegen Vollaussteuerung; der leiseste Laut, mit dem dieses Modell "
    "trainiert wurde, hat {least:.0f} dB",
    "unlike": "anders als alle Laute des Trainings, das {times}-Fache der Grenze: {reason}",
    "too_high": "{name} {sd:.0f} SD zu hoch",
    "too_low": "{name} {sd:.0f} SD zu niedrig",
    "unlike_together": "kein einzelner Messwert, aber ihr Zusammenspiel",
    "nothing_to_find": "still: nichts zu finden",
    "heard_to": "Friktion ist nur bis {khz} kHz zu hören: Sibilanten werden an dem erkannt, was "
    "unter 3,5 kHz liegt, und weniger sicher",
    "too_narrow": "zu schmales Band, um Sibilanten zu finden",
    "speech_in_noise": "Die Sprache hebt sich kaum vom Rauschen dieser Aufnahme ab: Sibilanten "
    "können fehlen oder verwechselt sein",
    "fewer_found": "{found} gefunden von {expected} erwarteten",
    "too_short_to_search": "zu kurz, um darin einen Sibilanten zu finden",
    "left_out": "{n} weitere deutliche Sibilanten wurden weggelassen, weil --expect nicht mehr "
    "oder dort keinen nennt: Stimmt die Angabe?",
    "no_sibilant_label": "Ebene '{tier}': keine der {n} Beschriftungen bezeichnet einen "
    "Sibilanten; erwartet: IPA oder ARPABET oder eine Ebene 'sibilant'",
    "postalveolar": "Die Suche findet neben /s z/ auch /ʃ ʒ/ und unterscheidet sie nicht: Lassen "
    "Sie weg, worauf das Modell nicht trainiert ist (segment, dann --phones).",
    "perhaps_lisped": "mehr klingt wie [θ ð] ({dental}, weggelassen) als wie Sibilanten ({found}): "
    "War /s z/ gemeint, geben Sie mit --expect die Zahl der gesagten Sibilanten an",
    "sibilant": "Sibilant",
    "uncertain_word": "unsicher",
    "not_assessable": "nicht beurteilbar: {reason}",
    "not_assessable_word": "nicht beurteilbar",
    "assessable": "{n} von {total} beurteilbar",
    "none_found": "kein Sibilant gefunden",
    "not_read": "nicht lesbar",
    "share": "{name} {count} ({percent:.0f} %, 95-%-KI {low:.0f}-{high:.0f})",
    "all_read": "alle {n} gelesenen Aufnahmen",
    "sex=f": "weiblich",
    "sex=m": "männlich",
    "age_group=child": "Kinder",
    "age_group=adult": "Erwachsene",
    "too_loud": "{db:.0f} dB über Vollaussteuerung: Wurden ganze Zahlen als Gleitkommazahlen "
    "gespeichert?",
    "no_group": "das Modell hat keine Referenz für {asked}: verglichen mit {found}",
    "all_normal": "allen Normal-Sprechern",
    "group_normal": "Normal-Sprechern ({group})",
    "outside": "{start} bis {end} s liegt außerhalb der Aufnahme, die {duration} s dauert; ist es "
    "die richtige?",
    "no_sample": "{start} bis {end} s ist kürzer als ein Abtastwert bei {sr} Hz: Wurde von Hand "
    "geschnitten?",
    "tonal": "aus Tönen über {hz:.0f} Hz: Musik oder ein Signal, keine Friktion",
    "hum": "Netzbrummen von {db:+.0f} dB gegenüber dem, was über {hz:.0f} Hz liegt; höchstens "
    "{most:.0f} dB sind zulässig",
    "steady": "so gleichmäßig wie das Rauschen einer Maschine: kein Atem ist das",
    "only_expected": "Nur gefunden, weil die Vorlage ihn enthalten soll.",
    "failed_word": "Fehler: {sentence}",
    "note_word": "Hinweis: {sentence}",
    "judging": "Aufnahmen werden beurteilt",
    "searching": "{name} wird durchsucht",
    "reading": "{name} wird gelesen",
    "stage_done": "{name}: fertig nach {s} s",
    "stage_at": "{name}: {done} von {total}",
    "none_read": "keine von {n} Aufnahmen ließ sich lesen",
    "nothing_judged": "nichts ließ sich beurteilen",
    "report_word": "Bericht",
    "found_in": "{n} Sibilanten in {s} s",
    "found_one_in": "1 Sibilant in {s} s",
    "score": "Wert",
}

_PORTUGUESE = {
    "notice": "Auxílio à pesquisa e à medição. Não é um diagnóstico. Um fonoaudiólogo qualificado "
    "deve ouvir e decidir.",
    "demonstration": "DEMONSTRAÇÃO, NÃO É TRIAGEM: este modelo foi treinado com som sintético e "
    "nada diz sobre uma pessoa.",
    "made_of": "As classes deste modelo representam outros rótulos do seu treino: {listed}.",
    "maker_note": "Nota sobre o modelo: {note}",
    "unknown_speakers": "Falantes desconhecidos podem ser um só: nenhuma classe é excluída, e toda "
    "resposta é incerta.",
    "why": "{findings} do que nos falantes Normal{group} que este modelo conhece; {so}.",
    "typical": "As medidas estão na faixa dos falantes Normal{group} que este modelo conhece; "
    "{so}.",
    "so": "compatível com {name}",
    "so_doubt": "isso aponta mais para {name}",
    "together": "Nenhuma medida isolada explica isto; em conjunto, as medidas são compatíveis com "
    "{name}.",
    "together_doubt": "Nenhuma medida isolada explica isto; em conjunto, as medidas apontam mais "
    "para {name}.",
    "no_reference": "Não há referência de falantes Normal; as medidas são compatíveis com {name}.",
    "no_reference_doubt": "Não há referência de falantes Normal; as medidas apontam mais para "
    "{name}.",
    "uncertain": "Incerto: os dados não excluem {names}.",
    "ruled_out": "Incerto: a classe mais provável é {name}, que os dados excluem neste nível; não "
    "excluem {names}.",
    "none_fits": "Incerto: o som não se ajusta a nenhuma classe deste modelo.",
    "unlike_doubt": "Incerto: o som é diferente daqueles com que este modelo foi treinado.",
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
    "low_rate": "amostrado a {sr} Hz, nada contém acima de {nyquist:.0f} Hz; este modelo mede até "
    "{high:.0f} Hz",
    "narrow_band": "banda limitada a {hz:.0f} Hz; este modelo mede até {high:.0f} Hz",
    "shorter": "duração de {ms:.0f} ms; os sons com que este modelo foi treinado duram pelo menos "
    "{least:.0f} ms",
    "longer": "duração de {s} s; os sons com que este modelo foi treinado duram no máximo {most} s",
    "quieter": "{db:.0f} dB re fundo de escala; o som mais fraco com que este modelo foi treinado "
    "tem {least:.0f} dB",
    "unlike": "diferente dos sons do treino, {times} vezes o limite: {reason}",
    "too_high": "{name} {sd:.0f} DP alto demais",
    "too_low": "{name} {sd:.0f} DP baixo demais",
    "unlike_together": "nenhuma medida isolada, mas a combinação delas",
    "nothing_to_find": "silêncio: nada a encontrar",
    "heard_to": "a fricção só se ouve até {khz} kHz: as sibilantes são encontradas pelo que há "
    "abaixo de 3,5 kHz, com menos segurança",
    "too_narrow": "banda estreita demais para encontrar sibilantes",
    "speech_in_noise": "a fala mal se destaca do ruído desta gravação: sibilantes podem faltar ou "
    "ser confundidas",
    "fewer_found": "{found} encontradas de {expected} esperadas",
    "too_short_to_search": "curta demais para conter uma sibilante",
    "left_out": "{n} outras sibilantes claras foram deixadas de fora, porque --expect não indica "
    "mais ou não as indica ali: está certo?",
    "no_sibilant_label": "camada '{tier}': nenhuma das {n} etiquetas é lida como sibilante; "
    "esperava-se IPA ou ARPABET, ou uma camada 'sibilant'",
    "postalveolar": "A busca encontra /ʃ ʒ/ além de /s z/ e não as distingue: exclua o que o "
    "modelo não conhece do treino (segment, depois --phones).",
    "perhaps_lisped": "há mais sons como [θ ð] ({dental}, deixados de fora) do que sibilantes "
    "({found}): se eram /s z/, indique com --expect o número de sibilantes ditas",
    "sibilant": "sibilante",
    "uncertain_word": "incerto",
    "not_assessable": "não avaliável: {reason}",
    "not_assessable_word": "não avaliável",
    "assessable": "{n} de {total} avaliáveis",
    "none_found": "nenhuma sibilante encontrada",
    "not_read": "não legível",
    "share": "{name} {count} ({percent:.0f} %, IC 95 % {low:.0f}-{high:.0f})",
    "all_read": "todas as {n} gravações lidas",
    "sex=f": "sexo feminino",
    "sex=m": "sexo masculino",
    "age_group=child": "crianças",
    "age_group=adult": "adultos",
    "too_loud": "{db:.0f} dB acima da escala máxima: as amostras inteiras foram gravadas como "
    "ponto flutuante?",
    "no_group": "o modelo não tem referência para {asked}: comparado com {found}",
    "all_normal": "todos os falantes Normal",
    "group_normal": "falantes Normal ({group})",
    "outside": "{start} a {end} s fica fora da gravação, que dura {duration} s; é a gravação "
    "certa?",
    "no_sample": "{start} a {end} s é mais curto que uma amostra a {sr} Hz: foi cortado à mão?",
    "tonal": "feito de tons acima de {hz:.0f} Hz: música ou um sinal, sem fricção",
    "hum": "zumbido da rede elétrica de {db:+.0f} dB em relação ao que há acima de {hz:.0f} Hz; "
    "são admitidos no máximo {most:.0f} dB",
    "steady": "tão constante quanto o ruído de uma máquina: nenhum sopro o é",
    "only_expected": "Encontrado apenas porque o estímulo deveria contê-lo.",
    "failed_word": "erro: {sentence}",
    "note_word": "nota: {sentence}",
    "judging": "avaliando as gravações",
    "searching": "procurando em {name}",
    "reading": "lendo {name}",
    "stage_done": "{name}: pronto em {s} s",
    "stage_at": "{name}: {done} de {total}",
    "none_read": "nenhuma de {n} gravações pôde ser lida",
    "nothing_judged": "nada pôde ser avaliado",
    "report_word": "relatório",
    "found_in": "{n} sibilantes em {s} s",
    "found_one_in": "1 sibilante em {s} s",
    "score": "valor",
}

TABLES = {"en": _ENGLISH, "de": _GERMAN, "pt": _PORTUGUESE}
DECIMAL_COMMA = frozenset({"de", "pt"})


def say(language: str, key: str, **values: str | float) -> str:
    """The sentence `key` in a language, its places filled.

    Raises ConfigError for a language without a table.
    """
    if language not in TABLES:
        raise ConfigError(f"--language: unknown language '{language}'; {nearest(language, TABLES)}")
    return TABLES[language][key].format(**values)


def decimal(language: str, value: float, digits: int) -> str:
    """`value` with a fixed number of decimals, and the comma that the language writes."""
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language in DECIMAL_COMMA else text


def group_words(language: str, group: str) -> str:
    """The group of a reference (`reference.group_name`) in words, "" for everyone: 'children,
    female'. A group that only its corpus knows keeps its own name."""
    parts = group.split(",") if group else []
    return ", ".join(TABLES[language].get(part, part.partition("=")[2]) for part in parts)
