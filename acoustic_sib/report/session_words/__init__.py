"""The words of the session report, a table a language: the same keys and places in each."""

from acoustic_sib.report.session_words.de import GERMAN
from acoustic_sib.report.session_words.en import ENGLISH
from acoustic_sib.report.session_words.pt import PORTUGUESE

WORDS = {"en": ENGLISH, "de": GERMAN, "pt": PORTUGUESE}
