"""Sentences of the rooms below, which speak English, in the language that a user asked for.

A sentence is known by its English words around what was filled in. One that stands here in no
table, or whose words have changed, is given as it is.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from string import Formatter

from acoustic_sib.screen.retold_notes import NOTES
from acoustic_sib.screen.wording import DECIMAL_COMMA

Told = Mapping[str, str]
"""Language -> one sentence with the same places; places ending in `_s` are seconds."""

FORMATS = "WAV, FLAC, OGG, MP3 or AIFF"
_FORMATS = {"de": "WAV, FLAC, OGG, MP3 oder AIFF", "pt": "WAV, FLAC, OGG, MP3 ou AIFF"}

FAILURES: tuple[Told, ...] = (
    {
        "en": "{path}: no such file; expected a sound file",
        "de": "{path}: keine solche Datei; erwartet wird eine Tondatei",
        "pt": "{path}: não há tal arquivo; esperava-se um arquivo de som",
    },
    {
        "en": "{path}: is a folder; expected a sound file",
        "de": "{path}: ist ein Ordner; erwartet wird eine Tondatei",
        "pt": "{path}: é uma pasta; esperava-se um arquivo de som",
    },
    {
        "en": "{path}: permission denied; expected a sound file that you may read",
        "de": "{path}: Zugriff verweigert; erwartet wird eine Tondatei, die Sie lesen dürfen",
        "pt": "{path}: acesso negado; esperava-se um arquivo de som que você possa ler",
    },
    {
        "en": "{path}: file name too long; expected a sound file that you may read",
        "de": "{path}: Dateiname zu lang; erwartet wird eine Tondatei, die Sie lesen dürfen",
        "pt": "{path}: nome longo demais; esperava-se um arquivo de som que você possa ler",
    },
    {
        "en": "{path}: a name that is no valid UTF-8; expected one that is: was it copied from "
        "another system?",
        "de": "{path}: ein Name, der kein gültiges UTF-8 ist; erwartet wird ein gültiger: Wurde "
        "die Datei von einem anderen System kopiert?",
        "pt": "{path}: um nome que não é UTF-8 válido; esperava-se um que seja: o arquivo foi "
        "copiado de outro sistema?",
    },
    {
        "en": f"{{path}}: an empty file of 0 bytes; expected {FORMATS}: was the copy interrupted?",
        "de": f"{{path}}: eine leere Datei mit 0 Bytes; erwartet wird {_FORMATS['de']}: Wurde das "
        "Kopieren unterbrochen?",
        "pt": f"{{path}}: um arquivo vazio de 0 bytes; esperava-se {_FORMATS['pt']}: a cópia foi "
        "interrompida?",
    },
    {
        "en": f"{{path}}: not readable as audio ({{reason}}); expected {FORMATS}",
        "de": f"{{path}}: nicht als Ton lesbar ({{reason}}); erwartet wird {_FORMATS['de']}",
        "pt": f"{{path}}: não se lê como áudio ({{reason}}); esperava-se {_FORMATS['pt']}",
    },
    {
        "en": f"{{path}}: sound without a header, of unknown rate; expected {FORMATS}",
        "de": f"{{path}}: Ton ohne Kopf, von unbekannter Abtastrate; erwartet wird "
        f"{_FORMATS['de']}",
        "pt": f"{{path}}: som sem cabeçalho, de taxa desconhecida; esperava-se {_FORMATS['pt']}",
    },
    {
        "en": "{path}: holds no samples; expected sound: was the recording cut off?",
        "de": "{path}: enthält keine Abtastwerte; erwartet wird Ton: Wurde die Aufnahme "
        "abgebrochen?",
        "pt": "{path}: não contém amostras; esperava-se som: a gravação foi cortada?",
    },
    {
        "en": "{path}: sampling rate {sr} Hz; expected {lowest} to {highest}: is the header "
        "damaged?",
        "de": "{path}: Abtastrate {sr} Hz; erwartet werden {lowest} bis {highest}: Ist der Kopf "
        "der Datei beschädigt?",
        "pt": "{path}: taxa de amostragem de {sr} Hz; esperava-se de {lowest} a {highest}: o "
        "cabeçalho está danificado?",
    },
    {
        "en": "{path}: decoding stops {missing_s} s before its end; expected as many samples as "
        "the header says: is the file cut off?",
        "de": "{path}: endet {missing_s} s zu früh; erwartet werden so viele Abtastwerte, wie der "
        "Kopf der Datei sagt: Ist sie abgeschnitten?",
        "pt": "{path}: a decodificação para {missing_s} s antes do fim; esperavam-se tantas "
        "amostras quantas diz o cabeçalho: o arquivo está cortado?",
    },
    {
        "en": "{path}: the last page of this OGG is not whole; expected a whole one: is the file "
        "cut off?",
        "de": "{path}: die letzte Seite dieser OGG-Datei ist nicht vollständig; erwartet wird eine "
        "vollständige: Ist die Datei abgeschnitten?",
        "pt": "{path}: a última página deste OGG não está inteira; esperava-se uma inteira: o "
        "arquivo está cortado?",
    },
    {
        "en": "{path}: an MP3 without a table of its length, of which only {read_s} of {held_s} s "
        "can be read; expected all of it: convert it to WAV or FLAC",
        "de": "{path}: ein MP3 ohne Tabelle seiner Länge, von dem sich nur {read_s} von {held_s} s "
        "lesen lassen; erwartet wird alles: Wandeln Sie die Datei in WAV oder FLAC um",
        "pt": "{path}: um MP3 sem tabela da sua duração, do qual só se leem {read_s} de {held_s} "
        "s; esperava-se tudo: converta o arquivo para WAV ou FLAC",
    },
    {
        "en": "{path}: NaN or infinite sample at {at_s} s; expected numbers: a failed conversion "
        "to float?",
        "de": "{path}: ein Abtastwert bei {at_s} s ist NaN oder unendlich; erwartet werden Zahlen: "
        "eine misslungene Umwandlung in Gleitkommazahlen?",
        "pt": "{path}: amostra NaN ou infinita em {at_s} s; esperavam-se números: uma conversão "
        "malsucedida para ponto flutuante?",
    },
    {
        "en": "{path}: a model bundle, no recording; expected sound: `predict` takes one model, "
        "first",
        "de": "{path}: ein Modell, keine Aufnahme; erwartet wird Ton: `predict` nimmt ein Modell, "
        "und zwar zuerst",
        "pt": "{path}: um modelo, não uma gravação; esperava-se som: `predict` recebe um modelo, "
        "em primeiro lugar",
    },
    {
        "en": "{path}: a TextGrid, no recording; expected sound: a folder of TextGrids is given "
        "with --phones",
        "de": "{path}: ein TextGrid, keine Aufnahme; erwartet wird Ton: Ein Ordner mit TextGrids "
        "wird mit --phones angegeben",
        "pt": "{path}: um TextGrid, não uma gravação; esperava-se som: uma pasta de TextGrids é "
        "dada com --phones",
    },
    {
        "en": "{path}: no {name} in {folder}; expected one for each recording: does its name "
        "differ?",
        "de": "{path}: kein {name} in {folder}; erwartet wird eines für jede Aufnahme: Heißt es "
        "anders?",
        "pt": "{path}: não há {name} em {folder}; esperava-se um para cada gravação: o nome é "
        "outro?",
    },
    {
        "en": "{path}: {target} is there already and differs, perhaps corrected by hand; it is "
        "left as it is: expected another folder",
        "de": "{path}: {target} gibt es schon und ist anders, vielleicht von Hand korrigiert; es "
        "bleibt, wie es ist: Erwartet wird ein anderer Ordner",
        "pt": "{path}: {target} já existe e é diferente, talvez corrigido à mão; fica como está: "
        "esperava-se outra pasta",
    },
    {
        "en": "{textgrid}: an interval ends at {end_s} s; expected it within the {duration_s} s of "
        "{path}: is it of another recording?",
        "de": "{textgrid}: ein Intervall endet bei {end_s} s; erwartet wird es innerhalb der "
        "{duration_s} s von {path}: Gehört es zu einer anderen Aufnahme?",
        "pt": "{textgrid}: um intervalo termina em {end_s} s; esperava-se dentro dos "
        "{duration_s} s de {path}: é de outra gravação?",
    },
    {
        "en": "{textgrid}: tiers {listed}; expected the phones of one speaker: was a dialogue "
        "aligned?",
        "de": "{textgrid}: Ebenen {listed}; erwartet werden die Laute eines Sprechers: Wurde ein "
        "Gespräch aligniert?",
        "pt": "{textgrid}: camadas {listed}; esperavam-se os fones de um falante: um diálogo foi "
        "alinhado?",
    },
    {
        "en": "{textgrid}: tiers {listed}; expected 'sibilant' or one of {names}",
        "de": "{textgrid}: Ebenen {listed}; erwartet wird 'sibilant' oder eine von {names}",
        "pt": "{textgrid}: camadas {listed}; esperava-se 'sibilant' ou uma de {names}",
    },
    {
        "en": "{textgrid}: a binary TextGrid; expected Praat's text format: in Praat, use 'Save as "
        "text file...'",
        "de": "{textgrid}: ein binäres TextGrid; erwartet wird das Textformat von Praat: dort "
        "„Save as text file...“",
        "pt": "{textgrid}: um TextGrid binário; esperava-se o formato de texto do Praat: nele, use "
        "'Save as text file...'",
    },
    {
        "en": "{path}: {ending} is not read here; expected WAV, FLAC, OGG, MP3 or AIFF: convert it",
        "de": "{path}: {ending} wird hier nicht gelesen; erwartet wird WAV, FLAC, OGG, MP3 oder "
        "AIFF: Wandeln Sie die Datei um",
        "pt": "{path}: {ending} não é lido aqui; esperava-se WAV, FLAC, OGG, MP3 ou AIFF: "
        "converta o arquivo",
    },
)


def retold(language: str, sentence: str) -> str:
    """`sentence` in a language where it is known there, else as it is."""
    if language == "en":
        return sentence
    for english, told in _known():
        if (found := english.fullmatch(sentence)) is not None:
            places = found.groupdict()
            if language in DECIMAL_COMMA:
                places = {name: value.replace(".", ",") if name.endswith("_s") else value
                          for name, value in places.items()}  # fmt: skip
            return told[language].format(**places)
    return sentence


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[re.Pattern[str], Told], ...]:
    return tuple((_pattern(told["en"]), told) for told in (*FAILURES, *NOTES))


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join(_parts(template)), re.DOTALL)


def _parts(template: str) -> Iterator[str]:
    for text, place, _, _ in Formatter().parse(template):
        yield re.escape(text)
        if place is not None:
            yield f"(?P<{place}>.*)"
