"""Write raw police deliveries of one year.

The first delivery is of 31 January. Some years have a second one of 30 June with late reports,
re-sent rows and corrections. Faulty rows are added, so that the kept rows stay calibrated.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from obs.sample.draws import Ints, Stream
from obs.sample.incidents import CODES, draw_facts
from obs.sample.planted_faults import bad_rows
from obs.sample.police_text import (
    Delivery,
    Recorded,
    day_of_year,
    encode,
    text_columns,
)
from obs.sample.published_totals import layout
from obs.sample.text import Columns, interleave
from obs.sample.writing import SampleFile, label

__all__ = ["CORRECTED", "IDENTICAL", "RESENT", "deliveries_of", "police_files", "recorded_year"]

# per 10,000 facts of the year; at least one of each
CORRECTED = 30  # a first version with another code, day, hour or relation, then version 2
RESENT = 20  # sent again unchanged in the second delivery
IDENTICAL = 20  # the same line twice in the first delivery
_LATE_REPORTS = 800_000  # reports drawn up after the year are numbered from here
# what a fact was first coded as, before its requalification
_FIRST_CODES = {
    "VOL-TIRE": "VOL-AUT",
    "VOL-AUT": "VOL-TIRE",
    "VOL-DVEH": "DEGRAD",
    "VOL-HAB": "VOL-BAT",
    "VOL-BAT": "VOL-HAB",
    "MENACES": "HARCEL",
    "HARCEL": "MENACES",
    "DEGRAD": "VOL-DVEH",
}


def police_files(year: int, *, seed: int, scale: float) -> list[SampleFile]:
    """Make the deliveries of one year.

    Returns one or two files; `counts` gives the rows, those of each kind, and the truth.

    Examples
    --------
    >>> from obs.sample.police_files import police_files
    >>> [f.path for f in police_files(2018, seed=1, scale=0.001)]
    ['police/police_2018_20190131.csv', 'police/police_2018_20190630.csv']
    """
    stream = Stream(seed, "police", year)
    first, *later = deliveries_of(year)
    whole = recorded_year(year, seed=seed, scale=scale, stream=stream)
    last_day = day_of_year(first.extracted, year)
    if not later:
        whole = replace(whole, report_day=np.minimum(whole.report_day, last_day))
    early = np.flatnonzero(whole.report_day <= last_day)
    drawn = early[stream.order(len(early))]
    corrected = np.sort(drawn[: _n_late(whole, CORRECTED)])
    resent = np.sort(drawn[len(corrected) :][: _n_late(whole, RESENT)])
    columns, counts = _first(whole, early, corrected, first, stream)
    if later:
        rows = np.concatenate([np.flatnonzero(whole.report_day > last_day), resent])
        more = _second(whole, rows, corrected, later[0], stream)
        sent = {"late": len(rows) - len(resent), "resent": len(resent), "corrected": len(corrected)}
        second = _file(later[0], more, sent, seed, scale)
    else:
        right = text_columns(whole.take(corrected), first, version=2)
        columns = interleave(columns, right, stream)
        counts["corrected"] = len(corrected)
    made = _file(first, columns, counts, seed, scale)
    made = replace(made, counts=made.counts | {"truth": _truth(whole)})
    return [made, second] if later else [made]


def recorded_year(year: int, *, seed: int, scale: float, stream: Stream | None = None) -> Recorded:
    """Give facts and reports their numbers, in the order in which they come in."""
    facts = draw_facts(year, seed=seed, scale=scale)
    stream = stream or Stream(seed, "police", year)
    n = len(facts)
    report_day = facts.day + facts.delay
    order = np.lexsort((stream.order(n), report_day))
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(1, n + 1)
    next_year = report_day >= day_of_year(date(year + 1, 1, 1), year)
    report = rank[facts.head] + np.where(next_year, _LATE_REPORTS, 0)
    code, commune = facts.code[facts.head], facts.commune[facts.head]
    hand = (stream.below(1 << 30, n) << 30) + stream.below(1 << 30, n)
    return Recorded(facts, rank, report, report_day, code, commune, hand).take(order)


def deliveries_of(year: int) -> list[Delivery]:
    """Give the deliveries of a year: date and language.

    Examples
    --------
    >>> from obs.sample.police_files import deliveries_of
    >>> [(d.extracted.isoformat(), d.language) for d in deliveries_of(2020)]
    [('2021-01-31', 'fr'), ('2021-06-30', 'nl')]
    """
    plan = layout()["deliveries"]
    language = plan["odd" if year % 2 else "even"]
    other = plan["even" if year % 2 else "odd"]
    made = [Delivery(year, date(year + 1, 1, 31), language)]
    if year in plan["second"]:
        second = other if year in plan["second_other_language"] else language
        made.append(Delivery(year, date(year + 1, 6, 30), second))
    return made


def _first(
    whole: Recorded, early: Ints, corrected: Ints, delivery: Delivery, stream: Stream
) -> tuple[Columns, dict[str, int]]:
    sent = _first_versions(whole, corrected, stream).take(early)
    columns = text_columns(sent, delivery, version=1)
    again = np.sort(stream.order(len(early))[: _n_late(whole, IDENTICAL)])
    identical = {k: v.take(again) for k, v in columns.items()}
    bad, counts = bad_rows(whole, delivery, stream)
    columns = interleave(interleave(columns, identical, stream), bad, stream)
    return columns, counts | {"identical": len(again)}


def _second(
    whole: Recorded, rows: Ints, corrected: Ints, delivery: Delivery, stream: Stream
) -> Columns:
    sent = text_columns(whole.take(rows), delivery, version=1)
    right = text_columns(whole.take(corrected), delivery, version=2)
    return interleave(sent, right, stream)


def _first_versions(whole: Recorded, corrected: Ints, stream: Stream) -> Recorded:
    """Give the facts as first sent: those corrected later have something else in them."""
    facts = whole.facts
    code, day, minute, relation, form = (
        values.copy()
        for values in (facts.code, facts.day, facts.minute, facts.relation, facts.form)
    )
    way = stream.below(3, len(corrected))
    family = facts.form[corrected] > 0
    late_context = corrected[family]  # the family context was added afterwards
    relation[late_context] = form[late_context] = 0
    recoded, redated, unknown = (corrected[~family & (way == k)] for k in range(3))
    first = np.asarray([CODES.index(_FIRST_CODES.get(c, c)) for c in CODES])
    code[recoded] = first[code[recoded]]
    day[redated] = np.maximum(day[redated] - 1 - stream.below(5, len(redated)), 0)
    minute[unknown] = -1
    changed = {"code": code, "day": day, "minute": minute, "relation": relation, "form": form}
    return replace(whole, facts=replace(facts, **changed))


def _n_late(whole: Recorded, rate: int) -> int:
    return max(1, len(whole.number) * rate // 10_000)


def _truth(whole: Recorded) -> dict[str, int]:
    facts = whole.facts
    family = facts.form > 0
    theft = np.asarray([c.startswith("VOL-") for c in CODES])[facts.code]
    return {
        "facts": len(facts),
        "family_facts": int(family.sum()),
        "family_reports": len(np.unique(whole.report[family])),
        "thefts": int(theft.sum()),
        "burglaries_in_dwellings": int((facts.code == CODES.index("VOL-HAB")).sum()),
    }


def _file(
    delivery: Delivery, columns: Columns, kinds: dict[str, int], seed: int, scale: float
) -> SampleFile:
    path = f"police/police_{delivery.year}_{delivery.extracted:%Y%m%d}.csv"
    payload = encode(columns, delivery, label(seed, scale))
    return SampleFile(path, payload, {"rows": len(columns["fact"]), "kinds": kinds})
