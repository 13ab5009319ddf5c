"""Columns of the measures in words that people know, in English, German and Portuguese."""

LANGUAGES = ("en", "de", "pt")

_NAMES: dict[str, tuple[str, str, str]] = {
    "cog_hz": ("centre of gravity", "spektraler Schwerpunkt", "centro de gravidade espectral"),
    "sd_hz": ("spectral spread", "Breite des Spektrums", "dispersão espectral"),
    "skewness": (
        "lean towards low frequencies", "Neigung zu tiefen Frequenzen",
        "inclinação para as baixas frequências",
    ),
    "kurtosis": ("peakedness of the spectrum", "Spitzigkeit des Spektrums", "curtose do espectro"),
    "highpassed_cog_hz": (
        "centre of gravity above 1 kHz", "spektraler Schwerpunkt über 1 kHz",
        "centro de gravidade acima de 1 kHz",
    ),
    "highpassed_sd_hz": (
        "spectral spread above 1 kHz", "Breite des Spektrums über 1 kHz",
        "dispersão espectral acima de 1 kHz",
    ),
    "highpassed_skewness": (
        "lean towards low frequencies above 1 kHz", "Neigung zu tiefen Frequenzen über 1 kHz",
        "inclinação para as baixas frequências acima de 1 kHz",
    ),
    "highpassed_kurtosis": (
        "peakedness of the spectrum above 1 kHz", "Spitzigkeit des Spektrums über 1 kHz",
        "curtose do espectro acima de 1 kHz",
    ),
    "flatness": ("flatness of the spectrum", "Flachheit des Spektrums", "planura do espectro"),
    "entropy": ("diffuseness of the spectrum", "Diffusheit des Spektrums", "difusão do espectro"),
    "peak_hz": ("highest peak", "höchster Gipfel", "pico mais alto"),
    "fm_hz": ("mid-frequency peak", "Gipfel der mittleren Frequenzen", "pico de média frequência"),
    "ampd_db": (
        "rise from trough to peak", "Anstieg von der Senke zum Gipfel", "subida do vale ao pico",
    ),
    "slope_db_per_khz": (
        "slope of the spectrum", "Steigung des Spektrums", "inclinação do espectro",
    ),
    "level_low_db": ("level at 0.5-3 kHz", "Pegel bei 0,5-3 kHz", "nível em 0,5-3 kHz"),
    "level_mid_db": ("level at 3-7 kHz", "Pegel bei 3-7 kHz", "nível em 3-7 kHz"),
    "level_high_db": ("level at 7-11 kHz", "Pegel bei 7-11 kHz", "nível em 7-11 kHz"),
    "level_d_db": (
        "level at 3-7 over 7-11 kHz", "Pegel bei 3-7 gegen 7-11 kHz", "nível em 3-7 sobre 7-11 kHz",
    ),
    "share_above_4000": (
        "energy above 4 kHz", "Energie über 4 kHz", "energia acima de 4 kHz",
    ),
    "share_above_6000": (
        "energy above 6 kHz", "Energie über 6 kHz", "energia acima de 6 kHz",
    ),
    "share_above_8000": (
        "energy above 8 kHz", "Energie über 8 kHz", "energia acima de 8 kHz",
    ),
    "share_2500_4500": (
        "energy at 2.5-4.5 kHz", "Energie bei 2,5-4,5 kHz", "energia em 2,5-4,5 kHz",
    ),
    "ratio_4_8_to_1_4_db": (
        "energy at 4-8 over 1-4 kHz", "Energie bei 4-8 gegen 1-4 kHz",
        "energia em 4-8 sobre 1-4 kHz",
    ),
    "lateral_modulation_db": (
        "fluctuation at 2.5-4.5 kHz", "Schwankung bei 2,5-4,5 kHz", "flutuação em 2,5-4,5 kHz",
    ),
    "n_peaks": ("number of peaks", "Zahl der Gipfel", "número de picos"),
    "rolloff_85_hz": (
        "frequency that 85 % of the energy lie below",
        "Frequenz, unter der 85 % der Energie liegen",
        "frequência abaixo da qual estão 85 % da energia",
    ),
    "rolloff_95_hz": (
        "frequency that 95 % of the energy lie below",
        "Frequenz, unter der 95 % der Energie liegen",
        "frequência abaixo da qual estão 95 % da energia",
    ),
    "peak_erb": ("strongest auditory band", "stärkstes Hörband", "banda auditiva mais forte"),
    "compactness": ("compactness", "Kompaktheit", "compacidade"),
    "duration_s": ("duration", "Dauer", "duração"),
    "zero_crossings_per_s": ("zero crossings", "Nulldurchgänge", "cruzamentos por zero"),
    "rms_level_db": ("level", "Pegel", "nível"),
    "rise_time_s": ("rise time", "Anstiegszeit", "tempo de subida"),
    "attack_db_per_s": ("attack", "Einschwingen", "ataque"),
    "decay_db_per_s": ("decay", "Ausschwingen", "decaimento"),
    "level_re_vowel_db": (
        "level relative to the vowel", "Pegel im Verhältnis zum Vokal", "nível em relação à vogal",
    ),
} | {
    f"bark_dct_{order}": (
        f"shape of the spectrum, Bark coefficient {order}",
        f"Form des Spektrums, Bark-Koeffizient {order}",
        f"forma do espectro, coeficiente Bark {order}",
    )
    for order in range(5)
} | {
    f"c{order}": (f"cepstral coefficient {order}", f"Cepstralkoeffizient {order}",
                  f"coeficiente cepstral {order}")
    for order in range(13)
}  # fmt: skip
_CHANGES = {
    "frames_sd": ("fluctuation", "Schwankung", "flutuação"),
    "frames_slope": ("change over time", "Veränderung über die Zeit", "mudança no tempo"),
}
OWN_FLUCTUATION = "lateral_modulation_db"


def measure_words(column: str, language: str) -> str:
    """A column (`family.measure[.statistic]`) in words; one without words keeps its name."""
    at = LANGUAGES.index(language)
    _, _, rest = column.partition(".")
    measure, _, statistic = rest.partition(".")
    if measure not in _NAMES:
        return column
    change = _CHANGES.get(statistic) if measure != OWN_FLUCTUATION else None
    return f"{_NAMES[measure][at]} ({change[at]})" if change else _NAMES[measure][at]
