"""Spark and DuckDB give the same tables: types, order, missing states, and refusals word by word."""

import datetime as dt
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from obs.errors import ObsError
from obs.indicators import compute, count_events, nowcast_events, open_events
from obs.query_engine.open_engine import DUCKDB
from obs.reference import Merger, load_territory, make_territory

BRUSSELS = load_territory()
BYS = (
    *(["territory", "year"], ["month", "form"], ["week"], ["weekday", "hour"]),
    *(["hour_band", "relation"], ["quarter", "victim_sex"]),
)
IDS = ("vif_pv", "burglary_attempt_share", "theft", "vif_couple_share", "theft_per_day")
WEIGHTS = pd.DataFrame(
    {
        "phenomenon": ["theft", "assault", "rape"],
        "weight": [1.5, 7.0, 30.0],
        "source": "x",
        "year": 2020,
    }
)
UNITS = pd.DataFrame(
    {"code": ["N", "S", "T"], "level": ["commune", "commune", "region"], "parent": ["T", "T", None]}
).assign(name_fr=["Nord", "Sud", "Terre"], name_nl="x", name_en="x")
LAND = replace(
    make_territory(UNITS, name="land", levels=("commune", "region")),
    mergers=(Merger("N", "Nord", dt.date(2023, 1, 1), {"A": "Alba", "B": "Borra"}, "decree"),),
)


def asked(make):
    """Give the table that is made, or the words that refuse it."""
    try:
        return make()
    except ObsError as fault:
        return f"{type(fault).__name__}: {fault}"


def assert_same(ours, theirs):
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
    else:
        assert_frame_equal(ours, theirs, check_exact=True)


CHEAP = ("count by month and form of pv", "vif_couple_share by quarter", "misspelt", "completeness")


def ways_of(table, place=BRUSSELS):
    """Give every way of asking a table of EVENTS, by name."""
    counted = {"coverage": ("2022-01-01", "2023-12-31"), "territory": place}
    computed = {"territory": place}
    ways = {
        f"count by {' and '.join(by)} of {unit}": partial(
            count_events, table, by=by, unit=unit, **(computed if "year" in by else counted)
        )
        for by, unit in product(BYS, ["fact", "pv"])
    }
    for one, period in product(IDS, ["year", "quarter", "month", "week"]):
        ways[f"{one} by {period}"] = partial(
            compute, one, {"police": table}, period=period, **computed
        )
    ways["broken down"] = partial(
        compute, "vif_total", {"police": table}, breakdown=("form", "relation"), **computed
    )
    ways["severity"] = partial(
        compute, "severity_index", {"police": table}, weights=WEIGHTS, base=2022, **computed
    )
    allowed = {"attempt": False, "form": ["physical", "sexual"]}
    ways["where"] = partial(count_events, table, by=["attempt", "place"], where=allowed)
    ways["misspelt"] = partial(count_events, table, where={"form": "phisical"})
    ways["completeness"] = partial(nowcast_events, table, deliveries=DELIVERIES, delays=3)
    return ways


DELIVERIES = pd.DataFrame(
    {
        "extracted": [pd.Timestamp("2023-06-30")],
        "covered_from": pd.Timestamp("2022-01-01"),
        "covered_to": pd.Timestamp("2023-06-30"),
    }
)


def facts(rows=60, seed=1):
    """Facts on both sides of 1970, of a leap day and of a year's end, with all kinds of missing."""
    rng = np.random.default_rng(seed)
    days = ["1969-12-29", "1969-12-31", "1970-01-01", "2022-01-02", "2022-01-03", "2022-12-31"]
    days += ["2023-01-01", "2024-02-29", "1904-02-29", "2022-06-15"]
    kinds = ["burglary_dwelling", "shoplifting", "assault", "rape", "theft"]
    relations = ["couple", "none", "family", "descendant", None]
    table = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(rows)],
            "report_id": [f"p{i // 3}" for i in range(rows)],
            "event_date": pd.to_datetime(rng.choice(days, rows)) + pd.Timedelta("23:30:00"),
            "territory": rng.choice(["21004", "21009", "21001"], rows),
            "phenomenon": rng.choice(kinds, rows),
            "form": rng.choice(["physical", "sexual", None], rows),
            "relation": rng.choice(relations, rows),
            "attempt": pd.array(rng.choice([True, False, None], rows), dtype="boolean"),
            "event_hour": pd.array(rng.choice([0, 5, 6, 23, None], rows), dtype="Int64"),
            "place": None,
            "source": "police",
            "synthetic": True,
            "extracted": pd.Timestamp("2024-03-01"),
        }
    )
    return table.assign(
        report_date=table["event_date"] + pd.to_timedelta(rng.integers(0, 90, rows), "D")
    )


@pytest.mark.slow
def test_both_engines_give_the_same_tables(spark):
    """The cheap one of every run; `make proof` draws deliveries."""
    ours, theirs = (ways_of(open_events(facts(), engine=engine)) for engine in (spark, DUCKDB))
    for name in CHEAP:
        assert_same(asked(ours[name]), asked(theirs[name]))
