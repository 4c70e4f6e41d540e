"""Doors other than a count: each statistic is made of cells of the system, or it is refused."""

import numpy as np
import pandas as pd
import pytest

import obs
from obs.disclosure import audit, release
from obs.errors import DisclosureError, ObsError
from obs.report.figures.data_file import csv_text
from tests.disclosure.small_town import BASE, ZONES, dress, entry, make_town, status, whole

TOWN = make_town()
COUNTS = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}
ENTRIES = {"theft": entry()}
NEIGHBOURS = pd.DataFrame(
    [(a, b) for members in ZONES.values() for a in members for b in members if a != b],
    columns=["territory", "neighbour"],
)


def table():
    return whole(COUNTS).assign(level=lambda t: t["territory"].map(TOWN.level_of))


def let_out(frame, **given):
    return release(frame, territory=TOWN, catalogue=ENTRIES, **given)


def as_value(frame, column):
    """Pass a statistic off as the value of a row, as an analyst in a hurry might."""
    kept = [c for c in table().columns if c in frame]
    return frame.assign(value=frame[column].astype("Float64"))[kept]


def smoothed():
    return obs.smooth_rates(
        table(), towards="neighbours", neighbours=NEIGHBOURS, territory=TOWN
    ), "smoothed"


def drawn_to():
    return obs.smooth_rates(table(), territory=TOWN), "drawn_to"


def funnel_limit():
    return obs.funnel(table(), territory=TOWN), None


def rank():
    return obs.rank_places(table(), territory=TOWN), None


@pytest.mark.slow
@pytest.mark.parametrize("made", [smoothed, drawn_to, funnel_limit, rank])
def test_a_statistic_of_several_places_is_refused_as_it_is_and_as_a_value(made):
    frame, column = made()
    with pytest.raises(DisclosureError, match="neither of its schema nor a breakdown"):
        let_out(frame)
    extra = [c for c in frame if c not in table() and pd.api.types.is_numeric_dtype(frame[c])]
    for name in [column] if column else extra:
        frame[name] = frame[name].astype("Float64")
        if frame[name].notna().any():
            with pytest.raises(DisclosureError, match="value is not the count"):
                let_out(as_value(frame, name))


def test_a_mean_of_withheld_counts_is_refused():
    """(3 + 40) / 2 in the row of the zone, or in that of any other place."""
    for place in ("Z1", "E"):
        frame = table()
        frame.loc[frame["territory"] == place, "value"] = 21.5
        with pytest.raises(DisclosureError, match="value is not the count"):
            let_out(frame)


def test_a_standardised_rate_is_refused():
    """It is a sum over ages with known weights: six decimals of it tell the small counts."""
    rng = np.random.default_rng(5)
    ages = pd.DataFrame(
        [(t, a, n, 1_000 * (a + 1)) for t in BASE for a, n in enumerate(rng.poisson(9, 3))],
        columns=["territory", "age", "numerator", "denominator"],
    )
    standard = pd.Series([3_000, 2_000, 1_000], index=pd.Index([0, 1, 2], name="age"))
    rates = obs.standardise(
        ages.astype({"numerator": "Int64", "denominator": "Float64"}),
        by=["territory"],
        strata=["age"],
        standard=standard,
    )
    counts = ages.groupby("territory")["numerator"].sum()
    frame = dress(counts.reset_index(), indicator="theft", period="2022")
    frame["value"] = rates.set_index("territory")["value"].reindex(frame["territory"]).to_numpy()
    assert frame["value"].notna().any()
    with pytest.raises(DisclosureError, match="value is not the count"):
        let_out(frame.astype({"value": "Float64"}))


@pytest.mark.slow
def test_a_seasonal_series_and_an_interruption_are_no_tables_to_release():
    months = pd.period_range("2018-01", periods=72, freq="M")
    series = pd.Series(np.random.default_rng(3).poisson(60, 72), index=months)
    with pytest.raises((DisclosureError, ObsError, TypeError, AttributeError)):
        let_out(obs.seasonal_adjust(series))
    with pytest.raises(DisclosureError):
        let_out(obs.seasonal_adjust(series).table.reset_index())


def test_n_cannot_carry_another_count():
    frame = table()
    frame.loc[frame["territory"] == "B", "n"] = 3
    with pytest.raises(DisclosureError, match="n is neither the numerator nor"):
        let_out(frame)


def worlds():
    """Two towns that differ in withheld counts alone: A and C trade a fact, in both years."""
    for moved in (0, 1):
        now = {**COUNTS, "A": 3 + moved, "C": 30 - moved}
        then = {**COUNTS, "A": 2 + moved, "C": 33 - moved}
        years = pd.concat([whole(now, period="2022"), whole(then, period="2021")])
        years["level"] = years["territory"].map(TOWN.level_of)
        years = years.reset_index(drop=True)
        trends = obs.compare_periods(years, base="2021", territory=TOWN)
        daily = whole(now, scale="per_day", period="2022").assign(days=365, denominator=365.0)
        daily["value"] = (daily["numerator"] / 365).astype("Float64")
        tables = {"years": years, "trends": trends, "daily": daily}
        yield tables, let_out(tables)


@pytest.mark.slow
def test_two_towns_that_differ_in_what_is_withheld_give_the_same_release():
    """The data files too: verdict, method, p value, interval, grade, order of rows."""
    (one, first), (two, second) = worlds()
    assert not one["years"].equals(two["years"])
    assert {"A", "C", "Z1", "Z2"} <= {t for t, s in status(first["years"]).items() if s != "ok"}
    for name in first.names:
        pd.testing.assert_frame_equal(first[name].table, second[name].table)
        assert csv_text(first[name]) == csv_text(second[name])
    pd.testing.assert_frame_equal(first.actions, second.actions)
    assert audit(first)["safe"].all()
