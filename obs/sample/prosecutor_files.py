"""Write raw prosecutor's deliveries: the cases entered each year, and those pending before.

The delivery of a year has each case as of the following 31 January. A later delivery supersedes
it case by case, until the last decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from obs.sample.case_histories import (
    CHARGES,
    CONTEXTS,
    DECISIONS,
    ELSEWHERE,
    LONGEST,
    SECTIONS,
    Cases,
    Days,
    draw_cases,
    take,
)
from obs.sample.draws import Ints, Stream
from obs.sample.published_totals import communes, document, spellings
from obs.sample.text import (
    Columns,
    csv_bytes,
    date_texts,
    interleave,
    join_text,
    number_texts,
    pick_text,
    repeat_text,
)
from obs.sample.writing import SampleFile, label

__all__ = ["BAD_CASES", "prosecutor_files"]

# rows per 10,000 of a delivery; at least one of each
IDENTICAL = 10
BAD_CASES = {"unknown_commune": 4, "closed_before_entry": 3, "unknown_decision": 2, "markup": 1}
_PLACES = ("HV", "LE", "NI", "AN")  # other prosecutors
_OTHER_SECTION = (1, 0, 3, 2)  # a transfer inside goes to the other language


@dataclass(frozen=True)
class _Life:
    """What is known of some cases on the day of a delivery."""

    cases: Cases
    year: int
    number: Ints
    decision: Ints
    close: Days
    first_close: Days
    reopened: Days


def prosecutor_files(years: Iterable[int], *, seed: int, scale: float) -> Iterator[SampleFile]:
    """Make the delivery of each year.

    The account of each file gives the rows, the bad rows, and the true flow of the year.

    Examples
    --------
    >>> from obs.sample.prosecutor_files import prosecutor_files
    >>> made = next(prosecutor_files([2021], seed=1, scale=0.01))
    >>> flow = made.counts["truth"]["flow"]
    >>> flow["pending_start"] + flow["new"] + flow["reopened"] - flow["closed"]
    63
    >>> flow["pending_end"]
    63
    """
    drawn: dict[int, Cases] = {}
    for year in years:
        cohorts = range(year - LONGEST, year + 1)
        drawn = {c: drawn[c] for c in cohorts if c in drawn}
        for cohort in cohorts:
            if cohort not in drawn:
                drawn[cohort] = draw_cases(cohort, seed=seed, scale=scale)
        yield _file(year, drawn, seed, scale)


def _file(year: int, drawn: dict[int, Cases], seed: int, scale: float) -> SampleFile:
    stream = Stream(seed, "prosecutor", year)
    first, day = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-31")
    parts = []
    for cohort, cases in sorted(drawn.items()):
        reopened = (cases.reopened >= first) & (cases.reopened <= day)
        rows = np.flatnonzero((cohort == year) | _pending(cases, first) | reopened)
        parts.append(_case_columns(_life(cases, cohort, rows, day), day, stream))
    columns = {k: pa.concat_arrays([p[k] for p in parts]) for k in parts[0]}
    n = len(columns["notice"])
    again = np.sort(stream.order(n)[: max(1, n * IDENTICAL // 10_000)])
    bad, kinds = _bad_cases(columns, year, stream)
    identical = {k: v.take(pa.array(again)) for k, v in columns.items()}
    columns = interleave(interleave(columns, identical, stream), bad, stream)
    payload = csv_bytes(
        list(columns.values()),
        header=document("prosecutor.toml")["header"],
        first_line=label(seed, scale),
    )
    path = f"prosecutor/prosecutor_{year}_{year + 1}0131.csv"
    counts = {
        "rows": len(columns["notice"]),
        "kinds": kinds | {"identical": len(again)},
        "truth": _truth(year, drawn),
    }
    return SampleFile(path, payload, counts)


def _pending(cases: Cases, day: np.datetime64) -> NDArray[np.bool_]:
    """Tell the cases open on the morning of a day."""
    never = np.isnat(cases.reopened)
    before = np.where(never, cases.close >= day, cases.first_close >= day)
    after = ~never & (cases.reopened < day) & (cases.close >= day)
    return (cases.entry < day) & (before | after)


def _life(cases: Cases, year: int, rows: Ints, day: np.datetime64) -> _Life:
    some = take(cases, rows)
    none = np.datetime64("NaT", "D")
    again = some.reopened <= day
    waiting = ~np.isnat(some.reopened) & ~again & (some.first_close <= day)
    closed = some.close <= day
    decision = np.where(closed, some.decision, -1)
    decision = np.where(waiting, DECISIONS.index("CSS-TECH"), decision)
    return _Life(
        cases=some,
        year=year,
        number=rows,
        decision=decision,
        close=np.where(closed, some.close, np.where(waiting, some.first_close, none)),
        first_close=np.where(again, some.first_close, none),
        reopened=np.where(again, some.reopened, none),
    )


def _case_columns(life: _Life, day: np.datetime64, stream: Stream) -> Columns:
    cases, n = life.cases, len(life.number)
    spec = document("prosecutor.toml")
    joined = life.decision == DECISIONS.index("JONCTION")
    sent = life.decision == DECISIONS.index("DISPO")
    return {
        "notice": _notices(cases.section, life.number, life.year),
        "section": pick_text(SECTIONS, cases.section),
        "entry": date_texts(cases.entry),
        "charge": pick_text(CHARGES, cases.charge),
        "context": pick_text(CONTEXTS, cases.context),
        "report": cases.report,
        "commune": _communes(cases.commune),
        "mother": _links(life, np.where(joined, cases.mother, -1), same_section=True),
        "decision": pick_text([*DECISIONS, spec["open"]], life.decision),
        "close": date_texts(life.close),
        "next": _links(life, np.where(sent, cases.next, -1), same_section=False),
        "first_close": date_texts(life.first_close),
        "reopened": date_texts(life.reopened),
        "extraction": repeat_text(date.fromisoformat(str(day)).strftime("%d/%m/%Y"), n),
        "synthetic": repeat_text("OUI", n),
    }


def _notices(section: Ints, number: Ints, year: int) -> pa.Array:
    heads = pick_text([f"{s}-{year}/" for s in SECTIONS], section)
    return join_text(heads, number_texts(number + 1, 6))


def _links(life: _Life, link: Ints, *, same_section: bool) -> pa.Array:
    """Write the notices that cases lead to: here, at another prosecutor's, or none."""
    n, section = len(link), life.cases.section
    section = section if same_section else np.asarray(_OTHER_SECTION)[section]
    here = _notices(section, np.maximum(link, 0), life.year)
    away = pick_text([f"{place}-{life.year}/" for place in _PLACES], life.number % len(_PLACES))
    away = join_text(away, number_texts(life.number * 7 % 90_000 + 1, 6))
    place = np.where(link >= 0, np.arange(n), np.where(link == ELSEWHERE, n + np.arange(n), 2 * n))
    return pa.concat_arrays([here, away, repeat_text("", 1)]).take(pa.array(place))


def _communes(commune: Ints) -> pa.Array:
    """Write each commune in its first French spelling."""
    names = spellings("fr")
    return pick_text([names[c["nis"]][0][0] for c in communes()], commune)


def _bad_cases(columns: Columns, year: int, stream: Stream) -> tuple[Columns, dict[str, int]]:
    """Make bad rows in the likeness of the others, with notices of their own."""
    n = len(columns["notice"])
    made, kinds, taken = [], {}, 0
    for kind, rate in BAD_CASES.items():
        count = max(1, n * rate // 10_000)
        rows = {k: v.take(pa.array(stream.below(n, count))) for k, v in columns.items()}
        rows |= {k: repeat_text(v, count) for k, v in _faulty_case(kind, year).items()}
        number = 700_000 + taken + np.arange(count)
        rows["notice"] = join_text(f"FR-{year}/", number_texts(number, 6))
        made.append(rows)
        kinds[kind] = count
        taken += count
    return {k: pa.concat_arrays([m[k] for m in made]) for k in columns}, kinds


def _faulty_case(kind: str, year: int) -> dict[str, str]:
    no_links = {"mother": "", "next": "", "first_close": "", "reopened": ""}
    return (
        no_links
        | {
            "unknown_commune": {"commune": "Commune inconnue"},
            "closed_before_entry": {
                "entry": f"20/06/{year}",
                "close": f"01/03/{year}",
                "decision": "CSS-OPP",
            },
            "unknown_decision": {
                "decision": "ZZ-99",
                "entry": f"20/06/{year}",
                "close": f"21/06/{year}",
            },
            "markup": {"charge": "<b>COUPS</b>"},
        }[kind]
    )


def _truth(year: int, drawn: dict[int, Cases]) -> dict[str, object]:
    new = drawn[year]
    family, assault = new.context > 0, new.charge == CHARGES.index("COUPS")
    flows = {name: _flow(year, drawn, section) for section, name in enumerate(SECTIONS)}
    return {
        "entered": len(new),
        "family_entered": int(family.sum()),
        "assaults_entered": int(assault.sum()),
        "family_assaults_entered": int((family & assault).sum()),
        "flow": {k: sum(f[k] for f in flows.values()) for k in flows["FR"]},
        "flow_by_section": flows,
    }


def _flow(year: int, drawn: dict[int, Cases], section: int) -> dict[str, int]:
    first, after = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01")
    flow = dict.fromkeys(("pending_start", "new", "reopened", "closed", "pending_end"), 0)
    for cases in drawn.values():
        here = cases.section == section
        for name, days in (("new", cases.entry), ("reopened", cases.reopened)):
            flow[name] += int((here & (days >= first) & (days < after)).sum())
        for days in (cases.first_close, cases.close):
            flow["closed"] += int((here & (days >= first) & (days < after)).sum())
        flow["pending_start"] += int((here & _pending(cases, first)).sum())
        flow["pending_end"] += int((here & _pending(cases, after)).sum())
    return flow
