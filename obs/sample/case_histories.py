"""Draw the prosecutor's cases of one year of entry, with their whole history, as arrays.

Cases come from police reports of the same year where the police know the offence, and from other
senders otherwise. Totals by charge are exact; decisions, delays and joinders are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from obs.sample.draws import Ints, Stream
from obs.sample.incidents import CODES
from obs.sample.police_files import recorded_year
from obs.sample.police_text import Recorded, report_texts
from obs.sample.published_totals import FIRST_YEAR, communes, document, scaled, table
from obs.sample.text import join_text, number_texts

__all__ = [
    "CHARGES",
    "CONTEXTS",
    "DECISIONS",
    "ELSEWHERE",
    "LONGEST",
    "SECTIONS",
    "Cases",
    "draw_cases",
    "take",
]

Days = NDArray[np.datetime64]

CHARGES = (
    *("COUPS", "HARCEL", "MENACES", "DIFF-FAM", "VIOL", "ABANDON", "ATT-PUD", "DEGRAD"),
    *("VOL", "STUP", "ESCROQ"),
)
CONTEXTS = ("", *document("prosecutor.toml")["context"])
DECISIONS = tuple(document("prosecutor.toml")["decisions"])
SECTIONS = ("FR", "NL", "JF", "JN")
LONGEST = 4  # whole years after the year of entry in which a case may still end
_FROM_POLICE = 880  # per thousand cases whose report is one of the police sample
_KNOWN_REPORT = 700  # per thousand of the others: a report of another sender
_REOPENED = 40  # per thousand technical closures: reopened, then decided again
_LOST_MOTHER = 50  # per thousand joinders: the mother is with another prosecutor
_TRANSFER_INSIDE = 350  # per thousand transfers outside the calibrated charges
_LAG = 22  # longest way from a police report to the prosecutor, in days
ELSEWHERE = -2  # a link that leads to another prosecutor
_FAMILY_CHARGES = ("COUPS", "HARCEL", "MENACES", "VIOL", "ABANDON", "ATT-PUD")


@dataclass(frozen=True)
class Cases:
    """Cases as parallel arrays; a date that never comes is NaT, a missing link -1.

    `mother` and `next` are `ELSEWHERE` where the link leads to another prosecutor.
    """

    charge: Ints
    context: Ints
    section: Ints
    commune: Ints
    report: pa.Array
    entry: Days
    decision: Ints
    first_close: Days
    reopened: Days
    close: Days
    mother: Ints
    next: Ints

    def __len__(self) -> int:
        return len(self.charge)


def draw_cases(year: int, *, seed: int, scale: float) -> Cases:
    """Draw every case that enters in a year.

    Returns `Cases` in order of entry, which numbers them.

    Examples
    --------
    >>> from obs.sample.case_histories import draw_cases
    >>> cases = draw_cases(2021, seed=1, scale=0.1)
    >>> int((cases.context > 0).sum())
    187
    """
    stream = Stream(seed, "cases", year)
    charge, context, section = _kinds(stream, year, scale)
    report, commune, entry, context = _origins(stream, year, charge, context, seed, scale)
    n = len(charge)
    decision, close = _decisions(stream, context, entry)
    none = np.full(n, np.datetime64("NaT", "D"))
    links = np.full(n, -1)
    cases = Cases(
        *(charge, context, section, commune, report, entry),
        *(decision, none, none, close, links, links),
    )
    cases = _transferred(stream, year, cases)
    cases = _in_order(stream, cases)
    return _reopen(stream, _join_cases(stream, cases))


def _kinds(stream: Stream, year: int, scale: float) -> tuple[Ints, Ints, Ints]:
    spec = document("prosecutor.toml")
    rows = {r["year"]: r for r in table("prosecutor.csv")}
    totals = rows.get(str(year), rows["2015"])
    charge, context, section = [], [], []
    for name, total in totals.items():
        if name == "year":
            continue
        n = scaled(int(total), scale)
        family, youth = name.startswith("VIF_"), name == "YOUTH"
        if youth:
            names = list(spec["youth_charges"])
            drawn = stream.pick(list(spec["youth_charges"].values()), n)
            charge.append(np.asarray([CHARGES.index(c) for c in names])[drawn])
        else:
            charge.append(np.full(n, CHARGES.index(name.removeprefix("VIF_"))))
        kinds = stream.pick(list(spec["context"].values()), n) + 1
        context.append(kinds if family else np.zeros(n, dtype=np.int64))
        sections = spec["youth_sections" if youth else "sections"]
        section.append(stream.pick(list(sections.values()), n) + (2 if youth else 0))
    return np.concatenate(charge), np.concatenate(context), np.concatenate(section)


def _origins(
    stream: Stream, year: int, charge: Ints, context: Ints, seed: int, scale: float
) -> tuple[pa.Array, Ints, Days, Ints]:
    """Give the report, the commune, the day of entry and the context of each case."""
    n = len(charge)
    january = np.datetime64(f"{year}-01-01")
    commune = stream.pick([c["population"] for c in communes()], n)
    entry = january + stream.below(365, n)
    texts = join_text("BR.50.F1.", number_texts(np.arange(1, n + 1), 6), f"/{year}")
    text = np.where(stream.chance(_KNOWN_REPORT, n), np.arange(n), -1)
    context = context.copy()
    if year >= FIRST_YEAR:
        whole = recorded_year(year, seed=seed, scale=scale)
        case, fact = _police_origin(stream, whole, charge, context)
        taken = whole.take(fact)
        commune[case] = taken.facts.commune
        entry[case] = january + taken.report_day + 1 + stream.below(_LAG - 1, len(fact))
        relation = taken.facts.relation
        context[case] = np.where(relation > 1, 2, np.where(relation == 1, 1, context[case]))
        police = report_texts(taken, year, np.zeros(len(fact), dtype=np.int64))
        texts = pa.concat_arrays([texts, police])
        text[case] = n + np.arange(len(case))
    blank = pa.array([""], pa.string())
    return pa.concat_arrays([blank, texts]).take(pa.array(text + 1)), commune, entry, context


def _police_origin(
    stream: Stream, whole: Recorded, charge: Ints, context: Ints
) -> tuple[Ints, Ints]:
    """Match most cases to facts of the police with the same offence, each fact once."""
    facts = whole.facts
    early = whole.report_day < 365 - _LAG
    cases, origins = [], []
    for position, name in enumerate(CHARGES):
        codes = [k for k, c in enumerate(CODES) if c == name or (name == "VOL" and c[:3] == name)]
        for family in (False, True):
            wanted = np.flatnonzero((charge == position) & ((context > 0) == family))
            wanted = wanted[stream.chance(_FROM_POLICE, len(wanted))]
            there = early & np.isin(facts.code, codes)
            if name in _FAMILY_CHARGES:
                there &= (facts.form > 0) == family
            found = np.flatnonzero(there)
            found = found[stream.order(len(found))][: len(wanted)]
            cases.append(wanted[: len(found)])
            origins.append(found)
    return np.concatenate(cases), np.concatenate(origins)


def _decisions(stream: Stream, context: Ints, entry: Days) -> tuple[Ints, Days]:
    spec, n = document("prosecutor.toml")["decisions"], len(entry)
    plain, family = (stream.pick([d["weights"][k] for d in spec.values()], n) for k in (0, 1))
    decision = np.where(context > 0, family, plain)
    return decision, entry + _waits(stream, decision)


def _waits(stream: Stream, decision: Ints) -> Ints:
    """Draw the days from entry to decision, by the bands of each decision."""
    days = np.zeros(len(decision), dtype=np.int64)
    for position, own in enumerate(document("prosecutor.toml")["decisions"].values()):
        rows = np.flatnonzero(decision == position)
        first, last, weight = (np.asarray(x) for x in zip(*own["days"], strict=True))
        band = stream.pick(weight, len(rows))
        width = (last - first + 1)[band]
        days[rows] = first[band] + (stream.below(1 << 20, len(rows)) * width >> 20)
    return days


def _transferred(stream: Stream, year: int, cases: Cases) -> Cases:
    """Open a new case for part of those transferred; the others leave the prosecutor.

    Charges with a published total are never transferred inside, so that each counts once.
    """
    sent = cases.decision == DECISIONS.index("DISPO")
    free = (cases.context == 0) & (cases.charge != CHARGES.index("COUPS"))
    here = cases.close < np.datetime64(f"{year + 1}-01-01")
    inside = sent & free & here & stream.chance(_TRANSFER_INSIDE, len(cases))
    rows = np.flatnonzero(inside)
    decision = stream.pick([1, 1], len(rows))  # CSS-TECH or CSS-OPP
    entry = cases.close[rows]
    received = replace(
        take(cases, rows),
        section=np.asarray([1, 0, 3, 2])[cases.section[rows]],
        entry=entry,
        decision=decision,
        close=entry + _waits(stream, decision),
        next=np.full(len(rows), -1),
    )
    link = np.where(sent, ELSEWHERE, -1)
    link[rows] = len(cases) + np.arange(len(rows))
    return _both(replace(cases, next=link), received)


def _in_order(stream: Stream, cases: Cases) -> Cases:
    order = np.lexsort((stream.order(len(cases)), cases.entry))
    rank = np.empty(len(cases), dtype=np.int64)
    rank[order] = np.arange(len(cases))
    link = np.where(cases.next >= 0, rank[np.maximum(cases.next, 0)], cases.next)
    return take(replace(cases, next=link), order)


def _join_cases(stream: Stream, cases: Cases) -> Cases:
    """Give each joined case its mother, which stays open at least until then."""
    mother, close = cases.mother.copy(), cases.close.copy()
    away = (DECISIONS.index("JONCTION"), DECISIONS.index("DISPO"))
    daughter = cases.decision == away[0]
    family = cases.context > 0  # a family case joins another family case
    group = cases.section * 2 + family
    for one in range(len(SECTIONS) * 2):
        rows = np.flatnonzero(daughter & (group == one))
        able = np.flatnonzero(~np.isin(cases.decision, away) & (group == one))
        if not len(able):
            mother[rows] = ELSEWHERE
            continue
        chosen = able[stream.below(len(able), len(rows))]
        lost = stream.chance(_LOST_MOTHER, len(rows))
        wait = cases.close[rows] - cases.entry[rows]
        later = np.maximum(cases.entry[rows], cases.entry[chosen]) + wait
        mother[rows] = np.where(lost, ELSEWHERE, chosen)
        close[rows] = np.where(lost, cases.close[rows], later)
        np.maximum.at(close, chosen[~lost], later[~lost] + np.timedelta64(20, "D"))
    return replace(cases, mother=mother, close=close)


def _reopen(stream: Stream, cases: Cases) -> Cases:
    """Reopen some technical closures, to be decided again."""
    technical = cases.decision == DECISIONS.index("CSS-TECH")
    rows = np.flatnonzero(technical & stream.chance(_REOPENED, len(cases)))
    first, again, close = cases.first_close.copy(), cases.reopened.copy(), cases.close.copy()
    decision = cases.decision.copy()
    first[rows] = close[rows]
    again[rows] = close[rows] + 60 + stream.below(240, len(rows))
    choices = np.asarray([DECISIONS.index(d) for d in ("CSS-TECH", "CSS-OPP", "CITATION")])
    decision[rows] = choices[stream.pick([2, 1, 2], len(rows))]
    close[rows] = again[rows] + 30 + stream.below(370, len(rows))
    return replace(cases, first_close=first, reopened=again, decision=decision, close=close)


def take(cases: Cases, rows: Ints) -> Cases:
    """Give some of the cases; links still count in the whole."""
    made = {f.name: getattr(cases, f.name) for f in fields(cases)}
    report = made.pop("report").take(pa.array(rows))
    return Cases(report=report, **{name: values[rows] for name, values in made.items()})


def _both(one: Cases, other: Cases) -> Cases:
    made = {f.name: [getattr(c, f.name) for c in (one, other)] for f in fields(one)}
    report = pa.concat_arrays(made.pop("report"))
    return Cases(report=report, **{name: np.concatenate(parts) for name, parts in made.items()})
