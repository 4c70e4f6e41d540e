"""Put into words what can be seen of the security plan: by partner, by indicator, and what contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator
from obs.locale import words
from obs.reference import Territory, load_measures
from obs.report.facts.numbers import format_number, typography
from obs.report.facts.printed import Bound, Printed
from obs.report.note.contradiction_lines import contradiction_lines
from obs.report.note.definitions import Said
from obs.schemas import ALL

__all__ = ["PlanWords", "plan_words"]


@dataclass(frozen=True)
class PlanWords(Bound):
    """What can be seen of the plan, as lines of text.

    `headline` says how many measures have figures, `total` how many measures each partner serves, `most` who
    serves the most and the least, `seen` how many have an indicator, `measures` which, `without`
    which have none, `needed` which source would tell of those that ask for data, `contradictions`
    what the printed report contradicts itself in.
    """

    headline: str
    total: str
    most: str
    seen: str
    measures: list[str]
    without: str
    needed: list[Said]
    contradictions: list[str]


def plan_words(lines: Iterable[Mapping[str, Any]], lang: str, *, territory: Territory) -> PlanWords:
    """Write the lines that `obs.report.edition.plan_file` holds.

    Returns texts, all empty where there are no lines.
    """
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        by_kind.setdefault(line["kind"], []).append(line)
    told = by_kind.get("indicator", [])
    whole = [one for one in by_kind.get("coverage", []) if one["theme"] == ALL]
    plan = load_measures()
    return PlanWords(
        headline=_seen("headline", told, len(plan), lang) if told else "",
        total=_covered(whole, lang) if whole else "",
        most=_most(whole, lang) if len(whole) > 1 else "",
        seen=_seen("seen", told, len(plan), lang) if told else "",
        measures=_measures(told, lang),
        without=_without(told, plan["measure"].tolist(), lang) if told else "",
        needed=_needed(by_kind.get("needed", []), plan, lang),
        contradictions=contradiction_lines(by_kind, lang, territory=territory),
    )


def _say(key: str, lang: str, **values: str) -> str:
    return Printed(typography(words(lang).say(f"plan.{key}", **values), lang))


def _covered(whole: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Say how many measures each partner serves, of all themes."""
    items = ", ".join(
        words(lang).say(
            "plan.item",
            partner=words(lang).say(f"plan.partner.{one['partner']}"),
            count=format_number(one["value"], lang),
        )
        for one in whole
    )
    return _say("total", lang, of=format_number(whole[0]["of"], lang), items=items)


def _most(whole: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Say which partner serves the most measures, and which the fewest."""
    ordered = sorted(whole, key=lambda one: int(one["value"]))
    least, most = ordered[0], ordered[-1]
    return _say(
        "most",
        lang,
        most=words(lang).say(f"plan.contributor.{most['partner']}"),
        least=words(lang).say(f"plan.other_contributor.{least['partner']}"),
        count=format_number(most["value"], lang),
        few=format_number(least["value"], lang),
        of=format_number(most["of"], lang),
    )


def _seen(key: str, told: Sequence[Mapping[str, Any]], of: int, lang: str) -> str:
    """Say how many measures have an indicator, and how many have figures."""
    counts = {
        "seen": len({one["measure"] for one in told}),
        "shown": len({one["measure"] for one in told if one["value"]}),
        "of": of,
    }
    if key == "headline":
        del counts["seen"]
    return _say(key, lang, **{name: format_number(n, lang) for name, n in counts.items()})


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


def _needed(own: Sequence[Mapping[str, Any]], plan: pd.DataFrame, lang: str) -> list[Said]:
    """Name the source that would tell of each measure that asks for data and has none."""
    column = f"needed_{lang}"
    if column not in plan:
        return []
    texts = plan.set_index("measure")[column]
    return [
        Said(_say("needed", lang, measure=one["measure"]), Printed(texts[one["measure"]]))
        for one in own
    ]
