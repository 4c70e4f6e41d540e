"""Counts of events: hand-made tables, full grids, absence inside and outside coverage."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obs.errors import ObsError, SchemaError
from obs.indicators import count_events
from obs.indicators.count.event_days import last_days


def make_events(*rows, **columns):
    table = pd.DataFrame(rows, columns=["event_date", "territory", "phenomenon"])
    return table.assign(
        event_id=[f"e{i}" for i in range(len(table))],
        event_date=pd.to_datetime(table["event_date"]).astype("datetime64[us]"),
        **columns,
    ).astype({"territory": "str", "phenomenon": "str"})


FOUR = make_events(
    ("2022-01-01", "21001", "robbery"),
    ("2022-12-31", "21001", "robbery"),
    ("2023-03-05", "21004", "bicycle_theft"),
    ("2023-06-30", "21004", "robbery"),
)


def cell(counts, **key):
    rows = counts.loc[(counts[list(key)].astype(str) == pd.Series(key)).all(axis=1)]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.slow
def test_the_grid_is_full_and_absent_is_zero_only_where_covered():
    counts = count_events(FOUR)
    assert len(counts) == 19 * 2
    assert cell(counts, territory="21001", year="2022")["numerator"] == 2
    empty = cell(counts, territory="21009", year="2022")
    assert (empty["numerator"], empty["status"], empty["days"]) == (0, "zero", 365)


def test_a_year_covered_in_part_is_provisional_whatever_its_count():
    counts = count_events(FOUR)
    part = counts.loc[counts["year"].astype(str) == "2023"]
    assert set(part["status"]) == {"provisional"}
    assert set(part["days"]) == {181}  # to 30 June


def test_declared_coverage_makes_later_periods_missing_and_earlier_ones_complete():
    counts = count_events(FOUR, coverage=("2021-01-01", "2022-12-31"))
    assert cell(counts, territory="21009", year="2021")["status"] == "zero"
    outside = cell(counts, territory="21009", year="2023")
    assert outside["status"] == "missing"
    assert pd.isna(outside["numerator"])
    assert cell(counts, territory="21004", year="2023")["status"] == "provisional"


def test_with_several_sources_only_the_days_that_all_cover_count():
    events = FOUR.assign(source=["police", "police", "other", "other"])
    counts = count_events(events)
    assert set(counts["status"]) == {"missing", "provisional"}
    assert counts["numerator"].sum() == 4


def test_where_keeps_codes_and_a_missing_value_never_matches():
    events = FOUR.assign(attempt=pd.array([True, False, None, True], dtype="boolean"))
    attempts = count_events(events, by=("territory",), where={"attempt": True})
    assert attempts["numerator"].sum() == 2
    both = count_events(events, by=(), where={"attempt": ["true"], "phenomenon": ["robbery"]})
    assert both["numerator"].tolist() == [2]


def test_missing_answers_are_counted_as_unknown_never_dropped():
    events = FOUR.assign(place=["street", None, "street", None])
    counts = count_events(events, by=("place",))
    assert counts[["place", "numerator"]].to_numpy().tolist() == [["street", 2], ["unknown", 2]]


def test_reports_are_counted_once_per_cell():
    events = FOUR.assign(report_id=["a", "a", "b", "b"])
    assert count_events(events, by=(), unit="pv")["numerator"].tolist() == [2]
    by_phenomenon = count_events(events, by=("phenomenon",), unit="pv")
    assert by_phenomenon["numerator"].tolist() == [1, 2]


@pytest.mark.slow
def test_quarters_months_weekdays_and_hours_make_their_own_grids():
    events = FOUR.assign(event_hour=pd.array([0, 23, None, 7], dtype="Int64"))
    assert len(count_events(events, by=("month",))) == 18
    assert len(count_events(events, by=("quarter",))) == 6
    weekdays = count_events(events, by=("weekday",))
    assert weekdays["weekday"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert weekdays["days"].sum() == 365 + 181
    assert cell(weekdays, weekday="6")["numerator"] == 2  # two Saturdays
    hours = count_events(events, by=("hour",))
    assert len(hours) == 25
    assert hours["hour"].isna().sum() == 1
    bands = count_events(events, by=("hour_band",))
    assert dict(zip(bands["hour_band"], bands["numerator"], strict=True)) == {
        "afternoon": 0,
        "evening": 1,
        "morning": 1,
        "night": 1,
        "unknown": 1,
    }


def test_a_source_that_never_tells_hours_has_no_zero_hours():
    events = FOUR.assign(event_hour=pd.array([None] * 4, dtype="Int64"))
    assert count_events(events, by=("hour_band",))["hour_band"].tolist() == ["unknown"]
    assert count_events(events, by=("hour",))["hour"].isna().tolist() == [True]


def test_codes_of_another_territory_make_their_own_grid():
    events = FOUR.assign(territory=["31", "32", "32", "32"])
    counts = count_events(events, by=("territory",))
    assert counts["territory"].tolist() == ["31", "32"]


@pytest.mark.slow
def test_a_file_and_a_frame_give_the_same(tmp_path):
    FOUR.to_parquet(tmp_path / "events.parquet")
    for source in (tmp_path / "events.parquet", str(tmp_path / "events.parquet"), tmp_path):
        pd.testing.assert_frame_equal(count_events(source), count_events(FOUR))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"territory": ["21001", None, "21001", "21001"]}, r"1 row\(s\) have no territory"),
        ({"event_date": pd.to_datetime(["2022-01-01", None, None, "2022-01-02"])}, r"2 row\(s\)"),
        ({"event_id": ["a", "a", "b", "c"]}, "repeat an event_id"),
    ],
)
def test_events_that_cannot_be_counted_are_refused(change, message):
    with pytest.raises(SchemaError, match=message):
        count_events(FOUR.assign(**change))


@pytest.mark.slow
def test_faulty_calls_say_what_is_wrong(tmp_path):
    with pytest.raises(SchemaError, match="column.* street absent"):
        count_events(FOUR, by=("street",))
    with pytest.raises(SchemaError, match="report_id absent"):
        count_events(FOUR, unit="pv")
    with pytest.raises(SchemaError, match=r"2 row\(s\) have no report_id"):
        count_events(FOUR.assign(report_id=["a", None, "b", None]), unit="pv")
    with pytest.raises(ObsError, match="unit 'victim'"):
        count_events(FOUR, unit="victim")
    with pytest.raises(ObsError, match="none of numerator"):
        count_events(FOUR, by=("territory", "days"))
    with pytest.raises(ObsError, match="ends .* before it starts"):
        count_events(FOUR, coverage=("2023-01-01", "2022-01-01"))
    with pytest.raises(ObsError, match="two dates"):
        count_events(FOUR, coverage=("2023-01-01",))
    with pytest.raises(ObsError, match="allow true or false"):
        count_events(
            FOUR.assign(attempt=pd.array([True] * 4, dtype="boolean")), where={"attempt": "maybe"}
        )
    with pytest.raises(ObsError, match="there is no Apache Parquet"):
        count_events(tmp_path / "none.parquet")
    (tmp_path / "bad.parquet").write_text("not parquet")
    with pytest.raises(ObsError, match="bad.parquet is not a readable"):
        count_events(tmp_path / "bad.parquet")


def test_no_event_at_all_gives_no_period_and_no_zero():
    counts = count_events(FOUR.iloc[:0])
    assert counts.empty
    assert counts.columns.tolist() == ["territory", "year", "numerator", "status", "unit", "days"]
    declared = count_events(FOUR.iloc[:0], coverage=("2022-01-01", "2022-12-31"))
    assert set(declared["status"]) == {"zero"}


codes = st.sampled_from(["21001", "21004", "21019"])
kinds = st.sampled_from(["robbery", "bicycle_theft"])
dates = st.dates(pd.Timestamp("2021-01-01").date(), pd.Timestamp("2023-12-31").date())


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(dates, codes, kinds), min_size=1, max_size=40))
def test_parts_sum_to_the_whole_in_any_order_and_the_input_is_untouched(rows):
    events = make_events(*rows)
    before = events.copy(deep=True)
    counts = count_events(events, by=("territory", "month"))
    pd.testing.assert_frame_equal(events, before)
    assert counts["numerator"].sum() == len(rows)
    assert count_events(events, by=("phenomenon",))["numerator"].sum() == len(rows)
    shuffled = events.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(count_events(shuffled, by=("territory", "month")), counts)


def test_a_code_that_is_not_of_the_territory_joins_the_grid_of_zeros():
    events = FOUR.assign(territory=["21001", "99999", "21004", "21004"])
    counts = count_events(events, by=("territory",))
    assert len(counts) == 20
    assert cell(counts, territory="99999")["numerator"] == 1
    assert cell(counts, territory="21009")["status"] == "zero"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"phenomenon": "robery"}, "no code 'robery'. Did you mean 'robbery'"),
        ({"phenomenon": ["robbery", "bycicle_theft"]}, "Did you mean 'bicycle_theft'"),
        ({"territory": "21099"}, "column 'territory' has no code '21099'"),
        ({"territory": "5340"}, "column 'territory' has no code '5340'"),  # a zone: no base unit
        ({"form": "phisical"}, "Did you mean 'physical'"),
        ({"form": "all"}, "column 'form' has no code 'all'"),
        ({"offence": "cambriolage"}, "no code 'cambriolage'.* Codes: 11, 12"),
        ({"phenomenum": "robbery"}, "phenomenum absent.* Did you mean 'phenomenon'"),
        ({"attempt": "perhaps"}, "allow true or false"),
        ({"event_hour": "seven"}, "'event_hour' holds numbers"),
        ({"event_hour": 25}, "no code '25'"),
        ({"phenomenon": []}, "allows no code at all"),
        ({"phenomenon": None}, "takes a code or several, not a NoneType"),
        ([("phenomenon", "robbery")], "where must be a mapping"),
    ],
)
def test_a_filter_that_can_match_nothing_is_refused_with_the_nearest(where, said):
    events = FOUR.assign(
        form=["physical"] * 4,
        offence=["11", "12", "11", "11"],
        attempt=[True, False, True, False],
        event_hour=[1, 2, 3, 4],
    )
    with pytest.raises(ObsError, match=said):
        count_events(events, where=where)


@pytest.mark.slow
def test_a_known_code_without_a_fact_is_zero():
    """A code of the codelist that no fact has: covered, counted, none."""
    for where in ({"phenomenon": "pickpocketing"}, {"territory": "21019"}):
        counts = count_events(FOUR, where=where)
        assert counts["numerator"].sum() == 0
        assert set(counts["status"]) == {"zero", "provisional"}
    hours = FOUR.assign(event_hour=[1, 2, 3, 4])
    assert count_events(hours, by=(), where={"event_hour": [23]})["numerator"].tolist() == [0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"territory": [21001, 21001, 21004, 21004]}, "'territory' must hold text .* 04000"),
        ({"territory": [21001.0] * 4}, "'territory' must hold text"),
        ({"phenomenon": [1, 2, 3, 4]}, "'phenomenon' must hold text"),
        ({"event_date": pd.period_range("2022-01-01", periods=4)}, "'event_date' must hold date"),
        ({"event_date": ["01/02/2022"] * 4}, "such as 2024-03-31"),
        ({"event_date": pd.date_range("2022-01-01", periods=4, tz="UTC")}, "without time zone"),
        ({"event_hour": ["one"] * 4}, "'event_hour' must hold count"),
        ({"attempt": ["perhaps"] * 4}, "'attempt' must hold flag"),
    ],
)
def test_columns_of_another_type_are_refused_in_words(change, said):
    with pytest.raises(SchemaError, match=said):
        count_events(FOUR.assign(**change))


@pytest.mark.parametrize("kind", ["object", "string", "string[pyarrow]", "category"])
def test_codes_and_dates_of_any_kind_of_text_give_the_same(kind):
    other = FOUR.astype({"territory": kind, "phenomenon": kind})
    other["event_date"] = FOUR["event_date"].dt.strftime("%Y-%m-%d").astype(kind)
    options = {"by": ("territory", "year", "phenomenon"), "where": {"phenomenon": "robbery"}}
    pd.testing.assert_frame_equal(count_events(other, **options), count_events(FOUR, **options))


def test_a_file_whose_codes_are_numbers_is_refused(tmp_path):
    FOUR.assign(territory=[21001, 21001, 21004, 21004]).to_parquet(tmp_path / "numbers.parquet")
    with pytest.raises(SchemaError, match="'territory' must hold text values and is int64"):
        count_events(tmp_path / "numbers.parquet")
    FOUR.assign(event_date="2022-01-01").to_parquet(tmp_path / "texts.parquet")
    with pytest.raises(SchemaError, match="'event_date' must hold date values and is string"):
        count_events(tmp_path / "texts.parquet")


@pytest.mark.parametrize("events", [None, 3, [1, 2], {"territory": ["21001"]}, pd.Series([1])])
def test_what_is_no_table_of_events_is_refused(events):
    with pytest.raises(SchemaError, match="EVENTS: a DataFrame, the path"):
        count_events(events)


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("teritory", "Did you mean 'territory'"),
        (("territory", "yaer"), "Did you mean 'year'"),
        (None, "by must be a column or a list"),
        ((1, 2), "by must be a column or a list"),
    ],
)
def test_a_misspelt_column_of_the_grid_is_refused_with_the_nearest(by, said):
    with pytest.raises(ObsError, match=said):
        count_events(FOUR, by=by)


def test_the_last_day_of_a_date_known_to_its_month_or_year():
    days = pd.to_datetime(["2024-02-01", "2024-01-01", "2024-03-05", "2023-12-01", None])
    found = last_days(days, ["month", "year", "day", "month", "year"])
    told = ["2024-02-29", "2024-12-31", "2024-03-05", "2023-12-31", "NaT"]
    assert found.astype(str).tolist() == told
    assert last_days(days).astype(str).tolist()[:2] == ["2024-02-01", "2024-01-01"]
