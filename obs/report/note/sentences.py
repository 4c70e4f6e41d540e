"""Turn Markdown cells into sentences with bound numbers, inside the kernel of a note.

A name, attribute or filter that does not exist stops the build. Printed values are escaped, so
that no text from a table can act as Markdown. While an edition is built, a figure is printed by a
fact, the catalogue or a declared constant alone, and a branch asks these alone.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

import jinja2
import jinja2.meta
import pandas as pd
from jinja2.sandbox import ImmutableSandboxedEnvironment

from obs.errors import ObsError, PublicationError
from obs.report.facts.edition_seal import is_closed
from obs.report.facts.fact import Fact
from obs.report.facts.fact_trace import trace_of
from obs.report.facts.filters import filters
from obs.report.facts.printed import Edition, Printed, figure_in
from obs.report.figures.data_file import plain_status
from obs.report.note.bound_names import unbound_names
from obs.report.note.edition_lists import last_extractions
from obs.report.note.sentence_gate import (
    Written,
    joined_faults,
    marked,
    rewritten,
    traced_text,
    without_marks,
)
from obs.report.note.sentence_rules import expression_faults

__all__ = ["front_matter", "render_sentences", "sentence_environment", "write_sentence"]

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|&~$])")
_BETWEEN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FRONT = (
    *("title", "observatory", "publisher", "published", "keywords", "licence", "assumed"),
    *("contact", "permanent_name", "announced"),
)


def render_sentences(source: str, lang: str, namespace: Mapping[str, Any]) -> str:
    r"""Render one Markdown cell with the values of a kernel.

    Returns JSON: `text`, `numbers` (one record per bound number used) and `faults`; where there
    are numbers, also `traces` (where each comes from) and `traced` (the text, each number marked
    with its place among them). Raises `ObsError` if the language is unknown. Faults of the cell are returned, not raised.

    Examples
    --------
    >>> from obs.report.note.sentences import render_sentences
    >>> render_sentences("In {{ place }}.", "en", {"place": "Sint_Gillis"})
    '{"text": "In Sint\\\\_Gillis.", "numbers": [], "faults": []}'
    """
    numbers: list[dict[str, Any]] = []
    said: list[Written] = []
    environment = sentence_environment(lang)
    environment.filters.update(
        {name: _recorded(name, writer, numbers, said) for name, writer in filters(lang).items()}
    )
    faults: list[str] = []
    text = ""
    try:
        tree = environment.parse(source)
        faults = list(expression_faults(tree)) if is_closed() else []
        names = set() if faults else jinja2.meta.find_undeclared_variables(tree)
        faults += [_unknown_name(name, namespace) for name in sorted(names - set(namespace))]
        if is_closed() and not faults:
            faults += unbound_names(tree, names, namespace, lang)
        if not faults:
            values = {name: namespace[name] for name in names}
            text = environment.from_string(source).render(values)
            faults = joined_faults(text, said)
    except jinja2.TemplateError as error:
        faults = [str(error.message)]
    except ObsError as error:
        faults = [str(error)]
    except (AttributeError, KeyError, TypeError, ZeroDivisionError) as error:
        faults = [f"{type(error).__name__} while writing a value"]
    answer: dict[str, Any] = {"text": without_marks(text), "numbers": numbers, "faults": faults}
    if numbers and not faults:
        facts = [one.thing for one in said if isinstance(one.thing, Fact)]
        traces = [trace_of(fact, lang) for fact in facts]
        answer["traces"] = [None if one is None else one.to_json() for one in traces]
        answer["traced"] = traced_text(text, said)
    return json.dumps(answer, ensure_ascii=False, default=str)


def write_sentence(text: str, lang: str, facts: Mapping[str, Any]) -> str:
    """Write words with bound numbers as plain text, for a title or an alternative text.

    Returns words whose figures are vouched for. Raises `PublicationError` for a name or filter
    that does not exist, and for a figure that no fact wrote.

    Examples
    --------
    >>> from obs.report.facts.fact import Fact
    >>> from obs.report.note.sentences import write_sentence
    >>> bound = Fact("count", 1234.0, None, None, "ok", "fact", "count", 0, numerator=1234)
    >>> write_sentence("Thefts: {{ thefts|n }}.", "en", {"thefts": bound})
    'Thefts: 1,234.'
    """
    environment = sentence_environment(lang)
    environment.finalize = partial(_bound, lang=lang)
    said: list[Written] = []
    environment.filters.update(
        {name: _recorded(name, writer, [], said) for name, writer in filters(lang).items()}
    )
    if figure_in(_BETWEEN.sub(" ", text), lang):
        raise PublicationError(
            "note.sentence: a figure is typed in the text; bind it with note.fact and give it a name, "
            "{{ name|n }}."
        )
    try:
        absent = jinja2.meta.find_undeclared_variables(environment.parse(text)) - set(facts)
        if absent:
            raise PublicationError(f"note.sentence: nothing is given for '{min(absent)}'.")
        made = environment.from_string(text).render(dict(facts))
    except jinja2.TemplateError as error:
        raise PublicationError(f"note.sentence: {error.message}.") from None
    faults = joined_faults(made, said)
    if faults:
        raise PublicationError(f"note.sentence: {faults[0]}.")
    return Printed(without_marks(made))


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
    known: dict[str, Any] = {}
    for name in _FRONT:
        value = getattr(note, name, None) if hasattr(note, name) else about.get(name)
        if isinstance(value, Mapping):  # words by language
            value = value.get(getattr(note, "lang", ""))
        if value:
            known[name] = value if isinstance(value, list) else str(value)
    sources = about.get("sources", ())
    days = {"covered_to": [str(s["covered_to"]) for s in sources if s.get("covered_to")]}
    days["extracted"] = last_extractions(sources)
    known |= {name: max(own) for name, own in days.items() if own}
    told = list(getattr(note, "edition_files", ()))
    if told:
        known["edition_files"] = told
    if getattr(note, "synthetic", False):
        known["synthetic"] = "true"
    return json.dumps(known, ensure_ascii=False, sort_keys=True)


class _SentenceEnvironment(ImmutableSandboxedEnvironment):
    """Read sentences; one nested without end is a fault of the text."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> jinja2.nodes.Template:
        try:
            return super()._parse(source, name, filename)
        except RecursionError:
            raise jinja2.TemplateSyntaxError("is nested too deep", 1, name, filename) from None


def sentence_environment(lang: str) -> jinja2.Environment:
    """Make the Jinja environment of sentences: strict, escaping values, with our filters.

    Returns `jinja2.Environment` without any global name.

    Examples
    --------
    >>> from obs.report.note.sentences import sentence_environment
    >>> sentence_environment("en").from_string("{{ n|n }}").render(n=1234)
    '1,234'
    """
    environment = _SentenceEnvironment(
        undefined=jinja2.StrictUndefined, finalize=partial(_escape, lang=lang), autoescape=False
    )
    environment.globals.clear()
    environment.filters.update(filters(lang))
    return environment


def _bound(value: Any, *, lang: str) -> Any:
    if not isinstance(value, jinja2.Undefined):
        _refuse_unbound(value, lang)
    return value


def _escape(value: Any, *, lang: str) -> Any:
    if value is None:
        raise ObsError("a value in this cell is None; bind it, or leave the sentence out")
    if isinstance(value, jinja2.Undefined):
        return value
    if is_closed():
        _refuse_unbound(value, lang)
    return _MARKUP.sub(r"\\\1", " ".join(str(value).split(" ")).replace("\n", " "))


def _refuse_unbound(value: Any, lang: str) -> None:
    """Refuse a figure that no fact wrote; it is not repeated, since it may be withheld."""
    if isinstance(value, Fact | Edition | Printed):
        return
    if not isinstance(value, str):
        raise PublicationError(
            f"a value printed in this cell is a {type(value).__name__}: bind the number with note.fact "
            "and write it with a filter, {{ name|n }}"
        )
    if figure_in(value, lang):
        raise PublicationError(
            "a text printed in this cell holds a figure that no fact wrote: bind the number with "
            "note.fact and write it with a filter, {{ name|n }}; help numbers, articles and codes of "
            "measures are constants of the note, {{ note.constants.NAME }}"
        )


def _unknown_name(name: str, namespace: Mapping[str, Any]) -> str:
    own = [key for key in namespace if not key.startswith("_")]
    near = get_close_matches(name, own, n=1)
    return f"unknown name '{name}'" + (f"; did you mean '{near[0]}'?" if near else "")


def _recorded(
    name: str, writer: Callable[..., str], numbers: list[dict[str, Any]], said: list[Written]
) -> Callable[..., str]:
    """Keep, beside what a filter writes, the fact it wrote and where that fact is from."""

    def write(thing: Any, *options: Any, **named: Any) -> str:
        bound = isinstance(thing, Fact | Printed)
        if is_closed() and not bound and not isinstance(thing, str | pd.Period | dt.date):
            raise PublicationError(
                f"The filter '{name}' writes a fact, not a {type(thing).__name__}: bind the number with "
                "note.fact."
            )
        if isinstance(thing, str):
            text = rewritten(thing, partial(writer, *options, **named))
        else:
            text = writer(thing, *options, **named)
        text = text if isinstance(thing, str) and not bound else Printed(text)
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
        if isinstance(thing, Fact | pd.Period):
            said.append(Written(name, thing))
            text = Printed(marked(text, len(said) - 1))
        return text

    return write
