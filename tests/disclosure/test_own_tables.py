"""Tables of our own through `release`: the leak each could spring, and the answer by hand.

`hand` is a choice of withheld figures that closes the leak, worked out on paper; ours must be
safe to the attack, for the reader and for the insider, and lose no more than it.
"""

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import audit, release
from obs.errors import DisclosureError
from obs.schemas import WITHHELD
from tests.disclosure.small_town import BASE, dress, entry, make_town, status, whole

pytestmark = pytest.mark.slow

TOWN = make_town()
FACTOR = {"commune": 1, "zone": 2, "region": 3}
THEFT = {"theft": entry()}
CALM = {"A": 20, "B": 40, "C": 30, "D": 25, "E": 60}


def cost(counts):
    """Weigh what is withheld: the root of the count, twice for a zone, thrice for the Region."""
    return sum(np.sqrt(n) * FACTOR[TOWN.level_of(place)] for place, n in counts)


def lost(released, table, reason="suppressed_secondary"):
    """List what was withheld besides, as place and count."""
    gone = (released.table["status"] == reason).to_numpy()
    return list(zip(table["territory"][gone], table["numerator"][gone].astype(float), strict=True))


def assert_nobody_knows(released, table):
    """Check that no reader, and no commune that knows its own figures, works another's out."""
    assert audit(released)["safe"].all()
    for insider in BASE:
        seen = audit(released, known=table[table["territory"] == insider])
        others = seen["territory"].isin(BASE) & (seen["status"] == "suppressed_primary")
        others &= seen["territory"] != insider
        assert not (others & (seen["low"] == seen["high"])).any()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "counts", "hand"),
    [
        # the other commune of the zone knows A as soon as the zone is shown, so the zone goes,
        # with the other zone, and two communes there, for either could know the other
        ("a zone of two communes", {**CALM, "A": 3}, "Z1 Z2 C D"),
        # B has none and its zero is shown: the zone is A, so is the Region less the other zone
        ("a zero singleton", {**CALM, "A": 3, "B": 0}, "Z2 C D"),
        # one fact in A and one in B: each knows the other as soon as the zone is shown
        ("two singletons", {**CALM, "A": 1, "B": 1}, "Z2 C D"),
        # C and D hide each other for readers; E, the third, keeps either from knowing the other
        ("a zone of three communes", {**CALM, "C": 2}, "D E"),
    ],
)
def test_places(name, counts, hand):
    table = whole(counts)
    released = release(table, territory=TOWN, catalogue=THEFT, effort="thorough")
    full = dict(zip(table["territory"], table["numerator"], strict=True))
    assert cost(lost(released, table)) <= cost((p, full[p]) for p in hand.split()) + 1e-9
    assert_nobody_knows(released, table)


def test_a_rate_times_its_inhabitants_is_the_count():
    """2 per 10,000 of 15,000 is 3: the rate goes with the count, the inhabitants stay."""
    table = whole({**CALM, "A": 3}).assign(denominator=15_000.0)
    table["value"] = (table["numerator"] / 15_000 * 10_000).astype("Float64")
    table["scale"] = "per_10000_inhabitants"
    released = release(table, territory=TOWN, catalogue=THEFT)
    gone = released.table[released.table["status"].isin(WITHHELD)]
    assert len(gone) >= 2
    assert gone[["numerator", "value", "low", "high", "n"]].isna().all(axis=None)
    assert (gone["denominator"] == 15_000).all()
    shown = released.table[~released.table["status"].isin(WITHHELD)]
    read_back = (shown["value"] * shown["denominator"] / 10_000).astype(float)
    assert read_back.tolist() == pytest.approx(shown["numerator"].astype(float).tolist())


@pytest.mark.slow
def test_a_figure_per_day_times_its_days_is_the_count():
    """Zone 1 per day is told to three decimals: 23 / 365 = 0.063, and 0.063 x 365 is 23."""
    entries = {"theft": entry(), "daily": same_count(), "yearly": same_count()}
    counts = {**CALM, "A": 3}
    daily = whole(counts, indicator="daily", scale="per_day").assign(days=365)
    daily["value"] = (daily["numerator"] / 365).round(3).astype("Float64")
    tables = {"yearly": whole(counts, indicator="yearly"), "daily": daily}
    released = release(tables, territory=TOWN, catalogue=entries)
    assert status(released["daily"]) == status(released["yearly"])
    assert audit(released)["safe"].all()


def same_count():
    given = {"source": "police", "place_rule": "p", "date_rule": "d", "numerator": {}}
    given |= {"where": {}, "attempts": "included", "phenomena": ("theft",), "exclude": ()}
    return entry(**given)


def test_two_indicators_of_one_count_do_not_complete_each_other():
    """The number shows the communes of zone 1, the rate the zones: A is the difference."""
    entries = {"number": same_count(), "rate": same_count()}
    counts = {**CALM, "A": 3}
    number = whole(counts, indicator="number", scale="count").query("territory in ['A', 'B']")
    rate = whole(counts, indicator="rate").query("territory in ['Z1', 'Z2', 'R']")
    released = release({"n": number, "r": rate}, territory=TOWN, catalogue=entries)
    assert released["n"].table.set_index("territory").loc["A", "status"] == "suppressed_primary"
    gone = status(released["n"])["B"], status(released["r"])["Z1"]
    assert "suppressed_secondary" in gone
    assert audit(released)["safe"].all()


@pytest.mark.slow
@pytest.mark.parametrize("shown", ["change", "percent"])
def test_a_change_since_last_year_gives_this_year_back(shown):
    """20 facts, then -85 %: 3. Whatever column tells it, the row goes."""
    now, then = whole({**CALM, "A": 3}), whole(CALM, period="2021")
    trends = now[["indicator", "territory", "period", "unit"]].assign(
        base=pd.PeriodIndex(["2021"] * len(now), freq="Y"),
        numerator=now["numerator"] if shown == "change" else pd.array([pd.NA] * 8, "Int64"),
        base_numerator=then["numerator"],
        change=(now["numerator"] / then["numerator"] - 1).astype("Float64"),
        low=0.0,
        high=0.0,
        verdict="down",
        method="exact",
    )
    tables = {"levels": pd.concat([now, then]), "trends": trends}
    released = release(tables, territory=TOWN, catalogue=THEFT)
    row = released["trends"].select(territory="A").table.iloc[0]
    figures = ["numerator", "base_numerator", "change", "low", "high", "verdict", "method"]
    assert row[figures].isna().all()
    assert audit(released)["safe"].all()


def test_a_branch_of_offences_less_its_other_offences_is_the_last_one():
    """Theft = burglary + vehicle + other: with three of four shown, 3 in A is the difference."""
    counts = {"burglary_dwelling": 3, "pickpocketing": 40, "theft_from_vehicle": 30}
    entries = {"crime": entry()}
    rows = [
        {"territory": t, "phenomenon": p, "numerator": n + extra}
        for t, extra in (("A", 0), ("B", 50))
        for p, n in counts.items()
    ]
    table = pd.DataFrame(rows)
    zone = table.groupby("phenomenon", as_index=False)["numerator"].sum().assign(territory="Z1")
    parts = pd.concat([table, zone])
    total = parts.groupby("territory", as_index=False)["numerator"].sum()
    table = dress(
        pd.concat([parts, total.assign(phenomenon="theft")], ignore_index=True),
        indicator="crime",
        period="2022",
    )
    released = release(table, territory=TOWN, catalogue=entries)
    a = released.select(territory="A").table.set_index("phenomenon")["status"]
    assert a["burglary_dwelling"] == "suppressed_primary"
    assert "suppressed_secondary" in a.drop("burglary_dwelling").tolist()
    assert audit(released)["safe"].all()


@pytest.mark.slow
@pytest.mark.parametrize(("part", "small"), [(3, True), (57, True), (30, False)])
def test_a_share_tells_its_part_and_its_complement(part, small):
    """57 of 60 tell of 3 others, 3 of 60 of 3."""
    entries = {"share": entry(kind="share")}
    counts = {"A": part, "B": 30, "C": 30, "D": 25, "E": 20}
    table = whole(counts, indicator="share", scale="share")
    table["denominator"] = whole(dict.fromkeys(counts, 60))["numerator"].astype("Float64")
    table["value"] = table["numerator"] / table["denominator"]
    released = release(table, territory=TOWN, catalogue=entries)
    row = released.select(territory="A").table.iloc[0]
    assert row[["numerator", "denominator", "value"]].isna().all() == small
    assert audit(released)["safe"].all()


def periods(monthly):
    """Make the table of months, quarters and year of twelve counts of A, the others calm."""
    frames = []
    spans = [(f"2022-{m + 1:02d}", [m], "M") for m in range(12)]
    spans += [(f"2022Q{q + 1}", range(3 * q, 3 * q + 3), "Q") for q in range(4)]
    spans += [("2022", range(12), "Y")]
    for name, months, freq in spans:
        counts = {c: n * len(months) for c, n in CALM.items()}
        made = whole(counts | {"A": sum(monthly[m] for m in months)})
        frames.append((freq, made.assign(period=pd.PeriodIndex([name] * len(made), freq=freq))))
    return {f: pd.concat([t for g, t in frames if g == f]) for f in "MQY"}


@pytest.mark.slow
def test_a_month_is_its_quarter_less_the_other_two():
    released = release(
        periods([3] + [20] * 11), territory=TOWN, catalogue=THEFT
    )  # January of A is 3
    a = released.table[released.table["territory"] == "A"]
    found = dict(zip(a["period"].astype(str), a["status"], strict=True))
    assert found["2022-01"] == "suppressed_primary"
    first = [found["2022-02"], found["2022-03"], found["2022Q1"]]
    assert "suppressed_secondary" in first
    if found["2022Q1"] != "ok":  # then the year less the other quarters must not tell it
        assert "suppressed_secondary" in [found["2022"], *(found[f"2022Q{q}"] for q in (2, 3, 4))]
    assert audit(released)["safe"].all()


@pytest.mark.parametrize(
    ("name", "freq"), [("2022-01-03", "D"), ("2022-01-03", "W"), ("2022", "2Y")]
)
def test_days_weeks_and_spans_beside_months_or_years_are_refused(name, freq):
    """31 days shown and their month withheld would give it away: no sum links them."""
    odd = whole(CALM).assign(period=pd.PeriodIndex([name] * 8, freq=freq))
    tables = {"odd": odd, "years": whole(CALM, period="2021")}
    with pytest.raises(DisclosureError, match="years, quarters or months"):
        release(tables, territory=TOWN, catalogue=THEFT)


@pytest.mark.slow
def test_the_average_of_withheld_communes_is_their_sum():
    """Zone 1 per commune, 21.5 with two communes, is 43: shown only if the zone is."""
    entries = {"theft": same_count(), "per_commune": same_count()}
    counts = {**CALM, "A": 3}
    mean = whole(counts, indicator="per_commune", scale="per_1_commune")
    mean = mean[mean["territory"].isin(["Z1", "Z2"])].assign(denominator=[2.0, 3.0])
    mean["value"] = (mean["numerator"] / mean["denominator"]).astype("Float64")
    released = release({"n": whole(counts), "mean": mean}, territory=TOWN, catalogue=entries)
    zones = status(released["n"])
    assert status(released["mean"]) == {z: zones[z] for z in ("Z1", "Z2")}
    assert audit(released)["safe"].all()
    with pytest.raises(DisclosureError, match="without its count"):
        release(
            {"mean": mean.assign(numerator=pd.array([pd.NA] * 2, "Int64"))},
            territory=TOWN,
            catalogue=entries,
        )


@pytest.mark.parametrize("column", ["map_class", "funnel_zone", "rank", "above"])
def test_a_class_made_before_release_is_refused(column):
    """The class of a map, or the side of a funnel, tells a range of what is withheld."""
    table = whole({**CALM, "A": 3}).assign(**{column: "low"})
    with pytest.raises(DisclosureError, match="neither of its schema nor a breakdown"):
        release(table, territory=TOWN, catalogue=THEFT)


def test_the_words_that_come_with_a_withheld_figure_go_too():
    table = whole({**CALM, "A": 3}).assign(grade="C", standing="below", reason="few_events")
    released = release(table, territory=TOWN, catalogue=THEFT)
    row = released.select(territory="A").table.iloc[0]
    assert row[["grade", "standing", "reason"]].isna().all()
