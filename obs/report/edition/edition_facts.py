"""Gather what the front pages of an edition say beyond its notes: areas, breaks, revisions, editions before."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from obs.disclosure import Ledger
from obs.disclosure.ledger.edition_order import edition_order
from obs.disclosure.ledger.published_counts import counts_shown
from obs.errors import PublicationError
from obs.locale import words
from obs.reference import load_breaks
from obs.report.edition.manifest import MANIFEST, is_draft, read_manifest
from obs.report.facts.dates import format_date
from obs.report.facts.released_row import reason_in
from obs.report.page.content import ANSWER
from obs.report.page.front_page import front_name

if TYPE_CHECKING:
    from obs.disclosure import Released
    from obs.reference import Territory

__all__ = [
    "CAUSES",
    "REVISIONS",
    "causes_text",
    "earlier_editions",
    "edition_facts",
    "known_answers",
    "published_answers",
    "published_editions",
    "revisions_text",
]

REVISIONS = "revisions.csv"
CAUSES = "revision_causes.csv"
_YEAR = re.compile(r"\d{4}")


def edition_facts(
    released: Released,
    *,
    known: Ledger,
    langs: Sequence[str],
    corrections: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Give what an edition knows beyond its notes, as values that JSON can hold.

    `known` is the ledger that the edition was solved against: a figure there that is another in
    `released` is revised. `corrections` are those of the data received.

    Returns `places` (title and units of the finest level, by language), `names` (of every area shown, by
    code and language), `breaks`, `revisions` of
    the whole area, `corrections`, `first` (whether nothing was published before).
    """
    revisions = _revisions(released, known)
    return {
        "places": _places_of(released.territory, langs),
        "names": _names_of(released, langs),
        "breaks": _breaks_of(released, langs),
        "revisions": revisions,
        "revisions_file": REVISIONS if revisions else "",
        "corrections": [dict(one) for one in corrections],
        "first": not known.lines,
    }


def published_editions(publications: Path) -> list[dict[str, Any]]:
    """List the editions published in a folder, the latest first; drafts are left out.

    Returns `edition`, `published` (None where a manifest says no day), `languages`, `front`
    (whether it has a front page for each language), and its manifest's `observatory` and `notes`.
    A folder whose manifest cannot be read is left out.
    """
    return [one for one in _published(publications) if one["manifest"].get("kind") != ANSWER]


def published_answers(publications: Path) -> list[dict[str, Any]]:
    """List the answers published in a folder, as `published_editions` does the editions."""
    found = [one for one in _published(publications) if one["manifest"].get("kind") == ANSWER]
    return sorted(found, key=lambda one: edition_order(one["edition"]), reverse=True)


def known_answers(publications: Path) -> list[dict[str, Any]]:
    """Give what a front page says of the answers published: number, day, language, title."""
    return [
        {
            "name": one["edition"],
            "published": one["published"],
            "lang": one["languages"][0],
            "title": str(one["manifest"]["notes"]["answer"][one["languages"][0]]["title"]),
        }
        for one in published_answers(publications)
        if one["languages"] and one["languages"][0] in one["manifest"]["notes"].get("answer", {})
    ]


def _published(publications: Path) -> list[dict[str, Any]]:
    found = []
    for path in publications.glob(f"*/{MANIFEST}"):
        try:
            manifest = read_manifest(path.parent)
        except PublicationError:
            continue  # `obs check` tells of it
        if is_draft(manifest) or path.parent.name.startswith("."):
            continue
        languages = [str(lang) for lang in manifest.get("languages", ())]
        fronts = [path.with_name(front_name(lang)).is_file() for lang in languages]
        found.append(
            {
                "edition": path.parent.name,
                "published": _iso_day(manifest.get("published")),
                "replaces": _iso_days(manifest.get("replaces")),
                "languages": languages,
                "front": all(fronts),
                "manifest": manifest,
            }
        )
    return sorted(found, key=lambda one: edition_order(one["edition"]), reverse=True)


def _iso_day(day: object) -> str | None:
    """Give a day of a manifest, None if it is none."""
    try:
        return dt.date.fromisoformat(str(day)).isoformat()
    except ValueError:
        return None


def _iso_days(told: object) -> list[str]:
    return [day for day in map(_iso_day, told if isinstance(told, list) else ()) if day]


def earlier_editions(publications: Path, edition: int | str) -> list[dict[str, Any]]:
    """List the editions published before one, the latest first, without their manifests."""
    return [
        {key: value for key, value in one.items() if key != "manifest"}
        | {"notices": list(one["manifest"].get("corrections", ()))}
        for one in published_editions(publications)
        if edition_order(one["edition"]) < edition_order(str(edition))
    ]


def revisions_text(revisions: Sequence[Mapping[str, Any]], *, synthetic: bool) -> str:
    """Write revised figures as a data file; "" where there is none."""
    columns = ("indicator", "territory", "period", "unit", "before", "after")
    return _file_text(revisions, columns, synthetic=synthetic)


def causes_text(causes: Sequence[Mapping[str, Any]], *, synthetic: bool) -> str:
    """Write what later deliveries changed as a data file; "" where there is nothing."""
    columns = ("indicator", "period", "before", "after", "late", "requalified")
    return _file_text(causes, columns, synthetic=synthetic)


def _file_text(
    lines: Sequence[Mapping[str, Any]], columns: Sequence[str], *, synthetic: bool
) -> str:
    if not lines:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, "synthetic"])
    for one in lines:
        writer.writerow([*(one[column] for column in columns), str(synthetic).lower()])
    return text.getvalue()


def _places_of(territory: Territory, langs: Sequence[str]) -> dict[str, Any]:
    level = territory.levels[0]
    titles = {lang: territory.level_label(level, lang, plural=True) for lang in langs}
    return {
        "title": {lang: title[:1].upper() + title[1:] for lang, title in titles.items()},
        "units": [
            {"code": code, "name": {lang: str(territory.label(code, lang)) for lang in langs}}
            for code in territory.codes(level)
        ],
    }


def _names_of(released: Released, langs: Sequence[str]) -> dict[str, dict[str, str]]:
    codes = released.table["territory"].astype("str").unique()
    name = released.territory.label
    return {code: {lang: str(name(code, lang)) for lang in langs} for code in sorted(codes)}


def _breaks_of(released: Released, langs: Sequence[str]) -> list[dict[str, str]]:
    """Write each registered break inside the periods that an edition shows of an indicator."""
    spans = _spans(released)
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for _, row in load_breaks(territory=released.territory).sort_values("date").iterrows():
        inside = [
            one
            for one, first, last in spans
            if fnmatch(one, row["indicator"]) and first < row["date"] <= last
        ]
        if inside:
            said = {lang: _break_in_words(row, lang) for lang in langs}
            found[tuple(said.values())] = said
    return list(found.values())


def _spans(released: Released) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    """Give the first and the last day that each table shows of an indicator."""
    found = []
    for name in released.names:
        shown = released[name].table
        for indicator in shown["indicator"].unique():
            periods = shown.loc[shown["indicator"] == indicator, "period"]
            found.append((str(indicator), periods.min().start_time, periods.max().end_time))
    return found


def _break_in_words(row: pd.Series, lang: str) -> str:
    reason = reason_in(row, lang, "a break in a series").rstrip(".")
    on = format_date(row["date"].date(), lang)
    return words(lang).say("break.said", date=on, reason=reason)


def _revisions(released: Released, known: Ledger) -> list[dict[str, Any]]:
    """Find the yearly counts of the whole area that readers know as another number."""
    former = {line[1:-1]: line[-1] for line in known.lines}  # the latest of each cell
    found = []
    for *cell, number in dict.fromkeys(counts_shown(released)):
        indicator, territory, period, unit, breakdowns, figure = cell
        whole = territory == released.territory.top and not breakdowns and figure == "count"
        before = former.get(tuple(cell), number)
        if whole and _YEAR.fullmatch(period) and before != number:
            key = {"indicator": indicator, "territory": territory, "period": period, "unit": unit}
            found.append({**key, "before": before, "after": number})
    return found
