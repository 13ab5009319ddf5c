"""What is noticed of a recording's channels, in each language."""

import re

from acoustic_sib.screen.wording import say

TABLES = {
    "en": {
        "dead": "channel {index} is dead",
        "inverted": "channel {index} is inverted",
        "silent": "all channels are silent",
        "differ": "channels {listed} hold different sound and were averaged: extract the "
        "speaker's own channel",
        "apart": "channels {listed} hold the same sound up to 1 ms apart: channel {taken} was "
        "taken",
    },
    "de": {
        "dead": "Kanal {index} ist tot",
        "inverted": "Kanal {index} ist verpolt",
        "silent": "alle Kanäle sind still",
        "differ": "die Kanäle {listed} enthalten verschiedenen Schall und wurden gemittelt: "
        "Ziehen Sie den Kanal des Sprechers heraus",
        "apart": "die Kanäle {listed} enthalten denselben Schall, um bis zu 1 ms versetzt: "
        "Kanal {taken} wurde genommen",
    },
    "pt": {
        "dead": "o canal {index} está mudo",
        "inverted": "o canal {index} está invertido",
        "silent": "todos os canais estão em silêncio",
        "differ": "os canais {listed} contêm sons diferentes e foram misturados pela média: "
        "extraia o canal do próprio falante",
        "apart": "os canais {listed} contêm o mesmo som, com até 1 ms de atraso: foi usado o "
        "canal {taken}",
    },
}
_ONE = re.compile(r"channel (?P<index>\d+) is (?P<state>dead|inverted)")
_TOGETHER = {
    key: re.compile(TABLES["en"][key].format(listed=r"([\d, ]+) and (\d+)", taken=r"(\d+)"))
    for key in ("differ", "apart")
}


def channel_words(language: str, note: str) -> str:
    """What `audio.Sound.channel_note` says in English, in a language."""
    table = TABLES[language]
    if note == TABLES["en"]["silent"]:
        return table["silent"]
    told = _ONE.sub(lambda found: table[found["state"]].format(index=found["index"]), note)
    for key, pattern in _TOGETHER.items():
        for found in pattern.finditer(told):
            first, last, *taken = found.groups()
            listed = say(language, "and", first=first, second=last)
            told = told.replace(found[0], table[key].format(listed=listed, taken=(*taken, "")[0]))
    return told
