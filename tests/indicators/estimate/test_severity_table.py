"""The severity index from a table and from the catalogue, by hand; what it refuses."""

import pandas as pd
import pytest

import obs
from obs.errors import DisclosureError, ObsError, SchemaError
from obs.indicators import compute, weigh_severity
from obs.reference import load_severity_weights, make_territory
from obs.stats import poisson_interval

pytestmark = pytest.mark.slow

UNITS = pd.DataFrame(
    {
        "code": ["a", "b", "top"],
        "level": ["commune", "commune", "region"],
        "parent": ["top", "top", None],
        **{f"name_{lang}": ["A", "B", "All"] for lang in ("fr", "nl", "en")},
    }
)
PLACE = make_territory(UNITS, name="small", levels=("commune", "region"))
WEIGHTS = pd.DataFrame(
    {"phenomenon": ["theft", "assault"], "weight": [1.0, 10.0], "source": "test", "year": 2020}
)
COUNTS = [  # two communes of 1,000, thefts and assaults of two years
    ("a", "2021", "theft", 100),
    ("a", "2021", "assault", 10),
    ("b", "2021", "theft", 60),
    ("b", "2021", "assault", 14),
    ("a", "2022", "theft", 120),
    ("a", "2022", "assault", 30),
    ("b", "2022", "theft", 40),
    ("b", "2022", "assault", 6),
]


def counts(rows=COUNTS, **columns):
    table = pd.DataFrame(rows, columns=["territory", "period", "phenomenon", "numerator"])
    return table.assign(
        period=pd.PeriodIndex(table["period"], freq="Y"),
        numerator=table["numerator"].astype("Int64"),
        unit="fact",
        status="ok",
        population=1000.0,
        delivery="x.csv",
    ).assign(**columns)


def run(table=None, *, weights=WEIGHTS, base="2021", **options):
    given = counts() if table is None else table
    return compute(
        "severity_index", {"police": given}, territory=PLACE, weights=weights, base=base, **options
    )


def test_the_index_by_hand():
    """Base: (160 + 10*24)/2000 = 0.2 weighed facts a head is 100."""
    table = run()
    table = table.set_index(["territory", table["period"].astype(str)])
    hand = {
        ("top", "2021"): 100.0,
        ("a", "2021"): 100.0,  # 200/1000
        ("b", "2021"): 100.0,  # 200/1000
        ("a", "2022"): 210.0,  # 420/1000
        ("b", "2022"): 50.0,  # 100/1000
        ("top", "2022"): 130.0,  # 520/2000
    }
    for key, value in hand.items():
        assert table.loc[key, "value"] == pytest.approx(value)
    assert table.loc[("a", "2022"), "numerator"] == 150
    assert table.loc[("a", "2022"), "smallest_part"] == 30
    assert set(table["scale"]) == {"index_2021"}


def test_the_limits_are_dobsons_by_hand():
    row = run().query("territory == 'a'").iloc[1]
    low, high = poisson_interval(150)
    spread = (120 + 100 * 30) ** 0.5 / 150**0.5  # sqrt(V/O) of the weighed sum
    scale = 100 / (1000 * 0.2)
    assert float(row["low"]) == pytest.approx(scale * (420 + spread * (float(low) - 150)))
    assert float(row["high"]) == pytest.approx(scale * (420 + spread * (float(high) - 150)))


def test_events_give_the_same_index_as_their_counts():
    days = {"2021": "2021-01-01", "2022": "2022-12-31"}
    rows = [(t, days[y], p) for t, y, p, n in COUNTS for _ in range(n)]
    events = pd.DataFrame(rows, columns=["territory", "event_date", "phenomenon"])
    events = events.assign(event_date=pd.to_datetime(events["event_date"]), synthetic=True)
    events["phenomenon"] = events["phenomenon"].replace({"theft": "pickpocketing"})
    people = pd.DataFrame(
        {
            "kind": "population",
            "territory": ["a", "b"] * 2,
            "year": [2021, 2021, 2022, 2022],
            "exposure": 1000.0,
            "flag": "observed",
            "source": "test",
            "vintage": "2024",
        }
    )
    ours = run(events, exposure=people)
    assert ours["value"].astype(float).tolist() == pytest.approx(
        run()["value"].astype(float).tolist()
    )


def test_equal_weights_give_the_plain_rate_relative_to_the_base():
    equal = WEIGHTS.assign(weight=3.0)
    table = run(weights=equal).query("territory == 'top'")
    assert table["value"].astype(float).tolist() == pytest.approx([100.0, 100 * 196 / 184])


@pytest.mark.parametrize("factor", [0.01, 7.0])
def test_the_scale_of_the_weights_does_not_matter(factor):
    other = WEIGHTS.assign(weight=WEIGHTS["weight"] * factor)
    assert run(weights=other)["high"].astype(float).tolist() == pytest.approx(
        run()["high"].astype(float).tolist()
    )


def test_a_phenomenon_without_weight_is_refused():
    with pytest.raises(ObsError, match="have no weight: robbery"):
        run(
            counts([*COUNTS, ("a", "2021", "robbery", 3)]),
            weights=WEIGHTS.replace("theft", "burglary"),
        )
    with pytest.raises(ObsError, match="have no weight: damage"):
        run(counts([*COUNTS, ("a", "2021", "damage", 3)]))


def test_a_weight_of_zero_leaves_out_on_purpose():
    more = pd.concat([WEIGHTS, WEIGHTS.head(1).assign(phenomenon="damage", weight=0.0)])
    table = run(
        counts([*COUNTS, *[(t, y, "damage", 1) for t in "ab" for y in ("2021", "2022")]]),
        weights=more,
    )
    pd.testing.assert_series_equal(table["value"], run()["value"])
    assert table["smallest_part"].tolist() == run()["smallest_part"].tolist()


def test_double_counting_over_the_hierarchy_is_refused():
    both = pd.concat([WEIGHTS, WEIGHTS.head(1).assign(phenomenon="pickpocketing")])
    with pytest.raises(SchemaError, match="'theft' and pickpocketing within it both have a weight"):
        run(weights=both)


def test_two_units_are_refused():
    mixed = counts()
    mixed.loc[mixed["phenomenon"] == "assault", "unit"] = "victim"
    with pytest.raises(ObsError, match="2 units"):
        run(mixed)


def test_a_weighed_phenomenon_that_is_never_told_is_refused():
    more = pd.concat([WEIGHTS, WEIGHTS.head(1).assign(phenomenon="homicide")])
    with pytest.raises(ObsError, match="homicide have a weight and the source never tells"):
        run(weights=more)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": [-1.0, 1.0]}, "not a number of at least 0"),
        ({"weight": [float("nan"), 1.0]}, "not a number of at least 0"),
        ({"weight": [float("inf"), 1.0]}, "not a number of at least 0"),
        ({"weight": [0.0, 0.0]}, "no weight is above 0"),
        ({"phenomenon": ["theft", "theft"]}, "has a weight already"),
        ({"phenomenon": ["theft", "larceny"]}, "'larceny' is not a phenomenon"),
        ({"source": ["", "x"]}, "no source"),
        ({"year": [None, 2020]}, "no year"),
    ],
)
def test_faulty_weights_are_told(change, message):
    with pytest.raises(SchemaError, match=message):
        load_severity_weights(WEIGHTS.assign(**change))


def test_weights_are_read_from_a_file(tmp_path):
    path = tmp_path / "weights.csv"
    path.write_text(
        "phenomenon,weight,source,year\ntheft,1,test,2020\nassault,10,test,2020\n", encoding="utf-8"
    )
    pd.testing.assert_series_equal(run(weights=path)["value"], run()["value"])
    with pytest.raises(ObsError, match=r"no file called none\.csv"):
        load_severity_weights(tmp_path / "none.csv")


def test_a_number_sign_in_a_source_is_text_and_remarks_stand_first(tmp_path):
    path = tmp_path / "weights.csv"
    path.write_text(
        "# weights of 2020\n# in days\nphenomenon,weight,source,year\n"
        'theft,1,"decision #12, p. 3",2020\nassault,10,table #4,2020\n',
        encoding="utf-8-sig",
    )
    found = load_severity_weights(path)
    assert found["source"].tolist() == ["table #4", "decision #12, p. 3"]
    assert found["year"].tolist() == [2020, 2020]
    path.write_bytes(b"phenomenon,weight,source,year\ntheft,1,d\xe9cision,2020\n")
    with pytest.raises(ObsError, match=r"weights\.csv is not a CSV file in UTF-8"):
        load_severity_weights(path)


def test_a_base_year_without_figures_is_refused():
    with pytest.raises(ObsError, match="base year 2019 of 'top' has no known.*2021, 2022"):
        run(base=2019)


def test_an_index_asks_for_weights_and_years():
    with pytest.raises(ObsError, match="needs weights="):
        compute("severity_index", {"police": counts()}, territory=PLACE)
    with pytest.raises(ObsError, match="period='year'"):
        run(period="month")
    with pytest.raises(ObsError, match="only a severity index"):
        compute("theft", {"police": counts()}, territory=PLACE, weights=WEIGHTS)


def test_a_missing_count_leaves_the_index_unknown_and_few_facts_are_unreliable():
    table = counts()
    table.loc[0, ["numerator", "status"]] = [pd.NA, "missing"]
    made = run(table, base=2022).set_index("territory")
    assert made.loc["a", "status"].tolist() == ["missing", "ok"]
    assert made.loc["top", "status"].tolist() == ["missing", "ok"]
    few = weigh_severity(
        counts([("a", "2021", "theft", 3), ("a", "2021", "assault", 6)], denominator=10.0),
        weights=WEIGHTS,
        base=2021,
    )
    assert few[["status"]].to_numpy().tolist() == [["unreliable"]]
    assert few["value"].isna().all()


def test_without_a_reference_each_place_has_its_own_base():
    table = weigh_severity(counts(denominator=1000.0), weights=WEIGHTS, base=2022)
    own = table.set_index("territory")["value"].astype(float)
    assert own["a"].round(4).tolist() == [47.619, 100.0]
    assert own["b"].tolist() == [200.0, 100.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numerator": -1}, "'numerator' must hold whole counts"),
        ({"numerator": 2.5}, "'numerator' must hold whole counts"),
        ({"denominator": "many"}, "'denominator' must hold numbers"),
        ({"denominator": float("inf")}, "'denominator' must hold numbers"),
        ({"period": 2022}, "'period' must hold years"),
        ({"territory": "a", "period": pd.Period("2022", "Y"), "phenomenon": "theft"}, "twice"),
    ],
)
def test_parts_that_are_no_counts_are_told(change, message):
    with pytest.raises(SchemaError, match=message):
        weigh_severity(counts(denominator=1000.0).assign(**change), weights=WEIGHTS, base=2022)


def test_input_is_left_alone():
    table, before = counts(), counts()
    run(table)
    pd.testing.assert_frame_equal(table, before)


def test_the_index_is_withheld_where_a_phenomenon_is_rare():
    rows = [r if r != ("b", "2022", "assault", 6) else ("b", "2022", "assault", 3) for r in COUNTS]
    released = obs.release(run(counts(rows)), territory=PLACE).table
    told = released.set_index(["territory", released["period"].astype(str)])
    assert told.loc[("b", "2022"), "status"] == "suppressed_primary"
    assert pd.isna(told.loc[("a", "2022"), "value"])  # would give b's away, with the total
    assert told.loc[("top", "2022"), "value"] == pytest.approx(100 * (160 + 330) / 2000 / 0.2)
    assert "smallest_part" not in released


def test_the_index_is_withheld_with_a_hidden_part():
    """Another table hides a theft count of b: the index of b would give it away."""
    thefts = counts([r for r in COUNTS if r[2] == "theft"])
    few = thefts.assign(numerator=thefts["numerator"].where(thefts.index != 3, 2))
    rows = [
        (r.territory, str(r.period), "pickpocketing", int(r.numerator)) for r in few.itertuples()
    ]
    small = compute("pickpocketing", {"police": counts(rows)}, territory=PLACE)
    released = obs.release({"index": run(), "thefts": small}, territory=PLACE)
    told = released["index"].table
    year = told["period"].astype(str) == "2022"
    assert told.loc[year & (told["territory"] != "top"), "value"].isna().all()
    assert told.loc[~year, "value"].notna().all()


def test_an_index_that_does_not_tell_its_parts_is_refused():
    with pytest.raises(DisclosureError, match="smallest_part"):
        obs.release(run().drop(columns="smallest_part"), territory=PLACE)
