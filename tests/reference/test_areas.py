"""Units of a territory from raw files: by the declared format alone, and screened as cells are."""

import csv
import json
import struct
from pathlib import Path

import pytest

from obs.errors import DeliveryError
from obs.reference.areas import Areas, check_boundary_file, read_areas

WORDS = {"fr": "Tout", "nl": "Alles", "en": "Whole"}
VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="outside"><SrcDataSource>{source}</SrcDataSource>'
    "<GeometryType>wkbNone</GeometryType></OGRVRTLayer></OGRVRTDataSource>"
)


def read(raw: Path, file: str) -> list[str]:
    areas = Areas(file, "code", "name", "commune", "region", "0", WORDS, {})
    return read_areas(areas, raw=raw, name="t").units["name_en"].tolist()


def read_rows(raw: Path, *rows: tuple[str, str]) -> list[str]:
    with (raw / "areas.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("code", "name"), *rows])
    return read(raw, "areas.csv")


@pytest.mark.parametrize("ending", ["geojson", "json", "topojson", "shp", "gpkg", "GeoJSON"])
def test_a_file_that_refers_to_another_is_refused_whatever_its_name(tmp_path, ending):
    raw, outside = tmp_path / "raw", tmp_path / "outside.csv"
    raw.mkdir()
    outside.write_text("code,name\n1,OUTSIDE\n", encoding="utf-8")
    (raw / f"areas.{ending}").write_text(VRT.format(source=outside), encoding="utf-8")
    with pytest.raises(DeliveryError, match=rf"^'areas.{ending}' is not a .*: .*ask the supplier"):
        read(raw, f"areas.{ending}")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.geojson", b'{"type": "gdal_streamed_alg", "command_line": "x"}', "no JSON object of"),
        ("a.geojson", b'{"type": "Topology"}', "no JSON object of type Feature or"),
        ("a.json", b"[" * 100_000, "not JSON in UTF-8"),
        ("a.json", b"\xff\xfe", "not JSON in UTF-8"),
        ("a.json", b'{"type": ["Feature"]}', "no JSON object of"),
        (
            "a.geojson",
            b'{"type": "FeatureCollection", "crs": {"type": "link", "properties": {}}}',
            "refers to another place",
        ),
        ("a.gpkg", b"SQLite format 3\0" + bytes(84), "another kind of database"),
        ("a.shp", struct.pack("<i", 9994), "does not begin as a shapefile"),
        ("a.vrt", VRT.encode(), "are read with the endings .gpkg, .geojson"),
        ("a.zip", b"PK", "are read with the endings"),
    ],
)
def test_a_boundary_file_is_of_the_format_of_its_name(tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DeliveryError, match=why):
        check_boundary_file(tmp_path / name)


def test_a_geojson_of_areas_is_read(tmp_path):
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": None}
        for code, name in ((2, "Jette"), (1, "Evere"))
    ]
    whole = {"type": "FeatureCollection", "features": features}
    (tmp_path / "areas.geojson").write_text(json.dumps(whole), encoding="utf-8")
    assert read(tmp_path, "areas.geojson") == ["Evere", "Jette", "Whole"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('=HYPERLINK("x")', "formula"),
        ("@SUM(A1)", "formula"),
        ("<script>x</script>", "markup"),
        ("<!-- x", "markup"),
        ("Ever\x07e", "a character that cannot be seen"),
        ("Ever\x92e", "a character that cannot be seen"),
        ("Ever\u202ee", "a character that cannot be seen"),
        ("someone@example.org", "e-mail address"),
        ("x" * 201, "over 200 characters"),
    ],
)
@pytest.mark.parametrize("where", ["code", "name"])
def test_a_hostile_text_is_no_unit_and_is_not_quoted(tmp_path, where, text, why):
    row = (text, "Evere") if where == "code" else ("1", text)
    with pytest.raises(DeliveryError, match=rf"a text of column '{where}' .*{why}") as caught:
        read_rows(tmp_path, row, ("2", "Jette"))
    assert text not in str(caught.value)


def test_ordinary_names_pass_and_a_line_end_is_a_space(tmp_path):
    names = ["L'Été-sur-Lys", "Sint-Jans-Molenbeek", 'O\'Neill "Q" & co', "Évere (1140)"]
    assert read_rows(tmp_path, *((str(i), name) for i, name in enumerate(names, 1)))[:4] == names
    assert read_rows(tmp_path, ("1", "Sint\n  Gillis")) == ["Sint Gillis", "Whole"]


def test_a_blank_name_or_code_is_a_fault_and_no_unit_is_dropped(tmp_path):
    with pytest.raises(DeliveryError, match=r"1 units have a code in column 'code' and no name.*2"):
        read_rows(tmp_path, ("1", "Evere"), ("2", "  "))
    with pytest.raises(DeliveryError, match=r"1 units have a name .* no code .*Jette"):
        read_rows(tmp_path, ("1", "Evere"), ("", "Jette"))
    assert read_rows(tmp_path, ("1", "Evere"), ("1", ""), ("", "Evere"), ("", "")) == [
        "Evere",
        "Whole",
    ]
