"""A table that is clean already: checked, counted and given back as it is."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from obs.clean.cleaned import Cleaned, read_cleaned, tidy_schema
from obs.clean.cleaning import Source, paths_of
from obs.clean.door import Delivery, open_deliveries
from obs.clean.engine import Folder
from obs.clean.profile import Profile
from obs.errors import DeliveryError
from obs.schemas import EVENTS, REJECTED, REPORT, Schema, check_table, empty_table

__all__ = ["accept_tidy"]


def accept_tidy(source: Source, profile: Profile) -> Cleaned:
    """Take a tidy table, or the file that `Cleaned.write` made of one, unchanged."""
    if isinstance(source, pd.DataFrame):
        return _accepted(source, profile, name="table", sha256=None)
    deliveries = open_deliveries(paths_of(source), format=profile.file.format)
    if len(deliveries) > 1:
        raise DeliveryError("tidy tables are taken one by one; give one file.")
    one: Delivery = deliveries[0]
    return _accepted(read_cleaned(one.path), profile, name=one.name, sha256=one.sha256)


def _accepted(table: pd.DataFrame, profile: Profile, *, name: str, sha256: str | None) -> Cleaned:
    schema = tidy_schema([str(c) for c in table.columns], name)
    tidy = check_table(table, schema)
    if tidy.empty:
        raise DeliveryError(f"{name}: there is a header and no rows.")
    folder = Folder()
    _write(tidy, folder)
    line = {
        "file": name,
        "profile": profile.name,
        "sha256": sha256,
        "extracted": tidy["extracted"].max() if "extracted" in tidy else pd.NaT,
        **_counted(len(tidy)),
        **_covered(tidy, schema),
        "synthetic": bool(tidy["synthetic"].any()) if "synthetic" in tidy else False,
        "identical": 0,
    }
    report = check_table(pd.DataFrame([line]), REPORT)
    report = report.assign(identical=report["identical"].astype("Int64"))
    return Cleaned(schema, empty_table(REJECTED), report, folder)


def _counted(n: int) -> dict[str, int]:
    return {"read": n, "kept": n, "merged": 0, "rejected": 0}


def _covered(tidy: pd.DataFrame, schema: Schema) -> dict[str, object]:
    if schema is EVENTS:
        first, last = tidy["event_date"].min(), tidy["event_date"].max()
    else:
        first, last = (
            tidy["period"].min().start_time.normalize(),
            tidy["period"].max().end_time.normalize(),
        )
    return {"covered_from": first, "covered_to": last}


def _write(tidy: pd.DataFrame, folder: Folder) -> None:
    periods = {n: tidy[n].astype("str") for n in tidy if isinstance(tidy[n].dtype, pd.PeriodDtype)}
    arrow = pa.Table.from_pandas(tidy.assign(**periods), preserve_index=False)
    pq.write_table(arrow.replace_schema_metadata(), folder.path / "table.parquet")
