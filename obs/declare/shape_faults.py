"""Put what pydantic found wrong with the shape of a declaration into words."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any

from obs.declare.declared_table import known_keys
from obs.declare.key_types import NotOneOf
from obs.declare.nearest_names import did_you_mean, not_one_of, quoted

__all__ = ["words_of"]

_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "dataclass_type": "a table",
    "date_type": "a day such as 2024-01-31, without quotes",
}
_GIVEN = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple: "a list",
    dict: "a table",
    dt.datetime: "a day with an hour",
    dt.date: "a day",
    dt.time: "an hour",
}


def words_of(errors: Sequence[Mapping[str, Any]], model: type, *, quote: bool) -> Iterator[str]:
    """Give one sentence for each error, with the path of its key and never a free input."""
    for error in errors:
        kind, where = error["type"], error["loc"]
        path, cls, hint = _key_path(where, model)
        name = quoted(path)
        if kind == "missing":
            yield f"key {name} is absent"
        elif kind == "unexpected_keyword_argument":
            yield _unknown_key(name, where[-1], known_keys(cls))
        elif kind == "value_error":
            yield _failed(path, error["ctx"]["error"], key=where[-1] == "[key]", quote=quote)
        else:
            given = _GIVEN.get(type(error["input"]), "what it is")
            yield f"{name} must be {_wanted(kind, path, hint)}, not {given}"


def _wanted(kind: str, path: str, hint: Any) -> str:
    if kind == "tuple_type" and is_dataclass(_type_inside(hint, 0)):
        header = ".".join(part for part in path.split(".") if not part.isdigit())
        return f"one or several tables, each under [[{header}]]"
    return _WANTED.get(kind, "of another type")


def _unknown_key(name: str, key: object, known: Sequence[str]) -> str:
    return f"unknown key {name}{did_you_mean(key, known)}; keys here: {', '.join(known)}"


def _failed(path: str, error: ValueError, *, key: bool, quote: bool) -> str:
    if isinstance(error, NotOneOf) and key:
        return _unknown_key(quoted(path), error.value, error.allowed)
    if isinstance(error, NotOneOf):
        return f"{path}: {not_one_of(error.value, error.allowed, quote=quote)}"
    message = str(error)
    return (
        f"{quoted(path)} {message}"
        if message.startswith(("must", "is ", "has "))
        else f"{path}: {message}"
    )


def _key_path(where: Sequence[Any], model: type) -> tuple[str, type, Any]:
    """Write the path of a key as it stands in the file; give the model of its table, its type."""
    parts: list[str] = []
    hint: Any = model
    table, form = model, ""
    for part in where:
        if part == "[key]":
            continue
        if form:
            parts.append(form.format(part))
            form = ""
            continue
        written = str(part)
        if is_dataclass(hint):
            table = typing.cast("type", hint)
            form = getattr(table, "by_language", {}).get(part, "")
            written = written.removesuffix("_")
        if not form:
            parts.append(written)
        hint = _type_inside(hint, part)
    return ".".join(parts), table, hint


def _type_inside(hint: Any, part: object) -> Any:
    """Give the type of what stands under a key or at a place of a list."""
    if is_dataclass(hint):
        hint = typing.get_type_hints(hint).get(str(part), object)
    else:
        args = typing.get_args(hint)
        hint = (args[1] if len(args) > 1 and args[1] is not ... else args[0]) if args else object
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return next(a for a in typing.get_args(hint) if a is not types.NoneType)
    return hint
