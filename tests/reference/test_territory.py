"""Territories: units, parents, words; the packaged one against the official files."""

import csv

import pandas as pd
import pytest

from obs.errors import CodeError
from obs.reference import load_territory, make_territory


@pytest.fixture(scope="module")
def brussels():
    return load_territory()


def test_brussels_has_nineteen_communes_six_zones_and_the_region(brussels):
    assert brussels.levels == ("commune", "zone", "region")
    assert brussels.codes("commune") == [str(code) for code in range(21001, 21020)]
    assert brussels.codes("zone") == ["5339", "5340", "5341", "5342", "5343", "5344"]
    assert brussels.top == "04000"
    assert (brussels.base_level, brussels.top_level) == ("commune", "region")


def test_every_commune_is_in_one_zone_and_the_region_holds_all(brussels):
    members = [code for zone in brussels.codes("zone") for code in brussels.members(zone)]
    assert sorted(members) == brussels.codes("commune") == brussels.members("04000")
    assert [len(brussels.children(zone)) for zone in brussels.codes("zone")] == [2, 5, 3, 3, 3, 3]
    assert brussels.children("21001") == []
    assert brussels.parent("04000") is None


def test_names_and_zones_are_those_of_the_reference_list(brussels, shared):
    with (shared / "domain" / "communes.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            assert brussels.parent(row["nis"]) == row["zone"]
            if row["nis"] != "21004":  # shown as "Ville de Bruxelles", see units.csv
                assert brussels.label(row["nis"], "fr") == row["name_fr"]
                assert brussels.label(row["nis"], "nl") == row["name_nl"]


def test_tile_map_gives_each_commune_its_own_place_close_to_geography(brussels):
    tiles = brussels.units.set_index("code").loc[brussels.codes("commune")]
    assert not tiles[["tile_row", "tile_col"]].isna().any(axis=None)
    assert not tiles.duplicated(["tile_row", "tile_col"]).any()
    row, col = tiles["tile_row"], tiles["tile_col"]
    assert row["21010"] < row["21016"]  # Jette north of Uccle
    assert col["21003"] < col["21019"]  # Berchem-Sainte-Agathe west of Woluwe-Saint-Pierre
    assert row["21006"] < row["21002"]  # Evere north of Auderghem


def test_tile_map_orders_communes_as_their_true_centres_do(brussels, shared):
    import geopandas as gpd

    areas = gpd.read_file(shared / "data" / "be_boundaries" / "urbis_brussels_19.geojson")
    centres = areas.set_index("national_code").to_crs(31370).geometry.centroid
    tiles = brussels.units.set_index("code").loc[centres.index]
    east = pd.Series(centres.x).corr(tiles["tile_col"].astype(float), method="spearman")
    south = pd.Series(-centres.y).corr(tiles["tile_row"].astype(float), method="spearman")
    assert east > 0.9
    assert south > 0.9


def test_words_for_levels_have_three_languages_and_a_plural(brussels):
    assert brussels.level_label("zone", "nl") == "politiezone"
    assert brussels.level_label("commune", "en", plural=True) == "municipalities"
    with pytest.raises(CodeError, match="levels are commune, zone, region"):
        brussels.level_label("district", "fr")
    with pytest.raises(CodeError, match="Language 'de' is not one of en, fr, nl"):
        brussels.label("21001", "de")


def test_an_unknown_code_names_the_territory_and_the_remedy(brussels):
    with pytest.raises(CodeError, match=r"'99999' is not a code of .*match_territory"):
        brussels.label("99999", "fr")


def test_a_territory_is_loaded_once_and_comes_back_as_it_is(brussels):
    assert load_territory("brussels") is brussels
    assert load_territory(brussels) is brussels
    assert len({brussels, load_territory()}) == 1
    with pytest.raises(CodeError, match="load_observatory"):
        load_territory("atlantis")


def test_faulty_units_are_refused_with_every_fault():
    units = pd.DataFrame(
        {
            "code": ["1", "1", "2"],
            "level": ["area", "area", "moon"],
            "parent": ["0", "0", None],
            "name_fr": ["A", "B", "C"],
            "name_nl": ["A", "B", "C"],
            "name_en": ["A", "B", "C"],
        }
    )
    with pytest.raises(CodeError) as caught:
        make_territory(units, name="town", levels=("area", "city"))
    message = str(caught.value)
    assert "codes repeated: 1" in message
    assert "levels not declared: moon" in message
    assert "parents that are no unit: 0" in message
    assert "'city' must hold exactly one unit" in message
