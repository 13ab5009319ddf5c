"""Speech by espeak-ng with its own phone boundaries: training sounds of the sibilant search.

SYNTHETIC. English sentences and invented words by 23 voice variants, sentences and words of other
languages; never the voices en-us, en-us+m3 and en-us+f2, which the search is tested on.
"""

import ctypes
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Phone = tuple[float, float, str]
SYNCHRONOUS, PHONE_EVENTS, PHONEME_INPUT, PHONE_EVENT, UTF8 = 1, 1, 0x100, 7, 1
RATE, PITCH = 1, 3
VARIANTS = ("m1", "m2", "m4", "m5", "m6", "m7", "m8", "f1", "f3", "f4", "f5", "croak", "whisper",
            "klatt", "klatt3", "grandma", "linda", "steph", "victor", "adam", "caleb", "shelby",
            "zac")  # fmt: skip
ENGLISH = (
    "She sells fresh fish from this cellar.", "Those thieves thought they found the thing.",
    "Measure the size of his shoes before sunrise.", "The vase was full of violet flowers.",
    "Jazz music pleases these children.", "Five brave fathers gave a very long speech.",
    "His cousin usually visits us on Thursdays.", "Nothing else moves faster than the wolf.",
    "Please pass the sugar and the spoons.", "Zoe saw six white horses in the zoo.",
    "Half of them have never heard of it.", "The rough path goes both north and south.",
    "Choose the cheese that just matches.", "I hope he can go home by noon.",
    "Even the moon was yellow in the morning.", "Kick the ball back to the coach.",
    "Ask the nurse to close these windows.", "Breathe in, then breathe out, mouth open.",
)  # fmt: skip
OTHERS = {
    "en-gb-scotland": ENGLISH[:6], "en-gb-x-rp": ENGLISH[6:12], "en-029": ENGLISH[12:],
    "de": ("Sechs Schwestern suchen schöne Sachen.", "Ich möchte auch noch Kuchen kaufen."),
    "pl": ("Szósty człowiek zawsze siedzi w cieniu.", "Chodź szybko do domu."),
    "es": ("Los zapatos azules son de José.", "El jefe dijo que hace frío."),
    "pt-br": ("Os gatos estão sobre a mesa.", "A chuva já passou hoje cedo."),
    "nl": ("De zus van Jan is ziek.", "Ga zitten en geef mij het schip."),
    "it": ("La casa rosa si trova sul fiume.", "Lo sceriffo esce di notte."),
    "cs": ("Šest žen sedí ve velkém sále.", "Jeho syn chce chodit do školy."),
    "hu": ("A szomszéd zsemlét és sajtot eszik.", "Hosszú eső esik a városra."),
    "tr": ("Şişe masanın üstünde duruyor.", "Zeki çocuk hızla koştu."),
    "cy": ("Mae llawer o lyfrau yn y llyfrgell.", "Lle mae dy sgidiau?"),
    "sk": ("Škola sa začína zajtra.",), "fi": ("Suomessa sataa usein lunta.",),
}  # fmt: skip
WORDS = {
    "ar": "خمسة أحمر صباح شمس بحر غرفة هواء كتاب طريق زيت فم ثوب ذهب حليب نهر قلب خبز عين تفاح باب",
    "fa": "خانه آب هوا شب سخن زن ژاله فردا قلب خوب چشم جان نان کتاب ماه",
    "ka": "წყალი ხელი სახლი ძაღლი ყველი ჭამა შავი ზღვა თხა ფული კაცი პური ჟანგი ჰაერი ღამე",
    "am": "ሰላም ጸሐይ ቤት ውሃ ሻይ ዛፍ ልጅ ጠዋት ቀይ ፀጉር እሳት ሐሙስ",
    "cmn": "谢谢 老师 吃饭 喝水 上海 中国 朋友 花 书 四 十 日本 女儿 猫 狗 河",
    "sv": "sju sjösjuka sköldpaddor kött hus tjugo fågel katt skina mörk vatten flicka hej",
    "de": "ach Buch Haus ich Nacht Fuchs Kaffee Kopf tief hoch Schuh Sonne lesen gehen Vater Tag",
    "es": "jota gente caja fuego viento taza cabeza queso perro ojo agua hijo rojo casa feo techo",
    "nl": "goed acht vogel school huis geel zee zon kat fiets hond lachen tafel koffie",
    "pl": "chata hak szafa żaba źle śnieg sok zupa fala woda kot dach ucho człowiek dziecko",
    "ru": "хлеб ухо шум жук сок зуб фон вода кот тихо щука рыба хор фара",
    "el": "θάλασσα χέρι άνθρωπος δέντρο φως βιβλίο ήλιος ζωή γάτα σπίτι χιόνι νερό",
    "cy": "llan llyfr hafod ffordd chwech bach dŵr siop pysgod cath tŷ hwyl llong",
    "kl": "illu ullumi allanik sila nanoq qimmeq aap naamik imeq",
    "hi": "शहर सब घर हाथ फल खाना बात समय षट ज़मीन कमल पानी भाषा",
    "eu": "etxe su zuri itsaso ahate gizon harri ura ogi kafe esne sagar",
    "gd": "loch oidhche taigh fear cù uisge sneachd cat mac bàta",
    "sw": "habari shule samaki maji nyumba fedha zawadi thelathini dhahabu kichwa",
    "nci": "tlalli atl calli xochitl ahuacatl tepetl metztli",
    "hy": "հաց խոսք ջուր շուն զանգ սար ֆիլմ", "qu": "wasi runa sacha hatun q'illu p'unchay",
    "om": "bishaan saani nama harka shan fardaa",
}  # fmt: skip
WORDS_EACH, INVENTED = 24, 220
VOWELS = ("a", "E", "I", "i:", "u:", "O:", "3:", "aI", "oU", "eI", "V", "0", "A:")
CONSONANTS = ("s", "z", "S", "Z", "T", "D", "f", "v", "s", "z", "S", "l#", "l#", "p", "t", "k", "b",
              "d", "g", "m", "n", "N", "l", "r", "h", "w", "j", "x", "tS", "dZ", "C")  # fmt: skip
SIBILANTS = ("s", "z", "S", "Z", "l#")
NO_SIBILANTS = ("T", "T", "D", "f", "f", "v", "p", "t", "k", "b", "d", "g", "m", "n", "N", "l", "r",
                "h", "h", "w", "j", "x", "x", "C")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A synthetic recording: samples (full scale 1) and phones as (start s, end s, name)."""

    voice: str
    samples: NDArray[np.float64]
    sr: int
    phones: tuple[Phone, ...]


class _Name(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("text", ctypes.c_char * 8), ("name", ctypes.c_void_p))


class _Event(ctypes.Structure):
    _fields_ = (("type", ctypes.c_int), ("unique", ctypes.c_uint), ("at_text", ctypes.c_int),
                ("length", ctypes.c_int), ("at_ms", ctypes.c_int), ("sample", ctypes.c_int),
                ("user", ctypes.c_void_p), ("id", _Name))  # fmt: skip


class Synthesizer:
    """espeak-ng's library. Raises OSError where it is not installed."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        self.sr = self.library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONE_EVENTS)
        self.pieces: list[NDArray[np.int16]] = []
        self.marks: list[tuple[int, str]] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int,
                                ctypes.POINTER(_Event))  # fmt: skip
        self.callback = kind(self._take)
        self.library.espeak_SetSynthCallback(self.callback)

    def _take(self, samples: Any, n: int, events: Any) -> int:
        if n > 0 and samples:
            self.pieces.append(np.ctypeslib.as_array(samples, (n,)).copy())
        at = 0
        while events[at].type:
            if events[at].type == PHONE_EVENT:
                self.marks.append(
                    (events[at].sample, events[at].id.text.decode("utf-8", "replace"))
                )
            at += 1
        return 0

    def say(self, text: str, voice: str, *, rate: int, pitch: int) -> Spoken:
        self.pieces.clear()
        self.marks.clear()
        if self.library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice '{voice}'")
        self.library.espeak_SetParameter(RATE, rate, 0)
        self.library.espeak_SetParameter(PITCH, pitch, 0)
        encoded = text.encode()
        self.library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, UTF8 | PHONEME_INPUT,
                                  None, None)  # fmt: skip
        self.library.espeak_Synchronize()
        samples = np.concatenate(self.pieces) / 32768
        marks = [mark for mark in self.marks if mark[1] != "_"] + [(len(samples), "")]
        phones = tuple(
            (start / self.sr, end / self.sr, name)
            for (start, name), (end, _) in pairwise(marks)
            if start < end
        )
        return Spoken(voice=voice, samples=samples, sr=self.sr, phones=phones)


@lru_cache(maxsize=1)
def synthesizer() -> Synthesizer:
    """The one of this process: a second would wait for ever."""
    return Synthesizer()


def training_speech(seed: int = 7) -> Iterator[Spoken]:
    """All training sounds, about 22 minutes; the same for the same seed and espeak-ng."""
    rng = np.random.default_rng(seed)

    def say(text: str, voice: str) -> Spoken:
        return synthesizer().say(text, voice, rate=int(rng.integers(130, 200)),
                               pitch=int(rng.integers(25, 80)))  # fmt: skip

    for variant in VARIANTS:
        voice = f"en-us+{variant}"
        for _ in range(3):
            yield say(_invented(rng), voice)
        for text in rng.choice(ENGLISH, 5, replace=False):
            yield say(str(text), voice)
        phones = _phones_of(str(rng.choice(ENGLISH)))
        yield say(f"[[{re.sub('[sz]', 'l#', phones)}]]", voice)
        yield say(f"[[{phones.replace('s', 'T').replace('z', 'D')}]]", voice)
    for language, sentences in OTHERS.items():
        for text in sentences:
            for variant in ("", "+f4", "+m7"):
                yield say(text, language + variant)
    variants = ("", *(f"+{variant}" for variant in VARIANTS[:15]))
    for language, words in WORDS.items():
        for _ in range(WORDS_EACH):
            text = " ".join(rng.choice(words.split(), int(rng.choice([1, 1, 2, 3]))))
            yield say(text, language + str(rng.choice(variants)))
    for _ in range(INVENTED):
        yield say(_short_word(rng), "en-us" + str(rng.choice(variants[1:])))


def _short_word(rng: np.random.Generator) -> str:
    """One to three syllables, which in two of five words hold no sibilant."""
    hissing = rng.random() < 0.6
    syllables = [
        str(rng.choice(SIBILANTS if hissing and rng.random() < 0.45 else NO_SIBILANTS))
        + str(rng.choice(VOWELS))
        + (str(rng.choice(NO_SIBILANTS)) if rng.random() < 0.3 else "")
        for _ in range(rng.integers(1, 4))
    ]
    return f"[[{''.join(syllables)}]]"


def _invented(rng: np.random.Generator) -> str:
    syllables = [
        str(rng.choice(CONSONANTS)) + str(rng.choice(VOWELS))
        + (str(rng.choice(CONSONANTS)) if rng.random() < 0.4 else "")
        + (" " if rng.random() < 0.4 else "")
        for _ in range(9)
    ]  # fmt: skip
    return f"[[{''.join(syllables)}]]"


def _phones_of(text: str) -> str:
    called: Sequence[str] = ("espeak-ng", "-q", "-x", "-v", "en-us", text)
    return subprocess.run(called, capture_output=True, text=True, check=True).stdout.strip()
