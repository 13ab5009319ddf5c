"""What `train` notes in a card about folds and speakers, in each language."""

NOTES = (
    {
        "en": "folds mix the clips of a speaker: the figures do not say how a new speaker would "
        "fare",
        "de": "Die Teile der Kreuzprüfung mischen die Laute eines Sprechers: Die Zahlen sagen "
        "nicht, wie es einem neuen Sprecher erginge",
        "pt": "as partes da validação misturam os sons de um falante: os números não dizem como "
        "seria com um falante novo",
    },
    {
        "en": "{n} speakers allow {folds} folds, one speaker each",
        "de": "{n} Sprecher erlauben {folds} Teile der Kreuzprüfung, je mit einem Sprecher",
        "pt": "{n} falantes permitem {folds} partes da validação, com um falante cada",
    },
    {
        "en": "the speakers allow {n} different fold plans; {asked} were asked for",
        "de": "Die Sprecher erlauben {n} verschiedene Einteilungen; {asked} waren verlangt",
        "pt": "os falantes permitem {n} divisões diferentes; foram pedidas {asked}",
    },
    {
        "en": "1 speaker stands in more than one of the corpus's own folds: the figures do not say "
        "how a new speaker would fare",
        "de": "1 Sprecher steht in mehr als einem der eigenen Teile des Korpus: Die Zahlen sagen "
        "nicht, wie es einem neuen Sprecher erginge",
        "pt": "1 falante está em mais de uma das partes próprias do corpus: os números não dizem "
        "como seria com um falante novo",
    },
    {
        "en": "{n} speakers stand in more than one of the corpus's own folds: the figures do not "
        "say how a new speaker would fare",
        "de": "{n} Sprecher stehen in mehr als einem der eigenen Teile des Korpus: Die Zahlen "
        "sagen nicht, wie es einem neuen Sprecher erginge",
        "pt": "{n} falantes estão em mais de uma das partes próprias do corpus: os números não "
        "dizem como seria com um falante novo",
    },
    {
        "en": "no speakers are known: clips of one speaker were trained on and tested, and nothing "
        "here holds for a new speaker",
        "de": "Es sind keine Sprecher bekannt: Laute eines Sprechers wurden zum Training und zur "
        "Prüfung verwendet, und nichts hier gilt für einen neuen Sprecher",
        "pt": "nenhum falante é conhecido: sons de um mesmo falante serviram para treinar e para "
        "testar, e nada aqui vale para um falante novo",
    },
    {
        "en": "speakers that are not known may be one: the sets rule out no class, and every "
        "answer is uncertain; name them in a column 'speaker'",
        "de": "Nicht bekannte Sprecher können einer sein: Die Mengen schließen keine Klasse aus, "
        "und jede Antwort ist unsicher; nennen Sie die Sprecher in einer Spalte 'speaker'",
        "pt": "falantes desconhecidos podem ser um só: os conjuntos não excluem nenhuma classe, e "
        "toda resposta é incerta; indique os falantes numa coluna 'speaker'",
    },
    {
        "en": "too few speakers bear {listed} for any set at {level} to rule that out; at least "
        "{n} are needed",
        "de": "Zu wenige Sprecher haben {listed}, als dass eine Menge bei {level} das ausschließen "
        "könnte; mindestens {n} sind nötig",
        "pt": "poucos falantes têm {listed} para que um conjunto a {level} possa excluir isso; são "
        "necessários pelo menos {n}",
    },
)
