"""A table made of a dated and an undated delivery has no day of extraction."""

import pandas as pd

from obs.indicators import compute
from obs.schemas import EVENTS


def events(**columns):
    rows = {"event_id": ["1", "2"], "event_date": pd.to_datetime(["2022-01-03", "2022-06-03"])}
    rows |= {"territory": ["21004", "21009"], "phenomenon": ["robbery"] * 2, "attempt": False}
    table = pd.DataFrame(rows | columns)
    return table.reindex(columns=[*EVENTS.columns]).assign(synthetic=True, source="police")


def test_facts_of_a_dated_and_an_undated_delivery_have_no_day():
    days = pd.to_datetime(["2023-01-31", None])
    told = compute("robbery", {"police": events(extracted=days)})
    assert told["extracted"].isna().all()
    both = pd.to_datetime(["2023-01-31", "2023-03-31"])
    told = compute("robbery", {"police": events(extracted=both)})
    assert set(told["extracted"]) == {pd.Timestamp("2023-03-31")}
