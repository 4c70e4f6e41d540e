"""Write the answer to a question: the question, the answer in sentences, its table, what it means.

It goes through the gates and exporters of the notes. The question is the only text from outside: it
is screened beforehand, quoted and marked as the question; every other number is released.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from obs.catalogue import get_indicator
from obs.locale import words
from obs.report.answer.answer_table import answer_table
from obs.report.facts.delivery_names import tell_deliveries
from obs.report.facts.fact import Fact, bound_fact
from obs.report.facts.numbers import typography
from obs.report.facts.subject import Subject, look_at
from obs.report.figures.blocks import MIME, Block
from obs.report.kernel.output_gate import seal
from obs.report.note.definitions import assumed_coverage, help_text
from obs.report.note.sentences import front_matter
from obs.report.page.content import ANSWER, Page, read_page
from obs.report.sheet.bound_sentences import BoundSentences

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["answer_page"]

_MOST_SAID = 3  # places of which a sentence says the figure; of more, the table does
_HOW = {"rate": "measure", "share": "pct"}  # the filter of a value that is no count


@dataclass(frozen=True)
class _Answer:
    """One answer: what was asked, what is released of it, and the words around it."""

    released: Released
    question: str
    places: Sequence[str]
    lang: str
    breaks: Sequence[str]
    about: Mapping[str, Any]
    said: BoundSentences = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", BoundSentences(self.lang))

    @property
    def subject(self) -> Subject:
        """What the released table is of."""
        return look_at(self.released, lang=self.lang, who="obs answer")

    @property
    def indicator(self) -> str:
        """Code of its indicator."""
        return str(self.subject.indicators[0])

    @property
    def topic(self) -> str:
        """Title of its indicator."""
        return get_indicator(self.indicator).text("title", self.lang)

    @property
    def title(self) -> str:
        """Title of the page."""
        what = words(self.lang).say("answer.title", topic=self.topic, when=self.subject.when())
        return typography(what, self.lang)

    @property
    def observatory(self) -> str:
        """Title of the observatory."""
        return str(self.about["title"][self.lang])

    @property
    def synthetic(self) -> bool:
        """Whether any figure comes from synthetic data."""
        return bool(self.released.synthetic)

    @property
    def assumed(self) -> str:
        """Whether its source does not declare the days that it covers."""
        return assumed_coverage(self.about["sources"], [self.indicator], self.lang)


def answer_page(
    released: Released,
    *,
    question: str,
    places: Sequence[str],
    lang: str,
    name: str,
    about: Mapping[str, Any],
    compare: Callable[..., pd.DataFrame],
    breaks: Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None,
) -> Page:
    """Make the page that answers a question, in its language.

    Parameters
    ----------
    released : Released
        One table of one indicator: the places and periods asked, and the whole.
    question : str
        As it was asked, already screened.
    places : sequence of str
        Codes of the places asked.
    lang : str
        Language of the question.
    name : str
        Number of the answer, as 2024a1.
    about : mapping
        What the answer says of itself (see `obs.pipeline.accounts.describe_edition`).
    compare : callable
        `obs.compare_periods`.
    breaks : sequence of str
        The registered breaks within its periods, in words.
    parameters : mapping, optional
        What was asked, for its manifest.

    Returns
    -------
    Page
        One page.

    Raises
    ------
    ObsError
        If the table is empty.
    PublicationError
        If a sentence cannot be written.
    """
    tell_deliveries(released, about["sources"])
    answer = _Answer(released, question, places, lang, breaks, about)
    note = new_notebook(cells=_cells_of_answer(answer, compare))  # type: ignore[no-untyped-call]
    note.metadata["obs"] = {
        "lang": lang,
        "parameters": {**(parameters or {}), "edition": name, "lang": lang},
        "front": json.loads(front_matter({"note": answer})),
        "numbers": answer.said.numbers,
        "traces": answer.said.traces,
    }
    note.metadata["obs"]["seal"] = seal(note)
    return replace(read_page(note, name="answer"), kind=ANSWER, topic=answer.topic)


def _cells_of_answer(answer: _Answer, compare: Callable[..., pd.DataFrame]) -> list[NotebookNode]:
    said = answer.said
    asked = f"**{said.say('answer.question')}**\n\n> {said.text(answer.question)}"
    lines = "\n".join(f"- {line}" for line in _answer_lines(answer, compare))
    sections = [asked, f"**{said.say('answer.answer')}**", lines, *_help_lines(answer)]
    return [
        said.cell("\n\n".join(sections)),
        _block_cell(answer_table(answer.subject, answer.released)),
        said.cell(_meaning(answer)),
    ]


def _answer_lines(answer: _Answer, compare: Callable[..., pd.DataFrame]) -> Iterator[str]:
    """Say the figure of each place in the last period and its change; of many places, of the whole."""
    territory = answer.released.territory
    few = len(answer.places) <= _MOST_SAID
    said = list(answer.places) if few else [territory.top]
    table = answer.subject.table
    last = table[table["period"] == table["period"].max()].set_index("territory", drop=False)
    changes = _changes_from_first(answer, compare)
    for code in said:
        if code in last.index:
            change = changes[changes["territory"] == code]
            own = None if change.empty else change.iloc[0]
            yield _line_of_place(answer, last.loc[code], own)
    if not few:
        yield answer.said.say("answer.in_the_table")


def _changes_from_first(answer: _Answer, compare: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Compare the last period with the first, from the released rows alone."""
    first, *others = answer.subject.periods
    counted = get_indicator(answer.indicator).kind in ("count", "rate")
    if not others or not counted:
        return pd.DataFrame(columns=["territory"])
    made = answer.released.compare(compare, base=str(first)).table
    return made[made["period"] == others[-1]]


def _line_of_place(answer: _Answer, row: pd.Series, change: pd.Series | None) -> str:
    said, level = answer.said, bound_fact(row, answer.released)
    place = said.text(answer.released.territory.label(str(row["territory"]), answer.lang))
    parts = {"place": place, "period": said.fact(level, "period")}
    if level.value is None:
        return said.say("answer.unknown", why=said.fact(level, "interval"), **parts)
    line = _level(said, level, parts)
    fact = None if change is None else bound_fact(change, answer.released)
    if fact is not None and fact.known:
        line += said.say("answer.change", told=said.fact(fact, "told"))
    return f"{line}."


def _level(said: BoundSentences, level: Fact, parts: Mapping[str, str]) -> str:
    """Write a figure with its interval; of a rate, the count behind it too."""
    between = {"interval": said.fact(level, "interval")}
    if level.kind == "rate" and level.numerator is not None:
        values = {k: said.fact(level, k) for k in ("count", "measure")}
        return said.say("answer.rate", **values, **parts, **between)
    value = said.fact(level, _HOW.get(level.kind, level.kind))
    if level.low is None or level.high is None:
        return said.say("answer.plain", value=value, **parts)
    return said.say("answer.value", value=value, **parts, **between)


def _help_lines(answer: _Answer) -> list[str]:
    """Give the numbers to call, where the figures are of violence within a family."""
    violence = "relation" in get_indicator(answer.indicator).where
    numbers = help_text(answer.released.territory, answer.lang) if violence else ""
    return [answer.said.say("sheet.help", numbers=answer.said.text(numbers))] if numbers else []


def _meaning(answer: _Answer) -> str:
    """Say what is counted, what the figures do not say, and how they were made and protected."""
    said, indicator = answer.said, get_indicator(answer.indicator)
    text = {k: said.text(indicator.text(k, answer.lang)) for k in ("definition", "caveat")}
    protected = said.text(words(answer.lang).say("front.protected"))
    parts = [
        f"**{said.say('answer.definition')}** {text['definition']}",
        f"**{said.say('answer.limits')}** {text['caveat']}",
        f"**{said.say('answer.method')}** {protected}",
    ]
    breaks = " ".join(map(said.text, answer.breaks))
    return "\n\n".join([*parts, breaks] if breaks else parts)


def _block_cell(block: Block) -> NotebookNode:
    data = {MIME: block.to_json(), "text/html": ""}
    output = new_output("display_data", data=data)  # type: ignore[no-untyped-call]
    cell: NotebookNode = new_code_cell("", outputs=[output])  # type: ignore[no-untyped-call]
    return cell
