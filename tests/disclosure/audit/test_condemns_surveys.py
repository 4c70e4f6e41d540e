"""Releases of surveys that are unsafe by construction: the audit must say so, with the interval."""

from importlib import import_module

import pytest

from obs.disclosure import audit, release
from obs.disclosure.feasible.suppression_model import build_system
from tests.disclosure.cells.test_surveys import REPORTED, answers, row, sectors, table


@pytest.fixture
def careless(monkeypatch):
    """Withhold what is too small or unreliable, and no complement."""

    def choose(cells, relations, *, territory, **_):
        return build_system(cells, relations, territory=territory).hidden.copy()

    monkeypatch.setattr(import_module("obs.disclosure.release"), "choose_hidden", choose)
    return release


def found(released):
    return [(row["low"], row["high"], row["safe"]) for row in audit(released).to_dict("records")]


def test_a_base_that_the_total_leaves(careless):
    made = sectors(industry=(30, 120), trade=(90, 300), hospitality=(7, 9))
    assert found(careless(made)) == [(9, 9, False)]


def test_two_bases_that_are_too_small_together(careless):
    """17 respondents in two sectors: 1 to 16 each, and 20 must be possible."""
    made = sectors(industry=(30, 120), trade=(90, 300), care=(7, 9), energy=(1, 8))
    assert found(careless(made)) == [(1, 16, False)] * 2


def test_two_bases_that_are_enough_together(careless):
    made = sectors(industry=(30, 120), trade=(90, 300), care=(7, 11), energy=(1, 10))
    assert found(careless(made)) == [(1, 20, True)] * 2


def test_an_answer_that_the_others_leave(careless):
    """0.77 less 0.68 of 73 respondents, each rounded to two decimals: 5.9 to 7.3."""
    ((low, high, safe),) = found(careless(table(*answers(**REPORTED, never=(0.23, "C")))))
    assert (low, high, safe) == (6, 7, False)


def test_an_answer_that_nothing_leaves(careless):
    ((low, high, safe),) = found(
        careless(table(*answers(always=(0.68, "C"), sometimes=(0.09, "F"))))
    )
    assert (low, high, safe) == (0, 23, True)  # 0.325 of 73 at most


def test_an_answer_that_another_indicator_leaves(careless):
    """0.23 of 73 is 16.8; the last digit leaves 16.4 to 17.2."""
    dark = row("business_dark_share", 0.23, 73, grade="F", offence="fraud")
    rate = row("business_reporting_rate", 0.77, 73, offence="fraud")
    assert found(careless({"dark": table(dark), "rate": table(rate)})) == [(17, 17, False)]


@pytest.mark.parametrize(("of_any", "safe"), [(0.04, False), (0.06, True)])
def test_an_item_that_is_at_most_any(careless, of_any, safe):
    made = table(
        row("business_victim", of_any, 500, offence="all", sector="all", size="all"),
        row("business_victim", 0.03, 500, offence="fraud", sector="all", size="all", grade="F"),
    )
    ((low, high, verdict),) = found(careless(made))
    assert (low, verdict) == (0, safe)
    assert high == of_any * 500 + 2  # and half of the last digit, 2.5 of 500


def test_a_domain_that_the_total_leaves(careless):
    """0.25 x 120 + v x 60 + 0.3 x 300 = 0.275 x 480: 12 of 60."""
    made = sectors(industry=(30, 120), care=(12, 60), trade=(90, 300))
    made.loc[made["sector"] == "care", ["grade", "status"]] = ["F", "unreliable"]
    ((low, high, safe),) = found(careless(made))
    assert low <= 12 <= high < 12 + 0.05 * 60
    assert not safe


def test_a_domain_beside_respondents_of_no_sector(careless):
    """182 said yes and 120 of them in the sectors shown: 62 are left, some of no sector."""
    made = sectors(industry=(30, 120), care=(12, 60), trade=(90, 300), more=(50, 100))
    made.loc[made["sector"] == "care", ["grade", "status"]] = ["F", "unreliable"]
    assert found(careless(made)) == [(0, 62, True)]


def test_a_product_that_tells_its_factor_and_factors_that_tell_their_product(careless, monkeypatch):
    monkeypatch.setattr(
        import_module("obs.disclosure.release"), "link_products", lambda *_, **__: None
    )
    victims = row("business_victim", 0.2, 400, offence="fraud", sector="all", size="all")
    for unsure in ("business_reporting_rate", "business_unreported"):
        rate = row("business_reporting_rate", 0.6, 80, offence="fraud")
        number = row("business_unreported", 2400.0, 80, offence="fraud", scale="estimate")
        for one in (rate, number):
            if one["indicator"] == unsure:
                one |= {"grade": "F", "status": "unreliable"}
        made = {"v": table(victims), "r": table(rate), "u": table(number)}
        assert [safe for *_, safe in found(careless(made))] == [False]
