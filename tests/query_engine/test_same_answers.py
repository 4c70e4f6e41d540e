"""Spark and DuckDB give the same tables: types, order, missing states, and refusals word by word."""

import datetime as dt
import tempfile
from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from obs.clean import clean_police
from obs.errors import ObsError
from obs.indicators import compute, count_events, nowcast_events, open_events
from obs.query_engine.open_engine import DUCKDB
from obs.reference import Merger, load_territory, make_territory

BRUSSELS = load_territory()
BYS = (
    *(["territory", "year"], ["month", "form"], ["week"], ["weekday", "hour"]),
    *(["hour_band", "relation"], ["quarter", "victim_sex"]),
    *(["attempt", "event_hour"], ["event_date"], []),
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


CHEAP = ("count by month and form of pv", "vif_couple_share by quarter")


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


@pytest.mark.proof
def test_every_way_of_asking_gives_the_same(spark):
    ours, theirs = (ways_of(open_events(facts(300), engine=engine)) for engine in (spark, DUCKDB))
    for name, way in ours.items():
        assert_same(asked(way), asked(theirs[name]))


@pytest.mark.proof
def test_merged_units_and_vague_dates_are_the_same(spark):
    made = facts(200).assign(
        territory=np.random.default_rng(2).choice(["A", "B", "N", "S"], 200),
        date_precision=np.random.default_rng(3).choice(["day", "month", "year", None], 200),
    )
    ours, theirs = (ways_of(open_events(made, engine=e), LAND) for e in (spark, DUCKDB))
    for name in ("count by territory and year of fact", "vif_pv by year", "theft by week"):
        assert_same(asked(ours[name]), asked(theirs[name]))


@pytest.mark.proof
@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_files_whatever_their_unit_of_time_are_the_same(spark, tmp_path, unit):
    """A microsecond before midnight, before and after 1970, stays on its day."""
    made = facts(80)
    edges = pd.to_datetime(made["event_date"]).dt.normalize().astype(f"datetime64[{unit}]")
    before = edges if unit == "s" else edges - pd.Timedelta(1, "us")
    made = made.assign(event_date=before, place=pd.Series([None] * 80, dtype="str"))
    for part, rows in made.groupby("phenomenon"):
        (tmp_path / f"part={part}").mkdir()
        rows.to_parquet(tmp_path / f"part={part}" / "facts.parquet", index=False)
    ours, theirs = (ways_of(open_events(tmp_path, engine=engine)) for engine in (spark, DUCKDB))
    for name in ("count by territory and year of fact", "count by week of fact", "vif_pv by month"):
        assert_same(asked(ours[name]), asked(theirs[name]))


@pytest.mark.proof
def test_a_table_that_is_counted_in_python_may_lie_on_spark(spark):
    days = pd.date_range("2022-01-01", "2022-03-31", unit="us")
    told = {"line": ["EVC"] * len(days), "n": [*range(len(days))], "status": ["ok"] * len(days)}
    told["reason"] = pa.nulls(len(days), pa.string())
    calls = pa.table({"date": days, "hours": [16.0] * len(days), **told})
    ours, theirs = (
        compute("helpline_calls", {"helpline": engine.hold(calls)}, period="month")
        for engine in (spark, DUCKDB)
    )
    assert_same(ours, theirs)
    assert ours["numerator"].max() == sum(range(59, 90))  # those of March


DAYS = ["01/01/2022", "02/01/2022", "29/02/2024", "31/12/2022", "31/02/2022", "15/03/1969", ""]
CELLS = {
    "NUM_FAIT": [f"F{n}" for n in range(30)],
    "NUM_PV": [f"BR.17.LA.{n:06}/2022" for n in range(12)] + [""],
    "DATE_FAIT": DAYS,
    "HEURE_FAIT": ["00:00", "05:59", "23:59", "25:00", ""],
    "DATE_PV": ["03/01/2022", "15/04/2022", ""],
    "COMMUNE": ["Ixelles", "Anderlecht", "Laeken", "Atlantis", ""],
    "CODE_FAIT": ["VOL-HAB", "VOL-ETAL", "COUPS", "VIOL", "DIFF-FAM", "ZZZ"],
    "TENTATIVE": ["O", "N", "?", ""],
    "FORME_VIF": ["P", "S", "Y", ""],
    "RELATION_VIF": ["C", "D", "A", ""],
    "LIEU": ["domicile", "Voie publique", "lune", ""],
    "SEXE_VICTIME": ["F", "M", ""],
    "AGE_VICTIME": ["7", "34", "x", ""],
    "SEXE_SUSPECT": [""],
    "AGE_SUSPECT": ["", "80"],
    "VERSION": ["1", "2"],
    "DATE_EXTRACTION": ["01/03/2024"],
    "SYNTH": ["OUI"],
}
DELIVERED = st.lists(
    st.tuples(*(st.sampled_from(cells) for cells in CELLS.values())), min_size=1, max_size=40
)
NAMES = tuple(ways_of(None))


def cleaned(rows, folder):
    """Write rows as a supplier would, and clean them: the table, the rejected rows, the report."""
    path = Path(folder) / "police_2022_20240301.csv"
    lines = [";".join(CELLS), *(";".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = clean_police([path], profile="obs_sample")
    return made.table, made.rejected, made.report


@pytest.mark.proof
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=DELIVERED, names=st.lists(st.sampled_from(NAMES), min_size=3, max_size=3, unique=True))
def test_random_deliveries_give_the_same_tables_rejects_and_reports(spark, rows, names):
    told = []
    for engine in (spark, DUCKDB):
        with tempfile.TemporaryDirectory() as folder:
            made = asked(partial(cleaned, rows, folder))
            if isinstance(made, str):
                told.append([made])
                continue
            ways = ways_of(open_events(made[0], engine=engine))
            told.append([*made, *(asked(ways[name]) for name in names)])
    assert len(told[0]) == len(told[1])
    for ours, theirs in zip(*told, strict=True):
        assert_same(ours, theirs)


NEAR_MIDNIGHT = {
    "1965-12-31T23:59:59.999999999": "1965-12-31",
    "1966-01-01T00:00:00.000000000": "1966-01-01",
    "1968-02-29T23:59:59.999999500": "1968-02-29",
    "1969-12-31T00:00:00.000000001": "1969-12-31",
    "1970-01-01T00:00:00.000000000": "1970-01-01",
    "2023-12-31T23:59:59.999999999": "2023-12-31",
    "2024-02-29T23:59:59.999999499": "2024-02-29",
}


def a_named_engine(name, request):
    return DUCKDB if name == "duckdb" else request.getfixturevalue("spark")


ENGINES = ["duckdb", pytest.param("spark", marks=pytest.mark.slow)]


@pytest.mark.parametrize("named", ENGINES)
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_time_just_before_midnight_is_of_the_day_that_ends(named, unit, request, tmp_path):
    engine = a_named_engine(named, request)
    times = np.array([*NEAR_MIDNIGHT], dtype="datetime64[ns]").astype(f"datetime64[{unit}]")
    facts = pa.table({"territory": ["21004"] * len(times), "event_date": times})
    pq.write_table(facts, tmp_path / "facts.parquet")
    for way in (tmp_path / "facts.parquet", facts.to_pandas()):
        made = count_events(open_events(way, engine=engine), by=["month"])
        often = made[made["numerator"] > 0].set_index("month")["numerator"]
        told = {str(month): int(n) for month, n in often.items()}
        assert told == Counter(day[:7] for day in NEAR_MIDNIGHT.values())


@pytest.mark.parametrize("named", ENGINES)
def test_files_of_a_folder_must_have_the_same_columns(named, request, tmp_path):
    engine = a_named_engine(named, request)
    for name, column in (("a", "form"), ("b", "place")):
        pq.write_table(
            pa.table({"territory": ["21004"], column: ["x"]}), tmp_path / f"{name}.parquet"
        )
    with pytest.raises(
        ObsError, match="b.parquet and a.parquet differ in column.s. form, place; all"
    ):
        open_events(tmp_path, engine=engine)
    pq.write_table(pa.table({"territory": [21004], "form": ["x"]}), tmp_path / "b.parquet")
    with pytest.raises(ObsError, match="differ in column.s. territory; all files of a folder"):
        open_events(tmp_path, engine=engine)
    (tmp_path / "b.parquet").write_text("no table")
    with pytest.raises(ObsError, match="is not a readable Apache Parquet file of events"):
        open_events(tmp_path, engine=engine)
