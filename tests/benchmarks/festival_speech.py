"""Speech by Festival's diphone, unit-selection and HMM voices and two of Flite's: training sounds
of the search.

SYNTHETIC, yet cut from or modelled on recordings of people, 17 voices of eight languages, with the
phone boundaries that the synthesiser joined them by. Debian's packages: festival, flite,
festvox-kallpc16k, festvox-kdlpc16k, festvox-us-slt-hts, festvox-italp16k, festvox-itapc16k,
festlex-ifd, festival-czech, festvox-czech-{dita,krb,machac,ph}, festvox-suopuhe-{lj,mv},
festvox-ru, festival-ca, festvox-ca-ona-hts, festival-hi, festvox-hi-nsk, festival-te,
festvox-te-nsk, festlex-cmu, festlex-poslex.
"""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from acoustic_sib.audio import read_sound
from tests.benchmarks.synthetic_speech import Spoken

TEXTS = {
    "en": "She sells fresh fish from this cellar those thieves thought they found the thing measure"
    " the size of his shoes before sunrise the vase was full of violet flowers jazz music "
    "pleases these children five brave fathers gave a very long speech his cousin usually "
    "visits us on Thursdays nothing else moves faster than the wolf please pass the sugar and"
    " the spoons half of them have never heard of it the rough path goes both north and south"
    " I hope he can go home by noon kick the ball back to the coach ask the nurse to close "
    "these windows breathe in then breathe out happy kitten paper cotton coffee heavy behind "
    "perhaps cup top cat talk that feather father mother thin leaf loaf cough hat hunt cake "
    "pocket tooth teeth vision garage pleasure station ocean machine sister system zebra zero"
    " busy lazy roses faces",
    "it": "La casa rosa si trova sul fiume lo sceriffo esce di notte il cielo azzurro sopra le case"
    " bianche la zia prepara la cena senza sale nessuno conosce la strada che porta al paese "
    "fatto tutto cavallo foglia vento vivo fuoco caffè tetto pioggia pesce scena lasciare "
    "sasso rosso uso isola frase svelto sbaglio tavolo acqua gatto nave uovo",
    "cs": "Šest žen sedí ve velkém sále jeho syn chce chodit do školy žába skáče přes potok zima je"
    " letos studená hezký kluk kupuje chleba a sýr pes štěká na souseda chata hlava foukat "
    "vítr fialový duha tichý pták kočka had hora okno voda život řeka moře tři přítel hvězda "
    "vesnice sníh zrcadlo šaty myš nůž kaše zmrzlina",
    "fi": "Suomessa sataa usein lunta kissa istuu sohvalla ja nukkuu vanha mies asuu saaressa "
    "hevonen juoksee pellolla tahdon lähteä kotiin kukka kala talo sauna sisu posti kasvaa "
    "hiihto vahva tuhka pitkä kuppi tuoli taivas vesi susi lasi",
    "ru": "Сестра шила жёлтую юбку зимой щука живёт в чистом озере собака сидит у дома и ждёт "
    "хозяина мы скоро поедем за город снег шёл всю ночь хлеб фабрика хорошо воздух ветер кот "
    "пять путь тихо вода шапка жизнь ваза зонт сон лес часы счастье борщ шесть сахар ухо эхо "
    "фонарь штаны зебра роза коса каша кожа тетрадь книга платок",
    "ca": "La casa és a la muntanya el peix fresc és bo els xiquets juguen a la plaça la rosa i el "
    "gos dormen fa fred i plou a la ciutat això és una caixa zero zona cosa passa bosc foc "
    "fosc vent vaca tinta poma ull nas dia sol taula",
    "hi": "शहर में सब लोग शाम को घर जाते हैं हमारे हाथ साफ़ हैं यह फल खाना ठीक है समय पर सात सौ किसान "
    "खेत में थे ज़मीन पर सफ़ेद फूल खिले शेर जंगल में सोता है खाना खाकर ठंडा पानी पीना अच्छा है छत पर चिड़िया "
    "बैठी है भाषा की परीक्षा आसान थी वह सुबह से शाम तक काम करता है ख़बर झूठ थी धूप बहुत तेज़ है दूध थोड़ा "
    "फीका है पत्थर पहाड़ भाई साथी हवा फाटक थाली ठोकर खिड़की घोड़ा झील छाता चश्मा मशीन साइकिल विशेष "
    "संतोष हँसी कुशल प्रकाश रसोई बस बीस ईश्वर",
    "te": "సూర్యుడు ఉదయం వస్తాడు శివుడు కైలాసం మీద ఉంటాడు షాపు ఎక్కడ ఉంది ఖర్చు చాలా ఎక్కువ పిల్లలు "
    "పాఠశాలకు వెళ్తారు ఫలితం బాగుంది చేతులు కడుక్కో మనుషులు సంతోషంగా ఉన్నారు భాష నేర్చుకో ఇల్లు పెద్దది "
    "విషం తాగకు సముద్రం దూరం హంస ఎగిరింది ఘనమైన ధ్వని జనం చూశారు సమయం శాంతి సీసా వంకాయ టమాట కాకి "
    "తాత పాప హాయి కథ రసం ఆశ దేశం శీతాకాలం సుఖం దుఃఖం సింహం",
}  # fmt: skip
ENCODINGS = {"en": "utf-8", "it": "iso-8859-1", "cs": "iso-8859-2", "fi": "iso-8859-15",
             "ru": "utf-8", "ca": "iso-8859-15", "hi": "utf-8", "te": "utf-8"}  # fmt: skip
VOICES = {
    "kal_diphone": "en", "ked_diphone": "en", "cmu_us_slt_arctic_hts": "en", "lp_diphone": "it",
    "pc_diphone": "it", "czech_dita": "cs", "czech_krb": "cs", "czech_machac": "cs",
    "czech_ph": "cs", "hy_fi_mv_diphone": "fi", "suo_fi_lj_diphone": "fi",
    "msu_ru_nsh_clunits": "ru", "upc_ca_ona_hts": "ca",
    "hindi_NSK_diphone": "hi", "telugu_NSK_diphone": "te",
}  # fmt: skip
FLITE = ("awb", "rms")
PHRASES, WORDS = 12, 60
AT_ONCE = 9
SHORTEST_S = 0.2


def festival_speech(seed: int = 3) -> Iterator[Spoken]:
    """Phrases and single words by each voice, about half an hour. Raises FileNotFoundError
    without festival or flite, ValueError without one of its voices."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as made:
        for voice, language in VOICES.items():
            yield from _by_voice(voice, language, Path(made), rng)
        listed = subprocess.run(["flite", "-lv"], check=True, capture_output=True, text=True).stdout
        for voice in FLITE:
            # Of an unknown voice it says nothing and takes another.
            if voice not in listed.split():
                raise ValueError(f"flite has no voice '{voice}'")
            yield from _by_flite(voice, Path(made) / "said.wav", rng)


def _by_voice(
    voice: str, language: str, folder: Path, rng: np.random.Generator
) -> Iterator[Spoken]:
    asked = [
        f"(begin (Parameter.set 'Duration_Stretch {rng.uniform(0.85, 1.5):.2f})"
        f'(set! said (utt.synth (Utterance Text "{text}")))'
        f'(utt.save.wave said "{folder}/{voice}_{number}.wav")'
        f'(utt.save.segs said "{folder}/{voice}_{number}.seg"))'
        for number, text in enumerate(_texts(TEXTS[language].split(), rng))
    ]
    for first in range(0, len(asked), AT_ONCE):
        lines = [f"(unwind-protect {one} nil)" for one in asked[first : first + AT_ONCE]]
        script = folder / "said.scm"
        script.write_bytes("\n".join([f"(voice_{voice})", *lines]).encode(ENCODINGS[language]))
        # Some words crash some voices: what was said before is kept.
        subprocess.run(["festival", "-b", str(script)], check=False, capture_output=True)
    segments = sorted(folder.glob(f"{voice}_*.seg"))
    if not segments:
        raise ValueError(f"festival has no voice '{voice}'")
    for path in segments:
        sound = read_sound(path.with_suffix(".wav"))
        if sound.duration_s >= SHORTEST_S:
            yield Spoken(voice=voice, samples=sound.samples, sr=sound.sr, phones=_phones(path))


def _by_flite(voice: str, path: Path, rng: np.random.Generator) -> Iterator[Spoken]:
    for text in _texts(TEXTS["en"].split(), rng):
        stretch = rng.uniform(0.85, 1.5)
        called = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.2f}",
                  "-psdur", "-t", text, "-o", str(path)]  # fmt: skip
        printed = subprocess.run(called, check=True, capture_output=True, text=True).stdout
        phones, start = [], 0.0
        for name, _, end in (field.rpartition(":") for field in printed.split()):
            phones.append((start, float(end), name))
            start = float(end)
        sound = read_sound(path)
        yield Spoken(voice=f"flite_{voice}", samples=sound.samples, sr=sound.sr,
                     phones=tuple(phones))  # fmt: skip


def _texts(words: list[str], rng: np.random.Generator) -> Iterator[str]:
    for _ in range(PHRASES):
        first = int(rng.integers(len(words) - 7))
        yield " ".join(words[first : first + int(rng.integers(5, 9))]) + "."
    for _ in range(WORDS):
        yield " ".join(rng.choice(words, int(rng.choice([1, 1, 2, 3]))))


def _phones(path: Path) -> tuple[tuple[float, float, str], ...]:
    """Phones of a segment file: lines of end in seconds, a colour, a name; the first is `#`."""
    phones, start = [], 0.0
    for line in path.read_text(encoding="latin-1").splitlines()[1:]:
        fields = line.split()
        if len(fields) == 3:
            phones.append((start, float(fields[0]), fields[2]))
            start = float(fields[0])
    return tuple(phones)
