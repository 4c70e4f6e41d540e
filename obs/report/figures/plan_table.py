"""Lay out which measures of the security plan have a project form, by theme and kind of partner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obs.disclosure import Released
from obs.locale import words
from obs.reference import load_measures
from obs.report.facts.numbers import format_number, typography
from obs.report.facts.words import first_upper
from obs.report.figures.blocks import Block, Column, FigureNote, Row, TableBody
from obs.schemas import ALL

__all__ = ["plan_table"]


def plan_table(
    lines: Sequence[Mapping[str, Any]], released: Released, *, lang: str
) -> Block | None:
    """Make the table of the lines that `obs.report.edition.plan_file` holds.

    Themes go down, partners across, and last the measures that an indicator of the catalogue
    serves. Its numbers are those of the data file of the plan. None where no form is delivered.
    """
    covered = [one for one in lines if one["kind"] == "coverage"]
    if not covered:
        return None
    say = words(lang).say
    partners = list(dict.fromkeys(one["partner"] for one in covered))
    value = {(one["theme"], one["partner"]): one["value"] for one in covered}
    sizes = {one["theme"]: one["of"] for one in covered}
    themes = [*sorted(t for t in sizes if t != ALL), *(t for t in sizes if t == ALL)]
    seen = _with_indicator(lines)
    rows = [
        Row(
            _theme(theme, sizes[theme], lang),
            tuple(
                format_number(n, lang)
                for n in (*(value.get((theme, p), 0) for p in partners), seen.get(theme, 0))
            ),
        )
        for theme in themes
    ]
    heads = [*(first_upper(say(f"plan.partner.{p}")) for p in partners), say("plan.with_indicator")]
    source = FigureNote(f"{say('remark.label.source')}:", say("plan.source"), "source")
    return Block(
        released=released,
        kind="table",
        id="table-plan",
        lang=lang,
        title=typography(say("plan.table"), lang),
        caption=typography(say("plan.table_sub"), lang),
        notes=(source,),
        table=TableBody(say("plan.theme_head"), tuple(map(Column, heads)), tuple(rows)),
    )


def _with_indicator(lines: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count the measures that an indicator serves, by theme and in all."""
    served = {(one["theme"], one["measure"]) for one in lines if one["kind"] == "indicator"}
    found = dict.fromkeys((theme for theme, _ in served), 0)
    for theme, _ in served:
        found[theme] += 1
    return found | {ALL: len(served)}


def _theme(theme: str, size: int, lang: str) -> str:
    """Name a theme with the number of its measures; by its number alone where it has no name."""
    of = format_number(size, lang)
    if theme == ALL:
        return words(lang).say("plan.all_themes", of=of)
    plan, column = load_measures().astype({"theme": "str"}), f"theme_{lang}"
    if column not in plan:
        return words(lang).say("plan.bare_theme", theme=theme, of=of)
    name = str(plan.loc[plan["theme"] == theme, column].iloc[0])
    return words(lang).say("plan.theme_row", theme=theme, name=name, of=of)
