"""Days covered, joined, cut and taken out, at the very day on which each rule turns."""

import pandas as pd
import pytest

from obs.errors import ObsError
from obs.indicators.count.coverage_by_place import (
    CoveredDays,
    common_days,
    join_stretches,
    most_days,
    read_coverage,
    take_out,
)
from obs.indicators.count.covered_days import periods_of_span, time_grid
from obs.indicators.count.delivered_periods import cut_to_coverage
from obs.indicators.count.merged_units import flag_of_sum
from obs.reference import load_territory, make_territory


def day(text):
    return pd.Timestamp(text)


def window(first, last):
    return day(first), day(last)


YEAR = window("2022-01-01", "2022-12-31")
UNITS = pd.DataFrame(
    {
        "code": ["a", "b", "top"],
        "level": ["commune", "commune", "region"],
        "parent": ["top", "top", None],
        **{f"name_{lang}": ["A", "B", "All"] for lang in ("fr", "nl", "en")},
    }
)
PLACE = make_territory(UNITS, name="small", levels=("commune", "region"))


def test_a_grid_of_time_is_of_the_periods_touched():
    made = time_grid((window("2022-03-31", "2022-04-01"),), None, ["year", "month"])
    assert made["month"].astype(str).tolist() == ["2022-03", "2022-04"]
    assert made["days"].tolist() == [1, 1]
    assert made["full"].tolist() == [31, 30]
    seen = time_grid(
        (window("2022-03-31", "2022-04-01"),), window("2022-05-01", "2022-05-01"), ["month"]
    )
    assert seen["days"].tolist() == [1, 1, 0]
    whole = time_grid((window("2022-03-31", "2022-04-01"),), window("2022-05-01", "2022-05-01"), [])
    assert whole.to_dict("list") == {"days": [2], "full": [32]}
    assert time_grid((), None, ["month", "weekday"]).empty
    weekdays = time_grid((window("2022-01-03", "2022-01-09"),), None, ["weekday"])
    assert weekdays["weekday"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def joined(*rows, how="profile"):
    given = [(day(a), day(b), *(own or (how,))) for a, b, *own in rows]
    found = join_stretches(pd.DataFrame(given, columns=["start", "end", "how"]))
    return [(f"{a:%m-%d}", f"{b:%m-%d}") for a, b in found]


def test_declared_stretches_join_where_they_touch():
    assert joined(("2022-01-01", "2022-01-31"), ("2022-02-01", "2022-02-28")) == [
        ("01-01", "02-28")
    ]
    assert joined(("2022-01-01", "2022-01-30"), ("2022-02-01", "2022-02-28")) == [
        ("01-01", "01-30"),
        ("02-01", "02-28"),
    ]
    assert joined(("2022-01-01", "2022-03-31"), ("2022-02-01", "2022-02-28")) == [
        ("01-01", "03-31")
    ]


def test_assumed_stretches_join_across_less_than_a_month():
    loose = {"how": "assumed"}
    assert joined(("2022-01-01", "2022-01-02"), ("2022-02-27", "2022-02-28"), **loose) == [
        ("01-01", "02-28")
    ]
    assert len(joined(("2022-01-01", "2022-01-31"), ("2022-03-01", "2022-03-02"), **loose)) == 2
    mixed = [("2022-01-01", "2022-01-15", "profile"), ("2022-01-20", "2022-02-02", "assumed")]
    assert joined(*mixed) == [("01-01", "02-02")]
    assert joined(*mixed, ("2022-02-20", "2022-02-22", "profile")) == [("01-01", "02-22")]
    inside = [("2022-01-01", "2022-02-02", "profile"), ("2022-01-20", "2022-01-22", "assumed")]
    assert len(joined(*inside, ("2022-02-20", "2022-02-22", "profile"))) == 2


def test_days_in_both_and_days_taken_out():
    assert common_days((YEAR,), (window("2022-12-31", "2023-02-01"),)) == (
        window("2022-12-31", "2022-12-31"),
    )
    assert common_days((YEAR,), (window("2023-01-01", "2023-02-01"),)) == ()
    assert take_out((YEAR,), (window("2022-03-01", "2022-03-31"),)) == (
        window("2022-01-01", "2022-02-28"),
        window("2022-04-01", "2022-12-31"),
    )
    assert take_out((YEAR,), (YEAR,)) == ()
    assert take_out((YEAR,), (window("2021-01-01", "2022-01-01"),)) == (
        window("2022-01-02", "2022-12-31"),
    )
    assert take_out((YEAR,), (window("2022-12-31", "2023-01-01"),)) == (
        window("2022-01-01", "2022-12-30"),
    )


def test_a_whole_is_covered_as_its_best_part_and_lacks_where_another_has_fewer():
    span = window("2022-01-01", "2022-02-28")
    best = periods_of_span((span,), span, "month")
    less = periods_of_span((window("2022-01-01", "2022-02-27"),), span, "month")
    made = most_days([less, best])
    assert made["days"].tolist() == [31, 28]
    assert made["lacking"].tolist() == [False, True]
    assert made["covered_to"].iloc[1] == day("2022-02-28")
    assert most_days([less])["lacking"].tolist() == [False, False]


def test_the_span_is_that_of_every_place():
    assert CoveredDays((), {}).span is None
    apart = CoveredDays((window("2022-02-01", "2022-02-02"),), {"a": (YEAR,), "b": ()})
    assert apart.span == YEAR
    assert (apart.of("a"), apart.of("b"), apart.of("c")) == ((YEAR,), (), apart.common)


def coverage(*rows):
    table = pd.DataFrame(rows, columns=["source", "territory", "start", "end", "how", "delivery"])
    return table.assign(start=pd.to_datetime(table["start"]), end=pd.to_datetime(table["end"]))


def test_a_place_that_a_delivery_names_has_its_own_days():
    table = coverage(
        ("police", "all", "2022-01-01", "2022-12-31", "profile", "x"),
        ("police", "a", "2022-01-01", "2022-06-30", "profile", "x"),
    )
    days, named = read_coverage(table, PLACE)
    assert named == {"a"}
    assert days.common == (YEAR,)
    assert days.of("a") == (window("2022-01-01", "2022-06-30"),)
    other = read_coverage(table.assign(delivery=["y", "x"]), PLACE)[0]
    assert other.of("a") == (YEAR,)  # another delivery covers every place


def test_the_whole_names_every_place_and_a_level_its_members():
    table = coverage(("police", "top", "2022-01-01", "2022-12-31", "profile", "x"))
    days, named = read_coverage(table, PLACE)
    assert (named, days.common) == (frozenset(), (YEAR,))
    zone = load_territory("brussels")
    table = coverage(("police", "5339", "2022-01-01", "2022-12-31", "profile", "x"))
    assert read_coverage(table, zone)[1] == set(zone.members("5339"))
    assert read_coverage(None, PLACE) is None
    with pytest.raises(ObsError, match="the table COVERAGE has no row"):
        read_coverage(table.iloc[:0], PLACE)


def counts(*rows, source=None):
    table = pd.DataFrame(rows, columns=["territory", "numerator", "status"])
    table = table.assign(
        period=pd.Period("2022", freq="Y-DEC"), numerator=table["numerator"].astype("Int64")
    )
    return table if source is None else table.assign(source=source)


def test_counts_are_cut_by_the_days_of_their_place():
    table = counts(
        ("a", 5, "ok"),
        ("b", 6, "ok"),
        ("b", None, "missing"),
        ("b", None, "suppressed_source"),
        ("top", 11, "ok"),
    )
    declared = coverage(
        ("police", "a", "2022-01-01", "2022-12-31", "profile", "x"),
        ("police", "b", "2022-02-01", "2022-12-31", "profile", "x"),
    )
    made = cut_to_coverage(table, declared, PLACE)
    assert made["status"].tolist() == [
        *("ok", "provisional", "missing", "suppressed_source", "provisional")
    ]
    assert made["numerator"].dropna().tolist() == [5, 6, 11]
    assert made["covered_days"].tolist() == [365, 334, 334, 334, 334]
    assert made["first_covered"].iloc[4] == day("2022-02-01")
    early = cut_to_coverage(table, ("2020-01-01", "2021-12-31"), PLACE)
    assert early["status"].tolist() == [
        *("missing", "missing", "missing", "suppressed_source", "missing")
    ]
    assert early["numerator"].isna().all()
    assert cut_to_coverage(table, None, PLACE) is table
    assert cut_to_coverage(table.iloc[:0], declared, PLACE).empty


def test_counts_of_two_sources_are_cut_each_by_its_own_days():
    table = counts(("a", 5, "ok"), ("a", 7, "ok"), source=["one", "two"])
    declared = coverage(
        ("one", "all", "2022-01-01", "2022-12-31", "profile", "x"),
        ("two", "all", "2022-01-01", "2022-06-30", "profile", "y"),
    )
    made = cut_to_coverage(table, declared, PLACE)
    assert made["status"].tolist() == ["ok", "provisional"]
    assert made["covered_days"].tolist() == [365, 181]


def test_a_sum_of_denominators_is_observed_if_every_part_is():
    assert flag_of_sum(pd.Series(["observed", "observed"])) == "observed"
    assert flag_of_sum(pd.Series(["observed", "interpolated"])) == "interpolated"
