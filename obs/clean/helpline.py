"""Clean helpline deliveries: one call per row, or a count per day and line.

On a day when a line did not answer there is no count. Opening hours, closed days and
interruptions are data of the profile; a blank or a 0 on such a day is not a zero.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from obs.clean.cleaned import Cleaned
from obs.clean.cleaning import clean
from obs.clean.coded_columns import Coded, encode_list, flags, group_rows, is_missing, whole_numbers
from obs.clean.delivered_rows import Source
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.row_shapes import Doubt, Shape, Table, after, origin, row_name
from obs.clean.profiles.profile import Line, Profile
from obs.clean.profiles.profile_files import profile_of
from obs.clean.read.tidy_input import accept_tidy
from obs.reference import holidays_in_period
from obs.schemas import CALL_DAYS, CALLS

__all__ = ["clean_helpline"]

_COLUMNS = ("line", "relation", "gender", "hour", "age_band", "aggressor_gender", "territory")
_TOPIC = "topic_"


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
    loaded = profile_of("helpline", profile, source)
    if loaded.shape == "tidy":
        return accept_tidy(source, loaded)
    shape = _CALLS if loaded.shape == "calls" else _DAYS
    return clean(source, loaded, shape=shape, extracted=extracted, apart=apart)


def _arrange_calls(rows: Rows, profile: Profile) -> Table:
    state, _ = _day_states(rows, profile)
    columns: Table = {name: rows.outcome(name) for name in _COLUMNS}
    columns |= {
        "call_id": row_name(rows, profile, "call_id"),
        "date": rows.to["date"],
        "n": whole_numbers(np.ones(len(rows))),
        "topic": _topic(rows, profile),
        "state": state,
    }
    return columns | origin(rows)


def _topic(rows: Rows, profile: Profile) -> Coded:
    """Give the topic told, or the codes of the yes-or-no columns joined by "+"."""
    several = [t for t in profile.targets if t.startswith(_TOPIC)]
    if not several:
        return rows.outcome_texts("topic")
    yes = np.column_stack([flags(rows.to[t]).fillna(value=False) for t in several])
    kinds, which = np.unique(yes, axis=0, return_inverse=True)
    codes = [t.removeprefix(_TOPIC) for t in several]
    joined = ["+".join(c for c, one in zip(codes, kind, strict=True) if one) for kind in kinds]
    coded = encode_list(joined)
    return Coded(coded.texts, coded.codes[which.ravel()])


def _arrange_days(rows: Rows, profile: Profile) -> Table:
    state, hours = _day_states(rows, profile)
    shut = ~flags(rows.outcome("open")).fillna(value=True).to_numpy(dtype=bool)
    reason = state.to_series()
    reason = reason.mask(reason.isna() & shut, "closed")
    number = whole_numbers(rows.to["numerator"])
    counted = number.fillna(0).to_numpy(dtype="int64") > 0
    silent = reason.notna().to_numpy() & ~counted
    known = pd.Series(number).mask(silent)
    why = reason.where(silent).mask(~silent & known.isna().to_numpy(), "not_told")
    status = rows.to["status"]
    assert isinstance(status, Coded)  # noqa: S101 (statuses are texts)
    return {
        "date": rows.to["date"],
        "line": rows.to["line"],
        "n": known.array,
        "status": encode_list(_listed(status.to_series().mask(silent, "not_applicable"))),
        "reason": encode_list(_listed(why)),
        "hours": pd.array(np.where(silent, 0.0, hours), dtype="Float64"),
        "state": encode_list(_listed(reason.where(counted))),
        **origin(rows),
    }


def _listed(texts: pd.Series) -> list[str | None]:
    return [None if pd.isna(text) else text for text in texts]


def _day_states(rows: Rows, profile: Profile) -> tuple[Coded, np.ndarray]:
    """Give why the line of each row did not answer that day, if so, and its hours when open."""
    line = rows.outcome_texts("line")
    group = group_rows([line, rows.to["date"]])
    _, first = np.unique(group, return_index=True)
    days = pd.DataFrame(
        {
            "line": Coded(line.texts, line.codes[first]).to_series(),
            "date": np.asarray(rows.to["date"])[first].astype("datetime64[s]"),
        }
    )
    known = days.dropna()
    parts = [_states(own, profile.lines.get(str(name))) for name, own in known.groupby("line")]
    states = pd.concat(parts).reindex(days.index) if parts else _states(days, None)
    told = encode_list(_listed(states["state"]))
    hours = states["hours"].to_numpy(dtype="float64", na_value=np.nan)
    return Coded(told.texts, told.codes[group]), hours[group]


def _states(days: pd.DataFrame, line: Line | None) -> pd.DataFrame:
    made = pd.DataFrame(index=days.index)
    if line is None:
        return made.assign(state=pd.Series(None, index=made.index, dtype="object"), hours=np.nan)
    dates = pd.PeriodIndex(pd.to_datetime(days["date"]), freq="D")
    closed = pd.Series(dates.day_of_week.isin(line.closed_weekdays), index=made.index)
    if line.holidays:
        closed |= holidays_in_period(dates, country=line.holidays).to_numpy() > 0
    state = pd.Series(None, index=made.index, dtype="object").mask(closed, "closed")
    for one in line.interruptions:
        inside = (dates >= pd.Period(one.first, "D")) & (dates <= pd.Period(one.last, "D"))
        state = state.mask(pd.Series(inside, index=made.index), one.reason)
    return made.assign(state=state, hours=float(line.hours[1] - line.hours[0]))


def _doubt(rows: Rows, profile: Profile) -> list[Doubt]:
    return [("date", "future_date", after(rows.outcome("date"), rows.limit))]


def _remark(kept: Table, profile: Profile) -> list[Doubt]:
    return [("date", "count_on_closed_day", ~is_missing(kept["state"]))]


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
    number="n",
)
