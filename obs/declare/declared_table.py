"""A table of a declaration as a frozen dataclass, and what is left of one with faults.

The rules across keys run on what was read. A key with a fault of its own cannot be used;
the rule that uses it ends there, since nothing follows from a wrong value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, ClassVar, cast

from obs.declare.key_types import LANGUAGE
from obs.declare.nearest_names import near_names

__all__ = ["TOLERANT", "UNREAD", "Table", "UnreadError", "each", "known_keys", "run_rules"]

TOLERANT = "tolerant"  # in the context of a second reading, that of a file with faults


class UnreadError(Exception):
    """A rule used a value that has a fault of its own."""


class _Unread:
    """Stands for a value with a fault, in a list of tables or as the whole."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name) if name.startswith("__") else UnreadError


UNREAD: Any = _Unread()


class Table:
    """The model of one table: a frozen dataclass whose fields are its keys, and no others.

    `by_language` names the fields that are written as one key per language in the table
    itself, with the form of these keys: ``{"label": "{}"}`` reads ``fr = "..."``. `alternatives`
    tells an editor the sets of keys of which one must be there; a rule refuses the others. A key
    that is a word of Python has a field with an underscore behind: `from_` is written ``from``.
    """

    __pydantic_config__: ClassVar[Any] = {
        "extra": "forbid",
        "strict": True,
        "allow_inf_nan": False,
    }
    by_language: ClassVar[Mapping[str, str]] = {}
    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Read a table of TOML where an instance is expected; in a second reading, tolerate."""
        from pydantic_core import core_schema as core

        schema = handler(source)
        schema["strict"] = False
        for one in schema["schema"]["fields"]:
            holder = one["schema"] if one["schema"]["type"] == "default" else one
            holder["schema"] = core.with_info_wrap_validator_function(_tolerated, holder["schema"])
        ref = schema.pop("ref")  # of the whole, so that a second field of this type has it too
        prepared = core.with_info_before_validator_function(_preparer(cls), schema)
        return core.with_info_wrap_validator_function(_tolerated, prepared, ref=ref)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> Any:
        """Describe the keys by the section Attributes of the docstring, or of the class built upon."""
        schema = handler(core)
        written = handler.resolve_ref_schema(schema)
        documented = reversed([one.__doc__ or "" for one in cls.__mro__])
        descriptions = {key: text for doc in documented for key, text in _attributes(doc).items()}
        properties = written.get("properties", {})
        for key, value in properties.items():
            value.pop("title", None)
            if key in descriptions:
                value["description"] = descriptions[key]
        for key in [name for name in properties if name.endswith("_")]:
            properties[key.removesuffix("_")] = properties.pop(key)
        for key, form in cls.by_language.items():
            properties.pop(key, None)
            pattern = {"type": "string", "minLength": 1, "description": descriptions.get(key, "")}
            written.setdefault("patternProperties", {})[_form(form).pattern] = pattern
        either = {key for keys in cls.alternatives for key in keys}
        needed = [k for k in written.pop("required", []) if k in properties and k not in either]
        if needed:
            written["required"] = needed
        if cls.alternatives:
            written["anyOf"] = [{"required": [*keys]} for keys in cls.alternatives]
        return schema


def known_keys(cls: type) -> list[str]:
    """List the keys of a table, those by language in their form."""
    forms: Mapping[str, str] = getattr(cls, "by_language", {})
    names = [f.name.removesuffix("_") for f in fields(cls) if f.init and f.name not in forms]
    return [*names, *(form.format("<language>") for form in forms.values())]


def each(
    key: str,
    tables: Iterable[Any] | Mapping[str, Any],
    rule: Callable[[Any], Iterable[str]],
    *,
    join: str = ".",
) -> Iterator[str]:
    """Run a rule on each table of a list or of a table of tables, its key before each fault."""
    pairs = tables.items() if isinstance(tables, Mapping) else enumerate(tables)
    for name, one in pairs:
        if one is not UNREAD:
            yield from (f"{key}.{name}{join}{fault}" for fault in run_rules(one, (rule,)))


def run_rules(model: Any, rules: Iterable[Callable[[Any], Iterable[str]]]) -> Iterator[str]:
    """Run rules on what was read; each ends at the first value that has a fault of its own."""
    for rule in rules:
        try:
            yield from rule(model)
        except UnreadError:
            continue


def _tolerated(value: Any, handler: Any, info: Any) -> Any:
    """Give UNREAD for a faulty value in a second reading."""
    if info.context is None or TOLERANT not in info.context:
        return handler(value)
    if value is UNREAD:
        return UNREAD
    try:
        made = handler(value)
    except ValueError:
        return UNREAD
    if isinstance(made, Table) and any(one is UNREAD for one in vars(made).values()):
        object.__setattr__(made, "__class__", _partly_read(cast("Any", type(made))))
    return made


@cache
def _partly_read(cls: Any) -> type:
    """Make the class of tables of which some keys cannot be used."""

    def used(self: Any, name: str) -> Any:
        value = object.__getattribute__(self, name)
        if value is UNREAD:
            raise UnreadError
        return value

    return type(cls.__name__, (cls,), {"__getattribute__": used})


def _preparer(cls: type[Table]) -> Callable[[Any, Any], Any]:
    """Make the step before the check: keys by language gathered, a second reading filled up."""
    forms = {key: _form(form) for key, form in cls.by_language.items()}
    own = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    needed = [n for n, f in own.items() if f.default is MISSING and f.default_factory is MISSING]

    def prepare(value: Any, info: Any) -> Any:
        if not isinstance(value, dict):
            return value
        table = _gathered(value, own, forms)
        if any(f"{key}_" in own for key in table):
            table = {f"{key}_" if f"{key}_" in own else key: v for key, v in table.items()}
        if info.context is not None and TOLERANT in info.context:
            meant = {one for key in table if key not in own for one in near_names(key, own)}
            table = {**dict.fromkeys([*needed, *meant], UNREAD), **table}
            return {key: v for key, v in table.items() if key in own}
        return table

    return prepare


def _gathered(
    value: dict[str, Any], own: Mapping[str, Any], forms: Mapping[str, re.Pattern[str]]
) -> dict[str, Any]:
    table: dict[str, Any] = {} if forms else value
    for key, one in value.items() if forms else ():
        found = ((name, form.fullmatch(key)) for name, form in forms.items() if key not in own)
        name, match = next(((n, m) for n, m in found if m), ("", None))
        if match:
            table.setdefault(name, {})[match[1]] = one
        else:
            table[key] = one
    return table


def _form(form: str) -> re.Pattern[str]:
    return re.compile("^" + form.format(f"({LANGUAGE})") + "$")


def _attributes(doc: str) -> dict[str, str]:
    """Read the section Attributes of a docstring: the text of each name."""
    section = re.split(r"\n\s*Attributes\n\s*-+\n", doc)[1:]
    lines = section[0].splitlines() if section else []
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    descriptions: dict[str, str] = {}
    names: list[str] = []
    for line in (line[margin:] for line in lines):
        if line[:1].strip():
            names = [name.strip() for name in line.partition(" : ")[0].split(",")]
        else:
            descriptions |= {
                name: f"{descriptions.get(name, '')} {line.strip()}".strip() for name in names
            }
    return descriptions
