"""Turn Markdown cells into sentences with bound numbers, inside the kernel of a note.

A name, attribute or filter that does not exist stops the build. Printed values are escaped, so
that no text from a table can act as Markdown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

import jinja2
import jinja2.meta

from obs.errors import ObsError
from obs.report.facts.fact import Fact
from obs.report.facts.filters import filters
from obs.report.figures.data_file import plain_status

__all__ = ["front_matter", "render_sentences", "sentence_environment"]

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|&~$])")
_FRONT = ("title", "observatory", "publisher", "published", "keywords", "licence")


def render_sentences(source: str, lang: str, namespace: Mapping[str, Any]) -> str:
    r"""Render one Markdown cell with the values of a kernel.

    Returns JSON: `text`, `numbers` (one record per bound number used) and `faults`. Raises
    `ObsError` if the language is unknown. Faults of the cell are returned, not raised.

    Examples
    --------
    >>> from obs.report.note.sentences import render_sentences
    >>> render_sentences("In {{ place }}.", "en", {"place": "Sint_Gillis"})
    '{"text": "In Sint\\\\_Gillis.", "numbers": [], "faults": []}'
    """
    numbers: list[dict[str, Any]] = []
    environment = sentence_environment(lang)
    environment.filters.update(
        {name: _recorded(name, writer, numbers) for name, writer in filters(lang).items()}
    )
    faults: list[str] = []
    text = ""
    try:
        names = jinja2.meta.find_undeclared_variables(environment.parse(source))
        faults = [_unknown_name(name, namespace) for name in sorted(names - set(namespace))]
        if not faults:
            values = {name: namespace[name] for name in names}
            text = environment.from_string(source).render(values)
    except jinja2.TemplateError as error:
        faults = [str(error.message)]
    except ObsError as error:
        faults = [str(error)]
    except (AttributeError, KeyError, TypeError, ZeroDivisionError) as error:
        faults = [f"{type(error).__name__} while writing a value"]
    answer = {"text": text, "numbers": numbers, "faults": faults}
    return json.dumps(answer, ensure_ascii=False, default=str)


def front_matter(namespace: Mapping[str, Any]) -> str:
    """Say what a page needs around its text: title, observatory, publisher, dates.

    Returns JSON, with only what the note knows.

    Examples
    --------
    >>> from obs.report.note.sentences import front_matter
    >>> front_matter({})
    '{}'
    """
    note = namespace.get("note")
    about = getattr(note, "about", None)
    about = about if isinstance(about, Mapping) else {}
    known = {}
    for name in _FRONT:
        value = getattr(note, name, None) if hasattr(note, name) else about.get(name)
        if value:
            known[name] = value if isinstance(value, list) else str(value)
    for name in ("extracted", "covered_to"):
        days = [str(s[name]) for s in about.get("sources", ()) if s.get(name)]
        if days:
            known[name] = max(days)
    if getattr(note, "synthetic", False):
        known["synthetic"] = "true"
    return json.dumps(known, ensure_ascii=False, sort_keys=True)


def sentence_environment(lang: str) -> jinja2.Environment:
    """Make the Jinja environment of sentences: strict, escaping values, with our filters.

    Returns `jinja2.Environment` without any global name.

    Examples
    --------
    >>> from obs.report.note.sentences import sentence_environment
    >>> sentence_environment("en").from_string("{{ n|n }}").render(n=1234)
    '1,234'
    """
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, finalize=_escape, autoescape=False
    )
    environment.globals.clear()
    environment.filters.update(filters(lang))
    return environment


def _escape(value: Any) -> Any:
    if value is None:
        raise ObsError("a value in this cell is None; bind it, or leave the sentence out")
    if isinstance(value, jinja2.Undefined):
        return value
    return _MARKUP.sub(r"\\\1", " ".join(str(value).split(" ")).replace("\n", " "))


def _unknown_name(name: str, namespace: Mapping[str, Any]) -> str:
    own = [key for key in namespace if not key.startswith("_")]
    near = get_close_matches(name, own, n=1)
    return f"unknown name '{name}'" + (f"; did you mean '{near[0]}'?" if near else "")


def _recorded(
    name: str, writer: Callable[..., str], numbers: list[dict[str, Any]]
) -> Callable[..., str]:
    """Keep, beside what a filter writes, the fact it wrote and where that fact is from."""

    def write(thing: Any, *options: Any, **named: Any) -> str:
        text = writer(thing, *options, **named)
        if isinstance(thing, Fact):
            numbers.append(
                {
                    "filter": name,
                    "text": text,
                    "value": thing.value,
                    "numerator": None if thing.combined else thing.numerator,
                    "unit": thing.unit,
                    "kind": thing.kind,
                    "scale": thing.scale,
                    "low": thing.low,
                    "high": thing.high,
                    "verdict": thing.verdict,
                    "status": plain_status(thing.status),
                    "key": dict(thing.key),
                    "origin": dict(thing.origin),
                }
            )
        return text

    return write
