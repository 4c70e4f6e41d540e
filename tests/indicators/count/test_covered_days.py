"""The days that a window covers, to the day."""

import pandas as pd
import pytest

from obs.errors import ObsError
from obs.indicators.count.covered_days import fit_in, make_window, periods_of_span

DAY = pd.Timestamp("2022-03-05")


def test_a_window_may_be_one_day():
    assert make_window(("2022-03-05", "2022-03-05"), None, None) == (DAY, DAY)
    assert periods_of_span(((DAY, DAY),), (DAY, DAY), "month")["days"].tolist() == [1]


def test_a_window_that_ends_a_day_before_it_starts_is_refused():
    with pytest.raises(ObsError, match=r"ends \(2022-03-04\) before it starts \(2022-03-05\)"):
        make_window(("2022-03-05", "2022-03-04"), None, None)


@pytest.mark.parametrize("given", [("2022-03-05", None), ("2022-03-05",), ("soon", "later"), 3])
def test_a_window_that_is_not_two_dates_is_refused(given):
    with pytest.raises(ObsError, match="coverage must be two dates, the first and the last day"):
        make_window(given, None, None)


def test_each_period_has_the_days_inside_the_window():
    window = (pd.Timestamp("2022-01-31"), pd.Timestamp("2022-03-01"))
    table = periods_of_span((window,), window, "month")
    assert table["period"].astype("str").tolist() == ["2022-01", "2022-02", "2022-03"]
    assert table["days"].tolist() == [1, 28, 1]
    assert table["full"].tolist() == [31, 28, 31]
    assert table["covered_from"].dt.strftime("%m-%d").tolist() == ["01-31", "02-01", "03-01"]
    assert table["covered_to"].dt.strftime("%m-%d").tolist() == ["01-31", "02-28", "03-01"]


def test_days_between_two_stretches_are_not_covered():
    days = [("2022-01-01", "2022-01-10"), ("2022-01-21", "2022-02-01")]
    stretches = [(pd.Timestamp(first), pd.Timestamp(last)) for first, last in days]
    table = periods_of_span(stretches, (stretches[0][0], stretches[1][1]), "month")
    assert table["days"].tolist() == [10 + 11, 1]
    assert table["covered_from"].dt.strftime("%m-%d").tolist() == ["01-01", "02-01"]
    assert table["covered_to"].dt.strftime("%m-%d").tolist() == ["01-31", "02-01"]


@pytest.mark.parametrize(
    ("delivered", "fitting"),
    [
        ("D", ["D", "W", "M", "Q", "Y"]),  # a day lies in all
        ("W", ["W"]),  # a week may lie in two months
        ("M", ["M", "Q", "Y"]),
        ("Q", ["Q", "Y"]),
        ("Y", ["Y"]),
    ],
)
def test_which_periods_lie_within_which(delivered, fitting):
    asked = [f for f in "WMQY" if fit_in(delivered, f)]
    assert asked == [f for f in fitting if f != "D"]
