"""Counts of events: hand-made tables, full grids, absence inside and outside coverage."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obs.errors import ObsError, SchemaError
from obs.indicators import count_events


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
