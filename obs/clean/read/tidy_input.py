"""Check and count a table that is clean already, and return it unchanged."""

from __future__ import annotations

import pandas as pd

from obs.clean.cleaned import Cleaned, read_cleaned, tidy_schema, to_arrow_table
from obs.clean.delivered_rows import Source, paths_of
from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import Delivery, open_deliveries
from obs.errors import DeliveryError
from obs.schemas import REJECTED, REPORT, Schema, check_table, empty_table

__all__ = ["accept_tidy"]

_WHEN = ("event_date", "entry_date", "date", "period", "entry_period")


def accept_tidy(source: Source, profile: Profile) -> Cleaned:
    """Take a tidy table, or the file that `Cleaned.write` made of one, unchanged."""
    if isinstance(source, pd.DataFrame):
        return _accepted(source, profile, name="table", sha256=None)
    deliveries = open_deliveries(paths_of(source))
    if len(deliveries) > 1:
        raise DeliveryError("tidy tables are taken one by one; give one file.")
    one: Delivery = deliveries[0]
    return _accepted(read_cleaned(one.path), profile, name=one.name, sha256=one.sha256)


def _accepted(table: pd.DataFrame, profile: Profile, *, name: str, sha256: str | None) -> Cleaned:
    schema = tidy_schema([str(c) for c in table.columns], name)
    tidy = check_table(table, schema)
    if tidy.empty:
        raise DeliveryError(f"{name}: there is a header and no rows.")
    line = {
        "file": name,
        "profile": profile.name,
        "sha256": sha256,
        "extracted": tidy["extracted"].max() if "extracted" in tidy else pd.NaT,
        **_row_counts(len(tidy)),
        **_covered_days(tidy, schema),
        "synthetic": bool(tidy["synthetic"].any()) if "synthetic" in tidy else False,
        "identical": 0,
    }
    report = check_table(pd.DataFrame([line]), REPORT)
    report = report.assign(identical=report["identical"].astype("Int64"))
    return Cleaned(schema, empty_table(REJECTED), report, to_arrow_table(tidy))


def _row_counts(n: int) -> dict[str, int]:
    return {"read": n, "kept": n, "merged": 0, "rejected": 0}


def _covered_days(tidy: pd.DataFrame, schema: Schema) -> dict[str, object]:
    """Give the first and last day of what dates the rows, if anything does."""
    when = next(
        (c for c in _WHEN if c in schema.columns and c in tidy and tidy[c].notna().any()), ""
    )
    if not when:
        return {"covered_from": pd.NaT, "covered_to": pd.NaT}
    first, last = tidy[when].min(), tidy[when].max()
    if isinstance(first, pd.Period):
        first, last = first.start_time.normalize(), last.end_time.normalize()
    return {"covered_from": first, "covered_to": last}
