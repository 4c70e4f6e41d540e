"""Survey estimates: what subtraction among bases, answers, domains and products would give back."""

import pandas as pd
import pytest

from obs.disclosure import audit, release

NUMBERS = {"numerator": "Int64", "n": "Int64", "denominator": "Float64", "value": "Float64"}


def row(indicator, value, n, *, grade="A", denominator=pd.NA, scale="share", **breakdowns):
    """Make one row of the Region, with an interval around its value."""
    return {
        "indicator": indicator,
        "territory": "04000",
        "level": "region",
        "period": pd.Period("2021", "Y"),
        "numerator": pd.NA,
        "denominator": denominator,
        "value": value,
        "low": value * 0.8,
        "high": value * 1.2,
        "status": "unreliable" if grade == "F" else "ok",
        "unit": "business",
        "n": n,
        "grade": grade,
        "scale": scale,
        **breakdowns,
    }


def table(*rows):
    return pd.DataFrame(list(rows)).astype(NUMBERS)


def sectors(**of):
    """Make the shares of victims by sector; `all` is what they sum to, and `more` besides."""
    more_yes, more_n = of.pop("more", (0, 0))
    yes = sum(y for y, _ in of.values()) + more_yes
    n = sum(n for _, n in of.values()) + more_n
    made = {"all": (yes, n), **of}
    return table(
        *(
            row("business_victim", y / n, n, offence="all", sector=s, size="all")
            for s, (y, n) in made.items()
        )
    )


def withheld(released, column):
    shown = released.table
    return set(shown.loc[shown["value"].isna(), column])


def judged(released):
    found = audit(released)
    assert len(found) == released.table["value"].isna().sum()
    return found["safe"].all()


def test_a_base_under_the_least_is_not_left_by_subtraction():
    released = release(sectors(industry=(30, 120), trade=(90, 300), hospitality=(7, 9)))
    gone = withheld(released, "sector")
    assert "hospitality" in gone
    assert len(gone) == 2
    assert judged(released)


def test_two_small_bases_together_need_a_third_where_they_are_still_small():
    """9 and 8 respondents are 17 together, and 20 is the least: a third goes with them."""
    released = release(
        sectors(industry=(30, 120), trade=(90, 300), hospitality=(7, 9), transport=(1, 8))
    )
    assert len(withheld(released, "sector")) == 3
    assert judged(released)


def test_two_small_bases_that_are_enough_together_need_no_third():
    released = release(
        sectors(industry=(30, 120), trade=(90, 300), hospitality=(7, 12), transport=(1, 11))
    )
    assert withheld(released, "sector") == {"hospitality", "transport"}
    assert judged(released)


@pytest.mark.parametrize(("left", "gone"), [(19, True), (20, False), (0, False)])
def test_respondents_of_no_sector_shown_are_a_base_too(left, gone):
    """The total less the sectors is a group of its own: of 19 respondents it is too small."""
    released = release(sectors(industry=(30, 120), trade=(90, 300), more=(left // 2, left)))
    assert bool(withheld(released, "sector")) == gone
    assert judged(released)


def answers(indicator="business_reporting", n=73, **of):
    return [
        row(indicator, value, n, grade=grade, answer=answer, offence="vehicle_theft")
        for answer, (value, grade) in of.items()
    ]


REPORTED = {"reported": (0.77, "C"), "always": (0.68, "C"), "sometimes": (0.09, "F")}


@pytest.mark.parametrize("blank", [False, True])
def test_answers_that_share_out_a_base_take_a_complement(blank):
    """Sometimes is reported less always, and the rest of never and always."""
    made = table(*answers(**REPORTED, never=(0.23, "C")))
    if blank:  # as estimates come: an unreliable value is left blank
        made.loc[made["grade"] == "F", ["value", "low", "high"]] = pd.NA
    released = release(made)
    gone = withheld(released, "answer")
    assert gone in ({"sometimes", "always"}, {"sometimes", "reported", "never"})
    assert judged(released)


def test_an_answer_that_nothing_tells_needs_no_complement():
    released = release(table(*answers(always=(0.68, "C"), sometimes=(0.09, "F"))))
    assert withheld(released, "answer") == {"sometimes"}
    assert judged(released)


def test_the_complement_of_another_indicator_gives_nothing_back():
    """Never reported is what is left of reported, in another table or in this one."""
    dark = row("business_dark_share", 0.23, 73, grade="F", offence="fraud")
    rate = row("business_reporting_rate", 0.77, 73, offence="fraud")
    released = release({"dark": table(dark), "rate": table(rate)})
    assert released["dark"].table["value"].isna().all()
    assert released["rate"].table["value"].isna().all()
    assert judged(released)


def test_other_offences_of_the_question_are_left_alone():
    dark = row("business_dark_share", 0.23, 73, grade="F", offence="fraud")
    rate = row("business_reporting_rate", 0.77, 73, offence="burglary")
    released = release(table(dark, rate))
    assert withheld(released, "indicator") == {"business_dark_share"}


def test_an_unreliable_domain_is_not_what_the_others_leave():
    """0.25 x 120 + v x 60 + 0.3 x 300 = 0.275 x 480: v is 0.2."""
    made = sectors(industry=(30, 120), care=(12, 60), trade=(90, 300))
    made.loc[made["sector"] == "care", ["grade", "status"]] = ["F", "unreliable"]
    released = release(made)
    assert len(withheld(released, "sector")) == 2
    assert judged(released)


def test_weighted_bases_are_what_domains_are_weighed_by():
    """By weight 0.5 x 100 + v x 900 = 0.14 x 1,000: v is 0.1, whatever the interviews say."""
    made = table(
        *(
            row("business_safety", value, n, grade=g, denominator=w, answer="safe", sector=s)
            for s, value, n, w, g in (
                ("all", 0.14, 100, 1000.0, "A"),
                ("industry", 0.5, 50, 100.0, "A"),
                ("trade", 0.1, 50, 900.0, "F"),
            )
        )
    )
    released = release(made)
    assert len(withheld(released, "sector")) == 2
    assert judged(released)


def test_a_withheld_row_keeps_no_weighted_base():
    made = sectors(industry=(30, 120), trade=(90, 300), hospitality=(7, 9))
    made["denominator"] = made["n"].astype("Float64") * 12.5
    shown = release(made).table
    gone = shown["value"].isna()
    assert shown.loc[gone, "denominator"].isna().all()
    assert shown.loc[~gone, "denominator"].notna().all()


def test_a_product_is_withheld_with_its_factor_and_a_factor_with_its_product():
    victims = row("business_victim", 0.2, 400, offence="fraud", sector="all", size="all")
    for unsure in ("business_reporting_rate", "business_unreported"):
        rate = row("business_reporting_rate", 0.6, 80, offence="fraud")
        number = row("business_unreported", 2400.0, 80, offence="fraud", scale="estimate")
        for one in (rate, number):
            if one["indicator"] == unsure:
                one |= {"grade": "F", "status": "unreliable"}
        released = release({"v": table(victims), "r": table(rate), "u": table(number)})
        assert released["r"].table["value"].isna().all()
        assert released["u"].table["value"].isna().all()
        assert released["v"].table["value"].notna().all()
        assert judged(released)


def test_who_has_one_item_has_some():
    """A share of any item of 0.02 leaves an unreliable one no five points: it goes as well."""
    made = table(
        row("business_victim", 0.02, 500, offence="all", sector="all", size="all"),
        row("business_victim", 0.02, 500, offence="fraud", sector="all", size="all", grade="F"),
    )
    released = release(made)
    assert withheld(released, "offence") == {"all", "fraud"}
    sure = made.assign(value=[0.3, 0.02])
    assert withheld(release(sure), "offence") == {"fraud"}


def test_means_of_domains_give_none_of_them_back():
    made = table(
        *(
            row("loss", value, n, grade=g, scale="mean", sector=s)
            for s, value, n, g in (
                ("all", 200.0, 200, "A"),
                ("trade", 300.0, 100, "A"),
                ("care", 100.0, 100, "F"),
            )
        )
    )
    from tests.disclosure.small_town import entry

    own = {"loss": entry(kind="survey", unit="respondent")}
    released = release(made.assign(unit="respondent"), catalogue=own)
    assert len(withheld(released, "sector")) == 2
    assert judged(released)
