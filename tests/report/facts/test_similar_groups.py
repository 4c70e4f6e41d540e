"""Which places are said to be similar to one, whatever their names hold."""

from dataclasses import replace

from obs.reference import load_similar, load_territory
from obs.report.facts.peer_statements import similar_groups


def test_a_place_whose_name_has_a_comma_is_in_its_group():
    place = load_territory()
    units = place.units.copy()
    units.loc[units["code"] == "21019", "name_en"] = "Woluwe, Saint: Pierre"
    named = replace(place, units=units)
    (line,) = similar_groups(named, "en", place="21019")
    assert "Woluwe, Saint: Pierre" in line
    groups = load_similar().groupby("group")["territory"].agg(set)
    (own,) = [group for group in groups if "21019" in group]
    for code in place.codes("commune"):
        of_code = similar_groups(place, "en", place=code)
        assert (of_code == similar_groups(place, "en", place="21019")) == (code in own)


def test_a_place_without_a_group_is_told_none():
    assert similar_groups(load_territory(), "en", place="04000") == []
