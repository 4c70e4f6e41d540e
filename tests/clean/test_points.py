"""Facts placed by a point: in the unit whose boundary holds it, and the point goes no further."""

import json

import pytest

from obs.clean import clean_police
from obs.errors import CatalogueError, DeliveryError
from obs.reference import load_observatory
from obs.reference.areas import locate_points

OBSERVATORY = """
name = "squares"
languages = ["en"]
notes = []
licence = "none"
title.en = "Squares"
publisher.en = "Test"
[territory.units]
file = "squares.geojson"
code = "id"
name = "name"
[territory.base_level]
code = "commune"
[territory.top_level]
code = "region"
[territory.top]
code = "0"
name.en = "Both"
[boundaries]
file = "squares.geojson"
key = "id"
level = "commune"
"""
PROFILE = """
name = "points"
title = "Facts by point"
kind = "police"
shape = "events"
dates = ["%Y-%m-%d"]
identical = "keep"
joined.territory = ["lon", "lat"]
offences = [{ offence = "theft", phenomenon = "theft_other" }]
[file]
separator = ";"
[territory]
match = "point"
[columns]
event_date = "day"
offence = "what"
"""


def _square(code, west):
    ring = [[west, 50], [west + 1, 50], [west + 1, 51], [west, 51], [west, 50]]
    return {
        "type": "Feature",
        "properties": {"id": code, "name": f"Square {code}"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def squares(tmp_path):
    (tmp_path / "observatory.toml").write_text(OBSERVATORY)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "points.toml").write_text(PROFILE)
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    features = {"type": "FeatureCollection", "features": [_square("2", 5), _square("1", 4)]}
    (raw / "squares.geojson").write_text(json.dumps(features))
    return tmp_path


def _clean(squares, *points):
    lines = [f"2024-01-{i + 1:02d};theft;{lon};{lat}" for i, (lon, lat) in enumerate(points)]
    path = squares / "data" / "raw" / "facts.csv"
    path.write_text("\n".join(["day;what;lon;lat", *lines]))
    return clean_police(path, profile=squares / "profiles" / "points.toml")


def test_a_fact_is_in_the_unit_that_holds_its_point(squares):
    cleaned = _clean(squares, (4.5, 50.5), (5.5, 50.5), (4.5, 50.5), (5, 50.5))
    assert cleaned.table["territory"].tolist() == ["1", "2", "1", "1"]  # the common line: the first


def test_a_point_in_no_unit_is_rejected_and_never_shown(squares):
    cleaned = _clean(squares, (4.5, 50.5), *[(7.123456, 50.5)] * 4, (4.5, ""), ("x", "y"))
    assert len(cleaned.table) == 1
    assert cleaned.rejected["rule"].tolist() == ["unknown_territory"] * 6
    assert "7.123456" not in cleaned.rejected.to_csv() + cleaned.unmatched.to_csv()
    assert "7.123456" not in "".join(cleaned.summary())
    assert "3 points that lie in no unit" in cleaned.unmatched["reason"].iloc[0]


def test_points_of_a_plane_system_are_brought_to_that_of_the_boundaries(squares):
    place = load_observatory(squares / "observatory.toml").territory(squares / "data" / "raw")
    brussels = (149_000.0, 170_900.0)  # near the Grand-Place, Lambert 72: 4.35 east, 50.85 north
    assert locate_points([brussels, None], place, crs="EPSG:31370") == ["1", None]


def test_points_need_two_columns_a_known_system_and_boundaries(squares):
    path = squares / "profiles" / "points.toml"
    path.write_text(PROFILE.replace('["lon", "lat"]\noff', '["lon"]\noff') + "")
    with pytest.raises(CatalogueError, match="needs two columns, east and north"):
        _clean(squares, (4.5, 50.5))
    path.write_text(PROFILE.replace('"point"', '"point"\ncrs = "Lambert"'))
    with pytest.raises(CatalogueError, match="territory.crs: 'Lambert' is no reference system"):
        _clean(squares, (4.5, 50.5))
    path.write_text(PROFILE)
    (squares / "observatory.toml").write_text(OBSERVATORY[: OBSERVATORY.index("[boundaries]")])
    with pytest.raises(DeliveryError, match="declares no official boundaries"):
        _clean(squares, (4.5, 50.5))


def test_decimal_commas_are_read(squares):
    path = squares / "profiles" / "points.toml"
    path.write_text(PROFILE.replace('separator = ";"', 'separator = ";"\ndecimal = ","'))
    assert _clean(squares, ("4,5", "50,5")).table["territory"].tolist() == ["1"]
