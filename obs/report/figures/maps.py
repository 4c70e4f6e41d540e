"""Draw the map of a territory: official boundaries where there are any, else a tile map.

Colours separate only what the intervals can tell apart; otherwise a table is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from obs.errors import ObsError
from obs.report.draw.axes import warning_line
from obs.report.draw.choropleth import Legend, Unit, draw_legend, draw_shapes, draw_tiles
from obs.report.draw.style import drawing, to_svg
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import written
from obs.report.facts.numbers import status_text
from obs.report.facts.selection import finest_level
from obs.report.facts.subject import Subject, look_at
from obs.report.facts.words import first_upper, synthetic_label
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
_CAPTION = {
    "fr": "{} ; entre parenthèses, nombre d’unités de la classe",
    "nl": "{}; tussen haakjes, aantal eenheden van de klasse",
    "en": "{}; in brackets, number of units in the class",
}
_CLASSES = {
    "one": {
        "fr": "Classes naturelles arrondies, que les intervalles séparent.",
        "nl": "Natuurlijke, afgeronde klassen, die de intervallen onderscheiden.",
        "en": "Natural classes with rounded bounds, which the intervals tell apart.",
    },
    "years": {
        "fr": "Classes naturelles arrondies, les mêmes pour {} ; la carte montre {}.",
        "nl": "Natuurlijke, afgeronde klassen, dezelfde voor {}; de kaart toont {}.",
        "en": "Natural classes with rounded bounds, the same for {}; the map shows {}.",
    },
}
_COUNTS = {
    "fr": "Nombres non rapportés à la population : une unité peuplée en a d’ordinaire davantage.",
    "nl": "Aantallen, niet gerelateerd aan de bevolking: een dichtbevolkte eenheid heeft er meestal "
    "meer.",
    "en": "Numbers, not related to population: a populous unit usually has more.",
}
_NO_MAP = {
    "classes": {
        "fr": "Pas de carte : les intervalles ne séparent pas deux classes d’unités.",
        "nl": "Geen kaart: de intervallen onderscheiden geen twee klassen van eenheden.",
        "en": "No map: the intervals do not tell two classes of units apart.",
    },
    "places": {
        "fr": "Pas de carte : ce territoire n’a ni limites officielles ni carte à carreaux.",
        "nl": "Geen kaart: dit grondgebied heeft geen officiële grenzen en geen tegelkaart.",
        "en": "No map: this territory has neither official boundaries nor a tile map.",
    },
}
_BELOW = {"fr": "moins de {}", "nl": "minder dan {}", "en": "less than {}"}
_BETWEEN = {
    "fr": "{} à moins de {}",
    "nl": "{} tot minder dan {}",
    "en": "{} to less than {}",
}
_ABOVE = {"fr": "{} et plus", "nl": "{} en meer", "en": "{} and more"}
_SHORT = {"fr": "n.p.", "nl": "n.g.", "en": "n.p."}


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
    lang : {"fr", "nl", "en"}
        Language.
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
    every, drawn = _mapped(subject)
    bounds = _bounds(every)
    refusal = "places" if not _can_draw(drawn) else "classes" if bounds is None else ""
    if bounds is None or refusal:
        kept = released.select(period=str(drawn.periods[-1]))
        said = " ".join(filter(None, (_NO_MAP[refusal][lang], note)))
        return show_table(kept, lang=lang, title=title, note=said)
    units = [_unit(code, fact, drawn, bounds) for code, fact in _facts(drawn).items()]
    legend = _legend(drawn, bounds)
    warning = synthetic_label(lang) if drawn.synthetic else ""
    svg = _draw(drawn, units, legend, warning)
    return figure_block(
        released,
        drawn,
        svg,
        kind="map",
        title=title,
        caption=_CAPTION[lang].format(legend.measure),
        alt=alt,
        note=note,
        extra=_said(every, drawn),
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
    value = known["value"].to_numpy(dtype=np.float64)
    low, high = (
        np.where(
            known[c].isna(),
            value,
            known[c].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan),
        )
        for c in ("low", "high")
    )
    return class_bounds(value, low, high)


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


def _unit(code: str, fact: Fact | None, subject: Subject, bounds: list[float]) -> Unit:
    name = subject.territory.label(code, subject.lang)
    if fact is None or fact.value is None:
        withheld = fact is not None and fact.status in WITHHELD
        return Unit(code, name, _SHORT[subject.lang] if withheld else "?", None, withheld)
    return Unit(code, name, written(fact, subject.lang, fact.value), class_of(fact.value, bounds))


def _legend(subject: Subject, bounds: list[float]) -> Legend:
    lang, some = subject.lang, next(f for f in subject.facts() if f.value is not None)
    digits = _digits(some, bounds)
    told = [written(some, lang, bound, decimals=digits) for bound in bounds]
    middle = [_BETWEEN[lang].format(a, b) for a, b in zip(told, told[1:], strict=False)]
    return Legend(
        measure=first_upper(subject.measure()),
        classes=(_BELOW[lang].format(told[0]), *middle, _ABOVE[lang].format(told[-1])),
        withheld=f"{_SHORT[lang]} {status_text('suppressed_primary', lang)}",
        unknown=f"? {status_text('missing', lang)}",
    )


def _digits(fact: Fact, bounds: list[float]) -> int:
    """Write as many decimals as the bounds have, so that what is read is what was used."""
    scale = 100 if fact.kind == "share" else 1
    return max(len(f"{b * scale:.6f}".rstrip("0").split(".")[1]) for b in bounds)


def _draw(subject: Subject, units: list[Unit], legend: Legend, warning: str) -> str:
    n_classes = len(legend.classes)
    if len(units) > MOST_WRITTEN:
        units = [Unit(u.code, u.name, "", u.klass, u.withheld) for u in units]
    if _has_boundaries(subject):
        shapes = load_boundaries(subject.territory)
        west, south, east, north = shapes.total_bounds
        height = min(max(4.9 * (north - south) / (east - west), 3.2), 7.0) + 0.3
        with drawing(height) as figure:
            axes = figure.add_axes((0.0, 0.25 / height, 0.7, 1 - 0.3 / height))
            draw_shapes(axes, shapes, units, n_classes)
            draw_legend(figure, legend, units, left=0.715, top=0.97)
            warning_line(figure, warning)
            return to_svg(figure)
    places = _tiles(subject)
    rows = max(row for row, _ in places.values()) + 1
    height = rows * 0.63 + 0.3
    with drawing(height) as figure:
        axes = figure.add_axes((0.0, 0.25 / height, 0.7, 1 - 0.3 / height))
        draw_tiles(axes, places, units, n_classes)
        draw_legend(figure, legend, units, left=0.715, top=0.97)
        warning_line(figure, warning)
        return to_svg(figure)


def _said(every: Subject, drawn: Subject) -> tuple[str, ...]:
    lang = drawn.lang
    said = [_CLASSES["one"][lang]]
    if len(every.periods) > 1:
        said = [_CLASSES["years"][lang].format(every.when(), drawn.when())]
    if drawn.facts()[0].kind in ("count", "estimate"):
        said.append(_COUNTS[lang])
    return tuple(said)
