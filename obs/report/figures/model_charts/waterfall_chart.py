"""Draw a reconciled chain of counts: from the widest count to the narrowest, step by step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from obs.catalogue import get_indicator
from obs.errors import ObsError
from obs.locale import words
from obs.reference import label
from obs.report.draw.style import draw_twice
from obs.report.draw.waterfall import Step, draw_waterfall
from obs.report.facts.fact import fact_of
from obs.report.facts.filters import filters, reason_text
from obs.report.facts.numbers import format_number, status_text
from obs.report.facts.printed import need_texts
from obs.report.facts.released_row import number_in, whole_in
from obs.report.facts.subject import Subject, look_at
from obs.report.facts.words import first_upper, synthetic_label
from obs.report.figures.assemble import figure_block, need_alt
from obs.report.figures.blocks import Block
from obs.schemas import ALL, FILINGS

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["chart_waterfall"]


def chart_waterfall(
    released: Released, *, lang: str, title: str | None = None, alt: str, note: str | None = None
) -> Block:
    """Draw a chain of counts as `reconcile` gives it: levels, what leaves, what joins.

    Each step has its sign and the rule that makes it in words; what no rule explains is a step of
    its own; a step that is not published or not known says so and has no bar.

    Parameters
    ----------
    released : Released
        A reconciliation in one place and period.
    lang : str
        Code of a language (`obs.locale.languages`).
    title : str or None
        Instead of the one made from the first count and the last.
    alt : str
        What kind of figure it is and of what, at least 30 characters, without numbers; its steps
        are added.
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
        If it is no reconciliation, or of several places or periods.
    """
    subject = look_at(released, lang=lang, who="chart_waterfall")
    alt = need_alt(alt, who="chart_waterfall")
    need_texts(lang, who="chart_waterfall", title=title, alt=alt, note=note)
    if "step" not in subject.table or "explained" not in subject.table:
        raise ObsError("chart_waterfall shows a reconciliation, declared as [[reconciliation]].")
    if len(subject.periods) > 1 or len(subject.territories) > 1:
        raise ObsError(
            "chart_waterfall shows one place and period: select one, such as period='2024'."
        )
    drawn = subject.with_table(_in_order(subject.table))
    steps = [step for _, row in drawn.table.iterrows() for step in _steps(row, lang)]
    steps = _placed(steps)
    say = words(lang).say
    drawings = draw_twice(
        partial(
            draw_waterfall,
            steps,
            measure=first_upper(say("waterfall.measure")),
            lang=lang,
            warning=synthetic_label(lang) if drawn.synthetic else "",
        )
    )
    lines = [say("join.colon", label=step.name, text=step.value) for step in steps]
    return figure_block(
        released,
        drawn,
        drawings,
        kind="waterfall",
        title=title or _title(drawn),
        caption=say("waterfall.caption"),
        alt=alt,
        note=note,
        told=words(lang).join("join.semicolon", lines),
        read=False,  # its bars are numbers, and its rows may hold rates
    )


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Put steps in the order of the chain: what leaves a count after it, what joins before it."""
    before = dict(zip(table["indicator"], table["before"], strict=True))
    chain = [i for i, b in before.items() if pd.isna(b)]
    while following := [i for i, b in before.items() if b == chain[-1]]:
        chain += following
    place = {code: i for i, code in enumerate((ALL, *FILINGS))}
    code = table["filing"] if "filing" in table else pd.Series(ALL, index=table.index)
    key = pd.DataFrame(
        {
            "indicator": table["indicator"].map({i: n for n, i in enumerate(chain)}),
            "last": table["explained"] == "last",
            "code": code.map(place),
        }
    )
    return table.loc[key.sort_values(["indicator", "last", "code"]).index].reset_index(drop=True)


def _steps(row: pd.Series, lang: str) -> list[Step]:
    """Give the bars of a row: a step, a level, or a step and the level that it leads to."""
    total = row.get("filing", ALL) == ALL
    found = []
    if row["explained"] not in ("first", "last"):
        found.append(_step(row, lang))
    if total:
        fact, number = fact_of(row), whole_in(row, "numerator")
        name = get_indicator(str(row["indicator"])).text("title", lang)
        if number is None:
            found.append(Step(name, reason_text(fact, lang), "unknown", None, None))
        else:
            found.append(Step(name, format_number(number, lang), "level", 0.0, float(number)))
    return found


def _step(row: pd.Series, lang: str) -> Step:
    """Give one step, not yet placed: it begins at 0."""
    own, number = words(lang), number_in(row, "step")
    rule = label("steps", str(row["explained"]), lang)
    if row.get("filing", ALL) != ALL:
        what = label("filing", str(row["filing"]), lang)
    else:
        units = (get_indicator(str(i)).unit for i in (row["before"], row["indicator"]))
        before, after = (label("units", unit, lang, plural=True) for unit in units)
        what = own.say("waterfall.unit", before=before, after=after)
    name = first_upper(own.say("join.colon", label=rule, text=what))
    if number is None:
        withheld = row["no_result"] == "withheld"
        said = status_text("suppressed_primary" if withheld else "missing", lang)
        return Step(name, said, "unknown", None, None)
    sign = "+" if number > 0 else ""
    said = sign + format_number(number, lang)
    return Step(name, said, "loss" if number < 0 else "gain", 0.0, float(number))


def _placed(steps: list[Step]) -> list[Step]:
    """Let each step begin where the one before ended; a level begins at 0."""
    here, placed = 0.0, []
    for step in steps:
        start = 0.0 if step.kind == "level" else here
        if step.end is None:
            placed.append(step)
            continue
        here = step.end if step.kind == "level" else start + step.end
        placed.append(Step(step.name, step.value, step.kind, start, here))
    return placed


def _title(subject: Subject) -> str:
    """Say the first count and the last, each in its unit, where and when."""
    lang, facts = subject.lang, subject.facts()
    count = filters(lang)["count"]
    ends = [count(f) for f in (facts[0], facts[-1])]
    place = subject.territory.label(subject.territories[0], lang)
    return words(lang).say(
        "waterfall.title", first=ends[0], last=ends[1], place=place, period=subject.when()
    )
