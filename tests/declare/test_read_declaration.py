"""The engine of declarations: every fault at once, in words, whatever the file holds."""

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass
from typing import Annotated, ClassVar

import pytest
from pydantic import TypeAdapter, ValidationError

from obs.declare import (
    Codes,
    FolderName,
    Named,
    OneOf,
    RawPath,
    Share,
    Table,
    Text,
    Words,
    check,
    each,
    load,
    read_toml,
)
from obs.errors import CatalogueError


@dataclass(frozen=True)
class Stop(Table):
    """A stop.

    Attributes
    ----------
    code : str
        Its code.
    label : mapping
        Its name by language.
    """

    by_language: ClassVar[Mapping[str, str]] = {"label": "name_{}"}

    code: Text
    label: Words
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Route(Table):
    """A route."""

    name: FolderName
    kind: Annotated[str, OneOf(("bus", "tram"))]
    title: Words
    stop: tuple[Stop, ...] = ()
    share: Share = 0.5
    file: RawPath = "x.csv"
    days: Codes[Annotated[str, OneOf(("monday", "sunday"))]] = frozenset()
    colours: Named[str] | None = None


def _order(stop):
    if stop.first > stop.last:
        yield "last: is before the first"


def _rules():
    return (
        lambda route: each("stop", route.stop, _order),
        lambda route: ["title: must be short"] if len(route.title["fr"]) > 5 else [],
    )


GOOD = {
    "name": "line_1",
    "kind": "tram",
    "title": {"fr": "Ligne"},
    "stop": [{"code": "A", "name_fr": "Gare", "name_nl": "Station", "last": 3}],
    "days": ["sunday", "monday"],
    "colours": {"a": "red"},
}


def faults(**changes):
    raw = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    return list(check(raw, Route, rules=_rules()).faults)


def test_a_sound_declaration_is_a_frozen_model():
    route = check(GOOD, Route, rules=_rules()).model
    assert route.stop[0].label == {"fr": "Gare", "nl": "Station"}
    assert route.days == frozenset({"monday", "sunday"})
    assert route.share == 0.5
    with pytest.raises(FrozenInstanceError):
        route.name = "other"
    with pytest.raises(TypeError):
        route.colours["a"] = "blue"
    assert GOOD["stop"][0]["name_fr"] == "Gare"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": None}, "key 'title' is absent"),
        ({"titel": "x"}, "unknown key 'titel' (did you mean 'title'?); keys here: name, kind, "),
        ({"kind": "trum"}, "kind: 'trum' is not one of bus, tram (did you mean 'tram'?)"),
        ({"kind": 3}, "'kind' must be a text, not a whole number"),
        ({"title": "Ligne"}, "'title' must be a table, not a text"),
        ({"title": {}}, "'title' has no text in any language"),
        ({"title": {"fr": " "}}, "'title.fr' is empty"),
        ({"title": {"french": "x"}}, "'title' has 'french', no code of a language"),
        ({"stop": "A"}, "'stop' must be one or several tables, each under [[stop]], not a text"),
        ({"stop": [3]}, "'stop.0' must be a table, not a whole number"),
        ({"stop": [{"code": "A", "name_fr": 3}]}, "'stop.0.name_fr' must be a text, not a whole"),
        ({"stop": [{"code": "A", "fr": "x"}]}, "unknown key 'stop.0.fr'; keys here: code, first,"),
        ({"stop": [{"code": "A", "name_fr": "x", "first": 2}]}, "stop.0.last: is before the first"),
        ({"share": 3}, "'share' must be a share, between 0 and 1"),
        ({"share": float("nan")}, "'share' must be a number"),
        ({"share": True}, "'share' must be a number, not true or false"),
        ({"file": "../x"}, "'file' must stay inside the raw folder"),
        ({"file": "."}, "'file' must name a file: '.'"),
        ({"file": "a**.csv"}, "'file' has '**' within a name"),
        ({"days": "sunday"}, "'days' must be a list, not a text"),
        ({"days": ["today"]}, "days.0: 'today' is not one of monday, sunday"),
        ({"colours": {"a": ["red"]}}, "'colours.a' must be a text, not a list"),
    ],
)
def test_a_fault_of_shape_is_told_with_its_key(changes, said):
    told = faults(**changes)
    assert any(one.startswith(said) for one in told), told


@pytest.mark.parametrize(
    "name",
    ["../x", "/x", "..", ".", "a/b", "a\\b", " ", "", "a ", ".hidden", "nul", "COM1.x", "a\nb"]
    + ["x" * 65, "a:b"],
)
def test_a_name_that_becomes_a_path_is_one_plain_folder_name(name):
    assert any("'name' must be a plain name that a folder" in one for one in faults(name=name))


@pytest.mark.parametrize("name", ["brussels", "my_town", "Région 2", "seine-maritime", "a.b"])
def test_an_ordinary_name_of_a_folder_passes(name):
    assert faults(name=name) == []


def test_rules_run_on_what_was_read_and_every_fault_is_told():
    told = faults(
        kind="boat",
        title={"fr": "Ligne de nuit"},
        stop=[
            {"code": 3, "name_fr": "x", "first": 9},
            {"code": "B", "name_fr": "x", "first": "9"},
            {"name_fr": "x", "first": 9},
        ],
    )
    assert told == [
        "kind: 'boat' is not one of bus, tram",
        "'stop.0.code' must be a text, not a whole number",
        "'stop.1.first' must be a whole number, not a text",
        "key 'stop.2.code' is absent",
        "stop.0.last: is before the first",
        "stop.2.last: is before the first",
        "title: must be short",
    ]


def test_nothing_follows_from_a_value_that_is_wrong_itself():
    assert faults(title=3) == ["'title' must be a table, not a whole number"]


def test_nothing_follows_from_a_key_that_is_misspelt():
    rule = [lambda route: [] if route.stop else ["stop: there is none"]]
    sound = {key: value for key, value in GOOD.items() if key != "stop"}
    assert check(sound, Route, rules=rule).faults == ("stop: there is none",)
    (told,) = check({**sound, "stops": []}, Route, rules=rule).faults
    assert told.startswith("unknown key 'stops' (did you mean 'stop'?); keys here: name, kind")


def test_a_value_is_not_repeated_where_it_may_be_personal():
    told = check({**GOOD, "kind": "Jeanne Dupont"}, Route, quote=False).faults
    assert told == ("kind: is not one of bus, tram",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x = ", "is not valid TOML: Invalid value (at end"),
        (b"a = 1\nx = '\xe9'\n", "line 2 is not UTF-8 text"),
        (b"x = " + b"[" * 5000 + b"]" * 5000, "it is nested too deep"),
        (b"x = " + b"9" * 6000, "a number in it is too long to be read"),
        (b"a." * 3000 + b"a = 1", "is nested too deep"),
        (b"'a' . \"b\"." * 25_000 + b"a = 1", "is nested too deep"),
        (b"\x00", "is not valid TOML"),
    ],
)
def test_whatever_a_file_holds_the_refusal_is_in_words(tmp_path, content, said):
    path = tmp_path / "route.toml"
    path.write_bytes(content)
    with pytest.raises(CatalogueError) as caught:
        load(path, Route, called="route.toml")
    assert str(caught.value).startswith("route.toml:\n- ")
    assert said in str(caught.value)


def test_a_text_with_many_points_is_no_key_and_thousands_of_faults_are_counted(tmp_path):
    path = tmp_path / "route.toml"
    path.write_text(f'a = "{"." * 500} {"ab. " * 90}"\n', encoding="utf-8")
    assert read_toml(path)["a"].count(".") == 590
    started = time.process_time()
    told = check({f"k{n}": 1 for n in range(5000)}, Route).faults
    assert time.process_time() - started < 1
    assert told[-1] == "has 4,903 more faults"
    assert len(told) == 101


def test_a_file_that_cannot_be_opened_is_said(tmp_path):
    with pytest.raises(CatalogueError, match="cannot be opened"):
        read_toml(tmp_path)


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert read_toml(path) == {"a": 1}


def test_the_engine_is_light_until_a_declaration_is_read():
    code = "import obs.declare, sys; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("=1+1", "the text in 'fr' is a text that a spreadsheet takes for a formula"),
        ("<b>x", "markup"),
        ("a\x07b", "a character that cannot be seen"),
        ("x" * 5_001, "over 5,000 characters"),
    ],
)
def test_words_that_act_in_a_spreadsheet_or_page_are_refused_and_not_quoted(text, why):
    adapter = TypeAdapter(Words)
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python({"fr": text})
    assert why in caught.value.errors()[0]["msg"]
    assert text not in caught.value.errors()[0]["msg"]
    assert adapter.validate_python({"fr": "contact@example.org, -3 %\n< 5"})
