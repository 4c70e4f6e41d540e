"""What a profile knows of its places before any row is read."""

import pytest

from obs.clean.profiles.territory_rule import TerritoryRule

HUB = "04000"  # the Region


@pytest.mark.parametrize(
    ("told", "whole", "wholes", "zone"),
    [
        ({}, HUB, {HUB, "04000"}, "Europe/Brussels"),
        ({"territory": "brussels"}, HUB, {HUB}, "Europe/Brussels"),
        ({"unplaced": "5339"}, "5339", {"5339"}, "Europe/Brussels"),
        ({"match": "pattern", "pattern": "[0-9]+"}, "", set(), ""),  # codes of anywhere
        ({"match": "pattern", "pattern": "[0-9]+", "unplaced": "IL"}, "IL", {"IL"}, ""),
    ],
)
def test_the_whole_is_that_of_the_territory_or_as_told(told, whole, wholes, zone):
    rule = TerritoryRule(**told)
    assert rule.whole == whole
    assert wholes <= rule.wholes
    assert rule.time_zone == zone
    if rule.match == "pattern":
        assert rule.wholes == wholes


def test_a_territory_without_a_known_clock_has_no_time_zone():
    assert TerritoryRule(territory="elsewhere").time_zone == ""
