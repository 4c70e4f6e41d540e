"""Add faulty rows to the police sample at stated rates, besides the calibrated facts.

Each is a fact of its own, with its own number and report. Cleaning must refuse it, so that the
facts that remain are exactly the calibrated ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from obs.sample.draws import Ints, Stream
from obs.sample.police_text import Delivery, Recorded, text_columns
from obs.sample.published_totals import communes
from obs.sample.text import Columns

__all__ = ["BAD_ROWS", "CONFLICTING", "bad_rows"]

# bad rows of each kind per 10,000 facts of the year; at least one of each
BAD_ROWS = {
    "impossible_date": 4,
    "future_date": 3,
    "unknown_commune": 5,
    "ambiguous_commune": 4,
    "unknown_code": 3,
    "report_before_fact": 3,
    "formula": 1,
    "markup": 1,
}
CONFLICTING = 2  # pairs per 10,000: one number and version, two contents; neither is believed
_FORMULAS = ("=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "=HYPERLINK(A1)")
_MARKUP = ("<script>alert(1)</script>", "<b>domicile</b>", "<img src=x onerror=alert(1)>")
_CODES = ("ZZZ-999", "INCONNU", "VOL-LUNE", "99X")
_EXTRA = 700_000  # numbers of bad facts and of their reports start here

_Change = Callable[[Columns, Recorded, Delivery], dict[str, list[str]]]


def bad_rows(whole: Recorded, delivery: Delivery, stream: Stream) -> tuple[Columns, dict[str, int]]:
    """Make the bad rows of a delivery.

    Returns `columns`: the rows as text, all kinds together; `counts`: the rows of each kind; a
    conflicting pair counts two.

    Examples
    --------
    >>> from obs.sample.planted_faults import BAD_ROWS
    >>> sum(BAD_ROWS.values())
    24
    """
    made, counts, taken = [], {}, 0
    for kind, change in _CHANGES.items():
        rows = _likeness(whole, _n_faults(whole, BAD_ROWS[kind]), taken, stream)
        columns = text_columns(rows, delivery, version=1)
        made.append(_replaced(columns, change(columns, rows, delivery)))
        counts[kind] = len(rows.number)
        taken += counts[kind]
    rows = _likeness(whole, _n_faults(whole, CONFLICTING), taken, stream)
    made += _conflicting(rows, delivery, stream)
    counts["conflicting"] = 2 * len(rows.number)
    return {k: pa.concat_arrays([m[k] for m in made]) for k in made[0]}, counts


def _n_faults(whole: Recorded, rate: int) -> int:
    return max(1, len(whole.number) * rate // 10_000)


def _likeness(whole: Recorded, n: int, taken: int, stream: Stream) -> Recorded:
    """Take after true facts that have a day before them and one after; number them anew."""
    inside = np.flatnonzero((whole.facts.day > 31) & (whole.report_day < 365))
    like = whole.take(inside[stream.below(len(inside), n)])
    number = _EXTRA + taken + np.arange(n)
    return replace(like, number=number, report=number)


def _replaced(columns: Columns, new: dict[str, list[str]]) -> Columns:
    return columns | {name: pa.array(texts, pa.string()) for name, texts in new.items()}


def _cycle(texts: tuple[str, ...] | list[str], n: int) -> list[str]:
    return [texts[i % len(texts)] for i in range(n)]


def _impossible(columns: Columns, rows: Recorded, delivery: Delivery) -> dict[str, list[str]]:
    year = delivery.year
    texts = [f"{day}/{year}" for day in ("31/02", "30/02", "31/04", "00/05", "12/13", "31/11")]
    return {"event_date": _cycle(texts, len(rows.number))}


def _future(columns: Columns, rows: Recorded, delivery: Delivery) -> dict[str, list[str]]:
    later = date(delivery.extracted.year + 2, 6, 15).strftime("%d/%m/%Y")
    return {name: [later] * len(rows.number) for name in ("event_date", "report_date")}


def _unknown_commune(columns: Columns, rows: Recorded, delivery: Delivery) -> dict[str, list[str]]:
    return {"commune": _cycle(delivery.words["unknown"], len(rows.number))}


def _ambiguous(columns: Columns, rows: Recorded, delivery: Delivery) -> dict[str, list[str]]:
    return {"commune": [delivery.words["ambiguous"]] * len(rows.number)}


def _unknown_code(columns: Columns, rows: Recorded, delivery: Delivery) -> dict[str, list[str]]:
    return {"code": _cycle(_CODES, len(rows.number))}


def _before(columns: Columns, rows: Recorded, delivery: Delivery) -> dict[str, list[str]]:
    first = date(delivery.year, 1, 1).toordinal()
    days = [date.fromordinal(first + int(d) - 20 - i % 9) for i, d in enumerate(rows.facts.day)]
    facts = [date.fromordinal(first + int(d)) for d in rows.facts.day]
    return {
        "event_date": [d.strftime("%d/%m/%Y") for d in facts],
        "report_date": [d.strftime("%d/%m/%Y") for d in days],
    }


def _formula(columns: Columns, rows: Recorded, delivery: Delivery) -> dict[str, list[str]]:
    return {"place": _cycle(_FORMULAS, len(rows.number))}


def _markup(columns: Columns, rows: Recorded, delivery: Delivery) -> dict[str, list[str]]:
    return {"label": _cycle(_MARKUP, len(rows.number))}


_CHANGES: dict[str, _Change] = {
    "impossible_date": _impossible,
    "future_date": _future,
    "unknown_commune": _unknown_commune,
    "ambiguous_commune": _ambiguous,
    "unknown_code": _unknown_code,
    "report_before_fact": _before,
    "formula": _formula,
    "markup": _markup,
}


def _conflicting(rows: Recorded, delivery: Delivery, stream: Stream) -> list[Columns]:
    other = rows.facts.commune + 1 + stream.below(len(communes()) - 1, len(rows.number))
    elsewhere: Ints = other % len(communes())
    twin = replace(rows, facts=replace(rows.facts, commune=elsewhere))
    return [text_columns(r, delivery, version=1) for r in (rows, twin)]
