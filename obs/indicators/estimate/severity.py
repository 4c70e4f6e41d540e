"""Compute the severity index: recorded facts weighted by seriousness, with the base year at 100.

Every fact that the indicator covers has one weight; otherwise nothing is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from ibis.expr import types as ir

from obs.catalogue import Indicator
from obs.errors import ObsError, SchemaError
from obs.indicators.count.coverage_by_place import CoveredDays
from obs.indicators.count.from_counts import count_from_counts
from obs.indicators.count.from_events import count_from_events, select
from obs.indicators.count.tally import look_over, to_frame
from obs.reference import Territory, descendants, load_phenomena, load_severity_weights
from obs.schemas import ALL, WITHHELD
from obs.stats import severity_index

__all__ = ["MIN_EVENTS", "count_by_weight", "weigh_severity"]

MIN_EVENTS = 10  # as for a standardised rate: Dobson's interval fails below
_KEY = ["territory", "period"]
_WORST = {"ok": 0, "zero": 0, "provisional": 1, "missing": 2, "not_applicable": 2}
_SAID = {0: "ok", 1: "provisional", 2: "missing", 3: "suppressed_source"}


def weigh_severity(
    parts: pd.DataFrame,
    *,
    weights: pd.DataFrame,
    base: str | int,
    reference: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    r"""Weigh counts of several phenomena into a severity index, base year = 100.

    :math:`I = 100 \sum_k w_k O_k / (n B)` with the weight :math:`w_k` of phenomenon :math:`k`,
    its facts :math:`O_k` and the population :math:`n`; :math:`B = \sum_k w_k O_k / n` of the
    reference territory in the base year. Dobson's limits; the base is taken as known.

    Parameters
    ----------
    parts : DataFrame
        One row per territory, period and phenomenon: `territory`, `period` (years),
        `phenomenon`, `numerator` (facts), `denominator` (population) and, if there, `status`
        and `unit`. Not modified.
    weights : DataFrame
        phenomenon, weight, source, year, as `obs.reference.load_severity_weights` checks them.
    base : str or int
        The base year.
    reference : str, optional
        The territory whose base year is 100, so that places compare; without it each
        territory has its own base.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    DataFrame
        territory, period, numerator (facts of a weight above 0), denominator, value, low, high, status,
        `largest_weight` (part of the index that one phenomenon makes, 0 to 1) and
        `smallest_part` (smallest count above 0 behind it), by territory and period. Status
        "missing" where a count or the population is, "unreliable" and no value under 10 facts.

    Raises
    ------
    SchemaError
        A column that is absent, a phenomenon twice in a territory and year, counts below 0;
        faulty weights.
    ObsError
        A phenomenon without weight, a weight whose phenomenon is not in the table, one inside
        another, two units, a base year that is not known there.

    References
    ----------
    .. [1] Statistics Canada, 2009, Measuring crime in Canada: introducing the Crime Severity
       Index and improvements to the Uniform Crime Reporting Survey.

    Examples
    --------
    >>> import pandas as pd
    >>> parts = pd.DataFrame({
    ...     "territory": "04000", "period": pd.PeriodIndex(["2021", "2022"] * 2, freq="Y"),
    ...     "phenomenon": ["theft", "theft", "assault", "assault"],
    ...     "numerator": [1_000, 800, 100, 150], "denominator": 10_000})
    >>> weights = pd.DataFrame({"phenomenon": ["theft", "assault"], "weight": [1.0, 10.0],
    ...     "source": "made up for this example", "year": 2020})
    >>> index = weigh_severity(parts, weights=weights, base=2021)
    >>> index[["numerator", "value", "low", "high"]].round(1)
       numerator  value    low   high
    0       1100  100.0   89.9  110.6
    1        950  115.0  102.9  127.7
    """
    known = load_severity_weights(weights).set_index("phenomenon")["weight"]
    _check_parts(parts, known)
    known = known[known > 0]
    place = _side_by_side(parts, "numerator", list(known.index))
    size = _side_by_side(parts, "denominator", list(known.index))
    people = size.max(axis=1).where(size.nunique(axis=1) == 1)
    weighed = (place * known.to_numpy()).sum(axis=1, skipna=False) / people
    start = _base_of(weighed, base, reference)
    scale = start.reindex(place.index.get_level_values("territory")).to_numpy()
    found = severity_index(place, known, people.to_numpy() * scale, base=1.0, confidence=confidence)
    status = _least_known_status(parts, place.index, found.events, found.index)
    shown = ~np.isin(status, ["missing", "unreliable", *WITHHELD])
    least = place.where(place > 0).min(axis=1).to_numpy()

    def column(values: np.ndarray) -> pd.Series:
        return pd.Series(np.where(shown, values, np.nan), dtype="float64").astype("Float64")

    return place.index.to_frame(index=False).assign(
        numerator=pd.Series(found.events).astype("Float64").astype("Int64"),
        denominator=pd.Series(people.to_numpy()).astype("Float64"),
        value=column(found.index),
        low=column(found.low),
        high=column(found.high),
        status=pd.Series(status, dtype="str"),
        largest_weight=column(found.largest_share),
        smallest_part=pd.Series(least).astype("Float64").astype("Int64"),
    )


def count_by_weight(
    source: ir.Table | pd.DataFrame,
    entry: Indicator,
    *,
    weights: pd.DataFrame,
    place: Territory,
    covered: CoveredDays | None,
) -> pd.DataFrame:
    """Count every weighed phenomenon over territory and year, its branch included.

    Gives territory, period, phenomenon, numerator, status, unit, days, covered_from,
    covered_to.

    Raises `ObsError` for facts that no weight covers, a weighed phenomenon that the source never
    tells, two units.
    """
    codes = [c for c in weights["phenomenon"] if c in _scope(entry)]
    if not codes:
        raise ObsError(f"severity index: no weight is of a phenomenon that '{entry.id}' covers")
    part = replace(entry, kind="count", breakdowns=("phenomenon",))
    if isinstance(source, ir.Table):
        return _from_events(source, part, codes, place, covered)
    return _from_counts(source, part, codes, place)


def _from_events(
    table: ir.Table,
    entry: Indicator,
    codes: list[str],
    place: Territory,
    covered: CoveredDays | None,
) -> pd.DataFrame:
    if covered is None:
        raise SchemaError("table EVENTS has no row, so nothing tells which days it covers")
    chosen = select(table, entry)
    counted = to_frame(chosen.group_by("phenomenon").aggregate(rows=chosen.count()))
    over = {below: code for code in codes for below in descendants(code)}
    unknown = counted["phenomenon"].isna()
    _refuse_unweighed(set(counted.loc[~unknown, "phenomenon"]) - set(over))
    if unknown.any():
        raise ObsError(
            f"severity index: {int(counted.loc[unknown, 'rows'].sum())} fact(s) have no "
            "phenomenon, hence no weight; map their offence codes in the profile."
        )
    _refuse_absent([c for c in codes if c not in {over[p] for p in counted["phenomenon"]}])
    renamed = chosen.mutate(phenomenon=chosen["phenomenon"].substitute(over))
    made = count_from_events(
        renamed,
        replace(entry, phenomena=(), exclude=()),
        None,
        seen=look_over(table, dated=True),
        covered=covered,
        period="year",
        breakdown=("phenomenon",),
        place=place,
    )
    return made[made["phenomenon"] != ALL]


def _from_counts(
    counts: pd.DataFrame, entry: Indicator, codes: list[str], place: Territory
) -> pd.DataFrame:
    left_out = {d for code in entry.exclude for d in descendants(code)}
    delivered = (set(counts["phenomenon"]) & _scope(entry)) - left_out
    over = {below for code in codes for below in descendants(code)}
    _refuse_unweighed({c for c in delivered - over if not _made_of(c, set(codes))})
    units = counts.loc[counts["phenomenon"].isin(delivered), ["phenomenon", "unit"]]
    _refuse_units(units)
    parts = []
    for code in codes:
        one = count_from_counts(
            counts, replace(entry, phenomena=(code,)), period="year", breakdown=(), place=place
        )
        if one["reason"].notna().any() and one["numerator"].isna().all():
            _refuse_absent([code])
        parts.append(one.assign(phenomenon=code))
    return pd.concat(parts, ignore_index=True)


def _scope(entry: Indicator) -> set[str]:
    tree = load_phenomena()
    tops = entry.phenomena or tuple(tree.loc[tree["parent"].isna(), "code"])
    out = {d for code in entry.exclude for d in descendants(code)}
    return {d for code in tops for d in descendants(code)} - out


def _made_of(code: str, weighed: set[str]) -> bool:
    """Tell whether a total is made of phenomena that all have a weight."""
    tree = load_phenomena()
    children = tree.loc[tree["parent"] == code, "code"]
    return code in weighed or len(children) > 0 and all(_made_of(c, weighed) for c in children)


def _refuse_unweighed(codes: set[str]) -> None:
    if codes:
        raise ObsError(
            f"severity index: {len(codes)} phenomena have no weight: "
            f"{', '.join(sorted(codes)[:8])}. Give each one (0 leaves it out on purpose), with "
            "its source and year."
        )


def _refuse_absent(codes: Sequence[str]) -> None:
    if codes:
        raise ObsError(
            f"severity index: {', '.join(codes[:8])} have a weight and the source never tells "
            "them, or tells a part only. Without them the index is another one; take them out "
            "of the weights."
        )


def _refuse_units(units: pd.DataFrame) -> None:
    if units["unit"].nunique() > 1:
        by_unit = units.groupby("unit")["phenomenon"].first()
        given = ", ".join(f"'{c}' in {unit}" for unit, c in by_unit.items())
        raise ObsError(
            f"severity index: the phenomena are counted in {len(by_unit)} units ({given}), which "
            "do not add up."
        )


def _check_parts(parts: pd.DataFrame, weights: pd.Series) -> None:
    needed = ("territory", "period", "phenomenon", "numerator", "denominator")
    absent = [c for c in needed if c not in parts.columns]
    if absent:
        raise SchemaError(f"severity index: column(s) {', '.join(absent)} are absent")
    if parts.empty:
        raise SchemaError("severity index: the table has no row")
    if not str(parts["period"].dtype).startswith("period[Y"):
        raise SchemaError("severity index: column 'period' must hold years (pandas Period)")
    if parts.duplicated([*_KEY, "phenomenon"]).any():
        raise SchemaError("severity index: a phenomenon comes twice in a territory and year")
    for name, step in (("numerator", 1), ("denominator", 0)):
        values = pd.to_numeric(parts[name], errors="coerce").astype("Float64")
        wrong = (values.isna() & parts[name].notna()) | (values < 0) | np.isinf(values)
        wrong |= (values % 1 != 0) if step else False
        if wrong.fillna(value=False).any():
            kind = "whole counts" if step else "numbers"
            raise SchemaError(f"severity index: column '{name}' must hold {kind} of at least 0")
    if "unit" in parts:
        _refuse_units(parts[["phenomenon", "unit"]].dropna())
    given = set(parts["phenomenon"].dropna())
    _refuse_unweighed(given - set(weights.index))
    _refuse_absent(sorted(set(weights.index) - given))


def _side_by_side(parts: pd.DataFrame, column: str, codes: list[str]) -> pd.DataFrame:
    """Lay the phenomena side by side, a row per territory and year."""
    wide = parts.pivot(index=_KEY, columns="phenomenon", values=column)
    return wide.reindex(columns=codes).astype("Float64").astype("float64")


def _base_of(weighed: pd.Series, base: str | int, reference: str | None) -> pd.Series:
    """Give the weighed rate that counts as 100, for each territory."""
    if not str(base).isdigit():
        raise ObsError(f"severity index: the base {str(base)[:20]!r} is no year, such as 2015")
    of_year = weighed[weighed.index.get_level_values("period").year == int(base)]
    of_year = of_year.droplevel("period")
    territories = weighed.index.get_level_values("territory").unique()
    if reference is not None:
        of_year = pd.Series(of_year.get(reference, np.nan), index=territories)
    if not (of_year.reindex(territories) > 0).any():
        where = f" of '{reference}'" if reference is not None else ""
        years = sorted(set(weighed.dropna().index.get_level_values("period").astype("str")))
        raise ObsError(
            f"severity index: the base year {base}{where} has no known weighed rate above 0; "
            f"years with values: {', '.join(years) or 'none'}."
        )
    return of_year.where(of_year > 0)


def _least_known_status(
    parts: pd.DataFrame, index: pd.MultiIndex, events: Any, values: Any
) -> np.ndarray:
    """Say what the least known of the parts says."""
    if "status" in parts:
        rank = parts["status"].fillna("ok").map(lambda s: _WORST.get(s, 3))
        worst = rank.groupby([parts["territory"], parts["period"]]).max().reindex(index)
    else:
        worst = pd.Series(0, index=index)
    said = worst.map(_SAID).to_numpy(dtype=object)
    counted = np.isin(said, ["ok", "provisional"])
    said[counted & np.isnan(values)] = "missing"
    counted &= ~np.isnan(values)
    said[counted & (events < MIN_EVENTS)] = "unreliable"
    return said
