"""Write the sheet of a place: what stands out, its figures, year by year, what is withheld and why.

A sheet goes through the gates and exporters of the notes. Its sentences are messages of the
catalogue, its numbers are released; it ranks no place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from obs.catalogue import get_indicator
from obs.locale import words
from obs.report.facts.delivery_names import tell_deliveries
from obs.report.facts.numbers import typography
from obs.report.facts.peer_statements import similar_groups
from obs.report.facts.words import first_lower
from obs.report.figures.blocks import MIME, Block
from obs.report.figures.charts import draw_trend
from obs.report.kernel.output_gate import seal
from obs.report.note.definitions import assumed_coverage, help_text
from obs.report.note.sentences import front_matter
from obs.report.page.content import KEY_FIGURES, SHEETS, Page, read_page
from obs.report.sheet.bound_sentences import BoundSentences
from obs.report.sheet.place_figures import Place, PlaceFigure, gather_figures, of_place
from obs.report.sheet.sheet_tables import table_of_year, table_of_years, without
from obs.report.sheet.withheld_lines import withheld_lines

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["make_sheets"]

_TILES, _DRAWN = 3, 2  # what a page has room for
_STANDINGS = ("above", "below", "no difference shown")
_SAID_ONCE = ("reading", "scope", "denominator", "source", "interval")  # under the first table
_VERDICTS = ("up", "down", "stable")


@dataclass(frozen=True)
class _Sheet:
    """One sheet in one language: the place, its figures, and the words around them."""

    of: Place
    lang: str
    year: str
    hidden: Sequence[str]
    about: Mapping[str, Any]
    said: BoundSentences = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", BoundSentences(self.lang))

    @property
    def place(self) -> str:
        """Name of the place."""
        return str(self.of.rows.territory.label(self.of.code, self.lang))

    @property
    def own(self) -> tuple[PlaceFigure, ...]:
        """Its figures of the year."""
        return self.of.figures

    @property
    def observatory(self) -> str:
        """Title of the observatory."""
        return str(self.about["title"][self.lang])

    @property
    def title(self) -> str:
        """Title of the page."""
        title = words(self.lang).say("sheet.title", place=self.place, year=self.year)
        return typography(title, self.lang)

    @property
    def synthetic(self) -> bool:
        """Whether any figure comes from synthetic data."""
        return bool(self.of.rows.synthetic)

    @property
    def assumed(self) -> str:
        """Which of its sources do not declare the days that they cover."""
        own = [one.indicator for one in self.own]
        return assumed_coverage(self.about["sources"], own, self.lang)


def make_sheets(
    released: Released,
    *,
    codes: Sequence[str],
    indicators: Sequence[str],
    langs: Sequence[str],
    edition: int | str,
    about: Mapping[str, Any],
    compare: Callable[..., pd.DataFrame],
) -> list[Page]:
    """Make the sheets of places in every language, in this process.

    Parameters
    ----------
    released : Released
        All tables of the edition, released together.
    codes : sequence of str
        Places of the finest level.
    indicators : sequence of str
        Those of a sheet, the most important first: the first are its key figures and are drawn.
    langs : sequence of str
        Languages.
    edition : int or str
        Year of the edition.
    about : mapping
        What the edition says of itself (see `obs.pipeline.accounts.describe_edition`).
    compare : callable
        `obs.compare_peers`.

    Returns
    -------
    list of Page
        One for each place and language; none for a place without any row.

    Raises
    ------
    ObsError
        If none of the indicators is released by place and year.
    PublicationError
        If a sentence cannot be written.
    """
    tell_deliveries(released, about.get("sources", ()))
    figures = gather_figures(released, indicators, compare=compare)
    kinds = {get_indicator(one.indicator).source for one in figures}
    known = {**about, "sources": [s for s in about.get("sources", ()) if s["source"] in kinds]}
    hidden = withheld_lines(released)
    places = filter(None, (of_place(released, figures, code) for code in codes))
    return [
        _page(_Sheet(place, lang, figures[0].year, hidden(place.code, lang), known), edition)
        for place in places
        for lang in langs
    ]


def _page(sheet: _Sheet, edition: int | str) -> Page:
    """Read a sheet as the page of a note is read, through the same gate."""
    cells = _cells(sheet)
    note = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    note.metadata["obs"] = {
        "lang": sheet.lang,
        "parameters": {"edition": edition, "lang": sheet.lang},
        "front": json.loads(front_matter({"note": sheet})),
        "numbers": sheet.said.numbers,
        "traces": sheet.said.traces,
    }
    note.metadata["obs"]["seal"] = seal(note)
    return replace(read_page(note, name=sheet.of.code), folder=SHEETS, place=sheet.place)


def _cells(sheet: _Sheet) -> list[NotebookNode]:
    say, lang = sheet.said.say, sheet.lang
    blocks = [
        table_of_year(sheet.of, lang=lang),
        _trend(sheet),
        table_of_years(sheet.of, lang=lang),
    ]
    held = "\n".join(f"- {sheet.said.text(line)}" for line in sheet.hidden)
    held = f"{held}\n\n{say('sheet.not_zero')}" if held else say("sheet.all_published")
    tiles = _tiles(sheet)
    return [
        *([sheet.said.cell("\n".join(tiles), tag=KEY_FIGURES)] if tiles else []),
        sheet.said.cell(_brief(sheet)),
        *(_shown(block) for block in blocks if block is not None),
        sheet.said.cell(f"## {say('sheet.withheld')}\n\n{held}"),
    ]


def _tiles(sheet: _Sheet) -> list[str]:
    """Write the key figures: the number, its rate and interval, its change."""
    said, lines = sheet.said, []
    for one in [one for one in sheet.own if one.level.known][:_TILES]:
        parts = {k: said.fact(one.level, k) for k in ("count", "period", "measure", "interval")}
        counted = one.level.kind == "count"
        parts.pop("measure") if counted else None
        title = said.text(_title(one, sheet.lang))
        line = said.say("sheet.tile_count" if counted else "sheet.tile", title=title, **parts)
        if one.change.known:
            line += said.say("sheet.tile_change", change=said.fact(one.change, "finding"))
        lines.append(f"- {line}")
    return lines


def _brief(sheet: _Sheet) -> str:
    """Say where the place is, what stands apart from its peers, what changed, and the caution."""
    said, territory = sheet.said, sheet.of.rows.territory
    lines = [*_standing_lines(sheet), *_change_lines(sheet)]
    apart = any(one.standing in _STANDINGS for one in sheet.own)
    tail = [said.say("sheet.caution")] if apart else []
    for group in similar_groups(territory, sheet.lang, place=sheet.of.code):
        tail.append(said.say("sheet.similar", group=said.text(group)))
    parts = [said.text(f"{_holders(sheet)}."), *_help(sheet)]
    parts += ["\n".join(f"- {line}" for line in lines)] if lines else []
    parts += [" ".join(tail)] if tail else []
    return "\n\n".join(parts)


def _standing_lines(sheet: _Sheet) -> list[str]:
    """Name what is above and what is below the peers, or say that nothing is."""
    compared = [one for one in sheet.own if one.standing in _STANDINGS]
    if not compared:
        return []
    said, lines = sheet.said, []
    year = said.fact(compared[0].level, "period")
    for verdict in _STANDINGS[:2]:
        own = [_in_a_sentence(sheet, one) for one in compared if one.standing == verdict]
        if own:
            lines.append(said.say(f"sheet.{verdict}", items=", ".join(own), year=year))
    return lines or [said.say("sheet.alike", year=year)]


def _change_lines(sheet: _Sheet) -> list[str]:
    """Name what rose and what fell, or say that nothing did."""
    judged = [one for one in sheet.own if one.change.verdict in _VERDICTS]
    if not judged:
        return []
    said, lines = sheet.said, []
    base = said.period(judged[0].change.base)
    for verdict in _VERDICTS[:2]:
        own = [one for one in judged if one.change.verdict == verdict]
        items = [f"{_in_a_sentence(sheet, one)} ({said.fact(one.change, 'change')})" for one in own]
        if items:
            lines.append(said.say(f"sheet.{verdict}", items=", ".join(items), base=base))
    return lines or [said.say("sheet.stable", base=base)]


def _in_a_sentence(sheet: _Sheet, one: PlaceFigure) -> str:
    """Name an indicator within a sentence."""
    return sheet.said.text(first_lower(_title(one, sheet.lang)))


def _title(one: PlaceFigure, lang: str) -> str:
    return str(get_indicator(one.indicator).text("title", lang))


def _help(sheet: _Sheet) -> list[str]:
    """Give the numbers to call, where a figure is of violence within a family."""
    violence = any("relation" in get_indicator(one.indicator).where for one in sheet.own)
    numbers = help_text(sheet.of.rows.territory, sheet.lang) if violence else ""
    return [sheet.said.say("sheet.help", numbers=sheet.said.text(numbers))] if numbers else []


def _holders(sheet: _Sheet) -> str:
    """Name the place and the units that hold it, each with the word for its level."""
    territory, named = sheet.of.rows.territory, []
    above = territory.parent(sheet.of.code)
    while above is not None:
        name, level = territory.label(above, sheet.lang), territory.level_of(above)
        kind = "" if above == territory.top else f"{territory.level_label(level, sheet.lang)} "
        named.append(f"{kind}{name}")
        above = territory.parent(above)
    return f"{sheet.place} ({', '.join(named)})" if named else sheet.place


def _trend(sheet: _Sheet) -> Block | None:
    """Draw the first figures of the place over the years."""
    subject = sheet.of.in_language(sheet.lang)
    table = subject.table[subject.table["value"].notna()]
    several = table.groupby("indicator", sort=False)["period"].nunique() > 1
    drawn = [i for i in subject.indicators[:_DRAWN] if several.get(i, default=False)]
    if not drawn:
        return None
    subject = subject.keep(subject.table["indicator"].isin(drawn))
    rows = sheet.of.rows.select(indicator=drawn)
    alt = words(sheet.lang).say("alt.kind.chart_trend")
    block = draw_trend(rows, subject, title=None, alt=alt)
    return replace(block, released=rows, notes=without(block.notes, _SAID_ONCE, sheet.lang))


def _shown(block: Block) -> NotebookNode:
    data = {MIME: block.to_json(), "text/html": ""}
    output = new_output("display_data", data=data)  # type: ignore[no-untyped-call]
    cell: NotebookNode = new_code_cell("", outputs=[output])  # type: ignore[no-untyped-call]
    return cell
