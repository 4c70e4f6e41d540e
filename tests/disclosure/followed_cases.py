"""Cases of a prosecutor that began on one day, made from how many ended so after how many days."""

import pandas as pd

from obs.schemas import CASES, check_table, empty_table

SEEN = pd.Timestamp("2024-01-01")
PLAIN = [
    ("technical", 30, 60),
    ("technical", 150, 40),
    ("summons", 80, 30),
    ("summons", 300, 20),
    ("open", None, 200),
]
ONE = [*PLAIN, ("mediation", 120, 1), ("payment", 40, 12), ("payment", 200, 11)]


def cases_of(ends, *, year=2021, context="couple", seen=SEEN):
    """Make CASES entered on the first of January: (state, day of ending or None, how many)."""
    rows = [(state, day) for state, day, many in ends for _ in range(many)]
    start = pd.Timestamp(f"{year}-01-01")
    number = [f"{year}-{i}" for i in range(len(rows))]
    ended = [pd.NaT if d is None else start + pd.Timedelta(days=d) for _, d in rows]
    table = empty_table(CASES).reindex(range(len(rows)))
    table = table.assign(
        case_id=number,
        lead_id=number,
        link="own",
        context=context,
        outcome=[state for state, _ in rows],
        decision=[state for state, _ in rows],
        entry_date=start,
        outcome_date=ended,
        decision_date=ended,
        extracted=seen,
        synthetic=True,
    )
    dates = {c: pd.to_datetime(table[c]) for c in ("outcome_date", "decision_date", "entry_date")}
    return check_table(table.assign(**dates), CASES)
