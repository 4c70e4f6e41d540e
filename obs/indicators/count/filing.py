"""Tell of each report of family violence whether the prosecutor has a case of it, and the reverse.

Only the number of the report is used. Reports and cases get one code each, so that counts by code
share out the reports of a year, and the cases entered in it.
"""

from __future__ import annotations

import pandas as pd

from obs.catalogue import Indicator, get_indicator
from obs.errors import SchemaError
from obs.reference import descendants

__all__ = ["RECENT_DAYS", "add_filing"]

RECENT_DAYS = (
    60  # a report is closed within three weeks, then sent: later ones may have no case yet
)
_EVENTS = ("report_id", "event_date", "report_date", "phenomenon", "form", "relation")
_CASES = ("report_id", "entry_date", "context", "extracted")


def add_filing(
    events: pd.DataFrame, cases: pd.DataFrame, *, reports: str = "vif_pv", filed: str = "vif_cases"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add to facts and to cases the column `filing`, of what the other side has.

    A report whose facts the indicator `reports` counts is "filed" in the year of a fact if a case
    that `filed` counts was entered in that year, else "other_year", else "other_context" (a case
    of another context), else "recent" (registered within 60 days before the last extraction of the
    cases), else "not_filed". A case that `filed` counts is "from_report" (of such a report of its
    year of entry), "earlier_report" (of another year), "other_report" (the police have the report,
    of something else), "unknown_report" or "no_number". All others are missing.

    Parameters
    ----------
    events : DataFrame
        EVENTS with `report_id`, `form` and `relation`. Not modified.
    cases : DataFrame
        CASES with `report_id` and `context`. Not modified.
    reports, filed : str
        Indicators of reports, and of cases entered.

    Returns
    -------
    tuple of DataFrame
        Both, with `filing`.

    Raises
    ------
    SchemaError
        A column is absent.

    Examples
    --------
    >>> events = pd.DataFrame({"report_id": ["P1", "P2"], "phenomenon": "assault",
    ...     "event_date": pd.to_datetime(["2021-03-01"] * 2), "report_date": pd.NaT,
    ...     "form": "physical", "relation": "couple"})
    >>> cases = pd.DataFrame({"report_id": ["P1", None], "context": "couple",
    ...     "entry_date": pd.to_datetime(["2021-04-01"] * 2), "extracted": pd.Timestamp("2022-01-31")})
    >>> facts, filed = add_filing(events, cases)
    >>> facts["filing"].tolist(), filed["filing"].tolist()
    (['filed', 'not_filed'], ['from_report', 'no_number'])
    """
    for table, name, columns in ((events, "EVENTS", _EVENTS), (cases, "CASES", _CASES)):
        absent = [c for c in columns if c not in table]
        if absent:
            raise SchemaError(f"table {name}: column {', '.join(absent)} is absent")
    own = _counted(events, get_indicator(reports))
    own &= events["report_id"].notna()
    family = _counted(cases, get_indicator(filed))
    facts = _filing_of_facts(events[own], cases, family)
    numbers = set(cases.loc[family, "report_id"].dropna())
    known = events.loc[events["report_id"].isin(numbers), "report_id"]
    told = _filing_of_cases(cases[family], events[own], known)
    return (
        events.assign(filing=facts.reindex(events.index).astype("str")),
        cases.assign(filing=told.reindex(cases.index).astype("str")),
    )


def _counted(table: pd.DataFrame, entry: Indicator) -> pd.Series:
    """Tell the rows that an indicator counts, by its phenomena and its columns."""
    rows = pd.Series(data=True, index=table.index)
    for column, codes in entry.where.items():
        rows &= table[column].isin(codes)
    for code in entry.exclude:
        rows &= ~table["phenomenon"].isin(descendants(code))
    return rows


def _filing_of_facts(facts: pd.DataFrame, cases: pd.DataFrame, family: pd.Series) -> pd.Series:
    """Give the code of each fact of a report, for the year of the fact."""
    own = cases["report_id"].isin(set(facts["report_id"]))
    any_case = facts["report_id"].isin(set(cases.loc[own, "report_id"]))
    same = cases[own & family]
    in_context = facts["report_id"].isin(set(same["report_id"]))
    entered = _pairs(same["report_id"], same["entry_date"])
    same_year = _pairs(facts["report_id"], facts["event_date"]).isin(entered)
    registered = facts["report_date"].fillna(facts["event_date"])
    late = registered > cases["extracted"].max() - pd.Timedelta(days=RECENT_DAYS)
    code = pd.Series("not_filed", index=facts.index, dtype="str")
    code = code.mask(late, "recent").mask(any_case, "other_context")
    return code.mask(in_context, "other_year").mask(same_year, "filed")


def _filing_of_cases(cases: pd.DataFrame, facts: pd.DataFrame, known: pd.Series) -> pd.Series:
    """Give the code of each case, for its year of entry."""
    number = cases["report_id"]
    same_year = _pairs(number, cases["entry_date"]).isin(
        _pairs(facts["report_id"], facts["event_date"])
    )
    code = pd.Series("unknown_report", index=cases.index, dtype="str")
    code = code.mask(number.isin(set(known)), "other_report")
    code = code.mask(number.isin(set(facts["report_id"])), "earlier_report")
    return code.mask(same_year, "from_report").mask(number.isna(), "no_number")


def _pairs(number: pd.Series, date: pd.Series) -> pd.Series:
    """Pair the number of a report with a year."""
    return pd.Series(
        pd.MultiIndex.from_arrays([number, date.dt.year]).to_flat_index(), index=number.index
    )
