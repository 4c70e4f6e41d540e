"""Calendar regressors against the calendar itself."""

import holidays
import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.seasonal.calendar_effects import (
    calendar_regressors,
    easter_day,
    leap_year_factor,
    weekday_counts,
)

MONTHS = np.arange("2015-01", "2023-01", dtype="M8[M]")


def belgian():
    return np.array(sorted(holidays.country_holidays("BE", years=range(2001, 2029))), "M8[D]")


def test_weekdays_add_to_the_days_of_the_month():
    counts = weekday_counts(MONTHS, holidays=belgian())
    days = (MONTHS + 1).astype("M8[D]") - MONTHS.astype("M8[D]")
    np.testing.assert_array_equal(counts.sum(axis=1), days.astype(float))


def test_a_holiday_counts_as_a_sunday():
    may = np.array(["2024-05"], "M8[M]")
    counts = weekday_counts(may, holidays=np.array(["2024-05-01", "2024-05-09"], "M8[D]"))
    plain = weekday_counts(may)
    assert (counts - plain)[0].tolist() == [0, 0, -1, -1, 0, 0, 2]


def test_easter_is_that_of_the_almanac():
    from dateutil.easter import easter

    years = np.arange(1583, 4100)  # since the calendar of Gregory
    assert easter_day(years).astype(object).tolist() == [easter(int(y)) for y in years]


@pytest.mark.parametrize(("kind", "k"), [("working_days", 1), ("trading_days", 6), ("none", 0)])
def test_regressors_are_free_of_season(kind, k):
    cycle = np.arange("2001-01", "2029-01", dtype="M8[M]")
    x, names = calendar_regressors(cycle, kind=kind, holidays=belgian(), easter=6)
    assert len(names) == x.shape[1] == k + 1
    assert np.abs(x.reshape(28, 12, -1).mean(axis=0)).max() < 1e-9


def test_easter_shares_add_to_one_year():
    x, _ = calendar_regressors(MONTHS, kind="none", easter=8)
    assert x.reshape(8, 12).sum(axis=1) == pytest.approx(np.zeros(8), abs=1e-9)


def test_the_leap_day_is_arithmetic():
    factor = leap_year_factor(MONTHS)
    assert factor[1] == pytest.approx(28 / 28.25)
    assert factor[13] == pytest.approx(29 / 28.25)
    assert np.delete(factor, np.arange(1, 96, 12)) == pytest.approx(1)
    quarters = leap_year_factor(MONTHS[::3], step=3)
    assert quarters[4] == pytest.approx(91 / 90.25)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ObsError, match="unknown calendar"):
        calendar_regressors(MONTHS, kind="moon")
