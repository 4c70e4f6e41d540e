"""What may come back of a comparison of released rows, column by column: by hand."""

import pandas as pd
import pytest

from obs.disclosure.released_comparisons import REVEALING, check_comparison, need_comparison
from obs.errors import DisclosureError
from obs.trends import rank_places
from tests.disclosure.small_town import whole

FLOATS = dict.fromkeys(("value", "low", "high"), "Float64")


def released():
    """A of five places is withheld."""
    table = whole({"A": 3, "B": 40, "C": 30}).assign(form="all", note="seen")
    first = table["territory"] == "A"
    table.loc[first, ["numerator", "n", "value", "low", "high"]] = pd.NA
    return table.assign(status=table["status"].mask(first, "suppressed_primary")).astype(FLOATS)


def checked(change=lambda t: t):
    return check_comparison("t", released(), change(released()))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t,
        lambda t: t.head(2),
        lambda t: t.iloc[::-1],
        lambda t: t.drop(columns="note"),
        lambda t: t.assign(
            note="another"
        ),  # of no schema: what a column of its own says is its own
        lambda t: t.assign(peer="zone", centre=1.0, tau2=0.1, no_result="withheld"),
        lambda t: t.assign(rank_low=pd.array([None, *[1] * 5], "Int64")),
        lambda t: t.assign(verdict="not comparable"),
    ],
)
def test_rows_and_figures_that_were_released_may_come_back(change):
    assert set(checked(change)["territory"]) <= set(released()["territory"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.assign(secret=1), r"column\(s\) secret are of no schema"),
        (
            lambda t: t.assign(territory=t["territory"] + "x"),
            "rows came back that 't' does not have",
        ),
        (lambda t: t.assign(form="sexual"), "rows came back that 't' does not have"),
        (lambda t: t.drop(columns="form"), "rows came back that 't' does not have"),
        (lambda t: t.assign(value=0.5), "value is not as it was released in 't'"),
        (lambda t: t.assign(low=t["low"].fillna(0.1)), "low is not as it was released in 't'"),
        (lambda t: t.assign(high=pd.NA).astype(FLOATS), "high is not as it was released in 't'"),
        (lambda t: t.assign(status="ok"), "status is not as it was released in 't'"),
        (lambda t: t.assign(value=0.5, low=0.1), "value, low is not as it was released"),
        (lambda t: t.assign(rank_low=1), "withheld rows came back with rank_low"),
        (lambda t: t.assign(verdict="above"), "withheld rows came back with verdict"),
        (lambda t: t.assign(p_value=0.5, ratio=1.0), "withheld rows came back with"),
        (lambda t: None, "what 't' gave is no comparison"),
        (lambda t: t.drop(columns="status"), "what 't' gave is no comparison"),
    ],
)
def test_anything_else_is_refused(change, said):
    with pytest.raises(DisclosureError, match=said):
        checked(change)


def test_what_is_public_reveals_nothing():
    assert not {"peer", "centre", "tau2", "no_result", "ambient_exposure"} & set(REVEALING)
    assert {"rank_low", "rank_high", "ratio", "p_value", "verdict", "position"} <= set(REVEALING)


def test_only_what_is_of_the_room_of_trends_compares():
    need_comparison(rank_places)
    for other in (lambda t: t, "rank_places", None):
        with pytest.raises(DisclosureError, match="is no comparison of obs.trends"):
            need_comparison(other)
