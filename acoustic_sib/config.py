"""Settings: pydantic models, strict YAML loading, a JSON schema for editors.

Names of families and models are checked where they are registered, not here: this room knows the
shape of the settings, not what the rooms above it can do.
"""

import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from acoustic_sib.errors import ConfigError, nearest


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextGridSettings(Section):
    """How intervals of a WAV+TextGrid folder become clips."""

    tier: str | None = Field(None, description="name of the tier to read; default: the only one")
    speaker: str = Field(
        "folder",
        description="'folder' (the file's folder), 'tier' (a tier named speaker), or a regular "
        "expression whose first group, matched against the file's stem, is the speaker",
    )


class CorpusSettings(Section):
    columns: dict[str, str] = Field(
        default_factory=dict, description="our name -> the manifest's own column name"
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="label value in the corpus -> class name"
    )
    leave_out: tuple[str, ...] = Field((), description="labels whose rows are left out and counted")
    kind: str | None = Field(
        None, description="how the corpus is kept; default: found out from what is there"
    )
    speaker_pattern: str | None = Field(
        None,
        description="regular expression whose first group, searched in each file's path inside "
        "the corpus, is the speaker; for corpora without a speaker column",
    )
    nuisance: tuple[str, ...] = Field(
        (), description="columns (session, device...) that a shortcut model may use besides its own"
    )
    textgrid: TextGridSettings = TextGridSettings()

    @field_validator("columns", "labels", "leave_out", mode="before")
    @classmethod
    def _names_as_text(cls, value: Any) -> Any:
        """Class 1 is written 1 as often as '1'; but YAML turns a bare no, yes, on or off into a
        truth value, and then nobody knows what stood there."""
        if isinstance(value, dict):
            return {_as_text(key): _as_text(item) for key, item in value.items()}
        return [_as_text(item) for item in value] if isinstance(value, (list, tuple)) else value


def _as_text(name: Any) -> Any:
    if isinstance(name, bool):
        raise ValueError("quotes around no, yes, on and off: YAML reads them as truth values")
    return str(name) if isinstance(name, (int, float)) else name


class AudioSettings(Section):
    channel: Literal["auto", "mean"] | int = Field(
        "auto",
        description="'auto' (mean of live, in-phase channels; one of two microphones up to "
        "1 ms apart), 'mean', or a number from 0",
    )
    mixed_rates: Literal["band_limit", "refuse"] = Field(
        "band_limit", description="what to do when clips differ in sampling rate"
    )
    min_duration_s: float = Field(0.02, gt=0, description="shorter clips are excluded and listed")
    silence_db: float = Field(-80.0, description="clips whose RMS level is lower are excluded")


class FeatureSettings(Section):
    families: tuple[str, ...] = Field(
        ("mfcc", "logmel", "moments", "multitaper", "bands", "peaks", "shape", "erb", "temporal",
         "praat"),
        description="feature families to measure",
    )  # fmt: skip
    high_hz: Literal["auto"] | float = Field(
        "auto", description="upper edge of every measure; 'auto' is resolved from the audio alone"
    )
    low_hz: float = Field(550.0, gt=0, description="lower edge of spectral moments and shape")
    window_s: float = Field(0.020, gt=0, description="frame length")
    hop_s: float = Field(0.005, gt=0, description="step from frame to frame")
    tapers: int = Field(8, ge=1, description="number of DPSS tapers, K")
    time_bandwidth: float = Field(4.0, gt=0, description="time-bandwidth product of the tapers, NW")
    settings: dict[str, dict[str, float | int | str | bool]] = Field(
        default_factory=dict, description="family -> its own settings"
    )


class ExtractionSettings(Section):
    cache: str | None = Field(
        "acoustic-sib-cache", description="folder of measured clips, or null for none"
    )
    max_broken_share: float = Field(
        0.1, ge=0, le=1, description="stop when more than this share of the clips is unreadable"
    )


class ModelSettings(Section):
    candidates: tuple[str, ...] = Field(
        ("logistic", "svm_rbf"),
        min_length=1,
        description="models to choose from inside the training folds",
    )
    feature_sets: tuple[str, ...] = Field(
        ("compact", "all"),
        min_length=1,
        description="feature sets to choose from inside the training folds",
    )
    class_weight: Literal["balanced", "none"] | dict[str, float] = "balanced"
    normalize: Literal["none", "speaker"] = "none"
    inner_splits: int = Field(3, ge=2, description="folds inside the training part")

    @field_validator("class_weight")
    @classmethod
    def _weights_above_zero(cls, value: str | dict[str, float]) -> str | dict[str, float]:
        if isinstance(value, dict) and not all(weight > 0 for weight in value.values()):
            raise ValueError("weights above 0")
        return value


class FoldSettings(Section):
    plan: Literal["auto", "speaker", "stratified", "corpus"] = Field(
        "auto", description="'auto': the corpus's own folds, else by speaker, else stratified"
    )
    n_splits: int = Field(5, ge=2)
    repeats: int = Field(2, ge=1)


class EvaluationSettings(Section):
    permutations: int = Field(1000, ge=100)
    level: float = Field(0.95, gt=0.5, lt=1)
    alpha: float = Field(0.01, gt=0, lt=0.5, description="largest p of a learnable verdict")
    shortcut_share: float = Field(
        0.75, gt=0, le=1, description="a nuisance model that reaches this share of the "
        "baseline's gain over chance makes the verdict 'shortcut'",
    )  # fmt: skip


class LadderSettings(Section):
    rungs: tuple[str, ...] = Field(
        ("overfit", "sanity", "padding_pooling", "layers_unfreezing", "baseline", "weighting"),
        description="rungs to climb; the others are left out and say so",
    )


class Config(Section):
    seed: int = Field(0, ge=0)
    jobs: int | None = Field(None, ge=1, description="worker processes; default: one a core")
    corpus: CorpusSettings = CorpusSettings()
    audio: AudioSettings = AudioSettings()
    features: FeatureSettings = FeatureSettings()
    extraction: ExtractionSettings = ExtractionSettings()
    models: ModelSettings = ModelSettings()
    folds: FoldSettings = FoldSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    ladder: LadderSettings = LadderSettings()


def json_schema() -> dict[str, Any]:
    """The JSON schema of a configuration file, for editors."""
    schema = Config.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "acoustic_sib configuration"
    return schema


def shipped_configs() -> dict[str, Path]:
    """Name -> file of the configurations that come with the package (`default`, `fast`...)."""
    inside = Path(__file__).parent / "configs"
    folder = inside if inside.is_dir() else Path(__file__).parent.parent / "configs"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_config(source: str | Path | None = None, **sections: dict[str, Any]) -> Config:
    """The configuration in a YAML file (or a shipped one, by name), with `sections` laid over it.

    Raises ConfigError with file, key, finding and expectation.
    """
    values: dict[str, Any] = {}
    place = "settings"
    if source is not None:
        path = _config_path(source)
        place = path.name
        values = _read_yaml(path)
    return build_config(_overlaid(values, sections), place=place)


def build_config(values: dict[str, Any], *, place: str) -> Config:
    """`values` as a Config; unknown keys are refused with the nearest known name."""
    known = _known_keys(values, Config, place, "")
    try:
        return Config.model_validate(known)
    except ValidationError as error:
        errors = error.errors()
        key = _key(errors[0]["loc"])
        # A value of several kinds (a word or a number) fails once for each of them.
        expected = [one["msg"] for one in errors if _key(one["loc"]) == key]
        sentence = "; or ".join(dict.fromkeys(map(_in_plain_words, expected)))
        found = errors[0].get("input")
        raise ConfigError(f"{place}: '{key}' is {found!r}; expected {sentence}") from None


def _key(location: tuple[int | str, ...]) -> str:
    """The key of a setting, without the kinds that pydantic tried, such as literal['a','b']."""
    kinds = ("float", "int", "str", "bool")
    parts = [str(part) for part in location]
    return ".".join(part for part in parts if "[" not in part and part not in kinds)


def _in_plain_words(message: str) -> str:
    for start in ("Value error, ", "Input should be "):
        message = message.removeprefix(start)
    message = message.split(", unable to parse")[0].split(" or instance of ")[0]
    if message.startswith("Tuple should have at least 1 item"):
        return "a list with at least one name"
    return message.replace("valid tuple", "list: [A, B]").replace("valid dictionary", "mapping")


def overlaid(config: Config, **sections: Any) -> Config:
    """`config` with some settings replaced; a dict replaces keys of a section."""
    return build_config(_overlaid(config.model_dump(), sections), place="options")


def to_yaml(config: Config) -> str:
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _config_path(source: str | Path) -> Path:
    path = Path(source)
    if path.is_file():
        return path
    shipped = shipped_configs()
    if str(source) in shipped:
        return shipped[str(source)]
    raise ConfigError(
        f"{source}: no such configuration file; expected a YAML file or a shipped name; "
        f"{nearest(str(source), shipped)}"
    )


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_StrictLoader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: not readable as YAML: {_summary(error)}") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        kind = "list" if isinstance(loaded, list) else "single value"
        raise ConfigError(f"{path}: holds a {kind}; expected keys and values, as in 'seed: 1'")
    return loaded


def _summary(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None)
    if mark is None or problem is None:
        return " ".join(str(error).split())
    return f"line {mark.line + 1}: {problem}"


class _StrictLoader(yaml.SafeLoader):
    """YAML as usual, but a key that is written twice is an error: which one was meant?"""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"the key '{key}' is written twice",
                    node.value[number][0].start_mark,
                )
        return super().construct_mapping(node, deep)


def _overlaid(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _overlaid(merged[key], value)
        else:
            merged[key] = value
    return merged


def _known_keys(
    values: dict[str, Any], model: type[Section], place: str, prefix: str
) -> dict[str, Any]:
    """`values` without the sections that hold nothing; unknown keys raise ConfigError."""
    known = {}
    for key, value in values.items():
        field = model.model_fields.get(str(key))
        if field is None:
            raise ConfigError(
                f"{place}: unknown key '{prefix}{key}'; {nearest(str(key), model.model_fields)}"
            )
        section = _section_of(field.annotation)
        if section is not None and isinstance(value, dict):
            value = _known_keys(value, section, place, f"{prefix}{key}.")
        # `corpus:` with nothing but comments below it is an empty section.
        if section is None or value is not None:
            known[str(key)] = value
    return known


def _section_of(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType):
        return next((s for s in map(_section_of, get_args(annotation)) if s is not None), None)
    return None
