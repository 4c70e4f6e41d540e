"""The schemas that editors read: true to the models, and named by every declaration shipped."""

import datetime as dt
import json
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from obs.__main__ import main
from obs.declare import Table, schema_text
from obs.declare.declared_table import known_keys
from obs.errors import CatalogueError
from obs.pipeline.declaration_schemas import MODELS
from obs.report import load_note

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "obs/declare/schemas"
DECLARATIONS = {
    "observatory": ["obs/reference/*/observatory.toml", "examples/*/observatory.toml"],
    "breaks": ["obs/reference/*/breaks.toml"],
    "mergers": ["obs/reference/unit_mergers.toml"],
    "profile": ["obs/clean/profiles/*.toml", "examples/*/profiles/*.toml"],
    "questionnaire": ["obs/clean/questionnaires/*.toml"],
    "indicator": ["obs/catalogue/indicators/*.toml"],
    "note": ["notebooks/*.toml"],
}
FILES = [
    pytest.param(kind, path, id=path.relative_to(ROOT).as_posix())
    for kind, patterns in DECLARATIONS.items()
    for pattern in patterns
    for path in sorted(ROOT.glob(pattern))
]


def as_json(path):
    """Read a TOML as an editor gives it to a schema: a day is a text."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return json.loads(json.dumps(raw, default=dt.date.isoformat))


def faults(kind, raw):
    schema = json.loads((SHIPPED / f"{kind}.json").read_text(encoding="utf-8"))
    return [error.message for error in Draft7Validator(schema).iter_errors(raw)]


def test_the_shipped_schemas_are_those_of_the_models(tmp_path, capsys):
    assert main(["schema", str(tmp_path / "new"), "--quiet"]) == 0
    written = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert {path.name: path.read_bytes() for path in SHIPPED.iterdir()} == written
    assert sorted(written) == sorted(f"{kind}.json" for kind in MODELS)
    assert len(capsys.readouterr().out.splitlines()) == len(MODELS)


@pytest.mark.parametrize(("kind", "path"), FILES)
def test_a_shipped_declaration_names_its_schema_and_keeps_to_it(kind, path):
    directive, _, where = path.read_text(encoding="utf-8").split("\n", 1)[0].partition(" ")
    assert directive == "#:schema"
    assert (path.parent / where).resolve() == SHIPPED / f"{kind}.json"
    assert faults(kind, as_json(path)) == []


@pytest.mark.parametrize("kind", MODELS)
def test_a_schema_is_sound_and_describes_every_key(kind):
    schema = json.loads((SHIPPED / f"{kind}.json").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    for table in (schema, *schema.get("definitions", {}).values()):
        assert table["additionalProperties"] is False
        keys = {**table.get("properties", {}), **table.get("patternProperties", {})}
        assert keys
        assert all(told.get("description", "").endswith(".") for told in keys.values()), table


@pytest.mark.parametrize("kind", MODELS)
def test_a_schema_has_the_keys_of_the_model_and_no_other(kind):
    schema = json.loads((SHIPPED / f"{kind}.json").read_text(encoding="utf-8"))
    own = {f.name for f in fields(MODELS[kind])}
    assert set(schema["properties"]) == own == {*known_keys(MODELS[kind])}


@pytest.mark.parametrize(
    ("kind", "file", "old", "new"),
    [
        ("note", "notebooks/focus_vols.toml", 'period = "year"', 'perod = "year"'),
        ("note", "notebooks/focus_vols.toml", 'period = "year"', 'period = "years"'),
        ("profile", "obs/clean/profiles/linea144.toml", "name_fr = ", "nom_fr = "),
        (
            "profile",
            "obs/clean/profiles/obs_sample.toml",
            '"burglary_dwelling"',
            '"burglary_house"',
        ),
        ("questionnaire", "obs/clean/questionnaires/women_2017.toml", 'kind = "', 'kind = "x'),
        ("questionnaire", "obs/clean/questionnaires/apiclus1.toml", "like = ", "liek = "),
        ("indicator", "obs/catalogue/indicators/theft.toml", "per = 1000", "per = 0"),
        ("observatory", "examples/chicago/observatory.toml", "[territory.top]", "[territory.tip]"),
        ("breaks", "obs/reference/brussels/breaks.toml", 'effect = "', 'effect = "x'),
    ],
)
def test_an_editor_is_told_what_the_loader_refuses(tmp_path, kind, file, old, new):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "a.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert faults(kind, as_json(tmp_path / "a.toml"))


def test_the_page_on_declarations_tells_the_message_as_it_is(tmp_path):
    page = (ROOT / "docs/declarations.md").read_text(encoding="utf-8")
    note = next(b for b in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "mesures" in b)
    (message,) = re.findall(r"```text\n(.*?)\n```", page, re.DOTALL)
    (tmp_path / "focus.toml").write_text(note, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_note(tmp_path / "focus.ipynb", languages=("fr",))
    assert str(caught.value) == message


def test_a_key_that_may_be_absent_is_never_null():
    @dataclass(frozen=True)
    class Small(Table):
        """A table.

        Attributes
        ----------
        last : int
            How many.
        """

        last: int | None = None

    assert json.loads(schema_text(Small, "small")) == {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "additionalProperties": False,
        "description": "A table.",
        "properties": {"last": {"description": "How many.", "type": "integer"}},
        "title": "small",
        "type": "object",
    }
