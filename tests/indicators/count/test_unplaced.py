"""Facts known to be in the Region or in a zone, and no closer: counted there, never spread."""

import numpy as np
import pandas as pd
import pytest

import obs
from obs.errors import CodeError
from obs.reference import UNPLACED, load_territory

DAYS = pd.date_range("2022-01-01", "2023-12-31")


def facts(unplaced=()):
    """A fact a day in 21004, 21009 (zone 5339) and 21001 (zone 5341), and some unplaced ones."""
    placed = pd.DataFrame(
        {"event_date": DAYS.repeat(3), "territory": ["21004", "21009", "21001"] * len(DAYS)}
    )
    more = pd.DataFrame(list(unplaced), columns=["event_date", "territory"])
    table = pd.concat([placed, more.assign(event_date=pd.to_datetime(more["event_date"]))])
    return table.assign(phenomenon="bicycle_theft", synthetic=True, source="police")


SOME = [("2022-03-01", "04000")] * 7 + [("2023-05-01", "04000")] * 9 + [("2023-07-01", "5339")] * 6


def numbers(table, territory):
    own = table[table["territory"] == territory].sort_values("period")
    return own["numerator"].tolist()


@pytest.fixture(scope="module")
def table():
    return obs.compute("bicycle_theft", {"police": facts(SOME)})


def test_an_unplaced_fact_is_a_row_of_its_own_and_in_its_totals_alone(table):
    assert numbers(table, "04000_U") == [7, 9]
    assert numbers(table, "5339_U") == [0, 6]
    assert numbers(table, "21004") == [365, 365]  # nothing is spread
    assert numbers(table, "5341") == [365, 365]
    assert numbers(table, "5339") == [730, 736]
    assert numbers(table, "04000") == [3 * 365 + 7, 3 * 365 + 9 + 6]


def test_it_has_a_count_and_no_rate_since_it_has_no_population(table):
    own = table[table["territory"] == "04000_U"]
    assert own["level"].tolist() == [UNPLACED] * 2
    assert own["status"].tolist() == ["ok", "ok"]
    assert own["reason"].tolist() == ["unplaced"] * 2
    assert own[["value", "denominator"]].isna().all(axis=None)
    region = table[table["territory"] == "04000"]
    assert region["value"].notna().all()


def test_without_such_facts_there_is_no_such_row():
    assert UNPLACED not in set(obs.compute("bicycle_theft", {"police": facts()})["level"])


def test_counts_by_place_tell_unplaced_facts_apart_from_the_total():
    counted = obs.count_events(facts(SOME)).set_index(["territory", "year"])["numerator"]
    assert counted["04000_U"].tolist() == [7, 9]
    assert "04000" not in counted.index.get_level_values("territory")
    assert counted.sum() == len(facts(SOME))


def test_they_are_no_place_that_falls_silent(table):
    assert table.loc[table["territory"] == "04000", "reason"].isna().all()
    assert set(obs.count_events(facts(SOME), by="year")["status"]) == {"ok"}


def test_a_code_of_no_unit_is_still_refused():
    with pytest.raises(CodeError, match=r"1 territory code\(s\) are no units of 'brussels': 99999"):
        obs.compute("bicycle_theft", {"police": facts([("2022-03-01", "99999")])})


def test_disclosure_knows_that_they_are_a_part_of_the_total():
    few = [("2022-03-01", "04000")] * 2
    released = obs.release(obs.compute("bicycle_theft", {"police": facts(few)}))
    of_2022 = released.table[released.table["period"] == "2022"].set_index("territory")["status"]
    assert of_2022["04000_U"] == "suppressed_primary"
    hidden = of_2022[of_2022.str.startswith("suppressed")].index
    assert len(hidden) > 1  # else the Region less its zones gives the 2 away
    assert obs.audit(released)["safe"].all()


def test_published_they_close_the_equation_of_the_region(table):
    released = obs.release(table).table
    of_2023 = released[released["period"] == "2023"].set_index("territory")["numerator"]
    zones = of_2023[load_territory().codes("zone")].sum()
    assert of_2023["04000"] == zones + of_2023["04000_U"]


def test_they_have_a_name_in_every_language_and_are_of_no_level():
    place = load_territory()
    assert place.label("04000_U", "fr") == "Région de Bruxelles-Capitale, lieu précis non connu"
    assert place.label("5339_U", "en").endswith(", exact place not known")
    assert place.parent("04000_U") == "04000"
    assert place.members("04000_U") == []
    assert not place.holds("21004_U")  # a commune has no parts


def test_a_table_shows_the_count_and_says_that_the_rate_is_not_known(table):
    released = obs.release(table)
    block = obs.show_table(released.select(period="2023"), lang="en")
    rows = {row.header: row.cells for row in block.table.rows}
    assert rows["Brussels-Capital Region, exact place not known"][:2] == ("9", "unknown")


def test_months_and_years_of_them_add_up(table):
    months = obs.compute("bicycle_theft", {"police": facts(SOME)}, period="month")
    own = months[months["territory"] == "04000_U"]
    by_year = own.groupby(own["period"].dt.year)["numerator"].sum().tolist()
    assert by_year == numbers(table, "04000_U")
    assert np.sum(own["numerator"] > 0) == 2
