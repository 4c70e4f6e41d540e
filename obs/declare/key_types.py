"""The types that the keys of a declaration may have, beside those of Python.

A model writes `name: Text`, `files: Texts`, `kind: Annotated[str, OneOf(KINDS)]`. Each
type has its check, its words and its part of the JSON Schema.
"""

from __future__ import annotations

import codecs
import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeVar, get_args

from obs.declare.nearest_names import not_one_of
from obs.declare.plain_texts import label_fault

__all__ = [
    "AT_LEAST_ONE",
    "Character",
    "Checked",
    "Codes",
    "Encoding",
    "FolderName",
    "Keyed",
    "Listed",
    "Named",
    "NotOneOf",
    "OneOf",
    "OneOrSeveral",
    "Pattern",
    "RawPath",
    "Scalar",
    "Share",
    "Suggested",
    "Text",
    "Texts",
    "Words",
    "Year",
    "between",
    "empty",
]

K = TypeVar("K")
T = TypeVar("T")
_LONGEST = 5_000  # characters of a text that readers see
LANGUAGE = r"[a-z]{2,3}"  # ISO 639
_RESERVED = {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(10))}


@dataclass(frozen=True)
class Checked:
    """A check that a value of the right type must pass.

    `fault` gives what is wrong in words ("is empty", "must be ..."), or nothing; `schema`
    tells an editor the same as JSON Schema.
    """

    fault: Callable[[Any], str]
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Run the check after that of the type."""
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._passed, handler(source))

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Any:
        """Add its part of the JSON Schema."""
        return {**handler(core), **self.schema}

    def _passed(self, value: Any) -> Any:
        if fault := self.fault(value):
            raise ValueError(fault)
        return value


class NotOneOf(ValueError):
    """A text is outside its closed list; the message is made where quoting is decided."""

    def __init__(self, value: object, allowed: tuple[Any, ...]) -> None:
        self.value, self.allowed = value, allowed
        super().__init__(not_one_of(value, allowed, quote=False))


class OneOf:
    """A closed list of codes, "" for none; a function gives it if it is read from a file."""

    def __init__(self, codes: Iterable[Any] | Callable[[], Iterable[Any]]) -> None:
        self._codes = codes

    @property
    def codes(self) -> tuple[Any, ...]:
        """All codes allowed."""
        return tuple(self._codes() if callable(self._codes) else self._codes)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Look the value up after the check of its type."""
        from pydantic_core import core_schema

        codes = self.codes
        known = frozenset(codes)

        def passed(value: Any) -> Any:
            if value not in known:
                raise NotOneOf(value, codes)
            return value

        return core_schema.no_info_after_validator_function(passed, handler(source))

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Any:
        """List the codes for completion."""
        return {**handler(core), "enum": [*self.codes]}


class OneOrSeveral:
    """A list that may be written as one text."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Make a list of a text before the check."""
        from pydantic_core import core_schema

        def listed(value: Any) -> Any:
            return (value,) if isinstance(value, str) else value

        return core_schema.no_info_before_validator_function(listed, handler(source))

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Any:
        """Allow the text or the list."""
        several = handler(core)
        return {"anyOf": [several["items"], several]}


class Suggested:
    """Names that an editor offers for the keys of a table of values; others are not excluded."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = [*names]

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Any:
        """Add a property for each name."""
        schema = handler(core)
        return {**schema, "properties": dict.fromkeys(self._names, schema["additionalProperties"])}


class _ReadOnly:
    """A table of values by name that cannot be changed once read."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(types.MappingProxyType, handler(source))


class _Unordered:
    """A list whose order says nothing."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        listed = handler.generate_schema(types.GenericAlias(tuple, (get_args(source)[0], ...)))
        return core_schema.no_info_after_validator_function(frozenset, listed)


class _Scalar:
    """A cell of a table: text, number, truth or day, as TOML writes it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def passed(value: Any) -> Any:
            if isinstance(value, dict | tuple):
                raise ValueError("must be a text, a number, true or false, or a day")
            return value

        return core_schema.no_info_plain_validator_function(passed)

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Any:
        return {"type": ["string", "number", "boolean"]}


def between(low: int, high: int = 10**9) -> Checked:
    """Check that a whole number is neither below a limit nor above another, or absurdly large."""
    words = f"must be a whole number from {low} " + (f"to {high}" if high < 10**9 else "up")
    return Checked(lambda n: "" if low <= n <= high else words, {"minimum": low, "maximum": high})


def empty() -> Mapping[Any, Any]:
    """Give the default of a key that is a table of values by name."""
    return types.MappingProxyType({})


def _empty(text: str) -> str:
    return "" if text.strip() else "is empty"


def _not_a_pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        return f"not a regular expression ({error})"
    return ""


def _not_an_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return f"'{name}' is no encoding"
    return ""


def _leaves_raw(text: str) -> str:
    path = PurePosixPath(text)
    outside = path.is_absolute() or ".." in path.parts or "\\" in text or "\0" in text
    if outside:
        return f"must stay inside the raw folder: '{text}'"
    if not path.parts:
        return f"must name a file: '{text}'"
    within = any("**" in part and part != "**" for part in path.parts)
    return f"has '**' within a name: '{text}'" if within else ""


def _no_folder(text: str) -> str:
    plain = re.fullmatch(r"\w[\w .-]{0,63}", text) and text == text.strip(" .")
    if plain and text.split(".")[0].casefold() not in _RESERVED:
        return ""
    return (
        "must be a plain name that a folder can have: letters, digits, '_', '-', at most 64 "
        "characters, no '/' nor '\\'"
    )


def _no_year(text: str) -> str:
    year = re.fullmatch("[0-9]{4}", text)
    return "" if year else "must be a year such as 2015"


def _no_share(value: float) -> str:
    return "" if 0 <= value <= 1 else "must be a share, between 0 and 1"


def _no_text(values: Any) -> str:
    return "" if values else "must list at least one text"


def _no_words(words: Mapping[str, str]) -> str:
    strange = [lang for lang in words if not re.fullmatch(LANGUAGE, lang)]
    if strange:
        return f"has {', '.join(map(repr, strange))}, no code of a language such as 'fr'"
    faults = [
        f"the text in '{lang}' {fault}"
        for lang, text in words.items()
        if (fault := label_fault(text, _LONGEST))
    ]
    return faults[0] if faults else "" if words else "has no text in any language"


Text = Annotated[str, Checked(_empty, {"minLength": 1})]
Texts = Annotated[tuple[Text, ...], Checked(_no_text, {"minItems": 1})]
AT_LEAST_ONE = Checked(lambda named: "" if named else "is empty", {"minProperties": 1})
Listed = Annotated[tuple[T, ...], Checked(lambda v: "" if v else "is empty", {"minItems": 1})]
Codes = Annotated[frozenset[T], _Unordered()]
Keyed = Annotated[Mapping[K, T], _ReadOnly()]
Named = Annotated[Mapping[str, T], _ReadOnly()]
Words = Annotated[
    Named[Text],
    Checked(_no_words, {"minProperties": 1, "propertyNames": {"pattern": f"^{LANGUAGE}$"}}),
]
Character = Annotated[
    str,
    Checked(
        lambda c: "" if len(c) == 1 else "must be one character", {"minLength": 1, "maxLength": 1}
    ),
]
Pattern = Annotated[str, Checked(_not_a_pattern)]
Encoding = Annotated[str, Checked(_not_an_encoding)]
RawPath = Annotated[Text, Checked(_leaves_raw)]
FolderName = Annotated[str, Checked(_no_folder, {"pattern": r"^[^\s./\\][^/\\]{0,63}$"})]
Year = Annotated[str, Checked(_no_year, {"pattern": "^[0-9]{4}$"})]
Share = Annotated[float, Checked(_no_share, {"minimum": 0, "maximum": 1})]
Scalar = Annotated[Any, _Scalar()]
