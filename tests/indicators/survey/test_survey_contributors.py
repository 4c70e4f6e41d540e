"""Who makes up a sum of losses, worked out by hand from the weights and amounts."""

import pandas as pd
import pytest

from obs.errors import SchemaError
from obs.indicators.survey import SurveyDesign, add_contributors, make_indicators
from obs.schemas import INDICATORS, check_table

SHOPS = pd.DataFrame(
    {
        "w": [1.0, 2.5, 1.0, 4.0, 1.0, 0.5, 3.0],
        "sector": ["trade", "trade", "trade", "food", "food", "care", "none"],
        "loss": [1000.0, 100.0, None, 50.0, 300.0, 40.0, 0.0],
    }
)
BY_HAND = {  # sector: amount, contributors, largest, second
    "trade": (1250, 2, 0.8, 0.08),  # 1000 + 2.5 x 100; one unit of 1000, one of 100
    "food": (500, 2, 0.6, 0.1),  # 300 + 4 x 50
    "care": (20, 1, 1.0, 0.0),  # half a unit of 40: never more than all of the sum
    "none": (0, 0, None, None),
}


@pytest.fixture
def design():
    return SurveyDesign(SHOPS, weight="w")


@pytest.mark.parametrize("ask", ["total", "mean"])
def test_by_hand(design, ask):
    estimates = getattr(design, ask)("loss", by="sector")
    before = estimates.copy()
    made = add_contributors(estimates, design, by="sector").set_index("sector")
    pd.testing.assert_frame_equal(estimates, before)
    for sector, (amount, count, first, second) in BY_HAND.items():
        row = made.loc[sector]
        assert (row["amount"], row["contributors"]) == (amount, count)
        if first is None:
            assert pd.isna(row["largest_share"])
        else:
            assert (row["largest_share"], row["second_share"]) == pytest.approx((first, second))


def test_a_weight_of_two_is_two_alike(design):
    shops = pd.DataFrame({"w": [2.0, 1.0], "loss": [100.0, 90.0]})
    two = SurveyDesign(shops, weight="w")
    made = add_contributors(two.total("loss"), two).iloc[0]
    assert made["largest_share"] == made["second_share"] == pytest.approx(100 / 290)


def test_parts_sum_to_their_total_in_whole_euros():
    """Three times 33.4 is 100.2: rounded part by part, 99 and not 100."""
    shops = pd.DataFrame({"w": [33.4] * 3, "loss": [1.0] * 3, "sector": ["a", "b", "c"]})
    design = SurveyDesign(shops, weight="w")
    parts = add_contributors(design.total("loss", by="sector"), design, by="sector")
    whole = add_contributors(design.total("loss"), design)
    assert parts["amount"].sum() == whole["amount"].iloc[0] == 99


def test_they_travel_in_the_indicator_table(design):
    made = make_indicators(
        add_contributors(design.total("loss", by="sector"), design, by="sector"),
        names={"loss": "losses"},
        period=pd.Period("2021"),
        unit="euro",
        territory="04000",
        level="region",
        scale="count",
        breakdowns=["sector"],
    )
    pd.testing.assert_frame_equal(check_table(made, INDICATORS), made)
    found = made.set_index("sector").loc["trade"]
    assert (found["numerator"], found["contributors"]) == (1250, 2)


def test_what_cannot_be_told_is_refused(design):
    with pytest.raises(SchemaError, match="no column 'sector'"):
        add_contributors(design.total("loss"), design, by="sector")
    with pytest.raises(SchemaError, match="domains that the design has not"):
        add_contributors(
            design.total("loss", by="sector").assign(sector="mines"), design, by="sector"
        )
    owing = SurveyDesign(SHOPS.assign(loss=-SHOPS["loss"]), weight="w")
    with pytest.raises(SchemaError, match="negative amounts"):
        add_contributors(owing.total("loss"), owing)
