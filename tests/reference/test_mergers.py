"""Mergers of units: the packaged register, and those that an observatory declares."""

import datetime as dt

import pytest

from obs.errors import CatalogueError
from obs.reference import explain_match, load_mergers, load_observatory, match_territory
from tests.clean.profiles.test_observatory_profile import OBSERVATORY

UNITS = "CODE,NAME,POSTAL\n46029,Lokeren,9160\n44083,Deinze,9800\n72043,Pelt,3900\n"
ZONES = """
[[mergers]]
new = "5999"
name = "Zone Nord"
date = 2024-01-01
parts.5901 = "Zone Alba"
parts.5902 = "Zone Borra"
source = "royal decree"
"""


@pytest.fixture
def observatory(tmp_path):
    def make(mergers='mergers = "belgium"', register="", units=UNITS):
        text = OBSERVATORY.replace('"90001"', '"46029"').replace(
            "[territory.units]", f"[territory]\n{mergers}\n\n[territory.units]"
        )
        (tmp_path / "observatory.toml").write_text(text, encoding="utf-8")
        (tmp_path / "units.csv").write_text(units, encoding="utf-8")
        if register:
            (tmp_path / "mergers.toml").write_text(register, encoding="utf-8")
        return load_observatory(tmp_path / "observatory.toml", raw=tmp_path)

    return make


def test_the_belgian_mergers_are_seven_of_2019_and_fourteen_of_2025():
    years = [one.date.year for one in load_mergers()]
    assert years.count(2019) == 7
    assert [one.name for one in load_mergers() if one.date == dt.date(2024, 12, 2)] == ["Bastogne"]
    assert years.count(2025) == 13
    # 589 communes before 2019, 581 then, 565 since: each merger of n parts takes n - 1 away
    gone = {year: 0 for year in years}
    for one in load_mergers():
        gone[one.date.year] += len(one.parts) - 1
    assert 589 - gone[2019] == 581
    assert 581 - gone[2024] - gone[2025] == 565


def test_codes_are_told_once_and_the_capital_of_the_province_kept_its_own():
    parts = [code for one in load_mergers() for code in one.parts]
    assert len(parts) == len(set(parts))
    kept = [one.name for one in load_mergers() if one.new in one.parts]
    assert kept == ["Antwerpen"]
    antwerp = next(one for one in load_mergers() if one.name == "Antwerpen")
    assert [antwerp.former(code) for code in antwerp.parts] == ["11002_2024", "11007"]


def test_an_observatory_knows_the_parts_of_its_units_by_code_and_name(observatory):
    place = observatory().territory()
    assert {one.new for one in place.mergers} == {"46029", "44083", "72043"}
    names = ["44045", "Moerbeke", "Nevele", "Overpelt", "46014", "Lokeren"]
    found = match_territory(names, territory=place, level="commune").tolist()
    assert found == ["44045", "44045", "44049", "72029", "46014", "46029"]
    assert place.level_of("44045") == "former"
    assert place.label("44045", "fr") == "Moerbeke"
    assert place.parent("44045") == "46029"


def test_codes_of_one_country_are_not_those_of_another(observatory):
    """44083 is Deinze in Belgium, and another commune in France: nothing is merged unasked."""
    place = observatory(mergers="").territory()
    assert place.mergers == ()
    assert "unknown" in explain_match("44049", territory=place)


def test_an_observatory_declares_mergers_of_its_own(observatory):
    units = "CODE,NAME,POSTAL\n5999,Zone Nord,1000\n46029,Autre,1001\n"
    place = observatory(mergers="", register=ZONES, units=units).territory()
    assert dict(place.former_units) == {"5901": "5999", "5902": "5999"}
    assert match_territory(["Zone Alba", "5902"], territory=place).tolist() == ["5901", "5902"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ZONES.replace('parts.5902 = "Zone Borra"\n', ""), "a merger has at least 2 units"),
        (ZONES + ZONES, "'5999' is made twice"),
        (ZONES + ZONES.replace("5999", "5998"), "'5901' is a part of two units"),
        (ZONES.replace("2024-01-01", '"2024"'), "'mergers.0.date' must be a day"),
    ],
)
def test_a_faulty_register_is_refused(tmp_path, text, said):
    (tmp_path / "mergers.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=said):
        load_mergers(tmp_path / "mergers.toml")
