"""Compute prevalence, incidence and concentration of victimisation, from counts or incidents.

Series of incidents are capped by a rule that the result states.
"""

from collections.abc import Sequence
from numbers import Real

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError
from obs.indicators.survey.design_arrays import code_column
from obs.indicators.survey.respondent_checks import (
    as_list,
    check_columns,
    named_columns,
    read_numbers,
    rows_text,
)
from obs.indicators.survey.survey_design import SurveyDesign
from obs.stats.survey import domain_quantiles

__all__ = ["MEASURES", "victimisation", "victimisation_rate"]

ANY = "any"
MEASURES = ("prevalence", "incidence", "concentration", "repeat", "multiple")
SERIES_CAP = 10  # incidents of one series, National Crime Victimization Survey


def victimisation(
    design: SurveyDesign,
    counts: str | Sequence[str],
    *,
    by: str | Sequence[str] | None = None,
    cap: float | None = None,
    per: int = 1_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate prevalence, incidence, concentration, repeat and multiple victimisation.

    Parameters
    ----------
    design : SurveyDesign
        Respondents and design.
    counts : str or sequence of str
        Columns with the number of incidents of each type in the reference period.
    by : str or sequence of str, optional
        Columns of the domains.
    cap : float, optional
        Most incidents counted per respondent and type: a number of 1 or more, or a share below
        1 for that weighted quantile of the victims' counts (0.98 for the 98th percentile). It
        does not change prevalence.
    per : int
        Incidence is given per this many respondents.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    DataFrame
        The columns of every estimate, and ``cap`` (incidents; missing without a cap). One row
        per domain, type and measure; ``variable`` is the type or "any", ``level`` the measure:
        ``prevalence`` (share with one incident or more), ``incidence`` (incidents per ``per``),
        ``concentration`` (incidents per victim), ``repeat`` (share of victims with two or
        more of the type), ``multiple`` (share of victims with two or more types, "any" alone).

    Raises
    ------
    SchemaError
        Unknown columns, counts that are negative or not whole.
    ObsError
        A cap that is not above 0, or not whole from 1; a rate that is not per a number above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators.survey import SurveyDesign, victimisation
    >>> table = pd.DataFrame({"w": 1.0, "theft": [0, 0, 3, 1], "threat": [0, 1, 0, 2]})
    >>> found = victimisation(SurveyDesign(table, weight="w"), ["theft", "threat"])
    >>> found.set_index(["variable", "level"]).loc["theft", "estimate"]
    level
    prevalence         0.5
    incidence       1000.0
    concentration      2.0
    repeat             0.5
    Name: estimate, dtype: float64
    """
    types = named_columns(design.table, counts)
    _refuse_reserved(types)
    _check_per(per)
    counted = {name: _whole_counts(design.table, name) for name in types}
    capped, caps = _capped(design, counted, cap)
    derived = _derive(counted, capped)
    wide = design.with_columns(derived)
    yes_no = [name for name in derived if name.endswith(("|prevalence", "|repeat", "|multiple"))]
    pairs = [(f"{name}|incidents", f"{name}|victims") for name in [*types, ANY]]
    parts = [
        _named(wide.share(yes_no, by, confidence=confidence)),
        _named(_scaled(wide.mean([top for top, _ in pairs], by, confidence=confidence), per)),
        _named(wide.ratio(pairs, by, confidence=confidence)),
    ]
    result = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate([*types, ANY])}
    measure = {name: place for place, name in enumerate(MEASURES)}
    ranked = result.assign(_v=result["variable"].map(order), _l=result["level"].map(measure))
    keys = [*as_list(by), "_v", "_l"]
    result = ranked.sort_values(keys, ignore_index=True).drop(columns=["_v", "_l"])
    return result.assign(cap=result["variable"].map(caps).astype(float))


def victimisation_rate(
    design: SurveyDesign,
    incidents: pd.DataFrame,
    *,
    key: str,
    kind: str | None = None,
    times: str | None = None,
    cap: int = SERIES_CAP,
    incident_weight: str | None = None,
    exposure: str | None = None,
    by: str | Sequence[str] | None = None,
    per: int = 1_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate victimisation rates that join an incident file to its respondents.

    The numerator is the weighted number of incidents, a series counting as often as it happened
    up to the cap; the denominator is the weighted number of respondents, those without an
    incident included.

    Parameters
    ----------
    design : SurveyDesign
        Respondents (or households) and design.
    incidents : DataFrame
        One row per incident or series. Not modified.
    key : str
        Column of both tables that identifies the respondent.
    kind : str, optional
        Column of ``incidents`` with the type; "any" counts them all.
    times : str, optional
        Column of ``incidents`` with how often a series happened; 1 when not given.
    cap : int
        Most incidents that one series counts for.
    incident_weight : str, optional
        Column of ``incidents`` with its own weight; the respondent's when not given.
    exposure : str, optional
        Column of the respondents to divide by (members of the household); ones when not given.
    by : str or sequence of str, optional
        Columns of the respondents.
    per : int
        The rate is given per this many.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    DataFrame
        The columns of every estimate, with ``n_incidents`` (rows of the incident file behind
        the value) and ``cap``; ``variable`` is the type or "any", ``level`` is "rate".

    Raises
    ------
    SchemaError
        Unknown columns; a key that is repeated among the respondents, or that incidents have
        and respondents do not; a series without a whole number of times; an exposure below 0.
    ObsError
        A cap that is not a whole number of 1 or more, a rate that is not per a number above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators.survey import SurveyDesign, victimisation_rate
    >>> homes = pd.DataFrame({"id": ["a", "b", "c", "d"], "w": [10.0, 10.0, 20.0, 10.0]})
    >>> incidents = pd.DataFrame({"id": ["a", "a", "c"], "times": [1, 40, 2]})
    >>> rates = victimisation_rate(
    ...     SurveyDesign(homes, weight="w"), incidents, key="id", times="times", per=100
    ... )
    >>> rates[["variable", "level", "n", "estimate", "n_incidents", "cap"]]
      variable level  n  estimate  n_incidents   cap
    0      any  rate  4     300.0            3  10.0
    """
    table = design.table
    check_columns(table, [key, *([exposure] if exposure else [])])
    _check_incidents(incidents, [key, kind, times, incident_weight])
    _check_per(per)
    row = _respondent_rows(table, incidents, key)
    amount = _amount(incidents, times, cap)
    if incident_weight is not None:
        amount = amount * _relative_weight(design, incidents, incident_weight, row)
    columns, members = _count_by_kind(len(table), incidents, kind, row, amount)
    top = {f"{name}|rate": values for name, values in columns.items()}
    base = {"|base": _exposure(table, exposure)} if exposure else {"|base": np.ones(len(table))}
    wide = design.with_columns(top | base)
    rates = _scaled(wide.ratio([(name, "|base") for name in top], by, confidence=confidence), per)
    rates = rates.assign(
        variable=rates["variable"].str.removesuffix("|rate/|base"),
        level=pd.array(["rate"] * len(rates), dtype="str"),
    )
    found = design.with_columns({f"{name}|rows": values for name, values in members.items()})
    return rates.assign(n_incidents=_rows_behind(found, list(members), by), cap=float(cap))


def _check_per(per: float) -> None:
    if isinstance(per, bool) or not isinstance(per, Real) or not 0 < per < np.inf:
        raise ObsError(f"A rate is per a number above 0 (1_000, say), not {per!r}.")


def _whole_counts(table: pd.DataFrame, name: str) -> np.ndarray:
    values = read_numbers(table, name)
    wrong = (values < 0) | (values % 1 != 0) & ~np.isnan(values)
    if wrong.any():
        raise SchemaError(f"Column {name!r} is not a count of incidents in {rows_text(wrong)}.")
    return values


def _exposure(table: pd.DataFrame, name: str) -> np.ndarray:
    values = read_numbers(table, name)
    if (values < 0).any():
        raise SchemaError(
            f"Column {name!r} (exposure) is below 0 in {rows_text(values < 0)}. Give members, or "
            "years, of 0 or more."
        )
    return values


def _capped(
    design: SurveyDesign, counts: dict[str, np.ndarray], cap: float | None
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    if cap is not None and (not 0 < cap < np.inf or (cap > 1 and cap % 1)):
        raise ObsError(f"A cap is a number of incidents, or a share below 1, not {cap}.")
    capped, caps = {}, {}
    for name, values in counts.items():
        limit = np.nan if cap is None else float(cap)
        if cap is not None and cap < 1:
            victims = np.where(values > 0, design.arrays.weight, 0.0)
            everyone = np.zeros(len(values), dtype=np.intp)
            limit = float(domain_quantiles(values, victims, everyone, np.array([cap]))[0])
        capped[name] = values if np.isnan(limit) else np.minimum(values, limit)
        caps[name] = limit
    return capped, caps


def _derive(counted: dict[str, np.ndarray], capped: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Columns of every measure; a respondent who is known to be a victim counts as one.

    The cap limits incidents alone: who was a victim twice was so under any cap.
    """
    stacked = np.stack(list(counted.values()))
    unknown = np.isnan(stacked)
    kinds = (np.nan_to_num(stacked) > 0).sum(axis=0)
    all_known = ~unknown.any(axis=0)
    total, limited = (
        np.where(all_known, np.nan_to_num(np.stack(list(counts.values()))).sum(axis=0), np.nan)
        for counts in (counted, capped)
    )
    victim = np.where((kinds == 0) & ~all_known, np.nan, kinds > 0)
    columns: dict[str, np.ndarray] = {}
    for name, values in counted.items():
        own = np.where(np.isnan(values), np.nan, values > 0)
        columns |= _measures_of(name, values, capped[name], own)
    columns |= _measures_of(ANY, total, limited, victim)
    known = all_known | (kinds > 1)
    columns[f"{ANY}|multiple"] = np.where((kinds > 0) & known, kinds > 1, np.nan)
    return columns


def _measures_of(
    name: str, count: np.ndarray, capped: np.ndarray, victim: np.ndarray
) -> dict[str, np.ndarray]:
    victims_only = np.where(count > 0, count > 1, np.nan)
    return {
        f"{name}|prevalence": victim,
        f"{name}|incidents": capped,
        f"{name}|victims": np.where(np.isnan(count), np.nan, count > 0),
        f"{name}|repeat": victims_only,
    }


def _named(result: pd.DataFrame) -> pd.DataFrame:
    """Split "type|measure" into variable and level."""
    parts = result["variable"].str.split("/").str[0].str.split("|")
    is_ratio = result["variable"].str.contains("/", regex=False)
    level = parts.str[1].where(~is_ratio, "concentration").replace("incidents", "incidence")
    return result.assign(variable=parts.str[0], level=level)


def _scaled(result: pd.DataFrame, per: int) -> pd.DataFrame:
    return result.assign(**{name: result[name] * per for name in ("estimate", "se", "low", "high")})


def _refuse_reserved(names: list[str]) -> None:
    wrong = [name for name in names if name == ANY or "|" in name or "/" in name]
    if wrong:
        raise SchemaError(f"Types cannot be called {wrong}: rename these columns.")


def _check_incidents(incidents: pd.DataFrame, names: list[str | None]) -> None:
    if not isinstance(incidents, pd.DataFrame):
        raise ObsError(f"Incidents must be a DataFrame, not {type(incidents).__name__}.")
    listed = list(incidents.columns)
    unknown = [name for name in names if name is not None and name not in listed]
    twice = sorted({str(name) for name in names if listed.count(name) > 1})
    if twice:
        raise SchemaError(
            f"The incident table has several columns called {', '.join(map(repr, twice))}. Rename "
            "or drop all but one."
        )
    if unknown:
        raise SchemaError(
            f"The incident table has no column {', '.join(map(repr, unknown))}. Its columns: "
            f"{', '.join(map(str, incidents.columns[:20]))}."
        )


def _respondent_rows(table: pd.DataFrame, incidents: pd.DataFrame, key: str) -> np.ndarray:
    """Row of the respondent of each incident."""
    repeated = table[key].duplicated(keep=False).to_numpy()
    if repeated.any():
        raise SchemaError(f"Column {key!r} repeats among the respondents in {rows_text(repeated)}.")
    row = pd.Index(table[key]).get_indexer(incidents[key])
    if (row < 0).any():
        raise SchemaError(
            f"The incident table has a {key!r} that no respondent has in {rows_text(row < 0)}. "
            f"Types: {incidents[key].dtype} there, {table[key].dtype} among the respondents."
        )
    return row


def _amount(incidents: pd.DataFrame, times: str | None, cap: int) -> np.ndarray:
    if not 1 <= cap < np.inf or cap % 1:
        raise ObsError(
            f"A series counts at least once: the cap is a whole number of 1 or more, not {cap}."
        )
    if times is None:
        return np.ones(len(incidents))
    values = read_numbers(incidents, times, of="the incident table")
    wrong = ~(values >= 1) | (values % 1 != 0)
    if wrong.any():
        raise SchemaError(
            f"Column {times!r} of the incident table is not a whole number of times (1 or more) in "
            f"{rows_text(wrong)}. Recode residue codes first."
        )
    return np.minimum(values, cap)


def _relative_weight(
    design: SurveyDesign, incidents: pd.DataFrame, name: str, row: np.ndarray
) -> np.ndarray:
    values, whole = (
        read_numbers(incidents, name, of="the incident table"),
        design.arrays.weight[row],
    )
    wrong = ~(values >= 0) | ((whole == 0) & (values > 0))
    if wrong.any():
        raise SchemaError(
            f"Column {name!r} of the incident table is not a weight of 0 or more, or belongs to a "
            f"respondent of weight 0, in {rows_text(wrong)}."
        )
    return np.divide(values, whole, out=np.zeros_like(values), where=whole > 0)


def _count_by_kind(
    n: int, incidents: pd.DataFrame, kind: str | None, row: np.ndarray, amount: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    counts, rows = {}, {}
    if kind is not None:
        codes, levels = code_column(incidents[kind])
        _refuse_reserved([str(level) for level in levels])
        for code, level in enumerate(levels):
            chosen = codes == code
            counts[str(level)] = np.bincount(row[chosen], weights=amount[chosen], minlength=n)
            rows[str(level)] = np.bincount(row[chosen], minlength=n).astype(float)
    counts[ANY] = np.bincount(row, weights=amount, minlength=n)
    rows[ANY] = np.bincount(row, minlength=n).astype(float)
    return counts, rows


def _rows_behind(
    design: SurveyDesign, names: list[str], by: str | Sequence[str] | None
) -> pd.api.extensions.ExtensionArray:
    keys, frame, _ = design.frame(by)
    used = frame.design.weight > 0
    table = design.table
    counts = [frame.by_domain(np.where(used, table[f"{name}|rows"], 0.0)) for name in names]
    return pd.array(np.stack(counts).T.ravel().astype(np.int64), dtype="Int64")
