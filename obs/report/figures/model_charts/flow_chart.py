"""Draw what became of the cases of a year by a horizon: how they ended, and what is still open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from obs.errors import ObsError
from obs.locale import words
from obs.reference import label
from obs.report.draw.flow import Branch, draw_flow
from obs.report.draw.style import draw_twice
from obs.report.facts.dates import format_period
from obs.report.facts.fact import fact_of
from obs.report.facts.filters import filters, written
from obs.report.facts.numbers import format_number, status_text
from obs.report.facts.printed import need_texts
from obs.report.facts.released_row import number_in
from obs.report.facts.subject import Subject, look_at
from obs.report.facts.words import first_upper, synthetic_label
from obs.report.figures.assemble import figure_block, need_alt
from obs.report.figures.blocks import Block
from obs.schemas import OPEN

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["chart_flow"]

_LEAST = 0.005  # of a cohort: what less is not shown of it has no branch of its own


def chart_flow(
    released: Released, *, lang: str, title: str | None = None, alt: str, note: str | None = None
) -> Block:
    """Draw a cohort that parts into the ways in which its cases ended, and those still open.

    Branches follow the list of decisions, never their size; what is still open is last but for
    what is not published, which is one branch.

    Parameters
    ----------
    released : Released
        What became of the cases of one year at one horizon (INCIDENCE).
    lang : str
        Code of a language (`obs.locale.languages`).
    title : str or None
        Instead of the one made from the size of the cohort, its year and the horizon.
    alt : str
        What kind of figure it is and of what, at least 30 characters, without numbers; its
        branches are added.
    note : str or None
        A remark under the figure.

    Returns
    -------
    Block
        A figure with its data file.

    Raises
    ------
    DisclosureError
        If `released` is not a Released.
    PublicationError
        If the alternative text is missing or short.
    ObsError
        If it follows no cohort, or is of several years or horizons.
    """
    subject = look_at(released, lang=lang, who="chart_flow")
    alt = need_alt(alt, who="chart_flow")
    need_texts(lang, who="chart_flow", title=title, alt=alt, note=note)
    table = subject.table
    if not {"decision", "within"} <= set(table):
        raise ObsError("chart_flow shows what became of a cohort, declared as [[incidence]].")
    if len(subject.periods) > 1 or table["within"].nunique() > 1:
        raise ObsError(
            "chart_flow shows one year at one horizon: select one of each, such as period='2022', "
            "within='365'."
        )
    branches = _branches(subject)
    head = _cohort_in_words(subject)
    drawings = draw_twice(
        partial(
            draw_flow, head, branches, warning=synthetic_label(lang) if subject.synthetic else ""
        )
    )
    return figure_block(
        released,
        subject,
        drawings,
        kind="flow",
        title=title or head,
        caption=words(lang).say("flow.caption"),
        alt=alt,
        note=note,
        told=words(lang).join("join.semicolon", [branch.name for branch in branches]),
    )


def _branches(subject: Subject) -> list[Branch]:
    """Give a branch for each state that is shown, and one for all that are not."""
    lang, own = subject.lang, words(subject.lang)
    ended: list[Branch] = []
    still: list[Branch] = []
    for _, row in subject.table.iterrows():
        fact = fact_of(row)
        if fact.value is None or fact.value == 0:
            continue
        state = str(row["decision"])
        value = written(fact, lang, fact.value)
        if fact.low is not None and fact.high is not None:
            value = f"{value} ({filters(lang)['interval'](fact)})"
        name = first_upper(label("decision", state, lang))
        said = own.say("join.colon", label=name, text=value)
        if state == OPEN:
            still.append(Branch(said, fact.value, "open"))
        else:
            ended.append(Branch(said, fact.value, "ended"))
    rest = 1 - sum(branch.share for branch in (*ended, *still))
    if rest > _LEAST and len(ended) + len(still) < len(subject.table):
        said = first_upper(status_text("suppressed_primary", lang))
        still.append(Branch(said, rest, "hidden"))
    if not ended and not still:
        raise ObsError("chart_flow: no share of this cohort is published at this horizon.")
    return [*ended, *still]


def _cohort_in_words(subject: Subject) -> str:
    """Say how many cases there are, of which year, and the horizon."""
    lang, row = subject.lang, subject.table.iloc[0]
    own, size = words(lang), number_in(row, "denominator")
    horizon = label("within", str(row["within"]), lang)
    when = format_period(row["period"], lang)
    if size is None:
        return own.say("flow.unsized", period=when, horizon=horizon)
    unit = own.code("units", str(row["unit"]), count=int(size))
    count = f"{format_number(size, lang)} {unit}"
    return own.say("flow.title", count=count, period=when, horizon=horizon)
