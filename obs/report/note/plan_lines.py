"""Put into words what can be seen of the security plan: by partner, by indicator, and what contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obs.catalogue import get_indicator
from obs.locale import words
from obs.reference import Territory, load_measures
from obs.report.facts.numbers import format_number, typography
from obs.report.facts.printed import Bound, Printed
from obs.schemas import ALL

__all__ = ["PlanWords", "plan_words"]


@dataclass(frozen=True)
class PlanWords(Bound):
    """What can be seen of the plan, as lines of text.

    `total` and `themes` say how many measures each partner serves, `seen` how many have an
    indicator, `measures` which, `without` which have none, `contradictions` what the printed report
    contradicts itself in.
    """

    total: str
    themes: list[str]
    seen: str
    measures: list[str]
    without: str
    contradictions: list[str]


def plan_words(lines: Iterable[Mapping[str, Any]], lang: str, *, territory: Territory) -> PlanWords:
    """Write the lines that `obs.report.edition.plan_file` holds.

    Returns texts, all empty where there are no lines.
    """
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        by_kind.setdefault(line["kind"], []).append(line)
    covered, told = by_kind.get("coverage", []), by_kind.get("indicator", [])
    themes = dict.fromkeys(one["theme"] for one in covered)
    plan = load_measures()
    return PlanWords(
        total=_covered([one for one in covered if one["theme"] == ALL], "", lang),
        themes=[
            _covered([one for one in covered if one["theme"] == theme], _theme(theme, lang), lang)
            for theme in sorted(themes)
            if theme != ALL
        ],
        seen=_seen(told, len(plan), lang) if told else "",
        measures=_measures(told, lang),
        without=_without(told, plan["measure"].tolist(), lang) if told else "",
        contradictions=[
            *(_total(one, lang, territory) for one in by_kind.get("total", [])),
            *(_say("repeated", lang, **_own(one)) for one in by_kind.get("repeated", [])),
        ],
    )


def _say(key: str, lang: str, **values: str) -> str:
    return Printed(typography(words(lang).say(f"plan.{key}", **values), lang))


def _own(one: Mapping[str, Any]) -> dict[str, str]:
    return {"measure": str(one["measure"]), "subject": str(one["subject"])}


def _theme(theme: str, lang: str) -> str:
    """Name a theme; "" in a language that the list of measures does not have."""
    plan, column = load_measures().astype({"theme": "str"}), f"theme_{lang}"
    return str(plan.loc[plan["theme"] == theme, column].iloc[0]) if column in plan else ""


def _covered(own: Sequence[Mapping[str, Any]], name: str, lang: str) -> str:
    """Say how many measures each partner serves, of one theme or of all."""
    if not own:
        return ""
    items = ", ".join(
        words(lang).say(
            "plan.item",
            partner=words(lang).say(f"plan.partner.{one['partner']}"),
            count=format_number(one["value"], lang),
        )
        for one in own
    )
    of = format_number(own[0]["of"], lang)
    theme = str(own[0]["theme"])
    if theme == ALL:
        return _say("total", lang, of=of, items=items)
    if not name:
        return _say("theme", lang, theme=theme, of=of, items=items)
    return _say("named_theme", lang, theme=theme, name=name, of=of, items=items)


def _seen(told: Sequence[Mapping[str, Any]], of: int, lang: str) -> str:
    seen = {one["measure"] for one in told}
    shown = {one["measure"] for one in told if one["value"]}
    counts = {"seen": len(seen), "shown": len(shown), "of": of}
    return _say("seen", lang, **{name: format_number(n, lang) for name, n in counts.items()})


def _measures(told: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Name the indicators with figures in this edition, by measure."""
    by_measure: dict[str, list[str]] = {}
    for one in told:
        if one["value"]:
            title = str(get_indicator(one["indicator"]).text("title", lang))
            by_measure.setdefault(str(one["measure"]), []).append(title)
    return [
        _say("measure", lang, measure=measure, items=words(lang).join("join.semicolon", titles))
        for measure, titles in by_measure.items()
    ]


def _without(told: Sequence[Mapping[str, Any]], plan: Sequence[str], lang: str) -> str:
    seen = {one["measure"] for one in told}
    return _say("without", lang, items=", ".join(m for m in plan if m not in seen))


def _total(one: Mapping[str, Any], lang: str, territory: Territory) -> str:
    return _say(
        "total_differs",
        lang,
        subject=words(lang).say(f"plan.activity.{one['subject']}"),
        place=str(territory.label(one["place"], lang)),
        period=str(one["period"]),
        value=format_number(one["value"], lang),
        of=format_number(one["of"], lang),
    )
