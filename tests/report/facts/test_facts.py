import pandas as pd
import pytest

from obs.errors import DisclosureError, ObsError, PublicationError
from obs.report.facts.fact import Fact, fact, unknown_fact
from obs.report.facts.filters import filters
from tests.report.small_tables import thefts, vif

FR, NL, EN = (filters(lang) for lang in ("fr", "nl", "en"))
KEY = {"indicator": "theft", "territory": "04000", "period": 2024}


def test_a_fact_is_the_released_row_and_remembers_it():
    bound = fact(thefts(), **KEY)
    row = thefts().select(**KEY).table.iloc[0]
    assert (bound.kind, bound.value, bound.numerator) == ("rate", row["value"], row["numerator"])
    assert bound.key == {"indicator": "theft", "territory": "04000", "period": "2024"}
    assert bound.origin == {"table": "focus_vols.years", "rule": "default"}


def test_only_a_released_has_facts():
    with pytest.raises(DisclosureError, match="DataFrame"):
        fact(thefts().table, **KEY)


def test_several_rows_are_counted_and_the_choice_is_named():
    with pytest.raises(ObsError, match=r"3 rows of .* Add one of period = 2022, 2023, 2024"):
        fact(thefts(), indicator="theft", territory="04000")


def test_no_row_gives_the_nearest_keys():
    with pytest.raises(ObsError, match=r"0 rows .* 'territory' has no '2104'; nearest: .*21004"):
        fact(thefts(), indicator="theft", territory="2104", period=2024)


def test_an_unknown_column_is_named_with_those_there_are():
    with pytest.raises(ObsError, match=r"no column teritory\. Its columns: indicator"):
        fact(thefts(), teritory="04000")


def test_a_fact_printed_bare_is_refused():
    bound = fact(thefts(), **KEY)
    for printing in (str, "{}".format, lambda f: f"{f:.1f}"):
        with pytest.raises(PublicationError, match="without a filter"):
            printing(bound)


def test_the_three_languages_write_one_fact():
    bound = fact(vif(), form="physical", relation="couple")
    assert [f["n"](bound) for f in (FR, NL, EN)] == ["2\u202f355", "2.355", "2,355"]
    assert EN["interval"](bound).split() == ["2,261", "to", "2,452"]  # methods.md section 3
    assert FR["per_day"](bound, 2) == "6,45"  # 2,355 / 365
    assert FR["period"](bound) == "2021"
    assert FR["date"](bound) == "1er mars 2025"
    assert NL["label"](bound) == "Brussels Hoofdstedelijk Gewest"


@pytest.mark.parametrize("name", ["n", "rate", "interval"])
def test_a_withheld_fact_has_no_number_in_it_and_prints_none(name):
    bound = fact(thefts(), indicator="theft", territory="21008", period=2024)
    assert not bound.known
    assert (bound.value, bound.low, bound.high, bound.numerator) == (None,) * 4
    assert [f[name](bound) for f in (FR, NL, EN)] == [
        "non publié",
        "niet gepubliceerd",
        "not published",
    ]


@pytest.mark.parametrize("name", sorted(set(FR) - {"sentence", "within"}))
def test_what_the_sources_do_not_have_is_unknown_whatever_the_filter(name):
    assert filters("nl")[name](unknown_fact("nl")) == "onbekend"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("change", "points"),
        ("points", "change"),
        ("change", "pct"),
        ("share", "points"),
        ("rate", "pct"),
        ("count", "rate"),
        ("share", "change"),
        ("points", "per_day"),
    ],
)
def test_a_filter_refuses_a_fact_of_another_kind(kind, name):
    with pytest.raises(PublicationError, match=f"this fact is a {kind}"):
        FR[name](Fact(kind, 0.1, 0.0, 0.2, "ok", "fact", "x", 0))


def test_a_filter_refuses_a_plain_number():
    with pytest.raises(PublicationError, match=r"bind the number with obs\.fact"):
        FR["rate"](12.5)


def test_counts_of_one_unit_add_up_where_the_catalogue_allows():
    vols = [fact(thefts(), indicator="theft", territory="04000", period=y) for y in (2023, 2024)]
    with pytest.raises(ObsError, match="rate facts do not add up"):
        vols[0] + vols[1]
    couple = fact(vif(), form="physical", relation="couple")
    descendant = fact(vif(), form="physical", relation="descendant")
    assert (couple + descendant).value == 2355 + 557
    assert (couple - descendant).value == 2355 - 557
    assert (couple + descendant).low is None
    total = fact(vif(), form="physical", relation="all")
    with pytest.raises(ObsError, match="totals never add to their parts"):
        couple + total


def test_two_units_never_meet():
    victims = Fact("count", 3.0, None, None, "ok", "victim", "count", 0)
    facts = Fact("count", 3.0, None, None, "ok", "fact", "count", 0)
    for operation in (lambda: victims + facts, lambda: victims - facts):
        with pytest.raises(ObsError, match="two different things"):
            operation()


def test_the_difference_of_two_shares_is_in_points_and_a_withheld_part_withholds_it():
    one, other = (Fact("share", v, None, None, "ok", "fact", "share", 0) for v in (0.5, 0.43))
    assert FR["points"](one - other) == "+7,0\u00a0points de pourcentage"
    hidden = Fact("share", None, None, None, "suppressed_primary", "fact", "share", 0)
    assert FR["points"](one - hidden) == "non publié"


def test_a_partial_period_is_written_as_the_days_it_covers():
    year = pd.Period("2022", "Y")
    days = (pd.Timestamp("2022-01-01").date(), pd.Timestamp("2022-11-30").date())
    partial = Fact(
        "count", 9.0, None, None, "provisional", "fact", "count", 0, period=year, covered=days
    )
    assert FR["period"](partial) == "janvier à novembre 2022"
