"""Write a thin note on one indicator: its declaration, and its notebook in several languages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from obs.catalogue import Indicator
from obs.locale import words

__all__ = ["write_declaration", "write_notebook"]

_BY_PLACE = ("police", "services")  # sources whose counts have a place
_PARAMETERS = (
    'edition = {edition}\nlang = "{lang}"\nobservatory = "{observatory}"\nprocessed = None'
)
_OPEN = """import obs

note = obs.open_note("{name}", edition=edition, lang=lang, observatory=observatory, processed=processed)
one = note.item("{indicator}", level="years", change="change")"""
_PARTS = '\nparts = note.finest("years")  # the finest places that the deliveries tell of'
_CURVE = 'note.show(obs.chart_trend, "years", level="top", indicator="{indicator}")'
_MAP = 'note.show(obs.map_territory, "years", level=parts, indicator="{indicator}", period=note.last("years"))'
_TABLE = 'note.show(obs.show_table, "years", level={level}, indicator="{indicator}", period=note.last("years"))'
_FACTS = {
    "count": "{{ one.level|count }}",
    "period": "{{ one.level|period }}",
    "measure": "{{ one.level|measure }}",
    "interval": "{{ one.level|interval }}",
    "finding": "{{ one.change|finding }}",
}


def write_declaration(indicator: Indicator, languages: Sequence[str], *, schema: str) -> str:
    """Write what the note publishes: years, and each year beside the one before."""
    titles = "\n".join(
        f"{lang} = {_in_quotes(indicator.text('title', lang))}" for lang in languages
    )
    return f"""#:schema {schema}
# What the note publishes. Computed and protected together with the other notes of the edition.

[title]
{titles}

[[table]]
id = "years"
indicators = ["{indicator.id}"]
period = "year"

[[trend]]
id = "change"
of = "years"
base = "previous"
"""


def write_notebook(
    name: str, indicator: Indicator, languages: Sequence[str], *, observatory: str, edition: int
) -> str:
    """Write the notebook: cells of code without outputs, sentences in each language."""
    first = {"edition": edition, "lang": languages[0], "observatory": observatory}
    named = {"name": name, "indicator": indicator.id}
    cells = [
        _code_cell(_PARAMETERS.format(**first), "parameters"),
        _code_cell(_OPEN.format(**named) + (_PARTS if indicator.source in _BY_PLACE else "")),
        *_text_cells(_headline, languages),
        *_text_cells(_key_figures, languages, "key-figures"),
        *_text_cells(_words_on_series, languages),
        _code_cell(_CURVE.format(**named)),
        *_cells_on_units(indicator, languages),
        *_text_cells(_definition_list, languages),
    ]
    book = {
        "cells": [cell | {"id": f"cell-{i}"} for i, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def _cells_on_units(indicator: Indicator, languages: Sequence[str]) -> list[dict[str, Any]]:
    """Give the part on the units, of a source whose counts have a place."""
    if indicator.source not in _BY_PLACE:
        return [_code_cell(_TABLE.format(level='"top"', indicator=indicator.id))]
    return [
        *_text_cells(_words_on_units, languages),
        _code_cell(_MAP.format(indicator=indicator.id)),
        _code_cell(_TABLE.format(level="parts", indicator=indicator.id)),
    ]


def _headline(lang: str) -> str:
    say = words(lang)
    told = say.say("join.colon", label="{{ one.title }}", text=_FACTS["finding"])
    return (
        f"# {{% if one.change.known %}}{told}{{% else %}}{{{{ note.title }}}}{{% endif %}}\n\n"
        "{{ note.place }}."
    )


def _key_figures(lang: str) -> str:
    say = words(lang).say
    told = {name: _FACTS[name] for name in ("period", "measure", "interval")}
    number = f"**{_FACTS['count']}**"
    counted = say("template.count", number=number, period=told["period"], interval=told["interval"])
    rate = say("template.level", number=number, **told)
    level = f'{{% if one.level.kind == "count" %}}{counted}{{% else %}}{rate}{{% endif %}}'
    change = say("join.semicolon", first="", second=_FACTS["finding"])
    return (
        f"{{% if one.level.known %}}- {level}{{% if one.change.known %}}{change}{{% endif %}}\n"
        "{% endif %}"
    )


def _words_on_series(lang: str) -> str:
    heading = words(lang).say("template.series")
    several = 'note.first("years") != note.last("years")'
    return f"{{% if {several} %}}## {heading}{{% endif %}}"


def _words_on_units(lang: str) -> str:
    level = "{{ note.level(parts, plural=True) }}"
    heading = words(lang).say("join.colon", label="{{ one.title }}", text=level)
    withheld = words(lang).say("template.withheld")
    return f"{{% if note.parts and parts != 'top' %}}## {heading}\n\n{withheld}{{% endif %}}"


def _definition_list(lang: str) -> str:
    say = words(lang).say
    items = "- **{{ item.title }}.** {{ item.text }}"
    care = "- {% if item.title %}**{{ item.title }}.** {% endif %}{{ item.text }}"
    return (
        f"## {say('template.definitions')}\n\n"
        f"{{% for item in note.definitions %}}{items}\n{{% endfor %}}\n\n"
        f"### {say('template.care')}\n\n"
        f"{{% for item in note.cautions %}}{care}\n{{% endfor %}}"
    )


def _code_cell(source: str, *tags: str) -> dict[str, Any]:
    about = {"tags": [*tags]} if tags else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": about,
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def _text_cells(write: Any, languages: Sequence[str], *tags: str) -> list[dict[str, Any]]:
    """Give one cell of text for each language."""
    return [
        {
            "cell_type": "markdown",
            "metadata": {"tags": [f"lang-{lang}", *tags]},
            "source": write(lang).splitlines(keepends=True),
        }
        for lang in languages
    ]


def _in_quotes(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
