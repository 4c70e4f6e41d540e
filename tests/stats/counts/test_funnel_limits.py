import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from obs.errors import ObsError
from obs.stats.counts.funnel_limits import funnel_limits, share_limits


@pytest.mark.parametrize(("sigma", "confidence"), [("2s", 0.95), ("3s", 0.998)])
def test_limits_agree_with_the_published_workbook(shared, sigma, confidence):
    book = pd.read_csv(shared / "cases" / "funnel_limits_rate" / "workbook_limits.csv")
    per_person_years = 3 * book["baseline"] / 1e5
    for side, pick in (("lower", 0), ("upper", 1)):
        expected = book[f"{side}_{sigma}_population_1_year"] * per_person_years
        limit = funnel_limits(expected, confidence=confidence)[pick]
        np.testing.assert_allclose(limit, book["Events"], rtol=1e-4)  # the workbook uses Byar


@given(st.floats(0, 5000), st.sampled_from([0.9, 0.95, 0.998]))
def test_a_count_is_outside_exactly_when_its_tail_is_thin(expected, confidence):
    lower, upper = funnel_limits([expected], confidence=confidence)
    tail = (1 - confidence) / 2
    for count in {0, int(lower[0]), int(lower[0]) + 1, int(upper[0]), int(upper[0]) + 1}:
        below = poisson.cdf(count, expected)
        above = poisson.sf(count - 1, expected)
        if abs(below - tail) > 1e-9:
            assert (count < lower[0]) == (below < tail)
        if abs(above - tail) > 1e-9 and count > 0:
            assert (count > upper[0]) == (above < tail)


@pytest.mark.parametrize("bad", [-1.0, np.inf])
def test_an_impossible_expectation_is_refused_and_an_unknown_one_has_no_limits(bad):
    with pytest.raises(ObsError, match="at least 0 and finite"):
        funnel_limits([bad])
    with pytest.raises(ObsError, match="at least 0 and finite"):
        share_limits([bad], 0.3)
    for limits in (funnel_limits([np.nan, 20.0]), share_limits([np.nan, 20.0], 0.3)):
        assert [np.isnan(side).tolist() for side in limits] == [[True, False]] * 2


def test_a_share_near_its_end_has_the_mirrored_limits_of_the_rest():
    """Of 5 with 99.9 %, even one missing is rarer than 2.5 %: the line ends by its chance."""
    lower, upper = share_limits([5], 0.999)
    assert lower[0] == pytest.approx((5 - (1 - 0.999**5) / 0.025) / 5)
    assert upper[0] == 1
    for size, share in [(5, 0.999), (5, 0.9), (40, 0.97), (500, 0.8)]:
        low, high = (side[0] for side in share_limits([size], share))
        of_the_rest = [side[0] for side in share_limits([size], 1 - share)]
        assert [1 - high, 1 - low] == pytest.approx(of_the_rest, abs=1e-9)


def test_confidence_is_a_proportion():
    with pytest.raises(ObsError, match="between 0 and 1"):
        funnel_limits([1.0], confidence=95)
