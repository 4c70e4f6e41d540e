"""Read a declaration: file to tables, tables to model, rules, and one refusal with it all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar, cast

from obs.declare.declared_table import TOLERANT, UNREAD, run_rules
from obs.declare.shape_faults import words_of
from obs.errors import CatalogueError

__all__ = ["Declared", "check", "load", "read", "read_toml", "refuse"]

M = TypeVar("M")
Rule = Callable[[Any], Iterable[str]]
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){100}""")
_MOST = 100  # faults said of one file
_DEEP = "is nested too deep to be a declaration"


@dataclass(frozen=True)
class Declared(Generic[M]):
    """What a file declares: its model if its shape has no fault, and all faults in words.

    `partly` is what was read in any case, for rules across files; a key with a fault of its own
    ends the rule that uses it.
    """

    model: M | None
    faults: tuple[str, ...]
    partly: M | None = None


def load(
    path: Path, model: type[M], *, rules: Sequence[Rule] = (), called: str, quote: bool = True
) -> M:
    """Read a declaration, refused with all its faults under the name that it is called by.

    Each rule takes what was read and gives faults in words, the key first. Raises
    `CatalogueError` if the file cannot be read as TOML, or with every fault of shape and rules;
    `quote` as of `check`.
    """
    declared = read(path, model, rules=rules, quote=quote)
    if declared.model is None or declared.faults:
        refuse(called, declared.faults)
    return declared.model


def read(
    path: Path, model: type[M], *, rules: Sequence[Rule] = (), quote: bool = True
) -> Declared[M]:
    """Read a declaration, its faults beside it; `quote` as of `check`."""
    try:
        raw = read_toml(path)
    except CatalogueError as fault:
        return Declared(None, (str(fault),))
    return check(raw, model, rules=rules, quote=quote)


def read_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file in UTF-8, with or without a byte order mark.

    Whatever the file holds, it gives tables or a `CatalogueError` in words: not opened, no
    UTF-8, no TOML, nested too deep, a number too long. The caller names the file.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise CatalogueError(f"cannot be opened ({fault.strerror or 'no reason given'})") from None
    return parse_toml(content)


def parse_toml(content: bytes) -> dict[str, Any]:
    """Parse the bytes of a TOML file; see `read_toml`."""
    try:
        text = content.decode("utf-8-sig")
        if _LONG_KEY.search(text):  # the parser takes minutes for one of thousands of parts
            raise RecursionError
        return tomllib.loads(text)
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        raise CatalogueError(f"is not valid TOML: line {line} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as fault:
        raise CatalogueError(f"is not valid TOML: {fault}") from None
    except RecursionError:
        raise CatalogueError(f"is not valid TOML: it {_DEEP}") from None
    except ValueError:  # of Python itself, on a number of thousands of digits
        raise CatalogueError("is not valid TOML: a number in it is too long to be read") from None


def check(
    raw: dict[str, Any], model: type[M], *, rules: Sequence[Rule] = (), quote: bool = True
) -> Declared[M]:
    """Check tables against a model, then run the rules on what was read.

    Without a model in the answer if there is a fault of shape. `quote` says whether messages
    may repeat a value outside its closed list; not where cells of a delivery are declared.
    """
    from pydantic import ValidationError

    validator = _adapter(cast("Any", model))
    try:
        tables = _fixed(raw)
        try:
            made: M = validator.validate_python(tables)
        except ValidationError as wrong:
            known = wrong.errors(include_url=False, include_input=True)
            faults = [*words_of(known[:_MOST], model, quote=quote)]
            if len(known) > _MOST:
                faults.append(f"has {len(known) - _MOST:,} more faults")
            partial = validator.validate_python(tables, context={TOLERANT: True})
            if partial is UNREAD:
                return Declared(None, tuple(faults))
            return Declared(None, (*faults, *run_rules(partial, rules)), partial)
        return Declared(made, tuple(run_rules(made, rules)), made)
    except RecursionError:
        return Declared(None, (_DEEP,))


def refuse(called: str, faults: Sequence[str]) -> NoReturn:
    """Raise the one error of a declaration, a line for each fault."""
    lines = "\n".join(f"- {fault}" for fault in faults)
    raise CatalogueError(f"{called}:\n{lines}") from None


@cache
def _adapter(model: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(model)


def _fixed(value: Any) -> Any:
    """Turn lists into tuples, so that nothing read can be changed."""
    if isinstance(value, dict):
        return {key: _fixed(one) for key, one in value.items()}
    return tuple(map(_fixed, value)) if isinstance(value, list) else value
