"""The form of a cell that is not read, and what its column allows."""

import pytest

from obs.clean.judge.cell_forms import allowed_values, form_of
from obs.clean.profiles.code_vintages import CodeVintage
from obs.clean.profiles.profile import Line, Profile
from obs.clean.profiles.territory_rule import TerritoryRule

OWN = Profile(
    *("own", "Own", "police", "events"),
    codes={"place": {"R": "street", "": "home"}},
    dated_codes=(
        *(CodeVintage("place", "M", "home"), CodeVintage("place", "M", "shop")),
        CodeVintage("form", "X", "physical"),
    ),
    flags={"attempt": {"true": "O|J", "false": "N"}, "topic": {"true": "1"}},
    bands=(18, 65),
    dates=("%d/%m/%Y", "%Y"),
    hours=("%H",),
    period="%Y-%m",
    marks={"-": "zero", "": "missing"},
    lines={"EVC": Line({"fr": "Ecoute"})},
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("31/02/2024", "99/99/9999"),
        ("  Van  den_Berg ", "aaa aaa_aaaa"),
        ("é", "a"),
        ("a" * 24, "a" * 24),
        ("a" * 25, "a" * 24 + "..."),
        ("", ""),
    ],
)
def test_the_form_of_a_text_holds_no_letter_and_no_digit_of_it(text, form):
    assert form_of(text) == form


@pytest.mark.parametrize(
    ("target", "rule", "allowed"),
    [
        ("place", "unknown_code", "R, M"),
        ("attempt", "unknown_code", "O|J, N"),
        ("topic_money", "unknown_code", "1"),
        ("victim_age_band", "impossible_age", "0 to 120, in bands from 18, 65"),
        ("event_date", "impossible_date", "%d/%m/%Y, %Y"),
        ("report_date", "impossible_date", "%d/%m/%Y, %Y"),
        ("period", "impossible_date", "%Y-%m"),
        ("offence", "unknown_offence", "the patterns of `offences`"),
        ("numerator", "not_a_number", "a whole number, '-', ''"),
        ("line", "unknown_code", "EVC"),
        ("event_hour", "impossible_hour", "21:30, 2130, 21h30, 9:30 PM, %H"),
        ("hour", "impossible_hour", "21:30, 2130, 21h30, 9:30 PM, %H"),
        ("bound", "unknown_code", "exact, at_least, about"),
        ("detail", "unknown_code", ""),
        ("event_date", "future_date", ""),  # the rule says all
    ],
)
def test_what_a_column_allows(target, rule, allowed):
    assert allowed_values(target, rule, OWN) == allowed


def test_ages_without_bands_allow_nothing_that_is_told():
    bare = Profile("own", "Own", "police", "events")
    assert allowed_values("victim_age_band", "impossible_age", bare) == ""
    assert allowed_values("territory_age", "impossible_age", OWN) == ""


@pytest.mark.parametrize(("n", "shown"), [(12, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"), (13, None)])
def test_twelve_values_of_a_list_are_shown(n, shown):
    shown = shown or "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ..."
    own = Profile("o", "O", "police", "events", codes={"place": {str(i): "home" for i in range(n)}})
    assert allowed_values("place", "unknown_code", own) == shown


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (TerritoryRule(match="pattern", pattern=r"\d{5}"), r"codes of the form \d{5}"),
        (TerritoryRule(match="point", crs="EPSG:4326"), "east and north (EPSG:4326), in a unit of territory 'brussels'"),
        (TerritoryRule(level="commune"), "names and codes of territory 'brussels', level commune"),
        (TerritoryRule(), "names and codes of territory 'brussels'"),
    ],
)  # fmt: skip
def test_what_a_place_may_be(rule, said):
    own = Profile("o", "O", "police", "events", territory=rule)
    assert allowed_values("territory", "unknown_territory", own) == said
