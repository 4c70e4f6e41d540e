"""Link police reports and prosecutor's cases by the number of the report (PV).

Only the observatory's own identifiers are used, never anything about a person. Results carry the
share of reports that were matched.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from obs.catalogue import Indicator, get_indicator
from obs.errors import ObsError, SchemaError
from obs.indicators.estimate.rates import add_share
from obs.reference import descendants

__all__ = [
    "LINK_OUTCOMES",
    "RECENT_DAYS",
    "add_filing",
    "count_outcomes",
    "link_reports",
    "matching_rates",
]

LINK_OUTCOMES = ("matched", "ambiguous", "police_only", "prosecutor_only", "without_number")
_SIDES = {"police": "police_only", "prosecutor": "prosecutor_only"}
# days: a report is closed within three weeks, then sent; a later one may have no case yet
RECENT_DAYS = 60
_EVENTS = ("report_id", "event_date", "report_date", "phenomenon", "form", "relation")
_CASES = ("report_id", "entry_date", "context", "extracted")


def link_reports(events: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Link police reports to prosecutor's cases by the normalised number of the report.

    Several facts of one report are one report. Several cases of one report are one where
    their links end at the same case (a daughter and her mother, a transfer and its
    successor); else the report is ambiguous and no outcome is taken for it.

    Returns one row per report number of either side, sorted by it, then one per police fact and
    per case that has no number: report_id, link ("matched", "ambiguous", "police_only",
    "prosecutor_only", "without_number"), side ("both", "police", "prosecutor"), `facts` and
    `cases` (counts), territory (of the police's first fact, else of the case), year (of the
    police's first fact, else of entry), report_day (when the police registered it: the earliest
    `report_date`, else the day of the first fact; missing without a report of the police), lead_id
    and outcome (of matched reports and of cases alone; missing where ambiguous). Raises
    `SchemaError` if a column is absent.

    Notes
    -----
    By construction the police have reports that the prosecutor has not: simplified
    reports stay with the police, and cases are opened weeks later. The prosecutor has
    reports of other senders. Neither is an error; both lower the matching rate.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({"report_id": ["P1", "P1", "P2", "P3"],
    ...     "event_date": pd.to_datetime(["2021-03-01"] * 4), "territory": "21004"})
    >>> cases = pd.DataFrame({"case_id": ["A", "B", "C"], "report_id": ["P1", "P2", "P2"],
    ...     "entry_date": pd.to_datetime(["2021-04-01"] * 3), "territory": "21004",
    ...     "decision": ["summons", "open", "technical"]})
    >>> link_reports(events, cases)[["report_id", "link", "facts", "cases", "outcome"]]
      report_id         link  facts  cases  outcome
    0        P1      matched      2      1  summons
    1        P2    ambiguous      1      2      NaN
    2        P3  police_only      1      0      NaN
    """
    _require_columns(events, "EVENTS", ["report_id", "event_date", "territory"])
    _require_columns(cases, "CASES", ["report_id", "case_id", "entry_date", "territory"])
    police, police_rest = _reports(_registered(events), "facts")
    filed, filed_rest = _reports(_last_case(cases), "cases")
    both = police.merge(filed, on="report_id", how="outer", suffixes=("", "_filed"))
    rest = [police_rest.assign(side="police"), filed_rest.assign(side="prosecutor")]
    linked = pd.concat(
        [_classified(both), *(_without_number(part) for part in rest)], ignore_index=True
    )
    return linked.astype({"facts": "Int64", "cases": "Int64", "year": "Int64"})


def matching_rates(
    links: pd.DataFrame, *, by: Sequence[str] = (), confidence: float = 0.95
) -> pd.DataFrame:
    """Give the share of each side that was matched, with Wilson intervals.

    Returns one row per side and `by`: side ("police", "prosecutor"), matched, ambiguous,
    unmatched, without_number, total (their sum), value, low, high (of matched in total: a record
    without a number, or an ambiguous one, is not matched), status. Raises `ObsError` if `by` has
    other columns.

    Examples
    --------
    >>> import pandas as pd
    >>> links = pd.DataFrame({"side": ["both"] * 8 + ["police"] * 2,
    ...     "link": ["matched"] * 8 + ["police_only"] * 2})
    >>> rates = matching_rates(links)
    >>> rates[["side", "matched", "unmatched", "total", "value"]]
             side  matched  unmatched  total  value
    0      police        8          2     10    0.8
    1  prosecutor        8          0      8    1.0
    """
    _check_by(by, links)
    parts = [_rate_of(links, side, by) for side in _SIDES]
    table = pd.concat(parts, ignore_index=True)
    counts = table.assign(numerator=table["matched"], denominator=table["total"].astype("Float64"))
    shares = add_share(counts, confidence=confidence)
    kept = ["matched", "ambiguous", "unmatched", "without_number", "total"]
    return shares[["side", *by, *kept, "value", "low", "high", "status"]]


def count_outcomes(links: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count what became of matched reports, with the share of reports that were matched.

    Returns one row per `by` and outcome: numerator (matched reports that ended so), denominator
    (matched reports), value, low, high (Wilson), status, `matching` (matched reports among the
    police's). What became of the others is not known: the shares are of the matched alone. Raises
    `ObsError` if `by` has other columns.

    Examples
    --------
    >>> import pandas as pd
    >>> links = pd.DataFrame({"side": ["both"] * 8 + ["police"] * 2,
    ...     "link": ["matched"] * 8 + ["police_only"] * 2,
    ...     "outcome": ["summons"] * 2 + ["technical"] * 6 + [None] * 2})
    >>> count_outcomes(links)[["outcome", "numerator", "denominator", "value", "matching"]]
         outcome  numerator  denominator  value  matching
    0    summons          2          8.0   0.25       0.8
    1  technical          6          8.0   0.75       0.8
    """
    rates = matching_rates(links, by=by)
    police = rates.loc[rates["side"] == "police", [*by, "matched", "value"]]
    police = police.rename(columns={"matched": "denominator", "value": "matching"})
    matched = links[(links["link"] == "matched") & links["outcome"].notna()]
    counted = matched.groupby([*by, "outcome"]).size().rename("numerator").reset_index()
    how = {"on": list(by)} if by else {"how": "cross"}
    table = counted.merge(police, **how)
    typed = table.astype({"numerator": "Int64", "denominator": "Float64"})
    shares = add_share(typed)
    shown = ["numerator", "denominator", "value", "low", "high", "status", "matching"]
    return shares[[*by, "outcome", *shown]]


def _require_columns(table: pd.DataFrame, name: str, columns: list[str]) -> None:
    absent = [c for c in columns if c not in table]
    if absent:
        raise SchemaError(f"table {name}: column {', '.join(absent)} is absent")


def _registered(events: pd.DataFrame) -> pd.DataFrame:
    """Give each fact the day on which it was registered, else the day of the fact."""
    registered = events["report_date"] if "report_date" in events else events["event_date"]
    return events.rename(columns={"event_date": "day"}).assign(
        report_day=registered.fillna(events["event_date"])
    )


def _last_case(cases: pd.DataFrame) -> pd.DataFrame:
    lead = cases["lead_id"] if "lead_id" in cases else cases["case_id"]
    outcome = next((cases[c] for c in ("outcome", "decision") if c in cases), None)
    return cases.assign(
        day=cases["entry_date"],
        lead_id=lead.fillna(cases["case_id"]),
        outcome=pd.Series(outcome, index=cases.index, dtype="str"),
    )


def _reports(table: pd.DataFrame, count: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make one row per report number, and give the rows that have none."""
    ordered = table.sort_values("day", kind="stable")
    numbered = ordered[ordered["report_id"].notna()]
    first = {"territory": ("territory", "first"), "day": ("day", "first")}
    if "report_day" in table:
        first |= {"report_day": ("report_day", "min")}
    if "lead_id" in table:
        first |= {"leads": ("lead_id", "nunique")}
        first |= {name: (name, "last") for name in ("lead_id", "outcome")}
    grouped = numbered.groupby("report_id").agg(**{count: ("report_id", "size")}, **first)
    kept = [c for c in ("territory", "day", "report_day", "lead_id", "outcome") if c in table]
    return grouped.reset_index(), ordered.loc[ordered["report_id"].isna(), kept].assign(
        **{count: 1}
    )


def _classified(both: pd.DataFrame) -> pd.DataFrame:
    here, there = both["facts"].notna(), both["cases"].notna()
    several = (both["leads"] > 1).fillna(value=False)
    link = pd.Series("matched", index=both.index, dtype="str")
    link = link.mask(several, "ambiguous")
    link = link.mask(~there, "police_only").mask(~here, "prosecutor_only")
    side = pd.Series("both", index=both.index, dtype="str")
    day = both["day"].fillna(both["day_filed"])
    return pd.DataFrame(
        {
            "report_id": both["report_id"],
            "link": link,
            "side": side.mask(~there, "police").mask(~here, "prosecutor"),
            "facts": both["facts"].fillna(0),
            "cases": both["cases"].fillna(0),
            "territory": both["territory"].fillna(both["territory_filed"]),
            "year": day.dt.year,
            "report_day": both["report_day"],
            "lead_id": both["lead_id"].mask(several),
            "outcome": both["outcome"].mask(several),
        }
    )


def _without_number(rest: pd.DataFrame) -> pd.DataFrame:
    none = pd.Series(None, index=rest.index, dtype="str")
    return pd.DataFrame(
        {
            "report_id": none,
            "link": pd.Series("without_number", index=rest.index, dtype="str"),
            "side": rest["side"],
            "facts": rest.get("facts", 0),
            "cases": rest.get("cases", 0),
            "territory": rest["territory"],
            "year": rest["day"].dt.year,
            "report_day": rest.get("report_day", pd.NaT),
            "lead_id": rest.get("lead_id", none),
            "outcome": rest.get("outcome", none),
        }
    )


def _rate_of(links: pd.DataFrame, side: str, by: Sequence[str]) -> pd.DataFrame:
    own = links[links["side"].isin(["both", side])]
    flags = pd.DataFrame(
        {
            "matched": own["link"] == "matched",
            "ambiguous": own["link"] == "ambiguous",
            "unmatched": own["link"] == _SIDES[side],
            "without_number": own["link"] == "without_number",
        }
    ).astype("Int64")
    flags["total"] = 1
    if by:
        summed = flags.groupby([own[c] for c in by]).sum().reset_index()
    else:
        summed = flags.sum().to_frame().T
    return summed.astype({c: "Int64" for c in flags}).assign(side=side)


def _check_by(by: Sequence[str], links: pd.DataFrame) -> None:
    wrong = [c for c in by if c not in ("territory", "year") or c not in links]
    if isinstance(by, str) or wrong:
        raise ObsError(f"by takes a sequence of 'territory' and 'year', not {by!r}")


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
    registered = registered.groupby(facts["report_id"]).transform("min")
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
