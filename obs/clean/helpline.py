"""Clean helpline deliveries: one call per row, or a count per day and line.

On a day when a line did not answer there is no count. Opening hours, closed days and
interruptions are data of the profile; a blank or a 0 on such a day is not a zero.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd

from obs.clean.cleaned import Cleaned
from obs.clean.cleaning import Source, clean
from obs.clean.judge.duplicates import PLACE
from obs.clean.judge.row_shapes import CARRIED, Shape, origin, outcome, row_name
from obs.clean.profiles.profile import Line, Profile, profile_of
from obs.clean.read.tidy_input import accept_tidy
from obs.reference import holidays_in_period
from obs.schemas import CALL_DAYS, CALLS

__all__ = ["clean_helpline"]

_COLUMNS = ("line", "relation", "gender", "hour", "age_band", "aggressor_gender", "territory")
_TOPIC = "topic_"
Doubts = list[tuple[str, str, ir.BooleanValue]]


def clean_helpline(
    source: Source,
    *,
    profile: str | Path | Profile,
    extracted: str | dt.date | None = None,
    apart: bool = False,
) -> Cleaned:
    """Clean helpline deliveries into CALLS or CALL_DAYS.

    Parameters
    ----------
    source : str, Path, list of paths, or DataFrame
        Deliveries of one layout. Never changed. A DataFrame's cells are read as texts.
    profile : str, Path or Profile
        Name of a packaged profile (`list_profiles`), path of a TOML, or a Profile; its
        `lines` say when each line answers.
    extracted : str or date, optional
        Day of extraction ("2024-01-31") of every row, whatever the file and its name say.
    apart : bool
        Whether each file is given cleaned by itself as well (`Cleaned.deliveries`).

    Returns
    -------
    Cleaned
        `.table`, `.rejected`, `.flagged`, `.report`, `.write(directory)`, `.summary()`.
        Days without a row are not made up: they are not in the table.

    Raises
    ------
    DeliveryError
        If a file cannot be read as the profile says, or holds personal data.
    CatalogueError
        If the profile is faulty or is not of helpline deliveries.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.DataFrame({
    ...     "DATE": ["03/01/2020", "04/01/2020"], "LIGNE": ["1712", "1712"],
    ...     "OUVERT": ["O", "N"], "APPELS": ["0", "0"]})
    >>> cleaned = clean_helpline(days, profile="obs_sample_call_days")
    >>> cleaned.table[["date", "line", "n", "status", "reason"]]
            date  line     n          status  reason
    0 2020-01-03  1712     0            zero     NaN
    1 2020-01-04  1712  <NA>  not_applicable  closed
    """
    loaded = profile_of("helpline", profile)
    if loaded.shape == "tidy":
        return accept_tidy(source, loaded)
    shape = _CALLS if loaded.shape == "calls" else _DAYS
    return clean(source, loaded, shape=shape, extracted=extracted, apart=apart)


def _arrange_calls(rows: ir.Table, profile: Profile) -> ir.Table:
    rows, call_id = row_name(_with_state(rows, profile), profile, "call_id")
    columns = {name: outcome(rows, name) for name in _COLUMNS}
    columns |= {
        "call_id": call_id,
        "date": rows.to_date.cast("timestamp(6)"),
        "n": ibis.literal(1, "int64"),
        "topic": _topic(rows, profile),
        "state": rows.state,
    }
    return rows.select(*CARRIED, **columns, **origin(rows))


def _topic(rows: ir.Table, profile: Profile) -> ir.StringValue:
    """Give the topic told, or the codes of the yes-or-no columns joined by "+"."""
    several = [t for t in profile.targets if t.startswith(_TOPIC)]
    if not several:
        return outcome(rows, "topic")
    codes = [
        ibis.ifelse(rows[f"to_{t}"], f"+{t.removeprefix(_TOPIC)}", "").fill_null("")
        for t in several
    ]
    return ibis.literal("").join(codes).substr(1).nullif("")


def _arrange_days(rows: ir.Table, profile: Profile) -> ir.Table:
    rows = _with_state(rows, profile)
    shut = ibis.ifelse(outcome(rows, "open").cast("boolean") == False, "closed", None)  # noqa: E712
    reason = ibis.coalesce(rows.state, shut)
    counted = rows.to_numerator.fill_null(0) > 0
    silent = reason.notnull() & ~counted
    known = ibis.ifelse(silent, None, rows.to_numerator)
    columns = {
        "date": rows.to_date.cast("timestamp(6)"),
        "line": rows.to_line,
        "n": known,
        "status": ibis.ifelse(silent, "not_applicable", rows.to_status),
        "reason": ibis.cases((silent, reason), (known.isnull(), "not_told")),
        "hours": ibis.ifelse(silent, 0.0, rows.hours),
        "state": ibis.ifelse(counted, reason, None),
    }
    return rows.select(*CARRIED, **columns, **origin(rows))


def _with_state(rows: ir.Table, profile: Profile) -> ir.Table:
    """Add `state`, why the line did not answer that day, if so, and its `hours` when open."""
    pairs = rows.select(line="to_line", date="to_date").distinct()
    days = pairs.filter(pairs.date.notnull() & pairs.line.notnull()).execute()
    days = days.sort_values(["line", "date"], ignore_index=True)
    parts = [_states(own, profile.lines.get(name)) for name, own in days.groupby("line")]
    known = pd.concat(parts) if parts else _states(days, None)
    schema = {"day_line": "string", "day": "date", "state": "string", "hours": "float64"}
    small = ibis.memtable(known.reset_index(drop=True), schema=ibis.schema(schema))
    joined = rows.left_join(small, [rows.to_line == small.day_line, rows.to_date == small.day])
    return joined.drop("day_line", "day")


def _states(days: pd.DataFrame, line: Line | None) -> pd.DataFrame:
    made = pd.DataFrame({"day_line": days["line"], "day": days["date"]})
    if line is None:
        return made.assign(state=pd.Series(None, index=made.index, dtype="object"), hours=None)
    dates = pd.PeriodIndex(pd.to_datetime(days["date"]), freq="D")
    closed = pd.Series(dates.day_of_week.isin(line.closed_weekdays), index=made.index)
    if line.holidays:
        closed |= holidays_in_period(dates, country=line.holidays).to_numpy() > 0
    state = pd.Series(None, index=made.index, dtype="object").mask(closed, "closed")
    for one in line.interruptions:
        inside = (dates >= pd.Period(one.first, "D")) & (dates <= pd.Period(one.last, "D"))
        state = state.mask(pd.Series(inside, index=made.index), one.reason)
    return made.assign(state=state, hours=float(line.hours[1] - line.hours[0]))


def _doubt(rows: ir.Table, profile: Profile) -> Doubts:
    return [("date", "future_date", rows.to_date > rows.extracted)]


def _remark(kept: ir.Table, profile: Profile) -> ir.Table:
    noted = ibis.cases((kept.state.notnull(), "date|count_on_closed_day"))
    return kept.select(*PLACE, noted=noted)


_CALLS = Shape(
    schema=CALLS,
    key=("call_id",),
    content=("date", "topic", *_COLUMNS),
    required=("call_id", "date", "line"),
    arrange=_arrange_calls,
    doubt=_doubt,
    when="date",
    remark=_remark,
)
_DAYS = Shape(
    schema=CALL_DAYS,
    key=("date", "line"),
    content=("n", "status"),
    required=("date", "line"),
    arrange=_arrange_days,
    doubt=_doubt,
    when="date",
    remark=_remark,
)
