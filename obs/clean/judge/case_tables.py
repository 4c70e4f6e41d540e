"""Build the two tables of a prosecutor's delivery: CASES and CASE_COUNTS.

The charge of a case is its main charge at entry. It says what the case is about and counts
nothing but cases. A joined case stays joined; the case that it was joined to carries it on.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from obs.clean.judge.duplicates import PLACE
from obs.clean.judge.row_shapes import CARRIED, Shape, origin, outcome, row_name
from obs.clean.profiles.profile import Profile
from obs.schemas import CASE_COUNTS, CASES

__all__ = ["CASES_SHAPE", "CASE_COUNTS_SHAPE"]

_DATES = ("entry_date", "decision_date", "first_close_date", "reopened_date")
_TEXTS = ("mother_id", "next_id", "report_id", "section", "decision", "territory")
_CONTENT = (*_TEXTS, *_DATES, "charge", "context")
_CHARGE = ("offence", "detail", "article", "label")  # what tells charges apart, coarse to fine
_BETWEEN = " / "

Doubts = list[tuple[str, str, ir.BooleanValue]]


def _arrange_cases(rows: ir.Table, profile: Profile) -> ir.Table:
    rows, case_id = row_name(rows, profile, "case_id")
    columns = {name: outcome(rows, name) for name in _TEXTS}
    columns |= {name: outcome(rows, name).cast("timestamp(6)") for name in _DATES}
    columns |= {
        "case_id": case_id,
        "charge": rows.to_offence,
        "phenomenon": rows.by_phenomenon,
        "context": _context(rows),
    }
    if "period" in profile.targets:
        columns["entry_period"] = rows.to_period
    return rows.select(*CARRIED, **columns, **origin(rows))


def _context(rows: ir.Table) -> ir.StringValue:
    """Give the supplier's context code, else what the entry of the charge tells."""
    known = [rows[c] for c in ("to_context", "by_relation") if c in rows.columns]
    return ibis.coalesce(*known)


def _doubt_cases(rows: ir.Table, profile: Profile) -> Doubts:
    entry, closed, first, again = (outcome(rows, name) for name in _DATES)
    decision = outcome(rows, "decision")
    ended = decision.notnull() & (decision != "open")
    doubts = [
        (name, "future_date", outcome(rows, name) > rows.extracted)
        for name in _DATES
        if name in profile.targets
    ]
    doubts += [
        ("decision_date", "closed_before_entry", closed < entry),
        ("first_close_date", "closed_before_entry", first < entry),
        ("reopened_date", "reopening_order", (again < first) | (closed < again)),
        ("reopened_date", "reopening_order", first.isnull() != again.isnull()),
    ]
    if "decision_date" in profile.targets:
        doubts.append(("decision_date", "decision_mismatch", ended != closed.notnull()))
    if "case_id" in profile.targets:
        doubts += [
            (link, "own_link", outcome(rows, link) == rows.to_case_id)
            for link in ("mother_id", "next_id")
        ]
    return doubts


def _remark_cases(kept: ir.Table, profile: Profile) -> ir.Table:
    """Note the cases whose mother, or whose successor after a transfer, was never delivered."""
    known = kept.select(known_id="case_id").distinct()
    lost = kept
    for link in ("mother_id", "next_id"):
        found = known.select(**{f"found_{link}": "known_id"})
        lost = lost.left_join(found, lost[link] == found[f"found_{link}"])
    mother = lost.mother_id.notnull() & lost.found_mother_id.isnull()
    sent = (lost.decision == "disposition") & lost.found_next_id.isnull()
    noted = ibis.cases((mother, "mother_id|lost_mother"), (sent, "next_id|lost_transfer"))
    return lost.select(*PLACE, noted=noted)


def _arrange_case_counts(rows: ir.Table, profile: Profile) -> ir.Table:
    parts = [outcome(rows, name) for name in _CHARGE if name in profile.targets]
    rows = rows.mutate(
        charge=ibis.literal(_BETWEEN).join([p.fill_null("unspecified") for p in parts])
    )
    rows = _added(rows, profile)
    columns = {
        "territory": rows.to_territory,
        "period": rows.to_period,
        "charge": rows.charge,
        "phenomenon": rows.by_phenomenon,
        "context": _context(rows),
        "unit": ibis.literal("case"),
        "numerator": rows.number,
        "status": rows.to_status,
        "added": rows.added,
    }
    return rows.select(*CARRIED, **columns, **origin(rows))


def _added(rows: ir.Table, profile: Profile) -> ir.Table:
    """Add `number`, the count of a row, and `added`, how many rows it adds up.

    Where the profile says that repeated rows are to be added, each row of one charge, place
    and period of a file bears their sum, identical rows counted once; they then merge.
    """
    if profile.repeated != "add":
        return rows.mutate(number=rows.to_numerator, added=ibis.literal(1, "int64"))
    key = ["file", "to_territory", "to_period", "charge"]
    sound = ibis.ifelse(rows.fault.isnull(), rows.to_numerator, ibis.null("int64"))
    turn = ibis.row_number().over(group_by=[*key, "content", "fault"], order_by="row")
    first = rows.mutate(once=ibis.ifelse(turn == 0, sound, ibis.null("int64")))
    whole = ibis.window(group_by=key)
    return first.mutate(number=first.once.sum().over(whole), added=first.once.count().over(whole))


def _doubt_case_counts(rows: ir.Table, profile: Profile) -> Doubts:
    today = rows.extracted.strftime("%Y-%m-%d")
    return [("period", "future_date", ibis.coalesce(rows.to_period, "") > today)]


def _remark_case_counts(kept: ir.Table, profile: Profile) -> ir.Table:
    return kept.select(*PLACE, noted=ibis.cases((kept.added > 1, "numerator|added_rows")))


CASES_SHAPE = Shape(
    schema=CASES,
    key=("case_id",),
    content=_CONTENT,
    required=("case_id", "entry_date", "section", "territory", "offence"),
    arrange=_arrange_cases,
    doubt=_doubt_cases,
    when="entry_date",
    remark=_remark_cases,
)
CASE_COUNTS_SHAPE = Shape(
    schema=CASE_COUNTS,
    key=("territory", "period", "charge"),
    content=("numerator", "status"),
    required=("territory", "period", "offence"),
    arrange=_arrange_case_counts,
    doubt=_doubt_case_counts,
    when="period",
    remark=_remark_case_counts,
)
