"""Write a notice of correction of what was published: what was wrong, where, what is right or withdrawn.

It goes through the gates and exporters of the notes. A right value is a released one, a wrong value
is read from the published data; the words of the observatory hold no other figure.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from obs.catalogue import get_indicator
from obs.locale import words
from obs.reference import label
from obs.report.facts.dates import format_period
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import written
from obs.report.facts.numbers import format_number, status_text, typography
from obs.report.facts.words import first_upper, measure_words
from obs.report.figures.blocks import MIME, Block, Column, CsvFile, Row, TableBody
from obs.report.figures.data_file import csv_text
from obs.report.kernel.output_gate import seal
from obs.report.note.sentences import front_matter
from obs.report.page.content import NOTICES, Page, read_page
from obs.report.sheet.bound_sentences import BoundSentences
from obs.schemas import ALL, BREAKDOWNS

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["RightValue", "notice_page"]


@dataclass(frozen=True)
class RightValue:
    """A right figure: its released row, and what was published in its place.

    `count` and `value` are those of the published row, None where it had none.
    """

    row: Released
    count: int | None
    value: float | None


@dataclass(frozen=True)
class _Notice:
    """One notice in one language."""

    number: int
    lang: str
    numbered: str
    where: str
    wrong: str
    values: Sequence[RightValue]
    about: Mapping[str, Any]
    said: BoundSentences = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", BoundSentences(self.lang))

    @property
    def title(self) -> str:
        """Title of the page."""
        said = words(self.lang).say("notice.title", number=self.number, edition=self.numbered)
        return typography(said, self.lang)

    @property
    def observatory(self) -> str:
        """Title of the observatory."""
        return str(self.about["observatory"].get(self.lang, ""))

    @property
    def synthetic(self) -> bool:
        """Whether the edition is of synthetic data."""
        return bool(self.about.get("synthetic"))


def notice_page(
    *,
    number: int,
    lang: str,
    edition: str,
    numbered: str,
    where: str,
    wrong: str,
    values: Sequence[RightValue],
    about: Mapping[str, Any],
    published: dt.date,
) -> Page:
    """Make the page of a notice in one language.

    Parameters
    ----------
    number : int
        Of the notice within its edition.
    lang : str
        Language.
    edition, numbered : str
        The edition or answer, as its folder and in words.
    where : str
        The page and the figure, in words.
    wrong : str
        What was wrong, in the words of the observatory.
    values : sequence of RightValue
        What is right; none if the figure is withdrawn.
    about : mapping
        `observatory` by language, `synthetic`, `publisher`, `contact`, `licence`, where known.
    published : date
        Day of the notice.

    Returns
    -------
    Page
        One page.
    """
    notice = _Notice(number, lang, numbered, where, wrong, values, about)
    note = new_notebook(cells=_notice_cells(notice))  # type: ignore[no-untyped-call]
    note.metadata["obs"] = {
        "lang": lang,
        "parameters": {"edition": edition, "lang": lang, "published": published.isoformat()},
        "front": json.loads(front_matter({"note": notice})),
        "numbers": notice.said.numbers,
        "traces": notice.said.traces,
    }
    note.metadata["obs"]["seal"] = seal(note)
    return replace(read_page(note, name=f"correction-{number}"), folder=NOTICES)


def _notice_cells(notice: _Notice) -> list[NotebookNode]:
    said = notice.said
    told = [
        f"**{said.say('notice.where')}** {said.text(notice.where)}",
        f"**{said.say('notice.wrong')}** {said.text(notice.wrong)}",
        said.say("notice.right") if notice.values else said.say("notice.withdrawn"),
    ]
    cells = [said.cell("\n\n".join(told))]
    if notice.values:
        data = {MIME: _values_table(notice).to_json(), "text/html": ""}
        output = new_output("display_data", data=data)  # type: ignore[no-untyped-call]
        cells.append(new_code_cell("", outputs=[output]))  # type: ignore[no-untyped-call]
    cells.append(said.cell(said.say("notice.kept")))
    return cells


def _values_table(notice: _Notice) -> Block:
    """Show each value as it was published and as it is right."""
    lang, say = notice.lang, words(notice.lang).say
    rows = []
    for value in notice.values:
        row = value.row.table.iloc[0]
        fact = fact_of(row)
        name = _named_value(row, value, lang)
        rows.append(Row(name, (_was(value, fact, lang), _is(fact, lang))))
    heads = (Column(say("notice.head.published")), Column(say("notice.head.right")))
    first = notice.values[0].row
    return Block(
        released=first,
        kind="table",
        id="values",
        lang=lang,
        title=typography(say("notice.table"), lang),
        caption=typography(_measure_of(notice.values, lang), lang),
        table=TableBody(say("table.rows.indicator"), heads, tuple(rows)),
        csv=CsvFile("values.csv", _values_file(notice.values)),
    )


def _named_value(row: pd.Series, value: RightValue, lang: str) -> str:
    title = get_indicator(str(row["indicator"])).text("title", lang)
    place = value.row.territory.label(str(row["territory"]), lang)
    columns = [c for c in BREAKDOWNS if c in row and row[c] != ALL]
    own = [label(c, str(row[c]), lang) for c in columns]
    return ", ".join([title, *own, place, format_period(row["period"], lang)])


def _measure_of(values: Sequence[RightValue], lang: str) -> str:
    facts = [fact_of(value.row.table.iloc[0]) for value in values]
    found = dict.fromkeys(measure_words(f.kind, f.unit, f.scale, lang) for f in facts)
    return first_upper(words(lang).join("join.semicolon", list(found)))


def _was(value: RightValue, fact: Fact, lang: str) -> str:
    if value.value is None:
        return status_text("suppressed_primary", lang)
    return _with_count(written(fact, lang, value.value), value.count, fact, lang)


def _is(fact: Fact, lang: str) -> str:
    return _with_count(written(fact, lang, fact.value), fact.numerator, fact, lang)


def _with_count(text: str, count: int | None, fact: Fact, lang: str) -> str:
    """Write a value, and the count behind it where it is another number."""
    if fact.kind == "count" or count is None:
        return text
    return f"{text} ({format_number(count, lang)})"


def _values_file(values: Sequence[RightValue]) -> str:
    """Write the right rows, with what was published beside each."""
    rows: list[dict[str, str]] = []
    for value in values:
        was = {"published_numerator": value.count, "published_value": value.value}
        text = csv_text(value.row, beside=pd.DataFrame([was]))
        rows += csv.DictReader(io.StringIO(text))
    columns = [c for c in dict.fromkeys(k for row in rows for k in row) if c != "synthetic"]
    made = io.StringIO()
    writer = csv.DictWriter(made, [*columns, "synthetic"], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()
