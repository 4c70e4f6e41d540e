"""Draw the map of a territory: official boundaries where there are any, else a tile map.

Colours separate only what the intervals can tell apart; otherwise a table is given.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from obs.errors import ObsError
from obs.locale import words
from obs.report.draw.choropleth import Legend, Unit, map_svg
from obs.report.draw.style import Drawings, draw_twice
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import shown, written
from obs.report.facts.numbers import printed
from obs.report.facts.printed import Printed, need_texts
from obs.report.facts.selection import finest_level
from obs.report.facts.subject import Subject, look_at
from obs.report.facts.words import caution_words, first_upper, synthetic_label
from obs.report.figures.assemble import figure_block, need_alt
from obs.report.figures.blocks import Block
from obs.report.figures.boundaries import load_boundaries
from obs.report.figures.map_classes import class_bounds, class_of
from obs.report.figures.tables import show_table
from obs.schemas import WITHHELD

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["map_territory"]

MOST_WRITTEN = 40  # units whose value is written in the map


def map_territory(
    released: Released, *, lang: str, title: str | None = None, alt: str, note: str | None = None
) -> Block:
    """Map the units of the finest level by class of value.

    With several periods the classes are those of all of them and the map shows the last,
    so that maps of different years compare. Values not published and values unknown
    have a hatching each; neither is ever coloured as a low value.

    Parameters
    ----------
    released : Released
        One indicator, over the units of a territory.
    lang : str
        Code of a language (`obs.locale.languages`).
    title : str or None
        Instead of the one made from the catalogue.
    alt : str
        What kind of figure it is and of what, at least 30 characters, without numbers.
    note : str or None
        A remark under the figure.

    Returns
    -------
    Block
        A figure; a table that says why, where two classes do not separate or where the
        territory has neither boundaries nor tiles.

    Raises
    ------
    DisclosureError
        If `released` is not a Released.
    PublicationError
        If the alternative text is missing or short.
    ObsError
        If several indicators or categories are left.
    """
    subject = look_at(released, lang=lang, who="map_territory")
    alt = need_alt(alt, who="map_territory")
    need_texts(lang, who="map_territory", title=title, alt=alt, note=note)
    every, drawn = _mapped(subject)
    bounds = _bounds(every)
    refusal = "places" if not _can_draw(drawn) else "classes" if bounds is None else ""
    if bounds is None or refusal:
        kept = released.select(period=str(drawn.periods[-1]))
        remark = Printed(" ".join(filter(None, (words(lang).say(f"map.refused.{refusal}"), note))))
        return show_table(kept, lang=lang, title=title, note=remark)
    crossed = sum(_is_across(fact, bounds) for fact in drawn.facts())
    units = [_unit_of_map(code, fact, drawn, bounds) for code, fact in _facts(drawn).items()]
    legend = _legend(drawn, bounds)
    warning = synthetic_label(lang) if drawn.synthetic else ""
    drawings = _draw(drawn, units, legend, warning)
    return figure_block(
        released,
        drawn,
        drawings,
        kind="map",
        title=title,
        caption=words(lang).say("map.caption", measure=legend.measure),
        alt=alt,
        note=note,
        extra=_reading_notes(every, drawn, crossed),
        classes=_members(units, legend, lang),
    )


def _mapped(subject: Subject) -> tuple[Subject, Subject]:
    """Give the units of the finest level in all periods, then in the last one."""
    other = [c for c in subject.varying if c not in ("territory", "period")]
    if other or subject.compares:
        raise ObsError(
            f"map_territory shows one indicator; select one value of {', '.join(other) or 'one'}."
        )
    levels = subject.table["territory"].map(subject.territory.level_of)
    every = subject.keep(levels == finest_level(subject))
    return every, every.keep(every.table["period"] == every.periods[-1])


def _bounds(subject: Subject) -> list[float] | None:
    known = subject.table.dropna(subset=["value"])
    if len(known) < 2:
        return None
    value = np.array([_as_printed(fact_of(row)) for _, row in known.iterrows()])
    low, high = (
        np.where(
            known[c].isna(),
            value,
            known[c].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan),
        )
        for c in ("low", "high")
    )
    return class_bounds(value, low, high)


def _as_printed(fact: Fact) -> float:
    """Give a value as it is printed: a class never contradicts the number in it."""
    scale = 100.0 if fact.kind == "share" else 1.0
    digits = 0 if fact.kind in ("count", "estimate") else fact.decimals
    return float(printed((fact.value or 0.0) * scale, digits)) / scale


def _can_draw(subject: Subject) -> bool:
    return _has_boundaries(subject) or bool(_tiles(subject))


def _has_boundaries(subject: Subject) -> bool:
    territory = subject.territory
    return territory.boundaries is not None and territory.boundary_level == finest_level(subject)


def _tiles(subject: Subject) -> dict[str, tuple[int, int]]:
    units = subject.territory.units.set_index("code").loc[subject.territories]
    if units[["tile_row", "tile_col"]].isna().any(axis=None):
        return {}
    return {
        str(code): (int(row), int(column))
        for code, row, column in zip(units.index, units["tile_row"], units["tile_col"], strict=True)
    }


def _facts(subject: Subject) -> dict[str, Fact | None]:
    """Give the fact of every unit of the level; a unit without a row is unknown."""
    found = {str(row["territory"]): fact_of(row) for _, row in subject.table.iterrows()}
    return {code: found.get(code) for code in subject.territory.codes(finest_level(subject))}


def _unit_of_map(code: str, fact: Fact | None, subject: Subject, bounds: list[float]) -> Unit:
    name = subject.territory.label(code, subject.lang)
    if fact is None or fact.value is None:
        withheld = fact is not None and fact.status in WITHHELD
        mark, unknown = (words(subject.lang).say(f"mark.{k}") for k in ("withheld", "missing"))
        return Unit(code, name, mark if withheld else unknown, None, withheld)
    text = shown(fact, subject.lang)
    return Unit(
        code, name, text, class_of(_as_printed(fact), bounds), uncertain=_is_across(fact, bounds)
    )


def _legend(subject: Subject, bounds: list[float]) -> Legend:
    lang, some = subject.lang, next(f for f in subject.facts() if f.value is not None)
    digits = _digits_on_map(some, bounds)
    limits = [written(some, lang, bound, decimals=digits) for bound in bounds]
    say = words(lang).say
    middle = [say("map.between", low=a, high=b) for a, b in zip(limits, limits[1:], strict=False)]
    return Legend(
        measure=first_upper(subject.measure()),
        classes=(say("map.below", high=limits[0]), *middle, say("map.above", low=limits[-1])),
        withheld=f"{say('mark.withheld')} {say('status.withheld')}",
        unknown=f"{say('mark.missing')} {say('status.missing')}",
        uncertain=say("map.uncertain"),
    )


def _digits_on_map(fact: Fact, bounds: list[float]) -> int:
    """Write as many decimals as the bounds have, so that what is read is what was used."""
    scale = 100 if fact.kind == "share" else 1
    return max(len(f"{b * scale:.6f}".rstrip("0").split(".")[1]) for b in bounds)


def _draw(subject: Subject, units: list[Unit], legend: Legend, warning: str) -> Drawings:
    if len(units) > MOST_WRITTEN:
        units = [replace(unit, text="") for unit in units]
    bounded = _has_boundaries(subject)
    places = load_boundaries(subject.territory) if bounded else _tiles(subject)
    return draw_twice(partial(map_svg, places, units, legend, warning))


def _members(units: list[Unit], legend: Legend, lang: str) -> dict[str, list[str]]:
    """Give the names of the units of each class, the highest first, then those without a value."""
    found = {name: [u.name for u in units if u.klass == k] for k, name in enumerate(legend.classes)}
    without = [u for u in units if u.klass is None]
    return {name: found[name] for name in reversed(legend.classes)} | {
        words(lang).say("map.uncertain"): [u.name for u in units if u.uncertain],
        words(lang).say("status.withheld"): [u.name for u in without if u.withheld],
        words(lang).say("status.missing"): [u.name for u in without if not u.withheld],
    }


def _is_across(fact: Fact, bounds: list[float]) -> bool:
    """Tell whether an interval holds a bound between classes: the class is uncertain."""
    if fact.low is None or fact.high is None:
        return False
    return any(fact.low < bound < fact.high for bound in bounds)


def _reading_notes(every: Subject, drawn: Subject, crossed: int) -> tuple[str, ...]:
    say = words(drawn.lang).say
    notes = [say("map.classes_crossed", count=crossed) if crossed else say("map.classes")]
    if len(every.periods) > 1:
        notes.append(say("map.classes_of_years", periods=every.when(), shown=drawn.when()))
    if drawn.facts()[0].kind in ("count", "estimate"):
        notes.append(say("map.counts"))
    if any(fact.cautious for fact in drawn.facts()):
        notes.append(caution_words(drawn.lang))
    return tuple(notes)
