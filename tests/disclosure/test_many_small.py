"""341 areas x 12 months x 12 offences of which a third are 1: refused, with what would do."""

import re

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import audit, propose_remedies, release
from obs.errors import DisclosureError
from obs.reference import make_territory
from tests.disclosure.small_town import dress, entry, make_town, whole

AREAS, OFFENCES = 341, 12
ENTRIES = {"theft": entry()}


@pytest.fixture(scope="module")
def city():
    areas = [f"a{i:03d}" for i in range(AREAS)]
    units = pd.DataFrame({"code": [*areas, "T"]}, dtype="str")
    units = units.assign(level=["area"] * AREAS + ["city"], parent=["T"] * AREAS + [None])
    for lang in ("fr", "nl", "en"):
        units[f"name_{lang}"] = units["code"]
    return make_territory(units, name="city", levels=("area", "city"))


@pytest.fixture(scope="module")
def counts():
    drawn = np.random.default_rng(1).choice(
        [0, 1, 8], p=[0.4, 1 / 3, 0.6 - 1 / 3], size=(AREAS, 12, 12)
    )
    index = pd.MultiIndex.from_product(
        [
            [f"a{i:03d}" for i in range(AREAS)],
            [f"2022-{m:02d}" for m in range(1, 13)],
            [f"o{i:02d}" for i in range(OFFENCES)],
        ],
        names=["territory", "period", "place"],
    )
    return pd.Series(drawn.ravel(), index=index, name="numerator").reset_index()


def whole_of(leaves, freq):
    """Add the totals over areas and offences, and dress it as INDICATORS."""
    parts = [leaves, leaves.assign(territory="T"), leaves.assign(place="all")]
    parts.append(leaves.assign(territory="T", place="all"))
    keys = ["territory", "period", "place"]
    table = pd.concat(parts).groupby(keys, as_index=False)["numerator"].sum()
    periods = pd.PeriodIndex(table["period"], freq=freq)
    dressed = dress(table.drop(columns="period"), indicator="theft", period="2022")
    return dressed.assign(period=periods)


@pytest.fixture(scope="module")
def tables(counts):
    years = counts.assign(period="2022")
    return {"months": whole_of(counts, "M"), "year": whole_of(years, "Y")}


@pytest.mark.slow
def test_it_is_refused_before_any_program_with_remedies_that_count(
    city, tables, counts, solver_runs
):
    with pytest.raises(DisclosureError) as caught:
        release(tables, territory=city, catalogue=ENTRIES)
    assert solver_runs == []
    message = str(caught.value)
    ones = int((counts["numerator"] == 1).sum())
    assert message.startswith(f"{ones} small counts") or int(message.split()[0]) >= ones
    told = dict(re.findall(r"(?:table: |; )([^;.]+), (\d+)", message))
    years = counts.groupby(["territory", "place"])["numerator"].sum()
    small_years = int(((years > 0) & (years < 5)).sum())
    by_area = counts.groupby(["territory", "period"])["numerator"].sum()
    assert int(told["years instead of months"]) == 2 * small_years  # in both tables
    assert int(told["without the breakdown by place"]) == int(((by_area > 0) & (by_area < 5)).sum())
    assert int(told["without the level area"]) == 0


@pytest.mark.slow
def test_the_remedy_works(city, tables):
    released = release(tables["year"], territory=city, catalogue=ENTRIES)
    gone = released.table["status"].str.startswith("suppressed").mean()
    assert gone < 0.02
    assert audit(released)["safe"].all()


@pytest.mark.slow
def test_remedies_say_what_each_saves(city, counts):
    """Three areas, two offences, a year of months: worked out from the counts themselves."""
    few = counts[counts["territory"].isin(["a000", "a001", "a002"]) & (counts["place"] < "o02")]
    table = whole_of(few, "M")
    codes = ["a000", "a001", "a002", "T"]
    land = make_territory(
        pd.DataFrame(
            {
                "code": codes,
                "level": ["area"] * 3 + ["city"],
                "parent": ["T"] * 3 + [None],
                **{f"name_{lang}": codes for lang in ("fr", "nl", "en")},
            }
        )
        .astype("str")
        .replace("nan", None),
        name="three",
        levels=("area", "city"),
    )
    found = propose_remedies(table, territory=land, catalogue=ENTRIES).set_index("remedy")
    assert found.index[0] == "as it is"
    now, years = found.loc["as it is"], found.loc["years instead of months"]
    assert pd.isna(now["withheld"]) or now["withheld"] > years["withheld"]  # refused, or worse
    assert years["cells"] == 4 * 3  # areas and city; two offences and their total
    facts = int(few["numerator"].sum())
    assert years["shown_share"] == round(1 - years["counts_withheld"] / facts, 4)
    small = few.groupby(["territory", "place"])["numerator"].sum()
    assert (years["withheld"] > 0) == bool(((small > 0) & (small < 5)).any())
    assert found.loc["without the level area", "cells"] == 12 * 3
    shares = found["shown_share"].iloc[1:].dropna()
    assert shares.is_monotonic_decreasing


def test_remedies_count_what_they_save_against_the_table_as_it_is():
    """A: 3 and 4 in two years, withheld with others each year; together 7, and all is shown."""
    counts = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}
    table = pd.concat([whole(counts), whole({**counts, "A": 4}, period="2021")])
    found = propose_remedies(table, territory=make_town(), catalogue=ENTRIES).set_index("remedy")
    now, together = found.loc["as it is"], found.loc["two successive periods together"]
    assert now["withheld"] >= 4
    assert together["withheld"] == together["counts_withheld"] == 0
    assert together["saves_cells"] == now["withheld"]
    assert together["saves_counts"] == now["counts_withheld"] >= 7
    assert now["shown_share"] == round(1 - now["counts_withheld"] / (2 * 158 + 1), 4)
    assert together["shown_share"] == 1


def test_a_faulty_table_is_refused_and_not_taken_for_small(city, counts):
    table = whole_of(counts[counts["territory"] == "a000"], "M")
    with pytest.raises(DisclosureError, match="not in the catalogue"):
        propose_remedies(table, territory=city, catalogue={})
