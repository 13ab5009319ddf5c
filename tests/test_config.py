"""Settings: the shipped files, strict loading, and the sentences that refuse a slip."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from acoustic_sib.config import (
    Config,
    build_config,
    json_schema,
    load_config,
    overlaid,
    shipped_configs,
    to_yaml,
)
from acoustic_sib.errors import ConfigError

SHIPPED = ("children", "default", "fast", "thorough")


def _loaded(name: str) -> dict[str, Any]:
    return yaml.safe_load(shipped_configs()[name].read_text(encoding="utf-8"))


def test_four_configs_are_shipped() -> None:
    assert tuple(shipped_configs()) == SHIPPED


def test_default_yaml_is_the_defaults_key_by_key() -> None:
    assert _loaded("default") == Config().model_dump(mode="json")


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_configs_obey_the_schema_and_load(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(_loaded(name), json_schema(), jsonschema.Draft202012Validator)
    assert load_config(name) == build_config(_loaded(name), place=name)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_configs_begin_by_saying_what_they_are_for(name: str) -> None:
    text = shipped_configs()[name].read_text(encoding="utf-8")
    assert text.startswith("#")
    assert "yaml-language-server" not in text


def test_what_sets_the_shipped_configs_apart() -> None:
    default, fast, thorough, children = map(
        load_config, ("default", *sorted(SHIPPED)[2:], SHIPPED[0])
    )
    assert "praat" not in fast.features.families
    assert len(fast.features.families) < len(default.features.families)
    assert (fast.folds.repeats, len(fast.models.candidates)) == (1, 1)
    assert thorough.evaluation.permutations == 10_000
    assert thorough.folds.repeats > default.folds.repeats
    assert set(thorough.models.candidates) == {
        "logistic", "lda", "svm_linear", "svm_rbf", "random_forest", "xgboost", "knn",
    }  # fmt: skip
    assert children.features.settings == {
        "praat": {"pitch_floor_hz": 150}, "peaks": {"fm_low_hz": 3000, "fm_high_hz": 9000},
    }  # fmt: skip


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    for wrong in ({"folds": {"n_split": 3}}, {"seed": -1}, {"models": {"normalize": "clip"}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, json_schema())
        with pytest.raises(ConfigError):
            build_config(wrong, place="x.yaml")


REFUSED = [
    ({"fold": {}}, r"x\.yaml: unknown key 'fold'; did you mean 'folds'\?"),
    ({"corpus": {"textgrid": {"teir": "a"}}},
     r"unknown key 'corpus\.textgrid\.teir'; did you mean 'tier'\?"),
    ({"zzz": 1}, r"unknown key 'zzz'; known: audio, corpus, .*, seed"),
    ({"seed": "x"}, r"x\.yaml: 'seed' is 'x'; expected a valid integer$"),
    ({"folds": {"n_splits": 1}}, r"'folds\.n_splits' is 1; expected greater than or equal to 2"),
    ({"audio": {"channel": "left"}},
     r"'audio\.channel' is 'left'; expected 'auto' or 'mean'; or a valid integer"),
    ({"features": {"families": "mfcc"}}, r"'features\.families' is 'mfcc'; expected a list"),
    ({"corpus": {"labels": {False: "Normal"}}}, r"expected quotes around no, yes, on and off"),
    ({"corpus": {"leave_out": [True]}}, r"expected quotes around no, yes, on and off"),
    ({"corpus": 3}, r"'corpus' is 3; expected a mapping$"),
    ({"models": {"candidates": []}}, r"'models\.candidates' is \[\]; expected a list with at"),
    ({"models": {"class_weight": {"a": 1, "b": 0}}}, r"'models\.class_weight' .* weights above 0"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "sentence"), REFUSED)
def test_wrong_settings_are_refused_in_one_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as refused:
        build_config(values, place="x.yaml")
    assert "\n" not in str(refused.value)


UNREADABLE = [
    (
        "seed: 1\nseed: 2\n",
        r"c\.yaml: not readable as YAML: line 2: the key 'seed' is written twice",
    ),
    ("corpus:\n  labels: {a: A, a: B}\n", r"line 2: the key 'a' is written twice"),
    ("- 1\n", r"c\.yaml: holds a list; expected keys and values"),
    ("words\n", r"c\.yaml: holds a single value; expected keys and values"),
    ("seed: [\n", r"c\.yaml: not readable as YAML: line \d"),
    ("seed: \xe9\n".encode("latin-1"), r"c\.yaml: not readable as YAML: .*utf-8"),
]


@pytest.mark.parametrize(("content", "sentence"), UNREADABLE)
def test_unreadable_files_are_refused(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError, match=sentence):
        load_config(file)


def test_an_unknown_file_names_the_nearest_shipped_one() -> None:
    with pytest.raises(ConfigError, match=r"thorogh: no such .* did you mean 'thorough'\?"):
        load_config("thorogh")


def test_empty_files_sections_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    for content in ("", "# nothing\n", "corpus:\n  # all commented\n", "corpus:\n  textgrid:\n"):
        file.write_text(content)
        assert load_config(file) == Config()
    file.write_bytes(b"\xef\xbb\xbfseed: 3\n")
    assert load_config(file).seed == 3


def test_numbers_become_names_in_labels() -> None:
    config = build_config(
        {"corpus": {"labels": {0: "Normal", 1: "L"}, "leave_out": [2]}}, place="x"
    )
    assert config.corpus.labels == {"0": "Normal", "1": "L"}
    assert config.corpus.leave_out == ("2",)


def test_sections_given_win_over_the_file_key_by_key(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("corpus: {labels: {a: A}, leave_out: [x]}\nseed: 5\n")
    config = load_config(file, corpus={"labels": {"b": "B"}}, folds={"repeats": 7})
    assert config.corpus.labels == {"a": "A", "b": "B"}
    assert (config.corpus.leave_out, config.seed, config.folds.repeats) == (("x",), 5, 7)
    assert overlaid(config, folds={"n_splits": 9}).folds.repeats == 7


def test_options_name_their_place() -> None:
    with pytest.raises(ConfigError, match=r"options: 'seed' is -1; expected greater than"):
        overlaid(Config(), seed=-1)


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@given(
    labels=st.dictionaries(names, names, max_size=5),
    leave_out=st.lists(names, max_size=3),
    seed=st.integers(0, 2**31),
    repeats=st.integers(1, 50),
)
def test_a_config_survives_its_own_yaml(
    labels: dict[str, str], leave_out: list[str], seed: int, repeats: int
) -> None:
    config = build_config(
        {"corpus": {"labels": labels, "leave_out": leave_out}, "seed": seed,
         "folds": {"repeats": repeats}},
        place="x",
    )  # fmt: skip
    assert build_config(yaml.safe_load(to_yaml(config)), place="x") == config


@given(st.dictionaries(names, names, max_size=4), st.dictionaries(names, names, max_size=4))
def test_laying_over_is_a_dict_union_and_idempotent(
    below: dict[str, str], above: dict[str, str]
) -> None:
    config = build_config({"corpus": {"labels": below}}, place="x")
    once = overlaid(config, corpus={"labels": above})
    assert once.corpus.labels == below | above
    assert overlaid(once, corpus={"labels": above}) == once
